package agg

import (
	"math/bits"

	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/internal/errs"
	"github.com/freshetdb/freshet/internal/vec"
	"github.com/freshetdb/freshet/query/function"
)

// wide is a 128-bit sum of integers and the number of terms.
type wide struct {
	lo    uint64
	hi    int64
	terms int64
}

func (w *wide) add(x int64) {
	var carry uint64
	w.lo, carry = bits.Add64(w.lo, uint64(x), 0)
	w.hi += x>>63 + int64(carry)
	w.terms++
}

func (w *wide) merge(o wide) {
	var carry uint64
	w.lo, carry = bits.Add64(w.lo, o.lo, 0)
	w.hi += o.hi + int64(carry)
	w.terms += o.terms
}

// long gives the sum if it is a LONG.
func (w *wide) long() (int64, bool) {
	x := int64(w.lo)
	return x, w.hi == x>>63
}

func (w *wide) float() float64 {
	if x, ok := w.long(); ok {
		return float64(x)
	}
	return float64(w.hi)*(1<<64) + float64(w.lo)
}

// intSum sums integers exactly.
type intSum struct {
	state []wide
	rows  rowSet
	in    intInput
	avg   bool
}

// Resize implements function.Accumulator.
func (a *intSum) Resize(n int) { a.state = resize(a.state, n) }

// Reserve implements function.Reserver.
func (a *intSum) Reserve(n int) { a.state = make([]wide, 0, n) }

// Add implements function.Accumulator.
func (a *intSum) Add(groups []uint32, args []*vec.Vector, n int, sel vec.Bitmap) error {
	a.rows.choose(args, n, sel)
	if a.rows.none {
		return nil
	}
	values := a.in.read(args[0], n)
	switch {
	case groups == nil:
		a.state[0].merge(sumInts(values, &a.rows))
	case a.rows.all:
		state := a.state
		for i, x := range values {
			s := &state[groups[i]]
			var carry uint64
			s.lo, carry = bits.Add64(s.lo, uint64(x), 0)
			s.hi += x>>63 + int64(carry)
			s.terms++
		}
	default:
		a.rows.each(n, func(i int) { a.state[groups[i]].add(values[i]) })
	}
	return nil
}

// sumInts sums the chosen values. Runs of values below 2^48 in magnitude are summed in 64 bits.
func sumInts(values []int64, rows *rowSet) wide {
	var w wide
	if !rows.all {
		rows.each(len(values), func(i int) { w.add(values[i]) })
		return w
	}
	const run = 1 << 15
	for len(values) > 0 {
		part := values[:min(run, len(values))]
		values = values[len(part):]
		var a, b, c, d, big int64
		i := 0
		for ; i+4 <= len(part); i += 4 {
			p := part[i : i+4 : i+4]
			a, b, c, d = a+p[0], b+p[1], c+p[2], d+p[3]
			big |= (p[0] ^ p[0]>>63) | (p[1] ^ p[1]>>63) | (p[2] ^ p[2]>>63) | (p[3] ^ p[3]>>63)
		}
		if big>>47 == 0 {
			w.add(a + b + c + d)
			w.terms--
		} else {
			for _, x := range part[:i] {
				w.add(x)
			}
			w.terms -= int64(i)
		}
		for _, x := range part[i:] {
			w.add(x)
		}
		w.terms += int64(i)
	}
	return w
}

// Merge implements function.Accumulator.
func (a *intSum) Merge(other function.Accumulator, groups []uint32) error {
	o, ok := other.(*intSum)
	if !ok {
		return mergeError(a, other)
	}
	for i := range o.state {
		a.state[target(groups, i)].merge(o.state[i])
	}
	return nil
}

// Result implements function.Accumulator.
func (a *intSum) Result(n int, out *vec.Vector) error {
	if a.avg {
		out.Reset(catalog.Double, n)
		for i := range n {
			s := &a.state[i]
			if s.terms == 0 {
				out.F64[i] = 0
				out.SetNull(i)
				continue
			}
			out.F64[i] = s.float() / float64(s.terms)
		}
		return nil
	}
	out.Reset(catalog.Long, n)
	for i := range n {
		s := &a.state[i]
		x, ok := s.long()
		if !ok {
			return errs.User(errs.NumericOutOfRange, "bigint out of range: sum")
		}
		out.I64[i] = x
		if s.terms == 0 {
			out.SetNull(i)
		}
	}
	return nil
}

// Bytes implements function.Accumulator.
func (a *intSum) Bytes() int { return 24*cap(a.state) + 8*cap(a.in.buf) }

func mergeError(a, b function.Accumulator) error { return errs.Bug("merge of %T into %T", b, a) }
