package sketch

import (
	"encoding/binary"
	"math"
	"math/bits"
	"slices"
)

// Limits of the logarithm of the number of registers.
const (
	MinLog2Registers = 4
	MaxLog2Registers = 18
)

// Registers is HyperLogLog (KindHLL) or UltraLogLog (KindULL) with 2^p registers of a byte each. A value's hash chooses
// a register by its first p bits; the position of the first 1 among the others is the value's rank. HyperLogLog keeps
// the greatest rank that a register saw; UltraLogLog also whether it saw the two ranks below: rank<<2, then a bit for
// each. Both depend on the set of values only.
type Registers struct {
	kind   Kind
	p      uint
	values []byte // nil while no value came

	// Of HyperLogLog, by AddRanks: no register is below floor, which was looked at when seen values had come.
	floor      byte
	seen, next int
}

// NewRegisters makes an empty sketch; p is from MinLog2Registers to MaxLog2Registers.
func NewRegisters(kind Kind, p uint) *Registers { return &Registers{kind: kind, p: p} }

// Add takes the hash of a value, of which all 64 bits have to be good.
func (s *Registers) Add(hash uint64) {
	s.room()
	at := &s.values[hash>>(64-s.p)]
	// The guard bit bounds the rank where all other bits are zero.
	rank := bits.LeadingZeros64(hash<<s.p|1<<(s.p-1)) + 1
	if s.kind == KindHLL {
		*at = max(*at, byte(rank))
		return
	}
	*at = packRanks(unpackRanks(*at) | 1<<rank)
}

// room makes the registers.
func (s *Registers) room() {
	if s.values == nil {
		s.values = make([]byte, 1<<s.p)
	}
}

// RankBits is how many of the low bits hold the rank where a register of HyperLogLog and the rank it saw are one number.
const RankBits = 6

// firstLook is how many values, per register, come before the least register is looked for: some is empty until about then.
const firstLook = 8

// AddRanks takes values of a HyperLogLog sketch, each as its register and, in the RankBits below, its rank, and may write over
// them: once all registers are high, most values cannot raise one, and are left out by their ranks alone.
func (s *Registers) AddRanks(ranks []uint32) {
	s.room()
	if s.seen += len(ranks); s.seen >= s.next {
		if s.next > 0 {
			s.floor = slices.Min(s.values)
		}
		s.next = s.seen + s.seen/4 + firstLook*len(s.values)
	}
	raise(s.values, above(ranks, s.floor))
}

// raise is the loop of AddRanks: alone, so that nothing is kept on the stack, and without a branch, which nobody could predict.
//
//go:noinline
func raise(values []byte, ranks []uint32) {
	for _, r := range ranks {
		at := &values[r>>RankBits]
		*at = greater(*at, byte(r&(1<<RankBits-1)))
	}
}

// greater is max of ranks, in arithmetic.
func greater(a, b byte) byte {
	more := int32(b) - int32(a)
	return a + byte(more&^(more>>31))
}

// AddRanksEach is AddRanks of values each of which is for the sketch of its group, which is there. It finds the registers of
// some rows before it looks at the first of them: loads that do not wait for each other overlap.
func AddRanksEach(sketches []*Registers, groups, ranks []uint32) {
	var places [256]*byte
	for len(ranks) > 0 {
		n := min(len(ranks), len(places))
		for i, r := range ranks[:n] {
			s := sketches[groups[i]]
			if s.values == nil {
				s.room()
			}
			places[i] = &s.values[r>>RankBits]
		}
		for i, r := range ranks[:n] {
			*places[i] = greater(*places[i], byte(r&(1<<RankBits-1)))
		}
		groups, ranks = groups[n:], ranks[n:]
	}
}

// unpackRanks gives the ranks of an UltraLogLog register as a set of bits.
func unpackRanks(r byte) uint64 {
	top := uint(r >> 2)
	if top < 2 {
		return uint64(top) << 1 // rank 1 has none below
	}
	return (4 | uint64(r&3)) << (top - 2) &^ 1
}

