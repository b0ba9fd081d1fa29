package text

import (
	"regexp"
	"strings"
	"unicode/utf8"

	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/internal/errs"
	"github.com/freshetdb/freshet/internal/vec"
	"github.com/freshetdb/freshet/query/function"
	"github.com/freshetdb/freshet/query/function/convert"
)

// pgFlags translates PostgreSQL's letters to the beginning of a pattern, and reports the flag g. Without letters a dot
// matches a line break and ^ and $ match at the ends of the text only.
func pgFlags(pattern, flags string) (text string, global bool, err error) {
	fold, multi, dotAll, literal := false, false, true, false
	for _, f := range flags {
		switch f {
		case 'g':
			global = true
		case 'i':
			fold = true
		case 'c':
			fold = false
		case 'n', 'm':
			multi, dotAll = true, false
		case 's':
			multi, dotAll = false, true
		case 'p':
			multi, dotAll = false, false
		case 'w':
			multi, dotAll = true, true
		case 'q':
			literal = true
		case 't':
		case 'x', 'b', 'e':
			return "", false, errs.User(errs.FeatureNotSupported, "regular expression option %q is not supported", string(f))
		default:
			return "", false, errs.User(errs.InvalidParameterValue, "invalid regular expression option: %q", string(f))
		}
	}
	if literal {
		pattern = regexp.QuoteMeta(pattern)
	}
	set := ""
	for _, option := range []struct {
		on     bool
		letter string
	}{{fold, "i"}, {multi, "m"}, {dotAll, "s"}} {
		if option.on {
			set += option.letter
		}
	}
	if set != "" {
		pattern = "(?" + set + ")" + pattern
	}
	return pattern, global, nil
}

// pgPattern is a compiled pattern with what it was compiled of.
type pgPattern struct {
	lastText, lastFlags string
	re                  *regexp.Regexp
	global              bool
}

// compile translates and compiles.
func (p *pgPattern) compile(text, flags string) error {
	translated, global, err := pgFlags(text, flags)
	if err != nil {
		return err
	}
	var c function.Pattern
	re, err := c.Compile(translated, false)
	if err != nil {
		return err
	}
	p.lastText, p.lastFlags, p.re, p.global = text, flags, re, global
	return nil
}

// pgPatterns gives the pattern of each row, and keeps the last: the constant one is compiled when the call is bound.
type pgPatterns struct {
	pgPattern
	text, flags function.Slice[string]
}

// at gives the pattern of row i. A pattern without g is used for one match by functions that know the flag.
func (p *pgPatterns) at(i int) (*regexp.Regexp, error) {
	text, flags := p.text.At(i), p.flags.At(i)
	if p.re != nil && text == p.lastText && flags == p.lastFlags {
		return p.re, nil
	}
	if err := p.compile(text, flags); err != nil {
		return nil, err
	}
	return p.re, nil
}

// withPattern makes the Bind of a function of a pattern and flags, which makes its evaluation of the compiled constant
// pattern; flagsAt is the argument that holds the flags.
func withPattern(flagsAt int, bind func(eval function.Eval) func([]function.Arg) (function.Bound, error), eval func(first pgPattern) function.Eval) func([]function.Arg) (function.Bound, error) {
	return func(args []function.Arg) (function.Bound, error) {
		var first pgPattern
		constant := len(args) > 1 && args[1].Const != nil && !args[1].Const.Null && args[1].Type.Kind.IsText()
		flags := ""
		if flagsAt < len(args) {
			if c := args[flagsAt].Const; c != nil && !c.Null && args[flagsAt].Type.Kind.IsText() {
				flags = c.Str
			} else {
				constant = false
			}
		}
		if constant {
			if err := first.compile(args[1].Const.Str, flags); err != nil {
				return function.Bound{}, err
			}
		}
		return bind(eval(first))(args)
	}
}

// pgCall is a call of one of PostgreSQL's functions of patterns: flagsAt is the argument that holds the flags, numbers
// stand between the pattern and them.
type pgCall struct {
	args    []*vec.Vector
	s       function.Slice[string]
	pattern *pgPatterns
}

func newPGCall(first pgPattern, args []*vec.Vector, flagsAt int) pgCall {
	c := pgCall{args: args, s: function.View[string](args[0]), pattern: &pgPatterns{pgPattern: first, text: function.View[string](args[1]), flags: function.ConstSlice("")}}
	if flagsAt < len(args) {
		c.pattern.flags = function.View[string](args[flagsAt])
	}
	return c
}

