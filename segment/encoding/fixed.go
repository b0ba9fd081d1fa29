package encoding

import (
	"encoding/binary"
	"fmt"
	"math"
	"slices"
	"unsafe"

	"github.com/freshetdb/freshet/internal/vec"
)

// number is what sections hold in place.
type number interface {
	~uint8 | ~uint16 | ~uint32 | ~uint64 | ~int32 | ~int64 | ~float32 | ~float64
}

// View reads b as numbers in place. b has to be aligned to them, as sections are, and to hold whole ones.
func View[T number](b []byte) ([]T, error) {
	var zero T
	size := int(unsafe.Sizeof(zero))
	if len(b)%size != 0 {
		return nil, fmt.Errorf("%d bytes are not a whole number of %d byte values", len(b), size)
	}
	if len(b) == 0 {
		return nil, nil
	}
	p := unsafe.Pointer(unsafe.SliceData(b))
	if uintptr(p)%uintptr(size) != 0 {
		return nil, fmt.Errorf("values of %d bytes are not aligned", size)
	}
	return unsafe.Slice((*T)(p), len(b)/size), nil
}

// ViewBitmap reads b as a bitmap of n bits in place.
func ViewBitmap(b []byte, n int) (vec.Bitmap, error) {
	words, err := View[uint64](b)
	if err != nil {
		return nil, err
	}
	if len(words) != vec.Words(n) {
		return nil, fmt.Errorf("bitmap of %d words, want %d for %d rows", len(words), vec.Words(n), n)
	}
	if n&63 != 0 && words[len(words)-1]>>(uint(n)&63) != 0 {
		return nil, fmt.Errorf("bitmap has bits set beyond its %d rows", n)
	}
	return words, nil
}

// AppendBitmap appends the words of b.
func AppendBitmap(dst []byte, b vec.Bitmap) []byte {
	return AppendWhole(dst, b)
}

// AppendCode appends x at width 1, 2 or 4.
func AppendCode(dst []byte, width int, x uint32) []byte {
	switch width {
	case 1:
		return append(dst, uint8(x))
	case 2:
		return binary.LittleEndian.AppendUint16(dst, uint16(x))
	default:
		return binary.LittleEndian.AppendUint32(dst, x)
	}
}

// extend makes dst n bytes longer and gives the added part too.
func extend(dst []byte, n int) (all, added []byte) {
	at := len(dst)
	dst = slices.Grow(dst, n)[:at+n]
	return dst, dst[at:]
}

// AppendCodes appends every code at width 1, 2 or 4.
func AppendCodes(dst []byte, width int, codes []uint32) []byte {
	if width != 1 && width != 2 {
		return AppendWhole(dst, codes)
	}
	dst, out := extend(dst, width*len(codes))
	done := wideAppendCodes(out, width, codes)
	codes, out = codes[done:], out[width*done:]
	if width == 1 {
		for i, c := range codes {
			out[i] = uint8(c)
		}
		return dst
	}
	for i, c := range codes {
		binary.LittleEndian.PutUint16(out[2*i:], uint16(c))
	}
	return dst
}

// AppendWhole appends numbers as they are: machines are little-endian, like files.
func AppendWhole[T number](dst []byte, values []T) []byte {
	if len(values) == 0 {
		return dst
	}
	return append(dst, unsafe.Slice((*byte)(unsafe.Pointer(&values[0])), len(values)*int(unsafe.Sizeof(values[0])))...)
}

// AppendOffsets appends the distances of values from base at width 1, 2 or 4.
func AppendOffsets(dst []byte, width int, base int64, values []int64) []byte {
	dst, out := extend(dst, width*len(values))
	done := wideAppendOffsets(out, width, base, values)
	values, out = values[done:], out[width*done:]
	switch width {
	case 1:
		for i, x := range values {
			out[i] = uint8(x - base)
		}
	case 2:
		for i, x := range values {
			binary.LittleEndian.PutUint16(out[2*i:], uint16(x-base))
		}
	default:
		for i, x := range values {
			binary.LittleEndian.PutUint32(out[4*i:], uint32(x-base))
		}
	}
	return dst
}

// AppendInts appends values at width 4 or 8.
func AppendInts(dst []byte, width int, values []int64) []byte {
	if width == 4 {
		return AppendOffsets(dst, 4, 0, values)
	}
	return AppendWhole(dst, values)
}

