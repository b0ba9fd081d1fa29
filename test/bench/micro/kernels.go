package micro

import (
	"math"

	"github.com/freshetdb/freshet/query/kernel"
)

// full sets the bitmap of a block: a filter kernel narrows it.
func (s *Set) full() []uint64 {
	for i := range s.out {
		s.out[i] = math.MaxUint64
	}
	return s.out
}

func plain(name string, memory, cache float64, run func(lo, hi int)) Kernel {
	return Kernel{Name: name, Memory: memory, Cache: cache, run: func(lo, hi int) error { run(lo, hi); return nil }}
}

// filters narrow the bitmap of a block.
func (s *Set) filters() []Kernel {
	var members [256]uint8
	set := make([]uint64, (1<<16)/64)
	for i := range members {
		members[i] = uint8(i % 3 & 1)
	}
	for i := range set {
		set[i] = 0x1111111111111111
	}
	return []Kernel{
		plain("filter u8 =", 0.022, 0.011, func(lo, hi int) { kernel.ByteEq(s.u8[lo:hi], 7, false, s.full()) }),
		plain("filter u8 range", 0, 0, func(lo, hi int) { kernel.CodeRange(s.u8[lo:hi], 7, 20, false, s.full()) }),
		plain("filter u8 in set", 0, 0, func(lo, hi int) { kernel.ByteSet(s.u8[lo:hi], &members, s.full()) }),
		plain("filter u16 range", 0.054, 0, func(lo, hi int) { kernel.CodeRange(s.u16[lo:hi], 7, 200, false, s.full()) }),
		plain("filter u16 in set", 0, 0, func(lo, hi int) { kernel.CodeSet(s.u16[lo:hi], set, s.full()) }),
		plain("filter u32 range", 0.119, 0, func(lo, hi int) { kernel.CodeRange(s.u32[lo:hi], 21_600_000, 43_200_000, false, s.full()) }),
		plain("filter i64 range", 0, 0, func(lo, hi int) { kernel.IntRange(s.i64[lo:hi], 7, 20_000, false, s.full()) }),
		plain("filter f64 range", 0, 0, func(lo, hi int) { kernel.FloatRange(s.f64[lo:hi], 100, 1e9, false, s.full()) }),
	}
}

// numbers are the kernels over numbers and selections.
func (s *Set) numbers() []Kernel {
	m := kernel.Splitter(500)
	all := []Kernel{
		plain("sum f64, exact", 0.23, 0.036, func(lo, hi int) { kernel.SumSplit(s.f64[lo:hi], m) }),
		plain("sum, min, max f64", 0.25, 0, func(lo, hi int) { kernel.SumSplit(s.f64[lo:hi], m); kernel.DoubleRange(s.f64[lo:hi]) }),
		plain("min, max i64", 0, 0, func(lo, hi int) { kernel.LongRange(s.i64[lo:hi]) }),
		plain("unscale u32 and sum", 0.50, 0, func(lo, hi int) {
			kernel.Unscale(s.u32[lo:hi], 5, 100, s.doubles)
			kernel.SumSplit(s.doubles, kernel.Splitter(1e6))
		}),
		plain("sum u32", 0.31, 0, func(lo, hi int) { kernel.SumCodes(s.u32[lo:hi]) }),
	}
	for _, d := range densities() {
		words := s.words[d.name]
		all = append(all, plain("select at "+d.name, d.prototype, 0, func(lo, hi int) { kernel.Select(words[lo/64:hi/64], s.sel) }))
	}
	return all
}

// codes are the kernels that turn codes into group numbers.
func (s *Set) codes() []Kernel {
	table := make([]uint32, 1<<16)
	for i := range table {
		table[i] = uint32(len(table) - i)
	}
	return []Kernel{
		plain("group number of u8", 0, 0, func(lo, hi int) { kernel.WidenAdd(s.u8[lo:hi], 12, s.ids) }),
		plain("group number of u16", 0, 0, func(lo, hi int) { kernel.WidenAdd(s.u16[lo:hi], 12, s.ids) }),
		plain("u16 through a table", 0.21, 0, func(lo, hi int) { kernel.Lookup(table, s.u16[lo:hi], s.ids) }),
	}
}
