// Package tables keeps a process's view of the cluster's tables: parsed schemas and configs, fed by one watch. Queries
// read the snapshot and never wait for the cluster store.
package tables

import (
	"context"
	"fmt"
	"log/slog"
	"sort"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/cluster"
	"github.com/freshetdb/freshet/internal/clock"
)

// retryDelay is how long a failed listing waits before the next.
const retryDelay = 500 * time.Millisecond

// Entry is one table. Immutable.
type Entry struct {
	Schema *catalog.Schema
	Table  *catalog.Table
}

// Cache is the snapshot. Safe for concurrent use; Run feeds it.
type Cache struct {
	store    cluster.Store
	clock    clock.Clock
	log      *slog.Logger
	snapshot atomic.Pointer[map[string]Entry]

	mu struct {
		sync.Mutex
		revision int64 // of the store, up to which the snapshot holds every change
	}
}

// New makes an empty cache.
func New(store cluster.Store, c clock.Clock, log *slog.Logger) *Cache {
	cache := &Cache{store: store, clock: c, log: log}
	cache.snapshot.Store(&map[string]Entry{})
	return cache
}

// Load lists all tables once. After a change in the same process it makes the change visible without waiting for the
// watch.
func (c *Cache) Load(ctx context.Context) (revision int64, err error) {
	stored, revision, err := cluster.ListTables(ctx, c.store)
	if err != nil {
		return 0, fmt.Errorf("cannot list tables: %w", err)
	}
	next := map[string]Entry{}
	for _, s := range stored {
		if e, err := Parse(s.Record); err != nil {
			c.log.Error("table is not usable", "table", s.Record.Name, "error", err)
		} else {
			next[s.Record.Name] = e
		}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if revision >= c.mu.revision {
		c.mu.revision = revision
		c.snapshot.Store(&next)
	}
	return revision, nil
}

// Run keeps the snapshot current until ctx ends.
func (c *Cache) Run(ctx context.Context) error {
	for {
		revision, err := c.Load(ctx)
		if err != nil {
			c.log.Warn("table list failed, trying again", "error", err)
			select {
			case <-ctx.Done():
				return ctx.Err()
			case <-c.clock.After(retryDelay):
			}
			continue
		}
		for events := range c.store.Watch(ctx, cluster.TablesPrefix, revision) {
			c.apply(events)
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
	}
}

func (c *Cache) apply(events []cluster.Event) {
	c.mu.Lock()
	defer c.mu.Unlock()
	next := map[string]Entry{}
	for name, e := range *c.snapshot.Load() {
		next[name] = e
	}
	for _, ev := range events {
		if ev.Revision <= c.mu.revision {
			continue // a listing has seen it already
		}
		if ev.Deleted {
			for name := range next {
				if cluster.TableKey(name) == ev.Key {
					delete(next, name)
				}
			}
			continue
		}
		record, err := cluster.DecodeTable(ev.Value)
		if err == nil {
			var e Entry
			if e, err = Parse(record); err == nil {
				next[record.Name] = e
				continue
			}
		}
		c.log.Error("table record is not usable", "key", ev.Key, "error", err)
	}
	for _, ev := range events {
		c.mu.revision = max(c.mu.revision, ev.Revision)
	}
	c.snapshot.Store(&next)
}

// Parse makes an entry of a record.
func Parse(r cluster.TableRecord) (Entry, error) {
	s, _, err := catalog.ParseSchema(r.Schema)
	if err != nil {
		return Entry{}, err
	}
	t, _, _, err := catalog.ParseTable(r.Config, s)
	if err != nil {
		return Entry{}, err
	}
	s.Version, t.Version, t.Incarnation = r.SchemaVersion, r.Version, r.Incarnation
	return Entry{Schema: s, Table: t}, nil
}

// Revision is that of the store up to which the snapshot holds every change: it grows with each of them, before it shows.
func (c *Cache) Revision() int64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.mu.revision
}

// Lookup finds a table: by its exact name, else by the only name that differs in case.
func (c *Cache) Lookup(name string) (Entry, bool) {
	snapshot := *c.snapshot.Load()
	if e, ok := snapshot[name]; ok {
		return e, true
	}
	var found Entry
	matches := 0
	for n, e := range snapshot {
		if strings.EqualFold(n, name) {
			found = e
			matches++
		}
	}
	return found, matches == 1
}

// Names lists all tables, sorted.
func (c *Cache) Names() []string {
	var names []string
	for n := range *c.snapshot.Load() {
		names = append(names, n)
	}
	sort.Strings(names)
	return names
}
