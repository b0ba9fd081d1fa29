package convert

import (
	"strings"
	"unicode/utf8"

	"github.com/freshetdb/freshet/internal/errs"
)

// maxTemplateItems bounds a compiled template, date or number.
const maxTemplateItems = 1000

// numItem is an element of a number template.
type numItem struct {
	kind    byte   // one of the constants below
	literal string // of numLiteral
	slot    int    // of numDigit: position among the digits before the point, or behind it
	zero    bool   // of numDigit: 0, written even where the number has no digit
	upper   bool   // of numOrdinal and numRoman
}

// Kinds of numItem.
const (
	numDigit    = 'd'
	numFraction = 'f' // a digit behind the point
	numPoint    = '.'
	numGroup    = ','
	numLiteral  = 'l'
	numCurrency = 'L'
	numMinus    = 'm' // MI
	numPlus     = 'p' // PL
	numSign     = 's' // SG
	numOrdinal  = 't' // TH
)

// NumberTemplate is a compiled template of to_char and to_number for numbers: FM999,990.00. It is immutable and safe
// for concurrent use.
type NumberTemplate struct {
	items     []numItem
	pre, post int // digits before and behind the point
	zeroFrom  int // first digit before the point that is written as 0 where the number has none
	zeroEnd   int // digits behind the point that FM keeps, counted from the point
	shift     int // V: digits behind it
	lastDigit int // item that is the last digit or point
	fill      bool
	bracket   bool // PR
	leadSign  bool // S before the digits
	trailSign bool // S behind them
	noSign    bool // MI or SG show the sign
	exponent  bool // EEEE
	roman     byte // R or r: RN
}

func badNumberTemplate(format string, args ...any) error {
	return errs.User(errs.SyntaxError, format, args...)
}

// numberWords are the elements of a template, longer ones before their beginnings; all are found in lower case too.
var numberWords = []string{"EEEE", "FM", "MI", "PL", "PR", "RN", "SG", "SP", "TH", ",", ".", "0", "9", "B", "D", "G", "L", "S", "V"}

// CompileNumberTemplate reads a template. Errors, 42601, say which elements do not go together.
func CompileNumberTemplate(text string) (*NumberTemplate, error) {
	c := numCompiler{t: &NumberTemplate{lastDigit: -1}}
	c.t.zeroFrom = 1 << 30
	for i := 0; i < len(text); {
		if word, size := numberWord(text[i:]); size > 0 {
			if err := c.add(word, text[i] >= 'a'); err != nil {
				return nil, err
			}
			i += size
		} else {
			literal, next := templateLiteral(text, i)
			c.t.items = append(c.t.items, numItem{kind: numLiteral, literal: literal})
			i = next
		}
		if len(c.t.items) > maxTemplateItems {
			return nil, badNumberTemplate("number format is too long: more than %d elements", maxTemplateItems)
		}
	}
	return c.t, nil
}

func numberWord(s string) (word string, size int) {
	for _, w := range numberWords {
		if strings.HasPrefix(s, w) || strings.HasPrefix(s, strings.ToLower(w)) {
			return w, len(w)
		}
	}
	return "", 0
}

// templateLiteral reads the text in quotes, the quote behind a backslash or the character at i.
func templateLiteral(text string, i int) (literal string, next int) {
	switch {
	case text[i] == '"':
		var b strings.Builder
		for i++; i < len(text) && text[i] != '"'; i++ {
			if text[i] == '\\' && i+1 < len(text) {
				i++
			}
			b.WriteByte(text[i])
		}
		return b.String(), min(i+1, len(text))
	case strings.HasPrefix(text[i:], `\"`):
		i++
	}
	_, size := utf8.DecodeRuneInString(text[i:])
	return text[i : i+size], i + size
}

// numCompiler is the state of reading a template.
type numCompiler struct {
	t                    *NumberTemplate
	point, signs, inV, s bool
}

// add takes one element.
// long: one case per element of the language.
func (c *numCompiler) add(word string, lower bool) error {
	t := c.t
	if t.exponent {
		return badNumberTemplate(`"EEEE" must be the last pattern used`)
	}
	switch word {
	case "9", "0":
		c.digit(word == "0")
	case ".", "D":
		if c.point {
			return badNumberTemplate("multiple decimal points")
		}
		if c.inV {
			return badNumberTemplate(`cannot use "V" and decimal point together`)
		}
		c.point, t.lastDigit = true, len(t.items)
		t.items = append(t.items, numItem{kind: numPoint})
	case ",", "G":
		t.items = append(t.items, numItem{kind: numGroup})
	case "L":
		t.items = append(t.items, numItem{kind: numCurrency})
	case "FM":
		t.fill = true
	case "TH":
		t.items = append(t.items, numItem{kind: numOrdinal, upper: !lower})
	case "V":
		if c.point {
			return badNumberTemplate(`cannot use "V" and decimal point together`)
		}
		c.inV = true
	case "RN":
		t.roman = 'R'
		if lower {
			t.roman = 'r'
		}
	case "EEEE":
		if t.fill || c.s || c.signs || t.bracket || t.roman != 0 || c.inV {
			return errs.User(errs.SyntaxError, `"EEEE" is incompatible with other formats`).WithDetail(`"EEEE" may only be used together with digit and decimal point patterns.`)
		}
		t.exponent = true
	case "S", "PR", "MI", "PL", "SG":
		return c.sign(word)
	}
	return nil
}

func (c *numCompiler) digit(zero bool) {
	t := c.t
	t.lastDigit = len(t.items)
	if c.point {
		t.items = append(t.items, numItem{kind: numFraction, slot: t.post, zero: zero})
		if t.post++; zero {
			t.zeroEnd = t.post
		}
		return
	}
	if zero {
		t.zeroFrom = min(t.zeroFrom, t.pre)
	}
	if c.inV {
		t.shift++
	}
	t.items = append(t.items, numItem{kind: numDigit, slot: t.pre, zero: zero})
	t.pre++
}

func (c *numCompiler) sign(word string) error {
	t := c.t
	switch {
	case word == "S" && c.s:
		return badNumberTemplate(`cannot use "S" twice`)
	case word == "S" && (c.signs || t.bracket):
		return badNumberTemplate(`cannot use "S" and "PL"/"MI"/"SG"/"PR" together`)
	case word == "PR" && (c.s || c.signs):
		return badNumberTemplate(`cannot use "PR" and "S"/"PL"/"MI"/"SG" together`)
	case c.s:
		return badNumberTemplate(`cannot use "S" and "%s" together`, word)
	case t.bracket && word != "PR":
		return badNumberTemplate(`cannot use "PR" and "%s" together`, word)
	}
	switch word {
	case "S":
		c.s = true
		t.leadSign, t.trailSign = t.lastDigit < 0, t.lastDigit >= 0
	case "PR":
		t.bracket = true
	case "MI":
		c.signs, t.noSign = true, true
		t.items = append(t.items, numItem{kind: numMinus})
	case "PL":
		c.signs = true
		t.items = append(t.items, numItem{kind: numPlus})
	case "SG":
		c.signs, t.noSign = true, true
		t.items = append(t.items, numItem{kind: numSign})
	}
	return nil
}
