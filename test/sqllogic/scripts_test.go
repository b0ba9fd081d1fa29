package sqllogic

import (
	"context"
	"flag"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"github.com/freshetdb/freshet/internal/testkit"
	"github.com/freshetdb/freshet/query/function/builtin"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var (
	rewrite = flag.Bool("rewrite", false, "write the answers into the scripts: Freshet's, or PostgreSQL's into portable ones (tag postgres)")
	promote = flag.Bool("promote", false, "drop pending where Freshet gives the expected answer, and add it where it does not")
	only    = flag.String("script", "", "only scripts whose path contains this")
)

// minimal numbers of statements, so that scripts are not lost unseen.
const (
	minStatements = 1500
	minPortable   = 800
)

// scripts reads every script.
func scripts(t *testing.T) (out []*testkit.Script) {
	t.Helper()
	err := filepath.WalkDir("testdata", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".sql") || !strings.Contains(path, *only) {
			return err
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		s, err := testkit.ParseScript(path, text)
		if err != nil {
			return err
		}
		out = append(out, s)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func save(t *testing.T, s *testkit.Script) {
	t.Helper()
	if err := os.WriteFile(s.Path, s.Format(), 0o644); err != nil {
		t.Fatal(err)
	}
}

func name(s *testkit.Script) string {
	return strings.TrimSuffix(strings.TrimPrefix(filepath.ToSlash(s.Path), "testdata/"), ".sql")
}

func engine(t *testing.T, l testkit.Layout) *testkit.Engine {
	t.Helper()
	tables, err := testkit.Tables()
	if err != nil {
		t.Fatal(err)
	}
	w, err := testkit.NewWorld(context.Background(), l, tables...)
	if err != nil {
		t.Fatal(err)
	}
	e, err := testkit.NewEngine(w, builtin.Registry())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := e.Close(); err != nil {
			t.Error(err)
		}
		w.Close()
	})
	return e
}

// TestScripts runs every script in every layout.
func TestScripts(t *testing.T) {
	all := scripts(t)
	layouts := testkit.Layouts()
	if *rewrite || *promote {
		layouts = layouts[1:2]
	}
	for _, l := range layouts {
		t.Run(l.Name, func(t *testing.T) {
			e := engine(t, l)
			for _, s := range all {
				t.Run(name(s), func(t *testing.T) { runScript(t, e, s) })
			}
		})
	}
}

func runScript(t *testing.T, e *testkit.Engine, s *testkit.Script) {
	if err := e.Reset(); err != nil {
		t.Fatal(err)
	}
	skipped := 0
	for _, r := range s.Records {
		if !r.RunsOn(testkit.Freshet) {
			continue
		}
		if (r.Pending != "" || s.Pending != "") && !*promote {
			skipped++
			continue
		}
		a := e.Run(context.Background(), r.Dialect, r.SQL)
		fill := *rewrite && (!s.Portable || r.Only == testkit.Freshet)
		if fill {
			r.Expect(a)
			continue
		}
		if *rewrite && r.Kind == testkit.Query && a.HasRows && len(a.Types) > 0 {
			r.Types = a.Types
		}
		diff := r.Check(a, true)
		if *promote {
			mark(r, s, diff)
			continue
		}
		if diff != "" {
			t.Errorf("%s:%d: %s: %s", s.Path, r.Line, r.SQL, diff)
		}
	}
	if *promote {
		s.Pending = ""
	}
	if *rewrite || *promote {
		save(t, s)
	}
	if skipped > 0 {
		t.Logf("%d statements are pending", skipped)
	}
}

// mark makes a record pending where its answer is wrong, with the reason that it or its script had.
func mark(r *testkit.Record, s *testkit.Script, diff string) {
	switch {
	case diff == "":
		r.Pending = ""
	case r.Pending == "" && s.Pending != "":
		r.Pending = s.Pending
	case r.Pending == "":
		r.Pending = strings.Join(strings.Fields(diff), " ")
		r.Pending = r.Pending[:min(len(r.Pending), 100)]
	}
}

// TestEnoughStatements counts what the scripts really run.
func TestEnoughStatements(t *testing.T) {
	if *only != "" {
		t.Skip("only some scripts are read")
	}
	statements, portable, pending := 0, 0, 0
	for _, s := range scripts(t) {
		for _, r := range s.Records {
			switch {
			case !r.RunsOn(testkit.Freshet):
			case r.Pending != "" || s.Pending != "":
				pending++
			default:
				statements++
				if s.Portable && r.Only == "" {
					portable++
				}
			}
		}
	}
	t.Logf("%d statements run, %d of them also on PostgreSQL; %d are pending", statements, portable, pending)
	if statements < minStatements || portable < minPortable {
		t.Errorf("%d statements, %d portable: want at least %d and %d", statements, portable, minStatements, minPortable)
	}
}
