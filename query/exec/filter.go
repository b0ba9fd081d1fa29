package exec

import (
	"cmp"
	"math"
	"slices"
	"sort"

	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/internal/vec"
	"github.com/freshetdb/freshet/query/expr"
	"github.com/freshetdb/freshet/query/kernel"
	"github.com/freshetdb/freshet/query/physical"
	"github.com/freshetdb/freshet/segment"
)

// pred is one compiled predicate of one segment: it answers whether it is true (false and NULL are the same to it).
// Immutable, or synchronised within; shared by workers.
type pred interface {
	// zone says what metadata proves for block b of w's segment.
	zone(w *worker, b int) physical.Verdict
	// eval clears the bits of rows of w's current block for which the predicate is not true.
	eval(w *worker, bits vec.Bitmap) error
	// cost orders conjuncts: nanoseconds per row, roughly.
	cost() float64
	// how says for EXPLAIN how the predicate is answered.
	how() string
}

// costFallible is above every other cost: what can fail runs last, on the rows that the rest keeps.
const costFallible = 1e6

type constPred struct{ value bool }

func (p *constPred) zone(*worker, int) physical.Verdict {
	if p.value {
		return physical.All
	}
	return physical.None
}

func (p *constPred) eval(_ *worker, bits vec.Bitmap) error {
	if !p.value {
		bits.Zero()
	}
	return nil
}

func (p *constPred) cost() float64 { return 0 }

func (p *constPred) how() string {
	if p.value {
		return "always true"
	}
	return "always false"
}

// andPred holds conjuncts, cheapest first.
type andPred struct {
	args []pred
	slot int // among the filter's conjunctions
}

// proof is what a worker found out about a conjunction.
type proof struct {
	seg   *segState
	block int
	all   uint64 // the conjuncts that every row of the block passes, of the first 64
	ruler int    // the conjunct that ruled out a block last: asked first, as it may well rule out the next
}

// proof gives what was noted of a conjunction in the current segment. The pointer stays valid while the conjuncts are asked:
// conjunctions within them have smaller slots.
func (w *worker) proof(slot int) *proof {
	for len(w.proofs) <= slot {
		w.proofs = append(w.proofs, proof{})
	}
	p := &w.proofs[slot]
	if p.seg != w.seg {
		*p = proof{seg: w.seg, block: -1}
	}
	return p
}

func (p *andPred) zone(w *worker, b int) physical.Verdict {
	known := w.proof(p.slot)
	known.block = -1
	first := p.args[known.ruler].zone(w, b)
	if first == physical.None {
		return physical.None
	}
	out, all := physical.All, uint64(0)
	for i, a := range p.args {
		verdict := first
		if i != known.ruler {
			verdict = a.zone(w, b)
		}
		switch verdict {
		case physical.None:
			known.ruler = i
			return physical.None
		case physical.Some:
			out = physical.Some
		case physical.All:
			all |= 1 << uint(i)
		}
	}
	known.block, known.all = b, all
	return out
}

func (p *andPred) eval(w *worker, bits vec.Bitmap) error {
	known := w.proof(p.slot)
	if known.block != w.b && p.zone(w, w.b) == physical.None {
		bits.Zero()
		return nil
	}
	all := known.all
	for i, a := range p.args {
		if i < 64 && all>>uint(i)&1 != 0 {
			continue
		}
		if err := a.eval(w, bits); err != nil {
			return err
		}
		if !bits.Any() {
			return nil
		}
	}
	return nil
}

func (p *andPred) cost() float64 { return sumCost(p.args) }

func (p *andPred) how() string { return joinPreds(p.args, " and ") }

// orPred holds disjuncts, cheapest first; each sees only the rows that none before it took.
type orPred struct{ args []pred }

func (p *orPred) zone(w *worker, b int) physical.Verdict {
	out := physical.None
	for _, a := range p.args {
		switch a.zone(w, b) {
		case physical.All:
			return physical.All
		case physical.Some:
			out = physical.Some
		}
	}
	return out
}

func (p *orPred) eval(w *worker, bits vec.Bitmap) error {
	left, part := w.borrow(bits), w.borrow(bits)
	defer w.giveBack(2)
	bits.Zero()
	for _, a := range p.args {
		copy(part, left)
		if err := a.eval(w, part); err != nil {
			return err
		}
		bits.Or(part)
		left.AndNot(part)
		if !left.Any() {
			return nil
		}
	}
	return nil
}

func (p *orPred) cost() float64 { return sumCost(p.args) }

func (p *orPred) how() string { return "(" + joinPreds(p.args, " or ") + ")" }

func sumCost(args []pred) float64 {
	c := 0.0
	for _, a := range args {
		c += a.cost()
	}
	return c
}

