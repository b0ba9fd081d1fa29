package segment

import (
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"math"

	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/internal/binfmt"
	"github.com/freshetdb/freshet/internal/vec"
	"github.com/freshetdb/freshet/segment/encoding"
)

// Format versions. Numbers are never reused; FORMAT.md has a line for each.
const (
	// FormatVersion is what this build writes.
	FormatVersion = 3
	// OldestReadable is the oldest version that this build reads.
	OldestReadable = 1
)

// Sizes of the fixed parts, in bytes.
const (
	alignment  = 64
	headerSize = 64
	tailSize   = 32
)

const (
	headMagic = "FRESHSEG"
	tailMagic = "FRESHEND"
)

// Limits of what a file may claim, so that a damaged one cannot make a reader allocate without bound.
const (
	maxName     = 4096
	maxColumns  = catalog.MaxColumns + 16 // and hidden ones
	maxRows     = math.MaxInt32
	maxStatText = 1024 // bytes of a stored minimum or maximum; longer ones are not kept
	maxContents = 64 << 20
)

// Role says what a section of a column holds.
type Role uint8

// Roles. Numbers are part of the file format.
const (
	RoleInvalid     Role = 0
	RoleValues      Role = 1 // ids, distances, raw numbers, bits, or LZ4 chunks
	RoleDict        Role = 2 // numbers, or text
	RoleDictOffsets Role = 3
	RoleNulls       Role = 4 // bitmap of NULL rows
	RoleChunkIndex  Role = 5
	RoleRowOffsets  Role = 6  // multi-value: where each row's elements begin and end within its block's
	RoleBlockStarts Role = 7  // multi-value: the first element of each block, and the number of elements
	RoleElemNulls   Role = 8  // multi-value: bitmap of NULL elements
	RoleZones       Role = 9  // of the whole file: a zone per column and block
	RoleCounts      Role = 10 // rows with each value of the dictionary

	// RoleCount is the number of roles, for exhaustive tests.
	RoleCount = 11
)

var roleNames = [RoleCount]string{"invalid", "values", "dict", "dict-offsets", "nulls", "chunk-index", "row-offsets", "block-starts",
	"elem-nulls", "zones", "counts"}

// String names the role as errors and the inspector print it.
func (r Role) String() string {
	if r < RoleCount {
		return roleNames[r]
	}
	return fmt.Sprintf("role(%d)", uint8(r))
}

// Section is a checksummed range of the file.
type Section struct {
	Role   Role
	Offset int64
	Length int64
	CRC    uint32 // CRC-32C of the bytes, without padding
}

// ColumnMeta describes a stored column.
type ColumnMeta struct {
	Name string
	Type catalog.Type
	// Encoding, Width, Base and Scale say how RoleValues is read; of the elements, for multi-value columns.
	Encoding encoding.Encoding
	Width    int
	Base     int64
	// Scale is the number of decimal places of a scaled column.
	Scale int
	// Slots is the number of stored values: rows, or elements.
	Slots int
	// ElemNulls counts NULL elements.
	ElemNulls int
	// DictSorted says that ids ascend strictly with values.
	DictSorted bool
	// DictCounts says that there is RoleCounts.
	DictCounts bool
	Stats      Stats
	Sections   []Section
}

// Section finds a column's section by role.
func (c *ColumnMeta) Section(role Role) (Section, bool) {
	for _, s := range c.Sections {
		if s.Role == role {
			return s, true
		}
	}
	return Section{}, false
}

// Bytes is the size of a column's sections.
func (c *ColumnMeta) Bytes() int64 {
	n := int64(0)
	for _, s := range c.Sections {
		n += s.Length
	}
	return n
}

// checksum is the CRC-32C (Castagnoli), which processors compute.
func checksum(p []byte) uint32 { return crc32.Checksum(p, crc32.MakeTable(crc32.Castagnoli)) }

// Flags of a column in the contents.
const (
	flagMultiValue = 1 << iota
	flagSorted
	flagRange
	flagDictSorted
	flagDictCounts
	flagsKnown = 1<<iota - 1
)

func appendSection(dst []byte, s Section) []byte {
	dst = append(dst, byte(s.Role))
	dst = binfmt.AppendUint64(dst, uint64(s.Offset))
	dst = binfmt.AppendUint64(dst, uint64(s.Length))
	return binfmt.AppendUint32(dst, s.CRC)
}

