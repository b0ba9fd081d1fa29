//go:build crash

// Package crash kills a real freshet process under load, again and again, and compares every column of every row with
// a ledger of what was produced. Kafka lives in the test's process and survives, or, in the embedded mode, dies with
// freshet. `make crash` runs the long form; CRASH_KILLS sets the number of kills.
package crash

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"testing"
	"time"
)

// points are the named places of seal and commit at which a process can be told to die.
var points = []string{"after-build", "after-upload", "before-commit", "after-commit"}

func kills(t *testing.T, fallback int) int {
	t.Helper()
	text := os.Getenv("CRASH_KILLS")
	if text == "" {
		return fallback
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 {
		t.Fatalf("CRASH_KILLS is %q, want a positive number", text)
	}
	return n
}

// seed is printed, and can be set to run a failure again.
func seed(t *testing.T) uint64 {
	t.Helper()
	s := uint64(time.Now().UnixNano())
	if text := os.Getenv("CRASH_SEED"); text != "" {
		var err error
		if s, err = strconv.ParseUint(text, 10, 64); err != nil {
			t.Fatalf("CRASH_SEED is %q, want a number", text)
		}
	}
	t.Logf("seed %d: CRASH_SEED=%d runs the same kills again", s, s)
	return s
}

// TestKillsWithKafkaApart kills freshet while another process's Kafka goes on: at random moments, at the named points of
// build, upload and commit (every fifth), and in the first moments of a new table (every twentieth).
func TestKillsWithKafkaApart(t *testing.T) {
	n := kills(t, 12)
	rng := rand.New(rand.NewPCG(seed(t), 1))
	ctx := t.Context()
	kafka := startKafka(t)
	ledger := newLedger(kafka, "crash_0", 2)
	node := newNode(t, kafka.addr)
	node.start(t, "")
	node.createTable(t, ledger.topic)
	for kill := range n {
		switch {
		case kill%20 == 7:
			// A table that is seconds old: the start offset, the first segment and the table itself are fresh.
			ledger = newLedger(kafka, fmt.Sprintf("crash_%d", kill), 2)
			ledger.produceFor(ctx, t, 50*time.Millisecond, rng)
			node.createTable(t, ledger.topic)
			ledger.produceFor(ctx, t, time.Duration(rng.IntN(1000))*time.Millisecond, rng)
			node.kill(t)
			node.start(t, "")
		case kill%5 == 3:
			// The process was started to die at a point; load makes it get there.
			point := points[kill/5%len(points)] + ":" + strconv.Itoa(1+rng.IntN(3))
			node.kill(t)
			node.start(t, point)
			ledger.produceUntil(ctx, t, node.exited, rng)
			node.waitExit(t)
			node.start(t, "")
		default:
			ledger.produceFor(ctx, t, time.Duration(50+rng.IntN(700))*time.Millisecond, rng)
			node.kill(t)
			node.start(t, "")
		}
		node.waitReady(t)
		node.compare(ctx, t, ledger, kill)
	}
	t.Logf("%d kills, %d rows, 0 lost, 0 doubled; sealed segments at the end: %d", n, ledger.rows(), node.sealedSegments(t, ledger.topic))
	if node.sealedSegments(t, ledger.topic) == 0 {
		t.Error("no segment was sealed: the kills tested no commit")
	}
}

// TestKillsWithKafkaEmbedded kills the quickstart, whose Kafka dies with it. After each kill the ledger is what the topics
// hold: all that they held before, and every column of every row of the tables.
func TestKillsWithKafkaEmbedded(t *testing.T) {
	n := max(kills(t, 12)/10, 2)
	rng := rand.New(rand.NewPCG(seed(t), 2))
	ctx := t.Context()
	node := newNode(t, "")
	shop := newShop(node)
	for kill := range n {
		node.startQuickstart(t)
		node.waitReady(t)
		pause(ctx, time.Duration(500+rng.IntN(1500))*time.Millisecond)
		node.kill(t)
		node.startQuickstartIdle(t)
		node.waitReady(t)
		shop.compare(ctx, t, kill)
		node.kill(t)
	}
	t.Logf("%d kills while events came and %d while idle, %d rows in the end, 0 lost, 0 doubled", n, n, shop.rows)
}

func pause(ctx context.Context, d time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(d):
	}
}
