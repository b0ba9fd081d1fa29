package testkit

import (
	"context"
	"fmt"
	"slices"

	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/internal/errs"
	"github.com/freshetdb/freshet/internal/vec"
	"github.com/freshetdb/freshet/internal/vfs"
	"github.com/freshetdb/freshet/query/exec"
	"github.com/freshetdb/freshet/query/physical"
	"github.com/freshetdb/freshet/segment"
	"github.com/freshetdb/freshet/segment/build"
	"github.com/freshetdb/freshet/segment/immutable"
	"github.com/freshetdb/freshet/segment/mutable"
	"github.com/freshetdb/freshet/segment/partition"
)

// Layout says into which segments a table's rows go.
type Layout struct {
	Name       string
	Partitions int
	// SegmentRows are the rows of a segment of a partition that has n rows.
	SegmentRows func(n int) int
	// Open segments at the end of each partition are not sealed: the last one is consuming, those before it frozen.
	Open int
	// Raw columns have no dictionaries.
	Raw bool
	// Workers of a query; Tuned makes even small tables use them.
	Workers int
	Tuned   bool
}

func whole(n int) int { return max(n, 1) }

// parts gives segments of a k-th of the rows.
func parts(k int) func(n int) int {
	return func(n int) int { return max((n+k-1)/k, 1) }
}

// tiny gives segments of one row, but not too many of them.
func tiny(n int) int {
	const most = 50
	return max(1, n/most)
}

// Layouts are the configurations that every script runs under.
func Layouts() []Layout {
	return []Layout{
		{Name: "consuming", Partitions: 1, SegmentRows: whole, Open: 1, Workers: 1},
		{Name: "sealed", Partitions: 1, SegmentRows: whole, Workers: 1},
		{Name: "many", Partitions: 2, SegmentRows: parts(4), Workers: 4, Tuned: true},
		{Name: "mixed", Partitions: 2, SegmentRows: parts(5), Open: 2, Workers: 2, Tuned: true},
		{Name: "tiny", Partitions: 3, SegmentRows: tiny, Open: 2, Workers: 3, Tuned: true},
		{Name: "raw", Partitions: 1, SegmentRows: parts(3), Open: 1, Raw: true, Workers: 1},
	}
}

// World serves loaded tables to a broker: its catalog, and its leaf service. Safe for concurrent use.
type World struct {
	layout Layout
	tables map[string]*loaded
	disk   *vfs.Mem
}

type loaded struct {
	schema     *catalog.Schema
	table      *catalog.Table
	partitions []*partition.Partition
	rows       int64
}

// NewWorld loads tables in a layout. Close frees them.
func NewWorld(ctx context.Context, layout Layout, tables ...*Table) (*World, error) {
	w := &World{layout: layout, tables: map[string]*loaded{}, disk: vfs.NewMem()}
	if err := w.disk.MkdirAll("/segments"); err != nil {
		return nil, fmt.Errorf("testkit: %w", err)
	}
	for _, t := range tables {
		if err := w.load(ctx, t); err != nil {
			w.Close()
			return nil, fmt.Errorf("load %s as %s: %w", t.Schema.Name, layout.Name, err)
		}
	}
	return w, nil
}

// Close releases all segments.
func (w *World) Close() {
	for _, l := range w.tables {
		for _, p := range l.partitions {
			p.Close()
		}
	}
}

func (w *World) load(ctx context.Context, t *Table) error {
	l := &loaded{schema: t.Schema, table: &catalog.Table{Name: t.Schema.Name, Version: 1}, rows: int64(len(t.Rows))}
	if w.layout.Raw {
		l.table.Index.NoDictionary = map[string]bool{}
		for _, f := range t.Schema.Fields {
			l.table.Index.NoDictionary[f.Name] = true
		}
	}
	w.tables[t.Schema.Name] = l
	for p := range w.layout.Partitions {
		var rows [][]catalog.Value
		for i := p; i < len(t.Rows); i += w.layout.Partitions {
			rows = append(rows, t.Rows[i])
		}
		if err := w.partition(ctx, l, int32(p), rows); err != nil {
			return err
		}
	}
	return nil
}

// partition makes the segments of a partition and publishes them.
func (w *World) partition(ctx context.Context, l *loaded, id int32, rows [][]catalog.Value) error {
	size := w.layout.SegmentRows(len(rows))
	count := max(1, (len(rows)+size-1)/size)
	var entries []partition.Entry
	consuming := 0
	defer func() {
		for _, e := range entries {
			e.Member.Release()
		}
	}()
	for i := range count {
		from, to := min(i*size, len(rows)), min((i+1)*size, len(rows))
		e := partition.Entry{Sequence: int64(i), Rows: to - from, Consuming: w.layout.Open > 0 && i == count-1}
		m, err := w.segment(ctx, l, id, e, int64(from), rows[from:to], i < count-w.layout.Open)
		if err != nil {
			return err
		}
		e.Member = partition.NewShared(m)
		entries = append(entries, e)
		if e.Consuming {
			consuming = to - from
		}
	}
	l.partitions = append(l.partitions, partition.New(entries, consuming, int64(len(rows))))
	return nil
}

