package immutable

import (
	"github.com/freshetdb/freshet/internal/vec"
	"github.com/freshetdb/freshet/internal/vfs"
	"github.com/freshetdb/freshet/segment"
	"github.com/freshetdb/freshet/segment/encoding"
)

var _ segment.Prefetcher = (*column)(nil)

// What column.seen holds beside the epoch, in its lowest bit.
const (
	seenWhole  = 0
	seenPartly = 1
)

// Missing implements segment.Prefetcher. The first touch checks all sections, so that all have to come; later only what the
// blocks need. A column that is whole in memory is looked at once per epoch, one that is not at every call.
func (c *column) Missing(b, n int, epoch uint64, out []vfs.Span) []vfs.Span {
	seen := c.seen.Load()
	recent := epoch != 0 && seen>>1 >= epoch // another's epoch may be the newer one
	if recent && seen&1 == seenWhole {
		return out
	}
	loaded := c.dataReady.done.Load()
	if loaded && (recent || epoch == 0) {
		return c.missingBlocks(b, n, out)
	}
	known := len(out)
	for i := range c.meta.Sections {
		if s := &c.meta.Sections[i]; !c.copied(s.Role) {
			out = c.missing(int(s.Offset), int(s.Length), out)
		}
	}
	switch {
	case len(out) == known:
		c.seen.Store(epoch<<1 | seenWhole)
		return out
	case !loaded:
		return out
	default:
		c.seen.Store(epoch<<1 | seenPartly)
		return c.missingBlocks(b, n, out[:known])
	}
}

// MissingDict implements segment.Prefetcher. A small dictionary is in memory once it was read.
func (c *column) MissingDict(epoch uint64, out []vfs.Span) []vfs.Span {
	if c.meta.Encoding != encoding.Dict || epoch != 0 && c.dictSeen.Load() >= epoch || c.smallDict() && c.dictReady.done.Load() {
		return out
	}
	known := len(out)
	for _, role := range []segment.Role{segment.RoleDict, segment.RoleDictOffsets, segment.RoleCounts} {
		if s, ok := c.meta.Section(role); ok {
			out = c.missing(int(s.Offset), int(s.Length), out)
		}
	}
	if len(out) == known && epoch != 0 {
		c.dictSeen.Store(epoch)
	}
	return out
}

// copied says that a section is not read from the file any more.
func (c *column) copied(role segment.Role) bool {
	switch role {
	case segment.RoleDict, segment.RoleDictOffsets:
		return c.smallDict() && c.dictReady.done.Load()
	case segment.RoleCounts:
		return c.dictReady.done.Load()
	default:
		return false
	}
}

// missing appends a range of the file unless it is in memory.
func (c *column) missing(offset, length int, out []vfs.Span) []vfs.Span {
	span := vfs.Span{Mapping: c.mapping, Offset: offset, Length: length}
	if length == 0 || span.Resident() {
		return out
	}
	return append(out, span)
}

// missingBlocks appends what blocks b..b+n-1 of a loaded column need: their parts of what has an entry per row or slot, and all of
// what is read at random.
func (c *column) missingBlocks(b, n int, out []vfs.Span) []vfs.Span {
	rows := c.file.Info.Rows
	fromRow, toRow := b*vec.BlockRows, min((b+n)*vec.BlockRows, rows)
	from, _ := c.slots(b)
	last, size := c.slots(b + n - 1)
	to := last + size
	for i := range c.meta.Sections {
		s := &c.meta.Sections[i]
		if c.copied(s.Role) {
			continue
		}
		length := int(s.Length)
		at, end := 0, length
		switch s.Role {
		case segment.RoleValues:
			if c.chunks != nil {
				at, end = c.chunks.Extent(b, n)
			} else {
				at, end = part(length, from, to, c.meta.Slots)
			}
		case segment.RoleElemNulls:
			at, end = part(length, from, to, c.meta.Slots)
		case segment.RoleNulls:
			at, end = part(length, fromRow, toRow, rows)
		case segment.RoleRowOffsets: // one entry more per block
			at, end = 4*b*(vec.BlockRows+1), min(length, 4*(b+n)*(vec.BlockRows+1))
		}
		out = c.missing(int(s.Offset)+at, end-at, out)
	}
	return out
}

// part gives the bytes that entries from..to-1 of total equal ones take of length bytes, widened to words.
func part(length, from, to, total int) (at, end int) {
	if total == 0 {
		return 0, 0
	}
	return length * from / total &^ 7, min(length, length*to/total+8)
}
