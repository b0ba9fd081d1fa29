package agg

import (
	"math/rand/v2"
	"strconv"
	"testing"

	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/internal/vec"
	"github.com/freshetdb/freshet/query/function"
)

// BenchmarkByGroup measures aggregates of doubles over a block in cache; groups are skewed, and there is no grouping for 1.
func BenchmarkByGroup(b *testing.B) {
	for name, make := range map[string]func() function.Accumulator{
		"sum":        func() function.Accumulator { return &floatSum{} },
		"count":      newCount,
		"max":        func() function.Accumulator { return &numericRange[float64]{want: wantMax, typ: catalog.Double} },
		"percentile": func() function.Accumulator { return &percentileEst{typ: catalog.Double, rank: 99} },
	} {
		for _, groups := range []int{1, 7, 200, 5000, 100_000} {
			b.Run(name+"/"+strconv.Itoa(groups), func(b *testing.B) { benchmarkGroups(b, make(), groups) })
		}
	}
}

func benchmarkGroups(b *testing.B, acc function.Accumulator, groups int) {
	acc.Resize(groups)
	z := rand.NewZipf(rand.New(rand.NewPCG(1, 2)), 1.1, 1, uint64(groups-1))
	ids := make([]uint32, vec.BlockRows)
	v := vec.Vector{Type: catalog.Double, Len: len(ids), F64: make([]float64, len(ids))}
	for i := range ids {
		ids[i], v.F64[i] = uint32(z.Uint64()), float64(rand.IntN(50000))/100
	}
	if groups == 1 {
		ids = nil
	}
	for b.Loop() {
		if err := acc.Add(ids, []*vec.Vector{&v}, v.Len, nil); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/vec.BlockRows, "ns/row")
}
