package sketch

import (
	"encoding/binary"
	"iter"
	"math"
	"slices"
	"unsafe"

	"github.com/apache/datasketches-go/theta"
	"github.com/twmb/murmur3"

	"github.com/freshetdb/freshet/internal/errs"
)

// Limits of Theta's nominal entries.
const (
	MinNominal = 16
	MaxNominal = 1 << 20
)

// thetaSeed and the hash are those of Apache DataSketches, so that its libraries read our sketches and we read theirs.
const thetaSeed = 9001

// Theta estimates the number of distinct values from the k smallest of their hashes. What it holds once Finish has run
// depends on the set of values only, not on their order or on how it was merged.
type Theta struct {
	k     int
	limit uint64   // hashes from here on are ignored
	slots []uint64 // open addressing, a power of two; 0 is free and no hash
	used  int
	any   bool // a value came, even if no hash is held
}

// NewTheta makes an empty sketch of k nominal entries, from MinNominal to MaxNominal.
func NewTheta(k int) *Theta { return &Theta{k: k, limit: theta.MaxTheta} }

// HashLong hashes an integer as DataSketches does.
func HashLong(x int64) uint64 {
	var b [8]byte
	binary.LittleEndian.PutUint64(b[:], uint64(x))
	h, _ := murmur3.SeedSum128(thetaSeed, thetaSeed, b[:])
	return h >> 1
}

// HashDouble hashes a float; the zeros are one value, and so are all NaN.
func HashDouble(x float64) uint64 {
	if x == 0 {
		x = 0
	}
	bits := math.Float64bits(x)
	if x != x {
		bits = 0x7ff8000000000000
	}
	return HashLong(int64(bits))
}

// HashText hashes the bytes of s.
func HashText(s string) uint64 {
	h, _ := murmur3.SeedSum128(thetaSeed, thetaSeed, unsafe.Slice(unsafe.StringData(s), len(s)))
	return h >> 1
}

// Add takes the hash of a value.
func (t *Theta) Add(hash uint64) {
	t.any = true
	if hash == 0 || hash >= t.limit {
		return
	}
	if 2*t.used >= len(t.slots) {
		t.grow()
		if hash >= t.limit {
			return
		}
	}
	t.insert(hash)
}

func (t *Theta) insert(hash uint64) {
	mask := uint64(len(t.slots) - 1)
	for at := hash * 0x9e3779b97f4a7c15 >> 20 & mask; ; at = (at + 1) & mask {
		switch t.slots[at] {
		case hash:
			return
		case 0:
			t.slots[at] = hash
			t.used++
			return
		}
	}
}

// grow makes room: it drops all but the k smallest hashes where that frees half of what is held, else it doubles.
func (t *Theta) grow() {
	held := t.hashes()
	size := max(16, 2*len(t.slots))
	if t.used >= 2*t.k {
		slices.Sort(held)
		t.limit = held[t.k]
		held, size = held[:t.k], len(t.slots)
	}
	t.slots, t.used = make([]uint64, size), 0
	for _, h := range held {
		t.insert(h)
	}
}

func (t *Theta) hashes() []uint64 {
	held := make([]uint64, 0, t.used)
	for _, h := range t.slots {
		if h != 0 {
			held = append(held, h)
		}
	}
	return held
}

// Merge adds the values of o.
func (t *Theta) Merge(o *Theta) {
	t.k = min(t.k, o.k)
	t.add(o.any, o.limit, slices.Values(o.slots))
}

func (t *Theta) add(some bool, limit uint64, hashes iter.Seq[uint64]) {
	t.any = t.any || some
	if limit < t.limit {
		t.limit = limit
		held := t.hashes()
		clear(t.slots)
		t.used = 0
		for _, h := range held {
			if h < limit {
				t.insert(h)
			}
		}
	}
	for h := range hashes {
		if h != 0 {
			t.Add(h)
		}
	}
	t.any = t.any || some
}

// finish gives the k smallest hashes in order, and the limit below which they are all.
func (t *Theta) finish() ([]uint64, uint64) {
	held, limit := t.hashes(), t.limit
	slices.Sort(held)
	if len(held) > t.k {
		limit = held[t.k]
		held = held[:t.k]
	}
	return held, limit
}

// Estimate is the estimated number of distinct values; exact up to k.
func (t *Theta) Estimate() float64 {
	held, limit := t.finish()
	if limit == theta.MaxTheta {
		return float64(len(held))
	}
	return float64(len(held)) / (float64(limit) / float64(theta.MaxTheta))
}

// Bytes estimates the memory held.
func (t *Theta) Bytes() int { return 64 + 8*cap(t.slots) }

// Marshal writes the sketch as a compact, ordered theta sketch of Apache DataSketches.
func (t *Theta) Marshal() ([]byte, error) {
	held, limit := t.finish()
	if t.empty(len(held), limit) {
		limit = theta.MaxTheta
	}
	out, err := theta.NewCompactSketch(&finished{t: t, held: held, limit: limit}, true).MarshalBinary()
	if err != nil {
		return nil, errs.Bug("theta sketch: %v", err)
	}
	return out, nil
}

func (t *Theta) empty(held int, limit uint64) bool {
	return !t.any && held == 0 && limit == theta.MaxTheta
}

// MergeBytes adds the values of a serialised compact theta sketch.
func (t *Theta) MergeBytes(data string) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = Invalid("theta sketch", "it cannot be read")
		}
	}()
	const entryBits, version = 3, 1 // bytes of the preamble
	if len(data) < 8 || len(data) > MaxBytes || data[version] == 4 && (data[entryBits] == 0 || data[entryBits] > 63) {
		return Invalid("theta sketch", "its preamble is damaged")
	}
	s, err := theta.Decode([]byte(data), thetaSeed)
	if err != nil {
		return Invalid("theta sketch", "%v", err)
	}
	limit := s.Theta64()
	if limit == 0 || limit > theta.MaxTheta {
		return Invalid("theta sketch", "theta is %d", limit)
	}
	for h := range s.All() {
		if h == 0 || h >= limit {
			return Invalid("theta sketch", "a hash is out of range")
		}
	}
	t.add(!s.IsEmpty(), limit, s.All())
	return nil
}

// finished shows a sketch to the library, which copies it.
type finished struct {
	theta.Sketch // methods that a copy does not ask for
	t            *Theta
	held         []uint64
	limit        uint64
}

// IsEmpty implements theta.Sketch.
func (f *finished) IsEmpty() bool { return f.t.empty(len(f.held), f.limit) }

// IsOrdered implements theta.Sketch.
func (f *finished) IsOrdered() bool { return true }

// Theta64 implements theta.Sketch.
func (f *finished) Theta64() uint64 { return f.limit }

// SeedHash implements theta.Sketch.
func (f *finished) SeedHash() (uint16, error) {
	s, err := theta.NewQuickSelectUpdateSketch(theta.WithUpdateSketchSeed(thetaSeed))
	if err != nil {
		return 0, err
	}
	return s.SeedHash()
}

// All implements theta.Sketch.
func (f *finished) All() iter.Seq[uint64] { return slices.Values(f.held) }
