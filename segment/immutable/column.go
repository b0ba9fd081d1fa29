package immutable

import (
	"fmt"
	"sync"
	"sync/atomic"

	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/internal/vec"
	"github.com/freshetdb/freshet/internal/vfs"
	"github.com/freshetdb/freshet/segment"
	"github.com/freshetdb/freshet/segment/encoding"
)

// lazy is work that is done once it has succeeded. Its fast path is one atomic load.
type lazy struct {
	done atomic.Bool
	mu   sync.Mutex // held while the work runs, so that concurrent scans check a section once
}

func (l *lazy) do(work func() error) error {
	if l.done.Load() {
		return nil
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.done.Load() {
		return nil
	}
	if err := work(); err != nil {
		return err
	}
	l.done.Store(true)
	return nil
}

// column serves one column. What dictReady and dataReady guard is immutable once they are done.
type column struct {
	file    *segment.File
	mapping vfs.Mapping
	heap    *heapUse
	index   int
	meta    *segment.ColumnMeta
	seen    atomic.Uint64 // what the last epoch found, see Missing
	// dictSeen is the last epoch that found the dictionary in memory.
	dictSeen atomic.Uint64

	dictReady lazy
	dict      *vec.Dict

	dataReady  lazy
	nulls      vec.Bitmap
	values     values
	chunks     *encoding.ChunkReader
	elemNulls  vec.Bitmap
	rowOffsets []uint32
	starts     []uint64
}

// values are the stored slots of a column in place; which slice is set follows from kind and encoding.
type values struct {
	codes encoding.Codes
	i32   []int32
	i64   []int64
	f32   []float32
	f64   []float64
	bits  vec.Bitmap
}

// Type implements segment.Column.
func (c *column) Type() catalog.Type { return c.meta.Type }

// Stats implements segment.Column.
func (c *column) Stats() segment.Stats { return c.meta.Stats }

// Zone implements segment.Column.
func (c *column) Zone(b int) segment.Zone { return c.file.Zone(c.index, b) }

// Dict implements segment.Column. A damaged dictionary is nil here, and an error of every Block.
func (c *column) Dict() *vec.Dict {
	if c.meta.Encoding != encoding.Dict || c.loadDict() != nil {
		return nil
	}
	return c.dict
}

// section brings a section into memory, checks its checksum and gives its bytes, nil where the column has none.
func (c *column) section(role segment.Role) ([]byte, error) {
	s, ok := c.meta.Section(role)
	if !ok {
		return nil, nil
	}
	if err := vfs.Populate(c.mapping, int(s.Offset), int(s.Length)); err != nil {
		return nil, segment.Corrupt(c.file.Path, "section "+role.String(), c.meta.Name, err)
	}
	if err := c.file.Check(s, c.meta.Name); err != nil {
		return nil, err
	}
	return c.file.Bytes(s), nil
}

// structural makes the error of a section whose checksum is right but whose content is not.
func (c *column) structural(role segment.Role, cause error) error {
	return segment.Corrupt(c.file.Path, "section "+role.String(), c.meta.Name, cause)
}

// A dictionary of up to smallDictBytes, and not above a part of what its ids take, is copied when it is first read: nearly
// every query of the column looks at it, and the copy cannot be paged out.
const (
	smallDictBytes = 16 << 10
	smallDictPart  = 16
)

// smallDict tells whether the dictionary is copied.
func (c *column) smallDict() bool {
	var dict, ids int64
	for i := range c.meta.Sections {
		switch s := &c.meta.Sections[i]; s.Role {
		case segment.RoleDict, segment.RoleDictOffsets:
			dict += s.Length
		case segment.RoleValues:
			ids = s.Length
		}
	}
	return dict <= min(smallDictBytes, ids/smallDictPart)
}

// copyPadded copies a section with zeros behind it, as kernels may read past its end.
func copyPadded(section []byte) []byte {
	if section == nil {
		return nil
	}
	out := make([]byte, len(section)+sectionPadding)
	copy(out, section)
	return out[:len(section):len(section)]
}

// sectionPadding is how many zeros follow a section in a file at least.
const sectionPadding = 64

func (c *column) loadDict() error {
	if c.meta.Encoding != encoding.Dict {
		return nil
	}
	return c.dictReady.do(func() error {
		text, err := c.section(segment.RoleDict)
		if err != nil {
			return err
		}
		offsets, err := c.section(segment.RoleDictOffsets)
		if err != nil {
			return err
		}
		if c.smallDict() {
			text, offsets = copyPadded(text), copyPadded(offsets)
			c.heap.add(cap(text) + cap(offsets))
		}
		d, err := encoding.ViewDict(c.meta.Type.Kind, c.meta.Stats.Distinct, c.meta.DictSorted, text, offsets)
		if err != nil {
			return c.structural(segment.RoleDict, err)
		}
		if d.Counts, err = c.counts(); err != nil {
			return err
		}
		c.dict = d
		return nil
	})
}

// counts gives the rows of each value of the dictionary, copied as small dictionaries are; nil where the file lacks them.
func (c *column) counts() ([]uint32, error) {
	data, err := c.section(segment.RoleCounts)
	if data == nil || err != nil {
		return nil, err
	}
	data = copyPadded(data)
	counts, err := encoding.View[uint32](data)
	if err != nil {
		return nil, c.structural(segment.RoleCounts, err)
	}
	rows := 0
	for _, n := range counts {
		rows += int(n)
	}
	if want := c.file.Info.Rows - c.meta.Stats.NullCount; len(counts) != c.meta.Stats.Distinct || rows != want {
		return nil, c.structural(segment.RoleCounts, fmt.Errorf("%d counts of %d rows, want %d of %d", len(counts), rows, c.meta.Stats.Distinct, want))
	}
	c.heap.add(cap(data))
	return counts, nil
}

func (c *column) loadData() error {
	return c.dataReady.do(func() error {
		for _, load := range []func() error{c.loadNulls, c.loadRows, c.loadValues} {
			if err := load(); err != nil {
				return err
			}
		}
		return nil
	})
}

func (c *column) loadNulls() error {
	for _, part := range []struct {
		role segment.Role
		bits *vec.Bitmap
		n    int
		want int
	}{
		{segment.RoleNulls, &c.nulls, c.file.Info.Rows, c.meta.Stats.NullCount},
		{segment.RoleElemNulls, &c.elemNulls, c.meta.Slots, c.meta.ElemNulls},
	} {
		data, err := c.section(part.role)
		if err != nil {
			return err
		}
		if data == nil {
			continue
		}
		if *part.bits, err = encoding.ViewBitmap(data, part.n); err != nil {
			return c.structural(part.role, err)
		}
		if got := part.bits.Count(); got != part.want {
			return c.structural(part.role, fmt.Errorf("%d NULLs, want %d", got, part.want))
		}
	}
	return nil
}

// loadRows reads where the rows of a multi-value column begin and end.
func (c *column) loadRows() error {
	if !c.meta.Type.MultiValue {
		return nil
	}
	data, err := c.section(segment.RoleBlockStarts)
	if err != nil {
		return err
	}
	blocks, rows := segment.Blocks(c.file.Info.Rows), c.file.Info.Rows
	if c.starts, err = encoding.View[uint64](data); err != nil {
		return c.structural(segment.RoleBlockStarts, err)
	}
	if len(c.starts) != blocks+1 || c.starts[0] != 0 || c.starts[blocks] != uint64(c.meta.Slots) {
		return c.structural(segment.RoleBlockStarts, fmt.Errorf("%d starts do not span %d blocks and %d elements", len(c.starts), blocks, c.meta.Slots))
	}
	if data, err = c.section(segment.RoleRowOffsets); err != nil {
		return err
	}
	if c.rowOffsets, err = encoding.View[uint32](data); err == nil && len(c.rowOffsets) != rows+blocks {
		err = fmt.Errorf("%d offsets, want %d", len(c.rowOffsets), rows+blocks)
	}
	if err != nil {
		return c.structural(segment.RoleRowOffsets, err)
	}
	for b := range blocks {
		if c.starts[b+1] < c.starts[b] {
			return c.structural(segment.RoleBlockStarts, fmt.Errorf("block %d starts after its end", b))
		}
		if err := encoding.CheckOffsets(c.offsetsOf(b), int(c.starts[b+1]-c.starts[b])); err != nil {
			return c.structural(segment.RoleRowOffsets, fmt.Errorf("block %d: %w", b, err))
		}
	}
	return nil
}

// blockLen is the number of rows of block b.
func (c *column) blockLen(b int) int { return min(vec.BlockRows, c.file.Info.Rows-b*vec.BlockRows) }

// offsetsOf gives the row offsets of block b of a multi-value column.
func (c *column) offsetsOf(b int) []uint32 {
	at := b * (vec.BlockRows + 1)
	end := at + c.blockLen(b) + 1
	return c.rowOffsets[at:end:end]
}

// slots gives the range of values of block b.
func (c *column) slots(b int) (from, n int) {
	if c.meta.Type.MultiValue {
		return int(c.starts[b]), int(c.starts[b+1] - c.starts[b])
	}
	return b * vec.BlockRows, c.blockLen(b)
}

func (c *column) loadValues() error {
	data, err := c.section(segment.RoleValues)
	if err != nil {
		return err
	}
	switch c.meta.Encoding {
	case encoding.AllNull:
	case encoding.Dict:
		err = c.loadIDs(data)
	case encoding.Offset:
		c.values.codes, err = encoding.ViewCodes(data, c.meta.Width, c.meta.Slots)
		if p := c.meta.Type.Kind.Physical(); err == nil && p != catalog.PhysInt32 && p != catalog.PhysInt64 {
			err = fmt.Errorf("%s is not stored as distances", c.meta.Type)
		}
	case encoding.Scaled:
		c.values.codes, err = encoding.ViewCodes(data, c.meta.Width, c.meta.Slots)
		if p := c.meta.Type.Kind.Physical(); err == nil && p != catalog.PhysFloat32 && p != catalog.PhysFloat64 {
			err = fmt.Errorf("%s is not stored as scaled integers", c.meta.Type)
		}
		if err == nil && !encoding.ScaledBase(c.meta.Base) {
			err = fmt.Errorf("scaled integers from %d on are no exact doubles", c.meta.Base)
		}
	case encoding.Raw:
		err = c.loadRaw(data)
	case encoding.Bits:
		c.values.bits, err = encoding.ViewBitmap(data, c.meta.Slots)
		if err == nil && c.meta.Type.Kind.Physical() != catalog.PhysBits {
			err = fmt.Errorf("%s is not stored as bits", c.meta.Type)
		}
	case encoding.Chunks:
		return c.loadChunks(data)
	default:
		err = fmt.Errorf("encoding %s", c.meta.Encoding)
	}
	if err != nil {
		return c.structural(segment.RoleValues, err)
	}
	return nil
}

// loadIDs reads dictionary ids and checks that the dictionary has them all.
func (c *column) loadIDs(data []byte) error {
	var err error
	if c.values.codes, err = encoding.ViewCodes(data, c.meta.Width, c.meta.Slots); err != nil {
		return err
	}
	if top := c.values.codes.Max(); c.meta.Slots > 0 && int64(top) >= int64(c.meta.Stats.Distinct) {
		return fmt.Errorf("id %d, the dictionary has %d values", top, c.meta.Stats.Distinct)
	}
	return nil
}

func (c *column) loadRaw(data []byte) error {
	var err error
	n := 0
	switch c.meta.Type.Kind.Physical() {
	case catalog.PhysInt32:
		c.values.i32, err = encoding.View[int32](data)
		n = len(c.values.i32)
	case catalog.PhysInt64:
		c.values.i64, err = encoding.View[int64](data)
		n = len(c.values.i64)
	case catalog.PhysFloat32:
		c.values.f32, err = encoding.View[float32](data)
		n = len(c.values.f32)
	case catalog.PhysFloat64:
		c.values.f64, err = encoding.View[float64](data)
		n = len(c.values.f64)
	default:
		return fmt.Errorf("%s is not stored raw", c.meta.Type)
	}
	if err == nil && n != c.meta.Slots {
		err = fmt.Errorf("%d values, want %d", n, c.meta.Slots)
	}
	return err
}

func (c *column) loadChunks(data []byte) error {
	index, err := c.section(segment.RoleChunkIndex)
	if err != nil {
		return err
	}
	if c.meta.Type.Kind.Physical() != catalog.PhysString {
		return c.structural(segment.RoleValues, fmt.Errorf("%s is not stored in chunks", c.meta.Type))
	}
	c.chunks, err = encoding.NewChunkReader(index, data, segment.Blocks(c.file.Info.Rows), func(b int) int {
		_, n := c.slots(b)
		return n
	})
	if err != nil {
		return c.structural(segment.RoleChunkIndex, err)
	}
	return nil
}

// Block implements segment.Column. Ids, distances, raw numbers and bits alias the file; other forms use out's memory.
func (c *column) Block(b int, out *vec.Vector) error {
	if err := c.loadDict(); err != nil {
		return err
	}
	if err := c.loadData(); err != nil {
		return err
	}
	from, n := c.slots(b)
	if !c.meta.Type.MultiValue {
		return c.fill(b, from, n, c.nulls, out)
	}
	out.Reset(c.meta.Type, 0)
	out.Len, out.Offsets = c.blockLen(b), c.offsetsOf(b)
	if c.nulls != nil {
		pointNulls(c.nulls, b*vec.BlockRows, out)
	}
	return c.fill(b, from, n, c.elemNulls, out.Elems)
}

// pointNulls gives out the bits of nulls from row from on, if any is set.
func pointNulls(nulls vec.Bitmap, from int, out *vec.Vector) {
	if from&63 != 0 {
		bits := out.MutableNulls()
		encoding.CopyBits(bits, nulls, from, out.Len)
		return
	}
	words := nulls[from>>6 : from>>6+vec.Words(out.Len)]
	// The word after the last row of a multi-value block may belong to the next block.
	switch {
	case !words.Any():
	case out.Len&63 != 0 && words[len(words)-1]>>(uint(out.Len)&63) != 0:
		encoding.CopyBits(out.MutableNulls(), nulls, from, out.Len)
	default:
		out.Nulls = words[:len(words):len(words)]
	}
}

// fill makes out the n values from slot from on, those of block b.
func (c *column) fill(b, from, n int, nulls vec.Bitmap, out *vec.Vector) error {
	t, v, end := c.meta.Type.Elem(), &c.values, from+n
	switch c.meta.Encoding {
	case encoding.AllNull:
		fillNull(t, n, out)
		return nil
	case encoding.Chunks:
		out.Reset(t, n)
		if err := c.chunks.Read(b, out); err != nil {
			return c.structural(segment.RoleValues, fmt.Errorf("block %d: %w", b, err))
		}
	case encoding.Dict:
		out.Alias(t, vec.FormDict, n)
		out.Dict = c.dict
		v.codes.Slice(from, end, out)
	case encoding.Offset:
		out.Alias(t, vec.FormOffset, n)
		out.Base = c.meta.Base
		v.codes.Slice(from, end, out)
	case encoding.Scaled:
		out.Alias(t, vec.FormScaled, n)
		out.Base, out.Power = c.meta.Base, encoding.PowerOfTen(c.meta.Scale)
		v.codes.Slice(from, end, out)
	case encoding.Bits:
		c.fillBits(from, n, out)
	default:
		out.Alias(t, vec.FormFlat, n)
		switch {
		case v.i32 != nil:
			out.I32 = v.i32[from:end:end]
		case v.i64 != nil:
			out.I64 = v.i64[from:end:end]
		case v.f32 != nil:
			out.F32 = v.f32[from:end:end]
		default:
			out.F64 = v.f64[from:end:end]
		}
	}
	if nulls != nil {
		pointNulls(nulls, from, out)
	}
	return nil
}

// fillNull makes out n NULLs over zero values: the memory may hold strings of another mapping.
func fillNull(t catalog.Type, n int, out *vec.Vector) {
	out.Reset(t, n)
	clear(out.I32)
	clear(out.I64)
	clear(out.F32)
	clear(out.F64)
	clear(out.Str)
	if n > 0 {
		out.MutableNulls().SetAll(n)
	}
}

func (c *column) fillBits(from, n int, out *vec.Vector) {
	t := c.meta.Type.Elem()
	if from&63 == 0 && !c.meta.Type.MultiValue {
		out.Alias(t, vec.FormFlat, n)
		end := from>>6 + vec.Words(n)
		out.Bits = c.values.bits[from>>6 : end : end]
		return
	}
	out.Reset(t, n)
	encoding.CopyBits(out.Bits, c.values.bits, from, n)
}
