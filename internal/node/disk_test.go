package node

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/freshetdb/freshet/internal/config"
	"github.com/freshetdb/freshet/internal/vfs"
	"github.com/freshetdb/freshet/segment"
)

// TestDiskFull fills the disk while rows come: they stop being consumed at the bound of what may wait, queries go on,
// and everything goes on when there is room again.
func TestDiskFull(t *testing.T) {
	t.Parallel()
	k := newKafka(t)
	k.topic("events", 1)
	var full atomic.Bool
	noRoom := vfs.DiskFull(0)
	r := newRig(t, func(c *config.Config) { c.Server.FrozenLimit = "1K" })
	r.fs = vfs.NewFault(vfs.OS(), func(op vfs.Op) error {
		if full.Load() {
			return noRoom(op)
		}
		return nil
	})
	r.start()
	l := newLedger("events")
	l.produce(k, 0, 75)
	r.createTable("events", k.addr, rowsPerSegment(50))
	r.compare(l)
	r.waitReady()
	r.waitSealed("events", 1)
	full.Store(true)
	l.produce(k, 0, 300)
	r.waitNotReady("partition 0 is STALLED", "disk full", "no space left on device", "events__0__1__")
	r.waitIngestion("events", `"state": "STALLED"`, "disk full")
	if code, body := r.admin(http.MethodGet, "/tables/events/status", ""); code != http.StatusOK || !containsAll(body, "UNHEALTHY", "disk full") {
		t.Errorf("status: %d %s", code, body)
	}
	rows, notices, err := r.events("events")
	if err != nil || len(rows) != 100 || !containsAll(fmt.Sprint(notices), "STALLED", "disk full") {
		t.Errorf("%d rows, notices %q, %v; want the 100 rows up to the bound", len(rows), notices, err)
	}
	r.alive()
	full.Store(false)
	r.compare(l)
	r.waitReady()
	r.waitSealed("events", 7)
	if n := len(r.files()); n != 7 {
		t.Errorf("%d files, want 7", n)
	}
	r.stop()
	r.start()
	r.compare(l)
	r.waitReady()
}

// TestDiskFullAtStart starts on a disk that takes no byte: the error says so, and the next start works.
func TestDiskFullAtStart(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "data")
	c := config.Default()
	c.DataDir, c.Controller.HTTPPort, c.Broker.HTTPPort, c.Broker.PostgresPort, c.Server.HTTPPort = dir, 0, 0, 0, 0
	log := &safeBuffer{}
	n, err := Start(context.Background(), Options{Config: c, Logger: logger(log), FS: vfs.NewFault(vfs.OS(), vfs.DiskFull(0))})
	if err == nil || !containsAll(err.Error(), "instance", "no space left on device") {
		t.Errorf("start on a full disk: %v", err)
	}
	if n != nil {
		t.Fatal("a node in spite of the error")
	}
	r := newRig(t, nil)
	r.dir = dir
	r.start()
	r.alive()
}

// spot is a byte of a segment file to flip.
type spot struct {
	what string
	at   func(f *segment.File, size int) int64
}

