//go:build goexperiment.simd && amd64

package json

import (
	"math/bits"
	"simd/archsimd"
	"unicode/utf8"
)

// wide says that this process finds marks fast enough for runs to pay.
var wide = archsimd.X86.AVX512() && archsimd.X86.AVX512VBMI2()

// findMarks sets out to the positions of b's quotes, and more behind them, and gives their number; false if b is not valid
// UTF-8, has a backslash or a control character, or more than most quotes. b has 64 bytes at least, out room for most and 64.
func findMarks(b []byte, most int, out []uint16) (count int, ok bool) {
	quote, slash := archsimd.BroadcastUint8x64('"'), archsimd.BroadcastUint8x64('\\')
	space, seven := archsimd.BroadcastUint8x64(' '), archsimd.BroadcastUint8x64(0x80)
	step := archsimd.BroadcastUint16x32(32)
	places := archsimd.LoadUint16x32(&firstPlaces)
	var bad, high uint64
	last := len(b) - 64
	for at := 0; at < len(b) && count <= most; at += 64 {
		skip := max(at-last, 0) // of the last 64 bytes, those that were there before
		v := archsimd.LoadUint8x64((*[64]uint8)(b[at-skip:]))
		found := v.Equal(quote).ToBits() >> uint(skip)
		bad |= v.Equal(slash).ToBits() | v.Less(space).ToBits()
		high |= v.GreaterEqual(seven).ToBits()
		places.Compress(archsimd.Mask16x32FromBits(uint32(found))).Store((*[32]uint16)(out[count:]))
		count += bits.OnesCount32(uint32(found))
		places = places.Add(step)
		places.Compress(archsimd.Mask16x32FromBits(uint32(found >> 32))).Store((*[32]uint16)(out[count:]))
		count += bits.OnesCount32(uint32(found >> 32))
		places = places.Add(step)
	}
	archsimd.ClearAVXUpperBits()
	return count, bad == 0 && count <= most && (high == 0 || utf8.Valid(b))
}

// firstPlaces are the places of the first 32 bytes.
var firstPlaces = func() (places [32]uint16) {
	for i := range places {
		places[i] = uint16(i)
	}
	return places
}()
