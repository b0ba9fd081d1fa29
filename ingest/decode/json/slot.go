package json

import (
	"bytes"
	"fmt"
	"math"
	"unicode/utf8"
	"unsafe"

	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/internal/jsonindex"
	"github.com/freshetdb/freshet/internal/vec"
)

// slot builds the column of one field. Values are set by row, so that a key that comes twice overwrites itself and a
// record that fails leaves nothing.
type slot struct {
	field Field
	kind  catalog.Kind
	phys  catalog.Physical
	last  int // the row that was set last, -1 none
	quick quick

	i32   []int32
	i64   []int64
	f32   []float32
	f64   []float64
	str   []string
	truth []bool
	null  []bool
	nulls int

	// Multi-value: elements of row r are offsets[r]..offsets[r+1] of elems; elems is the slot of the element type.
	offsets []uint32
	elems   *slot
	used    int

	// Of a field that wants it: its documents' structure, whose roots are below 0 unless readIndexed stored the row, and how
	// objects were written.
	index  *jsonindex.Index
	shapes *[shapeLevels]shape

	out vec.Vector
}

func newSlot(f Field) slot {
	s := slot{field: f, kind: f.Type.Kind, phys: f.Type.Kind.Physical(), last: -1, quick: quickOf(&f)}
	if f.Index && s.phys == catalog.PhysString && !f.Type.MultiValue {
		s.index, s.shapes, s.quick = &jsonindex.Index{}, new([shapeLevels]shape), quickNone
	}
	if f.Type.MultiValue {
		elem := f
		elem.Type = f.Type.Elem()
		e := newSlot(elem)
		s.elems = &e
	}
	return s
}

// truncate forgets the rows from rows on, of have.
func (s *slot) truncate(rows, have int) {
	if s.nulls > 0 {
		for i := rows; i < have; i++ {
			s.nulls -= int(b2i(s.null[i]))
			s.null[i] = false
		}
	}
	if have > rows && s.str != nil { // strings would keep the records that they are part of
		clear(s.str[rows:have])
	}
	s.last = min(s.last, rows-1)
	if s.index != nil && rows == 0 {
		s.forgetNodes()
	}
	if s.elems != nil {
		used := 0
		if rows > 0 {
			used = int(s.offsets[rows])
		}
		s.elems.truncate(used, s.used)
		s.used = used
	}
}

// extend makes room for n values.
func extend[T any](b []T, n int) []T {
	if n <= len(b) {
		return b
	}
	grown := make([]T, n)
	copy(grown, b)
	return grown
}

// grow makes room for rows rows.
func (s *slot) grow(rows int) {
	s.null = extend(s.null, rows)
	if s.index != nil {
		s.index.Roots = extend(s.index.Roots, rows)
	}
	if s.elems != nil {
		s.offsets = extend(s.offsets, rows+1)
		return
	}
	switch s.phys {
	case catalog.PhysInt32:
		s.i32 = extend(s.i32, rows)
	case catalog.PhysInt64:
		s.i64 = extend(s.i64, rows)
	case catalog.PhysFloat32:
		s.f32 = extend(s.f32, rows)
	case catalog.PhysFloat64:
		s.f64 = extend(s.f64, rows)
	case catalog.PhysBits:
		s.truth = extend(s.truth, rows)
	default:
		s.str = extend(s.str, rows)
	}
}

// clear takes back what row, the one at work, has.
func (s *slot) clear(row int) {
	if s.last == row {
		s.last = row - 1
	}
	if s.elems != nil {
		s.used = s.begin(row)
	}
}

// begin gives where the elements of row begin.
func (s *slot) begin(row int) int { return int(s.offsets[row]) }

// finish ends a row that stays: what was not set is NULL.
func (s *slot) finish(row int) {
	if s.last == row {
		return
	}
	s.null[row] = true
	s.nulls++
	if s.index != nil {
		s.index.Roots[row] = -1
	}
	switch {
	case s.elems != nil:
		s.used = s.begin(row)
	case s.truth != nil:
		s.truth[row] = false
	case s.str != nil:
		s.str[row] = ""
	}
}

