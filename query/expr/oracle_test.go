package expr_test

import (
	"fmt"
	"math/rand/v2"
	"sort"
	"strconv"
	"strings"

	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/internal/vec"
	"github.com/freshetdb/freshet/query/expr"
	"github.com/freshetdb/freshet/query/function"
)

// naive evaluates an expression for one row, without vectors: what the kernels are compared with.
type naive struct {
	ec     *function.EvalContext
	row    []catalog.Value
	failed bool // a cast or a call of this row failed and counted as NULL
}

func null(t catalog.Type) catalog.Value { return catalog.NullValue(t) }

func boolean(b bool) catalog.Value { return catalog.BoolValue(b) }

func (n *naive) eval(e expr.Expr) catalog.Value {
	switch e := e.(type) {
	case *expr.Column:
		return n.row[e.Index]
	case *expr.Const:
		return e.Value
	case *expr.Compare:
		return n.compare(e)
	case *expr.And:
		return n.connect(e.Args, false)
	case *expr.Or:
		return n.connect(e.Args, true)
	case *expr.Not:
		v := n.eval(e.Arg)
		if v.Null {
			return v
		}
		return boolean(v.I64 == 0)
	case *expr.IsNull:
		return boolean(n.eval(e.Arg).Null != e.Negated)
	case *expr.In:
		return n.in(e)
	case *expr.Like:
		return n.like(e)
	case *expr.Call:
		return n.call(e)
	case *expr.Case:
		for _, w := range e.Whens {
			if v := n.eval(w.Cond); !v.Null && v.I64 != 0 {
				return n.eval(w.Then)
			}
		}
		if e.Else == nil {
			return null(e.T)
		}
		return n.eval(e.Else)
	case *expr.Coalesce:
		for _, a := range e.Args {
			if v := n.eval(a); !v.Null {
				return v
			}
		}
		return null(e.T)
	case *expr.Cast:
		v, err := expr.CastValue(n.eval(e.Arg), e.To)
		if err != nil {
			n.failed = true
			return null(e.To)
		}
		return v
	}
	panic(fmt.Sprintf("%T", e))
}

// connect is AND, or OR where decided is true: infallible operands first, none after the result is decided.
func (n *naive) connect(args []expr.Expr, decided bool) catalog.Value {
	ordered := append([]expr.Expr(nil), args...)
	sort.SliceStable(ordered, func(i, j int) bool { return !expr.Fallible(ordered[i]) && expr.Fallible(ordered[j]) })
	unknown := false
	for _, a := range ordered {
		switch v := n.eval(a); {
		case v.Null:
			unknown = true
		case (v.I64 != 0) == decided:
			return boolean(decided)
		}
	}
	if unknown {
		return null(catalog.Boolean)
	}
	return boolean(!decided)
}

func holds(op expr.CmpOp, a, b catalog.Value) bool {
	c, err := expr.CompareValues(a, b)
	if err != nil {
		panic(err)
	}
	switch op {
	case expr.Eq:
		return c == 0
	case expr.Ne:
		return c != 0
	case expr.Lt:
		return c < 0
	case expr.Le:
		return c <= 0
	case expr.Gt:
		return c > 0
	}
	return c >= 0
}

func (n *naive) compare(e *expr.Compare) catalog.Value {
	l, r := n.eval(e.Left), n.eval(e.Right)
	none := l.Type.MultiValue && len(l.Elems) == 0
	if l.Null || r.Null && !none {
		return null(catalog.Boolean)
	}
	if !l.Type.MultiValue {
		return boolean(holds(e.Op, l, r))
	}
	for _, x := range l.Elems {
		if e.Op == expr.Ne && holds(expr.Eq, x, r) {
			return boolean(false)
		}
		if e.Op != expr.Ne && holds(e.Op, x, r) {
			return boolean(true)
		}
	}
	return boolean(e.Op == expr.Ne)
}

