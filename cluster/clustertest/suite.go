// Package clustertest is the acceptance suite of cluster stores: every backend runs it. Tests only.
package clustertest

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/freshetdb/freshet/cluster"
	"github.com/freshetdb/freshet/internal/clock"
	"github.com/freshetdb/freshet/internal/errs"
)

// Harness makes what the suite needs of a backend.
type Harness struct {
	// New gives an empty store (a fresh prefix will do); the test's cleanup closes it.
	New func(t *testing.T) cluster.Store
	// Compact forgets the history up to a revision.
	Compact func(t *testing.T, s cluster.Store, revision int64)
	// ExpireLease makes a lease expire now, as if its owner had died.
	ExpireLease func(t *testing.T, s cluster.Store, id cluster.LeaseID)
}

// patience is how long the suite waits for what has to happen.
const patience = 10 * time.Second

// Run runs the suite.
func Run(t *testing.T, h Harness) {
	for _, c := range []struct {
		name string
		run  func(t *testing.T, h Harness, s cluster.Store)
	}{
		{"GetMissing", testGetMissing},
		{"PutGetList", testPutGetList},
		{"Conditions", testConditions},
		{"TxnIsAtomic", testTxnIsAtomic},
		{"TxnLimits", testTxnLimits},
		{"ValuesAreCopies", testValuesAreCopies},
		{"WatchFromRevision", testWatchFromRevision},
		{"WatchLive", testWatchLive},
		{"WatchCompacted", testWatchCompacted},
		{"WatchEndsWithContext", testWatchEndsWithContext},
		{"Lease", testLease},
		{"CompareAndSwapRace", testCompareAndSwapRace},
		{"EndedContext", testEndedContext},
		{"Close", testClose},
		{"Records", testRecords},
	} {
		t.Run(c.name, func(t *testing.T) { c.run(t, h, h.New(t)) })
	}
}

func put(t *testing.T, s cluster.Store, key, value string) int64 {
	t.Helper()
	ok, revision, err := s.Txn(t.Context(), nil, []cluster.Op{{Key: key, Value: []byte(value)}})
	if err != nil || !ok {
		t.Fatalf("put %q: ok %v, error %v", key, ok, err)
	}
	return revision
}

func remove(t *testing.T, s cluster.Store, key string) int64 {
	t.Helper()
	ok, revision, err := s.Txn(t.Context(), nil, []cluster.Op{{Key: key, Delete: true}})
	if err != nil || !ok {
		t.Fatalf("delete %q: ok %v, error %v", key, ok, err)
	}
	return revision
}

func testGetMissing(t *testing.T, _ Harness, s cluster.Store) {
	if kv, found, err := s.Get(t.Context(), "/nothing"); found || err != nil {
		t.Fatalf("got %v, %v, %v", kv, found, err)
	}
	kvs, revision, err := s.List(t.Context(), "/")
	if err != nil || len(kvs) != 0 || revision <= 0 {
		t.Fatalf("got %v at %d, %v; want nothing at a positive revision", kvs, revision, err)
	}
	before := revision
	if after := remove(t, s, "/nothing"); after != before {
		t.Fatalf("deleting nothing moved the revision from %d to %d", before, after)
	}
}

func testPutGetList(t *testing.T, _ Harness, s cluster.Store) {
	revisions := map[string]int64{}
	for _, key := range []string{"/b/2", "/a/1", "/b/10", "/b", "/bb"} {
		revisions[key] = put(t, s, key, "value of "+key)
	}
	kv, found, err := s.Get(t.Context(), "/b/10")
	want := cluster.KV{Key: "/b/10", Value: []byte("value of /b/10"), Revision: revisions["/b/10"]}
	if err != nil || !found || cmp.Diff(want, kv) != "" {
		t.Fatalf("got %v, %v, want %v", kv, err, want)
	}
	kvs, revision, err := s.List(t.Context(), "/b/")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"/b/10", "/b/2"}, keys(kvs)); diff != "" || revision != revisions["/bb"] {
		t.Fatalf("revision %d, want %d; keys:\n%s", revision, revisions["/bb"], diff)
	}
	remove(t, s, "/b/2")
	if kvs, _, err = s.List(t.Context(), "/"); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"/a/1", "/b", "/b/10", "/bb"}, keys(kvs)); diff != "" {
		t.Fatal(diff)
	}
}

