// Package inspect prints what is in a segment file and what is wrong with it: the library of `freshet segment inspect`.
package inspect

import (
	"context"
	"errors"
	"fmt"
	"io"
	"text/tabwriter"
	"time"

	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/internal/errs"
	"github.com/freshetdb/freshet/internal/vec"
	"github.com/freshetdb/freshet/internal/vfs"
	"github.com/freshetdb/freshet/segment"
	"github.com/freshetdb/freshet/segment/encoding"
	"github.com/freshetdb/freshet/segment/immutable"
)

// maxShown is how much of a text value is printed, in bytes.
const maxShown = 40

// Inspect prints identity, columns and the state of every section of the file at path; verbose adds the zones of every
// block. Everything that can be printed is, damage or not; damage is the error afterwards, of class corrupt, with one
// part for each damaged section.
func Inspect(w io.Writer, fs vfs.FS, path string, verbose bool) error {
	mapping, err := fs.Map(path)
	if err != nil {
		return fmt.Errorf("cannot inspect segment file %s: %w", path, err)
	}
	p := &printer{w: w}
	damage := p.file(path, mapping.Bytes(), verbose)
	if damage == nil && p.err == nil {
		damage = verifyContent(fs, path)
		if damage != nil {
			p.printf("\n%v\n", damage)
		}
	}
	return errors.Join(damage, p.err, mapping.Close())
}

// verifyContent checks what checksums do not show.
func verifyContent(fs vfs.FS, path string) error {
	s, err := immutable.Open(fs, path)
	if err != nil {
		return err
	}
	defer s.Release()
	return s.Verify(context.Background()) // of one file, on a terminal: interrupting the process ends it
}

// printer keeps the first error of its writer.
type printer struct {
	w   io.Writer
	err error
}

func (p *printer) printf(format string, args ...any) {
	if p.err == nil {
		_, p.err = fmt.Fprintf(p.w, format, args...)
	}
}

// file prints all of a file and gives its damage.
func (p *printer) file(path string, data []byte, verbose bool) error {
	f, err := segment.Parse(path, data)
	if f == nil {
		p.printf("%s: %d bytes, damaged: %v\n", path, len(data), err)
		return err
	}
	p.identity(f)
	damage := []error{p.sections(f), f.CheckPadding()}
	p.columns(f)
	if verbose && err == nil {
		p.zones(f)
	}
	all := errors.Join(damage...)
	if all != nil {
		p.printf("\nDAMAGED\n%v\n", all)
		return errs.New(errs.ClassCorrupt, errs.DataCorrupted, "segment file %s is damaged", path).Wrap(all)
	}
	p.printf("\nall checksums are right\n")
	return nil
}

func (p *printer) identity(f *segment.File) {
	i := &f.Info
	p.printf("segment       %s\ntable         %s, incarnation %s\npartition     %d, sequence %d\noffsets       %d to %d\n",
		i.Name, i.Table, i.Incarnation, i.Partition, i.Sequence, i.StartOffset, i.EndOffset)
	p.printf("versions      schema %d, config %d, format %d\ncreated       %s\nrows          %d in %d blocks\nfile          %d bytes, checksum %08x\n",
		i.SchemaVersion, i.ConfigVersion, segment.FormatVersion, millis(i.CreatedMillis), i.Rows, segment.Blocks(i.Rows), i.Bytes, i.CRC)
	if i.HasTime {
		p.printf("time          %s to %s\n", millis(i.MinMillis), millis(i.MaxMillis))
	}
}

func millis(ms int64) string { return time.UnixMilli(ms).UTC().Format("2006-01-02T15:04:05.000Z") }

// table prints rows in aligned columns.
func (p *printer) table(header string, rows func(t io.Writer)) {
	p.printf("\n")
	t := tabwriter.NewWriter(p.w, 0, 4, 2, ' ', 0)
	if _, err := fmt.Fprintln(t, header); err != nil && p.err == nil {
		p.err = err
	}
	rows(t)
	if err := t.Flush(); err != nil && p.err == nil {
		p.err = err
	}
}

// sections prints and checks every section.
func (p *printer) sections(f *segment.File) error {
	var damage []error
	p.table("offset\tbytes\tchecksum\tsection", func(t io.Writer) {
		cells := &printer{w: t}
		line := func(s segment.Section, what string, err error) {
			state := "ok"
			if err != nil {
				state = "DAMAGED"
				damage = append(damage, err)
			}
			cells.printf("%d\t%d\t%08x %s\t%s\n", s.Offset, s.Length, s.CRC, state, what)
		}
		for i := range f.Columns {
			c := &f.Columns[i]
			for _, s := range c.Sections {
				line(s, fmt.Sprintf("%s of %s", s.Role, c.Name), f.Check(s, c.Name))
			}
		}
		line(f.Zones, "zones", f.CheckZones())
		line(f.Contents, "contents", nil) // Parse has checked it
	})
	return errors.Join(damage...)
}

func (p *printer) columns(f *segment.File) {
	p.table("column\ttype\tencoding\tvalues\tdistinct\tnulls\tsorted\tbytes\tbytes/row\tmin\tmax", func(t io.Writer) {
		cells := &printer{w: t}
		for i := range f.Columns {
			c := &f.Columns[i]
			low, high, distinct := "", "", ""
			if c.Stats.HasRange {
				low, high = shown(c.Stats.Min), shown(c.Stats.Max)
			}
			if c.Encoding == encoding.Dict {
				distinct = fmt.Sprint(c.Stats.Distinct)
			}
			perRow := float64(c.Bytes()) / float64(max(f.Info.Rows, 1))
			cells.printf("%s\t%s\t%s\t%d\t%s\t%d\t%v\t%d\t%.2f\t%s\t%s\n", c.Name, c.Type, form(c), c.Slots, distinct, c.Stats.NullCount,
				c.Stats.Sorted, c.Bytes(), perRow, low, high)
		}
	})
}

// form names an encoding with its width in bits.
func form(c *segment.ColumnMeta) string {
	if c.Width == 0 {
		return c.Encoding.String()
	}
	return fmt.Sprintf("%s/%d", c.Encoding, 8*c.Width)
}

// shown prints a value, cut to a readable length.
func shown(x vec.Value) string {
	if len(x.Str) > maxShown {
		x.Str = x.Str[:maxShown] + "..."
	}
	if x.Str != "" {
		return fmt.Sprintf("%q", x.Str)
	}
	return x.String()
}

func (p *printer) zones(f *segment.File) {
	p.table("column\tblock\tnulls\tzone", func(t io.Writer) {
		cells := &printer{w: t}
		for i := range f.Columns {
			for b := range segment.Blocks(f.Info.Rows) {
				z := f.Zone(i, b)
				cells.printf("%s\t%d\t%d\t%s\n", f.Columns[i].Name, b, z.NullCount, zoneText(f.Columns[i].Type.Kind, z))
			}
		}
	})
}

func isFloat(k catalog.Kind) bool { return k == catalog.KindFloat || k == catalog.KindDouble }

func zoneText(k catalog.Kind, z segment.Zone) string {
	switch {
	case !z.Known:
		return "unknown"
	case z.AllNull:
		return "all NULL"
	case z.ByID:
		return fmt.Sprintf("ids %d to %d", z.MinI64, z.MaxI64)
	case isFloat(k):
		return fmt.Sprintf("%v to %v", z.MinF64, z.MaxF64)
	default:
		return fmt.Sprintf("%d to %d", z.MinI64, z.MaxI64)
	}
}
