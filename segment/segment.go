// Package segment is what all segments have in common, sealed and consuming: the view that queries read, metadata,
// and the file format (FORMAT.md).
package segment

import (
	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/internal/vec"
	"github.com/freshetdb/freshet/internal/vfs"
)

// Hidden columns of stream segments: the Kafka offset of a row's record (LONG) and the row's ordinal within that
// record (INT). They are stored like any column and never part of SELECT *.
const (
	OffsetColumn  = "$offset"
	OrdinalColumn = "$ordinal"
)

// View is an immutable set of rows of one segment: a sealed segment, or a consuming one up to a published row count.
// It is safe for concurrent use, and valid while the partition version that gave it is pinned.
type View interface {
	// Name is the segment's name, table__partition__sequence__time.
	Name() string
	// Rows is the number of rows, 0..Rows-1.
	Rows() int
	// Consuming says that the segment is not sealed (statistics of queries).
	Consuming() bool
	// TimeRange is the smallest and largest value of the time column, in milliseconds, over plausible rows; ok is
	// false where it is unknown (no such rows, no time column). It decides about retention. Rows may lie outside of it:
	// a filter is pruned by zones, not by this.
	TimeRange() (minMillis, maxMillis int64, ok bool)
	// Column finds a column by its exact name, hidden ones included. A column that the segment lacks (added to the
	// schema later) is not found: the scan then uses the schema's default value.
	Column(name string) (Column, bool)
}

// Column is one column of a View.
type Column interface {
	Type() catalog.Type
	// Stats covers all rows of the view.
	Stats() Stats
	// Dict is the column's dictionary, nil where values are stored without one. Codes of blocks are below Dict().Len.
	Dict() *vec.Dict
	// Block fills out with rows b*BlockRows.. of block b, in whatever form is cheapest (FormDict, FormOffset or
	// FormFlat), aliasing the segment's memory where possible. Multi-value columns come flat with Offsets and
	// Elems, Elems in any form. An error is damage (errs.ClassCorrupt) found at first touch.
	Block(b int, out *vec.Vector) error
	// Zone gives what is known of block b without touching it; Known false means nothing is.
	Zone(b int) Zone
}

// Prefetcher is what a Column of a mapped file also implements: its bytes may not be in memory. Safe for concurrent use.
//
// epoch is a number above 0 that grows from time to time: what was found in memory in one epoch is not looked at again in it. With 0
// what is asked for is looked at in any case.
type Prefetcher interface {
	// Missing appends what has to be brought into memory before blocks b..b+n-1 are read without waiting for the disk.
	Missing(b, n int, epoch uint64, out []vfs.Span) []vfs.Span
	// MissingDict is Missing for Dict. Zones are always in memory.
	MissingDict(epoch uint64, out []vfs.Span) []vfs.Span
}

// Stats summarises a column. Min and Max cover values that are not NULL; they are only valid where HasRange.
type Stats struct {
	Min, Max  vec.Value
	HasRange  bool
	NullCount int
	// Distinct is the exact number of distinct values where a dictionary exists, else 0.
	Distinct int
	Sorted   bool // rows ascend by value, no NULLs
}

// Zone is the range of one block: for integer-like columns in MinI64, MaxI64; for floats in MinF64, MaxF64 (NaN
// makes it unknown); for sorted-dictionary string columns the ids' range in MinI64, MaxI64 and ByID set.
type Zone struct {
	Known          bool
	ByID           bool
	AllNull        bool
	MinI64, MaxI64 int64
	MinF64, MaxF64 float64
	NullCount      int
}

// Blocks gives the number of blocks of n rows.
func Blocks(n int) int { return (n + vec.BlockRows - 1) / vec.BlockRows }
