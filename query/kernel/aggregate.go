package kernel

// Lookup writes table[codes[i]] to out[i] and reports whether any of them is Missing.
func Lookup[C Code](table []uint32, codes []C, out []uint32) bool {
	out = out[:len(codes)]
	var done int
	var high uint32
	switch codes := any(codes).(type) {
	case []uint8:
		done, high = wideLookupBytes(table, codes, out)
	case []uint16:
		done, high = wideLookupShorts(table, codes, out)
	case []uint32:
		done, high = wideLookupWords(table, codes, out)
	}
	for i := done; i < len(codes); i++ {
		g := table[codes[i]]
		out[i] = g
		high |= g
	}
	return high&missingBit != 0
}

// Missing marks a code without a group yet. Groups are below 1<<31.
const (
	Missing    = ^uint32(0)
	missingBit = 1 << 31
)

// NextMissing gives the place of the first group that is Missing, or len(groups).
func NextMissing(groups []uint32) int {
	for i := wideNextMissing(groups); i < len(groups); i++ {
		if groups[i] == Missing {
			return i
		}
	}
	return len(groups)
}

// WidenAdd adds codes[i]*stride to out[i].
func WidenAdd[C Code](codes []C, stride uint32, out []uint32) {
	out = out[:len(codes)]
	done := 0
	switch codes := any(codes).(type) {
	case []uint8:
		done = wideWidenBytes(codes, stride, out)
	case []uint16:
		done = wideWidenShorts(codes, stride, out)
	}
	for i := done; i < len(codes); i++ {
		out[i] += uint32(codes[i]) * stride
	}
}

// AndBits keeps in out the rows whose bit in b is want.
func AndBits(b []uint64, want bool, out []uint64) {
	flip := -bit(!want)
	for w := range out {
		out[w] &= b[w] ^ flip
	}
}

// MapAdd adds table[codes[i]] to out[i].
func MapAdd[C Code](codes []C, table, out []uint32) {
	out = out[:len(codes)]
	for i, c := range codes {
		out[i] += table[c]
	}
}

// AddOffsets adds (values[i]-base)*stride to out[i], modulo 2^32.
func AddOffsets[T Int](values []T, base int64, stride uint32, out []uint32) {
	values = values[:len(out)]
	for i, x := range values {
		out[i] += uint32(int64(x)-base) * stride
	}
}

// Same reports whether all groups are the same.
func Same(groups []uint32) bool {
	if len(groups) == 0 {
		return false
	}
	first := groups[0]
	for len(groups) >= 64 {
		var differ uint32
		for _, g := range groups[:64] {
			differ |= g ^ first
		}
		if differ != 0 {
			return false
		}
		groups = groups[64:]
	}
	for _, g := range groups {
		if g != first {
			return false
		}
	}
	return true
}

// CountCopies is how many counts a group has: rows in turn go to them, so that rows of one group do not wait for each other.
const CountCopies = 4

// CountGroups adds 1 to the count of every row's group, row i's in copies[i%CountCopies]. Copies may be the same slice, and all
// are longer than the greatest group.
func CountGroups(copies *[CountCopies][]uint32, groups []uint32) {
	groups = groups[wideCountGroups(copies, groups):]
	s, t, u, v := copies[0], copies[1], copies[2], copies[3]
	for ; len(groups) >= CountCopies; groups = groups[CountCopies:] {
		g := (*[CountCopies]uint32)(groups)
		s[g[0]]++
		t[g[1]]++
		u[g[2]]++
		v[g[3]]++
	}
	for _, g := range groups {
		s[g]++
	}
}

// FewGroups is how many groups, one after the other, CountFew counts.
const FewGroups = 16

// CountFew counts the rows of groups that lie less than FewGroups apart: counts[k] is how many are of group least+k. ok is false,
// and nothing was counted, where they are farther apart, or none, or the processor has no wide registers: for each group it
// compares all rows, 64 at a time.
func CountFew(groups []uint32, counts *[FewGroups]uint32) (least uint32, ok bool) {
	if len(groups) == 0 {
		return 0, false
	}
	return wideCountFew(groups, counts)
}

// Slots is a table from codes to slots, below Count. SlotsOf makes it.
type Slots struct {
	Of    []uint16
	Count int
}

// SlotsOf makes a table of the slots of the codes 0, 1, ...; it is theirs from then on.
func SlotsOf(of []uint16) Slots {
	_, greatest := CodeExtremes(of)
	return Slots{Of: of, Count: int(greatest) + 1}
}

// CountSlots adds 1, for every row, to the count of its code's slot in its group: counts holds slots.Count of each group, and all
// rows are of group 0 where groups is nil.
func CountSlots[C uint8 | uint16](counts, groups []uint32, codes []C, slots Slots) {
	for i := wideCountSlots(counts, groups, codes, slots); i < len(codes); i++ {
		at := 0
		if groups != nil {
			at = int(groups[i]) * slots.Count
		}
		counts[at+int(slots.Of[codes[i]])]++
	}
}
