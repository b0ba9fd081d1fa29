package exec

import (
	"context"

	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/internal/errs"
	"github.com/freshetdb/freshet/internal/vec"
	"github.com/freshetdb/freshet/query/expr"
	"github.com/freshetdb/freshet/query/function"
	"github.com/freshetdb/freshet/query/kernel"
	"github.com/freshetdb/freshet/query/logical"
)

// setOp builds the operator of a set operation.
func (s *scope) setOp(n *logical.SetOp) (operator, error) {
	left, err := s.build(n.Left, -1)
	if err != nil {
		return nil, err
	}
	right, err := s.build(n.Right, -1)
	if err != nil {
		return nil, err
	}
	types := columnTypes(n.Columns())
	switch n.Kind {
	case logical.Union:
		both := &concatOp{ins: []operator{left, right}}
		if n.All {
			return both, nil
		}
		all := make([]int, len(types))
		for i := range all {
			all[i] = i
		}
		return newDistinctOp(s.st.env, both, all, types, "union"), nil
	case logical.Intersect, logical.Except:
		return &matchOp{left: left, right: right, except: n.Kind == logical.Except, all: n.All, types: types,
			table: newTupleTable(types), mem: account{env: s.st.env, operator: "set operation"}, groups: make([]uint32, vec.BlockRows)}, nil
	default:
		return nil, errs.Bug("exec.RunRoot: set operation %d", n.Kind)
	}
}

// concatOp gives one input after the other.
type concatOp struct {
	ins []operator
	at  int
}

func (o *concatOp) next(ctx context.Context) (*vec.Batch, error) {
	for o.at < len(o.ins) {
		b, err := o.ins[o.at].next(ctx)
		if b != nil || err != nil {
			return b, err
		}
		o.at++
	}
	return nil, nil
}

func (o *concatOp) reset() {
	o.at = 0
	for _, in := range o.ins {
		in.reset()
	}
}

func (o *concatOp) close() {
	for _, in := range o.ins {
		in.close()
	}
}

// chosen gives some rows of a batch.
type chosen struct {
	out   []vec.Vector
	batch vec.Batch
}

func (c *chosen) rows(b *vec.Batch, sel []uint16) *vec.Batch {
	if len(sel) == b.Rows {
		return b
	}
	if c.out == nil {
		c.out = make([]vec.Vector, len(b.Cols))
		c.batch.Cols = make([]*vec.Vector, len(b.Cols))
	}
	for i, col := range b.Cols {
		col.Gather(sel, &c.out[i])
		c.batch.Cols[i] = &c.out[i]
	}
	c.batch.Rows = len(sel)
	return &c.batch
}

// distinctOp passes the first row of each distinct tuple of some columns.
type distinctOp struct {
	in     operator
	keys   []int
	types  []catalog.Type
	table  *tupleTable
	mem    account
	groups []uint32
	cols   []*vec.Vector
	sel    []uint16
	chosen chosen
}

func newDistinctOp(env *Env, in operator, keys []int, columns []catalog.Type, name string) *distinctOp {
	o := &distinctOp{in: in, keys: keys, mem: account{env: env, operator: name}, groups: make([]uint32, vec.BlockRows),
		cols: make([]*vec.Vector, len(keys)), sel: make([]uint16, 0, vec.BlockRows)}
	for _, k := range keys {
		o.types = append(o.types, columns[k])
	}
	o.table = newTupleTable(o.types)
	return o
}

func (o *distinctOp) next(ctx context.Context) (*vec.Batch, error) {
	for {
		if err := alive(ctx); err != nil {
			return nil, err
		}
		b, err := o.in.next(ctx)
		if b == nil || err != nil {
			return nil, err
		}
		for i, k := range o.keys {
			o.cols[i] = b.Cols[k]
		}
		o.sel = newTuples(o.table, o.cols, b.Rows, o.groups, o.sel[:0])
		if err := o.mem.set(o.table.bytes()); err != nil {
			return nil, err
		}
		if len(o.sel) > 0 {
			return o.chosen.rows(b, o.sel), nil
		}
	}
}

// newTuples enters n tuples and appends the rows of those that were not in the table to sel.
func newTuples(t *tupleTable, cols []*vec.Vector, n int, groups []uint32, sel []uint16) []uint16 {
	seen := uint32(t.size())
	t.assign(cols, n, groups)
	for row, g := range groups[:n] {
		if g >= seen { // numbers are given in order of appearance
			seen = g + 1
			sel = append(sel, uint16(row))
		}
	}
	return sel
}

