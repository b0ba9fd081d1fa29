// Package peer holds the engines that Freshet is compared with, over the same events.
package peer

import (
	"bufio"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"time"

	_ "github.com/duckdb/duckdb-go/v2"

	"github.com/freshetdb/freshet/test/bench/engine"
	"github.com/freshetdb/freshet/test/events"
)

// DuckDB is a DuckDB database of this process. Not safe for concurrent use.
type DuckDB struct {
	bytes   int64
	db      *sql.DB
	threads int
}

// LoadDuckDB opens the database file of a folder; where there is none it writes the events as CSV and copies them into a database file, default schema.
func LoadDuckDB(ctx context.Context, o engine.Options) (*DuckDB, error) {
	path := filepath.Join(o.Dir, "events.duckdb")
	_, missing := os.Stat(path)
	db, err := sql.Open("duckdb", path)
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(1)
	d := &DuckDB{db: db}
	if missing != nil {
		if err := d.load(ctx, o); err != nil {
			return nil, errors.Join(err, db.Close())
		}
	}
	var held int64
	if err = db.QueryRowContext(ctx, "SELECT count(*) FROM events").Scan(&held); err == nil && held != o.Rows {
		err = fmt.Errorf("%s holds %d rows, want %d", path, held, o.Rows)
	}
	if err != nil {
		return nil, errors.Join(err, db.Close())
	}
	info, err := os.Stat(path)
	if err != nil {
		return nil, errors.Join(err, db.Close())
	}
	d.bytes = info.Size()
	return d, nil
}

func (d *DuckDB) load(ctx context.Context, o engine.Options) error {
	csv := filepath.Join(o.Dir, "events.csv")
	if err := writeCSV(csv, o); err != nil {
		return err
	}
	began := time.Now()
	_, err := d.db.ExecContext(ctx, `CREATE TABLE events AS SELECT country, device, campaign, "userId", url, status, lat, lon, price, quantity,
		make_timestamp(ts * 1000) AS ts FROM read_csv('`+csv+`', header = false, columns = {'country': 'VARCHAR', 'device': 'VARCHAR', 'campaign': 'VARCHAR',
		'userId': 'BIGINT', 'url': 'VARCHAR', 'status': 'VARCHAR', 'lat': 'DOUBLE', 'lon': 'DOUBLE', 'price': 'DOUBLE', 'quantity': 'INTEGER', 'ts': 'BIGINT'})`)
	if err != nil {
		return err
	}
	if _, err := d.db.ExecContext(ctx, "CHECKPOINT"); err != nil {
		return err
	}
	fmt.Fprintf(os.Stderr, "duckdb: loaded %d rows in %.1f s\n", o.Rows, time.Since(began).Seconds())
	return os.Remove(csv)
}

func writeCSV(path string, o engine.Options) (err error) {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	w := bufio.NewWriterSize(f, 1<<20)
	g := events.New(o.Seed, o.Rows)
	var row events.Row
	var line []byte
	for g.Next(&row) {
		line = row.AppendCSV(line[:0])
		if _, err := w.Write(line); err != nil {
			return err
		}
	}
	return w.Flush()
}

// Name implements Peer.
func (d *DuckDB) Name() string { return "duckdb" }

// Bytes implements Peer: of the file after CHECKPOINT.
func (d *DuckDB) Bytes() int64 { return d.bytes }

// Query implements Peer.
func (d *DuckDB) Query(ctx context.Context, text string, threads int) ([][]string, time.Duration, error) {
	began := time.Now()
	rows, err := d.rows(ctx, text, threads)
	return rows, time.Since(began), err
}

func (d *DuckDB) rows(ctx context.Context, text string, threads int) ([][]string, error) {
	if threads != d.threads {
		if _, err := d.db.ExecContext(ctx, "SET threads = "+strconv.Itoa(threads)); err != nil {
			return nil, err
		}
		d.threads = threads
	}
	rows, err := d.db.QueryContext(ctx, text)
	if err != nil {
		return nil, err
	}
	columns, err := rows.Columns()
	if err != nil {
		return nil, errors.Join(err, rows.Close())
	}
	var out [][]string
	cells, into := make([]any, len(columns)), make([]any, len(columns))
	for i := range cells {
		into[i] = &cells[i]
	}
	for rows.Next() {
		if err := rows.Scan(into...); err != nil {
			return nil, errors.Join(err, rows.Close())
		}
		line := make([]string, len(cells))
		for i, c := range cells {
			line[i] = cellText(c)
		}
		out = append(out, line)
	}
	return out, errors.Join(rows.Err(), rows.Close())
}

func cellText(c any) string {
	switch x := c.(type) {
	case nil:
		return "NULL"
	case time.Time:
		return strconv.FormatInt(x.UnixMilli(), 10)
	case float64:
		return strconv.FormatFloat(x, 'g', -1, 64)
	default:
		return fmt.Sprint(x)
	}
}

// Close implements Peer.
func (d *DuckDB) Close() error { return d.db.Close() }
