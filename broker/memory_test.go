package broker

import (
	"context"
	"strings"
	"testing"

	"github.com/freshetdb/freshet/internal/clock"
	"github.com/freshetdb/freshet/internal/memory"
	"github.com/freshetdb/freshet/internal/sched"
)

const manyGroups = "SELECT id, count(*), max(city) FROM orders GROUP BY id ORDER BY 2, 1"

// Whatever way a query ends, its memory and its processor slots come back.
func TestQueriesGiveBack(t *testing.T) {
	w := newWorld(t, 300_000)
	a, slots := memory.New(1<<40), sched.New(2, clock.Real{})
	b := newBroker(t, w, func(c *Config) { c.Memory, c.Slots, c.QueryMemory = a, slots, 256<<20 })
	s := open(t, b, SessionConfig{})
	check := func(what string) {
		t.Helper()
		if n := a.Used(memory.Queries); n != 0 {
			t.Errorf("%s: queries still hold %d bytes", what, n)
		}
		if slots.InUse() != 0 || slots.Waiting() != 0 {
			t.Errorf("%s: %d slots in use, %d wait", what, slots.InUse(), slots.Waiting())
		}
	}
	for what, sql := range map[string]string{
		"groups": manyGroups, "division": "SELECT city, sum(1/(id-299999)) FROM orders GROUP BY city",
		"rows": "SELECT id + 1 FROM orders WHERE id % 2 = 0", "join": "SELECT count(*) FROM orders a JOIN orders b ON a.id = b.id",
		"window": "SELECT sum(id) OVER (ORDER BY id) FROM orders", "catalog": "SELECT count(*) FROM pg_class",
		"sub-query":     "SELECT count(*) FROM orders WHERE id IN (SELECT id FROM orders WHERE id < 1000)",
		"out of memory": "SELECT id, city, price, array_agg(id), array_agg(city) FROM orders GROUP BY id, city, price",
	} {
		out := run(s, sql)
		if failed := strings.HasPrefix(out, "error") || strings.Contains(out, "\nerror"); failed && what != "division" && what != "out of memory" {
			t.Errorf("%s: %.300s", what, out)
		}
		if what != "catalog" && w.last.PeakMemory() == 0 && what != "rows" && what != "division" {
			t.Errorf("%s took no memory", what)
		}
		check(what)
	}
	small := newBroker(t, w, func(c *Config) { c.Memory, c.Slots, c.QueryMemory = a, slots, 1<<20 })
	if out := run(open(t, small, SessionConfig{}), manyGroups); !strings.Contains(out, "53200") {
		t.Errorf("a budget of a megabyte: %.300s", out)
	}
	check("budget")
	statements, err := s.Prepare(context.Background(), manyGroups, nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := statements[0].Bind(context.Background()); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	x, err := statements[0].Execute(ctx, nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := x.Rows.Next(ctx); err != nil || a.Used(memory.Queries) == 0 {
		t.Errorf("%v, %d bytes are held by a running query", err, a.Used(memory.Queries))
	}
	cancel()
	if _, err := x.Rows.Next(ctx); err == nil {
		t.Error("a cancelled query goes on")
	}
	if err := x.Rows.Close(); err != nil {
		t.Error(err)
	}
	check("cancel")
}

// The process's limit empties the plan cache first, ends queries that need more, and refuses new ones.
func TestProcessLimit(t *testing.T) {
	w := newWorld(t, 300_000)
	a := memory.New(10 << 20)
	b := newBroker(t, w, func(c *Config) { c.Memory = a })
	s := open(t, b, SessionConfig{})
	run(s, "SELECT 1")
	if a.Used(memory.Caches) == 0 {
		t.Fatal("the plan cache is not accounted")
	}
	if out := run(s, manyGroups); !strings.Contains(out, "error 53200: out of memory: ") || !strings.Contains(out, "memory_limit") {
		t.Errorf("groups beyond the process's limit: %.300s", out)
	}
	if n := a.Used(memory.Caches); n != 0 {
		t.Errorf("caches hold %d bytes after a shortage", n)
	}
	if n := a.Used(memory.Queries); n != 0 {
		t.Errorf("queries hold %d bytes", n)
	}
	others := a.Account(memory.Segments)
	others.Add(9<<20 + 500_000)
	if out := run(s, "SELECT count(*) FROM orders"); !strings.Contains(out, "error 53200: out of memory: new queries are refused") {
		t.Errorf("a new query: %.300s", out)
	}
	if out := run(s, "SELECT count(*) > 0 FROM pg_class"); strings.Contains(out, "error") {
		t.Errorf("the catalog: %.300s", out)
	}
	others.Add(-9<<20 - 500_000)
	if out := run(s, "SELECT count(*) FROM orders"); strings.Contains(out, "error") {
		t.Errorf("after the shortage: %.300s", out)
	}
}