func (n *naive) in(e *expr.In) catalog.Value {
	v := n.eval(e.Arg)
	if v.Null {
		return null(catalog.Boolean)
	}
	elems := []catalog.Value{v}
	if v.Type.MultiValue {
		elems = v.Elems
	}
	for _, x := range elems {
		for _, y := range e.List {
			if holds(expr.Eq, x, y) {
				return boolean(!e.Negated)
			}
		}
	}
	if e.HasNull && !v.Type.MultiValue {
		return null(catalog.Boolean)
	}
	return boolean(e.Negated)
}

func (n *naive) like(e *expr.Like) catalog.Value {
	v := n.eval(e.Arg)
	if v.Null {
		return null(catalog.Boolean)
	}
	pattern := e.Pattern
	s := v.Str
	if e.CaseInsensitive {
		pattern, s = strings.ToLower(pattern), strings.ToLower(s)
	}
	return boolean(likeRunes([]rune(s), []rune(pattern), rune(e.Escape)) != e.Negated)
}

// likeRunes is LIKE by definition: by recursion over characters.
func likeRunes(s, p []rune, escape rune) bool {
	if len(p) == 0 {
		return len(s) == 0
	}
	switch {
	case escape != 0 && p[0] == escape && len(p) > 1:
		return len(s) > 0 && s[0] == p[1] && likeRunes(s[1:], p[2:], escape)
	case p[0] == '%':
		for i := 0; i <= len(s); i++ {
			if likeRunes(s[i:], p[1:], escape) {
				return true
			}
		}
		return false
	case len(s) == 0:
		return false
	case p[0] == '_' || p[0] == s[0]:
		return likeRunes(s[1:], p[1:], escape)
	}
	return false
}

// call evaluates a call on vectors of one row: its own loops are tested with the functions.
func (n *naive) call(e *expr.Call) catalog.Value {
	args := make([]*vec.Vector, len(e.Args))
	anyNull := false
	for i, a := range e.Args {
		v := n.eval(a)
		anyNull = anyNull || v.Null
		args[i] = &vec.Vector{}
		args[i].SetConst(v, 1)
	}
	if anyNull && e.Fn.Strict {
		return null(e.Fn.Type)
	}
	var out vec.Vector
	out.Reset(e.Fn.Type, 1)
	ec := *n.ec
	ec.OnRowError = func(int, error) { n.failed = true }
	if err := e.Fn.Eval(&ec, args, 1, &out); err != nil {
		panic(err)
	}
	v := out.At(0)
	v.Type = e.Fn.Type
	return v
}

// columns of the random tables, by position.
var columnTypes = []catalog.Type{catalog.Int, catalog.Long, catalog.Double, catalog.Boolean, catalog.String, catalog.Timestamp,
	catalog.BigDecimal, catalog.Float, catalog.String.Array(), catalog.Long.Array(), catalog.Long, catalog.String}

// table is random rows, and the same as vectors in random forms.
type table struct {
	rows [][]catalog.Value
	cols []*vec.Vector
}

func randomValue(r *rand.Rand, t catalog.Type) catalog.Value {
	v := catalog.Value{Type: t}
	if t.MultiValue {
		for range r.IntN(4) {
			v.Elems = append(v.Elems, randomValue(r, t.Elem()))
		}
		return v
	}
	switch t.Kind {
	case catalog.KindInt, catalog.KindLong:
		v.I64 = int64(r.IntN(9)) - 3
	case catalog.KindTimestamp:
		v.I64 = 1_700_000_000_000 + int64(r.IntN(5))*60_000
	case catalog.KindBoolean:
		v.I64 = int64(r.IntN(2))
	case catalog.KindDouble, catalog.KindFloat:
		v.F64 = float64(r.IntN(9)-3) / 2
	case catalog.KindBigDecimal:
		v.Str = []string{"0", "1.5", "10", "9.99", "-3", "100000000000000000000.25"}[r.IntN(6)]
	default:
		v.Str = []string{"", "a", "ab", "Ab", "b%c", "12", "7", "x_y", "äb", "-1"}[r.IntN(10)]
	}
	return v
}

