package agg

import (
	"math"

	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/internal/errs"
	"github.com/freshetdb/freshet/internal/vec"
	"github.com/freshetdb/freshet/query/function"
)

// percentileEst estimates with a logHistogram per group. Of type STRING it gives the serialised histogram.
type percentileEst struct {
	rank  float64
	typ   catalog.Type // LONG, DOUBLE or STRING
	state []*logHistogram
	coded codedCounts // not yet in state
	rows  rowSet
	in    floatInput
}

// TakesScaled implements function.ScaledReader.
func (a *percentileEst) TakesScaled() bool { return true }

// Resize implements function.Accumulator.
func (a *percentileEst) Resize(n int) { a.state = resize(a.state, n) }

// Add implements function.Accumulator.
func (a *percentileEst) Add(groups []uint32, args []*vec.Vector, n int, sel vec.Bitmap) error {
	a.rows.choose(args, n, sel)
	if a.rows.none {
		return nil
	}
	if v := args[0]; v.Type.Kind == catalog.KindBytes {
		var failed error
		a.rows.each(n, func(i int) {
			if failed == nil {
				failed = a.of(target0(groups, i)).mergeBytes(v.StrAt(i))
			}
		})
		return failed
	}
	if a.rows.all && a.countsCodes(args[0]) {
		if v := args[0]; v.U8 != nil {
			addCoded(a, v.U8[:n], groups, v)
		} else {
			addCoded(a, v.U16[:n], groups, v)
		}
		if a.coded.rows > maxCopied {
			a.flush()
			a.coded.rows = len(a.coded.slots.Of)
		}
		return nil
	}
	values := a.in.read(args[0], n)
	if !a.rows.all {
		groups, values = a.rows.pick(groups, values)
	}
	if groups == nil {
		h := a.of(0)
		for _, x := range values {
			if !h.addUsual(x) {
				h.add(x)
			}
		}
		return nil
	}
	state, groups := a.state, groups[:len(values)]
	for i, x := range values {
		h := state[groups[i]]
		if h == nil {
			h = a.of(int(groups[i]))
		}
		if !h.addUsual(x) {
			h.add(x)
		}
	}
	return nil
}

func (a *percentileEst) of(group int) *logHistogram {
	h := a.state[group]
	if h == nil {
		h = &logHistogram{}
		a.state[group] = h
	}
	return h
}

// Merge implements function.Accumulator.
func (a *percentileEst) Merge(other function.Accumulator, groups []uint32) error {
	o, ok := other.(*percentileEst)
	if !ok {
		return mergeError(a, other)
	}
	o.flush()
	for i, h := range o.state {
		if h != nil {
			a.of(target(groups, i)).merge(h)
		}
	}
	return nil
}

// Result implements function.Accumulator.
func (a *percentileEst) Result(n int, out *vec.Vector) error {
	a.flush()
	out.Reset(a.typ, n)
	for i := range n {
		h := a.state[i]
		if h == nil || h.empty() {
			setRow(out, i, catalog.NullValue(a.typ))
			continue
		}
		if a.typ == catalog.String {
			out.Str[i] = asBase64(h.marshal())
			continue
		}
		x := h.quantile(a.rank)
		if a.typ == catalog.Long {
			if math.Abs(x) >= 1<<63 {
				return errs.User(errs.NumericOutOfRange, "bigint out of range: percentileest of %g", x)
			}
			out.I64[i] = int64(math.Round(x))
		} else {
			out.F64[i] = x
		}
	}
	return nil
}

// clearRow makes a row of a LONG or DOUBLE vector NULL.
func clearRow(out *vec.Vector, i int) {
	if out.I64 != nil {
		out.I64[i] = 0
	} else {
		out.F64[i] = 0
	}
	out.SetNull(i)
}

// Bytes implements function.Accumulator.
func (a *percentileEst) Bytes() int {
	total := 8*cap(a.state) + a.coded.bytes()
	for _, h := range a.state {
		if h != nil {
			total += 96 + 8*(len(h.neg.counts)+len(h.pos.counts))
		}
	}
	return total
}
