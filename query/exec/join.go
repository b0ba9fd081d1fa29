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
)

// join builds the operator of a join: equalities of the two sides become keys of a hash table over the right side.
func (s *scope) join(n *logical.Join) (operator, error) {
	if n.Kind == logical.JoinInvalid || n.Lateral && n.Kind != logical.JoinInner && n.Kind != logical.JoinLeft {
		return nil, errs.Bug("exec.RunRoot: join of kind %d", n.Kind)
	}
	if n.Kind == logical.JoinInner && !n.Lateral && s.rerun && s.cacheable(n.Left) && !s.cacheable(n.Right) {
		return s.swappedJoin(n)
	}
	left, err := s.build(n.Left, -1)
	if err != nil {
		return nil, err
	}
	if n.Lateral {
		side, err := s.lateral(n)
		return newJoinOp(s, n, left, side, n.On), err
	}
	right, err := s.build(n.Right, -1)
	if err != nil {
		return nil, err
	}
	if _, kept := right.(fixed); n.Kind == logical.JoinInner && !s.rerun && !kept {
		return newSmallerOp(s, n, left, right), nil
	}
	return s.hashJoin(n, left, right), nil
}

// hashJoin joins the rows of two operators; those of the right one are kept.
func (s *scope) hashJoin(n *logical.Join, left, right operator) operator {
	var keys []keyPair
	rest := n.On
	if n.On != nil {
		keys, rest = joinKeys(n.On, len(n.Left.Columns()))
	}
	return newJoinOp(s, n, left, newHashSide(s, right, keys, s.rerun && s.cacheable(n.Right)), rest)
}

func newJoinOp(s *scope, n *logical.Join, left operator, side matcher, cond expr.Expr) operator {
	o := &joinOp{kind: n.Kind, ec: s.ec, left: left, side: side, leftTypes: columnTypes(n.Left.Columns()), rightTypes: columnTypes(n.Right.Columns())}
	if cond != nil {
		o.cond = expr.NewEvaluator(cond)
	}
	return o
}

// swappedJoin builds an inner join that runs again and again with its sides changed over: rows that stay the same are
// hashed once, and those that each run selects are looked up in them.
func (s *scope) swappedJoin(n *logical.Join) (operator, error) {
	swapped, back := swapSides(n)
	op, err := s.join(swapped)
	if err != nil {
		return nil, err
	}
	return newProjectOp(s.ec, op, back), nil
}

// swapSides gives an inner join with its sides changed over, and what puts its columns back where they were.
func swapSides(n *logical.Join) (swapped *logical.Join, back []expr.Expr) {
	left, right := len(n.Left.Columns()), len(n.Right.Columns())
	c := *n
	c.Left, c.Right = n.Right, n.Left
	if n.On != nil {
		c.On = expr.Rewrite(n.On, func(x expr.Expr) expr.Expr {
			c, ok := x.(*expr.Column)
			if !ok {
				return x
			}
			at := c.Index + right
			if c.Index >= left {
				at = c.Index - left
			}
			return &expr.Column{Index: at, Name: c.Name, T: c.T}
		})
	}
	for i, c := range n.Left.Columns() {
		back = append(back, &expr.Column{Index: i + right, Name: c.Name, T: c.Type})
	}
	for i, c := range n.Right.Columns() {
		back = append(back, &expr.Column{Index: i, Name: c.Name, T: c.Type})
	}
	return &c, back
}

// joinKeys splits the condition of a join. Columns from width on are those of the right side, which becomes inner.
func joinKeys(on expr.Expr, width int) (keys []keyPair, rest expr.Expr) {
	keys, rest = splitKeys(physical.Conjuncts(on), func(e expr.Expr) side {
		cols := expr.Columns(e)
		switch {
		case len(cols) == 0 || holdsSubquery(e):
			return sideNone
		case cols[len(cols)-1] < width:
			return sideOuter
		case cols[0] >= width:
			return sideInner
		default:
			return sideNone
		}
	})
	for i := range keys {
		keys[i].inner = shiftColumns(keys[i].inner, -width)
	}
	return keys, rest
}

