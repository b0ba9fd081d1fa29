package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"
	"golang.org/x/sync/errgroup"

	"github.com/freshetdb/freshet/test/events"
)

const (
	probeEvery  = 20 * time.Millisecond
	probeDevice = "probe"
	loadEvery   = time.Millisecond
	// drainWait is how long the last probes may take to be seen.
	drainWait = 10 * time.Second
	sealPoll  = 200 * time.Millisecond
)

// tableConfig is that of the bench's event table with a name, a topic, a broker list and a row threshold.
const tableConfig = `{"tableName": "%s", "tableType": "REALTIME", "segmentsConfig": {"timeColumnName": "ts", "replication": "1"}, "tenants": {},
 "tableIndexConfig": {"streamConfigs": {"streamType": "kafka", "stream.kafka.topic.name": "%s", "stream.kafka.broker.list": "%s",
  "stream.kafka.decoder.class.name": "KafkaJSONMessageDecoder", "stream.kafka.consumer.prop.auto.offset.reset": "smallest",
  "realtime.segment.flush.threshold.rows": "%d"}}, "metadata": {}}`

// probeQuery gives the newest tag: the userId of probes counts up.
const probeQuery = `SELECT max("userId") FROM "%s" WHERE device = '` + probeDevice + `'`

// session is one measurement.
type session struct {
	o     options
	node  *nodeProcess
	topic string
	scans scans

	began     time.Time // of probing
	queries   int
	slowQuery time.Duration
	seals     []time.Duration // when a sealed segment was first seen, since began
	latencies []probe

	// Of what runs beside the probes; read when it has ended.
	loops      []looped
	aggregates []sample
	evicted    []eviction

	mu struct {
		sync.Mutex
		sent  []time.Time // by tag
		acked []time.Duration
	}
}

// probe is one tagged record that was seen.
type probe struct {
	tag         int
	at, latency time.Duration
}

// flushRows is the threshold that makes o.seals segments seal within the run, spread over it.
func (o options) flushRows() int {
	total := float64(o.rate) * (o.duration + warmUp).Seconds() / float64(o.partitions)
	return max(int(total/(float64(o.seals)+0.5)), 1)
}

func (s *session) createTable(ctx context.Context) error {
	client, err := kgo.NewClient(kgo.SeedBrokers(s.o.kafka))
	if err != nil {
		return err
	}
	defer client.Close()
	if _, err := kadm.NewClient(client).CreateTopic(ctx, int32(s.o.partitions), 1, nil, s.topic); err != nil {
		return fmt.Errorf("cannot create topic %s: %w", s.topic, err)
	}
	schema := strings.Replace(events.Schema, `"schemaName": "events"`, `"schemaName": `+strconv.Quote(s.o.table), 1)
	body, err := json.Marshal(map[string]json.RawMessage{"tableName": json.RawMessage(strconv.Quote(s.o.table)), "schema": json.RawMessage(schema),
		"realtime": json.RawMessage(fmt.Sprintf(tableConfig, s.o.table, s.topic, s.o.kafka, s.o.flushRows()))})
	if err != nil {
		return err
	}
	resp, err := http.Post(fmt.Sprintf("http://127.0.0.1:%d/tableConfigs", s.node.controller), "application/json", bytes.NewReader(body))
	if err != nil {
		return err
	}
	answer, err := io.ReadAll(io.LimitReader(resp.Body, 1<<16))
	if err = errors.Join(err, resp.Body.Close()); err != nil || resp.StatusCode != http.StatusOK {
		return fmt.Errorf("create table: %s %s %w", resp.Status, answer, err)
	}
	return s.node.waitReady(ctx, s.o.table)
}

func newProducer(addr string) (*kgo.Client, error) {
	return kgo.NewClient(kgo.SeedBrokers(addr), kgo.ProducerLinger(0), kgo.RecordPartitioner(kgo.ManualPartitioner()),
		kgo.ProducerBatchCompression(kgo.NoCompression()))
}

