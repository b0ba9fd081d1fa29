package build

import (
	"math"
	"runtime"
	"slices"

	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/internal/vec"
	"github.com/freshetdb/freshet/query/kernel"
	"github.com/freshetdb/freshet/segment/encoding"
)

// eachBlock calls f with the bounds of each block of slots, and lets other goroutines run after each: a partition's
// consumer may wait for a processor that the build has. It ends early where f says false, and gives what f said last.
func (d *columnData) eachBlock(f func(lo, hi int) bool) bool {
	for lo := 0; lo < d.slots; lo += vec.BlockRows {
		ok := f(lo, min(lo+vec.BlockRows, d.slots))
		runtime.Gosched()
		if !ok {
			return false
		}
	}
	return true
}

// measureInts finds the range of each block of an integer column, in d.ranges, and that of all values.
func (d *columnData) measureInts() (minimum, maximum int64) {
	minimum, maximum = math.MaxInt64, math.MinInt64
	d.ranges = d.ranges[:0]
	d.eachBlock(func(lo, hi int) bool {
		z := d.intZone(lo, hi)
		minimum, maximum = min(minimum, z.Min), max(maximum, z.Max)
		d.ranges = append(d.ranges, z)
		return true
	})
	return minimum, maximum
}

// intZone gives the range of slots that are not NULL, an empty one if there are none.
func (d *columnData) intZone(lo, hi int) encoding.Zone {
	z := encoding.Zone{Known: true}
	if d.nullCount == 0 {
		z.Min, z.Max = kernel.LongRange(d.i64[lo:hi])
		return z
	}
	z.Min, z.Max = math.MaxInt64, math.MinInt64
	for i := lo; i < hi; i++ {
		if !d.isNull(i) {
			z.Min, z.Max = min(z.Min, d.i64[i]), max(z.Max, d.i64[i])
		}
	}
	return z
}

// measureFloats finds the range of each block of a float column, in d.ranges, and that of all values.
func (d *columnData) measureFloats() encoding.Zone {
	d.ranges = d.ranges[:0]
	all := encoding.Zone{Float: true}
	low, high := math.Inf(1), math.Inf(-1)
	unknown := false
	d.eachBlock(func(lo, hi int) bool {
		z, seen := d.floatZone(lo, hi)
		d.ranges = append(d.ranges, z)
		unknown = unknown || seen && !z.Known
		if z.Known {
			all.Known = true
			least, most := z.Floats()
			low, high = min(low, least), max(high, most)
		}
		return true
	})
	if unknown || !all.Known {
		return encoding.Zone{}
	}
	all.Min, all.Max = int64(math.Float64bits(low)), int64(math.Float64bits(high))
	return all
}

// floatZone gives the range of slots that are not NULL, and whether there are any; a NaN makes it unknown.
func (d *columnData) floatZone(lo, hi int) (z encoding.Zone, seen bool) {
	var low, high float64
	var nan bool
	if d.typ.Kind.Physical() == catalog.PhysFloat32 {
		low, high, seen, nan = floatRange(d, d.f32[lo:hi], lo)
	} else {
		low, high, seen, nan = floatRange(d, d.f64[lo:hi], lo)
	}
	if nan || !seen {
		return encoding.Zone{}, seen
	}
	return encoding.Zone{Known: true, Float: true, Min: int64(math.Float64bits(low)), Max: int64(math.Float64bits(high))}, true
}

// floatRange measures values, which are the slots from lo on.
func floatRange[T float32 | float64](d *columnData, values []T, lo int) (low, high float64, seen, nan bool) {
	if doubles, ok := any(values).([]float64); ok && d.nullCount == 0 {
		low, high, nan = encoding.DoubleRange(doubles)
		return low, high, len(doubles) > 0, nan
	}
	least, most := T(math.Inf(1)), T(math.Inf(-1))
	for i, x := range values {
		if d.nullCount > 0 && d.isNull(lo+i) {
			continue
		}
		seen = true
		// Comparisons with NaN are false, so it reaches neither bound.
		if x < least {
			least = x
		}
		if x > most {
			most = x
		}
		nan = nan || x != x
	}
	return float64(least) + 0, float64(most) + 0, seen, nan // zero has no sign
}

// floats gives the values lo..hi-1 that are not NULL, in d.compact where there are NULLs between them.
func (d *columnData) floats(lo, hi int) encoding.Floats {
	single := d.typ.Kind.Physical() == catalog.PhysFloat32
	switch {
	case d.nullCount == 0 && single:
		return encoding.Floats{F32: d.f32[lo:hi]}
	case d.nullCount == 0:
		return encoding.Floats{F64: d.f64[lo:hi]}
	}
	d.compact.F32, d.compact.F64 = d.compact.F32[:0], d.compact.F64[:0]
	for i := lo; i < hi; i++ {
		switch {
		case d.isNull(i):
		case single:
			d.compact.F32 = append(d.compact.F32, d.f32[i])
		default:
			d.compact.F64 = append(d.compact.F64, d.f64[i])
		}
	}
	if single {
		return encoding.Floats{F32: d.compact.F32}
	}
	return encoding.Floats{F64: d.compact.F64}
}

