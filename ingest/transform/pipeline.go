// Package transform turns records into rows: it decodes, flattens and unnests, computes transforms and the filter with
// the query engine's own expressions, converts to the schema's types and fills in what is absent.
//
// A pipeline works in chunks of records. Per chunk there is a working batch: one column per schema column, source field
// that a transform reads, and transform result; the schema's columns come first. Rows that fail are taken out at the end.
package transform

import (
	"context"
	"fmt"

	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/ingest"
	"github.com/freshetdb/freshet/ingest/decode/json"
	"github.com/freshetdb/freshet/internal/errs"
	"github.com/freshetdb/freshet/internal/vec"
	"github.com/freshetdb/freshet/query/expr"
	"github.com/freshetdb/freshet/query/function"
)

// Limits of a chunk. Row positions within one are 16 bits wide.
const (
	chunkRecords     = 4096
	chunkRows        = 32_768 // a chunk ends once it has as many
	maxRowsPerRecord = 16_384 // rows that one record may unnest to
)

// source says where a working column comes from: a decoder's slot, the envelope, or (level -1) a transform only.
type source struct {
	level, slot int
	pseudo      pseudo
}

// Pipeline is the compiled ingestion of one table. Not safe for concurrent use: one per partition loop.
type Pipeline struct {
	schema          *catalog.Schema
	continueOnError bool
	rowTimeCheck    bool
	time            timeColumn

	cols     []source
	types    []catalog.Type // of the working columns
	steps    []step
	filter   *expr.Evaluator
	decoders []*json.Decoder // one per unnested collection, the record's own last
	arrays   []int           // slots of the record's decoder that hold the collections

	// State of the chunk at work.
	recs    []ingest.Record
	records []int32   // row -> record
	ordinal []int32   // row -> position within its record
	base    []uint16  // row -> row of the record's decoder
	element [][]int32 // per collection: row -> row of its decoder, -1 for none
	sel     []uint16
	bad     []error // row -> why it is dropped
	hasBad  bool
	now     []int64
	work    vec.Batch
	owned   []vec.Vector // working columns that are not a decoder's
	scratch [4]vec.Vector

	rows ingest.Rows
	out  []vec.Vector // result columns where they are copies
}

// Process gives the rows of recs. They and what they hold are valid until the next call, and no longer than recs.
func (p *Pipeline) Process(recs []ingest.Record) (*ingest.Rows, error) {
	p.rows = ingest.Rows{Offsets: p.rows.Offsets[:0], Ordinals: p.rows.Ordinals[:0], Rejects: p.rows.Rejects[:0]}
	n := len(p.schema.Fields)
	if p.out == nil {
		p.out = make([]vec.Vector, n)
		p.owned = make([]vec.Vector, len(p.cols))
		p.work.Cols = make([]*vec.Vector, len(p.cols))
		p.element = make([][]int32, len(p.arrays))
	}
	chunks := 0
	for at := 0; at < len(recs) || chunks == 0; chunks++ {
		taken, err := p.chunk(recs[at:], at)
		if err != nil {
			return nil, err
		}
		at += taken
		p.emit(chunks == 0 && at >= len(recs))
	}
	return &p.rows, nil
}

// chunk decodes and transforms records from the front of recs and tells how many. first is the index of recs[0].
func (p *Pipeline) chunk(recs []ingest.Record, first int) (taken int, err error) {
	p.recs = recs
	p.records, p.ordinal, p.base, p.hasBad = p.records[:0], p.ordinal[:0], p.base[:0], false
	for i := range p.element {
		p.element[i] = p.element[i][:0]
	}
	for _, d := range p.decoders {
		d.Reset()
	}
	record := p.decoders[len(p.decoders)-1]
	for taken < len(recs) && taken < chunkRecords && len(p.records) < chunkRows {
		value := recs[taken].Value
		if value != nil { // a tombstone is no row and no error
			if err := p.decode(record, value, taken); err != nil {
				p.rows.Rejects = append(p.rows.Rejects, ingest.Reject{Record: first + taken, Reason: err})
			}
		}
		taken++
	}
	p.columns()
	if err := p.transform(); err != nil {
		return 0, err
	}
	p.finishTime()
	p.notNull()
	p.rejectRows(first)
	return taken, nil
}

// decode reads one record and its collections into rows.
func (p *Pipeline) decode(record *json.Decoder, value []byte, index int) error {
	if err := record.Decode(value); err != nil {
		return err
	}
	row := record.Rows() - 1
	if len(p.arrays) == 0 {
		p.row(index, 0, row)
		return nil
	}
	return p.unnest(record, row, index)
}

func (p *Pipeline) row(index, ordinal, base int) {
	p.records = append(p.records, int32(index))
	p.ordinal = append(p.ordinal, int32(ordinal))
	p.base = append(p.base, uint16(base))
}

// unnest gives one row per combination of elements of the record's collections; an empty collection counts as one
// absent element.
func (p *Pipeline) unnest(record *json.Decoder, row, index int) error {
	begin, count := make([]int, len(p.arrays)), make([]int, len(p.arrays))
	total := 1
	for l, slot := range p.arrays {
		d := p.decoders[l]
		begin[l] = d.Rows()
		if text := record.Column(slot).At(row); !text.Null {
			if err := json.Elements(text.Str, d.Decode); err != nil {
				return fmt.Errorf("collection %d to unnest: %w", l+1, err)
			}
		}
		count[l] = max(1, d.Rows()-begin[l])
		if total *= count[l]; total > maxRowsPerRecord {
			return fmt.Errorf("the record unnests to %d rows, at most %d are accepted", total, maxRowsPerRecord)
		}
	}
	for ordinal := range total {
		p.row(index, ordinal, row)
		rest := ordinal
		for l := len(p.arrays) - 1; l >= 0; l-- {
			at := begin[l] + rest%count[l]
			rest /= count[l]
			if p.decoders[l].Rows() == begin[l] {
				at = -1
			}
			p.element[l] = append(p.element[l], int32(at))
		}
	}
	return nil
}

