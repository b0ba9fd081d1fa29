package sketch

import (
	"bytes"
	"math"
	"math/bits"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/apache/datasketches-go/theta"
	"pgregory.net/rapid"

	"github.com/freshetdb/freshet/internal/errs"
)

func TestFrame(t *testing.T) {
	for _, payload := range []string{"", "x", "some bytes\x00\xff"} {
		sealed := Seal(KindHLL, []byte(payload))
		got, err := Open(KindHLL, string(sealed))
		if err != nil || got != payload {
			t.Fatalf("%q: %q %v", payload, got, err)
		}
		for i := range sealed {
			for _, bad := range [][]byte{sealed[:i], append(bytes.Clone(sealed[:i]), append([]byte{sealed[i] ^ 1}, sealed[i+1:]...)...)} {
				if _, err := Open(KindHLL, string(bad)); err == nil || errs.As(err).Code != errs.InvalidBinary {
					t.Errorf("%q damaged at %d: %v", payload, i, err)
				}
			}
		}
		if _, err := Open(KindTDigest, string(sealed)); err == nil {
			t.Error("a frame of another kind is read")
		}
	}
}

func TestReader(t *testing.T) {
	r := NewReader("\x05\xac\x02\x01\x00\x00\x00\x00\x00\x00\x00")
	if a, b, c := r.Byte(), r.Uvarint(), r.Uint64(); a != 5 || b != 300 || c != 1 || r.Bad || r.Len() != 0 {
		t.Errorf("%d %d %d %v", a, b, c, r.Bad)
	}
	if r.Byte(); !r.Bad {
		t.Error("a read beyond the end is good")
	}
	long := NewReader("\xff\xff\xff\xff\xff\xff\xff\xff\xff\x7f")
	if long.Uvarint(); !long.Bad {
		t.Error("a number of 70 bits is read")
	}
}

// TestHashes: our hashes are those of the library, bit for bit; texts are hashed as their bytes, as its Java twin does.
func TestHashes(t *testing.T) {
	for _, x := range []float64{0, math.Copysign(0, -1), 1, -3.5, math.NaN(), math.Inf(1)} {
		s, err := theta.NewQuickSelectUpdateSketch()
		if err != nil {
			t.Fatal(err)
		}
		ours := NewTheta(64)
		for _, err := range []error{s.UpdateInt64(int64(len("text")) * 77), s.UpdateBytes([]byte("text")), s.UpdateFloat64(x)} {
			if err != nil {
				t.Fatal(err)
			}
		}
		ours.Add(HashLong(4 * 77))
		ours.Add(HashText("text"))
		ours.Add(HashDouble(x))
		want, err := s.CompactOrdered().MarshalBinary()
		if err != nil {
			t.Fatal(err)
		}
		got, err := ours.Marshal()
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(got, want) {
			t.Errorf("%v: % x, want % x", x, got, want)
		}
	}
}

// TestThetaSplits: any split and any order of merges gives the same sketch.
func TestThetaSplits(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		k := rapid.SampledFrom([]int{16, 50, 256}).Draw(t, "k")
		values := rapid.SliceOfN(rapid.Int64Range(0, 3000), 0, 2000).Draw(t, "values")
		whole := NewTheta(k)
		parts := []*Theta{NewTheta(k), NewTheta(k), NewTheta(k)}
		seen := map[int64]bool{}
		for i, x := range values {
			whole.Add(HashLong(x))
			parts[(i*i+int(x))%3].Add(HashLong(x))
			seen[x] = true
		}
		text := func(s *Theta) string {
			b, err := s.Marshal()
			if err != nil {
				t.Fatal(err)
			}
			return string(b)
		}
		merged := NewTheta(k)
		for _, i := range rapid.Permutation([]int{0, 1, 2}).Draw(t, "order") {
			if rapid.Bool().Draw(t, "as bytes") {
				if err := merged.MergeBytes(text(parts[i])); err != nil {
					t.Fatal(err)
				}
			} else {
				merged.Merge(parts[i])
			}
		}
		if text(merged) != text(whole) || merged.Estimate() != whole.Estimate() {
			t.Fatalf("merged %v, one pass %v", merged.Estimate(), whole.Estimate())
		}
		if n := float64(len(seen)); len(seen) <= k && whole.Estimate() != n || math.Abs(whole.Estimate()-n) > 6*n/math.Sqrt(float64(k)) {
			t.Fatalf("estimate %v of %v", whole.Estimate(), n)
		}
	})
}

