package exec

import (
	"math/bits"

	"github.com/freshetdb/freshet/catalog"
)

// combinations numbers the values of each of several keys, and finds the group of a combination by those numbers: what an
// earlier segment had costs a look into an array and no text. Not safe for concurrent use.
type combinations struct {
	values []*groupTable // of each key
	ids    [][]uint32    // per key: code in the current segment -> number + 1, 0 where it is not known yet
	widths []uint        // bits of the numbers + 1 of each key
	groups []uint32      // of packed numbers, + 1; nil where they are too wide
}

// maxCombinationBits bounds the array of groups, 4 bytes each.
const maxCombinationBits = 20

func newCombinations(types []catalog.Type) *combinations {
	c := &combinations{ids: make([][]uint32, len(types)), widths: make([]uint, len(types))}
	for _, t := range types {
		c.values = append(c.values, newGroupTable([]catalog.Type{t}, 0))
	}
	return c
}

// enter begins a segment.
func (c *combinations) enter(keys *codedKeys) {
	for j := range keys.coders {
		card := keys.coders[j].card
		c.ids[j] = append(c.ids[j][:0], make([]uint32, card)...)
		c.widen(j, uint(bits.Len(uint(card))))
	}
}

// widen makes room for numbers of that many bits.
func (c *combinations) widen(j int, width uint) {
	if width <= c.widths[j] {
		return
	}
	c.widths[j] = width
	total := uint(0)
	for _, w := range c.widths {
		total += w
	}
	if c.groups = nil; total <= maxCombinationBits {
		c.groups = make([]uint32, 1<<total)
	}
}

// find gives the group of a code of the current segment in t.
func (c *combinations) find(t *groupTable, keys *codedKeys, code uint32) uint32 {
	if c.groups == nil {
		return t.find(keys.read(code))
	}
	at := uint32(0)
	for j := range keys.coders {
		kc := &keys.coders[j]
		part := code / kc.stride % uint32(kc.card)
		id := c.ids[j][part]
		if id == 0 {
			id = c.values[j].find([]keyValue{kc.value(part)}) + 1
			c.ids[j][part] = id
			if w := uint(bits.Len32(id)); w > c.widths[j] {
				c.widen(j, w)
				return c.find(t, keys, code)
			}
		}
		at = at<<c.widths[j] | id
	}
	if c.groups[at] == 0 {
		c.groups[at] = t.find(keys.read(code)) + 1
	}
	return c.groups[at] - 1
}

// bytes is the memory held.
func (c *combinations) bytes() int64 {
	n := int64(cap(c.groups)) * 4
	for j, t := range c.values {
		n += t.bytes() + int64(cap(c.ids[j]))*4
	}
	return n
}
