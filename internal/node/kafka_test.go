package node

import (
	"context"
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/freshetdb/freshet/internal/config"
)

// TestKafkaDownAtStart makes a table whose brokers do not answer: everything but its rows is there, and readiness says
// what is missing. They come up on their port: the table consumes.
func TestKafkaDownAtStart(t *testing.T) {
	t.Parallel()
	k := newKafka(t)
	k.topic("events", 2)
	l := newLedger("events")
	l.produce(k, 0, 100)
	l.produce(k, 1, 50)
	k.stop()
	r := startRig(t)
	r.createTable("events", k.addr, rowsPerSegment(40))
	r.waitNotReady("table events", "cannot find the topic's partitions", "connection refused")
	r.waitIngestion("events", `"problem": "cannot find the topic's partitions`)
	if code, body := r.admin(http.MethodGet, "/tables/events/status", ""); code != http.StatusOK || !containsAll(body, "UNHEALTHY", "connection refused") {
		t.Errorf("status: %d %s", code, body)
	}
	if code, body := r.admin(http.MethodGet, "/tables", ""); code != http.StatusOK || !containsAll(body, "events") {
		t.Errorf("tables: %d %s", code, body)
	}
	rows, notices, err := r.events("events")
	if err != nil || len(rows) != 0 || len(notices) == 0 || !containsAll(notices[0], "table events", "connection refused") {
		t.Errorf("query without brokers: %d rows, notices %q, %v", len(rows), notices, err)
	}
	r.alive()

	r.stop() // also over a restart
	r.start()
	r.waitNotReady("table events", "connection refused")
	k.start()
	r.compare(l)
	r.waitReady()
	r.waitIngestion("events", `"problem": ""`)
}

// TestKafkaGoesAndComesBack takes the broker away twice, once while the node restarts.
func TestKafkaGoesAndComesBack(t *testing.T) {
	t.Parallel()
	k := newKafka(t)
	k.topic("events", 2)
	r := startRig(t)
	l := newLedger("events")
	l.produce(k, 0, 70)
	l.produce(k, 1, 30)
	r.createTable("events", k.addr, rowsPerSegment(40))
	r.compare(l)
	r.waitReady()
	for _, restart := range []bool{false, true} {
		k.stop()
		if restart {
			r.stop()
			r.start()
			r.waitNotReady("partition 0 is UNAVAILABLE", "connection refused")
		}
		r.waitIngestion("events", `"state": "UNAVAILABLE"`, "connection refused")
		if code, body := r.admin(http.MethodGet, "/tables/events/status", ""); code != http.StatusOK || !containsAll(body, "UNHEALTHY", "connection refused") {
			t.Errorf("status: %d %s", code, body)
		}
		rows, notices, err := r.events("events")
		if err != nil || len(notices) == 0 || !containsAll(fmt.Sprint(notices), "UNAVAILABLE", "connection refused") {
			t.Errorf("restart %v: notices %q, %v", restart, notices, err)
		}
		// What is sealed is there after a restart too; what was consumed only is consumed again later.
		if want := 40; len(rows) < want || !restart && len(rows) != len(l.rows) {
			t.Errorf("restart %v: %d rows of %d while the brokers are away", restart, len(rows), len(l.rows))
		}
		r.alive()
		k.start()
		l.produce(k, 0, 60)
		l.produce(k, 1, 60)
		r.compare(l)
		r.waitReady()
	}
	if _, notices, err := r.events("events"); err != nil || len(notices) != 0 {
		t.Errorf("notices %q, %v, want none", notices, err)
	}
}

// TestMissingTopic makes a table before its topic.
func TestMissingTopic(t *testing.T) {
	t.Parallel()
	k := newKafka(t)
	r := startRig(t)
	r.createTable("events", k.addr, tableSpec{})
	r.waitNotReady("table events", "topic events: topic is missing")
	r.waitIngestion("events", "topic is missing")
	if code, body := r.admin(http.MethodGet, "/tables/events/status", ""); code != http.StatusOK || !containsAll(body, "UNHEALTHY", "topic is missing") {
		t.Errorf("status: %d %s", code, body)
	}
	r.alive()
	k.topic("events", 2)
	l := newLedger("events")
	l.produce(k, 0, 20)
	l.produce(k, 1, 20)
	r.compare(l)
	r.waitReady()
}

