//go:build kafka

package e2e

import (
	"context"
	"fmt"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/freshetdb/freshet/test/ports"
)

const script = "../kafka/kafka.sh"

func kafkaScript(t *testing.T, args ...string) {
	t.Helper()
	if out, err := exec.Command("bash", append([]string{script}, args...)...).CombinedOutput(); err != nil {
		t.Fatalf("kafka.sh %v: %v\n%s", args, err, out)
	}
}

// startKafka runs a real Apache Kafka for the test.
func startKafka(t *testing.T) (dir string, port int) {
	t.Helper()
	found, err := ports.Free(2) // the broker's controller listens on the second
	if err != nil {
		t.Fatal(err)
	}
	dir, port = filepath.Join(t.TempDir(), "kafka"), found[0]
	kafkaScript(t, "start", dir, strconv.Itoa(port))
	t.Cleanup(func() { kafkaScript(t, "kill", dir) })
	return dir, port
}

// TestBookOverKafka runs the shop and the Book's queries over a real Kafka.
func TestBookOverKafka(t *testing.T) {
	_, port := startKafka(t)
	s := newShop(t)
	s.realKafka, s.kafka = true, port
	s.run(t, 3000)
	checkBookQueries(t, s)
}

const eventSchema = `{"schemaName": "%s", "dimensionFieldSpecs": [{"name": "id", "dataType": "LONG"}],
 "dateTimeFieldSpecs": [{"name": "ts", "dataType": "TIMESTAMP", "format": "TIMESTAMP", "granularity": "1:MILLISECONDS"}]}`

const eventTable = `{"tableName": "%s", "tableType": "REALTIME", "segmentsConfig": {"timeColumnName": "ts"}, "tenants": {},
 "tableIndexConfig": {"streamConfigs": {"streamType": "kafka", "stream.kafka.topic.name": "%s", "stream.kafka.broker.list": "127.0.0.1:%d",
 "stream.kafka.decoder.class.name": "KafkaJSONMessageDecoder", "stream.kafka.consumer.prop.auto.offset.reset": "smallest",
 "realtime.segment.flush.threshold.rows": "500"}}, "metadata": {}}`

// TestStreamOverKafka holds transactions, compression, a killed broker and a recreated topic against a ledger.
func TestStreamOverKafka(t *testing.T) {
	dir, port := startKafka(t)
	addr := fmt.Sprintf("127.0.0.1:%d", port)
	s := newShop(t)
	s.realKafka, s.kafka = true, port
	s.run(t, 1)
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	defer cancel()
	client, err := kgo.NewClient(kgo.SeedBrokers(addr))
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	if _, err := kadm.NewClient(client).CreateTopic(ctx, 1, 1, nil, "events"); err != nil {
		t.Fatal(err)
	}
	s.post(t, "/schemas", fmt.Sprintf(eventSchema, "events"))
	s.post(t, "/tables", fmt.Sprintf(eventTable, "events", "events", port))
	want := 0
	for _, codec := range []kgo.CompressionCodec{kgo.NoCompression(), kgo.GzipCompression(), kgo.SnappyCompression(), kgo.Lz4Compression(), kgo.ZstdCompression()} {
		want += produceEvents(ctx, t, addr, want, 400, codec, "", true)
	}
	want += produceEvents(ctx, t, addr, want, 300, kgo.Lz4Compression(), "writer", true)
	produceEvents(ctx, t, addr, 1_000_000, 300, kgo.Lz4Compression(), "writer", false) // aborted: never a row
	want += produceEvents(ctx, t, addr, want, 300, kgo.Lz4Compression(), "writer", true)
	s.expect(t, want)
	kafkaScript(t, "kill", dir)
	s.until(t, "rows to be served while Kafka is down, with a notice", time.Minute, func() bool {
		got := s.psql(t, "SELECT count(*) FROM events")
		if rows := got[strings.LastIndexByte(got, '\n')+1:]; rows != strconv.Itoa(want) {
			t.Fatalf("with Kafka down %q, want %d rows", got, want)
		}
		return strings.Contains(got, "partition 0 of table events is UNAVAILABLE")
	})
	kafkaScript(t, "start", dir, strconv.Itoa(port))
	want += produceEvents(ctx, t, addr, want, 700, kgo.Lz4Compression(), "", true)
	s.expect(t, want)
	if got, sum := s.psql(t, "SELECT count(*), sum(id), min(id), max(id) FROM events"), want*(want-1)/2; got != fmt.Sprintf("%d|%d|0|%d", want, sum, want-1) {
		t.Errorf("got %s, want %d rows that sum to %d", got, want, sum)
	}
	if _, err := kadm.NewClient(client).DeleteTopic(ctx, "events"); err != nil {
		t.Fatal(err)
	}
	time.Sleep(time.Second)
	if _, err := kadm.NewClient(client).CreateTopic(ctx, 1, 1, nil, "events"); err != nil {
		t.Fatal(err)
	}
	s.until(t, "the recreated topic to be noticed", time.Minute, func() bool {
		out, err := exec.Command("curl", "-sS", fmt.Sprintf("http://127.0.0.1:%d/tables/events/ingestionErrors", s.controller)).CombinedOutput()
		return err == nil && strings.Contains(string(out), "ERROR") && strings.Contains(string(out), "created again")
	})
}

// produceEvents sends n events with ids from first, in one transaction where writer is set, committed or aborted.
func produceEvents(ctx context.Context, t *testing.T, addr string, first, n int, codec kgo.CompressionCodec, writer string, commit bool) int {
	t.Helper()
	opts := []kgo.Opt{kgo.SeedBrokers(addr), kgo.ProducerBatchCompression(codec), kgo.ProducerLinger(0)}
	if writer != "" {
		opts = append(opts, kgo.TransactionalID(writer))
	}
	client, err := kgo.NewClient(opts...)
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	if writer != "" {
		if err := client.BeginTransaction(); err != nil {
			t.Fatal(err)
		}
	}
	var records []*kgo.Record
	for i := range n {
		records = append(records, &kgo.Record{Topic: "events", Value: fmt.Appendf(nil, `{"id": %d, "ts": %d}`, first+i, 1767225600000+i)})
	}
	if err := client.ProduceSync(ctx, records...).FirstErr(); err != nil {
		t.Fatal(err)
	}
	if writer != "" {
		if err := client.EndTransaction(ctx, kgo.TransactionEndTry(commit)); err != nil {
			t.Fatal(err)
		}
	}
	return n
}

func (s *shop) post(t *testing.T, path, body string) {
	t.Helper()
	out, err := exec.Command("curl", "-sS", "--fail-with-body", "-X", "POST", fmt.Sprintf("http://127.0.0.1:%d%s", s.controller, path), "-d", body).CombinedOutput()
	if err != nil {
		t.Fatalf("POST %s: %v\n%s", path, err, out)
	}
}

func (s *shop) expect(t *testing.T, rows int) {
	t.Helper()
	s.until(t, fmt.Sprintf("%d rows", rows), time.Minute, func() bool {
		out, err := s.try("SELECT count(*) FROM events")
		return err == nil && out == strconv.Itoa(rows)
	})
}
