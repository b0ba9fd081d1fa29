package node

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
)

// ingestionErrors is the answer of GET /tables/{t}/ingestionErrors.
type ingestionErrors struct {
	RejectedRecords  int64 `json:"rejectedRecords"`
	ImplausibleTimes int64 `json:"implausibleTimes"`
	Samples          []struct {
		Topic     string `json:"topic"`
		Partition int32  `json:"partition"`
		Offset    int64  `json:"offset"`
		Reason    string `json:"reason"`
	} `json:"samples"`
}

func (r *rig) ingestionErrors(table string) (out ingestionErrors) {
	r.t.Helper()
	code, body := r.admin(http.MethodGet, "/tables/"+table+"/ingestionErrors", "")
	if err := json.Unmarshal([]byte(body), &out); err != nil || code != http.StatusOK {
		r.t.Fatalf("ingestionErrors: %d %s: %v", code, body, err)
	}
	return out
}

// badRecords are values that give no row, and a word of the reason.
var badRecords = []struct{ value, reason string }{
	{"this is not JSON", "JSON"},
	{`{"id": 1, "name": "cut`, "JSON"},
	{"", "the record ends"},
	{"\x00\xff\xfe", "JSON"},
	{"[1, 2, 3]", "object"},
	{`{"id": "twelve", "ts": 1767225600000}`, "id"},
	{`{"id": 99999999999999999999, "ts": 1767225600000}`, "id"},
	{`{"id": 5, "ts": "next tuesday"}`, "ts"},
	{`{"id": 5, "score": "much", "ts": 1767225600000}`, "score"},
}

// TestBadRecords mixes records that give no row into the stream of two tables, one of them with a dead-letter topic.
func TestBadRecords(t *testing.T) {
	t.Parallel()
	k := newKafka(t)
	k.topic("events", 2)
	k.topic("events-dead", 1)
	r := startRig(t)
	l := newLedger("events")
	offsets := map[int64]string{} // of partition 1
	for i, bad := range badRecords {
		l.produce(k, 1, 3)
		k.send("events", 1, bad.value)
		offsets[int64(i*4+3)] = bad.reason
	}
	l.produce(k, 0, 25)
	l.produce(k, 1, 5)
	spec := rowsPerSegment(12)
	spec.metadata = map[string]string{"freshet.deadLetterTopic": "events-dead"}
	r.createTable("events", k.addr, spec)
	r.compare(l)
	r.waitReady()
	got := r.ingestionErrors("events")
	if got.RejectedRecords != int64(len(badRecords)) || len(got.Samples) != len(badRecords) {
		t.Errorf("%d records are rejected, %d samples, want %d of each", got.RejectedRecords, len(got.Samples), len(badRecords))
	}
	for _, s := range got.Samples {
		reason, ok := offsets[s.Offset]
		if !ok || s.Topic != "events" || s.Partition != 1 || !containsAll(s.Reason, reason) {
			t.Errorf("sample %+v, want partition 1 and a reason with %q", s, reason)
		}
		delete(offsets, s.Offset)
	}
	if len(offsets) != 0 {
		t.Errorf("offsets without a sample: %v", offsets)
	}
	if code, body := r.request(http.MethodGet, r.node.Addrs().ServerHTTP, "/metrics", "", nil); code != http.StatusOK ||
		!containsAll(body, `freshet_ingest_rejected_records_total{partition="1",table="events"} 9`) {
		t.Errorf("the metric does not count rejected records: %d", code)
	}
	checkDeadLetters(t, k)
	r.stop() // flushes what is in flight; committed progress is not rejected twice
	r.start()
	r.compare(l)
}

// checkDeadLetters reads the dead-letter topic: each rejected value with where it came from.
func checkDeadLetters(t *testing.T, k *kafkaBroker) {
	t.Helper()
	client, err := kgo.NewClient(kgo.SeedBrokers(k.addr), kgo.ConsumeTopics("events-dead"), kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()))
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	at := map[string]int{}
	for len(at) < len(badRecords) {
		fetches := client.PollFetches(ctx)
		if err := fetches.Err(); err != nil {
			t.Fatalf("%d of %d dead letters: %v", len(at), len(badRecords), err)
		}
		fetches.EachRecord(func(rec *kgo.Record) {
			headers := map[string]string{}
			for _, h := range rec.Headers {
				headers[h.Key] = string(h.Value)
			}
			at[headers["freshet.offset"]]++
			var i int64
			if _, err := fmt.Sscan(headers["freshet.offset"], &i); err != nil || i%4 != 3 || i/4 >= int64(len(badRecords)) {
				t.Fatalf("dead letter with headers %v", headers)
			}
			bad := badRecords[i/4]
			if string(rec.Value) != bad.value || headers["freshet.topic"] != "events" || headers["freshet.partition"] != "1" ||
				!containsAll(headers["freshet.reason"], bad.reason) {
				t.Errorf("dead letter %q with headers %v, want %q", rec.Value, headers, bad.value)
			}
		})
	}
	for offset, n := range at {
		if n != 1 {
			t.Errorf("offset %s is there %d times", offset, n)
		}
	}
}

// TestImplausibleTimes keeps rows whose time is far from any plausible one, counts them, and does not let them decide
// about retention.
func TestImplausibleTimes(t *testing.T) {
	t.Parallel()
	k := newKafka(t)
	k.topic("events", 1)
	r := startRig(t)
	l := newLedger("events")
	l.base = time.Now().UnixMilli() - 1e6
	l.produce(k, 0, 10)
	for _, ts := range []int64{-62135596800000, 1, 1767225600, 32503680000000} { // year 1, 1970, seconds for milliseconds, year 3000
		l.next++
		e := event{ID: l.next, Tags: []string{"x"}, TS: ts}
		v, err := json.Marshal(e)
		if err != nil {
			t.Fatal(err)
		}
		k.send("events", 0, string(v))
		l.rows[e.ID] = e.text()
	}
	l.produce(k, 0, 6)
	spec := rowsPerSegment(20)
	spec.segments = map[string]string{"retentionTimeUnit": "DAYS", "retentionTimeValue": "2"}
	r.createTable("events", k.addr, spec)
	r.compare(l)
	r.waitSealed("events", 1)
	if n := r.ingestionErrors("events").ImplausibleTimes; n != 4 {
		t.Errorf("%d implausible times, want 4", n)
	}
	names := r.sealed("events")
	records, err := r.node.server.Segments(context.Background(), "events")
	if err != nil || len(names) != 1 || !records[0].HasTime || records[0].MinMillis < l.base || records[0].MaxMillis > l.base+1e6 {
		t.Errorf("segment %+v, %v: its range is not that of plausible times", records, err)
	}
	time.Sleep(500 * time.Millisecond) // more than two rounds of retention
	r.compare(l)
}
