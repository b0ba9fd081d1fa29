package exec

import (
	"bytes"
	"context"

	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/internal/errs"
	"github.com/freshetdb/freshet/internal/vec"
	"github.com/freshetdb/freshet/query/expr"
	"github.com/freshetdb/freshet/query/function"
	"github.com/freshetdb/freshet/query/logical"
)

// windowOp computes window functions: it reads its whole input, ordered by partition and then within it, and appends a
// column for each call. Rows are numbered in that order.
type windowOp struct {
	env *Env
	ec  *function.EvalContext
	n   *logical.Window
	in  operator // in order
	mem account

	begun   bool
	store   rowStore // batches of a full block each, but for the last
	total   int
	parts   []windowPart
	groups  []int   // first row of every group of peers, and the number of rows behind them
	groupOf []int32 // by row
	results []*windowColumn
	bytes   int64
	at      int
	batch   vec.Batch
}

// windowPart is the rows of one partition, and its groups of peers: rows that the order does not tell apart.
type windowPart struct{ from, to, firstGroup, endGroup int }

// newWindowOp checks the calls and puts a sort below where rows have to be ordered.
func newWindowOp(env *Env, ec *function.EvalContext, in operator, n *logical.Window) (operator, error) {
	types := columnTypes(n.In.Columns())
	keys := make([]logical.SortKey, 0, len(n.Partition)+len(n.Order))
	for _, c := range n.Partition {
		keys = append(keys, logical.SortKey{Column: c})
	}
	keys = append(keys, n.Order...)
	if len(keys) > 0 {
		in = newSortOp(env, in, keys, -1, types)
	}
	for i := range n.Calls {
		if c := &n.Calls[i]; c.Agg == nil && !isWindowFunction(c.Name) {
			return nil, errs.Bug("window function %q", c.Name)
		}
	}
	return &windowOp{env: env, ec: ec, n: n, in: in, mem: account{env: env, operator: "window"}}, nil
}

func isWindowFunction(name string) bool {
	switch name {
	case "rownumber", "rank", "denserank", "percentrank", "cumedist", "ntile", "lag", "lead", "firstvalue", "lastvalue", "nthvalue":
		return true
	}
	return false
}

func (o *windowOp) next(ctx context.Context) (*vec.Batch, error) {
	if !o.begun {
		o.begun = true
		if err := o.fill(ctx); err != nil {
			return nil, err
		}
	}
	if o.at >= len(o.store.batches) {
		return nil, nil
	}
	o.batch.Cols = append(o.batch.Cols[:0], o.store.batches[o.at]...)
	for _, c := range o.results {
		o.batch.Cols = append(o.batch.Cols, c.block(o.at))
	}
	o.batch.Rows = o.store.sizes[o.at]
	o.at++
	return &o.batch, nil
}

func (o *windowOp) reset() {
	o.in.reset()
	o.begun, o.store, o.total, o.at = false, rowStore{}, 0, 0
	o.parts, o.groups, o.groupOf, o.results = nil, nil, nil, nil
	o.mem.release()
}

func (o *windowOp) close() {
	o.in.close()
	o.mem.release()
}

// fill reads the input and computes every call.
func (o *windowOp) fill(ctx context.Context) error {
	if err := materialise(ctx, o.in, &o.store, &o.mem); err != nil {
		return err
	}
	if _, sorted := o.in.(*sortOp); !sorted {
		o.store = o.store.regular()
	} else {
		o.in.reset() // what the sort holds is no longer needed
	}
	o.total = o.store.rows()
	if o.total == 0 {
		return nil
	}
	if err := o.divide(ctx); err != nil {
		return err
	}
	o.bytes = o.store.bytes + int64(len(o.groupOf)*4+len(o.groups)*8)
	for i := range o.n.Calls {
		c := &o.n.Calls[i]
		out := newWindowColumn(c.Type.Type, o.store.sizes)
		o.bytes += out.bytes(o.total)
		if err := o.mem.set(o.bytes); err != nil {
			return err
		}
		if err := o.call(ctx, c, out); err != nil {
			return err
		}
		o.results = append(o.results, out)
	}
	return nil
}

// regular gives the same rows in batches of a full block.
func (s *rowStore) regular() rowStore {
	whole := true
	for _, n := range s.sizes[:max(0, len(s.sizes)-1)] {
		whole = whole && n == vec.BlockRows
	}
	if whole {
		return *s
	}
	types := make([]catalog.Type, len(s.batches[0]))
	for i, c := range s.batches[0] {
		types[i] = c.Type
	}
	out := rowStore{bytes: s.bytes}
	for _, b := range s.batchesOf(s.all(), types) {
		out.addFixed(b)
	}
	return out
}