// TestThetaReadsOthers: sketches of the library, in both of its forms, are read.
func TestThetaReadsOthers(t *testing.T) {
	s, err := theta.NewQuickSelectUpdateSketch(theta.WithUpdateSketchLgK(9))
	if err != nil {
		t.Fatal(err)
	}
	for x := range int64(20000) {
		if err := s.UpdateInt64(x); err != nil && !bytes.Contains([]byte(err.Error()), []byte("theta")) && !bytes.Contains([]byte(err.Error()), []byte("duplicate")) {
			t.Fatal(err)
		}
	}
	var packed bytes.Buffer
	encoder := theta.NewEncoder(&packed, true)
	if err := encoder.Encode(s.CompactOrdered()); err != nil {
		t.Fatal(err)
	}
	plain, err := s.Compact(false).MarshalBinary()
	if err != nil {
		t.Fatal(err)
	}
	for _, data := range []string{packed.String(), string(plain)} {
		ours := NewTheta(4096)
		if err := ours.MergeBytes(data); err != nil {
			t.Fatal(err)
		}
		if got, want := ours.Estimate(), s.Estimate(); math.Abs(got-want) > 1e-9*want {
			t.Errorf("estimate %v, want %v", got, want)
		}
	}
}

func FuzzThetaBytes(f *testing.F) {
	for _, n := range []int{0, 1, 10, 1000} {
		s := NewTheta(64)
		for x := range n {
			s.Add(HashLong(int64(x)))
		}
		data, err := s.Marshal()
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		s := NewTheta(64)
		s.Add(HashLong(1))
		if err := s.MergeBytes(string(data)); err != nil {
			if errs.As(err).Code != errs.InvalidBinary {
				t.Fatal(err)
			}
			return
		}
		if e := s.Estimate(); e < 0 || math.IsNaN(e) {
			t.Fatalf("estimate %v", e)
		}
	})
}

// TestRegisters: estimates of both kinds are within four standard errors, one by one and on average, and merging gives
// the registers of one pass.
func TestRegisters(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 8))
	for _, kind := range []Kind{KindHLL, KindULL} {
		for _, p := range []uint{4, 8, 12} {
			spread := map[Kind]float64{KindHLL: 1.04, KindULL: 0.78}[kind] / math.Sqrt(float64(int(1)<<p))
			for _, n := range []int{0, 1, 10, 1000, 10000, 60000} {
				const rounds = 12
				sum := 0.0
				for range rounds {
					whole, left, right := NewRegisters(kind, p), NewRegisters(kind, p), NewRegisters(kind, p)
					for range n {
						h := r.Uint64()
						whole.Add(h)
						if h&1 == 0 {
							left.Add(h)
						} else {
							right.Add(h)
						}
					}
					data, err := left.Marshal()
					if err == nil {
						err = right.MergeBytes(string(data))
					}
					if err != nil {
						t.Fatal(err)
					}
					if !bytes.Equal(right.values, whole.values) {
						t.Fatalf("%s p %d: merged registers differ from those of one pass", kind, p)
					}
					e := whole.Estimate()
					if math.Abs(e-float64(n)) > 4.5*spread*float64(n)+0.5 {
						t.Errorf("%s p %d: %v of %d", kind, p, e, n)
					}
					sum += e / rounds
				}
				if math.Abs(sum-float64(n)) > 4*spread/math.Sqrt(rounds)*float64(n)+0.5 {
					t.Errorf("%s p %d: %v on average of %d", kind, p, sum, n)
				}
			}
		}
	}
}

func FuzzRegisters(f *testing.F) {
	for _, kind := range []Kind{KindHLL, KindULL} {
		for _, n := range []int{0, 3, 1000} {
			s := NewRegisters(kind, 6)
			for x := range n {
				s.Add(HashLong(int64(x)) << 1)
			}
			data, err := s.Marshal()
			if err != nil {
				f.Fatal(err)
			}
			payload, err := Open(kind, string(data))
			if err != nil {
				f.Fatal(err)
			}
			f.Add([]byte(payload))
		}
	}
	f.Fuzz(func(t *testing.T, payload []byte) {
		for _, kind := range []Kind{KindHLL, KindULL} {
			s := NewRegisters(kind, 6)
			if err := s.MergeBytes(string(Seal(kind, payload))); err != nil {
				if errs.As(err).Code != errs.InvalidBinary {
					t.Fatal(err)
				}
				continue
			}
			if e := s.Estimate(); !(e >= 0) {
				t.Fatalf("estimate %v", e)
			}
			data, err := s.Marshal()
			if err != nil {
				t.Fatal(err)
			}
			again := NewRegisters(kind, 6)
			if err := again.MergeBytes(string(data)); err != nil || !bytes.Equal(again.values, s.values) {
				t.Fatalf("no round trip: %v", err)
			}
		}
	})
}

