package pgwire

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"
)

// TestParameterOIDs announces the catalog's types for parameters, unless the client stated its own, and reads them.
func TestParameterOIDs(t *testing.T) {
	addr, _ := startServer(t, newFakeBackend(), nil)
	conn, ctx := pgxConnect(t, addr, pgx.QueryExecModeCacheStatement)
	st, err := conn.Prepare(ctx, "s", "echo $1::oid, $2::oids, $3::long")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]uint32{26, 1028, 20}, st.ParamOIDs); diff != "" {
		t.Errorf("announced (-want +got):\n%s", diff)
	}
	for _, mode := range []pgx.QueryExecMode{pgx.QueryExecModeCacheStatement, pgx.QueryExecModeDescribeExec, pgx.QueryExecModeExec} {
		var id, n int64
		var ids []int64
		args := []any{mode, uint32(4000000000), []uint32{1, 4000000000}, int64(7)}
		if mode == pgx.QueryExecModeExec {
			args = []any{mode, int64(4000000000), []int64{1, 4000000000}, int64(7)}
		}
		if err := conn.QueryRow(ctx, "echo $1::oid, $2::oids, $3::long", args...).Scan(&id, &ids, &n); err != nil {
			t.Fatalf("%v: %v", mode, err)
		}
		if diff := cmp.Diff([]any{int64(4000000000), []int64{1, 4000000000}, int64(7)}, []any{id, ids, n}); diff != "" {
			t.Errorf("%v (-want +got):\n%s", mode, diff)
		}
	}
}
