package agg

// arrival numbers rows in their order. The zero value numbers them as they are added.
type arrival struct {
	next  uint64 // of the first row of the next Add, unless At says otherwise
	first uint64
	rows  []uint16
	told  bool // for the next Add
	ever  bool
}

// At implements function.Positioned.
func (a *arrival) At(first uint64, rows []uint16) {
	a.first, a.rows, a.told, a.ever = first, rows, true, true
}

// Settle implements function.Positioned.
func (a *arrival) Settle() { a.ever = false }

// begin is called once per Add of n rows; of then gives their positions.
func (a *arrival) begin(n int) {
	if !a.told {
		a.first, a.rows = a.next, nil
	}
	a.told = false
	last := a.first + uint64(n)
	if len(a.rows) > 0 {
		last = a.first + uint64(a.rows[len(a.rows)-1]) + 1
	}
	a.next = max(a.next, last)
}

// of is the position of row i of the current Add.
func (a *arrival) of(i int) uint64 {
	if a.rows != nil {
		return a.first + uint64(a.rows[i])
	}
	return a.first + uint64(i)
}

// join gives what the positions of o's rows grow by in a merge: where nobody told positions, o's rows stand behind.
func (a *arrival) join(o *arrival) uint64 {
	by := uint64(0)
	if !a.ever && !o.ever {
		by = a.next
	}
	a.next = max(a.next, o.next+by)
	a.ever = a.ever || o.ever
	return by
}
