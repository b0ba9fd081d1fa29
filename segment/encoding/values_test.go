package encoding

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math"
	"math/big"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/internal/vec"
	"github.com/freshetdb/freshet/internal/vfs"
)

// aligned copies b to where it may be read in place, like a section of a mapped file.
func aligned(b []byte) []byte {
	out := vfs.AlignedBytes(len(b))
	copy(out, b)
	return out
}

func TestCodesRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		width := rapid.SampledFrom([]int{1, 2, 4}).Draw(t, "width")
		top := uint32(uint64(1)<<(8*width) - 1)
		codes := rapid.SliceOfN(rapid.Uint32Range(0, top), 1, 50).Draw(t, "codes")
		data := AppendCodes(nil, width, codes)
		var one []byte
		for _, c := range codes {
			one = AppendCode(one, width, c)
		}
		if !bytes.Equal(data, one) {
			t.Fatal("codes at once and one by one differ")
		}
		view, err := ViewCodes(aligned(data), width, len(codes))
		if err != nil {
			t.Fatal(err)
		}
		if view.Max() != slices.Max(codes) {
			t.Fatalf("max %d", view.Max())
		}
		lo := rapid.IntRange(0, len(codes)).Draw(t, "lo")
		var v vec.Vector
		view.Slice(lo, len(codes), &v)
		for i, c := range codes[lo:] {
			if v.Code(i) != c {
				t.Fatalf("code %d is %d, want %d", i, v.Code(i), c)
			}
		}
		if _, err := ViewCodes(aligned(data), width, len(codes)+1); err == nil {
			t.Fatal("too few codes are accepted")
		}
	})
	if _, err := ViewCodes(nil, 3, 0); err == nil {
		t.Error("codes of three bytes are accepted")
	}
}

func TestOffsetsRoundTrip(t *testing.T) {
	for _, c := range []struct {
		width int
		base  int64
		xs    []int64
	}{
		{1, -100, []int64{-100, 155, 0}},
		{2, math.MinInt64, []int64{math.MinInt64, math.MinInt64 + 65535}},
		{4, math.MaxInt64 - (1<<32 - 1), []int64{math.MaxInt64, math.MaxInt64 - 1}},
	} {
		data := AppendOffsets(nil, c.width, c.base, c.xs)
		codes, err := ViewCodes(aligned(data), c.width, len(c.xs))
		if err != nil {
			t.Fatal(err)
		}
		v := vec.Vector{Type: catalog.Long, Form: vec.FormOffset, Base: c.base, Len: len(c.xs)}
		codes.Slice(0, len(c.xs), &v)
		for i, x := range c.xs {
			if v.Int64At(i) != x {
				t.Errorf("width %d: %d, want %d", c.width, v.Int64At(i), x)
			}
		}
	}
	ints := AppendInts(nil, 4, []int64{-1, math.MinInt32})
	if got, err := View[int32](aligned(ints)); err != nil || !slices.Equal(got, []int32{-1, math.MinInt32}) {
		t.Errorf("ints %v, %v", got, err)
	}
}

func TestViewsRefuseWhatDoesNotFit(t *testing.T) {
	data := aligned(make([]byte, 64))
	if _, err := View[uint64](data[:12]); err == nil {
		t.Error("one and a half words are accepted")
	}
	if _, err := View[uint64](data[4:12]); err == nil {
		t.Error("a word that is not aligned is accepted")
	}
	if _, err := ViewBitmap(data[:16], 64); err == nil {
		t.Error("a bitmap with a word too many is accepted")
	}
	data[8] = 2
	if _, err := ViewBitmap(data[:16], 65); err == nil {
		t.Error("a bit past the end is accepted")
	}
	if b, err := ViewBitmap(data[:16], 66); err != nil || !b.Get(65) {
		t.Errorf("bitmap %v, %v", b, err)
	}
}

func TestCopyBits(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		src := vec.Bitmap(rapid.SliceOfN(rapid.Uint64(), 1, 6).Draw(t, "words"))
		lo := rapid.IntRange(0, 64*len(src)).Draw(t, "lo")
		n := rapid.IntRange(0, 64*len(src)-lo).Draw(t, "n")
		dst := vec.NewBitmap(n)
		CopyBits(dst, src, lo, n)
		count := 0
		for i := range n {
			if dst.Get(i) != src.Get(lo+i) {
				t.Fatalf("bit %d of %d from %d", i, n, lo)
			}
			if dst.Get(i) {
				count++
			}
		}
		if dst.Count() != count {
			t.Fatal("bits past the end are set")
		}
	})
}

func TestZoneRoundTrip(t *testing.T) {
	zones := []Zone{{}, {Known: true, Min: math.MinInt64, Max: -1, NullCount: 7}, {Known: true, ByID: true, Max: 9}, {AllNull: true, NullCount: 8192},
		{Known: true, Float: true, Min: int64(math.Float64bits(-1.5)), Max: int64(math.Float64bits(math.Inf(1)))}}
	var data []byte
	for _, z := range zones {
		data = AppendZone(data, z)
	}
	for i, z := range zones {
		if got := ZoneAt(data, i); got != z {
			t.Errorf("zone %+v, want %+v", got, z)
		}
	}
	if lo, hi := zones[4].Floats(); lo != -1.5 || !math.IsInf(hi, 1) {
		t.Errorf("floats %v to %v", lo, hi)
	}
}

