package peer

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"time"

	"github.com/freshetdb/freshet/test/bench/engine"
	"github.com/freshetdb/freshet/test/bench/remote"
)

// chdb is the npm package that holds ClickHouse, with its version.
const chdb = "chdb@3.4.0"

// installWait bounds the installation.
const installWait = 10 * time.Minute

//go:embed clickhouse.js
var clickHouseChild []byte

// ClickHouse is chdb in a process of Node.js. Not safe for concurrent use.
type ClickHouse struct {
	Version string
	process *remote.Process
	bytes   int64
}

// LoadClickHouse installs chdb in a folder beside the data, where it is not there yet, and opens the table of the folder;
// where there is none it writes the events as CSV and loads them.
func LoadClickHouse(ctx context.Context, o engine.Options) (c *ClickHouse, err error) {
	dir, err := filepath.Abs(filepath.Join(o.Dir, "clickhouse"))
	if err != nil {
		return nil, err
	}
	if err := installChdb(ctx, dir); err != nil {
		return nil, err
	}
	loaded, csv := filepath.Join(dir, "loaded"), ""
	if _, err := os.Stat(loaded); err != nil {
		if err := os.RemoveAll(filepath.Join(dir, "db")); err != nil { // what a run that was broken off left
			return nil, err
		}
		csv = filepath.Join(dir, "events.csv")
		defer func() { err = errors.Join(err, os.Remove(csv)) }()
		if err := writeCSV(csv, o); err != nil {
			return nil, err
		}
	}
	cmd := exec.CommandContext(ctx, "node", "child.js", filepath.Join(dir, "db"), csv)
	cmd.Dir = dir
	p, err := remote.Start(ctx, "clickhouse", cmd)
	if err != nil {
		return nil, err
	}
	c = &ClickHouse{Version: p.Greeting.Note, process: p}
	rows, err := c.sizes()
	if err == nil && rows != o.Rows {
		err = fmt.Errorf("%s holds %d rows, want %d", dir, rows, o.Rows)
	}
	if err == nil {
		err = os.WriteFile(loaded, nil, 0o640)
	}
	if err != nil {
		return nil, errors.Join(err, c.Close())
	}
	return c, nil
}

// sizes reads rows and bytes of the greeting.
func (c *ClickHouse) sizes() (rows int64, err error) {
	found := c.process.Greeting.Rows
	if len(found) != 1 || len(found[0]) != 2 {
		return 0, fmt.Errorf("clickhouse greets with %v", found)
	}
	if rows, err = strconv.ParseInt(found[0][0], 10, 64); err != nil {
		return 0, err
	}
	c.bytes, err = strconv.ParseInt(found[0][1], 10, 64)
	return rows, err
}

func installChdb(ctx context.Context, dir string) error {
	for _, program := range []string{"node", "npm"} {
		if _, err := exec.LookPath(program); err != nil {
			return err
		}
	}
	if err := os.MkdirAll(dir, 0o750); err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(dir, "child.js"), clickHouseChild, 0o640); err != nil {
		return err
	}
	if _, err := os.Stat(filepath.Join(dir, "node_modules", "chdb", "index.js")); err == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, installWait)
	defer cancel()
	cmd := exec.CommandContext(ctx, "npm", "install", "--no-audit", "--no-fund", "--prefix", dir, chdb)
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("cannot install %s: %w: %.500s", chdb, err, out)
	}
	return nil
}

// Name implements Peer.
func (c *ClickHouse) Name() string { return "clickhouse" }

// Bytes implements Peer: of the active parts.
func (c *ClickHouse) Bytes() int64 { return c.bytes }

// Query implements Peer. The time is the child's: what the lines of JSON cost is not ClickHouse's.
func (c *ClickHouse) Query(_ context.Context, text string, threads int) ([][]string, time.Duration, error) {
	a, err := c.process.Ask(remote.Question{SQL: text, Threads: threads})
	return a.Rows, time.Duration(a.Took * float64(time.Millisecond)), err
}

// Close implements Peer.
func (c *ClickHouse) Close() error { return c.process.Close() }
