package server

import (
	"context"
	"strings"
	"time"

	"github.com/freshetdb/freshet/cluster"
)

// housekeep applies retention, collects what nothing names, and verifies files, until ctx ends.
func (s *Server) housekeep(ctx context.Context) error {
	now := s.cfg.Clock.Now()
	// The first collection waits: a server that has just started has other things to do.
	collectAt, scrubAt := now.Add(s.cfg.CollectEvery), now.Add(s.cfg.ScrubEvery)
	for s.wait(ctx, s.cfg.MaintainEvery) {
		s.cfg.Allocator.Trim()
		for _, t := range s.allTables() {
			if err := t.applyRetention(ctx); err != nil && ctx.Err() == nil {
				t.log.Warn("retention waits", "error", err)
			}
		}
		if now = s.cfg.Clock.Now(); !now.Before(collectAt) {
			collectAt = now.Add(s.cfg.CollectEvery)
			if err := s.collect(ctx, now); err != nil && ctx.Err() == nil {
				s.log.Warn("collection of unnamed objects waits", "error", err)
			}
		}
		if !now.Before(scrubAt) {
			scrubAt = now.Add(s.cfg.ScrubEvery)
			s.scrub(ctx)
		}
	}
	return ctx.Err()
}

// applyRetention removes sealed segments whose newest row is older than the table keeps rows. A segment without a known
// time range is kept.
func (t *table) applyRetention(ctx context.Context) error {
	keep := t.entry().Table.Retention
	if keep <= 0 {
		return nil
	}
	limit := t.s.cfg.Clock.Now().Add(-keep).UnixMilli()
	stored, _, err := cluster.ListSegments(ctx, t.s.cfg.Store, t.incarnation)
	if err != nil {
		return err
	}
	for _, r := range stored {
		if r.Record.Status != cluster.SegmentDone || !r.Record.HasTime || r.Record.MaxMillis >= limit {
			continue
		}
		if err := t.dropSegment(ctx, r); err != nil {
			return err
		}
	}
	return nil
}

// dropSegment removes a committed segment: first its record, so that no restart opens it, then from the version that
// queries see, then its file. Queries that pinned it keep the mapping.
func (t *table) dropSegment(ctx context.Context, r cluster.Stored[cluster.SegmentRecord]) error {
	conds, err := (&committer{s: t.s, t: t, partition: r.Record.Partition}).fence(ctx)
	if err != nil {
		return err
	}
	conds = append(conds, cluster.Cond{Key: r.Record.RecordKey(), Revision: r.Revision})
	ok, _, err := t.s.cfg.Store.Txn(ctx, conds, []cluster.Op{{Key: r.Record.RecordKey(), Delete: true}})
	if err != nil || !ok {
		return err // changed meanwhile: looked at again next time
	}
	t.mu.RLock()
	h := t.mu.partitions[r.Record.Partition]
	t.mu.RUnlock()
	if h != nil {
		h.consumer().Remove(r.Record.Sequence)
		h.mu.Lock()
		delete(h.mu.damaged, r.Record.Sequence)
		h.mu.Unlock()
	}
	t.log.Info("segment was removed by retention", "segment", r.Record.Name, "rows", r.Record.Rows)
	if r.Record.Key == "" {
		return nil
	}
	return t.s.removeObject(ctx, r.Record.Key)
}

// collect removes records of dropped tables and objects that no record names and that are older than a day. Objects are
// listed before records: what is committed in between is named.
func (s *Server) collect(ctx context.Context, now time.Time) error {
	objects, err := s.cfg.Bucket.List(ctx, "")
	if err != nil {
		return err
	}
	segments, _, err := s.cfg.Store.List(ctx, cluster.SegmentsPrefix)
	if err != nil {
		return err
	}
	stored, _, err := cluster.ListTables(ctx, s.cfg.Store)
	if err != nil {
		return err
	}
	live := map[string]bool{}
	for _, t := range stored {
		live[t.Record.Incarnation] = true
	}
	named, dead := map[string]bool{}, map[string]string{}
	for _, kv := range segments {
		r, err := cluster.DecodeSegment(kv.Value)
		if err != nil {
			return err // what cannot be read may name an object
		}
		if !live[r.Incarnation] {
			dead[r.Incarnation] = r.Table
			continue
		}
		named[r.Key] = true
	}
	for incarnation, name := range dead {
		s.log.Info("remains of a dropped table are removed", "table", name, "incarnation", incarnation)
		if err := s.erase(ctx, name, incarnation); err != nil {
			return err
		}
	}
	limit := now.Add(-collectAge)
	for _, o := range objects {
		if named[o.Key] || o.Modified.After(limit) || !strings.HasSuffix(o.Key, ".seg") {
			continue
		}
		if err := s.removeObject(ctx, o.Key); err != nil {
			return err
		}
		s.log.Info("unnamed object was removed", "key", o.Key, "modified", o.Modified)
	}
	return nil
}

// scrubPause is the rest after each verified segment.
const scrubPause = 100 * time.Millisecond

// scrub verifies every sealed segment, one after the other.
func (s *Server) scrub(ctx context.Context) {
	for _, t := range s.allTables() {
		for _, h := range t.partitionList() {
			if h.consumer() != nil {
				h.verify(ctx, func(ctx context.Context) bool { return s.wait(ctx, scrubPause) })
			}
		}
	}
}
