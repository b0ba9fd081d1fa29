//go:build goexperiment.simd && amd64

package kernel

import "simd/archsimd"

// maxByteGroup is the greatest group that a table of bytes holds; the byte after it stands for Missing.
const maxByteGroup = 254

// wideLookupBytes does a multiple of 64 codes with a table of 256 bytes in four registers, where all groups fit; high is the
// union of the groups' bits.
func wideLookupBytes(table []uint32, codes []uint8, out []uint32) (done int, high uint32) {
	done = len(codes) &^ 63
	if !wide || done == 0 {
		return 0, 0
	}
	if _, greatest := CodeExtremes(codes[:done]); uint64(greatest) >= uint64(len(table)) {
		return 0, 0 // the plain loop fails at the right place
	}
	var small [256]uint8
	for i, g := range table[:min(len(table), 256)] {
		switch {
		case g <= maxByteGroup:
			small[i] = uint8(g)
		case g == Missing:
			small[i] = maxByteGroup + 1
		default:
			return 0, 0
		}
	}
	a, b := archsimd.LoadUint8x64((*[64]uint8)(small[0:])), archsimd.LoadUint8x64((*[64]uint8)(small[64:]))
	c, d := archsimd.LoadUint8x64((*[64]uint8)(small[128:])), archsimd.LoadUint8x64((*[64]uint8)(small[192:]))
	half, missing := archsimd.BroadcastUint8x64(128), archsimd.BroadcastUint8x64(maxByteGroup+1)
	from, to := &codes[0], &out[0]
	var lacks uint64
	for i := 0; i < done; i += 64 {
		if i&1023 == 0 {
			ahead(from, len(codes), i)
		}
		v := archsimd.LoadUint8x64((*[64]uint8)(at(from, i)))
		g := a.ConcatPermute(b, v).Merge(c.ConcatPermute(d, v), v.Less(half))
		lacks |= g.Equal(missing).ToBits()
		low, up := g.GetLo(), g.GetHi()
		low.GetLo().ExtendToUint32().Store((*[16]uint32)(at(to, i)))
		low.GetHi().ExtendToUint32().Store((*[16]uint32)(at(to, i+16)))
		up.GetLo().ExtendToUint32().Store((*[16]uint32)(at(to, i+32)))
		up.GetHi().ExtendToUint32().Store((*[16]uint32)(at(to, i+48)))
	}
	archsimd.ClearAVXUpperBits()
	if lacks == 0 {
		return done, 0
	}
	for i, g := range out[:done] {
		if g == maxByteGroup+1 {
			out[i] = Missing
		}
	}
	return done, Missing
}

// nearCodes is how many codes, one after the other, have their groups in one register.
const nearCodes = 16

// near gives the groups of the codes from least on.
func near(table []uint32, least uint32) archsimd.Uint32x16 {
	var groups [nearCodes]uint32
	copy(groups[:], table[least:])
	return archsimd.LoadUint32x16(&groups)
}

// wideLookupShorts does a multiple of 8 codes, with two loads of codes and four stores for them.
func wideLookupShorts(table []uint32, codes []uint16, out []uint32) (done int, high uint32) {
	done = len(codes) &^ 7
	if !wide || done == 0 {
		return 0, 0
	}
	least, greatest := CodeExtremes(codes[:done])
	switch {
	case uint64(greatest) >= uint64(len(table)):
		return 0, 0 // the plain loop fails at the right place
	case greatest-least < nearCodes:
		return nearShorts(near(table, least), codes, least, out)
	}
	groups, from, to := &table[0], &codes[0], &out[0]
	for i := 0; i < done; i += 8 {
		if i&511 == 0 {
			ahead(from, len(codes), i)
		}
		v, w := *(*uint64)(at(from, i)), *(*uint64)(at(from, i+4))
		a, b := *(*uint32)(at(groups, int(v&0xffff))), *(*uint32)(at(groups, int(v>>16&0xffff)))
		c, d := *(*uint32)(at(groups, int(v>>32&0xffff))), *(*uint32)(at(groups, int(v>>48)))
		high |= a | b | c | d
		*(*uint64)(at(to, i)), *(*uint64)(at(to, i+2)) = uint64(a)|uint64(b)<<32, uint64(c)|uint64(d)<<32
		a, b = *(*uint32)(at(groups, int(w&0xffff))), *(*uint32)(at(groups, int(w>>16&0xffff)))
		c, d = *(*uint32)(at(groups, int(w>>32&0xffff))), *(*uint32)(at(groups, int(w>>48)))
		high |= a | b | c | d
		*(*uint64)(at(to, i+4)), *(*uint64)(at(to, i+6)) = uint64(a)|uint64(b)<<32, uint64(c)|uint64(d)<<32
	}
	return done, high
}

