package agg

import (
	"strings"

	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/internal/vec"
	"github.com/freshetdb/freshet/query/function"
)

// picked is the value that a group keeps, and the time at which it was.
type picked struct {
	value catalog.Value
	at    int64
	place uint64 // of the row
	seen  bool
}

// pick is anyValue, firstWithTime and lastWithTime. Among rows of equal time the last wins for last, the first for first.
type pick struct {
	arrival
	typ   catalog.Type
	timed bool
	last  bool
	state []picked
	rows  rowSet
	times intInput
	bytes int
}

// Resize implements function.Accumulator.
func (a *pick) Resize(n int) { a.state = resize(a.state, n) }

// Add implements function.Accumulator.
func (a *pick) Add(groups []uint32, args []*vec.Vector, n int, sel vec.Bitmap) error {
	a.begin(n)
	a.rows.choose(args, n, sel)
	if a.rows.none {
		return nil
	}
	var times []int64
	if a.timed {
		times = a.times.read(args[1], n)
	}
	v := args[0]
	a.rows.each(n, func(i int) {
		p, at := &a.state[target0(groups, i)], int64(0)
		if times != nil {
			at = times[i]
		}
		if place := a.of(i); a.better(p, at, place) {
			x := v.At(i)
			x.Str = strings.Clone(x.Str)
			a.bytes += len(x.Str) - len(p.value.Str)
			*p = picked{x, at, place, true}
		}
	})
	return nil
}

func (a *pick) better(p *picked, at int64, place uint64) bool {
	switch {
	case !p.seen:
		return true
	case a.timed && at != p.at:
		return (at > p.at) == a.last
	case a.last:
		return place >= p.place
	default:
		return place < p.place
	}
}

// Merge implements function.Accumulator.
func (a *pick) Merge(other function.Accumulator, groups []uint32) error {
	o, ok := other.(*pick)
	if !ok {
		return mergeError(a, other)
	}
	by := a.join(&o.arrival)
	for i, p := range o.state {
		p.place += by
		if to := &a.state[target(groups, i)]; p.seen && a.better(to, p.at, p.place) {
			a.bytes += len(p.value.Str) - len(to.value.Str)
			*to = p
		}
	}
	return nil
}

// Result implements function.Accumulator.
func (a *pick) Result(n int, out *vec.Vector) error {
	out.Reset(a.typ, n)
	var one vec.Vector
	for i := range n {
		v := catalog.NullValue(a.typ)
		if a.state[i].seen {
			v = a.state[i].value
		}
		v.Type = a.typ
		one.SetConst(v, 1)
		out.CopyRow(i, &one, 0)
	}
	return nil
}

// Bytes implements function.Accumulator.
func (a *pick) Bytes() int { return 112*cap(a.state) + a.bytes }