// number gives the whole number in argument at of row i, otherwise where there is none; it has to be at least least.
func (c *pgCall) number(name, what string, at, i int, otherwise, least int64) (int64, error) {
	if at >= len(c.args) {
		return otherwise, nil
	}
	x := function.View[int64](c.args[at]).At(i)
	if x < least {
		return x, errs.User(errs.InvalidParameterValue, `invalid value for parameter "%s": %d`, what, x).WithDetail("%s takes a number from %d on.", name, least)
	}
	return x, nil
}

// matches calls f with the positions of every match from character start on, counted from 1, until f gives false.
func matches(re *regexp.Regexp, s string, start int64, f func(at []int) bool) {
	from := runeOffset(s, start-1)
	if start-1 > int64(utf8.RuneCountInString(s)) {
		return
	}
	for _, at := range re.FindAllStringSubmatchIndex(s[from:], -1) {
		for k := range at {
			if at[k] >= 0 {
				at[k] += from
			}
		}
		if !f(at) {
			return
		}
	}
}

// pgRegexps are PostgreSQL's functions of patterns.
func pgRegexps() []function.Scalar {
	const dialect = " Patterns are RE2's, with PostgreSQL's flags: i ignores case, n lets ^, $ and dots stop at line breaks, q takes the pattern literally."
	types := []catalog.Type{catalog.String, catalog.String, catalog.Long, catalog.Long, catalog.Long, catalog.String, catalog.Long}
	forms := func(result catalog.Type, eval function.Eval, shapes ...[]int) []function.Overload {
		var list []function.Overload
		for _, shape := range shapes {
			o := function.Overload{Type: result, Fallible: true, Eval: eval}
			for _, k := range shape {
				o.Args = append(o.Args, types[k])
			}
			list = append(list, o)
		}
		return list
	}
	array := catalog.String.Array()
	return []function.Scalar{
		{Name: "regexpCount", Family: family, Signature: "regexpCount(s, pattern[, start[, flags]])", Example: "regexpCount('a1b2', '[0-9]') = 2",
			Doc: "How often the pattern matches in s, from a one-based position on." + dialect,
			Bind: withPattern(3, func(eval function.Eval) func([]function.Arg) (function.Bound, error) {
				return function.Overloads("regexpCount", forms(catalog.Int, eval, []int{0, 1}, []int{0, 1, 2}, []int{0, 1, 2, 5})...)
			}, regexpCount)},
		{Name: "regexpSubstr", Family: family, Signature: "regexpSubstr(s, pattern[, start[, n[, flags[, group]]]])", Example: "regexpSubstr('a1b2', '[0-9]', 1, 2) = '2'",
			Doc: "The n-th match of the pattern, or a group of it; NULL if there is none." + dialect,
			Bind: withPattern(4, func(eval function.Eval) func([]function.Arg) (function.Bound, error) {
				return function.Overloads("regexpSubstr", forms(catalog.String, eval, []int{0, 1}, []int{0, 1, 2}, []int{0, 1, 2, 3},
					[]int{0, 1, 2, 3, 5}, []int{0, 1, 2, 3, 5, 6})...)
			}, regexpSubstr)},
		{Name: "regexpInstr", Family: family, Signature: "regexpInstr(s, pattern[, start[, n[, end[, flags[, group]]]]])", Example: "regexpInstr('a1b2', '[0-9]', 1, 2) = 4",
			Doc: "One-based position of the n-th match, or of the character behind it where end is 1; 0 if there is none." + dialect,
			Bind: withPattern(5, func(eval function.Eval) func([]function.Arg) (function.Bound, error) {
				return function.Overloads("regexpInstr", forms(catalog.Int, eval, []int{0, 1}, []int{0, 1, 2}, []int{0, 1, 2, 3}, []int{0, 1, 2, 3, 4},
					[]int{0, 1, 2, 3, 4, 5}, []int{0, 1, 2, 3, 4, 5, 6})...)
			}, regexpInstr)},
		{Name: "regexpMatch", Family: family, Signature: "regexpMatch(s, pattern[, flags])", Example: "arrayToString(regexpMatch('k=v', '(.)=(.)'), '-') = 'k-v'",
			Doc: "The groups of the first match, or the match of a pattern without groups, as an array; NULL if there is none." + dialect,
			Bind: withPattern(2, func(eval function.Eval) func([]function.Arg) (function.Bound, error) {
				return function.Overloads("regexpMatch", forms(array, eval, []int{0, 1}, []int{0, 1, 5})...)
			}, regexpMatch)},
		{Name: "regexpSplitToArray", Family: family, Signature: "regexpSplitToArray(s, pattern[, flags])", Example: "arrayToString(regexpSplitToArray('a, b', ', *'), '-') = 'a-b'",
			Doc: "The parts of s between the matches of the pattern." + dialect,
			Bind: withPattern(2, func(eval function.Eval) func([]function.Arg) (function.Bound, error) {
				return function.Overloads("regexpSplitToArray", forms(array, eval, []int{0, 1}, []int{0, 1, 5})...)
			}, regexpSplit)},
	}
}

