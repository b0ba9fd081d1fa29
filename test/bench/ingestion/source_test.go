package ingestion

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/freshetdb/freshet/ingest"
	"github.com/freshetdb/freshet/test/events"
)

// TestRecordsAreNew: over several cycles no record of a workload comes twice, and events go on in time.
func TestRecordsAreNew(t *testing.T) {
	const rows, cycles = 500, 3
	for name, workload := range map[string]func(int) (*Workload, error){"events": Events, "orders": Orders} {
		t.Run(name, func(t *testing.T) {
			w, err := workload(rows)
			if err == nil {
				err = w.Render(rows * cycles)
			}
			if err != nil {
				t.Fatal(err)
			}
			seen := map[string]bool{}
			first := int64(0)
			var batch []ingest.Record
			for offset := int64(0); offset < rows*cycles; offset += int64(len(batch)) {
				batch = w.batch(batch[:0], offset, min(300, int(rows*cycles-offset))) // batches that span cycles too
				for i, r := range batch {
					if seen[string(r.Value)] || r.Offset != offset+int64(i) {
						t.Fatalf("record %d (offset %d) was there before: %s", offset+int64(i), r.Offset, r.Value)
					}
					seen[string(r.Value)] = true
					var row struct{ TS int64 }
					if err := json.Unmarshal(r.Value, &row); err != nil {
						t.Fatalf("%s: %v", r.Value, err)
					}
					if name == "events" && offset+int64(i) == 0 {
						first = row.TS
					}
					if at := (offset + int64(i)) % rows; name == "events" && at == 0 {
						span := int64(float64(86_400_000) * rows / float64(w.DefaultRows))
						if want := first + (offset+int64(i))/rows*span; row.TS != want || first < events.StartMillis {
							t.Fatalf("cycle %d begins at %d, want %d", (offset+int64(i))/rows, row.TS, want)
						}
					}
				}
			}
		})
	}
}

// TestRenderIsBounded: more records than there is to be memory for are refused before it is asked for.
func TestRenderIsBounded(t *testing.T) {
	w, err := Events(10)
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Render(maxText / 100); err == nil || !strings.Contains(err.Error(), "give fewer rows") || w.rendered != nil {
		t.Errorf("%d records: %v", int64(maxText/100), err)
	}
}

func TestWriteDigits(t *testing.T) {
	for _, c := range []struct {
		x      uint64
		digits int
		want   string
	}{{1767225600123, 13, "1767225600123"}, {7, 4, "0007"}, {123456, 3, "456"}, {90, 2, "90"}, {5, 1, "5"}} {
		dst := make([]byte, c.digits)
		writeDigits(dst, c.x)
		if string(dst) != c.want {
			t.Errorf("%d in %d digits is %s, want %s", c.x, c.digits, dst, c.want)
		}
	}
}

// TestOrdersStay: no retention takes rows out of a run.
func TestOrdersStay(t *testing.T) {
	w, err := Orders(1)
	if err != nil {
		t.Fatal(err)
	}
	var table struct {
		SegmentsConfig struct{ RetentionTimeUnit, RetentionTimeValue, TimeColumnName string }
	}
	if err := json.Unmarshal(w.Config, &table); err != nil {
		t.Fatal(err)
	}
	if s := table.SegmentsConfig; s.RetentionTimeUnit != "" || s.RetentionTimeValue != "" || s.TimeColumnName != "ts" {
		t.Errorf("the segments' config is %+v", s)
	}
}
