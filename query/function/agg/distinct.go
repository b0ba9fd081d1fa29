package agg

import (
	"math"
	"math/bits"
	"slices"

	"github.com/zeebo/xxh3"

	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/internal/prefetch"
	"github.com/freshetdb/freshet/internal/vec"
	"github.com/freshetdb/freshet/query/function"
	"github.com/freshetdb/freshet/query/kernel"
)

// set64 is an open-addressing set of 64-bit keys. The zero value is empty.
type set64 struct {
	slots   []uint64 // a power of two; 0 is a free slot
	used    int
	hasZero bool
}

func (s *set64) add(key uint64) {
	if key == 0 {
		s.hasZero = true
		return
	}
	if s.full() {
		s.grow()
	}
	mask := uint64(len(s.slots) - 1)
	for at := kernel.Mix(key) & mask; ; at = (at + 1) & mask {
		switch s.slots[at] {
		case key:
			return
		case 0:
			s.slots[at] = key
			s.used++
			return
		}
	}
}

// full reports that the next new key makes the table grow.
func (s *set64) full() bool { return s.used*2 >= len(s.slots) }

func (s *set64) grow() {
	old := s.slots
	s.slots = make([]uint64, max(8, 2*len(old)))
	s.used = 0
	for _, k := range old {
		if k != 0 {
			s.add(k)
		}
	}
}

func (s *set64) len() int {
	if s.hasZero {
		return s.used + 1
	}
	return s.used
}

func (s *set64) each(f func(uint64)) {
	if s.hasZero {
		f(0)
	}
	for _, k := range s.slots {
		if k != 0 {
			f(k)
		}
	}
}

// set128 is a set of 128-bit hashes: texts are counted by hash, of which two among a billion agree with a chance below
// 2^-68.
type set128 struct {
	slots   []xxh3.Uint128
	used    int
	hasZero bool
}

func (s *set128) add(key xxh3.Uint128) {
	if key == (xxh3.Uint128{}) {
		s.hasZero = true
		return
	}
	if s.used*2 >= len(s.slots) {
		old := s.slots
		s.slots = make([]xxh3.Uint128, max(8, 2*len(old)))
		s.used = 0
		for _, k := range old {
			if k != (xxh3.Uint128{}) {
				s.add(k)
			}
		}
	}
	mask := uint64(len(s.slots) - 1)
	for at := key.Lo & mask; ; at = (at + 1) & mask {
		switch s.slots[at] {
		case key:
			return
		case xxh3.Uint128{}:
			s.slots[at] = key
			s.used++
			return
		}
	}
}

func (s *set128) len() int {
	if s.hasZero {
		return s.used + 1
	}
	return s.used
}

// maxMarkBytes bounds the bitmaps of dictionary ids that all groups of an accumulator hold together; beyond it values
// go into the sets row by row.
const maxMarkBytes = 64 << 20

// distinct counts distinct values, or sums them. Numbers are kept as they are, texts as hashes. Rows of a dictionary
// column only mark ids; the marks are turned into values when another dictionary comes, or before the state is read.
type distinct struct {
	typ    catalog.Type
	result distinctResult
	nums   []intSet
	lo, hi int64 // of the integers so far, where any is set
	any    bool
	texts  []set128
	rows   rowSet
	ints   intInput
	flts   floatInput
	held   int       // bytes, when they were counted last
	places []uintptr // of the values that are added next

	dict      *vec.Dict
	marks     []vec.Bitmap // per group, nil where no id is marked
	markBytes int
}

type distinctResult uint8

const (
	distinctCount distinctResult = iota
	distinctSum
	distinctAvg
)

func (a *distinct) isText() bool { return a.typ.Kind.Physical() == catalog.PhysString }

// Resize implements function.Accumulator.
func (a *distinct) Resize(n int) {
	if a.isText() {
		a.texts = resize(a.texts, n)
	} else {
		a.nums = resize(a.nums, n)
	}
	a.marks = resize(a.marks, n)
}

