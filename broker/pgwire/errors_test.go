package pgwire

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// TestStalePlan names the routine that tells drivers to prepare a statement again.
func TestStalePlan(t *testing.T) {
	addr, _ := startServer(t, newFakeBackend(), nil)
	conn, ctx := pgxConnect(t, addr, pgx.QueryExecModeExec)
	_, err := conn.Exec(ctx, "stale")
	var got *pgconn.PgError
	if !errors.As(err, &got) {
		t.Fatal(err)
	}
	want := []string{"0A000", "cached plan must not change result type", "RevalidateCachedQuery", "",
		"A table or a setting changed since the statement was prepared: prepare it again."}
	if diff := cmp.Diff(want, []string{got.Code, got.Message, got.Routine, got.Detail, got.Hint}); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	_, err = conn.Exec(ctx, "select 1/0")
	if !errors.As(err, &got) || got.Routine != "" {
		t.Errorf("division: %+v", got)
	}
}