func shiftColumns(e expr.Expr, by int) expr.Expr {
	return expr.Rewrite(e, func(x expr.Expr) expr.Expr {
		if c, ok := x.(*expr.Column); ok {
			return &expr.Column{Index: c.Index + by, Name: c.Name, T: c.T}
		}
		return x
	})
}

// matcher gives the rows of the right side that may match rows of the left one.
type matcher interface {
	// begin reads what is needed before the first left row.
	begin(ctx context.Context) error
	// load looks at rows of b from from on and gives the first that of does not know afterwards. What of gave before is
	// no longer valid.
	load(ctx context.Context, b *vec.Batch, from int) (to int, err error)
	// of lists the candidates of a row of the batch.
	of(row int) []uint64
	// store has the right rows.
	store() *rowStore
	reset()
	close()
}

// joinOp pairs rows of the left side, batch by batch, with their candidates and keeps the pairs for which the condition
// is true.
type joinOp struct {
	kind                  logical.JoinKind
	ec                    *function.EvalContext
	left                  operator
	side                  matcher
	cond                  *expr.Evaluator // nil: true
	leftTypes, rightTypes []catalog.Type

	begun, ended bool
	in           *vec.Batch // of the left side
	row, at, to  int        // next candidate: number at of row; of knows rows before to
	matched      vec.Bitmap // rows of in with a partner
	seen         []vec.Bitmap
	missed       int // batch of the right side whose rows without partner come next

	sel   []uint16
	refs  []uint64
	pairs []vec.Vector
	kept  []vec.Vector
	truth vec.Vector
	bits  vec.Bitmap
	batch vec.Batch
}

func (o *joinOp) next(ctx context.Context) (*vec.Batch, error) {
	o.ec.Ctx = ctx
	if !o.begun {
		if err := o.begin(ctx); err != nil {
			return nil, err
		}
	}
	for !o.ended {
		if err := alive(ctx); err != nil {
			return nil, err
		}
		if o.in == nil {
			if err := o.nextLeft(ctx); err != nil {
				return nil, err
			}
			continue
		}
		if err := o.collect(ctx); err != nil {
			return nil, err
		}
		if len(o.sel) > 0 {
			b, err := o.emit(ctx)
			if b != nil || err != nil {
				return b, err
			}
			continue
		}
		if b := o.endLeft(); b != nil {
			return b, nil
		}
	}
	return o.missedRight(), nil
}

func (o *joinOp) begin(ctx context.Context) error {
	o.begun = true
	if err := o.side.begin(ctx); err != nil {
		return err
	}
	if o.kind == logical.JoinRight || o.kind == logical.JoinFull {
		for _, n := range o.side.store().sizes {
			o.seen = append(o.seen, vec.NewBitmap(n))
		}
	}
	h, isHash := o.side.(*hashSide)
	o.ended = isHash && len(h.store().batches) == 0 && (o.kind == logical.JoinInner || o.kind == logical.JoinRight)
	return nil
}

func (o *joinOp) keepsLeft() bool { return o.kind == logical.JoinLeft || o.kind == logical.JoinFull }

func (o *joinOp) nextLeft(ctx context.Context) error {
	b, err := o.left.next(ctx)
	if err != nil {
		return err
	}
	if b == nil {
		o.ended = true
		return nil
	}
	o.in, o.row, o.at, o.to = b, 0, 0, 0
	if o.keepsLeft() {
		if o.matched == nil {
			o.matched = vec.NewBitmap(vec.BlockRows)
		}
		o.matched.Zero()
	}
	return nil
}

// collect gathers candidates for one batch; none are left where it finds none.
func (o *joinOp) collect(ctx context.Context) error {
	o.sel, o.refs = o.sel[:0], o.refs[:0]
	for o.row < o.in.Rows && len(o.sel) < vec.BlockRows {
		if o.row == o.to {
			if len(o.sel) > 0 {
				return nil
			}
			to, err := o.side.load(ctx, o.in, o.row)
			if err != nil {
				return err
			}
			o.to = to
		}
		all := o.side.of(o.row)
		some := all[o.at:min(len(all), o.at+vec.BlockRows-len(o.sel))]
		for range some {
			o.sel = append(o.sel, uint16(o.row))
		}
		o.refs = append(o.refs, some...)
		if o.at += len(some); o.at == len(all) {
			o.row, o.at = o.row+1, 0
		}
	}
	return nil
}

