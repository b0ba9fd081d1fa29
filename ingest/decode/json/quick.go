package json

import (
	"encoding/binary"
	"math/bits"
	"unicode/utf8"

	"github.com/freshetdb/freshet/catalog"
)

// quick says which usual values of a field are read in one step, from the record's bytes into the column: strings without
// escapes, integers, decimals of few digits. Everything else, and every error, is left to the slot's read.
type quick uint8

const (
	quickNone quick = iota
	quickText
	quickInt32
	quickInt64
	quickFloat64
	quickBool // by runs only
)

func quickOf(f *Field) quick {
	if f.Raw || f.Part != PartNone || f.Type.MultiValue {
		return quickNone
	}
	switch f.Type.Kind {
	case catalog.KindString:
		return quickText
	case catalog.KindInt:
		return quickInt32
	case catalog.KindLong, catalog.KindTimestamp:
		return quickInt64
	case catalog.KindDouble:
		return quickFloat64
	case catalog.KindBoolean:
		return quickBool
	}
	return quickNone
}

// quick reads the value at the scanner, behind a colon, into the current row; false if it is none of the usual ones, or
// the key came before, and then nothing happened.
func (d *Decoder) quick(sl *slot) bool {
	s := &d.scan
	pos := s.pos
	if pos < len(s.b) && s.b[pos] == ' ' {
		pos++
	}
	row := d.rows
	if sl.last == row {
		return false
	}
	switch sl.quick {
	case quickText:
		end := plainText(s.b, pos)
		if end < 0 || sl.field.MaxLength > 0 && end-pos-2 > sl.field.MaxLength {
			return false
		}
		sl.str[row] = view(s.b[pos+1 : end-1])
		pos = end
	case quickInt32, quickInt64:
		n := decimal{}
		if pos = n.read(s.b, pos); pos < 0 || n.scale > 0 {
			return false
		}
		if x := n.int64(); sl.quick == quickInt64 {
			sl.i64[row] = x
		} else if x == int64(int32(x)) {
			sl.i32[row] = int32(x)
		} else {
			return false
		}
	case quickFloat64:
		n := decimal{}
		if pos = n.readQuoted(s.b, pos); pos < 0 {
			return false
		}
		sl.f64[row] = n.float64()
	default:
		return false
	}
	s.pos = pos
	sl.last = row
	d.present++
	return true
}

// plainText gives the position behind the quote that ends the string at pos; below 0 if that is no string, is not valid
// or has escapes. A string without escapes holds no character below a space, so no NUL.
func plainText(b []byte, pos int) int {
	if pos >= len(b) || b[pos] != '"' {
		return -1
	}
	high := uint64(0) // bits 7 of the bytes passed
	for i := pos + 1; i < len(b); i += 8 {
		w := load(b, i)
		m := stops(w)
		if m == 0 {
			high |= w
			continue
		}
		n := bits.TrailingZeros64(m) >> 3
		i += n
		high |= w << (56 - 8*n) // with the byte that stops, whose bit 7 is 0
		if i >= len(b) || b[i] != '"' || high&0x8080808080808080 != 0 && !utf8.Valid(b[pos+1:i]) {
			return -1
		}
		return i + 1
	}
	return -1
}

// load gives the eight bytes at pos, zeros behind the end. A record of fewer bytes has nothing that is read by it.
func load(b []byte, pos int) uint64 {
	if pos+8 <= len(b) {
		return binary.LittleEndian.Uint64(b[pos:])
	}
	return tail(b, pos)
}

func tail(b []byte, pos int) uint64 {
	if len(b) < 8 || pos >= len(b) {
		return 0
	}
	return binary.LittleEndian.Uint64(b[len(b)-8:]) >> uint(8*(pos+8-len(b)))
}

// decimal is a number of few digits: mantissa / 10^scale.
type decimal struct {
	mantissa uint64
	scale    int
	negative bool
}

// maxQuickDigits is how many digits always give a mantissa that float64 holds exactly.
const maxQuickDigits = 15

var pow10u = [maxQuickDigits + 1]uint64{1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15}

// read reads the number at pos and gives the position behind it; below 0 if that is no number, has an exponent or too many
// digits, or ends with the record.
func (n *decimal) read(b []byte, pos int) int {
	if pos < len(b) && b[pos] == '-' {
		n.negative = true
		pos++
	}
	whole, count, end := digits(b, pos)
	if count == 0 || count > maxQuickDigits || count > 1 && b[pos] == '0' || end >= len(b) {
		return -1
	}
	n.mantissa = whole
	if b[end] == '.' {
		fraction, places, behind := digits(b, end+1)
		if places == 0 || count+places > maxQuickDigits || behind >= len(b) {
			return -1
		}
		n.mantissa, n.scale, end = whole*pow10u[places]+fraction, places, behind
	}
	if b[end]|0x20 == 'e' {
		return -1
	}
	return end
}

// readQuoted is read for a number that may be the whole of a string.
func (n *decimal) readQuoted(b []byte, pos int) int {
	if pos >= len(b) || b[pos] != '"' {
		return n.read(b, pos)
	}
	if pos = n.read(b, pos+1); pos < 0 || b[pos] != '"' {
		return -1
	}
	return pos + 1
}

func (n *decimal) int64() int64 {
	if n.negative {
		return -int64(n.mantissa)
	}
	return int64(n.mantissa)
}

// float64 is exact: both numbers are, and a division rounds once. Zero has no sign.
func (n *decimal) float64() float64 {
	x := float64(n.mantissa) / pow10[n.scale]
	if n.negative {
		return 0 - x
	}
	return x
}

// digits reads the digits at pos, eight at a time: their value, unless there are more than maxQuickDigits, their number
// and the position behind them.
func digits(b []byte, pos int) (value uint64, count, end int) {
	const zeros, highs = 0x3030303030303030, 0x8080808080808080
	for ; pos < len(b) && count <= maxQuickDigits; pos += 8 {
		w := load(b, pos) ^ zeros // a digit becomes its value
		other := (w + 0x7676767676767676 | w) & highs
		n := bits.TrailingZeros64(other) >> 3 // 8 if all are digits
		if n == 0 {
			return value, count, pos
		}
		// The last digit goes into the highest byte, zeros before the first one; then pairs, fours and all are joined.
		w <<= uint(64 - 8*n)
		value = value*pow10u[n] + eightDigits(w)
		count += n
		if n < 8 {
			return value, count, pos + n
		}
	}
	return value, count, pos
}
