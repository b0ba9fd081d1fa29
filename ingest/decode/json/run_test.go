package json

import (
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/freshetdb/freshet/catalog"
)

// longKey does not fit a lead.
const longKey = "a text whose key is longer than two words"

var runFields = append([]Field{{Name: "flag", Type: catalog.Boolean, Forgive: true}, {Name: "short", Type: catalog.String, MaxLength: 5},
	{Name: "absent", Type: catalog.String}, {Name: longKey, Type: catalog.String}, {Name: "none", Type: catalog.Long.Array()}}, leafFields...)

// decodeBoth decodes records in runs and one by one: rows, errors, values and losses have to agree. It gives the number of
// records that were in runs.
func decodeBoth(t *testing.T, runs, single *Decoder, records [][]byte) (inRuns int) {
	t.Helper()
	runs.Reset()
	single.Reset()
	for at := 0; at < len(records); at++ {
		n := runs.DecodeRun(records[at:])
		inRuns += n
		for _, b := range records[at : at+n] {
			if err := single.Decode(b); err != nil {
				t.Fatalf("%q is in a run, alone: %v", b, err)
			}
		}
		if at += n; at == len(records) {
			break
		}
		if got, want := runs.Decode(records[at]), single.Decode(records[at]); fmt.Sprint(got) != fmt.Sprint(want) {
			t.Fatalf("%q: %v after a run, %v alone", records[at], got, want)
		}
	}
	if runs.Rows() != single.Rows() || fmt.Sprint(runs.Losses()) != fmt.Sprint(single.Losses()) {
		t.Fatalf("%d rows with %v, want %d with %v", runs.Rows(), runs.Losses(), single.Rows(), single.Losses())
	}
	for i := range runFields {
		got, want := runs.Column(i), single.Column(i)
		for row := range want.Len {
			if g, w := got.At(row), want.At(row); fmt.Sprint(g) != fmt.Sprint(w) || got.IsNull(row) != want.IsNull(row) {
				t.Fatalf("row %d of %q is %v in runs, alone %v", row, runFields[i].Name, g, w)
			}
		}
	}
	return inRuns
}

// writer makes records of one shape, with odd ones between them.
type writer struct {
	rng         *rand.Rand
	keys        []string
	colon, next string
	odd         int // one of so many values, keys or ends is odd
}

func (w *writer) number() string {
	text := strconv.FormatUint(w.rng.Uint64()>>(7+w.rng.IntN(57)), 10)
	if w.rng.IntN(3) == 0 {
		text = "-" + text
	}
	return text
}

func (w *writer) value(key string) string {
	if w.rng.IntN(w.odd) == 0 {
		return []string{"null", `"a\nb"`, `"é"`, "\"\x01\"", "\"\xff\"", "1e3", "01", "1.", ".5", "-", "{}", `{"text":"x"}`, "[1]", "true", `"12"`, "1.25", "12345678901234567890",
			"2147483648", `"a long text"`, "", " 1", "1 ", "0", "-0", "-0.0", "1-2", "1..2", `"`, "x"}[w.rng.IntN(29)]
	}
	switch key {
	case "text", "other", longKey:
		return `"` + strings.Repeat("x/y ", w.rng.IntN(20)) + strings.Repeat("z", w.rng.IntN(9)) + `"`
	case "short":
		return `"` + "abcde"[:w.rng.IntN(6)] + `"`
	case "flag":
		return strconv.FormatBool(w.rng.IntN(2) == 0)
	case "double", "unwanted":
		return strconv.Itoa(w.rng.IntN(1_000_000)-500_000) + "." + strconv.Itoa(w.rng.IntN(1_000_000))
	case "int":
		return strconv.Itoa(w.rng.IntN(1<<32) - 1<<31)
	default:
		return w.number()
	}
}

