package pgwire

import (
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"log/slog"
	"net"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/cockroachdb/datadriven"
	"github.com/jackc/pgx/v5/pgproto3"
	"go.uber.org/goleak"

	"github.com/freshetdb/freshet/internal/lifecycle"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// startServer serves backend on a loopback port until the test ends. change may adjust the config.
func startServer(t testing.TB, backend Backend, change func(*Config)) (addr string, stop func() error) {
	t.Helper()
	cfg := Config{Backend: backend, Logger: slog.New(slog.DiscardHandler), StartupTimeout: 2 * time.Second, DrainTimeout: 2 * time.Second}
	if change != nil {
		change(&cfg)
	}
	srv, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	group := lifecycle.NewGroup(context.Background())
	group.Go("server", func(ctx context.Context) error { return srv.Serve(ctx, ln) })
	stopped := false
	stop = func() error {
		stopped = true
		return group.Stop()
	}
	t.Cleanup(func() {
		if stopped {
			return
		}
		if err := stop(); err != nil {
			t.Errorf("server: %v", err)
		}
	})
	return ln.Addr().String(), stop
}

// client is a raw protocol client.
type client struct {
	t testing.TB
	net.Conn
	front *pgproto3.Frontend
}

func dial(t testing.TB, addr string) *client {
	t.Helper()
	nc, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	if err := nc.SetDeadline(time.Now().Add(5 * time.Second)); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { nc.Close() })
	return &client{t: t, Conn: nc, front: pgproto3.NewFrontend(nc, nc)}
}

// connect dials and starts a session.
func connect(t testing.TB, addr string) *client {
	c := dial(t, addr)
	c.startup(version30, "user", "u", "database", "d")
	c.untilReady()
	return c
}

func (c *client) startup(version uint32, params ...string) {
	c.t.Helper()
	body := binary.BigEndian.AppendUint32(nil, version)
	for _, p := range params {
		body = append(append(body, p...), 0)
	}
	body = append(body, 0)
	c.raw(append(binary.BigEndian.AppendUint32(nil, uint32(len(body)+4)), body...))
}

func (c *client) raw(b []byte) {
	c.t.Helper()
	if _, err := c.Write(b); err != nil {
		c.t.Fatal(err)
	}
}

func (c *client) send(msgs ...pgproto3.FrontendMessage) {
	c.t.Helper()
	for _, m := range msgs {
		c.front.Send(m)
	}
	if err := c.front.Flush(); err != nil {
		c.t.Fatal(err)
	}
}

// untilReady gives the replies up to ReadyForQuery in the notation of the golden sequences.
func (c *client) untilReady() string {
	return c.until(func(s string) bool { return strings.HasPrefix(s, "Z") })
}

func (c *client) until(last func(string) bool) string {
	c.t.Helper()
	var out []string
	for {
		msg, err := c.front.Receive()
		if err != nil {
			return strings.Join(append(out, "EOF"), " ")
		}
		s := notation(msg)
		out = append(out, s)
		if last(s) {
			return strings.Join(out, " ")
		}
	}
}

func notation(msg pgproto3.BackendMessage) string {
	switch m := msg.(type) {
	case *pgproto3.AuthenticationOk:
		return "R"
	case *pgproto3.BackendKeyData:
		return fmt.Sprintf("K%d", len(m.SecretKey))
	case *pgproto3.ParseComplete:
		return "1"
	case *pgproto3.BindComplete:
		return "2"
	case *pgproto3.CloseComplete:
		return "3"
	case *pgproto3.ParameterDescription:
		return strings.ReplaceAll(fmt.Sprintf("t%v", m.ParameterOIDs), " ", ",")
	case *pgproto3.RowDescription:
		return fmt.Sprintf("T%d", len(m.Fields))
	case *pgproto3.NoData:
		return "n"
	case *pgproto3.DataRow:
		return "D"
	case *pgproto3.PortalSuspended:
		return "s"
	case *pgproto3.EmptyQueryResponse:
		return "I"
	case *pgproto3.CommandComplete:
		return "C:" + string(m.CommandTag)
	case *pgproto3.ErrorResponse:
		severity := ""
		if m.Severity != "ERROR" {
			severity = m.Severity + " "
		}
		return fmt.Sprintf("E(%s%s %s)", severity, m.Code, m.Message)
	case *pgproto3.NoticeResponse:
		return "N(" + m.Code + ")"
	case *pgproto3.ParameterStatus:
		return "S(" + m.Name + ")"
	case *pgproto3.ReadyForQuery:
		return "Z" + string(m.TxStatus)
	case *pgproto3.NegotiateProtocolVersion:
		return fmt.Sprintf("v(%x %v)", m.NewestMinorProtocol, m.UnrecognizedOptions)
	}
	return fmt.Sprintf("%T", msg)
}

