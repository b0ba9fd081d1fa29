package function

import (
	"math"

	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/internal/errs"
)

// Overload is one form of a function with fixed argument types. KindInvalid as the kind of an argument takes anything
// and leaves it as it is.
type Overload struct {
	Args     []catalog.Type
	Variadic bool // the last of Args may repeat, once or more
	Type     catalog.Type
	Lax      bool // the function sees NULL arguments; otherwise NULL in is NULL out
	Fallible bool
	Eval     Eval
}

// Any is the argument type of an Overload that takes every type.
var Any = catalog.Type{}

// Overloads makes a Bind that picks the overload with the cheapest implicit conversions, the first among equals.
func Overloads(name string, list ...Overload) func(args []Arg) (Bound, error) {
	return func(args []Arg) (Bound, error) {
		best, bestCost := -1, math.MaxInt
		for i := range list {
			if cost, ok := list[i].cost(args); ok && cost < bestCost {
				best, bestCost = i, cost
			}
		}
		if best < 0 {
			return Bound{}, NoMatch(name, args)
		}
		return list[best].bind(name, args), nil
	}
}

func (o *Overload) param(i int) catalog.Type {
	if i >= len(o.Args) {
		return o.Args[len(o.Args)-1]
	}
	return o.Args[i]
}

func (o *Overload) cost(args []Arg) (int, bool) {
	if len(args) != len(o.Args) && (!o.Variadic || len(args) < len(o.Args)) {
		return 0, false
	}
	total := 0
	for i, a := range args {
		c, ok := conversionCost(a.Type, o.param(i))
		if !ok {
			return 0, false
		}
		total += c
	}
	return total, true
}

func (o *Overload) bind(name string, args []Arg) Bound {
	b := Bound{Name: Canonical(name), Type: o.Type, Strict: !o.Lax, Fallible: o.Fallible, Eval: o.Eval}
	for i, a := range args {
		t := o.param(i)
		if t == Any {
			t = a.Type
		}
		b.Args = append(b.Args, t)
	}
	return b
}

// Costs of implicit conversions: widening is cheap, text to a value is a last resort (Pinot clients quote numbers).
const (
	costSame = 0
	costNear = 1
	costWide = 3
	costText = 20
	costLoss = 40
)

// conversionCost says how far an argument type is from a parameter type, and whether it converts by itself.
func conversionCost(from, to catalog.Type) (int, bool) {
	switch {
	case to == Any || from == to:
		return costSame, true
	case from.Kind == catalog.KindNull:
		return costNear, true
	case from == catalog.String && to.MultiValue:
		return costText + costWide, true // an array's text: {1,2}
	case from.MultiValue != to.MultiValue:
		return 0, false
	}
	f, t := from.Kind, to.Kind
	switch {
	case f == t, f.IsTime() && t.IsTime():
		return costSame, true
	case t.IsNumeric() && f.IsNumeric():
		return numericCost(f, t)
	case t == catalog.KindLong && (f.IsTime() || f == catalog.KindInterval):
		return costNear, true
	case t == catalog.KindDouble && (f.IsTime() || f == catalog.KindInterval):
		return costWide, true
	case t.IsNumeric() && f == catalog.KindBoolean:
		return costWide, true
	case t.IsTime() && f.IsInteger():
		return costWide, true
	case t == catalog.KindInterval && f.IsInteger():
		return costWide, true
	case t.IsText() && f.IsText():
		return costNear, true
	case t == catalog.KindDouble && f == catalog.KindString:
		return costText - 1, true // of all numbers the one that reads most texts
	case t == catalog.KindString || f == catalog.KindString:
		return costText, true
	}
	return 0, false
}

var numericRank = map[catalog.Kind]int{catalog.KindInt: 1, catalog.KindLong: 2, catalog.KindDuration: 2, catalog.KindBigDecimal: 3,
	catalog.KindFloat: 4, catalog.KindDouble: 5}

func numericCost(f, t catalog.Kind) (int, bool) {
	if d := numericRank[t] - numericRank[f]; d >= 0 {
		return d, true
	}
	// A double where an integer is wanted (substr(s, 1.0)) is taken, and truncated.
	return costLoss, true
}

// Constant gives the constant text of argument i: patterns, paths, units. what names it in messages.
func Constant(name, what string, args []Arg, i int) (string, error) {
	a := args[i]
	if a.Const == nil || a.Const.Null || !a.Type.Kind.IsText() {
		return "", errs.User(errs.InvalidParameterValue, "%s takes a constant text as its %s", name, what)
	}
	return a.Const.Str, nil
}

// ConstantLong gives the constant whole number of argument i.
func ConstantLong(name, what string, args []Arg, i int) (int64, error) {
	a := args[i]
	if a.Const == nil || a.Const.Null || !a.Type.Kind.IsInteger() {
		return 0, errs.User(errs.InvalidParameterValue, "%s takes a constant whole number as its %s", name, what)
	}
	return a.Const.I64, nil
}