// columns makes the working batch from what the decoders hold.
func (p *Pipeline) columns() {
	n := len(p.records)
	p.work.Rows = n
	p.now = p.now[:0]
	for _, r := range p.records {
		p.now = append(p.now, p.recs[r].TimestampMs)
	}
	if cap(p.bad) < n {
		p.bad = make([]error, n)
	}
	p.bad = p.bad[:n]
	clear(p.bad)
	direct := len(p.arrays) == 0
	for i, c := range p.cols {
		v := &p.owned[i]
		switch {
		case c.pseudo.kind != pseudoNone:
			c.pseudo.fill(v, p.types[i], p.recs, p.records)
		case c.level < 0:
			nullColumn(v, p.types[i], n)
		case direct:
			v = p.decoders[c.level].Column(c.slot)
		case c.level == len(p.arrays):
			p.decoders[c.level].Column(c.slot).Gather(p.base, v)
		default:
			gatherElements(p.decoders[c.level].Column(c.slot), p.element[c.level], &p.scratch[0], v)
		}
		p.work.Cols[i] = v
	}
}

func nullColumn(v *vec.Vector, t catalog.Type, n int) {
	v.Reset(t, n)
	clear(v.Str)
	if t.MultiValue {
		clear(v.Offsets)
	}
	v.MutableNulls().SetAll(n)
}

// gatherElements gives, per row, an element's value, NULL where there is none.
func gatherElements(from *vec.Vector, rows []int32, scratch, out *vec.Vector) {
	if from.Len == 0 {
		nullColumn(out, from.Type, len(rows))
		return
	}
	sel := make([]uint16, len(rows))
	for i, r := range rows {
		sel[i] = uint16(max(r, 0))
	}
	from.Gather(sel, out)
	for i, r := range rows {
		if r < 0 {
			out.SetNull(i)
		}
	}
}

// transform runs the transforms in order, then the filter.
func (p *Pipeline) transform() error {
	if p.work.Rows == 0 {
		return nil
	}
	for i := range p.steps {
		if err := p.step(&p.steps[i]); err != nil {
			return fmt.Errorf("transform of column %q: %w", p.steps[i].column, err)
		}
	}
	if p.filter == nil {
		return nil
	}
	drop := &p.scratch[0]
	ec := p.context(func(row int, err error) { p.fail(row, fmt.Errorf("filterFunction: %w", err)) })
	if err := p.filter.Eval(ec, &p.work, drop); err != nil {
		return fmt.Errorf("filterFunction: %w", err)
	}
	for row := range p.work.Rows {
		if p.bad[row] == nil && !drop.IsNull(row) && drop.BoolAt(row) {
			p.bad[row], p.hasBad = errFiltered, true
			p.rows.Filtered++
		}
	}
	return nil
}

// errFiltered marks rows that the filter drops: no reject.
var errFiltered = errs.User(errs.InvalidParameterValue, "filtered")

func (p *Pipeline) context(onError func(row int, err error)) *function.EvalContext {
	return &function.EvalContext{Ctx: context.Background(), NowByRow: p.now, IEEEDivision: true, OnRowError: onError}
}

// fail drops a row, or leaves the value NULL where the table goes on.
func (p *Pipeline) fail(row int, err error) {
	if !p.continueOnError && p.bad[row] == nil {
		p.bad[row], p.hasBad = err, true
	}
}

// step computes one transform where the record has no value for its column.
func (p *Pipeline) step(st *step) error {
	have := p.work.Cols[st.dest]
	result := &p.scratch[0]
	failed := func(row int, err error) { p.fail(row, fmt.Errorf("transform of column %q: %w", st.column, err)) }
	ec := p.context(func(row int, err error) {
		if have.IsNull(row) {
			failed(row, err)
		}
	})
	if err := st.eval.Eval(ec, &p.work, result); err != nil {
		return err
	}
	want := p.types[st.dest]
	if result.Type.MultiValue != want.MultiValue {
		conform(result, &p.scratch[1], want.MultiValue, func(row int, err error) {
			if have.IsNull(row) {
				failed(row, err)
			}
		})
		result = &p.scratch[1]
	}
	if st.cast != nil {
		in := vec.Batch{Rows: p.work.Rows, Cols: []*vec.Vector{result}}
		if want.MultiValue {
			in = vec.Batch{Rows: result.Elems.Len, Cols: []*vec.Vector{result.Elems}}
			ec = p.context(func(element int, err error) { failed(rowOfElement(result, element), err) })
		}
		cast := &p.scratch[2]
		if err := st.cast.Eval(ec, &in, cast); err != nil {
			return err
		}
		if want.MultiValue {
			result.Elems, result.Type = cast, want
		} else {
			result = cast
		}
	}
	result.Type = want
	trim(result, st.maxLength)
	p.install(st.dest, have, result)
	return nil
}

func rowOfElement(v *vec.Vector, element int) int {
	for row := range v.Len {
		if int(v.Offsets[row+1]) > element {
			return row
		}
	}
	return 0
}

// install puts a result in the working batch, keeping the values that the records had.
func (p *Pipeline) install(dest int, have, result *vec.Vector) {
	out := &p.owned[dest]
	if have.Nulls == nil || have.Nulls.Count() < have.Len {
		p.scratch[3].Reset(result.Type, 0)
		mixed := &p.scratch[3]
		mix(mixed, have, result)
		result = mixed
	}
	result.Gather(nil, out) // the result never aliases its own column: a transform may not read it
	p.work.Cols[dest] = out
}
