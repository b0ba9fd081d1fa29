package main

import (
	"bufio"
	"context"
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"time"

	_ "github.com/duckdb/duckdb-go/v2"

	"github.com/freshetdb/freshet/test/events"
)

type duckDB struct {
	db      *sql.DB
	bytes   int64
	threads int
}

// loadDuckDB writes the events as CSV and copies them into a database file, default schema.
func loadDuckDB(ctx context.Context, o options) (*duckDB, error) {
	path := filepath.Join(o.dir, "events.duckdb")
	_, missing := os.Stat(path)
	db, err := sql.Open("duckdb", path)
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(1)
	d := &duckDB{db: db}
	if missing != nil {
		if err := d.load(ctx, o); err != nil {
			return nil, join(err, db.Close())
		}
	}
	info, err := os.Stat(path)
	if err != nil {
		return nil, join(err, db.Close())
	}
	d.bytes = info.Size()
	return d, nil
}

func (d *duckDB) load(ctx context.Context, o options) error {
	csv := filepath.Join(o.dir, "events.csv")
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
	fmt.Printf("duckdb: loaded %d rows in %.1f s\n", o.rows, time.Since(began).Seconds())
	return os.Remove(csv)
}

func writeCSV(path string, o options) (err error) {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	defer func() { err = join(err, f.Close()) }()
	w := bufio.NewWriterSize(f, 1<<20)
	g := events.New(o.seed, o.rows)
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

func (d *duckDB) query(ctx context.Context, text string, threads int) ([][]string, error) {
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
		return nil, join(err, rows.Close())
	}
	var out [][]string
	cells, into := make([]any, len(columns)), make([]any, len(columns))
	for i := range cells {
		into[i] = &cells[i]
	}
	for rows.Next() {
		if err := rows.Scan(into...); err != nil {
			return nil, join(err, rows.Close())
		}
		line := make([]string, len(cells))
		for i, c := range cells {
			line[i] = cellText(c)
		}
		out = append(out, line)
	}
	return out, join(rows.Err(), rows.Close())
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

func (d *duckDB) close() error { return d.db.Close() }