// Codes are the ids or distances of a column in one of three widths; exactly one slice is set unless there are none.
type Codes struct {
	U8  []uint8
	U16 []uint16
	U32 []uint32
}

// ViewCodes reads n codes of a width in place.
func ViewCodes(b []byte, width, n int) (c Codes, err error) {
	if width != 1 && width != 2 && width != 4 {
		return c, fmt.Errorf("codes of width %d, want 1, 2 or 4", width)
	}
	if len(b) != width*n {
		return c, fmt.Errorf("%d bytes of codes, want %d for %d values of width %d", len(b), width*n, n, width)
	}
	switch width {
	case 1:
		c.U8 = b
	case 2:
		c.U16, err = View[uint16](b)
	default:
		c.U32, err = View[uint32](b)
	}
	return c, err
}

// Max is the largest code, 0 if there are none.
func (c Codes) Max() uint32 {
	return max(maxOf(c.U8), maxOf(c.U16), maxOf(c.U32))
}

func maxOf[T uint8 | uint16 | uint32](codes []T) uint32 {
	var m T
	for _, c := range codes {
		m = max(m, c)
	}
	return uint32(m)
}

// Slice points out at codes lo..hi-1. The other code slices of out stay as they are.
func (c Codes) Slice(lo, hi int, out *vec.Vector) {
	switch {
	case c.U8 != nil:
		out.U8 = c.U8[lo:hi:hi]
	case c.U16 != nil:
		out.U16 = c.U16[lo:hi:hi]
	default:
		out.U32 = c.U32[lo:hi:hi]
	}
}

// CopyBits makes dst, whose bits are clear, the n bits of src from lo on.
func CopyBits(dst, src vec.Bitmap, lo, n int) {
	if n == 0 {
		return
	}
	shift, at := uint(lo)&63, lo>>6
	for i := range vec.Words(n) {
		w := src[at+i] >> shift
		if shift != 0 && at+i+1 < len(src) {
			w |= src[at+i+1] << (64 - shift)
		}
		dst[i] = w
	}
	dst[:vec.Words(n)].Trim(n)
}

// Zone flags of a stored record.
const (
	zoneKnown   = 1 << 0
	zoneByID    = 1 << 1
	zoneAllNull = 1 << 2
	zoneFloat   = 1 << 3
	zoneFlags   = zoneKnown | zoneByID | zoneAllNull | zoneFloat
)

// ZoneSize is the number of bytes of a stored zone.
const ZoneSize = 24

// Zone is what is stored of one block of a column: segment.Zone, which lives above this package.
type Zone struct {
	Known, ByID, AllNull, Float bool
	// Min and Max are integers or ids or, for Float, the bits of doubles.
	Min, Max  int64
	NullCount uint32
}

// AppendZone appends a record of ZoneSize bytes.
func AppendZone(dst []byte, z Zone) []byte {
	flags := uint32(0)
	for bit, set := range []bool{z.Known, z.ByID, z.AllNull, z.Float} {
		if set {
			flags |= 1 << bit
		}
	}
	dst = binary.LittleEndian.AppendUint64(dst, uint64(z.Min))
	dst = binary.LittleEndian.AppendUint64(dst, uint64(z.Max))
	dst = binary.LittleEndian.AppendUint32(dst, z.NullCount)
	return binary.LittleEndian.AppendUint32(dst, flags)
}

// ZoneAt reads record i of zones.
func ZoneAt(zones []byte, i int) Zone {
	b := zones[i*ZoneSize : (i+1)*ZoneSize]
	flags := binary.LittleEndian.Uint32(b[20:])
	return Zone{Known: flags&zoneKnown != 0, ByID: flags&zoneByID != 0, AllNull: flags&zoneAllNull != 0, Float: flags&zoneFloat != 0,
		Min: int64(binary.LittleEndian.Uint64(b)), Max: int64(binary.LittleEndian.Uint64(b[8:])),
		NullCount: binary.LittleEndian.Uint32(b[16:])}
}

// Floats gives Min and Max of a Float zone.
func (z Zone) Floats() (minimum, maximum float64) {
	return math.Float64frombits(uint64(z.Min)), math.Float64frombits(uint64(z.Max))
}
