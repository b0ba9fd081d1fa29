// Package json decodes JSON records into typed columns. A decoder is compiled from the fields that somebody wants; it
// walks a record once, expects keys in the order of the last record, checks everything it skips, and allocates nothing
// per record once its buffers have grown. Strings without escapes alias the record.
package json

import (
	"errors"
	"fmt"
	"math"
	"strings"

	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/internal/errs"
	"github.com/freshetdb/freshet/internal/vec"
)

// Limits of a record.
const (
	MaxRecordBytes = 64 << 20 // Kafka's message.max.bytes is far below
	MaxDepth       = 200      // nested objects and arrays
	maxArena       = 1 << 30  // bytes of unescaped text per batch
)

// Collections says what an array becomes in a column that holds single values of text.
type Collections = catalog.CollectionMode

// Field is one wanted value.
type Field struct {
	// Name is the flattened name; Aliases are further names that give the same field (renamed prefixes).
	Name    string
	Aliases []string
	Type    catalog.Type
	// Raw takes the value's JSON text whatever it is: arrays to unnest.
	Raw bool
	// Lenient makes an array or object, or a value that does not convert, NULL instead of failing the record: a
	// transform computes the column then.
	Lenient           bool
	MaxLength         int    // characters of text, 0 for any
	MaxLengthStrategy string // TRIM_LENGTH, ERROR, SUBSTITUTE_DEFAULT_VALUE, NO_ACTION
	Default           catalog.Value
}

// Options belong to all fields.
type Options struct {
	Delimiter   string      // between the parts of a flattened name, "." by default
	Collections Collections // CollectionsNonPrimitive by default
}

// Decoder appends records to columns. Not safe for concurrent use.
type Decoder struct {
	root    *node
	slots   []slot
	rows    int
	scan    scanner
	arena   []byte
	collect Collections
	whole   []int // fields named "": the record itself, where that is no object
}

// New compiles a decoder.
func New(fields []Field, opts Options) (*Decoder, error) {
	if opts.Delimiter == "" {
		opts.Delimiter = "."
	}
	if opts.Collections == 0 {
		opts.Collections = catalog.CollectionsNonPrimitive
	}
	d := &Decoder{root: &node{}, collect: opts.Collections, slots: make([]slot, len(fields))}
	for i, f := range fields {
		if !f.Type.Kind.Stored() {
			return nil, errs.Bug("field %q cannot be decoded as %s", f.Name, f.Type)
		}
		d.slots[i] = newSlot(f)
		for _, name := range append([]string{f.Name}, f.Aliases...) {
			if strings.Count(name, opts.Delimiter) > maxDots {
				return nil, errs.User(errs.InvalidParameterValue, "column %q has more than %d delimiters %q", name, maxDots, opts.Delimiter)
			}
			if name == "" {
				d.whole = append(d.whole, i)
				continue
			}
			d.root.add(name, opts.Delimiter, i)
		}
	}
	return d, nil
}

// Reset forgets all rows. Columns and strings given out before are void.
func (d *Decoder) Reset() {
	d.rows = 0
	d.arena = d.arena[:0]
	for i := range d.slots {
		d.slots[i].reset()
	}
}

// Rows is the number of rows decoded since Reset.
func (d *Decoder) Rows() int { return d.rows }

// Column gives field i's column: flat, valid until Reset or the next Decode.
func (d *Decoder) Column(i int) *vec.Vector { return d.slots[i].column(d.rows) }

// Decode appends one record as one row. On error, which says where and why, nothing is appended.
func (d *Decoder) Decode(record []byte) error {
	if len(record) > MaxRecordBytes {
		return fmt.Errorf("record has %d bytes, at most %d are accepted", len(record), MaxRecordBytes)
	}
	if len(d.arena) > maxArena {
		return fmt.Errorf("the batch's text has more than %d bytes", maxArena)
	}
	d.scan = scanner{b: record}
	for i := range d.slots {
		d.slots[i].grow(d.rows + 1)
	}
	if err := d.record(); err != nil {
		return err
	}
	if d.scan.peek(); d.scan.pos < len(record) {
		return d.scan.fail("text follows the record")
	}
	for i := range d.slots {
		d.slots[i].finish(d.rows)
	}
	d.rows++
	return nil
}

func (d *Decoder) record() error {
	if len(d.whole) > 0 {
		start := d.scan.pos
		for _, slot := range d.whole {
			d.scan.pos, d.scan.depth = start, 0
			if err := d.store(slot); err != nil {
				return err
			}
		}
		if d.scan.b[d.valueStart(start)] != '{' {
			return nil
		}
		d.scan.pos, d.scan.depth = start, 0
	}
	if c := d.scan.peek(); c != '{' {
		return d.scan.unexpected("a JSON object")
	}
	return d.object(d.root)
}

func (d *Decoder) valueStart(pos int) int {
	s := scanner{b: d.scan.b, pos: pos}
	s.peek()
	return s.pos
}

// object reads an object whose node is n, pos at its brace.
func (d *Decoder) object(n *node) error {
	s := &d.scan
	if err := s.enter(); err != nil {
		return err
	}
	if s.peek() == '}' {
		s.pos++
		s.depth--
		return nil
	}
	for at := 0; ; at++ {
		s.peek()
		key, escaped, err := s.text()
		if err != nil {
			return err
		}
		if escaped {
			mark := len(d.arena)
			if d.arena, err = unescape(d.arena, key, s); err != nil {
				return err
			}
			key = d.arena[mark:]
		}
		if err := s.expect(':'); err != nil {
			return err
		}
		if child := n.find(at, key); child == nil {
			if err := s.skipValue(); err != nil {
				return err
			}
		} else if err := d.value(child); err != nil {
			return err
		}
		switch s.peek() {
		case ',':
			s.pos++
		case '}':
			s.pos++
			s.depth--
			return nil
		default:
			return s.unexpected("',' or '}'")
		}
	}
}

// value reads a wanted value: into every field that takes it, and into the fields within it.
func (d *Decoder) value(n *node) error {
	s := &d.scan
	c := s.peek()
	start, depth := s.pos, s.depth
	for _, slot := range n.slots {
		s.pos, s.depth = start, depth
		if err := d.store(slot); err != nil {
			return err
		}
	}
	if c == '{' && len(n.children) > 0 {
		s.pos, s.depth = start, depth
		return d.object(n)
	}
	if len(n.slots) == 0 {
		return s.skipValue()
	}
	return nil
}

// store converts the value at pos into a field of the current row.
func (d *Decoder) store(i int) error {
	sl := &d.slots[i]
	start, depth := d.scan.pos, d.scan.depth
	err := sl.read(d, d.rows)
	if err == nil {
		return nil
	}
	var bad *syntaxError
	if errors.As(err, &bad) {
		return err
	}
	if sl.field.Lenient {
		sl.clear(d.rows)
		d.scan.pos, d.scan.depth = start, depth
		return d.scan.skipValue()
	}
	return fmt.Errorf("column %q: %w", sl.field.Name, err)
}

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

// simpleInt converts the digits of an integer; ok is false where it leaves 64 bits.
func simpleInt(raw []byte) (x int64, ok bool) {
	neg := raw[0] == '-'
	if neg {
		raw = raw[1:]
	}
	var u uint64
	for _, c := range raw {
		if u > math.MaxUint64/10-1 {
			return 0, false
		}
		u = u*10 + uint64(c-'0')
	}
	switch {
	case neg && u <= 1<<63:
		return -int64(u), true
	case !neg && u <= math.MaxInt64:
		return int64(u), true
	}
	return 0, false
}