// column gives the first rows rows as a flat vector over the slot's buffers.
func (s *slot) column(rows int) *vec.Vector {
	v := &s.out
	v.Reset(s.field.Type, 0)
	v.Len = rows
	switch {
	case s.elems != nil:
		if s.offsets == nil {
			s.offsets = make([]uint32, 1)
		}
		v.Offsets = s.offsets[:rows+1]
		v.Elems = s.elems.column(s.used)
	case s.phys == catalog.PhysInt32:
		v.I32 = s.i32[:rows]
	case s.phys == catalog.PhysInt64:
		v.I64 = s.i64[:rows]
	case s.phys == catalog.PhysFloat32:
		v.F32 = s.f32[:rows]
	case s.phys == catalog.PhysFloat64:
		v.F64 = s.f64[:rows]
	case s.phys == catalog.PhysBits:
		v.Reset(s.field.Type, rows)
		for i, t := range s.truth[:rows] {
			if t {
				v.Bits.Set(i)
			}
		}
	default:
		v.Str = s.str[:rows]
	}
	if s.nulls > 0 {
		nulls := v.MutableNulls()
		for i, n := range s.null[:rows] {
			if n {
				nulls.Set(i)
			}
		}
	}
	return v
}

// read converts the value at the scanner into row. null and what counts as null leave the row unset.
func (s *slot) read(d *Decoder, row int) error {
	sc := &d.scan
	c := sc.peek()
	if s.index != nil {
		s.index.Roots[row] = -1
	}
	if c == 'n' {
		s.clear(row)
		return sc.literal("null")
	}
	if s.field.Raw {
		raw, err := sc.skip()
		if err != nil {
			return err
		}
		s.setText(row, raw)
		return nil
	}
	if s.field.Part != PartNone {
		return s.readPart(d, row, c)
	}
	if s.elems != nil {
		return s.readMany(d, row, c)
	}
	if c == '[' || c == '{' {
		if s.field.Computed {
			s.clear(row)
			return sc.skipValue()
		}
		if c == '[' && s.kind != catalog.KindJSON && !s.field.Document {
			return s.readSingle(d, row)
		}
	}
	return s.readScalar(d, row, c)
}

// readMany reads an array, or one value as an array of one, into a multi-value row. Elements that are null are left out.
func (s *slot) readMany(d *Decoder, row int, c byte) error {
	s.used = s.begin(row)
	sc := &d.scan
	if c != '[' || d.collect == catalog.CollectionsAll {
		if err := s.element(d, c == '[' || c == '{'); err != nil {
			return err
		}
		s.set(row, s.used > s.begin(row))
		return nil
	}
	if err := sc.enter(); err != nil {
		return err
	}
	if sc.peek() != ']' {
		for {
			inner := sc.peek()
			if inner == 'n' {
				if err := sc.literal("null"); err != nil {
					return err
				}
			} else if err := s.element(d, inner == '[' || inner == '{'); err != nil {
				return err
			}
			if next := sc.peek(); next == ']' {
				break
			} else if next != ',' {
				return sc.unexpected("',' or ']'")
			}
			sc.pos++
		}
	}
	sc.pos++
	sc.depth--
	s.set(row, s.used > s.begin(row))
	return nil
}

// element reads one element of a multi-value row.
func (s *slot) element(d *Decoder, nested bool) error {
	s.room()
	if err := s.elems.readElement(d, s.used, nested); err != nil {
		return err
	}
	if s.elems.last == s.used {
		s.used++
	}
	return nil
}

// room makes room for one more element.
func (s *slot) room() {
	if s.used == len(s.elems.null) {
		s.elems.grow(max(2*s.used, firstRoom))
	}
	s.elems.last = min(s.elems.last, s.used-1)
}

