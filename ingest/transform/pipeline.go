// Package transform turns records into rows: it decodes, flattens and unnests, computes transforms and the filter with
// the query engine's own expressions, converts to the schema's types and fills in what is absent.
//
// A pipeline works in chunks of records. Per chunk there is a working batch: one column per schema column, source field
// that a transform reads, and transform result; the schema's columns come first. Rows that fail are taken out at the end.
// Once buffers have grown, a chunk of flat records allocates nothing per row.
package transform

import (
	"slices"

	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/ingest"
	"github.com/freshetdb/freshet/ingest/decode/json"
	"github.com/freshetdb/freshet/internal/jsonindex"
	"github.com/freshetdb/freshet/internal/vec"
	"github.com/freshetdb/freshet/query/expr"
)

// Limits of a chunk. Row positions within one are 16 bits wide; records that would pass a limit begin the next chunk.
const (
	chunkRecords     = 4096
	chunkRows        = 32_768
	chunkBytes       = 32 << 20
	maxRowsPerRecord = 16_384 // rows that one record may unnest to
)

// Pipeline is the compiled ingestion of one table. Not safe for concurrent use: one per partition loop.
type Pipeline struct {
	schema          *catalog.Schema
	continueOnError bool
	rowTimeCheck    bool
	time            timeColumn

	cols   []source
	types  []catalog.Type // of the working columns
	steps  []*step
	filter *expr.Evaluator
	record *json.Decoder
	levels []level

	// State of the chunk at work.
	recs     []ingest.Record
	values   [][]byte // of the records that may be decoded at once
	records  []int32  // row -> record
	ordinal  []int32  // row -> position within its record
	base     []uint16 // row -> row of the record's decoder
	partial  []int32  // combinations of elements, while a record is unnested
	combined []int32
	sel      []uint16
	failed   failures
	now      []int64
	work     vec.Batch
	owned    []vec.Vector // working columns that are not a decoder's
	filled   []vec.Vector // columns without NULLs that got their default
	indexed  []indexed    // columns of the record's decoder that transforms read as documents
	drop     vec.Vector
	scratch  vec.Vector

	rows ingest.Rows
	out  []vec.Vector // result columns where they are copies
}

// indexed is a column of documents and their structure.
type indexed struct {
	texts []string
	index *jsonindex.Index
}

// prepare makes the buffers that have one element per column.
func (p *Pipeline) prepare() {
	n := len(p.schema.Fields)
	p.out, p.filled = make([]vec.Vector, n), make([]vec.Vector, n)
	p.owned = make([]vec.Vector, len(p.cols))
	p.work.Cols = make([]*vec.Vector, len(p.cols))
	p.rows.Batch.Cols = make([]*vec.Vector, n)
	// To gather rows by nil means all of them.
	p.sel, p.base = make([]uint16, 0, chunkRecords), make([]uint16, 0, chunkRecords)
}

// Process gives the rows of recs. They and what they hold are valid until the next call, and no longer than recs.
func (p *Pipeline) Process(recs []ingest.Record) (*ingest.Rows, error) {
	cols := p.rows.Batch.Cols
	p.rows = ingest.Rows{Offsets: p.rows.Offsets[:0], Ordinals: p.rows.Ordinals[:0], Rejects: p.rows.Rejects[:0]}
	p.rows.Batch.Cols = cols
	at := 0
	for chunk := 0; chunk == 0 || at < len(recs); chunk++ {
		taken, err := p.chunk(recs[at:], at)
		if err != nil {
			return nil, err
		}
		at += taken
		p.emit(chunk == 0, at == len(recs))
	}
	slices.SortStableFunc(p.rows.Rejects, func(a, b ingest.Reject) int { return a.Record - b.Record })
	return &p.rows, nil
}

