package datetime

import (
	"strings"
	"unicode/utf8"

	"github.com/freshetdb/freshet/internal/errs"
)

// maxTemplateNodes bounds a compiled template of to_char and to_timestamp.
const maxTemplateNodes = 1000

// node is an element of a template: a field, or text.
type node struct {
	word    string // the field in upper case; empty for text
	style   byte   // of a field that is a word: U upper case, C capital first, l lower case
	fill    bool   // FM
	ordinal byte   // t or T: th or TH behind the number
	text    string // what to_char writes
	kind    byte   // of text: ' ' a separator or space, 'c' another character, 'q' quoted
}

// Template is a compiled template of to_char, to_timestamp and to_date in PostgreSQL's words: YYYY-MM-DD HH24:MI:SS. It
// is immutable and safe for concurrent use.
type Template struct {
	text  string
	nodes []node
	exact bool // FX
}

// templateWords are the fields, longer ones before their beginnings. All are found in lower case too.
var templateWords = []string{"A.D.", "A.M.", "AD", "AM", "B.C.", "BC", "CC", "DAY", "DDD", "DD", "DY", "D", "FF1", "FF2", "FF3", "FF4", "FF5", "FF6", "FX",
	"HH24", "HH12", "HH", "IDDD", "ID", "IW", "IYYY", "IYY", "IY", "I", "J", "MI", "MM", "MONTH", "MON", "MS", "OF", "P.M.", "PM", "Q", "RM", "SSSSS", "SSSS", "SS",
	"TZH", "TZM", "TZ", "US", "WW", "W", "Y,YYY", "YYYY", "YYY", "YY", "Y"}

// capitalWords are fields that may have a capital first letter only.
var capitalWords = []string{"Month", "Mon", "Day", "Dy"}

// CompileTemplate reads a template. What is no field is text, as in PostgreSQL; only the length may fail.
func CompileTemplate(text string) (*Template, error) {
	t := &Template{text: text}
	for i := 0; i < len(text); {
		var n node
		from := i
		switch {
		case hasFold(text[i:], "FM"):
			n.fill = true
			i += 2
		case hasFold(text[i:], "TM"): // names are English in every locale, but not filled up
			n.fill = true
			i += 2
		}
		size := 0
		if i < len(text) {
			n.word, n.style, size = templateWord(text[i:])
		}
		switch {
		case size == 0 && i > from: // a prefix without a field counts for nothing
			continue
		case size == 0:
			i = t.literal(text, i)
		default:
			i += size
			i = t.field(n, text, i)
		}
		if len(t.nodes) > maxTemplateNodes {
			return nil, errs.User(errs.InvalidParameterValue, "date format is too long: more than %d elements", maxTemplateNodes)
		}
	}
	return t, nil
}

// hasFold reports whether s begins with word, all in upper or all in lower case.
func hasFold(s, word string) bool {
	return strings.HasPrefix(s, word) || strings.HasPrefix(s, strings.ToLower(word))
}

func templateWord(s string) (word string, style byte, size int) {
	for _, w := range capitalWords {
		if strings.HasPrefix(s, w) {
			return strings.ToUpper(w), 'C', len(w)
		}
	}
	for _, w := range templateWords {
		switch {
		case strings.HasPrefix(s, w):
			return w, 'U', len(w)
		case strings.HasPrefix(s, strings.ToLower(w)):
			return w, 'l', len(w)
		}
	}
	return "", 0, 0
}

// field adds a field whose word ends at i, and gives where its suffix ends.
func (t *Template) field(n node, text string, i int) int {
	if n.word == "FX" {
		t.exact = true
		return i
	}
	switch {
	case strings.HasPrefix(text[i:], "TH"):
		n.ordinal = 'T'
		i += 2
	case strings.HasPrefix(text[i:], "th"):
		n.ordinal = 't'
		i += 2
	case hasFold(text[i:], "SP"):
		i += 2
	}
	t.nodes = append(t.nodes, n)
	return i
}

// literal adds text at i: in quotes, a quote behind a backslash, or one character.
func (t *Template) literal(text string, i int) int {
	if text[i] == '"' {
		for i++; i < len(text) && text[i] != '"'; {
			if text[i] == '\\' && i+1 < len(text) {
				i++
			}
			_, size := utf8.DecodeRuneInString(text[i:])
			t.nodes = append(t.nodes, node{text: text[i : i+size], kind: 'q'})
			i += size
			if len(t.nodes) > maxTemplateNodes {
				return len(text)
			}
		}
		return i + 1
	}
	kind := byte('c')
	if strings.HasPrefix(text[i:], `\"`) {
		i++
	} else if isSeparator(text[i]) || isSpace(text[i]) {
		kind = ' '
	}
	_, size := utf8.DecodeRuneInString(text[i:])
	t.nodes = append(t.nodes, node{text: text[i : i+size], kind: kind})
	return i + size
}

func isSpace(c byte) bool { return c == ' ' || c >= '\t' && c <= '\r' }

// isSeparator reports printable ASCII that is neither letter nor digit.
func isSeparator(c byte) bool {
	return c > ' ' && c < 0x7f && !(c|0x20 >= 'a' && c|0x20 <= 'z') && !(c >= '0' && c <= '9')
}
