package agg

import (
	"encoding/binary"
	"math"
	"slices"

	"github.com/caio/go-tdigest/v4"

	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/internal/errs"
	"github.com/freshetdb/freshet/internal/sketch"
	"github.com/freshetdb/freshet/internal/vec"
	"github.com/freshetdb/freshet/query/function"
)

// digestBuffer is how many values a group keeps before they go into its digest.
const digestBuffer = 4096

// digest is a t-digest behind a buffer. Values enter it sorted and in clusters, which is faster than one by one, and makes
// the result of no more than a buffer of values independent of how they were split.
type digest struct {
	buf []float64
	d   *tdigest.TDigest
}

// percentileTDigest estimates with a t-digest per group.
type percentileTDigest struct {
	rank        float64
	raw         bool // the result is the serialised digest
	compression float64
	state       []digest
	rows        rowSet
	in          floatInput
}

// Resize implements function.Accumulator.
func (a *percentileTDigest) Resize(n int) { a.state = resize(a.state, n) }

// of gives the digest of a group, without what is in its buffer.
func (a *percentileTDigest) of(group int) (*tdigest.TDigest, error) {
	s := &a.state[group]
	if s.d == nil {
		var err error
		// A seed of its own makes results repeatable.
		if s.d, err = tdigest.New(tdigest.Compression(a.compression), tdigest.LocalRandomNumberGenerator(1)); err != nil {
			return nil, errs.Bug("t-digest: %v", err)
		}
	}
	return s.d, nil
}

// flush empties the buffer of a group into its digest. A cluster takes half of what the digest lets one hold there.
func (a *percentileTDigest) flush(group int) error {
	s := &a.state[group]
	if len(s.buf) == 0 {
		return nil
	}
	d, err := a.of(group)
	if err != nil {
		return err
	}
	slices.Sort(s.buf)
	n := float64(len(s.buf))
	for i := 0; i < len(s.buf); {
		q := float64(i) / n
		size := min(max(1, int(2*n*q*(1-q)/a.compression)), len(s.buf)-i)
		mean := s.buf[i]
		for k, x := range s.buf[i+1 : i+size] {
			mean += (x - mean) / float64(k+2)
		}
		if err := d.AddWeighted(mean, uint64(size)); err != nil {
			return errs.Bug("t-digest: %v", err)
		}
		i += size
	}
	s.buf = s.buf[:0]
	return nil
}

// add takes a value. A t-digest has no place for NaN and infinities.
func (a *percentileTDigest) add(group int, x float64) error {
	if x-x != 0 {
		return nil
	}
	s := &a.state[group]
	s.buf = append(s.buf, x+0) // the zeros are not in an order of their own
	if len(s.buf) < digestBuffer {
		return nil
	}
	return a.flush(group)
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
		if failed == nil {
			failed = a.add(target0(groups, i), values[i])
		}
	})
	return failed
}

// Merge implements function.Accumulator.
func (a *percentileTDigest) Merge(other function.Accumulator, groups []uint32) error {
	o, ok := other.(*percentileTDigest)
	if !ok {
		return mergeError(a, other)
	}
	for i := range o.state {
		to, from := target(groups, i), &o.state[i]
		if from.d != nil {
			d, err := a.of(to)
			if err == nil {
				err = d.Merge(from.d)
			}
			if err != nil {
				return errs.Bug("t-digest: %v", err)
			}
		}
		for _, x := range from.buf {
			if err := a.add(to, x); err != nil {
				return err
			}
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
		if err := a.flush(i); err != nil {
			return err
		}
		switch d := a.state[i].d; {
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
	total := 32*cap(a.state) + 8*cap(a.in.buf)
	for i := range a.state {
		total += 8 * cap(a.state[i].buf)
		if a.state[i].d != nil {
			total += 128 + 24*int(a.compression)*6
		}
	}
	return total
}
