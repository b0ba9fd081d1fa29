package agg

import (
	"math/rand/v2"
	"strconv"
	"testing"

	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/internal/vec"
)

// BenchmarkFloatSum measures sums by group over a block in cache; groups are skewed.
func BenchmarkFloatSum(b *testing.B) {
	for _, groups := range []int{1, 200, 5000, 100_000} {
		b.Run(strconv.Itoa(groups), func(b *testing.B) {
			acc := &floatSum{}
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
		})
	}
}
