package json

import (
	"math"
	"strconv"
	"strings"
)

type filterOp uint8

const (
	opAnd filterOp = iota
	opOr
	opNot
	opExists
	opEqual
	opNotEqual
	opLess
	opLessEqual
	opGreater
	opGreaterEqual
)

// filter is a predicate over one value.
type filter struct {
	op          filterOp
	left, right *filter // and, or, not
	a, b        operand
}

// operand is a path below the value or the document, or a literal.
type operand struct {
	path    *path
	root    bool // the path begins with $
	literal datum
}

type datumKind uint8

const (
	datumMissing datumKind = iota
	datumNull
	datumBool
	datumNumber
	datumText
	datumOther // an object or an array: its text
)

// datum is a value that a filter compares.
type datum struct {
	kind datumKind
	num  float64 // a number; 1 and 0 for true and false
	str  string
}

func datumOf(s string) datum {
	switch s[0] {
	case 'n':
		return datum{kind: datumNull}
	case 't':
		return datum{kind: datumBool, num: 1}
	case 'f':
		return datum{kind: datumBool}
	case '"':
		return datum{kind: datumText, str: unescape(s[1 : len(s)-1])}
	case '{', '[':
		return datum{kind: datumOther, str: compact(s)}
	}
	return datum{kind: datumNumber, num: number(s)}
}

// number reads a JSON number; what a float64 cannot hold is an infinity.
func number(s string) float64 {
	if x, ok := smallInteger(s); ok {
		return float64(x)
	}
	x, err := strconv.ParseFloat(s, 64)
	if err != nil && !math.IsInf(x, 0) {
		return math.NaN() // not reached for text that check accepts
	}
	return x
}

// compare holds for values of one kind only; two kinds are unequal and have no order.
func compare(op filterOp, a, b datum) bool {
	if a.kind != b.kind {
		return op == opNotEqual
	}
	order := strings.Compare(a.str, b.str)
	switch {
	case a.num < b.num:
		order = -1
	case a.num > b.num:
		order = 1
	}
	switch op {
	case opEqual:
		return order == 0
	case opNotEqual:
		return order != 0
	}
	if a.kind != datumNumber && a.kind != datumText {
		return false
	}
	switch op {
	case opLess:
		return order < 0
	case opLessEqual:
		return order <= 0
	case opGreater:
		return order > 0
	default:
		return order >= 0
	}
}

func (p *pathParser) disjunction() (*filter, error) {
	return p.chain("||", opOr, func() (*filter, error) { return p.chain("&&", opAnd, p.predicate) })
}

func (p *pathParser) chain(word string, op filterOp, next func() (*filter, error)) (*filter, error) {
	left, err := next()
	for err == nil {
		p.space()
		if !p.accept(word) {
			return left, nil
		}
		p.space()
		var right *filter
		if right, err = next(); err == nil {
			left = &filter{op: op, left: left, right: right}
		}
	}
	return nil, err
}

func (p *pathParser) predicate() (*filter, error) {
	if p.nesting++; p.nesting > maxNesting {
		return nil, p.bad("more than %d nested conditions", maxNesting)
	}
	defer func() { p.nesting-- }()
	p.space()
	switch {
	case p.accept("!"):
		f, err := p.predicate()
		if err != nil {
			return nil, err
		}
		return &filter{op: opNot, left: f}, nil
	case p.accept("("):
		f, err := p.disjunction()
		if err != nil {
			return nil, err
		}
		p.space()
		if !p.accept(")") {
			return nil, p.bad("expected )")
		}
		return f, nil
	}
	return p.comparison()
}

var comparisons = []struct {
	word string
	op   filterOp
}{{"==", opEqual}, {"!=", opNotEqual}, {"<=", opLessEqual}, {">=", opGreaterEqual}, {"<", opLess}, {">", opGreater}} // read-only

func (p *pathParser) comparison() (*filter, error) {
	a, err := p.operand()
	if err != nil {
		return nil, err
	}
	p.space()
	for _, c := range comparisons {
		if !p.accept(c.word) {
			continue
		}
		p.space()
		b, err := p.operand()
		if err != nil {
			return nil, err
		}
		return &filter{op: c.op, a: a, b: b}, nil
	}
	if a.path == nil {
		return nil, p.bad("expected a comparison")
	}
	return &filter{op: opExists, a: a}, nil
}

func (p *pathParser) operand() (operand, error) {
	switch c := p.peek(); {
	case c == '@' || c == '$':
		sub := &path{}
		if err := p.path(sub, false); err != nil {
			return operand{}, err
		}
		return operand{path: sub, root: c == '$'}, nil
	case c == '\'' || c == '"':
		s, err := p.quoted()
		return operand{literal: datum{kind: datumText, str: s}}, err
	case p.accept("true"):
		return operand{literal: datum{kind: datumBool, num: 1}}, nil
	case p.accept("false"):
		return operand{literal: datum{kind: datumBool}}, nil
	case p.accept("null"):
		return operand{literal: datum{kind: datumNull}}, nil
	}
	c := checker{s: p.s, at: p.at}
	if !c.number() {
		return operand{}, p.bad("expected @, $, a number, a quoted text, true, false or null")
	}
	x := number(p.s[p.at:c.at])
	if math.IsInf(x, 0) {
		return operand{}, p.bad("number out of range")
	}
	p.at = c.at
	return operand{literal: datum{kind: datumNumber, num: x}}, nil
}
