package node

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/twmb/franz-go/pkg/kgo"
	"go.uber.org/goleak"

	"github.com/freshetdb/freshet/internal/config"
	"github.com/freshetdb/freshet/internal/embedkafka"
	"github.com/freshetdb/freshet/internal/vfs"
	"github.com/freshetdb/freshet/test/ports"
)

func TestMain(m *testing.M) {
	// The embedded broker's accept loop ends some time after Close.
	goleak.VerifyTestMain(m, goleak.IgnoreAnyFunction("github.com/twmb/franz-go/pkg/kfake.(*Cluster).listen"))
}

// patience is how long a test waits for something that has to happen.
const patience = 20 * time.Second

// kafkaBroker is a Kafka that can go away and come back on its port with its records.
type kafkaBroker struct {
	t      *testing.T
	dir    string
	addr   string
	server *embedkafka.Server
	client *kgo.Client
}

func newKafka(t *testing.T) *kafkaBroker {
	t.Helper()
	found, err := ports.Free(1)
	if err != nil {
		t.Fatal(err)
	}
	b := &kafkaBroker{t: t, dir: t.TempDir(), addr: fmt.Sprintf("127.0.0.1:%d", found[0])}
	b.start()
	t.Cleanup(b.stop)
	return b
}

func (b *kafkaBroker) start() {
	b.t.Helper()
	var err error
	if b.server, err = embedkafka.Start(embedkafka.Config{Dir: b.dir, Addr: b.addr}); err != nil {
		b.t.Fatal(err)
	}
	b.connect()
}

// connect makes the producer, which keeps to the identity of a topic that it saw first.
func (b *kafkaBroker) connect() {
	b.t.Helper()
	var err error
	if b.client, err = kgo.NewClient(kgo.SeedBrokers(b.addr), kgo.ProducerLinger(0), kgo.RecordPartitioner(kgo.ManualPartitioner())); err != nil {
		b.t.Fatal(err)
	}
}

func (b *kafkaBroker) stop() {
	if b.server == nil {
		return
	}
	b.client.Close()
	if err := b.server.Close(); err != nil {
		b.t.Error(err)
	}
	b.server = nil
}

func (b *kafkaBroker) topic(name string, partitions int) {
	b.t.Helper()
	if err := b.server.CreateTopic(name, partitions); err != nil {
		b.t.Fatal(err)
	}
}

// send produces values to a partition.
func (b *kafkaBroker) send(topic string, partition int32, values ...string) {
	b.t.Helper()
	records := make([]*kgo.Record, len(values))
	for i, v := range values {
		records[i] = &kgo.Record{Topic: topic, Partition: partition, Value: []byte(v)}
	}
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	if err := b.client.ProduceSync(ctx, records...).FirstErr(); err != nil {
		b.t.Fatalf("produce: %v", err)
	}
}

// event is what a record becomes: every column of a row.
type event struct {
	ID    int64    `json:"id"`
	Name  *string  `json:"name"`
	Score float64  `json:"score"`
	Tags  []string `json:"tags"`
	Flag  bool     `json:"flag"`
	TS    int64    `json:"ts"`
}

// text is the event as the comparison sees it, NULLs and arrays included.
func (e event) text() string {
	name := "NULL"
	if e.Name != nil {
		name = *e.Name
	}
	return fmt.Sprintf("%d|%s|%s|%s|%t|%d", e.ID, name, strconv.FormatFloat(e.Score, 'g', -1, 64), strings.Join(e.Tags, ","), e.Flag, e.TS)
}

// ledger is every row whose record the broker has acknowledged.
type ledger struct {
	topic string
	rng   *rand.Rand
	base  int64 // event times begin here
	next  int64
	rows  map[int64]string
}

func newLedger(topic string) *ledger {
	return &ledger{topic: topic, rng: rand.New(rand.NewPCG(7, 9)), base: 1767225600000, rows: map[int64]string{}}
}

