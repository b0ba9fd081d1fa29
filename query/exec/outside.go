package exec

import (
	"github.com/freshetdb/freshet/internal/vec"
	"github.com/freshetdb/freshet/query/physical"
	"github.com/freshetdb/freshet/segment"
)

// Where a segment knows how many rows pass one conjunct, and the others hold throughout most of its blocks, as a range of time
// does in a segment that it cuts near an end, count(*) reads the other blocks: the rows there that pass the one conjunct and not
// all are what the known number has too many.

// outsidePred is the rows that pass counted but not rest.
type outsidePred struct {
	counted *dictPred
	rest    pred
}

func (p *outsidePred) zone(w *worker, b int) physical.Verdict {
	switch p.rest.zone(w, b) {
	case physical.All:
		return physical.None
	case physical.None:
		return p.counted.zone(w, b)
	}
	if p.counted.zone(w, b) == physical.None {
		return physical.None
	}
	return physical.Some
}

func (p *outsidePred) eval(w *worker, bits vec.Bitmap) error {
	if err := p.counted.eval(w, bits); err != nil || !bits.Any() || p.rest.zone(w, w.b) == physical.None {
		return err
	}
	inside := w.borrow(bits)
	defer w.giveBack(1)
	if err := p.rest.eval(w, inside); err != nil {
		return err
	}
	bits.AndNot(inside)
	return nil
}

func (p *outsidePred) cost() float64 { return p.counted.cost() + p.rest.cost() }

func (p *outsidePred) how() string {
	return "not counted: " + joinPreds([]pred{p.counted, p.rest}, " without ")
}

// countOutside makes the compiled filter of a leaf that only counts rows one of the rows that do not pass, where that reads less.
func (s *segState) countOutside(w *worker) {
	and, ok := s.filter.(*andPred)
	if !ok {
		return
	}
	for i, a := range and.args {
		p, ok := a.(*dictPred)
		if !ok || s.cols[p.col].dict.Counts == nil {
			continue
		}
		rest := append(append([]pred(nil), and.args[:i]...), and.args[i+1:]...)
		out := &outsidePred{counted: p, rest: rest[0]}
		if len(rest) > 1 {
			out.rest = &andPred{args: rest, slot: and.slot}
		}
		if !s.mostHold(w, out.rest) {
			return
		}
		if s.counted, ok = s.countOf(w, p); ok {
			s.filter, s.outside = out, true
		}
		return
	}
}

// mostHold reports whether p holds throughout more blocks than those in which it holds nowhere.
func (s *segState) mostHold(w *worker, p pred) bool {
	more := 0
	for b := range segment.Blocks(s.rows) {
		switch p.zone(w, b) {
		case physical.All:
			more++
		case physical.None:
			more--
		}
	}
	return more > 0
}
