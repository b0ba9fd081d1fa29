package json

import (
	"math"
	"strconv"
	"strings"

	"github.com/freshetdb/freshet/internal/errs"
	"github.com/freshetdb/freshet/internal/jsonindex"
)

// maxVisits bounds the values that one path may visit in one document: deep scans of deep scans multiply. A long value
// counts for several, one more for each bytesPerVisit of it.
const (
	maxVisits     = 1 << 22
	bytesPerVisit = 32
)

// found is a value that a path gives: JSON text (part of the document wherever possible), or a number that a function
// of the path computed.
type found struct {
	text     string
	num      float64
	computed bool
}

func (f found) null() bool { return !f.computed && (f.text == "" || f.text[0] == 'n') }

// runner evaluates paths; it keeps its buffers from row to row. Not safe for concurrent use.
type runner struct {
	root    string
	matches []string
	visits  int
	tracked bool // notes the path of every match as well
	dots    bool // notes it as a.0.b, not $['a'][0]['b']
	prefix  []byte
	levels  int
	places  []place
	// nodes, if the caller sets them, are the structure of the next document, which is then valid and compact; hits are
	// what matched of them.
	nodes   []jsonindex.Node
	hits    []uint32
	byNodes bool // the last document was walked by its nodes
}

// place is where a match was found.
type place struct {
	text   string
	levels int
}

// match checks the document and fills r.matches.
func (r *runner) match(p *path, doc string) error {
	if r.root = doc; r.nodes == nil {
		if err := check(doc); err != nil {
			return err
		}
		r.root = strings.Trim(doc, " \n\t\r") // what check accepts is one value
	}
	r.matches, r.places, r.hits, r.visits = r.matches[:0], r.places[:0], r.hits[:0], 0
	if r.byNodes = r.nodes != nil && p.byNodes; r.byNodes {
		r.matchNodes(p)
	} else {
		r.matchText(p)
	}
	if r.visits > maxVisits {
		return errs.New(errs.ClassExhausted, errs.ProgramLimitExceeded, "JSON path %s visits more than %d values of one document", p.text, maxVisits)
	}
	return nil
}

func (r *runner) matchText(p *path) {
	if p.args == nil {
		r.walk(p.steps, r.root)
	}
	for i := range p.args {
		r.walk(p.args[i].steps, r.root)
	}
}

// first evaluates a path to one value. A list is given as the text of an array, but where no text is wanted the only
// match stands for itself. ok is false where nothing is found, or null.
func (r *runner) first(p *path, doc string, wantText bool) (f found, ok bool, err error) {
	if err := r.match(p, doc); err != nil {
		return found{}, false, err
	}
	switch {
	case p.reduce != reduceNone && p.reduce != reduceKeys && r.byNodes:
		f, ok = r.reducedNodes(p)
	case p.reduce != reduceNone:
		f, ok = r.reduced(p)
	case len(r.matches) > 0 && (!p.list || (len(r.matches) == 1 && !wantText)):
		f, ok = found{text: r.matches[0]}, true
	case len(r.matches) > 0:
		f, ok = found{text: "[" + strings.Join(r.matches, ",") + "]"}, true
	}
	return f, ok && !f.null(), nil
}

// walk adds what steps match below s.
func (r *runner) walk(steps []step, s string) {
	if r.visits += 1 + len(s)/bytesPerVisit; r.visits > maxVisits {
		return
	}
	if len(steps) == 0 {
		r.matches = append(r.matches, s)
		if r.tracked {
			r.places = append(r.places, place{text: r.here(), levels: r.levels})
		}
		return
	}
	st, rest := &steps[0], steps[1:]
	switch st.kind {
	case stepKeys:
		if s[0] == '{' {
			for _, key := range st.keys {
				if val, ok := member(s, key); ok {
					r.below(key, rest, val)
				}
			}
		}
	case stepIndexes:
		if s[0] == '[' {
			r.indexes(st.indexes, rest, s)
		}
	case stepSlice:
		if s[0] == '[' {
			r.slice(st, rest, s)
		}
	case stepWild:
		r.wild(rest, s)
	case stepDeep:
		r.deep(rest, s)
	case stepFilter:
		r.filtered(st.filter, rest, s)
	}
}