// produce sends n events to a partition.
func (l *ledger) produce(b *kafkaBroker, partition int32, n int) {
	b.t.Helper()
	values := make([]string, n)
	for i := range values {
		l.next++
		e := event{ID: l.next, Score: l.rng.NormFloat64() * 1e6, Flag: l.rng.IntN(2) == 0, TS: l.base + l.rng.Int64N(1e6), Tags: []string{}}
		if l.rng.IntN(10) > 0 {
			name := "name \"" + strconv.Itoa(l.rng.IntN(50)) + "\" ü"
			e.Name = &name
		}
		for k := range 1 + l.rng.IntN(3) {
			e.Tags = append(e.Tags, "tag"+strconv.Itoa(k*l.rng.IntN(7)))
		}
		v, err := json.Marshal(e)
		if err != nil {
			b.t.Fatal(err)
		}
		values[i] = string(v)
		l.rows[e.ID] = e.text()
	}
	b.send(l.topic, partition, values...)
}

// forget takes out rows that no longer have to be there.
func (l *ledger) forget(from, to int64) {
	for id := from; id <= to; id++ {
		delete(l.rows, id)
	}
}

// safeBuffer is a log that goroutines write and a failing test prints.
type safeBuffer struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (s *safeBuffer) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.buf.Write(p)
}

func (s *safeBuffer) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.buf.String()
}

// rig is a node on a directory of its own, which can be stopped and started again.
type rig struct {
	t      *testing.T
	dir    string
	fs     vfs.FS
	config func(*config.Config)
	log    *safeBuffer
	node   *Node
	end    context.CancelFunc
	http   *http.Client
}

// newRig prepares a node; start starts it. change may alter the configuration.
func newRig(t *testing.T, change func(*config.Config)) *rig {
	t.Helper()
	r := &rig{t: t, dir: filepath.Join(t.TempDir(), "data"), config: change, log: &safeBuffer{},
		http: &http.Client{Transport: &http.Transport{}, Timeout: patience}}
	t.Cleanup(func() {
		r.stop()
		r.http.CloseIdleConnections()
		if t.Failed() {
			text := r.log.String()
			t.Logf("log of the node:\n%s", text[max(0, len(text)-12000):])
		}
	})
	return r
}

func startRig(t *testing.T) *rig {
	t.Helper()
	r := newRig(t, nil)
	r.start()
	return r
}

func (r *rig) start() {
	r.t.Helper()
	c := config.Default()
	c.DataDir = r.dir
	c.Controller.HTTPPort, c.Broker.HTTPPort, c.Broker.PostgresPort, c.Server.HTTPPort = 0, 0, 0, 0
	c.Server.DiscoveryInterval, c.Server.RetentionInterval = 200*time.Millisecond, 200*time.Millisecond
	if r.config != nil {
		r.config(&c)
	}
	ctx, cancel := context.WithCancel(context.Background())
	n, err := Start(ctx, Options{Config: c, Version: "test", FS: r.fs,
		Logger: logger(r.log)})
	if err != nil {
		cancel()
		r.t.Fatal(err)
	}
	r.node, r.end = n, cancel
}

func logger(w io.Writer) *slog.Logger {
	return slog.New(slog.NewTextHandler(w, &slog.HandlerOptions{Level: slog.LevelInfo}))
}

// stop ends the node as SIGTERM does: its context ends, and it finishes what runs.
func (r *rig) stop() {
	if r.node == nil {
		return
	}
	r.end()
	if err := r.node.Wait(); err != nil && !errors.Is(err, context.Canceled) {
		r.t.Errorf("stop: %v", err)
	}
	r.node = nil
	r.http.CloseIdleConnections()
}

// eventually waits until f is true; f's text says how far it is.
func (r *rig) eventually(what string, f func() (bool, string)) {
	r.t.Helper()
	last := ""
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(15 * time.Millisecond) {
		ok, state := f()
		if ok {
			return
		}
		last = state
	}
	r.t.Fatalf("%s: not within %s; last: %s", what, patience, last)
}

