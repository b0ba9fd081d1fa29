package broker

import (
	"context"
	"errors"
	"regexp"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/cockroachdb/datadriven"
	"github.com/google/go-cmp/cmp"

	"github.com/freshetdb/freshet/broker/endpoint"
	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/internal/errs"
)

func errorOf(err error) *errs.Error { return errs.As(err) }

// TestVersion has no script: the answer names the machine and the Go that built it.
func TestVersion(t *testing.T) {
	s := open(t, newBroker(t, newWorld(t, 12), nil), SessionConfig{Database: "shop"})
	want := regexp.MustCompile(`^version STRING\n  'PostgreSQL 15\.0 \(freshet 0\.1\.0\) on [a-z0-9_]+-pc-[a-z0-9]+-gnu, compiled by [^ ,]+, 64-bit'\nSELECT 1 \[I\]\n$`)
	if out := run(s, "SELECT version()"); !want.MatchString(out) || !strings.Contains(out, strings.Fields(runtime.Version())[0]) {
		t.Errorf("version() gives %s, want %s with %s", out, want, runtime.Version())
	}
}

func TestShowMaxConnections(t *testing.T) {
	for limit, want := range map[int]string{0: "'200'", 7: "'7'"} {
		s := open(t, newBroker(t, newWorld(t, 12), func(c *Config) { c.MaxConnections = limit }), SessionConfig{Database: "shop"})
		if out := run(s, "SHOW max_connections"); !strings.Contains(out, "  "+want+"\n") {
			t.Errorf("with a limit of %d: %s, want %s", limit, out, want)
		}
	}
}

// TestScripts runs testdata: each file is one session, each command one text.
//
//	sql [dialect=http]     run the text
//	session [dialect=...]  begin a new session; the input is start-up settings name=value
func TestScripts(t *testing.T) {
	datadriven.Walk(t, "testdata", func(t *testing.T, path string) {
		b := newBroker(t, newWorld(t, 12), nil)
		s := open(t, b, SessionConfig{Database: "shop"})
		datadriven.RunTest(t, path, func(t *testing.T, d *datadriven.TestData) string {
			switch d.Cmd {
			case "session":
				cfg := SessionConfig{User: "ann", Database: "shop", Dialect: endpoint.DialectWire, Settings: map[string]string{}, Options: map[string]string{}}
				http := d.HasArg("http")
				if http {
					cfg.Dialect = endpoint.DialectHTTP
				}
				for line := range strings.Lines(d.Input) {
					name, value, _ := strings.Cut(strings.TrimSpace(line), "=")
					if http {
						cfg.Options[name] = value
					} else {
						cfg.Settings[name] = value
					}
				}
				next, err := b.NewSession(cfg)
				if err != nil {
					return "error " + errorOf(err).Code + ": " + errorOf(err).Msg + "\n"
				}
				t.Cleanup(func() { next.Close() })
				s = next
				return "ok\n"
			case "sql":
				s.TakeParameters()
				out := run(s, d.Input)
				for _, p := range s.TakeParameters() {
					out += "reported: " + p.Name + " = " + p.Value + "\n"
				}
				return out
			}
			t.Fatalf("command %s", d.Cmd)
			return ""
		})
	})
}

func TestFirstParameters(t *testing.T) {
	b := newBroker(t, newWorld(t, 0), nil)
	s := open(t, b, SessionConfig{User: "ann", Settings: map[string]string{"application_name": "psql", "client_encoding": "'utf-8'",
		"unheard_of": "x", "server_version": "9"}})
	got := map[string]string{}
	for _, p := range s.TakeParameters() {
		got[p.Name] = p.Value
	}
	want := map[string]string{"server_version": "15.0 (freshet 0.1.0)", "client_encoding": "UTF8", "standard_conforming_strings": "on",
		"DateStyle": "ISO, MDY", "integer_datetimes": "on", "TimeZone": "UTC", "IntervalStyle": "postgres", "server_encoding": "UTF8",
		"is_superuser": "off", "session_authorization": "ann", "application_name": "psql", "default_transaction_read_only": "on", "in_hot_standby": "off"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if _, err := b.NewSession(SessionConfig{Dialect: endpoint.DialectWire, User: "u", Settings: map[string]string{"timezone": "Nowhere"}}); err == nil {
		t.Error("a bad start-up time zone was accepted")
	}
}

func TestLocation(t *testing.T) {
	for name, offset := range map[string]int{"UTC": 0, "+02:00": 7200, "-7": -25200, "5": 18000, "+05:30": 19800, "-00:53:28": -3208} {
		loc, err := location(name)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if _, got := time.Unix(0, 0).In(loc).Zone(); got != offset {
			t.Errorf("%s: offset %d, want %d", name, got, offset)
		}
	}
}

func TestMissingRowsAreInTheStatistics(t *testing.T) {
	w := newWorld(t, 2)
	w.missing = []string{"segment a is damaged"}
	s := open(t, newBroker(t, w, nil), SessionConfig{})
	for text, want := range map[string][]string{"SELECT id FROM orders": w.missing, "SELECT 1": nil} {
		st, err := s.Prepare(t.Context(), text, nil)
		if err != nil {
			t.Fatal(err)
		}
		if err := st[0].Bind(t.Context()); err != nil {
			t.Fatal(err)
		}
		x, err := st[0].Execute(t.Context(), nil)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, x.Rows.Stats().Missing); diff != "" {
			t.Errorf("%s: missing (-want +got):\n%s", text, diff)
		}
		if err := x.Rows.Close(); err != nil {
			t.Error(err)
		}
	}
}

