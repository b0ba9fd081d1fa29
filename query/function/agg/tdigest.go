package agg

import (
	"math"

	"github.com/caio/go-tdigest/v4"

	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/internal/errs"
	"github.com/freshetdb/freshet/internal/vec"
	"github.com/freshetdb/freshet/query/function"
)

// percentileTDigest estimates with a t-digest per group.
type percentileTDigest struct {
	rank        float64
	compression float64
	state       []*tdigest.TDigest
	rows        rowSet
	in          floatInput
}

// Resize implements function.Accumulator.
func (a *percentileTDigest) Resize(n int) { a.state = resize(a.state, n) }

func (a *percentileTDigest) of(group int) (*tdigest.TDigest, error) {
	d := a.state[group]
	if d == nil {
		var err error
		// A seed of its own makes results repeatable.
		if d, err = tdigest.New(tdigest.Compression(a.compression), tdigest.LocalRandomNumberGenerator(1)); err != nil {
			return nil, errs.Bug("t-digest: %v", err)
		}
		a.state[group] = d
	}
	return d, nil
}

// Add implements function.Accumulator.
func (a *percentileTDigest) Add(groups []uint32, args []*vec.Vector, n int, sel vec.Bitmap) error {
	a.rows.choose(args, n, sel)
	if a.rows.none {
		return nil
	}
	values := a.in.read(args[0], n)
	var failed error
	a.rows.each(n, func(i int) {
		x := values[i]
		if failed != nil || math.IsNaN(x) || math.IsInf(x, 0) {
			return // a t-digest has no place for them
		}
		d, err := a.of(target0(groups, i))
		if err == nil {
			err = d.Add(x)
		}
		failed = err
	})
	return failed
}

// Merge implements function.Accumulator.
func (a *percentileTDigest) Merge(other function.Accumulator, groups []uint32) error {
	o, ok := other.(*percentileTDigest)
	if !ok {
		return mergeError(a, other)
	}
	for i, from := range o.state {
		if from == nil {
			continue
		}
		d, err := a.of(target(groups, i))
		if err != nil {
			return err
		}
		if err := d.Merge(from); err != nil {
			return errs.Bug("t-digest: %v", err)
		}
	}
	return nil
}

// Result implements function.Accumulator.
func (a *percentileTDigest) Result(n int, out *vec.Vector) error {
	out.Reset(catalog.Double, n)
	for i := range n {
		if d := a.state[i]; d == nil || d.Count() == 0 {
			clearRow(out, i)
		} else {
			out.F64[i] = d.Quantile(a.rank / 100)
		}
	}
	return nil
}

// Bytes implements function.Accumulator.
func (a *percentileTDigest) Bytes() int {
	total := 8 * cap(a.state)
	for _, d := range a.state {
		if d != nil {
			total += 128 + 24*int(a.compression)*6
		}
	}
	return total
}
