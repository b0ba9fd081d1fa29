package mutable

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"unsafe"

	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/internal/offheap"
	"github.com/freshetdb/freshet/internal/vec"
)

// skewed draws batches of strings, of which few come often and many seldom, from distinct ones; each is a copy of its own.
func skewed(rng *rand.Rand, format string, distinct, batches, each int) (out [][]string) {
	for range batches {
		text := make([]byte, 0, 64*each)
		values := make([]string, each)
		for i := range values {
			from := len(text)
			rank := int(float64(distinct) * math.Pow(rng.Float64(), 3))
			text = fmt.Appendf(text, format, rank, rank*7919%1000)
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

// testText gives text n of every length from 0 to 40 bytes, many alike but for one byte.
func testText(n int) string {
	text := []byte("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa")[:n%41]
	if n /= 41; len(text) > 0 {
		text[n%len(text)] += byte(n / len(text) % 256)
	}
	return string(text)
}

// TestHashes: texts that differ have different words, if they are short and of one length, and hardly ever the same hash.
func TestHashes(t *testing.T) {
	seen := map[uint64]string{}
	words := map[[3]uint64]string{}
	for n := range 41 * 40 * 255 {
		s := testText(n)
		h := hashText(s)
		if other, ok := seen[h]; ok && other != s {
			t.Fatalf("%q and %q have hash %#x", s, other, h)
		}
		if seen[h] = s; len(s) > shortText {
			continue
		}
		low, high := shortWords(s)
		key := [3]uint64{low, high, uint64(len(s))}
		if other, ok := words[key]; ok && other != s {
			t.Fatalf("%q and %q have words %#x", s, other, key)
		}
		words[key] = s
	}
	// Of that many upper halves, as good as all are different too.
	halves := map[uint32]bool{}
	for h := range seen {
		halves[uint32(h>>32)] = true
	}
	if n := len(seen); len(halves) < n-n*n>>32-200 {
		t.Errorf("%d hashes have %d different upper halves", n, len(halves))
	}
}

// TestDictionaryAgainstMap encodes batches in which values repeat, also new ones within one batch, with NULLs and
// truncations between them.
func TestDictionaryAgainstMap(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	d, done := newTestDictionary()
	defer done()
	codes, values := map[string]uint32{}, []string(nil)
	for round := range 600 {
		batch := make([]string, rng.IntN(700))
		var nulls vec.Bitmap
		if round%3 == 0 {
			nulls = vec.NewBitmap(len(batch) + 5)
		}
		for i := range batch {
			batch[i] = testText(rng.IntN(1 + round%100*8))
			if nulls != nil && rng.IntN(4) == 0 {
				nulls.Set(5 + i)
			}
		}
		out := slices.Repeat([]uint32{77}, len(batch))
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
	if d.recent == nil {
		t.Error("recent texts were not kept")
	}
	found := make([]uint32, 1)
	direct := 0
	for code, s := range values {
		if d.candidates([]uint64{hashText(s)}, found); found[0] == uint32(code) {
			direct++
		}
	}
	if direct < len(values)*5/6 {
		t.Errorf("%d of %d values are found at once", direct, len(values))
	}
	for code, s := range values {
		if string(d.str(uint32(code))) != s {
			t.Fatalf("code %d is %q, want %q", code, d.str(uint32(code)), s)
		}
	}
}

// TestWideTexts compares texts of every length to 128 that differ in one byte, with others behind them, and looks at the words
// of short ones.
func TestWideTexts(t *testing.T) {
	if !wide {
		t.Skip("no wide vectors")
	}
	text, same := make([]byte, 256), make([]byte, 256)
	for i := range text {
		text[i], same[i] = byte(i*7), byte(i*7)
	}
	for n := 0; n <= wideText; n++ {
		for from := range 3 {
			a, b := unsafe.Pointer(&text[from]), unsafe.Pointer(&same[from])
			same[from+n]++
			if !wideEqual(a, b, n) {
				t.Fatalf("%d bytes differ", n)
			}
			same[from+n]--
			for i := range n {
				same[from+i] ^= 0x80
				if wideEqual(a, b, n) {
					t.Fatalf("byte %d of %d does not count", i, n)
				}
				same[from+i] ^= 0x80
			}
			if n > shortText {
				continue
			}
			var padded [shortText]byte
			copy(padded[:], text[from:from+n])
			low, high := wideWords(a, n)
			if low != wordAt(unsafe.Pointer(&padded), 0) || high != wordAt(unsafe.Pointer(&padded), 8) {
				t.Fatalf("the words of %q are %#x, %#x", text[from:from+n], low, high)
			}
			endWide()
		}
	}
}

// TestRecentTexts: a column of few short texts keeps those that came lately, one of texts that hardly repeat does not.
func TestRecentTexts(t *testing.T) {
	for distinct, want := range map[int]bool{300: true, 50_000: false} {
		d, done := newTestDictionary()
		batch, out := make([]string, 1000), make([]uint32, 1000)
		for round := range 200 {
			for i := range batch {
				batch[i] = fmt.Sprint("text ", (round*1000+i)%distinct)
			}
			if err := d.encode(batch, nil, 0, out); err != nil {
				t.Fatal(err)
			}
			for i, code := range out {
				if string(d.str(code)) != batch[i] {
					t.Fatalf("%q has the code of %q", batch[i], d.str(code))
				}
			}
		}
		before := d.count
		for i, s := range []string{"one taken back", "another", "one taken back"} {
			if err := d.encode([]string{s}, nil, 0, out[:1]); err != nil {
				t.Fatal(err)
			}
			if string(d.str(out[0])) != s {
				t.Errorf("%q has the code of %q", s, d.str(out[0]))
			}
			if i == 0 {
				d.truncate(before)
			}
		}
		if got := d.recent != nil; got != want {
			t.Errorf("of %d texts recent ones are kept: %t, want %t", distinct, got, want)
		}
		done()
	}
}

// BenchmarkDictionary is the cost of one value in batches of a thousand.
func BenchmarkDictionary(b *testing.B) {
	for _, c := range []struct {
		format   string
		distinct int
	}{{"device-%[1]d", 200}, {"campaign-summer-%[1]d", 5000}, {"https://www.example.com/search/product/%[1]d?ref=%[2]d", 100_000}} {
		b.Run(fmt.Sprint(c.distinct), func(b *testing.B) {
			batches := skewed(rand.New(rand.NewPCG(1, 2)), c.format, c.distinct, 500, 1000)
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