func joinPreds(args []pred, sep string) string {
	out := ""
	for i, a := range args {
		if i > 0 {
			out += sep
		}
		out += a.how()
	}
	return out
}

func sortPreds(args []pred) {
	slices.SortStableFunc(args, func(a, b pred) int { return cmp.Compare(a.cost(), b.cost()) })
}

// borrow gives a scratch copy of bits; giveBack returns the last n.
func (w *worker) borrow(bits vec.Bitmap) vec.Bitmap {
	if len(w.scratch) == cap(w.scratch) {
		w.scratch = append(w.scratch, vec.NewBitmap(vec.BlockRows))
	} else {
		w.scratch = w.scratch[:len(w.scratch)+1]
	}
	top := &w.scratch[len(w.scratch)-1]
	if cap(*top) < vec.Words(vec.BlockRows) {
		*top = vec.NewBitmap(vec.BlockRows)
	}
	*top = (*top)[:len(bits)]
	copy(*top, bits)
	return *top
}

func (w *worker) giveBack(n int) { w.scratch = w.scratch[:len(w.scratch)-n] }

// withoutNulls sets NULL rows aside while a kernel looks at values only: they are in the result where nullTrue.
// Its result goes to withNulls.
func (w *worker) withoutNulls(v *vec.Vector, bits vec.Bitmap, nullTrue bool) (kept vec.Bitmap) {
	if !v.HasNulls() {
		return nil
	}
	nulls := v.Nulls[:len(bits)]
	if nullTrue {
		kept = w.borrow(bits)
		kept.And(nulls)
	}
	bits.AndNot(nulls)
	return kept
}

func (w *worker) withNulls(bits, kept vec.Bitmap) {
	if kept != nil {
		bits.Or(kept)
		w.giveBack(1)
	}
}

// zoneVerdict combines what is known of the values of a block with its NULLs.
func zoneVerdict(z *segment.Zone, values physical.Verdict, nullTrue bool) physical.Verdict {
	nulls := physical.None
	if nullTrue {
		nulls = physical.All
	}
	switch {
	case !z.Known:
		return physical.Some
	case z.AllNull:
		return nulls
	case z.NullCount == 0 || values == nulls:
		return values
	default:
		return physical.Some
	}
}

// nullPred is IS [NOT] NULL of a stored column.
type nullPred struct {
	col  int
	want bool
}

func (p *nullPred) zone(w *worker, b int) physical.Verdict {
	z := w.seg.cols[p.col].col.Zone(b)
	known := w.seg.cols[p.col].stats.NullCount == 0
	switch {
	case known || (z.Known && z.NullCount == 0):
		return (&constPred{!p.want}).zone(w, b)
	case z.Known && z.AllNull:
		return (&constPred{p.want}).zone(w, b)
	default:
		return physical.Some
	}
}

func (p *nullPred) eval(w *worker, bits vec.Bitmap) error {
	v, err := w.load(p.col)
	if err != nil {
		return err
	}
	if v.Nulls == nil {
		if p.want {
			bits.Zero()
		}
		return nil
	}
	kernel.AndBits(v.Nulls[:len(bits)], p.want, bits)
	return nil
}

func (p *nullPred) cost() float64 { return 0.05 }
func (p *nullPred) how() string   { return "null bitmap" }

// intPred is a range of an integer-like column, evaluated on stored values or on offsets.
type intPred struct {
	col      int
	lo, hi   int64
	invert   bool
	nullTrue bool
}

func (p *intPred) values(minimum, maximum int64) physical.Verdict {
	v := physical.Some
	switch {
	case p.lo > p.hi || maximum < p.lo || minimum > p.hi:
		v = physical.None
	case minimum >= p.lo && maximum <= p.hi:
		v = physical.All
	}
	return inverted(v, p.invert)
}

func inverted(v physical.Verdict, invert bool) physical.Verdict {
	if invert && v == physical.None {
		return physical.All
	}
	if invert && v == physical.All {
		return physical.None
	}
	return v
}

func (p *intPred) zone(w *worker, b int) physical.Verdict {
	z := w.seg.cols[p.col].col.Zone(b)
	return zoneVerdict(&z, p.values(z.MinI64, z.MaxI64), p.nullTrue)
}

func (p *intPred) eval(w *worker, bits vec.Bitmap) error {
	v, err := w.load(p.col)
	if err != nil {
		return err
	}
	w.stats.EntriesScannedInFilter += int64(w.n)
	kept := w.withoutNulls(v, bits, p.nullTrue)
	switch {
	case v.Form == vec.FormOffset:
		p.offsets(v, bits)
	case v.Form == vec.FormFlat && v.I32 != nil:
		kernel.IntRange(v.I32, p.lo, p.hi, p.invert, bits)
	case v.Form == vec.FormFlat && v.I64 != nil:
		kernel.IntRange(v.I64, p.lo, p.hi, p.invert, bits)
	default:
		for i := range v.Len {
			if bits.Get(i) && (v.Int64At(i) >= p.lo && v.Int64At(i) <= p.hi) == p.invert {
				bits.Clear(i)
			}
		}
	}
	w.withNulls(bits, kept)
	return nil
}

