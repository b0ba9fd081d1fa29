package mutable

import (
	"math"
	"slices"
	"sync/atomic"

	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/internal/errs"
	"github.com/freshetdb/freshet/internal/offheap"
	"github.com/freshetdb/freshet/internal/vec"
)

// column is one column of the segment. The writer appends in two steps: stage does everything that can fail without
// showing anything to readers, commit copies. rollback undoes a stage.
type column struct {
	name  string
	typ   catalog.Type
	arena *offheap.Arena

	// directory is replaced whenever a chunk is added.
	directory atomic.Pointer[[]*chunk]
	dict      *dictionary // nil: never had one
	pages     *pages      // nil: not a string column
	// rawFrom is the first row in chunks without dictionary, MaxInt64 while there are none.
	rawFrom atomic.Int64
	// sortedRows is the length of the ascending prefix without NULLs (integers only).
	sortedRows atomic.Int64

	w writer
}

// writer is the state that only the writer touches.
type writer struct {
	room     int // rows that the chunks can hold
	nonNull  int // committed values (elements of multi-value columns) that are not NULL
	last     int64
	unsorted bool

	// Of the batch being appended.
	in         *vec.Vector
	flat       vec.Vector
	flatElems  vec.Vector
	compact    vec.Vector
	codes      []uint32
	ends       []uint64
	startEnd   location // before the batch's first value
	before     location // commit: before the next piece's first value
	dictCount  int      // before the batch
	staged     bool
	elemsUsed  int // committed elements of the block being filled
	elemsGuess int // elements of the last full block
}

func newColumn(name string, t catalog.Type, useDict bool, arena *offheap.Arena, allocator *offheap.Allocator) (*column, error) {
	l := rawLayout(t.Kind)
	if l == layoutInvalid || !t.Kind.Stored() {
		return nil, errs.User(errs.FeatureNotSupported, "column %q has type %v, which cannot be stored", name, t)
	}
	c := &column{name: name, typ: t, arena: arena}
	c.directory.Store(&[]*chunk{})
	c.rawFrom.Store(math.MaxInt64)
	if l == layoutText {
		c.pages = newPages(arena)
		if useDict {
			c.dict = newDictionary(t.Kind, arena, allocator)
		} else {
			c.rawFrom.Store(0)
		}
	}
	return c, nil
}

// check refuses a vector that does not fit the column or its limits.
func (c *column) check(v *vec.Vector, rows int) error {
	switch {
	case v == nil:
		return errs.Bug("column %q of the batch is missing", c.name)
	case v.Type != c.typ:
		return errs.Bug("column %q of the batch has type %v, want %v", c.name, v.Type, c.typ)
	case v.Len != rows:
		return errs.Bug("column %q of the batch has %d rows, want %d", c.name, v.Len, rows)
	}
	return nil
}

// prepare brings the batch's vector into flat form, with the elements of rows that are not NULL contiguous from 0.
func (c *column) prepare(v *vec.Vector) error {
	w := &c.w
	if v.Form != vec.FormFlat {
		v.Flatten(&w.flat)
		v = &w.flat
	}
	w.in = v
	values := v
	if c.typ.MultiValue {
		if err := c.prepareElements(); err != nil {
			return err
		}
		values = w.in.Elems
	}
	if values.Str == nil {
		return nil
	}
	for i, s := range values.Str[:values.Len] {
		if len(s) > MaxValueBytes && !values.IsNull(i) {
			return errs.New(errs.ClassExhausted, errs.ProgramLimitExceeded, "a value of column %q has %d bytes, at most %d are allowed",
				c.name, len(s), MaxValueBytes)
		}
	}
	return nil
}

func (c *column) prepareElements() error {
	w := &c.w
	v := w.in
	simple := v.Offsets[0] == 0
	for i := range v.Len {
		lo, hi := v.Offsets[i], v.Offsets[i+1]
		if hi < lo || int(hi) > v.Elems.Len {
			return errs.Bug("row %d of column %q has elements %d to %d of %d", i, c.name, lo, hi, v.Elems.Len)
		}
		if v.IsNull(i) {
			simple = simple && hi == lo
		} else if hi-lo > MaxRowElements {
			return errs.New(errs.ClassExhausted, errs.ProgramLimitExceeded, "a cell of column %q has %d elements, at most %d are allowed",
				c.name, hi-lo, MaxRowElements)
		}
	}
	if simple && v.Elems.Form == vec.FormFlat {
		return nil
	}
	elems := v.Elems
	if elems.Form != vec.FormFlat {
		elems.Flatten(&w.flatElems)
		elems = &w.flatElems
	}
	out := &w.compact
	out.Reset(c.typ, v.Len)
	total := 0
	for i := range v.Len {
		if !v.IsNull(i) {
			total += int(v.Offsets[i+1] - v.Offsets[i])
		}
		out.Offsets[i+1] = uint32(total)
	}
	out.Elems.Reset(c.typ.Elem(), total)
	at := 0
	for i := range v.Len {
		if v.IsNull(i) {
			continue
		}
		for e := int(v.Offsets[i]); e < int(v.Offsets[i+1]); e++ {
			out.Elems.CopyRow(at, elems, e)
			at++
		}
	}
	if v.HasNulls() {
		copy(out.MutableNulls(), v.Nulls[:vec.Words(v.Len)])
	}
	w.in = out
	return nil
}