// run is the load with the prober in its midst.
func (s *session) run(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	loadCtx, stopLoad := context.WithCancel(ctx)
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error { return s.load(loadCtx) })
	if s.o.scans > 0 {
		group.Go(func() error { return s.mix(loadCtx) })
	}
	group.Go(func() error { return s.beside(loadCtx) })
	group.Go(func() error {
		defer stopLoad()
		if !sleep(ctx, warmUp) {
			return ctx.Err()
		}
		return s.probe(ctx)
	})
	return group.Wait()
}

func sleep(ctx context.Context, d time.Duration) bool {
	select {
	case <-ctx.Done():
		return false
	case <-time.After(d):
		return true
	}
}

// load produces rows at the rate, a few per millisecond, until ctx ends.
func (s *session) load(ctx context.Context) error {
	client, err := newProducer(s.o.kafka)
	if err != nil {
		return err
	}
	defer client.Close()
	var mu sync.Mutex
	var failed error
	g := events.New(1, int64(1+s.o.rate)*int64((s.o.duration+warmUp+drainWait).Seconds()*2))
	var row events.Row
	began, produced := time.Now(), 0
	tick := time.NewTicker(loadEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			mu.Lock()
			defer mu.Unlock()
			return failed
		case <-tick.C:
		}
		for due := int(time.Since(began).Seconds() * float64(s.o.rate)); produced < due && g.Next(&row); produced++ {
			r := &kgo.Record{Topic: s.topic, Partition: int32(produced % s.o.partitions), Value: row.AppendJSON(make([]byte, 0, 320))}
			client.Produce(context.WithoutCancel(ctx), r, func(_ *kgo.Record, err error) {
				if err != nil {
					mu.Lock()
					failed = fmt.Errorf("load: %w", err)
					mu.Unlock()
				}
			})
		}
	}
}

// probe sends probes and looks for them for the duration.
func (s *session) probe(ctx context.Context) error {
	s.began = time.Now()
	group, ctx := errgroup.WithContext(ctx)
	sending := make(chan struct{})
	group.Go(func() error {
		defer close(sending)
		return s.sendProbes(ctx)
	})
	group.Go(func() error { return s.look(ctx, sending) })
	group.Go(func() error { return s.watchSeals(ctx, sending) })
	return group.Wait()
}

func (s *session) sendProbes(ctx context.Context) error {
	client, err := newProducer(s.o.kafka)
	if err != nil {
		return err
	}
	defer client.Close()
	tick := time.NewTicker(probeEvery)
	defer tick.Stop()
	row := events.Row{TS: time.Now().UnixMilli(), Country: "zz", Device: probeDevice, Campaign: "probe", URL: "https://www.example.com/probe", Status: "ok"}
	for time.Since(s.began) < s.o.duration {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-tick.C:
		}
		s.mu.Lock()
		tag, sent := len(s.mu.sent), time.Now()
		row.UserID = int64(tag)
		s.mu.sent, s.mu.acked = append(s.mu.sent, sent), append(s.mu.acked, 0)
		s.mu.Unlock()
		r := &kgo.Record{Topic: s.topic, Partition: 0, Value: row.AppendJSON(make([]byte, 0, 320))}
		client.Produce(ctx, r, func(_ *kgo.Record, err error) {
			if err != nil {
				fmt.Println("probe:", err)
			}
			s.mu.Lock()
			s.mu.acked[tag] = time.Since(sent)
			s.mu.Unlock()
		})
	}
	return client.Flush(ctx)
}