// substringOf is PostgreSQL's substring(s from pattern): the first group of the first match, or the match of a pattern
// without groups.
func substringOf(first pgPattern) function.Eval {
	return func(ec *function.EvalContext, args []*vec.Vector, n int, out *vec.Vector) error {
		c := newPGCall(first, args, len(args))
		return function.TryRows(ec, n, out, func(i int) (string, error) {
			re, err := c.pattern.at(i)
			if err != nil {
				return "", err
			}
			at := re.FindStringSubmatchIndex(c.s.At(i))
			if len(at) > 2 {
				at = at[2:]
			}
			if at == nil || at[0] < 0 {
				out.SetNull(i)
				return "", nil
			}
			return c.s.At(i)[at[0]:at[1]], nil
		})
	}
}

// isPattern reports a second argument of substring that is a pattern: a text, but not that of a number, which clients of
// Pinot quote.
func isPattern(args []function.Arg) bool {
	if len(args) != 2 || args[1].Type != catalog.String {
		return false
	}
	if c := args[1].Const; c != nil && !c.Null {
		_, err := convert.ParseLong(c.Str)
		return err != nil
	}
	return true
}

func regexpCount(first pgPattern) function.Eval {
	return func(ec *function.EvalContext, args []*vec.Vector, n int, out *vec.Vector) error {
		c := newPGCall(first, args, 3)
		return function.TryRows(ec, n, out, func(i int) (int32, error) {
			re, err := c.pattern.at(i)
			if err != nil {
				return 0, err
			}
			start, err := c.number("regexp_count", "start", 2, i, 1, 1)
			count := int32(0)
			if err == nil {
				matches(re, c.s.At(i), start, func([]int) bool { count++; return true })
			}
			return count, err
		})
	}
}

// nth finds a group of the n-th match, from a one-based character on: its bytes from and to, -1 if there is none.
func (c *pgCall) nth(name string, i, groupAt int) (from, to int, err error) {
	re, err := c.pattern.at(i)
	if err != nil {
		return -1, -1, err
	}
	start, err := c.number(name, "start", 2, i, 1, 1)
	if err != nil {
		return -1, -1, err
	}
	wanted, err := c.number(name, "n", 3, i, 1, 1)
	if err != nil {
		return -1, -1, err
	}
	group, err := c.number(name, "subexpr", groupAt, i, 0, 0)
	from, to = -1, -1
	if err != nil || group > int64(re.NumSubexp()) {
		return from, to, err
	}
	matches(re, c.s.At(i), start, func(at []int) bool {
		if wanted--; wanted == 0 {
			from, to = at[2*group], at[2*group+1]
		}
		return wanted > 0
	})
	return from, to, nil
}

func regexpSubstr(first pgPattern) function.Eval {
	return func(ec *function.EvalContext, args []*vec.Vector, n int, out *vec.Vector) error {
		c := newPGCall(first, args, 4)
		return function.TryRows(ec, n, out, func(i int) (string, error) {
			from, to, err := c.nth("regexp_substr", i, 5)
			if from < 0 {
				if err == nil {
					out.SetNull(i)
				}
				return "", err
			}
			return c.s.At(i)[from:to], nil
		})
	}
}

func regexpInstr(first pgPattern) function.Eval {
	return func(ec *function.EvalContext, args []*vec.Vector, n int, out *vec.Vector) error {
		c := newPGCall(first, args, 5)
		return function.TryRows(ec, n, out, func(i int) (int32, error) {
			end, err := c.number("regexp_instr", "endoption", 4, i, 0, 0)
			if err == nil && end > 1 {
				err = errs.User(errs.InvalidParameterValue, `invalid value for parameter "endoption": %d`, end)
			}
			if err != nil {
				return 0, err
			}
			from, to, err := c.nth("regexp_instr", i, 6)
			if from < 0 || err != nil {
				return 0, err
			}
			if end == 1 {
				from = to
			}
			return int32(utf8.RuneCountInString(c.s.At(i)[:from])) + 1, nil
		})
	}
}

