package binfmt

import (
	"testing"

	"pgregory.net/rapid"
)

func TestRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.String().Draw(t, "s")
		a, b := rapid.Uint32().Draw(t, "a"), rapid.Uint64().Draw(t, "b")
		n := rapid.IntRange(0, 1000).Draw(t, "n")
		data := AppendString([]byte{7}, s)
		data = AppendUint64(AppendUint64(AppendUint32(data, a), b), uint64(n))
		d := NewDecoder(data)
		if got := d.Uint8(); got != 7 {
			t.Fatalf("byte %d", got)
		}
		if got := d.String(1 << 20); got != s {
			t.Fatalf("string %q, want %q", got, s)
		}
		if x, y, z := d.Uint32(), d.Uint64(), d.Int(1000); x != a || y != b || z != n {
			t.Fatalf("%d %d %d, want %d %d %d", x, y, z, a, b, n)
		}
		if err := d.Finish(); err != nil {
			t.Fatal(err)
		}
		cut := rapid.IntRange(0, len(data)-1).Draw(t, "cut")
		d = NewDecoder(data[:cut])
		d.Uint8()
		d.String(1 << 20)
		d.Uint32()
		d.Uint64()
		d.Int(1000)
		if d.Finish() == nil {
			t.Fatalf("%d of %d bytes decode without error", cut, len(data))
		}
	})
}

func TestErrorsStick(t *testing.T) {
	for name, read := range map[string]func(d *Decoder){
		"short":     func(d *Decoder) { d.Uint64(); d.Uint64() },
		"long text": func(d *Decoder) { d.String(3) },
		"big count": func(d *Decoder) { d.Int(1) },
		"left over": func(d *Decoder) { d.Uint8() },
		"caller":    func(d *Decoder) { d.Fail("no"); d.Fail("later") },
	} {
		d := NewDecoder([]byte{9, 0, 0, 0, 1, 2, 3, 4, 5, 6})
		read(d)
		if d.Finish() == nil {
			t.Errorf("%s: no error", name)
			continue
		}
		first := d.Err()
		if x := d.Uint8(); x != 0 && name != "left over" {
			t.Errorf("%s: read %d after an error", name, x)
		}
		d.Fail("again")
		if d.Err() != first {
			t.Errorf("%s: the first error was replaced", name)
		}
	}
}
