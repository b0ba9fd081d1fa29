package pgwire

import (
	"fmt"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgproto3"
)

// TestRepliesLeaveBeforeSync: what a client asks for in many small messages does not pile up until it sends a Sync.
func TestRepliesLeaveBeforeSync(t *testing.T) {
	addr, _ := startServer(t, newFakeBackend(), nil)
	c := connect(t, addr)
	c.send(&pgproto3.Parse{Name: "s", Query: "wide 1000"})
	const asked = 100
	for range asked {
		c.send(&pgproto3.Describe{ObjectType: 'S', Name: "s"})
	}
	seen := 0
	got := c.until(func(s string) bool {
		if s == "T1000" {
			seen++
		}
		return seen == asked-3 // the last ones may wait in the buffer
	})
	if strings.HasSuffix(got, "EOF") {
		t.Errorf("%d descriptions of %d came without a Sync", seen, asked)
	}
}

// TestHeldBytes bounds what statements and parameters of one connection take, and gives back what is closed.
func TestHeldBytes(t *testing.T) {
	addr, _ := startServer(t, newFakeBackend(), func(c *Config) { c.MaxHeldBytes = 10_000 })
	c := connect(t, addr)
	text := "select 1 --" + strings.Repeat("x", 2000)
	ask := func(m pgproto3.FrontendMessage) string {
		c.send(m, &pgproto3.Sync{})
		return c.untilReady()
	}
	for round := range 20 { // more than fits, were nothing given back
		if got := ask(&pgproto3.Parse{Query: "select 1"}); got != "1 ZI" {
			t.Fatalf("round %d: %s", round, got)
		}
	}
	kept := 0
	for ; kept < 10; kept++ {
		if got := ask(&pgproto3.Parse{Name: fmt.Sprint("s", kept), Query: "begin " + text}); got != "1 ZI" {
			if !strings.Contains(got, "E(54000") {
				t.Errorf("statement %d: %s", kept, got)
			}
			break
		}
	}
	if kept < 2 || kept > 4 {
		t.Errorf("%d statements of 2,000 bytes fit into 10,000", kept)
	}
	if got := ask(&pgproto3.Close{ObjectType: 'S', Name: "s0"}); got != "3 ZI" {
		t.Errorf("close: %s", got)
	}
	if got := ask(&pgproto3.Parse{Name: "again", Query: "begin " + text}); got != "1 ZI" {
		t.Errorf("after a close: %s", got)
	}
	c.send(&pgproto3.Query{String: "discard all"})
	c.untilReady()
	c.send(&pgproto3.Parse{Query: "echo $1::text"}, &pgproto3.Bind{Parameters: [][]byte{[]byte(strings.Repeat("y", 9_000))}}, &pgproto3.Sync{})
	if got := c.untilReady(); !strings.Contains(got, "E(54000") {
		t.Errorf("a large parameter: %s", got)
	}
	for range 20 {
		c.send(&pgproto3.Parse{Query: "echo $1::text"}, &pgproto3.Bind{Parameters: [][]byte{[]byte(strings.Repeat("y", 6_000))}}, &pgproto3.Execute{}, &pgproto3.Sync{})
		if got := c.untilReady(); got != "1 2 D C:SELECT 1 ZI" {
			t.Fatalf("parameters are not given back: %s", got)
		}
	}
}

func TestTooManyColumns(t *testing.T) {
	addr, _ := startServer(t, newFakeBackend(), nil)
	c := connect(t, addr)
	const want = "E(54011 target lists can have at most 65535 entries) ZI"
	c.send(&pgproto3.Query{String: "wide 65536"})
	if got := c.untilReady(); got != want {
		t.Errorf("simple: %s", got)
	}
	c.send(&pgproto3.Parse{Query: "wide 65536"}, &pgproto3.Sync{})
	if got := c.untilReady(); got != want {
		t.Errorf("extended: %s", got)
	}
	c.send(&pgproto3.Parse{Query: "wide 65535"}, &pgproto3.Describe{ObjectType: 'S'}, &pgproto3.Sync{})
	if got := c.untilReady(); got != "1 t[] T65535 ZI" {
		t.Errorf("as many as the protocol counts: %.100s", got)
	}
}

func TestTextIsUTF8(t *testing.T) {
	addr, _ := startServer(t, newFakeBackend(), nil)
	c := connect(t, addr)
	const want = "E(22021 invalid byte sequence for encoding \"UTF8\") ZI"
	c.send(&pgproto3.Query{String: "select '\xff'"})
	if got := c.untilReady(); got != want {
		t.Errorf("simple: %s", got)
	}
	c.send(&pgproto3.Parse{Query: "select '\xff'"}, &pgproto3.Sync{})
	if got := c.untilReady(); got != want {
		t.Errorf("extended: %s", got)
	}
}

