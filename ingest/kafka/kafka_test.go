package kafka_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"go.uber.org/goleak"

	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/ingest"
	"github.com/freshetdb/freshet/ingest/kafka"
	"github.com/freshetdb/freshet/internal/clock"
	"github.com/freshetdb/freshet/internal/errs"
	"github.com/freshetdb/freshet/internal/vfs"
)

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m, goleak.IgnoreAnyFunction("github.com/twmb/franz-go/pkg/kfake.(*Cluster).listen"))
}

const topic = "orders"

func cluster(t *testing.T, opts ...kfake.Opt) *kfake.Cluster {
	t.Helper()
	c, err := kfake.NewCluster(append([]kfake.Opt{kfake.NumBrokers(1)}, opts...)...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

func create(t *testing.T, c *kfake.Cluster, partitions int32) {
	t.Helper()
	if err := c.CreateTopic(topic, partitions, nil); err != nil {
		t.Fatal(err)
	}
}

func table(brokers []string, props ...string) *catalog.Table {
	p := map[string]string{}
	for i := 0; i < len(props); i += 2 {
		p[props[i]] = props[i+1]
	}
	return &catalog.Table{Name: topic, Stream: catalog.Stream{Topic: topic, Brokers: brokers, Props: p}}
}

func options() kafka.Options {
	return kafka.Options{FS: vfs.OS(), Clock: clock.Real{}, Logger: slog.New(slog.NewTextHandler(io.Discard, nil)), MonitorEvery: 50 * time.Millisecond}
}

func open(t *testing.T, brokers []string, props ...string) ingest.Stream {
	t.Helper()
	s, err := kafka.Open(table(brokers, props...), options())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s
}

func producer(t *testing.T, brokers []string, opts ...kgo.Opt) *kgo.Client {
	t.Helper()
	cl, err := kgo.NewClient(append([]kgo.Opt{kgo.SeedBrokers(brokers...), kgo.DefaultProduceTopic(topic), kgo.ProducerLinger(0),
		kgo.RecordPartitioner(kgo.ManualPartitioner()), kgo.MetadataMinAge(20 * time.Millisecond)}, opts...)...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(cl.Close)
	return cl
}

func produce(t *testing.T, cl *kgo.Client, partition int32, from, to int) (want []string) {
	t.Helper()
	var recs []*kgo.Record
	for i := from; i < to; i++ {
		v := fmt.Sprintf("v%d", i)
		want = append(want, v)
		recs = append(recs, &kgo.Record{Partition: partition, Value: []byte(v), Timestamp: time.UnixMilli(int64(1000 * i))})
	}
	if err := cl.ProduceSync(ctx(t), recs...).FirstErr(); err != nil {
		t.Fatal(err)
	}
	return want
}

func ctx(t *testing.T) context.Context {
	t.Helper()
	c, cancel := context.WithTimeout(context.Background(), 8*time.Second)
	t.Cleanup(cancel)
	return c
}

func fetch(t *testing.T, s ingest.Stream, partition int32, offset int64, epoch int32) ingest.Fetcher {
	t.Helper()
	f, err := s.Open(partition, offset, epoch)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(f.Close)
	return f
}

// take polls until n records came.
func take(t *testing.T, f ingest.Fetcher, n int) (values []string, last ingest.Polled) {
	t.Helper()
	c := ctx(t)
	for len(values) < n {
		p, err := f.Poll(c)
		if err != nil {
			t.Fatalf("after %d of %d records: %v", len(values), n, err)
		}
		for _, r := range p.Records {
			values = append(values, string(r.Value))
		}
		last = p
	}
	return values, last
}

// failure polls until an error comes.
func failure(t *testing.T, f ingest.Fetcher) error {
	t.Helper()
	c := ctx(t)
	for {
		if _, err := f.Poll(c); err != nil {
			if c.Err() != nil {
				t.Fatal("no error came")
			}
			return err
		}
	}
}

func same(t *testing.T, got, want []string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Fatalf("got %d records %.200q, want %d %.200q", len(got), got, len(want), want)
	}
}

func TestConsume(t *testing.T) {
	c := cluster(t)
	create(t, c, 3)
	s := open(t, c.ListenAddrs())
	d, err := s.Describe(ctx(t))
	if err != nil || d.Name != topic || d.ID == "" || !slices.Equal(d.Partitions, []int32{0, 1, 2}) {
		t.Fatalf("%+v, %v", d, err)
	}
	cl := producer(t, c.ListenAddrs())
	want0, want2 := produce(t, cl, 0, 0, 300), produce(t, cl, 2, 500, 510)
	f0, f2 := fetch(t, s, 0, 0, -1), fetch(t, s, 2, 4, -1)
	got, p := take(t, f0, 300)
	same(t, got, want0)
	if p.NextOffset != 300 || p.HighWatermark != 300 {
		t.Fatalf("%+v", p)
	}
	if r := p.Records[len(p.Records)-1]; r.Offset != 299 || r.TimestampMs != 299000 || r.LeaderEpoch < 0 {
		t.Fatalf("%+v", r)
	}
	got, _ = take(t, f2, 6)
	same(t, got, want2[4:])
	if _, err := s.Open(0, 0, -1); err == nil {
		t.Fatal("a partition is open twice")
	}
}

func TestFreshness(t *testing.T) {
	c := cluster(t)
	create(t, c, 1)
	s, cl := open(t, c.ListenAddrs()), producer(t, c.ListenAddrs())
	f := fetch(t, s, 0, 0, -1)
	produce(t, cl, 0, 0, 1)
	take(t, f, 1)
	var worst time.Duration
	for i := 1; i <= 20; i++ {
		time.Sleep(5 * time.Millisecond) // the fetch hangs at the broker
		start := clock.Real{}.Now()
		produce(t, cl, 0, i, i+1)
		take(t, f, 1)
		worst = max(worst, clock.Real{}.Now().Sub(start))
	}
	if worst > 100*time.Millisecond {
		t.Fatalf("a record came after %v", worst)
	}
}

func TestPositions(t *testing.T) {
	c := cluster(t)
	create(t, c, 1)
	s, cl := open(t, c.ListenAddrs()), producer(t, c.ListenAddrs())
	produce(t, cl, 0, 0, 10)
	if err := c.DeleteRecords(topic, 0, 3); err != nil {
		t.Fatal(err)
	}
	for from, want := range map[ingest.Position]int64{ingest.Smallest: 3, ingest.Largest: 10, 5500: 6, 5000: 5, 99_000: 10} {
		got, err := s.ResolveOffset(ctx(t), 0, from)
		if err != nil || got != want {
			t.Errorf("position %d is offset %d, want %d: %v", from, got, want, err)
		}
	}
	start, end, err := s.Offsets(ctx(t), 0)
	if err != nil || start != 3 || end != 10 {
		t.Fatalf("%d to %d, %v", start, end, err)
	}
	if _, _, err = s.Offsets(ctx(t), 7); !errors.Is(err, ingest.ErrTopicMissing) {
		t.Fatalf("partition 7: %v", err)
	}
}

func TestTransactions(t *testing.T) {
	for _, isolation := range []string{"", "read_uncommitted"} {
		t.Run("isolation "+isolation, func(t *testing.T) {
			c := cluster(t)
			create(t, c, 1)
			s := open(t, c.ListenAddrs(), "stream.kafka.isolation.level", isolation)
			cl := producer(t, c.ListenAddrs(), kgo.TransactionalID("tx"))
			transact := func(from, to int, commit kgo.TransactionEndTry) []string {
				if err := cl.BeginTransaction(); err != nil {
					t.Fatal(err)
				}
				vs := produce(t, cl, 0, from, to)
				if err := cl.EndTransaction(ctx(t), commit); err != nil {
					t.Fatal(err)
				}
				return vs
			}
			a, b, d := transact(0, 3, kgo.TryCommit), transact(3, 6, kgo.TryAbort), transact(6, 8, kgo.TryCommit)
			want := slices.Concat(a, d)
			if isolation != "" {
				want = slices.Concat(a, b, d)
			}
			f := fetch(t, s, 0, 0, -1)
			got, p := take(t, f, len(want))
			same(t, got, want)
			for p.NextOffset < 11 { // three markers: the position passes the last one
				var err error
				if p, err = f.Poll(ctx(t)); err != nil {
					t.Fatal(err)
				}
				if len(p.Records) != 0 {
					t.Fatalf("more records: %+v", p)
				}
			}
			if _, end, err := s.Offsets(ctx(t), 0); err != nil || end != 11 {
				t.Fatalf("end %d, %v", end, err)
			}
		})
	}
}

func TestExpiredAndTruncatedPositions(t *testing.T) {
	c := cluster(t)
	create(t, c, 1)
	s, cl := open(t, c.ListenAddrs()), producer(t, c.ListenAddrs())
	produce(t, cl, 0, 0, 10)
	if err := c.DeleteRecords(topic, 0, 4); err != nil {
		t.Fatal(err)
	}
	for _, k := range []struct {
		offset     int64
		reason     error
		start, end int64
	}{{2, ingest.ErrOffsetExpired, 4, 10}, {25, ingest.ErrTruncated, 4, 10}} {
		f := fetch(t, s, 0, k.offset, -1)
		err := failure(t, f)
		p, ok := ingest.AsPositionError(err)
		if !errors.Is(err, k.reason) || !ok || p.Start != k.start || p.End != k.end || p.Offset != k.offset {
			t.Fatalf("offset %d: %v", k.offset, err)
		}
		f.Close()
	}
	got, _ := take(t, fetch(t, s, 0, 4, -1), 6)
	if got[0] != "v4" {
		t.Fatal(got)
	}
}

func TestTopicMissingDeletedRecreated(t *testing.T) {
	c := cluster(t)
	s := open(t, c.ListenAddrs())
	if _, err := s.Describe(ctx(t)); !errors.Is(err, ingest.ErrTopicMissing) || errs.ClassOf(err) != errs.ClassUnavailable {
		t.Fatalf("got %v", err)
	}
	create(t, c, 2)
	first := described(t, s, "")
	cl := producer(t, c.ListenAddrs())
	produce(t, cl, 0, 0, 5)
	f0, f1 := fetch(t, s, 0, 0, -1), fetch(t, s, 1, 0, -1)
	take(t, f0, 5)
	if err := c.DeleteTopic(topic); err != nil {
		t.Fatal(err)
	}
	if err := failure(t, f0); !errors.Is(err, ingest.ErrTopicMissing) {
		t.Fatalf("deleted: %v", err)
	}
	f0.Close()
	create(t, c, 2)
	described(t, s, first.ID)
	if err := failure(t, f1); !errors.Is(err, ingest.ErrTopicMissing) && !errors.Is(err, ingest.ErrTopicRecreated) {
		t.Fatalf("recreated: %v", err)
	}
	f1.Close()
	want := produce(t, producer(t, c.ListenAddrs()), 0, 20, 23)
	got, _ := take(t, fetch(t, s, 0, 0, -1), 3) // opened under the new identity
	same(t, got, want)
}

// described waits until the topic has an identity other than not: metadata may lag a little.
func described(t *testing.T, s ingest.Stream, not string) (d ingest.Topic) {
	t.Helper()
	wait(t, "described", func() bool {
		var err error
		d, err = s.Describe(ctx(t))
		return err == nil && d.ID != not
	})
	return d
}

func TestTopicRecreatedBetweenTwoChecks(t *testing.T) {
	c := cluster(t)
	create(t, c, 1)
	s := open(t, c.ListenAddrs())
	first, err := s.Describe(ctx(t))
	if err != nil {
		t.Fatal(err)
	}
	produce(t, producer(t, c.ListenAddrs()), 0, 0, 5)
	f := fetch(t, s, 0, 0, -1)
	take(t, f, 5)
	if err := c.DeleteTopic(topic); err != nil {
		t.Fatal(err)
	}
	create(t, c, 1)
	produce(t, producer(t, c.ListenAddrs()), 0, 50, 60)
	err = failure(t, f)
	p, ok := ingest.AsPositionError(err)
	if errors.Is(err, ingest.ErrTopicMissing) {
		t.Skip("the check fell between deletion and creation")
	}
	if !ok || !errors.Is(err, ingest.ErrTopicRecreated) || p.WasID != first.ID || p.NowID == first.ID || !strings.Contains(err.Error(), first.ID) {
		t.Fatalf("got %v", err)
	}
}

func TestBrokerRestart(t *testing.T) {
	dir := t.TempDir()
	c := cluster(t, kfake.DataDir(dir))
	create(t, c, 1)
	addrs := c.ListenAddrs()
	var port int
	if _, err := fmt.Sscanf(addrs[0][strings.LastIndexByte(addrs[0], ':')+1:], "%d", &port); err != nil {
		t.Fatal(err)
	}
	s := open(t, addrs)
	want := produce(t, producer(t, addrs), 0, 0, 5)
	f := fetch(t, s, 0, 0, -1)
	got, _ := take(t, f, 5)
	c.Close()
	health := s.(ingest.HealthReporter)
	wait(t, "unhealthy", func() bool { return health.Health() != nil })
	if _, err := s.Describe(shortly(t)); errs.ClassOf(err) != errs.ClassUnavailable {
		t.Fatalf("describe while down: %v", err)
	}
	cluster(t, kfake.DataDir(dir), kfake.Ports(port))
	want = append(want, produce(t, producer(t, addrs), 0, 5, 9)...)
	more, _ := take(t, f, 4)
	same(t, append(got, more...), want)
	wait(t, "healthy", func() bool { return health.Health() == nil })
}

func shortly(t *testing.T) context.Context {
	c, cancel := context.WithTimeout(context.Background(), 300*time.Millisecond)
	t.Cleanup(cancel)
	return c
}

func wait(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for range 800 {
		if ok() {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Fatalf("never %s", what)
}

func TestPauseAndSlowReader(t *testing.T) {
	c := cluster(t)
	create(t, c, 2)
	s, cl := open(t, c.ListenAddrs()), producer(t, c.ListenAddrs())
	f0, f1 := fetch(t, s, 0, 0, -1), fetch(t, s, 1, 0, -1)
	big := strings.Repeat("x", 64<<10)
	const n = 200 // 12.8 MB, beyond the bound of a queue
	for i := range n {
		if err := cl.ProduceSync(ctx(t), &kgo.Record{Partition: 0, Value: []byte(fmt.Sprintf("%d-%s", i, big))}).FirstErr(); err != nil {
			t.Fatal(err)
		}
	}
	want := produce(t, cl, 1, 0, 5) // the other partition goes on while nobody reads the first
	got, _ := take(t, f1, 5)
	same(t, got, want)
	values, _ := take(t, f0, n)
	for i, v := range values {
		if !strings.HasPrefix(v, fmt.Sprintf("%d-x", i)) {
			t.Fatalf("record %d is %.20q", i, v)
		}
	}
	f1.Pause()
	produce(t, cl, 1, 5, 7)
	if p, err := f1.Poll(shortly(t)); err == nil && len(p.Records) > 0 {
		// What was on its way may come; no later record may.
		produce(t, cl, 1, 7, 9)
		if p, err = f1.Poll(shortly(t)); err == nil {
			t.Fatalf("paused and got %+v", p)
		}
		f1.Resume()
		take(t, f1, 2)
		return
	}
	f1.Resume()
	got, _ = take(t, f1, 2)
	same(t, got, []string{"v5", "v6"})
}

func TestSASLAndBadCredentials(t *testing.T) {
	c := cluster(t, kfake.EnableSASL(), kfake.Superuser("SCRAM-SHA-256", "alice", `pass"word`), kfake.Superuser("PLAIN", "bob", "secret"))
	create(t, c, 1)
	jaas := `org.apache.kafka.common.security.scram.ScramLoginModule required username="alice" password="pass\"word";`
	for _, props := range [][]string{
		{"security.protocol", "SASL_PLAINTEXT", "sasl.mechanism", "SCRAM-SHA-256", "sasl.jaas.config", jaas},
		{"security.protocol", "SASL_PLAINTEXT", "sasl.mechanism", "PLAIN", "sasl.username", "bob", "sasl.password", "secret"},
	} {
		if _, err := open(t, c.ListenAddrs(), props...).Describe(ctx(t)); err != nil {
			t.Error(err)
		}
	}
	s := open(t, c.ListenAddrs(), "security.protocol", "SASL_PLAINTEXT", "sasl.mechanism", "PLAIN", "sasl.username", "bob", "sasl.password", "wrong")
	if _, err := s.Describe(shortly(t)); errs.ClassOf(err) != errs.ClassUnavailable {
		t.Errorf("wrong password: %v", err)
	}
}

func TestDeadLetters(t *testing.T) {
	c := cluster(t)
	create(t, c, 1)
	if err := c.CreateTopic("dead", 1, nil); err != nil {
		t.Fatal(err)
	}
	tab := table(c.ListenAddrs())
	tab.Ingestion.DeadLetterTopic = "dead"
	l, end, err := kafka.OpenDeadLetters(tab, options())
	if err != nil {
		t.Fatal(err)
	}
	value := []byte("{broken")
	l.Send(3, ingest.Record{Value: value, Offset: 77, Headers: []ingest.Header{{Key: "h", Value: []byte("x")}}}, errors.New("not JSON"))
	copy(value, "XXXXXXX") // the record's memory is the fetcher's
	end()
	tab.Stream.Topic = "dead"
	s, err := kafka.Open(tab, options())
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	f := fetch(t, s, 0, 0, -1)
	p, err := f.Poll(ctx(t))
	if err != nil || len(p.Records) != 1 || string(p.Records[0].Value) != "{broken" {
		t.Fatalf("%+v, %v", p, err)
	}
	headers := map[string]string{}
	for _, h := range p.Records[0].Headers {
		headers[h.Key] = string(h.Value)
	}
	want := map[string]string{"freshet.topic": topic, "freshet.partition": "3", "freshet.offset": "77", "freshet.reason": "not JSON", "h": "x"}
	for k, v := range want {
		if headers[k] != v {
			t.Errorf("header %s is %q, want %q", k, headers[k], v)
		}
	}
}

func TestClosedStream(t *testing.T) {
	c := cluster(t)
	create(t, c, 1)
	s := open(t, c.ListenAddrs())
	f := fetch(t, s, 0, 0, -1)
	s.Close()
	if err := failure(t, f); !errors.Is(err, ingest.ErrClosed) {
		t.Fatal(err)
	}
	if _, err := s.Open(0, 0, -1); !errors.Is(err, ingest.ErrClosed) {
		t.Fatal(err)
	}
	s.Close()
	f.Close()
	f.Close()
}
