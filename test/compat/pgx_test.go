//go:build compat

package compat

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgtype"
)

// slow is a statement of several seconds, for cancels and deadlines.
const slow = "SELECT sum(levenshteinDistance(repeat(s, 8), repeat(reverse(s), 8))) FROM big"

var modes = []pgx.QueryExecMode{pgx.QueryExecModeCacheStatement, pgx.QueryExecModeCacheDescribe, pgx.QueryExecModeDescribeExec,
	pgx.QueryExecModeExec, pgx.QueryExecModeSimpleProtocol}

// TestPgx runs pgx in each of its ways to send a statement.
func TestPgx(t *testing.T) {
	n := startNode(t)
	fill(t, n)
	for _, mode := range modes {
		t.Run(strings.ReplaceAll(mode.String(), " ", "_"), func(t *testing.T) {
			config, err := pgx.ParseConfig(fmt.Sprintf("postgres://compat@127.0.0.1:%d/compat", n.postgres))
			if err != nil {
				t.Fatal(err)
			}
			config.DefaultQueryExecMode = mode
			conn, err := pgx.ConnectConfig(t.Context(), config)
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Close(context.Background())
			for range 3 {
				pgxTypes(t, conn)
			}
			pgxParameters(t, conn, mode)
			pgxErrors(t, conn, mode)
			pgxBatch(t, conn, mode)
			pgxCancel(t, conn)
		})
	}
	t.Run("many", func(t *testing.T) { pgxMany(t, n) })
}

// pgxTypes reads every row of every type.
func pgxTypes(t *testing.T, conn *pgx.Conn) {
	t.Helper()
	names := make([]string, len(typeColumns))
	for i, c := range typeColumns {
		names[i] = c.name
		if c.dataType == "JSON" { // as it is stored, not parsed
			names[i] += "::text"
		}
	}
	rows, err := conn.Query(t.Context(), "SELECT "+strings.Join(names, ", ")+" FROM types ORDER BY id")
	if err != nil {
		t.Fatal(err)
	}
	at := 0
	for ; rows.Next(); at++ {
		got, err := rows.Values()
		if err != nil {
			t.Fatal(err)
		}
		for i, c := range typeColumns {
			var want any
			if v := typeRows[at][i]; v != nil {
				want = canonical(c, v)
			}
			if diff := cmp.Diff(want, pgxCanonical(c, got[i])); diff != "" {
				t.Errorf("row %d, column %s %s (-want +got):\n%s", at+1, c.name, c.dataType, diff)
			}
		}
	}
	if rows.Err() != nil || at != len(typeRows) {
		t.Errorf("%d rows, want %d: %v", at, len(typeRows), rows.Err())
	}
}

// pgxCanonical is the canonical form of what pgx gives for a column.
func pgxCanonical(c column, v any) any {
	switch v := v.(type) {
	case []any:
		out := make(list, len(v))
		for i, e := range v {
			out[i] = pgxCanonical(c, e)
		}
		return out
	case int32:
		return strconv.Itoa(int(v))
	case int64:
		return strconv.FormatInt(v, 10)
	case float32:
		return fmt.Sprintf("%08x", math.Float32bits(v))
	case float64:
		return fmt.Sprintf("%016x", math.Float64bits(v))
	case bool:
		return strconv.FormatBool(v)
	case time.Time:
		return strconv.FormatInt(v.UnixMilli(), 10)
	case []byte:
		return hex.EncodeToString(v)
	case pgtype.Numeric:
		return plainNumeric(v)
	}
	return v
}

// plainNumeric writes a number without an exponent.
func plainNumeric(v pgtype.Numeric) string {
	digits, sign := v.Int.String(), ""
	if digits[0] == '-' {
		digits, sign = digits[1:], "-"
	}
	if v.Exp >= 0 {
		return sign + digits + strings.Repeat("0", int(v.Exp))
	}
	scale := int(-v.Exp)
	if len(digits) <= scale {
		digits = strings.Repeat("0", scale-len(digits)+1) + digits
	}
	return sign + digits[:len(digits)-scale] + "." + digits[len(digits)-scale:]
}

