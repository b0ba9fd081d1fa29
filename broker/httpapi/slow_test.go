package httpapi

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/internal/vec"
	"github.com/freshetdb/freshet/query/result"
)

// slowServer serves with short deadlines; done gets the time that each request took.
func slowServer(t *testing.T, f *fake, cfg Config) (addr string, done chan time.Duration) {
	t.Helper()
	cfg.Backend = f
	h, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	done = make(chan time.Duration, 10)
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		began := time.Now()
		h.ServeHTTP(w, r)
		done <- time.Since(began)
	}))
	t.Cleanup(s.Close)
	return s.Listener.Addr().String(), done
}

func speak(t *testing.T, addr, text string) net.Conn {
	t.Helper()
	c, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	if err := c.SetDeadline(time.Now().Add(5 * time.Second)); err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(c, text); err != nil {
		t.Fatal(err)
	}
	return c
}

const want = "POST /query/sql HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n%s"

// TestSlowBody gives up on a client that does not send what it announced.
func TestSlowBody(t *testing.T) {
	addr, done := slowServer(t, newFake(), Config{BodyTimeout: 100 * time.Millisecond})
	c := speak(t, addr, fmt.Sprintf(want, 1000, `{"sql":`))
	answer, err := io.ReadAll(c)
	if err != nil || !strings.HasPrefix(string(answer), "HTTP/1.1 400 ") || !strings.Contains(string(answer), "the body cannot be read") {
		t.Errorf("%v: %s", err, answer)
	}
	if took := <-done; took > 3*time.Second {
		t.Errorf("gave up after %v", took)
	}
}

// TestSlowReader gives up on a client that does not take its response.
func TestSlowReader(t *testing.T) {
	f := newFake()
	f.columns = []result.Column{{Name: "s", Type: catalog.String}}
	v := vector(catalog.StringValue(strings.Repeat("x", 32<<20)))
	f.batches = []*vec.Batch{{Rows: 1, Cols: []*vec.Vector{v}}}
	addr, done := slowServer(t, f, Config{WriteTimeout: 200 * time.Millisecond})
	body := `{"sql":"select 1"}`
	speak(t, addr, fmt.Sprintf(want, len(body), body))
	select {
	case <-done:
	case <-time.After(5 * time.Second):
		t.Error("a client that reads nothing keeps its request")
	}
}

// TestDeadlinesEnd with their request: its connection is used again long after.
func TestDeadlinesEnd(t *testing.T) {
	const short = 100 * time.Millisecond
	addr, _ := slowServer(t, newFake(), Config{BodyTimeout: short, WriteTimeout: short})
	c := speak(t, addr, "")
	in := bufio.NewReader(c)
	body := `{"sql":"select 1"}`
	for round := range 3 {
		if _, err := fmt.Fprintf(c, want, len(body), body); err != nil {
			t.Fatal(err)
		}
		resp, err := http.ReadResponse(in, nil)
		if err != nil {
			t.Fatalf("round %d: %v", round, err)
		}
		if _, err := io.Copy(io.Discard, resp.Body); err != nil || resp.StatusCode != http.StatusOK {
			t.Errorf("round %d: %s %v", round, resp.Status, err)
		}
		time.Sleep(2 * short)
	}
}