// scales finds the decimal places of the floats that are not NULL; false where one of them is no scaled integer.
func (d *columnData) scales() (s encoding.Scales, ok bool) {
	again := 0 // slots before it were measured at fewer places
	ok = d.eachBlock(func(lo, hi int) bool {
		raised, ok := s.Add(d.floats(lo, hi))
		if raised {
			again = hi
		}
		return ok
	})
	return s, ok && d.eachBlock(func(lo, hi int) bool { return lo >= again || s.Measure(d.floats(lo, hi)) })
}

// countInts numbers the distinct integers; none where there are too many for a dictionary.
func (d *columnData) countInts(limit int) (distinct int, sorted []uint64, rank []uint32, err error) {
	return d.count(limit, false, func(dst []uint64, lo, hi int) []uint64 {
		for _, x := range d.i64[lo:hi] {
			dst = append(dst, uint64(x))
		}
		return dst
	})
}

// countFloats numbers the distinct floats; none where there are too many, or one has no place in a sorted dictionary.
func (d *columnData) countFloats(limit int) (distinct int, sorted []uint64, rank []uint32, err error) {
	if !d.eachBlock(func(lo, hi int) bool {
		for i := lo; i < hi; i++ {
			if x := d.float(i); x != x || x == 0 && math.Signbit(x) {
				return false
			}
		}
		return true
	}) {
		return 0, nil, nil, nil
	}
	return d.count(limit, true, func(dst []uint64, lo, hi int) []uint64 {
		for i := lo; i < hi; i++ {
			dst = append(dst, math.Float64bits(d.float(i)))
		}
		return dst
	})
}

// count numbers distinct values into d.ids; bits appends the patterns of slots. That there are too many is found out
// before any is numbered, where it can be.
func (d *columnData) count(limit int, float bool, bits func(dst []uint64, lo, hi int) []uint64) (distinct int, sorted []uint64, rank []uint32, err error) {
	patterns := make([]uint64, 0, min(vec.BlockRows, d.slots))
	few := encoding.NewDistinct(limit)
	if !d.eachBlock(func(lo, hi int) bool {
		patterns = bits(patterns[:0], lo, hi)
		for i, x := range patterns {
			if (d.nullCount == 0 || !d.isNull(lo+i)) && !few.AddNumber(x) {
				return false
			}
		}
		return true
	}) {
		return 0, nil, nil, nil
	}
	d.ids = d.ids[:0]
	if err := d.reserveIDs(d.slots); err != nil {
		return 0, nil, nil, err
	}
	set := encoding.NewNumbers(limit)
	if !d.eachBlock(func(lo, hi int) bool {
		patterns = bits(patterns[:0], lo, hi)
		for i, x := range patterns {
			id, ok := uint32(0), true
			if d.nullCount == 0 || !d.isNull(lo+i) {
				id, ok = set.Add(x)
			}
			if !ok {
				return false
			}
			d.ids = append(d.ids, id)
		}
		return true
	}) {
		return 0, nil, nil, nil
	}
	sorted, rank = encoding.SortNumbers(set, float)
	return len(sorted), sorted, rank, nil
}

// float gives slot i of a float column.
func (d *columnData) float(i int) float64 {
	if d.typ.Kind.Physical() == catalog.PhysFloat32 {
		return float64(d.f32[i])
	}
	return d.f64[i]
}

// rankIDs replaces the numbers of values by their ids; NULLs have id 0.
func (d *columnData) rankIDs(rank []uint32) {
	d.eachBlock(func(lo, hi int) bool {
		for i, n := range d.ids[lo:hi] {
			d.ids[lo+i] = rank[n]
		}
		for i := lo; d.nullCount > 0 && i < hi; i++ {
			if d.isNull(i) {
				d.ids[i] = 0
			}
		}
		return true
	})
}

// ascends reports whether a column has no NULLs and every value but the first is ordered after the one before it.
func (d *columnData) ascends() bool {
	if d.nullCount > 0 {
		return false
	}
	switch {
	case d.typ.Kind.Physical() == catalog.PhysString:
		return ascending(d, d.ids)
	case len(d.i64) > 0:
		return ascending(d, d.i64)
	case len(d.f32) > 0:
		return ascending(d, d.f32)
	case len(d.f64) > 0:
		return ascending(d, d.f64)
	}
	return d.eachBlock(func(lo, hi int) bool {
		for i := max(lo, 1); i < hi; i++ {
			if d.bits.Get(i-1) && !d.bits.Get(i) {
				return false
			}
		}
		return true
	})
}

func ascending[T int64 | uint32 | float32 | float64](d *columnData, values []T) bool {
	return d.eachBlock(func(lo, hi int) bool { return slices.IsSorted(values[max(lo-1, 0):hi]) })
}