// request asks an HTTP port and gives status and body.
func (r *rig) request(method, addr, path, contentType string, body io.Reader) (int, string) {
	r.t.Helper()
	req, err := http.NewRequest(method, "http://"+addr+path, body)
	if err != nil {
		r.t.Fatal(err)
	}
	if contentType != "" {
		req.Header.Set("Content-Type", contentType)
	}
	resp, err := r.http.Do(req)
	if err != nil {
		return 0, err.Error()
	}
	text, err := io.ReadAll(resp.Body)
	if err := errors.Join(err, resp.Body.Close()); err != nil {
		return resp.StatusCode, err.Error()
	}
	return resp.StatusCode, string(text)
}

func (r *rig) admin(method, path, body string) (int, string) {
	r.t.Helper()
	return r.request(method, r.node.Addrs().Controller, path, "application/json", strings.NewReader(body))
}

// ready gives status and body of /health/ready of the server port.
func (r *rig) ready() (int, string) {
	r.t.Helper()
	return r.request(http.MethodGet, r.node.Addrs().ServerHTTP, "/health/ready", "", nil)
}

func (r *rig) waitReady() {
	r.t.Helper()
	r.eventually("ready", func() (bool, string) {
		code, body := r.ready()
		return code == http.StatusOK, fmt.Sprint(code, " ", body)
	})
}

// waitNotReady waits for 503 with all the texts in its body.
func (r *rig) waitNotReady(texts ...string) {
	r.t.Helper()
	r.eventually("not ready: "+strings.Join(texts, ", "), func() (bool, string) {
		code, body := r.ready()
		return code == http.StatusServiceUnavailable && containsAll(body, texts...), fmt.Sprint(code, " ", body)
	})
}

// waitIngestion waits until GET /tables/{t}/ingestionErrors shows the texts.
func (r *rig) waitIngestion(table string, texts ...string) {
	r.t.Helper()
	r.eventually("ingestionErrors with "+strings.Join(texts, ", "), func() (bool, string) {
		code, body := r.admin(http.MethodGet, "/tables/"+table+"/ingestionErrors", "")
		return code == http.StatusOK && containsAll(body, texts...), fmt.Sprint(code, " ", body)
	})
}

func containsAll(s string, texts ...string) bool {
	return !slices.ContainsFunc(texts, func(t string) bool { return !strings.Contains(s, t) })
}

const schemaJSON = `{"schemaName": "%s", "dimensionFieldSpecs": [{"name": "id", "dataType": "LONG"}, {"name": "name", "dataType": "STRING"},
 {"name": "tags", "dataType": "STRING", "singleValueField": false}, {"name": "flag", "dataType": "BOOLEAN"}],
 "metricFieldSpecs": [{"name": "score", "dataType": "DOUBLE"}],
 "dateTimeFieldSpecs": [{"name": "ts", "dataType": "TIMESTAMP", "format": "TIMESTAMP", "granularity": "1:MILLISECONDS"}]}`

// tableSpec is what differs between the tables of these tests.
type tableSpec struct {
	props    map[string]string // stream properties
	segments map[string]string // segmentsConfig
	metadata map[string]string
	noDict   []string
}

func (r *rig) createTable(name, brokers string, spec tableSpec) {
	r.t.Helper()
	props := map[string]string{"streamType": "kafka", "stream.kafka.topic.name": name, "stream.kafka.broker.list": brokers,
		"stream.kafka.decoder.class.name": "KafkaJSONMessageDecoder", "stream.kafka.consumer.prop.auto.offset.reset": "smallest"}
	for k, v := range spec.props {
		props[k] = v
	}
	segments := map[string]string{"timeColumnName": "ts"}
	for k, v := range spec.segments {
		segments[k] = v
	}
	table := map[string]any{"tableName": name, "tableType": "REALTIME", "segmentsConfig": segments, "tenants": map[string]any{},
		"tableIndexConfig": map[string]any{"streamConfigs": props, "noDictionaryColumns": spec.noDict},
		"metadata":         map[string]any{"customConfigs": spec.metadata}}
	body, err := json.Marshal(map[string]any{"tableName": name, "schema": json.RawMessage(fmt.Sprintf(schemaJSON, name)), "realtime": table})
	if err != nil {
		r.t.Fatal(err)
	}
	if code, answer := r.admin(http.MethodPost, "/tableConfigs", string(body)); code != http.StatusOK {
		r.t.Fatalf("create table: %d %s", code, answer)
	}
}

