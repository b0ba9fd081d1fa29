package agg

import (
	"math"

	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/internal/vec"
)

// codedPercentiles is the number of groups up to which values are counted by their codes: the counts of all of them stay in
// the second-level cache.
const codedPercentiles = 64

// codedCounts counts short codes of decimals by the bucket that their value has in a logHistogram, found in a table. The
// counts go to the histograms when codes get another meaning, and before these are read. Per row it costs a look into the
// table and an addition, where decoding, the bucket and its bounds took three times as long.
type codedCounts struct {
	base    int64
	power   float64
	first   int      // bucket of slot 1
	slots   []uint16 // slot of each code; 0: not positive
	rows    int      // counted since the table was made
	useless bool     // codes change their meaning too often
	groups  []codedGroup
}

// codedGroup is the codes of one group.
type codedGroup struct {
	lo, hi uint32   // least and greatest positive; lo > hi where there is none
	counts []uint32 // by slot
}

// countsCodes makes the table fit codes like those of v; false where values are not counted by code.
func (a *percentileEst) countsCodes(v *vec.Vector) bool {
	c, groups := &a.coded, len(a.state)
	if v.Form != vec.FormScaled || v.Type.Kind != catalog.KindDouble || v.U8 == nil && v.U16 == nil || groups > codedPercentiles || c.useless {
		return false
	}
	codes := math.MaxUint16 + 1
	if v.U8 != nil {
		codes = math.MaxUint8 + 1
	}
	if len(c.slots) < codes || c.base != v.Base || c.power != v.Power {
		if c.rows < len(c.slots) {
			c.useless = true
			return false
		}
		a.flush()
		c.table(v, codes)
	}
	for len(c.groups) < max(groups, 1) {
		c.groups = append(c.groups, codedGroup{lo: math.MaxUint32})
	}
	return true
}

// table finds the slot of every code. The values of short codes lie in some twenty powers of two at most.
func (c *codedCounts) table(v *vec.Vector, codes int) {
	c.base, c.power, c.rows, c.first = v.Base, v.Power, 0, 0
	c.slots = append(c.slots[:0], make([]uint16, codes)...)
	for code := range c.slots {
		x := v.ScaledValue(uint32(code))
		if !(x >= 0x1p-1022) {
			continue
		}
		bucket := logBucket(x)
		if c.first == 0 {
			c.first = bucket
		}
		c.slots[code] = uint16(bucket - c.first + 1)
	}
	c.groups = c.groups[:0]
}

// addCoded counts codes; what is not positive goes to the histogram at once.
func addCoded[C uint8 | uint16](a *percentileEst, codes []C, groups []uint32, v *vec.Vector) {
	c := &a.coded
	c.rows += len(codes)
	table := c.slots
	g := &c.groups[0]
	for i, code := range codes {
		if groups != nil {
			g = &c.groups[groups[i]]
		}
		slot := table[code]
		if x := uint32(code); x < g.lo || x > g.hi || int(slot) >= len(g.counts) {
			if slot == 0 {
				a.of(target0(groups, i)).add(v.ScaledValue(x))
				continue
			}
			c.widen(g, x)
		}
		g.counts[slot]++
	}
}

// widen makes room in a group for a positive code.
func (c *codedCounts) widen(g *codedGroup, code uint32) {
	if g.counts == nil {
		g.counts = make([]uint32, int(c.slots[len(c.slots)-1])+1) // slots rise with codes
	}
	g.lo, g.hi = min(g.lo, code), max(g.hi, code)
}

// flush moves the counts to the histograms.
func (a *percentileEst) flush() {
	c := &a.coded
	for i := range c.groups {
		g := &c.groups[i]
		if g.lo > g.hi {
			continue
		}
		h := a.of(i)
		least, most := c.value(g.lo), c.value(g.hi)
		if h.empty() {
			h.min, h.max = least, most
		} else {
			h.min, h.max = min(h.min, least), max(h.max, most)
		}
		for slot, n := range g.counts {
			if n > 0 {
				h.pos.add(c.first+slot-1, int64(n))
				g.counts[slot] = 0
			}
		}
	}
}

func (c *codedCounts) value(code uint32) float64 {
	v := vec.Vector{Type: catalog.Double, Base: c.base, Power: c.power}
	return v.ScaledValue(code)
}

// bytes estimates the memory held.
func (c *codedCounts) bytes() int {
	total := 2 * cap(c.slots)
	for i := range c.groups {
		total += 40 + 4*cap(c.groups[i].counts)
	}
	return total
}
