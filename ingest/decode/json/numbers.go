package json

// numbers are the numbers of one member in the records of a group. Their bounds are known, so that their characters are put
// beside each other first, each number's last ones at the end of as many places; then several are read at a time.
type numbers struct {
	chars  [runRecords * mostQuick]uint8 // of each number, the last mostQuick bytes up to its end
	places [runRecords]uint16            // a bit for each of them that belongs to the number; its sign does not
	// halves is what a number is without its point, 10^8 times the lower half and the upper half; behind is how many digits are
	// behind the point.
	halves   [runRecords]uint64
	behind   [runRecords]uint8
	negative uint64 // a bit for each number
	odd      uint64 // those that are not usual ones, or not at all: they have to be read otherwise
}

// put adds number i, b[from:to].
func (s *numbers) put(i int, b []byte, from, to int) {
	from, negative, ok := unsigned(b, from, to, mostQuick)
	if !ok {
		s.odd |= 1 << i
		return
	}
	*(*[mostQuick]uint8)(s.chars[i*mostQuick:]) = *(*[mostQuick]uint8)(b[to-mostQuick:])
	s.places[i] = ^uint16(0) << ((mostQuick - (to - from)) & (mostQuick - 1))
	if negative {
		s.negative |= 1 << i
	}
}

// isOdd tells whether number i has to be read otherwise.
func (s *numbers) isOdd(i int) bool { return s.odd>>i&1 != 0 }

// mantissa is number i without its point and its sign.
func (s *numbers) mantissa(i int) uint64 {
	return uint64(uint32(s.halves[i]))*wordDecimal + s.halves[i]>>32
}

// int64 gives number i if it is an integer.
func (s *numbers) int64(i int) (x int64, ok bool) {
	x = int64(s.mantissa(i))
	if s.negative>>i&1 != 0 {
		x = -x
	}
	return x, s.behind[i] == 0 && !s.isOdd(i)
}

// float64 gives number i if its digits are few enough; it is exact then, as decimal.float64 is.
func (s *numbers) float64(i int) (x float64, ok bool) {
	n := decimal{s.mantissa(i), int(s.behind[i] & (mostQuick - 1)), s.negative>>i&1 != 0}
	return n.float64(), n.mantissa < pow10u[maxQuickDigits] && !s.isOdd(i)
}
