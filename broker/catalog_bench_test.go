package broker

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/freshetdb/freshet/broker/endpoint"
	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/query/exec"
	"github.com/freshetdb/freshet/query/function/builtin"
	"github.com/freshetdb/freshet/query/physical"
)

// wideCatalog is many tables without rows.
type wideCatalog struct {
	mu     sync.Mutex
	names  []string
	tables map[string]*catalog.Table
	schema map[string]*catalog.Schema
}

func newWideCatalog(tables, columns int) *wideCatalog {
	w := &wideCatalog{tables: map[string]*catalog.Table{}, schema: map[string]*catalog.Schema{}}
	kinds := []catalog.Type{catalog.Long, catalog.String, catalog.Double, catalog.Timestamp, catalog.Boolean, catalog.Long.Array()}
	for i := range tables {
		name := fmt.Sprintf("table_%03d", i)
		if i < 2 {
			name = []string{"orders", "t1"}[i]
		}
		var fields []catalog.Field
		for c := range columns {
			fields = append(fields, catalog.Field{Name: fmt.Sprintf("column_%02d", c), Type: kinds[c%len(kinds)], Kind: catalog.FieldDimension,
				Default: catalog.NullValue(kinds[c%len(kinds)])})
		}
		w.names = append(w.names, name)
		s := catalog.NewSchema(name, fields)
		s.PrimaryKey = []string{"column_00"}
		w.schema[name], w.tables[name] = s, &catalog.Table{Name: name, Incarnation: "inc-" + name, Version: 1}
	}
	slices.Sort(w.names)
	return w
}

func (w *wideCatalog) Schema(name string) (*catalog.Schema, *catalog.Table, bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	s, ok := w.schema[name]
	return s, w.tables[name], ok
}

func (w *wideCatalog) Names() []string { return w.names }

// noRows is a LeafService of tables without rows.
type noRows struct{ Catalog }

func (n noRows) Snapshot() exec.Snapshot { return n }

func (n noRows) Execute(ctx context.Context, env *exec.Env, leaf *physical.Leaf) (exec.LeafResult, error) {
	schema, _, _ := n.Schema(leaf.Scan.Table)
	return exec.RunLeaf(ctx, env, leaf, exec.Source{Schema: schema})
}

func (noRows) Missing() []string { return nil }

func (noRows) Close() {}

// recorded reads the statements that clients were seen to send (broker/syscat/testdata/clients).
func recorded(tb testing.TB, s *Session) (labels, texts []string) {
	tb.Helper()
	for _, file := range []string{"psql", "drivers"} {
		raw, err := os.ReadFile("syscat/testdata/clients/" + file + ".txt")
		if err != nil {
			tb.Fatal(err)
		}
		label := ""
		for _, part := range strings.Split(string(raw), "\n;;\n") {
			var lines []string
			for _, line := range strings.Split(part, "\n") {
				if strings.HasPrefix(line, "# ") && len(lines) == 0 {
					label = line[2:]
				} else if line != "" || len(lines) > 0 {
					lines = append(lines, line)
				}
			}
			if len(lines) == 0 {
				continue
			}
			text := strings.Join(lines, "\n")
			for {
				before, rest, ok := strings.Cut(text, "{oid:")
				if !ok {
					break
				}
				name, after, _ := strings.Cut(rest, "}")
				text = before + fmt.Sprint(s.b.catalog.TableOID(name)) + after
			}
			labels, texts = append(labels, label), append(texts, text)
		}
	}
	return labels, texts
}

// runAll runs a text and reads every row.
func runAll(ctx context.Context, s *Session, text string) error {
	statements, err := s.Prepare(ctx, text, nil)
	if err != nil {
		return err
	}
	for _, st := range statements {
		if err := st.Bind(ctx); err != nil {
			return err
		}
		params := make([]catalog.Value, len(st.Describe().Params))
		for i, t := range st.Describe().Params {
			params[i] = catalog.NullValue(t)
		}
		x, err := st.Execute(ctx, params)
		if err != nil {
			return err
		}
		if x.Rows == nil {
			continue
		}
		for {
			b, err := x.Rows.Next(ctx)
			if err != nil || b == nil {
				if err := x.Rows.Close(); err != nil {
					return err
				}
				if err != nil {
					return err
				}
				break
			}
		}
	}
	return nil
}

func newWideBroker(tb testing.TB) (*Broker, *Session) {
	tb.Helper()
	tables := newWideCatalog(200, 20)
	b, err := New(Config{Leaves: noRows{tables}, Catalog: tables, Functions: builtin.Registry(), Version: "0.1.0"})
	if err != nil {
		tb.Fatal(err)
	}
	s, err := b.NewSession(SessionConfig{Dialect: endpoint.DialectWire, User: "ann", Database: "shop"})
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if err := s.Close(); err != nil {
			tb.Error(err)
		}
	})
	return b, s
}

// BenchmarkCatalog runs every recorded statement with 200 tables of 20 columns and logs the slowest, first and best time.
func BenchmarkCatalog(b *testing.B) {
	br, s := newWideBroker(b)
	if err := br.Warm(b.Context()); err != nil {
		b.Fatal(err)
	}
	labels, texts := recorded(b, s)
	ctx := context.Background()
	type timing struct {
		first, best time.Duration
		what        string
	}
	list := make([]timing, len(texts))
	for i, text := range texts {
		list[i] = timing{best: time.Hour, what: labels[i] + ": " + strings.Join(strings.Fields(text), " ")}
		for n := range 12 {
			began := time.Now()
			err := runAll(ctx, s, text)
			took := time.Since(began)
			if err != nil && n == 0 {
				list[i].what = "ERROR " + err.Error() + " " + list[i].what
			}
			if n == 0 {
				list[i].first = took
			}
			list[i].best = min(list[i].best, took)
		}
	}
	b.ResetTimer()
	for b.Loop() {
		for _, text := range texts {
			_ = runAll(ctx, s, text)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N*len(texts)), "µs/statement")
	var report strings.Builder
	for _, by := range []string{"best", "first"} {
		slices.SortFunc(list, func(x, y timing) int {
			if by == "first" {
				return int(y.first - x.first)
			}
			return int(y.best - x.best)
		})
		fmt.Fprintf(&report, "slowest by %s time\n", by)
		for _, t := range list[:30] {
			fmt.Fprintf(&report, "first %8.3f ms, best %8.3f ms  %.150s\n", t.first.Seconds()*1000, t.best.Seconds()*1000, t.what)
		}
	}
	fmt.Print(report.String()) // a log of a benchmark is cut
}

// BenchmarkSession opens and closes a session, as each HTTP request does.
func BenchmarkSession(b *testing.B) {
	br, _ := newWideBroker(b)
	b.ReportAllocs()
	for b.Loop() {
		s, err := br.NewSession(SessionConfig{Dialect: endpoint.DialectHTTP, User: "ann"})
		if err != nil {
			b.Fatal(err)
		}
		if err := s.Close(); err != nil {
			b.Fatal(err)
		}
	}
}
