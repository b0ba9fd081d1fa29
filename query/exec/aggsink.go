package exec

import (
	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/internal/vec"
	"github.com/freshetdb/freshet/query/expr"
	"github.com/freshetdb/freshet/query/kernel"
	"github.com/freshetdb/freshet/query/physical"
)

// aggSink aggregates the rows of one worker.
type aggSink struct {
	run   *leafRun
	plan  *aggPlan
	state *groupState
	parts *partitioned // instead of state, where there are very many groups

	seg     *segState
	known   bool       // seg is answered from metadata, whatever morsels of it still come
	coded   *codedKeys // keys of seg as small integers, nil where they are not
	scratch account    // of coded.table
	table   []uint32   // of seg's codes
	before  codeTable  // of the segment before
	codes   []uint32
	picked  []vec.Vector // each key's codes at the rows that passed
	without []uint32     // the codes without a nullable key

	keyVecs []*vec.Vector
	outs    []vec.Vector // of plan.exprs, then of keys
	have    []bool       // plan.exprs evaluated for the current block
	coding  []vec.Vector // plan.exprs in dictionary or scaled form
	haveC   []bool
	explode *exploder // of arrays as keys

	worker *worker
	value  func(i int, form argForm) (*vec.Vector, error)
}

// newAggSink makes the sink of a worker. first is that of the first worker, nil for itself.
func newAggSink(r *leafRun, plan *aggPlan, first *aggSink) *aggSink {
	s := &aggSink{run: r, plan: plan, state: newGroupState(r.env, plan), outs: make([]vec.Vector, len(plan.exprs)+len(plan.keys)),
		have: make([]bool, len(plan.exprs)), coding: make([]vec.Vector, len(plan.exprs)), haveC: make([]bool, len(plan.exprs)),
		keyVecs: make([]*vec.Vector, len(plan.keys)), picked: make([]vec.Vector, len(plan.keys)), scratch: account{env: r.env, operator: "aggregation"}}
	s.value = s.argument
	if worthPartitioning(r, plan) {
		var other *partitioned
		if first != nil {
			other = first.parts
		}
		s.parts = newPartitioned(r, plan, other)
	}
	return s
}

func (s *aggSink) account() error {
	if s.parts != nil {
		return s.parts.account()
	}
	return s.state.account()
}

func (s *aggSink) release() {
	s.scratch.release()
	s.state.mem.release()
	if s.parts != nil {
		s.parts.release()
	}
}

// segment implements sink: it may answer from metadata, and finds the codes of the keys.
func (s *aggSink) segment(w *worker) (bool, error) {
	s.worker = w
	if err := s.account(); err != nil {
		return false, err
	}
	if s.skip(w, 0) {
		w.stats.SegmentsPrunedByLimit++
		return true, nil
	}
	if s.seg == w.seg { // a further morsel of it
		return s.known, nil
	}
	s.seg = w.seg
	rows, known := s.fromMetadata(w)
	if s.known = known; known {
		return s.metadata(w, rows)
	}
	if w.seg.outside {
		return false, s.countInside(w)
	}
	s.coded = nil
	if len(s.plan.keys) > 0 && !s.plan.multi && s.parts == nil {
		return false, s.encode(w)
	}
	return false, nil
}

// skip implements sink: enough groups of a DISTINCT are enough.
func (s *aggSink) skip(*worker, int) bool {
	return s.run.leaf.Limit >= 0 && s.state.table != nil && int64(s.state.table.n) >= s.run.leaf.Limit
}

// block implements sink.
func (s *aggSink) block(w *worker) error {
	if w.seg.outside {
		w.stats.RowsScanned -= 2 * int64(w.rows) // they were taken for rows that pass
		return s.addRows(-w.rows)
	}
	w.stats.EntriesScannedPostFilter += int64(w.rows * len(s.plan.cols))
	clear(s.have)
	clear(s.haveC)
	if s.plan.multi {
		return s.blockMulti(w)
	}
	if s.parts != nil {
		key, err := s.eval(w, s.plan.keys[0], &s.outs[len(s.plan.exprs)])
		if err != nil {
			return err
		}
		return s.parts.add(key, w.rows, s.value)
	}
	if s.plan.placed {
		s.state.at(blockPosition(w), w.selection())
	}
	var groups []uint32
	switch {
	case len(s.plan.keys) == 0:
	case s.coded != nil:
		groups = s.state.groups[:w.rows]
		if ok, err := s.coded.assign(w, s, groups); err != nil {
			return err
		} else if !ok {
			return s.blockGeneric(w)
		}
	default:
		return s.blockGeneric(w)
	}
	return s.state.add(groups, w.rows, s.value)
}

