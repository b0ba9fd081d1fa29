package agg

import (
	"encoding/base64"
	"encoding/hex"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/internal/errs"
	"github.com/freshetdb/freshet/internal/sketch"
	"github.com/freshetdb/freshet/internal/vec"
	"github.com/freshetdb/freshet/query/function"
)

// rawOf pairs estimates with what serialises their sketch.
var rawOf = map[string]string{"distinctCountHLL": "distinctCountRawHLL", "distinctCountHLLPlus": "distinctCountRawHLLPlus", "distinctCountULL": "distinctCountRawULL",
	"distinctCountThetaSketch": "distinctCountRawThetaSketch", "percentileEst": "percentileRawEst", "percentileKLL": "percentileRawKLL", "percentileTDigest": "percentileRawTDigest"}

func bytesOf(list ...string) *vec.Vector {
	v := texts(list...)
	v.Type = catalog.Bytes
	return v
}

// TestSerialised: sketches of parts, written as text and read as BYTES, give the estimate of the whole.
func TestSerialised(t *testing.T) {
	for name, raw := range rawOf {
		var params []function.Arg
		if name[0] == 'p' {
			params = append(params, constant(double(75)))
		}
		bind := func(name string, typ catalog.Type) function.BoundAggregate {
			return mustBind(t, name, append([]function.Arg{{Type: typ}}, params...)...)
		}
		whole := bind(name, catalog.Long).New()
		whole.Resize(1)
		var parts []string
		for p := range 3 {
			values := make([]int64, 7000)
			for i := range values {
				values[i] = int64(p*5000 + i)
			}
			part := bind(raw, catalog.Long).New()
			part.Resize(1)
			for _, acc := range []function.Accumulator{whole, part} {
				if err := acc.Add(nil, []*vec.Vector{longs(values...)}, len(values), nil); err != nil {
					t.Fatal(err)
				}
			}
			text := results(t, part, 1)[0].Str
			data, err := base64.StdEncoding.DecodeString(text)
			if err != nil {
				if data, err = hex.DecodeString(text); err != nil {
					t.Fatalf("%s is neither hexadecimal nor base64: %.40s", raw, text)
				}
			}
			if name == "distinctCountHLL" || name == "distinctCountHLLPlus" {
				if data, err = hex.DecodeString(text); err != nil {
					t.Fatal(err)
				}
			}
			parts = append(parts, string(data))
		}
		merged := bind(name, catalog.Bytes).New()
		merged.Resize(1)
		if err := merged.Add(nil, []*vec.Vector{bytesOf(append(parts, "NULL")...)}, 4, nil); err != nil {
			t.Fatal(name, err)
		}
		got, want := results(t, merged, 1)[0], results(t, whole, 1)[0]
		if diff := math.Abs(number(got) - number(want)); diff > 0 && name != "percentileTDigest" || diff > 0.01*number(want) {
			t.Errorf("%s of sketches is %v, of values %v", name, got, want)
		}
		for _, bad := range []string{"", "garbage", parts[0][:len(parts[0])/2], parts[0] + "x"} {
			acc := bind(name, catalog.Bytes).New()
			acc.Resize(1)
			err := acc.Add(nil, []*vec.Vector{bytesOf(bad)}, 1, nil)
			if name == "distinctCountThetaSketch" && bad == parts[0]+"x" {
				continue // the library ignores what follows a sketch
			}
			if err == nil || errs.As(err).Code != errs.InvalidBinary {
				t.Errorf("%s of %.20q: %v, want 22P03", name, bad, err)
			}
		}
	}
}

// TestRawOfNothing: the raw form of no rows is an empty sketch, or NULL for percentiles.
func TestRawOfNothing(t *testing.T) {
	for name, raw := range rawOf {
		args := []function.Arg{{Type: catalog.Long}}
		if name[0] == 'p' {
			args = append(args, constant(double(75)))
		}
		acc := mustBind(t, raw, args...).New()
		acc.Resize(1)
		v := results(t, acc, 1)[0]
		if name[0] == 'p' {
			if !v.Null {
				t.Errorf("%s of no rows is %v", raw, v)
			}
			continue
		}
		data, err := hex.DecodeString(v.Str)
		if err != nil {
			if data, err = base64.StdEncoding.DecodeString(v.Str); err != nil {
				t.Fatal(err)
			}
		}
		back := mustBind(t, name, function.Arg{Type: catalog.Bytes}).New()
		back.Resize(1)
		if err := back.Add(nil, []*vec.Vector{bytesOf(string(data))}, 1, nil); err != nil {
			t.Fatal(name, err)
		}
		if got := results(t, back, 1)[0]; got.Null || got.I64 != 0 {
			t.Errorf("%s of an empty sketch is %v", name, got)
		}
	}
}

func TestThetaSettings(t *testing.T) {
	arg := function.Arg{Type: catalog.Long}
	for text, ok := range map[string]bool{"nominalEntries=32": true, "": true, "nominalEntries=3": false, "nominalEntries=x": false, "size=3": false} {
		_, err := find(t, "distinctCountThetaSketch").Bind([]function.Arg{arg, constant(catalog.StringValue(text))}, false, false)
		if (err == nil) != ok {
			t.Errorf("%q: %v", text, err)
		}
	}
	text := constant(catalog.StringValue("a = 1"))
	_, err := find(t, "distinctCountThetaSketch").Bind([]function.Arg{arg, text, text, text}, false, false)
	if err == nil || errs.As(err).Code != errs.FeatureNotSupported {
		t.Errorf("filters in the call: %v, want 0A000", err)
	}
}

