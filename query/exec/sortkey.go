package exec

import (
	"bytes"
	"context"
	"encoding/binary"
	"math"
	"slices"
	"strings"

	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/internal/vec"
	"github.com/freshetdb/freshet/query/logical"
)

// A sort key becomes bytes whose order is the order of the rows: per key a class byte (NULL first, value, NULL last),
// then the value in a form that compares bytewise, inverted for DESC. The first eight bytes of the first key's value
// are also kept as a number, which decides most comparisons.

const (
	classNullFirst = 0
	classValue     = 1
	classNullLast  = 2
)

// entry is one row of a sorter.
type entry struct {
	prefix uint64 // first key: order of classes and values as far as 64 bits tell
	key    []byte // all keys, in sorter.arena
	ord    uint64 // arrival: decides between equal keys
	ref    uint64 // where the caller keeps the row
}

// sorter collects rows by their keys and keeps the first limit of them (all where limit is negative). Rows are known
// by their arrival number only. Not safe for concurrent use.
type sorter struct {
	keys    []logical.SortKey
	limit   int64
	entries []entry
	bytes   int64 // of keys in entries
	worst   entry // where bounded: entries after it cannot be among the first limit
	bounded bool
	prefix  []uint64
	ends    []int
	one     []byte
	arena   []byte
}

func newSorter(keys []logical.SortKey, limit int64) *sorter { return &sorter{keys: keys, limit: limit} }

// memory estimates what the entries hold, and what sorting them takes.
func (s *sorter) memory() int64 { return int64(cap(s.entries))*(56+2*16) + s.bytes }

// add offers n rows: cols are flat or constant vectors of the input's columns (only those of keys are read), ord gives
// the arrival number of a row. ref is asked, in order, for the place of each row that is taken.
func (s *sorter) add(cols []*vec.Vector, n int, ord, ref func(i int) uint64) {
	if s.limit == 0 {
		return
	}
	first := cols[s.keys[0].Column]
	s.prefixes(first, n)
	if !s.bounded && s.plain(cols) {
		s.addPlain(cols, n, ord, ref)
		return
	}
	exact := len(s.keys) == 1 && fixedWidth(first.Type) && !first.Type.MultiValue && !first.HasNulls()
	for i, p := range s.prefix[:n] {
		if s.bounded && p > s.worst.prefix {
			continue
		}
		if s.bounded && exact && p == s.worst.prefix && s.worst.key[0] == classValue && ord(i) > s.worst.ord {
			continue // as good as the last of the best, and later
		}
		s.one = s.one[:0]
		for _, k := range s.keys {
			s.one = appendSortKey(s.one, cols[k.Column], i, k)
		}
		e := entry{prefix: p, key: s.one, ord: ord(i)}
		if s.bounded && !e.before(&s.worst) {
			continue
		}
		e.key, e.ref = s.save(s.one), ref(i)
		s.entries = append(doubled(s.entries, 1), e)
	}
}

// doubled gives a slice room for n more: long slices double, where append lengthens them by a quarter and copies twice as much
// on the way.
func doubled[T any](s []T, n int) []T {
	if cap(s)-len(s) >= n {
		return s
	}
	return slices.Grow(s, max(n, len(s)))
}

// save copies a key into the arena. Arenas are replaced, never moved, so that earlier keys stay.
func (s *sorter) save(key []byte) []byte {
	if cap(s.arena)-len(s.arena) < len(key) {
		s.arena = make([]byte, 0, max(64<<10, len(key)))
	}
	from := len(s.arena)
	s.arena = append(s.arena, key...)
	s.bytes += int64(len(key))
	return s.arena[from:len(s.arena):len(s.arena)]
}

func (e *entry) before(o *entry) bool {
	if e.prefix != o.prefix {
		return e.prefix < o.prefix
	}
	if c := bytes.Compare(e.key, o.key); c != 0 {
		return c < 0
	}
	return e.ord < o.ord
}

// full reports whether the sorter holds enough rows more than it needs that compact pays.
func (s *sorter) full() bool {
	return s.limit >= 0 && int64(len(s.entries)) >= 2*s.limit+1024
}

// compact sorts the entries and drops those that cannot be among the first limit. It is alive meanwhile; at its error the
// entries are in any order.
func (s *sorter) compact(ctx context.Context) error {
	ended := sortEntries(s.entries, func() error { return alive(ctx) })
	if ended != nil || s.limit < 0 || int64(len(s.entries)) < s.limit {
		return ended
	}
	s.entries = s.entries[:s.limit]
	if s.limit > 0 {
		s.worst, s.bounded = s.entries[s.limit-1], true
	}
	s.bytes = 0
	old := s.arena
	s.arena = make([]byte, 0, max(64<<10, cap(old)))
	for i := range s.entries {
		s.entries[i].key = s.save(s.entries[i].key)
	}
	if s.limit > 0 {
		s.worst.key = s.entries[s.limit-1].key
	}
	return nil
}

// prefixes fills s.prefix for n rows of the first key.
func (s *sorter) prefixes(v *vec.Vector, n int) {
	if cap(s.prefix) < n {
		s.prefix = make([]uint64, max(n, vec.BlockRows))
	}
	out := s.prefix[:n]
	k := s.keys[0]
	if v.Form == vec.FormFlat && !v.HasNulls() {
		flip := uint64(0)
		if k.Descending {
			flip = ^uint64(0)
		}
		switch {
		case v.I64 != nil:
			for i, x := range v.I64[:n] {
				out[i] = uint64(x) ^ 1<<63 ^ flip
			}
			return
		case v.I32 != nil:
			for i, x := range v.I32[:n] {
				out[i] = uint64(int64(x)) ^ 1<<63 ^ flip
			}
			return
		case v.F64 != nil:
			for i, x := range v.F64[:n] {
				out[i] = floatOrder(x) ^ flip
			}
			return
		case v.Str != nil && v.Type.Kind != catalog.KindBigDecimal:
			for i, s := range v.Str[:n] {
				out[i] = leadingText(s) ^ flip
			}
			return
		}
	}
	for i := range out {
		out[i] = prefixAt(v, i, k)
	}
}

