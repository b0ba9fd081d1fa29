package exec

import (
	"bytes"
	"cmp"
	"slices"

	"github.com/freshetdb/freshet/internal/vec"
	"github.com/freshetdb/freshet/query/kernel"
)

// codeTable is the groups of the codes of a segment's keys, which the next segment takes over: where segments have much the
// same values, comparing their dictionaries costs less than finding the group of each value, or combination of values.
type codeTable struct {
	coders []keyCoder // nil where there was no segment
	table  []uint32
	places [][]uint32 // scratch: of each key
}

// handOn gives the codes of other keys, of the same expressions, the groups that their values have in t. table has Missing for each.
func (t *codeTable) handOn(coders []keyCoder, table []uint32) {
	if t.coders == nil || len(coders) == 1 && !worthHandingOn(&coders[0]) {
		return
	}
	if t.places == nil {
		t.places = make([][]uint32, len(coders))
	}
	for i := range coders {
		kc, old := &coders[i], &t.coders[i]
		t.places[i] = slices.Grow(t.places[i][:0], old.card)[:old.card]
		for code := range t.places[i] {
			t.places[i][code] = kernel.Missing
		}
		if !kc.place(old, t.places[i]) {
			return
		}
	}
	spread(t.table, t.places, table)
}

// worthHandingOn says whether values of a single key are found more easily by comparing dictionaries: integers have a group as fast.
func worthHandingOn(kc *keyCoder) bool { return kc.kind == coderDict && kc.dict.Offsets != nil }

// bytes is the memory held.
func (t *codeTable) bytes() int64 {
	n := cap(t.table)
	for _, p := range t.places {
		n += cap(p)
	}
	return 4 * int64(n)
}

// spread copies old to the sums of places: code c of the keys together is the sum of each key's code times its stride, of which
// the first is 1.
func spread(old []uint32, places [][]uint32, table []uint32) {
	last := len(places) - 1
	if last == 0 {
		for code, place := range places[0] {
			if place != kernel.Missing {
				table[place] = old[code]
			}
		}
		return
	}
	stride := len(old) / len(places[last])
	for code, place := range places[last] {
		if place != kernel.Missing {
			spread(old[code*stride:][:stride], places[:last], table[place:])
		}
	}
}

// place gives for each code of a key in another segment where its value stands here: its code times the stride. out has Missing for
// all, which stays for a value that is not here. False where it is not worth finding out.
func (kc *keyCoder) place(old *keyCoder, out []uint32) bool {
	if kc.kind != old.kind || (kc.remap == nil) != (old.remap == nil) {
		return false
	}
	switch {
	case kc.kind == coderConst:
		if kc.fixed == old.fixed {
			out[0] = 0
		}
	case kc.kind == coderBool:
		out[0], out[1] = 0, kc.stride
	case kc.kind == coderRange:
		kc.placeRange(old, out)
	case kc.remap != nil:
		kc.placeValues(old, out)
	case !placeDict(old.dict, kc.dict, kc.stride, out):
		return false
	}
	if kc.null >= 0 && old.null >= 0 && kc.fixed == old.fixed {
		out[old.null] = uint32(kc.null) * kc.stride
	}
	return true
}

// codes is how many codes a key has, without that of NULL.
func (kc *keyCoder) codes() int {
	if kc.null >= 0 {
		return kc.card - 1
	}
	return kc.card
}

func (kc *keyCoder) placeRange(old *keyCoder, out []uint32) {
	if kc.width != old.width || (old.base-kc.base)%kc.width != 0 {
		return
	}
	shift := (old.base - kc.base) / kc.width // modulo 2^64, if they are that far apart
	for code := range old.codes() {
		if at := uint64(int64(code) + shift); at < uint64(kc.codes()) {
			out[code] = uint32(at) * kc.stride
		}
	}
}

// placeValues is for expressions, whose values are numbered as they come.
func (kc *keyCoder) placeValues(old *keyCoder, out []uint32) {
	for code := range old.codes() {
		if at := kc.values.find([]keyValue{old.values.value(uint32(code))}); int(at) < kc.codes() {
			out[code] = at * kc.stride
		}
	}
}

// placeDict compares two dictionaries; false where they are not sorted.
func placeDict(old, d *vec.Dict, stride uint32, out []uint32) bool {
	switch {
	case !old.Sorted || !d.Sorted:
		return false
	case old.I64 != nil && d.I64 != nil:
		placeSorted(old.Len, d.Len, func(i, j int) int { return cmp.Compare(old.I64[i], d.I64[j]) }, stride, out)
	case old.F64 != nil && d.F64 != nil:
		placeSorted(old.Len, d.Len, func(i, j int) int { return cmp.Compare(old.F64[i], d.F64[j]) }, stride, out)
	case len(old.Offsets) == old.Len+1 && len(d.Offsets) == d.Len+1:
		placeSorted(old.Len, d.Len, func(i, j int) int {
			return bytes.Compare(old.Data[old.Offsets[i]:old.Offsets[i+1]], d.Data[d.Offsets[j]:d.Offsets[j+1]])
		}, stride, out)
	default:
		return false
	}
	return true
}

// placeSorted merges two ascending lists.
func placeSorted(old, n int, compare func(i, j int) int, stride uint32, out []uint32) {
	for i, j := 0, 0; i < old && j < n; {
		switch c := compare(i, j); {
		case c == 0:
			out[i] = uint32(j) * stride
			i, j = i+1, j+1
		case c < 0:
			i++
		default:
			j++
		}
	}
}