// FuzzSerialised: payloads of any bytes are read or refused, and what is read can be written and read again.
func FuzzSerialised(f *testing.F) {
	f.Add([]byte{0})
	h := &logHistogram{}
	for _, x := range []float64{1, -2, 0, 9} {
		h.add(x)
	}
	payload, err := sketch.Open(sketch.KindLogHistogram, string(h.marshal()))
	if err != nil {
		f.Fatal(err)
	}
	f.Add([]byte(payload))
	f.Fuzz(func(t *testing.T, payload []byte) {
		h, again := &logHistogram{}, &logHistogram{}
		if err := h.mergeBytes(string(sketch.Seal(sketch.KindLogHistogram, payload))); err == nil {
			if err := again.mergeBytes(string(h.marshal())); err != nil {
				t.Fatalf("no round trip: %v", err)
			}
			if h.count() > 0 && h.quantile(50) != again.quantile(50) {
				t.Fatalf("median %v, then %v", h.quantile(50), again.quantile(50))
			}
		}
		d := &percentileTDigest{rank: 50, compression: 100}
		d.Resize(1)
		if err := d.mergeBytes(0, string(sketch.Seal(sketch.KindTDigest, payload))); err == nil {
			var out vec.Vector
			if err := d.Result(1, &out); err != nil {
				t.Fatal(err)
			}
		}
	})
}

// TestDigestError: ranks are within 0.4 % at the median and 0.1 % at the ends, in one pass and merged from many parts.
func TestDigestError(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	values := make([]float64, 100000)
	for i := range values {
		values[i] = math.Exp(3 * r.NormFloat64())
	}
	sorted := slices.Sorted(slices.Values(values))
	for _, rank := range []float64{0.1, 1, 25, 50, 90, 99, 99.9} {
		b := mustBind(t, "percentileTDigest", function.Arg{Type: catalog.Double}, constant(double(rank)))
		for _, block := range []int{len(values), 8192, 500} {
			got, err := compute(t, b, block, values)
			if err != nil {
				t.Fatal(err)
			}
			at, _ := slices.BinarySearch(sorted, got.F64)
			allowed := 0.1 + 0.3*4*rank*(100-rank)/10000
			if e := math.Abs(float64(at)/float64(len(values))*100 - rank); e > allowed {
				t.Errorf("rank %v in blocks of %d: off by %.3f %%, allowed %.3f", rank, block, e, allowed)
			}
		}
	}
}

// TestEveryRawIsTested: what gives a serialised sketch is in rawOf, and so read back by TestSerialised.
func TestEveryRawIsTested(t *testing.T) {
	known := map[string]bool{}
	for _, raw := range rawOf {
		known[raw] = true
	}
	for _, f := range Aggregates() {
		if strings.Contains(f.Name, "Raw") && !strings.HasSuffix(f.Name, "MV") && !known[f.Name] {
			t.Errorf("%s has no test of what it serialises", f.Name)
		}
	}
}

// TestSketchesOfGroups: HyperLogLog of few groups, of more than wait in a stage, and of groups that become more, also merged, is
// what each group's values give alone.
func TestSketchesOfGroups(t *testing.T) {
	bound := mustBind(t, "distinctCountHLL", function.Arg{Type: catalog.Long}, constant(catalog.LongValue(10)))
	r := rand.New(rand.NewPCG(3, 9))
	for _, sizes := range [][]int{{1, 1}, {5, 5}, {3, 40}, {stagedGroups, stagedGroups + 1}, {stagedGroups - 1, 2 * stagedGroups}} {
		last := sizes[len(sizes)-1]
		alone := make([]function.Accumulator, last)
		for g := range alone {
			alone[g] = bound.New()
			alone[g].Resize(1)
		}
		var parts [2]function.Accumulator
		for p := range parts {
			parts[p] = bound.New()
			for _, size := range sizes {
				parts[p].Resize(size)
				n := 700 + 3*size
				values, groups := make([]int64, n), make([]uint32, n)
				for i := range values {
					values[i], groups[i] = r.Int64N(5000), uint32(r.IntN(size))
					if err := alone[groups[i]].Add(nil, []*vec.Vector{longs(values[i])}, 1, nil); err != nil {
						t.Fatal(err)
					}
				}
				if err := parts[p].Add(groups, []*vec.Vector{longs(values...)}, n, nil); err != nil {
					t.Fatal(err)
				}
			}
		}
		if err := parts[0].Merge(parts[1], nil); err != nil {
			t.Fatal(err)
		}
		got := results(t, parts[0], last)
		for g := range alone {
			if want := results(t, alone[g], 1)[0]; got[g].I64 != want.I64 {
				t.Fatalf("groups %v: group %d has %d, want %d", sizes, g, got[g].I64, want.I64)
			}
		}
	}
}
