package agg

import (
	"math"
	"math/rand/v2"
	"testing"

	"pgregory.net/rapid"

	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/internal/vec"
)

// TestIntSet: a set of keys, however they are spread, merged from parts.
func TestIntSet(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 2))
		var sets [3]intSet
		var lo, hi int64 = math.MaxInt64, math.MinInt64
		want := map[uint64]bool{}
		for part := range sets {
			base := rapid.SampledFrom([]int64{0, -70000, math.MinInt64, math.MaxInt64 - 1<<21, 1_000_000}).Draw(t, "base")
			span := rapid.SampledFrom([]int64{1, 1000, 100_000, 1 << 21}).Draw(t, "span")
			for range rapid.SampledFrom([]int{0, 1, 100, 20_000}).Draw(t, "keys") {
				x := base + r.Int64N(span)
				if r.IntN(5000) == 0 {
					x = int64(r.Uint64())
				}
				lo, hi = min(lo, x), max(hi, x)
				sets[part].addWithin(uint64(x), lo, hi)
				want[uint64(x)] = true
			}
		}
		sets[0].merge(&sets[1])
		sets[0].merge(&sets[2])
		if got := sets[0].len(); got != len(want) {
			t.Fatalf("%d keys, want %d", got, len(want))
		}
		sets[0].each(func(k uint64) {
			if !want[k] {
				t.Fatalf("key %d was not added, or is twice", int64(k))
			}
			delete(want, k)
		})
		if len(want) > 0 {
			t.Fatalf("%d keys are missing", len(want))
		}
	})
}

// TestIntSetIsSmall: ids that lie close together take a bitmap, those that do not a table.
func TestIntSetIsSmall(t *testing.T) {
	var near, far intSet
	for i := range int64(200_000) {
		near.addWithin(uint64(i*7%2_000_000), 0, 2_000_000)
		far.addWithin(uint64(i*1_000_003), 0, 200_000*1_000_003)
	}
	if near.dense == nil || near.bytes() > 300_000 {
		t.Errorf("near keys take %d bytes", near.bytes())
	}
	if far.dense != nil || far.bytes() > 8*(1<<20) {
		t.Errorf("far keys take %d bytes", far.bytes())
	}
}

// TestDistinctOfManyGroups: sets that together outgrow the caches, with keys below and above zero, near and far, also where the
// first rows of a group come late.
func TestDistinctOfManyGroups(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 5))
	a := &distinct{typ: catalog.Long, result: distinctCount}
	const groups, batches = 150, 60
	a.Resize(groups)
	want := make([]map[int64]bool, groups)
	for g := range want {
		want[g] = map[int64]bool{}
	}
	v := &vec.Vector{}
	numbers := make([]uint32, vec.BlockRows)
	most := 0
	for batch := range batches {
		n := vec.BlockRows - batch
		v.Reset(catalog.Long, n)
		for i := range n {
			g := r.IntN(1 + groups*(batch+1)/batches)
			g = min(g, groups-1)
			x := r.Int64N(40_000) - 100
			if g%3 == 0 {
				x *= 1 << 40
			}
			numbers[i], v.I64[i] = uint32(g), x
			want[g][x] = true
		}
		if err := a.Add(numbers[:n], []*vec.Vector{v}, n, nil); err != nil {
			t.Fatal(err)
		}
		most = max(most, a.Bytes())
	}
	if most < 2*touchBytes {
		t.Fatalf("the sets hold %d bytes at most: too few for this test", most)
	}
	var out vec.Vector
	if err := a.Result(groups, &out); err != nil {
		t.Fatal(err)
	}
	for g := range want {
		if out.I64[g] != int64(len(want[g])) {
			t.Errorf("group %d has %d values, want %d", g, out.I64[g], len(want[g]))
		}
	}
}
