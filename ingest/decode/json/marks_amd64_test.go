//go:build goexperiment.simd && amd64

package json

import (
	"bytes"
	"math/rand/v2"
	"testing"
)

// TestFindMarks finds the marks of records of all sizes, from no quote to nothing else, against a walk over their bytes; what
// lies behind the room for marks stays as it is.
func TestFindMarks(t *testing.T) {
	if !wide {
		t.Skip("this processor has no vectors of 512 bits")
	}
	const canary = 0xabcd
	rng := rand.New(rand.NewPCG(31, 32))
	for range 20_000 {
		b := bytes.Repeat([]byte("x"), leastMarked+rng.IntN(300))
		if rng.IntN(50) == 0 {
			b = bytes.Repeat([]byte("x"), mostMarked-rng.IntN(64))
		}
		var want []uint16
		for i, dense := range rng.Perm(len(b)) {
			if i%8 < len(b)%9 {
				b[dense] = '"'
			}
		}
		b[0], b[len(b)-1] = '{', '}'
		ascii := true
		for _, odd := range []byte{'\\', '\n', 0x1f, 0xc3, 0xff} {
			if rng.IntN(12) == 0 {
				b[1+rng.IntN(len(b)-2)] = odd
			}
		}
		ok := true
		for i, c := range b {
			if c == '"' {
				want = append(want, uint16(i))
			}
			ok = ok && c != '\\' && c >= ' '
			ascii = ascii && c < 0x80
		}
		count := len(want)
		if ok = ok && count <= maxMarks; !ok {
			count = -1
		}
		out := bytes16(maxMarks+64+8, canary)
		n, got, gotASCII := findMarks([][]byte{b}, len(want), maxMarks+1, out)
		if wantN := map[bool]int{true: 1}[ok && ascii]; n != wantN || got != count || ok && gotASCII != ascii {
			t.Fatalf("%d records with %d marks (ASCII %t) in %q, want %d with %d (%t)", n, got, gotASCII, b, wantN, count, ascii)
		}
		for i := range out {
			switch {
			case ok && i < len(want) && out[i] != want[i]:
				t.Fatalf("mark %d of %q is %d, want %d", i, b, out[i], want[i])
			case n == 1 && i == len(want) && int(out[i]) != len(b):
				t.Fatalf("the last mark of %q is %d, want its length %d", b, out[i], len(b))
			case i >= maxMarks+64 && out[i] != canary:
				t.Fatalf("place %d behind the room for marks is %d", i, out[i])
			}
		}
	}
}

func bytes16(n int, x uint16) []uint16 {
	s := make([]uint16, n)
	for i := range s {
		s[i] = x
	}
	return s
}

// TestMarksGoOn: a record that is not ASCII, but alike, is in the run with those before and behind it, wherever it comes.
func TestMarksGoOn(t *testing.T) {
	if !wide {
		t.Skip("this processor has no vectors of 512 bits")
	}
	plain, other := []byte(`{"a":"some text that is long enough","b":"a second one, to be sure"}`), []byte(`{"a":"some text that is long enough","b":"a sécond one, to be sure enough"}`)
	records := [][]byte{plain, other, plain, plain, other, other, plain}
	r := run{stride: 9}
	r.reserve(len(records))
	if n := r.markAll(records); n != len(records) {
		t.Fatalf("%d records of %d are marked", n, len(records))
	}
	for i, b := range records {
		marks := r.marks[i*r.stride:][:r.stride]
		for k, at := range marks[:len(marks)-1] {
			if b[at] != '"' {
				t.Errorf("mark %d of record %d is a %q", k, i, b[at])
			}
		}
		if last := marks[len(marks)-1]; int(last) != len(b) {
			t.Errorf("record %d ends at %d, want %d", i, last, len(b))
		}
	}
}
