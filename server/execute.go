package server

import (
	"context"
	"time"

	"github.com/freshetdb/freshet/internal/vec"
	"github.com/freshetdb/freshet/query/exec"
	"github.com/freshetdb/freshet/query/physical"
	"github.com/freshetdb/freshet/query/result"
)

// Execute runs a leaf over one pinned version per partition of its table. The pins last until the result is closed. A
// damaged segment met on the way is set aside and repaired; the query itself fails and says so.
func (s *Server) Execute(ctx context.Context, env *exec.Env, leaf *physical.Leaf) (exec.LeafResult, error) {
	t, p, err := s.pinTable(ctx, leaf.Scan.Table)
	if err != nil {
		return nil, err
	}
	r, err := exec.RunLeaf(ctx, env, leaf, p.source(leaf))
	if err != nil {
		p.release()
		s.suspect(t, err)
		return nil, err
	}
	return exec.OnClose(&watched{LeafResult: r, s: s, t: t, freshness: p.freshness}, p.release), nil
}

// A table that the broker knows and this server does not have yet was just created, or the process just started: a
// query waits so long for it.
const (
	openGrace = 3 * time.Second
	openLook  = 2 * time.Millisecond
)

// pinTable pins a table, waiting a moment where it is about to be opened.
func (s *Server) pinTable(ctx context.Context, name string) (*table, *pinned, error) {
	for until := s.cfg.Clock.Now().Add(openGrace); ; {
		t, ok := s.table(name)
		var p *pinned
		err := error(s.errNoTable(name))
		if ok {
			if p, err = t.pin(); err == nil {
				return t, p, nil
			}
		}
		if ok && t.troubled() || !s.cfg.Clock.Now().Before(until) {
			return nil, nil, err
		}
		select {
		case <-ctx.Done():
			return nil, nil, err
		case <-s.cfg.Clock.After(openLook):
		}
	}
}

// troubled tells whether something is known to keep the table from being opened.
func (t *table) troubled() bool {
	t.mu.RLock()
	defer t.mu.RUnlock()
	return t.mu.problem != ""
}

// watched tells the server of damage that a scan finds while rows are read.
type watched struct {
	exec.LeafResult
	s         *Server
	t         *table
	freshness int64
}

// Stats implements exec.LeafResult.
func (w *watched) Stats() *result.Stats {
	st := w.LeafResult.Stats()
	st.MinConsumingFreshnessMillis = w.freshness
	return st
}

// Next implements exec.LeafResult.
func (w *watched) Next(ctx context.Context) (*vec.Batch, error) {
	b, err := w.LeafResult.Next(ctx)
	if err != nil {
		w.s.suspect(w.t, err)
	}
	return b, err
}

// Explain says how the predicates of a plan would be answered in the segments that this server hosts now.
func (s *Server) Explain(ctx context.Context, env *exec.Env, plan *physical.Plan) ([]string, error) {
	_, p, err := s.pinTable(ctx, plan.Leaf.Scan.Table)
	if err != nil {
		return nil, err
	}
	defer p.release()
	return exec.Explain(ctx, env, plan, p.source(plan.Leaf))
}
