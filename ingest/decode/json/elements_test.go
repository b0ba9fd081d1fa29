package json

import (
	"errors"
	"slices"
	"testing"

	"github.com/freshetdb/freshet/catalog"
)

func TestElements(t *testing.T) {
	for _, c := range []struct {
		text string
		want []string
	}{
		{`[1, "x,]", null, {"a": [2, 3]} , [ ]]`, []string{`1`, `"x,]"`, `{"a": [2, 3]}`, `[ ]`}},
		{`[]`, nil}, {` [ ] `, nil}, {`[null]`, nil}, {`{"a": 1}`, []string{`{"a": 1}`}}, {`5`, []string{`5`}},
	} {
		var got []string
		if err := Elements(c.text, func(e []byte) error { got = append(got, string(e)); return nil }); err != nil {
			t.Errorf("%s: %v", c.text, err)
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: got %q, want %q", c.text, got, c.want)
		}
	}
	stop := errors.New("stop")
	if err := Elements(`[1, 2]`, func([]byte) error { return stop }); !errors.Is(err, stop) {
		t.Errorf("the callback's error is lost: %v", err)
	}
	if err := Elements(`[1, x]`, func([]byte) error { return nil }); err == nil {
		t.Error("bad text is accepted")
	}
}

// TestWholeRecords decodes elements that need not be objects.
func TestWholeRecords(t *testing.T) {
	dec, err := New([]Field{{Name: "", Type: catalog.JSON}, {Name: "", Type: catalog.Long, Forgive: true}, {Name: "a", Type: catalog.Int}, {Name: "list", Type: catalog.JSON, Raw: true}}, Options{Scalars: true})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ text, whole, long, a, list string }{
		{`5`, "'5'", "5", "NULL", "NULL"},
		{`"text"`, "'text'", "NULL", "NULL", "NULL"},
		{`[1, 2]`, "'[1,2]'", "NULL", "NULL", "NULL"},
		{` {"a": 1, "list": [ 1 ]} `, `'{"a":1,"list":[1]}'`, "NULL", "1", "'[ 1 ]'"},
	} {
		dec.Reset()
		if err := dec.Decode([]byte(c.text)); err != nil {
			t.Errorf("%s: %v", c.text, err)
			continue
		}
		got := [4]string{}
		for i := range got {
			got[i] = dec.Column(i).At(0).String()
		}
		if want := [4]string{c.whole, c.long, c.a, c.list}; got != want {
			t.Errorf("%s: got %v, want %v", c.text, got, want)
		}
		if text, ok := dec.Text(3, 0); ok != (c.list != "NULL") || ok && "'"+text+"'" != c.list {
			t.Errorf("%s: text of list is %q, %t", c.text, text, ok)
		}
	}
	for _, bad := range []string{``, `5 5`, `[1`, `nul`, `"a`} {
		if err := dec.Decode([]byte(bad)); err == nil {
			t.Errorf("%q is accepted", bad)
		}
	}
	only, err := New([]Field{{Name: "a", Type: catalog.Int}}, Options{Scalars: true})
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{`5`, `{"a": 3}`, `[[1]]`} {
		if err := only.Decode([]byte(text)); err != nil {
			t.Errorf("%s: %v", text, err)
		}
	}
	if col := only.Column(0); !col.IsNull(0) || col.I32[1] != 3 || !col.IsNull(2) {
		t.Errorf("got %v %v %v", col.At(0), col.At(1), col.At(2))
	}
}

// TestArenaIsGivenBack decodes one huge escaped text, then small ones.
func TestArenaIsGivenBack(t *testing.T) {
	dec, err := New([]Field{{Name: "a", Type: catalog.String}}, Options{})
	if err != nil {
		t.Fatal(err)
	}
	huge := append([]byte(`{"a":"\n`), make([]byte, arenaKept*2)...)
	for i := 8; i < len(huge); i++ {
		huge[i] = 'x'
	}
	huge = append(huge, `"}`...)
	if err := dec.Decode(huge); err != nil {
		t.Fatal(err)
	}
	dec.Reset()
	if err := dec.Decode([]byte(`{"a":"\n"}`)); err != nil {
		t.Fatal(err)
	}
	dec.Reset()
	if cap(dec.arena) > arenaKept {
		t.Errorf("the arena still has %d bytes", cap(dec.arena))
	}
}