func decodeSection(d *binfmt.Decoder) Section {
	return Section{Role: Role(d.Uint8()), Offset: int64(d.Int(math.MaxInt64 / 2)), Length: int64(d.Int(math.MaxInt64 / 2)), CRC: d.Uint32()}
}

// encodeContents gives the table of contents: the zones section and the columns.
func encodeContents(zones Section, columns []ColumnMeta) []byte {
	dst := appendSection(nil, zones)
	dst = binfmt.AppendUint32(dst, uint32(len(columns)))
	for i := range columns {
		dst = appendColumn(dst, &columns[i])
	}
	return dst
}

func appendColumn(dst []byte, c *ColumnMeta) []byte {
	flags := byte(0)
	for bit, set := range []bool{c.Type.MultiValue, c.Stats.Sorted, c.Stats.HasRange, c.DictSorted, c.DictCounts} {
		if set {
			flags |= 1 << bit
		}
	}
	dst = binfmt.AppendString(dst, c.Name)
	dst = append(dst, byte(c.Type.Kind), flags, byte(c.Encoding), byte(c.Width))
	for _, x := range []uint64{uint64(c.Base), uint64(c.Slots), uint64(c.ElemNulls), uint64(c.Stats.NullCount), uint64(c.Stats.Distinct)} {
		dst = binfmt.AppendUint64(dst, x)
	}
	if c.Encoding == encoding.Scaled {
		dst = append(dst, byte(c.Scale))
	}
	if c.Stats.HasRange {
		dst = appendValue(appendValue(dst, c.Stats.Min), c.Stats.Max)
	}
	dst = append(dst, byte(len(c.Sections)))
	for _, s := range c.Sections {
		dst = appendSection(dst, s)
	}
	return dst
}

// appendValue appends a value that is not NULL; the column gives its type.
func appendValue(dst []byte, x vec.Value) []byte {
	switch x.Type.Kind.Physical() {
	case catalog.PhysFloat32, catalog.PhysFloat64:
		return binfmt.AppendUint64(dst, math.Float64bits(x.F64))
	case catalog.PhysString:
		return binfmt.AppendString(dst, x.Str)
	default:
		return binfmt.AppendUint64(dst, uint64(x.I64))
	}
}

func decodeValue(d *binfmt.Decoder, t catalog.Type) vec.Value {
	x := vec.Value{Type: t}
	switch t.Kind.Physical() {
	case catalog.PhysFloat32, catalog.PhysFloat64:
		x.F64 = math.Float64frombits(d.Uint64())
	case catalog.PhysString:
		x.Str = d.String(maxStatText)
	default:
		x.I64 = int64(d.Uint64())
	}
	return x
}

// decodeContents reads the table of contents of a file of rows rows.
func decodeContents(data []byte, rows int) (zones Section, columns []ColumnMeta, err error) {
	d := binfmt.NewDecoder(data)
	zones = decodeSection(d)
	n := int(d.Uint32())
	if n > maxColumns {
		d.Fail("%d columns are above %d", n, maxColumns)
	}
	for i := 0; i < n && d.Err() == nil; i++ {
		columns = append(columns, decodeColumn(d, rows))
	}
	return zones, columns, d.Finish()
}

func decodeColumn(d *binfmt.Decoder, rows int) ColumnMeta {
	c := ColumnMeta{Name: d.String(maxName)}
	c.Type.Kind = catalog.Kind(d.Uint8())
	flags := d.Uint8()
	c.Type.MultiValue, c.Stats.Sorted = flags&flagMultiValue != 0, flags&flagSorted != 0
	c.Stats.HasRange, c.DictSorted, c.DictCounts = flags&flagRange != 0, flags&flagDictSorted != 0, flags&flagDictCounts != 0
	c.Encoding, c.Width = encoding.Encoding(d.Uint8()), int(d.Uint8())
	c.Base = int64(d.Uint64())
	c.Slots = d.Int(maxRows)
	c.ElemNulls = d.Int(c.Slots)
	c.Stats.NullCount = d.Int(rows)
	c.Stats.Distinct = d.Int(c.Slots)
	if c.Encoding == encoding.Scaled {
		c.Scale = int(d.Uint8())
	}
	if c.Stats.HasRange {
		c.Stats.Min, c.Stats.Max = decodeValue(d, c.Type), decodeValue(d, c.Type)
	}
	for range d.Uint8() {
		c.Sections = append(c.Sections, decodeSection(d))
	}
	switch {
	case d.Err() != nil:
	case !c.Type.Kind.Stored():
		d.Fail("column %q has kind %d, which no column can have", c.Name, c.Type.Kind)
	case c.Encoding == encoding.EncodingInvalid || c.Encoding >= encoding.EncodingCount:
		d.Fail("column %q has encoding %d, which this version does not know", c.Name, c.Encoding)
	case c.Scale > encoding.MaxScale:
		d.Fail("column %q has %d decimal places, at most %d are stored", c.Name, c.Scale, encoding.MaxScale)
	case flags > flagsKnown:
		d.Fail("column %q has flags %#x, which this version does not know", c.Name, flags)
	case c.DictCounts && (c.Encoding != encoding.Dict || c.Type.MultiValue):
		d.Fail("column %q of %s, encoding %s, has counts of dictionary values", c.Name, c.Type, c.Encoding)
	case !c.Type.MultiValue && c.Slots != rows:
		d.Fail("column %q has %d values, want one for each of %d rows", c.Name, c.Slots, rows)
	}
	return c
}

