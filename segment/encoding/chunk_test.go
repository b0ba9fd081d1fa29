package encoding

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/internal/vec"
)

// writeChunks stores blocks of strings.
func writeChunks(t interface{ Fatal(args ...any) }, blocks [][]string) (index, data []byte) {
	w := NewChunkWriter(func(p []byte) error {
		data = append(data, p...)
		return nil
	})
	for _, b := range blocks {
		for _, s := range b {
			if err := w.Add(s); err != nil {
				t.Fatal(err)
			}
		}
		if err := w.EndBlock(); err != nil {
			t.Fatal(err)
		}
	}
	return aligned(w.Index()), data
}

func sizes(blocks [][]string) func(int) int { return func(b int) int { return len(blocks[b]) } }

func TestChunksRoundTrip(t *testing.T) {
	texts := rapid.OneOf(rapid.Just(""), rapid.String(), rapid.Custom(func(t *rapid.T) string {
		return strings.Repeat(rapid.StringN(1, 4, -1).Draw(t, "unit"), rapid.IntRange(1, 30000).Draw(t, "times"))
	}))
	rapid.Check(t, func(t *rapid.T) {
		blocks := rapid.SliceOfN(rapid.SliceOfN(texts, 0, 8), 0, 5).Draw(t, "blocks")
		index, data := writeChunks(t, blocks)
		r, err := NewChunkReader(index, data, len(blocks), sizes(blocks))
		if err != nil {
			t.Fatal(err)
		}
		var out vec.Vector
		for b := len(blocks) - 1; b >= 0; b-- {
			out.Reset(catalog.String, len(blocks[b]))
			if err := r.Read(b, &out); err != nil {
				t.Fatal(err)
			}
			if !slices.Equal(out.Str, blocks[b]) {
				t.Fatalf("block %d differs", b)
			}
		}
	})
}

func TestChunksCompressAndSplit(t *testing.T) {
	words := make([]string, vec.BlockRows)
	for i := range words {
		words[i] = "https://example.org/a/rather/common/path?number=" + string(rune('a'+i%26))
	}
	blocks := [][]string{words}
	index, data := writeChunks(t, blocks)
	if raw := len(words) * len(words[0]); len(data)*4 > raw {
		t.Errorf("%d bytes of similar text are stored in %d", raw, len(data))
	}
	r, err := NewChunkReader(index, data, 1, sizes(blocks))
	if err != nil {
		t.Fatal(err)
	}
	if n := len(r.records) / chunkRecordSize; n < 4 {
		t.Errorf("%d chunks, want some of about %d bytes", n, chunkTarget)
	}
	var out vec.Vector
	read := func() {
		out.Reset(catalog.String, len(words))
		if err := r.Read(0, &out); err != nil {
			t.Fatal(err)
		}
	}
	if n := testing.AllocsPerRun(10, read); n > 0 {
		t.Errorf("%.0f allocations per block", n)
	}
	w := NewChunkWriter(nil)
	if err := w.Add(strings.Repeat("x", MaxText+1)); err == nil {
		t.Error("a text above the limit is stored")
	}
}

// FuzzChunks reads damaged chunks: an error or other strings, never anything outside of them.
func FuzzChunks(f *testing.F) {
	blocks := [][]string{{"one", "", "three three three three three three"}, {}, {strings.Repeat("ab", 500)}}
	index, data := writeChunks(f, blocks)
	f.Add(index, data)
	f.Fuzz(func(t *testing.T, index, data []byte) { readDamaged(index, data, blocks) })
}

// readDamaged gives the number of strings read.
func readDamaged(index, data []byte, blocks [][]string) int {
	r, err := NewChunkReader(aligned(index), data, len(blocks), sizes(blocks))
	if err != nil {
		return 0
	}
	n := 0
	var out vec.Vector
	for b := range blocks {
		out.Reset(catalog.String, len(blocks[b]))
		if r.Read(b, &out) == nil {
			n += len(strings.Join(out.Str, ""))
		}
	}
	return n
}

func TestDamagedChunks(t *testing.T) {
	blocks := [][]string{{"one", "", "three three three three three three"}, {}, {strings.Repeat("ab", 500)}}
	index, data := writeChunks(t, blocks)
	rng := rand.New(rand.NewPCG(1, 1))
	refused := 0
	for range 5000 {
		i, d := slices.Clone(index), slices.Clone(data)
		for range 1 + rng.IntN(3) {
			if rng.IntN(2) == 0 {
				i[rng.IntN(len(i))] = byte(rng.Uint32())
			} else {
				d[rng.IntN(len(d))] = byte(rng.Uint32())
			}
		}
		if readDamaged(i, d, blocks) == 0 {
			refused++
		}
	}
	if refused < 1000 {
		t.Errorf("only %d of 5000 damaged chunks are refused", refused)
	}
}
