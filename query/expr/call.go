package expr

import (
	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/internal/errs"
	"github.com/freshetdb/freshet/internal/vec"
	"github.com/freshetdb/freshet/query/function"
)

// callNode is a scalar function call.
type callNode struct {
	fn         function.Bound
	volatility function.Volatility
	args       []flatNode
	vecs       []vec.Vector
	ptrs       []*vec.Vector
	one        vec.Vector
}

func newCall(e *Call, nested bool) *callNode {
	n := &callNode{fn: e.Fn, volatility: e.Volatility}
	for _, a := range e.Args {
		n.args = append(n.args, flatNode{node: compile(a, nested)})
	}
	n.vecs = make([]vec.Vector, len(n.args))
	for i := range n.vecs {
		n.ptrs = append(n.ptrs, &n.vecs[i])
	}
	return n
}

func (n *callNode) eval(ec *function.EvalContext, in *vec.Batch, out *vec.Vector) error {
	if n.fn.Eval == nil {
		return errs.Bug("function %s has no implementation", n.fn.Name)
	}
	constant, anyNull := true, false
	for i := range n.args {
		v := n.ptrs[i]
		if err := n.args[i].evalFlat(ec, in, v); err != nil {
			return err
		}
		if v.Form != vec.FormConst {
			constant = false
		} else if v.IsNull(0) {
			anyNull = true
		}
	}
	if n.fn.Strict && anyNull {
		setAllNull(out, n.fn.Type, in.Rows)
		return nil
	}
	perRow := n.volatility == function.Volatile || (n.volatility == function.Stable && ec.NowByRow != nil) ||
		(n.fn.Fallible && ec.OnRowError != nil)
	if constant && !perRow {
		return n.evalOnce(ec, in.Rows, out)
	}
	out.Reset(n.fn.Type, in.Rows)
	clear(out.Str)
	if n.fn.Strict {
		n.uniteNulls(out)
	}
	if err := n.fn.Eval(ec, n.ptrs, in.Rows, out); err != nil {
		return err
	}
	if out.Nulls != nil && out.Bits != nil {
		out.Bits.AndNot(out.Nulls[:len(out.Bits)])
	}
	return nil
}

// evalOnce computes one row for all, from constant arguments.
func (n *callNode) evalOnce(ec *function.EvalContext, rows int, out *vec.Vector) error {
	if rows == 0 {
		out.Reset(n.fn.Type, 0)
		return nil
	}
	n.one.Reset(n.fn.Type, 1)
	clear(n.one.Str)
	if err := n.fn.Eval(ec, n.ptrs, 1, &n.one); err != nil {
		return err
	}
	v := n.one.At(0)
	v.Type = n.fn.Type
	out.SetConst(v, rows)
	return nil
}

// uniteNulls makes rows with a NULL argument NULL. Constant arguments are not NULL here.
func (n *callNode) uniteNulls(out *vec.Vector) {
	for _, v := range n.ptrs {
		if v.Form == vec.FormFlat && v.HasNulls() {
			out.MutableNulls().Or(v.Nulls[:vec.Words(out.Len)])
		}
	}
}

// distinctColumn finds the only column that e reads, where evaluating e once per distinct value of it could pay: e is
// more than the column, has one value per row and is not volatile.
func distinctColumn(e Expr) (int, bool) {
	switch e.(type) {
	case *Column, *Const, *Param, *IsNull:
		return 0, false
	}
	if e.Type().MultiValue || volatility(e) == function.Volatile || HasSubquery(e) { // Outer changes between runs
		return 0, false
	}
	cols := Columns(e)
	if len(cols) != 1 {
		return 0, false
	}
	single := true
	Walk(e, func(x Expr) bool {
		if c, ok := x.(*Column); ok && c.T.MultiValue {
			single = false
		}
		return single
	})
	return cols[0], single
}

// memoChunk is how many distinct values are evaluated at a time.
const memoChunk = vec.BlockRows

