// Package json decodes JSON records into typed columns. A decoder is compiled from the fields that somebody wants; it
// walks a record once, expects keys in the order of the last record, checks everything it skips, and allocates nothing
// per record once its buffers have grown. Strings without escapes alias the record.
package json

import (
	"errors"
	"fmt"
	"strings"

	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/internal/errs"
	"github.com/freshetdb/freshet/internal/jsonindex"
	"github.com/freshetdb/freshet/internal/vec"
)

// Limits of a record.
const (
	MaxRecordBytes = 64 << 20 // Kafka's message.max.bytes is far below
	MaxDepth       = 200      // nested objects and arrays
	maxArena       = 1 << 30  // bytes of unescaped text per batch
	arenaKept      = 8 << 20  // a larger arena is given back once a batch needs only a part of it
)

// Collections says what an array becomes in a column that holds single values of text.
type Collections = catalog.CollectionMode

// Field is one wanted value.
type Field struct {
	// Name is the flattened name; Aliases are further names that give the same field (renamed prefixes).
	Name    string
	Aliases []string
	Column  string // the name in errors, Name if empty
	Type    catalog.Type
	// Raw takes the value's JSON text whatever it is: arrays to unnest.
	Raw bool
	// Document makes arrays and objects JSON text in a column of text, also arrays of one: what a function reads.
	Document bool
	// Index notes the structure of objects and arrays that become single values of text, for Decoder.Index.
	Index bool
	// Computed says that a transform gives the column where the record does not: an array or object is then no value for
	// a column of single values.
	Computed bool
	// Forgive makes a value that does not convert NULL and a Loss, instead of failing the record.
	Forgive bool
	// Part, if set, takes the keys or the values of an object, in the order of its keys, into a multi-value column.
	Part              Part
	MaxLength         int    // characters of text (bytes of BYTES), 0 for any
	MaxLengthStrategy string // TRIM_LENGTH, ERROR, SUBSTITUTE_DEFAULT_VALUE, NO_ACTION
	Default           catalog.Value
}

// Part says what of an object a multi-value field takes.
type Part uint8

// Parts of an object.
const (
	PartNone Part = iota
	PartKeys
	PartValues
)

// Loss is a value that did not convert and became NULL.
type Loss struct {
	Row int
	Err error
}

// Options belong to all fields.
type Options struct {
	Delimiter   string      // between the parts of a flattened name, "." by default
	Collections Collections // CollectionsNonPrimitive by default
	// Scalars accepts records that are no objects: only the field named "" has a value then.
	Scalars bool
}

