//go:build compat

package compat

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/freshetdb/freshet/internal/embedkafka"
	"github.com/freshetdb/freshet/test/ports"
)

// node is a freshet process and the Kafka that it reads.
type node struct {
	controller, postgres, http int
	kafka                      *embedkafka.Server
	dir, expected              string
}

// startNode runs TEST_BIN with a data directory of its own until the test ends.
func startNode(t *testing.T) *node {
	t.Helper()
	bin := os.Getenv("TEST_BIN")
	if bin == "" {
		t.Fatal("TEST_BIN is not set: run make test-clients")
	}
	kafka, err := embedkafka.Start(embedkafka.Config{Addr: "127.0.0.1:0"})
	if err != nil {
		t.Fatal(err)
	}
	found, err := ports.Free(4)
	if err != nil {
		t.Fatal(err)
	}
	n := &node{controller: found[0], postgres: found[1], http: found[2], kafka: kafka, dir: t.TempDir()}
	var out bytes.Buffer
	cmd := exec.Command(bin, "start", "--data-dir", filepath.Join(n.dir, "data"), "--controller-port", strconv.Itoa(n.controller),
		"--postgres-port", strconv.Itoa(n.postgres), "--http-port", strconv.Itoa(n.http), "--server-port", strconv.Itoa(found[3]))
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := cmd.Process.Signal(os.Interrupt); err != nil {
			t.Error(err)
		}
		if err := cmd.Wait(); err != nil {
			t.Errorf("freshet ended with %v", err)
		}
		if err := kafka.Close(); err != nil {
			t.Error(err)
		}
		for _, bad := range []string{"level=ERROR", "panicked"} {
			if bytes.Contains(out.Bytes(), []byte(bad)) {
				t.Errorf("freshet's log has %q", bad)
			}
		}
		if t.Failed() {
			t.Logf("freshet said:\n%s", out.Bytes())
		}
	})
	n.until(t, "the node to answer", func() bool {
		resp, err := http.Get(fmt.Sprintf("http://127.0.0.1:%d/health/ready", n.http))
		return err == nil && resp.Body.Close() == nil && resp.StatusCode == http.StatusOK
	})
	return n
}

func (n *node) until(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for end := time.Now().Add(time.Minute); !ok(); time.Sleep(50 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("waited a minute for %s", what)
		}
	}
}

// table is what createTable makes; its time column is the records' own time.
type table struct {
	name, topic string
	columns     []column
	keys        []string // primary key
}

func (c table) schema() map[string]any {
	var fields []map[string]any
	for _, col := range c.columns {
		field := map[string]any{"name": col.name, "dataType": col.dataType, "maxLength": 1 << 20}
		if col.multi {
			field["singleValueField"] = false
		}
		fields = append(fields, field)
	}
	at := map[string]any{"name": "at", "dataType": "TIMESTAMP", "format": "1:MILLISECONDS:EPOCH", "granularity": "1:MILLISECONDS"}
	return map[string]any{"schemaName": c.name, "dimensionFieldSpecs": fields, "dateTimeFieldSpecs": []any{at}, "primaryKeyColumns": c.keys}
}

func (n *node) createTable(t *testing.T, c table, extra map[string]any) {
	t.Helper()
	n.post(t, "/schemas", c.schema())
	config := map[string]any{"tableName": c.name, "tableType": "REALTIME", "segmentsConfig": map[string]any{"replication": "1", "timeColumnName": "at"},
		"tenants": map[string]any{}, "metadata": map[string]any{}, "tableIndexConfig": map[string]any{"streamConfigs": map[string]any{
			"streamType": "kafka", "stream.kafka.topic.name": c.topic, "stream.kafka.broker.list": n.kafka.Addr(),
			"stream.kafka.decoder.class.name":              "org.apache.pinot.plugin.stream.kafka.KafkaJSONMessageDecoder",
			"stream.kafka.consumer.prop.auto.offset.reset": "smallest"}}}
	for k, v := range extra {
		config[k] = v
	}
	n.post(t, "/tables", config)
}

func (n *node) post(t *testing.T, path string, body any) {
	t.Helper()
	raw, err := json.Marshal(body)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := http.Post(fmt.Sprintf("http://127.0.0.1:%d%s", n.controller, path), "application/json", bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if text, err := io.ReadAll(resp.Body); err != nil || resp.StatusCode != http.StatusOK {
		t.Fatalf("POST %s: %s %v\n%s", path, resp.Status, err, text)
	}
}

func (n *node) createTopic(t *testing.T, name string) {
	t.Helper()
	if err := n.kafka.CreateTopic(name, 1); err != nil {
		t.Fatal(err)
	}
}

func (n *node) produce(t *testing.T, topic string, values [][]byte) {
	t.Helper()
	client, err := kgo.NewClient(kgo.SeedBrokers(n.kafka.Addr()), kgo.DefaultProduceTopic(topic))
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	records := make([]*kgo.Record, len(values))
	for i, v := range values {
		records[i] = &kgo.Record{Value: v}
	}
	if err := client.ProduceSync(t.Context(), records...).FirstErr(); err != nil {
		t.Fatal(err)
	}
}

func (n *node) connect(t *testing.T, options string) *pgx.Conn {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), fmt.Sprintf("postgres://compat@127.0.0.1:%d/compat?%s", n.postgres, options))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := conn.Close(context.Background()); err != nil {
			t.Error(err)
		}
	})
	return conn
}

// expect waits for the rows of a table.
func (n *node) expect(t *testing.T, name string, rows int) {
	t.Helper()
	conn := n.connect(t, "")
	n.until(t, fmt.Sprintf("%d rows of %s", rows, name), func() bool {
		var got int
		err := conn.QueryRow(t.Context(), "SELECT count(*) FROM "+name).Scan(&got)
		return err == nil && got == rows
	})
}
