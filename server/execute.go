package server

import (
	"context"
	"fmt"
	"slices"

	"github.com/freshetdb/freshet/internal/errs"
	"github.com/freshetdb/freshet/internal/vec"
	"github.com/freshetdb/freshet/query/exec"
	"github.com/freshetdb/freshet/query/physical"
	"github.com/freshetdb/freshet/segment"
	"github.com/freshetdb/freshet/segment/partition"
)

// Execute runs a leaf over one pinned version per partition of its table. The pins last until the result is closed. A
// damaged segment met on the way is set aside and repaired; the query itself fails and says so.
func (s *Server) Execute(ctx context.Context, env *exec.Env, leaf *physical.Leaf) (exec.LeafResult, error) {
	t, ok := s.table(leaf.Scan.Table)
	if !ok {
		return nil, s.errNoTable(leaf.Scan.Table)
	}
	src, release, err := t.pin()
	if err != nil {
		return nil, err
	}
	r, err := exec.RunLeaf(ctx, env, leaf, src)
	if err != nil {
		release()
		s.suspect(t, err)
		return nil, err
	}
	return exec.OnClose(&watched{LeafResult: r, s: s, t: t}, release), nil
}

// pin pins the current version of every partition.
func (t *table) pin() (exec.Source, func(), error) {
	t.mu.RLock()
	if !t.mu.loaded {
		problem := t.mu.problem
		t.mu.RUnlock()
		if problem == "" {
			problem = "its committed segments are being opened"
		}
		return exec.Source{}, nil, errs.New(errs.ClassUnavailable, errs.CannotConnectNow, "table \"%s\" is not loaded yet: %s", t.name, problem)
	}
	src := exec.Source{Schema: t.mu.entry.Schema}
	parts := t.sortedLocked()
	versions := make([]*partition.Version, 0, len(parts))
	for _, h := range parts {
		if v := h.pin(); v != nil {
			versions = append(versions, v)
		}
	}
	t.mu.RUnlock()
	release := func() {
		for _, v := range versions {
			v.Unpin()
		}
	}
	if len(versions) < len(parts) {
		release()
		return exec.Source{}, nil, errs.New(errs.ClassUnavailable, errs.CannotConnectNow, "table \"%s\" is being closed", t.name)
	}
	var views []segment.View
	for _, v := range versions {
		views = append(views, v.Views()...)
		src.TotalRows += int64(v.Rows())
	}
	src.Views = views
	return src, release, nil
}

// watched tells the server of damage that a scan finds while rows are read.
type watched struct {
	exec.LeafResult
	s *Server
	t *table
}

// Next implements exec.LeafResult.
func (w *watched) Next(ctx context.Context) (*vec.Batch, error) {
	b, err := w.LeafResult.Next(ctx)
	if err != nil {
		w.s.suspect(w.t, err)
	}
	return b, err
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
// stalled, and damaged segments whose rows are missing.
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
		damages := h.damages()
		slices.SortFunc(damages, func(a, b Damage) int { return int(a.Sequence - b.Sequence) })
		for _, d := range damages {
			out = append(out, fmt.Sprintf("segment %s is damaged, its %d rows are missing: %s", d.Segment, d.Rows, d.Reason))
		}
	}
	return out
}
