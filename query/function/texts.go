package function

import (
	"errors"
	"regexp"
	"regexp/syntax"
	"strings"

	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/internal/errs"
	"github.com/freshetdb/freshet/internal/vec"
	"github.com/freshetdb/freshet/query/function/convert"
)

// maxTextBytes bounds what one evaluation of a text function may produce for a batch: 256 MiB.
const maxTextBytes = 256 << 20

// BuildTexts writes the text of every row of out that is not NULL: f appends it to dst. All texts of the batch share
// one allocation.
func BuildTexts(ec *EvalContext, n int, out *vec.Vector, f func(dst []byte, i int) ([]byte, error)) error {
	var buf []byte
	ends := make([]int, n)
	for i := range n {
		if !out.IsNull(i) {
			from := len(buf)
			grown, err := f(buf, i)
			if err == nil && len(grown) > maxTextBytes {
				err = errs.New(errs.ClassExhausted, errs.ProgramLimitExceeded, "a function makes more than %d bytes of text for one batch", maxTextBytes)
			}
			if err != nil {
				grown = buf[:from]
				if err := ec.Fail(out, i, err); err != nil {
					return err
				}
			}
			buf = grown
		}
		ends[i] = len(buf)
	}
	text, from := string(buf), 0
	for i, end := range ends {
		out.Str[i] = text[from:end]
		from = end
	}
	return nil
}

// Text1 lifts a function that appends a text for one value.
func Text1[A Value](f func(dst []byte, a A) ([]byte, error)) Eval {
	return func(ec *EvalContext, args []*vec.Vector, n int, out *vec.Vector) error {
		a := View[A](args[0])
		return BuildTexts(ec, n, out, func(dst []byte, i int) ([]byte, error) { return f(dst, a.At(i)) })
	}
}

// BuildArrays writes an array of texts for every row of out that is not NULL: f gives its elements. The elements are of
// out's type, which has to be an array of a kind in string form.
func BuildArrays(ec *EvalContext, n int, out *vec.Vector, f func(dst []string, i int) ([]string, error)) error {
	var all []string
	for i := range n {
		if !out.IsNull(i) {
			from := len(all)
			grown, err := f(all, i)
			if err != nil {
				grown = all[:from]
				if err := ec.Fail(out, i, err); err != nil {
					return err
				}
			}
			all = grown
		}
		out.Offsets[i+1] = uint32(len(all))
	}
	out.Elems.Reset(catalog.Type{Kind: out.Type.Kind}, len(all))
	copy(out.Elems.Str, all)
	return nil
}

// Pattern compiles regular expressions and keeps the last one: where the pattern is a column, equal neighbours compile
// once. Not safe for concurrent use.
type Pattern struct {
	text string
	re   *regexp.Regexp
}

// pgEscapes are the escapes of PostgreSQL's patterns that RE2 spells otherwise or lacks: the beginning and the end of a word
// are either border of it. No other dialect gives them another meaning.
var pgEscapes = strings.NewReplacer(`\\`, `\\`, `\y`, `\b`, `\Y`, `\B`, `\m`, `\b`, `\M`, `\b`, `\Z`, `\z`) // read-only

// badPattern says what is wrong with a pattern, and where: a long place is cut.
func badPattern(err error) error {
	var bad *syntax.Error
	if errors.As(err, &bad) {
		return errs.User(errs.InvalidRegexp, "invalid regular expression: %s: `%s`", bad.Code, convert.Shown(bad.Expr))
	}
	return errs.User(errs.InvalidRegexp, "invalid regular expression: %v", err)
}

// Compile gives the compiled pattern; fold ignores case.
func (p *Pattern) Compile(text string, fold bool) (*regexp.Regexp, error) {
	if fold {
		text = "(?i)" + text
	}
	if p.re != nil && p.text == text {
		return p.re, nil
	}
	re, err := regexp.Compile(pgEscapes.Replace(text))
	if err != nil {
		return nil, badPattern(err)
	}
	p.text, p.re = text, re
	return re, nil
}
