package sql

import (
	"fmt"
	"strings"

	pg "github.com/pganalyze/pg_query_go/v6"

	"github.com/freshetdb/freshet/internal/errs"
)

// maxIdent is the longest identifier, in bytes, that PostgreSQL's scanner keeps; longer ones travel under a short name.
const maxIdent = 63

// tokenPass rewrites what needs PostgreSQL's own tokens: it quotes identifiers with capitals (PostgreSQL would fold
// them), cuts option(...) tails off, and translates EXPLAIN PLAN FOR, LIMIT a, b and IGNORE NULLS.
type tokenPass struct {
	rewriter
	toks []*pg.ScanToken
	// out of the pass
	tails   []optionTail
	planFor []int             // source offsets of EXPLAINs with PLAN FOR
	long    map[string]string // short names of identifiers beyond maxIdent
}

// optionTail is one option(k=v, ...): options belong to the statement that holds source offset at.
type optionTail struct {
	at      int
	options []tailOption
}

type tailOption struct {
	at          int
	name, value string
}

// scanTokens gives PostgreSQL's tokens without comments, within the limits that protect the parser.
func scanTokens(text string) ([]*pg.ScanToken, error) {
	res, err := pg.Scan(text)
	if err != nil {
		return nil, err
	}
	toks := res.Tokens[:0]
	complexity := 0
	for _, t := range res.Tokens {
		switch t.Token {
		case pg.Token_SQL_COMMENT, pg.Token_C_COMMENT:
			continue
		case pg.Token_ICONST, pg.Token_FCONST, pg.Token_SCONST, pg.Token_USCONST, pg.Token_BCONST, pg.Token_XCONST, pg.Token_ASCII_44:
		default:
			complexity++
		}
		toks = append(toks, t)
	}
	if complexity > maxTokens {
		return nil, errs.New(errs.ClassExhausted, errs.StatementTooComplex,
			"statement is too complex: it has %d words and operators, the limit is %d", complexity, maxTokens).
			WithHint("Long lists of literals do not count; split long chains of operators or conditions.")
	}
	return toks, nil
}

func (p *tokenPass) text(i int) string { return p.src[p.toks[i].Start:p.toks[i].End] }

// is reports whether token i is the given kind; out of range is no kind.
func (p *tokenPass) is(i int, kind pg.Token) bool {
	return i >= 0 && i < len(p.toks) && p.toks[i].Token == kind
}

func (p *tokenPass) run() (string, offsetMap) {
	for i := 0; i < len(p.toks); {
		i = p.token(i)
	}
	return p.finish()
}

// token handles token i and gives the next one to handle.
func (p *tokenPass) token(i int) int {
	t := p.toks[i]
	switch t.Token {
	case pg.Token_IDENT:
		if p.nullTreatment(i) {
			return i + 2
		}
		p.ident(i)
	case pg.Token_EXPLAIN:
		if i+2 < len(p.toks) && strings.EqualFold(p.text(i+1), "plan") && p.is(i+2, pg.Token_FOR) {
			p.planFor = append(p.planFor, int(t.Start))
			p.cut(int(p.toks[i+1].Start), int(p.toks[i+2].End))
			return i + 3
		}
	case pg.Token_LIMIT:
		if p.limitCount(i+1) && p.is(i+2, pg.Token_ASCII_44) && p.limitCount(i+3) {
			first, second := p.text(i+1), p.text(i+3)
			p.copyTo(int(p.toks[i+1].Start))
			p.replaceTo(int(p.toks[i+2].Start), second+" OFFSET ")
			p.replaceTo(int(p.toks[i+3].End), first)
			return i + 4
		}
	case pg.Token_OPTION:
		if end, ok := p.optionTail(i); ok {
			return end
		}
	case pg.Token_AS:
		return p.aliasKeyword(i)
	}
	return i + 1
}

// ignoreNulls is the name of a column that no table has: PostgreSQL's grammar has no IGNORE NULLS, but takes a FILTER in its place.
const ignoreNulls = "\x02"

// nullTreatment rewrites IGNORE NULLS, and takes out RESPECT NULLS, between a call and its OVER.
func (p *tokenPass) nullTreatment(i int) bool {
	if !p.is(i-1, pg.Token_ASCII_41) || !(p.is(i+1, pg.Token_NULLS_P) || p.is(i+1, pg.Token_NULLS_LA)) || !p.is(i+2, pg.Token_OVER) {
		return false
	}
	var clause string
	switch {
	case strings.EqualFold(p.text(i), "ignore"):
		clause = "FILTER (WHERE " + quoteIdent(ignoreNulls) + ")"
	case !strings.EqualFold(p.text(i), "respect"):
		return false
	}
	p.copyTo(int(p.toks[i].Start))
	p.replaceTo(int(p.toks[i+1].End), clause)
	return true
}

func (p *tokenPass) limitCount(i int) bool {
	return p.is(i, pg.Token_ICONST) || p.is(i, pg.Token_PARAM)
}

