package mutable

import (
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/internal/errs"
	"github.com/freshetdb/freshet/internal/vec"
	"github.com/freshetdb/freshet/segment"
)

func TestChunkGeometry(t *testing.T) {
	next := 0
	for chunk := range 40 {
		if first := firstBlock(chunk); first != next {
			t.Fatalf("chunk %d begins with block %d, want %d", chunk, first, next)
		}
		size := firstBlock(chunk+1) - firstBlock(chunk)
		if size < 1 || size > chunkBlocks {
			t.Fatalf("chunk %d has %d blocks", chunk, size)
		}
		for within := range size {
			if c, w := chunkOf(next); c != chunk || w != within {
				t.Fatalf("block %d is %d of chunk %d, want %d of %d", next, w, c, within, chunk)
			}
			next++
		}
	}
}

// TestLedger appends random batches of every type and form and compares every prefix taken on the way, at once and at
// the end, with plain values.
func TestLedger(t *testing.T) {
	sizes := [][]int{{1, 2, 3, 61, 64, 100}, {8191, 1, 1, 8192, 3}, {5000, 14000, 1}}
	for i, batches := range sizes {
		for _, nulls := range []float64{0, 0.1, 1} {
			t.Run(fmt.Sprintf("%d nulls %v", i, nulls), func(t *testing.T) {
				l := newLedger(uint64(i), allTypes(), nulls)
				s, _ := open(t, Config{Name: "all__0__0__x", Schema: l.schema, Table: allTypesTable()})
				l.check(t, s.View(0), 0)
				var views []segment.View
				for _, n := range batches {
					b, offsets, ordinals := l.batch(n)
					if err := s.Append(b, offsets, ordinals); err != nil {
						t.Fatal(err)
					}
					views = append(views, s.View(s.Rows()))
				}
				views = append(views, s.View(l.count/2), s.View(math.MaxInt))
				for _, v := range views {
					l.check(t, v, v.Rows())
				}
				for _, row := range []int{0, l.count / 2, l.count - 1} {
					if got := s.OffsetAt(row); got != l.offsets[row] {
						t.Fatalf("offset of row %d is %d, want %d", row, got, l.offsets[row])
					}
				}
			})
		}
	}
}

// TestUniqueTextsLeaveTheDictionary: views before stay coded, views after are plain.
func TestUniqueTextsLeaveTheDictionary(t *testing.T) {
	l := newLedger(3, allTypes(), 0.05)
	s, _ := open(t, Config{Schema: l.schema})
	var early segment.View
	for range 6 {
		b, offsets, ordinals := l.batch(4000)
		if err := s.Append(b, offsets, ordinals); err != nil {
			t.Fatal(err)
		}
		if early == nil {
			early = s.View(s.Rows())
		}
	}
	late := s.View(s.Rows())
	for _, name := range []string{"unique", "uniques"} {
		before, _ := early.Column(name)
		after, _ := late.Column(name)
		if before.Dict() == nil || after.Dict() != nil {
			t.Errorf("column %q: dictionaries %v and %v", name, before.Dict(), after.Dict())
		}
		if c := s.columns[s.byName[name]]; c.dict.slots != nil {
			t.Errorf("column %q keeps its hash table", name)
		}
	}
	if c, _ := late.Column("STRING"); c.Dict() == nil {
		t.Error("a column whose values repeat left its dictionary")
	}
	l.check(t, early, early.Rows())
	l.check(t, late, late.Rows())
}

// TestAppendIsAllOrNothing makes appends fail in the last column, at several fills, and goes on.
func TestAppendIsAllOrNothing(t *testing.T) {
	fields := append([]catalog.Field{}, allTypes().Fields...)
	fields = append(fields, catalog.Field{Name: "last", Type: catalog.Int.Array()})
	l := newLedger(4, catalog.NewSchema("x", fields), 0.1)
	s, _ := open(t, Config{Schema: l.schema, Table: allTypesTable()})
	for round := range 8 {
		n := 1 + round*700
		b, offsets, ordinals := l.batch(n)
		bad := flat(catalog.Int.Array(), make([]vec.Value, n))
		bad.Elems.Reset(catalog.Int, MaxRowElements+1)
		bad.Offsets[n] = MaxRowElements + 1
		good := b.Cols[len(b.Cols)-1]
		b.Cols[len(b.Cols)-1] = &bad
		before := s.Rows()
		if err := s.Append(b, offsets, ordinals); errs.ClassOf(err) != errs.ClassExhausted {
			t.Fatalf("got %v, want an error of class exhausted", err)
		}
		if s.Rows() != before {
			t.Fatalf("%d rows after a failed append, want %d", s.Rows(), before)
		}
		if round%2 == 0 {
			l.forget(n)
			b, offsets, ordinals = l.batch(n / 2)
		} else {
			b.Cols[len(b.Cols)-1] = good
		}
		if err := s.Append(b, offsets, ordinals); err != nil {
			t.Fatal(err)
		}
		l.check(t, s.View(s.Rows()), l.count)
	}
}

