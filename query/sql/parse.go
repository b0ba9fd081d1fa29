package sql

import (
	"errors"
	"sort"
	"strings"
	"unicode/utf8"

	pg "github.com/pganalyze/pg_query_go/v6"
	"github.com/pganalyze/pg_query_go/v6/parser"

	"github.com/freshetdb/freshet/internal/errs"
)

// Limits of a text. The C parser recurses over its tree: a chain of some ten thousand operators would overflow its
// stack and end the process, so everything that could nest is counted before it sees the text.
const (
	// MaxText is the longest text, in bytes.
	MaxText = 1 << 20
	// maxTokens bounds the tokens that are neither literal nor comma.
	maxTokens = 10_000
	// maxDepth bounds the nesting of expressions, for every recursive pass behind the parser.
	maxDepth = 2_000
)

// Parse parses a text of any number of statements. An empty text gives one Empty. In the HTTP dialect SET statements
// become options of the query after them. Errors are *errs.Error: SyntaxError with a position in text, or
// StatementTooComplex and ProgramLimitExceeded for what the limits refuse.
func Parse(text string, d Dialect) ([]Statement, error) {
	src, err := prepare(text, d, "")
	if err != nil {
		return nil, err
	}
	tree, err := src.parse()
	if err != nil {
		return nil, err
	}
	c := &conv{src: src, dialect: d}
	stmts := c.statements(tree)
	if c.err != nil {
		return nil, c.err
	}
	if d == HTTP {
		stmts = foldSets(stmts)
	}
	if len(stmts) == 0 {
		return []Statement{&Empty{Source{position: 1, text: text}}}, nil
	}
	return stmts, nil
}

// exprPrefix makes a statement of an expression.
const exprPrefix = "SELECT "

// ParseExpr parses one expression: a transformFunction or filterFunction. Positions count in text.
func ParseExpr(text string) (Expr, error) {
	src, err := prepare(text, Ingestion, exprPrefix)
	if err != nil {
		return nil, err
	}
	tree, err := src.parse()
	if err != nil {
		return nil, err
	}
	c := &conv{src: src, dialect: Ingestion}
	stmts := c.statements(tree)
	if c.err != nil {
		return nil, c.err
	}
	if len(stmts) == 1 {
		if s, ok := stmts[0].(*Select); ok && s.isExpr() {
			return s.Items[0].Expr, nil
		}
	}
	return nil, errs.User(errs.SyntaxError, "an expression is expected, got %s", abbreviate(text)).At(1)
}

// isExpr reports SELECT with one unnamed expression and nothing else.
func (s *Select) isExpr() bool {
	if len(s.Items) != 1 || s.Items[0].Alias != "" || s.Distinct || s.SetOp != nil || s.Values != nil || s.Into || s.Locking != "" {
		return false
	}
	if _, star := s.Items[0].Expr.(*Star); star {
		return false
	}
	return s.From == nil && s.Where == nil && s.GroupBy == nil && s.Having == nil && s.OrderBy == nil &&
		s.Limit == nil && s.Offset == nil && s.With == nil && s.Options == nil && s.Windows == nil
}

// abbreviate shortens a text for a message.
func abbreviate(s string) string {
	const most = 60
	if utf8.RuneCountInString(s) <= most {
		return `"` + s + `"`
	}
	return `"` + string([]rune(s)[:most]) + `..."`
}

// source is a text with its rewritten form and the way back.
type source struct {
	orig      string
	raw       string // after the raw pass, with the prefix
	rewritten string // what the parser reads
	rawMap    offsetMap
	tokenMap  offsetMap
	chars     charIndex
	toks      []*pg.ScanToken
	tails     []optionTail
	planFor   []int
	long      map[string]string
}

// prepare checks the limits and runs the pre-pass. prefix is put before the text.
func prepare(text string, d Dialect, prefix string) (*source, error) {
	if len(text) > MaxText {
		return nil, errs.New(errs.ClassExhausted, errs.ProgramLimitExceeded,
			"statement is too long: %d bytes, the limit is %d", len(text), MaxText)
	}
	s := &source{orig: text, chars: newCharIndex(text)}
	if i := strings.IndexByte(text, 0); i >= 0 {
		return nil, errs.User(errs.InvalidEncoding, `invalid byte sequence for encoding "UTF8": 0x00`).At(s.chars.position(i))
	}
	if !utf8.ValidString(text) {
		return nil, invalidUTF8(text)
	}
	var err error
	if s.raw, s.rawMap, err = rawPass(text, d == HTTP); err != nil {
		return nil, err
	}
	if prefix != "" {
		s.raw = prefix + s.raw
		s.rawMap.shift(len(prefix))
	}
	toks, err := scanTokens(s.raw)
	if err != nil {
		return nil, s.parserError(err, s.raw, func(off int) int { return off })
	}
	s.toks = toks
	p := &tokenPass{rewriter: rewriter{src: s.raw}, toks: toks}
	s.rewritten, s.tokenMap = p.run()
	s.tails, s.planFor, s.long = p.tails, p.planFor, p.long
	return s, nil
}