func randomTable(r *rand.Rand, n int) *table {
	t := &table{rows: make([][]catalog.Value, n)}
	for i := range t.rows {
		t.rows[i] = make([]catalog.Value, len(columnTypes))
	}
	for c, typ := range columnTypes {
		nulls := []int{0, 0, 5, 10}[r.IntN(4)]
		same := r.IntN(8) == 0
		for i := range t.rows {
			v := randomValue(r, typ)
			if r.IntN(10) < nulls {
				v = null(typ)
			}
			if same && i > 0 {
				v = t.rows[0][c]
			}
			t.rows[i][c] = v
		}
		t.cols = append(t.cols, t.vector(r, c, same && n > 0))
	}
	return t
}

func (t *table) vector(r *rand.Rand, c int, constant bool) *vec.Vector {
	typ, v := columnTypes[c], &vec.Vector{}
	if constant {
		v.SetConst(t.rows[0][c], len(t.rows))
		return v
	}
	v.Reset(typ, len(t.rows))
	clear(v.Str)
	if typ.MultiValue {
		total := 0
		for i, row := range t.rows {
			total += len(row[c].Elems)
			v.Offsets[i+1] = uint32(total)
			if row[c].Null {
				v.SetNull(i)
			}
		}
		v.Elems.Reset(typ.Elem(), total)
		at := 0
		for _, row := range t.rows {
			for _, e := range row[c].Elems {
				setRow(v.Elems, at, e)
				at++
			}
		}
		return v
	}
	for i, row := range t.rows {
		setRow(v, i, row[c])
	}
	switch form := r.IntN(3); {
	case form == 1:
		return dictForm(r, v)
	case form == 2 && (typ.Kind.IsInteger() || typ.Kind.IsTime()):
		return offsetForm(v)
	}
	return v
}

func setRow(v *vec.Vector, i int, x catalog.Value) {
	var one vec.Vector
	one.SetConst(x, 1)
	if !x.Null {
		v.CopyRow(i, &one, 0)
		return
	}
	switch { // undefined but readable
	case v.I32 != nil:
		v.I32[i] = 77
	case v.I64 != nil:
		v.I64[i] = -1 << 62
	case v.F64 != nil:
		v.F64[i] = 3
	case v.F32 != nil:
		v.F32[i] = 3
	}
	v.SetNull(i)
}

func dictForm(r *rand.Rand, v *vec.Vector) *vec.Vector {
	d := &vec.Dict{Kind: v.Type.Kind, Offsets: []uint32{0}}
	ids := map[string]uint32{}
	var distinct []catalog.Value
	for i := range v.Len {
		x := v.At(i)
		if _, ok := ids[x.String()]; !ok && !x.Null {
			ids[x.String()] = 0
			distinct = append(distinct, x)
		}
	}
	if d.Sorted = r.IntN(2) == 0; d.Sorted {
		sort.Slice(distinct, func(i, j int) bool { return holds(expr.Lt, distinct[i], distinct[j]) })
	}
	distinct = append(distinct, randomExtra(v.Type, d.Sorted)...)
	for i, x := range distinct {
		ids[x.String()] = uint32(i)
		switch {
		case v.Type.Kind.Physical() == catalog.PhysString:
			d.Data = append(d.Data, x.Str...)
			d.Offsets = append(d.Offsets, uint32(len(d.Data)))
		case v.Type.Kind.Physical() == catalog.PhysFloat64 || v.Type.Kind.Physical() == catalog.PhysFloat32:
			d.F64 = append(d.F64, x.F64)
		default:
			d.I64 = append(d.I64, x.I64)
		}
	}
	d.Len = len(distinct)
	out := &vec.Vector{}
	out.Alias(v.Type, vec.FormDict, v.Len)
	out.Dict, out.Nulls = d, v.Nulls
	width := r.IntN(3)
	if d.Len == 0 {
		return v
	}
	out.U8, out.U16, out.U32 = nil, nil, nil
	u8, u16, u32 := make([]uint8, v.Len), make([]uint16, v.Len), make([]uint32, v.Len)
	for i := range v.Len {
		if !v.IsNull(i) {
			id := ids[v.At(i).String()]
			u8[i], u16[i], u32[i] = uint8(id), uint16(id), id
		}
	}
	switch width {
	case 0:
		out.U8 = u8
	case 1:
		out.U16 = u16
	default:
		out.U32 = u32
	}
	return out
}