func TestTextsAndTheirDictionary(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		words := rapid.SliceOfN(rapid.StringN(0, 3, -1), 0, 3000).Draw(t, "words")
		texts := NewTexts(1 << 20)
		numbers := map[string]uint32{}
		for _, w := range words {
			id, ok := texts.Add(w)
			if want, seen := numbers[w]; !ok || seen && want != id || !seen && int(id) != len(numbers) {
				t.Fatalf("%q is number %d", w, id)
			}
			numbers[w] = id
		}
		d := SortTexts(catalog.KindString, texts)
		if d.Len() != len(numbers) || !d.Strict {
			t.Fatalf("%d values, want %d", d.Len(), len(numbers))
		}
		var text []byte
		for id := range d.Len() {
			text = append(text, d.At(uint32(id))...)
		}
		view, err := ViewDict(catalog.KindString, d.Len(), true, text, aligned(d.AppendOffsets(nil)))
		if err != nil {
			t.Fatal(err)
		}
		for id := 1; id < view.Len; id++ {
			if view.Str(uint32(id-1)) >= view.Str(uint32(id)) {
				t.Fatalf("%q before %q", view.Str(uint32(id-1)), view.Str(uint32(id)))
			}
		}
		for w, n := range numbers {
			if view.Str(d.Rank[n]) != w {
				t.Fatalf("%q has id %d, which is %q", w, d.Rank[n], view.Str(d.Rank[n]))
			}
		}
	})
}

func TestSetsRefuseMoreThanTheirLimit(t *testing.T) {
	texts, numbers := NewTexts(2), NewNumbers(2)
	for i, want := range []bool{true, true, false} {
		if _, ok := texts.Add(fmt.Sprint(i)); ok != want {
			t.Errorf("text %d: %v", i, ok)
		}
		if _, ok := numbers.Add(uint64(i)); ok != want {
			t.Errorf("number %d: %v", i, ok)
		}
	}
	if id, ok := texts.Add("1"); !ok || id != 1 {
		t.Error("a known text is refused at the limit")
	}
	if id, ok := numbers.Add(1); !ok || id != 1 {
		t.Error("a known number is refused at the limit")
	}
}

func TestNumbers(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		xs := rapid.SliceOfN(rapid.Int64(), 0, 3000).Draw(t, "xs")
		set := NewNumbers(1 << 20)
		ids := make([]uint32, len(xs))
		for i, x := range xs {
			ids[i], _ = set.Add(uint64(x))
		}
		sorted, rank := SortNumbers(set, false)
		want := slices.Compact(slices.Sorted(slices.Values(xs)))
		if len(sorted) != len(want) {
			t.Fatalf("%d values, want %d", len(sorted), len(want))
		}
		view, err := ViewDict(catalog.KindLong, len(want), true, aligned(AppendNumbers(nil, sorted)), nil)
		if err != nil || !slices.Equal(view.I64, want) && len(want) > 0 {
			t.Fatalf("%v (%v), want %v", view, err, want)
		}
		for i, x := range xs {
			if view.I64[rank[ids[i]]] != x {
				t.Fatalf("%d has the id of %d", x, view.I64[rank[ids[i]]])
			}
		}
	})
	floats := NewNumbers(10)
	for _, x := range []float64{3, -1, math.Inf(-1), 0.5} {
		floats.Add(math.Float64bits(x))
	}
	sorted, _ := SortNumbers(floats, true)
	for i, want := range []float64{math.Inf(-1), -1, 0.5, 3} {
		if got := math.Float64frombits(sorted[i]); got != want {
			t.Errorf("float %d is %v, want %v", i, got, want)
		}
	}
}

func TestViewDictRefusesDamage(t *testing.T) {
	offsets := func(xs ...uint32) []byte {
		var b []byte
		for _, x := range xs {
			b = binary.LittleEndian.AppendUint32(b, x)
		}
		return aligned(b)
	}
	for name, c := range map[string]struct {
		kind            catalog.Kind
		n               int
		values, offsets []byte
	}{
		"too few numbers":   {catalog.KindLong, 2, make([]byte, 8), nil},
		"part of a number":  {catalog.KindDouble, 1, make([]byte, 9), nil},
		"boolean":           {catalog.KindBoolean, 1, make([]byte, 8), nil},
		"falling offsets":   {catalog.KindString, 3, []byte("abc"), offsets(0, 2, 1, 3)},
		"offsets too short": {catalog.KindString, 1, []byte("abc"), offsets(0, 2)},
		"offsets too long":  {catalog.KindString, 1, []byte("abc"), offsets(0, 4)},
		"late start":        {catalog.KindString, 1, []byte("abc"), offsets(1, 3)},
		"no offsets":        {catalog.KindString, 1, []byte("abc"), nil},
		"other count":       {catalog.KindString, 2, []byte("abc"), offsets(0, 3)},
	} {
		if d, err := ViewDict(c.kind, c.n, true, aligned(c.values), c.offsets); err == nil {
			t.Errorf("%s: dictionary %+v", name, d)
		}
	}
}

