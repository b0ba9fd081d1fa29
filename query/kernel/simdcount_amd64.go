//go:build goexperiment.simd && amd64

package kernel

import "simd/archsimd"

// wideCountGroups does a multiple of 8 rows: it is CountGroups without a check of every row.
func wideCountGroups(copies *[CountCopies][]uint32, groups []uint32) (done int) {
	done = len(groups) &^ 7
	if !wide || done == 0 {
		return 0
	}
	if limit := min(len(copies[0]), len(copies[1]), len(copies[2]), len(copies[3])); limit == 0 || !allBelow(groups[:done], limit) {
		return 0 // the plain loop fails at the right place
	}
	s, t, u, v, ids := &copies[0][0], &copies[1][0], &copies[2][0], &copies[3][0], &groups[0]
	for i := 0; i < done; i += 8 {
		g := (*[8]uint32)(at(ids, i))
		*(*uint32)(at(s, int(g[0])))++
		*(*uint32)(at(t, int(g[1])))++
		*(*uint32)(at(u, int(g[2])))++
		*(*uint32)(at(v, int(g[3])))++
		*(*uint32)(at(s, int(g[4])))++
		*(*uint32)(at(t, int(g[5])))++
		*(*uint32)(at(u, int(g[6])))++
		*(*uint32)(at(v, int(g[7])))++
	}
	return done
}

// fewPart is how many rows wideCountFew counts at once: a lane of a byte sees a 64th of them.
const fewPart = 8192

// wideCountFew narrows groups to bytes, and counts four of them in a pass.
func wideCountFew(groups []uint32, counts *[FewGroups]uint32) (least uint32, ok bool) {
	if !wide {
		return 0, false
	}
	least, greatest := CodeExtremes(groups)
	if greatest-least >= FewGroups {
		return 0, false
	}
	clear(counts[:])
	var buf [fewPart]uint8
	to, from := &buf[0], archsimd.BroadcastUint32x16(least)
	for len(groups) >= 64 {
		n := min(len(groups)&^63, fewPart)
		ids := &groups[0]
		for i := 0; i < n; i += 16 {
			archsimd.LoadUint32x16((*[16]uint32)(at(ids, i))).Sub(from).TruncateToUint8().Store((*[16]uint8)(at(to, i)))
		}
		for k := 0; k <= int(greatest-least); k += 4 {
			countFour(buf[:n], uint8(k), (*[4]uint32)(counts[k:]))
		}
		groups = groups[n:]
	}
	archsimd.ClearAVXUpperBits()
	for _, g := range groups {
		counts[g-least]++
	}
	return least, true
}

// countFour counts the bytes of up to fewPart rows, a multiple of 64, that are k to k+3.
func countFour(rows []uint8, k uint8, counts *[4]uint32) {
	v, w, x, y := archsimd.BroadcastUint8x64(k), archsimd.BroadcastUint8x64(k+1), archsimd.BroadcastUint8x64(k+2), archsimd.BroadcastUint8x64(k+3)
	var a, b, c, d archsimd.Int8x64 // minus the counts
	for i := 0; i < len(rows); i += 64 {
		r := archsimd.LoadUint8x64((*[64]uint8)(at(&rows[0], i)))
		a, b = a.Add(r.Equal(v).ToInt8x64()), b.Add(r.Equal(w).ToInt8x64())
		c, d = c.Add(r.Equal(x).ToInt8x64()), d.Add(r.Equal(y).ToInt8x64())
	}
	var zero archsimd.Int8x64
	for i, lanes := range [...]archsimd.Int8x64{a, b, c, d} {
		counts[i] += uint32(sumLanes(zero.Sub(lanes).AsUint8x64().SumAbsDiff(zero.AsUint8x64()).AsUint64x8()))
	}
}

// wideCountSlots is CountSlots without a check of every row.
func wideCountSlots[C uint8 | uint16](counts, groups []uint32, codes []C, slots Slots) (done int) {
	if !wide || len(codes) == 0 {
		return 0
	}
	_, code := CodeExtremes(codes)
	if uint64(code) >= uint64(len(slots.Of)) || len(counts) < slots.Count || groups != nil && !allBelow(groups[:len(codes)], len(counts)/slots.Count) {
		return 0 // the plain loop fails at the right place
	}
	from, of, to := &codes[0], &slots.Of[0], &counts[0]
	if groups == nil {
		for i := range codes {
			*(*uint32)(at(to, int(*(*uint16)(at(of, int(*(*C)(at(from, i))))))))++
		}
		return len(codes)
	}
	ids, stride := &groups[0], slots.Count
	for i := range codes {
		slot := int(*(*uint16)(at(of, int(*(*C)(at(from, i))))))
		*(*uint32)(at(to, int(*(*uint32)(at(ids, i)))*stride+slot))++
	}
	return len(codes)
}
