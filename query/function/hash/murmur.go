package hash

import (
	"encoding/binary"
	"math/bits"
)

// Seeds that Pinot and Kafka use where a function takes none.
const (
	murmur2Seed   = 0x9747b28c
	murmur2Seed64 = 0xe17a1465
)

// murmur2 is MurmurHash2 of 32 bits, the hash of Kafka's default partitioner.
func murmur2(data string) int32 {
	const m = 0x5bd1e995
	h := uint32(murmur2Seed) ^ uint32(len(data))
	for len(data) >= 4 {
		k := uint32(data[0]) | uint32(data[1])<<8 | uint32(data[2])<<16 | uint32(data[3])<<24
		k *= m
		k ^= k >> 24
		h = h*m ^ k*m
		data = data[4:]
	}
	for i := len(data) - 1; i >= 0; i-- {
		h ^= uint32(data[i]) << (8 * i)
	}
	if len(data) > 0 {
		h *= m
	}
	h ^= h >> 13
	h *= m
	return int32(h ^ h>>15)
}

// murmur64 is MurmurHash64A.
func murmur64(data string, seed int64) int64 {
	const m = 0xc6a4a7935bd1e995
	h := uint64(seed)&0xffffffff ^ uint64(len(data))*m
	for len(data) >= 8 {
		k := word64(data) * m
		k ^= k >> 47
		h = (h ^ k*m) * m
		data = data[8:]
	}
	for i := len(data) - 1; i >= 0; i-- {
		h ^= uint64(data[i]) << (8 * i)
	}
	if len(data) > 0 {
		h *= m
	}
	h ^= h >> 47
	h *= m
	return int64(h ^ h>>47)
}

func word64(s string) uint64 {
	return uint64(s[0]) | uint64(s[1])<<8 | uint64(s[2])<<16 | uint64(s[3])<<24 | uint64(s[4])<<32 | uint64(s[5])<<40 | uint64(s[6])<<48 | uint64(s[7])<<56
}

// murmur3 is MurmurHash3 of 32 bits.
func murmur3(data string, seed int64) int32 {
	const c1, c2 = 0xcc9e2d51, 0x1b873593
	h, size := uint32(seed), uint32(len(data))
	for len(data) >= 4 {
		k := uint32(data[0]) | uint32(data[1])<<8 | uint32(data[2])<<16 | uint32(data[3])<<24
		h ^= bits.RotateLeft32(k*c1, 15) * c2
		h = bits.RotateLeft32(h, 13)*5 + 0xe6546b64
		data = data[4:]
	}
	k := uint32(0)
	for i := len(data) - 1; i >= 0; i-- {
		k |= uint32(data[i]) << (8 * i)
	}
	h ^= bits.RotateLeft32(k*c1, 15) * c2
	h ^= size
	h = (h ^ h>>16) * 0x85ebca6b
	h = (h ^ h>>13) * 0xc2b2ae35
	return int32(h ^ h>>16)
}

// murmur128 is the 128-bit form of MurmurHash3 for 64-bit machines.
func murmur128(data string, seed int64) (h1, h2 uint64) {
	const c1, c2 = 0x87c37b91114253d5, 0x4cf5ad432745937f
	h1, h2 = uint64(uint32(seed)), uint64(uint32(seed))
	size := uint64(len(data))
	for len(data) >= 16 {
		h1 ^= bits.RotateLeft64(word64(data)*c1, 31) * c2
		h1 = (bits.RotateLeft64(h1, 27)+h2)*5 + 0x52dce729
		h2 ^= bits.RotateLeft64(word64(data[8:])*c2, 33) * c1
		h2 = (bits.RotateLeft64(h2, 31)+h1)*5 + 0x38495ab5
		data = data[16:]
	}
	var k1, k2 uint64
	for i := len(data) - 1; i >= 8; i-- {
		k2 |= uint64(data[i]) << (8 * (i - 8))
	}
	for i := min(len(data), 8) - 1; i >= 0; i-- {
		k1 |= uint64(data[i]) << (8 * i)
	}
	h2 ^= bits.RotateLeft64(k2*c2, 33) * c1
	h1 ^= bits.RotateLeft64(k1*c1, 31) * c2
	h1, h2 = h1^size, h2^size
	h1 += h2
	h2 += h1
	h1, h2 = mix64(h1), mix64(h2)
	h1 += h2
	h2 += h1
	return h1, h2
}

func mix64(h uint64) uint64 {
	h = (h ^ h>>33) * 0xff51afd7ed558ccd
	h = (h ^ h>>33) * 0xc4ceb9fe1a85ec53
	return h ^ h>>33
}

// appendMurmur128 appends both halves, each little-endian.
func appendMurmur128(dst []byte, data string, seed int64) []byte {
	h1, h2 := murmur128(data, seed)
	return binary.LittleEndian.AppendUint64(binary.LittleEndian.AppendUint64(dst, h1), h2)
}

// fnv32 is FNV of 32 bits: FNV-1a mixes an octet in before it multiplies, FNV-1 behind.
func fnv32(data string, a bool) int32 {
	const prime = 16777619
	h := uint32(2166136261)
	for i := range len(data) {
		if a {
			h = (h ^ uint32(data[i])) * prime
		} else {
			h = h*prime ^ uint32(data[i])
		}
	}
	return int32(h)
}

// fnv64 is FNV of 64 bits.
func fnv64(data string, a bool) int64 {
	const prime = 1099511628211
	h := uint64(14695981039346656037)
	for i := range len(data) {
		if a {
			h = (h ^ uint64(data[i])) * prime
		} else {
			h = h*prime ^ uint64(data[i])
		}
	}
	return int64(h)
}
