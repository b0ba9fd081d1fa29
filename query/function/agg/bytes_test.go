package agg

import (
	"fmt"
	"math/rand/v2"
	"runtime"
	"testing"

	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/internal/vec"
	"github.com/freshetdb/freshet/query/function"
)

// TestBytes: what accumulators say about their memory is near to what the heap says.
func TestBytes(t *testing.T) {
	const rows, groups, block = 12000, 150, 6000
	for _, f := range Aggregates() {
		for _, c := range callsOf(f.Name)[:1] {
			for _, distinct := range []bool{false, true}[:1+len(f.Name)%2] { // half of them also with DISTINCT
				checkBytes(t, f, c, distinct, rows, groups, block)
			}
		}
	}
}

func checkBytes(t *testing.T, f function.Aggregate, c callCase, distinct bool, rows, groups, block int) {
	t.Helper()
	var args []function.Arg
	for _, typ := range c.cols {
		args = append(args, function.Arg{Type: typ})
	}
	for i := range c.params {
		args = append(args, function.Arg{Type: c.params[i].Type, Const: &c.params[i]})
	}
	b, err := f.Bind(args, distinct, false)
	if err != nil {
		t.Fatal(f.Name, err)
	}
	r := rand.New(rand.NewPCG(1, 1))
	var batches [][]*vec.Vector
	var members [][]uint32
	for range rows / block {
		var cols []*vec.Vector
		for _, typ := range b.Args {
			cols = append(cols, manyValues(r, typ, block))
		}
		batches = append(batches, cols)
		g := make([]uint32, block)
		for i := range g {
			g[i] = uint32(r.IntN(groups))
		}
		members = append(members, g)
	}
	before := heap()
	acc := b.New()
	acc.Resize(groups)
	for i, cols := range batches {
		if err := acc.Add(members[i], cols, block, nil); err != nil {
			t.Fatal(f.Name, err)
		}
	}
	grown := heap() - before
	told := acc.Bytes()
	if slack := 200 << 10; told > 3*grown+slack || grown > 2*told+slack {
		t.Errorf("%s(%v) distinct %v: Bytes is %d, the heap grew by %d", f.Name, b.Args, distinct, told, grown)
	}
	runtime.KeepAlive(batches)
	runtime.KeepAlive(members)
	runtime.KeepAlive(acc)
}

func heap() int {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int(m.HeapAlloc)
}

// manyValues gives a vector of values that are mostly different.
func manyValues(r *rand.Rand, t catalog.Type, n int) *vec.Vector {
	v := &vec.Vector{}
	v.Reset(t, n)
	for i := range n {
		x := catalog.Value{Type: t, I64: int64(r.IntN(1 << 24)), F64: r.ExpFloat64() * 1000}
		switch t.Kind {
		case catalog.KindBoolean:
			x.I64 &= 1
		case catalog.KindBigDecimal:
			x.Str = fmt.Sprintf("%d.5", r.IntN(1<<30))
		default:
			x.Str = fmt.Sprintf("text number %d", r.IntN(1<<24))
		}
		setRow(v, i, x)
	}
	return v
}
