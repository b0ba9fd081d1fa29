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

// Config is what binding depends on besides the text.
type Config struct {
	Tables    Tables
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

// Column is an input column of a query: a field of the schema, a virtual or hidden one.
type Column struct {
	Name string
	Type catalog.Type
}

// Output is one column of a query's result.
type Output struct {
	Name string
	Type catalog.Type
	// Table and Attribute (1-based position in the schema) name the source where the column is a plain one.
	Table     string
	Attribute int
	// TimeCall says that a time function computed a timestamp, which Pinot shows as a LONG.
	TimeCall bool
}

// Agg is one aggregate call of a query.
type Agg struct {
	Fn   function.BoundAggregate
	Args []expr.Expr // over the input columns
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

// Query is a bound SELECT over at most one table.
type Query struct {
	// Table is the raw name, "" for a SELECT without FROM. Inputs are the columns that Where, Keys and Aggs (and, where
	// Grouped is false, Items and Hidden) refer to by position.
	Table  string
	Schema *catalog.Schema
	Inputs []Column
	Where  expr.Expr

	// Grouped queries compute Keys and Aggs; Having, Items and Hidden then refer to the keys, then the aggregates.
	Grouped bool
	Keys    []expr.Expr
	Aggs    []Agg
	Having  expr.Expr

	Items    []expr.Expr
	Hidden   []expr.Expr // sort keys that are not items
	Outputs  []Output    // of Items
	Distinct bool
	Sort     []SortKey

	// Limit and Offset are nil where absent, else a LONG Const or Param.
	Limit, Offset expr.Expr

	// Params are the types of the statement's parameters, $1 first.
	Params  []catalog.Type
	Options map[string]string // names as written; look them up without case by Option
	Notices []string
}

// Option finds a query option; names have no case.
func (q *Query) Option(name string) (string, bool) { return option(q.Options, name) }

// binder is the state of one binding.
type binder struct {
	cfg Config
	ec  function.EvalContext

	table  string
	alias  string // the name by which columns are qualified, "" without FROM
	schema *catalog.Schema
	cols   []Column
	byName map[string]int
	folded map[string][]int // by lower-case name, built when needed

	items  []item
	params []param
	aggs   []Agg
	// colPos remembers where a column reference stood, for grouping errors.
	colPos map[*expr.Column]int
	// textPos remembers where a string literal stood, for the error of a conversion.
	textPos map[*expr.Const]int
	ctx     clause
}

// item is one bound element of the select list.
type item struct {
	e      expr.Expr
	ast    sql.Expr
	alias  string
	output Output
	hasAgg bool
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
}

func newBinder(cfg Config) *binder {
	b := &binder{cfg: cfg, byName: map[string]int{}, colPos: map[*expr.Column]int{}, textPos: map[*expr.Const]int{}}
	b.ec = function.EvalContext{Ctx: context.Background(), NowMillis: cfg.NowMillis, IEEEDivision: cfg.IEEEDivision}
	for _, t := range cfg.ParamTypes {
		b.params = append(b.params, param{typ: t})
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
	return q, nil
}

// Scalar binds an expression over columns, for ingestion. It may not have aggregates or parameters.
func Scalar(e sql.Expr, cols []Column, cfg Config) (expr.Expr, error) {
	b := newBinder(cfg)
	for _, c := range cols {
		b.addColumn(c)
	}
	b.ctx = clause{name: "a transform"}
	out, err := b.bind(e)
	if err != nil {
		return nil, err
	}
	if len(b.params) > 0 {
		return nil, errs.User(errs.UndefinedParameter, "there is no parameter $%d", len(b.params)).At(e.Pos())
	}
	return b.literal(out), nil
}

// addColumn appends an input column and gives its position.
func (b *binder) addColumn(c Column) int {
	b.byName[c.Name] = len(b.cols)
	b.cols = append(b.cols, c)
	return len(b.cols) - 1
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
