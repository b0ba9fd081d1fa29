package json

import (
	"bytes"
	"fmt"
	"slices"
)

// pair is a key of an object and where its value starts.
type pair struct {
	key []byte
	at  int
}

// readPart reads the keys or the values of an object, in the order of its keys, into a multi-value row. Of a key that
// comes twice the last value counts.
func (s *slot) readPart(d *Decoder, row int, c byte) error {
	if c != '{' {
		return fmt.Errorf("got no object, want one for its %s", map[Part]string{PartKeys: "keys", PartValues: "values"}[s.field.Part])
	}
	start := d.scan.pos
	if err := d.readPairs(); err != nil {
		return err
	}
	end, depth := d.scan.pos, d.scan.depth
	s.used = s.begin(row)
	for i, p := range d.pairs {
		if i+1 < len(d.pairs) && bytes.Equal(p.key, d.pairs[i+1].key) {
			continue
		}
		d.scan.pos = p.at
		value := d.scan.peek()
		switch {
		case s.field.Part == PartValues && value == 'n':
			continue
		case s.field.Part == PartValues:
			if err := s.element(d, value == '{' || value == '['); err != nil {
				d.scan.pos = start
				return err
			}
		default:
			if err := s.text(p.key); err != nil {
				return err
			}
		}
	}
	d.scan.pos, d.scan.depth = end, depth
	s.set(row, s.used > s.begin(row))
	return nil
}

// text appends an element.
func (s *slot) text(raw []byte) error {
	s.room()
	if err := s.elems.fromText(s.used, raw); err != nil {
		return err
	}
	if s.elems.last == s.used {
		s.used++
	}
	return nil
}

// readPairs fills d.pairs with the object at the scanner, sorted by key; equal keys stay in their order.
func (d *Decoder) readPairs() error {
	s := &d.scan
	d.pairs = d.pairs[:0]
	if err := s.enter(); err != nil {
		return err
	}
	for s.peek() != '}' {
		key, escaped, err := s.text()
		if err != nil {
			return err
		}
		if escaped {
			mark := len(d.arena)
			if d.arena, err = unescape(d.arena, key, s); err != nil {
				return err
			}
			key = d.arena[mark:len(d.arena):len(d.arena)]
		}
		if s.peek() != ':' {
			return s.unexpected("':'")
		}
		s.pos++
		d.pairs = append(d.pairs, pair{key: key, at: s.pos})
		if err := s.skipValue(); err != nil {
			return err
		}
		if next := s.peek(); next == ',' {
			s.pos++
			if s.peek() == '}' {
				return s.unexpected("a key")
			}
		} else if next != '}' {
			return s.unexpected("',' or '}'")
		}
	}
	s.pos++
	s.depth--
	slices.SortStableFunc(d.pairs, func(a, b pair) int { return bytes.Compare(a.key, b.key) })
	return nil
}
