package sqllogic

import (
	"context"
	"os"
	"strings"
	"testing"

	"github.com/freshetdb/freshet/internal/errs"
	"github.com/freshetdb/freshet/internal/testkit"
	"github.com/freshetdb/freshet/query/function"
	"github.com/freshetdb/freshet/query/function/builtin"
)

// pinotNames reads testdata/pinot_functions.txt: names, each with the statement that shows it where it is no function.
func pinotNames(t *testing.T) map[string]string {
	t.Helper()
	data, err := os.ReadFile("testdata/pinot_functions.txt")
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]string{}
	for _, line := range strings.Split(string(data), "\n") {
		if strings.HasPrefix(line, "#") {
			continue
		}
		names, statement, _ := strings.Cut(line, " => ")
		for _, name := range strings.Fields(names) {
			if _, twice := out[name]; twice {
				t.Errorf("%s is listed twice", name)
			}
			out[name] = statement
		}
	}
	return out
}

// TestPinotNames: every function of Pinot is built, refused by name with a hint, or a form of the grammar that runs.
func TestPinotNames(t *testing.T) {
	e := engine(t, testkit.Layouts()[0])
	r := builtin.Registry()
	names := pinotNames(t)
	if len(names) < 500 {
		t.Errorf("only %d names", len(names))
	}
	built, refused := 0, 0
	for name, statement := range names {
		_, scalar := r.Scalar(name)
		_, aggregate := r.Aggregate(name)
		_, known := r.Refused(name)
		switch {
		case statement != "":
			if a := e.Run(context.Background(), "http", statement); a.Failure != nil {
				t.Errorf("%s: %s: %v", name, statement, a.Failure)
			}
			built++
		case scalar || aggregate:
			built++
		case known:
			refused++
		default:
			t.Errorf("%s is neither built nor refused by name", name)
		}
	}
	t.Logf("%d names are built, %d are refused", built, refused)
}

// TestRefusedNames: what is refused by name gives error 0A000 with its hint in both dialects, whatever its arguments are.
func TestRefusedNames(t *testing.T) {
	e := engine(t, testkit.Layouts()[0])
	for name, hint := range builtin.Refused() {
		for _, dialect := range []string{"wire", "http"} {
			for _, args := range []string{"", "quantity", "nosuch(status), 'x'"} {
				if strings.EqualFold(name, "cast") || keywordCalls[function.Canonical(name)] {
					continue
				}
				text := "SELECT " + name + "(" + args + ") FROM orders"
				a := e.Run(context.Background(), dialect, text)
				if a.Failure == nil || a.Failure.Code != errs.FeatureNotSupported || a.Failure.Hint != hint || a.Failure.Pos != 8 {
					t.Errorf("%s (%s): %v, rows %v; want %s at 8 with hint %q", text, dialect, a.Failure, a.Lines, errs.FeatureNotSupported, hint)
				}
			}
		}
	}
}

// keywordCalls are refused names that are keywords of the grammar: they do not parse as calls.
var keywordCalls = map[string]bool{"localtime": true, "currenttime": true, "jsonobject": true, "xmlparse": true, "xmlelement": true, "xmlforest": true, "xmlconcat": true,
	"xmlserialize": true}