// pgxParameters finds the rows by each of their values.
func pgxParameters(t *testing.T, conn *pgx.Conn, mode pgx.QueryExecMode) {
	t.Helper()
	for at, c := range typeColumns {
		if c.multi || c.dataType == "JSON" {
			continue
		}
		for _, row := range typeRows {
			if row[at] == nil {
				continue
			}
			value := row[at]
			switch c.dataType {
			case "TIMESTAMP":
				value = time.UnixMilli(value.(int64)).UTC()
			case "FLOAT":
				value = float32(value.(float64))
			case "BIG_DECIMAL":
				var d pgtype.Numeric
				if err := d.Scan(value.(string)); err != nil {
					t.Fatal(err)
				}
				value = d
			}
			cast := ""
			if c.dataType == "FLOAT" {
				cast = "::real"
			}
			var want []int64
			for _, other := range typeRows {
				if cmp.Equal(other[at], row[at]) {
					want = append(want, other[0].(int64))
				}
			}
			rows, err := conn.Query(t.Context(), "SELECT id FROM types WHERE "+c.name+" = $1"+cast+" ORDER BY id", value)
			if err != nil {
				t.Errorf("%s = %v: %v", c.name, value, err)
				continue
			}
			got, err := pgx.CollectRows(rows, pgx.RowTo[int64])
			if diff := cmp.Diff(want, got); err != nil || diff != "" {
				t.Errorf("%s = %v: %v (-want +got):\n%s", c.name, value, err, diff)
			}
		}
	}
	var none *int32
	var text *string
	if err := conn.QueryRow(t.Context(), "SELECT $1::int, $2::text", none, text).Scan(&none, &text); err != nil || none != nil || text != nil {
		t.Errorf("NULL: %v %v %v", none, text, err)
	}
	if mode == pgx.QueryExecModeExec || mode == pgx.QueryExecModeSimpleProtocol {
		return // which do not know the types of lists
	}
	var ids []int64
	if err := conn.QueryRow(t.Context(), "SELECT array_agg(id ORDER BY id) FROM types WHERE id = ANY($1)", []int64{1, 3, 9}).Scan(&ids); err != nil || !cmp.Equal(ids, []int64{1, 3}) {
		t.Errorf("ANY: %v %v", ids, err)
	}
}

// fails checks the error of a statement.
func fails(t *testing.T, err error, code string, position int32) {
	t.Helper()
	var e *pgconn.PgError
	if !errors.As(err, &e) || e.Code != code || position != 0 && e.Position != position {
		t.Errorf("error %v, want %s at %d", err, code, position)
	}
}

func pgxErrors(t *testing.T, conn *pgx.Conn, mode pgx.QueryExecMode) {
	t.Helper()
	ctx := t.Context()
	exec := func(text string, args ...any) error { _, err := conn.Exec(ctx, text, args...); return err }
	fails(t, exec("SELECT nope FROM types"), "42703", 8)
	fails(t, exec("SELEC 1"), "42601", 1)
	fails(t, exec("SELECT 1/0"), "22012", 0)
	fails(t, exec("SELECT count(*) FROM nowhere"), "42P01", 22)
	fails(t, exec("INSERT INTO types (id) VALUES ($1)", 1), "25006", 0)
	if mode == pgx.QueryExecModeSimpleProtocol {
		if err := exec("SELECT 1; SELECT 2"); err != nil {
			t.Error(err)
		}
	}
	tx, err := conn.Begin(ctx)
	if err != nil {
		t.Fatal(err)
	}
	fails(t, exec("SELECT nope"), "42703", 8)
	fails(t, exec("SELECT 1"), "25P02", 0)
	if err := tx.Rollback(ctx); err != nil {
		t.Error(err)
	}
	inner := pgx.BeginFunc(ctx, conn, func(tx pgx.Tx) error {
		nested, err := tx.Begin(ctx)
		if err != nil {
			return err
		}
		_, err = nested.Exec(ctx, "SELECT nope")
		fails(t, err, "42703", 8)
		if err := nested.Rollback(ctx); err != nil {
			return err
		}
		_, err = tx.Exec(ctx, "SELECT 1")
		return err
	})
	if inner != nil {
		t.Errorf("savepoint: %v", inner)
	}
	_, err = conn.CopyFrom(ctx, pgx.Identifier{"types"}, []string{"id"}, pgx.CopyFromRows([][]any{{int64(1)}}))
	fails(t, err, "0A000", 0)
	var one int
	if err := conn.QueryRow(ctx, "SELECT 1").Scan(&one); err != nil || one != 1 {
		t.Errorf("after errors: %d %v", one, err)
	}
}