func notGlobal(name string, p *pgPatterns) error {
	if p.global {
		return errs.User(errs.InvalidParameterValue, `%s() does not support the "global" option`, name)
	}
	return nil
}

// regexpMatch writes groups that took no part in the match as NULL elements.
func regexpMatch(first pgPattern) function.Eval {
	return func(ec *function.EvalContext, args []*vec.Vector, n int, out *vec.Vector) error {
		c := newPGCall(first, args, 2)
		var absent []int
		total := 0
		err := function.BuildArrays(ec, n, out, func(dst []string, i int) ([]string, error) {
			re, err := c.pattern.at(i)
			if err == nil {
				err = notGlobal("regexp_match", c.pattern)
			}
			if err != nil {
				return dst, err
			}
			s := c.s.At(i)
			at := re.FindStringSubmatchIndex(s)
			if at == nil {
				out.SetNull(i)
				return dst, nil
			}
			if len(at) > 2 {
				at = at[2:]
			}
			for k := 0; k < len(at); k += 2 {
				if at[k] < 0 {
					absent = append(absent, len(dst))
					dst = append(dst, "")
				} else {
					dst = append(dst, s[at[k]:at[k+1]])
				}
			}
			total = len(dst)
			return dst, nil
		})
		if err != nil {
			return err // before the elements were made
		}
		for _, e := range absent {
			if e < total {
				out.Elems.SetNull(e)
			}
		}
		return nil
	}
}

// regexpSplit does not part at empty matches at the ends of the text or behind another match.
func regexpSplit(first pgPattern) function.Eval {
	return func(ec *function.EvalContext, args []*vec.Vector, n int, out *vec.Vector) error {
		c := newPGCall(first, args, 2)
		return function.BuildArrays(ec, n, out, func(dst []string, i int) ([]string, error) {
			re, err := c.pattern.at(i)
			if err == nil {
				err = notGlobal("regexp_split_to_array", c.pattern)
			}
			if err != nil {
				return dst, err
			}
			s, from := c.s.At(i), 0
			matches(re, s, 1, func(at []int) bool {
				if at[0] == at[1] && (at[0] == 0 || at[0] == len(s)) {
					return true
				}
				dst = append(dst, s[from:at[0]])
				from = at[1]
				return true
			})
			return append(dst, s[from:]), nil
		})
	}
}

// pgTemplate turns PostgreSQL's replacement (\1, \&) into the one that Expand reads (${1}, $$).
func pgTemplate(replacement string) string {
	var b strings.Builder
	for i := 0; i < len(replacement); i++ {
		c := replacement[i]
		if c == '$' {
			b.WriteByte('$')
		}
		if c != '\\' || i+1 == len(replacement) {
			b.WriteByte(c)
			continue
		}
		switch d := replacement[i+1]; {
		case d >= '1' && d <= '9':
			b.WriteString("${" + string(rune(d)) + "}")
		case d == '&':
			b.WriteString("${0}")
		case d == '\\':
			b.WriteByte('\\')
		default:
			b.WriteByte('\\')
			continue // what follows stands for itself
		}
		i++
	}
	return b.String()
}

// bindPGReplace is regexp_replace(s, pattern, replacement, flags): the form with text as its fourth argument.
func bindPGReplace(args []function.Arg) (function.Bound, error) {
	types := []catalog.Type{catalog.String, catalog.String, catalog.String, catalog.String}
	bind := func(eval function.Eval) func([]function.Arg) (function.Bound, error) {
		return function.Overloads("regexpReplace", function.Overload{Args: types, Type: catalog.String, Fallible: true, Eval: eval})
	}
	return withPattern(3, bind, pgReplace)(args)
}

func pgReplace(first pgPattern) function.Eval {
	return func(ec *function.EvalContext, args []*vec.Vector, n int, out *vec.Vector) error {
		c, with := newPGCall(first, args, 3), function.View[string](args[2])
		lastText, lastTemplate := "", ""
		return function.BuildTexts(ec, n, out, func(dst []byte, i int) ([]byte, error) {
			re, err := c.pattern.at(i)
			if err != nil {
				return dst, err
			}
			if t := with.At(i); t != lastText {
				lastText, lastTemplate = t, pgTemplate(t)
			}
			occurrence := int64(0)
			if c.pattern.global {
				occurrence = -1
			}
			return appendReplaced(dst, re, c.s.At(i), lastTemplate, 0, occurrence), nil
		})
	}
}