// stage makes room for the batch and finds codes and locations.
func (c *column) stage(v *vec.Vector, rows int) error {
	w := &c.w
	w.staged = true
	if c.dict != nil {
		w.dictCount = c.dict.count
	}
	if c.pages != nil {
		w.startEnd = c.pages.at
	}
	if err := c.prepare(v); err != nil {
		return err
	}
	end := rows + w.in.Len
	for w.room < end {
		if err := c.addChunk(); err != nil {
			return err
		}
	}
	values := w.in
	if c.typ.MultiValue {
		values = w.in.Elems
	}
	if c.pages != nil {
		w.codes, w.ends = growScratch(w.codes, values.Len), growScratch(w.ends, values.Len)
	}
	dir := *c.directory.Load()
	for from := 0; from < w.in.Len; {
		p := pieceAt(dir, rows, from, w.in.Len)
		if err := c.stagePiece(p); err != nil {
			return err
		}
		from += p.rows
	}
	return nil
}

func growScratch[T any](s []T, n int) []T {
	if cap(s) >= n {
		return s[:n]
	}
	return make([]T, n, max(n, 2*cap(s)))
}

// piece is the part of a batch that falls into one block.
type piece struct {
	chunk  *chunk
	block  int
	within int // block in chunk
	at     int // row in block
	from   int // row in the batch
	rows   int
}

// pieceAt gives the piece that begins with row from of a batch of n rows that goes behind row.
func pieceAt(dir []*chunk, row, from, n int) piece {
	block := (row + from) / vec.BlockRows
	number, within := chunkOf(block)
	at := (row + from) % vec.BlockRows
	return piece{chunk: dir[number], block: block, within: within, at: at, from: from, rows: min(n-from, vec.BlockRows-at)}
}

// addChunk adds the next chunk, with a dictionary or, once that does not pay any more, without.
func (c *column) addChunk() error {
	dir := *c.directory.Load()
	blocks := firstBlock(len(dir)+1) - firstBlock(len(dir))
	l := rawLayout(c.typ.Kind)
	dropped := false
	if c.dict != nil && c.rawFrom.Load() == math.MaxInt64 {
		if dropped = c.dictTooLarge(); !dropped {
			l = layoutCode
		}
	}
	added, err := newChunk(c.arena, l, c.typ.MultiValue, blocks)
	if err != nil {
		return err
	}
	if dropped {
		c.rawFrom.Store(int64(c.w.room))
	}
	dir = append(slices.Clone(dir), added)
	c.directory.Store(&dir)
	c.w.room += blocks * vec.BlockRows
	return nil
}

// dictTooLarge judges by the committed values: too many bytes, seven of eight distinct among the first thousands, or more
// than half later.
func (c *column) dictTooLarge() bool {
	if c.dict.bytesUsed() > dictKeepBytes {
		return true
	}
	n, distinct := c.w.nonNull, c.w.dictCount
	return n >= dictTrialValues && 8*distinct > 7*n || n >= dictSureValues && 2*distinct > n
}

func (c *column) stagePiece(p piece) error {
	w := &c.w
	if w.in.HasNulls() {
		r, err := p.chunk.values.Load().withNulls(c.arena, p.chunk.blocks*vec.BlockRows)
		if err != nil {
			return err
		}
		p.chunk.values.Store(r)
	}
	if c.typ.MultiValue {
		return c.stageMulti(p)
	}
	return c.stageText(p.chunk.layout, w.in, p.from, p.from+p.rows)
}

// stageText finds codes or locations of the strings lo to hi of v.
func (c *column) stageText(l layout, v *vec.Vector, lo, hi int) error {
	nulls := v.Nulls
	switch l {
	case layoutCode:
		return c.dict.encode(v.Str[lo:hi], nulls, lo, c.w.codes[lo:hi])
	case layoutText:
		return c.pages.encode(v.Str[lo:hi], nulls, lo, c.w.ends[lo:hi])
	default:
		return nil
	}
}

// stageMulti makes room for the elements of a block.
func (c *column) stageMulti(p piece) error {
	w := &c.w
	lo, hi := int(w.in.Offsets[p.from]), int(w.in.Offsets[p.from+p.rows])
	used := 0
	if p.at > 0 {
		used = w.elemsUsed
	}
	slot := &p.chunk.elems[p.within]
	r := slot.Load()
	need := used + hi - lo
	if r == nil || r.capacity() < need {
		size := max(need, 2*r.capacity(), w.elemsGuess+w.elemsGuess/8, firstElements)
		bigger, err := newRun(c.arena, p.chunk.layout, size)
		if err != nil {
			return err
		}
		if r != nil {
			if r.nulls != nil {
				if bigger, err = bigger.withNulls(c.arena, size); err != nil {
					return err
				}
			}
			bigger.copyFrom(r, used)
		}
		r = bigger
	}
	if w.in.Elems.HasNulls() {
		var err error
		if r, err = r.withNulls(c.arena, r.capacity()); err != nil {
			return err
		}
	}
	slot.Store(r)
	return c.stageText(p.chunk.layout, w.in.Elems, lo, hi)
}

// firstElements is the least room for the elements of a block.
const firstElements = 512

// rollback undoes stage: values that only this batch has leave the dictionary, locations go back. Chunks stay.
func (c *column) rollback() {
	w := &c.w
	if !w.staged {
		return
	}
	if c.dict != nil {
		c.dict.truncate(w.dictCount)
	}
	if c.pages != nil {
		c.pages.at = w.startEnd
	}
	w.staged, w.in = false, nil
}
