package exec

import (
	"context"
	"slices"

	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/internal/errs"
	"github.com/freshetdb/freshet/internal/vec"
	"github.com/freshetdb/freshet/query/expr"
	"github.com/freshetdb/freshet/query/function"
	"github.com/freshetdb/freshet/query/logical"
	"github.com/freshetdb/freshet/query/physical"
	"github.com/freshetdb/freshet/query/result"
)

// aggPlan is an aggregation as compiled for any input: distinct argument and filter expressions, each evaluated once
// per batch however many aggregates use it.
type aggPlan struct {
	keys     []expr.Expr
	keyTypes []catalog.Type // element types for multi-value keys
	multi    bool           // a key is multi-value: rows count once per element
	placed   bool           // an aggregate depends on the order of rows
	exprs    []expr.Expr    // distinct arguments and filters
	aggs     []aggCall
	width    int   // columns of the input
	cols     []int // columns that keys and exprs use
}

type aggCall struct {
	fn     function.BoundAggregate
	args   []int // into exprs
	filter int   // into exprs, -1 if none
	form   argForm
}

// argForm says in which stored form an aggregate takes its arguments where they are columns that have it.
type argForm uint8

const (
	argFlat argForm = iota // flat or constant
	argDict                // it profits from dictionary form
	argScaled
)

func formOf(c logical.AggCall, acc function.Accumulator) argForm {
	if distinctInvariant(c.Fn.Name) && c.Fn.Name != "min" && c.Fn.Name != "max" {
		return argDict
	}
	if s, ok := acc.(function.ScaledReader); ok && s.TakesScaled() && len(c.Args) == 1 && c.Args[0].Type() == catalog.Double {
		return argScaled
	}
	if distinctInvariant(c.Fn.Name) {
		return argDict
	}
	return argFlat
}

func newAggPlan(keys []expr.Expr, calls []logical.AggCall, width int) *aggPlan {
	p := &aggPlan{keys: keys, width: width}
	for _, k := range keys {
		p.multi = p.multi || k.Type().MultiValue
		p.keyTypes = append(p.keyTypes, k.Type().Elem())
	}
	for _, c := range calls {
		a := aggCall{fn: c.Fn, filter: -1}
		acc := c.Fn.New()
		a.form = formOf(c, acc)
		for _, arg := range c.Args {
			a.args = append(a.args, p.intern(arg))
		}
		if c.Filter != nil {
			a.filter = p.intern(c.Filter)
		}
		if _, ok := acc.(function.Positioned); ok {
			p.placed = true
		}
		p.aggs = append(p.aggs, a)
	}
	p.cols = columnsOf(width, append(append([]expr.Expr(nil), keys...), p.exprs...)...)
	return p
}

// intern gives the index of e among the distinct expressions.
func (p *aggPlan) intern(e expr.Expr) int {
	if !volatileExpr(e) {
		for i, have := range p.exprs {
			if have.Type() == e.Type() && have.String() == e.String() && slices.Equal(reads(have), reads(e)) && !volatileExpr(have) {
				return i
			}
		}
	}
	p.exprs = append(p.exprs, e)
	return len(p.exprs) - 1
}

// reads lists the column positions of e as they occur: the text of an expression has names only, which need not be
// unique above a projection.
func reads(e expr.Expr) []int {
	var out []int
	expr.Walk(e, func(e expr.Expr) bool {
		if c, ok := e.(*expr.Column); ok {
			out = append(out, c.Index)
		}
		return true
	})
	return out
}

// distinctInvariant names the aggregates for which repeated values change nothing.
func distinctInvariant(name string) bool {
	switch name {
	case "min", "max", "distinctcount", "distinctsum", "distinctavg", "distinctcounthll", "distinctcounthllplus", "distinctcountull", "distinctcountthetasketch":
		return true
	}
	return false
}

// groupState is the groups and accumulators of one worker, or of the whole once merged.
type groupState struct {
	plan  *aggPlan
	table *groupTable // nil without keys
	accs  []function.Accumulator
	mem   account

	groups  []uint32
	args    []*vec.Vector
	filters vec.Bitmap
	sized   int
	checked int
}

func newGroupState(env *Env, plan *aggPlan) *groupState {
	g := &groupState{plan: plan, mem: account{env: env, operator: "aggregation"}}
	if len(plan.keys) > 0 {
		g.groups = make([]uint32, vec.BlockRows)
		g.table = newGroupTable(plan.keyTypes, env.NumGroupsLimit)
	}
	for _, a := range plan.aggs {
		g.accs = append(g.accs, a.fn.New())
	}
	if g.table == nil {
		g.size(1)
	}
	return g
}