func keys(kvs []cluster.KV) []string {
	var out []string
	for _, kv := range kvs {
		out = append(out, kv.Key)
	}
	return out
}

func testConditions(t *testing.T, _ Harness, s cluster.Store) {
	written := put(t, s, "/k", "1")
	try := func(want bool, conds ...cluster.Cond) {
		t.Helper()
		ok, revision, err := s.Txn(t.Context(), conds, []cluster.Op{{Key: "/out", Value: fmt.Append(nil, conds)}})
		if err != nil || ok != want || revision <= 0 {
			t.Fatalf("conditions %v: got %v at %d, %v; want %v", conds, ok, revision, err, want)
		}
	}
	try(true, cluster.Cond{Key: "/k", Revision: written})
	try(true, cluster.Cond{Key: "/new", Revision: 0})
	try(false, cluster.Cond{Key: "/k", Revision: 0})
	try(false, cluster.Cond{Key: "/k", Revision: written + 1})
	try(false, cluster.Cond{Key: "/new", Revision: written})
	try(false, cluster.Cond{Key: "/k", Revision: written}, cluster.Cond{Key: "/new", Revision: 1})
	remove(t, s, "/k")
	try(true, cluster.Cond{Key: "/k", Revision: 0})
	try(false, cluster.Cond{Key: "/k", Revision: written})
}

func testTxnIsAtomic(t *testing.T, _ Harness, s cluster.Store) {
	put(t, s, "/old", "x")
	ok, revision, err := s.Txn(t.Context(), nil, []cluster.Op{
		{Key: "/a", Value: []byte("1")}, {Key: "/b", Value: []byte("2")}, {Key: "/old", Delete: true}})
	if err != nil || !ok {
		t.Fatal(ok, err)
	}
	kvs, at, err := s.List(t.Context(), "/")
	if err != nil || at != revision {
		t.Fatalf("list at %d, %v; want %d", at, err, revision)
	}
	want := []cluster.KV{{Key: "/a", Value: []byte("1"), Revision: revision}, {Key: "/b", Value: []byte("2"), Revision: revision}}
	if diff := cmp.Diff(want, kvs); diff != "" {
		t.Fatal(diff)
	}
	ok, _, err = s.Txn(t.Context(), []cluster.Cond{{Key: "/a", Revision: revision + 7}}, []cluster.Op{{Key: "/a", Delete: true}, {Key: "/c"}})
	if err != nil || ok {
		t.Fatalf("got %v, %v, want a refused transaction", ok, err)
	}
	again, _, err := s.List(t.Context(), "/")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, again); diff != "" {
		t.Fatalf("a refused transaction changed something:\n%s", diff)
	}
}

func testTxnLimits(t *testing.T, _ Harness, s cluster.Store) {
	many := make([]cluster.Op, cluster.MaxTxnOps+1)
	conds := make([]cluster.Cond, len(many))
	for i := range many {
		many[i].Key = fmt.Sprintf("/%03d", i)
		conds[i].Key = many[i].Key
	}
	refused := func(conds []cluster.Cond, ops []cluster.Op) {
		t.Helper()
		if _, _, err := s.Txn(t.Context(), conds, ops); errs.ClassOf(err) != errs.ClassUser {
			t.Fatalf("got %v, want an error of class user", err)
		}
	}
	refused(nil, many)
	refused(conds, many[:1])
	refused(nil, []cluster.Op{{Key: "/same"}, {Key: "/same", Delete: true}})
	refused(nil, []cluster.Op{{Key: ""}})
	refused([]cluster.Cond{{Key: ""}}, nil)
	if ok, _, err := s.Txn(t.Context(), conds[:cluster.MaxTxnOps], many[:cluster.MaxTxnOps]); !ok || err != nil {
		t.Fatalf("the largest transaction: %v, %v", ok, err)
	}
}

func testValuesAreCopies(t *testing.T, _ Harness, s cluster.Store) {
	value := []byte("abc")
	if _, _, err := s.Txn(t.Context(), nil, []cluster.Op{{Key: "/k", Value: value}}); err != nil {
		t.Fatal(err)
	}
	value[0] = 'X'
	for range 2 {
		kv, _, err := s.Get(t.Context(), "/k")
		if err != nil || string(kv.Value) != "abc" {
			t.Fatalf("got %q, %v", kv.Value, err)
		}
		kv.Value[1] = 'Y'
	}
}

