//go:build crash

package crash

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/freshetdb/freshet/test/ports"
)

// node is a freshet process on its own data directory.
type node struct {
	bin, dir, kafka                    string
	controller, postgres, http, server int
	kafkaPort                          int
	cmd                                *exec.Cmd
	exited                             chan struct{}
	log                                *os.File
}

// binary builds freshet once per test run.
func binary(t *testing.T) string {
	t.Helper()
	if bin := os.Getenv("TEST_BIN"); bin != "" {
		return bin
	}
	bin := filepath.Join(os.TempDir(), "freshet-crash-"+strconv.Itoa(os.Getpid()))
	if _, err := os.Stat(bin); err == nil {
		return bin
	}
	cmd := exec.Command("go", "build", "-o", bin, "../../cmd/freshet")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	return bin
}

func newNode(t *testing.T, kafka string) *node {
	t.Helper()
	found, err := ports.Free(5)
	if err != nil {
		t.Fatal(err)
	}
	n := &node{bin: binary(t), dir: t.TempDir(), kafka: kafka, controller: found[0], postgres: found[1], http: found[2],
		server: found[3], kafkaPort: found[4]}
	log, err := os.Create(filepath.Join(n.dir, "log"))
	if err != nil {
		t.Fatal(err)
	}
	n.log = log
	t.Cleanup(func() {
		if n.cmd != nil && n.cmd.ProcessState == nil {
			n.kill(t)
		}
		if t.Failed() {
			text, err := os.ReadFile(log.Name())
			t.Logf("log of the node (%v):\n%s", err, tail(text, 6000))
		}
	})
	return n
}

func tail(b []byte, n int) []byte { return b[max(0, len(b)-n):] }

func (n *node) run(t *testing.T, args ...string) {
	t.Helper()
	n.cmd = exec.Command(n.bin, args...)
	n.cmd.Env = append(os.Environ(), "FRESHET_CONTROLLER__HTTP_PORT="+strconv.Itoa(n.controller), "FRESHET_BROKER__POSTGRES_PORT="+strconv.Itoa(n.postgres),
		"FRESHET_BROKER__HTTP_PORT="+strconv.Itoa(n.http), "FRESHET_SERVER__HTTP_PORT="+strconv.Itoa(n.server))
	n.cmd.Stdout, n.cmd.Stderr = n.log, n.log
	if err := n.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	cmd, exited := n.cmd, make(chan struct{})
	n.exited = exited
	go func() {
		defer close(exited)
		var exit *exec.ExitError
		if err := cmd.Wait(); err != nil && !errors.As(err, &exit) {
			fmt.Fprintln(n.log, "wait:", err)
		}
	}()
}

func (n *node) start(t *testing.T, crashAt string) {
	t.Helper()
	args := []string{"start", "--data-dir", filepath.Join(n.dir, "data")}
	if crashAt != "" {
		args = append(args, "--crash-at", crashAt)
	}
	n.run(t, args...)
	if crashAt == "" {
		n.waitAdmin(t)
	}
}

func (n *node) startQuickstart(t *testing.T) {
	t.Helper()
	n.run(t, "quickstart", "--data-dir", filepath.Join(n.dir, "data"), "--rate", "400", "--seed", "7", "--kafka-port", strconv.Itoa(n.kafkaPort))
}

// startQuickstartIdle starts it without new events, so that what the topics hold stays as it is.
func (n *node) startQuickstartIdle(t *testing.T) {
	t.Helper()
	n.run(t, "quickstart", "--data-dir", filepath.Join(n.dir, "data"), "--events", "0", "--kafka-port", strconv.Itoa(n.kafkaPort))
}

// kill is kill -9.
func (n *node) kill(t *testing.T) {
	t.Helper()
	if err := n.cmd.Process.Signal(syscall.SIGKILL); err != nil && !errors.Is(err, os.ErrProcessDone) {
		t.Fatal(err)
	}
	<-n.exited
}

func (n *node) waitExit(t *testing.T) {
	t.Helper()
	select {
	case <-n.exited:
	case <-time.After(time.Minute):
		t.Fatal("the process did not end")
	}
}

func (n *node) get(path string, port int) (int, []byte, error) {
	resp, err := http.Get(fmt.Sprintf("http://127.0.0.1:%d%s", port, path))
	if err != nil {
		return 0, nil, err
	}
	body, err := io.ReadAll(resp.Body)
	return resp.StatusCode, body, errors.Join(err, resp.Body.Close())
}

func (n *node) wait(t *testing.T, what string, ok func() (bool, string)) {
	t.Helper()
	last := ""
	for end := time.Now().Add(time.Minute); time.Now().Before(end); {
		done, state := ok()
		if done {
			return
		}
		last = state
		select {
		case <-n.exited:
			t.Fatalf("the process ended while waiting for %s (%s)", what, last)
		case <-time.After(20 * time.Millisecond):
		}
	}
	t.Fatalf("%s: not within a minute; last: %s", what, last)
}

func (n *node) waitAdmin(t *testing.T) {
	t.Helper()
	n.wait(t, "the admin REST", func() (bool, string) {
		code, body, err := n.get("/tables", n.controller)
		return code == http.StatusOK, fmt.Sprintf("%d %s %v", code, body, err)
	})
}

func (n *node) waitReady(t *testing.T) {
	t.Helper()
	n.wait(t, "ready", func() (bool, string) {
		code, body, err := n.get("/health/ready", n.server)
		return code == http.StatusOK, fmt.Sprintf("%d %s %v", code, body, err)
	})
}

