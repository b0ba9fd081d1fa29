// Package mutable is the consuming segment: rows that arrive in batches from one writer and are visible to any number
// of readers without locks.
//
// Columns are arrays off the Go heap, in chunks of whole blocks that never move. The writer stores behind the published
// rows and then raises the row count; a reader works on a View, the first rows of the segment, and looks at nothing
// behind them. What readers find by pointer (the directory of chunks, runs, the dictionary, pages of text) is immutable
// and replaced by an atomic store before the rows that need it are published. Booleans and NULLs are a byte each, so
// that no memory word is written while it is read.
//
// Texts are codes of an unsorted dictionary that grows by appending, or, for noDictionary columns, JSON and BYTES, and
// once values hardly repeat, locations in pages of bytes. Codes are given in order of appearance: the values of a
// view's rows are exactly the first ones, which is the dictionary that its columns show.
//
// Append is all or nothing: everything that can fail comes before the first store that a reader could be told of.
package mutable

import (
	"fmt"
	"sync/atomic"

	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/internal/errs"
	"github.com/freshetdb/freshet/internal/offheap"
	"github.com/freshetdb/freshet/internal/vec"
	"github.com/freshetdb/freshet/segment"
)

// Config says what a segment holds.
type Config struct {
	Name   string
	Schema *catalog.Schema
	// Table tells the time column and the columns without dictionary; nil is none of them.
	Table *catalog.Table
	// Allocator gives the memory; nil makes one without accountant.
	Allocator *offheap.Allocator
}

// Segment is a consuming segment. Append and Release are for one writer; everything else is safe for concurrent use
// until Release.
type Segment struct {
	name       string
	arena      *offheap.Arena
	columns    []*column // in schema order, then $offset and $ordinal
	byName     map[string]int
	timeColumn int // -1: none
	timeUnit   timeUnit
	rows       atomic.Int64
	released   atomic.Bool

	// Of Append: the hidden columns' vectors.
	offsets, ordinals vec.Vector
}

// New makes an empty segment. It holds memory until Release.
func New(cfg Config) (*Segment, error) {
	if cfg.Schema == nil {
		return nil, errs.Bug("consuming segment %q has no schema", cfg.Name)
	}
	allocator := cfg.Allocator
	if allocator == nil {
		allocator = offheap.NewAllocator(nil)
	}
	s := &Segment{name: cfg.Name, arena: offheap.NewArena(allocator), byName: map[string]int{}, timeColumn: -1}
	noDictionary := map[string]bool{}
	if cfg.Table != nil {
		noDictionary = cfg.Table.Index.NoDictionary
		if f, ok := cfg.Schema.Field(cfg.Table.TimeColumn); ok {
			if u := unitOf(f); u.mul != 0 {
				s.timeColumn, s.timeUnit = cfg.Schema.Index(f.Name), u
			}
		}
	}
	for i := range cfg.Schema.Fields {
		f := &cfg.Schema.Fields[i]
		useDict := (f.Type.Kind == catalog.KindString || f.Type.Kind == catalog.KindBigDecimal) && !noDictionary[f.Name]
		if err := s.addColumn(f.Name, f.Type, useDict, allocator); err != nil {
			return nil, err
		}
	}
	for _, hidden := range []struct {
		name string
		typ  catalog.Type
	}{{segment.OffsetColumn, catalog.Long}, {segment.OrdinalColumn, catalog.Int}} {
		if err := s.addColumn(hidden.name, hidden.typ, false, allocator); err != nil {
			return nil, err
		}
	}
	return s, nil
}

func (s *Segment) addColumn(name string, t catalog.Type, useDict bool, allocator *offheap.Allocator) error {
	if _, ok := s.byName[name]; ok {
		return errs.User(errs.DuplicateObject, "column %q occurs twice in the schema of segment %q", name, s.name)
	}
	c, err := newColumn(name, t, useDict, s.arena, allocator)
	if err != nil {
		return err
	}
	s.byName[name] = len(s.columns)
	s.columns = append(s.columns, c)
	return nil
}

