package json

// gathered are the numbers of one member in the records of a group. Their bounds are known, so that their characters are put
// beside each other first, each number's last ones at the end of as many places; then several are read at a time.
type gathered struct {
	chars    [runRecords * mostQuick]uint8 // of each number, the last mostQuick bytes up to its end
	places   [runRecords]uint16            // a bit for each of them that belongs to the number; its sign does not
	negative uint64                        // a bit for each number
	odd      uint64                        // those that are not usual ones, or not at all: they have to be read otherwise
}

// put adds number i, b[from:to].
func (s *gathered) put(i int, b []byte, from, to int) {
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
