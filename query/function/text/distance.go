package text

import (
	"strings"
	"unicode/utf8"

	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/internal/errs"
	"github.com/freshetdb/freshet/internal/vec"
	"github.com/freshetdb/freshet/query/function"
)

// maxDistanceLength bounds the texts of levenshteinDistance, in characters: its cost is their product.
const maxDistanceLength = 4096

// distances compare two texts.
func distances() []function.Scalar {
	two := func(name, doc, example string, result catalog.Type, fallible bool, eval function.Eval, aliases ...string) function.Scalar {
		return function.Scalar{Name: name, Aliases: aliases, Family: family, Signature: name + "(s, t)", Doc: doc, Example: example,
			Bind: function.Overloads(name, function.Overload{Args: str2, Type: result, Fallible: fallible, Eval: eval})}
	}
	return []function.Scalar{
		two("hammingDistance", "How many characters differ, of texts of one length; -1 for texts of two lengths.", "hammingDistance('abc', 'abd') = 1", catalog.Int, false, function.Map2(hamming)),
		two("levenshteinDistance", "How many characters have to be inserted, deleted or changed to make one text of the other.", "levenshteinDistance('kitten', 'sitting') = 3",
			catalog.Int, true, evalLevenshtein, "levenshtein"),
		two("strcmp", "Below 0, 0 or above 0 as s orders before, with or behind t by bytes.", "strcmp('a', 'b') = -1", catalog.Int, false,
			function.Map2(func(s, t string) int32 { return int32(strings.Compare(s, t)) })),
		two("difference", "How many of the four characters of soundex are equal, 0 to 4.", "difference('Anne', 'Ann') = 4", catalog.Int, false, function.Map2(difference)),
		{Name: "soundex", Family: family, Signature: "soundex(s)", Doc: "A code of four characters for how an English word sounds.", Example: "soundex('Anne') = 'A500'",
			Bind: function.Overloads("soundex", overload(catalog.String, function.Text1(func(dst []byte, s string) ([]byte, error) { return appendSoundex(dst, s), nil }), str...))},
	}
}

func hamming(s, t string) int32 {
	if utf8.RuneCountInString(s) != utf8.RuneCountInString(t) {
		return -1
	}
	n := int32(0)
	for len(s) > 0 {
		a, i := utf8.DecodeRuneInString(s)
		b, j := utf8.DecodeRuneInString(t)
		if a != b {
			n++
		}
		s, t = s[i:], t[j:]
	}
	return n
}

// evalLevenshtein keeps the characters and the row of the table from one row to the next.
func evalLevenshtein(ec *function.EvalContext, args []*vec.Vector, n int, out *vec.Vector) error {
	s, t := function.View[string](args[0]), function.View[string](args[1])
	var a, b []rune
	var row []int32
	return function.TryRows(ec, n, out, func(i int) (int32, error) {
		a, b = appendRunes(a[:0], s.At(i)), appendRunes(b[:0], t.At(i))
		if longest := max(len(a), len(b)); longest > maxDistanceLength {
			return 0, errs.User(errs.ProgramLimitExceeded, "levenshteinDistance takes texts of up to %d characters, not %d", maxDistanceLength, longest)
		}
		row = row[:0]
		for j := range len(b) + 1 {
			row = append(row, int32(j))
		}
		return levenshtein(a, b, row), nil
	})
}

func appendRunes(dst []rune, s string) []rune {
	for _, r := range s {
		dst = append(dst, r)
	}
	return dst
}

// levenshtein computes the table of distances row by row; row holds 0, 1, ... len(b).
func levenshtein(a, b []rune, row []int32) int32 {
	for i, x := range a {
		diagonal := row[0]
		row[0] = int32(i) + 1
		for j, y := range b {
			change := diagonal
			if x != y {
				change++
			}
			diagonal = row[j+1]
			row[j+1] = min(change, row[j]+1, diagonal+1)
		}
	}
	return row[len(b)]
}

// soundexCodes are the digits of the letters A to Z; 0 is a vowel, which parts equal neighbours, and - is h or w, which
// do not.
const soundexCodes = "01230120022455012623010202"

// appendSoundex appends the American Soundex: the first letter and three digits. A text without letters has none.
func appendSoundex(dst []byte, s string) []byte {
	from, last := len(dst), byte('0')
	for i := 0; i < len(s) && len(dst)-from < 4; i++ {
		c := s[i] &^ 0x20
		if c < 'A' || c > 'Z' {
			continue
		}
		code := soundexCodes[c-'A']
		switch {
		case len(dst) == from:
			dst = append(dst, c)
		case code != '0' && code != last:
			dst = append(dst, code)
		}
		if c != 'H' && c != 'W' {
			last = code
		}
	}
	for len(dst) > from && len(dst)-from < 4 {
		dst = append(dst, '0')
	}
	return dst
}

func difference(s, t string) int32 {
	var x, y [4]byte
	a, b := appendSoundex(x[:0], s), appendSoundex(y[:0], t)
	n := int32(0)
	for i := range min(len(a), len(b)) {
		if a[i] == b[i] {
			n++
		}
	}
	return n
}
