package json

import "github.com/freshetdb/freshet/internal/jsonindex"

// The objects of a document, the elements of an array most of all, are mostly written alike: the same keys in the same order,
// with the same white space between them. What stood before each value of an object is remembered by nesting level, and
// compared as a whole in the next object there: the same bytes at the same place of the grammar are what they were.

// Bounds of what is remembered: levels of a document, members of an object, bytes before a value.
const (
	shapeLevels  = 8
	shapeMembers = 32
	shapeBytes   = 256
	shapeGaps    = 4 // white space may be before and behind a comma, and before and behind a colon
	// After an object that was not as known the next one is remembered; after more in a row, ever fewer are.
	longestWait = 256
)

// shape is how the last object of a level was written. Its zero value knows of none.
type shape struct {
	known   bool
	wait    int // objects that are not remembered
	wrong   int // the next wait, twice as long after each object that was not as known
	members []shapeMember
}

// shapeMember is what stands before a member's value: from the object's brace, or behind the value before, to the value.
type shapeMember struct {
	before           []byte
	lead             lead
	keyFrom, keyTo   int // in before
	gaps             [shapeGaps]gap
	gapCount         int
	cutKey, cutValue int // bytes of white space before the key and before the value
}

// begin tells whether the next object is to be remembered.
func (h *shape) begin() bool {
	if h.wait > 0 {
		h.wait--
		return false
	}
	h.members = h.members[:0]
	return true
}

// miss notes an object that was not as known, or cannot be remembered.
func (h *shape) miss() {
	h.known = false
	h.wait = h.wrong
	h.wrong = min(2*h.wrong+1, longestWait)
}

// remember adds a member; false if it is none to be remembered.
func (h *shape) remember(before []byte, keyFrom, keyTo int) bool {
	if len(h.members) == shapeMembers || len(before) > shapeBytes {
		return false
	}
	if len(h.members) < cap(h.members) {
		h.members = h.members[:len(h.members)+1]
	} else {
		h.members = append(h.members, shapeMember{})
	}
	m := &h.members[len(h.members)-1]
	*m = shapeMember{before: append(m.before[:0], before...), keyFrom: keyFrom, keyTo: keyTo}
	m.lead = leadOf(m.before)
	for at := 0; at < len(before); at++ {
		if at == keyFrom {
			m.cutKey, at = m.cutValue, keyTo
		}
		from := at
		for at < len(before) && before[at] <= ' ' {
			at++
		}
		if at == from {
			continue
		}
		m.gaps[m.gapCount] = gap{int32(from), int32(at)}
		m.gapCount++
		m.cutValue += at - from
		at-- // which may be where the key begins
	}
	return true
}

// expected reads what stands before a value if it is as remembered, and notes its key and its white space.
func (s *scanner) expected(m *shapeMember) bool {
	pos := s.pos
	end := pos + len(m.before)
	if end >= len(s.b) || !m.lead.begins(s.b, pos) && string(s.b[pos:end]) != string(m.before) || s.b[end] <= ' ' {
		return false
	}
	off := pos - s.cut - m.cutKey
	s.nodes = append(s.nodes, jsonindex.Node{From: uint32(off + m.keyFrom), To: uint32(off + m.keyTo), Next: uint32(len(s.nodes) + 1 - s.root)})
	for _, g := range m.gaps[:m.gapCount] {
		s.noteGap(pos+int(g.from), pos+int(g.to))
	}
	s.pos = end
	return true
}

// shapeHere gives the shape of the level the scanner is in, nil if there is none.
func (s *scanner) shapeHere() *shape {
	if level := s.depth - s.base; s.shapes != nil && level < shapeLevels {
		return &s.shapes[level]
	}
	return nil
}
