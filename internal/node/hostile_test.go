package node

import (
	"bytes"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"
)

// TestBadSQL sends wrong and hostile texts to both endpoints and asserts what each of them says.
func TestBadSQL(t *testing.T) {
	t.Parallel()
	k := newKafka(t)
	k.topic("events", 1)
	r := startRig(t)
	r.createTable("events", k.addr, tableSpec{})
	l := newLedger("events")
	l.produce(k, 0, 50)
	r.compare(l)
	deep := func(unit, tail string) string { return "SELECT " + strings.Repeat(unit, 40_000) + tail }
	for _, c := range []struct {
		name, sql string
		code      string // SQLSTATE
		http      int    // errorCode
		texts     []string
	}{
		{"syntax", "SELEC 1", "42601", 150, []string{`syntax error at or near "SELEC"`}},
		{"end of input", "SELECT id FROM", "42601", 150, []string{"syntax error at end of input"}},
		{"open string", "SELECT 'abc", "42601", 150, []string{"unterminated quoted string"}},
		{"plus", deep("1+", "1"), "54001", 150, []string{"too complex"}},
		{"parentheses", deep("(", "1") + strings.Repeat(")", 40_000), "54001", 150, []string{"too complex"}},
		{"open parentheses", deep("(", ""), "54001", 150, []string{"too complex"}},
		{"not", deep("NOT ", "true"), "54001", 150, []string{"too complex"}},
		{"concatenation", deep("'a'||", "'b'"), "54001", 150, []string{"too complex"}},
		{"casts", "SELECT 1" + strings.Repeat("::int", 40_000), "54001", 150, []string{"too complex"}},
		{"minus", deep("- ", "1"), "54001", 150, []string{"too complex"}},
		{"and", deep("true AND ", "true"), "54001", 150, []string{"too complex"}},
		{"case", deep("CASE WHEN true THEN ", "1") + strings.Repeat(" END", 40_000), "54001", 150, []string{"too complex"}},
		{"calls", deep("abs(", "1") + strings.Repeat(")", 40_000), "54001", 150, []string{"too complex"}},
		{"brackets", deep("[", "1"), "54001", 150, []string{"too complex"}},
		{"sub-queries", "SELECT 1 FROM " + strings.Repeat("(SELECT 1 FROM ", 20_000), "54001", 150, []string{"too complex"}},
		{"unions", "SELECT 1" + strings.Repeat(" UNION SELECT 1", 40_000), "54001", 150, []string{"too complex"}},
		{"statements", strings.Repeat("SELECT 1;", 40_000), "54001", 150, []string{"too complex"}},
		{"table", "SELECT * FROM event", "42P01", 190, []string{`relation "event" does not exist`, `"events"`}},
		{"column", "SELECT scor FROM events", "42703", 710, []string{`column "scor" does not exist`, "score"}},
		{"function", "SELECT coun(*) FROM events", "42883", 700, []string{"function coun", "count"}},
		{"text as number", "SELECT abs(name) FROM events WHERE name IS NOT NULL", "22P02", 200, []string{"invalid input syntax", "name"}},
		{"arguments", "SELECT abs(id, id, id) FROM events", "42883", 700, []string{"abs"}},
		{"literal", "SELECT count(*) FROM events WHERE id = 'ten'", "22P02", 200, []string{"ten"}},
		{"grouping", "SELECT name, count(*) FROM events GROUP BY flag", "42803", 700, []string{"name", "must appear in the GROUP BY clause"}},
		{"aggregate in where", "SELECT id FROM events WHERE count(*) > 1", "42803", 700, []string{"WHERE"}},
		{"zero byte", "SELECT '\x00'", "08P01", 0, []string{"Query body is invalid"}},
		{"division", "SELECT div(id, 0) FROM events", "22012", 200, []string{"division by zero"}},
		{"overflow", "SELECT 9223372036854775807 + id FROM events", "22003", 200, []string{"out of range"}},
		{"limit", "SELECT id FROM events LIMIT -1", "2201W", 200, []string{"LIMIT must not be negative"}},
		{"write", "INSERT INTO events VALUES (1)", "25006", 700, []string{"cannot execute INSERT", "written by their streams"}},
		{"drop", "DROP TABLE events", "25006", 700, []string{"cannot execute DROP TABLE"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			if c.code != "" {
				wantWire(t, "wire", r.exec(c.sql), c.code, c.texts...)
			} else if err := r.exec(c.sql); err == nil {
				t.Error("wire: no error")
			}
			if c.http != 0 {
				status, a := r.queryHTTP(c.sql)
				wantHTTP(t, "http", status, a, c.http, c.texts...)
			}
		})
	}
	r.alive()
	r.compare(l)
	r.idle()
}