// shift accounts for n bytes put before the rewritten text.
func (m *offsetMap) shift(n int) {
	for i := range m.spans {
		m.spans[i].out += n
	}
}

func invalidUTF8(text string) error {
	off := 0
	for off < len(text) {
		r, size := utf8.DecodeRuneInString(text[off:])
		if r == utf8.RuneError && size == 1 {
			break
		}
		off += size
	}
	return errs.User(errs.InvalidEncoding, `invalid byte sequence for encoding "UTF8": 0x%02x`, text[off]).
		At(utf8.RuneCountInString(text[:off]) + 1)
}

// parse runs the C parser.
func (s *source) parse() (*pg.ParseResult, error) {
	tree, err := pg.Parse(s.rewritten)
	if err != nil {
		return nil, s.parserError(err, s.rewritten, s.tokenMap.source)
	}
	return tree, nil
}

// origOffset maps a byte offset of the rewritten text to one of the user's text.
func (s *source) origOffset(off int) int { return s.rawMap.source(s.tokenMap.source(off)) }

// position maps a location of the tree to a character position, 0 for none.
func (s *source) position(loc int32) int {
	if loc < 0 {
		return 0
	}
	return s.chars.position(s.origOffset(int(loc)))
}

// parserError translates an error of the scanner or parser over text, whose offsets toRaw maps to the raw text.
func (s *source) parserError(err error, text string, toRaw func(int) int) error {
	var own *errs.Error
	if errors.As(err, &own) {
		return own
	}
	var perr *parser.Error
	if !errors.As(err, &perr) {
		// The tree did not survive the way out of C: it nests beyond the limit of its encoding.
		return tooDeep(0).Wrap(err)
	}
	if strings.HasPrefix(perr.Message, "memory exhausted") || strings.Contains(perr.Message, "stack depth limit") {
		return tooDeep(0)
	}
	msg, pos := perr.Message, 0
	if perr.Cursorpos > 0 {
		rawOff := toRaw(byteOffset(text, perr.Cursorpos))
		pos = s.chars.position(s.rawMap.source(rawOff))
		if near, ok := s.tokenText(rawOff); ok && strings.HasPrefix(msg, "syntax error at or near ") {
			msg = `syntax error at or near "` + near + `"`
		}
	}
	code := errs.SyntaxError
	if strings.HasPrefix(msg, "frame ") { // the grammar's rules for window frames, which have a code of their own
		code = errs.WindowingError
	}
	return errs.User(code, "%s", msg).At(pos)
}

// tokenText is the token at a raw offset as the user wrote it.
func (s *source) tokenText(rawOff int) (string, bool) {
	i := sort.Search(len(s.toks), func(i int) bool { return int(s.toks[i].End) > rawOff })
	if i == len(s.toks) || int(s.toks[i].Start) > rawOff {
		return "", false
	}
	t := s.toks[i]
	from, to := s.rawMap.source(int(t.Start)), s.rawMap.source(int(t.End)-1)+1
	if to > from+1 || t.End == t.Start+1 {
		return s.orig[from:min(to, len(s.orig))], true
	}
	if s.orig[from] == '?' {
		return "?", true
	}
	return unquote(s.raw[t.Start:t.End]), true
}

func tooDeep(pos int) *errs.Error {
	return errs.New(errs.ClassExhausted, errs.StatementTooComplex, "statement is too complex: expressions nest too deeply").
		WithHint("The limit is %d levels.", maxDepth).At(pos)
}

// foldSets turns SET statements into options of the query after them, as Pinot reads them.
func foldSets(stmts []Statement) []Statement {
	var out []Statement
	var pending []Option
	var sets []Statement
	for _, st := range stmts {
		switch st := st.(type) {
		case *Set:
			if !st.Default {
				pending = append(pending, Option{At: At(st.Pos()), Name: st.Name, Value: strings.Join(st.Values, ", ")})
				sets = append(sets, st)
				continue
			}
		case *Select:
			st.Options = append(pending[:len(pending):len(pending)], st.Options...)
			sets = nil
		case *Explain:
			if q, ok := st.Stmt.(*Select); ok {
				q.Options = append(pending[:len(pending):len(pending)], q.Options...)
				sets = nil
			}
		}
		out = append(out, st)
	}
	return append(out, sets...)
}