func (w *writer) record() []byte {
	var members []string
	for _, key := range w.keys {
		if w.rng.IntN(4*w.odd) == 0 {
			key = []string{"texts", `te\u0078t`, "", "int", key[:len(key)-1] + "?"}[w.rng.IntN(5)]
		}
		colon := w.colon
		if w.rng.IntN(8*w.odd) == 0 {
			colon = " : "
		}
		members = append(members, `"`+key+`"`+colon+w.value(key))
	}
	if w.rng.IntN(4*w.odd) == 0 {
		members = members[1:]
	}
	text := "{" + strings.Join(members, w.next) + "}"
	if w.rng.IntN(4*w.odd) == 0 {
		text += []string{" ", "}", "\n", `,"a":1}`, " {}"}[w.rng.IntN(5)]
	}
	return []byte(text)
}

// TestRuns decodes batches of records that look mostly alike in runs and one by one, and asks encoding/json whether they are
// JSON at all.
func TestRuns(t *testing.T) {
	rng := rand.New(rand.NewPCG(11, 12))
	runs, single := newDecoder(t, runFields), newDecoder(t, runFields)
	total, inRuns := 0, 0
	for round := range 600 {
		w := writer{rng: rng, keys: []string{"text", "other", "int", "long", "time", "double", "unwanted", "flag", "short", "a key that is longer than two words", longKey},
			colon: []string{":", ": "}[rng.IntN(2)], next: []string{",", ", "}[rng.IntN(2)], odd: []int{10, 300, 100_000}[round%3]}
		rng.Shuffle(len(w.keys), func(i, j int) { w.keys[i], w.keys[j] = w.keys[j], w.keys[i] })
		runs.run.pause, runs.run.wait = 0, 0
		w.keys = w.keys[:3+rng.IntN(len(w.keys)-2)]
		var records [][]byte
		for range 1 + rng.IntN(400) {
			records = append(records, w.record())
		}
		n := decodeBoth(t, runs, single, records)
		if w.odd == 100_000 {
			total, inRuns = total+len(records), inRuns+n
		}
		for i, b := range records {
			single.Reset()
			if err := single.Decode(b); err == nil && !json.Valid(b) {
				t.Fatalf("record %d, %q, is accepted", i, b)
			}
		}
	}
	if wide && inRuns < total/3 {
		t.Errorf("of %d records that look alike %d were in runs", total, inRuns)
	}
}

// TestRunEnds puts one odd record between others that look alike, and NULLs behind it.
func TestRunEnds(t *testing.T) {
	const usual = `{"text":"a text of some length, no more","int":12,"a key that is longer than two words":7,"long":-345,"flag":true,"double":6.75}`
	runs, single := newDecoder(t, runFields), newDecoder(t, runFields)
	change := func(old, new string) string { return strings.Replace(usual, old, new, 1) }
	for _, odd := range []string{change("text of", `text \n of`), change("text of", `t\u0065xt of`), change("12", "2147483648"), change("12", "1.5"), change("12", `"5"`), change("}", ";"), change("}", " "),
		change("}", "}}"), change("}", `,"none":[1,2]}`), change("}", `,"absent":"here"}`), change("{", "{x"), change("{", "x"), change("{", "{{"), change("{", "{ "), change("two words", "two wards"), change("true", "truth"), change("true", "1"),
		change("true", "null"), change("-345", "null"), change("-345", "1-2"), change("-345", "1234567890123456789"), change("-345", "x2345678901234567"), change("6.75", "6.75e1"), change("6.75", "-null"), change(`,"int"`, `;"int"`),
		change(`"text"`, `"test"`), change(`"int"`, `"long"`), change(`,"flag"`, `,,"flag"`), change(`:true`, `=true`), change("a text", "a \x02ext"), change("a text", "a \xffext"), change("more", "m\u00f6re"),
		usual + "\n", "", "{}", strings.Repeat(usual, 60)} {
		for _, at := range []int{1, 20, 70} {
			records := make([][]byte, 100)
			for i := range records {
				if records[i] = []byte(usual); i == at+3 {
					records[i] = []byte(change("-345", "null"))
				}
			}
			records[at] = []byte(odd)
			runs.run.pause = 0
			if n := decodeBoth(t, runs, single, records); wide && n < 29 {
				t.Errorf("%d of 99 records are in runs beside %.200q", n, odd)
			}
		}
	}
	same := []byte(`{"int":null,"text":"the same key comes twice","long":5,"flag":false,"int":2}`)
	runs.run.pause = 0
	if n := decodeBoth(t, runs, single, [][]byte{same, same, same}); n > 0 {
		t.Errorf("%d records with a key twice are in a run", n)
	}
}

