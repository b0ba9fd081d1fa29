package broker

import (
	"context"
	"strings"
	"testing"

	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/internal/errs"
)

// refused are the recorded statements that do not run, by a part of their text: their SQLSTATE.
var refused = map[string]string{
	"'v1'::pg_catalog.regclass":                     errs.UndefinedTable, // there are no views
	"(SELECT DISTINCT indrelid, indkey":             errs.DatatypeMismatch,
	"string_to_array(current_setting('search_path'": errs.FeatureNotSupported, // an array in FROM that is no set
	"pg_export_snapshot()":                          errs.UndefinedFunction,
	"age(L.transactionid)":                          errs.FeatureNotSupported,
	"age(date_trunc('day', ts)":                     errs.FeatureNotSupported,
	"_pg_truetypid(att.*":                           errs.SyntaxError, // a row as an argument
}

// TestRecordedStatements runs what clients were seen to send, as they send it.
func TestRecordedStatements(t *testing.T) {
	b, tables := newRevised(t, nil)
	tables.put("t1", map[string]catalog.Type{"i": catalog.Int, "l": catalog.Long, "country": catalog.String, "ts": catalog.Timestamp, "j": catalog.JSON})
	s := open(t, b, SessionConfig{User: "ann", Database: "shop"})
	labels, texts := recorded(t, s)
	if len(texts) < 300 {
		t.Fatalf("%d statements", len(texts))
	}
	for i, text := range texts {
		want := ""
		for part, code := range refused {
			if strings.Contains(text, part) {
				want = code
			}
		}
		got := ""
		err := runAll(context.Background(), s, text)
		if err != nil {
			got = errs.As(err).Code
		}
		if got != want {
			t.Errorf("%s: %q %v, want %q\n%.900s", labels[i], got, err, want, text)
		}
		if err := runAll(context.Background(), s, "ROLLBACK"); err != nil {
			t.Fatal(err)
		}
	}
}
