package exec

import (
	"encoding/binary"
	"math"
	"math/bits"
	"unsafe"

	"github.com/zeebo/xxh3"

	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/internal/vec"
	"github.com/freshetdb/freshet/query/kernel"
)

// groupTable numbers distinct key tuples in order of first appearance. Keys are kept by value, so that tables of
// different segments and workers merge. A table of one fixed-width key holds 64-bit words in its slots; any other
// serialises the tuple. Keys own their memory; decimals become the canonical text of their number. Not safe for concurrent
// use.
//
// With a limit, tuples beyond it share group number limit, which results leave out.
type groupTable struct {
	types []catalog.Type
	fixed bool // one key that fits a word
	text  bool // one string-like key: the tuple is its bytes
	limit int  // 0: none
	over  bool // the limit was met

	n     int
	null  uint32 // group of the NULL key of a fixed or text table, kernel.Missing if none yet
	mask  uint64
	words []uint32 // fixed: group+1 by hash of its key, 0 is free
	// direct, where keys of a narrow range are expected, has the group by distance from base instead, or kernel.Missing; other keys
	// are in words.
	direct []uint32
	base   int64
	slots  []byteSlot // others
	keys   []int64    // fixed: key of every group
	arena  []byte     // others: tuple of group g is arena[ends[g-1]:ends[g]]
	ends   []uint64

	conv   []int64 // scratch
	far    []uint32
	tuples []byte
	one    []byte
}

type byteSlot struct {
	hash  uint32
	group uint32 // +1; 0 is free
}

// keyValue is one key of a tuple outside of vectors.
type keyValue struct {
	null bool
	word int64  // fixed-width kinds, see keyWord
	str  string // string-like kinds
}

func newGroupTable(types []catalog.Type, limit int) *groupTable {
	t := &groupTable{types: types, limit: limit, null: kernel.Missing}
	t.fixed = len(types) == 1 && fixedWidth(types[0])
	t.text = len(types) == 1 && !t.fixed
	t.resize(1 << 10)
	return t
}

func fixedWidth(t catalog.Type) bool { return t.Kind.Physical() != catalog.PhysString }

// floatWord is the word of a floating key: -0 is 0 and all NaN are one.
func floatWord(x float64) int64 {
	switch {
	case x == 0:
		return 0
	case x != x:
		return int64(math.Float64bits(math.NaN()))
	}
	return int64(math.Float64bits(x))
}

// bytes estimates the memory held.
func (t *groupTable) bytes() int64 {
	return int64((cap(t.words)+cap(t.direct)+cap(t.far))*4 + cap(t.slots)*8 + cap(t.keys)*8 + cap(t.arena) + cap(t.ends)*8 + cap(t.tuples))
}

// groups is the number of groups that results have; accumulators need room for size.
func (t *groupTable) groups() int { return t.n }

func (t *groupTable) size() int {
	if t.over {
		return t.limit + 1
	}
	return t.n
}

// resize makes room for slots slots, a power of two, and re-enters every group.
func (t *groupTable) resize(slots int) {
	t.mask = uint64(slots - 1)
	if t.fixed {
		t.words = make([]uint32, slots)
		for g, k := range t.keys {
			if uint32(g) == t.null || uint64(k-t.base) < uint64(len(t.direct)) {
				continue
			}
			at := wordHash(k) & t.mask
			for t.words[at] != 0 {
				at = (at + 1) & t.mask
			}
			t.words[at] = uint32(g) + 1
		}
		return
	}
	before := t.slots
	t.slots = make([]byteSlot, slots)
	for _, s := range before {
		if s.group == 0 {
			continue
		}
		at := uint64(s.hash) & t.mask
		for t.slots[at].group != 0 {
			at = (at + 1) & t.mask
		}
		t.slots[at] = s
	}
}

// tupleHash is the hash of a serialised tuple, where its search begins.
func tupleHash(key []byte) uint32 { return uint32(xxh3.Hash(key) >> 32) }

func wordHash(k int64) uint64 {
	hi, lo := bits.Mul64(uint64(k)^0x9e3779b97f4a7c15, 0xd6e8feb86659fd93)
	return hi ^ lo
}

