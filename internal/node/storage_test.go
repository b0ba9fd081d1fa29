package node

import (
	"context"
	"fmt"
	"os"
	"strings"
	"testing"
)

// catalogRows runs a query over the wire and gives its rows as text, cells parted by |.
func (r *rig) catalogRows(text string) []string {
	r.t.Helper()
	conn, _ := r.wire()
	defer r.closeWire(conn)
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	results, err := conn.PgConn().Exec(ctx, text).ReadAll()
	if err != nil || len(results) != 1 {
		r.t.Fatalf("%s: %v", text, err)
	}
	out := []string{}
	for _, row := range results[0].Rows {
		cells := make([]string, len(row))
		for i, cell := range row {
			cells[i] = string(cell)
		}
		out = append(out, strings.Join(cells, "|"))
	}
	return out
}

func (r *rig) wantRows(text string, want ...string) {
	r.t.Helper()
	r.eventually(text, func() (bool, string) {
		got := r.catalogRows(text)
		return strings.Join(got, "\n") == strings.Join(want, "\n"), strings.Join(got, "; ")
	})
}

// TestCatalogStorage compares the figures of the catalog's relations with the files and the topic.
func TestCatalogStorage(t *testing.T) {
	b := newKafka(t)
	b.topic("shop", 2)
	l := newLedger("shop")
	r := startRig(t)
	r.createTable("shop", b.addr, rowsPerSegment(100))
	l.produce(b, 0, 250)
	l.produce(b, 1, 30)
	r.compare(l)
	r.waitSealed("shop", 2)
	r.wantRows("SELECT table_name, state, reason, row_count, segments, partitions FROM freshet.tables", "shop|READY||280|4|2")
	r.wantRows("SELECT partition_id, status, sequence, start_offset, end_offset, row_count FROM freshet.segments ORDER BY 1, 3",
		"0|DONE|0|0|100|100", "0|DONE|1|100|200|100", "0|CONSUMING|2|200||50", "1|CONSUMING|0|0||30")
	r.wantRows("SELECT partition_id, state, next_offset, high_watermark, lag_offsets, lag_ms, row_count FROM freshet.partitions ORDER BY 1",
		"0|CONSUMING|250|250|0|0|250", "1|CONSUMING|30|30|0|0|30")
	var files int64
	for _, path := range r.files() {
		info, err := os.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		files += info.Size()
	}
	r.wantRows("SELECT sum(bytes) FROM freshet.segments WHERE status = 'DONE'", fmt.Sprint(files))
	r.wantRows(`SELECT s.n > `+fmt.Sprint(files)+`, s.n = pg_table_size('shop'), s.n = pg_total_relation_size('shop'), s.n = pg_relation_size('shop'),
		s.n = pg_database_size(current_database()), s.n = t.bytes FROM freshet.tables t, (SELECT sum(bytes) AS n FROM freshet.segments) s`, "t|t|t|t|t|t")
	r.wantRows("SELECT reltuples, pg_stat_get_live_tuples(oid) FROM pg_class WHERE relname = 'shop'", "280|280")
	r.wantRows("SELECT min(min_time) >= (SELECT min(ts) FROM shop), max(max_time) <= (SELECT max(ts) FROM shop), min(min_time) < max(max_time), count(min_time) FROM freshet.segments",
		"t|t|t|2")
	r.wantRows("SELECT user_name, query LIKE '%freshet.queries%' FROM freshet.queries", "test|t")
	r.wantRows("SELECT value FROM freshet.settings WHERE name = 'TimeZone'", "UTC")
}

// TestCatalogStoragePaused: a paused table says so.
func TestCatalogStoragePaused(t *testing.T) {
	b := newKafka(t)
	b.topic("shop", 1)
	l := newLedger("shop")
	r := startRig(t)
	r.createTable("shop", b.addr, tableSpec{})
	l.produce(b, 0, 10)
	r.compare(l)
	if code, body := r.admin("POST", "/tables/shop/pauseConsumption", ""); code != 200 {
		t.Fatal(code, body)
	}
	r.wantRows("SELECT state FROM freshet.tables", "PAUSED")
	r.wantRows("SELECT state, next_offset, row_count FROM freshet.partitions", "PAUSED|10|10")
}
