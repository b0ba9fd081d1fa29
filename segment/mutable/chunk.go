package mutable

import (
	"math/bits"
	"sync/atomic"

	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/internal/offheap"
	"github.com/freshetdb/freshet/internal/vec"
)

// Chunks. Chunk 0 and 1 have one block, 2 two, 3 four, all others eight (65,536 rows): quiet partitions of wide tables
// stay small, and no block lies in two chunks.
const (
	chunkBlocks = 8
	smallChunks = 4 // chunks 0 to 3 together have chunkBlocks blocks
)

// chunkOf gives the chunk of a block and the block's position in it.
func chunkOf(block int) (chunk, within int) {
	if block < chunkBlocks {
		chunk = bits.Len(uint(block))
		return chunk, block - firstBlock(chunk)
	}
	return smallChunks + (block-chunkBlocks)/chunkBlocks, block % chunkBlocks
}

// firstBlock is the number of blocks before a chunk.
func firstBlock(chunk int) int {
	switch {
	case chunk == 0:
		return 0
	case chunk < smallChunks:
		return 1 << (chunk - 1)
	default:
		return (chunk - smallChunks + 1) * chunkBlocks
	}
}

// layout is how a run stores values.
type layout uint8

const (
	layoutInvalid layout = iota
	layoutI32
	layoutI64
	layoutF32
	layoutF64
	layoutBool // a byte per value: no word is shared between published and unpublished rows
	layoutCode // codes of the column's dictionary
	layoutText // locations in the column's pages
)

func rawLayout(k catalog.Kind) layout {
	switch k.Physical() {
	case catalog.PhysInt32:
		return layoutI32
	case catalog.PhysInt64:
		return layoutI64
	case catalog.PhysFloat32:
		return layoutF32
	case catalog.PhysFloat64:
		return layoutF64
	case catalog.PhysBits:
		return layoutBool
	case catalog.PhysString:
		return layoutText
	default:
		return layoutInvalid
	}
}

// run is an array of values in one layout. Its struct is immutable: a longer one, or one that has got nulls, replaces
// it by pointer and shares what it can. The writer stores at positions that no reader was told of.
type run struct {
	i32   []int32
	i64   []int64
	f32   []float32
	f64   []float64
	bools []uint8
	codes []uint32
	ends  []uint64 // one more than values: ends[0] is the location before the first
	nulls []uint8  // 1 is NULL; nil until the first one
}

// newRun allocates a run for n values.
func newRun(arena *offheap.Arena, l layout, n int) (*run, error) {
	r := &run{}
	var err error
	switch l {
	case layoutI32:
		r.i32, err = offheap.Slice[int32](arena, n)
	case layoutI64:
		r.i64, err = offheap.Slice[int64](arena, n)
	case layoutF32:
		r.f32, err = offheap.Slice[float32](arena, n)
	case layoutF64:
		r.f64, err = offheap.Slice[float64](arena, n)
	case layoutBool:
		r.bools, err = offheap.Slice[uint8](arena, n)
	case layoutCode:
		r.codes, err = offheap.Slice[uint32](arena, n)
	case layoutText:
		r.ends, err = offheap.Slice[uint64](arena, n+1)
	}
	return r, err
}

// capacity is the number of values that r has room for.
func (r *run) capacity() int {
	if r == nil {
		return 0
	}
	return len(r.i32) + len(r.i64) + len(r.f32) + len(r.f64) + len(r.bools) + len(r.codes) + max(len(r.ends)-1, 0)
}

// copyFrom copies the first n values of o.
func (r *run) copyFrom(o *run, n int) {
	copy(r.i32, o.i32[:min(n, len(o.i32))])
	copy(r.i64, o.i64[:min(n, len(o.i64))])
	copy(r.f32, o.f32[:min(n, len(o.f32))])
	copy(r.f64, o.f64[:min(n, len(o.f64))])
	copy(r.bools, o.bools[:min(n, len(o.bools))])
	copy(r.codes, o.codes[:min(n, len(o.codes))])
	copy(r.ends, o.ends[:min(n+1, len(o.ends))])
	copy(r.nulls, o.nulls[:min(n, len(o.nulls))])
}

// withNulls gives r with a null array for n values.
func (r *run) withNulls(arena *offheap.Arena, n int) (*run, error) {
	if r.nulls != nil {
		return r, nil
	}
	nulls, err := offheap.Slice[uint8](arena, n)
	if err != nil {
		return nil, err
	}
	c := *r
	c.nulls = nulls
	return &c, nil
}

// chunk is some blocks of one column.
type chunk struct {
	layout layout
	blocks int
	values atomic.Pointer[run] // the rows' values; multi-value columns have only their nulls here
	meta   []blockMeta         // per block, written once when the block is full

	// Multi-value columns: per block, offsets of the rows' elements and the elements themselves, contiguous, so that
	// a reader can use both as they are.
	offsets []uint32
	elems   []atomic.Pointer[run]
}

// offsetStride is the distance between blocks in chunk.offsets: a block has one more offset than rows, padded to whole
// cache lines.
const offsetStride = vec.BlockRows + offheap.Align/4

func newChunk(arena *offheap.Arena, l layout, multi bool, blocks int) (*chunk, error) {
	c := &chunk{layout: l, blocks: blocks, meta: make([]blockMeta, blocks)}
	if multi {
		offsets, err := offheap.Slice[uint32](arena, blocks*offsetStride)
		c.offsets, c.elems = offsets, make([]atomic.Pointer[run], blocks)
		c.values.Store(&run{})
		return c, err
	}
	r, err := newRun(arena, l, blocks*vec.BlockRows)
	c.values.Store(r)
	return c, err
}

// blockOffsets are the offsets of a block's rows, one more than rows.
func (c *chunk) blockOffsets(within int) []uint32 {
	return c.offsets[within*offsetStride : within*offsetStride+vec.BlockRows+1]
}

// blockMeta is what is known of a full block.
type blockMeta struct {
	bounds bounds
	nulls  int
	codes  int // the largest code in use plus one
}
