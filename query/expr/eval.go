package expr

import (
	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/internal/errs"
	"github.com/freshetdb/freshet/internal/vec"
	"github.com/freshetdb/freshet/query/function"
)

// maxBatchRows is the largest batch that an Evaluator takes: positions in it are 16 bits wide.
const maxBatchRows = 1 << 16

// Evaluator evaluates one expression on batch after batch and keeps its scratch vectors between them. Not safe for
// concurrent use: one per goroutine. Results are valid until the next call, unless they are copied.
type Evaluator struct {
	expr Expr
	root node
	conj *connective // for Filter
	flat vec.Vector
}

// node is a compiled expression. eval gives its value for every row of in: in flat or constant form, except that a
// column is passed on in its own form. Booleans that are NULL have a clear bit. out may alias in and the node's
// scratch vectors.
type node interface {
	eval(ec *function.EvalContext, in *vec.Batch, out *vec.Vector) error
}

// NewEvaluator compiles e. What is wrong with e itself (a Param without a value) is an error of Eval.
func NewEvaluator(e Expr) *Evaluator {
	return &Evaluator{expr: e, root: compile(e, false)}
}

// Eval evaluates the expression on every row of in. out is flat or constant; where the expression is a bare column, out
// is that column in the form that it has (dictionary and offset included) and aliases it. The first row that fails ends
// the evaluation, unless ec.OnRowError is set.
func (ev *Evaluator) Eval(ec *function.EvalContext, in *vec.Batch, out *vec.Vector) error {
	if in.Rows > maxBatchRows {
		return errs.Bug("batch of %d rows; an evaluation takes at most %d", in.Rows, maxBatchRows)
	}
	return ev.root.eval(ec, in, out)
}

// EvalFlat is Eval with a result that is always flat: never constant, dictionary or offset form. It may alias in.
func (ev *Evaluator) EvalFlat(ec *function.EvalContext, in *vec.Batch, out *vec.Vector) error {
	if err := ev.Eval(ec, in, &ev.flat); err != nil {
		return err
	}
	if ev.flat.Form == vec.FormFlat {
		aliasVector(&ev.flat, out)
		return nil
	}
	ev.flat.Gather(nil, out)
	return nil
}

// Filter narrows keep, which has a bit per row of in, to the rows for which the expression, a boolean, is true. Rows
// without a bit are not evaluated where that matters: what fails on them is no error.
func (ev *Evaluator) Filter(ec *function.EvalContext, in *vec.Batch, keep vec.Bitmap) error {
	if in.Rows > maxBatchRows {
		return errs.Bug("batch of %d rows; an evaluation takes at most %d", in.Rows, maxBatchRows)
	}
	if ev.conj == nil {
		if c, ok := ev.root.(*connective); ok && c.and {
			ev.conj = c
		} else {
			ev.conj = newConnective([]Expr{ev.expr}, true, false)
		}
	}
	return ev.conj.filter(ec, in, keep)
}

// Eval evaluates e once; an Evaluator does it for many batches. out is as for Evaluator.Eval.
func Eval(ec *function.EvalContext, e Expr, in *vec.Batch, out *vec.Vector) error {
	return NewEvaluator(e).Eval(ec, in, out)
}

// EvalConst evaluates an expression that reads no columns.
func EvalConst(ec *function.EvalContext, e Expr) (catalog.Value, error) {
	if c, ok := e.(*Const); ok {
		return c.Value, nil
	}
	if cols := Columns(e); len(cols) > 0 {
		return catalog.Value{}, errs.Bug("%s is not constant", e)
	}
	var out vec.Vector
	if err := Eval(ec, e, &vec.Batch{Rows: 1}, &out); err != nil {
		return catalog.Value{}, err
	}
	return out.At(0), nil
}

// compile makes the node of e. nested says that an enclosing node already evaluates per distinct value.
func compile(e Expr, nested bool) node {
	if col, ok := distinctColumn(e); ok && !nested {
		return &dictNode{inner: compile(e, true), column: col, typ: e.Type(), stable: volatility(e) == function.Stable}
	}
	switch e := e.(type) {
	case *Column:
		return &columnNode{index: e.Index, typ: e.T, name: e.Name}
	case *Const:
		return &constNode{value: e.Value}
	case *Param:
		return failNode{errs.Bug("parameter $%d has no value", e.Number)}
	case *Compare:
		return compileCompare(e, nested)
	case *And:
		return newConnective(e.Args, true, nested)
	case *Or:
		return newConnective(e.Args, false, nested)
	case *Not:
		return &notNode{arg: compile(e.Arg, nested)}
	case *IsNull:
		return &isNullNode{arg: compile(e.Arg, nested), negated: e.Negated}
	case *In:
		return compileIn(e, nested)
	case *Like:
		return compileLike(e, nested)
	case *Call:
		return newCall(e, nested)
	case *Case:
		return newCase(e, nested)
	case *Coalesce:
		return newCoalesce(e, nested)
	case *Cast:
		return &castNode{arg: flatNode{node: compile(e.Arg, nested)}, to: e.To}
	case *Outer:
		return outerNode{e}
	case *Subquery:
		return newSubqueryNode(e, nested)
	default:
		return failNode{errs.Bug("expression %T", e)}
	}
}

