package segment

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"io"
	"slices"

	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/internal/errs"
	"github.com/freshetdb/freshet/segment/encoding"
)

// Corrupt makes the error of damaged bytes in a segment file. column is "" where the damage belongs to none.
func Corrupt(path, part, column string, cause error) *errs.Error {
	where := part
	if column != "" {
		where = fmt.Sprintf("%s of column %q", part, column)
	}
	return errs.New(errs.ClassCorrupt, errs.DataCorrupted, "segment file %s is damaged in its %s", path, where).Wrap(cause)
}

// Writer writes the container of a segment file: header, sections, contents, footer. Not safe for concurrent use.
type Writer struct {
	w       io.Writer
	at      int64
	crc     uint32
	start   int64
	table   *crc32.Table
	padding [2 * alignment]byte
}

// NewWriter writes the header to w, which gets the file from its first to its last byte.
func NewWriter(w io.Writer) (*Writer, error) {
	c := &Writer{w: w, table: crc32.MakeTable(crc32.Castagnoli)}
	return c, c.raw(encodeHeader())
}

// raw writes bytes that are in no section's checksum.
func (c *Writer) raw(p []byte) error {
	n, err := c.w.Write(p)
	c.at += int64(n)
	return err
}

// Begin starts a section. Sections do not nest.
func (c *Writer) Begin() { c.start, c.crc = c.at, 0 }

// Write appends to the section.
func (c *Writer) Write(p []byte) (int, error) {
	c.crc = crc32.Update(c.crc, c.table, p)
	n, err := c.w.Write(p)
	c.at += int64(n)
	return n, err
}

// End ends the section. At least 64 zero bytes follow it, so that kernels may read past its end.
func (c *Writer) End(role Role) (Section, error) {
	s := Section{Role: role, Offset: c.start, Length: c.at - c.start, CRC: c.crc}
	return s, c.raw(c.padding[:paddedEnd(c.at)-c.at])
}

// paddedEnd is where the next section starts after one that ends at end.
func paddedEnd(end int64) int64 { return (end + 2*alignment - 1) &^ (alignment - 1) }

// Section writes a whole section.
func (c *Writer) Section(role Role, data []byte) (Section, error) {
	c.Begin()
	if _, err := c.Write(data); err != nil {
		return Section{}, err
	}
	return c.End(role)
}

// Finish writes contents, footer and tail, and completes info with size and checksum.
func (c *Writer) Finish(info Info, zones Section, columns []ColumnMeta) (Info, error) {
	contents := encodeContents(zones, columns)
	where, err := c.Section(RoleInvalid, contents)
	if err != nil {
		return info, err
	}
	footer := encodeFooter(&info, where)
	tail := encodeTail(c.at, footer)
	if err := c.raw(footer); err != nil {
		return info, err
	}
	if err := c.raw(tail); err != nil {
		return info, err
	}
	info.Bytes = c.at
	info.CRC = rootChecksum(contents, footer)
	return info, nil
}

// rootChecksum covers every byte of a file but padding, as contents and footer hold the checksums of the rest.
func rootChecksum(contents, footer []byte) uint32 {
	table := crc32.MakeTable(crc32.Castagnoli)
	return crc32.Update(crc32.Checksum(contents, table), table, footer)
}

// File is the checked container of a segment file: its bytes may be read through sections that Check passed. It is
// immutable and safe for concurrent use, while its bytes are.
type File struct {
	Path     string
	Info     Info
	Zones    Section // checked by Parse
	Columns  []ColumnMeta
	Contents Section
	data     []byte
	// zones is a copy of that section, which cannot be paged out: nearly every query looks at zones. It takes 24 bytes
	// where a block of a column takes thousands.
	zones []byte
}

