package broker

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/freshetdb/freshet/broker/endpoint"
	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/internal/clock"
	"github.com/freshetdb/freshet/internal/vec"
	"github.com/freshetdb/freshet/query/exec"
	"github.com/freshetdb/freshet/query/function/builtin"
	"github.com/freshetdb/freshet/query/physical"
	"github.com/freshetdb/freshet/segment"
	"github.com/freshetdb/freshet/segment/mutable"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// world is a catalog and a server of one table, orders(id LONG, city STRING, price DOUBLE, ts TIMESTAMP).
type world struct {
	mu     sync.Mutex
	schema *catalog.Schema
	table  *catalog.Table
	seg    *mutable.Segment
	rows   int
	// block, if set, holds Execute until it is closed or the query ends; entered hears of it.
	block   chan struct{}
	entered chan struct{}
	last    *exec.Env
	missing []string // set before any query
}

func newWorld(t *testing.T, rows int) *world {
	t.Helper()
	w := &world{rows: rows, entered: make(chan struct{}, 16)}
	w.schema = catalog.NewSchema("orders", []catalog.Field{
		{Name: "id", Type: catalog.Long, Kind: catalog.FieldDimension, Default: catalog.LongValue(0)},
		{Name: "city", Type: catalog.String, Kind: catalog.FieldDimension, Default: catalog.StringValue("null")},
		{Name: "price", Type: catalog.Double, Kind: catalog.FieldMetric, Default: catalog.DoubleValue(0)},
		{Name: "ts", Type: catalog.Timestamp, Kind: catalog.FieldDateTime, Default: catalog.TimestampValue(0)},
	})
	w.table = &catalog.Table{Name: "orders", TimeColumn: "ts", Version: 1}
	seg, err := mutable.New(mutable.Config{Name: "orders__0__0", Schema: w.schema, Table: w.table})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(seg.Release)
	for at := 0; at < rows; at += vec.BlockRows {
		n := min(vec.BlockRows, rows-at)
		b := &vec.Batch{Rows: n}
		for _, f := range w.schema.Fields {
			v := &vec.Vector{}
			v.Reset(f.Type, n)
			b.Cols = append(b.Cols, v)
		}
		offsets, ordinals := make([]int64, n), make([]int32, n)
		for i := range n {
			id := at + i
			b.Cols[0].I64[i] = int64(id)
			b.Cols[1].Str[i] = []string{"Köln", "Bonn", "Aachen"}[id%3]
			b.Cols[2].F64[i] = float64(id) / 2
			b.Cols[3].I64[i] = 1_700_000_000_000 + int64(id)*1000
			offsets[i] = int64(id)
		}
		b.Cols[1].SetNull(0)
		if err := seg.Append(b, offsets, ordinals); err != nil {
			t.Fatal(err)
		}
	}
	w.seg = seg
	return w
}

func (w *world) Schema(name string) (*catalog.Schema, *catalog.Table, bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if name != "orders" {
		return nil, nil, false
	}
	return w.schema, w.table, true
}

func (w *world) Names() []string { return []string{"orders"} }

// Notices implements Noticer: the world's server is always well.
func (w *world) Notices(string) []string { return nil }

func (w *world) Snapshot() exec.Snapshot { return &worldSnapshot{world: w} }

// worldSnapshot lacks what its world lacks once it has read it.
type worldSnapshot struct {
	*world
	read atomic.Bool
}

func (s *worldSnapshot) Execute(ctx context.Context, env *exec.Env, leaf *physical.Leaf) (exec.LeafResult, error) {
	s.read.Store(true)
	return s.world.Execute(ctx, env, leaf)
}

func (s *worldSnapshot) Missing() []string {
	if !s.read.Load() {
		return nil
	}
	return s.missing
}

func (s *worldSnapshot) Close() {}

func (w *world) Execute(ctx context.Context, env *exec.Env, leaf *physical.Leaf) (exec.LeafResult, error) {
	w.mu.Lock()
	block := w.block
	w.last = env
	w.mu.Unlock()
	if block != nil {
		w.entered <- struct{}{}
		select {
		case <-block:
		case <-ctx.Done():
			return nil, fmt.Errorf("leaf: %w", ctx.Err())
		}
	}
	return exec.RunLeaf(ctx, env, leaf, exec.Source{Schema: w.schema, Views: []segment.View{w.seg.View(w.rows)}, TotalRows: int64(w.rows)})
}

func newBroker(t *testing.T, w *world, change func(*Config)) *Broker {
	t.Helper()
	cfg := Config{Leaves: w, Catalog: w, Functions: builtin.Registry(), Version: "0.1.0", ID: "b1",
		Clock: clock.NewFake(time.UnixMilli(1_700_000_000_000)), Workers: 2}
	if change != nil {
		change(&cfg)
	}
	b, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func open(t *testing.T, b *Broker, cfg SessionConfig) *Session {
	t.Helper()
	if cfg.Dialect == endpoint.DialectInvalid {
		cfg.Dialect = endpoint.DialectWire
	}
	if cfg.User == "" {
		cfg.User = "ann"
	}
	s, err := b.NewSession(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// run executes every statement of a text and prints columns, rows and tags; an error ends it.
func run(s *Session, text string, params ...catalog.Value) string {
	var out strings.Builder
	statements, err := s.Prepare(context.Background(), text, nil)
	for i := 0; err == nil && i < len(statements); i++ {
		err = runOne(s, statements[i], params, &out)
	}
	for _, n := range s.TakeNotices() {
		fmt.Fprintf(&out, "notice: %s %s\n", n.Code, n.Msg)
	}
	if err != nil {
		s.Fail()
		e := errorOf(err)
		fmt.Fprintf(&out, "error %s: %s\n", e.Code, e.Msg)
		if e.Hint != "" {
			fmt.Fprintf(&out, "hint: %s\n", e.Hint)
		}
	}
	return out.String()
}

func runOne(s *Session, st endpoint.Statement, params []catalog.Value, out *strings.Builder) error {
	ctx := context.Background()
	if err := st.Bind(ctx); err != nil {
		return err
	}
	x, err := st.Execute(ctx, params)
	if err != nil {
		return err
	}
	n := 0
	if x.Rows != nil {
		defer x.Rows.Close()
		var names []string
		for _, c := range x.Rows.Columns() {
			names = append(names, c.Name+" "+c.Type.String())
		}
		fmt.Fprintln(out, strings.Join(names, ", "))
		for {
			b, err := x.Rows.Next(ctx)
			if err != nil {
				return err
			}
			if b == nil {
				break
			}
			n += b.Rows
			for i := range min(b.Rows, 20) {
				var cells []string
				for _, v := range b.Cols {
					cells = append(cells, v.At(i).String())
				}
				fmt.Fprintln(out, "  "+strings.Join(cells, ", "))
			}
		}
	}
	tag := x.Tag
	if x.CountRows {
		tag = fmt.Sprintf("%s %d", tag, n)
	}
	if tag != "" {
		fmt.Fprintf(out, "%s [%c]\n", tag, s.Transaction())
	}
	return nil
}
