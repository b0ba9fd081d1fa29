package exec

import (
	"context"

	"github.com/freshetdb/freshet/internal/errs"
	"github.com/freshetdb/freshet/internal/vec"
	"github.com/freshetdb/freshet/query/expr"
	"github.com/freshetdb/freshet/query/function"
	"github.com/freshetdb/freshet/query/logical"
)

// Sets are computed for a few input rows at a time, so that long ones do not add up: fewer where they are long.
const (
	firstSetRows = 16
	manyElems    = 1 << 18
)

// projectSetOp unnests arrays that stand for sets.
type projectSetOp struct {
	ec    *function.EvalContext
	in    operator
	n     *logical.ProjectSet
	evals []*expr.Evaluator
	mem   account

	src    *vec.Batch // of the input
	from   int        // rows of src before it are done
	piece  int        // input rows at a time
	rows   *vec.Batch // the present piece
	vals   []vec.Vector
	row    int // of rows
	elem   int // next element of row
	sel    []uint16
	pos    []uint32
	out    []vec.Vector
	chosen chosen
	batch  vec.Batch
}

func newProjectSetOp(env *Env, ec *function.EvalContext, in operator, n *logical.ProjectSet) *projectSetOp {
	o := &projectSetOp{ec: ec, in: in, n: n, piece: firstSetRows, mem: account{env: env, operator: "set-returning function"},
		vals: make([]vec.Vector, len(n.Exprs)), out: make([]vec.Vector, len(n.Exprs)), batch: vec.Batch{Cols: make([]*vec.Vector, len(n.Exprs))}}
	for _, e := range n.Exprs {
		o.evals = append(o.evals, expr.NewEvaluator(e))
	}
	return o
}

func (o *projectSetOp) next(ctx context.Context) (*vec.Batch, error) {
	for {
		if err := alive(ctx); err != nil {
			return nil, err
		}
		if o.rows == nil {
			more, err := o.load(ctx)
			if !more || err != nil {
				return nil, err
			}
		}
		if b := o.unnest(); b != nil {
			return b, nil
		}
		o.rows = nil
	}
}

// load evaluates the next piece of the input.
func (o *projectSetOp) load(ctx context.Context) (bool, error) {
	for o.src == nil || o.from >= o.src.Rows {
		b, err := o.in.next(ctx)
		if b == nil || err != nil {
			return false, err
		}
		o.src, o.from = b, 0
	}
	n := min(o.src.Rows-o.from, o.piece)
	sel := make([]uint16, n)
	for i := range sel {
		sel[i] = uint16(o.from + i)
	}
	if o.rows = o.chosen.rows(o.src, sel); len(o.src.Cols) == 0 {
		o.rows = &vec.Batch{Rows: n}
	}
	o.from += n
	o.row, o.elem = 0, 0
	o.ec.Ctx = ctx
	elems, bytes := 0, int64(0)
	for i, e := range o.evals {
		if err := e.EvalFlat(o.ec, o.rows, &o.vals[i]); err != nil {
			return false, err
		}
		if !o.n.Set[i] {
			continue
		}
		if !o.vals[i].Type.MultiValue {
			return false, errs.Bug("%s stands for a set and is no array", o.n.Exprs[i])
		}
		elems += int(o.vals[i].Offsets[n])
		bytes += vectorBytes(&o.vals[i])
	}
	switch {
	case elems > manyElems:
		o.piece = max(1, o.piece/4)
	case elems < manyElems/8:
		o.piece = min(vec.BlockRows, o.piece*2)
	}
	return true, o.mem.set(bytes)
}

// length is the number of rows that a row of the piece gives.
func (o *projectSetOp) length(row int) int {
	n := 0
	for i, set := range o.n.Set {
		if set && !o.vals[i].IsNull(row) {
			n = max(n, int(o.vals[i].Offsets[row+1]-o.vals[i].Offsets[row]))
		}
	}
	if n == 0 && o.n.Outer {
		return 1
	}
	return n
}

// unnest gives the next rows of the piece, nil where there are none.
func (o *projectSetOp) unnest() *vec.Batch {
	o.sel, o.pos = o.sel[:0], o.pos[:0]
	for o.row < o.rows.Rows && len(o.sel) < vec.BlockRows {
		for n := o.length(o.row); o.elem < n && len(o.sel) < vec.BlockRows; o.elem++ {
			o.sel, o.pos = append(o.sel, uint16(o.row)), append(o.pos, uint32(o.elem))
		}
		if o.elem >= o.length(o.row) {
			o.row, o.elem = o.row+1, 0
		}
	}
	if len(o.sel) == 0 {
		return nil
	}
	for i := range o.vals {
		if o.n.Set[i] {
			o.elements(&o.vals[i], &o.out[i])
		} else {
			o.vals[i].Gather(o.sel, &o.out[i])
		}
		o.batch.Cols[i] = &o.out[i]
	}
	o.batch.Rows = len(o.sel)
	return &o.batch
}

// elements gives the element of a set at each output row, NULL behind its end.
func (o *projectSetOp) elements(v, out *vec.Vector) {
	out.Reset(v.Type.Elem(), len(o.sel))
	clear(out.Str)
	for i, row := range o.sel {
		at := v.Offsets[row] + o.pos[i]
		if at >= v.Offsets[row+1] || v.IsNull(int(row)) {
			out.SetNull(i)
		} else {
			out.CopyRow(i, v.Elems, int(at))
		}
	}
}

func (o *projectSetOp) reset() {
	o.in.reset()
	o.src, o.rows, o.piece = nil, nil, firstSetRows
	o.mem.release()
}

func (o *projectSetOp) close() {
	o.in.close()
	o.mem.release()
}
