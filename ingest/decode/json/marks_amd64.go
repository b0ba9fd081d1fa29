//go:build goexperiment.simd && amd64

package json

import (
	"math/bits"
	"simd/archsimd"
	"unsafe"
)

// wide says that this process finds marks fast enough for runs to pay.
var wide = archsimd.X86.AVX512() && archsimd.X86.AVX512VBMI2()

// findMarks sets out to the marks of records, stride apart: the positions of their quotes and then their length. It stops at
// the first record that is not braced, has not exactly want quotes, a backslash, a control character or a byte that is not
// ASCII, and gives its number n and what is known of it: how many quotes it has, below 0 if it is none for a run, and
// whether it is ASCII. out has room for the last record's maxMarks and 64 more.
func findMarks(records [][]byte, want, stride int, out []uint16) (n, count int, ascii bool) {
	quote, slash := archsimd.BroadcastUint8x64('"'), archsimd.BroadcastUint8x64('\\')
	places, step := archsimd.LoadUint8x64(&firstPlaces), archsimd.BroadcastUint16x32(64)
	for ; n < len(records); n++ {
		b := records[n]
		if count, ascii = -1, true; !braced(b) {
			break
		}
		to := out[n*stride:][:maxMarks+64]
		room := unsafe.Pointer(unsafe.SliceData(to))
		text, last := unsafe.Pointer(unsafe.SliceData(b)), len(b)-64
		// Of every place: the lowest byte, 0 once there was a backslash, and all bits there were.
		low, other, all := quote, quote, quote
		base := archsimd.Uint16x32{}
		count = 0
		for at := 0; at < last && count <= maxMarks; at += 64 {
			v := archsimd.LoadUint8x64((*[64]uint8)(unsafe.Add(text, at)))
			low, other, all = low.Min(v), other.Min(v.Xor(slash)), all.Or(v)
			count += putMarks(places, v.Equal(quote), base, unsafe.Add(room, 2*count))
			base = base.Add(step)
		}
		v := archsimd.LoadUint8x64((*[64]uint8)(unsafe.Add(text, last)))
		low, other, all = low.Min(v), other.Min(v.Xor(slash)), all.Or(v)
		skip := uint(-last) & 63 // bytes of the last 64 that were there before
		found := archsimd.Mask8x64FromBits(v.Equal(quote).ToBits() >> skip << skip)
		if count <= maxMarks {
			count += putMarks(places, found, archsimd.BroadcastUint16x32(uint16(last)), unsafe.Add(room, 2*count))
		}
		wrong := low.Less(archsimd.BroadcastUint8x64(' ')).ToBits() | other.Equal(archsimd.Uint8x64{}).ToBits()
		ascii = all.Less(archsimd.BroadcastUint8x64(0x80)).ToBits() == ^uint64(0)
		if wrong != 0 || count > maxMarks {
			count = -1
			break
		}
		if count != want || !ascii {
			break
		}
		to[count] = uint16(len(b))
	}
	archsimd.ClearAVXUpperBits()
	return n, count, ascii
}

// braced tells whether a record's size and its braces are those of a record in a run.
func braced(b []byte) bool {
	return len(b) >= leastMarked && len(b) <= mostMarked && b[0] == '{' && b[len(b)-1] == '}'
}

// putMarks stores those of 64 places that were found, and more behind them, and gives their number.
func putMarks(places archsimd.Uint8x64, found archsimd.Mask8x64, base archsimd.Uint16x32, to unsafe.Pointer) (count int) {
	places = places.Compress(found)
	places.GetLo().ExtendToUint16().Add(base).Store((*[32]uint16)(to))
	if count = bits.OnesCount64(found.ToBits()); count > 32 {
		places.GetHi().ExtendToUint16().Add(base).Store((*[32]uint16)(unsafe.Add(to, 64)))
	}
	return count
}

// firstPlaces are the places of 64 bytes.
var firstPlaces = func() (places [64]uint8) {
	for i := range places {
		places[i] = uint8(i)
	}
	return places
}()
