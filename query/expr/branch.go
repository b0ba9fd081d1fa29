package expr

import (
	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/internal/vec"
	"github.com/freshetdb/freshet/query/function"
)

// branch is a condition (nil: always) and the value of the rows for which it is true.
type branch struct {
	cond, value       node // value nil: NULL
	condCols, valCols narrower
}

// caseNode is CASE: a branch sees only the rows that reach it.
type caseNode struct {
	branches []branch
	typ      catalog.Type
	lazy     lazyRows
}

func newCase(e *Case, nested bool) *caseNode {
	n := &caseNode{typ: e.T}
	for _, w := range e.Whens {
		n.branches = append(n.branches, branch{cond: compile(w.Cond, nested), condCols: narrower{cols: Columns(w.Cond)},
			value: compile(w.Then, nested), valCols: narrower{cols: Columns(w.Then)}})
	}
	if e.Else != nil {
		n.branches = append(n.branches, branch{value: compile(e.Else, nested), valCols: narrower{cols: Columns(e.Else)}})
	}
	return n
}

// lazyRows hands the rows of a batch out to the branches that compute them.
type lazyRows struct {
	rest, picked []uint16 // rows without a value yet; rows of the branch at hand
	cond, value  vec.Vector
	truth        truths
	parts        []vec.Vector // multi-value results wait here until every row has one
	source       []partRow
}

type partRow struct{ part, row int32 }

// begin makes all rows of out wait for a value: until then they are NULL.
func (l *lazyRows) begin(t catalog.Type, rows int, out *vec.Vector) {
	l.rest = l.rest[:0]
	for i := range rows {
		l.rest = append(l.rest, uint16(i))
	}
	l.parts, l.source = l.parts[:0], l.source[:0]
	if t.MultiValue {
		for range rows {
			l.source = append(l.source, partRow{part: -1})
		}
		return
	}
	out.Reset(t, rows)
	clear(out.Str)
}

// give stores src as the values of the rows at sel.
func (l *lazyRows) give(src *vec.Vector, sel []uint16, out *vec.Vector) {
	if len(l.source) == 0 {
		scatter(src, sel, out)
		return
	}
	var copied vec.Vector
	src.Gather(nil, &copied)
	l.parts = append(l.parts, copied)
	for i, s := range sel {
		l.source[s] = partRow{int32(len(l.parts) - 1), int32(i)}
	}
}

// end makes the rows without a value NULL and puts arrays together.
func (l *lazyRows) end(t catalog.Type, rows int, out *vec.Vector) {
	if !t.MultiValue {
		for _, s := range l.rest {
			out.SetNull(int(s))
		}
		return
	}
	out.Reset(t, rows)
	total := 0
	for i, s := range l.source {
		if s.part >= 0 {
			p := &l.parts[s.part]
			total += int(p.Offsets[s.row+1] - p.Offsets[s.row])
		}
		out.Offsets[i+1] = uint32(total)
	}
	out.Elems.Reset(t.Elem(), total)
	for i, s := range l.source {
		if s.part < 0 || l.parts[s.part].IsNull(int(s.row)) {
			out.SetNull(i)
		}
		if s.part < 0 {
			continue
		}
		p := &l.parts[s.part]
		for e := range int(out.Offsets[i+1] - out.Offsets[i]) {
			out.Elems.CopyRow(int(out.Offsets[i])+e, p.Elems, int(p.Offsets[s.row])+e)
		}
	}
}

// evalOn evaluates n on the rows of sel: on the batch itself where that is all of them.
func evalOn(n node, cols *narrower, ec *function.EvalContext, in *vec.Batch, sel []uint16, out *vec.Vector) error {
	if len(sel) == in.Rows {
		return n.eval(ec, in, out)
	}
	sub := cols.context(ec, sel)
	return n.eval(&sub, cols.take(in, sel), out)
}

func (n *caseNode) eval(ec *function.EvalContext, in *vec.Batch, out *vec.Vector) error {
	l := &n.lazy
	l.begin(n.typ, in.Rows, out)
	for i := range n.branches {
		b := &n.branches[i]
		if len(l.rest) == 0 {
			break
		}
		if err := n.split(ec, in, b); err != nil {
			return err
		}
		if len(l.picked) == 0 {
			continue
		}
		if err := evalOn(b.value, &b.valCols, ec, in, l.picked, &l.value); err != nil {
			return err
		}
		l.give(&l.value, l.picked, out)
	}
	l.end(n.typ, in.Rows, out)
	return nil
}

// split moves the rows for which b's condition is true from rest to picked.
func (n *caseNode) split(ec *function.EvalContext, in *vec.Batch, b *branch) error {
	l := &n.lazy
	l.picked = l.picked[:0]
	if b.cond == nil {
		l.picked, l.rest = append(l.picked, l.rest...), l.rest[:0]
		return nil
	}
	if err := evalOn(b.cond, &b.condCols, ec, in, l.rest, &l.cond); err != nil {
		return err
	}
	l.truth.read(&l.cond, len(l.rest))
	kept := l.rest[:0]
	for i, s := range l.rest {
		if l.truth.yes.Get(i) {
			l.picked = append(l.picked, s)
		} else {
			kept = append(kept, s)
		}
	}
	l.rest = kept
	return nil
}

// coalesceNode evaluates an argument on the rows where all earlier ones are NULL.
type coalesceNode struct {
	args []branch
	typ  catalog.Type
	lazy lazyRows
}

func newCoalesce(e *Coalesce, nested bool) *coalesceNode {
	n := &coalesceNode{typ: e.T}
	for _, a := range e.Args {
		n.args = append(n.args, branch{value: compile(a, nested), valCols: narrower{cols: Columns(a)}})
	}
	return n
}

func (n *coalesceNode) eval(ec *function.EvalContext, in *vec.Batch, out *vec.Vector) error {
	l := &n.lazy
	l.begin(n.typ, in.Rows, out)
	for i := range n.args {
		a := &n.args[i]
		if len(l.rest) == 0 {
			break
		}
		if err := evalOn(a.value, &a.valCols, ec, in, l.rest, &l.value); err != nil {
			return err
		}
		if !l.value.HasNulls() {
			l.give(&l.value, l.rest, out)
			l.rest = l.rest[:0]
			break
		}
		n.keepNulls(out)
	}
	l.end(n.typ, in.Rows, out)
	return nil
}

// keepNulls gives the rows that have a value now and leaves the others in rest.
func (n *coalesceNode) keepNulls(out *vec.Vector) {
	l := &n.lazy
	l.picked = l.picked[:0]
	from := make([]uint16, 0, len(l.rest))
	kept := l.rest[:0]
	for i, s := range l.rest {
		if l.value.IsNull(i) {
			kept = append(kept, s)
		} else {
			l.picked = append(l.picked, s)
			from = append(from, uint16(i))
		}
	}
	l.rest = kept
	if len(from) == 0 {
		return
	}
	var found vec.Vector
	l.value.Gather(from, &found)
	l.give(&found, l.picked, out)
}
