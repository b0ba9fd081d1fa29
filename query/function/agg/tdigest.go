package agg

import (
	"encoding/binary"
	"math"

	"github.com/caio/go-tdigest/v4"

	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/internal/errs"
	"github.com/freshetdb/freshet/internal/sketch"
	"github.com/freshetdb/freshet/internal/vec"
	"github.com/freshetdb/freshet/query/function"
)

// percentileTDigest estimates with a t-digest per group.
type percentileTDigest struct {
	rank        float64
	raw         bool // the result is the serialised digest
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
	var failed error
	if v := args[0]; v.Type.Kind == catalog.KindBytes {
		a.rows.each(n, func(i int) {
			if failed == nil {
				failed = a.mergeBytes(target0(groups, i), v.StrAt(i))
			}
		})
		return failed
	}
	values := a.in.read(args[0], n)
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
	t := catalog.Double
	if a.raw {
		t = catalog.String
	}
	out.Reset(t, n)
	for i := range n {
		switch d := a.state[i]; {
		case d == nil || d.Count() == 0:
			setRow(out, i, catalog.NullValue(t))
		case a.raw:
			out.Str[i] = asBase64(marshalDigest(d))
		default:
			out.F64[i] = d.Quantile(a.rank / 100)
		}
	}
	return nil
}

// marshalDigest writes the number of centroids, then the mean and the weight of each, by ascending mean.
func marshalDigest(d *tdigest.TDigest) []byte {
	var body []byte
	n := uint64(0)
	d.ForEachCentroid(func(mean float64, count uint64) bool {
		n++
		body = binary.LittleEndian.AppendUint64(body, math.Float64bits(mean))
		body = binary.AppendUvarint(body, count)
		return true
	})
	return sketch.Seal(sketch.KindTDigest, append(binary.AppendUvarint(nil, n), body...))
}

// mergeBytes adds a serialised digest to a group.
func (a *percentileTDigest) mergeBytes(group int, data string) error {
	payload, err := sketch.Open(sketch.KindTDigest, data)
	if err != nil {
		return err
	}
	d, err := a.of(group)
	if err != nil {
		return err
	}
	r := sketch.NewReader(payload)
	n, total := r.Uvarint(), d.Count()
	if n > uint64(r.Len()/9) {
		return sketch.Invalid("t-digest", "it has fewer than %d centroids", n)
	}
	for range n {
		mean, count := math.Float64frombits(r.Uint64()), r.Uvarint()
		if r.Bad || mean-mean != 0 || count == 0 || total+count > math.MaxInt64 || count > math.MaxInt64 {
			return sketch.Invalid("t-digest", "a centroid is damaged")
		}
		total += count
		if err := d.AddWeighted(mean, count); err != nil {
			return sketch.Invalid("t-digest", "%v", err)
		}
	}
	if r.Len() > 0 {
		return sketch.Invalid("t-digest", "it has bytes after its centroids")
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
