// Package mem is a cluster store in memory: the same contract as cluster/etcd, without durability, for tests.
//
// One mutex guards everything. Watches copy nothing: the history of changes is kept (until Compact), and each watch
// reads it from its own position, woken by a channel that is closed and replaced with every change.
package mem

import (
	"context"
	"slices"
	"sort"
	"strings"
	"sync"
	"time"

	"github.com/freshetdb/freshet/cluster"
	"github.com/freshetdb/freshet/internal/clock"
	"github.com/freshetdb/freshet/internal/errs"
	"github.com/freshetdb/freshet/internal/lifecycle"
)

// Store implements cluster.Store. Safe for concurrent use.
type Store struct {
	clock clock.Clock
	group *lifecycle.Group
	mu    struct {
		sync.Mutex
		closed    bool
		revision  int64
		compacted int64
		keys      map[string]entry
		history   []change
		changed   chan struct{} // closed and replaced by every change
		nextLease cluster.LeaseID
		leases    map[cluster.LeaseID]*lease
	}
}

type entry struct {
	kv    cluster.KV
	lease cluster.LeaseID
}

type change struct {
	event    cluster.Event
	revision int64
}

type lease struct{ lost chan struct{} }

var _ cluster.Store = (*Store)(nil)

// New makes an empty store. Close it to end its goroutines.
func New(c clock.Clock) *Store {
	s := &Store{clock: c, group: lifecycle.NewGroup(context.Background())}
	s.mu.revision = 1 // as etcd: the empty store has revision 1
	s.mu.keys = map[string]entry{}
	s.mu.changed = make(chan struct{})
	s.mu.leases = map[cluster.LeaseID]*lease{}
	return s
}

// check tells whether the store can be used; the lock is held.
func (s *Store) check(ctx context.Context) error {
	if s.mu.closed {
		return errs.New(errs.ClassUnavailable, errs.CannotConnectNow, "the cluster store is closed")
	}
	if err := ctx.Err(); err != nil {
		return errs.New(errs.ClassUnavailable, errs.CannotConnectNow, "the cluster store did not answer in time").Wrap(err)
	}
	return nil
}

// Get implements cluster.Store.
func (s *Store) Get(ctx context.Context, key string) (cluster.KV, bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.check(ctx); err != nil {
		return cluster.KV{}, false, err
	}
	e, ok := s.mu.keys[key]
	if !ok {
		return cluster.KV{}, false, nil
	}
	return cloneKV(e.kv), true, nil
}

// List implements cluster.Store.
func (s *Store) List(ctx context.Context, prefix string) ([]cluster.KV, int64, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.check(ctx); err != nil {
		return nil, 0, err
	}
	var kvs []cluster.KV
	for key, e := range s.mu.keys {
		if strings.HasPrefix(key, prefix) {
			kvs = append(kvs, cloneKV(e.kv))
		}
	}
	slices.SortFunc(kvs, func(a, b cluster.KV) int { return strings.Compare(a.Key, b.Key) })
	return kvs, s.mu.revision, nil
}

