package text

import (
	"regexp"
	"strings"

	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/internal/errs"
	"github.com/freshetdb/freshet/internal/vec"
	"github.com/freshetdb/freshet/query/function"
)

func regexps() []function.Scalar {
	const dialect = " Patterns are RE2's: Java's without look-around and back references."
	replace := bindRegexp("regexpReplace", 3, 6, catalog.String, regexpReplace)
	return []function.Scalar{
		{Name: "regexpLike", Aliases: []string{"regexpLikeVar"}, Family: family, Signature: "regexpLike(s, pattern[, 'i'])", Example: "regexpLike('hello', 'l+') = true",
			Doc: "Whether the pattern matches somewhere in s; 'i' ignores case." + dialect, Bind: bindRegexp("regexpLike", 2, 3, catalog.Boolean, regexpLike)},
		{Name: "regexpExtract", Aliases: []string{"regexpExtractVar"}, Family: family, Signature: "regexpExtract(s, pattern[, group[, default]])", Example: "regexpExtract('ab12', '[0-9]+') = '12'",
			Doc:  "What the first match of the pattern, or a group of it, holds; the default, '' unless stated, if there is none." + dialect,
			Bind: bindRegexp("regexpExtract", 2, 4, catalog.String, regexpExtract)},
		{Name: "regexpReplace", Aliases: []string{"regexpReplaceVar"}, Family: family,
			Signature: "regexpReplace(s, pattern, replacement[, start[, occurrence[, flag]]]) or regexpReplace(s, pattern, replacement, flags)",
			Example:   "regexpReplace('a1b2', '[0-9]', '_') = 'a_b_'",
			Doc: "s with the matches replaced ($1 is a group): from the zero-based start on, all or the occurrence counted from 0 (-1: all), ignoring case with flag 'i'. " +
				"With text as the fourth argument it is PostgreSQL's: \\1 is a group, only the first match is replaced unless the flags have g." + dialect,
			Bind: func(args []function.Arg) (function.Bound, error) {
				if len(args) == 4 && args[3].Type.Kind.IsText() {
					return bindPGReplace(args)
				}
				return replace(args)
			}},
	}
}

// regexpTypes are the argument types of a regexp function, by position, for the three shapes.
var regexpTypes = map[string][]catalog.Type{
	"regexpLike":    {catalog.String, catalog.String, catalog.String},
	"regexpExtract": {catalog.String, catalog.String, catalog.Long, catalog.String},
	"regexpReplace": {catalog.String, catalog.String, catalog.String, catalog.Long, catalog.Long, catalog.String},
}

// bindRegexp compiles a constant pattern once, so that a bad one is an error of the statement.
func bindRegexp(name string, lo, hi int, result catalog.Type, eval func(first *regexp.Regexp) function.Eval) func([]function.Arg) (function.Bound, error) {
	return func(args []function.Arg) (function.Bound, error) {
		if len(args) < lo || len(args) > hi {
			return function.Bound{}, function.NoMatch(name, args)
		}
		types := regexpTypes[name][:len(args)]
		bound, err := function.Overloads(name, function.Overload{Args: types, Type: result, Fallible: true, Eval: eval(nil)})(args)
		if err != nil || args[1].Const == nil || args[1].Const.Null || !args[1].Type.Kind.IsText() {
			return bound, err
		}
		// The flag decides about case: a function whose flag is no constant compiles per row.
		flag := ""
		if last := args[len(args)-1]; len(args) == hi && name != "regexpExtract" {
			if last.Const == nil || last.Const.Null {
				return bound, nil
			}
			flag = last.Const.Str
		}
		var p function.Pattern
		re, err := p.Compile(args[1].Const.Str, strings.Contains(flag, "i"))
		if err != nil {
			return function.Bound{}, err
		}
		bound.Fallible = name == "regexpExtract" // for a group that the pattern lacks
		bound.Eval = eval(re)
		return bound, nil
	}
}

// patterns gives the pattern of each row: the one compiled when bound, or that of the arguments.
type patterns struct {
	first *regexp.Regexp
	text  function.Slice[string]
	flag  function.Slice[string]
	last  function.Pattern
}

func newPatterns(first *regexp.Regexp, args []*vec.Vector, flagAt int) *patterns {
	p := &patterns{first: first, text: function.View[string](args[1]), flag: function.ConstSlice("")}
	if flagAt < len(args) {
		p.flag = function.View[string](args[flagAt])
	}
	return p
}

