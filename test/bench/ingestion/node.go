package ingestion

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strconv"
	"syscall"
	"time"

	"github.com/freshetdb/freshet/broker/endpoint"
	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/ingest"
	"github.com/freshetdb/freshet/internal/config"
	"github.com/freshetdb/freshet/internal/node"
	"github.com/freshetdb/freshet/server"
	"github.com/freshetdb/freshet/test/stalls"
)

const (
	lookEvery = 50 * time.Millisecond // between two looks at the count of rows
	patience  = 30 * time.Minute
)

// Figures are what a run came to. Times begin when the table is created.
type Figures struct {
	Rows int64
	// Queryable is when count(*) gave all rows, Sealed when all of them were in committed, fsynced segments.
	Queryable, Sealed time.Duration
	// CPU is the time of the whole process (user and system) until Sealed.
	CPU   time.Duration
	Bytes int64 // of the segment files
	// Written is how long it takes to write and sync as many bytes and nothing else, right afterwards; 0 where it was not tried.
	Written time.Duration
	// Stolen is for how long the machine's host kept its processors, all taken together, from programs until Sealed; 0 where the
	// system does not tell.
	Stolen time.Duration
}

// PerSecond is the rows per second until all were queryable.
func (f Figures) PerSecond() float64 { return float64(f.Rows) / f.Queryable.Seconds() }

// String gives the figures in words.
func (f Figures) String() string {
	rate := func(d time.Duration) float64 { return float64(f.Rows) / d.Seconds() }
	text := fmt.Sprintf("%d rows: queryable after %.2f s (%.0f rows/s), sealed after %.2f s (%.0f rows/s); CPU %.0f ns/row; %.1f B/row",
		f.Rows, f.Queryable.Seconds(), rate(f.Queryable), f.Sealed.Seconds(), rate(f.Sealed), float64(f.CPU.Nanoseconds())/float64(f.Rows),
		float64(f.Bytes)/float64(f.Rows))
	if f.Stolen > 0 {
		text += fmt.Sprintf("; the machine's host kept its processors for %.2f s meanwhile", f.Stolen.Seconds())
	}
	if f.Written > 0 {
		text += fmt.Sprintf("; to write as many bytes alone %.2f s", f.Written.Seconds())
	}
	return text
}

// cpuTime is what the process has used so far.
func cpuTime() (time.Duration, error) {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0, err
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano()), nil
}

// startNode starts a node of all roles in dir.
func startNode(ctx context.Context, dir string, streams server.StreamFactory) (*node.Node, error) {
	cfg := config.Default()
	cfg.DataDir = filepath.Join(dir, "data")
	cfg.Controller.HTTPPort, cfg.Broker.HTTPPort, cfg.Broker.PostgresPort, cfg.Server.HTTPPort = 0, 0, 0, 0
	return node.Start(ctx, node.Options{Config: cfg, Version: "bench", Streams: streams,
		Logger: slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelWarn}))})
}

// Memory ingests rows of a workload from memory through a node in dir, which is empty.
func Memory(ctx context.Context, dir string, w *Workload, rows int64) (f Figures, err error) {
	source := w.stream(rows)
	n, err := startNode(ctx, dir, func(*catalog.Table) (ingest.Stream, error) { return source, nil })
	if err != nil {
		return f, err
	}
	f, err = measure(ctx, n, dir, w.Table, rows, func() error {
		_, err := n.Controller().CreateTableConfigs(ctx, w.Table, w.Schema, w.Config)
		return err
	})
	if err := errors.Join(err, n.Stop()); err != nil {
		return f, err
	}
	f.Written, err = write(filepath.Join(dir, "written"), f.Bytes)
	return f, err
}

// writeAtOnce is the size of the writes of write, that of a segment's.
const writeAtOnce = 64 << 10

// write times the writing of a new file of some size, which is synced and then removed.
func write(path string, size int64) (took time.Duration, err error) {
	f, err := os.Create(path)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, f.Close(), os.Remove(path)) }()
	buf := make([]byte, writeAtOnce)
	for i := range buf {
		buf[i] = byte(i)
	}
	began := time.Now()
	for left := size; left > 0; left -= writeAtOnce {
		if _, err := f.Write(buf[:min(left, writeAtOnce)]); err != nil {
			return 0, err
		}
	}
	err = f.Sync()
	return time.Since(began), err
}

// measure creates a table and waits until it has all rows, and until all of them are sealed.
func measure(ctx context.Context, n *node.Node, dir, table string, rows int64, create func() error) (f Figures, err error) {
	f.Rows = rows
	before, err := cpuTime()
	stolen, errStolen := stalls.Stolen()
	if err := errors.Join(err, errStolen); err != nil {
		return f, err
	}
	began := time.Now()
	if err := create(); err != nil {
		return f, err
	}
	counter, err := newCounter(ctx, n, table)
	if err != nil {
		return f, err
	}
	defer func() { err = errors.Join(err, counter.session.Close()) }()
	if err := until(ctx, "all rows are queryable", func() (bool, error) {
		got, err := counter.count(ctx)
		if err != nil { // until the table is known to every role
			return false, ctx.Err()
		}
		if got > rows {
			return false, fmt.Errorf("count(*) gives %d rows of %d", got, rows)
		}
		return got == rows, nil
	}); err != nil {
		return f, err
	}
	f.Queryable = time.Since(began)
	if err := n.ForceCommit(ctx, table); err != nil {
		return f, err
	}
	if err := until(ctx, "all rows are sealed", func() (bool, error) {
		sealed, err := n.SealedRows(ctx, table)
		return sealed == rows, err
	}); err != nil {
		return f, err
	}
	f.Sealed = time.Since(began)
	after, err := cpuTime()
	stolenAfter, errStolen := stalls.Stolen()
	if err := errors.Join(err, errStolen); err != nil {
		return f, err
	}
	f.CPU, f.Stolen = after-before, stolenAfter-stolen
	f.Bytes, err = folderBytes(filepath.Join(dir, "data", "deepstore"))
	return f, err
}

func folderBytes(dir string) (total int64, err error) {
	err = filepath.WalkDir(dir, func(_ string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		info, err := d.Info()
		if err == nil {
			total += info.Size()
		}
		return err
	})
	return total, err
}

func until(ctx context.Context, what string, ok func() (bool, error)) error {
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(lookEvery) {
		done, err := ok()
		if err == nil {
			err = ctx.Err()
		}
		if err != nil {
			return fmt.Errorf("%s: %w", what, err)
		}
		if done {
			return nil
		}
	}
	return fmt.Errorf("%s: not within %s", what, patience)
}

// counter asks for a table's count of rows through the broker's public entry.
type counter struct {
	session endpoint.Session
	text    string
}

func newCounter(ctx context.Context, n *node.Node, table string) (*counter, error) {
	s, err := n.Broker().Open(ctx, endpoint.SessionConfig{Dialect: endpoint.DialectHTTP, User: "bench"})
	return &counter{session: s, text: "SELECT count(*) FROM " + strconv.Quote(table)}, err
}

func (c *counter) count(ctx context.Context) (rows int64, err error) {
	statements, err := c.session.Prepare(ctx, c.text, nil)
	if err != nil {
		return 0, err
	}
	if err := statements[0].Bind(ctx); err != nil {
		return 0, err
	}
	run, err := statements[0].Execute(ctx, nil)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, run.Rows.Close()) }()
	b, err := run.Rows.Next(ctx)
	if err != nil || b == nil || b.Rows != 1 {
		return 0, errors.Join(err, errors.New("count(*) gave no row"))
	}
	return b.Cols[0].At(0).I64, nil
}