// Add implements function.Accumulator.
func (a *distinct) Add(groups []uint32, args []*vec.Vector, n int, sel vec.Bitmap) error {
	a.rows.choose(args, n, sel)
	if a.rows.none {
		return nil
	}
	v := args[0]
	if v.Form == vec.FormDict {
		if a.dict != v.Dict {
			a.resolve()
			a.dict = v.Dict
		}
		if a.markBytes <= maxMarkBytes {
			a.mark(groups, v, n)
			return nil
		}
	}
	switch a.typ.Kind.Physical() {
	case catalog.PhysString:
		a.addTexts(groups, v, n)
	case catalog.PhysFloat32, catalog.PhysFloat64:
		values := a.flts.read(v, n)
		a.rows.each(n, func(i int) { a.nums[target0(groups, i)].add(floatKey(values[i])) })
	case catalog.PhysBits:
		a.rows.each(n, func(i int) {
			key := uint64(0)
			if v.BoolAt(i) {
				key = 1
			}
			a.nums[target0(groups, i)].add(key)
		})
	default:
		a.addInts(groups, a.ints.read(v, n))
	}
	return nil
}

// floatKey has one key for 0 and -0, and one for every NaN.
func floatKey(x float64) uint64 {
	if x != x {
		return math.Float64bits(math.NaN())
	}
	return math.Float64bits(x + 0)
}

// addInts adds integers. The range that it keeps takes in rows that are not chosen too: it only has to be wide enough.
func (a *distinct) addInts(groups []uint32, values []int64) {
	lo, hi := kernel.LongRange(values)
	if a.any {
		lo, hi = min(lo, a.lo), max(hi, a.hi)
	}
	a.lo, a.hi, a.any = lo, hi, true
	switch {
	case !a.rows.all:
		a.rows.each(len(values), func(i int) { a.nums[target0(groups, i)].addWithin(uint64(values[i]), lo, hi) })
	case groups == nil:
		set := &a.nums[0]
		for _, x := range values {
			set.addWithin(uint64(x), lo, hi)
		}
	default:
		for from := 0; from < len(values); from += touchRows {
			to := min(from+touchRows, len(values))
			a.touch(groups[from:to], values[from:to])
			a.addGrouped(groups[from:to], values[from:to])
		}
	}
}

func (a *distinct) addGrouped(groups []uint32, values []int64) {
	groups, nums := groups[:len(values)], a.nums
	for i, x := range values {
		set := &nums[groups[i]]
		if d := set.dense; d != nil {
			off := uint64(x) - d.base
			if w := off >> 6; w < uint64(len(d.bits)) {
				d.bits[w] |= 1 << (off & 63)
				continue
			}
		}
		set.addWithin(uint64(x), a.lo, a.hi)
	}
}

const (
	// touchRows is how many rows' places are asked for at once, before the first of them is needed.
	touchRows = 256
	// touchBytes is what sets have to hold until asking pays: less of them is in the caches anyway.
	touchBytes = 1 << 20
)

// touch begins to read where the values will be looked for: their places are random ones in memory.
func (a *distinct) touch(groups []uint32, values []int64) {
	if a.held < touchBytes || !prefetch.Works {
		return
	}
	places := slices.Grow(a.places[:0], len(values))[:len(values)]
	for i, x := range values {
		places[i] = a.nums[groups[i]].place(uint64(x))
	}
	prefetch.All(places)
	a.places = places
}

// hash is that of a text, or of the number that it writes.
func (a *distinct) hash(s string) xxh3.Uint128 {
	if a.typ.Kind == catalog.KindBigDecimal {
		s = catalog.CanonicalDecimal(s)
	}
	return xxh3.HashString128(s)
}

func (a *distinct) addTexts(groups []uint32, v *vec.Vector, n int) {
	if v.Form == vec.FormConst {
		h := a.hash(v.StrAt(0))
		a.rows.each(n, func(i int) { a.texts[target0(groups, i)].add(h) })
		return
	}
	a.rows.each(n, func(i int) { a.texts[target0(groups, i)].add(a.hash(v.StrAt(i))) })
}

// mark remembers the ids of dictionary rows.
func (a *distinct) mark(groups []uint32, v *vec.Vector, n int) {
	switch {
	case v.U8 != nil:
		markCodes(a, groups, v.U8[:n])
	case v.U16 != nil:
		markCodes(a, groups, v.U16[:n])
	default:
		markCodes(a, groups, v.U32[:n])
	}
}

func markCodes[C code](a *distinct, groups []uint32, codes []C) {
	if groups == nil {
		m := a.marksOf(0)
		if a.rows.all {
			for _, c := range codes {
				m[c>>6] |= 1 << (c & 63)
			}
			return
		}
		a.rows.each(len(codes), func(i int) { m.Set(int(codes[i])) })
		return
	}
	if a.rows.all {
		for i, c := range codes {
			m := a.marks[groups[i]]
			if m == nil {
				m = a.marksOf(int(groups[i]))
			}
			m[c>>6] |= 1 << (c & 63)
		}
		return
	}
	a.rows.each(len(codes), func(i int) { a.marksOf(int(groups[i])).Set(int(codes[i])) })
}

