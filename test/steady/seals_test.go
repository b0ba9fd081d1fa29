//go:build steady

package steady

import (
	"context"
	"fmt"
	"os"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/freshetdb/freshet/ingest"
)

// Each record unnests to rowsPerRecord rows.
const (
	rowsPerRecord  = 3
	rowsPerSegment = 300
	// segmentsAhead is below the number of frozen segments at which a partition pauses.
	segmentsAhead = 30
	recordsAtOnce = 7
)

const unnestSchema = `{"schemaName": "unnested", "dimensionFieldSpecs": [{"name": "id", "dataType": "LONG"}, {"name": "items.part", "dataType": "INT"},
  {"name": "items.name", "dataType": "STRING"}],
 "dateTimeFieldSpecs": [{"name": "ts", "dataType": "TIMESTAMP", "format": "TIMESTAMP", "granularity": "1:MILLISECONDS"}]}`

const unnestTable = `{"tableName": "unnested", "tableType": "REALTIME", "segmentsConfig": {"timeColumnName": "ts"}, "tenants": {},
 "ingestionConfig": {"complexTypeConfig": {"fieldsToUnnest": ["items"]}},
 "tableIndexConfig": {"streamConfigs": {"streamType": "kafka", "stream.kafka.topic.name": "unnested", "stream.kafka.broker.list": "%s",
 "stream.kafka.decoder.class.name": "KafkaJSONMessageDecoder", "stream.kafka.consumer.prop.auto.offset.reset": "smallest",
 "realtime.segment.flush.threshold.rows": "%d"}}, "metadata": {}}`

func unnestRecord(id int64) []byte {
	b := fmt.Appendf(nil, `{"id": %d, "ts": %d, "items": [`, id, 1767225600000+id)
	for part := range rowsPerRecord {
		if part > 0 {
			b = append(b, ',')
		}
		b = fmt.Appendf(b, `{"part": %d, "name": "part %d of %d"}`, part, part, id%1000)
	}
	return append(b, "]}"...)
}