// offsets moves the range into the domain of the codes.
func (p *intPred) offsets(v *vec.Vector, bits vec.Bitmap) {
	empty := p.lo > p.hi || p.hi < v.Base
	lo, hi := uint64(0), uint64(0)
	if !empty {
		if p.lo > v.Base {
			lo = uint64(p.lo) - uint64(v.Base)
		}
		hi = min(uint64(p.hi)-uint64(v.Base), math.MaxUint32)
		empty = lo > hi
	}
	if empty {
		if !p.invert {
			bits.Zero()
		}
		return
	}
	codeRange(v, uint32(lo), uint32(hi), p.invert, bits)
}

// codeRange dispatches on the width of codes.
func codeRange(v *vec.Vector, lo, hi uint32, invert bool, bits vec.Bitmap) {
	switch {
	case v.U8 != nil:
		if lo > math.MaxUint8 {
			if !invert {
				bits.Zero()
			}
			return
		}
		if lo == hi {
			kernel.ByteEq(v.U8, uint8(lo), invert, bits)
			return
		}
		kernel.CodeRange(v.U8, lo, hi, invert, bits)
	case v.U16 != nil:
		kernel.CodeRange(v.U16, lo, hi, invert, bits)
	default:
		kernel.CodeRange(v.U32, lo, hi, invert, bits)
	}
}

func (p *intPred) cost() float64 { return 0.4 }
func (p *intPred) how() string   { return "range scan, block ranges" }

// floatPred is a range of a floating column. NaN is in no range.
type floatPred struct {
	col      int
	lo, hi   float64
	invert   bool
	nullTrue bool
}

func (p *floatPred) zone(w *worker, b int) physical.Verdict {
	z := w.seg.cols[p.col].col.Zone(b)
	v := physical.Some
	switch {
	case z.MaxF64 < p.lo || z.MinF64 > p.hi || p.lo > p.hi:
		v = physical.None
	case z.MinF64 >= p.lo && z.MaxF64 <= p.hi:
		v = physical.All
	}
	return zoneVerdict(&z, inverted(v, p.invert), p.nullTrue)
}

func (p *floatPred) eval(w *worker, bits vec.Bitmap) error {
	v, err := w.load(p.col)
	if err != nil {
		return err
	}
	w.stats.EntriesScannedInFilter += int64(w.n)
	kept := w.withoutNulls(v, bits, p.nullTrue)
	switch {
	case v.Form == vec.FormFlat && v.F32 != nil:
		kernel.FloatRange(v.F32, p.lo, p.hi, p.invert, bits)
	case v.Form == vec.FormFlat && v.F64 != nil:
		kernel.FloatRange(v.F64, p.lo, p.hi, p.invert, bits)
	case v.Form == vec.FormScaled:
		p.scaled(v, bits)
	default:
		for i := range v.Len {
			x := v.Float64At(i)
			if bits.Get(i) && (x >= p.lo && x <= p.hi) == p.invert {
				bits.Clear(i)
			}
		}
	}
	w.withNulls(bits, kept)
	return nil
}

// scaled moves the range into the domain of the codes, in which values ascend.
func (p *floatPred) scaled(v *vec.Vector, bits vec.Bitmap) {
	const codes = 1 << 32
	one := vec.Vector{Type: v.Type, Form: vec.FormScaled, Base: v.Base, Power: v.Power, U32: make([]uint32, 1)}
	value := func(code int) float64 {
		one.U32[0] = uint32(code)
		return one.Float64At(0)
	}
	lo := sort.Search(codes, func(c int) bool { return value(c) >= p.lo })
	hi := sort.Search(codes, func(c int) bool { return value(c) > p.hi }) - 1
	if lo > hi {
		if !p.invert {
			bits.Zero()
		}
		return
	}
	codeRange(v, uint32(lo), uint32(hi), p.invert, bits)
}

func (p *floatPred) cost() float64 { return 0.7 }
func (p *floatPred) how() string   { return "range scan, block ranges" }

// boolPred is a boolean column that has to be want.
type boolPred struct {
	col      int
	want     bool
	nullTrue bool
}