// packRanks keeps the greatest rank and the two below.
func packRanks(set uint64) byte {
	if set == 0 {
		return 0
	}
	top := uint(bits.Len64(set) - 1)
	if top < 2 {
		return byte(top << 2)
	}
	return byte(top<<2) | byte(set>>(top-2)&3)
}

// Merge adds the values of o, which has to be of the same kind and size.
func (s *Registers) Merge(o *Registers) {
	if o.values == nil {
		return
	}
	if s.values == nil {
		s.values = append([]byte(nil), o.values...)
		return
	}
	if s.kind == KindHLL {
		raiseTo(s.values, o.values)
		return
	}
	for i, r := range o.values {
		if r != 0 && r != s.values[i] {
			s.values[i] = packRanks(unpackRanks(s.values[i]) | unpackRanks(r))
		}
	}
}

// raiseTo makes each value the greater one of both.
func raiseTo(values, others []byte) {
	values = values[:len(others)]
	for i := wideRaiseTo(values, others); i < len(others); i++ {
		values[i] = max(values[i], others[i])
	}
}

// Bytes is the memory held.
func (s *Registers) Bytes() int { return 64 + cap(s.values) }

// Estimate is the estimated number of distinct values.
func (s *Registers) Estimate() float64 {
	if s.values == nil {
		return 0
	}
	if s.kind == KindHLL {
		return s.estimateHLL()
	}
	return s.estimateULL()
}

// estimateHLL is Ertl's improved estimator (New cardinality estimation algorithms for HyperLogLog sketches, 2017), which
// needs no tables of bias.
func (s *Registers) estimateHLL() float64 {
	var counts [66]int
	for _, r := range s.values {
		counts[r]++
	}
	m := float64(len(s.values))
	last := 64 - int(s.p) + 1
	z := m * tau(1-float64(counts[last])/m)
	for k := last - 1; k >= 1; k-- {
		z = (z + float64(counts[k])) / 2
	}
	z += m * sigma(float64(counts[0])/m)
	return m * m / (2 * math.Ln2 * z)
}

// sigma is the share of empty registers in that estimator: x + the sum of x^(2^k) 2^(k-1).
func sigma(x float64) float64 {
	if x == 1 {
		return math.Inf(1)
	}
	sum, weight := x, 1.0
	for {
		x *= x
		before := sum
		sum += x * weight
		weight += weight
		if sum == before {
			return sum
		}
	}
}

// tau is the share of full registers in it.
func tau(x float64) float64 {
	if x == 0 || x == 1 {
		return 0
	}
	sum, weight := 1-x, 1.0
	for {
		x = math.Sqrt(x)
		before := sum
		weight /= 2
		sum -= (1 - x) * (1 - x) * weight
		if sum == before {
			return sum / 3
		}
	}
}

// estimateULL finds the most likely number of values. With n values in m registers the updates of rank j in one of them
// are Poisson with mean x 2^-j, x = n/m: a rank that is known to be missing has the chance exp(-x 2^-j), one that is
// known to be there the rest. Setting the derivative of the logarithm to zero gives
//
//	missing = sum over j of there[j] 2^-j / (exp(x 2^-j) - 1)
//
// where missing is the sum of 2^-j over the ranks that are missing. The right side falls as x grows.
func (s *Registers) estimateULL() float64 {
	last := 64 - int(s.p) + 1
	chance := func(rank int) float64 { // of the greatest rank: that of all that would be beyond
		if rank == last {
			rank--
		}
		return math.Ldexp(1, -rank)
	}
	var there [66]float64
	missing := 0.0
	for r, count := range s.counts() {
		if count == 0 {
			continue
		}
		n, top := float64(count), r>>2
		if top < last { // all ranks above are missing
			missing += n * math.Ldexp(1, -top)
		}
		if top == 0 {
			continue
		}
		there[top] += n
		for below := 1; below <= 2 && top-below >= 1; below++ {
			if r>>(2-below)&1 != 0 {
				there[top-below] += n
			} else {
				missing += n * chance(top-below)
			}
		}
	}
	if missing == 0 {
		return math.MaxInt64 // every register is full: there is no estimate
	}
	excess := func(x float64) float64 {
		sum := -missing
		for j := 1; j <= last; j++ {
			if there[j] > 0 {
				sum += there[j] * chance(j) / math.Expm1(x*chance(j))
			}
		}
		return sum
	}
	m := float64(len(s.values))
	// The maximum of a likelihood is biased upwards by about 0.48/m.
	return m * root(excess) / (1 + 0.48/m)
}