func (t *groupTable) tuple(g uint32) []byte {
	from := uint64(0)
	if g > 0 {
		from = t.ends[g-1]
	}
	return t.arena[from:t.ends[g]]
}

// grow doubles the slots before they are half full.
func (t *groupTable) grow() {
	if uint64(t.n)*2 >= t.mask {
		t.resize(int(t.mask+1) * 2)
	}
}

// full reports whether no further group may be made; the caller then uses overflow.
func (t *groupTable) full() bool { return t.limit > 0 && t.n >= t.limit }

func (t *groupTable) overflow() uint32 {
	t.over = true
	return uint32(t.limit)
}

// expect makes a table of one fixed key, without groups, ready for keys from base on.
func (t *groupTable) expect(base int64, span int) {
	t.base, t.direct, t.keys = base, make([]uint32, span), make([]int64, 0, span)
	for i := range t.direct {
		t.direct[i] = kernel.Missing
	}
}

// directWord gives the group of an expected key.
func (t *groupTable) directWord(off uint64) uint32 {
	if g := t.direct[off]; g != kernel.Missing {
		return g
	}
	if t.full() {
		return t.overflow()
	}
	g := uint32(t.n)
	t.direct[off] = g
	t.keys = append(doubled(t.keys, 1), t.base+int64(off))
	t.n++
	return g
}

// word gives the group of a fixed key.
func (t *groupTable) word(k int64) uint32 {
	if off := uint64(k - t.base); off < uint64(len(t.direct)) {
		return t.directWord(off)
	}
	at := wordHash(k) & t.mask
	for {
		g := t.words[at]
		if g == 0 {
			break
		}
		if t.keys[g-1] == k {
			return g - 1
		}
		at = (at + 1) & t.mask
	}
	if t.full() {
		return t.overflow()
	}
	g := uint32(t.n)
	t.words[at] = g + 1
	t.keys = append(doubled(t.keys, 1), k)
	t.n++
	t.grow()
	return g
}

// bytesKey gives the group of a serialised tuple.
func (t *groupTable) bytesKey(key []byte) uint32 {
	h := tupleHash(key)
	at := uint64(h) & t.mask
	for {
		s := t.slots[at]
		if s.group == 0 {
			break
		}
		if s.hash == h && string(t.tuple(s.group-1)) == string(key) {
			return s.group - 1
		}
		at = (at + 1) & t.mask
	}
	if t.full() {
		return t.overflow()
	}
	g := uint32(t.n)
	t.slots[at] = byteSlot{h, g + 1}
	t.arena = append(doubled(t.arena, len(key)), key...)
	t.ends = append(doubled(t.ends, 1), uint64(len(t.arena)))
	t.n++
	t.grow()
	return g
}

// nullKey gives the group of the NULL key of a table with one key.
func (t *groupTable) nullKey() uint32 {
	if t.null != kernel.Missing {
		return t.null
	}
	if t.full() {
		return t.overflow()
	}
	t.null = uint32(t.n)
	if t.fixed {
		t.keys = append(t.keys, 0)
	} else {
		t.ends = append(t.ends, uint64(len(t.arena)))
	}
	t.n++
	return t.null
}

// find gives the group of one tuple. Slow path: once per distinct combination and segment.
func (t *groupTable) find(vals []keyValue) uint32 {
	switch {
	case len(vals) == 1 && vals[0].null:
		return t.nullKey()
	case t.fixed:
		return t.word(vals[0].word)
	case t.text:
		t.one = append(t.one[:0], canonicalKey(t.types[0], vals[0]).str...)
		return t.bytesKey(t.one)
	}
	t.one = t.one[:0]
	for i, v := range vals {
		t.one = appendKey(t.one, canonicalKey(t.types[i], v), fixedWidth(t.types[i]))
	}
	return t.bytesKey(t.one)
}

// canonicalKey makes equal decimals equal texts.
func canonicalKey(t catalog.Type, v keyValue) keyValue {
	if isDecimal(t) && !v.null {
		v.str = catalog.CanonicalDecimal(v.str)
	}
	return v
}

