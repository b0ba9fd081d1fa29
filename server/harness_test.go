package server

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/cluster"
	clustermem "github.com/freshetdb/freshet/cluster/mem"
	"github.com/freshetdb/freshet/deepstore"
	deepfs "github.com/freshetdb/freshet/deepstore/fs"
	"github.com/freshetdb/freshet/ingest"
	"github.com/freshetdb/freshet/ingest/memstream"
	"github.com/freshetdb/freshet/ingest/transform"
	"github.com/freshetdb/freshet/internal/clock"
	"github.com/freshetdb/freshet/internal/vec"
	"github.com/freshetdb/freshet/internal/vfs"
	"github.com/freshetdb/freshet/query/function"
	"github.com/freshetdb/freshet/segment"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const schemaJSON = `{"schemaName":"orders","dimensionFieldSpecs":[{"name":"id","dataType":"LONG"},{"name":"name","dataType":"STRING"},
{"name":"tags","dataType":"STRING","singleValueField":false}],"metricFieldSpecs":[{"name":"price","dataType":"DOUBLE"}],
"dateTimeFieldSpecs":[{"name":"at","dataType":"TIMESTAMP","format":"TIMESTAMP","granularity":"1:MILLISECONDS"}]}`

// world is what outlives a server: stream, cluster store, disk.
type world struct {
	t      *testing.T
	topic  *memstream.Topic
	store  *clustermem.Store
	disk   *vfs.Mem
	fault  atomic.Pointer[func(vfs.Op) error]
	fs     vfs.FS
	bucket deepstore.Bucket
	start  time.Time
	flush  int
	reset  string
	ledger []order
}

// order is one produced record, and one row.
type order struct {
	ID    int64    `json:"id"`
	Name  string   `json:"name"`
	Tags  []string `json:"tags"`
	Price float64  `json:"price"`
	At    int64    `json:"at"`
}

func (o order) String() string {
	return fmt.Sprintf("%d|%s|%v|%v|%d", o.ID, o.Name, o.Tags, o.Price, o.At)
}

func newWorld(t *testing.T, partitions int) *world {
	t.Helper()
	w := &world{t: t, topic: memstream.NewTopic("orders", partitions), store: clustermem.New(clock.Real{}), disk: vfs.NewMem(),
		start: clock.Real{}.Now(), flush: 50, reset: "smallest"}
	t.Cleanup(func() {
		if err := w.store.Close(); err != nil {
			t.Error(err)
		}
	})
	w.fs = vfs.NewFault(w.disk, func(op vfs.Op) error {
		if f := w.fault.Load(); f != nil {
			return (*f)(op)
		}
		return nil
	})
	var err error
	if w.bucket, err = deepfs.New(w.fs, "/data/deep", clock.Real{}); err != nil {
		t.Fatal(err)
	}
	return w
}

func (w *world) setFault(f func(vfs.Op) error) {
	if f == nil {
		w.fault.Store(nil)
		return
	}
	w.fault.Store(&f)
}

// table writes the table's record, as the controller does.
func (w *world) table(incarnation string, version int) {
	w.t.Helper()
	config := fmt.Sprintf(`{"tableName":"orders","tableType":"REALTIME","segmentsConfig":{"timeColumnName":"at","replication":"1"},
"tenants":{},"metadata":{},"tableIndexConfig":{"streamConfigs":{"streamType":"kafka","stream.kafka.topic.name":"orders",
"stream.kafka.broker.list":"none:1","stream.kafka.decoder.class.name":"org.apache.pinot.plugin.stream.kafka.KafkaJSONMessageDecoder",
"stream.kafka.consumer.prop.auto.offset.reset":"%s","realtime.segment.flush.threshold.rows":"%d"}}}`, w.reset, w.flush)
	r := cluster.TableRecord{Name: "orders", Incarnation: incarnation, Version: version, SchemaVersion: 1, Config: json.RawMessage(config),
		Schema: json.RawMessage(schemaJSON)}
	value, err := r.Encode()
	if err != nil {
		w.t.Fatal(err)
	}
	if _, _, err := w.store.Txn(context.Background(), nil, []cluster.Op{{Key: r.Key(), Value: value}}); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) dropTable() {
	if _, _, err := w.store.Txn(context.Background(), nil, []cluster.Op{{Key: cluster.TableKey("orders"), Delete: true}}); err != nil {
		w.t.Fatal(err)
	}
}

// produce appends orders to the topic, round robin, and to the ledger.
func (w *world) produce(n int) {
	for range n {
		i := len(w.ledger)
		o := order{ID: int64(i), Name: fmt.Sprintf("name-%d", i%7), Tags: []string{"a", fmt.Sprint(i % 3)}, Price: float64(i) / 4, At: w.start.UnixMilli() + int64(i)}
		w.ledger = append(w.ledger, o)
		b, err := json.Marshal(o)
		if err != nil {
			w.t.Fatal(err)
		}
		d, err := w.partitions()
		if err != nil {
			w.t.Fatal(err)
		}
		w.topic.Produce(int32(i%d), string(b), o.At)
	}
}

