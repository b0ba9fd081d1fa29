package partition

import (
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/segment"
	"github.com/freshetdb/freshet/segment/segtest"
)

// numbers is a member with one column, n.
type numbers struct {
	fake
	values []catalog.Value
	sealed bool
}

func (m *numbers) View(rows int) segment.View {
	var options []segtest.Option
	if !m.sealed {
		options = append(options, segtest.WithConsuming())
	}
	schema := catalog.NewSchema("t", []catalog.Field{{Name: "n", Type: catalog.Long}})
	return segtest.NewView("v", schema, [][]catalog.Value{m.values[:rows]}, options...)
}

// TestBounds: a version's bounds are those of its views, also after segments came and went, and are collected once meanwhile.
func TestBounds(t *testing.T) {
	long := func(from, to int64) (out []catalog.Value) {
		for v := from; v <= to; v++ {
			out = append(out, catalog.LongValue(v))
		}
		return out
	}
	sealed := Entry{Member: NewShared(&numbers{values: long(1, 9), sealed: true}), Rows: 9}
	consuming := Entry{Member: NewShared(&numbers{values: long(10, 29)}), Consuming: true}
	p := New([]Entry{sealed, consuming}, 0, 100)
	defer p.Close()
	bounds := func() *segment.Bounds {
		t.Helper()
		v := p.Pin()
		defer v.Unpin()
		got := v.Bounds("n")
		if diff := cmp.Diff(segment.BoundsOf(v.Views(), "n"), got); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
		return got
	}
	first := bounds()
	p.Publish(20, 120, 0)
	if bounds() != first {
		t.Error("rows of the consuming segment let the bounds be collected again")
	}
	frozen := consuming
	frozen.Consuming, frozen.Rows = false, 20
	p.Replace([]Entry{sealed, frozen}, 0, 120)
	if diff := cmp.Diff([]int64{9, math.MaxInt64}, bounds().Max); diff != "" {
		t.Errorf("frozen (-want +got):\n%s", diff)
	}
	file := Entry{Member: NewShared(&numbers{values: long(10, 29), sealed: true}), Rows: 20}
	p.Replace([]Entry{sealed, file}, 0, 120)
	if diff := cmp.Diff([]int64{9, 29}, bounds().Max); diff != "" {
		t.Errorf("sealed (-want +got):\n%s", diff)
	}
	releaseAll(sealed, consuming, file)
}
