package main

import (
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"unicode/utf8"

	"github.com/jackc/pgx/v5/pgconn"
)

type queryCmd struct {
	SQL    string `arg:"" help:"The statement; - reads it from standard input."`
	Addr   string `help:"Postgres endpoint of a broker." default:"127.0.0.1:5433" placeholder:"HOST:PORT"`
	Format string `help:"table, json (one object per row) or csv." enum:"table,json,csv" default:"table" short:"f"`
}

// maxStatementBytes bounds a statement read from standard input, as the server does.
const maxStatementBytes = 1 << 20

// Run sends the statement over the Postgres wire and prints each result.
func (q *queryCmd) Run(ctx context.Context) error {
	text := q.SQL
	if text == "-" {
		data, err := io.ReadAll(io.LimitReader(os.Stdin, maxStatementBytes+1))
		if err != nil {
			return fmt.Errorf("cannot read the statement: %w", err)
		}
		text = string(data)
	}
	conn, err := pgconn.Connect(ctx, "postgres://freshet@"+q.Addr+"/freshet?sslmode=disable&application_name=freshet")
	if err != nil {
		return fmt.Errorf("cannot connect to %s: %w; is freshet running? Start it with: freshet start", q.Addr, err)
	}
	defer func() {
		if err := conn.Close(context.WithoutCancel(ctx)); err != nil {
			fmt.Fprintln(os.Stderr, "freshet: closing the connection:", err)
		}
	}()
	results := conn.Exec(ctx, text)
	for results.NextResult() {
		if err := printResult(os.Stdout, results.ResultReader(), q.Format); err != nil {
			return errors.Join(describe(err, text), results.Close())
		}
	}
	return describe(results.Close(), text)
}

// describe adds the place and the hint of a server error.
func describe(err error, text string) error {
	var pg *pgconn.PgError
	if !errors.As(err, &pg) {
		return err
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s (SQLSTATE %s)", pg.Message, pg.Code)
	if pg.Position > 0 {
		runes := []rune(text)
		at := min(int(pg.Position)-1, len(runes))
		line := string(runes[:at])
		start := strings.LastIndexByte(line, '\n') + 1
		rest := string(runes[at:])
		if end := strings.IndexByte(rest, '\n'); end >= 0 {
			rest = rest[:end]
		}
		fmt.Fprintf(&b, "\n  %s%s\n  %s^", line[start:], rest, strings.Repeat(" ", utf8.RuneCountInString(line[start:])))
	}
	if pg.Detail != "" {
		b.WriteString("\nDetail: " + pg.Detail)
	}
	if pg.Hint != "" {
		b.WriteString("\nHint: " + pg.Hint)
	}
	return errors.New(b.String())
}

func printResult(w io.Writer, r *pgconn.ResultReader, format string) error {
	var names []string
	for _, f := range r.FieldDescriptions() {
		names = append(names, f.Name)
	}
	switch format {
	case "csv":
		return printCSV(w, r, names)
	case "json":
		return printJSON(w, r, names)
	default:
		return printTable(w, r, names)
	}
}

func printCSV(w io.Writer, r *pgconn.ResultReader, names []string) error {
	out := csv.NewWriter(w)
	if err := out.Write(names); err != nil {
		return err
	}
	row := make([]string, len(names))
	for r.NextRow() {
		for i, v := range r.Values() {
			row[i] = string(v)
		}
		if err := out.Write(row); err != nil {
			return err
		}
	}
	out.Flush()
	_, err := r.Close()
	return errors.Join(err, out.Error())
}

// PostgreSQL type OIDs whose text is also a JSON value.
var jsonNumbers = map[uint32]bool{20: true, 21: true, 23: true, 700: true, 701: true, 1700: true, 114: true, 3802: true}

const boolOID = 16

func printJSON(w io.Writer, r *pgconn.ResultReader, names []string) error {
	fields := r.FieldDescriptions()
	for r.NextRow() {
		var b strings.Builder
		for i, v := range r.Values() {
			value, err := jsonValue(fields[i].DataTypeOID, v)
			if err != nil {
				return err
			}
			name, err := json.Marshal(names[i])
			if err != nil {
				return err
			}
			if i > 0 {
				b.WriteByte(',')
			}
			fmt.Fprintf(&b, "%s:%s", name, value)
		}
		if _, err := fmt.Fprintf(w, "{%s}\n", b.String()); err != nil {
			return err
		}
	}
	_, err := r.Close()
	return err
}

func jsonValue(oid uint32, v []byte) ([]byte, error) {
	switch {
	case v == nil:
		return []byte("null"), nil
	case oid == boolOID:
		return json.Marshal(string(v) == "t")
	case jsonNumbers[oid] && json.Valid(v):
		return v, nil
	default:
		return json.Marshal(string(v))
	}
}

// maxTableRows is how many rows are kept to align columns; longer results are printed in pages of it.
const maxTableRows = 1000

func printTable(w io.Writer, r *pgconn.ResultReader, names []string) error {
	if len(names) == 0 {
		tag, err := r.Close()
		if err == nil {
			_, err = fmt.Fprintln(w, tag.String())
		}
		return err
	}
	total := 0
	var page [][]string
	for r.NextRow() {
		row := make([]string, len(names))
		for i, v := range r.Values() {
			if row[i] = string(v); v == nil {
				row[i] = "NULL"
			}
		}
		page = append(page, row)
		total++
		if len(page) == maxTableRows {
			if err := printPage(w, names, page); err != nil {
				return err
			}
			page = page[:0]
		}
	}
	if _, err := r.Close(); err != nil {
		return err
	}
	if len(page) > 0 || total == 0 {
		if err := printPage(w, names, page); err != nil {
			return err
		}
	}
	plural := "s"
	if total == 1 {
		plural = ""
	}
	_, err := fmt.Fprintf(w, "(%d row%s)\n", total, plural)
	return err
}

func printPage(w io.Writer, names []string, rows [][]string) error {
	width := make([]int, len(names))
	for i, n := range names {
		width[i] = utf8.RuneCountInString(n)
	}
	for _, row := range rows {
		for i, v := range row {
			width[i] = max(width[i], utf8.RuneCountInString(v))
		}
	}
	var b strings.Builder
	line := func(cells []string) {
		for i, v := range cells {
			if i > 0 {
				b.WriteString(" | ")
			}
			b.WriteString(v)
			if i < len(cells)-1 {
				b.WriteString(strings.Repeat(" ", width[i]-utf8.RuneCountInString(v)))
			}
		}
		b.WriteByte('\n')
	}
	line(names)
	for i, n := range width {
		if i > 0 {
			b.WriteString("-+-")
		}
		b.WriteString(strings.Repeat("-", n))
	}
	b.WriteByte('\n')
	for _, row := range rows {
		line(row)
	}
	_, err := io.WriteString(w, b.String())
	return err
}