// reserve makes room for about that many groups at once.
func (g *groupState) reserve(n int) {
	for _, a := range g.accs {
		if r, ok := a.(function.Reserver); ok {
			r.Reserve(n)
		}
	}
}

// reset forgets every group.
func (g *groupState) reset() {
	for i, a := range g.plan.aggs {
		g.accs[i] = a.fn.New()
	}
	g.sized, g.checked = 0, 0
	if g.table != nil {
		g.table = newGroupTable(g.plan.keyTypes, g.mem.env.NumGroupsLimit)
	} else {
		g.size(1)
	}
	g.mem.release()
}

// size makes room in the accumulators.
func (g *groupState) size(n int) {
	if n == g.sized {
		return
	}
	g.sized = n
	for _, a := range g.accs {
		a.Resize(n)
	}
}

// at tells the accumulators that depend on it where the rows of the next add stand.
func (g *groupState) at(first uint64, rows []uint16) {
	for _, a := range g.accs {
		if p, ok := a.(function.Positioned); ok {
			p.At(first, rows)
		}
	}
}

// account reports memory. It asks the accumulators, so it runs per morsel and when the groups have grown by a block.
func (g *groupState) account() error {
	n := int64(cap(g.groups) * 4)
	if g.table != nil {
		n += g.table.bytes()
		g.checked = g.table.n
	}
	for _, a := range g.accs {
		n += int64(a.Bytes())
	}
	return g.mem.set(n)
}

func (g *groupState) accountIfGrown() error {
	if g.table == nil || g.table.n < g.checked+vec.BlockRows {
		return nil
	}
	return g.account()
}

// add feeds n rows with their groups (nil: group 0). value gives an interned expression at those rows, in the form that is
// asked for where that is possible.
func (g *groupState) add(groups []uint32, n int, value func(i int, form argForm) (*vec.Vector, error)) error {
	if g.table != nil {
		g.size(g.table.size())
	}
	for i := range g.plan.aggs {
		call := &g.plan.aggs[i]
		var sel vec.Bitmap
		if call.filter >= 0 {
			v, err := value(call.filter, argFlat)
			if err != nil {
				return err
			}
			g.filters = truth(v, n, g.filters)
			sel = g.filters
		}
		g.args = g.args[:0]
		for _, a := range call.args {
			v, err := value(a, call.form)
			if err != nil {
				return err
			}
			g.args = append(g.args, v)
		}
		if err := g.accs[i].Add(groups, g.args, n, sel); err != nil {
			return err
		}
	}
	return g.accountIfGrown()
}

// truth gives the rows of a boolean vector that are true, in scratch.
func truth(v *vec.Vector, n int, scratch vec.Bitmap) vec.Bitmap {
	if cap(scratch) < vec.Words(n) {
		scratch = vec.NewBitmap(max(n, vec.BlockRows))
	}
	out := scratch[:vec.Words(n)]
	out.SetAll(n)
	if v.Form == vec.FormConst {
		if v.IsNull(0) || !v.Bits.Get(0) {
			out.Zero()
		}
		return out
	}
	out.And(v.Bits)
	if v.Nulls != nil {
		out.AndNot(v.Nulls)
	}
	return out
}

// merge adds o's groups.
func (g *groupState) merge(o *groupState) error {
	if g.table == nil {
		for i, a := range g.accs {
			if err := a.Merge(o.accs[i], nil); err != nil {
				return err
			}
		}
		return nil
	}
	groups := g.table.merge(o.table)
	g.size(g.table.size())
	o.size(o.table.size())
	for i, a := range g.accs {
		if err := a.Merge(o.accs[i], groups); err != nil {
			return err
		}
	}
	return g.account()
}

// Groups is the state of an aggregation: groups and partial aggregates. It owns its memory: nothing of it aliases a
// segment. Not safe for concurrent use.
type Groups struct {
	states []*groupState // one, or one per partition
	ranges keyRanges     // of the partitions
}

// Len is the number of groups.
func (g *Groups) Len() int {
	n := 0
	for _, s := range g.states {
		if s.table == nil {
			return 1
		}
		n += s.table.groups()
	}
	return n
}

// merge adds o's groups. o may not be used afterwards.
func (g *Groups) merge(o *Groups) error {
	if g.ranges != o.ranges {
		// Partitions of other ranges have other keys: one table takes all.
		for _, s := range g.states[1:] {
			if err := g.states[0].merge(s); err != nil {
				return err
			}
			s.mem.release()
		}
		g.states, g.ranges = g.states[:1], keyRanges{}
	}
	if len(g.states) > 1 && len(o.states) == 1 {
		g.states, o.states = o.states, g.states
	}
	for i, s := range o.states {
		to := g.states[0]
		if len(g.states) > 1 {
			to = g.states[i]
		}
		if err := to.merge(s); err != nil {
			return err
		}
	}
	return nil
}