// dictNode evaluates inner once per distinct value of a dictionary column and maps the rows to the results. The results
// are kept as long as the batches have the same dictionary.
type dictNode struct {
	inner  node
	column int
	typ    catalog.Type
	stable bool // holds now(): per record in ingestion

	dict     *vec.Dict
	seen     int        // rows that came with dict before it was evaluated
	ready    bool       // result holds dict
	result   vec.Vector // one row per id, then one for NULL
	failed   map[uint32]error
	flags    []uint8 // booleans: bit 0 true, bit 1 NULL; per id and for NULL
	hasNulls bool    // an id, not NULL itself, has the result NULL
}

func (n *dictNode) eval(ec *function.EvalContext, in *vec.Batch, out *vec.Vector) error {
	if n.column >= len(in.Cols) || in.Cols[n.column] == nil {
		return n.inner.eval(ec, in, out)
	}
	col := in.Cols[n.column]
	if col.Form != vec.FormDict || col.Dict == nil || (n.stable && ec.NowByRow != nil) {
		return n.inner.eval(ec, in, out)
	}
	if col.Dict != n.dict {
		n.dict, n.seen, n.ready = col.Dict, 0, false
	}
	if !n.ready {
		// As long as the rows are fewer than the values, rows are cheaper; after that the values are, whatever comes.
		n.seen += in.Rows
		if n.seen < col.Dict.Len {
			return n.inner.eval(ec, in, out)
		}
		if err := n.evaluateDict(ec, in, col); err != nil {
			return err
		}
	}
	n.mapRows(col, in.Rows, out)
	return n.reportFailed(ec, col, in.Rows, out)
}

// evaluateDict fills result. Values that fail are remembered: they are errors only where a row has them.
func (n *dictNode) evaluateDict(ec *function.EvalContext, in *vec.Batch, col *vec.Vector) error {
	d := col.Dict
	var values, chunk, part vec.Vector
	d.Values(&values)
	values.Type = col.Type
	n.result.Reset(n.typ, d.Len+1)
	clear(n.result.Str)
	n.failed = nil
	batch := vec.Batch{Cols: make([]*vec.Vector, len(in.Cols))}
	batch.Cols[n.column] = &chunk
	for from := 0; from < d.Len; from += memoChunk {
		to := min(from+memoChunk, d.Len)
		batch.Rows = to - from
		sliceVector(&values, from, to, &chunk)
		if err := n.evaluateChunk(ec, &batch, from, &part); err != nil {
			return err
		}
	}
	chunk.SetConst(catalog.NullValue(col.Type), 1)
	batch.Rows = 1
	if err := n.evaluateChunk(ec, &batch, d.Len, &part); err != nil {
		return err
	}
	n.finishMemo(d.Len)
	return nil
}

func (n *dictNode) evaluateChunk(ec *function.EvalContext, batch *vec.Batch, from int, part *vec.Vector) error {
	sub := *ec
	sub.OnRowError = func(row int, err error) {
		if n.failed == nil {
			n.failed = map[uint32]error{}
		}
		if _, ok := n.failed[uint32(from+row)]; !ok {
			n.failed[uint32(from+row)] = err
		}
	}
	if err := n.inner.eval(&sub, batch, part); err != nil {
		return err
	}
	for i := range batch.Rows {
		n.result.CopyRow(from+i, part, i)
	}
	return nil
}

func (n *dictNode) finishMemo(ids int) {
	n.ready = true
	n.hasNulls = false
	for i := range ids {
		n.hasNulls = n.hasNulls || n.result.IsNull(i)
	}
	if n.typ.Kind != catalog.KindBoolean {
		return
	}
	n.flags = make([]uint8, ids+1)
	for i := range n.flags {
		if n.result.IsNull(i) {
			n.flags[i] = 2
		} else if n.result.BoolAt(i) {
			n.flags[i] = 1
		}
	}
}