// blockPosition is the position of the first row of the current block among all rows of the leaf, in order of arrival.
func blockPosition(w *worker) uint64 {
	return uint64(w.seg.ordinal)<<32 | uint64(w.b*vec.BlockRows)
}

// blockGeneric numbers the rows by the values of their keys.
func (s *aggSink) blockGeneric(w *worker) error {
	if len(s.plan.keys) == 1 {
		if k, ok := s.constantKey(w, s.plan.keys[0]); ok {
			g := s.state.table.find([]keyValue{k})
			groups := s.state.groups[:w.rows]
			for i := range groups {
				groups[i] = g
			}
			return s.state.add(groups, w.rows, s.value)
		}
	}
	for i, k := range s.plan.keys {
		v, err := s.eval(w, k, &s.outs[len(s.plan.exprs)+i])
		if err != nil {
			return err
		}
		s.keyVecs[i] = v
	}
	groups := s.state.groups[:w.rows]
	s.state.table.assign(flattenMixed(s.keyVecs, s.outs[len(s.plan.exprs):]), w.rows, groups)
	return s.state.add(groups, w.rows, s.value)
}

// flattenMixed makes constants flat where other keys are not constant.
func flattenMixed(keys []*vec.Vector, own []vec.Vector) []*vec.Vector {
	if allConst(keys) {
		return keys
	}
	for i, k := range keys {
		if k.Form == vec.FormFlat {
			continue
		}
		if k == &own[i] {
			flat := &vec.Vector{}
			k.Gather(nil, flat)
			keys[i] = flat
			continue
		}
		k.Gather(nil, &own[i])
		keys[i] = &own[i]
	}
	return keys
}

// eval gives an expression at the rows that passed, flat or constant.
func (s *aggSink) eval(w *worker, e expr.Expr, out *vec.Vector) (*vec.Vector, error) {
	if c, ok := e.(*expr.Column); ok {
		return w.column(c.Index)
	}
	in, err := w.columns(columnsOf(s.plan.width, e))
	if err != nil {
		return nil, err
	}
	return out, w.evaluator(e).Eval(w.ec, in, out)
}

// argument gives interned expression i at the rows that passed.
func (s *aggSink) argument(i int, form argForm) (*vec.Vector, error) {
	w := s.worker
	if c, ok := s.plan.exprs[i].(*expr.Column); ok {
		want := vec.FormFlat
		switch {
		case form == argScaled:
			want = vec.FormScaled
		case form == argDict || s.run.cols[c.Index].typ.Kind.Physical() == catalog.PhysString:
			want = vec.FormDict
		}
		if want != vec.FormFlat {
			v, err := s.codedColumn(i, c.Index, want)
			if v != nil || err != nil {
				return v, err
			}
		}
		return w.column(c.Index)
	}
	if !s.have[i] {
		if _, err := s.eval(w, s.plan.exprs[i], &s.outs[i]); err != nil {
			return nil, err
		}
		s.have[i] = true
	}
	return &s.outs[i], nil
}

// codedColumn gives a column in a coded form at the rows that passed, nil where the block has another.
func (s *aggSink) codedColumn(i, col int, want vec.Form) (*vec.Vector, error) {
	v, err := s.worker.load(col)
	if err != nil || v.Form != want || v.Type.MultiValue || (s.run.env.PinotNulls && v.HasNulls()) {
		return nil, err
	}
	if s.worker.all {
		return v, nil
	}
	if !s.haveC[i] {
		s.worker.gatherCodes(v, &s.coding[i])
		s.haveC[i] = true
	}
	return &s.coding[i], nil
}

// gatherCodes makes out the rows of v, in dictionary, offset or scaled form, at sel, still as codes.
func gatherCodes(v *vec.Vector, sel []uint16, out *vec.Vector) {
	u8, u16, u32 := out.U8, out.U16, out.U32
	aliasCodes(v, len(sel), out)
	switch {
	case v.U8 != nil:
		out.U8 = codesRoom(u8, len(sel))[:len(sel)]
		kernel.Pick(v.U8, sel, out.U8)
	case v.U16 != nil:
		out.U16 = codesRoom(u16, len(sel))[:len(sel)]
		kernel.Pick(v.U16, sel, out.U16)
	default:
		out.U32 = codesRoom(u32, len(sel))[:len(sel)]
		kernel.Pick(v.U32, sel, out.U32)
	}
	gatherNulls(v, sel, out)
}

// compactRows is how many rows of 64 have to pass that looking at all costs less than one by one.
const compactRows = 2

