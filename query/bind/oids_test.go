package bind_test

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/freshetdb/freshet/internal/errs"
	"github.com/freshetdb/freshet/query/bind"
	"github.com/freshetdb/freshet/query/bind/bindtest"
	"github.com/freshetdb/freshet/query/function/builtin"
	"github.com/freshetdb/freshet/query/sql"
)

func bound(t *testing.T, text string) *bind.Query {
	t.Helper()
	stmts, err := sql.Parse(text, sql.Wire)
	if err != nil {
		t.Fatal(err)
	}
	q, err := bind.Select(stmts[0].(*sql.Select), bind.Config{Tables: bindtest.Pizza(), Functions: builtin.Registry(), Database: "freshet"})
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return q
}

// TestCatalogTypes follows the types of the catalog through expressions.
func TestCatalogTypes(t *testing.T) {
	const from = ` FROM (SELECT 1::oid AS o, 'x'::name AS n, '{1,2}'::oidvector AS v, 5 AS i) x`
	for text, want := range map[string]uint32{
		"SELECT o" + from:                       26,
		"SELECT array_agg(o)" + from:            1028,
		"SELECT array_agg(o ORDER BY n)" + from: 1028,
		"SELECT array_agg(n)" + from:            1003,
		"SELECT array_agg(i)" + from:            0,
		"SELECT min(o)" + from:                  26,
		"SELECT max(n)" + from:                  0,
		"SELECT count(o)" + from:                0,
		"SELECT array(SELECT o" + from + ")":    1028,
		"SELECT (SELECT o" + from + ")":         26,
		"SELECT CASE WHEN i = 5 THEN (SELECT array_agg(o)" + from + ") ELSE NULL END" + from: 1028,
		"SELECT CASE WHEN i = 5 THEN o ELSE i END" + from:                                    0,
		"SELECT n::text" + from:        0,
		"SELECT o::bigint" + from:      0,
		"SELECT i::oid" + from:         26,
		"SELECT ARRAY[1,2]::oid[]":     1028,
		"SELECT coalesce(o, o)" + from: 26,
		"SELECT v[0]" + from:           26,
		"WITH RECURSIVE r(a) AS (SELECT array_agg(o)" + from + " UNION ALL SELECT a FROM r WHERE false) SELECT a FROM r": 1028,
	} {
		if got := bound(t, text).Outputs[0].OID; got != want {
			t.Errorf("%s is of type %d, want %d", text, got, want)
		}
	}
}

// TestVectors counts their elements from 0, and writes them with blanks.
func TestVectors(t *testing.T) {
	q := bound(t, "SELECT v[0], v::text, v::varchar FROM (SELECT '{1,2}'::oidvector AS v, 5 AS i) x")
	got := []string{q.Items[0].String(), q.Items[1].String(), q.Items[2].String()}
	if diff := cmp.Diff([]string{"arrayelement(v, 1)", "arraytostring(CAST(v AS STRING_ARRAY), ' ')", "arraytostring(CAST(v AS STRING_ARRAY), ' ')"}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestGroupedVectors groups by whole vectors; arrays of tables are grouped by their elements.
func TestGroupedVectors(t *testing.T) {
	const from = " FROM (SELECT '{1,2}'::oidvector AS v, 5 AS i) x"
	for text, want := range map[string][]string{
		"SELECT v, count(*)" + from + " GROUP BY v":                     {"STRING", "[arraytostring(CAST(v AS STRING_ARRAY), ' ')]"},
		"SELECT i, v, count(*)" + from + " GROUP BY v, i ORDER BY v, i": {"INT", "[arraytostring(CAST(v AS STRING_ARRAY), ' ') i]"},
		"SELECT DISTINCT v" + from:                                      {"STRING", "[]"},
		"SELECT v" + from:                                               {"LONG_ARRAY", "[]"},
		"SELECT tags, count(*) FROM types GROUP BY tags":                {"STRING", "[tags]"},
	} {
		q := bound(t, text)
		if diff := cmp.Diff(want, []string{q.Outputs[0].Type.String(), fmt.Sprint(q.Keys)}); diff != "" {
			t.Errorf("%s (-want +got):\n%s", text, diff)
		}
	}
}

// TestOrderByItem orders by the column of the select list that has the name, not by those of other tables.
func TestOrderByItem(t *testing.T) {
	const from = " FROM (SELECT 1 AS o, 2 AS n) x JOIN (SELECT 3 AS o) y ON x.o = y.o ORDER BY o"
	if q := bound(t, "SELECT n, y.o"+from); len(q.Sort) != 1 || q.Sort[0].Column != 1 {
		t.Errorf("sorted by %v", q.Sort)
	}
	stmts, err := sql.Parse("SELECT x.o, y.o"+from, sql.Wire)
	if err != nil {
		t.Fatal(err)
	}
	_, err = bind.Select(stmts[0].(*sql.Select), bind.Config{Tables: bindtest.Pizza(), Functions: builtin.Registry(), Database: "freshet"})
	if err == nil || errs.As(err).Code != errs.AmbiguousColumn {
		t.Errorf("two columns of a name: %v", err)
	}
}

// TestParameterTypes tells a client that reads the catalog that object ids are oid.
func TestParameterTypes(t *testing.T) {
	const from = ` FROM (SELECT 1::oid AS o, 'x'::name AS n, 1 AS i) x WHERE `
	for text, want := range map[string][]uint32{
		"SELECT 1" + from + "o = $1":                       {26},
		"SELECT 1" + from + "i = $1":                       nil,
		"SELECT 1" + from + "i = $1 AND $2 = o":            {0, 26},
		"SELECT 1" + from + "o = ANY($1)":                  {1028},
		"SELECT 1" + from + "o = ANY($1::oid[])":           {1028},
		"SELECT 1" + from + "n = ANY($1)":                  {1003},
		"SELECT 1" + from + "i = $1 AND o = $1":            nil, // the first use decides
		"SELECT 1" + from + "o = $1::bigint AND n = $2":    {0, 19},
		"SELECT $1::oid, $2::text, $3::name, $4::regclass": {26, 0, 19, 2205}, // regclass: without a session that looks names up
	} {
		if diff := cmp.Diff(want, bound(t, text).ParamOIDs); diff != "" {
			t.Errorf("%s (-want +got):\n%s", text, diff)
		}
	}
}

// TestExactNumbers keeps the digits of a number that meets a BIG_DECIMAL; beside a DOUBLE it stays one.
func TestExactNumbers(t *testing.T) {
	const n = "-99999999999999999999999999.000000001"
	for text, want := range map[string]string{
		"SELECT 1 FROM types WHERE n = " + n:                               "n = " + n,
		"SELECT 1 FROM types WHERE n IN (1, " + n + ")":                    "n IN (1, " + n + ")",
		"SELECT 1 FROM types WHERE d > 0.12345678901234567890123":          "d > 0.12345678901234568",
		"SELECT 1 FROM types WHERE n > 0.12345678901234567890123::numeric": "n > 0.12345678901234567890123",
	} {
		if diff := cmp.Diff(want, bound(t, text).Where.String()); diff != "" {
			t.Errorf("%s (-want +got):\n%s", text, diff)
		}
	}
}
