package agg

import (
	"math"
	"slices"

	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/internal/vec"
	"github.com/freshetdb/freshet/query/function"
	"github.com/freshetdb/freshet/query/kernel"
)

// rankRule says which value of a sorted list stands at a rank p from 0 to 1.
type rankRule uint8

const (
	rankPinot      rankRule = iota // the one at position floor(n * p / 100), the last for p = 100
	rankDiscrete                   // the first below or at which n * p values are
	rankContinuous                 // between the two around position (n - 1) * p
)

// percentile keeps every value, as a key that orders like it: NaN is the greatest.
type percentile struct {
	p     float64 // 0 to 1, for rankPinot to 100
	rule  rankRule
	desc  bool // the list is in descending order
	typ   catalog.Type
	float bool // arguments are floats
	state []keyList
	held  int // bytes of the lists
	rows  rowSet
	ints  intInput
	flts  floatInput
	keys  []uint64
}

// keyList is keys in chunks, so that none is copied as the list grows.
type keyList struct {
	last []uint64 // the chunk that is filled
	full [][]uint64
	n    int // keys in full
}

// Chunks begin small, as most groups are, and double up to maxChunk keys.
const (
	minChunk = 8
	maxChunk = 16 << 10
)

// next begins a chunk and gives its bytes.
func (l *keyList) next() int {
	if cap(l.last) > 0 {
		l.full = append(l.full, l.last)
		l.n += len(l.last)
	}
	l.last = make([]uint64, 0, min(max(minChunk, 2*cap(l.last)), maxChunk))
	return 8 * cap(l.last)
}

func (l *keyList) len() int { return l.n + len(l.last) }

// chunks gives all keys.
func (l *keyList) chunks() [][]uint64 { return append(l.full, l.last) }

// Resize implements function.Accumulator.
func (a *percentile) Resize(n int) { a.state = resize(a.state, n) }

// Add implements function.Accumulator.
func (a *percentile) Add(groups []uint32, args []*vec.Vector, n int, sel vec.Bitmap) error {
	a.rows.choose(args, n, sel)
	if a.rows.none {
		return nil
	}
	a.read(args[0], n)
	if a.rows.all {
		for i, k := range a.keys {
			l := &a.state[target0(groups, i)]
			if len(l.last) == cap(l.last) {
				a.held += l.next()
			}
			l.last = append(l.last, k)
		}
		return nil
	}
	a.rows.each(n, func(i int) {
		l := &a.state[target0(groups, i)]
		if len(l.last) == cap(l.last) {
			a.held += l.next()
		}
		l.last = append(l.last, a.keys[i])
	})
	return nil
}

// read fills a.keys with the keys of n values.
func (a *percentile) read(v *vec.Vector, n int) {
	a.keys = resize(a.keys, n)[:n]
	if !a.float {
		for i, x := range a.ints.read(v, n) {
			a.keys[i] = uint64(x) ^ keySign
		}
		return
	}
	for i, x := range a.flts.read(v, n) {
		if x != x {
			x = math.NaN()
		}
		a.keys[i] = uint64(kernel.DoubleKey(x)) ^ keySign
	}
}

// keySign makes signed keys order as unsigned ones.
const keySign = 1 << 63

// number gives the value of a key, as an integer for integers.
func (a *percentile) number(key uint64) (int64, float64) {
	x := int64(key ^ keySign)
	if a.float {
		return 0, kernel.DoubleOfKey(x) + 0 // the zeros are not in an order of their own
	}
	return x, float64(x)
}

// Merge implements function.Accumulator.
func (a *percentile) Merge(other function.Accumulator, groups []uint32) error {
	o, ok := other.(*percentile)
	if !ok {
		return mergeError(a, other)
	}
	for i := range o.state {
		from, to := &o.state[i], &a.state[target(groups, i)]
		if from.len() > 0 {
			to.full = append(to.full, from.chunks()...)
			to.n += from.len()
		}
	}
	a.held += o.held
	return nil
}