// Parse checks, in this order: header, tail, footer, contents, that sections lie in the file in order, and the zones. The
// other sections are left to Check. data has to start at a multiple of 64 bytes. Errors have class corrupt.
func Parse(path string, data []byte) (*File, error) {
	f := &File{Path: path, data: data}
	if len(data) < headerSize+tailSize {
		return nil, Corrupt(path, "length", "", fmt.Errorf("%d bytes, want at least %d", len(data), headerSize+tailSize))
	}
	if err := checkHeader(data[:headerSize]); err != nil {
		return nil, Corrupt(path, "header", "", err)
	}
	footer, err := f.footer()
	if err != nil {
		return nil, Corrupt(path, "tail", "", err)
	}
	if f.Info, f.Contents, err = decodeFooter(footer); err != nil {
		return nil, Corrupt(path, "footer", "", err)
	}
	if err := f.readContents(len(footer)); err != nil {
		return nil, Corrupt(path, "table of contents", "", err)
	}
	f.Info.Bytes, f.Info.CRC = int64(len(data)), rootChecksum(f.Bytes(f.Contents), footer)
	if err := f.CheckZones(); err != nil {
		return f, err
	}
	f.zones = bytes.Clone(f.Bytes(f.Zones))
	return f, nil
}

// footer finds and checks the footer through the tail.
func (f *File) footer() ([]byte, error) {
	tail := f.data[len(f.data)-tailSize:]
	if string(tail[24:]) != tailMagic {
		return nil, fmt.Errorf("it ends with %q, want %q", tail[24:], tailMagic)
	}
	if err := checkVersion(binary.LittleEndian.Uint32(tail[16:])); err != nil {
		return nil, err
	}
	if got, want := checksum(tail[:20]), binary.LittleEndian.Uint32(tail[20:]); got != want {
		return nil, fmt.Errorf("its checksum is %08x, want %08x", got, want)
	}
	offset, length := binary.LittleEndian.Uint64(tail), uint64(binary.LittleEndian.Uint32(tail[8:]))
	end := uint64(len(f.data) - tailSize)
	if offset > end || offset+length != end {
		return nil, fmt.Errorf("footer of %d bytes at %d, want it to end at %d", length, offset, end)
	}
	footer := f.data[offset:end]
	if got, want := checksum(footer), binary.LittleEndian.Uint32(tail[12:]); got != want {
		return nil, fmt.Errorf("the footer's checksum is %08x, want %08x", got, want)
	}
	return footer, nil
}

func (f *File) readContents(footerLength int) error {
	limit := int64(len(f.data) - tailSize - footerLength)
	c := f.Contents
	if c.Offset < headerSize || c.Length > maxContents || c.Offset > limit || c.Length > limit-c.Offset || paddedEnd(c.Offset+c.Length) != limit {
		return fmt.Errorf("%d bytes at %d do not end at the footer, %d", c.Length, c.Offset, limit)
	}
	if err := f.check(c); err != nil {
		return err
	}
	var err error
	if f.Zones, f.Columns, err = decodeContents(f.Bytes(c), f.Info.Rows); err != nil {
		return err
	}
	return f.checkLayout()
}

// checkLayout checks that sections follow each other without holes from the header to the contents: then every byte of
// the file is in a section or is padding, and nothing reads outside of it.
func (f *File) checkLayout() error {
	sections := []Section{f.Zones}
	names := map[string]bool{}
	for i := range f.Columns {
		c := &f.Columns[i]
		if names[c.Name] {
			return fmt.Errorf("column %q is there twice", c.Name)
		}
		names[c.Name] = true
		if err := checkRoles(c); err != nil {
			return err
		}
		sections = append(sections, c.Sections...)
	}
	slices.SortFunc(sections, func(a, b Section) int {
		if a.Offset < b.Offset {
			return -1
		}
		return 1
	})
	at := int64(headerSize)
	for _, s := range sections {
		if s.Offset != at || s.Length > f.Contents.Offset-s.Offset {
			return fmt.Errorf("section %s of %d bytes lies at %d, want %d", s.Role, s.Length, s.Offset, at)
		}
		at = paddedEnd(s.Offset + s.Length)
	}
	if at != f.Contents.Offset {
		return fmt.Errorf("sections end at %d, want %d", at, f.Contents.Offset)
	}
	if want := int64(len(f.Columns)) * int64(Blocks(f.Info.Rows)) * encoding.ZoneSize; f.Zones.Role != RoleZones || f.Zones.Length != want {
		return fmt.Errorf("section %s of %d bytes is not that of zones, %d bytes", f.Zones.Role, f.Zones.Length, want)
	}
	return nil
}