// prefixAt is the prefix of one row. NULLs share the extreme prefixes with extreme values; the class byte parts them.
func prefixAt(v *vec.Vector, i int, k logical.SortKey) uint64 {
	if v.IsNull(i) {
		if k.NullsFirst {
			return 0
		}
		return math.MaxUint64
	}
	var p uint64
	switch {
	case v.Type.MultiValue:
		return 1 // arrays are told apart by their bytes
	case v.Type.Kind == catalog.KindBigDecimal:
		p = leading(appendDecimal(nil, v.StrAt(i)))
	default:
		switch v.Type.Kind.Physical() {
		case catalog.PhysString:
			p = leadingText(v.StrAt(i))
		case catalog.PhysFloat32, catalog.PhysFloat64:
			p = floatOrder(v.Float64At(i))
		case catalog.PhysBits:
			p = uint64(boolInt(v.BoolAt(i))) << 63
		default:
			p = uint64(v.Int64At(i)) ^ 1<<63
		}
	}
	if k.Descending {
		p = ^p
	}
	return p
}

// leading is the first eight bytes as a number. Bytes that are absent count as zero.
func leading(b []byte) uint64 {
	var buf [8]byte
	copy(buf[:], b)
	return binary.BigEndian.Uint64(buf[:])
}

// leadingText is leading of a text.
func leadingText(s string) uint64 {
	if len(s) >= 8 {
		return uint64(s[7]) | uint64(s[6])<<8 | uint64(s[5])<<16 | uint64(s[4])<<24 |
			uint64(s[3])<<32 | uint64(s[2])<<40 | uint64(s[1])<<48 | uint64(s[0])<<56
	}
	p := uint64(0)
	for i := range len(s) {
		p |= uint64(s[i]) << (56 - 8*i)
	}
	return p
}

// floatOrder maps floats to numbers of the same order: -0 is 0, NaN is above all.
func floatOrder(x float64) uint64 {
	switch {
	case x == 0:
		return 1 << 63
	case x != x:
		return math.MaxUint64
	}
	b := math.Float64bits(x)
	if b>>63 != 0 {
		return ^b
	}
	return b | 1<<63
}

// appendSortKey appends one key of row i.
func appendSortKey(dst []byte, v *vec.Vector, i int, k logical.SortKey) []byte {
	if v.IsNull(i) {
		if k.NullsFirst {
			return append(dst, classNullFirst)
		}
		return append(dst, classNullLast)
	}
	dst = append(dst, classValue)
	from := len(dst)
	if v.Type.MultiValue {
		row := i
		if v.Form == vec.FormConst {
			row = 0
		}
		for e := v.Offsets[row]; e < v.Offsets[row+1]; e++ {
			dst = append(dst, 1)
			dst = appendSortValue(dst, v.Elems, int(e))
		}
		dst = append(dst, 0)
	} else {
		dst = appendSortValue(dst, v, i)
	}
	if k.Descending {
		for j := from; j < len(dst); j++ {
			dst[j] = ^dst[j]
		}
	}
	return dst
}

func appendSortValue(dst []byte, v *vec.Vector, i int) []byte {
	switch v.Type.Kind.Physical() {
	case catalog.PhysString:
		if v.Type.Kind == catalog.KindBigDecimal {
			return appendDecimal(dst, v.StrAt(i))
		}
		return appendText(dst, v.StrAt(i))
	case catalog.PhysFloat32, catalog.PhysFloat64:
		return binary.BigEndian.AppendUint64(dst, floatOrder(v.Float64At(i)))
	case catalog.PhysBits:
		return append(dst, byte(boolInt(v.BoolAt(i))))
	default:
		return binary.BigEndian.AppendUint64(dst, uint64(v.Int64At(i))^1<<63)
	}
}

// appendText appends s so that no text is the beginning of another: 0 becomes 0 255, the end is 0 0.
func appendText(dst []byte, s string) []byte {
	for {
		z := strings.IndexByte(s, 0)
		if z < 0 {
			break
		}
		dst = append(dst, s[:z]...)
		dst = append(dst, 0, 255)
		s = s[z+1:]
	}
	dst = append(dst, s...)
	return append(dst, 0, 0)
}

// appendDecimal appends a decimal in plain text by its number: sign, exponent, digits.
func appendDecimal(dst []byte, s string) []byte {
	negative := strings.HasPrefix(s, "-")
	s = strings.TrimLeft(s, "+-")
	whole, frac, _ := strings.Cut(s, ".")
	whole = strings.TrimLeft(whole, "0")
	exponent := len(whole)
	digits := whole + frac
	if whole == "" {
		trimmed := strings.TrimLeft(frac, "0")
		exponent = len(trimmed) - len(frac)
		digits = trimmed
	}
	digits = strings.TrimRight(digits, "0")
	if digits == "" {
		return append(dst, 1)
	}
	from := len(dst) + 1
	dst = append(dst, 2)
	dst = binary.BigEndian.AppendUint32(dst, uint32(exponent)^1<<31)
	dst = append(dst, digits...)
	dst = append(dst, 0)
	if negative {
		dst[from-1] = 0
		for j := from; j < len(dst); j++ {
			dst[j] = ^dst[j]
		}
	}
	return dst
}

// arrival packs the position of a row: segment, then row.
func arrival(segment, row int) uint64 { return uint64(segment)<<32 | uint64(uint32(row)) }
