package function

import (
	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/internal/errs"
	"github.com/freshetdb/freshet/internal/vec"
)

// maxArrayElems bounds the elements that one evaluation may produce for a batch.
const maxArrayElems = 64 << 20

func errTooManyElems() error {
	return errs.New(errs.ClassExhausted, errs.ProgramLimitExceeded, "a function makes more than %d array elements for one batch", maxArrayElems)
}

// Rows views a multi-value vector, flat or constant: a constant one has the same elements in every row.
type Rows struct {
	Elems   *vec.Vector
	offsets []uint32
	mask    int
}

// RowsOf views v, which has to be of a multi-value type.
func RowsOf(v *vec.Vector) Rows {
	mask := -1
	if v.Form == vec.FormConst {
		mask = 0
	}
	return Rows{Elems: v.Elems, offsets: v.Offsets, mask: mask}
}

// Span gives the elements of row i: from, but not to.
func (r Rows) Span(i int) (from, to int) {
	i &= r.mask
	return int(r.offsets[i]), int(r.offsets[i+1])
}

// Pick names an element: row At of source vector Source.
type Pick struct{ Source, At int }

// BuildPicks writes an array for every row of out that is not NULL: f appends the elements that it has, taken from
// sources, which have to be of out's element type (in any form; NULL elements stay NULL).
func BuildPicks(ec *EvalContext, n int, out *vec.Vector, sources []*vec.Vector, f func(dst []Pick, i int) ([]Pick, error)) error {
	all, err := buildRows(ec, n, out, f)
	if err != nil {
		return err
	}
	out.Elems.Reset(catalog.Type{Kind: out.Type.Kind}, len(all))
	for e, p := range all {
		out.Elems.CopyRow(e, sources[p.Source], p.At)
	}
	return nil
}

// BuildValues writes an array for every row of out that is not NULL: f appends its elements, none of them NULL. T has to
// be the Go type of the physical form of out's elements.
func BuildValues[T Value](ec *EvalContext, n int, out *vec.Vector, f func(dst []T, i int) ([]T, error)) error {
	all, err := buildRows(ec, n, out, f)
	if err != nil {
		return err
	}
	out.Elems.Reset(catalog.Type{Kind: out.Type.Kind}, len(all))
	Store(out.Elems, all)
	return nil
}

// buildRows collects the elements of all rows and writes the offsets.
func buildRows[T any](ec *EvalContext, n int, out *vec.Vector, f func(dst []T, i int) ([]T, error)) ([]T, error) {
	var all []T
	for i := range n {
		if !out.IsNull(i) {
			from := len(all)
			grown, err := f(all, i)
			if err == nil && len(grown) > maxArrayElems {
				err = errTooManyElems()
			}
			if err != nil {
				grown = all[:from]
				if err := ec.Fail(out, i, err); err != nil {
					return nil, err
				}
			}
			all = grown
		}
		out.Offsets[i+1] = uint32(len(all))
	}
	return all, nil
}

// EachElement makes, of a function, its twin that takes an array in place of one argument and computes every element.
// name is the twin's; the other arguments are those of the row.
func EachElement(name string, s Scalar) Scalar {
	out := s
	out.Name, out.Aliases, out.Example = name, nil, ""
	out.Bind = func(args []Arg) (Bound, error) {
		at := -1
		inner := append([]Arg(nil), args...)
		for i, a := range args {
			if a.Type.MultiValue && at < 0 {
				at = i
				inner[i] = Arg{Type: a.Type.Elem()}
			}
		}
		if at < 0 {
			return Bound{}, NoMatch(name, args)
		}
		b, err := s.Bind(inner)
		if err != nil {
			return b, err
		}
		if b.Type.MultiValue {
			return Bound{}, NoMatch(name, args)
		}
		types := append([]catalog.Type(nil), b.Args...)
		types[at] = types[at].Array()
		return Bound{Name: Canonical(name), Type: b.Type.Array(), Args: types, Strict: true, Fallible: b.Fallible, Eval: eachElement(b, at)}, nil
	}
	return out
}

func eachElement(b Bound, at int) Eval {
	return func(ec *EvalContext, args []*vec.Vector, n int, out *vec.Vector) error {
		rows := RowsOf(args[at])
		var owner, sel []int // row and element of each element of out
		for i := range n {
			if !out.IsNull(i) {
				from, to := rows.Span(i)
				for e := from; e < to; e++ {
					owner, sel = append(owner, i), append(sel, e)
				}
			}
			out.Offsets[i+1] = uint32(len(owner))
		}
		out.Elems.Reset(b.Type, len(owner))
		inner := make([]*vec.Vector, len(args))
		for k, a := range args {
			switch {
			case k == at:
				inner[k] = gather(b.Args[k], rows.Elems, sel)
			case a.Form == vec.FormConst:
				inner[k] = a
			default:
				inner[k] = gather(b.Args[k], a, owner)
			}
		}
		if b.Strict {
			for e := range sel {
				if inner[at].IsNull(e) {
					out.Elems.SetNull(e)
				}
			}
		}
		return b.Eval(elementContext(ec, out, owner), inner, len(owner), out.Elems)
	}
}

// elementContext reports the failure of an element as that of its row.
func elementContext(ec *EvalContext, out *vec.Vector, owner []int) *EvalContext {
	inner := *ec
	if ec.NowByRow != nil {
		inner.NowByRow = make([]int64, len(owner))
		for e, i := range owner {
			inner.NowByRow[e] = ec.NowByRow[i]
		}
	}
	if ec.OnRowError != nil {
		inner.OnRowError = func(e int, err error) {
			if i := owner[e]; !out.IsNull(i) {
				out.SetNull(i)
				ec.OnRowError(i, err)
			}
		}
	}
	return &inner
}

func gather(t catalog.Type, v *vec.Vector, rows []int) *vec.Vector {
	var g vec.Vector
	g.Reset(t, len(rows))
	for e, i := range rows {
		g.CopyRow(e, v, i)
	}
	return &g
}
