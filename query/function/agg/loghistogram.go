package agg

import (
	"encoding/binary"
	"math"

	"github.com/freshetdb/freshet/internal/sketch"
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
	min, max float64 // where there is a value
}

// count is the number of values.
func (h *logHistogram) count() int64 {
	n := h.zero
	for _, w := range [][]int64{h.neg.counts, h.pos.counts} {
		for _, c := range w {
			n += c
		}
	}
	return n
}

func (h *logHistogram) empty() bool { return h.zero == 0 && h.neg.counts == nil && h.pos.counts == nil }

// addUsual adds a value that is positive, and between values that were added; false for any other.
func (h *logHistogram) addUsual(x float64) bool {
	at := logBucket(x) - h.pos.from
	if !(x >= 0x1p-1022 && x >= h.min && x <= h.max) || uint(at) >= uint(len(h.pos.counts)) {
		return false
	}
	h.pos.counts[at]++
	return true
}

func (h *logHistogram) add(x float64) {
	if x != x {
		return
	}
	if h.empty() {
		h.min, h.max = x, x
	} else {
		h.min, h.max = min(h.min, x), max(h.max, x)
	}
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
	if o.empty() {
		return
	}
	if h.empty() {
		h.min, h.max = o.min, o.max
	} else {
		h.min, h.max = min(h.min, o.min), max(h.max, o.max)
	}
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
	n := h.count()
	left := min(int64(float64(n)*rank/100), n-1)
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

// maxLogBucket is the greatest bucket, that of infinity.
const maxLogBucket = 0x7ff << (52 - logShift)

// marshal writes the histogram: total, extremes and zeros, then per sign the first bucket and the counts from there.
func (h *logHistogram) marshal() []byte {
	out := binary.AppendUvarint(nil, uint64(h.count()))
	out = binary.LittleEndian.AppendUint64(out, math.Float64bits(h.min))
	out = binary.LittleEndian.AppendUint64(out, math.Float64bits(h.max))
	out = binary.AppendUvarint(out, uint64(h.zero))
	for _, w := range []*window{&h.neg, &h.pos} {
		from, to := 0, len(w.counts)
		for from < to && w.counts[from] == 0 {
			from++
		}
		for to > from && w.counts[to-1] == 0 {
			to--
		}
		out = binary.AppendUvarint(out, uint64(w.from+from))
		out = binary.AppendUvarint(out, uint64(to-from))
		for _, c := range w.counts[from:to] {
			out = binary.AppendUvarint(out, uint64(c))
		}
	}
	return sketch.Seal(sketch.KindLogHistogram, out)
}

// mergeBytes adds a histogram that marshal wrote.
func (h *logHistogram) mergeBytes(data string) error {
	payload, err := sketch.Open(sketch.KindLogHistogram, data)
	if err != nil {
		return err
	}
	r := sketch.NewReader(payload)
	var o logHistogram
	total := int64(r.Uvarint())
	o.min, o.max = math.Float64frombits(r.Uint64()), math.Float64frombits(r.Uint64())
	o.zero = int64(r.Uvarint())
	left, damaged := uint64(total)-uint64(o.zero), total < 0 || o.zero < 0 || o.zero > total
	for _, w := range []*window{&o.neg, &o.pos} {
		from, n := r.Uvarint(), r.Uvarint()
		if r.Bad || damaged || from > maxLogBucket || n > maxLogBucket+1-from || n > uint64(r.Len()) {
			return sketch.Invalid("log histogram", "its buckets are out of range")
		}
		for i := range int(n) {
			c := r.Uvarint()
			if c > left {
				return sketch.Invalid("log histogram", "its counts do not add up")
			}
			left -= c
			if c > 0 {
				w.add(int(from)+i, int64(c))
			}
		}
	}
	if r.Bad || r.Len() > 0 || left != 0 || !(o.min <= o.max) && total > 0 {
		return sketch.Invalid("log histogram", "its counts do not add up")
	}
	h.merge(&o)
	return nil
}