// cut removes source bytes.
func (p *tokenPass) cut(start, end int) {
	p.copyTo(start)
	p.replaceTo(end, "")
}

// ident quotes an unquoted identifier with capitals and shortens one that PostgreSQL would cut.
func (p *tokenPass) ident(i int) {
	t, text := p.toks[i], p.text(i)
	name, quoted := text, strings.HasPrefix(text, `"`)
	if quoted {
		name = strings.ReplaceAll(text[1:len(text)-1], `""`, `"`)
	}
	switch {
	case len(name) > maxIdent && (quoted || isIdentStart(text[0])) && !isUnicodeIdent(text):
		if p.long == nil {
			p.long = map[string]string{}
		}
		short := fmt.Sprintf("\x01%d", len(p.long))
		p.long[short] = name
		p.copyTo(int(t.Start))
		p.replaceTo(int(t.End), quoteIdent(short))
	case !quoted && hasUpper(text) && !isUnicodeIdent(text):
		p.copyTo(int(t.Start))
		p.replaceTo(int(t.End), quoteIdent(text))
	}
}

// isUnicodeIdent reports U&"...", which has escapes of its own.
func isUnicodeIdent(text string) bool {
	return len(text) > 2 && (text[0] == 'U' || text[0] == 'u') && text[1] == '&'
}

func hasUpper(s string) bool {
	for i := 0; i < len(s); i++ {
		if 'A' <= s[i] && s[i] <= 'Z' {
			return true
		}
	}
	return false
}

// aliasKeyword keeps the case of a keyword that can only be an alias: AS Value, AS Total FROM.
func (p *tokenPass) aliasKeyword(i int) int {
	if i+1 >= len(p.toks) || p.toks[i+1].KeywordKind == pg.KeywordKind_NO_KEYWORD || !hasUpper(p.text(i+1)) {
		return i + 1
	}
	ends := i+2 >= len(p.toks) || p.is(i+2, pg.Token_ASCII_44) || p.is(i+2, pg.Token_FROM) || p.is(i+2, pg.Token_ASCII_59)
	if !ends {
		return i + 1
	}
	t := p.toks[i+1]
	p.copyTo(int(t.Start))
	p.replaceTo(int(t.End), quoteIdent(p.text(i+1)))
	return i + 2
}

// optionTail cuts OPTION (k = v, ...) off where it ends a statement. It gives the token behind it.
func (p *tokenPass) optionTail(i int) (next int, ok bool) {
	if !p.is(i+1, pg.Token_ASCII_40) || i == 0 || !endsOperand(p.toks[i-1]) {
		return 0, false
	}
	end := i + 2
	for end < len(p.toks) && !p.is(end, pg.Token_ASCII_41) {
		if p.is(end, pg.Token_ASCII_40) || p.is(end, pg.Token_ASCII_59) {
			return 0, false
		}
		end++
	}
	after := end + 1
	if end >= len(p.toks) || after < len(p.toks) && !p.is(after, pg.Token_ASCII_59) && !p.is(after, pg.Token_OPTION) {
		return 0, false
	}
	tail := optionTail{at: int(p.toks[i].Start)}
	for from := i + 2; from < end; {
		to := from
		for to < end && !p.is(to, pg.Token_ASCII_44) {
			to++
		}
		if to-from < 3 || !p.is(from+1, pg.Token_ASCII_61) {
			return 0, false
		}
		value := p.src[p.toks[from+2].Start:p.toks[to-1].End]
		tail.options = append(tail.options, tailOption{at: int(p.toks[from].Start), name: unquote(p.text(from)), value: unquote(value)})
		from = to + 1
	}
	p.tails = append(p.tails, tail)
	p.cut(int(p.toks[i].Start), int(p.toks[end].End))
	return after, true
}

// endsOperand reports tokens after which OPTION ( cannot be a function call of that name.
func endsOperand(t *pg.ScanToken) bool {
	switch t.Token {
	case pg.Token_IDENT, pg.Token_ICONST, pg.Token_FCONST, pg.Token_SCONST, pg.Token_PARAM, pg.Token_ASCII_41, pg.Token_ASCII_42,
		pg.Token_ASC, pg.Token_DESC, pg.Token_FIRST_P, pg.Token_LAST_P, pg.Token_ROWS, pg.Token_ROW, pg.Token_ONLY,
		pg.Token_NULL_P, pg.Token_TRUE_P, pg.Token_FALSE_P, pg.Token_END_P, pg.Token_ALL:
		return true
	default:
		return t.KeywordKind == pg.KeywordKind_UNRESERVED_KEYWORD
	}
}

// unquote strips string or identifier quotes.
func unquote(s string) string {
	if len(s) >= 2 && (s[0] == '\'' || s[0] == '"') && s[len(s)-1] == s[0] {
		q := s[:1]
		return strings.ReplaceAll(s[1:len(s)-1], q+q, q)
	}
	return s
}
