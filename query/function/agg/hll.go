package agg

import (
	"math"
	"math/bits"

	"github.com/zeebo/xxh3"

	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/internal/vec"
	"github.com/freshetdb/freshet/query/function"
)

// Limits and default of HyperLogLog's log2m: 2^log2m registers of a byte per group.
const (
	hllDefaultLog2m = 12
	hllMinLog2m     = 4
	hllMaxLog2m     = 18
	// hllCachedIDs is the largest dictionary whose hashes are computed once instead of per row.
	hllCachedIDs = 1 << 16
)

// hll estimates the number of distinct values.
type hll struct {
	typ    catalog.Type
	log2m  uint
	state  [][]uint8
	rows   rowSet
	ints   intInput
	flts   floatInput
	hashes []uint64
	dict   *vec.Dict
	cached []uint64
}

// Resize implements function.Accumulator.
func (a *hll) Resize(n int) { a.state = resize(a.state, n) }

// Add implements function.Accumulator.
func (a *hll) Add(groups []uint32, args []*vec.Vector, n int, sel vec.Bitmap) error {
	a.rows.choose(args, n, sel)
	if a.rows.none {
		return nil
	}
	a.hash(args[0], n)
	a.rows.each(n, func(i int) { a.observe(target0(groups, i), a.hashes[i]) })
	return nil
}

func (a *hll) observe(group int, h uint64) {
	r := a.state[group]
	if r == nil {
		r = make([]uint8, 1<<a.log2m)
		a.state[group] = r
	}
	at := h >> (64 - a.log2m)
	// The guard bit bounds the rank where all other bits are zero.
	rank := uint8(bits.LeadingZeros64(h<<a.log2m|1<<(a.log2m-1)) + 1)
	if rank > r[at] {
		r[at] = rank
	}
}

// hash fills a.hashes for n rows; NULL rows get any value.
func (a *hll) hash(v *vec.Vector, n int) {
	if cap(a.hashes) < n {
		a.hashes = make([]uint64, n)
	}
	a.hashes = a.hashes[:n]
	if v.Form == vec.FormDict && v.Dict.Len <= hllCachedIDs {
		if a.dict != v.Dict {
			a.dict = v.Dict
			var values vec.Vector
			v.Dict.Values(&values)
			a.cached = make([]uint64, v.Dict.Len)
			a.hashFlat(&values, a.cached)
		}
		for i := range a.hashes {
			if c := v.Code(i); int(c) < len(a.cached) {
				a.hashes[i] = a.cached[c]
			}
		}
		return
	}
	a.hashFlat(v, a.hashes)
}

func (a *hll) hashFlat(v *vec.Vector, dst []uint64) {
	const salt = 0x9e3779b97f4a7c15 // so that 0 does not hash to 0
	switch v.Type.Kind.Physical() {
	case catalog.PhysString:
		for i := range dst {
			dst[i] = xxh3.HashString(v.StrAt(i))
		}
	case catalog.PhysFloat32, catalog.PhysFloat64:
		for i, x := range a.flts.read(v, len(dst)) {
			dst[i] = mix64(floatKey(x) + salt)
		}
	case catalog.PhysBits:
		for i := range dst {
			dst[i] = mix64(salt)
			if v.BoolAt(i) {
				dst[i] = mix64(salt + 1)
			}
		}
	default:
		for i, x := range a.ints.read(v, len(dst)) {
			dst[i] = mix64(uint64(x) + salt)
		}
	}
}

// Merge implements function.Accumulator.
func (a *hll) Merge(other function.Accumulator, groups []uint32) error {
	o, ok := other.(*hll)
	if !ok || o.log2m != a.log2m {
		return mergeError(a, other)
	}
	for i, from := range o.state {
		to := target(groups, i)
		switch {
		case from == nil:
		case a.state[to] == nil:
			a.state[to] = append([]uint8(nil), from...)
		default:
			for j, r := range from {
				a.state[to][j] = max(a.state[to][j], r)
			}
		}
	}
	return nil
}

// estimate is the harmonic mean of the registers, by linear counting while many are empty.
func (a *hll) estimate(registers []uint8) int64 {
	if registers == nil {
		return 0
	}
	m := float64(len(registers))
	sum, empty := 0.0, 0
	for _, r := range registers {
		sum += math.Ldexp(1, -int(r))
		if r == 0 {
			empty++
		}
	}
	alpha := 0.7213 / (1 + 1.079/m)
	switch len(registers) {
	case 16:
		alpha = 0.673
	case 32:
		alpha = 0.697
	case 64:
		alpha = 0.709
	}
	e := alpha * m * m / sum
	if e <= 2.5*m && empty > 0 {
		e = m * math.Log(m/float64(empty))
	}
	return int64(math.Round(e))
}

// Result implements function.Accumulator.
func (a *hll) Result(n int, out *vec.Vector) error {
	out.Reset(catalog.Long, n)
	for i := range n {
		out.I64[i] = a.estimate(a.state[i])
	}
	return nil
}

// Bytes implements function.Accumulator.
func (a *hll) Bytes() int {
	total := 24*cap(a.state) + 8*(cap(a.hashes)+cap(a.cached))
	for _, r := range a.state {
		total += len(r)
	}
	return total
}