// next waits for events until there are n.
func next(t *testing.T, ch <-chan []cluster.Event, n int) []cluster.Event {
	t.Helper()
	var got []cluster.Event
	timeout := clock.Real{}.After(patience)
	for len(got) < n {
		select {
		case events, ok := <-ch:
			if !ok {
				t.Fatalf("watch ended after %v, want %d events", got, n)
			}
			got = append(got, events...)
		case <-timeout:
			t.Fatalf("got %v, want %d events", got, n)
		}
	}
	return got
}

// ended waits until ch is closed, dropping what comes before.
func ended[T any](t *testing.T, ch <-chan T) {
	t.Helper()
	timeout := clock.Real{}.After(patience)
	for {
		select {
		case _, ok := <-ch:
			if !ok {
				return
			}
		case <-timeout:
			t.Fatal("channel is not closed")
		}
	}
}

func event(key, value string, revision int64) cluster.Event {
	if value == "" {
		return cluster.Event{KV: cluster.KV{Key: key, Revision: revision}, Deleted: true}
	}
	return cluster.Event{KV: cluster.KV{Key: key, Value: []byte(value), Revision: revision}}
}

func testWatchFromRevision(t *testing.T, _ Harness, s cluster.Store) {
	first := put(t, s, "/w/1", "a")
	second := put(t, s, "/w/2", "b")
	put(t, s, "/other", "x")
	third := remove(t, s, "/w/1")
	ch := s.Watch(t.Context(), "/w/", first)
	want := []cluster.Event{event("/w/2", "b", second), event("/w/1", "", third)}
	if diff := cmp.Diff(want, next(t, ch, 2)); diff != "" {
		t.Fatal(diff)
	}
	fourth := put(t, s, "/w/3", "c")
	if diff := cmp.Diff([]cluster.Event{event("/w/3", "c", fourth)}, next(t, ch, 1)); diff != "" {
		t.Fatal(diff)
	}
}

func testWatchLive(t *testing.T, _ Harness, s cluster.Store) {
	_, revision, err := s.List(t.Context(), "/")
	if err != nil {
		t.Fatal(err)
	}
	const watches, changes = 3, 50
	var channels [watches]<-chan []cluster.Event
	for i := range channels {
		channels[i] = s.Watch(t.Context(), "/n/", revision)
	}
	var want []cluster.Event
	for i := range changes {
		key, value := fmt.Sprintf("/n/%d", i%7), fmt.Sprintf("v%d", i)
		want = append(want, event(key, value, put(t, s, key, value)))
	}
	for _, ch := range channels {
		if diff := cmp.Diff(want, next(t, ch, changes)); diff != "" {
			t.Fatal(diff)
		}
	}
}

func testWatchCompacted(t *testing.T, h Harness, s cluster.Store) {
	first := put(t, s, "/c", "1")
	put(t, s, "/c", "2")
	put(t, s, "/c", "3")
	last := put(t, s, "/c", "4")
	h.Compact(t, s, last)
	ended(t, s.Watch(t.Context(), "/c", first))
	// Listing again and watching from there goes on without a hole.
	kvs, revision, err := s.List(t.Context(), "/c")
	if err != nil || len(kvs) != 1 || string(kvs[0].Value) != "4" {
		t.Fatalf("got %v, %v", kvs, err)
	}
	ch := s.Watch(t.Context(), "/c", revision)
	fifth := put(t, s, "/c", "5")
	if diff := cmp.Diff([]cluster.Event{event("/c", "5", fifth)}, next(t, ch, 1)); diff != "" {
		t.Fatal(diff)
	}
}

func testWatchEndsWithContext(t *testing.T, _ Harness, s cluster.Store) {
	ctx, cancel := context.WithCancel(t.Context())
	revision := put(t, s, "/k", "1")
	idle := s.Watch(ctx, "/k", revision)
	blocked := s.Watch(ctx, "/k", revision-1) // nobody receives its event
	cancel()
	ended(t, idle)
	ended(t, blocked)
}

