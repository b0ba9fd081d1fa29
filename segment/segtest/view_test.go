package segtest

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/internal/vec"
	"github.com/freshetdb/freshet/segment"
)

func testSchema() *catalog.Schema {
	return catalog.NewSchema("t", []catalog.Field{
		{Name: "n", Type: catalog.Int}, {Name: "s", Type: catalog.String}, {Name: "tags", Type: catalog.String.Array()},
	})
}

func testColumns(rows int) [][]catalog.Value {
	columns := make([][]catalog.Value, 3)
	for i := range rows {
		n, s := catalog.IntValue(int64(i%7)), catalog.StringValue(fmt.Sprint("s", i%5))
		if i%11 == 3 {
			n, s = catalog.NullValue(catalog.Int), catalog.NullValue(catalog.String)
		}
		tags := catalog.Value{Type: catalog.String.Array()}
		for k := range i % 4 {
			tags.Elems = append(tags.Elems, catalog.StringValue(fmt.Sprint("t", k)))
		}
		columns[0], columns[1], columns[2] = append(columns[0], n), append(columns[1], s), append(columns[2], tags)
	}
	return columns
}

func TestViewGivesBackItsValues(t *testing.T) {
	columns := testColumns(vec.BlockRows + 100)
	for name, options := range map[string][]Option{
		"flat": nil, "dict": {WithDict("n", "s", "tags")}, "sorted": {WithSortedDict("n", "s", "tags")},
	} {
		v := NewView("seg", testSchema(), columns, append(options, WithHidden(5))...)
		for i, c := range []string{"n", "s", "tags"} {
			if d := DiffValues(columns[i], ReadColumn(t, v, c)); d != "" {
				t.Errorf("%s %s: %s", name, c, d)
			}
		}
		if got := ReadColumn(t, v, segment.OffsetColumn)[7]; got.I64 != 12 {
			t.Errorf("%s: offset of row 7 is %v, want 12", name, got)
		}
	}
}

func TestStringsWithoutDictionaryAreVolatile(t *testing.T) {
	v := NewView("seg", testSchema(), testColumns(vec.BlockRows+5))
	c, _ := v.Column("s")
	var out vec.Vector
	if err := c.Block(0, &out); err != nil {
		t.Fatal(err)
	}
	kept := out.Str[0]
	before := strings.Clone(kept)
	if err := c.Block(1, &out); err != nil {
		t.Fatal(err)
	}
	if kept == before {
		t.Error("a kept string survived the next block: the view cannot find readers that keep strings too long")
	}
}

func TestDiffValues(t *testing.T) {
	s, d := catalog.StringValue, catalog.DoubleValue
	array := func(xs ...catalog.Value) catalog.Value { return catalog.Value{Type: catalog.String.Array(), Elems: xs} }
	for name, c := range map[string]struct {
		a, b catalog.Value
		same bool
	}{
		"equal":         {s("a"), s("a"), true},
		"empty or NULL": {s(""), catalog.NullValue(catalog.String), false},
		"zeros":         {d(0), d(math.Copysign(0, -1)), false},
		"NaN":           {d(math.NaN()), d(math.NaN()), true},
		"NULLs":         {catalog.NullValue(catalog.Int), catalog.Value{Type: catalog.Int, Null: true, I64: 4}, true},
		"types":         {catalog.IntValue(1), catalog.LongValue(1), false},
		"elements":      {array(s("a")), array(s("b")), false},
		"lengths":       {array(s("a")), array(), false},
		"no elements":   {array(), catalog.Value{Type: catalog.String.Array(), Elems: []catalog.Value{}}, true},
	} {
		if diff := DiffValues([]catalog.Value{s("x"), c.a}, []catalog.Value{s("x"), c.b}); (diff == "") != c.same {
			t.Errorf("%s: difference %q, want the same: %v", name, diff, c.same)
		}
	}
	if DiffValues([]catalog.Value{s("x")}, nil) == "" {
		t.Error("a missing row is no difference")
	}
}
