package broker

import (
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/freshetdb/freshet/broker/endpoint"
	"github.com/freshetdb/freshet/broker/httpapi"
	"github.com/freshetdb/freshet/broker/pgwire"
	"github.com/freshetdb/freshet/internal/lifecycle"
)

// The endpoints take a broker as it is.
var (
	_ pgwire.Backend     = (*Broker)(nil)
	_ httpapi.Backend    = (*Broker)(nil)
	_ endpoint.Statement = (*query)(nil)
	_ endpoint.Statement = (*command)(nil)
)

// servePostgres serves a broker and gives its address.
func servePostgres(t *testing.T, b *Broker) (host, port string) {
	t.Helper()
	srv, err := pgwire.New(pgwire.Config{Backend: b})
	if err != nil {
		t.Fatal(err)
	}
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	group := lifecycle.NewGroup(context.Background())
	group.Go("pgwire", func(ctx context.Context) error { return srv.Serve(ctx, ln) })
	t.Cleanup(func() {
		if err := group.Stop(); err != nil {
			t.Error(err)
		}
	})
	host, port, err = net.SplitHostPort(ln.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	return host, port
}

func TestPgx(t *testing.T) {
	host, port := servePostgres(t, newBroker(t, newWorld(t, 20_000), nil))
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	for _, mode := range []pgx.QueryExecMode{pgx.QueryExecModeCacheStatement, pgx.QueryExecModeExec, pgx.QueryExecModeSimpleProtocol} {
		cfg, err := pgx.ParseConfig("postgres://ann@" + net.JoinHostPort(host, port) + "/shop?sslmode=disable")
		if err != nil {
			t.Fatal(err)
		}
		cfg.DefaultQueryExecMode = mode
		conn, err := pgx.ConnectConfig(ctx, cfg)
		if err != nil {
			t.Fatal(err)
		}
		for _, most := range []int64{10, 15_000} {
			rows, err := conn.Query(ctx, "SELECT id, city, price, ts FROM orders WHERE id < $1 ORDER BY id DESC LIMIT $2", most, 3)
			if err != nil {
				t.Fatalf("%v: %v", mode, err)
			}
			type order struct {
				ID    int64
				City  *string
				Price float64
				TS    time.Time
			}
			got, err := pgx.CollectRows(rows, pgx.RowToStructByPos[order])
			if err != nil || len(got) != 3 {
				t.Fatalf("%v: %v, %v", mode, got, err)
			}
			first := got[0]
			if first.ID != most-1 || first.Price != float64(most-1)/2 || first.TS.UnixMilli() != 1_700_000_000_000+(most-1)*1000 || *first.City != "Köln" && most == 10 {
				t.Errorf("%v: %+v", mode, first)
			}
		}
		var database, user string
		if err := conn.QueryRow(ctx, "SELECT current_database(), current_user").Scan(&database, &user); err != nil || database != "shop" || user != "ann" {
			t.Errorf("%v: %s %s %v", mode, database, user, err)
		}
		if err := conn.Close(ctx); err != nil {
			t.Error(err)
		}
	}
}

// TestPsql runs the real client.
func TestPsql(t *testing.T) {
	psql, err := exec.LookPath("psql")
	if err != nil {
		t.Skip("no psql here")
	}
	host, port := servePostgres(t, newBroker(t, newWorld(t, 12), nil))
	cmd := exec.CommandContext(t.Context(), psql, "-X", "-w", "-h", host, "-p", port, "-U", "ann", "-d", "shop", "-v", "VERBOSITY=verbose")
	cmd.Env = []string{"PGSSLMODE=prefer", "PGCONNECT_TIMEOUT=5", "PSQL_PAGER="}
	cmd.Stdin = strings.NewReader(`SELECT city, count(*), sum(price) FROM orders GROUP BY city ORDER BY city LIMIT 2;
SELECT ts FROM orders WHERE id = 3;
SELECT nope FROM orders;
BEGIN; SELECT 1/0; SELECT 1; ROLLBACK;
SHOW server_version_num;
\echo :SERVER_VERSION_NUM
\set FETCH_COUNT 5
SELECT current_user, pg_backend_pid() > 0;
`)
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	for _, want := range []string{"Aachen |     4 |  13", "(2 rows)", "2023-11-14 22:13:23", `ERROR:  42703: column "nope" does not exist`, "LINE 1: SELECT nope FROM orders;",
		"22012: division by zero", "25P02: current transaction is aborted", "150000\n"} {
		if !strings.Contains(string(out), want) {
			t.Errorf("%q is missing in\n%s", want, out)
		}
	}
}

func TestHTTP(t *testing.T) {
	h, err := httpapi.New(httpapi.Config{Backend: newBroker(t, newWorld(t, 12), nil)})
	if err != nil {
		t.Fatal(err)
	}
	srv := httptest.NewServer(h)
	defer srv.Close()
	client := srv.Client()
	defer client.CloseIdleConnections()
	for body, want := range map[string]string{
		`{"sql":"SELECT city, count(*), sum(price) FROM orders GROUP BY city ORDER BY city LIMIT 2"}`: `{"resultTable":{"dataSchema":{"columnNames":["city","count(*)","sum(price)"],` +
			`"columnDataTypes":["STRING","LONG","DOUBLE"]},"rows":[["Aachen",4,13.0],["Bonn",4,11.0]]},"numRowsResultSet":2,"partialResult":false,"exceptions":[],`,
		`{"sql":"select 1"}`:                      `"rows":[[1]]}`,
		`{"sql":"SELECT ts FROM orders LIMIT 1"}`: `"columnDataTypes":["TIMESTAMP"]},"rows":[["2023-11-14 22:13:20.0"]]`,
		`{"sql":"SELECT count(*) FROM orders"}`:   `"numServersQueried":1,"numServersResponded":1,`,
		`{"sql":"SELECT sum(id) FROM orders"}`:    `"tablesQueried":["orders"],`,
		`{"sql":"SELECT * FROM nope"}`:            `"exceptions":[{"errorCode":190,"message":"TableDoesNotExistError: `,
		`{"sql":"SELECT x FROM orders"}`:          `"errorCode":710`,
		`{"sql":"SELECT FROM WHERE"}`:             `"errorCode":150`,
	} {
		resp, err := client.Post(srv.URL+"/query/sql", "application/json", strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		got, err := io.ReadAll(resp.Body)
		if err != nil {
			t.Fatal(err)
		}
		if err := resp.Body.Close(); err != nil {
			t.Fatal(err)
		}
		if resp.StatusCode != http.StatusOK || !strings.Contains(string(got), want) {
			t.Errorf("%s: status %d\n%s\nwant %s", body, resp.StatusCode, got, want)
		}
	}
}