func TestPreparedStatementSeesChanges(t *testing.T) {
	w := newWorld(t, 12)
	b := newBroker(t, w, nil)
	s := open(t, b, SessionConfig{})
	prepare := func(text string) endpoint.Statement {
		t.Helper()
		st, err := s.Prepare(t.Context(), text, nil)
		if err != nil {
			t.Fatal(err)
		}
		if err := st[0].Bind(t.Context()); err != nil {
			t.Fatal(err)
		}
		return st[0]
	}
	execute := func(st endpoint.Statement, params ...catalog.Value) (string, error) {
		t.Helper()
		x, err := st.Execute(t.Context(), params)
		if err != nil {
			return "", err
		}
		defer x.Rows.Close()
		batch, err := x.Rows.Next(t.Context())
		if err != nil {
			return "", err
		}
		return batch.Cols[0].At(0).String(), nil
	}
	count := prepare("SELECT count(*) FROM orders WHERE id < $1")
	if diff := cmp.Diff([]catalog.Type{catalog.Long}, count.Describe().Params); diff != "" {
		t.Fatalf("params (-want +got):\n%s", diff)
	}
	for _, n := range []int64{5, 7, 100} {
		got, err := execute(count, catalog.LongValue(n))
		if err != nil || got != errorlessCount(n) {
			t.Errorf("id < %d: %s, %v", n, got, err)
		}
	}
	star := prepare("SELECT * FROM orders LIMIT 1")
	w.mu.Lock()
	more := catalog.NewSchema("orders", append(append([]catalog.Field(nil), w.schema.Fields...), catalog.Field{Name: "note", Type: catalog.String}))
	w.schema = more
	w.mu.Unlock()
	if got, err := execute(count, catalog.LongValue(5)); err != nil || got != "5" {
		t.Errorf("after the table changed: %s, %v", got, err)
	}
	if _, err := execute(star); err == nil || errorOf(err).Msg != "cached plan must not change result type" {
		t.Errorf("SELECT * after a new column: %v", err)
	}
}

func errorlessCount(n int64) string { return catalog.LongValue(min(n, 12)).String() }

func TestCancel(t *testing.T) {
	w := newWorld(t, 12)
	w.block = make(chan struct{})
	b := newBroker(t, w, nil)
	s := open(t, b, SessionConfig{Remote: "1.2.3.4:5", Options: map[string]string{"clientQueryId": "mine"}})
	pid, secret := s.Key()
	cancels := map[string]func() bool{
		"backend": func() bool {
			if b.CancelBackend(pid, append([]byte{1}, secret[1:]...)) && secret[0] != 1 || b.CancelBackend(pid+1, secret) {
				t.Error("a wrong key cancelled")
			}
			return b.CancelBackend(pid, secret)
		},
		"query":  func() bool { return b.CancelQuery(b.Queries()[0].ID, false) },
		"client": func() bool { return b.CancelQuery("mine", true) },
		"sql": func() bool {
			other := open(t, b, SessionConfig{User: "admin"})
			return strings.Contains(run(other, "SELECT pg_cancel_backend(1)"), "true")
		},
	}
	for name, cancel := range cancels {
		done := make(chan string, 1)
		go func() { done <- run(s, "SELECT count(*) FROM orders") }()
		<-w.entered
		if q := b.Queries(); len(q) != 1 || q[0].SQL != "SELECT count(*) FROM orders" || q[0].PID != pid || q[0].User != "ann" || q[0].Remote != "1.2.3.4:5" {
			t.Errorf("%s: queries %+v", name, q)
		}
		if !cancel() {
			t.Errorf("%s: nothing was cancelled", name)
		}
		if got := <-done; got != "error 57014: canceling statement due to user request\n" {
			t.Errorf("%s: %s", name, got)
		}
		if len(b.Queries()) != 0 {
			t.Errorf("%s: the query is still listed", name)
		}
	}
	close(w.block)
	if got := run(s, "SELECT count(*) FROM orders"); !strings.Contains(got, "  12\n") {
		t.Errorf("the session is not usable: %s", got)
	}
}