func (w *world) partitions() (int, error) {
	s := w.topic.Stream()
	defer s.Close()
	d, err := s.Describe(context.Background())
	return len(d.Partitions), err
}

func (w *world) open(change ...func(*Config)) *Server {
	w.t.Helper()
	registry, err := function.NewRegistry(nil, nil)
	if err != nil {
		w.t.Fatal(err)
	}
	cfg := Config{Instance: "server-1", DataDir: "/data/server", FS: w.fs, Store: w.store, Bucket: w.bucket, Clock: clock.Real{},
		Streams: func(*catalog.Table) (ingest.Stream, error) { return w.topic.Stream(), nil },
		Transforms: func(s *catalog.Schema, t *catalog.Table) (ingest.Transformer, error) {
			return transform.Compile(s, t, registry)
		},
		Logger: slog.New(slog.NewTextHandler(io.Discard, nil)), PollWait: 2 * time.Millisecond, RetryDelay: 5 * time.Millisecond,
		DiscoverEvery: 10 * time.Millisecond, MaintainEvery: 10 * time.Millisecond}
	for _, f := range change {
		f(&cfg)
	}
	s, err := New(cfg)
	if err != nil {
		w.t.Fatal(err)
	}
	if err := s.Start(context.Background()); err != nil {
		w.t.Fatal(err)
	}
	return s
}

// kill ends a server as kill -9 does: it writes nothing more and tells nobody.
func (w *world) kill(s *Server) {
	w.t.Helper()
	if err := s.stop(); err != nil && !errors.Is(err, context.Canceled) {
		w.t.Fatal(err)
	}
}

func (w *world) close(s *Server) {
	w.t.Helper()
	if err := s.Close(); err != nil && !errors.Is(err, context.Canceled) {
		w.t.Fatal(err)
	}
}

func (w *world) eventually(what string, ok func() bool) {
	w.t.Helper()
	for range 3000 {
		if ok() {
			return
		}
		time.Sleep(time.Millisecond)
	}
	w.t.Fatalf("never: %s", what)
}

// rows reads every column of every visible row.
func (w *world) rows(s *Server) []string {
	w.t.Helper()
	t, ok := s.table("orders")
	if !ok {
		return nil
	}
	p, err := t.pin()
	if err != nil {
		return nil
	}
	defer p.release()
	var out []string
	for _, v := range p.views {
		out = append(out, readView(w.t, v)...)
	}
	if int64(len(out)) != p.rows {
		w.t.Errorf("the version says %d rows, its segments show %d", p.rows, len(out))
	}
	return out
}

func readView(t *testing.T, v segment.View) []string {
	t.Helper()
	cells := make([][]string, v.Rows())
	for _, name := range []string{"id", "name", "tags", "price", "at"} {
		col, ok := v.Column(name)
		if !ok {
			t.Fatalf("segment %s has no column %s", v.Name(), name)
		}
		for b := range segment.Blocks(v.Rows()) {
			var block, flat vec.Vector
			if err := col.Block(b, &block); err != nil {
				t.Fatalf("segment %s column %s: %v", v.Name(), name, err)
			}
			block.Flatten(&flat)
			for i := range flat.Len {
				cells[b*vec.BlockRows+i] = append(cells[b*vec.BlockRows+i], cell(flat.At(i)))
			}
		}
	}
	out := make([]string, len(cells))
	for i := range cells {
		out[i] = strings.Join(cells[i], "|")
	}
	return out
}

func cell(v vec.Value) string {
	switch {
	case v.Null:
		return "NULL"
	case v.Type.MultiValue:
		var parts []string
		for _, e := range v.Elems {
			parts = append(parts, cell(e))
		}
		return fmt.Sprint(parts)
	case v.Type.Kind == catalog.KindString:
		return v.Str
	case v.Type.Kind == catalog.KindDouble:
		return fmt.Sprint(v.F64)
	}
	return fmt.Sprint(v.I64)
}

// check waits until exactly the ledger's rows are visible, every column of them.
func (w *world) check(s *Server) {
	w.t.Helper()
	var got []string
	w.eventually(fmt.Sprintf("%d rows visible", len(w.ledger)), func() bool { got = w.rows(s); return len(got) >= len(w.ledger) })
	var want []string
	for _, o := range w.ledger {
		want = append(want, o.String())
	}
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		for i := range min(len(got), len(want)) {
			if got[i] != want[i] {
				w.t.Fatalf("%d rows of %d; first difference at %d: got %s, want %s", len(got), len(want), i, got[i], want[i])
			}
		}
		w.t.Fatalf("%d rows, want %d", len(got), len(want))
	}
}

func (w *world) done(s *Server) (n int) {
	records, err := s.Segments(context.Background(), "orders")
	if err != nil {
		return 0
	}
	for _, r := range records {
		if r.Status == cluster.SegmentDone {
			n++
		}
	}
	return n
}

func (w *world) partition(s *Server, id int32) PartitionStatus {
	st, ok := s.Status("orders")
	if ok {
		for _, p := range st.Partitions {
			if p.Partition == id {
				return p
			}
		}
	}
	return PartitionStatus{}
}