// spots names a byte in each section of a file, and in the parts that say what the sections are.
func spots(f *segment.File) []spot {
	fixed := func(what string, at func(f *segment.File, size int) int64) spot { return spot{what, at} }
	contents := func(what string, from int64) spot {
		return fixed("contents, "+what, func(f *segment.File, _ int) int64 { return f.Contents.Offset + from })
	}
	end := func(what string, before int) spot {
		return fixed(what, func(_ *segment.File, size int) int64 { return int64(size - before) })
	}
	// After the record of the zones (21 bytes) and the number of columns: length, name, kind, flags, encoding, width, base.
	column := int64(21 + 4)
	name := int64(len(f.Columns[0].Name))
	out := []spot{
		fixed("header, magic", func(*segment.File, int) int64 { return 2 }),
		fixed("header, version", func(*segment.File, int) int64 { return 8 }),
		fixed("header, zeros", func(*segment.File, int) int64 { return 30 }),
		fixed("header, checksum", func(*segment.File, int) int64 { return 61 }),
		fixed("zones", func(f *segment.File, _ int) int64 { return f.Zones.Offset + f.Zones.Length/2 }),
		contents("role of zones", 0), contents("offset of zones", 3), contents("checksum of zones", 18), contents("number of columns", 21),
		contents("length of a name", column), contents("name", column+4), contents("kind", column+4+name), contents("flags", column+5+name),
		contents("encoding", column+6+name), contents("width", column+7+name), contents("base", column+8+name), contents("slots", column+16+name),
		contents("last byte", f.Contents.Length-1),
		fixed("footer", func(f *segment.File, _ int) int64 { return f.Contents.Offset + f.Contents.Length + 128 }),
		end("tail, magic", 3), end("tail, checksum", 10), end("tail, version", 14), end("tail, footer checksum", 18), end("tail, footer length", 22),
		end("tail, footer offset", 30),
	}
	for i, c := range f.Columns {
		for k, s := range c.Sections {
			if s.Length > 0 {
				out = append(out, fixed(fmt.Sprintf("section %s of column %s", s.Role, c.Name), func(f *segment.File, _ int) int64 {
					s := f.Columns[i].Sections[k]
					return s.Offset + s.Length/2
				}))
			}
		}
	}
	return out
}