// TestOddNumbersStay: numbers that are not read together, as they are long or begin a record, do not end a run.
func TestOddNumbersStay(t *testing.T) {
	runs, single := newDecoder(t, runFields), newDecoder(t, runFields)
	const text = `"text":"a text that makes a record long enough for a run"`
	for _, record := range []string{`{"double":1.5,` + text + `}`, `{"int":-12,` + text + `}`, `{"int":0,"unwanted":1,` + text + `,"double":0.5}`, `{` + text + `,"long":12345678901234567}`,
		`{` + text + `,"long":-123456789012345678,"double":-0.0}`, `{` + text + `,"time":1234567890123456,"double":123456789012.25,"int":null}`} {
		records := make([][]byte, 70)
		for i := range records {
			records[i] = []byte(record)
		}
		runs.run.pause = 0
		if n := decodeBoth(t, runs, single, records); wide && n < len(records) {
			t.Errorf("%d of %d records like %q are in runs", n, len(records), record)
		}
	}
}

// TestPauses: where nothing is alike, ever fewer records are looked at, until there is a run again.
func TestPauses(t *testing.T) {
	if !wide {
		t.Skip("no runs in this build")
	}
	dec := newDecoder(t, runFields)
	nested := []byte(`{"text":{"nested":"objects are read by walking"},"int":1,"long":2,"flag":true}`)
	alike := []byte(`{"text":"nothing here is nested, and long enough","int":1,"long":2,"flag":true}`)
	looked := 0
	for range 100_000 {
		if dec.run.pause == 0 {
			looked++
		}
		if n := dec.DecodeRun([][]byte{nested}); n != 0 {
			t.Fatal("an object in a run")
		}
	}
	if looked < 10 || looked > 25 {
		t.Errorf("%d of 100000 records were looked at", looked)
	}
	for at := 0; at < 2*longPause; at++ {
		if n := dec.DecodeRun([][]byte{alike}); n == 1 {
			dec.Reset()
			if dec.run.wait != 0 {
				t.Error("a run does not end the pauses")
			}
			return
		}
	}
	t.Error("no run after pauses")
}

// TestRunsDoNotAllocate decodes records that look alike.
func TestRunsDoNotAllocate(t *testing.T) {
	dec, err := New(eventFields(), Options{})
	if err != nil {
		t.Fatal(err)
	}
	records := make([][]byte, 1000)
	for i := range records {
		records[i] = []byte(event)
	}
	batch := func() {
		dec.Reset()
		for at := 0; at < len(records); {
			if at += dec.DecodeRun(records[at:]); at < len(records) {
				if err := dec.Decode(records[at]); err != nil {
					t.Fatal(err)
				}
				at++
			}
		}
	}
	batch()
	if n := testing.AllocsPerRun(10, batch); n > 0 {
		t.Errorf("%v allocations per 1000 records, want 0", n)
	}
}

// TestBehind: as much is read ahead as records span that lie one behind the other, in as many parts as there are members; nothing
// where they do not.
func TestBehind(t *testing.T) {
	text := make([]byte, 4*mostBehind)
	near := [][]byte{text[:100], text[100:300], text[310:2050]}
	for _, c := range []struct {
		records [][]byte
		want    int
	}{{near, 3}, {near[:2], 1}, {[][]byte{text[:1024]}, 1}, {[][]byte{near[2], near[0]}, 0}, {[][]byte{near[0], text[mostBehind : mostBehind+100]}, 0}} {
		b := behindOf(c.records)
		if b.kilobytes != c.want {
			t.Errorf("behind %d records of %d bytes at last, %d kilobytes are read, want %d", len(c.records), b.length, b.kilobytes, c.want)
		}
		for part := range 2 {
			if b.read(part+1, 2); b.begun != c.want*(part+1)/2 {
				t.Errorf("part %d of 2: %d of %d kilobytes", part, b.begun, c.want)
			}
		}
	}
}

