package expr_test

import (
	"context"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/internal/errs"
	"github.com/freshetdb/freshet/internal/vec"
	"github.com/freshetdb/freshet/query/expr"
	"github.com/freshetdb/freshet/query/function"
	"github.com/freshetdb/freshet/query/function/builtin"
)

func context1() *function.EvalContext {
	return &function.EvalContext{Ctx: context.Background(), NowMillis: 1_700_000_000_000}
}

// same compares results; a NaN equals a NaN.
func same(a, b catalog.Value) bool {
	if a.Null || b.Null {
		return a.Null == b.Null
	}
	if math.IsNaN(a.F64) && math.IsNaN(b.F64) {
		return true
	}
	a.Type, b.Type = catalog.Type{}, catalog.Type{}
	return cmp.Equal(a, b)
}

// TestAgainstNaive evaluates random expressions on random tables in every form and compares each row with the naive
// evaluator; several batches share an evaluator, so that scratch vectors and dictionaries are reused.
func TestAgainstNaive(t *testing.T) {
	for seed := range uint64(1000) {
		r := rand.New(rand.NewPCG(seed, 7))
		g := &generator{r: r, reg: builtin.Registry()}
		var e expr.Expr
		if r.IntN(2) == 0 {
			e = g.boolean(3)
		} else {
			e = g.value(scalarTypes[r.IntN(len(scalarTypes))], 3)
		}
		ev := expr.NewEvaluator(e)
		for range 3 {
			checkTable(t, seed, ev, e, randomTable(r, []int{0, 1, 63, 64, 65, 200}[r.IntN(6)]))
			if t.Failed() {
				return
			}
		}
	}
}

func checkTable(t *testing.T, seed uint64, ev *expr.Evaluator, e expr.Expr, tab *table) {
	t.Helper()
	wantFailed, want := map[int]bool{}, make([]catalog.Value, len(tab.rows))
	for i, row := range tab.rows {
		n := naive{ec: context1(), row: row}
		want[i] = n.eval(e)
		if n.failed {
			wantFailed[i] = true
		}
	}
	gotFailed := map[int]bool{}
	ec := context1()
	ec.OnRowError = func(row int, _ error) { gotFailed[row] = true }
	in := &vec.Batch{Rows: len(tab.rows), Cols: tab.cols}
	var out vec.Vector
	if err := ev.Eval(ec, in, &out); err != nil {
		t.Fatalf("seed %d: %s: %v", seed, e, err)
	}
	if !cmp.Equal(gotFailed, wantFailed) {
		t.Errorf("seed %d: %s: failed rows %v, want %v", seed, e, gotFailed, wantFailed)
	}
	for i := range want {
		// What a failed row holds does not matter: it is dropped, or the query ends.
		if got := out.At(i); !same(got, want[i]) && !wantFailed[i] {
			t.Errorf("seed %d: %s: row %d of %d is %v, want %v; columns %v", seed, e, i, len(want), got, want[i], tab.rows[i])
			return
		}
	}
	if e.Type() == catalog.Boolean {
		checkFilter(t, seed, ev, in, want, wantFailed)
	}
	checkStops(t, seed, ev, in, wantFailed)
}

// checkFilter narrows a random set of rows.
func checkFilter(t *testing.T, seed uint64, ev *expr.Evaluator, in *vec.Batch, want []catalog.Value, failed map[int]bool) {
	t.Helper()
	r := rand.New(rand.NewPCG(seed, 9))
	keep, before := vec.NewBitmap(in.Rows), vec.NewBitmap(in.Rows)
	for i := range in.Rows {
		if r.IntN(3) > 0 {
			keep.Set(i)
			before.Set(i)
		}
	}
	ec := context1()
	ec.OnRowError = func(row int, _ error) {
		if !failed[row] || !before.Get(row) {
			t.Errorf("seed %d: filter fails on row %d, kept %v", seed, row, before.Get(row))
		}
	}
	if len(failed) > 0 {
		ec.OnRowError = func(row int, _ error) {
			if !failed[row] {
				t.Errorf("seed %d: filter fails on row %d", seed, row)
			}
		}
	}
	if err := ev.Filter(ec, in, keep); err != nil {
		t.Fatal(err)
	}
	for i := range in.Rows {
		if w := before.Get(i) && !want[i].Null && want[i].I64 != 0; keep.Get(i) != w && !failed[i] {
			t.Errorf("seed %d: filter keeps row %d: %v, want %v", seed, i, keep.Get(i), w)
			return
		}
	}
}

// checkStops evaluates without OnRowError: an error if and only if a row fails.
func checkStops(t *testing.T, seed uint64, ev *expr.Evaluator, in *vec.Batch, failed map[int]bool) {
	t.Helper()
	var out vec.Vector
	err := ev.Eval(context1(), in, &out)
	if (err != nil) != (len(failed) > 0) {
		t.Errorf("seed %d: error %v with %d failed rows", seed, err, len(failed))
	}
	if err != nil && errs.ClassOf(err) != errs.ClassUser {
		t.Errorf("seed %d: %v is no user's error", seed, err)
	}
}
