package exec_test

import (
	"context"
	"testing"

	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/query/exec"
	"github.com/freshetdb/freshet/query/logical"
	"github.com/freshetdb/freshet/segment"
	"github.com/freshetdb/freshet/segment/segtest"
)

// TestMetadataAnswersOncePerSegment counts a segment of several morsels: what metadata has answered must not be scanned
// again when the next morsel of the segment comes.
func TestMetadataAnswersOncePerSegment(t *testing.T) {
	const rows = 40*8192 + 17 // a morsel has 16 blocks
	schema := catalog.NewSchema("t", []catalog.Field{{Name: "x", Type: catalog.Int}})
	values := make([]catalog.Value, rows)
	for i := range values {
		values[i] = catalog.IntValue(int64(i % 100))
	}
	view := segtest.NewView("s", schema, [][]catalog.Value{values})
	count, ok := aggregate("count", true)
	if !ok {
		t.Fatal("count(*) is not in the registry")
	}
	for workers := 1; workers <= 3; workers++ {
		plan := &logical.Aggregate{In: &logical.Scan{Table: "t"}, Aggs: []logical.AggCall{count}}
		got, _, err := runExec(context.Background(), &exec.Env{Workers: workers, MemoryLimit: 1 << 30}, plan, schema, []segment.View{view, view})
		if err != nil {
			t.Fatal(err)
		}
		if len(got) != 1 || got[0][0].I64 != 2*rows {
			t.Errorf("%d workers: count(*) is %v, want %d", workers, got, 2*rows)
		}
	}
}
