//go:build postgres

package catalog

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/internal/config"
	"github.com/freshetdb/freshet/internal/embedkafka"
	"github.com/freshetdb/freshet/internal/node"
	"github.com/freshetdb/freshet/test/ports"
)

// User and database of both servers. PostgreSQL's superuser has the name of the role that owns Freshet's tables.
const (
	user     = "freshet"
	database = "postgres"
)

// peer is a server that psql and drivers connect to.
type peer struct {
	name string
	port int
}

// startPeers starts PostgreSQL and Freshet with the same tables; the test's end stops them.
func startPeers(t *testing.T) (postgres, freshet peer) {
	t.Helper()
	postgres, freshet = peer{"postgres", startPostgres(t)}, peer{"freshet", startFreshet(t)}
	conn, err := pgx.Connect(t.Context(), fmt.Sprintf("postgres://%s@127.0.0.1:%d/%s?sslmode=disable", user, postgres.port, database))
	if err != nil {
		t.Fatal(err)
	}
	texts := schemas(t)
	for _, name := range slices.Sorted(maps.Keys(texts)) { // PostgreSQL lists what is not sorted in the order of its making
		text := texts[name]
		if _, err := conn.PgConn().Exec(t.Context(), ddl(t, text)).ReadAll(); err != nil {
			t.Fatalf("%v\n%s", err, ddl(t, text))
		}
	}
	if err := conn.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	return postgres, freshet
}

func startPostgres(t *testing.T) int {
	t.Helper()
	script, err := filepath.Abs("../postgres/postgres.sh")
	if err != nil {
		t.Fatal(err)
	}
	found, err := ports.Free(1)
	if err != nil {
		t.Fatal(err)
	}
	port := found[0]
	// Not t.TempDir: its parents are closed to the user who runs the server.
	dir := filepath.Join("/tmp", fmt.Sprintf("freshet-catalog-%d", port))
	cmd := exec.Command(script, "start", dir, strconv.Itoa(port))
	cmd.Env = append(os.Environ(), "POSTGRES_USER="+user)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("start PostgreSQL: %v\n%s", err, out)
	}
	t.Cleanup(func() {
		if out, err := exec.Command(script, "stop", dir).CombinedOutput(); err != nil {
			t.Errorf("stop PostgreSQL: %v\n%s", err, out)
		}
		if err := os.RemoveAll(dir); err != nil {
			t.Error(err)
		}
	})
	return port
}

// startFreshet starts a node on ports of its own and posts the tables to it.
func startFreshet(t *testing.T) int {
	t.Helper()
	kafka, err := embedkafka.Start(embedkafka.Config{Addr: "127.0.0.1:0"})
	if err != nil {
		t.Fatal(err)
	}
	c := config.Default()
	c.DataDir = filepath.Join(t.TempDir(), "data")
	c.Controller.HTTPPort, c.Broker.HTTPPort, c.Broker.PostgresPort, c.Server.HTTPPort = 0, 0, 0, 0
	var log bytes.Buffer
	n, err := node.Start(context.Background(), node.Options{Config: c, Version: "test", Logger: slog.New(slog.NewTextHandler(&log, nil))})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := n.Stop(); err != nil {
			t.Error(err)
		}
		if err := kafka.Close(); err != nil {
			t.Error(err)
		}
		if strings.Contains(log.String(), "level=ERROR") {
			t.Errorf("freshet's log has errors:\n%s", log.String())
		}
	})
	for name, text := range schemas(t) {
		if err := kafka.CreateTopic(name, 1); err != nil {
			t.Fatal(err)
		}
		table := map[string]any{"tableName": name, "tableType": "REALTIME", "segmentsConfig": map[string]any{"replication": "1", "timeColumnName": "ts"},
			"tenants": map[string]any{}, "metadata": map[string]any{}, "tableIndexConfig": map[string]any{"streamConfigs": map[string]any{
				"streamType": "kafka", "stream.kafka.topic.name": name, "stream.kafka.broker.list": kafka.Addr(),
				"stream.kafka.decoder.class.name":              "org.apache.pinot.plugin.stream.kafka.KafkaJSONMessageDecoder",
				"stream.kafka.consumer.prop.auto.offset.reset": "smallest"}}}
		post(t, n.Addrs().Controller, map[string]any{"tableName": name, "schema": json.RawMessage(text), "realtime": table})
	}
	for end := time.Now().Add(time.Minute); ; time.Sleep(20 * time.Millisecond) {
		ready, reasons := n.Ready()
		if ready {
			break
		}
		if time.Now().After(end) {
			t.Fatalf("freshet is not ready after a minute: %v", reasons)
		}
	}
	_, port, err := net.SplitHostPort(n.Addrs().Postgres)
	if err != nil {
		t.Fatal(err)
	}
	number, err := strconv.Atoi(port)
	if err != nil {
		t.Fatal(err)
	}
	return number
}

