package ingestion

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/ingest"
	"github.com/freshetdb/freshet/ingest/transform"
	"github.com/freshetdb/freshet/internal/vfs"
	"github.com/freshetdb/freshet/query/function/builtin"
	"github.com/freshetdb/freshet/segment/build"
	"github.com/freshetdb/freshet/segment/mutable"
)

// Stage is the CPU time of one stage of the way of a row, alone and without the others' traffic in the caches.
type Stage struct {
	Name      string
	NanosEach float64 // per row
}

// Stages sends the workload's records once through each stage: decode with transform, append, and build with fsync.
func Stages(ctx context.Context, dir string, w *Workload) (stages []Stage, err error) {
	schema, _, err := catalog.ParseSchema(w.Schema)
	if err != nil {
		return nil, err
	}
	table, _, _, err := catalog.ParseTable(w.Config, schema)
	if err != nil {
		return nil, err
	}
	table.Name = w.Table
	pipeline, err := transform.Compile(schema, table, builtin.Registry())
	if err != nil {
		return nil, err
	}
	segment, err := mutable.New(mutable.Config{Name: "stage", Schema: schema, Table: table})
	if err != nil {
		return nil, err
	}
	defer segment.Release()
	s := &stageRun{w: w, pipeline: pipeline, segment: segment}
	if err := s.records(); err != nil {
		return nil, err
	}
	stages = append(stages, Stage{"renumber", s.each(s.renumber)}, Stage{"decode, transform", s.each(s.process) - s.each(s.renumber)}, Stage{"append", s.each(s.append)})
	path := filepath.Join(dir, "stage.seg")
	sealed, err := timed(func() error {
		_, err := build.Write(ctx, vfs.OS(), path, build.Spec{Name: "stage", Table: w.Table, Incarnation: "1", Schema: schema, TableConfig: table},
			segment.View(segment.Rows()))
		return err
	})
	stages = append(stages, Stage{"build, fsync", s.each(sealed)})
	return stages, errors.Join(err, os.Remove(path))
}

// stageRun is one pass over the records.
type stageRun struct {
	w                         *Workload
	pipeline                  *transform.Pipeline
	segment                   *mutable.Segment
	renumber, process, append time.Duration
}

func (s *stageRun) each(d time.Duration) float64 {
	return float64(d.Nanoseconds()) / float64(len(s.w.Records))
}

func timed(f func() error) (time.Duration, error) {
	before, err := cpuTime()
	if err != nil {
		return 0, err
	}
	if err := f(); err != nil {
		return 0, err
	}
	after, err := cpuTime()
	return after - before, err
}

// records takes the times of the stages of the partition's loop. What numbering the records costs is part of the first
// pass and of the whole.
func (s *stageRun) records() error {
	var buf []ingest.Record
	pass := func(do func(recs []ingest.Record) error) error {
		for offset := int64(0); offset < int64(len(s.w.Records)); offset += int64(len(buf)) {
			buf = s.w.batch(buf[:0], offset, min(pollRecords, len(s.w.Records)-int(offset)))
			if err := do(buf); err != nil {
				return err
			}
		}
		return nil
	}
	process := func(recs []ingest.Record) error {
		rows, err := s.pipeline.Process(recs)
		if err == nil && len(rows.Rejects) > 0 {
			err = fmt.Errorf("a record was rejected: %w", rows.Rejects[0].Reason)
		}
		return err
	}
	var err error
	if s.renumber, err = timed(func() error { return pass(func([]ingest.Record) error { return nil }) }); err != nil {
		return err
	}
	if s.process, err = timed(func() error { return pass(process) }); err != nil {
		return err
	}
	whole, err := timed(func() error {
		return pass(func(recs []ingest.Record) error {
			rows, err := s.pipeline.Process(recs)
			if err != nil {
				return err
			}
			return s.segment.Append(&rows.Batch, rows.Offsets, rows.Ordinals)
		})
	})
	s.append = whole - s.process
	return err
}