// emit gives those of the collected pairs for which the condition is true, nil for none.
func (o *joinOp) emit(ctx context.Context) (*vec.Batch, error) {
	n := len(o.sel)
	o.columns(n, func(i int, out *vec.Vector) {
		if i < len(o.leftTypes) {
			o.in.Cols[i].Gather(o.sel, out)
		} else {
			right := i - len(o.leftTypes)
			rows := o.side.store()
			rows.gather(right, rows.batches[o.refs[0]>>32][right].Type, o.refs, out)
		}
	})
	if o.cond != nil {
		o.ec.Ctx = ctx
		if err := o.cond.Eval(o.ec, &o.batch, &o.truth); err != nil {
			return nil, err
		}
		o.bits = truth(&o.truth, n, o.bits)
		if kept := o.bits.Count(); kept == 0 {
			return nil, nil
		} else if kept < n {
			o.narrow(o.bits.Selection(make([]uint16, 0, kept)))
		}
	}
	if o.keepsLeft() {
		for _, row := range o.sel {
			o.matched.Set(int(row))
		}
	}
	if o.seen != nil {
		for _, ref := range o.refs {
			o.seen[ref>>32].Set(int(uint32(ref)))
		}
	}
	return &o.batch, nil
}

// columns fills the batch with n rows.
func (o *joinOp) columns(n int, fill func(i int, out *vec.Vector)) {
	if o.pairs == nil {
		o.pairs = make([]vec.Vector, len(o.leftTypes)+len(o.rightTypes))
		o.batch.Cols = make([]*vec.Vector, len(o.pairs))
	}
	for i := range o.pairs {
		fill(i, &o.pairs[i])
		o.batch.Cols[i] = &o.pairs[i]
	}
	o.batch.Rows = n
}

// narrow keeps the pairs at sel.
func (o *joinOp) narrow(sel []uint16) {
	if o.kept == nil {
		o.kept = make([]vec.Vector, len(o.pairs))
	}
	for i := range o.pairs {
		o.pairs[i].Gather(sel, &o.kept[i])
		o.batch.Cols[i] = &o.kept[i]
	}
	o.batch.Rows = len(sel)
	for i, s := range sel {
		o.sel[i], o.refs[i] = o.sel[s], o.refs[s]
	}
	o.sel, o.refs = o.sel[:len(sel)], o.refs[:len(sel)]
}

// endLeft ends the left batch and gives its rows without partner where the join keeps them.
func (o *joinOp) endLeft() *vec.Batch {
	in := o.in
	o.in = nil
	if !o.keepsLeft() {
		return nil
	}
	alone := vec.NewBitmap(in.Rows)
	alone.SetAll(in.Rows)
	alone.AndNot(o.matched[:len(alone)])
	n := alone.Count()
	if n == 0 {
		return nil
	}
	sel := alone.Selection(make([]uint16, 0, n))
	o.columns(n, func(i int, out *vec.Vector) {
		if i < len(o.leftTypes) {
			in.Cols[i].Gather(sel, out)
		} else {
			out.SetConst(catalog.NullValue(o.rightTypes[i-len(o.leftTypes)]), n)
		}
	})
	return &o.batch
}

// missedRight gives the right rows without partner, where the join keeps them.
func (o *joinOp) missedRight() *vec.Batch {
	for ; o.missed < len(o.seen); o.missed++ {
		rows := o.side.store().sizes[o.missed]
		alone := vec.NewBitmap(rows)
		alone.SetAll(rows)
		alone.AndNot(o.seen[o.missed])
		n := alone.Count()
		if n == 0 {
			continue
		}
		sel := alone.Selection(make([]uint16, 0, n))
		o.columns(n, func(i int, out *vec.Vector) {
			if i < len(o.leftTypes) {
				out.SetConst(catalog.NullValue(o.leftTypes[i]), n)
			} else {
				o.side.store().batches[o.missed][i-len(o.leftTypes)].Gather(sel, out)
			}
		})
		o.missed++
		return &o.batch
	}
	return nil
}