func (p *boolPred) zone(w *worker, b int) physical.Verdict {
	s := w.seg
	if s.cols[p.col].col == nil {
		return physical.Some
	}
	z := s.cols[p.col].col.Zone(b)
	want := boolInt(p.want)
	v := physical.Some
	switch {
	case z.MinI64 == z.MaxI64 && z.MinI64 == want:
		v = physical.All
	case z.MinI64 == z.MaxI64:
		v = physical.None
	}
	return zoneVerdict(&z, v, p.nullTrue)
}

func (p *boolPred) eval(w *worker, bits vec.Bitmap) error {
	v, err := w.load(p.col)
	if err != nil {
		return err
	}
	w.stats.EntriesScannedInFilter += int64(w.n)
	kept := w.withoutNulls(v, bits, p.nullTrue)
	if v.Form == vec.FormFlat {
		kernel.AndBits(v.Bits[:len(bits)], p.want, bits)
	} else {
		for i := range v.Len {
			if bits.Get(i) && v.BoolAt(i) != p.want {
				bits.Clear(i)
			}
		}
	}
	w.withNulls(bits, kept)
	return nil
}

func (p *boolPred) cost() float64 { return 0.05 }
func (p *boolPred) how() string   { return "bitmap" }

// exprPred evaluates an expression on the rows that are left.
type exprPred struct {
	e        expr.Expr
	cols     []int
	fallible bool
	foldable bool // not volatile: metadata may answer
}

func (p *exprPred) zone(w *worker, b int) physical.Verdict {
	if !p.foldable {
		return physical.Some
	}
	return physical.Fold(p.e, w.seg.blockMeta(w.run, b))
}

func (p *exprPred) eval(w *worker, bits vec.Bitmap) error {
	n := bits.Count()
	var sel []uint16
	if n < w.n {
		sel = bits.Selection(make([]uint16, 0, n))
	}
	g := &w.filterG
	g.reset(len(w.run.cols), n)
	for _, i := range p.cols {
		if _, err := w.gather(g, i, sel); err != nil {
			return err
		}
		w.stats.EntriesScannedInFilter += int64(n)
	}
	out := &w.exprOut
	if err := w.evaluator(p.e).Eval(w.ec, &g.batch, out); err != nil {
		return err
	}
	scatterTruth(out, sel, bits)
	return nil
}

// scatterTruth clears the bits of the rows at sel (nil: all rows) for which v is not true.
func scatterTruth(v *vec.Vector, sel []uint16, bits vec.Bitmap) {
	if v.Form == vec.FormConst {
		if v.IsNull(0) || !v.Bits.Get(0) {
			bits.Zero()
		}
		return
	}
	if sel == nil {
		for i := range bits {
			bits[i] &= v.Bits[i]
			if v.Nulls != nil {
				bits[i] &^= v.Nulls[i]
			}
		}
		return
	}
	for i, s := range sel {
		if !v.Bits.Get(i) || v.IsNull(i) {
			bits.Clear(int(s))
		}
	}
}

func (p *exprPred) cost() float64 {
	if p.fallible {
		return costFallible
	}
	return 10 + 5*float64(len(p.cols))
}

func (p *exprPred) how() string {
	if p.fallible {
		return "expression on the rows that the rest keeps"
	}
	return "expression"
}

// blockMeta describes block b to physical.Fold.
func (s *segState) blockMeta(r *leafRun, b int) func(int) physical.Range {
	return func(i int) physical.Range {
		c, sc := &r.cols[i], &s.cols[i]
		if sc.constant != nil {
			return constantRange(sc.constant)
		}
		of := sc
		if c.origin == originNullFlag {
			of = &s.cols[c.of]
		}
		if of.col == nil {
			return physical.Range{}
		}
		z := of.col.Zone(b)
		if !z.Known {
			return physical.Range{}
		}
		if c.origin == originNullFlag {
			return flagRange(z.NullCount, min(s.rows-b*vec.BlockRows, vec.BlockRows))
		}
		m := physical.Range{NoNulls: z.NullCount == 0, AllNull: z.AllNull}
		if r.env.PinotNulls && z.NullCount > 0 {
			return physical.Range{NoNulls: c.hasDef}
		}
		if z.AllNull || z.ByID || c.typ.MultiValue {
			return m
		}
		switch c.typ.Kind.Physical() {
		case catalog.PhysInt32, catalog.PhysInt64, catalog.PhysBits:
			m.HasRange = true
			m.Min, m.Max = catalog.Value{Type: c.typ, I64: z.MinI64}, catalog.Value{Type: c.typ, I64: z.MaxI64}
		case catalog.PhysFloat32, catalog.PhysFloat64:
			m.HasRange = true
			m.Min, m.Max = catalog.Value{Type: c.typ, F64: z.MinF64}, catalog.Value{Type: c.typ, F64: z.MaxF64}
		}
		return m
	}
}