const schema = `{"schemaName": "%s", "dimensionFieldSpecs": [{"name": "id", "dataType": "LONG"}, {"name": "name", "dataType": "STRING"},
 {"name": "tags", "dataType": "STRING", "singleValueField": false}, {"name": "flag", "dataType": "BOOLEAN"}],
 "metricFieldSpecs": [{"name": "score", "dataType": "DOUBLE"}],
 "dateTimeFieldSpecs": [{"name": "ts", "dataType": "TIMESTAMP", "format": "TIMESTAMP", "granularity": "1:MILLISECONDS"}]}`

const table = `{"tableName": "%s", "tableType": "REALTIME", "segmentsConfig": {"timeColumnName": "ts"}, "tenants": {},
 "tableIndexConfig": {"sortedColumn": ["name"], "streamConfigs": {"streamType": "kafka", "stream.kafka.topic.name": "%s", "stream.kafka.broker.list": "%s",
 "stream.kafka.decoder.class.name": "KafkaJSONMessageDecoder", "stream.kafka.consumer.prop.auto.offset.reset": "smallest",
 "realtime.segment.flush.threshold.rows": "3000", "realtime.segment.flush.threshold.time": "2s"}}, "metadata": {}}`

func (n *node) createTable(t *testing.T, name string) {
	t.Helper()
	body, err := json.Marshal(map[string]json.RawMessage{"tableName": json.RawMessage(strconv.Quote(name)),
		"schema": json.RawMessage(fmt.Sprintf(schema, name)), "realtime": json.RawMessage(fmt.Sprintf(table, name, name, n.kafka))})
	if err != nil {
		t.Fatal(err)
	}
	resp, err := http.Post(fmt.Sprintf("http://127.0.0.1:%d/tableConfigs", n.controller), "application/json", bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	answer, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != http.StatusOK {
		t.Fatalf("create table: %d %s %v", resp.StatusCode, answer, err)
	}
	if err := resp.Body.Close(); err != nil {
		t.Fatal(err)
	}
}

func (n *node) connect(ctx context.Context, t *testing.T) *pgx.Conn {
	t.Helper()
	conn, err := pgx.Connect(ctx, fmt.Sprintf("postgres://test@127.0.0.1:%d/test?sslmode=disable", n.postgres))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { closeConn(t, conn) })
	return conn
}

// closeConn closes; a connection whose server was killed has nothing left to say.
func closeConn(t *testing.T, conn *pgx.Conn) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	if err := conn.Close(ctx); err != nil {
		t.Logf("close: %v", err)
	}
}

// compare holds every row against the ledger, once the node has consumed all of it.
func (n *node) compare(ctx context.Context, t *testing.T, l *ledger, kill int) {
	t.Helper()
	conn := n.connect(ctx, t)
	want := l.rows()
	n.wait(t, "all rows", func() (bool, string) {
		var got int
		err := conn.QueryRow(ctx, fmt.Sprintf("SELECT count(*) FROM %s", l.topic)).Scan(&got)
		if got > want {
			t.Fatalf("after kill %d: %d rows, the ledger has %d: rows are doubled", kill, got, want)
		}
		return err == nil && got == want, fmt.Sprintf("%d of %d rows, %v", got, want, err)
	})
	rows, err := conn.Query(ctx, fmt.Sprintf("SELECT id, name, score, tags, flag, ts FROM %s", l.topic))
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	seen := make(map[int64]bool, want)
	l.mu.Lock()
	defer l.mu.Unlock()
	for rows.Next() {
		var r row
		var ts time.Time
		if err := rows.Scan(&r.ID, &r.Name, &r.Score, &r.Tags, &r.Flag, &ts); err != nil {
			t.Fatal(err)
		}
		r.TS = ts.UnixMilli()
		switch {
		case seen[r.ID]:
			t.Fatalf("after kill %d: row %d is doubled", kill, r.ID)
		case l.mu.rows[r.ID] != r.text():
			t.Fatalf("after kill %d: row %d is %s, the ledger has %s", kill, r.ID, r.text(), l.mu.rows[r.ID])
		}
		seen[r.ID] = true
	}
	if err := rows.Err(); err != nil || len(seen) != want {
		t.Fatalf("after kill %d: %d distinct rows of %d, %v", kill, len(seen), want, err)
	}
}

func (n *node) sealedSegments(t *testing.T, table string) int {
	t.Helper()
	_, body, err := n.get("/tables/"+table+"/idealstate", n.controller)
	if err != nil {
		t.Fatal(err)
	}
	return strings.Count(string(body), "ONLINE")
}

func (n *node) readTopic(ctx context.Context, t *testing.T, topic string) []*kgo.Record {
	t.Helper()
	client, err := kgo.NewClient(kgo.SeedBrokers(fmt.Sprintf("127.0.0.1:%d", n.kafkaPort)), kgo.ConsumeTopics(topic),
		kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()))
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	ends, err := kadm.NewClient(client).ListEndOffsets(ctx, topic)
	if err != nil {
		t.Fatal(err)
	}
	var total int64
	ends.Each(func(o kadm.ListedOffset) { total += o.Offset })
	var records []*kgo.Record
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	for int64(len(records)) < total {
		fetches := client.PollFetches(ctx)
		if err := fetches.Err(); err != nil {
			t.Fatalf("read %s: %v after %d of %d", topic, err, len(records), total)
		}
		fetches.EachRecord(func(r *kgo.Record) { records = append(records, r) })
	}
	return records
}
