// Package bind gives the names and operators of a syntax tree their meaning: tables, columns, aliases, functions,
// types, casts and parameters. It produces expressions over column positions and knows no storage. A binder lives
// for one call; the package is safe for concurrent use, and a Query is immutable once returned.
package bind

import (
	"context"

	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/internal/errs"
	"github.com/freshetdb/freshet/query/expr"
	"github.com/freshetdb/freshet/query/function"
	"github.com/freshetdb/freshet/query/sql"
)

// DefaultLimit is the LIMIT of the outermost query on Pinot HTTP where none is written.
const DefaultLimit = 10

// Tables finds tables by name. Implementations are safe for concurrent use.
type Tables interface {
	// Table finds a table by its exact raw name.
	Table(name string) (*catalog.Schema, bool)
	// TableNames lists all raw names, in any order, for case-insensitive matches and suggestions.
	TableNames() []string
}

// Relations finds catalog relations. Implementations are safe for concurrent use.
type Relations interface {
	// Relation finds a relation by its lower-case name; schema "" is the search path. Columns have names and types.
	Relation(schema, name string) (Relation, bool)
}

// Relation is a catalog relation.
type Relation struct {
	Schema, Name string
	Columns      []Column
}

// Config is what binding depends on besides the text.
type Config struct {
	Tables    Tables
	Relations Relations // nil: there are none
	Functions *function.Registry
	Dialect   sql.Dialect
	// Database is the name of the database, accepted as a qualifier; "" accepts any.
	Database string
	// Options are query options of the session or request; those in the text override them.
	Options map[string]string
	// ParamTypes are the types that the client declared; KindInvalid (or beyond the end) is inferred.
	ParamTypes []catalog.Type
	// ParamValues, if set, stand for the parameters: binding then sees constants and can fold them.
	ParamValues []catalog.Value
	// NowMillis is the statement's time, for output names of the HTTP dialect, which show folded calls.
	NowMillis int64
	// IEEEDivision: x/0 folds to an infinity or NaN (Pinot HTTP) instead of being left to fail when a row uses it.
	IEEEDivision bool
	// IntegerDivision: / of integers is integer division, as in PostgreSQL (SET integer_division).
	IntegerDivision bool
}

// Column is an input column of a query: a field of the schema, a virtual or hidden one, an output of a sub-query.
type Column struct {
	Name string
	Type catalog.Type
	// OID is PostgreSQL's type where it says more than Type does (columns of catalog relations), else 0.
	OID uint32
	// Table and Attribute (1-based position in the schema) name the table's column that this is, else "" and 0.
	Table     string
	Attribute int
}

// Output is one column of a query's result.
type Output struct {
	Name string
	Type catalog.Type
	// Table and Attribute (1-based position in the schema) name the source where the column is a plain one.
	Table     string
	Attribute int
	// OID is PostgreSQL's type where it says more than Type does, else 0.
	OID uint32
	// TimeCall says that a time function computed a timestamp, which Pinot shows as a LONG.
	TimeCall bool
	// Unknown says that it is a bare literal or NULL, which takes another type in a set operation.
	Unknown bool
}

// Agg is one aggregate call of a query.
type Agg struct {
	Fn   function.BoundAggregate
	Args []expr.Expr // over the input columns
	// Order are the keys of ORDER BY within the call, whose values are the last of Args.
	Order []function.OrderKey
	// Params are constant arguments that Fn has taken in, such as percentile's rank.
	Params   []expr.Expr
	Distinct bool
	Filter   expr.Expr // FILTER (WHERE ...), or nil
	Text     string
}

// SortKey orders by a column of Items, then Hidden.
type SortKey struct {
	Column     int
	Descending bool
	NullsFirst bool
}

// Query is a bound query: a SELECT, VALUES, a set operation or a recursive query.
type Query struct {
	// Table is the raw name where From is one table and nothing else. Inputs are the columns of all sources: Where, Keys
	// and Aggs (and, where Grouped is false, Items, Hidden, Windows and Sets) refer to them by position.
	Table  string
	Schema *catalog.Schema
	From   Source // nil for a SELECT without FROM
	Inputs []Column
	Where  expr.Expr

	// Grouped queries compute Keys and Aggs; what comes after then refers to the keys, then the aggregates. GroupingSets,
	// where set, are the positions in Keys of each grouping set; the other keys are NULL in its rows.
	Grouped      bool
	Keys         []expr.Expr
	GroupingSets [][]int
	// Groupings are the calls of GROUPING: they follow the aggregates in the output of grouping sets.
	Groupings []Grouping
	Aggs      []Agg
	Having    expr.Expr

	// Windows are computed after grouping, Sets (set-returning functions) after windows. Later expressions refer to window
	// i as column WindowBase+i, to set i as column SetBase+i.
	Windows []Window
	Sets    []expr.Expr // arrays

	Items    []expr.Expr
	Hidden   []expr.Expr // sort keys that are not items
	Outputs  []Output    // of Items
	Distinct bool
	// DistinctOn keeps the first row of each tuple of these columns of Items, then Hidden.
	DistinctOn []int
	Sort       []SortKey

	// Instead of From and Items: rows of a VALUES list, a set operation, or a recursive query.
	Values    [][]expr.Expr
	SetOp     *SetOp
	Recursive *Recursive

	// Cast, where set, are the types that a set operation or comparison around this query asks of its outputs.
	Cast []catalog.Type

	// Limit and Offset are nil where absent, else a LONG Const, or a Param of INT or LONG.
	Limit, Offset expr.Expr

	// Params are the types of the statement's parameters, $1 first.
	Params []catalog.Type
	// ParamOIDs are PostgreSQL's types of parameters where they say more than Params do, else 0; nil where none do.
	ParamOIDs []uint32
	// Tables are the tables of the whole statement, sub-queries included; in the outermost query only, as Params.
	Tables  []string
	Options map[string]string // names as written; look them up without case by Option
	Notices []string
}

