package mutable

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/internal/offheap"
	"github.com/freshetdb/freshet/internal/vec"
)

// skewed draws batches of strings, of which few come often and many seldom, from distinct ones; each is a copy of its own.
func skewed(rng *rand.Rand, distinct, batches, each int) (out [][]string) {
	for range batches {
		text := make([]byte, 0, 64*each)
		values := make([]string, each)
		for i := range values {
			from := len(text)
			rank := int(float64(distinct) * math.Pow(rng.Float64(), 3))
			text = fmt.Appendf(text, "https://www.example.com/search/product/%d?ref=%d", rank, rank*7919%1000)
			values[i] = aliasString(text[from:])
		}
		out = append(out, values)
	}
	return out
}

func newTestDictionary() (*dictionary, func()) {
	allocator := offheap.NewAllocator(nil)
	arena := offheap.NewArena(allocator)
	d := newDictionary(catalog.KindString, arena, allocator)
	return d, func() { d.freeSlots(); arena.Release() }
}

// TestDictionaryAgainstMap encodes batches in which values repeat, also new ones within one batch, with NULLs and
// truncations between them.
func TestDictionaryAgainstMap(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	d, done := newTestDictionary()
	defer done()
	codes, values := map[string]uint32{}, []string(nil)
	for round := range 300 {
		batch := make([]string, rng.IntN(700))
		var nulls vec.Bitmap
		if round%3 == 0 {
			nulls = vec.NewBitmap(len(batch) + 5)
		}
		for i := range batch {
			batch[i] = fmt.Sprint("value ", rng.IntN(1+round*20))
			if nulls != nil && rng.IntN(4) == 0 {
				nulls.Set(5 + i)
			}
		}
		out := make([]uint32, len(batch))
		if err := d.encode(batch, nulls, 5, out); err != nil {
			t.Fatal(err)
		}
		before := len(values)
		for i, s := range batch {
			if nulls != nil && nulls.Get(5+i) {
				if out[i] != 0 {
					t.Fatalf("NULL has code %d", out[i])
				}
				continue
			}
			if _, ok := codes[s]; !ok {
				codes[s] = uint32(len(values))
				values = append(values, s)
			}
			if out[i] != codes[s] {
				t.Fatalf("round %d: %q has code %d, want %d", round, s, out[i], codes[s])
			}
		}
		if d.count != len(values) {
			t.Fatalf("%d values, want %d", d.count, len(values))
		}
		if round%5 == 0 {
			d.truncate(before)
			for _, s := range values[before:] {
				delete(codes, s)
			}
			values = values[:before]
		}
	}
	for code, s := range values {
		if string(d.str(uint32(code))) != s {
			t.Fatalf("code %d is %q, want %q", code, d.str(uint32(code)), s)
		}
	}
}

// BenchmarkDictionary is the cost of one value in batches of a thousand.
func BenchmarkDictionary(b *testing.B) {
	for _, distinct := range []int{200, 5000, 100_000} {
		b.Run(fmt.Sprint(distinct), func(b *testing.B) {
			batches := skewed(rand.New(rand.NewPCG(1, 2)), distinct, 500, 1000)
			d, done := newTestDictionary()
			defer done()
			out := make([]uint32, 1000)
			run := func(values []string) {
				if err := d.encode(values, nil, 0, out); err != nil {
					b.Fatal(err)
				}
			}
			for _, values := range batches {
				run(values)
			}
			b.ResetTimer()
			for i := range b.N {
				run(batches[i%len(batches)])
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/1000, "ns/value")
		})
	}
}
