package expr

import (
	"slices"

	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/internal/vec"
	"github.com/freshetdb/freshet/query/function"
)

// truths is a three-valued vector as two disjoint bitmaps; rows in neither are false.
type truths struct {
	yes, null       vec.Bitmap
	ownYes, ownNull vec.Bitmap
}

// read views the boolean vector v, in any form, for n rows.
func (t *truths) read(v *vec.Vector, n int) {
	t.reset(n)
	words := vec.Words(n)
	switch v.Form {
	case vec.FormConst:
		switch {
		case v.IsNull(0):
			t.null.SetAll(n)
		case v.BoolAt(0):
			t.yes.SetAll(n)
		}
		return
	case vec.FormDict:
		for i := range n {
			if !v.IsNull(i) && v.BoolAt(i) {
				t.yes.Set(i)
			}
		}
	default:
		if v.Bits == nil { // the untyped NULL
			t.null.SetAll(n)
			return
		}
		copy(t.yes, v.Bits[:words])
	}
	if v.Nulls != nil {
		copy(t.null, v.Nulls[:words])
		t.yes.AndNot(t.null)
	}
}

func (t *truths) reset(n int) {
	words := vec.Words(n)
	if cap(t.ownYes) < words {
		t.ownYes, t.ownNull = make(vec.Bitmap, words), make(vec.Bitmap, words)
	}
	t.yes, t.null = t.ownYes[:words], t.ownNull[:words]
	t.yes.Zero()
	t.null.Zero()
}

// setNulls gives out the nulls of a bitmap, none where it is empty.
func setNulls(out *vec.Vector, nulls vec.Bitmap) {
	if nulls.Any() {
		copy(out.MutableNulls(), nulls)
	}
}

// operandNode is an argument of AND or OR.
type operandNode struct {
	node
	fallible bool
	cost     int
	narrow   narrower
	sub      vec.Vector
	truth    truths
	selected truths
}

// connective is AND or OR. Operands that cannot fail come first, cheap ones before dear ones; the others, and dear ones
// where few rows are undecided, see only the rows that the earlier ones left undecided: not false under AND, not true
// under OR.
type connective struct {
	and  bool
	args []operandNode
	null truths
	open vec.Bitmap
	sel  []uint16
}

func newConnective(args []Expr, and, nested bool) *connective {
	n := &connective{and: and}
	for _, a := range args {
		n.args = append(n.args, operandNode{node: compile(a, nested), fallible: Fallible(a), cost: cost(a), narrow: narrower{cols: Columns(a)}})
	}
	slices.SortStableFunc(n.args, func(a, b operandNode) int {
		if a.fallible != b.fallible {
			if a.fallible {
				return 1
			}
			return -1
		}
		return a.cost - b.cost
	})
	return n
}

// Costs of an expression per row, roughly in nanoseconds.
const (
	costColumn   = 0
	costCompare  = 1
	costText     = 10
	costCall     = 20
	costDearFrom = 8 // from here on it pays to evaluate the undecided rows only
)

// cost estimates what e costs per row.
func cost(e Expr) int {
	total := 0
	Walk(e, func(x Expr) bool {
		switch x := x.(type) {
		case *Column, *Const, *Param:
			total += costColumn
		case *Compare:
			total += costCompare
			if x.Left.Type().Kind.Physical() == catalog.PhysString {
				total += costText
			}
		case *Like, *In:
			total += costText
		case *Call, *Cast:
			total += costCall
		default:
			total += costCompare
		}
		return true
	})
	return total
}

func (n *connective) eval(ec *function.EvalContext, in *vec.Batch, out *vec.Vector) error {
	rows := in.Rows
	out.Reset(catalog.Boolean, rows)
	// yes and null under AND begin as all true; under OR as all false.
	yes := out.Bits
	if n.and {
		yes.SetAll(rows)
	}
	n.null.reset(rows)
	null := n.null.null
	for i := range n.args {
		a := &n.args[i]
		n.undecided(yes, null, rows)
		left := n.open.Count()
		if left == 0 {
			break
		}
		if err := n.operand(ec, in, a, left); err != nil {
			return err
		}
		n.combine(yes, null, &a.truth)
	}
	yes.Trim(rows)
	setNulls(out, null)
	return nil
}

// undecided fills n.open with the rows whose result another operand may change.
func (n *connective) undecided(yes, null vec.Bitmap, rows int) {
	words := vec.Words(rows)
	if cap(n.open) < words {
		n.open = make(vec.Bitmap, words)
	}
	n.open = n.open[:words]
	for w := range n.open {
		if n.and {
			n.open[w] = yes[w] | null[w]
		} else {
			n.open[w] = ^yes[w]
		}
	}
	n.open.Trim(rows)
}

// operand evaluates a into a.truth, on the open rows only where that is needed or pays.
func (n *connective) operand(ec *function.EvalContext, in *vec.Batch, a *operandNode, left int) error {
	lazy := left < in.Rows && (a.fallible || (a.cost >= costDearFrom && left*4 < in.Rows))
	if !lazy {
		if err := a.eval(ec, in, &a.sub); err != nil {
			return err
		}
		a.truth.read(&a.sub, in.Rows)
		return nil
	}
	n.sel = n.open.Selection(n.sel[:0])
	return a.evalSelected(ec, in, n.sel)
}

// evalSelected evaluates a on the rows of sel; in a.truth the others are false.
func (a *operandNode) evalSelected(ec *function.EvalContext, in *vec.Batch, sel []uint16) error {
	subEC := a.narrow.context(ec, sel)
	if err := a.eval(&subEC, a.narrow.take(in, sel), &a.sub); err != nil {
		return err
	}
	t := &a.selected
	t.read(&a.sub, len(sel))
	a.truth.reset(in.Rows)
	for i, s := range sel {
		if t.yes.Get(i) {
			a.truth.yes.Set(int(s))
		} else if t.null.Get(i) {
			a.truth.null.Set(int(s))
		}
	}
	return nil
}

// combine folds an operand into the open rows. Rows that are not open keep what they have.
func (n *connective) combine(yes, null vec.Bitmap, t *truths) {
	for w, open := range n.open {
		ty, tn := t.yes[w], t.null[w]
		if n.and {
			y := yes[w] & ty
			no := ^(ty | tn) & open // an operand that is false decides
			null[w] = open &^ (y | no)
			yes[w] = y
		} else {
			y := yes[w] | ty&open
			null[w] = (null[w] | tn) & open &^ y
			yes[w] = y
		}
	}
}

// filter narrows keep to the rows where the conjunction is true. Each operand sees only what the earlier ones kept: as a
// filter, a row that is NULL is as good as false.
func (n *connective) filter(ec *function.EvalContext, in *vec.Batch, keep vec.Bitmap) error {
	for i := range n.args {
		left := keep.Count()
		if left == 0 {
			return nil
		}
		words := vec.Words(in.Rows)
		if cap(n.open) < words {
			n.open = make(vec.Bitmap, words)
		}
		n.open = n.open[:words]
		copy(n.open, keep)
		if err := n.operand(ec, in, &n.args[i], left); err != nil {
			return err
		}
		keep.And(n.args[i].truth.yes)
	}
	return nil
}