func TestTimeouts(t *testing.T) {
	w := newWorld(t, 12)
	w.block = make(chan struct{})
	defer close(w.block)
	b := newBroker(t, w, func(c *Config) { c.QueryTimeout = 20 * time.Millisecond })
	for name, c := range map[string]struct {
		cfg  SessionConfig
		text string
	}{
		"HTTP default":    {SessionConfig{Dialect: endpoint.DialectHTTP}, "SELECT count(*) FROM orders"},
		"option in text":  {SessionConfig{}, "SELECT count(*) FROM orders option(timeoutMs=20)"},
		"SET":             {SessionConfig{}, "SET statement_timeout = '20ms'; SELECT count(*) FROM orders"},
		"start-up":        {SessionConfig{Settings: map[string]string{"statement_timeout": "20"}}, "SELECT count(*) FROM orders"},
		"beside the text": {SessionConfig{Dialect: endpoint.DialectHTTP, Options: map[string]string{"timeoutMs": "20"}}, "SET timeoutMs=100000; SELECT count(*) FROM orders"},
	} {
		got := run(open(t, b, c.cfg), c.text)
		if !strings.HasSuffix(got, "error 57014: canceling statement due to statement timeout\n") {
			t.Errorf("%s: %s", name, got)
		}
	}
}

// TestLimitMetrics: each limit that a query meets is counted.
func TestLimitMetrics(t *testing.T) {
	w := newWorld(t, 12)
	b := newBroker(t, w, func(c *Config) { c.QueryMemory = 1 << 20 })
	s := open(t, b, SessionConfig{})
	for _, c := range []struct{ limit, text, want string }{
		{"rows", "SET max_result_rows = 3; SELECT id FROM orders", "error 54000"},
		{"memory", "SET max_result_rows = 0; SELECT x, count(*) FROM generate_series(1, 300000) x GROUP BY x", "error 53200"},
		{"groups", "SELECT id, count(*) FROM orders GROUP BY id option(numGroupsLimit=2)", "2"},
	} {
		before := metricValue(b.metrics.limits.WithLabelValues(c.limit))
		got := run(s, c.text)
		if !strings.Contains(got, c.want) {
			t.Errorf("%s: %.300s", c.limit, got)
		}
		if n := metricValue(b.metrics.limits.WithLabelValues(c.limit)) - before; n != 1 {
			t.Errorf("%s: counted %v times, want once", c.limit, n)
		}
	}
	for err, want := range map[error]string{endpoint.Timeout(): "deadline", endpoint.UserCancelled(): "cancel", errs.User(errs.InvalidText, "x"): ""} {
		if got := limitOf(err, true); got != want {
			t.Errorf("%v is limit %q, want %q", err, got, want)
		}
	}
}