func TestDecimals(t *testing.T) {
	digits := rapid.StringMatching(`-?[0-9]{1,4}(\.[0-9]{1,4})?`)
	rapid.Check(t, func(t *rapid.T) {
		a, b := digits.Draw(t, "a"), digits.Draw(t, "b")
		x, _ := new(big.Rat).SetString(a)
		y, _ := new(big.Rat).SetString(b)
		if got := CompareDecimals([]byte(a), []byte(b)); got != x.Cmp(y) {
			t.Fatalf("%s and %s compare as %d, want %d", a, b, got, x.Cmp(y))
		}
		if !IsDecimal([]byte(a)) {
			t.Fatalf("%s is no decimal", a)
		}
	})
	for _, s := range []string{"", "-", ".", "1e5", "NaN", "1.2.3", "--1", " 1", "0x1"} {
		if IsDecimal([]byte(s)) {
			t.Errorf("%q is a decimal", s)
		}
	}
	texts := NewTexts(10)
	for _, s := range []string{"10", "9", "-2", "9.0"} {
		texts.Add(s)
	}
	d := SortTexts(catalog.KindBigDecimal, texts)
	var order []string
	for id := range d.Len() {
		order = append(order, string(d.At(uint32(id))))
	}
	if !slices.Equal(order, []string{"-2", "9", "9.0", "10"}) || d.Strict {
		t.Errorf("order %v, strict %v", order, d.Strict)
	}
}

// TestSortTexts compares with a plain sort: texts that share long beginnings, that begin each other, with zero bytes.
func TestSortTexts(t *testing.T) {
	rng := rand.New(rand.NewPCG(8, 9))
	for round := range 60 {
		set := NewTexts(1 << 20)
		beginnings := []string{"", "https://www.example.com/", "https://www.example.com/a\x00", strings.Repeat("x", 17)}
		for range rng.IntN(20 << (round % 9)) {
			s := make([]byte, rng.IntN(12))
			for i := range s {
				s[i] = "\x00ab\xff"[rng.IntN(4)]
			}
			set.Add(beginnings[rng.IntN(len(beginnings))] + string(s))
		}
		got := SortTexts(catalog.KindString, set)
		for id := range got.Len() {
			if id > 0 && bytes.Compare(got.At(uint32(id-1)), got.At(uint32(id))) >= 0 {
				t.Fatalf("%q comes before %q", got.At(uint32(id-1)), got.At(uint32(id)))
			}
			if number := got.order[id]; got.Rank[number] != uint32(id) {
				t.Fatalf("number %d has rank %d, want %d", number, got.Rank[number], id)
			}
		}
	}
}

// TestSortWords compares with a plain sort, for words that differ in some of their bytes; each keeps its number.
func TestSortWords(t *testing.T) {
	rng := rand.New(rand.NewPCG(10, 11))
	for _, n := range []int{0, 1, leastRadix - 1, leastRadix, 1000, 3 * stepsPerYield} {
		for _, mask := range []uint64{0, 0xff, 0xff00ff, 0xff << 56, 0xf0f0f0, math.MaxUint64} {
			words := make([]uint64, n)
			keys := make([]wordKey, n)
			for i := range keys {
				words[i] = 0x1122334455667788 ^ rng.Uint64()&mask
				keys[i] = wordKey{words[i], uint32(i)}
			}
			var y yielding
			y.sortWords(keys)
			for i, k := range keys {
				if words[k.number] != k.word || i > 0 && keys[i-1].word > k.word {
					t.Fatalf("%d words that differ in %x: %x, number %d, is at %d", n, mask, k.word, k.number, i)
				}
			}
			slices.SortFunc(keys, func(a, b wordKey) int { return int(a.number) - int(b.number) })
			for i, k := range keys {
				if k.number != uint32(i) {
					t.Fatalf("%d words that differ in %x: number %d is not there", n, mask, i)
				}
			}
		}
	}
}

// TestDistinct: the counter never refuses what a set takes, and refuses soon what is far beyond.
func TestDistinct(t *testing.T) {
	for _, limit := range []int{1, 256, 65_536, 300_000} {
		texts, numbers := NewDistinct(limit), NewDistinct(limit)
		for i := range limit {
			for range 2 {
				if !texts.AddText(strconv.Itoa(i)) || !numbers.AddNumber(uint64(i)<<20) {
					t.Fatalf("refused value %d of %d", i, limit)
				}
			}
		}
		refused := false
		for i := limit; i < 2*limit+100; i++ {
			refused = !texts.AddText(strconv.Itoa(i)) && !numbers.AddNumber(uint64(i)<<20)
		}
		if !refused {
			t.Errorf("twice %d values were not refused", limit)
		}
	}
}