func (a *distinct) marksOf(group int) vec.Bitmap {
	if a.marks[group] == nil {
		a.marks[group] = vec.NewBitmap(a.dict.Len)
		a.markBytes += 8 * len(a.marks[group])
	}
	return a.marks[group]
}

// resolve turns marks into values.
func (a *distinct) resolve() {
	if a.dict == nil {
		return
	}
	var hashes []xxh3.Uint128 // by id, where several groups ask for the same values
	if a.isText() && len(a.marks) > 1 && a.markBytes > 0 {
		hashes = make([]xxh3.Uint128, a.dict.Len)
		for id := range hashes {
			hashes[id] = a.hash(a.dict.Str(uint32(id)))
		}
	}
	for g, m := range a.marks {
		for w, word := range m {
			for ; word != 0; word &= word - 1 {
				a.addID(g, uint32(w<<6+bits.TrailingZeros64(word)), hashes)
			}
		}
		a.marks[g] = nil
	}
	a.dict, a.markBytes = nil, 0
}

func (a *distinct) addID(group int, id uint32, hashes []xxh3.Uint128) {
	switch a.typ.Kind.Physical() {
	case catalog.PhysString:
		if hashes != nil {
			a.texts[group].add(hashes[id])
		} else {
			a.texts[group].add(a.hash(a.dict.Str(id)))
		}
	case catalog.PhysFloat32, catalog.PhysFloat64:
		a.nums[group].add(floatKey(a.dict.F64[id]))
	default:
		a.nums[group].add(uint64(a.dict.I64[id]))
	}
}

// Merge implements function.Accumulator.
func (a *distinct) Merge(other function.Accumulator, groups []uint32) error {
	o, ok := other.(*distinct)
	if !ok {
		return mergeError(a, other)
	}
	a.resolve()
	o.resolve()
	for i := range o.nums {
		a.nums[target(groups, i)].merge(&o.nums[i])
	}
	if o.any {
		if a.any {
			o.lo, o.hi = min(o.lo, a.lo), max(o.hi, a.hi)
		}
		a.lo, a.hi, a.any = o.lo, o.hi, true
	}
	for i := range o.texts {
		to, from := &a.texts[target(groups, i)], &o.texts[i]
		if to.len() == 0 {
			*to, *from = *from, set128{}
			continue
		}
		to.hasZero = to.hasZero || from.hasZero
		for _, k := range from.slots {
			if k != (xxh3.Uint128{}) {
				to.add(k)
			}
		}
	}
	return nil
}

// Result implements function.Accumulator.
func (a *distinct) Result(n int, out *vec.Vector) error {
	a.resolve()
	if a.result != distinctCount {
		return a.totals(n, out)
	}
	out.Reset(catalog.Long, n)
	for i := range n {
		if a.isText() {
			out.I64[i] = int64(a.texts[i].len())
		} else {
			out.I64[i] = int64(a.nums[i].len())
		}
	}
	return nil
}

// totals gives the sum or average of the distinct numbers.
func (a *distinct) totals(n int, out *vec.Vector) error {
	isFloat := a.typ.Kind.Physical() == catalog.PhysFloat32 || a.typ.Kind.Physical() == catalog.PhysFloat64
	if isFloat {
		sums := floatSum{avg: a.result == distinctAvg}
		sums.Resize(n)
		state := sums.exact()
		for i := range n {
			a.nums[i].each(func(k uint64) { state[i].add(math.Float64frombits(k)) })
		}
		return sums.Result(n, out)
	}
	sums := intSum{avg: a.result == distinctAvg}
	sums.Resize(n)
	for i := range n {
		a.nums[i].each(func(k uint64) { sums.state[i].add(int64(k)) })
	}
	return sums.Result(n, out)
}

// Bytes implements function.Accumulator. It looks at every group, so that callers ask between batches, not rows.
func (a *distinct) Bytes() int {
	total := a.markBytes + 24*cap(a.marks) + 48*cap(a.nums) + 40*cap(a.texts) + 8*(cap(a.ints.buf)+cap(a.flts.buf))
	for i := range a.nums {
		total += a.nums[i].bytes()
	}
	for i := range a.texts {
		total += 16 * len(a.texts[i].slots)
	}
	a.held = total
	return total
}
