package json

import (
	"unsafe"

	"github.com/freshetdb/freshet/internal/jsonindex"
)

// maxNodes bounds the nodes of a column's documents in one batch. Documents that might not fit are not noted: their
// readers read the text.
const maxNodes = 2 << 20

// nodesKept is how many nodes' memory stays whatever a batch needs; more is given back once one needs only a part of it.
const nodesKept = 512 << 10

func (s *slot) forgetNodes() {
	if n := s.index.Nodes; cap(n) > nodesKept && len(n) < cap(n)/4 {
		s.index.Nodes = nil
	}
	s.index.Nodes = s.index.Nodes[:0]
}

// readIndexed is readNested of a document for a field with an index.
func (s *slot) readIndexed(d *Decoder, row int) error {
	sc := &d.scan
	mark := len(s.index.Nodes)
	if mark+(len(sc.b)-sc.pos)/2 >= maxNodes { // a value takes two bytes, with what parts it from the next
		return s.readNested(d, row)
	}
	sc.spaced, sc.gaps = false, sc.gaps[:0]
	start := sc.pos
	sc.nodes, sc.root, sc.cut, sc.shapes, sc.base = s.index.Nodes, mark, start, s.shapes, sc.depth
	err := sc.indexValue()
	s.index.Nodes, sc.nodes = sc.nodes, nil
	if err == nil {
		raw := sc.b[start:sc.pos]
		err = s.storeJSON(d, row, raw, sc.spaced)
	}
	// A text that was cut or replaced is not the document.
	if err == nil && s.last == row && uint32(len(s.str[row])) == s.index.Nodes[mark].To && s.isDocument(d, row, start) {
		s.index.Roots[row] = int32(mark)
		return nil
	}
	s.index.Nodes = s.index.Nodes[:mark]
	return err
}

// isDocument tells whether the row's text is in the record or in the arena, where storeJSON takes it from, and not the
// field's default.
func (s *slot) isDocument(d *Decoder, row, start int) bool {
	text := unsafe.StringData(s.str[row])
	if d.scan.spaced {
		return text == &d.arena[len(d.arena)-len(s.str[row])]
	}
	return text == &d.scan.b[start]
}

// indexValue is skipValue that notes the value, and what is within it, in s.nodes; no white space is before it.
func (s *scanner) indexValue() error {
	at := len(s.nodes)
	s.nodes = append(s.nodes, jsonindex.Node{From: uint32(s.pos - s.cut)})
	c := byte(0)
	if s.pos < len(s.b) {
		c = s.b[s.pos]
	}
	var err error
	switch c {
	case '{':
		err = s.indexObject()
	case '[':
		err = s.indexArray()
	case '"':
		if end := plainText(s.b, s.pos); end >= 0 {
			s.pos = end
			break
		}
		err = s.skipValue()
	default:
		if end := new(decimal).read(s.b, s.pos); end >= 0 {
			s.pos = end
			break
		}
		err = s.skipValue()
	}
	n := &s.nodes[at]
	n.To, n.Next = uint32(s.pos-s.cut), uint32(len(s.nodes)-s.root)
	return err
}

// indexObject is indexValue of an object. What is as in the object before on its level is not read token by token.
func (s *scanner) indexObject() error {
	h := s.shapeHere()
	if s.depth++; s.depth > MaxDepth {
		return s.tooDeep()
	}
	read := 0
	if h != nil && h.known {
		for read < len(h.members) && s.expected(&h.members[read]) {
			if err := s.indexValue(); err != nil {
				return err
			}
			read++
		}
		if s.gap() == '}' { // it has no more members, or the last ones are missing
			h.wrong = 0
			s.pos++
			s.depth--
			return nil
		}
		h.miss()
	}
	return s.indexMembers(h, read)
}

// indexMembers reads an object from its brace on, or, behind the first read of its values, what is left of it.
func (s *scanner) indexMembers(h *shape, read int) error {
	from := s.pos // of the next member, with what is before it
	if read == 0 {
		s.pos++
		if s.gap() == '}' {
			s.pos++
			s.depth--
			return nil
		}
	}
	remember := read == 0 && h != nil && h.begin()
	for first := read == 0; ; first = false {
		if !first {
			switch from = s.pos; s.gap() {
			case ',':
				s.pos++
			case '}':
				if s.pos++; remember {
					h.known = true
				}
				s.depth--
				return nil
			default:
				return s.unexpected("',' or '}'")
			}
		}
		if s.gap() != '"' {
			return s.unexpected("a key")
		}
		keyFrom := s.pos
		if err := s.indexValue(); err != nil {
			return err
		}
		keyTo := s.pos
		if s.gap() != ':' {
			return s.unexpected("':'")
		}
		s.pos++
		s.gap()
		if remember && !h.remember(s.b[from:s.pos], keyFrom-from, keyTo-from) {
			remember = false
			h.miss()
		}
		if err := s.indexValue(); err != nil {
			return err
		}
	}
}

func (s *scanner) indexArray() error {
	if err := s.enter(); err != nil {
		return err
	}
	if s.gap() == ']' {
		s.pos++
		s.depth--
		return nil
	}
	for {
		s.gap()
		if err := s.indexValue(); err != nil {
			return err
		}
		switch s.gap() {
		case ',':
			s.pos++
		case ']':
			s.pos++
			s.depth--
			return nil
		default:
			return s.unexpected("',' or ']'")
		}
	}
}
