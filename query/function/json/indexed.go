package json

import (
	"strings"

	"github.com/freshetdb/freshet/internal/jsonindex"
	"github.com/freshetdb/freshet/internal/vec"
	"github.com/freshetdb/freshet/query/function"
)

// documents are the rows' texts and, where ingestion's decoder noted it, their structure: such a document is valid,
// without space between tokens, and walked by its nodes.
type documents struct {
	function.Slice[string]
	index *jsonindex.Index
}

func documentsOf(ec *function.EvalContext, v *vec.Vector) documents {
	d := documents{Slice: function.View[string](v)}
	if ec.Documents != nil && v.Form == vec.FormFlat {
		d.index = ec.Documents(v)
	}
	return d
}

// nodes gives row i's structure, nil where it is not known.
func (d *documents) nodes(i int) []jsonindex.Node {
	if d.index == nil {
		return nil
	}
	return d.index.Document(i)
}

// simple tells whether a path can be walked by nodes: keys, indexes and all children.
func (out *path) simple() bool {
	for i := range out.steps {
		switch out.steps[i].kind {
		case stepKeys, stepIndexes, stepWild:
		default:
			return false
		}
	}
	for i := range out.args {
		if !out.args[i].simple() {
			return false
		}
	}
	return true
}

// matchNodes fills r.hits, and r.matches too where reducedNodes is not for the path.
func (r *runner) matchNodes(p *path) {
	if p.args == nil {
		r.walkNodes(p.steps, 0)
	}
	for i := range p.args {
		r.walkNodes(p.args[i].steps, 0)
	}
	if p.reduce != reduceNone && p.reduce != reduceKeys {
		return
	}
	for _, at := range r.hits {
		r.matches = append(r.matches, r.text(at))
	}
}

// reducedNodes is reduced for hits.
func (r *runner) reducedNodes(p *path) (f found, ok bool) {
	single := !p.list && p.args == nil
	switch {
	case single && len(r.hits) == 0:
		return found{}, false
	case p.reduce == reduceLength && !single:
		return found{num: float64(len(r.hits)), computed: true}, true
	case p.reduce == reduceLength:
		kind := r.root[r.nodes[r.hits[0]].From]
		if kind != '[' && kind != '{' {
			return found{computed: true}, false
		}
		return found{num: float64(r.countNodes(r.hits[0])), computed: true}, true
	}
	var a aggregate
	for _, at := range r.hits {
		r.addNodes(&a, at)
	}
	return a.result(p.reduce)
}

// text is the text of a node.
func (r *runner) text(at uint32) string { return r.root[r.nodes[at].From:r.nodes[at].To] }

// walkNodes is walk over the nodes of the document: at is the node that the steps begin from. What matches goes to r.hits.
func (r *runner) walkNodes(steps []step, at uint32) {
	n := r.nodes[at]
	if r.visits += 1 + int(n.To-n.From)/bytesPerVisit; r.visits > maxVisits {
		return
	}
	if len(steps) == 0 {
		r.hits = append(r.hits, at)
		return
	}
	st, rest, kind := &steps[0], steps[1:], r.root[n.From]
	switch {
	case st.kind == stepKeys && kind == '{':
		for _, key := range st.keys {
			if value, ok := r.memberNode(at, key); ok {
				r.walkNodes(rest, value)
			}
		}
	case st.kind == stepIndexes && kind == '[':
		for _, want := range st.indexes {
			if want < 0 {
				want += r.countNodes(at)
			}
			if value, ok := r.elementNode(at, want); ok {
				r.walkNodes(rest, value)
			}
		}
	case st.kind == stepWild && (kind == '[' || kind == '{'):
		for child := at + 1; child < n.Next; child = r.nodes[child].Next {
			if kind == '{' {
				child++
			}
			r.walkNodes(rest, child)
		}
	}
}

// memberNode is member for an object's node.
func (r *runner) memberNode(at uint32, key string) (value uint32, ok bool) {
	end := r.nodes[at].Next
	for k := at + 1; k < end; k = r.nodes[k+1].Next {
		n := r.nodes[k]
		name := r.root[n.From+1 : n.To-1]
		if name == key && strings.IndexByte(key, '\\') < 0 || strings.IndexByte(name, '\\') >= 0 && unescape(name) == key {
			value, ok = k+1, true
		}
	}
	return value, ok
}

// elementNode gives an array's element.
func (r *runner) elementNode(at uint32, want int) (value uint32, ok bool) {
	end := r.nodes[at].Next
	for e := at + 1; want >= 0 && e < end; e = r.nodes[e].Next {
		if want == 0 {
			return e, true
		}
		want--
	}
	return 0, false
}

// countNodes is count for a node.
func (r *runner) countNodes(at uint32) int {
	end, count := r.nodes[at].Next, 0
	for child := at + 1; child < end; child = r.nodes[child].Next {
		count++
	}
	if r.root[r.nodes[at].From] == '{' {
		count /= 2
	}
	return count
}

// addNodes adds the numbers that a hit is, or has as an array.
func (r *runner) addNodes(a *aggregate, at uint32) {
	if r.root[r.nodes[at].From] != '[' {
		a.add(r.text(at))
		return
	}
	end := r.nodes[at].Next
	for e := at + 1; e < end; e = r.nodes[e].Next {
		a.add(r.text(e))
	}
}
