package exec

import (
	"encoding/binary"
	"strings"

	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/internal/vec"
)

// Keys of flat numbers and texts without NULLs are made column by column: appendSortKey asks for the form and the type of every
// value.

// plain tells whether all keys are in columns that addPlain takes.
func (s *sorter) plain(cols []*vec.Vector) bool {
	for _, k := range s.keys {
		v := cols[k.Column]
		if v.Form != vec.FormFlat || v.HasNulls() || v.Type.MultiValue || v.Type.Kind == catalog.KindBigDecimal {
			return false
		}
		if v.I64 == nil && v.I32 == nil && v.F64 == nil && v.F32 == nil && v.Str == nil {
			return false
		}
	}
	return true
}

// addPlain is add of all rows, whose prefixes are known.
func (s *sorter) addPlain(cols []*vec.Vector, n int, ord, ref func(i int) uint64) {
	if cap(s.ends) < n {
		s.ends = make([]int, max(n, vec.BlockRows))
	}
	ends := s.ends[:n]
	clear(ends)
	for _, k := range s.keys {
		addKeySizes(ends, cols[k.Column])
	}
	total := 0
	for i, size := range ends {
		ends[i] = total
		total += size
	}
	arena := make([]byte, total)
	for _, k := range s.keys {
		putKeys(arena, ends, cols[k.Column], k.Descending)
	}
	s.bytes += int64(total)
	s.entries = doubled(s.entries, n)
	from := 0
	for i, p := range s.prefix[:n] {
		s.entries = append(s.entries, entry{prefix: p, key: arena[from:ends[i]:ends[i]], ord: ord(i), ref: ref(i)})
		from = ends[i]
	}
}

// addKeySizes adds how many bytes appendSortKey takes for each row of a plain column.
func addKeySizes(sizes []int, v *vec.Vector) {
	if v.Str == nil {
		for i := range sizes {
			sizes[i] += 9
		}
		return
	}
	for i, text := range v.Str[:len(sizes)] {
		sizes[i] += 3 + len(text)
		if strings.IndexByte(text, 0) >= 0 {
			sizes[i] += strings.Count(text, "\x00")
		}
	}
}

// putKeys puts what appendSortKey appends for each row of a plain column where at says, and moves at behind it.
func putKeys(arena []byte, at []int, v *vec.Vector, descending bool) {
	flip := uint64(0)
	if descending {
		flip = ^uint64(0)
	}
	put := func(i int, word uint64) {
		key := arena[at[i]:][:9]
		key[0] = classValue
		binary.BigEndian.PutUint64(key[1:], word^flip)
		at[i] += 9
	}
	switch {
	case v.I64 != nil:
		for i, x := range v.I64[:len(at)] {
			put(i, uint64(x)^1<<63)
		}
	case v.I32 != nil:
		for i, x := range v.I32[:len(at)] {
			put(i, uint64(int64(x))^1<<63)
		}
	case v.F64 != nil:
		for i, x := range v.F64[:len(at)] {
			put(i, floatOrder(x))
		}
	case v.F32 != nil:
		for i, x := range v.F32[:len(at)] {
			put(i, floatOrder(float64(x)))
		}
	default:
		putTexts(arena, at, v.Str[:len(at)], descending)
	}
}

func putTexts(arena []byte, at []int, texts []string, descending bool) {
	for i, text := range texts {
		key := arena[at[i]:]
		key[0] = classValue
		size := copy(key[1:], text) + 3
		if strings.IndexByte(text, 0) >= 0 {
			size = len(appendText(key[:1:len(key)], text))
		} else {
			key[size-2], key[size-1] = 0, 0
		}
		if descending {
			for j := 1; j < size; j++ {
				key[j] = ^key[j]
			}
		}
		at[i] += size
	}
}