// divide finds partitions and groups of peers.
func (o *windowOp) divide(ctx context.Context) error {
	o.groupOf = make([]int32, o.total)
	partition := make([]logical.SortKey, len(o.n.Partition))
	for i, c := range o.n.Partition {
		partition[i].Column = c
	}
	var lastPart, lastKey, part, key []byte
	row := 0
	for b, cols := range o.store.batches {
		if err := alive(ctx); err != nil {
			return err
		}
		for i := range o.store.sizes[b] {
			part, key = part[:0], key[:0]
			for _, k := range partition {
				part = appendSortKey(part, cols[k.Column], i, k)
			}
			for _, k := range o.n.Order {
				key = appendSortKey(key, cols[k.Column], i, k)
			}
			fresh := row == 0 || !bytes.Equal(part, lastPart)
			if fresh {
				o.endPart(row)
				o.parts = append(o.parts, windowPart{from: row, firstGroup: len(o.groups)})
			}
			if fresh || !bytes.Equal(key, lastKey) {
				o.groups = append(o.groups, row)
			}
			o.groupOf[row] = int32(len(o.groups) - 1)
			lastPart, part, lastKey, key = part, lastPart, key, lastKey
			row++
		}
	}
	o.endPart(row)
	o.groups = append(o.groups, row)
	return nil
}

func (o *windowOp) endPart(row int) {
	if n := len(o.parts); n > 0 {
		o.parts[n-1].to, o.parts[n-1].endGroup = row, len(o.groups)
	}
}

// peers gives the first row of the group of row, and the one behind its last.
func (o *windowOp) peers(row int) (from, to int) {
	g := o.groupOf[row]
	return o.groups[g], o.groups[g+1]
}

// blocks is a column of all rows.
type blocks []*vec.Vector

func (b blocks) at(row int) (*vec.Vector, int) {
	return b[row/vec.BlockRows], row % vec.BlockRows
}

func (b blocks) isNull(row int) bool {
	v, i := b.at(row)
	return v.IsNull(i)
}

// column computes an expression for all rows.
func (o *windowOp) column(ctx context.Context, e expr.Expr) (blocks, error) {
	out := make(blocks, len(o.store.batches))
	col, isColumn := e.(*expr.Column)
	ev := expr.NewEvaluator(e)
	o.ec.Ctx = ctx
	var tmp vec.Vector
	for b, cols := range o.store.batches {
		if isColumn {
			out[b] = cols[col.Index]
			continue
		}
		n := o.store.sizes[b]
		if err := ev.EvalFlat(o.ec, &vec.Batch{Rows: n, Cols: cols}, &tmp); err != nil {
			return nil, err
		}
		out[b] = &vec.Vector{}
		own(&tmp, n, nil, false, out[b])
		o.bytes += vectorBytes(out[b])
	}
	return out, o.mem.set(o.bytes)
}

func (o *windowOp) orderColumn() blocks {
	out := make(blocks, len(o.store.batches))
	for b, cols := range o.store.batches {
		out[b] = cols[o.n.Order[0].Column]
	}
	return out
}

// windowColumn is the results of a call, writable in any order.
type windowColumn struct {
	t      catalog.Type
	flat   blocks
	arrays [][]catalog.Value // of array types, by block
	made   vec.Vector
}

func newWindowColumn(t catalog.Type, sizes []int) *windowColumn {
	c := &windowColumn{t: t}
	for _, n := range sizes {
		if t.MultiValue {
			c.arrays = append(c.arrays, make([]catalog.Value, n))
			continue
		}
		v := &vec.Vector{}
		v.Reset(t, n)
		clear(v.Str)
		c.flat = append(c.flat, v)
	}
	return c
}

// bytes estimates the memory held.
func (c *windowColumn) bytes(rows int) int64 {
	if c.t.MultiValue {
		return int64(rows) * 120
	}
	return int64(rows) * 17
}

// set stores a value.
func (c *windowColumn) set(row int, v catalog.Value) {
	if c.t.MultiValue {
		c.arrays[row/vec.BlockRows][row%vec.BlockRows] = v
		return
	}
	out, i := c.flat.at(row)
	setValue(out, i, &v)
}

// copy stores row i of v, which keeps its texts.
func (c *windowColumn) copy(row int, v *vec.Vector, i int) {
	if c.t.MultiValue {
		c.set(row, v.At(i))
		return
	}
	out, at := c.flat.at(row)
	out.CopyRow(at, v, i)
}

// same stores what another row has.
func (c *windowColumn) same(row, as int) {
	if c.t.MultiValue {
		c.set(row, c.arrays[as/vec.BlockRows][as%vec.BlockRows])
		return
	}
	v, i := c.flat.at(as)
	c.copy(row, v, i)
}

func (c *windowColumn) block(b int) *vec.Vector {
	if !c.t.MultiValue {
		return c.flat[b]
	}
	values := c.arrays[b]
	fillValues(&c.made, c.t, len(values), func(i int) *catalog.Value { return &values[i] })
	return &c.made
}