// settle ends the numbering of rows: those of other leaves stand behind.
func (g *Groups) settle() {
	for _, s := range g.states {
		for _, a := range s.accs {
			if p, ok := a.(function.Positioned); ok {
				p.Settle()
			}
		}
	}
}

func (g *Groups) overflowed() bool {
	for _, s := range g.states {
		if s.table != nil && s.table.over {
			return true
		}
	}
	return false
}

// aggLeaf is the result of an aggregation leaf.
type aggLeaf struct {
	groups *Groups
	sinks  []*aggSink
	stats  result.Stats
}

// Next implements LeafResult.
func (l *aggLeaf) Next(context.Context) (*vec.Batch, error) { return nil, nil }

// Groups implements LeafResult.
func (l *aggLeaf) Groups() *Groups { return l.groups }

// Stats implements LeafResult.
func (l *aggLeaf) Stats() *result.Stats { return &l.stats }

// Close implements LeafResult.
func (l *aggLeaf) Close() error {
	for _, s := range l.sinks {
		s.release()
	}
	return nil
}

// runAggregate runs an aggregation leaf to its end.
func runAggregate(ctx context.Context, r *leafRun) (LeafResult, error) {
	plan := newAggPlan(r.keys, r.aggs, len(r.cols))
	rows, threshold := r.rows, int64(parallelRows)
	if r.onlyCounts() {
		rows, threshold = r.uncounted(ctx), countingRows
	}
	n := min(r.env.workers(rows, threshold), max(1, len(r.segs)*4))
	l := &aggLeaf{sinks: make([]*aggSink, n)}
	for i := range l.sinks {
		l.sinks[i] = newAggSink(r, plan, l.sinks[0])
	}
	err := runMorsels(ctx, r, r.segs, l.sinks)
	if err == nil {
		l.groups, err = mergeSinks(ctx, l.sinks)
	}
	if err == nil && r.env.GroupsError && l.groups.overflowed() {
		err = errs.New(errs.ClassExhausted, errs.ConfigurationLimit, "the query has more than %d groups", r.env.NumGroupsLimit).
			WithHint("Raise numGroupsLimit, or set errorOnNumGroupsLimit to false for a part of the groups.")
	}
	if err != nil {
		if closeErr := l.Close(); closeErr != nil {
			return nil, closeErr
		}
		return nil, err
	}
	for _, s := range l.sinks {
		s.scratch.release()
	}
	l.groups.settle()
	l.stats = r.mu.stats
	l.stats.GroupsLimitReached = l.groups.overflowed()
	return l, nil
}

// onlyCounts says that the leaf counts rows for which columns compare with constants: what takes least of all for a row.
func (r *leafRun) onlyCounts() bool {
	if !r.countsRows() {
		return false
	}
	for _, c := range physical.Conjuncts(r.filter) {
		cmp, ok := c.(*expr.Compare)
		if !ok {
			return false
		}
		_, left, _, ok := normalCompare(cmp)
		if !ok {
			return false
		}
		if col, _ := castColumn(left); col == nil || col.T.MultiValue {
			return false
		}
	}
	return true
}

// countsRows says that the leaf wants nothing but how many rows pass.
func (r *leafRun) countsRows() bool {
	if r.leaf.Kind != physical.LeafAggregate || len(r.keys) > 0 {
		return false
	}
	for _, a := range r.aggs {
		if len(a.Args) > 0 || a.Filter != nil || a.Fn.Name != "count" {
			return false
		}
	}
	return true
}

// uncounted is the number of rows in segments that do not know how many of theirs pass.
func (r *leafRun) uncounted(ctx context.Context) (rows int64) {
	for _, s := range r.segs {
		s.ready(ctx, r)
		if !s.known() {
			rows += int64(s.rows)
		}
	}
	return rows
}

// mergeSinks merges the states of the workers into those of the first.
func mergeSinks(ctx context.Context, sinks []*aggSink) (*Groups, error) {
	if sinks[0].parts != nil {
		all := make([]*partitioned, len(sinks))
		for i, s := range sinks {
			all[i] = s.parts
		}
		states, err := flushPartitions(ctx, all)
		return &Groups{states: states, ranges: all[0].ranges}, err
	}
	total := sinks[0].state
	for _, s := range sinks[1:] {
		if err := total.merge(s.state); err != nil {
			return nil, err
		}
		s.state.mem.release()
	}
	return &Groups{states: []*groupState{total}}, total.account()
}
