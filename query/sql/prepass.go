package sql

import (
	"strconv"
	"strings"

	"github.com/freshetdb/freshet/internal/errs"
)

// rawPass makes a text readable for PostgreSQL's scanner. It knows strings, quoted identifiers and comments, and
// outside of them
//   - quotes $docId and $ts$MINUTE, for which $ts$ would open a dollar-quoted string;
//   - turns back-ticks into double quotes;
//   - numbers ? parameters, where they are parameters;
//   - refuses or takes out what PostgreSQL's scanner reads in quadratic time or worse: see maxOperator and maxComments.
func rawPass(text string, questionMarks bool) (string, offsetMap, error) {
	p := rawScanner{rewriter: rewriter{src: text}}
	for p.at < len(text) {
		c := text[p.at]
		switch {
		case c == '\'':
			p.skipString(p.at > 0 && (text[p.at-1] == 'e' || text[p.at-1] == 'E') && (p.at == 1 || !isIdentByte(text[p.at-2])))
		case c == '"':
			p.skipPast('"')
		case c == '`':
			p.backtick()
		case c == '-' && strings.HasPrefix(text[p.at:], "--"):
			p.skipLine()
		case c == '/' && strings.HasPrefix(text[p.at:], "/*"):
			p.skipComment()
		case c == '$':
			p.dollar()
		case c == '?' && questionMarks:
			p.params++
			p.copyTo(p.at)
			p.at++
			p.replaceTo(p.at, " $"+strconv.Itoa(p.params)+" ")
		case isIdentStart(c):
			p.skipIdent()
		case isOperatorByte(c):
			start := p.at
			if p.skipOperator(questionMarks); p.at-start > maxOperator {
				return "", offsetMap{}, errs.User(errs.SyntaxError, "operator too long").At(newCharIndex(text).position(start))
			}
		default:
			p.at++
		}
	}
	raw, offsets := p.finish()
	return raw, offsets, nil
}

// Limits of what PostgreSQL's scanner looks at again and again: of a run of operator characters it tries every end, from
// every start; at each start of a comment it reads the whole run of such characters that follows, comments included.
const (
	maxOperator = 63
	// maxComments is how many starts of /* comments, nested ones too, are left to the scanner. Further ones become spaces.
	maxComments = 100
)

// isOperatorByte tells the characters that operators are made of.
func isOperatorByte(c byte) bool { return strings.IndexByte("~!@#^&|`?+-*/%<>=", c) >= 0 }

// skipOperator skips a run of operator characters, up to a comment or to what rawPass looks at itself.
func (p *rawScanner) skipOperator(questionMarks bool) {
	for p.at < len(p.src) && isOperatorByte(p.src[p.at]) {
		rest := p.src[p.at:]
		if rest[0] == '`' || rest[0] == '?' && questionMarks || strings.HasPrefix(rest, "--") || strings.HasPrefix(rest, "/*") {
			return
		}
		p.at++
	}
}

// rawScanner is the state of a rawPass: at is the next byte to look at.
type rawScanner struct {
	rewriter
	at       int
	params   int
	comments int // starts of /* comments so far
}

func isIdentStart(c byte) bool {
	return c == '_' || c >= 0x80 || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z'
}

func isIdentByte(c byte) bool { return isIdentStart(c) || '0' <= c && c <= '9' || c == '$' }

// skipString skips a string that starts at the quote; escapes says that a backslash protects the next byte (E”).
func (p *rawScanner) skipString(escapes bool) {
	p.at++
	for p.at < len(p.src) {
		switch {
		case escapes && p.src[p.at] == '\\':
			p.at++
		case p.src[p.at] == '\'':
			p.at++
			if p.at >= len(p.src) || p.src[p.at] != '\'' {
				return
			}
		}
		p.at++
	}
	p.at = len(p.src)
}