func TestAppendRefuses(t *testing.T) {
	schema := catalog.NewSchema("x", []catalog.Field{{Name: "a", Type: catalog.Long}, {Name: "s", Type: catalog.String}})
	s, _ := open(t, Config{Name: "x__0", Schema: schema})
	longs, texts := flat(catalog.Long, make([]vec.Value, 2)), flat(catalog.String, make([]vec.Value, 2))
	ints, three := flat(catalog.Int, make([]vec.Value, 2)), flat(catalog.Long, make([]vec.Value, 3))
	huge := flat(catalog.String, make([]vec.Value, 2))
	huge.Str[1] = strings.Repeat("x", MaxValueBytes+1)
	two, twoOrdinals := []int64{1, 2}, []int32{0, 0}
	for _, c := range []struct {
		name    string
		cols    []*vec.Vector
		offsets []int64
		class   errs.Class
		part    string
	}{
		{"missing column", []*vec.Vector{&longs}, two, errs.ClassBug, "1 columns"},
		{"nil column", []*vec.Vector{&longs, nil}, two, errs.ClassBug, `"s"`},
		{"type", []*vec.Vector{&ints, &texts}, two, errs.ClassBug, "type INT, want LONG"},
		{"length", []*vec.Vector{&three, &texts}, two, errs.ClassBug, "3 rows, want 2"},
		{"offsets", []*vec.Vector{&longs, &texts}, two[:1], errs.ClassBug, "1 offsets"},
		{"long value", []*vec.Vector{&longs, &huge}, two, errs.ClassExhausted, `column "s"`},
	} {
		err := s.Append(&vec.Batch{Rows: 2, Cols: c.cols}, c.offsets, twoOrdinals)
		if errs.ClassOf(err) != c.class || !strings.Contains(err.Error(), c.part) {
			t.Errorf("%s: got %v, want class %v and %q", c.name, err, c.class, c.part)
		}
	}
	if s.Rows() != 0 {
		t.Fatalf("%d rows", s.Rows())
	}
	huge.SetNull(1) // what a NULL's slot holds does not count
	if err := s.Append(&vec.Batch{Rows: 2, Cols: []*vec.Vector{&longs, &huge}}, two, twoOrdinals); err != nil {
		t.Fatal(err)
	}
	if err := s.columns[0].check(nil, 1); err == nil {
		t.Error("want an error")
	}
	s.Release()
	if err := s.Append(&vec.Batch{Rows: 2, Cols: []*vec.Vector{&longs, &texts}}, two, twoOrdinals); errs.ClassOf(err) != errs.ClassBug {
		t.Errorf("append after release: got %v", err)
	}
}

func TestNewRefuses(t *testing.T) {
	for name, schema := range map[string]*catalog.Schema{
		"none":        nil,
		"not stored":  catalog.NewSchema("x", []catalog.Field{{Name: "a", Type: catalog.Interval}}),
		"hidden name": catalog.NewSchema("x", []catalog.Field{{Name: segment.OffsetColumn, Type: catalog.Long}}),
	} {
		if _, err := New(Config{Schema: schema}); err == nil {
			t.Errorf("%s: want an error", name)
		} else if e := (*errs.Error)(nil); !errors.As(err, &e) {
			t.Errorf("%s: got %v without class", name, err)
		}
	}
}

