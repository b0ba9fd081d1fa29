package broker

import (
	"strings"
	"testing"
)

// EXPLAIN ANALYZE tells the bytes of column data that the scans of each table read.
func TestExplainAnalyzeBytes(t *testing.T) {
	s := open(t, newBroker(t, newWorld(t, 30_000), nil), SessionConfig{})
	for sql, want := range map[string]string{
		"SELECT sum(price) FROM orders":                                            "Scan of orders: 240000 bytes of column data in 1 leaves, 30000 rows passed",
		"SELECT sum(price) FROM orders WHERE id < 100":                             "Scan of orders: 174464 bytes of column data in 1 leaves, 100 rows passed", // ids of the first and the growing block, prices of the first
		"SELECT count(*) FROM orders":                                              "Scan of orders: 0 bytes of column data in 1 leaves",
		"SELECT (SELECT max(id) FROM orders), sum(price) FROM orders WHERE id > 5": "bytes of column data in 2 leaves",
	} {
		if out := run(s, "EXPLAIN ANALYZE "+sql); !strings.Contains(out, want) {
			t.Errorf("%s: want %q in\n%s", sql, want, out)
		}
	}
}
