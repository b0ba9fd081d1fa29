package agg

import (
	"math"

	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/internal/errs"
	"github.com/freshetdb/freshet/internal/vec"
	"github.com/freshetdb/freshet/query/function"
)

// Buckets of a logHistogram: each power of two has 128, so that the middle of a bucket is within 0.4 % of its values.
const (
	logShift = 52 - 7
	// logZero is the bucket of zero and of what is too small to matter (below 2^-1022).
	logZero = 0
)

// logBucket numbers a magnitude's bucket, from 1; the sign is kept by the caller.
func logBucket(x float64) int { return int(math.Float64bits(x) >> logShift) }

// logMiddle is the middle of a bucket.
func logMiddle(bucket int) float64 {
	lo := math.Float64frombits(uint64(bucket) << logShift)
	hi := math.Float64frombits(uint64(bucket+1) << logShift)
	if math.IsInf(hi, 1) || math.IsNaN(hi) {
		return lo
	}
	return lo + (hi-lo)/2
}

// window counts buckets of one sign, in a slice that covers what has occurred.
type window struct {
	from   int
	counts []int64
}

func (w *window) add(bucket int, by int64) {
	if at := bucket - w.from; at >= 0 && at < len(w.counts) {
		w.counts[at] += by
		return
	}
	w.stretch(bucket)
	w.counts[bucket-w.from] += by
}

// stretch makes room for bucket, with a power of two around it to spare.
func (w *window) stretch(bucket int) {
	const spare = 128
	if len(w.counts) == 0 {
		w.from, w.counts = max(bucket-spare/2, 0), make([]int64, spare)
		return
	}
	lo, hi := w.from, w.from+len(w.counts)
	if bucket < lo {
		lo = max(bucket-spare, 0)
	} else {
		hi = bucket + spare
	}
	grown := make([]int64, hi-lo)
	copy(grown[w.from-lo:], w.counts)
	w.from, w.counts = lo, grown
}

// logHistogram is a distribution of floats by logarithmic buckets.
type logHistogram struct {
	neg, pos window
	zero     int64
	total    int64
	min, max float64
}

func (h *logHistogram) add(x float64) {
	if x != x {
		return
	}
	if h.total == 0 {
		h.min, h.max = x, x
	} else {
		h.min, h.max = min(h.min, x), max(h.max, x)
	}
	h.total++
	switch b := logBucket(math.Abs(x)); {
	case b == logZero:
		h.zero++
	case x > 0:
		h.pos.add(b, 1)
	default:
		h.neg.add(b, 1)
	}
}

func (h *logHistogram) merge(o *logHistogram) {
	if o.total == 0 {
		return
	}
	if h.total == 0 {
		h.min, h.max = o.min, o.max
	} else {
		h.min, h.max = min(h.min, o.min), max(h.max, o.max)
	}
	h.total += o.total
	h.zero += o.zero
	for i, c := range o.pos.counts {
		if c > 0 {
			h.pos.add(o.pos.from+i, c)
		}
	}
	for i, c := range o.neg.counts {
		if c > 0 {
			h.neg.add(o.neg.from+i, c)
		}
	}
}

// quantile gives the value at position floor(total * rank / 100), to 0.4 %.
func (h *logHistogram) quantile(rank float64) float64 {
	left := min(int64(float64(h.total)*rank/100), h.total-1)
	for i := len(h.neg.counts) - 1; i >= 0; i-- {
		if left -= h.neg.counts[i]; left < 0 {
			return max(h.min, min(h.max, -logMiddle(h.neg.from+i)))
		}
	}
	if left -= h.zero; left < 0 {
		return 0
	}
	for i, c := range h.pos.counts {
		if left -= c; left < 0 {
			return max(h.min, min(h.max, logMiddle(h.pos.from+i)))
		}
	}
	return h.max
}

// percentileEst estimates with a logHistogram per group.
type percentileEst struct {
	rank  float64
	typ   catalog.Type
	state []*logHistogram
	rows  rowSet
	in    floatInput
}

// Resize implements function.Accumulator.
func (a *percentileEst) Resize(n int) { a.state = resize(a.state, n) }

// Add implements function.Accumulator.
func (a *percentileEst) Add(groups []uint32, args []*vec.Vector, n int, sel vec.Bitmap) error {
	a.rows.choose(args, n, sel)
	if a.rows.none {
		return nil
	}
	values := a.in.read(args[0], n)
	a.rows.each(n, func(i int) { a.of(target0(groups, i)).add(values[i]) })
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
	for i, h := range o.state {
		if h != nil {
			a.of(target(groups, i)).merge(h)
		}
	}
	return nil
}

// Result implements function.Accumulator.
func (a *percentileEst) Result(n int, out *vec.Vector) error {
	out.Reset(a.typ, n)
	for i := range n {
		h := a.state[i]
		if h == nil || h.total == 0 {
			clearRow(out, i)
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
	total := 8 * cap(a.state)
	for _, h := range a.state {
		if h != nil {
			total += 96 + 8*(len(h.neg.counts)+len(h.pos.counts))
		}
	}
	return total
}