// Append adds a batch: columns in schema order, in any form, with the Kafka offset and the ordinal within its record of
// each row. All rows are added or, after an error, none. The batch is not kept. Readers see the rows through views of
// the new row count. Steady state allocates nothing on the heap per row.
func (s *Segment) Append(b *vec.Batch, offsets []int64, ordinals []int32) error {
	row := int(s.rows.Load())
	if err := s.check(b, offsets, ordinals, row); err != nil {
		return err
	}
	if b.Rows == 0 {
		return nil
	}
	s.offsets = vec.Vector{Type: catalog.Long, Len: b.Rows, I64: offsets}
	s.ordinals = vec.Vector{Type: catalog.Int, Len: b.Rows, I32: ordinals}
	for i, c := range s.columns {
		if err := c.stage(s.input(b, i), row); err != nil {
			for _, undo := range s.columns[:i+1] {
				undo.rollback()
			}
			return fmt.Errorf("cannot append %d rows to segment %q: %w", b.Rows, s.name, err)
		}
	}
	for _, c := range s.columns {
		c.commit(row)
	}
	s.offsets, s.ordinals = vec.Vector{}, vec.Vector{}
	s.rows.Store(int64(row + b.Rows))
	return nil
}

// input is the batch's vector for column i, the hidden ones included.
func (s *Segment) input(b *vec.Batch, i int) *vec.Vector {
	switch i - len(b.Cols) {
	case 0:
		return &s.offsets
	case 1:
		return &s.ordinals
	default:
		return b.Cols[i]
	}
}

func (s *Segment) check(b *vec.Batch, offsets []int64, ordinals []int32, row int) error {
	if s.released.Load() {
		return errs.Bug("append to segment %q after its release", s.name)
	}
	if len(b.Cols) != len(s.columns)-2 || len(offsets) != b.Rows || len(ordinals) != b.Rows {
		return errs.Bug("batch for segment %q has %d columns, %d rows, %d offsets and %d ordinals, want %d columns and equal counts",
			s.name, len(b.Cols), b.Rows, len(offsets), len(ordinals), len(s.columns)-2)
	}
	for i, v := range b.Cols {
		if err := s.columns[i].check(v, b.Rows); err != nil {
			return fmt.Errorf("cannot append to segment %q: %w", s.name, err)
		}
	}
	if b.Rows > MaxRows-row {
		return errs.New(errs.ClassExhausted, errs.ProgramLimitExceeded, "segment %q has %d rows and cannot take %d more, the limit is %d",
			s.name, row, b.Rows, MaxRows)
	}
	return nil
}

// Rows is the number of rows appended.
func (s *Segment) Rows() int { return int(s.rows.Load()) }

// Bytes is the memory held off the heap.
func (s *Segment) Bytes() int64 {
	total := s.arena.Bytes()
	for _, c := range s.columns {
		if c.dict != nil {
			total += c.dict.slotBytes.Load()
		}
	}
	return total
}

// OffsetAt is the Kafka offset of a row's record; the row has to be below Rows.
func (s *Segment) OffsetAt(row int) int64 {
	number, within := chunkOf(row / vec.BlockRows)
	c := s.columns[len(s.columns)-2]
	return (*c.directory.Load())[number].values.Load().i64[within*vec.BlockRows+row%vec.BlockRows]
}

// View gives the first rows rows, at most those appended. It stays as it is while the writer goes on, and is valid
// until Release.
func (s *Segment) View(rows int) segment.View {
	rows = max(0, min(rows, s.Rows()))
	return &view{segment: s, rows: rows, columns: make([]atomic.Pointer[columnView], len(s.columns))}
}

// Release frees the memory; no view and no byte from one may be used any more. Calls after the first do nothing.
func (s *Segment) Release() {
	if !s.released.CompareAndSwap(false, true) {
		return
	}
	for _, c := range s.columns {
		if c.dict != nil {
			c.dict.freeSlots()
		}
	}
	s.arena.Release()
}