// TestRecreatedTopic deletes a topic and makes it again while the node runs: its offsets mean other records now.
func TestRecreatedTopic(t *testing.T) {
	t.Parallel()
	k := newKafka(t)
	k.topic("events", 1)
	r := startRig(t)
	l := newLedger("events")
	l.produce(k, 0, 90)
	r.createTable("events", k.addr, rowsPerSegment(50))
	r.compare(l)
	r.waitReady()
	if err := k.server.DeleteTopic("events"); err != nil {
		t.Fatal(err)
	}
	r.waitIngestion("events", "UNAVAILABLE", "topic is missing")
	k.topic("events", 1)
	r.waitNotReady("partition 0 is ERROR", "topic was deleted and created again", "its id was", "reset to smallest", "reset to largest", "stay")
	r.waitIngestion("events", `"state": "ERROR"`, "topic was deleted and created again", "reset to smallest", "reset to largest", "stay")
	if code, body := r.admin(http.MethodGet, "/tables/events/status", ""); code != http.StatusOK || !containsAll(body, "UNHEALTHY", "deleted and created again") {
		t.Errorf("status: %d %s", code, body)
	}
	r.compare(l)
	if _, notices, err := r.events("events"); err != nil || !containsAll(fmt.Sprint(notices), "ERROR", "deleted and created again") {
		t.Errorf("notices %q, %v", notices, err)
	}
	k.client.Close()
	k.connect()
	l.produce(k, 0, 30)
	if code, body := r.admin(http.MethodPost, "/tables/events/resumeConsumption?consumeFrom=nowhere", ""); code != http.StatusBadRequest ||
		!containsAll(body, "nowhere", "lastConsumed, smallest or largest") {
		t.Errorf("a wrong choice: %d %s", code, body)
	}
	if code, body := r.admin(http.MethodPost, "/tables/events/resumeConsumption?consumeFrom=smallest", ""); code != http.StatusOK {
		t.Fatalf("reset: %d %s", code, body)
	}
	r.compare(l)
	r.waitReady()
	r.waitIngestion("events", `"gaps": [`, `"from": 90`, `"to": 0`, "deleted and created again")
	r.stop()
	r.start()
	r.compare(l)
	r.waitReady()
	r.waitIngestion("events", `"from": 90`, "deleted and created again")
}

// TestExpiredOffset lets the records that a stopped node has not consumed expire.
func TestExpiredOffset(t *testing.T) {
	t.Parallel()
	k := newKafka(t)
	k.topic("events", 1)
	r := startRig(t)
	l := newLedger("events")
	l.produce(k, 0, 100)
	r.createTable("events", k.addr, rowsPerSegment(50))
	r.compare(l)
	r.waitSealed("events", 2)
	r.stop()
	l.produce(k, 0, 40) // ids 101 to 140, offsets 100 to 139
	if err := k.server.DeleteRecords("events", 0, 130); err != nil {
		t.Fatal(err)
	}
	l.forget(101, 130)
	r.start()
	r.waitNotReady("partition 0 is ERROR", "offset 100", "offset is no longer retained", "the log now starts at 130", "reset to smallest")
	r.waitIngestion("events", `"state": "ERROR"`, "offset is no longer retained", `"nextOffset": 100`)
	rows, notices, err := r.events("events")
	if err != nil || len(rows) != 100 || !containsAll(fmt.Sprint(notices), "no longer retained") {
		t.Errorf("%d committed rows, notices %q, %v", len(rows), notices, err)
	}
	if code, body := r.admin(http.MethodPost, "/tables/events/resumeConsumption?consumeFrom=smallest", ""); code != http.StatusOK {
		t.Fatalf("reset: %d %s", code, body)
	}
	r.compare(l)
	r.waitReady()
	r.waitIngestion("events", `"from": 100`, `"to": 130`, "no longer retained")
}

// TestStopLetsQueriesFinish ends the node's context while a client reads a result.
func TestStopLetsQueriesFinish(t *testing.T) {
	t.Parallel()
	k := newKafka(t)
	k.topic("events", 1)
	r := newRig(t, func(c *config.Config) { c.Broker.MaxResultRows = 1 << 20 })
	r.start()
	l := newLedger("events")
	for range 8 {
		l.produce(k, 0, 10_000)
	}
	r.createTable("events", k.addr, rowsPerSegment(30_000))
	r.compare(l)
	conn, _ := r.wire()
	idle, _ := r.wire()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	// The result is larger than what sockets buffer: the server is in the middle of it when the stop comes.
	rows, err := conn.Query(ctx, "SELECT id, name, score, tags, flag, ts FROM events")
	if err != nil || !rows.Next() {
		t.Fatal(err)
	}
	stopped := make(chan struct{})
	began := time.Now()
	r.end()
	go func() {
		defer close(stopped)
		r.stop()
	}()
	// The stop reaches the endpoint a moment after the context's end; from then on an idle connection gets no answers.
	for err = nil; err == nil; _, err = idle.Exec(ctx, "SELECT 1") {
		if time.Since(began) > 5*time.Second {
			t.Fatal("an idle connection outlives the stop by 5 s")
		}
	}
	n := 1
	for rows.Next() {
		n++
		if n == 20_000 {
			time.Sleep(50 * time.Millisecond)
		}
	}
	if rows.Err() != nil || n != 80_000 {
		t.Errorf("the running query ended after %d rows: %v", n, rows.Err())
	}
	rows.Close()
	r.closeWire(conn)
	r.closeWire(idle)
	<-stopped
	if d := time.Since(began); d > 5*time.Second {
		t.Errorf("the stop took %s", d)
	}
	began = time.Now()
	r.start()
	r.alive()
	if d := time.Since(began); d > 3*time.Second {
		t.Errorf("the restart took %s", d)
	}
	l.produce(k, 0, 100)
	r.compare(l)
	r.waitReady()
}
