package encoding

import "bytes"

func compareBytes(a, b []byte) int { return bytes.Compare(a, b) }

// IsDecimal reports whether s is a plain decimal: a sign, digits, and a fraction, without an exponent.
func IsDecimal(s []byte) bool {
	_, whole, fraction := splitDecimal(s)
	if len(whole)+len(fraction) == 0 {
		return false
	}
	for _, part := range [][]byte{whole, fraction} {
		for _, c := range part {
			if c < '0' || c > '9' {
				return false
			}
		}
	}
	return true
}

// splitDecimal gives the parts of a plain decimal without leading zeros before and trailing zeros after the point.
func splitDecimal(s []byte) (negative bool, whole, fraction []byte) {
	if len(s) > 0 && (s[0] == '-' || s[0] == '+') {
		negative, s = s[0] == '-', s[1:]
	}
	whole = s
	if dot := bytes.IndexByte(s, '.'); dot >= 0 {
		whole, fraction = s[:dot], s[dot+1:]
	}
	if len(whole)+len(fraction) > 0 && len(bytes.TrimLeft(whole, "0"))+len(bytes.TrimRight(fraction, "0")) == 0 {
		return false, []byte("0"), nil // any zero, of either sign
	}
	return negative, bytes.TrimLeft(whole, "0"), bytes.TrimRight(fraction, "0")
}

// CompareDecimals orders two plain decimals by number.
func CompareDecimals(a, b []byte) int {
	negA, wholeA, fracA := splitDecimal(a)
	negB, wholeB, fracB := splitDecimal(b)
	if negA != negB {
		if negA {
			return -1
		}
		return 1
	}
	c := compareMagnitudes(bytes.TrimLeft(wholeA, "0"), fracA, bytes.TrimLeft(wholeB, "0"), fracB)
	if negA {
		return -c
	}
	return c
}

func compareMagnitudes(wholeA, fracA, wholeB, fracB []byte) int {
	if len(wholeA) != len(wholeB) {
		if len(wholeA) < len(wholeB) {
			return -1
		}
		return 1
	}
	if c := bytes.Compare(wholeA, wholeB); c != 0 {
		return c
	}
	return bytes.Compare(fracA, fracB)
}
