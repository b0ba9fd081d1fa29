package server

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/freshetdb/freshet/internal/errs"
	"github.com/freshetdb/freshet/internal/sched"
	"github.com/freshetdb/freshet/internal/vec"
	"github.com/freshetdb/freshet/query/exec"
	"github.com/freshetdb/freshet/query/physical"
	"github.com/freshetdb/freshet/query/result"
)

// Snapshot is the tables of one statement, each pinned when a leaf first reads it: all leaves see the same rows. Safe for
// concurrent use.
type Snapshot struct {
	s  *Server
	mu struct {
		sync.Mutex
		tables  map[string]*snapshotTable
		missing []string
		closed  bool
	}
}

type snapshotTable struct {
	t *table
	p *pinned
}

// Snapshot begins a statement. It pins nothing until a leaf runs.
func (s *Server) Snapshot() exec.Snapshot {
	n := &Snapshot{s: s}
	n.mu.tables = map[string]*snapshotTable{}
	return n
}

// Execute runs a leaf over one pinned version per partition of its table. The result has to be closed before the
// snapshot. A damaged segment met on the way is set aside and repaired; the query itself fails and says so.
func (n *Snapshot) Execute(ctx context.Context, env *exec.Env, leaf *physical.Leaf) (exec.LeafResult, error) {
	at, err := n.pin(ctx, leaf.Scan.Table)
	if err != nil {
		return nil, err
	}
	if env.Disk == nil && n.s.cfg.Disk != nil { // the first leaf's: later ones find it
		env.Disk = n.s.cfg.Disk
	}
	r, err := exec.RunLeaf(ctx, env, leaf, at.p.source(leaf))
	if err != nil {
		n.s.suspect(at.t, err)
		return nil, err
	}
	return &watched{LeafResult: r, s: n.s, t: at.t, freshness: at.p.freshness}, nil
}

// Missing implements exec.Snapshot.
func (n *Snapshot) Missing() []string {
	n.mu.Lock()
	defer n.mu.Unlock()
	return slices.Clone(n.mu.missing)
}

// Close releases the pins. Idempotent.
func (n *Snapshot) Close() {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.mu.closed = true
	for _, at := range n.mu.tables {
		at.p.release()
	}
	n.mu.tables = nil
}

// pin gives the table as the statement sees it.
func (n *Snapshot) pin(ctx context.Context, name string) (*snapshotTable, error) {
	n.mu.Lock()
	at, closed := n.mu.tables[name], n.mu.closed
	n.mu.Unlock()
	switch {
	case closed:
		return nil, errs.Bug("table %s is read after its statement ended", name)
	case at != nil:
		return at, nil
	}
	t, p, err := n.s.pinTable(ctx, name)
	if err != nil {
		return nil, err
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	if first := n.mu.tables[name]; first != nil || n.mu.closed {
		p.release()
		if first == nil {
			return nil, errs.Bug("table %s is read after its statement ended", name)
		}
		return first, nil
	}
	n.mu.missing = append(n.mu.missing, p.missing...)
	at = &snapshotTable{t: t, p: p}
	n.mu.tables[name] = at
	return at, nil
}

// A table that the broker knows and this server does not have yet was just created, or the process just started: a
// query waits so long for it.
const (
	openGrace = 3 * time.Second
	openLook  = 2 * time.Millisecond
)

// pinTable pins a table, waiting a moment, without the query's processor slot, where it is about to be opened.
func (s *Server) pinTable(ctx context.Context, name string) (t *table, p *pinned, err error) {
	if t, p, err = s.tryPin(name); err == nil {
		return t, p, nil
	}
	err = sched.From(ctx).Outside(ctx, func() (err error) {
		t, p, err = s.awaitTable(ctx, name)
		return err
	})
	if err != nil && p != nil {
		p.release()
	}
	return t, p, err
}

func (s *Server) tryPin(name string) (*table, *pinned, error) {
	t, ok := s.table(name)
	if !ok {
		return nil, nil, s.errNoTable(name)
	}
	p, err := t.pin()
	return t, p, err
}

func (s *Server) awaitTable(ctx context.Context, name string) (*table, *pinned, error) {
	for until := s.cfg.Clock.Now().Add(openGrace); ; {
		t, p, err := s.tryPin(name)
		if err == nil {
			return t, p, nil
		}
		if t != nil && t.troubled() || !s.cfg.Clock.Now().Before(until) {
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
	n := &Snapshot{s: s}
	n.mu.tables = map[string]*snapshotTable{}
	defer n.Close()
	return exec.Explain(ctx, env, plan, func(leaf *physical.Leaf) (exec.Source, error) {
		at, err := n.pin(ctx, leaf.Scan.Table)
		if err != nil {
			return exec.Source{}, err
		}
		return at.p.source(leaf), nil
	})
}
