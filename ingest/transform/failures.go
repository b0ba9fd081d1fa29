package transform

import (
	"errors"

	"github.com/freshetdb/freshet/ingest"
)

// errFiltered marks rows that the filter drops: no reject.
var errFiltered = errors.New("filtered")

// failures notes, per row of a chunk, why it is dropped, or what it lost and stays.
type failures struct {
	bad, lost    []error
	anyBad, seen bool // a row is dropped; a row failed or lost something
}

func (f *failures) reset(rows int) {
	if cap(f.bad) < rows {
		f.bad, f.lost = make([]error, max(rows, chunkRecords)), make([]error, max(rows, chunkRecords))
	}
	if f.anyBad || f.seen {
		clear(f.bad[:cap(f.bad)])
		clear(f.lost[:cap(f.lost)])
	}
	f.bad, f.lost, f.anyBad, f.seen = f.bad[:rows], f.lost[:rows], false, false
}

// drop takes a row out; the first reason counts.
func (f *failures) drop(row int, err error) {
	if f.bad[row] == nil {
		f.bad[row], f.anyBad, f.seen = err, true, true
	}
}

// lose notes that a row stays without a value; the first reason counts.
func (f *failures) lose(row int, err error) {
	if f.lost[row] == nil {
		f.lost[row], f.seen = err, true
	}
}

// filter drops a row without a reason; false where it is out already.
func (f *failures) filter(row int) bool {
	if f.bad[row] != nil {
		return false
	}
	f.bad[row], f.anyBad = errFiltered, true
	return true
}

// dropped reports whether a row is out.
func (f *failures) dropped(row int) bool { return f.bad[row] != nil }

// fail drops a row, or notes the loss where the table goes on.
func (p *Pipeline) fail(row int, err error) {
	if p.continueOnError {
		p.failed.lose(row, err)
	} else {
		p.failed.drop(row, err)
	}
}

// reject reports the records of rows that failed, or that lost a value and stay: each record once, with the first
// reason why a row is missing, else with the first loss.
func (p *Pipeline) reject(first int) {
	f := &p.failed
	if !f.seen {
		return
	}
	for row := 0; row < len(p.records); {
		record := p.records[row]
		var bad, lost error
		for ; row < len(p.records) && p.records[row] == record; row++ {
			if err := f.bad[row]; err != nil {
				if bad == nil && !errors.Is(err, errFiltered) {
					bad = err
				}
			} else if lost == nil {
				lost = f.lost[row]
			}
		}
		if bad == nil {
			bad = lost
		}
		if bad != nil {
			p.rows.Rejects = append(p.rows.Rejects, ingest.Reject{Record: first + int(record), Reason: bad})
		}
	}
}