// seals is how many segments the test seals: STEADY_SEALS, or a thousand.
func seals(t *testing.T) int {
	t.Helper()
	text := os.Getenv("STEADY_SEALS")
	if text == "" {
		return 1000
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 2 {
		t.Fatalf("STEADY_SEALS is %q, want 2 or more", text)
	}
	return n
}

// TestCountWhileSealing polls counts and whole prefixes over pgx while a thousand tiny segments seal. The records are
// numbered, so that what a query sees must be the first m of them, each with all its rows: count, sum, min and max of the
// numbers are then functions of m.
func TestCountWhileSealing(t *testing.T) {
	w := newWorld(t)
	w.createTable(t, "unnested", unnestSchema, fmt.Sprintf(unnestTable, w.kafka, rowsPerSegment))
	n := seals(t)
	conn := w.connect(t)
	w.waitRows(t, conn, "unnested", 0)
	polling, stop := context.WithCancel(t.Context())
	var pollers sync.WaitGroup
	counts, prefixes := &poller{w: w}, &poller{w: w}
	for query, p := range map[string]*poller{
		`SELECT count(*) AS n FROM unnested`: counts,
		`SELECT count(*) AS n, sum(id) AS ids, min(id) AS low, max(id) AS high, sum("items.part") AS parts FROM unnested`: prefixes} {
		conn := w.connect(t)
		pollers.Go(func() { p.run(t, polling, conn, query) })
	}
	began := time.Now()
	records := w.produceUntilSealed(t, n)
	w.waitRows(t, conn, "unnested", records*rowsPerRecord)
	took := time.Since(began)
	time.Sleep(200 * time.Millisecond) // the last take-overs
	stop()
	pollers.Wait()
	if got, err := count(t.Context(), conn, "unnested"); err != nil || got != records*rowsPerRecord {
		t.Errorf("count is %d at the end (%v), the ledger has %d", got, err, records*rowsPerRecord)
	}
	if counts.polls.Load() < int64(n) || prefixes.polls.Load() == 0 {
		t.Errorf("%d and %d polls are too few to see %d seals", counts.polls.Load(), prefixes.polls.Load(), n)
	}
	t.Logf("%d seals in %.1f s, %d rows: %d counts (%d distinct) and %d prefixes (%d distinct), none went down, all at record ends",
		w.points.count(ingest.PointAfterCommit), took.Seconds(), records*rowsPerRecord, counts.polls.Load(), counts.rises, prefixes.polls.Load(), prefixes.rises)
}

// produceUntilSealed produces numbered records, a bounded number of segments ahead of sealing, until n segments are sealed.
func (w *world) produceUntilSealed(t *testing.T, n int) (records int64) {
	t.Helper()
	end := time.Now().Add(10 * time.Minute)
	for sealed := 0; sealed < n; sealed = w.points.count(ingest.PointAfterCommit) {
		if time.Now().After(end) || t.Failed() {
			t.Fatalf("%d of %d segments were sealed; %s", sealed, n, w.status("unnested"))
		}
		if records*rowsPerRecord > int64(sealed+segmentsAhead)*rowsPerSegment {
			time.Sleep(time.Millisecond)
			continue
		}
		for range recordsAtOnce {
			w.produce(t.Context(), "unnested", unnestRecord(records))
			records++
		}
	}
	w.flush(t)
	return records
}

// poller repeats a query whose first column is the count.
type poller struct {
	w     *world
	polls atomic.Int64
	last  int64
	rises int
}

func (p *poller) run(t *testing.T, ctx context.Context, conn *pgx.Conn, query string) {
	for ctx.Err() == nil {
		rows, err := conn.Query(t.Context(), query)
		if err != nil {
			t.Errorf("%s: %v", query, err)
			return
		}
		values, err := pgx.CollectExactlyOneRow(rows, pgx.RowToMap)
		if err != nil {
			t.Errorf("%s: %v", query, err)
			return
		}
		produced := p.w.sent.Load()
		p.polls.Add(1)
		if problem := p.judge(values, produced); problem != "" {
			t.Errorf("%s: %s; got %v, last count %d, %d records produced", query, problem, values, p.last, produced)
			return
		}
	}
}

// judge says what is wrong with an answer, "" if nothing is.
func (p *poller) judge(v map[string]any, produced int64) string {
	n, ok := v["n"].(int64)
	switch {
	case !ok:
		return fmt.Sprintf("count is %T", v["n"])
	case n < p.last:
		return "the count went down"
	case n%rowsPerRecord != 0:
		return "a record is seen in part"
	case n > produced*rowsPerRecord:
		return "more rows than produced"
	}
	if n > p.last {
		p.rises++
	}
	p.last = n
	if len(v) == 1 || n == 0 {
		return ""
	}
	m := n / rowsPerRecord
	for name, want := range map[string]int64{"ids": rowsPerRecord * m * (m - 1) / 2, "low": 0, "high": m - 1,
		"parts": m * rowsPerRecord * (rowsPerRecord - 1) / 2} {
		if v[name] != want {
			return fmt.Sprintf("%s is %v (%T), a prefix of %d records has %d", name, v[name], v[name], m, want)
		}
	}
	return ""
}

// TestPollerNotices holds the judge to its word.
func TestPollerNotices(t *testing.T) {
	answer := func(n, ids, low, high, parts int64) map[string]any {
		return map[string]any{"n": n, "ids": ids, "low": low, "high": high, "parts": parts}
	}
	for name, c := range map[string]struct {
		answer   map[string]any
		produced int64
		good     bool
	}{
		"prefix":         {answer(6, 3, 0, 1, 6), 2, true},
		"fell":           {answer(0, 0, 0, 0, 0), 9, false},
		"torn record":    {answer(7, 3, 0, 1, 6), 9, false},
		"not produced":   {answer(9, 9, 0, 2, 9), 2, false},
		"hole":           {answer(6, 6, 0, 2, 6), 9, false},
		"doubled record": {answer(6, 0, 0, 0, 6), 9, false},
		"wrong rows":     {answer(6, 3, 0, 1, 7), 9, false},
	} {
		p := &poller{last: 3}
		if problem := p.judge(c.answer, c.produced); (problem == "") != c.good {
			t.Errorf("%s: %q", name, problem)
		}
	}
}
