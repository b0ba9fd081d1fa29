package server

import (
	"context"

	"github.com/freshetdb/freshet/internal/vec"
	"github.com/freshetdb/freshet/query/exec"
	"github.com/freshetdb/freshet/query/physical"
)

// Execute runs a leaf over one pinned version per partition of its table. The pins last until the result is closed. A
// damaged segment met on the way is set aside and repaired; the query itself fails and says so.
func (s *Server) Execute(ctx context.Context, env *exec.Env, leaf *physical.Leaf) (exec.LeafResult, error) {
	t, ok := s.table(leaf.Scan.Table)
	if !ok {
		return nil, s.errNoTable(leaf.Scan.Table)
	}
	p, err := t.pin()
	if err != nil {
		return nil, err
	}
	r, err := exec.RunLeaf(ctx, env, leaf, exec.Source{Schema: p.schema, Views: p.views, TotalRows: p.rows})
	if err != nil {
		p.release()
		s.suspect(t, err)
		return nil, err
	}
	return exec.OnClose(&watched{LeafResult: r, s: s, t: t}, p.release), nil
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

// Explain says how the predicates of a plan would be answered in the segments that this server hosts now.
func (s *Server) Explain(ctx context.Context, env *exec.Env, plan *physical.Plan) ([]string, error) {
	t, ok := s.table(plan.Leaf.Scan.Table)
	if !ok {
		return nil, s.errNoTable(plan.Leaf.Scan.Table)
	}
	p, err := t.pin()
	if err != nil {
		return nil, err
	}
	defer p.release()
	return exec.Explain(ctx, env, plan, exec.Source{Schema: p.schema, Views: p.views, TotalRows: p.rows})
}