// Option finds a query option; names have no case.
func (q *Query) Option(name string) (string, bool) { return option(q.Options, name) }

// Subplan implements expr.Subplan: a bound query stands in an expr.Subquery until it is planned.
func (*Query) Subplan() {}

// statement is what the binders of one statement share.
type statement struct {
	params []param
	tables []string
	nextID int // of CTEs
	// references counts those to CTEs, see refer.
	references int
}

// frame is the boundary of a sub-query that may refer to the query around it.
type frame struct {
	parent *binder
	outer  []expr.Expr // of the parent, by slot
}

// binder is the state of the binding of one SELECT.
type binder struct {
	cfg   Config
	ec    function.EvalContext
	stmt  *statement
	frame *frame    // nil in the outermost query
	ctes  *cteScope // innermost first
	inner bool      // not the outermost query

	cols   []Column    // inputs, of all sources
	owners []*rangeVar // of cols
	ns     namespace   // what names refer to now

	items     []item
	aggs      []Agg
	windows   []Window
	named     map[string]*sql.Window // WINDOW clause
	sets      []expr.Expr
	groupings []Grouping
	// pendingGroupings are the calls of groupings, until the keys are known.
	pendingGroupings []*sql.Call
	oids             map[expr.Expr]uint32 // PostgreSQL's types of expressions whose Type says less
	// colPos remembers where a column reference stood, for grouping errors.
	colPos map[*expr.Column]int
	// textPos remembers where a string literal stood, for the error of a conversion.
	textPos map[*expr.Const]int
	exact   map[*expr.Const]catalog.Value // BIG_DECIMAL values of the literals that are DOUBLE by themselves
	ctx     clause
}

// item is one bound element of the select list.
type item struct {
	e      expr.Expr
	ast    sql.Expr
	alias  string
	output Output
	hasAgg bool
	// unknown: a bare literal, NULL or parameter
	unknown bool
}

// aliasMode says when aliases of the select list count in a clause.
type aliasMode uint8

const (
	aliasNever aliasMode = iota
	aliasLast            // after every column
	aliasFirst           // before every column
)

// clause is what the clause being bound allows.
type clause struct {
	name    string // in messages: WHERE, GROUP BY
	aggs    bool   // aggregates are allowed
	aliases aliasMode
	inAgg   bool // within an aggregate's arguments
	windows bool // window functions are allowed
	window  bool // within the arguments of a window function
	sets    bool // set-returning functions are allowed
}

func newBinder(cfg Config) *binder {
	b := &binder{cfg: cfg, stmt: &statement{}, colPos: map[*expr.Column]int{}, textPos: map[*expr.Const]int{}, exact: map[*expr.Const]catalog.Value{}, oids: map[expr.Expr]uint32{}}
	b.ec = function.EvalContext{Ctx: context.Background(), NowMillis: cfg.NowMillis, IEEEDivision: cfg.IEEEDivision}
	for _, t := range cfg.ParamTypes {
		b.stmt.params = append(b.stmt.params, param{typ: t})
	}
	return b
}

// Select binds a query. Errors are *errs.Error with a position in the user's text.
func Select(s *sql.Select, cfg Config) (*Query, error) {
	b := newBinder(cfg)
	q, err := b.query(s)
	if err != nil {
		return nil, err
	}
	b.options(s, q)
	q.Tables = b.stmt.tables
	q.ParamOIDs = b.paramOIDs()
	q.Params, err = b.paramTypes()
	return q, err
}

// child is a binder for a query within this one. f is nil where names of the queries around may not be used, b.frame where
// they are those that b may use.
func (b *binder) child(f *frame) *binder {
	c := &binder{cfg: b.cfg, ec: b.ec, stmt: b.stmt, frame: f, ctes: b.ctes, inner: true, colPos: map[*expr.Column]int{},
		textPos: map[*expr.Const]int{}, exact: map[*expr.Const]catalog.Value{}, oids: map[expr.Expr]uint32{}}
	return c
}

// Scalar binds an expression over columns, for ingestion. It may not have aggregates or parameters.
func Scalar(e sql.Expr, cols []Column, cfg Config) (expr.Expr, error) {
	b := newBinder(cfg)
	rel := &rangeVar{}
	for _, c := range cols {
		b.addColumn(rel, c)
	}
	b.ns = namespace{rels: []*rangeVar{rel}, cols: rel.cols}
	b.ctx = clause{name: "a transform"}
	out, err := b.bind(e)
	if err != nil {
		return nil, err
	}
	if len(b.stmt.params) > 0 {
		return nil, errs.User(errs.UndefinedParameter, "there is no parameter $%d", len(b.stmt.params)).At(e.Pos())
	}
	return b.literal(out), nil
}

// addColumn appends an input column of rel and gives its position.
func (b *binder) addColumn(rel *rangeVar, c Column) int {
	id := len(b.cols)
	b.cols, b.owners = append(b.cols, c), append(b.owners, rel)
	rel.cols = append(rel.cols, visible{name: c.Name, e: &expr.Column{Index: id, Name: c.Name, T: c.Type}})
	return id
}

// within binds under another clause and restores the present one.
func (b *binder) within(c clause, f func() error) error {
	saved := b.ctx
	b.ctx = c
	err := f()
	b.ctx = saved
	return err
}

// at adds a position to an error that has none.
func at(err error, pos int) error {
	if err == nil {
		return nil
	}
	return errs.As(err).At(pos)
}

func unsupported(pos int, what string) error {
	return errs.User(errs.FeatureNotSupported, "%s is not supported in this version", what).At(pos)
}