// skipPast skips to behind the next quote after the current byte. A doubled quote reads as two neighbours.
func (p *rawScanner) skipPast(quote byte) {
	end := strings.IndexByte(p.src[p.at+1:], quote)
	if end < 0 {
		p.at = len(p.src)
		return
	}
	p.at += end + 2
}

func (p *rawScanner) skipLine() {
	end := strings.IndexByte(p.src[p.at:], '\n')
	if end < 0 {
		p.at = len(p.src)
		return
	}
	p.at += end
}

// skipComment skips a comment; they nest. Beyond maxComments it is taken out; one without end keeps its start, for the
// scanner's error.
func (p *rawScanner) skipComment() {
	start, depth := p.at, 0
	for p.at < len(p.src) {
		switch {
		case strings.HasPrefix(p.src[p.at:], "/*"):
			depth++
			p.comments++
			p.at += 2
		case strings.HasPrefix(p.src[p.at:], "*/"):
			depth--
			p.at += 2
		default:
			p.at++
		}
		if depth == 0 {
			break
		}
	}
	switch {
	case p.comments <= maxComments:
	case depth > 0:
		p.copyTo(start + 2)
		p.replaceTo(p.at, "")
	default:
		p.copyTo(start)
		p.replaceTo(p.at, " ")
	}
}

// skipIdent skips an identifier, or the bare start of a string such as E or U&, whose quote comes next.
func (p *rawScanner) skipIdent() {
	for p.at < len(p.src) && isIdentByte(p.src[p.at]) {
		p.at++
	}
}

// backtick rewrites `a"b` to "a""b". One without end is left to the parser's error.
func (p *rawScanner) backtick() {
	start := p.at
	end := strings.IndexByte(p.src[start+1:], '`')
	if end < 0 {
		p.at = len(p.src)
		return
	}
	name := p.src[start+1 : start+1+end]
	p.copyTo(start)
	p.at = start + end + 2
	p.replaceTo(p.at, quoteIdent(name))
}

// dollar handles $name, $name$UNIT, $1 and dollar-quoted strings.
func (p *rawScanner) dollar() {
	start := p.at
	end := start + 1
	for end < len(p.src) && isIdentByte(p.src[end]) && p.src[end] != '$' {
		end++
	}
	name := p.src[start+1 : end]
	if name != "" && !isIdentStart(name[0]) { // $1
		p.at = end
		return
	}
	if end >= len(p.src) || p.src[end] != '$' {
		if name == "" {
			p.at = end
			return
		}
		p.quoteTo(start, end)
		return
	}
	unitEnd := end + 1
	for unitEnd < len(p.src) && isIdentByte(p.src[unitEnd]) && unitEnd <= end+maxUnit {
		unitEnd++
	}
	if name != "" && isTimeUnit(p.src[end+1:unitEnd]) {
		p.quoteTo(start, unitEnd)
		return
	}
	// A dollar-quoted string: skip to its closing tag.
	tag := p.src[start : end+1]
	closing := strings.Index(p.src[end+1:], tag)
	if closing < 0 {
		p.at = len(p.src)
		return
	}
	p.at = end + 1 + closing + len(tag)
}

// quoteTo quotes the source from start to end as an identifier.
func (p *rawScanner) quoteTo(start, end int) {
	p.copyTo(start)
	p.replaceTo(end, quoteIdent(p.src[start:end]))
	p.at = end
}

// maxUnit is more than the longest name of a unit has: what is longer is none, and is not read to its end.
const maxUnit = 16

// isTimeUnit reports the granularities of Pinot's timestamp index columns.
func isTimeUnit(s string) bool {
	switch strings.ToUpper(s) {
	case "MILLISECOND", "SECOND", "MINUTE", "HOUR", "DAY", "WEEK", "MONTH", "QUARTER", "YEAR":
		return true
	default:
		return false
	}
}

func quoteIdent(name string) string {
	return `"` + strings.ReplaceAll(name, `"`, `""`) + `"`
}
