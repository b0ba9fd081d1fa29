//go:build crash

package crash

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/freshetdb/freshet/internal/embedkafka"
)

// kafkaServer is a Kafka that outlives freshet.
type kafkaServer struct {
	addr   string
	server *embedkafka.Server
	client *kgo.Client
}

func startKafka(t *testing.T) *kafkaServer {
	t.Helper()
	server, err := embedkafka.Start(embedkafka.Config{Dir: t.TempDir(), Addr: "127.0.0.1:0"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := server.Close(); err != nil {
			t.Error(err)
		}
	})
	client, err := kgo.NewClient(kgo.SeedBrokers(server.Addr()), kgo.ProducerLinger(0), kgo.RecordPartitioner(kgo.ManualPartitioner()))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.Close)
	return &kafkaServer{addr: server.Addr(), server: server, client: client}
}

// row is what a record becomes: every column of it.
type row struct {
	ID    int64    `json:"id"`
	Name  *string  `json:"name"`
	Score float64  `json:"score"`
	Tags  []string `json:"tags"`
	Flag  bool     `json:"flag"`
	TS    int64    `json:"ts"`
}

// text is the row as the comparison sees it, NULLs and arrays included.
func (r row) text() string {
	name := "NULL"
	if r.Name != nil {
		name = *r.Name
	}
	return fmt.Sprintf("%d|%s|%s|%s|%t|%d", r.ID, name, strconv.FormatFloat(r.Score, 'g', -1, 64), strings.Join(r.Tags, ","), r.Flag, r.TS)
}

// ledger is every row whose record the broker has acknowledged.
type ledger struct {
	kafka      *kafkaServer
	topic      string
	partitions int
	next       int64
	mu         struct {
		sync.Mutex
		rows map[int64]string // id -> text
	}
}

func newLedger(k *kafkaServer, topic string, partitions int) *ledger {
	l := &ledger{kafka: k, topic: topic, partitions: partitions}
	l.mu.rows = map[int64]string{}
	if err := k.server.CreateTopic(topic, partitions); err != nil {
		panic(err) // a test's own set-up
	}
	return l
}

func (l *ledger) rows() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.mu.rows)
}

// produce sends a batch and enters what was acknowledged.
func (l *ledger) produce(ctx context.Context, t *testing.T, rng *rand.Rand) {
	t.Helper()
	const batch = 200
	texts := map[int64]string{}
	records := make([]*kgo.Record, 0, batch)
	for range batch {
		r := l.make(rng)
		value, err := json.Marshal(r)
		if err != nil {
			t.Fatal(err)
		}
		texts[r.ID] = r.text()
		records = append(records, &kgo.Record{Topic: l.topic, Partition: int32(rng.IntN(l.partitions)), Value: value})
	}
	if err := l.kafka.client.ProduceSync(ctx, records...).FirstErr(); err != nil {
		t.Fatalf("produce: %v", err)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	for id, text := range texts {
		l.mu.rows[id] = text
	}
}

func (l *ledger) make(rng *rand.Rand) row {
	l.next++
	r := row{ID: l.next, Score: rng.NormFloat64() * 1e6, Flag: rng.IntN(2) == 0, TS: 1767225600000 + rng.Int64N(1e9), Tags: []string{}}
	if rng.IntN(10) > 0 {
		name := "name \"" + strconv.Itoa(rng.IntN(5000)) + "\" ü"
		r.Name = &name
	}
	for i := range 1 + rng.IntN(3) {
		r.Tags = append(r.Tags, "tag"+strconv.Itoa(i*rng.IntN(7)))
	}
	return r
}

// produceFor goes on for a time.
func (l *ledger) produceFor(ctx context.Context, t *testing.T, d time.Duration, rng *rand.Rand) {
	t.Helper()
	for end := time.Now().Add(d); time.Now().Before(end); {
		l.produce(ctx, t, rng)
		pause(ctx, 5*time.Millisecond)
	}
}

// produceUntil goes on until done is closed, at most a minute.
func (l *ledger) produceUntil(ctx context.Context, t *testing.T, done <-chan struct{}, rng *rand.Rand) {
	t.Helper()
	for end := time.Now().Add(time.Minute); time.Now().Before(end); {
		select {
		case <-done:
			return
		default:
			l.produce(ctx, t, rng)
			pause(ctx, 2*time.Millisecond)
		}
	}
	t.Fatal("the process did not reach its point within a minute of load")
}
