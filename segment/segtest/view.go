// Package segtest makes segments out of plain values, for tests only: a View that behaves like a consuming segment, and
// readers that turn any View back into values.
package segtest

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/internal/vec"
	"github.com/freshetdb/freshet/segment"
)

// Option changes how a View presents its columns.
type Option func(*View)

// WithDict serves a column through a dictionary in order of first appearance (unsorted, as consuming segments do).
func WithDict(columns ...string) Option {
	return func(v *View) { v.dict = append(v.dict, columns...) }
}

// WithSortedDict serves a column through a sorted dictionary, as sealed segments do.
func WithSortedDict(columns ...string) Option {
	return func(v *View) { v.sortedDict = append(v.sortedDict, columns...) }
}

// WithTimeRange sets the view's time range.
func WithTimeRange(minMillis, maxMillis int64) Option {
	return func(v *View) { v.minMillis, v.maxMillis, v.hasTime = minMillis, maxMillis, true }
}

// WithConsuming makes the view say that it is consuming.
func WithConsuming() Option { return func(v *View) { v.consuming = true } }

// WithHidden adds $offset and $ordinal: offsets count up from start, ordinals are 0.
func WithHidden(start int64) Option {
	return func(v *View) {
		offsets, ordinals := make([]catalog.Value, v.rows), make([]catalog.Value, v.rows)
		for i := range v.rows {
			offsets[i], ordinals[i] = catalog.LongValue(start+int64(i)), catalog.IntValue(0)
		}
		v.add(segment.OffsetColumn, catalog.Long, offsets)
		v.add(segment.OrdinalColumn, catalog.Int, ordinals)
	}
}

// View is a segment.View and a partition.Member over values in memory. Strings of columns without a dictionary are
// overwritten when their vector is filled again or Released, so that a reader that keeps them too long is found out.
type View struct {
	name               string
	rows               int
	columns            map[string]*column
	dict, sortedDict   []string
	minMillis          int64
	maxMillis          int64
	hasTime, consuming bool
}

var _ segment.View = (*View)(nil)

// NewView makes a view with the schema's first len(columns) fields; columns[i] are the rows' values of field i. A value
// of a wrong kind panics: the test is wrong. Columns that the schema has beyond these are absent from the view.
func NewView(name string, schema *catalog.Schema, columns [][]catalog.Value, options ...Option) *View {
	v := &View{name: name, columns: map[string]*column{}}
	if len(columns) > 0 {
		v.rows = len(columns[0])
	}
	for i, values := range columns {
		f := schema.Fields[i]
		v.add(f.Name, f.Type, values)
	}
	for _, o := range options {
		o(v)
	}
	for _, c := range v.dict {
		v.columns[c].makeDict(false)
	}
	for _, c := range v.sortedDict {
		v.columns[c].makeDict(true)
	}
	return v
}

func (v *View) add(name string, t catalog.Type, values []catalog.Value) {
	if len(values) != v.rows {
		panic(fmt.Sprintf("segtest: column %s has %d rows, the view %d", name, len(values), v.rows))
	}
	for i, x := range values {
		if !x.Null && x.Type.MultiValue != t.MultiValue {
			panic(fmt.Sprintf("segtest: column %s row %d is %s, want %s", name, i, x.Type, t))
		}
	}
	c := &column{typ: t, values: values}
	c.measure()
	v.columns[name] = c
}

// Name implements segment.View.
func (v *View) Name() string { return v.name }

// Rows implements segment.View.
func (v *View) Rows() int { return v.rows }

// Consuming implements segment.View.
func (v *View) Consuming() bool { return v.consuming }

// TimeRange implements segment.View.
func (v *View) TimeRange() (minMillis, maxMillis int64, ok bool) {
	return v.minMillis, v.maxMillis, v.hasTime
}

// Column implements segment.View.
func (v *View) Column(name string) (segment.Column, bool) {
	c, ok := v.columns[name]
	if !ok {
		return nil, false
	}
	return c, true
}

// View implements partition.Member; rows is ignored.
func (v *View) View(int) segment.View { return v }

// Release implements partition.Member.
func (v *View) Release() {}

type column struct {
	typ    catalog.Type
	values []catalog.Value
	stats  segment.Stats
	dict   *vec.Dict
	ids    []uint32
}

