//go:build steady

package steady

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgproto3"

	"github.com/freshetdb/freshet/ingest"
	"github.com/freshetdb/freshet/test/events"
)

const eventTable = `{"tableName": "events", "tableType": "REALTIME", "segmentsConfig": {"timeColumnName": "ts", "replication": "1"}, "tenants": {},
 "tableIndexConfig": {"streamConfigs": {"streamType": "kafka", "stream.kafka.topic.name": "events", "stream.kafka.broker.list": "%s",
  "stream.kafka.decoder.class.name": "KafkaJSONMessageDecoder", "stream.kafka.consumer.prop.auto.offset.reset": "smallest",
  "realtime.segment.flush.threshold.rows": "%d"}}, "metadata": {}}`

// Of the stuck readers' test.
const (
	stuckFor      = 5 * time.Second
	stuckRate     = 5000 // rows per second while readers are stuck
	stuckSegment  = 4000 // rows
	stuckPreload  = 150_000
	stuckMaxStall = time.Second
)

// producer makes event rows for a topic.
type producer struct {
	w   *world
	gen *events.Generator
	row events.Row
}

func newProducer(w *world) *producer {
	return &producer{w: w, gen: events.New(1, 100_000_000)}
}

func (p *producer) send(ctx context.Context, rows int) {
	for range rows {
		p.gen.Next(&p.row)
		p.w.produce(ctx, "events", p.row.AppendJSON(make([]byte, 0, 320)))
	}
}

// at produces at a rate for a time, a few rows every other millisecond.
func (p *producer) at(ctx context.Context, rate int, d time.Duration) {
	began := time.Now()
	tick := time.NewTicker(2 * time.Millisecond)
	defer tick.Stop()
	for sent := 0; time.Since(began) < d && ctx.Err() == nil; <-tick.C {
		if due := int(time.Since(began).Seconds() * float64(rate)); due > sent {
			p.send(ctx, due-sent)
			sent = due
		}
	}
}

// TestStuckReaders lets two clients stop reading in the middle of their results, one with its socket full, one with an
// open portal, while rows come and segments seal. The writer and the sealer must not notice, and each reader must in the
// end get exactly the rows of the version that it pinned.
func TestStuckReaders(t *testing.T) {
	w := newWorld(t)
	w.createTable(t, "events", events.Schema, fmt.Sprintf(eventTable, w.kafka, stuckSegment))
	p := newProducer(w)
	p.send(t.Context(), stuckPreload)
	w.flush(t)
	watch := w.connect(t)
	w.waitRows(t, watch, "events", stuckPreload)
	w.quiesce()

	full, err := w.connect(t).Query(t.Context(), `SELECT "$offset", country, device, campaign, "userId", url, status, price FROM events`)
	if err != nil {
		t.Fatal(err)
	}
	defer full.Close()
	open := openPortal(t, w.connect(t), `SELECT "$offset", url FROM events`)

	before, sealed := int64(stuckPreload), w.points.count(ingest.PointAfterCommit)
	began := time.Now()
	done := make(chan struct{})
	go func() {
		defer close(done)
		p.at(t.Context(), stuckRate, stuckFor)
	}()
	stall, last, lastAt := time.Duration(0), before, began
	for time.Since(began) < stuckFor {
		n, err := count(t.Context(), watch, "events")
		if err != nil {
			t.Fatal(err)
		}
		if now := time.Now(); n > last {
			stall = max(stall, now.Sub(lastAt))
			last, lastAt = n, now
		}
	}
	sealedMeanwhile := w.points.count(ingest.PointAfterCommit) - sealed
	<-done
	w.flush(t)
	t.Logf("two readers stuck for %v: %d rows came (%d per second produced), longest time without a new row %v, %d segments sealed",
		stuckFor, last-before, stuckRate, stall.Round(time.Microsecond), sealedMeanwhile)
	if want := int64(stuckRate * stuckFor.Seconds() * 0.8); last-before < want || stall > stuckMaxStall {
		t.Errorf("%d rows came, want %d; longest time without a new one %v, want %v at most", last-before, want, stall, stuckMaxStall)
	}
	if want := int(stuckRate*stuckFor.Seconds()/stuckSegment) / 2; sealedMeanwhile < want {
		t.Errorf("%d segments were sealed meanwhile, want %d", sealedMeanwhile, want)
	}
	seen := offsets{}
	for full.Next() {
		values, err := full.Values()
		if err != nil {
			t.Fatal(err)
		}
		seen.add(t, values[0].(int64))
	}
	if err := full.Err(); err != nil {
		t.Fatal(err)
	}
	seen.check(t, "the half-read result", stuckPreload)
	open.rest(t).check(t, "the open portal", stuckPreload)
	w.waitRows(t, watch, "events", w.sent.Load())
}

// offsets are those of the rows that a reader got.
type offsets map[int64]bool

func (o offsets) add(t *testing.T, offset int64) {
	t.Helper()
	if o[offset] {
		t.Fatalf("the row of offset %d came twice", offset)
	}
	o[offset] = true
}

// check wants exactly the first n offsets.
func (o offsets) check(t *testing.T, who string, n int) {
	t.Helper()
	for offset := range o {
		if offset < 0 || offset >= int64(n) {
			t.Fatalf("%s: offset %d came after the version it reads", who, offset)
		}
	}
	if len(o) != n {
		t.Errorf("%s: %d rows, want %d", who, len(o), n)
	}
}

// portal is an open portal whose client stands still.
type portal struct {
	wire *pgproto3.Frontend
	seen offsets
}

// openPortal binds a query and takes its first ten rows.
func openPortal(t *testing.T, conn *pgx.Conn, query string) *portal {
	t.Helper()
	p := &portal{wire: conn.PgConn().Frontend(), seen: offsets{}}
	p.wire.SendParse(&pgproto3.Parse{Query: query})
	p.wire.SendBind(&pgproto3.Bind{})
	p.wire.SendExecute(&pgproto3.Execute{MaxRows: 10})
	p.wire.Send(&pgproto3.Flush{})
	p.read(t, true)
	return p
}

// read takes rows until the portal is suspended, or until all came and the server is ready.
func (p *portal) read(t *testing.T, suspended bool) {
	t.Helper()
	if err := p.wire.Flush(); err != nil {
		t.Fatal(err)
	}
	for {
		m, err := p.wire.Receive()
		if err != nil {
			t.Fatal(err)
		}
		switch m := m.(type) {
		case *pgproto3.DataRow:
			var offset int64
			if _, err := fmt.Sscan(string(m.Values[0]), &offset); err != nil {
				t.Fatal(err)
			}
			p.seen.add(t, offset)
		case *pgproto3.PortalSuspended:
			if !suspended {
				t.Fatal("the portal is suspended again")
			}
			return
		case *pgproto3.ReadyForQuery:
			return
		case *pgproto3.ErrorResponse:
			t.Fatalf("portal: %s %s", m.Code, m.Message)
		}
	}
}

// rest takes all other rows.
func (p *portal) rest(t *testing.T) offsets {
	t.Helper()
	p.wire.SendExecute(&pgproto3.Execute{})
	p.wire.SendSync(&pgproto3.Sync{})
	p.read(t, false)
	return p.seen
}