// failNode is an expression that cannot be evaluated.
type failNode struct{ err error }

func (n failNode) eval(*function.EvalContext, *vec.Batch, *vec.Vector) error { return n.err }

type columnNode struct {
	index int
	typ   catalog.Type
	name  string
}

func (n *columnNode) eval(_ *function.EvalContext, in *vec.Batch, out *vec.Vector) error {
	if n.index < 0 || n.index >= len(in.Cols) || in.Cols[n.index] == nil {
		return errs.Bug("column %d (%s) is not in the batch of %d columns", n.index, n.name, len(in.Cols))
	}
	aliasVector(in.Cols[n.index], out)
	return nil
}

// aliasVector makes out read what v holds, in v's form, without taking v's buffers over.
func aliasVector(v, out *vec.Vector) {
	if v == out {
		return
	}
	out.Alias(v.Type, v.Form, v.Len)
	out.Nulls = v.Nulls
	out.I32, out.I64, out.F32, out.F64, out.Str, out.Bits = v.I32, v.I64, v.F32, v.F64, v.Str, v.Bits
	out.U8, out.U16, out.U32, out.Dict, out.Base, out.Power = v.U8, v.U16, v.U32, v.Dict, v.Base, v.Power
	out.Offsets, out.Elems = v.Offsets, v.Elems
}

type constNode struct{ value catalog.Value }

func (n *constNode) eval(_ *function.EvalContext, in *vec.Batch, out *vec.Vector) error {
	out.SetConst(n.value, in.Rows)
	return nil
}

// flatNode gives its argument flat or constant.
type flatNode struct {
	node
	scratch *vec.Vector
}

func (n *flatNode) evalFlat(ec *function.EvalContext, in *vec.Batch, out *vec.Vector) error {
	if n.scratch == nil {
		n.scratch = &vec.Vector{}
	}
	if err := n.node.eval(ec, in, n.scratch); err != nil {
		return err
	}
	if n.scratch.Form == vec.FormFlat || n.scratch.Form == vec.FormConst {
		aliasVector(n.scratch, out)
		return nil
	}
	n.scratch.Gather(nil, out)
	return nil
}

type notNode struct {
	arg   node
	in    vec.Vector
	truth truths
}

func (n *notNode) eval(ec *function.EvalContext, in *vec.Batch, out *vec.Vector) error {
	if err := n.arg.eval(ec, in, &n.in); err != nil {
		return err
	}
	t := &n.truth
	t.read(&n.in, in.Rows)
	out.Reset(catalog.Boolean, in.Rows)
	for w := range out.Bits {
		out.Bits[w] = ^(t.yes[w] | t.null[w])
	}
	out.Bits.Trim(in.Rows)
	setNulls(out, t.null)
	return nil
}

type isNullNode struct {
	arg     node
	negated bool
	in      vec.Vector
}

func (n *isNullNode) eval(ec *function.EvalContext, in *vec.Batch, out *vec.Vector) error {
	if err := n.arg.eval(ec, in, &n.in); err != nil {
		return err
	}
	out.Reset(catalog.Boolean, in.Rows)
	switch {
	case !n.in.HasNulls():
	case n.in.Form == vec.FormConst:
		out.Bits.SetAll(in.Rows)
	default:
		copy(out.Bits, n.in.Nulls)
	}
	if n.negated {
		for w := range out.Bits {
			out.Bits[w] = ^out.Bits[w]
		}
	}
	out.Bits.Trim(in.Rows)
	return nil
}

type castNode struct {
	arg flatNode
	to  catalog.Type
	in  vec.Vector
}

func (n *castNode) eval(ec *function.EvalContext, in *vec.Batch, out *vec.Vector) error {
	if err := n.arg.evalFlat(ec, in, &n.in); err != nil {
		return err
	}
	if n.in.Form == vec.FormConst && (ec.OnRowError == nil || !castFallible(n.in.Type, n.to)) {
		v, err := CastValue(n.in.At(0), n.to)
		if err != nil {
			return err
		}
		v.Type = n.to
		out.SetConst(v, in.Rows)
		return nil
	}
	flat := &n.in
	if flat.Form == vec.FormConst {
		flat = &vec.Vector{}
		n.in.Gather(nil, flat)
	}
	return castVector(flat, n.to, in.Rows, out, func(row int, err error) error { return ec.Fail(out, row, err) })
}