// checkRoles checks that a column has exactly the sections that its encoding needs.
func checkRoles(c *ColumnMeta) error {
	want := rolesOf(c)
	if len(want) != len(c.Sections) {
		return fmt.Errorf("column %q has %d sections, want %d", c.Name, len(c.Sections), len(want))
	}
	for i, s := range c.Sections {
		if s.Role != want[i] {
			return fmt.Errorf("section %d of column %q is %s, want %s", i, c.Name, s.Role, want[i])
		}
	}
	return nil
}

// rolesOf lists the sections of a column in their order in the file.
func rolesOf(c *ColumnMeta) []Role {
	var roles []Role
	if c.Type.MultiValue {
		roles = append(roles, RoleRowOffsets, RoleBlockStarts)
	}
	if c.Stats.NullCount > 0 && (c.Type.MultiValue || c.Encoding != encoding.AllNull) {
		roles = append(roles, RoleNulls)
	}
	if c.ElemNulls > 0 && c.Encoding != encoding.AllNull {
		roles = append(roles, RoleElemNulls)
	}
	switch c.Encoding {
	case encoding.AllNull:
		return roles
	case encoding.Dict:
		roles = append(roles, RoleDict)
		if c.Type.Kind.Physical() == catalog.PhysString {
			roles = append(roles, RoleDictOffsets)
		}
		if c.DictCounts {
			roles = append(roles, RoleCounts)
		}
	case encoding.Chunks:
		return append(roles, RoleValues, RoleChunkIndex)
	}
	return append(roles, RoleValues)
}

// Bytes gives the bytes of a section. They are mapped memory: read-only, and gone with the mapping.
func (f *File) Bytes(s Section) []byte {
	return f.data[s.Offset : s.Offset+s.Length : s.Offset+s.Length]
}

func (f *File) check(s Section) error {
	if got := checksum(f.Bytes(s)); got != s.CRC {
		return fmt.Errorf("the checksum is %08x, want %08x", got, s.CRC)
	}
	return nil
}

// Check verifies the checksum of a section of a column.
func (f *File) Check(s Section, column string) error {
	if err := f.check(s); err != nil {
		return Corrupt(f.Path, "section "+s.Role.String(), column, err)
	}
	return nil
}

// CheckZones verifies the zones of all columns.
func (f *File) CheckZones() error {
	if err := f.check(f.Zones); err != nil {
		return Corrupt(f.Path, "section zones", "", err)
	}
	return nil
}

// CheckPadding verifies that all bytes between sections are zero.
func (f *File) CheckPadding() error {
	ends := []Section{f.Zones, f.Contents}
	for i := range f.Columns {
		ends = append(ends, f.Columns[i].Sections...)
	}
	for _, s := range ends {
		end := s.Offset + s.Length
		for i, b := range f.data[end:paddedEnd(end)] {
			if b != 0 {
				return Corrupt(f.Path, "padding", "", fmt.Errorf("byte %d is %#x, want 0", end+int64(i), b))
			}
		}
	}
	return nil
}

// HeapBytes is what the file keeps on the heap beside data: its zones.
func (f *File) HeapBytes() int { return len(f.zones) }

// Zone gives the stored zone of block b of column i.
func (f *File) Zone(i, b int) Zone {
	z := encoding.ZoneAt(f.zones, i*Blocks(f.Info.Rows)+b)
	out := Zone{Known: z.Known, ByID: z.ByID, AllNull: z.AllNull, NullCount: int(z.NullCount)}
	if z.Float {
		out.MinF64, out.MaxF64 = z.Floats()
	} else {
		out.MinI64, out.MaxI64 = z.Min, z.Max
	}
	return out
}
