//go:build e2e || kafka

// Package e2e runs the binary as a user would: the quickstart's process, psql, curl and kcat from outside. The expected
// numbers come from the topics themselves, read by an independent client.
package e2e

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/freshetdb/freshet/test/ports"
)

// shop is a quickstart process that has produced its events and stands still.
type shop struct {
	controller, postgres, http, server, kafka int
	out                                       *syncBuffer
	dir                                       string
	realKafka                                 bool // kafka is the port of a broker that somebody else runs
}

type syncBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (s *syncBuffer) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.Write(p)
}

func (s *syncBuffer) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.String()
}

func binary(t *testing.T) string {
	t.Helper()
	bin := os.Getenv("TEST_BIN")
	if bin == "" {
		t.Fatal("TEST_BIN is not set: run make e2e")
	}
	return bin
}

// startShop runs the quickstart until its events are produced and consumed.
func startShop(t *testing.T, events int) *shop {
	t.Helper()
	s := newShop(t)
	s.run(t, events)
	return s
}

func newShop(t *testing.T) *shop {
	t.Helper()
	found, err := ports.Free(5)
	if err != nil {
		t.Fatal(err)
	}
	return &shop{controller: found[0], postgres: found[1], http: found[2], server: found[3], kafka: found[4], out: &syncBuffer{}, dir: t.TempDir()}
}

func (s *shop) run(t *testing.T, events int) {
	t.Helper()
	args := []string{"quickstart", "--data-dir", filepath.Join(s.dir, "data"), "--seed", "42", "--rate", "2000", "--events", strconv.Itoa(events)}
	if s.realKafka {
		args = append(args, "--kafka", fmt.Sprintf("127.0.0.1:%d", s.kafka))
	} else {
		args = append(args, "--kafka-port", strconv.Itoa(s.kafka))
	}
	cmd := exec.Command(binary(t), args...)
	cmd.Env = append(os.Environ(), "FRESHET_CONTROLLER__HTTP_PORT="+strconv.Itoa(s.controller), "FRESHET_BROKER__POSTGRES_PORT="+strconv.Itoa(s.postgres),
		"FRESHET_BROKER__HTTP_PORT="+strconv.Itoa(s.http), "FRESHET_SERVER__HTTP_PORT="+strconv.Itoa(s.server))
	cmd.Stdout, cmd.Stderr = s.out, s.out
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() { done <- cmd.Wait() }()
	t.Cleanup(func() {
		if err := cmd.Process.Signal(os.Interrupt); err != nil {
			t.Log(err)
		}
		select {
		case err := <-done:
			if err != nil {
				t.Errorf("quickstart ended with %v", err)
			}
		case <-time.After(20 * time.Second):
			t.Error("quickstart did not stop within 20 s of SIGINT")
			if err := cmd.Process.Kill(); err != nil {
				t.Log(err)
			}
		}
		if t.Failed() {
			t.Logf("quickstart said:\n%s", s.out)
		}
	})
	s.until(t, "all orders", time.Minute, func() bool {
		out, err := s.try("SELECT count(*) FROM orders")
		return err == nil && out == strconv.Itoa(events)
	})
}

func (s *shop) until(t *testing.T, what string, limit time.Duration, ok func() bool) {
	t.Helper()
	for end := time.Now().Add(limit); !ok(); time.Sleep(100 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("%s: not within %s\n%s", what, limit, s.out)
		}
	}
}

func (s *shop) try(sql string) (string, error) {
	cmd := exec.Command("psql", "-X", "-A", "-t", "-h", "127.0.0.1", "-p", strconv.Itoa(s.postgres), "-U", "e2e", "-c", sql)
	out, err := cmd.CombinedOutput()
	return strings.TrimSpace(string(out)), err
}

// psql runs one statement and gives unaligned text.
func (s *shop) psql(t *testing.T, sql string) string {
	t.Helper()
	out, err := s.try(sql)
	if err != nil {
		t.Fatalf("psql %q: %v\n%s", sql, err, out)
	}
	return out
}

// curl posts to the HTTP query API and gives the rows as psql prints them.
func (s *shop) curl(t *testing.T, sql string) string {
	t.Helper()
	body, err := json.Marshal(map[string]string{"sql": sql})
	if err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command("curl", "-sS", fmt.Sprintf("http://127.0.0.1:%d/query/sql", s.http), "-d", string(body)).CombinedOutput()
	if err != nil {
		t.Fatalf("curl: %v\n%s", err, out)
	}
	var answer struct {
		ResultTable *struct{ Rows [][]any }
		Exceptions  []struct {
			ErrorCode int
			Message   string
		}
	}
	dec := json.NewDecoder(bytes.NewReader(out))
	dec.UseNumber()
	if err := dec.Decode(&answer); err != nil {
		t.Fatalf("curl %q gave %s: %v", sql, out, err)
	}
	if len(answer.Exceptions) > 0 || answer.ResultTable == nil {
		t.Fatalf("curl %q: %s", sql, out)
	}
	var lines []string
	for _, row := range answer.ResultTable.Rows {
		cells := make([]string, len(row))
		for i, c := range row {
			if cells[i] = fmt.Sprint(c); c == nil {
				cells[i] = ""
			}
		}
		lines = append(lines, strings.Join(cells, "|"))
	}
	return strings.Join(lines, "\n")
}

// topic reads every record of a topic from outside.
func (s *shop) topic(t *testing.T, name string) []map[string]any {
	t.Helper()
	client, err := kgo.NewClient(kgo.SeedBrokers(fmt.Sprintf("127.0.0.1:%d", s.kafka)), kgo.ConsumeTopics(name),
		kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()))
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	ends, err := kadm.NewClient(client).ListEndOffsets(ctx, name)
	if err != nil {
		t.Fatal(err)
	}
	var total int64
	ends.Each(func(o kadm.ListedOffset) { total += o.Offset })
	var docs []map[string]any
	for int64(len(docs)) < total {
		fetches := client.PollFetches(ctx)
		if err := fetches.Err(); err != nil {
			t.Fatalf("read %s: %v after %d of %d", name, err, len(docs), total)
		}
		fetches.EachRecord(func(r *kgo.Record) {
			var doc map[string]any
			if err := json.Unmarshal(r.Value, &doc); err != nil {
				t.Errorf("record %d of %s: %v", r.Offset, name, err)
			}
			docs = append(docs, doc)
		})
	}
	return docs
}

// same compares result texts cell by cell, numbers within 1e-9.
func same(got, want string) bool {
	g, w := strings.Split(got, "\n"), strings.Split(want, "\n")
	if len(g) != len(w) {
		return false
	}
	for i := range g {
		a, b := strings.Split(g[i], "|"), strings.Split(w[i], "|")
		if len(a) != len(b) {
			return false
		}
		for j := range a {
			x, errX := strconv.ParseFloat(a[j], 64)
			y, errY := strconv.ParseFloat(b[j], 64)
			if a[j] != b[j] && (errX != nil || errY != nil || math.Abs(x-y) > 1e-9*math.Max(math.Abs(x), math.Abs(y))) {
				return false
			}
		}
	}
	return true
}