// TestGarbage sends what no client does. Each ends its connection, with a reason, and no other.
func TestGarbage(t *testing.T) {
	addr, _ := startServer(t, newFakeBackend(), nil)
	other := connect(t, addr)
	for name, c := range map[string]struct{ bytes, want string }{
		"unknown type":            {"!\x00\x00\x00\x04", "E(FATAL 08P01"},
		"zero type":               {"\x00\x00\x00\x00\x04", "E(FATAL 08P01"},
		"length below itself":     {"Q\x00\x00\x00\x03", "E(FATAL 08P01"},
		"negative length":         {"Q\xff\xff\xff\xff", "E(FATAL"},
		"huge length":             {"Q\x7f\xff\xff\xff", "E(FATAL 54000"},
		"text without an end":     {"Q\x00\x00\x00\x06ab", "E(FATAL 08P01"},
		"parse cut":               {"P\x00\x00\x00\x05\x00", "E(FATAL 08P01"},
		"parse lies of types":     {"P\x00\x00\x00\x08\x00\x00\xff\xff", "E(FATAL 08P01"},
		"bind cut":                {"B\x00\x00\x00\x06\x00\x00", "E(FATAL 08P01"},
		"bind lies of parameters": {"B\x00\x00\x00\x0a\x00\x00\x00\x00\x7f\xff", "E(FATAL 08P01"},
		"bind lies of a length":   {"B\x00\x00\x00\x10\x00\x00\x00\x00\x00\x01\x7f\xff\xff\xff\x00\x00", "E(FATAL 08P01"},
		"empty describe":          {"D\x00\x00\x00\x04", "E(FATAL 08P01"},
		"describe of nothing":     {"D\x00\x00\x00\x06X\x00S\x00\x00\x00\x04", "E(08P01 invalid DESCRIBE message subtype 88) ZI"},
		"close of nothing":        {"C\x00\x00\x00\x06X\x00S\x00\x00\x00\x04", "E(08P01 invalid CLOSE message subtype 88) ZI"},
		"execute cut":             {"E\x00\x00\x00\x05\x00", "E(FATAL 08P01"},
		"a password":              {"p\x00\x00\x00\x05\x00", "E(FATAL 08P01"},
		"start-up again":          {"\x00\x00\x00\x08\x00\x03\x00\x00", "E(FATAL 08P01"},
		"SSLRequest again":        {"\x00\x00\x00\x08\x04\xd2\x16\x2f", "E(FATAL 08P01"},
		"late COPY data":          {"d\x00\x00\x00\x05xc\x00\x00\x00\x04S\x00\x00\x00\x04", "ZI"},
	} {
		t.Run(name, func(t *testing.T) {
			x := connect(t, addr)
			x.raw([]byte(c.bytes))
			if got := x.untilReady(); !strings.HasPrefix(got, c.want) || strings.Contains(c.want, "FATAL") && !strings.HasSuffix(got, " EOF") {
				t.Errorf("got %s, want %s", got, c.want)
			}
			other.send(&pgproto3.Query{String: "select 1"})
			if got := other.untilReady(); got != "T1 D C:SELECT 1 ZI" {
				t.Errorf("other connection: %s", got)
			}
		})
	}
}

// TestHalfMessage: a client that stops in the middle of a message and leaves takes nothing with it.
func TestHalfMessage(t *testing.T) {
	backend := newFakeBackend()
	addr, stop := startServer(t, backend, nil)
	c := connect(t, addr)
	c.raw([]byte("Q\x00\x00\x10\x00select"))
	if err := c.Close(); err != nil {
		t.Fatal(err)
	}
	half := connect(t, addr)
	half.raw([]byte("Q\x00\x00\x10\x00select"))
	if err := stop(); err != nil { // does not wait for the rest for ever
		t.Error(err)
	}
}

// TestSlowReader ends the connection of a client that takes nothing, and its query.
func TestSlowReader(t *testing.T) {
	addr, _ := startServer(t, newFakeBackend(), func(c *Config) { c.WriteTimeout, c.MaxConnections = 200*time.Millisecond, 1 })
	c := connect(t, addr)
	if err := c.Conn.(*net.TCPConn).SetReadBuffer(4096); err != nil {
		t.Fatal(err)
	}
	c.send(&pgproto3.Query{String: "rows 600000"})
	for range 100 { // its place is free although it is still there
		next := dial(t, addr)
		next.startup(version30, "user", "u")
		if got := next.untilReady(); strings.HasSuffix(got, "ZI") {
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
	t.Error("no place after the write timeout of a client that does not read")
}
