package server

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/ingest/kafka"
	"github.com/freshetdb/freshet/query/expr"
	"github.com/freshetdb/freshet/query/logical"
	"github.com/freshetdb/freshet/query/physical"
	"github.com/freshetdb/freshet/segment"
	"github.com/freshetdb/freshet/segment/partition"
	"github.com/freshetdb/freshet/segment/segtest"
)

// TestPartitionPruning holds the views that a filter leaves against the producer's partitioner.
func TestPartitionPruning(t *testing.T) {
	schema := catalog.NewSchema("t", []catalog.Field{{Name: "k", Type: catalog.String}, {Name: "n", Type: catalog.Long}})
	const count = 4
	make4 := func(index catalog.Index) *pinned {
		p := &pinned{schema: schema, index: index}
		for id := range int32(count) {
			for range 2 {
				p.views = append(p.views, segtest.NewView("s", schema, [][]catalog.Value{{}, {}}))
				p.owners = append(p.owners, id)
			}
			p.ids = append(p.ids, id)
		}
		return p
	}
	index := catalog.Index{PrunePartitions: true, Partition: map[string]catalog.PartitionFunction{"k": {Function: "murmur", Count: count}, "n": {Function: "murmur2", Count: count}}}
	k, n := &expr.Column{Name: "k", T: catalog.String}, &expr.Column{Index: 1, Name: "n", T: catalog.Long}
	equal := func(c *expr.Column, v catalog.Value) expr.Expr {
		return &expr.Compare{Op: expr.Eq, Left: c, Right: &expr.Const{Value: v}}
	}
	left := func(p *pinned, filter expr.Expr) map[int32]int {
		src := p.source(&physical.Leaf{Scan: &logical.Scan{Table: "t", Filter: filter}})
		out := map[int32]int{}
		for _, v := range src.Views {
			for i, all := range p.views {
				if segment.View(all) == v {
					out[p.owners[i]]++
				}
			}
		}
		return out
	}
	for _, key := range []string{"a", "order-17", "", "ü"} {
		want := kafka.PartitionOf([]byte(key), count)
		if got := left(make4(index), equal(k, catalog.StringValue(key))); len(got) != 1 || got[want] != 2 {
			t.Errorf("k = %q leaves %v, want both segments of partition %d", key, got, want)
		}
	}
	if got := left(make4(index), equal(n, catalog.LongValue(42))); len(got) != 1 || got[kafka.PartitionOf([]byte("42"), count)] != 2 {
		t.Errorf("n = 42 leaves %v", got)
	}
	in := &expr.In{Arg: k, List: []catalog.Value{catalog.StringValue("a"), catalog.StringValue("b"), catalog.StringValue("c")}}
	want := map[int32]bool{}
	for _, v := range in.List {
		want[kafka.PartitionOf([]byte(v.Str), count)] = true
	}
	if got := left(make4(index), in); len(got) != len(want) {
		t.Errorf("IN leaves %v, want %v", got, want)
	}
	unasked := index
	unasked.PrunePartitions = false
	otherCount := catalog.Index{PrunePartitions: true, Partition: map[string]catalog.PartitionFunction{"k": {Function: "murmur", Count: count + 1}}}
	all := []struct {
		name   string
		p      *pinned
		filter expr.Expr
	}{{"not asked for", make4(unasked), equal(k, catalog.StringValue("a"))}, {"another number of partitions", make4(otherCount), equal(k, catalog.StringValue("a"))},
		{"a range", make4(index), &expr.Compare{Op: expr.Gt, Left: k, Right: &expr.Const{Value: catalog.StringValue("a")}}},
		{"NOT IN", make4(index), &expr.In{Arg: k, List: in.List, Negated: true}},
		{"OR", make4(index), &expr.Or{Args: []expr.Expr{equal(k, catalog.StringValue("a")), equal(n, catalog.LongValue(1))}}}}
	for _, c := range all {
		if got := left(c.p, c.filter); len(got) != count {
			t.Errorf("%s: partitions %v are left, want all", c.name, got)
		}
	}
}

// member is a sealed segment of a partition.
type member struct{ view segment.View }

func (m member) View(int) segment.View { return m.view }
func (m member) Release()              {}

// TestBoundsOfPartitions: the bounds are those of the views that are left, in their order.
func TestBoundsOfPartitions(t *testing.T) {
	schema := catalog.NewSchema("t", []catalog.Field{{Name: "k", Type: catalog.Long}, {Name: "n", Type: catalog.Long}})
	const count = 4
	p := &pinned{schema: schema, index: catalog.Index{PrunePartitions: true, Partition: map[string]catalog.PartitionFunction{"k": {Function: "murmur", Count: count}}}}
	for id := range int32(count) {
		var entries []partition.Entry
		for i := range id + 1 {
			v := segtest.NewView("s", schema, [][]catalog.Value{{catalog.LongValue(0)}, {catalog.LongValue(int64(10*id + i))}})
			entries = append(entries, partition.Entry{Member: partition.NewShared(member{v}), Rows: 1})
		}
		part := partition.New(entries, 0, 0)
		defer part.Close()
		v := part.Pin()
		p.versions, p.ids, p.views = append(p.versions, v), append(p.ids, id), append(p.views, v.Views()...)
		for range entries {
			p.owners = append(p.owners, id)
		}
	}
	defer p.release()
	k := &expr.Column{Name: "k", T: catalog.Long}
	for _, values := range [][]catalog.Value{nil, {catalog.LongValue(1)}, {catalog.LongValue(1), catalog.LongValue(2), catalog.LongValue(3)}} {
		leaf := &physical.Leaf{Scan: &logical.Scan{Table: "t"}}
		if values != nil {
			leaf.Scan.Filter = &expr.In{Arg: k, List: values}
		}
		src := p.source(leaf)
		if diff := cmp.Diff(segment.BoundsOf(src.Views, "n"), src.Bounds("n")); diff != "" {
			t.Errorf("k in %v leaves %d views (-want +got):\n%s", values, len(src.Views), diff)
		}
	}
}