// encodeFooter gives the identity of the file and where its contents are.
func encodeFooter(info *Info, contents Section) []byte {
	dst := binfmt.AppendString(nil, info.Name)
	dst = binfmt.AppendString(dst, info.Table)
	dst = binfmt.AppendString(dst, info.Incarnation)
	dst = binfmt.AppendUint32(dst, uint32(info.Partition))
	hasTime := uint64(0)
	if info.HasTime {
		hasTime = 1
	}
	for _, x := range []uint64{uint64(info.Sequence), uint64(info.StartOffset), uint64(info.EndOffset), uint64(info.SchemaVersion),
		uint64(info.ConfigVersion), uint64(info.CreatedMillis), uint64(info.Rows), hasTime, uint64(info.MinMillis), uint64(info.MaxMillis)} {
		dst = binfmt.AppendUint64(dst, x)
	}
	return appendSection(dst, contents)
}

func decodeFooter(data []byte) (info Info, contents Section, err error) {
	d := binfmt.NewDecoder(data)
	info.Name, info.Table, info.Incarnation = d.String(maxName), d.String(maxName), d.String(maxName)
	info.Partition = int32(d.Uint32())
	info.Sequence, info.StartOffset, info.EndOffset = int64(d.Uint64()), int64(d.Uint64()), int64(d.Uint64())
	info.SchemaVersion, info.ConfigVersion = d.Int(math.MaxInt32), d.Int(math.MaxInt32)
	info.CreatedMillis = int64(d.Uint64())
	info.Rows = d.Int(maxRows)
	info.HasTime = d.Int(1) == 1
	info.MinMillis, info.MaxMillis = int64(d.Uint64()), int64(d.Uint64())
	contents = decodeSection(d)
	return info, contents, d.Finish()
}

// encodeHeader gives the first bytes of a file.
func encodeHeader() []byte {
	dst := append(make([]byte, 0, headerSize), headMagic...)
	dst = binfmt.AppendUint32(dst, FormatVersion)
	dst = append(dst, make([]byte, headerSize-4-len(dst))...)
	return binfmt.AppendUint32(dst, checksum(dst))
}

// encodeTail gives the last bytes of a file.
func encodeTail(footerOffset int64, footer []byte) []byte {
	dst := binfmt.AppendUint64(make([]byte, 0, tailSize), uint64(footerOffset))
	dst = binfmt.AppendUint32(dst, uint32(len(footer)))
	dst = binfmt.AppendUint32(dst, checksum(footer))
	dst = binfmt.AppendUint32(dst, FormatVersion)
	dst = binfmt.AppendUint32(dst, checksum(dst))
	return append(dst, tailMagic...)
}

// checkVersion refuses files that this build cannot read.
func checkVersion(version uint32) error {
	if version < OldestReadable || version > FormatVersion {
		return fmt.Errorf("format version %d, this build reads %d to %d", version, OldestReadable, FormatVersion)
	}
	return nil
}

// checkHeader checks the first bytes of a file.
func checkHeader(b []byte) error {
	if string(b[:8]) != headMagic {
		return fmt.Errorf("it starts with %q, want %q", b[:8], headMagic)
	}
	if err := checkVersion(binary.LittleEndian.Uint32(b[8:])); err != nil {
		return err
	}
	if got, want := checksum(b[:headerSize-4]), binary.LittleEndian.Uint32(b[headerSize-4:]); got != want {
		return fmt.Errorf("checksum is %08x, want %08x", got, want)
	}
	return nil
}