// idle waits until no session and no query is open any more.
func (r *rig) idle() {
	r.t.Helper()
	r.eventually("no session, slot or memory of a query is left", func() (bool, string) {
		_, body := r.request(http.MethodGet, r.node.Addrs().BrokerHTTP, "/metrics", "", nil)
		var left []string
		for line := range strings.SplitSeq(body, "\n") {
			name, value, ok := strings.Cut(line, " ")
			if ok && (strings.HasPrefix(name, "freshet_pgwire_connections") && !strings.Contains(name, "total") ||
				strings.HasPrefix(name, "freshet_broker_sessions") || strings.HasPrefix(name, "freshet_broker_running") ||
				strings.HasPrefix(name, "freshet_cpu_slots_in_use") || strings.HasPrefix(name, "freshet_cpu_slots_waiting") ||
				strings.HasPrefix(name, `freshet_memory_bytes{kind="queries"`) || strings.HasPrefix(name, `freshet_memory_bytes{kind="responses"`)) && value != "0" {
				left = append(left, line)
			}
		}
		return len(left) == 0, fmt.Sprint(left)
	})
}

// TestHugeStatements sends texts and bodies that are larger than any limit.
func TestHugeStatements(t *testing.T) {
	t.Parallel()
	r := startRig(t)
	huge := "SELECT '" + strings.Repeat("x", 10<<20) + "'"
	wantWire(t, "10 MB", r.exec(huge), "54000", "too long", strconv.Itoa(len(huge)))
	unions := "SELECT 1" + strings.Repeat(" UNION SELECT 1", 80_000)
	wantWire(t, "80,000 unions", r.exec(unions), "54000", "too long")
	status, a := r.queryHTTP(unions)
	wantHTTP(t, "80,000 unions", status, a, 245, "too long")
	addrs := r.node.Addrs()
	for _, c := range []struct {
		name, addr, path string
		bytes            int
	}{{"query", addrs.BrokerHTTP, "/query/sql", 5 << 20}, {"sql of the controller", addrs.Controller, "/sql", 5 << 20},
		{"schema", addrs.Controller, "/schemas", 64 << 20}, {"table", addrs.Controller, "/tables", 64 << 20},
		{"configs", addrs.Controller, "/tableConfigs", 64 << 20}} {
		status, body := r.tooLarge(c.addr, c.path, c.bytes)
		if status != http.StatusRequestEntityTooLarge || !strings.Contains(body, "too large") && !strings.Contains(body, "larger than") {
			t.Errorf("%s: %d %.200s, want 413", c.name, status, body)
		}
	}
	for path, want := range map[string]string{"/query/sql": "has to be a JSON object"} {
		status, body := r.request(http.MethodPost, addrs.BrokerHTTP, path, "application/json", strings.NewReader(strings.Repeat("[", 1<<20)))
		if status != http.StatusBadRequest || !strings.Contains(body, want) {
			t.Errorf("nested JSON: %d %.200s", status, body)
		}
	}
	for _, path := range []string{"/schemas", "/tables", "/tableConfigs"} {
		status, body := r.admin(http.MethodPost, path, strings.Repeat(`{"a":`, 100_000))
		if status != http.StatusBadRequest || !strings.Contains(body, `"code": 400`) {
			t.Errorf("nested JSON to %s: %d %.200s", path, status, body)
		}
	}
	r.alive()
	r.idle()
}

// endless is a body of n bytes of a JSON string.
func endless(n int) io.Reader {
	return io.MultiReader(strings.NewReader(`{"sql":"`), io.LimitReader(zeros{}, int64(n)), strings.NewReader(`"}`))
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = '0'
	}
	return len(p), nil
}

