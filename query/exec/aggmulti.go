package exec

import (
	"github.com/freshetdb/freshet/internal/vec"
)

// exploder turns rows with multi-value keys into one row per element, and per combination of elements where several
// keys are multi-value. A NULL array counts as one NULL element, an empty array as none.
type exploder struct {
	rows  []uint16   // position among the rows that passed
	place []uint16   // position in the block
	elems [][]uint32 // per key: position in Elems (or in the vector itself), nullElem for a NULL
	flat  []vec.Vector
	keys  []vec.Vector
	args  []vec.Vector
	have  []bool
	base  func(i int, dict bool) (*vec.Vector, error)
}

const nullElem = ^uint32(0)

// blockMulti aggregates a block whose keys include arrays.
func (s *aggSink) blockMulti(w *worker) error {
	x := &s.explode
	if x.rows == nil {
		x.rows = make([]uint16, 0, vec.BlockRows)
		x.elems = make([][]uint32, len(s.plan.keys))
		x.flat, x.keys = make([]vec.Vector, len(s.plan.keys)), make([]vec.Vector, len(s.plan.keys))
		x.args, x.have = make([]vec.Vector, len(s.plan.exprs)), make([]bool, len(s.plan.exprs))
		x.base = s.value
	}
	for i, k := range s.plan.keys {
		v, err := s.eval(w, k, &s.outs[len(s.plan.exprs)+i])
		if err != nil {
			return err
		}
		if v.Form != vec.FormFlat {
			v.Gather(nil, &x.flat[i])
			v = &x.flat[i]
		}
		s.keyVecs[i] = v
	}
	at := make([]uint32, len(s.plan.keys))
	for row := range w.rows {
		if !x.first(s.keyVecs, row, at) {
			continue
		}
		for more := true; more; more = x.next(s.keyVecs, row, at) {
			x.rows = append(x.rows, uint16(row))
			for i := range at {
				x.elems[i] = append(x.elems[i], at[i])
			}
			if len(x.rows) == vec.BlockRows {
				if err := s.flushMulti(); err != nil {
					return err
				}
			}
		}
	}
	return s.flushMulti()
}

// first positions at on the first combination of a row; false if an array is empty.
func (x *exploder) first(keys []*vec.Vector, row int, at []uint32) bool {
	for i, k := range keys {
		switch {
		case k.IsNull(row):
			at[i] = nullElem
		case !k.Type.MultiValue:
			at[i] = uint32(row)
		case k.Offsets[row] == k.Offsets[row+1]:
			return false
		default:
			at[i] = k.Offsets[row]
		}
	}
	return true
}

// next steps to the following combination of a row, the last key fastest.
func (x *exploder) next(keys []*vec.Vector, row int, at []uint32) bool {
	for i := len(keys) - 1; i >= 0; i-- {
		k := keys[i]
		if !k.Type.MultiValue || at[i] == nullElem {
			continue
		}
		if at[i]++; at[i] < k.Offsets[row+1] {
			return true
		}
		at[i] = k.Offsets[row]
	}
	return false
}

// places gives the place in the block of every combination's row.
func (x *exploder) places(sel []uint16) []uint16 {
	if sel == nil {
		return x.rows
	}
	x.place = x.place[:0]
	for _, r := range x.rows {
		x.place = append(x.place, sel[r])
	}
	return x.place
}

// flushMulti aggregates the combinations collected so far.
func (s *aggSink) flushMulti() error {
	x := &s.explode
	n := len(x.rows)
	if n == 0 {
		return nil
	}
	keys := make([]*vec.Vector, len(s.plan.keys))
	for i, k := range s.keyVecs {
		src := k
		if k.Type.MultiValue {
			src = k.Elems
		}
		out := &x.keys[i]
		out.Reset(s.plan.keyTypes[i], n)
		clear(out.Str)
		for j, e := range x.elems[i] {
			if e == nullElem {
				out.SetNull(j)
			} else {
				out.CopyRow(j, src, int(e))
			}
		}
		keys[i] = out
		x.elems[i] = x.elems[i][:0]
	}
	if s.plan.placed {
		s.state.at(blockPosition(s.worker), x.places(s.worker.selection()))
	}
	groups := s.state.groups[:n]
	s.state.table.assign(keys, n, groups)
	clear(x.have)
	err := s.state.add(groups, n, func(i int, _ bool) (*vec.Vector, error) {
		if !x.have[i] {
			v, err := x.base(i, false)
			if err != nil {
				return nil, err
			}
			v.Gather(x.rows, &x.args[i])
			x.have[i] = true
		}
		return &x.args[i], nil
	})
	x.rows = x.rows[:0]
	return err
}