// segment appends rows to a consuming segment and, where asked, seals it into a file.
func (w *World) segment(ctx context.Context, l *loaded, id int32, e partition.Entry, offset int64, rows [][]catalog.Value, seal bool) (partition.Member, error) {
	name := fmt.Sprintf("%s__%d__%d", l.schema.Name, id, e.Sequence)
	m, err := mutable.New(mutable.Config{Name: name, Schema: l.schema, Table: l.table})
	if err != nil {
		return nil, err
	}
	const batch = 1000
	for from := 0; from < len(rows); from += batch {
		part := rows[from:min(from+batch, len(rows))]
		offsets, ordinals := make([]int64, len(part)), make([]int32, len(part))
		for i := range offsets {
			offsets[i] = offset + int64(from+i)
		}
		if err := m.Append(Batch(l.schema, part), offsets, ordinals); err != nil {
			m.Release()
			return nil, err
		}
	}
	if !seal {
		return m, nil
	}
	defer m.Release()
	path := "/segments/" + name
	_, err = build.Write(ctx, w.disk, path, build.Spec{Name: name, Table: l.schema.Name, Incarnation: "1", Partition: id,
		Sequence: e.Sequence, StartOffset: offset, EndOffset: offset + int64(len(rows)), SchemaVersion: 1, ConfigVersion: 1,
		Schema: l.schema, TableConfig: l.table, CreatedMillis: 1}, m.View(m.Rows()))
	if err != nil {
		return nil, err
	}
	return immutable.Open(w.disk, path)
}

// Batch makes a batch of rows in schema order.
func Batch(s *catalog.Schema, rows [][]catalog.Value) *vec.Batch {
	b := &vec.Batch{Rows: len(rows)}
	for c, f := range s.Fields {
		v := &vec.Vector{}
		v.Reset(f.Type, len(rows))
		values := make([]catalog.Value, len(rows))
		for i, r := range rows {
			values[i] = r[c]
		}
		if !f.Type.MultiValue {
			fill(v, values)
			b.Cols = append(b.Cols, v)
			continue
		}
		var elems []catalog.Value
		for i, x := range values {
			if x.Null {
				v.SetNull(i)
			}
			elems = append(elems, x.Elems...)
			v.Offsets[i+1] = uint32(len(elems))
		}
		v.Elems.Reset(f.Type.Elem(), len(elems))
		fill(v.Elems, elems)
		b.Cols = append(b.Cols, v)
	}
	return b
}

func fill(v *vec.Vector, values []catalog.Value) {
	for i, x := range values {
		if x.Null {
			v.SetNull(i)
			continue
		}
		switch v.Type.Kind.Physical() {
		case catalog.PhysInt32:
			v.I32[i] = int32(x.I64)
		case catalog.PhysInt64:
			v.I64[i] = x.I64
		case catalog.PhysFloat32:
			v.F32[i] = float32(x.F64)
		case catalog.PhysFloat64:
			v.F64[i] = x.F64
		case catalog.PhysBits:
			if x.I64 != 0 {
				v.Bits.Set(i)
			}
		default:
			v.Str[i] = x.Str
		}
	}
}

// Schema implements broker.Catalog.
func (w *World) Schema(name string) (*catalog.Schema, *catalog.Table, bool) {
	l, ok := w.tables[name]
	if !ok {
		return nil, nil, false
	}
	return l.schema, l.table, true
}

// Names implements broker.Catalog.
func (w *World) Names() []string {
	var out []string
	for name := range w.tables {
		out = append(out, name)
	}
	slices.Sort(out)
	return out
}

// Views pins a table and gives its segments; unpin ends their use.
func (w *World) Views(table string) (views []segment.View, unpin func(), err error) {
	l, ok := w.tables[table]
	if !ok {
		return nil, nil, errs.User(errs.UndefinedTable, "relation \"%s\" does not exist", table)
	}
	var pins []*partition.Version
	for _, p := range l.partitions {
		v := p.Pin()
		pins = append(pins, v)
		views = append(views, v.Views()...)
	}
	return views, func() {
		for _, v := range pins {
			v.Unpin()
		}
	}, nil
}

// Snapshot implements broker.LeafService: the rows of a world do not change.
func (w *World) Snapshot() exec.Snapshot { return worldSnapshot{w} }

type worldSnapshot struct{ *World }

// Missing implements exec.Snapshot.
func (worldSnapshot) Missing() []string { return nil }

// Close implements exec.Snapshot.
func (worldSnapshot) Close() {}

// Execute runs a leaf.
func (w *World) Execute(ctx context.Context, env *exec.Env, leaf *physical.Leaf) (exec.LeafResult, error) {
	views, unpin, err := w.Views(leaf.Scan.Table)
	if err != nil {
		return nil, err
	}
	if w.layout.Tuned {
		exec.Tune(env, 1, 1, 1)
	}
	l := w.tables[leaf.Scan.Table]
	r, err := exec.RunLeaf(ctx, env, leaf, exec.Source{Schema: l.schema, Views: views, TotalRows: l.rows,
		Bounds: func(column string) *segment.Bounds { return segment.BoundsOf(views, column) }})
	if err != nil {
		unpin()
		return nil, err
	}
	return exec.OnClose(r, unpin), nil
}