func testLease(t *testing.T, h Harness, s cluster.Store) {
	// Short, as a client learns of the end when it renews, after a third of the time.
	id, lost, err := s.Lease(t.Context(), 3)
	if err != nil || id == 0 {
		t.Fatalf("got lease %d, %v", id, err)
	}
	ok, revision, err := s.Txn(t.Context(), nil, []cluster.Op{
		{Key: "/live/a", Value: []byte("x"), Lease: id}, {Key: "/live/b", Value: []byte("y"), Lease: id}, {Key: "/live/c", Value: []byte("z")}})
	if err != nil || !ok {
		t.Fatal(ok, err)
	}
	// A key written again without the lease does not hang on it any more.
	revision = max(revision, put(t, s, "/live/b", "y2"))
	select {
	case <-lost:
		t.Fatal("the lease is lost at once")
	default:
	}
	ch := s.Watch(t.Context(), "/live/", revision)
	h.ExpireLease(t, s, id)
	ended(t, lost)
	got := next(t, ch, 1)
	if len(got) != 1 || got[0].Key != "/live/a" || !got[0].Deleted {
		t.Fatalf("got %v, want the deletion of /live/a", got)
	}
	if _, _, err := s.Txn(t.Context(), nil, []cluster.Op{{Key: "/late", Lease: id}}); errs.ClassOf(err) != errs.ClassUnavailable {
		t.Fatalf("a write with an expired lease: got %v, want an error of class unavailable", err)
	}
	for _, ttl := range []int64{0, -1} {
		if _, _, err := s.Lease(t.Context(), ttl); errs.ClassOf(err) != errs.ClassUser {
			t.Fatalf("time to live %d: got %v, want an error of class user", ttl, err)
		}
	}
}

// testCompareAndSwapRace lets several writers increment one counter: no increment may be lost.
func testCompareAndSwapRace(t *testing.T, _ Harness, s cluster.Store) {
	const writers, increments = 4, 20
	ctx := t.Context()
	failures := make(chan error, writers)
	group := newGroup(t)
	for range writers {
		group.Go("increment", func(context.Context) error {
			failures <- incrementBy(ctx, s, increments)
			return nil
		})
	}
	for range writers {
		if err := <-failures; err != nil {
			t.Fatal(err)
		}
	}
	kv, _, err := s.Get(ctx, "/counter")
	if err != nil || string(kv.Value) != fmt.Sprint(writers*increments) {
		t.Fatalf("got %q, %v, want %d", kv.Value, err, writers*increments)
	}
}

func incrementBy(ctx context.Context, s cluster.Store, n int) error {
	for done := 0; done < n; {
		kv, found, err := s.Get(ctx, "/counter")
		if err != nil {
			return err
		}
		value := 0
		if found {
			if _, err := fmt.Sscan(string(kv.Value), &value); err != nil {
				return err
			}
		}
		ok, _, err := s.Txn(ctx, []cluster.Cond{{Key: "/counter", Revision: kv.Revision}},
			[]cluster.Op{{Key: "/counter", Value: fmt.Append(nil, value+1)}})
		if err != nil {
			return err
		}
		if ok {
			done++
		}
	}
	return nil
}

func testEndedContext(t *testing.T, _ Harness, s cluster.Store) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, _, getErr := s.Get(ctx, "/k")
	_, _, listErr := s.List(ctx, "/")
	_, _, txnErr := s.Txn(ctx, nil, []cluster.Op{{Key: "/k"}})
	_, _, leaseErr := s.Lease(ctx, 5)
	for i, err := range []error{getErr, listErr, txnErr, leaseErr} {
		if errs.ClassOf(err) != errs.ClassUnavailable {
			t.Errorf("call %d: got %v, want an error of class unavailable", i, err)
		}
	}
	ended(t, s.Watch(ctx, "/", 1))
}

func testClose(t *testing.T, _ Harness, s cluster.Store) {
	revision := put(t, s, "/k", "1")
	watch := s.Watch(t.Context(), "/", revision)
	_, lost, err := s.Lease(t.Context(), 60)
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
	ended(t, watch)
	ended(t, lost)
	if _, _, err := s.Get(t.Context(), "/k"); errs.ClassOf(err) != errs.ClassUnavailable {
		t.Fatalf("got %v, want an error of class unavailable", err)
	}
	ended(t, s.Watch(t.Context(), "/", revision))
}
