package sql

import "github.com/freshetdb/freshet/internal/errs"

// Statement is one statement: one of the node types below.
type Statement interface {
	// Pos is the 1-based character position of the statement in the user's text.
	Pos() int
	// Text is the statement as written, without the final semicolon.
	Text() string
	stmt()
}

// Source is where a statement stands; every statement carries one.
type Source struct {
	position int
	text     string
}

// Pos implements Statement.
func (s Source) Pos() int { return s.position }

// Text implements Statement.
func (s Source) Text() string { return s.text }
func (Source) stmt()          {}

// Select is a query. Where SetOp is set, only With, SetOp, OrderBy, Limit, Offset and Options are; where Values is
// set it is VALUES (...), (...).
type Select struct {
	Source
	With       []CTE
	Recursive  bool
	SetOp      *SetOp
	Values     [][]Expr
	Distinct   bool
	DistinctOn []Expr
	Items      []Item
	From       []TableExpr
	Where      Expr
	GroupBy    []Expr // may hold a *GroupingSet
	Having     Expr
	Windows    []Window
	OrderBy    []OrderItem
	Limit      Expr // nil: none; LIMIT ALL and LIMIT NULL too
	Offset     Expr
	LimitAll   bool // LIMIT ALL was written: no default limit either
	WithTies   bool
	Locking    string // FOR UPDATE and its like, "" if absent
	Into       bool
	// Options are query options of a trailing option(k=v, ...) and, in the HTTP dialect, of SET statements before
	// the query. Keys are as written.
	Options []Option
}

// Option is one query option.
type Option struct {
	At
	Name, Value string
}

// CTE is one WITH query.
type CTE struct {
	At
	Name  string
	Cols  []string
	Query *Select
}

// SetOp is UNION, INTERSECT or EXCEPT.
type SetOp struct {
	At
	Op          string // UNION, INTERSECT, EXCEPT
	All         bool
	Left, Right *Select
}

// Item is one element of a select list.
type Item struct {
	Expr  Expr
	Alias string // "" if none
}

// OrderItem is one element of ORDER BY.
type OrderItem struct {
	Expr       Expr
	Descending bool
	NullsFirst bool // resolved: NULLS LAST is the default for ASC, NULLS FIRST for DESC
}

// TableExpr is an element of FROM: TableName, Join, Derived or TableFunc.
type TableExpr interface {
	Pos() int
	table()
}

// TableName is a table, view or catalog relation.
type TableName struct {
	At
	Catalog, Schema, Name string
	Alias                 string
	ColumnAliases         []string
}

// Join is a join of two table expressions.
type Join struct {
	At
	Kind        string // INNER, LEFT, RIGHT, FULL; a cross join is INNER without condition
	Natural     bool
	Left, Right TableExpr
	Using       []string
	On          Expr
	Alias       string
}

// Derived is a sub-query in FROM.
type Derived struct {
	At
	Query         *Select
	Alias         string
	ColumnAliases []string
	Lateral       bool
}

// TableFunc is a function in FROM, or several side by side: ROWS FROM (...).
type TableFunc struct {
	At
	Calls         []Expr
	Alias         string
	ColumnAliases []string
	Ordinality    bool
}

func (*TableName) table() {}
func (*Join) table()      {}
func (*Derived) table()   {}
func (*TableFunc) table() {}

// Explain is EXPLAIN [ANALYZE] query, also Pinot's EXPLAIN PLAN FOR (PlanFor).
type Explain struct {
	Source
	Analyze bool
	PlanFor bool
	Options map[string]string // lower-case names as written in EXPLAIN (k v, ...)
	Stmt    Statement
}

// Set is SET name = value. Name is as written, except the grammar's own forms: timezone, client_encoding,
// session_authorization, role, TRANSACTION, "SESSION CHARACTERISTICS".
type Set struct {
	Source
	Name    string
	Values  []string
	Default bool // SET name TO DEFAULT
	Local   bool
}

// Show is SHOW name; Name "all" is SHOW ALL.
type Show struct {
	Source
	Name string
}

// Reset is RESET name or RESET ALL.
type Reset struct {
	Source
	Name string
	All  bool
}

// TransactionKind is the verb of a Transaction.
type TransactionKind uint8

// Transaction verbs. The zero value is invalid.
const (
	TransactionInvalid TransactionKind = iota
	Begin
	Start
	Commit
	Rollback
	Savepoint
	Release
	RollbackTo
)

// Transaction is BEGIN, COMMIT and their like.
type Transaction struct {
	Source
	Kind TransactionKind
	Name string // of a savepoint
	// ReadWrite says that READ WRITE was asked for explicitly.
	ReadWrite bool
}

// Discard is DISCARD target: ALL, PLANS, SEQUENCES or TEMP.
type Discard struct {
	Source
	Target string
}

// Deallocate is DEALLOCATE name, or all.
type Deallocate struct {
	Source
	Name string
	All  bool
}

// Prepare is PREPARE name (types) AS statement.
type Prepare struct {
	Source
	Name  string
	Types []TypeName
	Stmt  Statement
}

// Execute is EXECUTE name (args).
type Execute struct {
	Source
	Name string
	Args []Expr
}

// DeclareCursor is DECLARE name CURSOR FOR query.
type DeclareCursor struct {
	Source
	Name                 string
	Binary, Scroll, Hold bool
	Query                Statement
}

// FetchDirection is the direction of FETCH and MOVE.
type FetchDirection uint8

// Fetch directions. The zero value is invalid.
const (
	FetchInvalid FetchDirection = iota
	FetchForward
	FetchBackward
	FetchAbsolute
	FetchRelative
)

// FetchAll is the Count of FETCH ALL.
const FetchAll = int64(1<<63 - 1)

// Fetch is FETCH or MOVE.
type Fetch struct {
	Source
	Name      string
	Direction FetchDirection
	Count     int64
	Move      bool
}

// CloseCursor is CLOSE name, or all.
type CloseCursor struct {
	Source
	Name string
	All  bool
}

// Listen is LISTEN, UNLISTEN or NOTIFY (Verb), which are accepted and do nothing.
type Listen struct {
	Source
	Verb, Channel string
}

// Empty is a text without a statement.
type Empty struct{ Source }

// Unsupported is a statement that this version does not run.
type Unsupported struct {
	Source
	Tag   string // INSERT, CREATE TABLE, ...
	Write bool
}

// Err is the error that running the statement gives.
func (u *Unsupported) Err() *errs.Error {
	if u.Write {
		return errs.User(errs.ReadOnly, "cannot execute %s in a read-only transaction", u.Tag).At(u.Pos()).
			WithHint("Freshet's tables are written by their streams; SQL only reads them.")
	}
	return errs.User(errs.FeatureNotSupported, "%s is not supported", u.Tag).At(u.Pos())
}
