package kernel

import (
	"math"
	"math/bits"
)

// Offsets writes base + code, modulo 2^64, to out, for all codes.
func Offsets[C Code](codes []C, base int64, out []int64) {
	out = out[:len(codes)]
	done := 0
	switch codes := any(codes).(type) {
	case []uint8:
		done = wideOffsetBytes(codes, base, out)
	case []uint16:
		done = wideOffsetShorts(codes, base, out)
	case []uint32:
		done = wideOffsetWords(codes, base, out)
	}
	for i := done; i < len(codes); i++ {
		out[i] = base + int64(codes[i])
	}
}

// Mix spreads the bits of x: the finaliser of splitmix64 (G. Steele and others, "Fast Splittable Pseudorandom Number
// Generators", 2014).
func Mix(x uint64) uint64 {
	x ^= x >> 30
	x *= mixFirst
	x ^= x >> 27
	x *= mixSecond
	return x ^ x>>31
}

const (
	mixFirst  = 0xbf58476d1ce4e5b9
	mixSecond = 0x94d049bb133111eb
)

// MixAll writes Mix(values[i] + salt) to out[i], for all values.
func MixAll(values []int64, salt uint64, out []uint64) {
	out = out[:len(values)]
	for i := wideMix(values, salt, out); i < len(values); i++ {
		out[i] = Mix(uint64(values[i]) + salt)
	}
}

// Distances writes value - base to out, or the greatest number where it is no less than that.
func Distances(values []int64, base int64, out []uint32) {
	out = out[:len(values)]
	for i := wideDistances(values, base, out); i < len(values); i++ {
		out[i] = uint32(min(uint64(values[i])-uint64(base), math.MaxUint32))
	}
}

// Ranks gives, for every hash, its first p bits, and in the rankBits below them the position of the first 1 among its other
// bits, from 1 to 65-p: the register of HyperLogLog, and what it saw. p is from 4 to 18, rankBits at least 6.
func Ranks(hashes []uint64, p, rankBits uint, out []uint32) {
	out = out[:len(hashes)]
	p, rankBits = p&63, rankBits&31
	for i := wideRanks(hashes, p, rankBits, out); i < len(hashes); i++ {
		h := hashes[i]
		// The guard bit bounds the rank where all other bits are zero.
		out[i] = uint32(h>>(64-p))<<rankBits | uint32(bits.LeadingZeros64(h<<p|1<<(p-1))+1)
	}
}

// BucketAdd adds (codes[i]+shift)/width*stride, modulo 2^32, to out[i]. The sum of code and shift, and width, are below 2^50, so
// that a multiplication of doubles gives the whole part: what half a unit more adds keeps it from an integer.
func BucketAdd[C Code](codes []C, shift, width uint64, stride uint32, out []uint32) {
	half, reciprocal := float64(shift)+0.5, 1/float64(width)
	out = out[:len(codes)]
	done := 0
	if words, ok := any(codes).([]uint32); ok {
		done = wideBucketAdd(words, half, reciprocal, stride, out)
	}
	for i := done; i < len(codes); i++ {
		out[i] += uint32(int64((float64(codes[i])+half)*reciprocal)) * stride
	}
}