func (s *slot) readElement(d *Decoder, at int, nested bool) error {
	if nested {
		return s.readNested(d, at)
	}
	return s.readScalar(d, at, d.scan.peek())
}

// readSingle reads an array into a single-value column: one element collapses, objects become JSON text.
func (s *slot) readSingle(d *Decoder, row int) error {
	sc := &d.scan
	start := sc.pos
	raw, err := sc.skip()
	if err != nil {
		return err
	}
	end, spaced := sc.pos, sc.spaced
	elements, objects, err := arrayShape(raw)
	if err != nil {
		return err
	}
	textual := s.kind == catalog.KindString
	if textual && (d.collect == catalog.CollectionsAll || d.collect == catalog.CollectionsNonPrimitive && objects) {
		return s.storeJSON(d, row, raw, spaced)
	}
	switch elements {
	case 0:
		s.clear(row)
		return nil
	case 1:
		sc.pos = start + 1
		c := sc.peek()
		if c == 'n' {
			s.clear(row)
		} else if err := s.readElement(d, row, c == '[' || c == '{'); err != nil {
			return err
		}
		sc.pos = end
		return nil
	}
	return fmt.Errorf("got an array of %d values, want one %s", elements, s.kind)
}

// arrayShape counts the elements of a valid array and says whether one is an object or an array.
func arrayShape(raw []byte) (elements int, nested bool, err error) {
	s := scanner{b: raw, pos: 1}
	if s.peek() == ']' {
		return 0, false, nil
	}
	for {
		c := s.peek()
		nested = nested || c == '{' || c == '['
		if err := s.skipValue(); err != nil {
			return 0, false, err
		}
		elements++
		if s.peek() != ',' {
			return elements, nested, nil
		}
		s.pos++
	}
}

// readNested reads an object or array into a column of text as its JSON.
func (s *slot) readNested(d *Decoder, row int) error {
	what := "an array"
	if d.scan.peek() == '{' {
		what = "an object"
	}
	raw, err := d.scan.skip()
	if err != nil {
		return err
	}
	if s.kind != catalog.KindString && s.kind != catalog.KindJSON {
		return fmt.Errorf("got %s, want %s", what, s.kind)
	}
	return s.storeJSON(d, row, raw, d.scan.spaced)
}

// readScalar reads a string, number or literal; objects go to readNested, and so do arrays of JSON columns.
func (s *slot) readScalar(d *Decoder, row int, c byte) error {
	sc := &d.scan
	switch c {
	case '{', '[':
		if s.index != nil {
			return s.readIndexed(d, row)
		}
		return s.readNested(d, row)
	case '"':
		raw, escaped, err := sc.text()
		if err != nil {
			return err
		}
		if escaped {
			mark := len(d.arena)
			if d.arena, err = unescape(d.arena, raw, sc); err != nil {
				return err
			}
			raw = d.arena[mark:len(d.arena):len(d.arena)]
		}
		return s.fromText(row, raw)
	case 't':
		if err := sc.literal("true"); err != nil {
			return err
		}
		return s.fromBool(row, true)
	case 'f':
		if err := sc.literal("false"); err != nil {
			return err
		}
		return s.fromBool(row, false)
	}
	if c != '-' && c-'0' > 9 {
		return sc.unexpected("a value")
	}
	raw, integer, err := sc.number()
	if err != nil {
		return err
	}
	return s.fromNumber(row, raw, integer)
}

// set notes that row has a value, or has none.
func (s *slot) set(row int, has bool) {
	if has {
		s.last = row
	} else {
		s.clear(row)
	}
}

func view(raw []byte) string {
	if len(raw) == 0 {
		return ""
	}
	return unsafe.String(&raw[0], len(raw))
}

func (s *slot) setText(row int, raw []byte) {
	s.str[row] = view(raw)
	s.last = row
}

