package mutable

import (
	"math"

	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/internal/vec"
	"github.com/freshetdb/freshet/query/kernel"
	"github.com/freshetdb/freshet/segment"
	"github.com/freshetdb/freshet/segment/encoding"
)

// bounds are the smallest and largest of some values that are not NULL.
type bounds struct {
	some       bool // there is a value
	nan        bool // one is NaN: then there is no range
	minI, maxI int64
	minF, maxF float64
}

// merge widens b by o.
func (b *bounds) merge(o bounds) {
	switch {
	case !o.some:
	case !b.some:
		*b = o
	default:
		b.nan = b.nan || o.nan
		b.minI, b.maxI = min(b.minI, o.minI), max(b.maxI, o.maxI)
		b.minF, b.maxF = min(b.minF, o.minF), max(b.maxF, o.maxF)
	}
}

// measure looks at the first rows rows of a block. Writer or reader: it touches only these rows.
func (c *column) measure(ch *chunk, within, rows int) blockMeta {
	lo := within * vec.BlockRows
	r := ch.values.Load()
	m := blockMeta{nulls: countOnes(r.nulls, lo, lo+rows)}
	if c.typ.MultiValue {
		elements := int(ch.blockOffsets(within)[rows])
		if elements > 0 && ch.layout == layoutCode {
			m.codes = codesUsed(ch.elems[within].Load(), 0, elements)
		}
		return m
	}
	switch ch.layout {
	case layoutI32:
		m.bounds = intBounds(r.i32[lo:lo+rows], r.nulls, lo, m.nulls)
	case layoutI64:
		m.bounds = intBounds(r.i64[lo:lo+rows], r.nulls, lo, m.nulls)
	case layoutBool:
		m.bounds = intBounds(r.bools[lo:lo+rows], r.nulls, lo, m.nulls)
	case layoutF32:
		m.bounds = floatBounds(r.f32[lo:lo+rows], r.nulls, lo, m.nulls)
	case layoutF64:
		m.bounds = floatBounds(r.f64[lo:lo+rows], r.nulls, lo, m.nulls)
	case layoutCode:
		m.codes = codesUsed(r, lo, lo+rows)
	}
	return m
}

// codesUsed is the largest code of a value that is not NULL, plus one: codes are given in order of appearance, so all
// smaller ones are in use too.
func codesUsed(r *run, lo, hi int) int {
	if countOnes(r.nulls, lo, hi) == hi-lo {
		return 0 // the codes of NULLs are 0
	}
	_, largest := kernel.CodeExtremes(r.codes[lo:hi])
	return int(largest) + 1
}

func countOnes(bytes []uint8, lo, hi int) int {
	if bytes == nil {
		return 0
	}
	n := 0
	for _, x := range bytes[lo:hi] {
		n += int(x)
	}
	return n
}

func intBounds[T int32 | int64 | uint8](values []T, nulls []uint8, lo, nullCount int) bounds {
	if nullCount == len(values) {
		return bounds{}
	}
	var smallest, largest T
	if longs, ok := any(values).([]int64); ok && nullCount == 0 {
		low, high := kernel.LongRange(longs)
		return bounds{some: true, minI: low, maxI: high}
	}
	if nullCount == 0 {
		smallest, largest = values[0], values[0]
		for _, x := range values {
			smallest, largest = min(smallest, x), max(largest, x)
		}
	} else {
		first := true
		for i, x := range values {
			if nulls[lo+i] != 0 {
				continue
			}
			if first {
				smallest, largest, first = x, x, false
			}
			smallest, largest = min(smallest, x), max(largest, x)
		}
	}
	return bounds{some: true, minI: int64(smallest), maxI: int64(largest)}
}

func floatBounds[T float32 | float64](values []T, nulls []uint8, lo, nullCount int) bounds {
	if nullCount == len(values) {
		return bounds{}
	}
	if doubles, ok := any(values).([]float64); ok && nullCount == 0 {
		low, high, nan := encoding.DoubleRange(doubles)
		return bounds{some: true, nan: nan, minF: low, maxF: high}
	}
	smallest, largest := T(math.Inf(1)), T(math.Inf(-1))
	nan := false
	for i, x := range values {
		if nullCount != 0 && nulls[lo+i] != 0 {
			continue
		}
		// Comparisons with NaN are false, so it reaches neither bound.
		if x < smallest {
			smallest = x
		}
		if x > largest {
			largest = x
		}
		nan = nan || x != x
	}
	return bounds{some: true, nan: nan, minF: float64(smallest), maxF: float64(largest)}
}

// zone gives a full block's statistics in the contract's form.
func (m *blockMeta) zone(c *column) segment.Zone {
	z := segment.Zone{NullCount: m.nulls, AllNull: m.nulls == vec.BlockRows}
	if z.AllNull {
		z.Known = true
		return z
	}
	if !m.bounds.some || m.bounds.nan {
		return segment.Zone{NullCount: m.nulls}
	}
	z.Known = true
	switch c.typ.Kind.Physical() {
	case catalog.PhysFloat32, catalog.PhysFloat64:
		z.MinF64, z.MaxF64 = m.bounds.minF, m.bounds.maxF
	default:
		z.MinI64, z.MaxI64 = m.bounds.minI, m.bounds.maxI
	}
	return z
}

// value gives a bound as a value of the column's type.
func (c *column) value(i int64, f float64) vec.Value { return vec.Value{Type: c.typ, I64: i, F64: f} }