// randomExtra is a value that the dictionary has and no row, which must not fail a query: text that is no number.
func randomExtra(t catalog.Type, sorted bool) []catalog.Value {
	if t != catalog.String {
		return nil
	}
	_ = sorted // it is the greatest text
	return []catalog.Value{catalog.StringValue("\u00ff no number")}
}

func offsetForm(v *vec.Vector) *vec.Vector {
	out := &vec.Vector{}
	out.Alias(v.Type, vec.FormOffset, v.Len)
	out.Nulls = v.Nulls
	first := true
	for i := range v.Len {
		if x := v.Int64At(i); !v.IsNull(i) && (first || x < out.Base) {
			out.Base, first = x, false
		}
	}
	out.U32 = make([]uint32, v.Len)
	for i := range v.Len {
		if !v.IsNull(i) {
			out.U32[i] = uint32(v.Int64At(i) - out.Base)
		}
	}
	return out
}

// generator makes random expressions over the columns.
type generator struct {
	r   *rand.Rand
	reg *function.Registry
}

func (g *generator) column(t catalog.Type) expr.Expr {
	var at []int
	for i, c := range columnTypes {
		if c == t {
			at = append(at, i)
		}
	}
	if len(at) == 0 || g.r.IntN(5) == 0 {
		v := randomValue(g.r, t)
		if g.r.IntN(6) == 0 {
			v = null(t)
		}
		return &expr.Const{Value: v}
	}
	i := at[g.r.IntN(len(at))]
	return &expr.Column{Index: i, Name: "c" + strconv.Itoa(i), T: t}
}

func (g *generator) call(name string, args ...expr.Expr) expr.Expr {
	fn, ok := g.reg.Scalar(name)
	if !ok {
		panic(name)
	}
	info := make([]function.Arg, len(args))
	for i, a := range args {
		info[i] = function.Arg{Type: a.Type()}
		if c, ok := a.(*expr.Const); ok {
			info[i].Const = &c.Value
		}
	}
	bound, err := fn.Bind(info)
	if err != nil {
		panic(err)
	}
	cast := make([]expr.Expr, len(args))
	for i, a := range args {
		if cast[i] = a; a.Type() != bound.Args[i] {
			cast[i] = &expr.Cast{Arg: a, To: bound.Args[i]}
		}
	}
	return &expr.Call{Fn: bound, Args: cast, Volatility: fn.Volatility}
}

var scalarTypes = []catalog.Type{catalog.Int, catalog.Long, catalog.Double, catalog.Boolean, catalog.String, catalog.Timestamp, catalog.BigDecimal, catalog.Float}

