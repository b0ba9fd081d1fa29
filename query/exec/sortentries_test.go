package exec

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/internal/vec"
	"github.com/freshetdb/freshet/query/logical"
)

// TestSortOfKeysThatBeginAlike sorts by a text, a number and a text, where beginnings of up to 100 bytes and whole keys repeat,
// with NULLs and zero bytes, and compares with sorting the rows' keys as a whole.
func TestSortOfKeysThatBeginAlike(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 3))
		n := rapid.IntRange(0, 2000).Draw(t, "rows")
		text := func() catalog.Value {
			if r.IntN(20) == 0 {
				return catalog.NullValue(catalog.String)
			}
			begin := strings.Repeat([]string{"a", "b", "\x00"}[r.IntN(3)], []int{0, 3, 7, 8, 30, 100}[r.IntN(6)])
			return catalog.StringValue(begin + strings.Repeat("x", r.IntN(4)))
		}
		cols := make([][]catalog.Value, 3)
		for range n {
			cols[0], cols[2] = append(cols[0], text()), append(cols[2], text())
			cols[1] = append(cols[1], catalog.LongValue(int64(r.IntN(3)-1)<<uint(r.IntN(60))))
		}
		keys := make([]logical.SortKey, 3)
		for i := range keys {
			keys[i] = logical.SortKey{Column: i, Descending: r.IntN(2) == 0, NullsFirst: r.IntN(2) == 0}
		}
		s := newSorter(keys, -1)
		at := func(i int) uint64 { return uint64(i) }
		s.add([]*vec.Vector{vectorOf(catalog.String, cols[0]), vectorOf(catalog.Long, cols[1]), vectorOf(catalog.String, cols[2])}, n, at, at)
		want := slices.Clone(s.entries)
		slices.SortFunc(want, func(a, b entry) int {
			return cmp.Or(bytes.Compare(a.key, b.key), cmp.Compare(a.ord, b.ord))
		})
		if err := s.compact(context.Background()); err != nil {
			t.Fatal(err)
		}
		order := func(entries []entry) (out []uint64) {
			for _, e := range entries {
				out = append(out, e.ref)
			}
			return out
		}
		if diff := gocmp.Diff(order(want), order(s.entries)); diff != "" {
			t.Fatalf("keys %+v (-want +got):\n%s", keys, diff)
		}
	})
}

// BenchmarkSorter sorts what a group-by of three columns gives.
func BenchmarkSorter(b *testing.B) {
	r := rand.New(rand.NewPCG(1, 1))
	var country, device, status []catalog.Value
	for i := range 200 * 12 * 7 {
		country = append(country, catalog.StringValue(fmt.Sprintf("c%02d", i%200)))
		device = append(device, catalog.StringValue(fmt.Sprintf("device-%d", i/200%12)))
		status = append(status, catalog.IntValue(int64(i/2400)))
	}
	r.Shuffle(len(country), func(i, j int) {
		country[i], country[j] = country[j], country[i]
		device[i], device[j] = device[j], device[i]
		status[i], status[j] = status[j], status[i]
	})
	cols := []*vec.Vector{vectorOf(catalog.String, country), vectorOf(catalog.String, device), vectorOf(catalog.Int, status)}
	at := func(i int) uint64 { return uint64(i) }
	for b.Loop() {
		s := newSorter([]logical.SortKey{{Column: 0}, {Column: 1}, {Column: 2}}, -1)
		s.add(cols, len(country), at, at)
		if err := s.compact(context.Background()); err != nil {
			b.Fatal(err)
		}
	}
}
