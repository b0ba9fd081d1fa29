package json

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/internal/jsonindex"
)

// nodesOf is the structure of a valid text without white space, by walking through it.
func nodesOf(text string) []jsonindex.Node {
	var nodes []jsonindex.Node
	at := 0
	var value func()
	leaf := func(end func(i int) bool) {
		from := at
		for at++; at < len(text) && !end(at); at++ {
			if text[at] == '\\' {
				at++
			}
		}
		if text[from] == '"' {
			at++
		}
		nodes = append(nodes, jsonindex.Node{From: uint32(from), To: uint32(at), Next: uint32(len(nodes) + 1)})
	}
	value = func() {
		switch text[at] {
		case '{', '[':
			n := len(nodes)
			nodes = append(nodes, jsonindex.Node{From: uint32(at)})
			for at++; text[at] != '}' && text[at] != ']'; {
				if text[at] == ',' || text[at] == ':' {
					at++
				}
				value()
			}
			at++
			nodes[n].To, nodes[n].Next = uint32(at), uint32(len(nodes))
		case '"':
			leaf(func(i int) bool { return text[i] == '"' })
		default:
			leaf(func(i int) bool { return strings.IndexByte(",:]}", text[i]) >= 0 })
		}
	}
	value()
	return nodes
}

// documents makes documents of objects that are mostly written alike.
type documents struct {
	rng *rand.Rand
	odd int // one of so many members, gaps and keys is not as usual
}

func (w *documents) seldom() bool { return w.rng.IntN(w.odd) == 0 }

func (w *documents) gap(usual string) string {
	if w.seldom() {
		return []string{"", " ", "  ", "\n\t", "\r\n          "}[w.rng.IntN(5)]
	}
	return usual
}

func (w *documents) value(level int) string {
	switch n := w.rng.IntN(8); {
	case level < 3 && n == 0, level == 0:
		var elements []string
		for range w.rng.IntN(6) {
			elements = append(elements, w.object(level+1))
		}
		return "[" + strings.Join(elements, ","+w.gap(" ")) + w.gap("") + "]"
	case level < 3 && n == 1:
		return w.object(level + 1)
	default:
		return []string{`"text"`, `""`, `"with \"\\ escapes, {}:"`, "12", "-1.50", "1e3", "true", "null", `"ü"`}[w.rng.IntN(9)]
	}
}

func (w *documents) object(level int) string {
	var members []string
	for _, key := range []string{"id", "quantity", `k\u0065y`, "a key of more than two words"} {
		if w.seldom() {
			key = []string{"", "other", "ids", "i"}[w.rng.IntN(4)]
		}
		if w.seldom() {
			continue
		}
		members = append(members, `"`+key+`"`+w.gap("")+":"+w.gap(" ")+w.value(level))
	}
	if w.seldom() {
		for i := range 2 * shapeMembers {
			members = append(members, fmt.Sprintf(`"%d":0`, i))
		}
	}
	return "{" + w.gap("") + strings.Join(members, w.gap("")+","+w.gap(" ")) + w.gap("") + "}"
}

