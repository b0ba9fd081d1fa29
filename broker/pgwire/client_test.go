package pgwire

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgtype"

	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/internal/vec"
	"github.com/freshetdb/freshet/query/result"
)

// pgxConnect connects a real driver.
func pgxConnect(t *testing.T, addr string, mode pgx.QueryExecMode) (*pgx.Conn, context.Context) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	t.Cleanup(cancel)
	cfg, err := pgx.ParseConfig("postgres://ann@" + addr + "/shop?sslmode=disable")
	if err != nil {
		t.Fatal(err)
	}
	cfg.DefaultQueryExecMode = mode
	conn, err := pgx.ConnectConfig(ctx, cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close(context.Background()) })
	return conn, ctx
}

// typesTable has one column of each type, a row of values and a row of NULLs.
func typesTable() ([]result.Column, []*vec.Batch) {
	values := []catalog.Value{catalog.IntValue(-1), catalog.LongValue(1 << 40), scalar(catalog.Float, 0, 0.5, ""), catalog.DoubleValue(2.25),
		scalar(catalog.BigDecimal, 0, 0, "12.50"), catalog.BoolValue(true), catalog.TimestampValue(1795226647782),
		scalar(catalog.TimestampTZ, 1795226647782, 0, ""), str("größe"), scalar(catalog.JSON, 0, 0, `{"a":1}`),
		scalar(catalog.Bytes, 0, 0, "\x00\x01"), array(catalog.Int, catalog.IntValue(1), catalog.IntValue(2)), array(catalog.String, str("a b"), str(""))}
	b := &vec.Batch{Rows: 2}
	var columns []result.Column
	for _, v := range values {
		columns = append(columns, result.Column{Name: v.Type.String(), Type: v.Type})
		x := &vec.Vector{}
		if v.Type.MultiValue {
			var c vec.Vector
			c.SetConst(v, 2)
			c.Gather(nil, x)
		} else {
			x.Reset(v.Type, 2)
			var c vec.Vector
			c.SetConst(v, 1)
			x.CopyRow(0, &c, 0)
		}
		x.SetNull(1)
		b.Cols = append(b.Cols, x)
	}
	return columns, []*vec.Batch{b}
}

