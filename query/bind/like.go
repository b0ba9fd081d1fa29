package bind

import (
	"unicode"
	"unicode/utf8"

	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/internal/vec"
	"github.com/freshetdb/freshet/query/expr"
	"github.com/freshetdb/freshet/query/function"
)

// Names of the calls that stand for LIKE until the pattern is known. No registry function can have them.
const (
	likeCall  = "~~"
	ilikeCall = "~~*"
)

// likeLater is LIKE with a pattern that is not a constant yet: a parameter or a column. LikeConst makes the proper
// node of it once the pattern is known.
func (b *binder) likeLater(l *expr.Like, pattern expr.Expr, pos int) (expr.Expr, error) {
	if p, ok := untyped(pattern); ok {
		pattern = b.resolve(p, catalog.String)
	}
	if pattern.Type() != catalog.String || l.Arg.Type().MultiValue {
		return nil, mismatch(likeCall, l.Arg, pattern, pos)
	}
	arg, err := b.coerce(l.Arg, catalog.String, pos)
	if err != nil {
		return nil, err
	}
	name, fold, escape := likeCall, l.CaseInsensitive, l.Escape
	if fold {
		name = ilikeCall
	}
	escapeText := ""
	if escape != 0 {
		escapeText = string(escape)
	}
	eval := func(_ *function.EvalContext, args []*vec.Vector, n int, out *vec.Vector) error {
		for i := range n {
			if !out.IsNull(i) && likeMatch(args[0].StrAt(i), args[1].StrAt(i), escape, fold) {
				out.Bits.Set(i)
			}
		}
		return nil
	}
	call := &expr.Call{Args: []expr.Expr{arg, pattern, constString(escapeText)}, Fn: function.Bound{Name: name, Type: catalog.Boolean,
		Args: []catalog.Type{catalog.String, catalog.String, catalog.String}, Strict: true, Eval: eval}}
	if l.Negated {
		return &expr.Not{Arg: call}, nil
	}
	return call, nil
}

// LikeConst gives a LIKE call whose pattern has become a constant as a Like node; ok is false for other calls.
func LikeConst(c *expr.Call) (e expr.Expr, ok bool) {
	if c.Fn.Name != likeCall && c.Fn.Name != ilikeCall || len(c.Args) != 3 {
		return nil, false
	}
	pattern, ok := c.Args[1].(*expr.Const)
	escape, ok2 := c.Args[2].(*expr.Const)
	if !ok || !ok2 {
		return nil, false
	}
	if pattern.Value.Null {
		return &expr.Const{Value: catalog.NullValue(catalog.Boolean)}, true
	}
	l := &expr.Like{Arg: c.Args[0], Pattern: pattern.Value.Str, CaseInsensitive: c.Fn.Name == ilikeCall}
	if escape.Value.Str != "" {
		l.Escape = escape.Value.Str[0]
	}
	return l, true
}

// likeMatch matches s against a LIKE pattern: % is any text, _ one character. The last % is the only place to come
// back to, so the cost is the product of the lengths at most.
func likeMatch(s, pattern string, escape byte, fold bool) bool {
	si, pi := 0, 0
	backS, backP := -1, -1
	for si < len(s) {
		r, size := utf8.DecodeRuneInString(s[si:])
		if pi < len(pattern) {
			switch c := pattern[pi]; {
			case escape != 0 && c == escape && pi+1 < len(pattern):
				p, psize := utf8.DecodeRuneInString(pattern[pi+1:])
				if sameRune(r, p, fold) {
					si, pi = si+size, pi+1+psize
					continue
				}
			case c == '%':
				pi++
				backS, backP = si, pi
				continue
			case c == '_':
				si, pi = si+size, pi+1
				continue
			default:
				p, psize := utf8.DecodeRuneInString(pattern[pi:])
				if sameRune(r, p, fold) {
					si, pi = si+size, pi+psize
					continue
				}
			}
		}
		if backP < 0 {
			return false
		}
		_, skip := utf8.DecodeRuneInString(s[backS:])
		backS += skip
		si, pi = backS, backP
	}
	for pi < len(pattern) && pattern[pi] == '%' {
		pi++
	}
	return pi == len(pattern)
}

func sameRune(a, b rune, fold bool) bool {
	return a == b || fold && unicode.ToLower(a) == unicode.ToLower(b)
}