// chunk decodes and transforms records from the front of recs and tells how many. first is the index of recs[0].
func (p *Pipeline) chunk(recs []ingest.Record, first int) (taken int, err error) {
	p.recs = recs
	p.records, p.ordinal, p.base = p.records[:0], p.ordinal[:0], p.base[:0]
	p.record.Reset()
	for l := range p.levels {
		p.levels[l].element = p.levels[l].element[:0]
		p.levels[l].decoder.Reset()
	}
	for size := 0; taken < len(recs) && taken < chunkRecords && len(p.records) < chunkRows; taken++ {
		if taken += p.decodeRun(recs, taken, &size); taken == len(recs) || taken == chunkRecords {
			break
		}
		value := recs[taken].Value
		if size += len(value); taken > 0 && size > chunkBytes {
			break
		}
		if value == nil { // a tombstone is no row and no error
			p.rows.Tombstones++
			continue
		}
		if err := p.decode(value, taken); err != nil {
			p.rows.Rejects = append(p.rows.Rejects, ingest.Reject{Record: first + taken, Reason: err})
		}
	}
	p.failed.reset(len(p.records))
	p.takeLosses()
	if err := p.columns(); err != nil {
		return 0, err
	}
	if p.work.Rows > 0 {
		if err := p.transform(); err != nil {
			return 0, err
		}
		if err := p.finishTime(); err != nil {
			return 0, err
		}
		p.notNull()
	}
	p.reject(first)
	return taken, nil
}

// decodeRun reads as many records from index from on as the decoder takes at once, and gives their number. size is that of the
// chunk's records so far.
func (p *Pipeline) decodeRun(recs []ingest.Record, from int, size *int) int {
	if len(p.levels) > 0 {
		return 0
	}
	if from == 0 { // values has the chunk's records, up to the first one that may not be in it
		p.values = p.values[:0]
		total := 0
		for _, r := range recs[:min(len(recs), chunkRecords, chunkRows)] {
			if total += len(r.Value); total > chunkBytes {
				break
			}
			p.values = append(p.values, r.Value)
		}
	}
	base := p.record.Rows()
	n := p.record.DecodeRun(p.values[min(from, len(p.values)):])
	for i := range n {
		*size += len(p.values[from+i])
		p.row(from+i, 0, base+i)
	}
	return n
}

// decode reads one record and its collections into rows.
func (p *Pipeline) decode(value []byte, index int) error {
	if err := p.record.Decode(value); err != nil {
		return err
	}
	row := p.record.Rows() - 1
	if len(p.levels) == 0 {
		p.row(index, 0, row)
		return nil
	}
	return p.unnest(row, index)
}

func (p *Pipeline) row(index, ordinal, base int) {
	p.records = append(p.records, int32(index))
	p.ordinal = append(p.ordinal, int32(ordinal))
	p.base = append(p.base, uint16(base))
}

// takeLosses takes over the values that the decoders had to make NULL.
func (p *Pipeline) takeLosses() {
	at := 0
	for _, loss := range p.record.Losses() {
		for at < len(p.base) && int(p.base[at]) < loss.Row {
			at++
		}
		if at < len(p.base) && int(p.base[at]) == loss.Row {
			p.failed.lose(at, loss.Err)
		}
	}
	for l := range p.levels {
		level, at := &p.levels[l], 0
		for _, loss := range level.decoder.Losses() { // elements come first in the order in which they were decoded
			for at < len(level.element) && level.element[at] != int32(loss.Row) {
				at++
			}
			if at < len(level.element) {
				p.failed.lose(at, loss.Err)
			}
		}
	}
}

// columns makes the working batch from what the decoders and the envelopes hold.
func (p *Pipeline) columns() error {
	n := len(p.records)
	p.work.Rows = n
	p.now, p.indexed = p.now[:0], p.indexed[:0]
	for _, r := range p.records {
		p.now = append(p.now, p.recs[r].TimestampMs)
	}
	for i := range p.cols {
		c, v := &p.cols[i], &p.owned[i]
		switch {
		case c.cast != nil:
			c.pseudo.fill(&p.scratch, c.pseudo.base(p.types[i]), p.recs, p.records)
			if err := p.convert(i, c.cast); err != nil {
				return err
			}
		case c.pseudo.kind != pseudoNone:
			c.pseudo.fill(v, p.types[i], p.recs, p.records)
		case c.level != recordLevel:
			p.gatherElements(p.levels[c.level].decoder.Column(c.slot), p.levels[c.level].element, v)
		case len(p.levels) == 0:
			v = p.record.Column(c.slot)
			if index := p.record.Index(c.slot); index != nil {
				p.indexed = append(p.indexed, indexed{v.Str, index})
			}
		default:
			p.record.Column(c.slot).Gather(p.base, v)
		}
		p.work.Cols[i] = v
	}
	return nil
}

func nullColumn(v *vec.Vector, t catalog.Type, n int) {
	v.Reset(t, n)
	clear(v.Str)
	if t.MultiValue {
		clear(v.Offsets)
	}
	v.MutableNulls().SetAll(n)
}
