package build

import (
	"errors"
	"slices"

	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/internal/vec"
	"github.com/freshetdb/freshet/segment"
	"github.com/freshetdb/freshet/segment/encoding"
)

// loadCodes loads a string column of a single view that has a dictionary of just the column's values: the codes are the
// numbers then, and no string is looked at. It reports false, with nothing loaded, where the column is not so.
func (b *builder) loadCodes(s source, textLimit int) bool {
	d := &b.data
	if len(b.views) != 1 || d.textsFull || s.typ.MultiValue || d.typ.Kind.Physical() != catalog.PhysString {
		return false
	}
	column, ok := b.views[0].Column(s.name)
	if !ok || column.Type() != s.typ {
		return false
	}
	dict := column.Dict()
	if dict == nil || len(dict.Offsets) < dict.Len+1 {
		return false
	}
	if dict.Len > textLimit || !b.codesOf(column, dict) {
		d.reset(s, textLimit)
		return false
	}
	d.texts = encoding.TextsOf(dict)
	return true
}

// codesOf fills d with the codes of a column, and reports whether every one of the dictionary occurs.
func (b *builder) codesOf(column segment.Column, dict *vec.Dict) bool {
	d := &b.data
	var block vec.Vector
	used := make([]bool, dict.Len)
	for i := range segment.Blocks(b.rows) {
		if column.Block(i, &block) != nil || block.Form != vec.FormDict || block.Dict != dict || block.Len != min(vec.BlockRows, b.rows-d.slots) {
			return false // whoever reads it value by value finds out why
		}
		from := d.slots
		d.slots += block.Len
		if block.U32 != nil && !block.HasNulls() {
			d.ids = append(d.ids, block.U32[:block.Len]...)
			for _, code := range d.ids[from:] {
				used[code] = true
			}
		} else {
			d.addCodes(&block, from, used)
		}
		if b.yield() != nil {
			return false
		}
	}
	return !slices.Contains(used, false)
}

// addCodes appends the codes of a block of any width, and marks them.
func (d *columnData) addCodes(block *vec.Vector, from int, used []bool) {
	for row := range block.Len {
		if block.IsNull(row) {
			d.nulls = setBit(d.nulls, from+row)
			d.nullCount++
			d.ids = append(d.ids, 0)
			continue
		}
		code := block.Code(row)
		d.ids = append(d.ids, code)
		used[code] = true
	}
}

// errManyTexts ends the reading of a column early.
var errManyTexts = errors.New("more distinct texts than a dictionary takes")

// countTexts gives up on the dictionary of a string column where most values differ, before any is kept: a column of unique
// ids or documents is not collected in vain.
func (b *builder) countTexts(s source, textLimit int) error {
	d := &b.data
	if d.texts == nil {
		return nil
	}
	few := encoding.NewDistinct(textLimit)
	err := b.eachText(s, func(text string, null bool) error {
		if null || few.AddText(text) {
			return nil
		}
		return errManyTexts
	})
	if errors.Is(err, errManyTexts) {
		d.tooManyTexts()
		return nil
	}
	return err
}