// below walks on in a member of an object.
func (r *runner) below(key string, rest []step, val string) {
	if !r.tracked {
		r.walk(rest, val)
		return
	}
	mark := len(r.prefix)
	r.noteKey(key)
	r.levels++
	r.walk(rest, val)
	r.prefix = r.prefix[:mark]
	r.levels--
}

// at walks on in an element of an array.
func (r *runner) at(i int, rest []step, val string) {
	if !r.tracked {
		r.walk(rest, val)
		return
	}
	mark := len(r.prefix)
	r.noteIndex(i)
	r.levels++
	r.walk(rest, val)
	r.prefix = r.prefix[:mark]
	r.levels--
}

func (r *runner) indexes(indexes []int, rest []step, s string) {
	n := -1
	for _, want := range indexes {
		if want < 0 {
			if n < 0 {
				n = count(s)
			}
			want += n
		}
		i := 0
		for e := elementsOf(s); want >= 0 && e.next(); i++ {
			if i == want {
				r.at(i, rest, e.val)
				break
			}
		}
	}
}

func (r *runner) slice(st *step, rest []step, s string) {
	from, to := st.from, st.to
	if from < 0 || to < 0 {
		n := count(s)
		if from != math.MinInt && from < 0 {
			from += n
		}
		if to < 0 {
			to += n
		}
	}
	i := 0
	for e := elementsOf(s); i < to && e.next(); i++ {
		if i >= from {
			r.at(i, rest, e.val)
		}
	}
}

// wild walks on in every child. Equal keys all count.
func (r *runner) wild(rest []step, s string) {
	switch s[0] {
	case '[':
		i := 0
		for e := elementsOf(s); e.next(); i++ {
			r.at(i, rest, e.val)
		}
	case '{':
		for m := membersOf(s); m.next(); {
			r.below(r.keyOf(m.key), rest, m.val)
		}
	}
}

// keyOf unescapes a key only where it is going to be shown.
func (r *runner) keyOf(raw string) string {
	if r.tracked {
		return unescape(raw)
	}
	return raw
}

// deep applies rest to s and to everything below it, parents first.
func (r *runner) deep(rest []step, s string) {
	if r.walk(rest, s); r.visits > maxVisits {
		return
	}
	mark := len(r.prefix)
	r.levels++
	switch s[0] {
	case '[':
		i := 0
		for e := elementsOf(s); e.next(); i++ {
			if r.tracked {
				r.prefix = r.prefix[:mark]
				r.noteIndex(i)
			}
			r.deep(rest, e.val)
		}
	case '{':
		for m := membersOf(s); m.next(); {
			if r.tracked {
				r.prefix = r.prefix[:mark]
				r.noteKey(unescape(m.key))
			}
			r.deep(rest, m.val)
		}
	}
	r.prefix = r.prefix[:mark]
	r.levels--
}

// filtered keeps the elements of an array that satisfy f; an object is kept or not as a whole.
func (r *runner) filtered(f *filter, rest []step, s string) {
	switch s[0] {
	case '[':
		i := 0
		for e := elementsOf(s); e.next(); i++ {
			if r.holds(f, e.val) {
				r.at(i, rest, e.val)
			}
		}
	case '{':
		if r.holds(f, s) {
			r.walk(rest, s)
		}
	}
}

func (r *runner) holds(f *filter, current string) bool {
	switch f.op {
	case opAnd:
		return r.holds(f.left, current) && r.holds(f.right, current)
	case opOr:
		return r.holds(f.left, current) || r.holds(f.right, current)
	case opNot:
		return !r.holds(f.left, current)
	case opExists:
		return r.operand(&f.a, current).kind != datumMissing
	}
	return compare(f.op, r.operand(&f.a, current), r.operand(&f.b, current))
}

