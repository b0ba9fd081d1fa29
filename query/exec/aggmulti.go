package exec

import (
	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/internal/vec"
)

// exploder turns rows with multi-value keys into one row per element, and per combination of elements where several
// keys are multi-value. A NULL array counts as one NULL element, an empty array as none.
type exploder struct {
	types []catalog.Type // of the elements
	rows  []uint16       // position among the rows that passed
	place []uint16       // position in the block
	elems [][]uint32     // per key: position in Elems (or in the vector itself), nullElem for a NULL
	flat  []vec.Vector
	in    []*vec.Vector // keys, flat
	keys  []vec.Vector
	out   []*vec.Vector
	args  []vec.Vector
	have  []bool
}

const nullElem = ^uint32(0)

func newExploder(p *aggPlan) *exploder {
	n := len(p.keys)
	return &exploder{types: p.keyTypes, rows: make([]uint16, 0, vec.BlockRows), elems: make([][]uint32, n), flat: make([]vec.Vector, n),
		in: make([]*vec.Vector, n), keys: make([]vec.Vector, n), out: make([]*vec.Vector, n), args: make([]vec.Vector, len(p.exprs)), have: make([]bool, len(p.exprs))}
}

// explode calls flush with the keys of every combination of elements in n rows, at most a block of them at once.
func (x *exploder) explode(keys []*vec.Vector, n int, flush func(keys []*vec.Vector) error) error {
	for i, v := range keys {
		if v.Form != vec.FormFlat {
			v.Gather(nil, &x.flat[i])
			v = &x.flat[i]
		}
		x.in[i] = v
	}
	at := make([]uint32, len(keys))
	for row := range n {
		if !x.first(x.in, row, at) {
			continue
		}
		for more := true; more; more = x.next(x.in, row, at) {
			x.rows = append(x.rows, uint16(row))
			for i := range at {
				x.elems[i] = append(x.elems[i], at[i])
			}
			if len(x.rows) == vec.BlockRows {
				if err := x.flush(flush); err != nil {
					return err
				}
			}
		}
	}
	return x.flush(flush)
}

// flush makes keys of the combinations collected so far.
func (x *exploder) flush(f func(keys []*vec.Vector) error) error {
	n := len(x.rows)
	if n == 0 {
		return nil
	}
	for i, src := range x.in {
		if src.Type.MultiValue {
			src = src.Elems
		}
		out := &x.keys[i]
		out.Reset(x.types[i], n)
		clear(out.Str)
		for j, e := range x.elems[i] {
			if e == nullElem {
				out.SetNull(j)
			} else {
				out.CopyRow(j, src, int(e))
			}
		}
		x.out[i] = out
		x.elems[i] = x.elems[i][:0]
	}
	clear(x.have)
	err := f(x.out)
	x.rows = x.rows[:0]
	return err
}

// value gives an argument of the combinations of which base gives that of the rows.
func (x *exploder) value(i int, base func(i int, form argForm) (*vec.Vector, error)) (*vec.Vector, error) {
	if !x.have[i] {
		v, err := base(i, argFlat)
		if err != nil {
			return nil, err
		}
		v.Gather(x.rows, &x.args[i])
		x.have[i] = true
	}
	return &x.args[i], nil
}

// blockMulti aggregates a block whose keys include arrays.
func (s *aggSink) blockMulti(w *worker) error {
	if s.explode == nil {
		s.explode = newExploder(s.plan)
	}
	x := s.explode
	for i, k := range s.plan.keys {
		v, err := s.eval(w, k, &s.outs[len(s.plan.exprs)+i])
		if err != nil {
			return err
		}
		s.keyVecs[i] = v
	}
	return x.explode(s.keyVecs, w.rows, func(keys []*vec.Vector) error {
		if s.plan.placed {
			s.state.at(blockPosition(s.worker), x.places(s.worker.selection()))
		}
		groups := s.state.groups[:len(x.rows)]
		s.state.table.assign(keys, len(x.rows), groups)
		return s.state.add(groups, len(x.rows), func(i int, _ argForm) (*vec.Vector, error) { return x.value(i, s.value) })
	})
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
