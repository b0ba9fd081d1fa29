package segment_test

import (
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/segment"
	"github.com/freshetdb/freshet/segment/segtest"
)

// TestBounds: known ranges are told, everything else is open, and only what cannot be within a range is outside of it.
func TestBounds(t *testing.T) {
	schema := catalog.NewSchema("t", []catalog.Field{{Name: "s", Type: catalog.String}, {Name: "n", Type: catalog.Long}})
	asText := catalog.NewSchema("t", []catalog.Field{{Name: "s", Type: catalog.String}, {Name: "n", Type: catalog.String}})
	word, null := catalog.StringValue("w"), catalog.NullValue(catalog.Long)
	long := func(values ...int64) (out []catalog.Value) {
		for _, v := range values {
			out = append(out, catalog.LongValue(v))
		}
		return out
	}
	view := func(n []catalog.Value, o ...segtest.Option) segment.View {
		s := make([]catalog.Value, len(n))
		for i := range s {
			s[i] = word
		}
		return segtest.NewView("v", schema, [][]catalog.Value{s, n}, o...)
	}
	many := catalog.NewSchema("t", []catalog.Field{{Name: "s", Type: catalog.String}, {Name: "n", Type: catalog.Type{Kind: catalog.KindLong, MultiValue: true}}})
	array := catalog.Value{Type: many.Fields[1].Type, Elems: long(3, 4)}
	plain := []segment.View{
		view(long(5, -3, 9)),
		view(long(100, 200), segtest.WithConsuming()),
		view([]catalog.Value{null, null}),
		segtest.NewView("lacks n", schema, [][]catalog.Value{{word}}),
		segtest.NewView("another kind", asText, [][]catalog.Value{{word}, {word}}),
		view(long(math.MinInt64, math.MaxInt64)),
		segtest.NewView("arrays", many, [][]catalog.Value{{word}, {array}}),
	}
	b := segment.BoundsOf(plain, "n")
	open, end := int64(math.MinInt64), int64(math.MaxInt64)
	want := &segment.Bounds{Min: []int64{-3, open, open, open, open, open, open}, Max: []int64{9, end, end, end, end, end, end}}
	if diff := cmp.Diff(want, b); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	withNulls := segment.BoundsOf([]segment.View{view([]catalog.Value{null, catalog.LongValue(40)}), view(long(50))}, "n")
	if diff := cmp.Diff(&segment.Bounds{Min: []int64{40, 50}, Max: []int64{40, 50}, Nulls: true}, withNulls); diff != "" {
		t.Errorf("with NULLs (-want +got):\n%s", diff)
	}
	if got := segment.BoundsOf(plain, "s"); got.Min[0] != open || got.Max[0] != end {
		t.Errorf("of text: %v", got)
	}

	all := segment.JoinBounds(b, withNulls)
	if segment.JoinBounds(b) != b || !all.Nulls {
		t.Errorf("joined: %v", all)
	}
	for _, c := range []struct {
		lo, hi int64
		out    []int
	}{{9, 9, []int{7, 8}}, {10, 39, []int{0, 7, 8}}, {-100, -4, []int{0, 7, 8}}, {-100, -3, []int{7, 8}}, {41, 50, []int{0, 7}}, {open, end, nil}} {
		out := make([]bool, 9)
		all.Outside(c.lo, c.hi, out)
		var got []int
		for i, o := range out {
			if o {
				got = append(got, i)
			}
		}
		if diff := cmp.Diff(c.out, got); diff != "" {
			t.Errorf("%d..%d (-want +got):\n%s", c.lo, c.hi, diff)
		}
	}
}
