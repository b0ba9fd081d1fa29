// Package expr is bound scalar expressions and the kernels that evaluate them on batches. A bound expression knows
// types and column positions, no names and no storage. Expressions are immutable and may be shared.
package expr

import (
	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/internal/vec"
	"github.com/freshetdb/freshet/query/function"
)

// Expr is a bound expression: one of the node types below.
type Expr interface {
	// Type is the result type.
	Type() catalog.Type
	// Children are the operands, in order.
	Children() []Expr
	// String is canonical text for EXPLAIN and for comparing expressions.
	String() string
	sealed()
}

// Column is column Index of the input batch. Name is for EXPLAIN and for scans, which resolve it by name.
type Column struct {
	Index int
	Name  string
	T     catalog.Type
}

// Const is a literal or a folded expression.
type Const struct{ Value vec.Value }

// Param is a statement parameter, numbered from 1. Execution replaces it by a Const.
type Param struct {
	Number int
	T      catalog.Type
}

// CmpOp is a comparison operator.
type CmpOp uint8

// Comparison operators. The zero value is invalid.
const (
	CmpInvalid CmpOp = iota
	Eq
	Ne
	Lt
	Le
	Gt
	Ge
	// CmpOpCount is their number, for exhaustive tests.
	CmpOpCount
)

// Compare compares two operands of the same Kind (the binder has cast them). For a multi-value left side it is true
// if any element compares (Ne: if none is equal).
type Compare struct {
	Op          CmpOp
	Left, Right Expr
}

// And is a conjunction of two or more boolean operands, with SQL's three-valued logic.
type And struct{ Args []Expr }

// Or is a disjunction of two or more boolean operands.
type Or struct{ Args []Expr }

// Not negates.
type Not struct{ Arg Expr }

// IsNull is IS NULL, or IS NOT NULL where Negated. OfValue asks about the value that is read: where a query reads defaults
// instead of NULLs, it then tells none.
type IsNull struct {
	Arg              Expr
	Negated, OfValue bool
}

// In tests membership in constants of Arg's kind. List holds no NULLs; HasNull says that the list had one.
// For a multi-value Arg: any element (Negated: no element).
type In struct {
	Arg     Expr
	List    []vec.Value
	HasNull bool
	Negated bool
}

// Like matches a constant pattern with % and _, Escape is the escape byte (backslash by default, 0 for none).
// Multi-value Arg: any element.
type Like struct {
	Arg             Expr
	Pattern         string
	Escape          byte
	CaseInsensitive bool
	Negated         bool
}

// Call is a scalar function call; Args have Fn.Args types. Arithmetic is calls too (plus, minus, times, divide ...).
type Call struct {
	Fn         function.Bound
	Args       []Expr
	Volatility function.Volatility
}

// Case is CASE WHEN: the first true condition's result, else Else (nil is NULL). Branches are evaluated lazily,
// only on the rows that reach them.
type Case struct {
	Whens []When
	Else  Expr
	T     catalog.Type
}

// When is one branch of a Case.
type When struct{ Cond, Then Expr }

// Coalesce is the first argument that is not NULL, evaluated lazily.
type Coalesce struct {
	Args []Expr
	T    catalog.Type
}

// Cast converts; a value that does not convert fails the row (22P02, 22003). NULL stays NULL.
type Cast struct {
	Arg Expr
	To  catalog.Type
}

// Type implements Expr.
func (e *Column) Type() catalog.Type   { return e.T }
func (e *Const) Type() catalog.Type    { return e.Value.Type }
func (e *Param) Type() catalog.Type    { return e.T }
func (e *Compare) Type() catalog.Type  { return catalog.Boolean }
func (e *And) Type() catalog.Type      { return catalog.Boolean }
func (e *Or) Type() catalog.Type       { return catalog.Boolean }
func (e *Not) Type() catalog.Type      { return catalog.Boolean }
func (e *IsNull) Type() catalog.Type   { return catalog.Boolean }
func (e *In) Type() catalog.Type       { return catalog.Boolean }
func (e *Like) Type() catalog.Type     { return catalog.Boolean }
func (e *Call) Type() catalog.Type     { return e.Fn.Type }
func (e *Case) Type() catalog.Type     { return e.T }
func (e *Coalesce) Type() catalog.Type { return e.T }
func (e *Cast) Type() catalog.Type     { return e.To }

// Children implements Expr.
func (e *Column) Children() []Expr  { return nil }
func (e *Const) Children() []Expr   { return nil }
func (e *Param) Children() []Expr   { return nil }
func (e *Compare) Children() []Expr { return []Expr{e.Left, e.Right} }
func (e *And) Children() []Expr     { return e.Args }
func (e *Or) Children() []Expr      { return e.Args }
func (e *Not) Children() []Expr     { return []Expr{e.Arg} }
func (e *IsNull) Children() []Expr  { return []Expr{e.Arg} }
func (e *In) Children() []Expr      { return []Expr{e.Arg} }
func (e *Like) Children() []Expr    { return []Expr{e.Arg} }
func (e *Call) Children() []Expr    { return e.Args }
func (e *Case) Children() []Expr {
	var c []Expr
	for _, w := range e.Whens {
		c = append(c, w.Cond, w.Then)
	}
	if e.Else != nil {
		c = append(c, e.Else)
	}
	return c
}
func (e *Coalesce) Children() []Expr { return e.Args }
func (e *Cast) Children() []Expr     { return []Expr{e.Arg} }

func (*Column) sealed()   {}
func (*Const) sealed()    {}
func (*Param) sealed()    {}
func (*Compare) sealed()  {}
func (*And) sealed()      {}
func (*Or) sealed()       {}
func (*Not) sealed()      {}
func (*IsNull) sealed()   {}
func (*In) sealed()       {}
func (*Like) sealed()     {}
func (*Call) sealed()     {}
func (*Case) sealed()     {}
func (*Coalesce) sealed() {}
func (*Cast) sealed()     {}