// appendKey serialises one key of a tuple: 0 for NULL, else 1 and eight bytes, or 1, length and bytes.
func appendKey(dst []byte, v keyValue, fixed bool) []byte {
	if v.null {
		return append(dst, 0)
	}
	dst = append(dst, 1)
	if fixed {
		return binary.LittleEndian.AppendUint64(dst, uint64(v.word))
	}
	dst = binary.LittleEndian.AppendUint32(dst, uint32(len(v.str)))
	return append(dst, v.str...)
}

// assign numbers n tuples given as flat or constant vectors.
func (t *groupTable) assign(keys []*vec.Vector, n int, out []uint32) {
	out = out[:n]
	if allConst(keys) {
		vals := make([]keyValue, len(keys))
		for i, k := range keys {
			vals[i] = keyAt(k, 0)
		}
		g := t.find(vals)
		for i := range out {
			out[i] = g
		}
		return
	}
	switch {
	case t.fixed:
		t.assignWords(keys[0], n, out)
	case t.text:
		t.assignText(keys[0], n, out)
	default:
		t.assignTuples(keys, n, out)
	}
}

func allConst(keys []*vec.Vector) bool {
	for _, k := range keys {
		if k.Form != vec.FormConst {
			return false
		}
	}
	return true
}

func keyAt(v *vec.Vector, i int) keyValue {
	if v.IsNull(i) {
		return keyValue{null: true}
	}
	switch v.Type.Kind.Physical() {
	case catalog.PhysFloat32, catalog.PhysFloat64:
		return keyValue{word: floatWord(v.Float64At(i))}
	case catalog.PhysBits:
		return keyValue{word: boolInt(v.BoolAt(i))}
	case catalog.PhysString:
		return keyValue{str: v.StrAt(i)}
	default:
		return keyValue{word: v.Int64At(i)}
	}
}

// asWords gives the key words of a flat fixed-width vector, in its own memory or in scratch.
func (t *groupTable) asWords(v *vec.Vector, n int) []int64 {
	if v.I64 != nil {
		return v.I64[:n]
	}
	if cap(t.conv) < n {
		t.conv = make([]int64, n)
	}
	out := t.conv[:n]
	switch {
	case v.I32 != nil:
		for i, x := range v.I32[:n] {
			out[i] = int64(x)
		}
	case v.F64 != nil:
		for i, x := range v.F64[:n] {
			out[i] = floatWord(x)
		}
	case v.F32 != nil:
		for i, x := range v.F32[:n] {
			out[i] = floatWord(float64(x))
		}
	default:
		for i := range out {
			out[i] = boolInt(v.Bits.Get(i))
		}
	}
	return out
}

func (t *groupTable) assignWords(v *vec.Vector, n int, out []uint32) {
	var nulls vec.Bitmap
	if v.HasNulls() {
		nulls = v.Nulls
	}
	t.assignKeys(t.asWords(v, n), nulls, out)
}

// assignKeys numbers key words; nulls is nil where none is NULL.
func (t *groupTable) assignKeys(words []int64, nulls vec.Bitmap, out []uint32) {
	if nulls != nil {
		for i, k := range words {
			if nulls.Get(i) {
				out[i] = t.nullKey()
			} else {
				out[i] = t.word(k)
			}
		}
		return
	}
	if t.direct != nil {
		t.assignDirect(words, out[:len(words)])
		return
	}
	// Runs of one key, as time buckets have, cost one lookup; the first probe is inlined, so that the misses of
	// successive rows overlap.
	last, group := words[0], t.word(words[0])
	for i, k := range words {
		if k != last {
			last, group = k, t.words[wordHash(k)&t.mask]-1
			if group >= uint32(len(t.keys)) || t.keys[group] != k {
				group = t.word(k)
			}
		}
		out[i] = group
	}
}

