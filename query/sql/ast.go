// Package sql turns SQL text into Freshet's own syntax tree. The grammar is PostgreSQL's (libpg_query); a pre-pass
// rewrites Pinot's spellings into it and enforces the limits that keep the C parser's stack safe. Nothing outside
// this package sees pg_query types. Positions are 1-based characters in the user's text. Trees are immutable once
// returned and may be shared; the functions are safe for concurrent use.
package sql

// Dialect says whose spellings a text uses.
type Dialect uint8

// Dialects. The zero value is invalid.
const (
	DialectInvalid Dialect = iota
	Wire                   // PostgreSQL clients
	HTTP                   // Pinot clients: ? parameters, SET lines become query options, FLOAT is 32 bits
	Ingestion              // transform and filter functions of table configs
)

// Expr is a scalar expression as written: one of the node types below.
type Expr interface {
	// Pos is the 1-based character position in the user's text, 0 where it is unknown.
	Pos() int
	expr()
}

// At is the position that every node carries.
type At int

// Pos implements Expr.
func (a At) Pos() int { return int(a) }
func (At) expr()      {}

// Name is a column reference. Parts are as written (keywords in lower case); a dotted name may also be one column's name.
type Name struct {
	At
	Parts []string
}

// Star is * or table.* in a select list.
type Star struct {
	At
	Table []string
}

// LiteralKind is the lexical kind of a literal.
type LiteralKind uint8

// Literal kinds. The zero value is invalid.
const (
	LiteralInvalid LiteralKind = iota
	NumberLiteral              // Text is the digits as written
	StringLiteral              // Text is the value
	BoolLiteral                // Text is true or false
	NullLiteral
	HexLiteral // X'0a': Text is the hex digits
	BitLiteral // B'01': Text is the bits
)

// Literal is a constant as written.
type Literal struct {
	At
	Kind LiteralKind
	Text string
}

// Param is $n.
type Param struct {
	At
	Number int
}

// Unary is a prefix operator, for example -.
type Unary struct {
	At
	Op  string
	Arg Expr
}

// Binary is an infix operator: arithmetic, comparison, ||, regular expressions.
type Binary struct {
	At
	Op          string
	Left, Right Expr
}

// And is a conjunction of two or more operands.
type And struct {
	At
	Args []Expr
}

// Or is a disjunction of two or more operands.
type Or struct {
	At
	Args []Expr
}

// Not negates.
type Not struct {
	At
	Arg Expr
}

// IsNull is IS [NOT] NULL.
type IsNull struct {
	At
	Arg     Expr
	Negated bool
}

// Truth is the operand of IS [NOT] TRUE, FALSE, UNKNOWN.
type Truth uint8

// Truth values. The zero value is invalid.
const (
	TruthInvalid Truth = iota
	True
	False
	Unknown
)

// IsTruth is IS [NOT] TRUE | FALSE | UNKNOWN.
type IsTruth struct {
	At
	Arg     Expr
	Truth   Truth
	Negated bool
}

// IsDistinct is IS [NOT] DISTINCT FROM; Negated is the form with NOT.
type IsDistinct struct {
	At
	Left, Right Expr
	Negated     bool
}

// In is [NOT] IN (list).
type In struct {
	At
	Arg     Expr
	List    []Expr
	Negated bool
}

// Quantified is x op ANY (array) or x op ALL (array).
type Quantified struct {
	At
	Op    string
	Arg   Expr
	Array Expr
	All   bool
}

// Between is [NOT] BETWEEN [SYMMETRIC].
type Between struct {
	At
	Arg, Low, High     Expr
	Negated, Symmetric bool
}

// LikeKind distinguishes the pattern operators.
type LikeKind uint8

// Pattern operators. The zero value is invalid.
const (
	LikeInvalid LikeKind = iota
	LikeCase             // LIKE
	LikeNoCase           // ILIKE
	LikeSimilar          // SIMILAR TO
)

// Like is [NOT] LIKE, ILIKE or SIMILAR TO. Escape is nil where it is not stated.
type Like struct {
	At
	Kind         LikeKind
	Arg, Pattern Expr
	Escape       Expr
	Negated      bool
}