// Decoder appends records to columns. Not safe for concurrent use.
type Decoder struct {
	root    *node
	slots   []slot
	multi   []int // slots of multi-value fields
	rows    int
	room    int // rows that fit into the slots' buffers
	present int // slots that the current record has set
	serial  int // of the current record, to see a key that comes twice
	scan    scanner
	run     run
	arena   []byte
	pairs   []pair
	losses  []Loss
	collect Collections
	scalars bool
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
	d := &Decoder{root: &node{}, collect: opts.Collections, scalars: opts.Scalars, slots: make([]slot, len(fields))}
	for i, f := range fields {
		if !f.Type.Kind.Stored() || f.Raw && f.Type != catalog.JSON || f.Part != PartNone && !f.Type.MultiValue {
			return nil, errs.Bug("field %q cannot be decoded as %s", f.Name, f.Type)
		}
		if f.Column == "" {
			f.Column = f.Name
		}
		d.slots[i] = newSlot(f)
		if f.Type.MultiValue {
			d.multi = append(d.multi, i)
		}
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
	d.root.markLeaves()
	d.scan.gaps = []gap{}
	return d, nil
}

// Reset forgets all rows. Columns and strings given out before are void.
func (d *Decoder) Reset() {
	d.Truncate(0)
	if cap(d.arena) > arenaKept && len(d.arena) < cap(d.arena)/4 {
		d.arena = nil
	}
	d.arena = d.arena[:0]
}

// Truncate forgets the rows from rows on.
func (d *Decoder) Truncate(rows int) {
	for i := range d.slots {
		d.slots[i].truncate(rows, d.rows)
	}
	for len(d.losses) > 0 && d.losses[len(d.losses)-1].Row >= rows {
		d.losses = d.losses[:len(d.losses)-1]
	}
	d.rows = rows
}

// Rows is the number of rows decoded since Reset.
func (d *Decoder) Rows() int { return d.rows }

// Losses lists the values that did not convert, in row order; valid until the next Decode, Truncate or Reset.
func (d *Decoder) Losses() []Loss { return d.losses }

// Column gives field i's column: flat, valid until Reset or the next Decode.
func (d *Decoder) Column(i int) *vec.Vector { return d.slots[i].column(d.rows) }

// Index gives the structure of field i's documents, nil if it was not asked for; valid as long as the column.
func (d *Decoder) Index(i int) *jsonindex.Index { return d.slots[i].index }

// Text gives the value of a field of single texts in a row; false for NULL.
func (d *Decoder) Text(i, row int) (string, bool) {
	s := &d.slots[i]
	if s.null[row] {
		return "", false
	}
	return s.str[row], true
}

// Decode appends one record as one row. On error, which says where and why, nothing is appended.
func (d *Decoder) Decode(record []byte) error {
	if len(record) > MaxRecordBytes {
		return fmt.Errorf("record has %d bytes, at most %d are accepted", len(record), MaxRecordBytes)
	}
	if len(d.arena) > maxArena {
		return errs.Bug("the text of one batch of records has more than %d bytes", maxArena)
	}
	d.makeRoom(d.rows + 1)
	d.scan, d.present = scanner{b: record, gaps: d.scan.gaps}, 0
	d.serial++
	if err := d.parse(); err != nil {
		for i := range d.slots {
			d.slots[i].clear(d.rows)
		}
		for len(d.losses) > 0 && d.losses[len(d.losses)-1].Row == d.rows {
			d.losses = d.losses[:len(d.losses)-1]
		}
		return err
	}
	if d.present < len(d.slots) {
		for i := range d.slots {
			d.slots[i].finish(d.rows)
		}
	}
	for _, i := range d.multi {
		d.slots[i].offsets[d.rows+1] = uint32(d.slots[i].used)
	}
	d.rows++
	return nil
}

// makeRoom makes room for rows rows.
func (d *Decoder) makeRoom(rows int) {
	if rows <= d.room {
		return
	}
	d.room = max(2*d.room, rows, firstRoom)
	for i := range d.slots {
		d.slots[i].grow(d.room)
	}
}

// firstRoom is how many rows a decoder makes room for at first.
const firstRoom = 256

func (d *Decoder) parse() error {
	if err := d.record(); err != nil {
		return err
	}
	if d.scan.peek(); d.scan.pos < len(d.scan.b) {
		return d.scan.fail("text follows the record")
	}
	return nil
}

func (d *Decoder) record() error {
	c := d.scan.peek()
	if start := d.scan.pos; len(d.whole) > 0 {
		for _, slot := range d.whole {
			d.scan.pos, d.scan.depth = start, 0
			if err := d.store(slot); err != nil {
				return err
			}
		}
		if c != '{' {
			return nil
		}
		d.scan.pos, d.scan.depth = start, 0
	}
	switch {
	case c == '{':
		return d.object(d.root)
	case d.scalars:
		return d.scan.skipValue()
	}
	return d.scan.unexpected("a JSON object")
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
	for at := 0; ; {
		child, next, err := d.keyAndColon(n, at)
		if err != nil {
			return err
		}
		at = next
		switch {
		case child == nil:
			err = s.skipValue()
		case child.leaf && d.quick(&d.slots[child.slots[0]]):
		default:
			err = d.value(child)
		}
		if err != nil {
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

// keyAndColon reads a key of n's object, the at-th of the expected order, and the colon behind it. It gives the key's node
// (nil: not wanted) and what to expect next.
func (d *Decoder) keyAndColon(n *node, at int) (child *node, next int, err error) {
	s := &d.scan
	s.peek()
	if at < len(n.order) { // keys in the order hold nothing that is escaped or invalid
		if e := &n.order[at]; e.begins(s.b, s.pos) {
			s.pos += len(e.text)
			return e.node, at + 1, nil
		}
	}
	if child, next, err = d.key(n, at); err != nil {
		return nil, at, err
	}
	if s.peek() != ':' {
		return nil, at, s.unexpected("':'")
	}
	s.pos++
	return child, next, nil
}

// key reads a key that does not begin as it is expected.
func (d *Decoder) key(n *node, at int) (child *node, next int, err error) {
	s := &d.scan
	key, escaped, err := s.text()
	if err != nil {
		return nil, at, err
	}
	if !escaped {
		child, next = n.find(at, key)
		return child, next, nil
	}
	mark := len(d.arena)
	if d.arena, err = unescape(d.arena, key, s); err != nil {
		return nil, at, err
	}
	child = n.children[string(d.arena[mark:])]
	d.arena = d.arena[:mark]
	return child, at, nil
}

// value reads a wanted value: into every field that takes it, and into the fields within it.
func (d *Decoder) value(n *node) error {
	if len(n.children) == 0 && len(n.slots) == 1 {
		return d.store(n.slots[0])
	}
	s := &d.scan
	c := s.peek()
	start, depth := s.pos, s.depth
	if len(n.children) > 0 {
		if n.serial == d.serial { // the key comes twice: the last value counts, nothing of the first remains
			d.forget(n)
		}
		n.serial = d.serial
	}
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

// forget takes back what the record has set within n.
func (d *Decoder) forget(n *node) {
	for _, child := range n.children {
		for _, i := range child.slots {
			if d.slots[i].last == d.rows {
				d.present--
				d.slots[i].clear(d.rows)
			}
		}
		d.forget(child)
	}
}

// store converts the value at pos into a field of the current row.
func (d *Decoder) store(i int) error {
	sl := &d.slots[i]
	start, depth, had := d.scan.pos, d.scan.depth, sl.last == d.rows
	err := sl.read(d, d.rows)
	if err != nil {
		if err = d.misfit(sl, start, depth, err); err != nil {
			return err
		}
	}
	if has := sl.last == d.rows; has != had {
		d.present += int(b2i(has) - b2i(had))
	}
	return nil
}

// misfit decides what becomes of a value that did not convert.
func (d *Decoder) misfit(sl *slot, start, depth int, err error) error {
	var bad *syntaxError
	if errors.As(err, &bad) {
		return err
	}
	d.scan.pos, d.scan.depth = start, depth
	d.scan.peek()
	err = fmt.Errorf("column %q: %w (byte %d)", sl.field.Column, err, d.scan.pos)
	if !sl.field.Forgive {
		return err
	}
	sl.clear(d.rows)
	d.losses = append(d.losses, Loss{Row: d.rows, Err: err})
	return d.scan.skipValue()
}
