package server

import (
	"context"
	"fmt"

	"github.com/freshetdb/freshet/cluster"
	"github.com/freshetdb/freshet/cluster/tables"
	"github.com/freshetdb/freshet/internal/errs"
)

// watchTables follows the cluster store: it starts tables that appear, updates those that change, drops those that go.
// A change is a reason to list again, so nothing is missed when a watch ends or events are folded.
func (s *Server) watchTables(ctx context.Context) error {
	for ctx.Err() == nil {
		revision, err := s.syncTables(ctx)
		if err != nil {
			s.log.Warn("cannot list tables, trying again", "error", err)
			if !s.wait(ctx, s.cfg.RetryDelay) {
				break
			}
			continue
		}
		s.follow(ctx, revision)
	}
	return ctx.Err()
}

// follow handles events until the watch ends or a listing fails.
func (s *Server) follow(ctx context.Context, revision int64) {
	watchCtx, cancel := context.WithCancel(ctx)
	defer cancel()
	for range s.cfg.Store.Watch(watchCtx, cluster.TablesPrefix, revision) {
		if _, err := s.syncTables(ctx); err != nil {
			s.log.Warn("cannot list tables, trying again", "error", err)
			return
		}
	}
}

func (s *Server) syncTables(ctx context.Context) (revision int64, err error) {
	stored, revision, err := cluster.ListTables(ctx, s.cfg.Store)
	if err != nil {
		return 0, err
	}
	listed := map[string]tables.Entry{}
	failed := map[string]string{}
	for _, r := range stored {
		e, err := tables.Parse(r.Record)
		if err != nil {
			s.log.Error("table cannot be served", "table", r.Record.Name, "error", err)
			failed[r.Record.Name] = err.Error()
			continue
		}
		listed[r.Record.Name] = e
	}
	for _, t := range s.allTables() {
		if e, ok := listed[t.name]; !ok && failed[t.name] == "" || ok && e.Table.Incarnation != t.incarnation {
			s.forget(t)
			if err := s.erase(ctx, t.name, t.incarnation); err != nil {
				t.log.Warn("table is dropped; its remains are collected later", "error", err)
			}
		}
	}
	for name, e := range listed {
		t, ok := s.table(name)
		switch {
		case !ok:
			s.host(ctx, e)
		case t.entry().Table.Version != e.Table.Version || t.entry().Schema.Version != e.Schema.Version:
			t.update(e)
		}
	}
	s.mu.Lock()
	s.mu.listed, s.mu.failed = true, failed
	s.mu.Unlock()
	return revision, nil
}

func (s *Server) host(ctx context.Context, e tables.Entry) {
	t := s.newTable(e)
	t.log.Info("table is served", "incarnation", t.incarnation, "topic", e.Table.Stream.Topic)
	t.start(ctx)
	s.mu.Lock()
	s.mu.tables[t.name] = t
	s.mu.Unlock()
}

// forget stops serving a table.
func (s *Server) forget(t *table) {
	s.mu.Lock()
	delete(s.mu.tables, t.name)
	s.mu.Unlock()
	t.log.Info("table is no longer served", "incarnation", t.incarnation)
	t.stop()
}

// maxOps is how many operations a transaction of the cluster store takes.
const maxOps = 128

// erase removes the records and objects of a table incarnation that is gone. Nothing can be committed to it any more, as
// every commit compares the table's record.
func (s *Server) erase(ctx context.Context, name, incarnation string) error {
	for _, prefix := range []string{cluster.SegmentsTablePrefix(incarnation), cluster.ClaimsTablePrefix(incarnation),
		cluster.PartitionsTablePrefix(incarnation), gapsOf(incarnation)} {
		if err := s.deletePrefix(ctx, prefix); err != nil {
			return err
		}
	}
	ops := []cluster.Op{{Key: discoveredKey(incarnation), Delete: true}, {Key: pauseKey(incarnation), Delete: true}}
	if _, _, err := s.cfg.Store.Txn(ctx, nil, ops); err != nil {
		return err
	}
	objects, err := s.cfg.Bucket.List(ctx, objectPrefix(name, incarnation))
	if err != nil {
		return fmt.Errorf("cannot list the objects of table %s: %w", name, err)
	}
	for _, o := range objects {
		if err := s.removeObject(ctx, o.Key); err != nil {
			return err
		}
	}
	return nil
}

func (s *Server) deletePrefix(ctx context.Context, prefix string) error {
	for {
		kvs, _, err := s.cfg.Store.List(ctx, prefix)
		if err != nil || len(kvs) == 0 {
			return err
		}
		ops := make([]cluster.Op, 0, maxOps)
		for _, kv := range kvs[:min(len(kvs), maxOps)] {
			ops = append(ops, cluster.Op{Key: kv.Key, Delete: true})
		}
		ok, _, err := s.cfg.Store.Txn(ctx, nil, ops)
		if err != nil {
			return err
		}
		if !ok {
			return errs.Bug("an unconditional delete under %s was refused", prefix)
		}
	}
}

// removeObject deletes an object and the local copy of it.
func (s *Server) removeObject(ctx context.Context, key string) error {
	if err := s.cfg.Bucket.Delete(ctx, key); err != nil {
		return fmt.Errorf("cannot delete object %s: %w", key, err)
	}
	if path, shared := s.localPath(key); !shared {
		if err := s.cfg.FS.RemoveAll(path); err != nil {
			return fmt.Errorf("cannot delete the copy of %s: %w", key, err)
		}
	}
	return nil
}