// Call is a function call, aggregate or scalar. COALESCE, NULLIF, GREATEST, LEAST, EXTRACT and CURRENT_TIMESTAMP
// and their like are calls of those names with Syntax set.
type Call struct {
	At
	Schema      string // pg_catalog where written so, or ""
	Name        string
	Args        []Expr
	Star        bool // count(*)
	Distinct    bool
	Filter      Expr
	OrderBy     []OrderItem
	WithinGroup bool
	Over        *Window
	IgnoreNulls bool // of a call with Over
	Syntax      bool // written with keywords: EXTRACT(x FROM y), x AT TIME ZONE y, CURRENT_DATE
}

// Window is OVER (...), OVER name, or a definition of the WINDOW clause.
type Window struct {
	At
	Name        string // of a definition, or in OVER name
	Base        string // a window that this one copies: OVER (base ...)
	PartitionBy []Expr
	OrderBy     []OrderItem
	Frame       *Frame // nil: the default
}

// FrameBoundKind is one end of a window frame.
type FrameBoundKind uint8

// Frame ends. The zero value is invalid.
const (
	FrameBoundInvalid FrameBoundKind = iota
	UnboundedPreceding
	OffsetPreceding
	CurrentRow
	OffsetFollowing
	UnboundedFollowing
)

// Frame is a frame clause.
type Frame struct {
	Mode                   string // ROWS, RANGE, GROUPS
	Start, End             FrameBoundKind
	StartOffset, EndOffset Expr
	Exclude                string // "", CURRENT ROW, GROUP, TIES
}

// GroupingSetKind is a form of GROUP BY beyond expressions.
type GroupingSetKind uint8

// Forms of grouping sets. The zero value is invalid.
const (
	GroupingInvalid GroupingSetKind = iota
	GroupingEmpty                   // ()
	GroupingRollup
	GroupingCube
	GroupingSets
)

// GroupingSet is an element of GROUP BY: (), ROLLUP, CUBE or GROUPING SETS. Elements may be expressions, Rows of them and,
// in GROUPING SETS, grouping sets.
type GroupingSet struct {
	At
	Kind  GroupingSetKind
	Elems []Expr
}

// Case is CASE, with an Operand in the short form.
type Case struct {
	At
	Operand Expr
	Whens   []When
	Else    Expr
}

// When is one branch of a Case.
type When struct{ Cond, Then Expr }

// Cast is CAST(x AS t), x::t or t 'literal'.
type Cast struct {
	At
	Arg Expr
	To  TypeName
}

// TypeName is a type as written.
type TypeName struct {
	At
	Name  string // lower case, without pg_catalog; PostgreSQL's internal name where the grammar translates: int8, bpchar
	Args  []int  // modifiers: varchar(10), and PostgreSQL's field mask for INTERVAL
	Array bool
}

// Array is ARRAY[...].
type Array struct {
	At
	Elems []Expr
}

// Subscript is x[i]; Slice is x[low:high] with either bound possibly nil.
type Subscript struct {
	At
	Arg         Expr
	Index, High Expr
	Slice       bool
}

// Field is (x).name; an empty Name is (x).*.
type Field struct {
	At
	Arg  Expr
	Name string
}

// Collate is x COLLATE "name".
type Collate struct {
	At
	Arg  Expr
	Name string
}

// SubqueryKind says how a sub-query is used.
type SubqueryKind uint8

// Uses of sub-queries. The zero value is invalid.
const (
	SubqueryInvalid SubqueryKind = iota
	SubqueryScalar
	SubqueryExists
	SubqueryAny // x op ANY (SELECT ...) and IN, where Op is =
	SubqueryAll
	SubqueryArray
)

// Subquery is a SELECT within an expression.
type Subquery struct {
	At
	Kind  SubqueryKind
	Arg   Expr // left side of ANY, ALL
	Op    string
	Query *Select
}

// Row is ROW(a, b) or (a, b).
type Row struct {
	At
	Elems []Expr
}

// Default is DEFAULT where an expression may stand (set lists); no query accepts it.
type Default struct{ At }