// rowsPerSegment is a flush threshold.
func rowsPerSegment(n int) tableSpec {
	return tableSpec{props: map[string]string{"realtime.segment.flush.threshold.rows": strconv.Itoa(n)}}
}

// wire opens a Postgres connection; notices are appended to the list.
func (r *rig) wire() (*pgx.Conn, *[]string) {
	r.t.Helper()
	cfg, err := pgx.ParseConfig("postgres://test@" + r.node.Addrs().Postgres + "/test?sslmode=disable")
	if err != nil {
		r.t.Fatal(err)
	}
	notices := &[]string{}
	cfg.OnNotice = func(_ *pgconn.PgConn, n *pgconn.Notice) { *notices = append(*notices, n.Message) }
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	conn, err := pgx.ConnectConfig(ctx, cfg)
	if err != nil {
		r.t.Fatal(err)
	}
	return conn, notices
}

func (r *rig) closeWire(c *pgx.Conn) {
	r.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	if err := c.Close(ctx); err != nil {
		r.t.Logf("close: %v", err)
	}
}

// events reads every column of every row over the Postgres wire.
func (r *rig) events(table string) (rows map[int64]string, notices []string, err error) {
	r.t.Helper()
	conn, list := r.wire()
	defer r.closeWire(conn)
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	got, err := conn.Query(ctx, fmt.Sprintf("SELECT id, name, score, tags, flag, ts FROM %s", table))
	if err != nil {
		return nil, *list, err
	}
	defer got.Close()
	rows = map[int64]string{}
	for got.Next() {
		var e event
		var ts time.Time
		if err := got.Scan(&e.ID, &e.Name, &e.Score, &e.Tags, &e.Flag, &ts); err != nil {
			return nil, *list, err
		}
		e.TS = ts.UnixMilli()
		if _, twice := rows[e.ID]; twice {
			r.t.Fatalf("row %d of table %s is doubled", e.ID, table)
		}
		rows[e.ID] = e.text()
	}
	return rows, *list, got.Err()
}

// compare waits until a table holds exactly the rows of the ledger. A row that the ledger does not have, or has
// otherwise, fails at once.
func (r *rig) compare(l *ledger) {
	r.t.Helper()
	r.eventually("all rows of the ledger", func() (bool, string) {
		rows, _, err := r.events(l.topic)
		if err != nil {
			return false, err.Error()
		}
		for id, text := range rows {
			if want, ok := l.rows[id]; !ok || want != text {
				r.t.Fatalf("row %d is %s, the ledger has %q", id, text, want)
			}
		}
		return len(rows) == len(l.rows), fmt.Sprintf("%d of %d rows", len(rows), len(l.rows))
	})
}

// exec runs a statement over the wire and gives its error.
func (r *rig) exec(text string) error {
	r.t.Helper()
	conn, _ := r.wire()
	defer r.closeWire(conn)
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	_, err := conn.PgConn().Exec(ctx, text).ReadAll()
	return err
}

// answer is a response of the query API, as far as the tests read it.
type answer struct {
	ResultTable *struct {
		Rows [][]any `json:"rows"`
	} `json:"resultTable"`
	Exceptions []struct {
		ErrorCode int    `json:"errorCode"`
		Message   string `json:"message"`
	} `json:"exceptions"`
	raw string
}