// flip changes one byte of a file.
func flip(t *testing.T, path string, s spot) {
	t.Helper()
	data, err := vfs.ReadFile(vfs.OS(), path, 1<<24)
	if err != nil {
		t.Fatal(err)
	}
	f := parse(t, path, data)
	data[s.at(f, len(data))] ^= 0x10
	err = vfs.WriteAtomic(vfs.OS(), path, func(w io.Writer) error {
		_, err := w.Write(data)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func parse(t *testing.T, path string, data []byte) *segment.File {
	t.Helper()
	aligned := vfs.AlignedBytes(len(data))
	copy(aligned, data)
	f, err := segment.Parse(path, aligned)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// damagedNode makes a table of one segment per spot, stops its node and flips the byte. It gives the names of the
// segments, in the order of their rows; all have the same sections.
func damagedNode(t *testing.T, k *kafkaBroker) (r *rig, l *ledger, names []string, hurt []spot) {
	t.Helper()
	const perSegment = 64
	k.topic("events", 1)
	r = startRig(t)
	l = newLedger("events")
	spec := rowsPerSegment(perSegment)
	spec.noDict = []string{"name"} // else no column would be in chunks
	r.createTable("events", k.addr, spec)
	l.produce(k, 0, perSegment)
	r.waitSealed("events", 1)
	first := r.files()[0]
	data, err := vfs.ReadFile(vfs.OS(), first, 1<<24)
	if err != nil {
		t.Fatal(err)
	}
	hurt = spots(parse(t, first, data))
	l.produce(k, 0, perSegment*(len(hurt)-1))
	r.waitSealed("events", len(hurt))
	r.compare(l)
	records, err := r.node.server.Segments(context.Background(), "events")
	if err != nil {
		t.Fatal(err)
	}
	r.stop()
	for i, s := range hurt {
		flip(t, filepath.Join(r.dir, "deepstore", filepath.FromSlash(records[i].Key)), s)
		names = append(names, records[i].Name)
	}
	return r, l, names, hurt
}

// honest reads the table once: either an error that names a damaged file, or all rows but those that notices name.
func (r *rig) honest(l *ledger) (complete bool, state string) {
	r.t.Helper()
	rows, notices, err := r.events(l.topic)
	if err != nil {
		if !strings.Contains(err.Error(), "is not loaded yet") { // the very first moment after the start
			wantWire(r.t, "query over damage", err, "XX001", "segment file", l.topic+"/", "is damaged")
		}
		return false, err.Error()
	}
	missing := 0
	for _, n := range notices {
		if strings.Contains(n, "rows are missing") {
			missing += 64
		}
	}
	for id, text := range rows {
		if l.rows[id] != text {
			r.t.Errorf("row %d is %s, the ledger has %s", id, text, l.rows[id])
		}
	}
	if len(rows)+missing < len(l.rows) {
		r.t.Errorf("%d rows of %d, and notices name only %d: %q", len(rows), len(l.rows), missing, notices)
	}
	return missing == 0 && len(rows) == len(l.rows), fmt.Sprintf("%d rows, %d missing", len(rows), missing)
}

// TestDamageIsHealed flips a byte in every section and in many fields of what describes them, each in a segment of its
// own. Kafka still holds the records: each segment is reported by name, and consumed again.
func TestDamageIsHealed(t *testing.T) {
	t.Parallel()
	k := newKafka(t)
	r, l, names, hurt := damagedNode(t, k)
	r.start()
	r.eventually("all rows again", func() (bool, string) { return r.honest(l) })
	r.compare(l)
	r.eventually("no segment is bad", func() (bool, string) {
		code, body := r.admin(http.MethodGet, "/tables/events/segmentsStatus", "")
		return code == http.StatusOK && !strings.Contains(body, "BAD") && strings.Count(body, "GOOD") == len(names)+1, body
	})
	log := r.log.String()
	for i, name := range names {
		for _, msg := range []string{"segment is damaged and set aside", "damaged segment was consumed again"} {
			if n := strings.Count(log, fmt.Sprintf("msg=%q table=events segment=%s", msg, name)); n != 1 {
				t.Errorf("%s: the log says %d times that %s: %s", hurt[i].what, n, msg, name)
			}
		}
	}
	r.stop()
	r.start()
	r.compare(l)
	if code, body := r.admin(http.MethodGet, "/tables/events/segmentsStatus", ""); code != http.StatusOK || strings.Contains(body, "BAD") {
		t.Errorf("after another restart: %d %s", code, body)
	}
}

// TestDamageIsReported does the same where Kafka no longer holds the records: the rows are lost, and everything says so.
func TestDamageIsReported(t *testing.T) {
	t.Parallel()
	k := newKafka(t)
	r, l, names, hurt := damagedNode(t, k)
	if err := k.server.DeleteRecords("events", 0, int64(len(l.rows))); err != nil {
		t.Fatal(err)
	}
	r.start()
	var last string
	r.eventually("every segment is reported", func() (bool, string) {
		r.honest(l)
		_, last = r.admin(http.MethodGet, "/tables/events/segmentsStatus", "")
		return strings.Count(last, "BAD") == len(names) && strings.Count(last, "no longer retained") == len(names), last
	})
	for i, name := range names {
		if !strings.Contains(last, name) {
			t.Errorf("%s: segment %s is not reported", hurt[i].what, name)
		}
		code, body := r.admin(http.MethodGet, "/segments/events/"+name+"/metadata", "")
		if code != http.StatusOK || !containsAll(body, "segment.damage", "is damaged in its") {
			t.Errorf("%s: metadata of %s: %d %s", hurt[i].what, name, code, body)
		}
	}
	_, notices, err := r.events("events")
	for i, name := range names {
		if err != nil || !containsAll(fmt.Sprint(notices), "segment "+name+" is damaged, its 64 rows are missing") {
			t.Fatalf("%s: query: %v, notices %q", hurt[i].what, err, notices)
		}
	}
	if _, a := r.queryHTTP("SELECT count(*) FROM events"); len(a.Exceptions) != 1 || a.Exceptions[0].ErrorCode != 305 ||
		!containsAll(a.raw, `"partialResult":true`, `"resultTable":`, fmt.Sprintf("%d segments unavailable", len(names)), names[0], "rows are missing") {
		t.Errorf("over HTTP: %.300s", a.raw)
	}
	all := int64(len(l.rows))
	l.forget(1, all)
	l.produce(k, 0, 100) // the table goes on
	r.eventually("new rows", func() (bool, string) {
		rows, _, err := r.events("events")
		return err == nil && len(rows) == len(l.rows), fmt.Sprint(len(rows), err)
	})
}
