package expr

import (
	"strings"
	"unicode/utf8"

	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/internal/errs"
	"github.com/freshetdb/freshet/internal/vec"
	"github.com/freshetdb/freshet/query/function"
)

// anyChar stands for _ in a compiled pattern: a byte that UTF-8 text never has.
const anyChar = 0xff

// Matcher is a compiled LIKE pattern. It is immutable and safe for concurrent use.
type Matcher struct {
	// parts are the texts between the %: the first is a prefix, the last a suffix, the others occur in between in this
	// order. A pattern without % has one part, the whole text.
	parts []likePart
	fold  bool
}

// likePart is literal text, with anyChar where any one character may stand.
type likePart struct {
	text string
	wild bool // text has an anyChar
}

// NewMatcher compiles a pattern of % and _; escape is the byte that makes the next character literal, 0 for none.
func NewMatcher(pattern string, escape byte, caseInsensitive bool) (*Matcher, error) {
	m := &Matcher{fold: caseInsensitive}
	var text []byte
	wild := false
	flush := func() {
		part := string(text)
		if caseInsensitive && !wild {
			part = strings.ToLower(part)
		} else if caseInsensitive {
			part = lowerPart(part)
		}
		m.parts = append(m.parts, likePart{text: part, wild: wild})
		text, wild = text[:0], false
	}
	for i := 0; i < len(pattern); i++ {
		switch c := pattern[i]; {
		case escape != 0 && c == escape:
			i++
			if i == len(pattern) {
				return nil, errs.User("22025", "LIKE pattern must not end with escape character")
			}
			text = append(text, pattern[i])
		case c == '%':
			flush()
		case c == '_':
			text, wild = append(text, anyChar), true
		default:
			text = append(text, c)
		}
	}
	flush()
	return m, nil
}

// lowerPart folds the text around the any-character marks.
func lowerPart(s string) string {
	pieces := strings.Split(s, string([]byte{anyChar}))
	for i := range pieces {
		pieces[i] = strings.ToLower(pieces[i])
	}
	return strings.Join(pieces, string([]byte{anyChar}))
}

// Prefix is the literal text that every match begins with, and whether the pattern is nothing but that prefix and %.
// Case-insensitive patterns have none.
func (m *Matcher) Prefix() (prefix string, only bool) {
	if m.fold {
		return "", false
	}
	first := m.parts[0]
	if first.wild {
		return first.text[:strings.IndexByte(first.text, anyChar)], false
	}
	return first.text, len(m.parts) == 2 && m.parts[1].text == ""
}

// Exact is the only text that matches, if the pattern has no % and no _.
func (m *Matcher) Exact() (string, bool) {
	return m.parts[0].text, len(m.parts) == 1 && !m.parts[0].wild && !m.fold
}

// Contained is the literal text that a match has anywhere, if the pattern is nothing but that text between two %.
func (m *Matcher) Contained() (string, bool) {
	if len(m.parts) != 3 || m.fold || m.parts[1].wild {
		return "", false
	}
	text := m.parts[1].text
	return text, text != "" && m.parts[0].text == "" && m.parts[2].text == ""
}

// Match reports whether s matches.
func (m *Matcher) Match(s string) bool {
	if m.fold {
		s = strings.ToLower(s)
	}
	first, last := m.parts[0], m.parts[len(m.parts)-1]
	if len(m.parts) == 1 {
		n, ok := first.prefixOf(s)
		return ok && n == len(s)
	}
	n, ok := first.prefixOf(s)
	if !ok {
		return false
	}
	s = s[n:]
	if n, ok = last.suffixOf(s); !ok {
		return false
	}
	s = s[:len(s)-n]
	for _, p := range m.parts[1 : len(m.parts)-1] {
		end, ok := p.find(s)
		if !ok {
			return false
		}
		s = s[end:]
	}
	return true
}

// prefixOf reports whether p stands at the beginning of s, and how many bytes of s it takes.
func (p likePart) prefixOf(s string) (int, bool) {
	if !p.wild {
		return len(p.text), strings.HasPrefix(s, p.text)
	}
	at := 0
	for i := range len(p.text) {
		if at >= len(s) {
			return 0, false
		}
		if p.text[i] == anyChar {
			_, size := utf8.DecodeRuneInString(s[at:])
			at += size
			continue
		}
		if s[at] != p.text[i] {
			return 0, false
		}
		at++
	}
	return at, true
}

// suffixOf reports whether p stands at the end of s, and how many bytes of s it takes.
func (p likePart) suffixOf(s string) (int, bool) {
	if !p.wild {
		return len(p.text), strings.HasSuffix(s, p.text)
	}
	at := len(s)
	for i := len(p.text) - 1; i >= 0; i-- {
		if at <= 0 {
			return 0, false
		}
		if p.text[i] == anyChar {
			_, size := utf8.DecodeLastRuneInString(s[:at])
			at -= size
			continue
		}
		at--
		if s[at] != p.text[i] {
			return 0, false
		}
	}
	return len(s) - at, true
}

// find gives the end of the first occurrence of p in s.
func (p likePart) find(s string) (int, bool) {
	if !p.wild {
		at := strings.Index(s, p.text)
		return at + len(p.text), at >= 0
	}
	for at := 0; at <= len(s); {
		if n, ok := p.prefixOf(s[at:]); ok {
			return at + n, true
		}
		_, size := utf8.DecodeRuneInString(s[at:])
		at += max(size, 1)
	}
	return 0, false
}

// likeNode matches a constant pattern.
type likeNode struct {
	arg     flatNode
	matcher *Matcher
	negated bool
	in      vec.Vector
}

func compileLike(e *Like, nested bool) node {
	if e.Arg.Type().MultiValue {
		elem := &Column{Index: 0, T: e.Arg.Type().Elem()}
		pred := &Like{Arg: elem, Pattern: e.Pattern, Escape: e.Escape, CaseInsensitive: e.CaseInsensitive}
		return &anyNode{arg: compile(e.Arg, nested), pred: compile(pred, false), none: e.Negated}
	}
	m, err := NewMatcher(e.Pattern, e.Escape, e.CaseInsensitive)
	if err != nil {
		return failNode{err}
	}
	return &likeNode{arg: flatNode{node: compile(e.Arg, nested)}, matcher: m, negated: e.Negated}
}

func (n *likeNode) eval(ec *function.EvalContext, in *vec.Batch, out *vec.Vector) error {
	if err := n.arg.evalFlat(ec, in, &n.in); err != nil {
		return err
	}
	v := &n.in
	if v.Form == vec.FormConst {
		if v.IsNull(0) {
			setAllNull(out, catalog.Boolean, in.Rows)
		} else {
			out.SetConst(catalog.BoolValue(n.matcher.Match(v.Str[0]) != n.negated), in.Rows)
		}
		return nil
	}
	out.Reset(catalog.Boolean, in.Rows)
	for i, s := range v.Str[:in.Rows] {
		if !v.IsNull(i) && n.matcher.Match(s) != n.negated {
			out.Bits.Set(i)
		}
	}
	if v.HasNulls() {
		copy(out.MutableNulls(), v.Nulls)
	}
	return nil
}