func TestSuspendGivesSlotAndClockBack(t *testing.T) {
	w := newWorld(t, 12)
	b := newBroker(t, w, func(c *Config) { c.MaxQueries, c.MaxQueued, c.QueueTimeout = 1, 1, time.Millisecond })
	s := open(t, b, SessionConfig{})
	st, err := s.Prepare(t.Context(), "SELECT id FROM orders option(timeoutMs=50)", nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := st[0].Bind(t.Context()); err != nil {
		t.Fatal(err)
	}
	x, err := st[0].Execute(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	sus := x.Rows.(endpoint.Suspender)
	sus.Suspend()
	time.Sleep(80 * time.Millisecond) // longer than the deadline, which does not run
	if got := run(open(t, b, SessionConfig{}), "SELECT count(*) FROM orders"); !strings.Contains(got, "  12\n") {
		t.Errorf("the slot was not given back: %s", got)
	}
	if pid, secret := s.Key(); !b.CancelBackend(pid, secret) { // late: the session runs nothing now
		t.Error("the session was not found")
	}
	if err := sus.Resume(t.Context()); err != nil {
		t.Fatal(err)
	}
	batch, err := x.Rows.Next(t.Context())
	if err != nil || batch == nil || batch.Rows != 12 {
		t.Errorf("after Resume: %v, %v", batch, err)
	}
	if err := x.Rows.Close(); err != nil {
		t.Fatal(err)
	}
	if len(b.admission.slots) != 0 {
		t.Errorf("%d slots are taken after Close", len(b.admission.slots))
	}
}

func TestAdmission(t *testing.T) {
	w := newWorld(t, 12)
	w.block = make(chan struct{})
	b := newBroker(t, w, func(c *Config) { c.MaxQueries, c.MaxQueued = 1, 1 })
	const text = "SELECT count(*) FROM orders"
	first, second := make(chan string, 1), make(chan string, 1)
	sessions := []*Session{open(t, b, SessionConfig{}), open(t, b, SessionConfig{}), open(t, b, SessionConfig{})}
	go func() { first <- run(sessions[0], text) }()
	<-w.entered
	go func() { second <- run(sessions[1], text) }()
	for b.admission.waiting.Load() == 0 {
		time.Sleep(time.Millisecond)
	}
	if got := run(sessions[2], text); !strings.HasPrefix(got, "error 53400: too many queries\nhint: Retry later") {
		t.Errorf("third query: %s", got)
	}
	close(w.block)
	for _, ch := range []chan string{first, second} {
		if got := <-ch; !strings.Contains(got, "  12\n") {
			t.Errorf("got %s", got)
		}
	}
}

func TestRowLimitOfUnboundedResults(t *testing.T) {
	b := newBroker(t, newWorld(t, 20_000), func(c *Config) { c.MaxResultRows = 10_000 })
	s := open(t, b, SessionConfig{})
	if got := run(s, "SELECT id FROM orders"); !strings.Contains(got, "error 54000: result has more than 10000 rows\nhint: Add a LIMIT") {
		t.Errorf("without LIMIT: %.300s", got)
	}
	if got := run(s, "SELECT id FROM orders LIMIT 15000"); !strings.HasSuffix(got, "SELECT 15000 [I]\n") {
		t.Errorf("with LIMIT: %.300s", got)
	}
	if got := run(s, "SET max_result_rows = 30000; SELECT id FROM orders"); !strings.HasSuffix(got, "SELECT 20000 [I]\n") {
		t.Errorf("with a larger bound: %.300s", got)
	}
}

func TestNullOptionReachesTheEngine(t *testing.T) {
	w := newWorld(t, 12)
	b := newBroker(t, w, nil)
	for text, want := range map[string]bool{"SELECT count(city) FROM orders": false,
		"SELECT count(city) FROM orders option(enableNullHandling=false)": true} {
		run(open(t, b, SessionConfig{}), text)
		if w.last.PinotNulls != want {
			t.Errorf("%s: PinotNulls %v", text, w.last.PinotNulls)
		}
	}
	w.table = &catalog.Table{Name: "orders", Metadata: map[string]string{"freshet.nulls": "pinot"}}
	if run(open(t, b, SessionConfig{}), "SELECT count(city) FROM orders"); !w.last.PinotNulls {
		t.Error("the table's metadata has no effect")
	}
}

func TestCloseEndsQueries(t *testing.T) {
	w := newWorld(t, 12)
	w.block = make(chan struct{})
	defer close(w.block)
	b := newBroker(t, w, nil)
	s := open(t, b, SessionConfig{})
	done := make(chan string, 1)
	go func() { done <- run(s, "SELECT count(*) FROM orders") }()
	<-w.entered
	pid, secret := s.Key()
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if got := <-done; !strings.HasPrefix(got, "error 57014") {
		t.Errorf("got %s", got)
	}
	if b.CancelBackend(pid, secret) {
		t.Error("a closed session can be cancelled")
	}
}

func TestCallersContextEndsTheQuery(t *testing.T) {
	w := newWorld(t, 12)
	b := newBroker(t, w, nil)
	s := open(t, b, SessionConfig{})
	st, err := s.Prepare(t.Context(), "SELECT id FROM orders", nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := st[0].Bind(t.Context()); err != nil {
		t.Fatal(err)
	}
	why := errs.New(errs.ClassUnavailable, errs.AdminShutdown, "going down")
	ctx, cancel := context.WithCancelCause(t.Context())
	x, err := st[0].Execute(ctx, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer x.Rows.Close()
	cancel(why)
	if _, err := x.Rows.Next(ctx); !errors.Is(err, why) {
		t.Errorf("error %v, want the cause of the context's end", err)
	}
}

func TestConfig(t *testing.T) {
	w := newWorld(t, 0)
	if _, err := New(Config{}); err == nil {
		t.Error("a broker without parts was made")
	}
	if _, err := New(Config{Leaves: w, Catalog: w, Functions: newBroker(t, w, nil).cfg.Functions, MaxQueries: -1}); err == nil {
		t.Error("a negative limit was accepted")
	}
}