// value makes an expression of a type.
func (g *generator) value(t catalog.Type, depth int) expr.Expr {
	if depth <= 0 {
		return g.column(t)
	}
	switch g.r.IntN(6) {
	case 0:
		return g.column(t)
	case 1:
		c := &expr.Case{T: t}
		for range 1 + g.r.IntN(2) {
			c.Whens = append(c.Whens, expr.When{Cond: g.boolean(depth - 1), Then: g.value(t, depth-1)})
		}
		if g.r.IntN(2) == 0 {
			c.Else = g.value(t, depth-1)
		}
		return c
	case 2:
		return &expr.Coalesce{Args: []expr.Expr{g.value(t, depth-1), g.value(t, depth-1)}, T: t}
	case 3:
		from := scalarTypes[g.r.IntN(len(scalarTypes))]
		if (from.Kind == catalog.KindBoolean) != (t.Kind == catalog.KindBoolean) && (from.Kind.IsTime() || t.Kind.IsTime()) {
			return g.column(t)
		}
		return &expr.Cast{Arg: g.value(from, depth-1), To: t}
	}
	switch t.Kind {
	case catalog.KindBoolean:
		return g.boolean(depth - 1)
	case catalog.KindString:
		return g.call([]string{"upper", "lower", "reverse"}[g.r.IntN(3)], g.value(t, depth-1))
	case catalog.KindLong:
		return g.call([]string{"plus", "minus", "times", "mod", "intdiv"}[g.r.IntN(5)], g.value(t, depth-1), g.value(t, depth-1))
	case catalog.KindDouble:
		return g.call([]string{"plus", "divide", "abs"}[g.r.IntN(2)], g.value(t, depth-1), g.value(t, depth-1))
	case catalog.KindTimestamp:
		return g.call("datetrunc", &expr.Const{Value: catalog.StringValue("minute")}, g.value(t, depth-1))
	}
	return g.column(t)
}

func (g *generator) boolean(depth int) expr.Expr {
	if depth <= 0 {
		return g.predicate(0)
	}
	switch g.r.IntN(4) {
	case 0, 1:
		var args []expr.Expr
		fallible := 0
		for range 2 + g.r.IntN(2) {
			a := g.boolean(depth - 1)
			if expr.Fallible(a) {
				if fallible++; fallible > 1 { // among several the cheapest comes first, which the oracle does not know
					a = &expr.IsNull{Arg: g.column(catalog.Long)}
				}
			}
			args = append(args, a)
		}
		if g.r.IntN(2) == 0 {
			return &expr.And{Args: args}
		}
		return &expr.Or{Args: args}
	case 2:
		return &expr.Not{Arg: g.boolean(depth - 1)}
	}
	return g.predicate(depth)
}

func (g *generator) predicate(depth int) expr.Expr {
	t := scalarTypes[g.r.IntN(len(scalarTypes))]
	negated := g.r.IntN(2) == 0
	switch g.r.IntN(7) {
	case 0:
		return &expr.IsNull{Arg: g.value(t, depth-1), Negated: negated}
	case 1:
		in := &expr.In{Arg: g.value(t, depth-1), HasNull: g.r.IntN(4) == 0, Negated: negated}
		for range g.r.IntN(12) {
			in.List = append(in.List, randomValue(g.r, t))
		}
		return in
	case 2:
		patterns := []string{"%", "a%", "%b", "%a%", "_b", "a_", "A%", "b\\%c", "%\\_%", "", "x_y", "%b%c", "_", "ä_"}
		return &expr.Like{Arg: g.value(catalog.String, depth-1), Pattern: patterns[g.r.IntN(len(patterns))], Escape: '\\',
			CaseInsensitive: g.r.IntN(3) == 0, Negated: negated}
	case 3:
		t = []catalog.Type{catalog.String, catalog.Long}[g.r.IntN(2)]
		col := &expr.Column{Index: 8, T: catalog.String.Array()}
		if t == catalog.Long {
			col = &expr.Column{Index: 9, T: catalog.Long.Array()}
		}
		c := &expr.Const{Value: randomValue(g.r, t)}
		if g.r.IntN(2) == 0 {
			return &expr.In{Arg: col, List: []catalog.Value{c.Value, randomValue(g.r, t)}, Negated: negated}
		}
		if g.r.IntN(2) == 0 { // the value of a row with the elements of its array
			return &expr.Compare{Op: expr.CmpOp(1 + g.r.IntN(6)), Left: col, Right: &expr.Column{Index: map[catalog.Type]int{catalog.Long: 10, catalog.String: 11}[t], T: t}}
		}
		return &expr.Compare{Op: expr.CmpOp(1 + g.r.IntN(6)), Left: col, Right: c}
	}
	return &expr.Compare{Op: expr.CmpOp(1 + g.r.IntN(6)), Left: g.value(t, depth-1), Right: g.value(t, depth-1)}
}