// gatherCodes makes out the rows of v that passed, still as codes. Where these are many it does not ask which they are.
func (w *worker) gatherCodes(v, out *vec.Vector) {
	if !kernel.Wide() || w.rows*64 < w.n*compactRows {
		gatherCodes(v, w.selection(), out)
		return
	}
	u8, u16, u32 := out.U8, out.U16, out.U32
	aliasCodes(v, w.rows, out)
	switch {
	case v.U8 != nil:
		u8 = codesRoom(u8, w.n)
		out.U8 = u8[:kernel.Compact(v.U8[:w.n], w.bits, u8)]
	case v.U16 != nil:
		u16 = codesRoom(u16, w.n)
		out.U16 = u16[:kernel.Compact(v.U16[:w.n], w.bits, u16)]
	default:
		u32 = codesRoom(u32, w.n)
		out.U32 = u32[:kernel.Compact(v.U32[:w.n], w.bits, u32)]
	}
	if v.HasNulls() {
		gatherNulls(v, w.selection(), out)
	}
}

// aliasCodes makes out n rows of v's form, whose codes come next.
func aliasCodes(v *vec.Vector, n int, out *vec.Vector) {
	out.Alias(v.Type, v.Form, n)
	out.Dict, out.Base, out.Power = v.Dict, v.Base, v.Power
}

// codesRoom gives dst room for n codes and what Compact writes behind them.
func codesRoom[C kernel.Code](dst []C, n int) []C {
	if cap(dst) < n+kernel.CompactSlack {
		return make([]C, max(n, vec.BlockRows)+kernel.CompactSlack)
	}
	return dst[:cap(dst)]
}

func gatherNulls(v *vec.Vector, sel []uint16, out *vec.Vector) {
	if !v.HasNulls() {
		return
	}
	for i, r := range sel {
		if v.Nulls.Get(int(r)) {
			out.SetNull(i)
		}
	}
}

// fromMetadata reports whether the segment's answer follows from its statistics, and how many rows it is about: no keys, and only
// count(*), of rows whose number is known, or without a filter minima, maxima and distinct counts of columns.
func (s *aggSink) fromMetadata(w *worker) (rows int, ok bool) {
	seg := w.seg
	if len(s.plan.keys) > 0 {
		return 0, false
	}
	if rows, ok = seg.passing(w); !ok {
		return 0, false
	}
	for i := range s.plan.aggs {
		a := &s.plan.aggs[i]
		switch {
		case a.filter >= 0:
			return 0, false
		case len(a.args) == 0 && a.fn.Name == "count":
			continue
		case seg.filter != nil || len(a.args) != 1 || !distinctInvariant(a.fn.Name):
			return 0, false
		}
		c, ok := s.plan.exprs[a.args[0]].(*expr.Column)
		if !ok || !s.knownColumn(seg, c, a.fn.Name == "min" || a.fn.Name == "max") {
			return 0, false
		}
	}
	return rows, true
}

// known says that no row has to be read to tell how many pass the filter: all, or those of some values of one dictionary that
// counts them. The filter is compiled.
func (s *segState) known() bool {
	p, ok := s.filter.(*dictPred)
	return s.filter == nil || ok && s.cols[p.col].dict.Counts != nil
}

// passing gives the number of rows that pass the filter where it is known without reading them.
func (s *segState) passing(w *worker) (rows int, known bool) {
	if s.filter == nil || !s.known() {
		return s.rows, s.filter == nil
	}
	return s.countOf(w, s.filter.(*dictPred))
}

// countOf gives the number of rows that pass p, whose dictionary has counts; false where that fails, as the first block says why.
func (s *segState) countOf(w *worker, p *dictPred) (rows int, ok bool) {
	ids := p.ids.Load()
	if ids == nil {
		var err error
		if ids, err = p.prepare(w); err != nil {
			return 0, false
		}
	}
	if p.nullTrue {
		rows = s.cols[p.col].stats.NullCount
	}
	if ids.any {
		for id := ids.first; id <= ids.last; id++ {
			if ids.contiguous || ids.set.Get(int(id)) {
				rows += int(s.cols[p.col].dict.Counts[id])
			}
		}
	}
	return rows, true
}

// knownColumn reports whether a column's extremes (or its distinct values) are in metadata.
func (s *aggSink) knownColumn(seg *segState, c *expr.Column, extremes bool) bool {
	sc := &seg.cols[c.Index]
	if sc.col == nil || c.T.MultiValue || (s.run.env.PinotNulls && sc.stats.NullCount > 0) {
		return false
	}
	if extremes {
		p := c.T.Kind.Physical()
		return sc.stats.HasRange && p != catalog.PhysFloat32 && p != catalog.PhysFloat64
	}
	return sc.dict != nil && !seg.view.Consuming()
}