// counts is the number of registers of each value.
func (s *Registers) counts() *[256]int {
	var counts [256]int
	for _, r := range s.values {
		counts[r]++
	}
	return &counts
}

// root finds where a falling function of positive x crosses zero, to all digits of a double.
func root(f func(float64) float64) float64 {
	lo, hi := 0.0, 1.0
	for hi < 1e18 && f(hi) > 0 {
		lo, hi = hi, 2*hi
	}
	for range 80 {
		mid := lo + (hi-lo)/2
		if mid == lo || mid == hi {
			break
		}
		if f(mid) > 0 {
			lo = mid
		} else {
			hi = mid
		}
	}
	return lo + (hi-lo)/2
}

// A payload is p, then all registers, or, where few are set, their number and the distance to each with its value.
const (
	formDense  = 0
	formSparse = 1
)

// Marshal writes the sketch in a frame of its kind. The error is always nil.
func (s *Registers) Marshal() ([]byte, error) {
	set := 0
	for _, r := range s.values {
		if r != 0 {
			set++
		}
	}
	if 3*set >= len(s.values) && set > 0 {
		return Seal(s.kind, append([]byte{byte(s.p), formDense}, s.values...)), nil
	}
	out := binary.AppendUvarint([]byte{byte(s.p), formSparse}, uint64(set))
	from := 0
	for i, r := range s.values {
		if r != 0 {
			out = append(binary.AppendUvarint(out, uint64(i-from)), r)
			from = i
		}
	}
	return Seal(s.kind, out), nil
}

// MergeBytes adds the values of a sketch as Marshal wrote it, which has to have as many registers.
func (s *Registers) MergeBytes(data string) error {
	payload, err := Open(s.kind, data)
	if err != nil {
		return err
	}
	r := NewReader(payload)
	if p := uint(r.Byte()); !r.Bad && p != s.p {
		return Invalid(s.kind.String(), "it has 2^%d registers; want 2^%d", p, s.p)
	}
	o := Registers{kind: s.kind, p: s.p, values: make([]byte, 1<<s.p)}
	switch form := r.Byte(); form {
	case formDense:
		if r.Len() != len(o.values) {
			return Invalid(s.kind.String(), "it has %d registers; want %d", r.Len(), len(o.values))
		}
		copy(o.values, r.Rest())
	case formSparse:
		at, count := uint64(0), r.Uvarint()
		for i := uint64(0); i < count && !r.Bad; i++ {
			at += min(r.Uvarint(), 1<<s.p)
			if at >= uint64(len(o.values)) {
				return Invalid(s.kind.String(), "register %d does not exist", at)
			}
			o.values[at] = r.Byte()
		}
		if r.Bad || r.Len() > 0 {
			return Invalid(s.kind.String(), "its registers are damaged")
		}
	default:
		return Invalid(s.kind.String(), "it has the unknown form %d", form)
	}
	some := false
	for i, v := range o.values {
		if !s.possible(v) {
			return Invalid(s.kind.String(), "register %d is %d", i, v)
		}
		some = some || v != 0
	}
	if some {
		s.Merge(&o)
	}
	return nil
}

// possible reports values that a register can have.
func (s *Registers) possible(r byte) bool {
	last := byte(64 - s.p + 1)
	if s.kind == KindHLL {
		return r <= last
	}
	return r>>2 <= last && packRanks(unpackRanks(r)) == r
}
