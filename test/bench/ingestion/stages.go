package ingestion

import (
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"time"

	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/ingest"
	"github.com/freshetdb/freshet/ingest/transform"
	"github.com/freshetdb/freshet/internal/offheap"
	"github.com/freshetdb/freshet/internal/vfs"
	"github.com/freshetdb/freshet/query/function/builtin"
	"github.com/freshetdb/freshet/segment/build"
	"github.com/freshetdb/freshet/segment/mutable"
)

// Stage is the CPU time of one stage of the way of a row.
type Stage struct {
	Name      string
	NanosEach float64 // per row
}

// stageRecords is how many records are taken at once, as many as the server's consumers take.
const stageRecords = 256

// keptBytes is what the server lets its allocator keep.
const keptBytes = 256 << 20

// Stages sends rounds cycles of the workload, which are rendered, through the stages, and gives the least time of each: to
// give the records, decode and transform, append, and build with fsync.
func Stages(ctx context.Context, dir string, w *Workload, rounds int) (stages []Stage, err error) {
	s := &stageRun{w: w, path: filepath.Join(dir, "stage.seg"), allocator: offheap.NewAllocator(nil)}
	s.allocator.Keep(keptBytes)
	defer s.allocator.Keep(0)
	if s.schema, _, err = catalog.ParseSchema(w.Schema); err != nil {
		return nil, err
	}
	if s.table, _, _, err = catalog.ParseTable(w.Config, s.schema); err != nil {
		return nil, err
	}
	if s.pipeline, err = transform.Compile(s.schema, s.table, builtin.Registry()); err != nil {
		return nil, err
	}
	names := [...]string{"give", "decode, transform", "append", "build, fsync"}
	for i := range names {
		stages = append(stages, Stage{names[i], math.Inf(1)})
	}
	for range rounds {
		runtime.GC()
		times, err := s.run(ctx)
		if err != nil {
			return nil, err
		}
		for i, d := range times {
			stages[i].NanosEach = min(stages[i].NanosEach, float64(d.Nanoseconds())/float64(w.Cycle()))
		}
	}
	return stages, os.Remove(s.path)
}

// stageRun passes records through the stages.
type stageRun struct {
	w         *Workload
	path      string
	schema    *catalog.Schema
	table     *catalog.Table
	pipeline  *transform.Pipeline
	allocator *offheap.Allocator
	buf       []ingest.Record
	at        int64 // offset of the next record
}

// timer adds up the CPU time between its marks.
type timer struct {
	last time.Duration
	err  error
}

func (t *timer) mark(into *time.Duration) {
	now, err := cpuTime()
	t.err = errors.Join(t.err, err)
	if into != nil {
		*into += now - t.last
	}
	t.last = now
}

// run sends one cycle of records through.
func (s *stageRun) run(ctx context.Context) (times [4]time.Duration, err error) {
	segment, err := mutable.New(mutable.Config{Name: "stage", Schema: s.schema, Table: s.table, Allocator: s.allocator})
	if err != nil {
		return times, err
	}
	defer segment.Release()
	var t timer
	t.mark(nil)
	for end := s.at + int64(s.w.Cycle()); s.at < end; {
		s.buf = s.w.batch(s.buf[:0], s.at, min(stageRecords, int(end-s.at)))
		s.at += int64(len(s.buf))
		t.mark(&times[0])
		rows, err := s.pipeline.Process(s.buf)
		if err != nil {
			return times, err
		}
		if len(rows.Rejects) > 0 {
			return times, fmt.Errorf("a record was rejected: %w", rows.Rejects[0].Reason)
		}
		t.mark(&times[1])
		if err := segment.Append(&rows.Batch, rows.Offsets, rows.Ordinals); err != nil {
			return times, err
		}
		t.mark(&times[2])
	}
	spec := build.Spec{Name: "stage", Table: s.w.Table, Incarnation: "1", Schema: s.schema, TableConfig: s.table, Allocator: s.allocator}
	_, err = build.Write(ctx, vfs.OS(), s.path, spec, segment.View(segment.Rows()))
	t.mark(&times[3])
	return times, errors.Join(err, t.err)
}
