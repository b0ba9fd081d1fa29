package exec_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"

	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/internal/clock"
	"github.com/freshetdb/freshet/internal/coldio"
	"github.com/freshetdb/freshet/internal/errs"
	"github.com/freshetdb/freshet/internal/sched"
	"github.com/freshetdb/freshet/internal/vec"
	"github.com/freshetdb/freshet/internal/vfs"
	"github.com/freshetdb/freshet/query/exec"
	"github.com/freshetdb/freshet/query/expr"
	"github.com/freshetdb/freshet/query/logical"
	"github.com/freshetdb/freshet/segment"
)

// coldView is a view whose blocks have to be brought into memory before they are read. A byte of the mapping stands for a block.
type coldView struct {
	segment.View
	t       *testing.T
	slots   *sched.Slots
	workers int
	err     error
	mu      *sync.Mutex
	have    map[int]bool
	calls   *int
	dicts   bool // dictionaries are cold too
}

func (v *coldView) Bytes() []byte { return nil }
func (v *coldView) Close() error  { return nil }

func (v *coldView) Populate(offset, length int) error {
	if n := v.slots.InUse(); n > v.workers-1 {
		v.t.Errorf("%d slots are held while a worker waits for the disk, want %d at most", n, v.workers-1)
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	*v.calls++
	for i := range length {
		v.have[offset+i] = true
	}
	return v.err
}

func (v *coldView) Column(name string) (segment.Column, bool) {
	c, ok := v.View.Column(name)
	return coldColumn{c, v, int(name[0]) * 1000}, ok
}

type coldColumn struct {
	segment.Column
	v     *coldView
	first int
}

func (c coldColumn) Missing(b, n int, _ uint64, out []vfs.Span) []vfs.Span {
	c.v.mu.Lock()
	defer c.v.mu.Unlock()
	for i := b; i < b+n; i++ {
		if !c.v.have[c.first+i] {
			return append(out, vfs.Span{Mapping: c.v, Offset: c.first + b, Length: n})
		}
	}
	return out
}

func (c coldColumn) MissingDict(_ uint64, out []vfs.Span) []vfs.Span {
	if c.v.dicts {
		out = append(out, vfs.Span{Mapping: c.v, Offset: c.first + 500, Length: 1})
	}
	return out
}

func (c coldColumn) Block(b int, out *vec.Vector) error {
	c.v.mu.Lock()
	have := c.v.have[c.first+b]
	c.v.mu.Unlock()
	if !have {
		return errs.Bug("block %d is read before it is in memory", b)
	}
	return c.Column.Block(b, out)
}

// Cold data is in memory before it is read, and no slot is held while it comes.
func TestColdData(t *testing.T) {
	disk := coldio.New(2, clock.Real{})
	defer func() {
		if err := disk.Close(); err != nil {
			t.Error(err)
		}
	}()
	sum := mustAggregate(t, "sum", false, shopCol("id"))
	for name, plan := range map[string]logical.Node{
		"aggregate": &logical.Aggregate{In: shopScan(nil), Keys: []expr.Expr{shopCol("city")}, Aggs: []logical.AggCall{sum}},
		"rows":      shopScan(nil),
		"top":       &logical.Sort{In: shopScan(nil), Keys: []logical.SortKey{{Column: 2}}, Limit: 5},
	} {
		for _, workers := range []int{1, 2} {
			for _, failed := range []error{nil, errors.New("cut")} {
				t.Run(fmt.Sprintf("%s, %d workers, error %v", name, workers, failed), func(t *testing.T) {
					slots := sched.New(workers, clock.Real{})
					env := &exec.Env{Workers: workers, Disk: disk, CPU: slots.NewTask().Hold()}
					exec.Tune(env, 1, 2, 0)
					calls := 0
					cold := &coldView{View: orders("a", 0, 5*vec.BlockRows), t: t, slots: slots, workers: workers, err: failed, mu: &sync.Mutex{},
						have: map[int]bool{}, calls: &calls}
					got, stats, err := runExec(context.Background(), env, plan, shop, []segment.View{cold})
					switch {
					case failed != nil:
						wantCode(t, err, errs.DataCorrupted, "cannot read the file")
					case err != nil || len(got) == 0:
						t.Errorf("%d rows, %v", len(got), err)
					case calls == 0:
						t.Error("nothing was brought into memory")
					case len(stats.Scans) != 1 || stats.Scans[0].Table != "orders" || stats.Scans[0].Leaves != 1 || stats.Scans[0].Bytes < 8*5*vec.BlockRows:
						t.Errorf("scans %+v, want one of at least a column", stats.Scans)
					}
					if slots.InUse() != 0 || slots.Waiting() != 0 {
						t.Errorf("%d slots in use, %d wait", slots.InUse(), slots.Waiting())
					}
				})
			}
		}
	}
}

// Dictionaries of all segments come at once: an error cannot say of which it is.
func TestColdDictionaries(t *testing.T) {
	disk := coldio.New(2, clock.Real{})
	defer func() {
		if err := disk.Close(); err != nil {
			t.Error(err)
		}
	}()
	slots := sched.New(2, clock.Real{})
	env := &exec.Env{Workers: 1, Disk: disk, CPU: slots.NewTask().Hold()}
	calls := 0
	cold := &coldView{View: orders("a", 0, 100), t: t, slots: slots, workers: 2, err: errors.New("cut"), mu: &sync.Mutex{}, have: map[int]bool{}, calls: &calls, dicts: true}
	_, _, err := runExec(context.Background(), env, shopScan(nil), shop, []segment.View{cold, orders("b", 100, 100)})
	wantCode(t, err, errs.DataCorrupted, "segment a and others, dictionaries of orders: cannot read the file")
}

// A query of few blocks asks for all that it needs of all columns at once, and for nothing else.
func TestFewBlocksComeAtOnce(t *testing.T) {
	disk := coldio.New(2, clock.Real{})
	defer func() {
		if err := disk.Close(); err != nil {
			t.Error(err)
		}
	}()
	sum := mustAggregate(t, "sum", false, shopCol("id"))
	const block = 3
	first := compare(expr.Ge, shopCol("ts"), catalog.TimestampValue(block*vec.BlockRows+5))
	last := compare(expr.Lt, shopCol("ts"), catalog.TimestampValue(block*vec.BlockRows+90))
	plan := &logical.Aggregate{In: shopScan(&expr.And{Args: []expr.Expr{first, last}}), Keys: []expr.Expr{shopCol("city")}, Aggs: []logical.AggCall{sum}}
	slots := sched.New(1, clock.Real{})
	env := &exec.Env{Disk: disk, CPU: slots.NewTask().Hold()}
	calls := 0
	cold := &coldView{View: orders("a", 0, 9*vec.BlockRows), t: t, slots: slots, workers: 1, mu: &sync.Mutex{}, have: map[int]bool{}, calls: &calls}
	if got, _, err := runExec(context.Background(), env, plan, shop, []segment.View{cold}); err != nil || len(got) != 4 {
		t.Errorf("%d rows, %v", len(got), err)
	}
	if n := disk.Requests(); n != 1 || calls != 3 || len(cold.have) != 3 {
		t.Errorf("waited %d times for %d ranges of %d blocks, want once for one of each of three columns", n, calls, len(cold.have))
	}
}

// Where metadata say of some blocks of a morsel that all rows pass, and of others that some do, each block has what it reads.
func TestMixedMorsel(t *testing.T) {
	disk := coldio.New(2, clock.Real{})
	defer func() {
		if err := disk.Close(); err != nil {
			t.Error(err)
		}
	}()
	view := orders("a", 0, 14*vec.BlockRows)
	sum := mustAggregate(t, "sum", false, shopCol("id"))
	for _, edge := range []int64{5, 5*vec.BlockRows + 7, 13*vec.BlockRows + 1} {
		for _, op := range []expr.CmpOp{expr.Ge, expr.Lt} {
			filter := compare(op, shopCol("ts"), catalog.TimestampValue(edge))
			for name, plan := range map[string]logical.Node{
				"aggregate": &logical.Aggregate{In: shopScan(filter), Keys: []expr.Expr{shopCol("city")}, Aggs: []logical.AggCall{sum}},
				"rows":      shopScan(filter),
				"top":       &logical.Sort{In: shopScan(filter), Keys: []logical.SortKey{{Column: 0, Descending: true}}, Limit: 5},
			} {
				calls := 0
				env := &exec.Env{Disk: disk}
				slots := sched.New(1, clock.Real{})
				cold := &coldView{View: view, t: t, slots: slots, workers: 1, mu: &sync.Mutex{}, have: map[int]bool{}, calls: &calls}
				if got, _, err := runExec(context.Background(), env, plan, shop, []segment.View{cold}); err != nil || len(got) == 0 || calls == 0 {
					t.Errorf("%s, %v %d: %d rows, %d reads, %v", name, op, edge, len(got), calls, err)
				}
			}
		}
	}
}