// look loops the query; a rise of the newest tag ends the wait of every probe up to it.
func (s *session) look(ctx context.Context, sending <-chan struct{}) error {
	conn, err := s.connect(ctx)
	if err != nil {
		return err
	}
	defer func() {
		if err := conn.Close(context.WithoutCancel(ctx)); err != nil {
			fmt.Println("close:", err)
		}
	}()
	if _, err := conn.Prepare(ctx, "newest", fmt.Sprintf(probeQuery, s.o.table)); err != nil {
		return err
	}
	var end <-chan time.Time
	for next := 0; ; {
		asked := time.Now()
		var newest *int64
		if err := conn.QueryRow(ctx, "newest").Scan(&newest); err != nil {
			return fmt.Errorf("probe query: %w", err)
		}
		now := time.Now()
		s.queries++
		s.slowQuery = max(s.slowQuery, now.Sub(asked))
		s.mu.Lock()
		for ; newest != nil && int64(next) <= *newest; next++ {
			sent := s.mu.sent[next]
			s.latencies = append(s.latencies, probe{tag: next, at: sent.Sub(s.began), latency: now.Sub(sent)})
		}
		missing := len(s.mu.sent) - next
		s.mu.Unlock()
		select {
		case <-sending:
			if missing == 0 {
				return nil
			}
			if end == nil {
				end = time.After(drainWait)
			}
		case <-end:
			return fmt.Errorf("%d probes were not seen within %v", missing, drainWait)
		default:
		}
		if s.o.poll > 0 && !sleep(ctx, s.o.poll) {
			return ctx.Err()
		}
	}
}

// watchSeals notes when segments are seen to be committed.
func (s *session) watchSeals(ctx context.Context, sending <-chan struct{}) error {
	for {
		resp, err := http.Get(fmt.Sprintf("http://127.0.0.1:%d/tables/%s/idealstate", s.node.controller, s.o.table))
		if err != nil {
			return err
		}
		body, err := io.ReadAll(io.LimitReader(resp.Body, 1<<20))
		if err = errors.Join(err, resp.Body.Close()); err != nil {
			return err
		}
		for n := strings.Count(string(body), "ONLINE"); len(s.seals) < n; {
			s.seals = append(s.seals, time.Since(s.began))
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-sending:
			return nil
		case <-time.After(sealPoll):
		}
	}
}

// report prints the percentiles.
func (s *session) report(w io.Writer) error {
	if len(s.latencies) == 0 {
		return errors.New("no probe was seen")
	}
	var out strings.Builder
	sorted := slices.Clone(s.latencies)
	slices.SortFunc(sorted, func(a, b probe) int { return int(a.latency - b.latency) })
	seen := make([]time.Duration, len(sorted))
	for i, p := range sorted {
		seen[i] = p.latency
	}
	s.mu.Lock() // the last acknowledgements may come after the last row was seen
	defer s.mu.Unlock()
	acked := slices.Sorted(slices.Values(s.mu.acked))
	fmt.Fprintf(&out, "probes %d, queries %d (slowest %s ms), seals %d\n", len(sorted), s.queries, millis(s.slowQuery), len(s.seals))
	fmt.Fprintf(&out, "freshness %s\n", percentiles(seen))
	fmt.Fprintf(&out, "of it Kafka's acknowledgement %s\n", percentiles(acked))
	s.scans.report(&out)
	if s.o.verbose {
		for _, p := range sorted[max(0, len(sorted)-20):] {
			fmt.Fprintf(&out, "  sent at %7.2f s: %s ms, acknowledged after %s ms\n", p.at.Seconds(), millis(p.latency), millis(s.mu.acked[p.tag]))
		}
		for i, d := range s.seals {
			fmt.Fprintf(&out, "  segment %d seen sealed at %.2f s\n", i, d.Seconds())
		}
	}
	_, err := io.WriteString(w, out.String())
	err = errors.Join(err, s.reportBeside(seen, acked))
	if err == nil && len(s.seals) < s.o.seals {
		err = fmt.Errorf("%d segments sealed, want %d", len(s.seals), s.o.seals)
	}
	return err
}

// percentiles of sorted durations.
func percentiles(d []time.Duration) string {
	at := func(q float64) string { return millis(d[min(int(q*float64(len(d))), len(d)-1)]) }
	return fmt.Sprintf("p50 %s ms, p90 %s ms, p99 %s ms, max %s ms", at(0.5), at(0.9), at(0.99), at(1))
}

func millis(d time.Duration) string { return fmt.Sprintf("%.2f", float64(d.Microseconds())/1000) }