// wideLookupWords is wideLookupShorts for four bytes.
func wideLookupWords(table []uint32, codes []uint32, out []uint32) (done int, high uint32) {
	done = len(codes) &^ 7
	if !wide || done == 0 {
		return 0, 0
	}
	least, greatest := CodeExtremes(codes[:done])
	switch {
	case uint64(greatest) >= uint64(len(table)):
		return 0, 0 // the plain loop fails at the right place
	case greatest-least < nearCodes:
		return nearWords(near(table, least), codes, least, out)
	}
	groups, from, to := &table[0], &codes[0], &out[0]
	for i := 0; i < done; i += 8 {
		if i&255 == 0 {
			ahead(from, len(codes), i)
		}
		v, w := (*[4]uint32)(at(from, i)), (*[4]uint32)(at(from, i+4))
		a, b := *(*uint32)(at(groups, int(v[0]))), *(*uint32)(at(groups, int(v[1])))
		c, d := *(*uint32)(at(groups, int(v[2]))), *(*uint32)(at(groups, int(v[3])))
		high |= a | b | c | d
		*(*uint64)(at(to, i)), *(*uint64)(at(to, i+2)) = uint64(a)|uint64(b)<<32, uint64(c)|uint64(d)<<32
		a, b = *(*uint32)(at(groups, int(w[0]))), *(*uint32)(at(groups, int(w[1])))
		c, d = *(*uint32)(at(groups, int(w[2]))), *(*uint32)(at(groups, int(w[3])))
		high |= a | b | c | d
		*(*uint64)(at(to, i+4)), *(*uint64)(at(to, i+6)) = uint64(a)|uint64(b)<<32, uint64(c)|uint64(d)<<32
	}
	return done, high
}

// nearShorts does a multiple of 16 codes from least on, as they come where rows lie in the order of a column. high is Missing or 0.
func nearShorts(groups archsimd.Uint32x16, codes []uint16, least uint32, out []uint32) (done int, high uint32) {
	done = len(codes) &^ 15
	if done == 0 {
		return 0, 0
	}
	first, from, to := archsimd.BroadcastUint32x16(least), &codes[0], &out[0]
	var all archsimd.Uint32x16
	for i := 0; i < done; i += 16 {
		if i&511 == 0 {
			ahead(from, len(codes), i)
		}
		g := groups.Permute(archsimd.LoadUint16x16((*[16]uint16)(at(from, i))).ExtendToUint32().Sub(first))
		g.Store((*[16]uint32)(at(to, i)))
		all = all.Or(g)
	}
	high = missingOf(all)
	archsimd.ClearAVXUpperBits()
	return done, high
}

// nearWords is nearShorts for four bytes.
func nearWords(groups archsimd.Uint32x16, codes []uint32, least uint32, out []uint32) (done int, high uint32) {
	done = len(codes) &^ 15
	if done == 0 {
		return 0, 0
	}
	first, from, to := archsimd.BroadcastUint32x16(least), &codes[0], &out[0]
	var all archsimd.Uint32x16
	for i := 0; i < done; i += 16 {
		g := groups.Permute(archsimd.LoadUint32x16((*[16]uint32)(at(from, i))).Sub(first))
		g.Store((*[16]uint32)(at(to, i)))
		all = all.Or(g)
	}
	high = missingOf(all)
	archsimd.ClearAVXUpperBits()
	return done, high
}

// missingOf gives Missing where a lane has missingBit, else 0.
func missingOf(groups archsimd.Uint32x16) uint32 {
	if groups.AsInt32x16().Less(archsimd.BroadcastInt32x16(0)).ToBits() != 0 {
		return Missing
	}
	return 0
}

// wideNextMissing looks at a multiple of 16 groups, up to the first that has one that is Missing.
func wideNextMissing(groups []uint32) int {
	end := len(groups) &^ 15
	if !wide || end == 0 {
		return 0
	}
	from, missing, i := &groups[0], archsimd.BroadcastUint32x16(Missing), 0
	for ; i < end; i += 16 {
		if archsimd.LoadUint32x16((*[16]uint32)(at(from, i))).Equal(missing).ToBits() != 0 {
			break
		}
	}
	archsimd.ClearAVXUpperBits()
	return i
}

func wideWidenBytes(codes []uint8, stride uint32, out []uint32) int {
	done := len(codes) &^ 15
	if !wide || done == 0 {
		return 0
	}
	from, to, step := &codes[0], &out[0], archsimd.BroadcastUint32x16(stride)
	for i := 0; i < done; i += 16 {
		v := archsimd.LoadUint8x16((*[16]uint8)(at(from, i))).ExtendToUint32().Mul(step)
		p := (*[16]uint32)(at(to, i))
		archsimd.LoadUint32x16(p).Add(v).Store(p)
	}
	archsimd.ClearAVXUpperBits()
	return done
}

func wideWidenShorts(codes []uint16, stride uint32, out []uint32) int {
	done := len(codes) &^ 15
	if !wide || done == 0 {
		return 0
	}
	from, to, step := &codes[0], &out[0], archsimd.BroadcastUint32x16(stride)
	for i := 0; i < done; i += 16 {
		v := archsimd.LoadUint16x16((*[16]uint16)(at(from, i))).ExtendToUint32().Mul(step)
		p := (*[16]uint32)(at(to, i))
		archsimd.LoadUint32x16(p).Add(v).Store(p)
	}
	archsimd.ClearAVXUpperBits()
	return done
}