func (o *distinctOp) reset() {
	o.in.reset()
	o.table = newTupleTable(o.types)
	o.mem.release()
}

func (o *distinctOp) close() {
	o.in.close()
	o.mem.release()
}

// matchOp is INTERSECT and EXCEPT: it counts the rows of the right side, then passes rows of the left one.
type matchOp struct {
	left, right operator
	except, all bool
	types       []catalog.Type
	table       *tupleTable
	counts      []int64 // right rows by tuple
	given       []bool  // without ALL: tuples that were given
	begun       bool
	mem         account
	groups      []uint32
	sel         []uint16
	chosen      chosen
}

func (o *matchOp) next(ctx context.Context) (*vec.Batch, error) {
	if !o.begun {
		o.begun = true
		if err := o.count(ctx); err != nil {
			return nil, err
		}
	}
	for {
		if err := alive(ctx); err != nil {
			return nil, err
		}
		b, err := o.left.next(ctx)
		if b == nil || err != nil {
			return nil, err
		}
		if o.except && !o.all {
			o.table.assign(b.Cols, b.Rows, o.groups)
			if err := o.grow(); err != nil {
				return nil, err
			}
		} else {
			o.table.find(b.Cols, b.Rows, o.groups)
		}
		o.sel = o.sel[:0]
		for row, g := range o.groups[:b.Rows] {
			if o.passes(g) {
				o.sel = append(o.sel, uint16(row))
			}
		}
		if len(o.sel) > 0 {
			return o.chosen.rows(b, o.sel), nil
		}
	}
}

func (o *matchOp) passes(g uint32) bool {
	if g == kernel.Missing {
		return o.except
	}
	switch {
	case o.all && o.counts[g] > 0:
		o.counts[g]--
		return !o.except
	case o.all:
		return o.except
	case o.given[g] || (o.counts[g] > 0) == o.except:
		return false
	default:
		o.given[g] = true
		return true
	}
}

// grow makes room for what the table holds.
func (o *matchOp) grow() error {
	if more := o.table.size() - len(o.counts); more > 0 {
		o.counts = append(o.counts, make([]int64, more)...)
		o.given = append(o.given, make([]bool, more)...)
	}
	return o.mem.set(o.table.bytes() + int64(cap(o.counts)*8+cap(o.given)))
}

// count reads the right side.
func (o *matchOp) count(ctx context.Context) error {
	for {
		if err := alive(ctx); err != nil {
			return err
		}
		b, err := o.right.next(ctx)
		if b == nil || err != nil {
			return err
		}
		o.table.assign(b.Cols, b.Rows, o.groups)
		if err := o.grow(); err != nil {
			return err
		}
		for _, g := range o.groups[:b.Rows] {
			o.counts[g]++
		}
	}
}

func (o *matchOp) reset() {
	o.left.reset()
	o.right.reset()
	o.table, o.counts, o.given, o.begun = newTupleTable(o.types), nil, nil, false
	o.mem.release()
}

func (o *matchOp) close() {
	o.left.close()
	o.right.close()
	o.mem.release()
}

// listOp is the rows of VALUES.
type listOp struct {
	ec    *function.EvalContext
	n     *logical.Values
	types []catalog.Type
	at    int
	out   []vec.Vector
	batch vec.Batch
}

func newListOp(ec *function.EvalContext, n *logical.Values) *listOp {
	types := columnTypes(n.Cols)
	return &listOp{ec: ec, n: n, types: types, out: make([]vec.Vector, len(types)), batch: vec.Batch{Cols: make([]*vec.Vector, len(types))}}
}

func (o *listOp) next(ctx context.Context) (*vec.Batch, error) {
	n := min(len(o.n.Rows)-o.at, vec.BlockRows)
	if n == 0 {
		return nil, nil
	}
	if err := alive(ctx); err != nil {
		return nil, err
	}
	o.ec.Ctx = ctx
	values := make([]catalog.Value, n)
	for c, t := range o.types {
		for i, row := range o.n.Rows[o.at : o.at+n] {
			if len(row) != len(o.types) {
				return nil, errs.Bug("a row of VALUES has %d values, want %d", len(row), len(o.types))
			}
			v, err := expr.EvalConst(o.ec, row[c])
			if err != nil {
				return nil, err
			}
			values[i] = v
		}
		fillValues(&o.out[c], t, n, func(i int) *catalog.Value { return &values[i] })
		o.batch.Cols[c] = &o.out[c]
	}
	o.at += n
	o.batch.Rows = n
	return &o.batch, nil
}

func (o *listOp) reset() { o.at = 0 }
func (o *listOp) close() {}