// storeJSON keeps JSON text, without white space between tokens.
func (s *slot) storeJSON(d *Decoder, row int, raw []byte, spaced bool) error {
	if spaced {
		mark := len(d.arena)
		d.arena = d.scan.closeUp(d.arena, raw)
		raw = d.arena[mark:len(d.arena):len(d.arena)]
	}
	return s.limit(row, raw)
}

// limit stores text as far as the column's longest allows.
func (s *slot) limit(row int, raw []byte) error {
	if s.kind == catalog.KindString {
		if nul := bytes.IndexByte(raw, 0); nul >= 0 {
			raw = raw[:nul]
		}
	}
	limit := s.field.MaxLength
	if limit <= 0 || len(raw) <= limit || s.field.MaxLengthStrategy == "NO_ACTION" || utf8.RuneCount(raw) <= limit {
		s.setText(row, raw)
		return nil
	}
	switch s.field.MaxLengthStrategy {
	case "ERROR":
		return fmt.Errorf("text has %d characters, at most %d are accepted", utf8.RuneCount(raw), limit)
	case "SUBSTITUTE_DEFAULT_VALUE":
		s.str[row], s.last = s.substitute(), row
	default:
		end := 0
		for range limit {
			_, n := utf8.DecodeRune(raw[end:])
			end += n
		}
		s.setText(row, raw[:end])
	}
	return nil
}

// limitBytes is limit for BYTES, whose length is in bytes.
func (s *slot) limitBytes(row int, octets string) error {
	limit := s.field.MaxLength
	if limit > 0 && len(octets) > limit {
		switch s.field.MaxLengthStrategy {
		case "ERROR":
			return fmt.Errorf("got %d bytes, at most %d are accepted", len(octets), limit)
		case "SUBSTITUTE_DEFAULT_VALUE":
			octets = s.substitute()
		case "TRIM_LENGTH":
			octets = octets[:limit]
		}
	}
	s.str[row], s.last = octets, row
	return nil
}

// substitute is the default of a column of text; a multi-value column's is its only element.
func (s *slot) substitute() string {
	if def := s.field.Default; len(def.Elems) > 0 {
		return def.Elems[0].Str
	}
	return s.field.Default.Str
}

func (s *slot) fromBool(row int, x bool) error {
	switch s.kind {
	case catalog.KindBoolean:
		s.truth[row] = x
	case catalog.KindString, catalog.KindJSON:
		s.str[row] = "false"
		if x {
			s.str[row] = "true"
		}
	case catalog.KindInt, catalog.KindLong, catalog.KindFloat, catalog.KindDouble:
		return s.fromInt(row, b2i(x))
	case catalog.KindBigDecimal:
		s.str[row] = "0"
		if x {
			s.str[row] = "1"
		}
	default:
		return fmt.Errorf("got %t, want %s", x, s.kind)
	}
	s.last = row
	return nil
}

func (s *slot) fromInt(row int, x int64) error {
	switch s.kind {
	case catalog.KindInt:
		if x != int64(int32(x)) {
			return fmt.Errorf("%d is out of range for INT", x)
		}
		s.i32[row] = int32(x)
	case catalog.KindLong, catalog.KindTimestamp:
		s.i64[row] = x
	case catalog.KindFloat:
		s.f32[row] = float32(x)
	case catalog.KindDouble:
		s.f64[row] = float64(x)
	case catalog.KindBoolean:
		s.truth[row] = x != 0
	}
	s.last = row
	return nil
}

// fromFloat stores a FLOAT or DOUBLE. NaN is no value, and -0.0 is stored as 0.0.
func (s *slot) fromFloat(row int, x float64) error {
	if math.IsNaN(x) {
		s.clear(row)
		return nil
	}
	x += 0
	if s.kind == catalog.KindDouble {
		s.f64[row] = x
	} else {
		s.f32[row] = float32(x)
	}
	s.last = row
	return nil
}

func b2i(b bool) int64 {
	if b {
		return 1
	}
	return 0
}