// queryHTTP posts a query to the broker.
func (r *rig) queryHTTP(text string) (int, answer) {
	r.t.Helper()
	body, err := json.Marshal(map[string]string{"sql": text})
	if err != nil {
		r.t.Fatal(err)
	}
	code, raw := r.request(http.MethodPost, r.node.Addrs().BrokerHTTP, "/query/sql", "application/json", bytes.NewReader(body))
	a := answer{raw: raw}
	if err := json.Unmarshal([]byte(raw), &a); err != nil && code == http.StatusOK {
		r.t.Fatalf("the answer is no JSON: %v: %.300s", err, raw)
	}
	return code, a
}

// alive asserts that the node answers on all its ports.
func (r *rig) alive() {
	r.t.Helper()
	if err := r.exec("SELECT 1"); err != nil {
		r.t.Errorf("SELECT 1 over the wire: %v", err)
	}
	if code, a := r.queryHTTP("SELECT 1"); code != http.StatusOK || len(a.Exceptions) != 0 || a.ResultTable == nil || len(a.ResultTable.Rows) != 1 {
		r.t.Errorf("SELECT 1 over HTTP: %d %s", code, a.raw)
	}
	addrs := r.node.Addrs()
	for name, addr := range map[string]string{"controller": addrs.Controller, "broker": addrs.BrokerHTTP, "server": addrs.ServerHTTP} {
		if code, body := r.request(http.MethodGet, addr, "/health/live", "", nil); code != http.StatusOK {
			r.t.Errorf("%s is not alive: %d %s", name, code, body)
		}
	}
}

// segmentNames lists the names of committed segments of a table.
func (r *rig) sealed(table string) []string {
	r.t.Helper()
	records, err := r.node.server.Segments(context.Background(), table)
	if err != nil {
		return nil
	}
	var names []string
	for _, s := range records {
		if s.Key != "" {
			names = append(names, s.Name)
		}
	}
	return names
}

// waitSealed waits until so many segments are committed.
func (r *rig) waitSealed(table string, n int) {
	r.t.Helper()
	r.eventually(fmt.Sprint(n, " sealed segments"), func() (bool, string) {
		names := r.sealed(table)
		return len(names) == n, fmt.Sprint(names)
	})
}

// files lists the segment files of the deep store.
func (r *rig) files() []string {
	r.t.Helper()
	var out []string
	var walk func(dir string)
	walk = func(dir string) {
		entries, err := vfs.OS().ReadDir(dir)
		if err != nil {
			return
		}
		for _, e := range entries {
			path := filepath.Join(dir, e.Name())
			if e.IsDir() {
				walk(path)
			} else if strings.HasSuffix(path, ".seg") {
				out = append(out, path)
			}
		}
	}
	walk(filepath.Join(r.dir, "deepstore"))
	slices.Sort(out)
	return out
}

// wantWire asserts the SQLSTATE and texts of an error over the wire.
func wantWire(t *testing.T, what string, err error, code string, texts ...string) {
	t.Helper()
	var pg *pgconn.PgError
	if !errors.As(err, &pg) {
		t.Errorf("%s: error %v, want SQLSTATE %s", what, err, code)
		return
	}
	if whole := pg.Message + " | " + pg.Detail + " | " + pg.Hint; pg.Code != code || !containsAll(whole, texts...) {
		t.Errorf("%s: %s %.300s, want %s with %q", what, pg.Code, whole, code, texts)
	}
}

// wantHTTP asserts errorCode and texts of an answer of the query API.
func wantHTTP(t *testing.T, what string, status int, a answer, code int, texts ...string) {
	t.Helper()
	if status != http.StatusOK || len(a.Exceptions) != 1 {
		t.Errorf("%s: status %d, %.300s; want 200 with one exception %d", what, status, a.raw, code)
		return
	}
	if e := a.Exceptions[0]; e.ErrorCode != code || !containsAll(e.Message, texts...) {
		t.Errorf("%s: %d %.300s, want %d with %q", what, e.ErrorCode, e.Message, code, texts)
	}
}

// sqlState is the SQLSTATE of an error over the wire, "" for one that is none.
func sqlState(err error) string {
	var pg *pgconn.PgError
	if errors.As(err, &pg) {
		return pg.Code
	}
	return ""
}
