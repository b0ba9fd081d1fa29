package agg

import (
	"math"
	"math/bits"

	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/internal/vec"
	"github.com/freshetdb/freshet/query/kernel"
)

// codedPercentiles is the number of groups up to which values are counted by their codes: the counts of all of them stay in
// the second-level cache.
const codedPercentiles = 64

// codedCounts counts short codes of decimals by the bucket that their value has in a logHistogram, found in a table. The
// counts go to the histograms when codes get another meaning, and before these are read. Per row it costs a look into the
// table and an addition; only rows whose code may be a group's new extreme, or is of no positive value, are looked at besides.
type codedCounts struct {
	base    int64
	power   float64
	first   int          // bucket of slot 1
	slots   kernel.Slots // slot of each code; 0: not positive
	rows    int          // counted since the table was made
	useless bool         // codes change their meaning too often
	groups  []codedRange
	counts  []uint32 // by group and slot; those of slot 0 mean nothing
	outside vec.Bitmap
}

// codedRange is the least and greatest code of a group that is of a positive value; lo > hi where there is none.
type codedRange struct{ lo, hi uint32 }

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
	if len(c.slots.Of) < codes || c.base != v.Base || c.power != v.Power {
		if c.rows < len(c.slots.Of) {
			c.useless = true
			return false
		}
		a.flush()
		c.table(v, codes)
	}
	for len(c.groups) < max(groups, 1) {
		c.groups = append(c.groups, codedRange{lo: math.MaxUint32})
	}
	c.counts = resize(c.counts, len(c.groups)*c.slots.Count)
	return true
}

// table finds the slot of every code. The values of short codes lie in some twenty powers of two at most.
func (c *codedCounts) table(v *vec.Vector, codes int) {
	c.base, c.power, c.rows, c.first = v.Base, v.Power, 0, 0
	of := make([]uint16, codes)
	for code := range of {
		x := v.ScaledValue(uint32(code))
		if !(x >= 0x1p-1022) {
			continue
		}
		bucket := logBucket(x)
		if c.first == 0 {
			c.first = bucket
		}
		of[code] = uint16(bucket - c.first + 1)
	}
	c.slots = kernel.SlotsOf(of)
	c.groups, c.counts = c.groups[:0], nil
}

// addCoded counts codes; what is not positive goes to the histogram at once.
func addCoded[C uint8 | uint16](a *percentileEst, codes []C, groups []uint32, v *vec.Vector) {
	c := &a.coded
	c.rows += len(codes)
	outside := c.all(len(codes))
	if lo, hi := c.common(); lo <= hi {
		kernel.CodeRange(codes, lo, hi, true, outside)
	}
	for w, m := range outside {
		for ; m != 0; m &= m - 1 {
			i := w<<6 + bits.TrailingZeros64(m)
			g, code := target0(groups, i), uint32(codes[i])
			if c.slots.Of[code] == 0 {
				a.of(g).add(v.ScaledValue(code))
				continue
			}
			r := &c.groups[g]
			r.lo, r.hi = min(r.lo, code), max(r.hi, code)
		}
	}
	kernel.CountSlots(c.counts, groups, codes, c.slots)
}

// all gives a bitmap of n rows, all set.
func (c *codedCounts) all(n int) vec.Bitmap {
	if words := vec.Words(n); cap(c.outside) < words {
		c.outside = make(vec.Bitmap, words)
	}
	c.outside = c.outside[:vec.Words(n)]
	c.outside.SetAll(n)
	return c.outside
}

// common gives the codes that are within the ranges of all groups; lo > hi where there are none.
func (c *codedCounts) common() (lo, hi uint32) {
	hi = math.MaxUint32
	for _, r := range c.groups {
		lo, hi = max(lo, r.lo), min(hi, r.hi)
	}
	return lo, hi
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
		for slot, n := range c.counts[i*c.slots.Count:][:c.slots.Count] {
			if n > 0 && slot > 0 {
				h.pos.add(c.first+slot-1, int64(n))
			}
		}
	}
	clear(c.counts)
}

func (c *codedCounts) value(code uint32) float64 {
	v := vec.Vector{Type: catalog.Double, Base: c.base, Power: c.power}
	return v.ScaledValue(code)
}

// bytes estimates the memory held.
func (c *codedCounts) bytes() int {
	return 2*cap(c.slots.Of) + 4*cap(c.counts) + 8*(cap(c.groups)+cap(c.outside))
}
