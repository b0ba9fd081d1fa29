package json

import (
	"bytes"
	"math"
)

// pow10 are the powers of ten that float64 holds exactly.
var pow10 = [23]float64{1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22}

// simpleFloat converts digits with at most one dot exactly where mantissa and power are both exact (Clinger's fast
// path); ok is false where the slow path has to.
func simpleFloat(raw []byte) (x float64, ok bool) {
	mantissa, digits, scale, dot := uint64(0), 0, 0, false
	neg := len(raw) > 0 && raw[0] == '-'
	if neg {
		raw = raw[1:]
	}
	for _, c := range raw {
		switch {
		case c == '.':
			dot = true
		case c-'0' <= 9:
			mantissa = mantissa*10 + uint64(c-'0')
			digits++
			if dot {
				scale++
			}
		default:
			return 0, false
		}
	}
	if digits > 18 || mantissa > 1<<53 || scale >= len(pow10) {
		return 0, false
	}
	x = float64(mantissa) / pow10[scale]
	if neg {
		x = -x
	}
	return x, true
}

// integer gives the whole part of a JSON number exactly, cut towards zero; ok is false where it leaves 64 bits.
func integer(raw []byte) (x int64, ok bool) {
	neg := raw[0] == '-'
	if neg {
		raw = raw[1:]
	}
	var u uint64
	for i, c := range raw {
		if c-'0' > 9 {
			if c == '.' && plainDigits(raw[i+1:]) {
				break
			}
			return scaledInteger(raw, neg)
		}
		if u > math.MaxUint64/10-1 {
			if bytes.ContainsAny(raw[i:], "eE") { // which may make it small again
				return scaledInteger(raw, neg)
			}
			return 0, false
		}
		u = u*10 + uint64(c-'0')
	}
	return signed(u, neg)
}

func plainDigits(b []byte) bool {
	for _, c := range b {
		if c-'0' > 9 {
			return false
		}
	}
	return true
}

// maxExponent bounds what is read of an exponent: beyond it a number is zero or far out of range.
const maxExponent = 1 << 20

// scaledInteger is integer for an exponent; raw has no sign.
func scaledInteger(raw []byte, neg bool) (x int64, ok bool) {
	whole, at := 0, 0 // digits before the point
	for ; at < len(raw) && raw[at]|0x20 != 'e'; at++ {
		if raw[at] == '.' {
			whole = at
		}
	}
	mantissa := raw[:at]
	if whole == 0 {
		whole = at
	}
	exponent, negative := 0, false
	for _, c := range raw[at+1:] {
		switch {
		case c == '-':
			negative = true
		case c != '+' && exponent < maxExponent:
			exponent = exponent*10 + int(c-'0')
		}
	}
	if negative {
		exponent = -exponent
	}
	var u uint64
	left := whole + exponent // digits of the whole part that are still to come
	for _, c := range mantissa {
		if c == '.' {
			continue
		}
		if left <= 0 {
			return signed(u, neg)
		}
		if u > math.MaxUint64/10-1 {
			return 0, false
		}
		u = u*10 + uint64(c-'0')
		left--
	}
	for ; left > 0 && u > 0; left-- {
		if u > math.MaxUint64/10-1 {
			return 0, false
		}
		u *= 10
	}
	return signed(u, neg)
}

func signed(u uint64, neg bool) (int64, bool) {
	switch {
	case neg && u <= 1<<63:
		return -int64(u), true
	case !neg && u <= math.MaxInt64:
		return int64(u), true
	}
	return 0, false
}
