// Package micro measures the innermost loops in ns/row, over columns that lie in memory and over some that stay in the
// second-level cache, beside the figures of the prototype that the engine's layout was chosen by.
package micro

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"time"

	"github.com/freshetdb/freshet/query/kernel"
	"github.com/freshetdb/freshet/test/events"
)

const (
	blockRows = 8192
	// cacheRows of every column together stay in a cache of 1 MiB; they are passed over cachePasses times.
	cacheRows   = 4 * blockRows
	cachePasses = 64
)

// Kernel is one loop. Prototype figures are ns/row, 0 where there is none.
type Kernel struct {
	Name          string
	Memory, Cache float64      // the prototype's
	fresh         func() error // makes the state of a pass, before its time begins
	run           func(lo, hi int) error
	memoryOnly    bool
}

// Set is the kernels and the columns that they run over. Not safe for concurrent use.
type Set struct {
	Kernels []Kernel
	rows    int
	u8      []uint8  // 200 values
	u16     []uint16 // 5,000 values
	u32     []uint32 // offsets in a day
	i64     []int64  // 2 million users
	f64     []float64
	g7      []uint32 // groups: statuses, and those of u8, u16 and i64
	g200    []uint32
	g5000   []uint32
	words   map[string][]uint64 // bitmaps by density
	out     []uint64
	sel     []uint16
	doubles []float64
	ids     []uint32
}

// New makes columns of rows rows, at least those that fit the cache.
func New(rows int) (*Set, error) {
	rows = max(rows, cacheRows) &^ (blockRows - 1)
	s := &Set{rows: rows, u8: make([]uint8, rows), u16: make([]uint16, rows), u32: make([]uint32, rows), i64: make([]int64, rows),
		f64: make([]float64, rows), g7: make([]uint32, rows), g200: make([]uint32, rows), g5000: make([]uint32, rows),
		out: make([]uint64, blockRows/64), sel: make([]uint16, blockRows+kernel.SelectSlack), doubles: make([]float64, blockRows),
		ids: make([]uint32, blockRows), words: map[string][]uint64{}}
	rng := rand.New(rand.NewPCG(1, 2))
	country, campaign := rand.NewZipf(rng, 1.2, 8, events.Countries-1), rand.NewZipf(rng, 1.1, 20, events.Campaigns-1)
	for i := range rows {
		s.u8[i], s.u16[i] = uint8(country.Uint64()), uint16(campaign.Uint64())
		s.u32[i] = uint32(int64(i) * 86_400_000 / int64(rows))
		skew := rng.Float64()
		user := int(skew * skew * events.Users)
		s.i64[i], s.f64[i] = int64(user), float64(rng.IntN(50_000))/100
		s.g7[i] = uint32(country.Uint64()) % events.Statuses
		s.g200[i], s.g5000[i] = uint32(s.u8[i]), uint32(s.u16[i])
	}
	for _, d := range densities() {
		words := make([]uint64, rows/64)
		for i := range rows {
			if rng.Float64() < d.share {
				words[i/64] |= 1 << (i % 64)
			}
		}
		s.words[d.name] = words
	}
	s.Kernels = append(append(s.filters(), s.numbers()...), s.codes()...)
	aggregates, err := s.aggregates()
	s.Kernels = append(s.Kernels, aggregates...)
	return s, err
}

type density struct {
	name      string
	share     float64
	prototype float64
}

func densities() []density {
	return []density{{"0.3 %", 0.003, 0.041}, {"1.2 %", 0.012, 0.072}, {"11 %", 0.11, 0.032}, {"32 %", 0.32, 0.033}}
}

// Where the columns of a pass lie.
const (
	InMemory = "memory"
	InCache  = "cache"
)

// Names gives what Measure measures: each kernel with the place of its columns.
func (s *Set) Names() (names []string) {
	for _, k := range s.Kernels {
		names = append(names, k.Name+", "+InMemory)
		if !k.memoryOnly {
			names = append(names, k.Name+", "+InCache)
		}
	}
	return names
}

// Measure passes once over the columns and gives ns/row.
func (s *Set) Measure(name string) (float64, error) {
	for _, k := range s.Kernels {
		switch strings.TrimPrefix(name, k.Name+", ") {
		case InMemory:
			return k.pass(s.rows, 1)
		case InCache:
			return k.pass(cacheRows, cachePasses)
		}
	}
	return 0, fmt.Errorf("no kernel %q", name)
}

// HasCache says whether the kernel is measured in cache too.
func (k Kernel) HasCache() bool { return !k.memoryOnly }

func (k Kernel) pass(rows, passes int) (float64, error) {
	if k.fresh != nil {
		if err := k.fresh(); err != nil {
			return 0, err
		}
	}
	began := time.Now()
	for range passes {
		for lo := 0; lo < rows; lo += blockRows {
			if err := k.run(lo, lo+blockRows); err != nil {
				return 0, fmt.Errorf("%s: %w", k.Name, err)
			}
		}
	}
	return float64(time.Since(began).Nanoseconds()) / float64(rows) / float64(passes), nil
}