// TestIndex compares the structure that is noted while a document is checked with that of the text that is stored, in
// documents whose objects are alike, nearly alike and not at all.
func TestIndex(t *testing.T) {
	rng := rand.New(rand.NewPCG(19, 20))
	dec, err := New([]Field{{Name: "a", Type: catalog.JSON, Index: true}, {Name: "n", Type: catalog.Long}}, Options{})
	if err != nil {
		t.Fatal(err)
	}
	known := 0
	for round := range 3000 {
		w := documents{rng: rng, odd: []int{2, 30, 1000}[round%3]}
		dec.Reset()
		var records []string
		for row := range 1 + rng.IntN(8) {
			records = append(records, `{"a":`+w.gap(" ")+w.value(0)+`, "n":`+fmt.Sprint(row)+`}`)
			if err := dec.Decode([]byte(records[row])); err != nil {
				t.Fatalf("%s: %v", records[row], err)
			}
		}
		for row, record := range records {
			text, index := dec.Column(0).Str[row], dec.slots[0].index
			nodes := slices.Clone(index.Document(row))
			want := nodesOf(text)
			if len(nodes) < len(want) || !slices.Equal(nodes[:len(want)], want) {
				t.Fatalf("%s, stored as %s, has the nodes %v, want %v", record, text, nodes, want)
			}
			if n := dec.Column(1).I64[row]; n != int64(row) {
				t.Fatalf("what follows %s is read as %d", record, n)
			}
		}
		for i := range dec.slots[0].shapes {
			if h := &dec.slots[0].shapes[i]; h.known && len(h.members) > 0 && w.odd == 1000 {
				known++
			}
		}
	}
	if known < 1000 {
		t.Errorf("%d shapes of levels are known after 1000 rounds of objects that are alike", known)
	}
}

// TestShapesAreChecked: an object that begins like the one before and is no JSON is rejected all the same, at the byte where
// that shows.
func TestShapesAreChecked(t *testing.T) {
	const first = `{"id": 1, "key": {"x": [2]}, "last": "text"}`
	for _, second := range []string{`{"id": 1 "key": 2}`, `{"id": , "key": 2}`, `{"id": 1, "key": {"x": [2}, "last": "text"}`, `{"id": 1, "key": {"x": [2]}, "last": text}`,
		`{"id": 1, "key": {"x": [2]}, "last": "text"`, `{"id": 1, "key": {"x": [2]}, "last": "text",}`, `{"id": 1, "key": {"x": [2]]}, "last": "text"}`, `{"id":`, `{"id": 1, "key": `, `{"id": 01}`} {
		var errors [2]string
		for i, before := range []string{first, "0"} {
			dec, err := New([]Field{{Name: "a", Type: catalog.JSON, Index: true}}, Options{})
			if err != nil {
				t.Fatal(err)
			}
			record := []byte(`{"a":[` + first + strings.Repeat(" ", len(first)-1) + `,` + second + `]}`)
			if before == "0" {
				record = []byte(`{"a":[0` + strings.Repeat(" ", 2*len(first)-2) + `,` + second + `]}`)
			}
			if err = dec.Decode(record); err == nil {
				t.Fatalf("%s is accepted", record)
			}
			errors[i] = err.Error()
		}
		if errors[0] != errors[1] {
			t.Errorf("%s behind an object like it: %s; alone: %s", second, errors[0], errors[1])
		}
	}
}

// TestShapesGiveUp: where no object is like the one before, ever fewer are remembered, until they are alike again.
func TestShapesGiveUp(t *testing.T) {
	dec, err := New([]Field{{Name: "a", Type: catalog.JSON, Index: true}}, Options{})
	if err != nil {
		t.Fatal(err)
	}
	h := &dec.slots[0].shapes[1]
	decode := func(element string, times int) {
		dec.Reset()
		if err := dec.Decode([]byte(`{"a":[` + strings.Repeat(element+",", times-1) + element + `]}`)); err != nil {
			t.Fatal(err)
		}
	}
	decode(`{"x":1}`, 2)
	if !h.known || h.wrong > 0 {
		t.Errorf("objects that are alike give %+v", h)
	}
	decode(`{"x":1},{"y":[1,2]}`, 10)
	few := h.wrong
	decode(`{"x":1},{"y":[1,2]}`, 1000)
	if few < 3 || few > 31 || h.wrong != longestWait {
		t.Errorf("%d and %d objects are let go after 20 and 2000 that are not alike", few, h.wrong)
	}
	decode(`{"x":1}`, longestWait+2)
	if !h.known || h.wrong > 0 {
		t.Errorf("many objects that are alike again give %+v", h)
	}
	decode(`{"`+strings.Repeat("x", shapeBytes)+`":1}`, 10)
	if h.known {
		t.Errorf("an object with a long key is remembered: %+v", h)
	}
}