func (o *joinOp) reset() {
	o.left.reset()
	o.side.reset()
	o.begun, o.ended, o.in, o.seen, o.missed = false, false, nil, nil, 0
}

func (o *joinOp) close() {
	o.left.close()
	o.side.close()
}

// hashSide is the rows of the right side by their keys. Without keys every row is a candidate.
type hashSide struct {
	s      *scope
	right  operator
	keys   []keyPair
	inner  []*expr.Evaluator
	outer  []*expr.Evaluator
	keep   bool // the right side is the same in every run
	ready  bool
	own    rowStore
	rows   *rowStore
	index  *rowIndex
	all    []uint64
	mem    account
	vals   []vec.Vector
	cols   []*vec.Vector
	groups []uint32
}

func newHashSide(s *scope, right operator, keys []keyPair, keep bool) *hashSide {
	h := &hashSide{s: s, right: right, keys: keys, mem: account{env: s.st.env, operator: "join"}, vals: make([]vec.Vector, len(keys)),
		cols: make([]*vec.Vector, len(keys)), groups: make([]uint32, vec.BlockRows)}
	h.keep = keep
	for _, k := range keys {
		h.inner, h.outer = append(h.inner, expr.NewEvaluator(k.inner)), append(h.outer, expr.NewEvaluator(k.outer))
		h.keep = h.keep && !s.st.facts.expr(k.inner).outer
	}
	return h
}

func (h *hashSide) store() *rowStore { return h.rows }

func (h *hashSide) begin(ctx context.Context) error {
	if h.ready {
		return nil
	}
	if kept, ok := h.right.(*rowsOp); ok {
		rows, err := kept.from.get(ctx)
		if err != nil {
			return err
		}
		h.rows = rows
	} else {
		h.rows = &h.own
		if err := materialise(ctx, h.right, h.rows, &h.mem); err != nil {
			return err
		}
		if !h.s.rerun {
			h.right.close()
		}
	}
	h.ready = true
	if len(h.keys) == 0 {
		h.all = h.rows.all()
		return h.mem.set(h.own.bytes + int64(len(h.all))*8)
	}
	types := make([]catalog.Type, len(h.keys))
	for i, k := range h.keys {
		types[i] = k.inner.Type()
	}
	h.s.ec.Ctx = ctx
	var err error
	h.index, err = newRowIndex(h.rows, types, func(b *vec.Batch) ([]*vec.Vector, error) { return h.eval(h.inner, b) })
	if err != nil {
		return err
	}
	return h.mem.set(h.own.bytes + h.index.bytes())
}

// eval computes keys, flat or constant.
func (h *hashSide) eval(keys []*expr.Evaluator, b *vec.Batch) ([]*vec.Vector, error) {
	for i, k := range keys {
		if err := k.EvalFlat(h.s.ec, b, &h.vals[i]); err != nil {
			return nil, err
		}
		h.cols[i] = &h.vals[i]
	}
	return h.cols, nil
}

func (h *hashSide) load(ctx context.Context, b *vec.Batch, _ int) (int, error) {
	if h.index == nil || len(h.index.refs) == 0 {
		return b.Rows, nil
	}
	h.s.ec.Ctx = ctx
	keys, err := h.eval(h.outer, b)
	if err != nil {
		return 0, err
	}
	h.index.find(keys, b.Rows, h.groups)
	return b.Rows, nil
}

func (h *hashSide) of(row int) []uint64 {
	if h.index == nil {
		return h.all
	}
	if len(h.index.refs) == 0 {
		return nil
	}
	return h.index.of(h.groups[row])
}

func (h *hashSide) reset() {
	if h.keep {
		return
	}
	h.right.reset()
	h.ready, h.own, h.rows, h.index, h.all = false, rowStore{}, nil, nil, nil
	h.mem.release()
}

func (h *hashSide) close() {
	h.right.close()
	h.mem.release()
}

// all lists every row of the store.
func (s *rowStore) all() []uint64 {
	var out []uint64
	for b, n := range s.sizes {
		out = slices.Grow(out, n)
		for row := range n {
			out = append(out, arrival(b, row))
		}
	}
	return out
}