// operand gives the value of an operand: the first match of a path.
func (r *runner) operand(o *operand, current string) datum {
	if o.path == nil {
		return o.literal
	}
	if o.root {
		current = r.root
	}
	mark, tracked := len(r.matches), r.tracked
	r.tracked = false
	r.walk(o.path.steps, current)
	r.tracked = tracked
	d := datum{kind: datumMissing}
	if len(r.matches) > mark {
		d = datumOf(r.matches[mark])
	}
	r.matches = r.matches[:mark]
	return d
}

// reduced computes the function at the end of a path from the matches. ok is false where it has no value: an average of
// nothing, the length of a number.
func (r *runner) reduced(p *path) (f found, ok bool) {
	single := !p.list && p.args == nil
	if single && len(r.matches) == 0 {
		return found{}, false
	}
	switch p.reduce {
	case reduceLength:
		if !single {
			return found{num: float64(len(r.matches)), computed: true}, true
		}
		s := r.matches[0]
		return found{num: float64(count(s)), computed: true}, s[0] == '[' || s[0] == '{'
	case reduceKeys:
		return r.keys()
	}
	var a aggregate
	for _, s := range r.matches {
		if s[0] != '[' {
			a.add(s)
			continue
		}
		for e := elementsOf(s); e.next(); {
			a.add(e.val)
		}
	}
	return a.result(p.reduce)
}

// keys gives the keys of the first match, as the text of an array.
func (r *runner) keys() (found, bool) {
	if len(r.matches) == 0 || r.matches[0][0] != '{' {
		return found{}, false
	}
	out := []byte{'['}
	for m := membersOf(r.matches[0]); m.next(); {
		if len(out) > 1 {
			out = append(out, ',')
		}
		out = append(append(append(out, '"'), m.key...), '"')
	}
	return found{text: string(append(out, ']'))}, true
}

// aggregate collects numbers; what is not a number does not count.
type aggregate struct {
	n             int
	sum, min, max float64
}

func (a *aggregate) add(s string) {
	if s[0] != '-' && !isDigit(s[0]) {
		return
	}
	v := number(s)
	if a.n == 0 {
		a.min, a.max = v, v
	}
	a.n++
	a.sum, a.min, a.max = a.sum+v, min(a.min, v), max(a.max, v)
}

func (a *aggregate) result(r reduction) (found, bool) {
	f := found{computed: true}
	switch r {
	case reduceSum:
		f.num = a.sum
	case reduceMin:
		f.num = a.min
	case reduceMax:
		f.num = a.max
	default:
		f.num = a.sum / float64(max(a.n, 1))
	}
	return f, a.n > 0
}

// smallInteger reads up to 15 digits: what a float64 holds exactly, and the commonest numbers.
func smallInteger(s string) (int64, bool) {
	i, negative := 0, s[0] == '-'
	if negative {
		i = 1
	}
	if len(s)-i > 15 || i == len(s) {
		return 0, false
	}
	var x int64
	for ; i < len(s); i++ {
		if !isDigit(s[i]) {
			return 0, false
		}
		x = x*10 + int64(s[i]-'0')
	}
	if negative {
		x = -x
	}
	return x, true
}

func (r *runner) noteKey(key string) {
	if r.dots {
		r.prefix = append(append(r.prefix, '.'), key...)
		return
	}
	r.prefix = append(append(append(r.prefix, "['"...), key...), "']"...)
}

func (r *runner) noteIndex(i int) {
	if r.dots {
		r.prefix = strconv.AppendInt(append(r.prefix, '.'), int64(i), 10)
		return
	}
	r.prefix = append(strconv.AppendInt(append(r.prefix, '['), int64(i), 10), ']')
}

// here is the path of the value that the walk stands on.
func (r *runner) here() string {
	if r.dots {
		return strings.TrimPrefix(string(r.prefix), ".")
	}
	return "$" + string(r.prefix)
}