// Result implements function.Accumulator.
func (a *percentile) Result(n int, out *vec.Vector) error {
	out.Reset(a.typ, n)
	for i := range n {
		l := &a.state[i]
		v := catalog.NullValue(a.typ)
		if l.len() > 0 {
			v = a.of(l)
		}
		setRow(out, i, v)
	}
	return nil
}

// of gives the result for a list that is not empty.
func (a *percentile) of(l *keyList) catalog.Value {
	n, v := l.len(), catalog.Value{Type: a.typ}
	chunks := l.chunks()
	at := func(i int) (int64, float64) {
		if a.desc {
			i = n - 1 - i
		}
		return a.number(nthKey(chunks, n, i))
	}
	switch a.rule {
	case rankContinuous:
		place := a.p * float64(n-1)
		lo := math.Floor(place)
		_, v.F64 = at(int(lo))
		if hi := math.Ceil(place); hi != lo {
			if _, above := at(int(hi)); above != v.F64 {
				v.F64 += (above - v.F64) * (place - lo)
			}
		}
		v.F64 += 0
	case rankDiscrete:
		v.I64, v.F64 = at(discreteRank(a.p, n))
		if isFloatLike(a.typ.Kind) {
			v.I64 = 0
		}
	default:
		_, v.F64 = at(min(int(float64(n)*a.p/100), n-1))
	}
	return v
}

// Of nthKey.
const (
	digitBits = 16
	// fewKeys is how many keys are rather sorted than counted.
	fewKeys = 1 << 15
)

// nthKey gives the key at position nth of n keys in order: it counts keys by their first digits and goes on with those that have
// the digits of the one sought.
func nthKey(chunks [][]uint64, n, nth int) uint64 {
	for shift := 64 - digitBits; n > fewKeys && shift >= 0; shift -= digitBits {
		counts := make([]uint32, 1<<digitBits)
		for _, c := range chunks {
			for _, k := range c {
				counts[uint16(k>>(uint(shift)&63))]++
			}
		}
		digit := 0
		for ; nth >= int(counts[digit]); digit++ {
			nth -= int(counts[digit])
		}
		if int(counts[digit]) == n {
			continue // all have this digit
		}
		n = int(counts[digit])
		kept := make([]uint64, 0, n)
		for _, c := range chunks {
			for _, k := range c {
				if int(uint16(k>>(uint(shift)&63))) == digit {
					kept = append(kept, k)
				}
			}
		}
		chunks = [][]uint64{kept}
	}
	keys := make([]uint64, 0, n)
	for _, c := range chunks {
		keys = append(keys, c...)
	}
	if n > fewKeys {
		return keys[nth] // all are equal
	}
	slices.Sort(keys)
	return keys[nth]
}

// discreteRank is the position of the first of n values at which a share p of them is reached.
func discreteRank(p float64, n int) int { return max(int(math.Ceil(p*float64(n)))-1, 0) }

// anyPercentile is percentile_disc of values that are no numbers of the machine: texts, decimals, booleans.
type anyPercentile struct {
	arrayAgg // keeps the values
	p        float64
	desc     bool
}

// Merge implements function.Accumulator.
func (a *anyPercentile) Merge(other function.Accumulator, groups []uint32) error {
	o, ok := other.(*anyPercentile)
	if !ok {
		return mergeError(a, other)
	}
	return a.arrayAgg.Merge(&o.arrayAgg, groups)
}

// Result implements function.Accumulator.
func (a *anyPercentile) Result(n int, out *vec.Vector) error {
	out.Reset(a.elem, n)
	for i := range n {
		rows := a.state[i]
		if len(rows) == 0 {
			setRow(out, i, catalog.NullValue(a.elem))
			continue
		}
		key := function.OrderKey{Descending: a.desc}
		slices.SortFunc(rows, func(x, y uint32) int { return compareKeys(key, a.col.value(int(x)), a.col.value(int(y))) })
		setRow(out, i, a.col.value(int(rows[discreteRank(a.p, len(rows))])))
	}
	return nil
}

// Bytes implements function.Accumulator.
func (a *percentile) Bytes() int {
	return 56*cap(a.state) + a.held + 8*(cap(a.keys)+cap(a.ints.buf)+cap(a.flts.buf))
}
