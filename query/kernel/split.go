package kernel

import "math"

// Pair is the high parts and the rests of a group's terms (see SumSplit). A pair that has no term has -0 as its high part: no
// term's high part is -0, so that sums never are.
type Pair struct{ High, Low float64 }

// NoPair is the sum of no terms.
func NoPair() Pair { return Pair{High: math.Copysign(0, -1)} }

// Empty reports whether no term was added.
func (p Pair) Empty() bool { return math.Float64bits(p.High) == signBit }

// Add adds the terms of o, which were split by the same constant.
func (p *Pair) Add(o Pair) {
	if o.Empty() {
		return
	}
	p.High += o.High // -0 and a number is the number
	p.Low += o.Low
}

// Value is the sum as a double, 0 of no terms.
func (p Pair) Value() float64 { return p.High + p.Low }

// PairCopies is how many sums a group has: rows in turn go to them, so that rows of one group do not wait for each other.
const PairCopies = 4

// AddSplit adds every value, split by m, to the sum of its group: value i to copies[i%PairCopies]. Copies may be the same slice,
// and all are longer than the greatest group.
func AddSplit(copies *[PairCopies][]Pair, groups []uint32, values []float64, m float64) {
	groups = groups[:len(values)]
	done := wideAddSplit(copies, groups, values, m)
	for i, x := range values[done:] {
		i += done
		s := &copies[i%PairCopies][groups[i]]
		q := (x + m) - m
		s.High += q
		s.Low += x - q
	}
}

// AddScaled is AddSplit for the values that Unscale writes.
func AddScaled[C Code](copies *[PairCopies][]Pair, groups []uint32, codes []C, base int64, power, m float64) {
	groups = groups[:len(codes)]
	done := 0
	switch codes := any(codes).(type) {
	case []uint8:
		done = wideAddScaledBytes(copies, groups, codes, base, power, m)
	case []uint16:
		done = wideAddScaledShorts(copies, groups, codes, base, power, m)
	case []uint32:
		done = wideAddScaledWords(copies, groups, codes, base, power, m)
	}
	for i := done; i < len(codes); i++ {
		s, x := &copies[i%PairCopies][groups[i]], float64(base+int64(codes[i]))/power
		q := (x + m) - m
		s.High += q
		s.Low += x - q
	}
}
