package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/freshetdb/freshet/test/ports"
)

const (
	stopWait  = 30 * time.Second
	startWait = 2 * time.Minute
	// retryEvery is the pause between two looks at a process that starts; it is part of the error of a startup time.
	retryEvery = 2 * time.Millisecond
)

// process is a running freshet.
type process struct {
	cmd      *exec.Cmd
	began    time.Time
	postgres int
}

// startFreshet starts a node over a data directory and does not wait for it.
func (b *bench) startFreshet(dataDir string) (*process, error) {
	found, err := ports.Free(4)
	if err != nil {
		return nil, err
	}
	bin, err := b.program("freshet")
	if err != nil {
		return nil, err
	}
	p := &process{postgres: found[0]}
	p.cmd = exec.Command(bin, "start", "--data-dir", dataDir, "--set", "log.level=error", "--postgres-port", strconv.Itoa(found[0]),
		"--http-port", strconv.Itoa(found[1]), "--controller-port", strconv.Itoa(found[2]), "--server-port", strconv.Itoa(found[3]))
	p.cmd.Stderr = os.Stderr
	p.began = time.Now()
	if err := p.cmd.Start(); err != nil {
		return nil, fmt.Errorf("cannot start %s: %w", bin, err)
	}
	return p, nil
}

// program finds one of the programs that make bench builds.
func (b *bench) program(name string) (string, error) {
	path := filepath.Join(b.o.bin, name)
	if _, err := os.Stat(path); err != nil {
		return "", fmt.Errorf("no program %s (make build freshness-bin, or -bin): %w", name, err)
	}
	return path, nil
}

// stop ends the process, by force where it does not go.
func (p *process) stop() error {
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		return errors.Join(err, p.cmd.Wait())
	}
	killer := time.AfterFunc(stopWait, func() {
		if err := p.cmd.Process.Kill(); err != nil && !errors.Is(err, os.ErrProcessDone) {
			fmt.Fprintln(os.Stderr, "cannot kill freshet:", err)
		}
	})
	defer killer.Stop()
	return p.cmd.Wait()
}

func (p *process) connect(ctx context.Context) (*pgx.Conn, error) {
	return pgx.Connect(ctx, fmt.Sprintf("postgres://bench@127.0.0.1:%d/bench?sslmode=disable", p.postgres))
}

// firstRow asks until the answer is the wanted one, and gives the time since the start of the process.
func (p *process) firstRow(ctx context.Context, sql string, want int64) (time.Duration, error) {
	ctx, cancel := context.WithTimeout(ctx, startWait)
	defer cancel()
	last := errors.New("never asked")
	for ctx.Err() == nil {
		if took, err := p.askOnce(ctx, sql, want); err == nil {
			return took, nil
		} else {
			last = err
		}
		time.Sleep(retryEvery)
	}
	return 0, fmt.Errorf("no row within %v: %w", startWait, last)
}

func (p *process) askOnce(ctx context.Context, sql string, want int64) (took time.Duration, err error) {
	conn, err := p.connect(ctx)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, conn.Close(ctx)) }()
	var got int64
	if err := conn.QueryRow(ctx, sql).Scan(&got); err != nil {
		return 0, err
	}
	if got != want {
		return 0, fmt.Errorf("%s gives %d, want %d", sql, got, want)
	}
	return time.Since(p.began), nil
}

// status reads a size in bytes of /proc/PID/status.
func (p *process) status(name string) (float64, error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.cmd.Process.Pid))
	if err != nil {
		return 0, err
	}
	for _, line := range strings.Split(string(text), "\n") {
		if value, ok := strings.CutPrefix(line, name+":"); ok {
			kilobytes, err := strconv.ParseFloat(strings.TrimSuffix(strings.TrimSpace(value), " kB"), 64)
			return kilobytes * 1024, err
		}
	}
	return 0, fmt.Errorf("no %s in /proc/%d/status", name, p.cmd.Process.Pid)
}

// copyData gives a data directory of its own with the table of the loaded one: segment files never change, so that they
// are linked; all else is copied. Nobody uses the loaded one meanwhile.
func (b *bench) copyData(into string) error {
	from := filepath.Join(b.o.table.Dir, "data")
	return filepath.WalkDir(from, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		to := filepath.Join(into, strings.TrimPrefix(path, from))
		if d.IsDir() {
			return os.MkdirAll(to, 0o750)
		}
		if strings.HasSuffix(path, ".seg") {
			return os.Link(path, to)
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		return os.WriteFile(to, text, 0o640)
	})
}

// withTable loads the table where that is still to be done, and runs f over a copy of its data directory.
func (b *bench) withTable(ctx context.Context, f func(dataDir string) error) (err error) {
	dir, err := os.MkdirTemp(b.o.table.Dir, "copy-") // in the same file system
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	if err := b.copyTable(ctx, filepath.Join(dir, "data")); err != nil {
		return err
	}
	return f(filepath.Join(dir, "data"))
}

// weigh gives the session's processes another share of the processors: Linux schedules sessions against each other, so
// that the nice values of processes mean nothing between them. It wants a session that nothing else of weight runs in.
func weigh(nice int) (restore func(), err error) {
	const path = "/proc/self/autogroup" // of the form: /autogroup-12 nice 0
	set := func(nice int) error {
		if err := os.WriteFile(path, []byte(strconv.Itoa(nice)), 0o644); err != nil {
			return fmt.Errorf("-weight: %w", err)
		}
		return nil
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("-weight: %w", err)
	}
	var group, word string
	var before int
	if _, err := fmt.Sscan(string(text), &group, &word, &before); err != nil {
		return nil, fmt.Errorf("-weight: %s holds %q: %w", path, text, err)
	}
	if err := set(nice); err != nil {
		return nil, err
	}
	return func() {
		if err := set(before); err != nil {
			fmt.Fprintln(os.Stderr, "bench:", err)
		}
	}, nil
}
