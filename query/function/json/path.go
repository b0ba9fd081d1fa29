package json

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/freshetdb/freshet/internal/errs"
)

// Limits on a path.
const (
	maxPathBytes = 4096
	maxPathSteps = 64
	maxNesting   = 32 // brackets, ! and filters within filters
)

type stepKind uint8

const (
	stepKeys    stepKind = iota // .k, ['k'], ['a','b']
	stepIndexes                 // [0], [-1], [0,2]
	stepSlice                   // [1:3]
	stepWild                    // .*, [*]
	stepDeep                    // ..: what follows is applied to the value and everything below it
	stepFilter                  // [?(...)]
)

type step struct {
	kind     stepKind
	keys     []string
	indexes  []int
	from, to int // slice; math.MinInt and math.MaxInt where absent
	filter   *filter
}

// plural reports a step that may match several values: the path is then indefinite, and its result a list.
func (s *step) plural() bool {
	switch s.kind {
	case stepKeys:
		return len(s.keys) > 1
	case stepIndexes:
		return len(s.indexes) > 1
	}
	return true
}

type reduction uint8

const (
	reduceNone reduction = iota
	reduceLength
	reduceMin
	reduceMax
	reduceAvg
	reduceSum
	reduceKeys
)

var reductions = map[string]reduction{"length": reduceLength, "size": reduceLength, "min": reduceMin, "max": reduceMax,
	"avg": reduceAvg, "sum": reduceSum, "keys": reduceKeys} // read-only

// path is a compiled JSON path. Immutable, safe for concurrent use.
type path struct {
	text   string
	steps  []step
	list   bool // indefinite: the result is a list
	reduce reduction
	args   []path // of reduce, where it has path arguments

	byNodes bool // it can be walked by a document's nodes
}

func (out *path) add(s step) {
	out.list = out.list || s.plural()
	out.steps = append(out.steps, s)
}

// pathParser reads one path text.
type pathParser struct {
	s       string
	at      int
	nesting int
}

// compile reads a path; a bad one is error 22023 that names the place.
func compile(text string) (*path, error) {
	if len(text) > maxPathBytes {
		return nil, errs.User(errs.InvalidParameterValue, "JSON path has %d bytes, more than %d", len(text), maxPathBytes)
	}
	p := pathParser{s: strings.TrimSpace(text)}
	if p.s == "" {
		return nil, errs.User(errs.InvalidParameterValue, "JSON path is empty; expected $ and steps such as $.a[0]")
	}
	if p.s[0] != '$' {
		p.s = "$." + p.s // as Jayway does
	}
	out := path{text: p.s}
	if err := p.path(&out, true); err != nil {
		return nil, err
	}
	if p.at < len(p.s) {
		return nil, p.bad("unexpected %q", p.s[p.at:p.at+1])
	}
	out.byNodes = out.simple()
	return &out, nil
}

func (p *pathParser) bad(format string, args ...any) error {
	return errs.User(errs.InvalidParameterValue, "JSON path %q: %s at byte %d", p.s, fmt.Sprintf(format, args...), p.at)
}

func (p *pathParser) peek() byte {
	if p.at < len(p.s) {
		return p.s[p.at]
	}
	return 0
}

func (p *pathParser) accept(word string) bool {
	if strings.HasPrefix(p.s[p.at:], word) {
		p.at += len(word)
		return true
	}
	return false
}

func (p *pathParser) space() { p.at = space(p.s, p.at) }

// path reads $ or @ and the steps. Functions are only allowed where reduce is set.
func (p *pathParser) path(out *path, reduce bool) error {
	p.at++
	for out.reduce == reduceNone {
		var err error
		switch p.peek() {
		case '.':
			err = p.dot(out, reduce)
		case '[':
			err = p.bracket(out)
		default:
			return nil
		}
		if err != nil {
			return err
		}
		if len(out.steps) > maxPathSteps {
			return p.bad("more than %d steps", maxPathSteps)
		}
	}
	return nil
}