func TestPgxReadsEveryType(t *testing.T) {
	b := newFakeBackend()
	b.table = typesTable
	addr, _ := startServer(t, b, nil)
	at := time.UnixMilli(1795226647782).UTC()
	want := []any{int32(-1), int64(1 << 40), float32(0.5), 2.25, "12.50", true, at, at, "größe", map[string]any{"a": 1.0}, []byte{0, 1},
		[]any{int32(1), int32(2)}, []any{"a b", ""}}
	for _, mode := range []pgx.QueryExecMode{pgx.QueryExecModeCacheStatement, pgx.QueryExecModeCacheDescribe, pgx.QueryExecModeDescribeExec,
		pgx.QueryExecModeExec, pgx.QueryExecModeSimpleProtocol} {
		t.Run(mode.String(), func(t *testing.T) {
			conn, ctx := pgxConnect(t, addr, mode)
			rows, err := conn.Query(ctx, "table")
			if err != nil {
				t.Fatal(err)
			}
			defer rows.Close()
			if !rows.Next() {
				t.Fatalf("no row: %v", rows.Err())
			}
			got, err := rows.Values()
			if err != nil {
				t.Fatal(err)
			}
			for i, v := range got {
				switch v := v.(type) {
				case pgtype.Numeric:
					text, err := v.Value()
					if err != nil {
						t.Fatal(err)
					}
					got[i] = text
				case time.Time:
					got[i] = v.UTC()
				}
			}
			if got[4] == "12.5" { // the text form loses the scale in pgtype
				got[4] = "12.50"
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if !rows.Next() {
				t.Fatalf("no row of NULLs: %v", rows.Err())
			}
			if got, err = rows.Values(); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(make([]any, len(want)), got); diff != "" {
				t.Errorf("NULLs (-want +got):\n%s", diff)
			}
			if rows.Next() || rows.CommandTag().String() != "SELECT 2" {
				t.Errorf("tag %s, %v", rows.CommandTag(), rows.Err())
			}
		})
	}
}

func TestPgxParameters(t *testing.T) {
	addr, _ := startServer(t, newFakeBackend(), nil)
	at := time.Date(2026, 11, 21, 2, 4, 7, 0, time.UTC)
	for _, mode := range []pgx.QueryExecMode{pgx.QueryExecModeCacheStatement, pgx.QueryExecModeCacheDescribe, pgx.QueryExecModeExec} {
		conn, ctx := pgxConnect(t, addr, mode)
		for range 3 { // the statement is prepared once and used again
			var i int64
			var f float64
			var s string
			var when time.Time
			var list []int32
			var none *string
			err := conn.QueryRow(ctx, "echo $1::long, $2::double, $3::text, $4::timestamp, $5::ints, $6::text",
				int64(7), 1.5, "a'b", at, []int32{3, 4}, none).Scan(&i, &f, &s, &when, &list, &none)
			if err != nil {
				t.Fatalf("%v: %v", mode, err)
			}
			if i != 7 || f != 1.5 || s != "a'b" || !when.Equal(at) || !cmp.Equal(list, []int32{3, 4}) || none != nil {
				t.Errorf("%v: got %v %v %q %v %v %v", mode, i, f, s, when, list, none)
			}
		}
	}
}

func TestPgxBatchAndTransaction(t *testing.T) {
	addr, _ := startServer(t, newFakeBackend(), nil)
	conn, ctx := pgxConnect(t, addr, pgx.QueryExecModeCacheStatement)
	batch := &pgx.Batch{}
	sum := 0
	add := func(r pgx.Row) error {
		var n int
		err := r.Scan(&n)
		sum += n
		return err
	}
	for _, text := range []string{"select 1", "select 2", "select 3"} {
		batch.Queue(text).QueryRow(add)
	}
	if err := conn.SendBatch(ctx, batch).Close(); err != nil || sum != 6 {
		t.Fatalf("sum %d, %v", sum, err)
	}
	tx, err := conn.Begin(ctx)
	if err != nil {
		t.Fatal(err)
	}
	var pgErr *pgconn.PgError
	if _, err := tx.Exec(ctx, "select 1/0"); !errors.As(err, &pgErr) || pgErr.Code != "22012" {
		t.Errorf("error %v, want 22012", err)
	}
	if _, err := tx.Exec(ctx, "select 1"); !errors.As(err, &pgErr) || pgErr.Code != "25P02" {
		t.Errorf("error %v, want 25P02", err)
	}
	if err := tx.Rollback(ctx); err != nil {
		t.Error(err)
	}
	if err := conn.Ping(ctx); err != nil {
		t.Error(err)
	}
}

func TestPgxCancels(t *testing.T) {
	b := newFakeBackend()
	addr, _ := startServer(t, b, nil)
	conn, ctx := pgxConnect(t, addr, pgx.QueryExecModeSimpleProtocol)
	done := make(chan error, 1)
	go func() {
		_, err := conn.Exec(ctx, "sleep")
		done <- err
	}()
	<-b.started
	if err := conn.PgConn().CancelRequest(ctx); err != nil {
		t.Fatal(err)
	}
	var pgErr *pgconn.PgError
	if err := <-done; !errors.As(err, &pgErr) || pgErr.Code != "57014" {
		t.Errorf("error %v, want 57014", err)
	}
}

func TestLargeResultIsFlushedOnTheWay(t *testing.T) {
	b := newFakeBackend()
	const rows = 3 * vec.BlockRows
	b.table = func() ([]result.Column, []*vec.Batch) {
		var batches []*vec.Batch
		for at := 0; at < rows; at += vec.BlockRows {
			v := &vec.Vector{}
			v.Reset(catalog.Long, vec.BlockRows)
			for i := range v.I64 {
				v.I64[i] = int64(at + i)
			}
			batches = append(batches, &vec.Batch{Rows: vec.BlockRows, Cols: []*vec.Vector{v}})
		}
		return []result.Column{{Name: "n", Type: catalog.Long}}, batches
	}
	addr, _ := startServer(t, b, nil)
	conn, ctx := pgxConnect(t, addr, pgx.QueryExecModeCacheStatement)
	r, err := conn.Query(ctx, "table")
	if err != nil {
		t.Fatal(err)
	}
	got, err := pgx.CollectRows(r, pgx.RowTo[int64])
	if err != nil || len(got) != rows || got[rows-1] != rows-1 {
		t.Fatalf("%d rows, %v", len(got), err)
	}
}

func BenchmarkRows(b *testing.B) {
	columns, batches := typesTable()
	batch := batches[0]
	for _, format := range []struct {
		name string
		code int16
	}{{"text", formatText}, {"binary", formatBinary}} {
		b.Run(format.name, func(b *testing.B) {
			formats := make([]int16, len(columns))
			for i := range formats {
				formats[i] = format.code
			}
			e := newRowEncoder(columns, formats, time.UTC, pgtype.NewMap())
			var buf []byte
			var err error
			b.ReportAllocs()
			for b.Loop() {
				if buf, err = e.appendRow(buf[:0], batch, 0); err != nil {
					b.Fatal(err)
				}
			}
			b.SetBytes(int64(len(buf)))
		})
	}
}