func TestTimeRange(t *testing.T) {
	null := catalog.NullValue(catalog.Long)
	for _, c := range []struct {
		format string
		values []vec.Value
		lo, hi int64
		ok     bool
	}{
		{"1:MILLISECONDS:EPOCH", []vec.Value{catalog.LongValue(1_700_000_000_001), catalog.LongValue(1_700_000_000_000)}, 1_700_000_000_000, 1_700_000_000_001, true},
		{"EPOCH", []vec.Value{catalog.LongValue(1_700_000_000_000)}, 1_700_000_000_000, 1_700_000_000_000, true},
		{"EPOCH|SECONDS|1", []vec.Value{catalog.LongValue(1_700_000_000)}, 1_700_000_000_000, 1_700_000_000_000, true},
		{"10:MINUTES:EPOCH", []vec.Value{catalog.LongValue(2_833_333)}, 1_699_999_800_000, 1_699_999_800_000, true},
		{"1:MICROSECONDS:EPOCH", []vec.Value{catalog.LongValue(1_700_000_000_000_999)}, 1_700_000_000_000, 1_700_000_000_000, true},
		{"TIMESTAMP", []vec.Value{catalog.LongValue(1_700_000_000_000)}, 1_700_000_000_000, 1_700_000_000_000, true},
		{"1:MILLISECONDS:EPOCH", nil, 0, 0, false},
		{"1:MILLISECONDS:EPOCH", []vec.Value{catalog.LongValue(1_700_000_000_000), catalog.LongValue(0)}, 1_700_000_000_000, 1_700_000_000_000, true},
		{"1:MILLISECONDS:EPOCH", []vec.Value{catalog.LongValue(1_700_000_000_000), catalog.LongValue(9_999_999_999_999)}, 1_700_000_000_000, 1_700_000_000_000, true},
		{"1:MILLISECONDS:EPOCH", []vec.Value{catalog.LongValue(1_700_000_000_000), null}, 1_700_000_000_000, 1_700_000_000_000, true},
		{"1:MILLISECONDS:EPOCH", []vec.Value{catalog.LongValue(0), null}, 0, 0, false},
		{"1:SECONDS:EPOCH", []vec.Value{catalog.LongValue(1_700_000_000), catalog.LongValue(math.MaxInt64), catalog.LongValue(1_600_000_000)}, 1_600_000_000_000, 1_700_000_000_000, true},
		{"1:SECONDS:EPOCH", []vec.Value{catalog.LongValue(math.MaxInt64)}, 0, 0, false},
		{"1:SECONDS:EPOCH", []vec.Value{catalog.LongValue(math.MinInt64)}, 0, 0, false},
		{"1:WEEKS:EPOCH", []vec.Value{catalog.LongValue(2000)}, 0, 0, false},
		{"1:DAYS:SIMPLE_DATE_FORMAT:yyyyMMdd", []vec.Value{catalog.LongValue(20240101)}, 0, 0, false},
	} {
		schema := catalog.NewSchema("x", []catalog.Field{{Name: "t", Type: catalog.Long, Kind: catalog.FieldDateTime, Format: c.format}})
		s, _ := open(t, Config{Schema: schema, Table: &catalog.Table{TimeColumn: "t"}})
		v := flat(catalog.Long, c.values)
		n := len(c.values)
		if err := s.Append(&vec.Batch{Rows: n, Cols: []*vec.Vector{&v}}, make([]int64, n), make([]int32, n)); err != nil {
			t.Fatal(err)
		}
		lo, hi, ok := s.View(n).TimeRange()
		if lo != c.lo || hi != c.hi || ok != c.ok {
			t.Errorf("%s, %v: got %d, %d, %v, want %d, %d, %v", c.format, c.values, lo, hi, ok, c.lo, c.hi, c.ok)
		}
	}
}

func TestSortedAndNaN(t *testing.T) {
	schema := catalog.NewSchema("x", []catalog.Field{{Name: "up", Type: catalog.Int}, {Name: "breaks", Type: catalog.Long}, {Name: "f", Type: catalog.Double}})
	s, _ := open(t, Config{Schema: schema})
	var up, breaks, floats []vec.Value
	for i := range 10000 {
		up = append(up, catalog.IntValue(int64(i/3)))
		breaks = append(breaks, catalog.LongValue(int64(i%9000)))
		floats = append(floats, catalog.DoubleValue(float64(i)))
	}
	floats[9500].F64 = math.NaN()
	for lo := 0; lo < len(up); lo += 500 {
		a, b, f := flat(catalog.Int, up[lo:lo+500]), flat(catalog.Long, breaks[lo:lo+500]), flat(catalog.Double, floats[lo:lo+500])
		if err := s.Append(&vec.Batch{Rows: 500, Cols: []*vec.Vector{&a, &b, &f}}, make([]int64, 500), make([]int32, 500)); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range []struct {
		column       string
		rows         int
		sorted, rang bool
	}{{"up", 10000, true, true}, {"up", 1, true, true}, {"up", 0, false, false}, {"breaks", 9000, true, true}, {"breaks", 9501, false, true},
		{"f", 9500, false, true}, {"f", 9501, false, false}, {"f", 10000, false, false}} {
		column, _ := s.View(c.rows).Column(c.column)
		if stats := column.Stats(); stats.Sorted != c.sorted || stats.HasRange != c.rang {
			t.Errorf("%s at %d rows: sorted %v, range %v, want %v, %v", c.column, c.rows, stats.Sorted, stats.HasRange, c.sorted, c.rang)
		}
	}
	column, _ := s.View(10).Column("up")
	for _, b := range []int{-1, 1} {
		if err := column.Block(b, &vec.Vector{}); errs.ClassOf(err) != errs.ClassBug {
			t.Errorf("block %d: got %v, want an error", b, err)
		}
		if column.Zone(b).Known {
			t.Errorf("block %d: zone is known", b)
		}
	}
	if _, ok := s.View(1).Column("nothing"); ok {
		t.Error("found a column that does not exist")
	}
}
