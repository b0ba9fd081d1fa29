package expr

import (
	"slices"

	"github.com/freshetdb/freshet/query/function"
)

// Walk visits e and what is below it, parents first. Where f returns false, the children are not visited.
func Walk(e Expr, f func(Expr) bool) {
	if e == nil || !f(e) {
		return
	}
	switch e := e.(type) { // the usual ones without making a slice
	case *Compare:
		Walk(e.Left, f)
		Walk(e.Right, f)
	case *In:
		Walk(e.Arg, f)
	default:
		for _, c := range e.Children() {
			Walk(c, f)
		}
	}
}

// Rewrite replaces every node by what f gives for it, children first. Nodes whose children did not change are kept,
// so that a Rewrite that changes nothing returns e itself.
func Rewrite(e Expr, f func(Expr) Expr) Expr {
	old := e.Children()
	var kids []Expr // nil until one changes
	for i, c := range old {
		k := Rewrite(c, f)
		if kids == nil && k != c {
			kids = slices.Clone(old)
		}
		if kids != nil {
			kids[i] = k
		}
	}
	if kids != nil {
		e = withChildren(e, kids)
	}
	return f(e)
}

// withChildren copies e with other operands, in the order of Children.
func withChildren(e Expr, kids []Expr) Expr {
	switch e := e.(type) {
	case *Compare:
		return &Compare{Op: e.Op, Left: kids[0], Right: kids[1]}
	case *And:
		return &And{Args: kids}
	case *Or:
		return &Or{Args: kids}
	case *Not:
		return &Not{Arg: kids[0]}
	case *IsNull:
		return &IsNull{Arg: kids[0], Negated: e.Negated, OfValue: e.OfValue}
	case *In:
		c := *e
		c.Arg = kids[0]
		return &c
	case *Like:
		c := *e
		c.Arg = kids[0]
		return &c
	case *Call:
		return &Call{Fn: e.Fn, Args: kids, Volatility: e.Volatility}
	case *Case:
		c := &Case{Whens: make([]When, len(e.Whens)), T: e.T}
		for i := range c.Whens {
			c.Whens[i] = When{Cond: kids[2*i], Then: kids[2*i+1]}
		}
		if e.Else != nil {
			c.Else = kids[len(kids)-1]
		}
		return c
	case *Coalesce:
		return &Coalesce{Args: kids, T: e.T}
	case *Cast:
		return &Cast{Arg: kids[0], To: e.To}
	case *Subquery:
		return e.withOperands(kids)
	default: // Column, Const, Param and Outer have no operands
		return e
	}
}

// Columns gives the distinct column positions that e reads, ascending.
func Columns(e Expr) []int {
	var out []int
	Walk(e, func(x Expr) bool {
		if c, ok := x.(*Column); ok && !slices.Contains(out, c.Index) {
			out = append(out, c.Index)
		}
		return true
	})
	slices.Sort(out)
	return out
}

// Fallible reports whether a value can make e fail: it holds a call or a cast that may refuse its argument.
func Fallible(e Expr) bool {
	fallible := false
	Walk(e, func(x Expr) bool {
		switch x := x.(type) {
		case *Call:
			fallible = fallible || x.Fn.Fallible
		case *Cast:
			fallible = fallible || castFallible(x.Arg.Type(), x.To)
		case *Subquery:
			fallible = true
		}
		return !fallible
	})
	return fallible
}

// volatility is the least foldable of the calls in e.
func volatility(e Expr) function.Volatility {
	worst := function.Immutable
	Walk(e, func(x Expr) bool {
		if c, ok := x.(*Call); ok {
			worst = max(worst, c.Volatility)
		}
		return true
	})
	return worst
}