// request reads one request line of a script: Q, P, B, D, E, C, H, S with arguments separated by |.
func request(t *testing.T, line string) pgproto3.FrontendMessage {
	t.Helper()
	f := strings.Split(line, "|")
	arg := func(i int) string {
		if i < len(f) {
			return f[i]
		}
		return ""
	}
	number := func(s string) int {
		n, err := strconv.Atoi(s)
		if err != nil {
			t.Fatalf("%q: %v", line, err)
		}
		return n
	}
	list := func(s string) (out []int) {
		for _, x := range strings.Fields(s) {
			out = append(out, number(x))
		}
		return out
	}
	switch f[0] {
	case "Q":
		return &pgproto3.Query{String: arg(1)}
	case "P": // P|name|text|oids
		m := &pgproto3.Parse{Name: arg(1), Query: arg(2)}
		for _, oid := range list(arg(3)) {
			m.ParameterOIDs = append(m.ParameterOIDs, uint32(oid))
		}
		return m
	case "B": // B|portal|statement|parameters|result formats|parameter formats
		m := &pgproto3.Bind{DestinationPortal: arg(1), PreparedStatement: arg(2)}
		for _, p := range strings.Fields(arg(3)) {
			m.Parameters = append(m.Parameters, []byte(p))
		}
		for _, code := range list(arg(4)) {
			m.ResultFormatCodes = append(m.ResultFormatCodes, int16(code))
		}
		for _, code := range list(arg(5)) {
			m.ParameterFormatCodes = append(m.ParameterFormatCodes, int16(code))
		}
		return m
	case "D": // D|S or P|name
		return &pgproto3.Describe{ObjectType: arg(1)[0], Name: arg(2)}
	case "E": // E|portal|limit
		m := &pgproto3.Execute{Portal: arg(1)}
		if arg(2) != "" {
			m.MaxRows = uint32(number(arg(2)))
		}
		return m
	case "C":
		return &pgproto3.Close{ObjectType: arg(1)[0], Name: arg(2)}
	case "H":
		return &pgproto3.Flush{}
	case "S":
		return &pgproto3.Sync{}
	case "F":
		return &pgproto3.FunctionCall{}
	}
	t.Fatalf("request %q", line)
	return nil
}

// TestSequences runs testdata/sequences: requests in, replies out. Each case is a connection of its own.
func TestSequences(t *testing.T) {
	addr, _ := startServer(t, newFakeBackend(), func(c *Config) { c.MaxStatements, c.MaxPortals = 3, 3 })
	datadriven.RunTest(t, "testdata/sequences", func(t *testing.T, d *datadriven.TestData) string {
		c := connect(t, addr)
		var out strings.Builder
		for line := range strings.Lines(d.Input) {
			line = strings.TrimSuffix(line, "\n")
			if n, ok := strings.CutPrefix(line, "expect "); ok { // read that many messages without a Sync
				want, err := strconv.Atoi(n)
				if err != nil {
					t.Fatal(err)
				}
				seen := 0
				fmt.Fprintln(&out, c.until(func(string) bool { seen++; return seen == want }))
				continue
			}
			m := request(t, line)
			c.send(m)
			switch m.(type) {
			case *pgproto3.Query, *pgproto3.Sync, *pgproto3.FunctionCall:
				if strings.HasSuffix(line, "|skipped") {
					continue
				}
				fmt.Fprintln(&out, c.untilReady())
			}
		}
		c.send(&pgproto3.Terminate{})
		return out.String()
	})
}

func TestShutdownTellsIdleConnections(t *testing.T) {
	addr, stop := startServer(t, newFakeBackend(), nil)
	c := connect(t, addr)
	if err := stop(); err != nil {
		t.Fatal(err)
	}
	const want = "E(FATAL 57P01 terminating connection due to administrator command) EOF"
	if got := c.untilReady(); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestShutdownWaitsForRunningStatementThenCancels(t *testing.T) {
	b := newFakeBackend()
	addr, stop := startServer(t, b, func(c *Config) { c.DrainTimeout = 50 * time.Millisecond })
	c := connect(t, addr)
	c.send(&pgproto3.Query{String: "sleep"})
	<-b.started
	if err := stop(); err != nil {
		t.Fatal(err)
	}
	if got := c.untilReady(); !strings.HasSuffix(got, "EOF") {
		t.Errorf("got %s, want the connection closed", got)
	}
	if len(b.sessions) != 0 {
		t.Errorf("%d sessions are left open", len(b.sessions))
	}
}

func TestConnectionLimit(t *testing.T) {
	addr, _ := startServer(t, newFakeBackend(), func(c *Config) { c.MaxConnections = 1 })
	first := connect(t, addr)
	second := dial(t, addr)
	second.startup(version30, "user", "u")
	if got := second.untilReady(); got != "E(FATAL 53300 sorry, too many clients already) EOF" {
		t.Errorf("second connection: %s", got)
	}
	first.send(&pgproto3.Terminate{})
	if _, err := first.Read(make([]byte, 1)); err != io.EOF {
		t.Fatalf("first connection: %v, want EOF", err)
	}
	// The place is free a moment after the socket is closed.
	for range 50 {
		third := dial(t, addr)
		third.startup(version30, "user", "u")
		if got := third.untilReady(); strings.HasSuffix(got, "ZI") {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Error("no place after the first connection left")
}

func TestPanicEndsOneConnectionOnly(t *testing.T) {
	addr, _ := startServer(t, newFakeBackend(), nil)
	other, c := connect(t, addr), connect(t, addr)
	c.send(&pgproto3.Query{String: "panic"})
	if got := c.untilReady(); got != "E(FATAL XX000 internal error: postgres session panicked: planted) EOF" {
		t.Errorf("got %s, want the reason and the connection closed", got)
	}
	other.send(&pgproto3.Query{String: "select 1"})
	if got := other.untilReady(); got != "T1 D C:SELECT 1 ZI" {
		t.Errorf("other connection: %s", got)
	}
}

func TestMessageLimit(t *testing.T) {
	addr, _ := startServer(t, newFakeBackend(), func(c *Config) { c.MaxMessageBytes = 100 })
	c := connect(t, addr)
	c.send(&pgproto3.Query{String: strings.Repeat("x", 200)})
	const want = "E(FATAL 54000 message of 201 bytes is larger than the limit of 100 bytes) EOF"
	if got := c.untilReady(); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}
