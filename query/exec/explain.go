package exec

import (
	"context"
	"fmt"
	"sort"
	"strings"

	"github.com/freshetdb/freshet/query/expr"
	"github.com/freshetdb/freshet/query/logical"
	"github.com/freshetdb/freshet/query/physical"
)

// Explain describes plan, one line per node, indented by two spaces per level; below a scan how each conjunct of its
// filter is answered in the segments that source gives for its leaf. It reads metadata and dictionaries, no rows.
func Explain(ctx context.Context, env *Env, plan *physical.Plan, source func(*physical.Leaf) (Source, error)) ([]string, error) {
	x := &explainer{ctx: ctx, env: env, plan: plan, source: source}
	err := x.node(plan.Root, 0)
	return x.out, err
}

type explainer struct {
	ctx    context.Context
	env    *Env
	plan   *physical.Plan
	source func(*physical.Leaf) (Source, error)
	out    []string
}

func (x *explainer) line(depth int, format string, args ...any) {
	x.out = append(x.out, strings.Repeat("  ", depth)+fmt.Sprintf(format, args...))
}

func (x *explainer) node(n logical.Node, depth int) error {
	if leaf := x.plan.LeafOf(n); leaf != nil {
		return x.leaf(leaf, depth)
	}
	x.line(depth, "%s", rootLine(n))
	for _, sub := range logical.Subplans(n) {
		x.line(depth+1, "SubPlan")
		if err := x.node(sub, depth+2); err != nil {
			return err
		}
	}
	for _, in := range n.Inputs() {
		if err := x.node(in, depth+1); err != nil {
			return err
		}
	}
	return nil
}

func (x *explainer) leaf(leaf *physical.Leaf, depth int) error {
	x.line(depth, "%s", leafLine(leaf))
	src, err := x.source(leaf)
	if err != nil {
		return err
	}
	r, err := compileLeaf(x.ctx, x.env, leaf, src)
	if err != nil {
		return err
	}
	st := &r.mu.stats
	x.line(depth+1, "Scan %s: %d rows in %d of %d segments, %d pruned by column ranges", leaf.Scan.Table, r.rows, len(r.segs),
		st.SegmentsQueried, st.SegmentsPrunedByValue)
	if r.filter != nil {
		for _, c := range physical.Conjuncts(r.filter) {
			how, err := explainConjunct(x.ctx, r, c)
			if err != nil {
				return err
			}
			x.line(depth+2, "Filter %s: %s", c, how)
		}
	}
	answered, err := r.answered(x.ctx)
	if answered > 0 {
		x.line(depth+2, "Answered by statistics, no row is read: %d segments", answered)
	}
	outside := 0
	for _, s := range r.segs {
		outside += int(boolInt(s.outside))
	}
	if outside > 0 {
		x.line(depth+2, "Counted by statistics, less rows that are read and do not pass: %d segments", outside)
	}
	return err
}

// answered counts the segments whose part of an aggregation follows from statistics.
func (r *leafRun) answered(ctx context.Context) (segments int, err error) {
	if r.leaf.Kind != physical.LeafAggregate {
		return 0, nil
	}
	w, s := newWorker(ctx, r), &aggSink{run: r, plan: newAggPlan(r.keys, r.aggs, len(r.cols))}
	for _, seg := range r.segs {
		if err := alive(ctx); err != nil {
			return 0, err
		}
		seg.ready(ctx, r)
		w.seg = seg
		if _, ok := s.fromMetadata(w); ok {
			segments++
		}
	}
	return segments, nil
}

// explainConjunct says how a conjunct is answered, with the number of segments where they differ.
func explainConjunct(ctx context.Context, r *leafRun, e expr.Expr) (string, error) {
	ways := map[string]int{}
	for _, s := range r.segs {
		if err := alive(ctx); err != nil {
			return "", err
		}
		c := &filterCompiler{ctx: ctx, run: r, seg: s, ec: r.env.evalContext(ctx)}
		how := c.compile(e).how()
		switch physical.Fold(e, s.segmentMeta(r)) {
		case physical.All:
			how = "always true by column range"
		case physical.None:
			how = "always false by column range"
		}
		ways[how]++
	}
	names := make([]string, 0, len(ways))
	for w := range ways {
		names = append(names, w)
	}
	sort.Slice(names, func(i, j int) bool {
		if ways[names[i]] != ways[names[j]] {
			return ways[names[i]] > ways[names[j]]
		}
		return names[i] < names[j]
	})
	if len(names) == 0 {
		return "no segment is left", nil
	}
	if len(names) == 1 {
		return names[0], nil
	}
	for i, n := range names {
		names[i] = fmt.Sprintf("%s (%d segments)", n, ways[n])
	}
	return strings.Join(names, "; "), nil
}

func rootLine(n logical.Node) string {
	switch n := n.(type) {
	case *logical.Values:
		if len(n.Rows) > 0 {
			return logical.Describe(n)
		}
		return "Values: one row"
	case *logical.Filter:
		return fmt.Sprintf("Filter %s", n.Cond)
	case *logical.Project:
		return "Project " + exprList(n.Exprs)
	case *logical.Aggregate:
		return "Aggregate" + groupText(n.Keys, n.Aggs)
	case *logical.Sort:
		return "Sort" + sortText(n.Keys, n.Limit, n.In.Columns())
	case *logical.Limit:
		text := "Limit"
		if n.Count >= 0 {
			text += fmt.Sprintf(" %d", n.Count)
		}
		if n.Offset > 0 {
			text += fmt.Sprintf(" offset %d", n.Offset)
		}
		return text
	default:
		return logical.Describe(n)
	}
}

func leafLine(l *physical.Leaf) string {
	switch l.Kind {
	case physical.LeafAggregate:
		text := "Leaf: partial aggregate" + groupText(l.Keys, l.Aggs)
		if l.Limit >= 0 {
			text += fmt.Sprintf(", first %d groups", l.Limit)
		}
		return text
	case physical.LeafTopN:
		return "Leaf: top rows" + sortText(l.Sort, l.Limit, l.Columns) + " of " + exprList(l.Project)
	default:
		text := "Leaf: rows of " + exprList(l.Project)
		if l.Limit >= 0 {
			text += fmt.Sprintf(", at most %d", l.Limit)
		}
		return text
	}
}

func exprList(es []expr.Expr) string {
	parts := make([]string, len(es))
	for i, e := range es {
		parts[i] = e.String()
	}
	return strings.Join(parts, ", ")
}

func groupText(keys []expr.Expr, aggs []logical.AggCall) string {
	text := ""
	if len(keys) > 0 {
		text = " by " + exprList(keys)
	}
	for i, a := range aggs {
		sep := ", "
		if i == 0 {
			sep = ": "
		}
		text += sep + a.Text
		if a.Filter != nil {
			text += " where " + a.Filter.String()
		}
	}
	return text
}

func sortText(keys []logical.SortKey, limit int64, cols []logical.Column) string {
	parts := make([]string, len(keys))
	for i, k := range keys {
		parts[i] = cols[k.Column].Name
		if k.Descending {
			parts[i] += " desc"
		}
		if k.NullsFirst != k.Descending {
			parts[i] += map[bool]string{true: " nulls first", false: " nulls last"}[k.NullsFirst]
		}
	}
	text := " by " + strings.Join(parts, ", ")
	if limit >= 0 {
		text += fmt.Sprintf(", first %d", limit)
	}
	return text
}