// assignDirect is assignKeys by distances from base.
func (t *groupTable) assignDirect(words []int64, out []uint32) {
	if cap(t.far) < len(words) {
		t.far = make([]uint32, max(len(words), vec.BlockRows))
	}
	far := t.far[:len(words)]
	kernel.Distances(words, t.base, far)
	if _, farthest := kernel.CodeExtremes(far); uint64(farthest) >= uint64(len(t.direct)) {
		for i, k := range words {
			out[i] = t.word(k)
		}
		return
	}
	if !kernel.Lookup(t.direct, far, out) {
		return
	}
	for i, g := range out {
		if g == kernel.Missing {
			out[i] = t.directWord(uint64(far[i]))
		}
	}
}

func (t *groupTable) assignText(v *vec.Vector, n int, out []uint32) {
	last, group, some, decimal := "", uint32(0), false, isDecimal(t.types[0])
	for i, s := range v.Str[:n] {
		if v.Nulls != nil && v.Nulls.Get(i) {
			out[i] = t.nullKey()
			continue
		}
		if !some || s != last {
			if decimal {
				s = catalog.CanonicalDecimal(s)
			}
			t.one = append(t.one[:0], s...)
			last, group, some = s, t.bytesKey(t.one), true
		}
		out[i] = group
	}
}

// assignTuples serialises row by row; a row equal to the one before needs no lookup.
func (t *groupTable) assignTuples(keys []*vec.Vector, n int, out []uint32) {
	var last []byte
	for i := range n {
		from := len(t.tuples)
		for j, k := range keys {
			t.tuples = appendKey(t.tuples, canonicalKey(t.types[j], keyAt(k, i)), fixedWidth(t.types[j]))
		}
		key := t.tuples[from:]
		if i > 0 && string(key) == string(last) {
			out[i] = out[i-1]
			t.tuples = t.tuples[:from]
			continue
		}
		out[i] = t.bytesKey(key)
		last = key
	}
	t.tuples = t.tuples[:0]
}

// merge enters every group of o, and gives for each its group here (one more for o's overflow).
func (t *groupTable) merge(o *groupTable) []uint32 {
	out := make([]uint32, o.size())
	for g := range o.n {
		switch {
		case uint32(g) == o.null:
			out[g] = t.nullKey()
		case t.fixed:
			out[g] = t.word(o.keys[g])
		default:
			out[g] = t.bytesKey(o.tuple(uint32(g)))
		}
	}
	if o.over {
		out[o.limit] = t.overflow()
	}
	return out
}

// columns writes the keys of groups from..to-1 to out, one vector per key. Strings alias the table.
func (t *groupTable) columns(from, to int, out []*vec.Vector) {
	for i, v := range out {
		v.Reset(t.types[i], to-from)
		clear(v.Str)
	}
	for g := from; g < to; g++ {
		row := g - from
		switch {
		case uint32(g) == t.null:
			out[0].SetNull(row)
		case t.fixed:
			setWord(out[0], row, t.keys[g])
		case t.text:
			out[0].Str[row] = aliasText(t.tuple(uint32(g)))
		default:
			t.decode(t.tuple(uint32(g)), row, out)
		}
	}
}

// aliasText is a part of a table's arena as a text. What an arena holds stays as it is: new keys go behind it, or into a copy.
func aliasText(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }

func (t *groupTable) decode(b []byte, row int, out []*vec.Vector) {
	for _, v := range out {
		tag := b[0]
		b = b[1:]
		switch {
		case tag == 0:
			v.SetNull(row)
		case fixedWidth(v.Type):
			setWord(v, row, int64(binary.LittleEndian.Uint64(b)))
			b = b[8:]
		default:
			n := binary.LittleEndian.Uint32(b)
			v.Str[row] = aliasText(b[4 : 4+n])
			b = b[4+n:]
		}
	}
}

func setWord(v *vec.Vector, row int, k int64) {
	switch v.Type.Kind.Physical() {
	case catalog.PhysInt32:
		v.I32[row] = int32(k)
	case catalog.PhysInt64:
		v.I64[row] = k
	case catalog.PhysFloat32:
		v.F32[row] = float32(math.Float64frombits(uint64(k)))
	case catalog.PhysFloat64:
		v.F64[row] = math.Float64frombits(uint64(k))
	case catalog.PhysBits:
		if k != 0 {
			v.Bits.Set(row)
		}
	}
}