// Txn implements cluster.Store.
func (s *Store) Txn(ctx context.Context, conds []cluster.Cond, ops []cluster.Op) (bool, int64, error) {
	if err := cluster.CheckTxn(conds, ops); err != nil {
		return false, 0, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.check(ctx); err != nil {
		return false, 0, err
	}
	for _, op := range ops {
		if _, ok := s.mu.leases[op.Lease]; op.Lease != 0 && !ok {
			return false, 0, errs.New(errs.ClassUnavailable, errs.CannotConnectNow, "lease %d has expired", op.Lease)
		}
	}
	for _, c := range conds {
		if s.mu.keys[c.Key].kv.Revision != c.Revision {
			return false, s.mu.revision, nil
		}
	}
	s.apply(ops)
	return true, s.mu.revision, nil
}

// apply does ops as one revision, if they change anything, and wakes the watches. The lock is held.
func (s *Store) apply(ops []cluster.Op) {
	next := s.mu.revision + 1
	before := len(s.mu.history)
	for _, op := range ops {
		if op.Delete {
			if _, ok := s.mu.keys[op.Key]; !ok {
				continue
			}
			delete(s.mu.keys, op.Key)
			s.mu.history = append(s.mu.history, change{revision: next, event: cluster.Event{
				KV: cluster.KV{Key: op.Key, Revision: next}, Deleted: true}})
			continue
		}
		kv := cluster.KV{Key: op.Key, Value: slices.Clone(op.Value), Revision: next}
		s.mu.keys[op.Key] = entry{kv: kv, lease: op.Lease}
		s.mu.history = append(s.mu.history, change{revision: next, event: cluster.Event{KV: kv}})
	}
	if len(s.mu.history) == before {
		return
	}
	s.mu.revision = next
	close(s.mu.changed)
	s.mu.changed = make(chan struct{})
}

// Compact forgets the history up to a revision; watches that start before it are closed.
func (s *Store) Compact(revision int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.mu.compacted = max(s.mu.compacted, min(revision, s.mu.revision))
	at := s.historyAt(s.mu.compacted)
	s.mu.history = slices.Clone(s.mu.history[at:])
}

// historyAt is the position of the first change after a revision. The lock is held.
func (s *Store) historyAt(after int64) int {
	return sort.Search(len(s.mu.history), func(i int) bool { return s.mu.history[i].revision > after })
}

// Watch implements cluster.Store.
func (s *Store) Watch(ctx context.Context, prefix string, afterRevision int64) <-chan []cluster.Event {
	out := make(chan []cluster.Event)
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.mu.closed {
		close(out)
		return out
	}
	s.group.Go("cluster watch", func(groupCtx context.Context) error {
		defer close(out)
		s.watch(ctx, groupCtx, prefix, afterRevision, out)
		return nil
	})
	return out
}

func (s *Store) watch(ctx, groupCtx context.Context, prefix string, after int64, out chan<- []cluster.Event) {
	for {
		events, last, changed, ok := s.since(prefix, after)
		if !ok {
			return
		}
		after = last
		send := out
		if len(events) == 0 {
			send = nil
		} else {
			changed = nil // deliver first
		}
		select {
		case send <- events:
		case <-changed:
		case <-ctx.Done():
			return
		case <-groupCtx.Done():
			return
		}
	}
}

// since gives the changes with the prefix after a revision, the revision they reach and a channel for more; ok is
// false where the revision is compacted.
func (s *Store) since(prefix string, after int64) (events []cluster.Event, last int64, changed <-chan struct{}, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if after < s.mu.compacted {
		return nil, 0, nil, false
	}
	for _, c := range s.mu.history[s.historyAt(after):] {
		if strings.HasPrefix(c.event.Key, prefix) {
			e := c.event
			e.KV = cloneKV(e.KV)
			events = append(events, e)
		}
	}
	return events, max(after, s.mu.revision), s.mu.changed, true
}

// Lease implements cluster.Store. The lease ends with ctx: a process in memory cannot stop renewing in any other way,
// except by Expire.
func (s *Store) Lease(ctx context.Context, ttlSeconds int64) (cluster.LeaseID, <-chan struct{}, error) {
	if ttlSeconds <= 0 {
		return 0, nil, errs.User(errs.InvalidParameterValue, "the time to live of a lease is %d s, want 1 or more", ttlSeconds)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.check(ctx); err != nil {
		return 0, nil, err
	}
	s.mu.nextLease++
	id := s.mu.nextLease
	l := &lease{lost: make(chan struct{})}
	s.mu.leases[id] = l
	s.group.Go("cluster lease", func(groupCtx context.Context) error {
		select {
		case <-l.lost:
			return nil
		case <-groupCtx.Done():
			s.Expire(id)
			return nil
		case <-ctx.Done():
		}
		// Nobody renews any more: the keys stay for the time to live, as with a process that died.
		select {
		case <-s.clock.After(time.Duration(ttlSeconds) * time.Second):
		case <-groupCtx.Done():
		}
		s.Expire(id)
		return nil
	})
	return id, l.lost, nil
}

// Expire ends a lease now: its keys are deleted and its lost channel is closed.
func (s *Store) Expire(id cluster.LeaseID) {
	s.mu.Lock()
	defer s.mu.Unlock()
	l, ok := s.mu.leases[id]
	if !ok {
		return
	}
	delete(s.mu.leases, id)
	var ops []cluster.Op
	for key, e := range s.mu.keys {
		if e.lease == id {
			ops = append(ops, cluster.Op{Key: key, Delete: true})
		}
	}
	slices.SortFunc(ops, func(a, b cluster.Op) int { return strings.Compare(a.Key, b.Key) })
	s.apply(ops)
	close(l.lost)
}

// Close implements cluster.Store: it ends watches and leases. Later calls fail; a second Close does nothing.
func (s *Store) Close() error {
	s.mu.Lock()
	s.mu.closed = true
	s.mu.Unlock()
	return s.group.Stop()
}

func cloneKV(kv cluster.KV) cluster.KV {
	kv.Value = slices.Clone(kv.Value)
	return kv
}
