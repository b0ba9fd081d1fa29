package node

import (
	"fmt"
	"net/http"
	"os"
	"runtime/debug"
	"runtime/metrics"
	"strings"
	"testing"

	"github.com/freshetdb/freshet/internal/config"
	"github.com/freshetdb/freshet/internal/memory"
)

// TestMemoryShortage takes the process's memory away step by step: queries are refused, the catalog answers, the partition seals
// what it has and stops; and all goes on where it was once there is memory again.
func TestMemoryShortage(t *testing.T) {
	t.Parallel()
	k := newKafka(t)
	k.topic("events", 1)
	r := newRig(t, func(c *config.Config) { c.MemoryLimit = "64M" })
	r.start()
	l := newLedger("events")
	l.produce(k, 0, 70)
	r.createTable("events", k.addr, rowsPerSegment(50_000))
	r.compare(l)
	r.waitReady()
	if n := r.node.memory.Limit(); n != 64<<20 {
		t.Fatalf("the limit is %d", n)
	}
	taken := r.node.memory.Account(memory.Responses)
	hold := r.node.memory.Limit()*92/100 - r.node.memory.Total()
	taken.Add(hold)
	wantWire(t, "at 92%", r.exec("SELECT count(*) FROM events"), "53200", "new queries are refused", "memory_limit")
	status, a := r.queryHTTP("SELECT count(*) FROM events")
	wantHTTP(t, "at 92%", status, a, 245, "new queries are refused")
	if err := r.exec("SELECT count(*) FROM pg_catalog.pg_class"); err != nil {
		t.Errorf("the catalog: %v", err)
	}
	l.produce(k, 0, 20)
	r.eventually("ingestion goes on", func() (bool, string) {
		st, _ := r.node.server.Status("events")
		return st.Partitions[0].TotalRows == 90, "it does not"
	})
	taken.Add(r.node.memory.Limit() * 10 / 100)
	l.produce(k, 0, 30)
	r.waitNotReady("partition 0 is STALLED", "memory_limit")
	r.waitSealed("events", 1)
	if _, body := r.request(http.MethodGet, r.node.Addrs().BrokerHTTP, "/metrics", "", nil); !strings.Contains(body, `freshet_memory_shed_total{step="pause"} 1`) {
		t.Error("the metric of the pause is not 1")
	}
	taken.Add(-r.node.memory.Limit()*10/100 - hold)
	r.compare(l)
	r.waitReady()
	r.idle()
	if n := len(r.sealed("events")); n != 1 {
		t.Errorf("%d sealed segments, want 1", n)
	}
}

func TestHeapLimit(t *testing.T) {
	for _, c := range []struct{ limit, offHeap, want int64 }{{1000, 0, 1000}, {1000, 300, 700}, {1000, 750, 250}, {1000, 990, 250}} {
		if got := heapLimit(c.limit, c.offHeap); got != c.want {
			t.Errorf("heapLimit(%d, %d) = %d, want %d", c.limit, c.offHeap, got, c.want)
		}
	}
	r := newRig(t, func(c *config.Config) { c.MemoryLimit = "3G" })
	r.start()
	r.eventually("Go has the limit", func() (bool, string) { return debug.SetMemoryLimit(-1) <= 3<<30, "it has not" })
	if os.Getenv("GOGC") == "" {
		r.eventually("the heap may grow", func() (bool, string) {
			percent := []metrics.Sample{{Name: "/gc/gogc:percent"}}
			metrics.Read(percent)
			return percent[0].Value.Uint64() == collectPercent, fmt.Sprintf("by %d %%, want %d", percent[0].Value.Uint64(), collectPercent)
		})
	}
}
