package encoding

import (
	"math"
	"testing"

	"github.com/freshetdb/freshet/catalog"
)

func TestChoose(t *testing.T) {
	const million = 1_000_000
	ints := func(k catalog.Kind, lo, hi int64, distinct int) Measures {
		return Measures{Kind: k, Slots: million, Values: million, Min: lo, Max: hi, Distinct: distinct}
	}
	text := func(distinct int, bytes int64) Measures {
		return Measures{Kind: catalog.KindString, Slots: million, Values: million, Distinct: distinct, DictText: bytes}
	}
	double := func(distinct int) Measures {
		return Measures{Kind: catalog.KindDouble, Slots: million, Values: million, Distinct: distinct}
	}
	without := func(m Measures) Measures { m.NoDictionary = true; return m }
	for name, c := range map[string]struct {
		in   Measures
		want Choice
	}{
		"no values":             {Measures{Kind: catalog.KindInt, Slots: 5}, Choice{AllNull, 0}},
		"no rows":               {Measures{Kind: catalog.KindString}, Choice{AllNull, 0}},
		"boolean":               {Measures{Kind: catalog.KindBoolean, Slots: 9, Values: 9}, Choice{Bits, 0}},
		"quantity 1 to 10":      {ints(catalog.KindInt, 1, 10, 10), Choice{Offset, 1}},
		"one value":             {ints(catalog.KindInt, 7, 7, 1), Choice{Offset, 1}},
		"status codes":          {ints(catalog.KindInt, 200, 504, 7), Choice{Dict, 1}},
		"years of days":         {ints(catalog.KindInt, 18000, 22000, 4000), Choice{Offset, 2}},
		"time of a day in ms":   {ints(catalog.KindTimestamp, 1763700000000, 1763786400000, 0), Choice{Offset, 4}},
		"few large numbers":     {ints(catalog.KindLong, math.MinInt64, math.MaxInt64, 300), Choice{Dict, 2}},
		"users":                 {ints(catalog.KindLong, 0, 1<<40, 0), Choice{Raw, 8}},
		"wide ints":             {ints(catalog.KindInt, math.MinInt32, math.MaxInt32, 0), Choice{Raw, 4}},
		"wide ints, some equal": {ints(catalog.KindInt, math.MinInt32, math.MaxInt32, 60000), Choice{Dict, 2}},
		"many, no gain":         {ints(catalog.KindInt, math.MinInt32, math.MaxInt32, 290_000), Choice{Raw, 4}},
		"wish without":          {without(ints(catalog.KindLong, math.MinInt64, math.MaxInt64, 300)), Choice{Raw, 8}},
		"offset is no dict":     {without(ints(catalog.KindLong, 5, 10, 3)), Choice{Offset, 1}},
		"range of 2^32":         {ints(catalog.KindLong, 0, 1<<32, 0), Choice{Raw, 8}},
		"range of 2^32-1":       {ints(catalog.KindLong, -1, 1<<32-2, 0), Choice{Offset, 4}},
		"range of 256":          {ints(catalog.KindInt, 0, 256, 0), Choice{Offset, 2}},
		"range of 65536":        {ints(catalog.KindLong, 0, 65536, 0), Choice{Offset, 4}},
		"countries":             {text(200, 800), Choice{Dict, 1}},
		"256 words":             {text(256, 800), Choice{Dict, 1}},
		"257 words":             {text(257, 800), Choice{Dict, 2}},
		"65537 words":           {text(65537, 800), Choice{Dict, 4}},
		"too many words":        {text(300_001, 1<<20), Choice{Chunks, 0}},
		"uncounted words":       {text(0, 0), Choice{Chunks, 0}},
		"too much text":         {text(1000, maxDictText+1), Choice{Chunks, 0}},
		"words, wish without":   {without(text(200, 800)), Choice{Chunks, 0}},
		"prices":                {double(900), Choice{Dict, 2}},
		"measurements":          {double(0), Choice{Raw, 8}},
		"float":                 {Measures{Kind: catalog.KindFloat, Slots: million, Values: million}, Choice{Raw, 4}},
		"tiny column of texts":  {Measures{Kind: catalog.KindJSON, Slots: 3, Values: 3, Distinct: 3, DictText: 9}, Choice{Dict, 1}},
	} {
		if got := Choose(c.in); got != c.want {
			t.Errorf("%s: %s/%d, want %s/%d", name, got.Encoding, got.Width, c.want.Encoding, c.want.Width)
		}
	}
}

func TestDictLimit(t *testing.T) {
	for n, want := range map[int]int{0: 256, 100: 256, 1000: 300, 1_000_000: 300_000} {
		if got := DictLimit(n); got != want {
			t.Errorf("limit of %d slots is %d, want %d", n, got, want)
		}
	}
}

func TestNames(t *testing.T) {
	for e := EncodingInvalid; e < EncodingCount; e++ {
		if e.String() == "" {
			t.Errorf("encoding %d has no name", e)
		}
	}
	if got := Encoding(99).String(); got != "encoding(99)" {
		t.Errorf("unknown encoding is %q", got)
	}
}