// BenchmarkDecodeRun decodes events in runs, a nanosecond per record being its unit; in builds without runs one by one.
func BenchmarkDecodeRun(b *testing.B) {
	dec, err := New(eventFields(), Options{})
	if err != nil {
		b.Fatal(err)
	}
	rng := rand.New(rand.NewPCG(17, 18))
	var records [256][]byte
	for i := range records {
		records[i] = fmt.Appendf(nil, `{"ts":%d,"country":"a%c%d","device":"device-%d","campaign":"campaign-home-%d","userId":%d,`+
			`"url":"https://www.example.com/home/search/product-%d?ref=cart-%d","status":%q,"price":%.2f,"quantity":%d,"lat":12.%06d,"lon":77.%06d}`,
			1767225600123+i, 'a'+rng.IntN(26), rng.IntN(10), rng.IntN(12), rng.IntN(5000), 1_000_000+rng.IntN(2_000_000), rng.IntN(100_000), rng.IntN(1000),
			[]string{"ok", "created", "redirect"}[rng.IntN(3)], rng.ExpFloat64()*40, 1+rng.IntN(10), rng.IntN(1_000_000), rng.IntN(1_000_000))
	}
	b.ReportAllocs()
	for n := 0; n < b.N; n += len(records) {
		dec.Reset()
		for at := 0; at < len(records); {
			if at += dec.DecodeRun(records[at:]); at < len(records) {
				if err := dec.Decode(records[at]); err != nil {
					b.Fatal(err)
				}
				at++
			}
		}
	}
}

// TestKnownNumbers reads numbers of every length whose bounds are known, against the reader that walks.
func TestKnownNumbers(t *testing.T) {
	rng := rand.New(rand.NewPCG(13, 14))
	for range 200_000 {
		text := make([]byte, 1+rng.IntN(mostWhole+2))
		for i := range text {
			if text[i] = "0123456789"[rng.IntN(10)]; rng.IntN(12) == 0 {
				text[i] = "..-+e /:\x00"[rng.IntN(9)]
			}
		}
		b := append([]byte(`{"a key in front":`), text...)
		from, to := len(b)-len(text), len(b)
		b = append(b, '}')
		var want decimal
		end := want.read(b, from)
		x, okInt := wholeNumber(b, from, to)
		if okInt != (end == to && want.scale == 0) && !(okInt && len(text) >= mostQuick) || okInt && end == to && x != want.int64() {
			t.Fatalf("%q is the integer %d (%t), walking gives %v up to %d of %d", text, x, okInt, want, end, to)
		}
		if n, err := strconv.ParseInt(string(text), 10, 64); err == nil && len(text) <= mostWhole && strconv.FormatInt(n, 10) == string(text) && !okInt {
			t.Fatalf("%q is no integer", text)
		}
		if okInt && end != to {
			if n, err := strconv.ParseInt(string(text), 10, 64); err != nil || n != x {
				t.Fatalf("%q is the integer %d, want %d (%v)", text, x, n, err)
			}
		}
	}
}

