package json

// Integers whose bounds are known are read as words: their last eight characters and those before.

const (
	zeroDigits  = 0x3030303030303030
	highBits    = 0x8080808080808080
	mostQuick   = 16 // characters without a sign
	mostWhole   = 18 // digits of an integer that is surely none too many for 64 bits
	wordDigits  = 8
	wordDecimal = 100_000_000 // 10^wordDigits
)

// unsigned finds where the digits of the number b[from:to] begin. false if it may not be one of at most most characters, or
// ends in the first mostQuick bytes of b.
func unsigned(b []byte, from, to, most int) (start int, negative, ok bool) {
	if to < mostQuick || from >= to || to > len(b) {
		return 0, false, false
	}
	c := b[from]
	if c == '-' {
		if from++; from == to {
			return 0, false, false
		}
		negative, c = true, b[from]
	}
	return from, negative, to-from <= most && (c != '0' || to-from == 1 || b[from+1] == '.')
}

// wholeNumber reads b[from:to] if it is an integer of at most mostWhole digits, with at least mostQuick bytes before its end.
func wholeNumber(b []byte, from, to int) (x int64, ok bool) {
	from, negative, ok := unsigned(b, from, to, mostWhole)
	if !ok {
		return 0, false
	}
	length := to - from
	// The characters become the highest bytes, zeros before the first one.
	high, low := word(b, to-8)^zeroDigits, uint64(0)
	if length <= wordDigits {
		high = lastBytes(high, length)
	} else {
		low = lastBytes(word(b, to-16)^zeroDigits, min(length-8, 8))
	}
	if !allDigits(high) || !allDigits(low) {
		return 0, false
	}
	if length > mostQuick {
		for _, c := range b[from : to-mostQuick] {
			if c -= '0'; c > 9 {
				return 0, false
			}
			x = 10*x + int64(c)
		}
		x *= wordDecimal * wordDecimal
	}
	x += int64(eightDigits(high))
	if length > wordDigits {
		x += wordDecimal * int64(eightDigits(low))
	}
	if negative {
		x = -x
	}
	return x, true
}

// lastBytes clears all bytes of w but the highest n, 1 to 8.
func lastBytes(w uint64, n int) uint64 {
	shift := uint(64-8*n) & 63 // which spares the compiler a shift's special cases
	return w >> shift << shift
}

// allDigits tells whether every byte is 0 to 9.
func allDigits(w uint64) bool { return (w+0x7676767676767676|w)&highBits == 0 }

// eightDigits gives the number of eight digits, the last one in the highest byte.
func eightDigits(w uint64) uint64 {
	w = w*10 + w>>8
	return ((w&0x000000ff000000ff)*(100+1000000<<32) + (w>>16&0x000000ff000000ff)*(1+10000<<32)) >> 32
}
