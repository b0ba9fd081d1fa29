// Package build seals segments: it reads views column by column and writes one file in the format of segment/FORMAT.md.
package build

import (
	"context"

	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/internal/errs"
	"github.com/freshetdb/freshet/internal/vfs"
	"github.com/freshetdb/freshet/segment"
)

// Spec says what the file is to be called and which columns it has.
type Spec struct {
	Name, Table, Incarnation         string
	Partition                        int32
	Sequence, StartOffset, EndOffset int64
	SchemaVersion, ConfigVersion     int
	// Schema gives the columns; hidden ones are added where the views have them.
	Schema *catalog.Schema
	// TableConfig gives sorted and no-dictionary columns; nil is a table that asks for nothing.
	TableConfig   *catalog.Table
	CreatedMillis int64
}

// Write makes the file at path out of the rows of views, in order, sorted by the table's sorted column if it has one. The
// file appears whole and durable or, after an error, not at all.
func Write(ctx context.Context, fs vfs.FS, path string, spec Spec, views ...segment.View) (segment.Info, error) {
	return segment.Info{}, errs.Bug("segments are not sealed yet")
}