func FuzzFrame(f *testing.F) {
	f.Add(Seal(KindHLL, []byte("abc")))
	f.Fuzz(func(t *testing.T, data []byte) {
		payload, err := Open(KindHLL, string(data))
		if err == nil && !bytes.Equal(Seal(KindHLL, []byte(payload)), data) {
			t.Fatalf("% x opens as %q", data, payload)
		}
	})
}

// TestAddRanks: registers and their ranks, for one sketch, for many at once and through a stage, give what hashes give one by
// one; nothing is left in a stage that was flushed, and groups may come later.
func TestAddRanks(t *testing.T) {
	const p, most = 9, 7
	r := rand.New(rand.NewPCG(8, 8))
	for _, n := range []int{0, 1, 255, 256, 257, 3000, 60_001} {
		var want, each, staged [most]*Registers
		for g := range want {
			want[g], each[g], staged[g] = NewRegisters(KindHLL, p), NewRegisters(KindHLL, p), NewRegisters(KindHLL, p)
		}
		wantOne, one := NewRegisters(KindHLL, p), NewRegisters(KindHLL, p)
		var stage Stage
		take := func(group uint32, run []uint32) { staged[group].AddRanks(run) }
		for round := range 3 {
			known := most - 2 + round
			groups, ranks := make([]uint32, n+3), make([]uint32, n) // groups may be longer
			for i := range ranks {
				h := r.Uint64() >> uint(r.IntN(2))
				if r.IntN(100) == 0 {
					h &^= 1<<(64-p) - 1 // the greatest rank
				}
				if groups[i] = uint32(r.IntN(known)); r.IntN(2) == 0 {
					groups[i] = 1
				}
				ranks[i] = uint32(h>>(64-p))<<RankBits | uint32(min(bits.LeadingZeros64(h<<p), 64-p)+1)
				want[groups[i]].Add(h)
				wantOne.Add(h)
			}
			AddRanksEach(each[:], groups, ranks)
			one.AddRanks(slices.Clone(ranks))
			stage.Add(known, groups, ranks, take)
		}
		stage.Flush(take)
		stage.Flush(func(group uint32, run []uint32) { t.Errorf("%d values of group %d were left", len(run), group) })
		for g := range want {
			if n > 0 && !bytes.Equal(each[g].values, want[g].values) || !bytes.Equal(staged[g].values, want[g].values) {
				t.Errorf("%d rows: sketch %d differs", n, g)
			}
		}
		if n > 0 && !bytes.Equal(one.values, wantOne.values) {
			t.Errorf("%d rows: the sketch of all differs", n)
		}
		if n > 60_000 && one.floor < 4 {
			t.Errorf("%d rows: the floor is %d, want 4 at least", n, one.floor)
		}
	}
}

// TestAbove: values above the floor stay, in order, and where processors can leave others out they do.
func TestAbove(t *testing.T) {
	r := rand.New(rand.NewPCG(9, 9))
	for _, n := range []int{0, 1, 15, 16, 17, 100, 256} {
		for _, floor := range []byte{0, 1, 5, 63} {
			ranks := make([]uint32, n)
			for i := range ranks {
				ranks[i] = r.Uint32N(1<<(RankBits+4)) &^ (r.Uint32N(2) * 60)
			}
			low := func(x uint32) bool { return x&(1<<RankBits-1) <= uint32(floor) }
			want := slices.DeleteFunc(slices.Clone(ranks), low)
			got := above(ranks, floor)
			if wide && floor > 0 && n%16 == 0 && len(got) != len(want) {
				t.Errorf("%d of %d values are left of those above %d", len(got), len(want), floor)
			}
			if got = slices.DeleteFunc(got, low); !slices.Equal(got, want) {
				t.Errorf("%v are left above %d, want %v", got, floor, want)
			}
		}
	}
}

// TestMergeRegisters: a register of the merged sketch is the greatest of all, whatever the number of registers.
func TestMergeRegisters(t *testing.T) {
	r := rand.New(rand.NewPCG(10, 10))
	for p := uint(MinLog2Registers); p < 12; p++ {
		one, other, want := NewRegisters(KindHLL, p), NewRegisters(KindHLL, p), NewRegisters(KindHLL, p)
		for range 5 << p {
			h := r.Uint64()
			want.Add(h)
			if r.IntN(2) == 0 {
				one.Add(h)
			} else {
				other.Add(h)
			}
		}
		if one.Merge(other); !bytes.Equal(one.values, want.values) {
			t.Errorf("2^%d registers: %v, want %v", p, one.values, want.values)
		}
	}
}