func (p *patterns) at(i int) (*regexp.Regexp, error) {
	if p.first != nil {
		return p.first, nil
	}
	return p.last.Compile(p.text.At(i), strings.Contains(p.flag.At(i), "i"))
}

func regexpLike(first *regexp.Regexp) function.Eval {
	return func(ec *function.EvalContext, args []*vec.Vector, n int, out *vec.Vector) error {
		s, res := function.View[string](args[0]), newPatterns(first, args, 2)
		return function.TryRows(ec, n, out, func(i int) (bool, error) {
			re, err := res.at(i)
			return err == nil && re.MatchString(s.At(i)), err
		})
	}
}

func regexpExtract(first *regexp.Regexp) function.Eval {
	return func(ec *function.EvalContext, args []*vec.Vector, n int, out *vec.Vector) error {
		s, res := function.View[string](args[0]), newPatterns(first, args, len(args))
		group, absent := function.ConstSlice(int64(0)), function.ConstSlice("")
		if len(args) > 2 {
			group = function.View[int64](args[2])
		}
		if len(args) > 3 {
			absent = function.View[string](args[3])
		}
		return function.TryRows(ec, n, out, func(i int) (string, error) {
			re, err := res.at(i)
			if err != nil {
				return "", err
			}
			g := group.At(i)
			if g < 0 || g > int64(re.NumSubexp()) {
				return "", errs.User(errs.InvalidParameterValue, "regexpExtract: group %d; the pattern has %d", g, re.NumSubexp())
			}
			at := re.FindStringSubmatchIndex(s.At(i))
			if at == nil || at[2*g] < 0 {
				return absent.At(i), nil
			}
			return s.At(i)[at[2*g]:at[2*g+1]], nil
		})
	}
}

// template turns Java's replacement ($1, \$) into the one that Expand reads (${1}, $$).
func template(replacement string) string {
	var b strings.Builder
	for i := 0; i < len(replacement); i++ {
		switch c := replacement[i]; {
		case c == '\\' && i+1 < len(replacement):
			i++
			if replacement[i] == '$' {
				b.WriteByte('$')
			}
			b.WriteByte(replacement[i])
		case c == '$' && i+1 < len(replacement) && replacement[i+1] >= '0' && replacement[i+1] <= '9':
			i++
			b.WriteString("${" + replacement[i:i+1] + "}")
		case c == '$' && (i+1 == len(replacement) || replacement[i+1] != '{'):
			b.WriteString("$$")
		default:
			b.WriteByte(c)
		}
	}
	return b.String()
}

func regexpReplace(first *regexp.Regexp) function.Eval {
	return func(ec *function.EvalContext, args []*vec.Vector, n int, out *vec.Vector) error {
		s, res, with := function.View[string](args[0]), newPatterns(first, args, 5), function.View[string](args[2])
		start, occurrence := function.ConstSlice(int64(0)), function.ConstSlice(int64(-1))
		if len(args) > 3 {
			start = function.View[int64](args[3])
		}
		if len(args) > 4 {
			occurrence = function.View[int64](args[4])
		}
		lastText, lastTemplate := "", ""
		return function.BuildTexts(ec, n, out, func(dst []byte, i int) ([]byte, error) {
			re, err := res.at(i)
			if err != nil {
				return dst, err
			}
			if t := with.At(i); t != lastText {
				lastText, lastTemplate = t, template(t)
			}
			return appendReplaced(dst, re, s.At(i), lastTemplate, runeOffset(s.At(i), start.At(i)), occurrence.At(i)), nil
		})
	}
}

// appendReplaced replaces the matches from byte start on: all of them, or one counted from 0.
func appendReplaced(dst []byte, re *regexp.Regexp, s, with string, start int, occurrence int64) []byte {
	dst = append(dst, s[:start]...)
	rest, from := s[start:], 0
	for k, at := range re.FindAllStringSubmatchIndex(rest, -1) {
		if occurrence >= 0 && int64(k) != occurrence {
			continue
		}
		dst = append(dst, rest[from:at[0]]...)
		dst = re.ExpandString(dst, with, rest, at)
		from = at[1]
	}
	return append(dst, rest[from:]...)
}