// sliceVector views rows from..to of a flat, single-value vector without nulls.
func sliceVector(v *vec.Vector, from, to int, out *vec.Vector) {
	out.Alias(v.Type, vec.FormFlat, to-from)
	switch v.Type.Kind.Physical() {
	case catalog.PhysInt32:
		out.I32 = v.I32[from:to]
	case catalog.PhysInt64:
		out.I64 = v.I64[from:to]
	case catalog.PhysFloat32:
		out.F32 = v.F32[from:to]
	case catalog.PhysFloat64:
		out.F64 = v.F64[from:to]
	case catalog.PhysString:
		out.Str = v.Str[from:to]
	case catalog.PhysBits:
		out.Bits = vec.NewBitmap(to - from)
		for i := from; i < to; i++ {
			if v.Bits.Get(i) {
				out.Bits.Set(i - from)
			}
		}
	}
}

// mapRows looks the rows up in result.
func (n *dictNode) mapRows(col *vec.Vector, rows int, out *vec.Vector) {
	out.Reset(n.typ, rows)
	switch {
	case col.U8 != nil:
		mapCodes(n, col.U8[:rows], out)
	case col.U16 != nil:
		mapCodes(n, col.U16[:rows], out)
	default:
		mapCodes(n, col.U32[:rows], out)
	}
	if !col.HasNulls() {
		return
	}
	slot := n.dict.Len
	for i := range rows {
		if !col.Nulls.Get(i) {
			continue
		}
		if out.Nulls != nil {
			out.MutableNulls().Clear(i) // what the undefined code of this row said
		}
		if out.Bits != nil {
			out.Bits.Clear(i)
		}
		out.CopyRow(i, &n.result, slot)
	}
}

type code interface{ ~uint8 | ~uint16 | ~uint32 }

func mapCodes[C code](n *dictNode, codes []C, out *vec.Vector) {
	r := &n.result
	switch n.typ.Kind.Physical() {
	case catalog.PhysInt32:
		lookup(out.I32, r.I32, codes)
	case catalog.PhysInt64:
		lookup(out.I64, r.I64, codes)
	case catalog.PhysFloat32:
		lookup(out.F32, r.F32, codes)
	case catalog.PhysFloat64:
		lookup(out.F64, r.F64, codes)
	case catalog.PhysString:
		lookup(out.Str, r.Str, codes)
	case catalog.PhysBits:
		lookupBits(out.Bits, n.flags, codes, 0)
	}
	if !n.hasNulls {
		return
	}
	nulls := out.MutableNulls()
	if n.flags != nil {
		lookupBits(nulls, n.flags, codes, 1)
		return
	}
	for i, c := range codes {
		if r.Nulls.Get(int(c)) {
			nulls.Set(i)
		}
	}
}

func lookup[C code, T any](dst, table []T, codes []C) {
	dst = dst[:len(codes)]
	for i, c := range codes {
		dst[i] = table[c]
	}
}

// lookupBits gathers one bit of a byte table, 64 rows to a word.
func lookupBits[C code](dst vec.Bitmap, table []uint8, codes []C, bit uint) {
	for w := range dst {
		var m uint64
		for i, c := range codes[w<<6 : min(w<<6+64, len(codes))] {
			m |= uint64(table[c]>>bit&1) << (uint(i) & 63)
		}
		dst[w] = m
	}
}

// reportFailed reports the rows whose value failed.
func (n *dictNode) reportFailed(ec *function.EvalContext, col *vec.Vector, rows int, out *vec.Vector) error {
	if len(n.failed) == 0 {
		return nil
	}
	for i := range rows {
		id := uint32(n.dict.Len)
		if !col.IsNull(i) {
			id = col.Code(i)
		}
		if err, ok := n.failed[id]; ok {
			if err := ec.Fail(out, i, err); err != nil {
				return err
			}
		}
	}
	return nil
}