// Type implements segment.Column.
func (c *column) Type() catalog.Type { return c.typ }

// Stats implements segment.Column.
func (c *column) Stats() segment.Stats { return c.stats }

// Dict implements segment.Column.
func (c *column) Dict() *vec.Dict { return c.dict }

// measure computes the statistics one value at a time.
func (c *column) measure() {
	s := segment.Stats{Sorted: !c.typ.MultiValue}
	for i, x := range c.values {
		if x.Null {
			s.NullCount++
			s.Sorted = false
			continue
		}
		if c.typ.MultiValue {
			continue
		}
		if isNaN(x) {
			s.Sorted = false
			continue
		}
		if i > 0 && s.Sorted && Compare(c.values[i-1], x) > 0 {
			s.Sorted = false
		}
		if !s.HasRange || Compare(x, s.Min) < 0 {
			s.Min = x
		}
		if !s.HasRange || Compare(x, s.Max) > 0 {
			s.Max = x
		}
		s.HasRange = true
	}
	if c.typ.Kind == catalog.KindBigDecimal || slices.ContainsFunc(c.values, isNaN) {
		// The order of decimals by text is not theirs, and NaN has none.
		s.HasRange, s.Sorted, s.Min, s.Max = false, false, catalog.Value{}, catalog.Value{}
	}
	c.stats = s
}

func isNaN(x catalog.Value) bool {
	return !x.Null && !x.Type.MultiValue && isFloat(x.Type.Kind) && math.IsNaN(x.F64)
}

func isFloat(k catalog.Kind) bool { return k == catalog.KindFloat || k == catalog.KindDouble }

// Compare orders two values of one kind that are not NULL: numbers by value, text by bytes.
func Compare(a, b catalog.Value) int {
	switch a.Type.Kind.Physical() {
	case catalog.PhysInt32, catalog.PhysInt64, catalog.PhysBits:
		switch {
		case a.I64 < b.I64:
			return -1
		case a.I64 > b.I64:
			return 1
		}
		return 0
	case catalog.PhysFloat32, catalog.PhysFloat64:
		switch {
		case a.F64 < b.F64:
			return -1
		case a.F64 > b.F64:
			return 1
		}
		return 0
	default:
		return strings.Compare(a.Str, b.Str)
	}
}

// makeDict builds a dictionary over the column's values or, multi-value, its elements.
func (c *column) makeDict(sorted bool) {
	var distinct []catalog.Value
	each := func(x catalog.Value) {
		if !x.Null && !slices.ContainsFunc(distinct, func(y catalog.Value) bool { return Compare(x, y) == 0 }) {
			distinct = append(distinct, x)
		}
	}
	c.eachScalar(each)
	if sorted {
		slices.SortFunc(distinct, Compare)
	}
	d := &vec.Dict{Kind: c.typ.Kind, Len: len(distinct), Sorted: sorted, Offsets: []uint32{0}}
	for _, x := range distinct {
		switch x.Type.Kind.Physical() {
		case catalog.PhysFloat32, catalog.PhysFloat64:
			d.F64 = append(d.F64, x.F64)
		case catalog.PhysString:
			d.Data = append(d.Data, x.Str...)
			d.Offsets = append(d.Offsets, uint32(len(d.Data)))
		default:
			d.I64 = append(d.I64, x.I64)
		}
	}
	if d.Len == 0 {
		return // all NULL: a code would have nothing to point at
	}
	c.ids = c.ids[:0]
	c.eachScalar(func(x catalog.Value) {
		id := slices.IndexFunc(distinct, func(y catalog.Value) bool { return !x.Null && Compare(x, y) == 0 })
		c.ids = append(c.ids, uint32(max(id, 0)))
	})
	if !c.typ.MultiValue {
		d.Counts = make([]uint32, d.Len)
		for i, x := range c.values {
			if !x.Null {
				d.Counts[c.ids[i]]++
			}
		}
	}
	c.dict, c.stats.Distinct = d, d.Len
}

// eachScalar calls f for every value, and for every element of multi-value rows that are not NULL.
func (c *column) eachScalar(f func(catalog.Value)) {
	for _, x := range c.values {
		switch {
		case !c.typ.MultiValue:
			f(x)
		case !x.Null:
			for _, e := range x.Elems {
				f(e)
			}
		}
	}
}