// tooLarge posts a large body. A server may answer and close before it has read everything: then the request is
// written by hand and the answer read in spite of the failing write.
func (r *rig) tooLarge(addr, path string, n int) (int, string) {
	r.t.Helper()
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		r.t.Fatal(err)
	}
	defer closeConn(r.t, conn)
	if err := conn.SetDeadline(time.Now().Add(patience)); err != nil {
		r.t.Fatal(err)
	}
	body := endless(n)
	head := fmt.Sprintf("POST %s HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: %d\r\nConnection: close\r\n\r\n", path, n+10)
	if _, err := io.Copy(conn, io.MultiReader(strings.NewReader(head), body)); err != nil {
		r.t.Logf("%s: the server stopped reading: %v", path, err)
	}
	answer, err := io.ReadAll(conn)
	if len(answer) == 0 && err != nil {
		return 0, err.Error()
	}
	text := string(answer)
	var status int
	if _, err := fmt.Sscanf(text, "HTTP/1.1 %d", &status); err != nil {
		return 0, text
	}
	return status, text
}

func closeConn(t *testing.T, c net.Conn) {
	if err := c.Close(); err != nil && !errors.Is(err, net.ErrClosed) {
		t.Log(err)
	}
}

// TestGarbageOnEveryPort sends bytes that are no protocol, and connections that never say anything.
func TestGarbageOnEveryPort(t *testing.T) {
	t.Parallel()
	r := startRig(t)
	random := make([]byte, 64<<10)
	if _, err := rand.Read(random); err != nil {
		t.Fatal(err)
	}
	hostile := map[string][]byte{"random": random, "zeros": make([]byte, 4096), "ones": bytes.Repeat([]byte{0xff}, 4096),
		"tls hello": {0x16, 3, 1, 2, 0, 1, 0, 1, 0xfc, 3, 3}, "endless header": append([]byte("GET / HTTP/1.1\r\nX: "), bytes.Repeat([]byte("a"), 1<<20)...),
		"huge length":           {0x7f, 0xff, 0xff, 0xff, 0, 3, 0, 0},
		"negative length":       {0xff, 0xff, 0xff, 0xff, 0, 3, 0, 0},
		"start without end":     {0, 0, 0, 16, 0, 3, 0, 0, 'u', 's', 'e', 'r', 0, 'x', 'x', 'x'},
		"old protocol":          {0, 0, 0, 8, 0, 2, 0, 0},
		"session then garbage":  append(startupPacket(), random[:4096]...),
		"session, huge message": append(startupPacket(), 'Q', 0x7f, 0xff, 0xff, 0xff),
		"session, no length":    append(startupPacket(), 'Q', 0, 0, 0, 0)}
	addrs := r.node.Addrs()
	ports := map[string]string{"controller": addrs.Controller, "broker": addrs.BrokerHTTP, "server": addrs.ServerHTTP, "postgres": addrs.Postgres}
	var open []net.Conn
	for port, addr := range ports {
		for name, data := range hostile {
			conn, err := net.Dial("tcp", addr)
			if err != nil {
				t.Fatalf("%s: %v", port, err)
			}
			if err := conn.SetDeadline(time.Now().Add(2 * time.Second)); err != nil {
				t.Fatal(err)
			}
			if _, err := conn.Write(data); err != nil {
				t.Logf("%s, %s: %v", port, name, err) // the server may close in the middle
			}
			half, ok := conn.(*net.TCPConn)
			if !ok {
				t.Fatal("no TCP")
			}
			if err := half.CloseWrite(); err != nil {
				t.Logf("%s, %s: %v", port, name, err)
			}
			var slow net.Error
			if _, err := io.Copy(io.Discard, conn); errors.As(err, &slow) && slow.Timeout() {
				t.Errorf("%s, %s: the connection stays open: %v", port, name, err)
			}
			closeConn(t, conn)
		}
		for range 20 { // half-open: they never say a word
			conn, err := net.Dial("tcp", addr)
			if err != nil {
				t.Fatal(err)
			}
			open = append(open, conn)
		}
	}
	r.alive()
	for _, c := range open {
		closeConn(t, c)
	}
	r.idle()
	if log := r.log.String(); strings.Contains(log, "panic") {
		t.Errorf("something panicked:\n%s", log)
	}
}

func startupPacket() []byte {
	body := append([]byte{0, 3, 0, 0}, "user\x00test\x00\x00"...)
	return append([]byte{0, 0, 0, byte(len(body) + 4)}, body...)
}
