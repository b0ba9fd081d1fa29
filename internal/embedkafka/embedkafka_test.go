package embedkafka

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func start(t *testing.T, cfg Config) *Server {
	t.Helper()
	s, err := Start(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

func connect(t *testing.T, s *Server, opts ...kgo.Opt) *kgo.Client {
	t.Helper()
	client, err := kgo.NewClient(append([]kgo.Opt{kgo.SeedBrokers(s.Addr()), kgo.ProducerLinger(0), kgo.ProducerBatchMaxBytes(16 << 20), kgo.MetadataMinAge(10 * time.Millisecond),
		kgo.UnknownTopicRetries(1), kgo.RecordPartitioner(kgo.ManualPartitioner())}, opts...)...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.Close)
	return client
}

func deadline(t *testing.T) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	t.Cleanup(cancel)
	return ctx
}

// TestRecordsSurviveRestart stops a broker and starts it again over the same folder.
func TestRecordsSurviveRestart(t *testing.T) {
	dir := t.TempDir()
	for round := range 3 {
		s, err := Start(Config{Dir: dir, Addr: "127.0.0.1:0", Sync: round == 0})
		if err != nil {
			t.Fatal(err)
		}
		if err := s.EnsureTopics(2, "a", "b"); err != nil {
			t.Fatal(err)
		}
		if ends := fmt.Sprint(s.HighWatermarks("a"), s.HighWatermarks("b")); ends != fmt.Sprintf("[0 %d] [0 0]", 3*round) {
			t.Fatalf("round %d: ends are %s", round, ends)
		}
		client := connect(t, s)
		for i := range 3 {
			if err := client.ProduceSync(deadline(t), &kgo.Record{Topic: "a", Partition: 1, Value: []byte(fmt.Sprint(round, i))}).FirstErr(); err != nil {
				t.Fatal(err)
			}
		}
		client.Close()
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
	s := start(t, Config{Dir: dir, Addr: "127.0.0.1:0"})
	client := connect(t, s, kgo.ConsumeTopics("a"), kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()))
	var got []string
	for len(got) < 9 {
		fetches := client.PollFetches(deadline(t))
		if err := fetches.Err(); err != nil {
			t.Fatal(err)
		}
		fetches.EachRecord(func(r *kgo.Record) { got = append(got, string(r.Value)) })
	}
	if want := "0 0,0 1,0 2,1 0,1 1,1 2,2 0,2 1,2 2"; strings.Join(got, ",") != want {
		t.Errorf("got %v, want %s", got, want)
	}
}

func TestTopics(t *testing.T) {
	s := start(t, Config{Addr: "127.0.0.1:0", RetentionBytes: 5000})
	if err := s.EnsureTopics(3, "a", "a"); err != nil {
		t.Fatal(err)
	}
	if err := s.CreateTopic("a", 1); err != nil {
		t.Errorf("a topic that exists: %v", err)
	}
	for _, partitions := range []int{-1, 0, maxPartitions + 1} {
		if err := s.CreateTopic("b", partitions); err == nil {
			t.Errorf("%d partitions are accepted", partitions)
		}
	}
	if n := len(s.HighWatermarks("a")); n != 3 {
		t.Errorf("%d partitions, want 3", n)
	}
	if ends := s.HighWatermarks("missing"); ends != nil {
		t.Errorf("a missing topic has ends %v", ends)
	}
	client := connect(t, s)
	configs, err := kadm.NewClient(client).DescribeTopicConfigs(deadline(t), "a")
	if err != nil {
		t.Fatal(err)
	}
	settings := map[string]string{}
	for _, c := range configs[0].Configs {
		settings[c.Key] = c.MaybeValue()
	}
	if settings["retention.bytes"] != "5000" || settings["retention.ms"] != "-1" {
		t.Errorf("retention is %s bytes and %s ms", settings["retention.bytes"], settings["retention.ms"])
	}
	for range 3 {
		if err := client.ProduceSync(deadline(t), &kgo.Record{Topic: "a", Value: []byte("x")}).FirstErr(); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.DeleteRecords("a", 0, 2); err != nil {
		t.Fatal(err)
	}
	starts, err := kadm.NewClient(client).ListStartOffsets(deadline(t), "a")
	if err != nil {
		t.Fatal(err)
	}
	if o, _ := starts.Lookup("a", 0); o.Offset != 2 {
		t.Errorf("the log starts at %d, want 2", o.Offset)
	}
	if err := s.DeleteTopic("a"); err != nil {
		t.Fatal(err)
	}
	if s.HighWatermarks("a") != nil {
		t.Error("the topic is still there")
	}
}

// TestLimits: topics are not made by producing, and batches are bounded.
func TestLimits(t *testing.T) {
	s := start(t, Config{Addr: "127.0.0.1:0"})
	if err := s.EnsureTopics(1, "a"); err != nil {
		t.Fatal(err)
	}
	client := connect(t, s)
	if err := client.ProduceSync(deadline(t), &kgo.Record{Topic: "new", Value: []byte("x")}).FirstErr(); !errors.Is(err, kerr.UnknownTopicOrPartition) {
		t.Errorf("producing to a topic that does not exist: %v", err)
	}
	// Random-looking bytes: what is compressed away does not count.
	value := make([]byte, MaxMessageBytes+1024)
	for i, x := 0, uint64(1); i < len(value); i++ {
		x ^= x << 13
		x ^= x >> 7
		x ^= x << 17
		value[i] = byte(x)
	}
	if err := client.ProduceSync(deadline(t), &kgo.Record{Topic: "a", Value: value}).FirstErr(); !errors.Is(err, kerr.MessageTooLarge) {
		t.Errorf("a batch of %d bytes: %v", len(value), err)
	}
	if err := client.ProduceSync(deadline(t), &kgo.Record{Topic: "a", Value: value[:MaxMessageBytes/2]}).FirstErr(); err != nil {
		t.Error(err)
	}
}

func TestAddresses(t *testing.T) {
	for _, c := range []struct{ addr, advertise, want string }{
		{"127.0.0.1:0", "", "127.0.0.1"}, {"0.0.0.0:0", "", "127.0.0.1"}, {"0.0.0.0:0", "localhost", "localhost"}, {"localhost:0", "", "127.0.0.1"},
	} {
		s := start(t, Config{Addr: c.addr, Advertise: c.advertise})
		host, port, err := net.SplitHostPort(s.Addr())
		if err != nil || host != c.want && host != "::1" || port == "0" {
			t.Errorf("listening on %q, advertising %q: address %s, want host %s (%v)", c.addr, c.advertise, s.Addr(), c.want, err)
		}
		if err := connect(t, s).Ping(deadline(t)); err != nil {
			t.Errorf("%s: %v", s.Addr(), err)
		}
	}
}

func TestBadConfigs(t *testing.T) {
	first := start(t, Config{Addr: "127.0.0.1:0"})
	for _, c := range []struct {
		cfg  Config
		want string
	}{
		{Config{Addr: "nowhere"}, "missing port"},
		{Config{Addr: "127.0.0.1:kafka"}, "want 0 to 65535"},
		{Config{Addr: "127.0.0.1:70000"}, "want 0 to 65535"},
		{Config{Addr: first.Addr()}, "address already in use"},
		{Config{Addr: "127.0.0.1:0", RetentionBytes: -2}, "want -1 or more"},
	} {
		s, err := Start(c.cfg)
		if err == nil {
			t.Errorf("%+v is accepted", c.cfg)
			if err := s.Close(); err != nil {
				t.Error(err)
			}
		} else if !strings.Contains(err.Error(), c.want) {
			t.Errorf("%+v: %v, want %q", c.cfg, err, c.want)
		}
	}
}

func TestLogWriter(t *testing.T) {
	var out bytes.Buffer
	w := logWriter{slog.New(slog.NewTextHandler(&out, nil))}
	if n, err := w.Write([]byte("a line\n")); n != 7 || err != nil {
		t.Errorf("wrote %d bytes: %v", n, err)
	}
	if !strings.Contains(out.String(), `message="a line"`) {
		t.Errorf("logged %s", out.String())
	}
}
