package node

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

// TestRetention drops sealed segments that are older than the table keeps rows: from queries, records and disk, and only
// them.
func TestRetention(t *testing.T) {
	t.Parallel()
	k := newKafka(t)
	k.topic("events", 1)
	r := startRig(t)
	old := newLedger("events")
	old.base = time.Now().Add(-72 * time.Hour).UnixMilli()
	old.produce(k, 0, 100)
	l := newLedger("events")
	l.base, l.next = time.Now().UnixMilli()-1e6, 100
	l.produce(k, 0, 70)
	spec := rowsPerSegment(50)
	spec.segments = map[string]string{"retentionTimeUnit": "DAYS", "retentionTimeValue": "2"}
	r.createTable("events", k.addr, spec)
	r.eventually("old segments are gone", func() (bool, string) {
		names, files := r.sealed("events"), r.files()
		return len(names) == 1 && strings.HasPrefix(names[0], "events__0__2__") && len(files) == 1, fmt.Sprint(names, files)
	})
	r.compare(l)
	l.produce(k, 0, 40) // the chain goes on behind the hole
	r.waitSealed("events", 2)
	r.compare(l)
	r.stop()
	r.start()
	r.compare(l)
	r.waitReady()
	if n := len(r.files()); n != 2 {
		t.Errorf("%d files, want 2: %v", n, r.files())
	}
}

// TestFlushThresholds seals by rows, by age and by size, each alone.
func TestFlushThresholds(t *testing.T) {
	t.Parallel()
	k := newKafka(t)
	r := startRig(t)
	for _, c := range []struct {
		name, prop, value string
		rows              int
		check             func(rows []int) string
	}{
		{"byrows", "rows", "64", 200, func(rows []int) string {
			if !slices.Equal(rows, []int{64, 64, 64}) {
				return "want three segments of 64 rows"
			}
			return ""
		}},
		{"byage", "time", "1s", 30, func(rows []int) string {
			if !slices.Equal(rows, []int{30}) {
				return "want one segment of 30 rows"
			}
			return ""
		}},
		{"bysize", "segment.size", "1M", 40_000, func(rows []int) string {
			if len(rows) < 2 || slices.Max(rows) > 30_000 {
				return "want several segments of about a megabyte"
			}
			return ""
		}},
	} {
		k.topic(c.name, 1)
		l := newLedger(c.name)
		for left := c.rows; left > 0; left -= 10_000 {
			l.produce(k, 0, min(left, 10_000))
		}
		r.createTable(c.name, k.addr, tableSpec{props: map[string]string{"realtime.segment.flush.threshold." + c.prop: c.value}})
		r.compare(l)
		r.eventually(c.name, func() (bool, string) {
			records, err := r.node.server.Segments(context.Background(), c.name)
			var rows []int
			for _, s := range records {
				if s.Key != "" {
					rows = append(rows, s.Rows)
				}
			}
			problem := c.check(rows)
			return err == nil && problem == "", fmt.Sprint(rows, " ", problem, " ", err)
		})
		r.compare(l)
	}
}