func pgxBatch(t *testing.T, conn *pgx.Conn, mode pgx.QueryExecMode) {
	t.Helper()
	b, sum := &pgx.Batch{}, int64(0)
	for i := range 20 {
		b.Queue("SELECT id FROM big WHERE id = $1", int64(i)).QueryRow(func(r pgx.Row) error {
			var id int64
			err := r.Scan(&id)
			sum += id
			return err
		})
	}
	if err := conn.SendBatch(t.Context(), b).Close(); err != nil || sum != 190 {
		t.Errorf("batch: sum %d, %v", sum, err)
	}
	b = &pgx.Batch{}
	for _, text := range []string{"SELECT 1", "SELECT 1/0", "SELECT 2"} {
		b.Queue(text)
	}
	fails(t, conn.SendBatch(t.Context(), b).Close(), "22012", 0)
	rows, err := conn.Query(t.Context(), "SELECT id, s FROM big")
	if err != nil {
		t.Fatal(err)
	}
	count, total := 0, int64(0)
	var id int64
	var s string
	_, err = pgx.ForEachRow(rows, []any{&id, &s}, func() error { count++; total += id; return nil })
	if err != nil || count != bigRows || total != bigRows*(bigRows-1)/2 {
		t.Errorf("%v: %d rows, sum %d, %v", mode, count, total, err)
	}
}

func pgxCancel(t *testing.T, conn *pgx.Conn) {
	t.Helper()
	began := time.Now()
	stop := time.AfterFunc(300*time.Millisecond, func() { _ = conn.PgConn().CancelRequest(context.Background()) })
	defer stop.Stop()
	_, err := conn.Exec(t.Context(), slow)
	fails(t, err, "57014", 0)
	var two int
	if err := conn.QueryRow(t.Context(), "SELECT 2").Scan(&two); err != nil || two != 2 {
		t.Errorf("after the cancel: %d %v", two, err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	if _, err := conn.Exec(ctx, slow); err == nil {
		t.Error("the deadline passed without an error")
	}
	if took := time.Since(began); took > 10*time.Second {
		t.Errorf("a cancel and a deadline took %v", took)
	}
}

// pgxMany asks from several connections at once.
func pgxMany(t *testing.T, n *node) {
	const askers, each = 8, 25
	problems := make(chan error, askers)
	for a := range askers {
		conn := n.connect(t, "")
		go func() {
			for i := range each {
				var got int64
				id := int64(a*each + i)
				if err := conn.QueryRow(t.Context(), "SELECT id FROM big WHERE s = $1", fmt.Sprintf("row %d of the big table", id)).Scan(&got); err != nil || got != id {
					problems <- fmt.Errorf("asked for %d: %d %w", id, got, err)
					return
				}
			}
			problems <- nil
		}()
	}
	for range askers {
		if err := <-problems; err != nil {
			t.Error(err)
		}
	}
}
