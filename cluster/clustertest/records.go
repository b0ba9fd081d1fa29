package clustertest

import (
	"context"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/freshetdb/freshet/cluster"
	"github.com/freshetdb/freshet/internal/errs"
	"github.com/freshetdb/freshet/internal/lifecycle"
)

// newGroup gives a group that the test's end waits for.
func newGroup(t *testing.T) *lifecycle.Group {
	g := lifecycle.NewGroup(context.Background())
	t.Cleanup(func() {
		if err := g.Wait(); err != nil {
			t.Error(err)
		}
	})
	return g
}

// testRecords commits segments the way servers do and reads them back in order.
func testRecords(t *testing.T, _ Harness, s cluster.Store) {
	ctx := t.Context()
	segment := func(partition int32, sequence int64) cluster.SegmentRecord {
		return cluster.SegmentRecord{Table: "orders/eu", Incarnation: "i1", Partition: partition, Sequence: sequence, Status: cluster.SegmentInProgress,
			Name: "orders", StartOffset: 100 * sequence, SchemaVersion: 1, ConfigVersion: 2}
	}
	write := func(conds []cluster.Cond, records ...cluster.SegmentRecord) bool {
		t.Helper()
		var ops []cluster.Op
		for _, r := range records {
			value, err := r.Encode()
			if err != nil {
				t.Fatal(err)
			}
			ops = append(ops, cluster.Op{Key: r.RecordKey(), Value: value})
		}
		ok, _, err := s.Txn(ctx, conds, ops)
		if err != nil {
			t.Fatal(err)
		}
		return ok
	}
	// Sequences of one and two digits and partitions above 9 have to come in order of number, not of text.
	write(nil, segment(10, 0), segment(2, 10), segment(2, 9))
	got, revision, err := cluster.ListSegments(ctx, s, "i1")
	if err != nil || revision <= 0 {
		t.Fatal(revision, err)
	}
	var records []cluster.SegmentRecord
	for _, st := range got {
		records = append(records, st.Record)
	}
	if diff := cmp.Diff([]cluster.SegmentRecord{segment(2, 9), segment(2, 10), segment(10, 0)}, records); diff != "" {
		t.Fatal(diff)
	}
	// The commit of segment 10: done, and the next one begins, if nobody was faster.
	done := segment(2, 10)
	done.Status, done.EndOffset, done.Rows, done.Key = cluster.SegmentDone, 1100, 7, "i1/2/10"
	conds := []cluster.Cond{{Key: done.RecordKey(), Revision: got[1].Revision}, {Key: segment(2, 11).RecordKey()}}
	if !write(conds, done, segment(2, 11)) || write(conds, done, segment(2, 11)) {
		t.Fatal("want the first commit to succeed and the second to fail")
	}
	one, _, err := cluster.ListPartitionSegments(ctx, s, "i1", 2)
	if err != nil || len(one) != 3 || one[1].Record != done {
		t.Fatalf("got %v, %v", one, err)
	}
	if _, found, err := cluster.GetSegment(ctx, s, "i1", 2, 12); found || err != nil {
		t.Fatalf("got %v, %v, want nothing", found, err)
	}
	put(t, s, cluster.TableKey("broken"), `{"name":"other"}`)
	if _, _, err := cluster.GetTable(ctx, s, "broken"); errs.ClassOf(err) != errs.ClassCorrupt {
		t.Fatalf("got %v, want an error of class corrupt", err)
	}
}