// TestNumbersOfAGroup reads groups of numbers together, against the reader that walks; every group follows another one, whose
// numbers may not be seen.
func TestNumbersOfAGroup(t *testing.T) {
	if !wide {
		t.Skip("this process has no runs")
	}
	rng := rand.New(rand.NewPCG(15, 16))
	var s numbers
	edges := []string{"1000000000000000", "100000000000000.0", "999999999999999", "99999999999999.9", "-999999999999999", "9999999999999999", "-0", "-0.0", "0.5"}
	for group := range 20_000 {
		n := 1 + rng.IntN(runRecords)
		s.odd, s.negative = 0, 0
		texts := make([]string, n)
		for i := range texts {
			texts[i] = randomNumber(rng, group%3 == 0)
			if i < len(edges) && group%2 == 0 {
				texts[i] = edges[i]
			}
			b := []byte(`{"a key in front":` + texts[i] + "}")
			s.put(i, b, len(b)-1-len(texts[i]), len(b)-1)
		}
		s.join(n)
		integers, floats, odd := make([]int64, n), make([]float64, n), s.odd
		s.integers(integers)
		noIntegers := s.odd
		s.odd = odd
		s.floats(floats)
		for i, text := range texts {
			b := []byte(`{"a key":` + text + "}")
			var want decimal
			usual := want.read(b, len(b)-1-len(text)) == len(b)-1
			whole, wholeErr := strconv.ParseInt(text, 10, 64)
			x, ok := integers[i], noIntegers>>i&1 == 0
			if isWhole := wholeErr == nil && plainInteger(text); ok != isWhole && len(strings.TrimPrefix(text, "-")) <= mostQuick || ok && (wholeErr != nil || x != whole) {
				t.Fatalf("%q, number %d of %q, is the integer %d (%t), want %d (%v)", text, i, texts, x, ok, whole, wholeErr)
			}
			f, ok := floats[i], s.odd>>i&1 == 0
			if ok != usual || ok && (f != want.float64() || math.Signbit(f) != math.Signbit(want.float64())) {
				t.Fatalf("%q, number %d of %q, is %v (%t), walking gives %v (%t)", text, i, texts, f, ok, want, usual)
			}
		}
	}
}

// plainInteger tells whether a text is an integer as JSON writes it.
func plainInteger(text string) bool {
	digits := strings.TrimPrefix(text, "-")
	return strings.Trim(digits, "0123456789") == "" && (digits == "0" || digits[:1] != "0")
}

// randomNumber gives a text of up to mostWhole+2 characters that is often no number, or always looks like one.
func randomNumber(rng *rand.Rand, good bool) string {
	text := make([]byte, 1+rng.IntN(mostWhole+2))
	for i := range text {
		if text[i] = "0123456789"[rng.IntN(10)]; !good && rng.IntN(12) == 0 {
			text[i] = "..-+e /:\x00"[rng.IntN(9)]
		}
	}
	if at := rng.IntN(2 * len(text)); good && at > 0 && at < len(text)-1 {
		text[at] = '.'
	}
	if rng.IntN(4) == 0 {
		text[0] = '-'
	}
	return string(text)
}

// FuzzRun decodes a record several times between others of its shape, in runs and one by one.
func FuzzRun(f *testing.F) {
	for _, s := range []string{`{"text":"a text of some length","int":1,"long":-2,"time":1767225600000,"double":12.5}`, `{"text": "a text of some length", "flag": true, "none": 3, "absent": "no"}`,
		`{"long":123456789012345678,"double":-0.0,"text":"12345678901234567890123456789012345678901234567890"}`, `{"0000":"000000000000000000000"0"int":0,"long":0,"0000":"00000000000"}`, `{"":,"0000":"00000000000000000000000000000000000000000000000000}`, `{"unwanted":"ü","unwanted":null,"text":"","short":"12345","double":0.123456}`} {
		f.Add([]byte(s), uint8(3), byte('x'))
	}
	runs, single := newDecoder(f, runFields), newDecoder(f, runFields)
	f.Fuzz(func(t *testing.T, data []byte, at uint8, other byte) {
		changed := append([]byte(nil), data...)
		if len(changed) > 0 {
			changed[int(at)%len(changed)] = other
		}
		runs.run.pause = 0
		if runs.Decode(data) == nil { // the order of its keys is expected
			single.Reset()
		}
		decodeBoth(t, runs, single, [][]byte{data, data, changed, data, changed})
		if err := single.Decode(changed); err == nil && utf8.Valid(changed) && !nestedDeeper(changed, MaxDepth-2) && !json.Valid(changed) {
			t.Fatalf("%q is accepted", changed)
		}
	})
}
