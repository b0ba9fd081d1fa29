package transform

import (
	"fmt"

	"github.com/freshetdb/freshet/ingest/decode/json"
	"github.com/freshetdb/freshet/internal/vec"
)

// level is a collection to unnest: its elements are decoded by a decoder of their own.
type level struct {
	name   string // flattened
	within string // name within the parent
	parent int    // level of the collection that this one lies in, or recordLevel
	slot   int    // field of the parent's decoder that holds the collection's text

	decoder *json.Decoder
	element []int32 // row -> row of the decoder, -1 where the collection is empty or absent
	start   int     // the decoder's rows before the record at work
	spans   []span  // per row of the parent's decoder, from the parent's start on
}

// span is the elements of one collection: rows of the level's decoder.
type span struct {
	begin, count int
	read         bool
}

// unnest gives the rows of one record: one per combination of elements of its collections, the last collection's
// elements changing first. An empty or absent collection counts as one absent element.
func (p *Pipeline) unnest(row, index int) error {
	for l := range p.levels {
		p.levels[l].start = p.levels[l].decoder.Rows()
	}
	if err := p.expand(row); err != nil {
		for l := range p.levels {
			p.levels[l].decoder.Truncate(p.levels[l].start)
		}
		return err
	}
	width := len(p.levels)
	for ordinal := range len(p.combined) / width {
		p.row(index, ordinal, row)
		for l := range p.levels {
			p.levels[l].element = append(p.levels[l].element, p.combined[ordinal*width+l])
		}
	}
	return nil
}

// expand fills combined with the combinations of elements, an index per level each.
func (p *Pipeline) expand(row int) error {
	width := len(p.levels)
	p.combined = p.combined[:0]
	for range width {
		p.combined = append(p.combined, -1)
	}
	for l := range p.levels {
		p.levels[l].spans = p.levels[l].spans[:0]
		p.partial, p.combined = p.combined, p.partial[:0]
		for at := 0; at < len(p.partial); at += width {
			combination := p.partial[at : at+width]
			elements, err := p.elements(l, row, combination)
			if err != nil {
				return fmt.Errorf("fieldsToUnnest %q: %w", p.levels[l].name, err)
			}
			if rows := len(p.combined)/width + max(1, elements.count); rows > maxRowsPerRecord {
				return fmt.Errorf("the record unnests to more than %d rows", maxRowsPerRecord)
			}
			for e := range max(1, elements.count) {
				p.combined = append(p.combined, combination...)
				if elements.count > 0 {
					p.combined[len(p.combined)-width+l] = int32(elements.begin + e)
				}
			}
		}
	}
	return nil
}

// elements decodes a level's collection for one combination of the levels before it, once per parent.
func (p *Pipeline) elements(l, row int, combination []int32) (span, error) {
	level := &p.levels[l]
	decoder, at, first := p.record, row, row
	if level.parent != recordLevel {
		parent := &p.levels[level.parent]
		decoder, at, first = parent.decoder, int(combination[level.parent]), parent.start
		if at < 0 {
			return span{}, nil
		}
	}
	for len(level.spans) <= at-first {
		level.spans = append(level.spans, span{})
	}
	s := &level.spans[at-first]
	if s.read {
		return *s, nil
	}
	s.read, s.begin = true, level.decoder.Rows()
	text, ok := decoder.Text(level.slot, at)
	if !ok {
		return *s, nil
	}
	err := json.Elements(text, func(element []byte) error {
		if level.decoder.Rows()-level.start >= maxRowsPerRecord {
			return fmt.Errorf("the record has more than %d elements", maxRowsPerRecord)
		}
		return level.decoder.Decode(element)
	})
	s.count = level.decoder.Rows() - s.begin
	return *s, err
}

// gatherElements gives, per row, an element's value, NULL where there is none.
func (p *Pipeline) gatherElements(from *vec.Vector, rows []int32, out *vec.Vector) {
	if from.Len == 0 {
		nullColumn(out, from.Type, len(rows))
		return
	}
	p.sel = p.sel[:0]
	for _, r := range rows {
		p.sel = append(p.sel, uint16(max(r, 0)))
	}
	from.Gather(p.sel, out)
	for i, r := range rows {
		if r >= 0 {
			continue
		}
		out.SetNull(i)
		if out.Bits != nil {
			out.Bits.Clear(i)
		}
	}
}
