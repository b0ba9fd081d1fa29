package server

import (
	"context"
	"fmt"

	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/internal/errs"
	"github.com/freshetdb/freshet/segment"
	"github.com/freshetdb/freshet/segment/partition"
)

// pinned is one version per partition of a table: what a query sees, for all its scans.
type pinned struct {
	schema   *catalog.Schema
	versions []*partition.Version
	ids      []int32 // partition of each version
	views    []segment.View
	owners   []int32 // partition of each view
	rows     int64
	missing  []string // a sentence for each damaged segment that the versions lack
	index    catalog.Index
	// freshness is the oldest among the partitions' newest event times, in milliseconds; 0 unknown.
	freshness int64
}

// index is the table's index configuration.
func (t *table) index() catalog.Index {
	t.mu.RLock()
	defer t.mu.RUnlock()
	return t.mu.entry.Table.Index
}

func (p *pinned) release() {
	for _, v := range p.versions {
		v.Unpin()
	}
}

// pin pins the current version of every partition.
func (t *table) pin() (*pinned, error) {
	t.mu.RLock()
	if !t.mu.loaded {
		problem := t.mu.problem
		t.mu.RUnlock()
		if problem == "" {
			problem = "its committed segments are being opened"
		}
		return nil, errs.New(errs.ClassUnavailable, errs.CannotConnectNow, "table \"%s\" is not loaded yet: %s", t.name, problem)
	}
	p := &pinned{schema: t.mu.entry.Schema}
	parts := t.sortedLocked()
	for _, h := range parts {
		v, lacks := h.pin()
		if v == nil {
			break
		}
		p.versions, p.ids = append(p.versions, v), append(p.ids, h.id)
		for _, d := range lacks {
			p.missing = append(p.missing, fmt.Sprintf("segment %s is damaged, its %d rows are missing: %s", d.Segment, d.Rows, d.Reason))
		}
	}
	t.mu.RUnlock()
	if len(p.versions) < len(parts) {
		p.release()
		return nil, errs.New(errs.ClassUnavailable, errs.CannotConnectNow, "table \"%s\" is being closed", t.name)
	}
	for i, v := range p.versions {
		if newest := v.NewestMillis; newest > 0 && (p.freshness == 0 || newest < p.freshness) {
			p.freshness = newest
		}
		views := v.Views()
		p.views = append(p.views, views...)
		for range views {
			p.owners = append(p.owners, p.ids[i])
		}
		p.rows += int64(v.Rows())
	}
	p.index = t.index()
	return p, nil
}

// suspect verifies a table's files soon when a query found damage: its error does not name the file, verifying does.
func (s *Server) suspect(t *table, err error) {
	if errs.ClassOf(err) != errs.ClassCorrupt {
		return
	}
	t.spawn("verification of table "+t.name, func(ctx context.Context) error {
		for _, h := range t.partitionList() {
			h.verify(ctx, func(ctx context.Context) bool { return ctx.Err() == nil })
		}
		return nil
	})
}

// Notices says what a query of the table should know: partitions that are not caught up since the start, in ERROR or
// stalled.
func (s *Server) Notices(name string) []string {
	t, ok := s.table(name)
	if !ok {
		return nil
	}
	var out []string
	t.mu.RLock()
	if t.mu.problem != "" {
		out = append(out, fmt.Sprintf("table %s: %s", name, t.mu.problem))
	}
	t.mu.RUnlock()
	for _, h := range t.partitionList() {
		st := h.consumer().Status()
		switch {
		case st.Reason != "":
			out = append(out, fmt.Sprintf("partition %d of table %s is %v: %s", h.id, name, st.State, st.Reason))
		case !st.Ready:
			out = append(out, fmt.Sprintf("partition %d of table %s is catching up after the start: %d of %d records behind", h.id, name,
				max(st.LagOffsets, 0), max(st.HighWatermark-st.StartOffset, 0)))
		}
	}
	return out
}