func (p *pathParser) dot(out *path, reduce bool) error {
	p.at++
	if p.peek() == '.' {
		p.at++
		out.add(step{kind: stepDeep})
	}
	switch p.peek() {
	case '[':
		return p.bracket(out)
	case '*':
		p.at++
		out.add(step{kind: stepWild})
		return nil
	}
	from := p.at
	for p.at < len(p.s) && strings.IndexByte(".[]()<>=!&|,*' \"", p.s[p.at]) < 0 {
		p.at++
	}
	name := p.s[from:p.at]
	if name == "" {
		return p.bad("expected a key, * or [")
	}
	if p.peek() == '(' {
		p.at = from
		return p.function(out, name, reduce)
	}
	out.add(step{kind: stepKeys, keys: []string{name}})
	return nil
}

func (p *pathParser) function(out *path, name string, allowed bool) error {
	r, ok := reductions[name]
	if !ok {
		return p.bad("unknown function %s(); expected length, size, min, max, avg, sum or keys", name)
	}
	if !allowed {
		return p.bad("function %s() inside of a path", name)
	}
	p.at += len(name) + 1
	out.reduce = r
	for p.space(); !p.accept(")"); p.space() {
		if len(out.args) > 0 && !p.accept(",") {
			return p.bad("expected , or )")
		}
		p.space()
		if p.peek() != '$' {
			return p.bad("expected a path that begins with $, or )")
		}
		var arg path
		if err := p.path(&arg, false); err != nil {
			return err
		}
		out.args = append(out.args, arg)
	}
	return nil
}

func (p *pathParser) bracket(out *path) error {
	p.at++
	p.space()
	var err error
	switch c := p.peek(); {
	case c == '*':
		p.at++
		out.add(step{kind: stepWild})
	case c == '\'' || c == '"':
		err = p.quotedKeys(out)
	case c == '?':
		p.at++
		p.space()
		var f *filter
		if f, err = p.disjunction(); err == nil {
			out.add(step{kind: stepFilter, filter: f})
		}
	case c == '-' || c == ':' || isDigit(c):
		err = p.numbers(out)
	default:
		err = p.bad("expected a quoted key, a number, * or ?")
	}
	if err != nil {
		return err
	}
	p.space()
	if !p.accept("]") {
		return p.bad("expected ]")
	}
	return nil
}

func (p *pathParser) quotedKeys(out *path) error {
	s := step{kind: stepKeys}
	for {
		key, err := p.quoted()
		if err != nil {
			return err
		}
		s.keys = append(s.keys, key)
		p.space()
		if !p.accept(",") {
			out.add(s)
			return nil
		}
		p.space()
	}
}

// quoted reads a text in single or double quotes; a backslash takes the next character as it is.
func (p *pathParser) quoted() (string, error) {
	quote := p.peek()
	if quote != '\'' && quote != '"' {
		return "", p.bad("expected a quoted text")
	}
	var b strings.Builder
	for i := p.at + 1; i < len(p.s); i++ {
		switch p.s[i] {
		case quote:
			p.at = i + 1
			return b.String(), nil
		case '\\':
			if i++; i < len(p.s) {
				b.WriteByte(p.s[i])
			}
		default:
			b.WriteByte(p.s[i])
		}
	}
	return "", p.bad("text without its closing quote")
}

func (p *pathParser) integer() (int, error) {
	from := p.at
	if p.peek() == '-' {
		p.at++
	}
	for isDigit(p.peek()) {
		p.at++
	}
	n, err := strconv.ParseInt(p.s[from:p.at], 10, 32)
	if err != nil {
		p.at = from
		return 0, p.bad("expected a whole number of at most 32 bits")
	}
	return int(n), nil
}

// numbers reads indexes or a slice.
func (p *pathParser) numbers(out *path) error {
	s := step{kind: stepIndexes, from: math.MinInt, to: math.MaxInt}
	for p.peek() != ':' {
		n, err := p.integer()
		if err != nil {
			return err
		}
		s.indexes = append(s.indexes, n)
		p.space()
		if !p.accept(",") {
			break
		}
		p.space()
	}
	if p.peek() == ':' {
		if len(s.indexes) > 1 {
			return p.bad("a slice has one number before the colon")
		}
		p.at++
		s.kind = stepSlice
		if len(s.indexes) == 1 {
			s.from = s.indexes[0]
		}
		p.space()
		if p.peek() != ']' {
			n, err := p.integer()
			if err != nil {
				return err
			}
			s.to = n
		}
		s.indexes = nil
	}
	out.add(s)
	return nil
}
