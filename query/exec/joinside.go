package exec

import (
	"context"

	"github.com/freshetdb/freshet/internal/vec"
	"github.com/freshetdb/freshet/query/logical"
)

// firstLook is the rows of a side of an inner join that are read before the other side is looked at.
const firstLook = 2 * vec.BlockRows

// smallerOp is an inner join that keeps the rows of its smaller side, whichever that turns out to be: it reads both in turn,
// twice as far each time, until one ends. Nobody can tell before how many rows a sub-query or a filter gives.
type smallerOp struct {
	s    *scope
	n    *logical.Join
	ins  [2]operator // left and right
	read [2]rowStore // what was read of them
	mem  account
	join operator // nil: not chosen yet
}

func newSmallerOp(s *scope, n *logical.Join, left, right operator) *smallerOp {
	return &smallerOp{s: s, n: n, ins: [2]operator{left, right}, mem: account{env: s.st.env, operator: "join"}}
}

func (o *smallerOp) next(ctx context.Context) (*vec.Batch, error) {
	if o.join == nil {
		if err := o.choose(ctx); err != nil {
			return nil, err
		}
	}
	return o.join.next(ctx)
}

// choose reads both sides until one ends.
func (o *smallerOp) choose(ctx context.Context) error {
	const left, right = 0, 1
	most := firstLook
	if rows := o.s.st.env.tune.batchRows; rows > 0 {
		most = rows
	}
	for ; ; most *= 2 {
		for _, side := range []int{right, left} {
			ended, err := o.fill(ctx, side, most)
			if err != nil {
				return err
			}
			if !ended {
				continue
			}
			kept, rest := &keptOp{rows: &o.read[side]}, &concatOp{ins: []operator{&keptOp{rows: &o.read[1-side]}, o.ins[1-side]}}
			if side == right {
				o.join = o.s.hashJoin(o.n, rest, kept)
			} else {
				swapped, back := swapSides(o.n)
				o.join = newProjectOp(o.s.ec, o.s.hashJoin(swapped, rest, kept), back)
			}
			return nil
		}
	}
}

// fill reads a side up to some rows, or to its end.
func (o *smallerOp) fill(ctx context.Context, side, most int) (ended bool, err error) {
	for rows := o.read[side].rows(); rows < most; {
		if err := alive(ctx); err != nil {
			return false, err
		}
		b, err := o.ins[side].next(ctx)
		if err != nil {
			return false, err
		}
		if b == nil {
			o.ins[side].close()
			return true, nil
		}
		o.read[side].add(b.Cols, b.Rows, nil)
		rows += b.Rows
		if err := o.mem.set(o.read[0].bytes + o.read[1].bytes); err != nil {
			return false, err
		}
	}
	return false, nil
}

func (o *smallerOp) reset() {
	if o.join != nil {
		o.join.close()
		o.join = nil
	}
	o.read = [2]rowStore{}
	o.mem.release()
	for _, in := range o.ins {
		in.reset()
	}
}

func (o *smallerOp) close() {
	if o.join != nil {
		o.join.close()
	}
	for _, in := range o.ins {
		in.close()
	}
	o.mem.release()
}

// keptOp gives rows that somebody else keeps.
type keptOp struct {
	rows  *rowStore
	at    int
	batch vec.Batch
}

func (o *keptOp) next(context.Context) (*vec.Batch, error) {
	if o.at >= len(o.rows.batches) {
		return nil, nil
	}
	o.batch = vec.Batch{Rows: o.rows.sizes[o.at], Cols: o.rows.batches[o.at]}
	o.at++
	return &o.batch, nil
}

func (o *keptOp) reset()        { o.at = 0 }
func (o *keptOp) close()        {}
func (o *keptOp) fixedBatches() {}