func post(t *testing.T, addr string, body any) {
	t.Helper()
	raw, err := json.Marshal(body)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := http.Post("http://"+addr+"/tableConfigs", "application/json", bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if text, err := io.ReadAll(resp.Body); err != nil || resp.StatusCode != http.StatusOK {
		t.Fatalf("POST /tableConfigs: %s %v\n%s", resp.Status, err, text)
	}
}

// schemas gives the tables' schemas by name.
func schemas(t *testing.T) map[string]string {
	t.Helper()
	paths, err := filepath.Glob("testdata/schemas/*.json")
	if err != nil || len(paths) == 0 {
		t.Fatalf("no schemas: %v", err)
	}
	out := map[string]string{}
	for _, path := range paths {
		raw, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		out[strings.TrimSuffix(filepath.Base(path), ".json")] = string(raw)
	}
	return out
}

// ddl writes a schema as the statements that make the table in PostgreSQL, after docs/sql/catalog.md.
func ddl(t *testing.T, text string) string {
	t.Helper()
	s, _, err := catalog.ParseSchema([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	var columns, comments []string
	for _, f := range s.Fields {
		column := quote(f.Name) + " " + postgresTypes[f.Type.Kind]
		if f.Type.MultiValue {
			column += "[]"
		}
		if f.NotNull {
			column += " NOT NULL"
		}
		if f.DefaultStated {
			column += " DEFAULT " + defaultOf(t, &f)
		}
		columns = append(columns, column)
		if f.Description != "" {
			comments = append(comments, fmt.Sprintf("COMMENT ON COLUMN %s.%s IS %s", quote(s.Name), quote(f.Name), literal(f.Description)))
		}
	}
	if s.Description != "" {
		comments = append(comments, fmt.Sprintf("COMMENT ON TABLE %s IS %s", quote(s.Name), literal(s.Description)))
	}
	if len(s.PrimaryKey) > 0 {
		key := make([]string, len(s.PrimaryKey))
		for i, name := range s.PrimaryKey {
			key[i] = quote(name)
		}
		columns = append(columns, "PRIMARY KEY ("+strings.Join(key, ", ")+")")
	}
	return strings.Join(append([]string{fmt.Sprintf("CREATE TABLE %s (%s)", quote(s.Name), strings.Join(columns, ", "))}, comments...), ";\n")
}

var postgresTypes = map[catalog.Kind]string{catalog.KindInt: "integer", catalog.KindLong: "bigint", catalog.KindFloat: "real",
	catalog.KindDouble: "double precision", catalog.KindBigDecimal: "numeric", catalog.KindBoolean: "boolean",
	catalog.KindTimestamp: "timestamp", catalog.KindString: "text", catalog.KindJSON: "json", catalog.KindBytes: "bytea"}

// defaultOf writes a default as a person would.
func defaultOf(t *testing.T, f *catalog.Field) string {
	t.Helper()
	v := f.Default
	if f.Type.MultiValue {
		if len(v.Elems) != 1 {
			t.Fatalf("column %s: default of %d elements", f.Name, len(v.Elems))
		}
		return literal("{" + strings.Trim(scalarDefault(t, v.Elems[0]), "'") + "}")
	}
	return scalarDefault(t, v)
}

func scalarDefault(t *testing.T, v catalog.Value) string {
	t.Helper()
	switch v.Type.Kind {
	case catalog.KindInt, catalog.KindLong:
		return strconv.FormatInt(v.I64, 10)
	case catalog.KindFloat, catalog.KindDouble:
		return strconv.FormatFloat(v.F64, 'f', -1, 64)
	case catalog.KindBoolean:
		return strconv.FormatBool(v.I64 != 0)
	case catalog.KindTimestamp:
		return literal(time.UnixMilli(v.I64).UTC().Format("2006-01-02 15:04:05.999"))
	case catalog.KindBytes:
		return literal(fmt.Sprintf(`\x%x`, v.Str))
	case catalog.KindBigDecimal:
		return v.String()
	default:
		return literal(v.Str)
	}
}

func quote(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` }

func literal(text string) string { return "'" + strings.ReplaceAll(text, "'", "''") + "'" }
