package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/freshetdb/freshet/test/bench/engine"
	"github.com/freshetdb/freshet/test/bench/stats"
)

// Goals of a small process.
const (
	idleBytesGoal    = 100e6
	emptyStartGoal   = 1.0 // seconds
	sealedStartGoal  = 2.0 // seconds, with ten million rows
	startups         = 5
	smallRows        = 10_000_000
	megabyte         = 1e6
	anonymousMemory  = "RssAnon"
	firstRowQuery    = "SELECT 1"
	sealedRowsQuery  = "SELECT count(*) FROM events"
	temporaryPattern = "freshet-bench-"
)

// copyTable loads the table where that is still to be done and copies its data directory.
func (b *bench) copyTable(ctx context.Context, into string) error {
	f, err := engine.Load(ctx, b.o.table) // waits for others, checks the rows
	if err != nil {
		return fmt.Errorf("freshet: %w", err)
	}
	if err := f.Close(); err != nil {
		return err
	}
	return b.copyData(into)
}

// memory looks at what a process over an empty data directory holds when nothing happens.
func (b *bench) memory(ctx context.Context) (err error) {
	fmt.Println()
	dir, err := os.MkdirTemp("", temporaryPattern)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	p, err := b.startFreshet(filepath.Join(dir, "data"))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, p.stop()) }()
	if _, err := p.firstRow(ctx, firstRowQuery, 1); err != nil {
		return err
	}
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(b.o.idle):
	}
	anon, err := p.status(anonymousMemory)
	if err != nil {
		return err
	}
	resident, err := p.status("VmRSS")
	if err != nil {
		return err
	}
	b.report.add(figure{Name: fmt.Sprintf("RssAnon %v after ready, empty", b.o.idle), Value: anon / megabyte, Unit: "MB", Goal: idleBytesGoal / megabyte,
		AtMost: true, Note: fmt.Sprintf("VmRSS %.1f MB", resident/megabyte)})
	return nil
}

// startup takes the time from exec to the first row over the Postgres wire: of an empty process, and of count(*) over
// sealed rows.
func (b *bench) startup(ctx context.Context) (err error) {
	fmt.Println()
	dir, err := os.MkdirTemp("", temporaryPattern)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	var empty []float64
	for i := range startups {
		took, err := b.startOnce(ctx, filepath.Join(dir, fmt.Sprint("empty-", i)), firstRowQuery, 1)
		if err != nil {
			return err
		}
		empty = append(empty, took)
	}
	b.report.add(startFigure("exec to first row, empty", empty, emptyStartGoal, ""))
	return b.withTable(ctx, func(dataDir string) error {
		var sealed []float64
		for range startups {
			took, err := b.startOnce(ctx, dataDir, sealedRowsQuery, b.o.table.Rows)
			if err != nil {
				return err
			}
			sealed = append(sealed, took)
		}
		b.report.add(startFigure(fmt.Sprintf("exec to count(*) of %d sealed rows", b.o.table.Rows), sealed, sealedStartGoal,
			fmt.Sprintf("; the goal is for %d rows", smallRows)))
		return nil
	})
}

func startFigure(name string, took []float64, goal float64, note string) figure {
	return figure{Name: name, Value: stats.Median(took), Unit: "s", Goal: goal, AtMost: true,
		Note: fmt.Sprintf("median of %d, longest %.3f s%s", len(took), stats.Quantile(took, 1), note)}
}

func (b *bench) startOnce(ctx context.Context, dataDir, sql string, want int64) (seconds float64, err error) {
	p, err := b.startFreshet(dataDir)
	if err != nil {
		return 0, err
	}
	took, err := p.firstRow(ctx, sql, want)
	return took.Seconds(), errors.Join(err, p.stop())
}