// metadata feeds the accumulators from statistics and dictionaries of rows rows. Only one worker may do it per segment.
func (s *aggSink) metadata(w *worker, rows int) (bool, error) {
	if !s.run.claim(w.seg) {
		return true, nil
	}
	w.stats.RowsScanned += int64(rows)
	for i := range s.plan.aggs {
		a := &s.plan.aggs[i]
		acc := s.state.accs[i]
		if len(a.args) == 0 {
			if err := acc.Add(nil, nil, rows, nil); err != nil {
				return false, err
			}
			continue
		}
		sc := &w.seg.cols[s.plan.exprs[a.args[0]].(*expr.Column).Index]
		if err := addKnown(acc, a.fn.Name, sc); err != nil {
			return false, err
		}
	}
	return true, nil
}

// countInside counts the rows of a segment that may pass, of which blocks take away those that do not.
func (s *aggSink) countInside(w *worker) error {
	if !s.run.claim(w.seg) {
		return nil
	}
	w.stats.RowsScanned += int64(w.seg.counted)
	return s.addRows(w.seg.counted)
}

// addRows counts n rows where the leaf only counts rows: count takes a negative number too.
func (s *aggSink) addRows(n int) error {
	for _, acc := range s.state.accs {
		if err := acc.Add(nil, nil, n, nil); err != nil {
			return err
		}
	}
	return nil
}

func addKnown(acc interface {
	Add([]uint32, []*vec.Vector, int, vec.Bitmap) error
}, name string, sc *segColumn) error {
	var v vec.Vector
	switch name {
	case "min":
		v.SetConst(sc.stats.Min, 1)
		return acc.Add(nil, []*vec.Vector{&v}, 1, nil)
	case "max":
		v.SetConst(sc.stats.Max, 1)
		return acc.Add(nil, []*vec.Vector{&v}, 1, nil)
	}
	for from := 0; from < sc.dict.Len; from += vec.BlockRows {
		n := min(sc.dict.Len-from, vec.BlockRows)
		dictChunk(sc.dict, from, n, &v)
		if err := acc.Add(nil, []*vec.Vector{&v}, n, nil); err != nil {
			return err
		}
	}
	return nil
}

// claim gives a segment to the first worker that asks.
func (r *leafRun) claim(seg *segState) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if seg.claimed {
		return false
	}
	seg.claimed = true
	return true
}

// monotone gives the column of a key expression that never falls as its column rises, so that equal results at the
// ends of a block hold for the whole block.
func monotone(e expr.Expr) (int, bool) {
	call, ok := e.(*expr.Call)
	if !ok || call.Fn.Name != "dateTrunc" && call.Fn.Name != "datetrunc" {
		return 0, false
	}
	col := -1
	for i, a := range call.Args {
		switch a := a.(type) {
		case *expr.Const:
			// A time zone may turn the clock back.
			if i >= 3 && !a.Value.Null && a.Value.Str != "UTC" {
				return 0, false
			}
		case *expr.Column:
			if col >= 0 {
				return 0, false
			}
			col = a.Index
		default:
			return 0, false
		}
	}
	return col, col >= 0
}

// constantKey evaluates a monotone key at the ends of the current block; ok where they agree.
func (s *aggSink) constantKey(w *worker, e expr.Expr) (keyValue, bool) {
	col, ok := monotone(e)
	if !ok || w.seg.cols[col].col == nil {
		return keyValue{}, false
	}
	z := w.seg.cols[col].col.Zone(w.b)
	if !z.Known || z.AllNull || z.NullCount > 0 {
		return keyValue{}, false
	}
	at := func(x int64) (catalog.Value, error) {
		return expr.EvalConst(w.ec, physical.Substitute(e, constantAt(len(s.run.cols), col, catalog.Value{Type: s.run.cols[col].typ, I64: x})))
	}
	lo, err1 := at(z.MinI64)
	hi, err2 := at(z.MaxI64)
	if err1 != nil || err2 != nil || lo.Null || hi.Null || lo.I64 != hi.I64 || !integralKind(lo.Type) {
		return keyValue{}, false
	}
	return keyValue{word: lo.I64}, true
}

func integralKind(t catalog.Type) bool {
	p := t.Kind.Physical()
	return !t.MultiValue && (p == catalog.PhysInt32 || p == catalog.PhysInt64)
}

// constantAt is a substitution that makes column col a constant and keeps the others.
func constantAt(width, col int, v catalog.Value) []expr.Expr {
	out := make([]expr.Expr, width)
	for i := range out {
		out[i] = &expr.Column{Index: i}
	}
	out[col] = &expr.Const{Value: v}
	return out
}

var _ sink = (*aggSink)(nil)
