package exec

import (
	"context"
	"sync"

	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/internal/errs"
	"github.com/freshetdb/freshet/internal/vec"
	"github.com/freshetdb/freshet/query/expr"
	"github.com/freshetdb/freshet/query/function"
	"github.com/freshetdb/freshet/query/logical"
	"github.com/freshetdb/freshet/query/physical"
	"github.com/freshetdb/freshet/query/result"
	"github.com/freshetdb/freshet/segment"
)

// Virtual columns, computed by the scan.
const (
	docIDColumn       = "$docId"
	segmentNameColumn = "$segmentName"
	hostNameColumn    = "$hostName"
)

// origin says where the values of a scan column come from.
type origin uint8

const (
	originStored   origin = iota
	originDocID           // position in the segment
	originSegment         // the segment's name
	originHost            // the server's name
	originNullFlag        // whether another column is NULL (PinotNulls)
)

// scanColumn is one column of the leaf's scan, plus the null flags that PinotNulls adds behind them.
type scanColumn struct {
	name   string
	typ    catalog.Type
	origin origin
	of     int // originNullFlag: the column that it tells of
	// def stands for the column where a segment lacks it and, with PinotNulls, for NULL.
	def    catalog.Value
	hasDef bool
}

// leafRun is one execution of a leaf: the compiled leaf, its segments and what all workers share.
type leafRun struct {
	env     *Env
	leaf    *physical.Leaf
	cols    []scanColumn
	filter  expr.Expr
	facts   map[expr.Expr]exprFacts // of the filter's conjuncts
	project []expr.Expr
	keys    []expr.Expr
	aggs    []logical.AggCall
	segs    []*segState // that may have rows, in arrival order
	rows    int64       // of segs
	reverse bool        // blocks of a segment are read from the last on
	cold    coldColumns

	mu struct {
		sync.Mutex
		stats result.Stats
	}
}

// segState is one segment of the run, compiled once by the first worker that needs it. Immutable afterwards.
type segState struct {
	view    segment.View
	ordinal int // among Source.Views: arrival order
	rows    int
	cols    []segColumn
	once    sync.Once
	filter  pred // nil: every row passes
	outside bool // the filter is of rows that do not pass; of those that may, there are counted
	counted int
	matched bool // a row passed; guarded by leafRun.mu
	claimed bool // answered, or counted, from metadata; guarded by leafRun.mu
}

// segColumn is a scan column in one segment: stored, or a constant.
type segColumn struct {
	col      segment.Column     // nil for constants and virtual columns
	cold     segment.Prefetcher // nil: always in memory
	dict     *vec.Dict
	stats    segment.Stats
	constant *catalog.Value
}

func compileLeaf(ctx context.Context, env *Env, leaf *physical.Leaf, src Source) (*leafRun, error) {
	r := &leafRun{env: env, leaf: leaf}
	if err := r.resolveColumns(src.Schema); err != nil {
		return nil, err
	}
	r.filter = leaf.Scan.Filter
	if r.filter != nil {
		r.filter = r.rewrite(r.filter)
		r.facts = map[expr.Expr]exprFacts{}
		for _, c := range physical.Conjuncts(r.filter) {
			r.facts[c] = factsOf(len(r.cols), c)
		}
	}
	r.project = r.rewriteAll(leaf.Project)
	r.keys = r.rewriteAll(leaf.Keys)
	for _, a := range leaf.Aggs {
		a.Args = r.rewriteAll(a.Args)
		if a.Filter != nil {
			a.Filter = r.rewrite(a.Filter)
		}
		r.aggs = append(r.aggs, a)
	}
	r.findColdColumns()
	return r, r.resolveSegments(ctx, src)
}

func (r *leafRun) resolveColumns(schema *catalog.Schema) error {
	for _, c := range r.leaf.Scan.Cols {
		sc := scanColumn{name: c.Name, typ: c.Type}
		switch c.Name {
		case docIDColumn:
			sc.origin = originDocID
		case segmentNameColumn:
			sc.origin = originSegment
		case hostNameColumn:
			sc.origin = originHost
		default:
			if schema == nil {
				return errs.Bug("exec: a source without schema")
			}
			if f, ok := schema.Field(c.Name); ok {
				sc.def, sc.hasDef = f.Default, true
				sc.def.Type = c.Type
			}
		}
		r.cols = append(r.cols, sc)
	}
	return nil
}

// rewrite readies an expression for this run: with PinotNulls, IS NULL of a column asks for its null flag, as the
// column itself reads as never NULL.
func (r *leafRun) rewrite(e expr.Expr) expr.Expr {
	if !r.env.PinotNulls {
		return e
	}
	return expr.Rewrite(e, func(e expr.Expr) expr.Expr {
		is, ok := e.(*expr.IsNull)
		if !ok {
			return e
		}
		col, ok := is.Arg.(*expr.Column)
		if !ok || r.cols[col.Index].origin != originStored {
			return e
		}
		if is.OfValue {
			return &expr.Const{Value: catalog.BoolValue(is.Negated)}
		}
		var flag expr.Expr = &expr.Column{Index: r.nullFlag(col.Index), Name: col.Name + " IS NULL", T: catalog.Boolean}
		if is.Negated {
			flag = &expr.Not{Arg: flag}
		}
		return flag
	})
}

// nullFlag gives the index of the flag column for a column, added at its first use.
func (r *leafRun) nullFlag(col int) int {
	for i, c := range r.cols {
		if c.origin == originNullFlag && c.of == col {
			return i
		}
	}
	r.cols = append(r.cols, scanColumn{name: r.cols[col].name, typ: catalog.Boolean, origin: originNullFlag, of: col})
	return len(r.cols) - 1
}

func (r *leafRun) rewriteAll(es []expr.Expr) []expr.Expr {
	var out []expr.Expr
	for _, e := range es {
		out = append(out, r.rewrite(e))
	}
	return out
}

// resolveSegments finds the columns of every view and drops the segments in which no row can pass the filter.
func (r *leafRun) resolveSegments(ctx context.Context, src Source) error {
	st := &r.mu.stats
	st.TotalRows = src.TotalRows
	st.Tables = []string{r.leaf.Scan.Table}
	st.Scans = []result.Scan{{Table: r.leaf.Scan.Table, Leaves: 1}}
	outside := r.outside(src)
	var s *segState // nil where the last one is kept
	for i, v := range src.Views {
		if err := ctx.Err(); err != nil {
			return ctxError(ctx)
		}
		st.SegmentsQueried++
		if outside != nil && outside[i] {
			st.SegmentsPrunedByServer++
			st.SegmentsPrunedByValue++
			continue
		}
		if v.Consuming() {
			st.ConsumingQueried++
		}
		if s == nil {
			s = &segState{cols: make([]segColumn, len(r.cols))}
		}
		s.view, s.ordinal, s.rows = v, i, v.Rows()
		if err := r.resolveSegment(s); err != nil {
			return err
		}
		if s.rows == 0 || (r.filter != nil && physical.Fold(r.filter, s.segmentMeta(r)) == physical.None) {
			st.SegmentsPrunedByServer++
			if s.rows > 0 {
				st.SegmentsPrunedByValue++
			}
			clear(s.cols)
			continue
		}
		r.segs = append(r.segs, s)
		r.rows += int64(s.rows)
		s = nil
	}
	if err := r.warmDicts(ctx); err != nil {
		return err
	}
	for _, s := range r.segs {
		for i := range s.cols {
			if sc := &s.cols[i]; sc.col != nil {
				sc.dict = sc.col.Dict()
			}
		}
	}
	return nil
}

// resolveSegment finds the columns of a segment.
func (r *leafRun) resolveSegment(s *segState) error {
	if s.rows == 0 {
		return nil
	}
	for i := range r.cols {
		c, sc := &r.cols[i], &s.cols[i]
		switch c.origin {
		case originSegment:
			sc.constant = &catalog.Value{Type: catalog.String, Str: s.view.Name()}
		case originHost:
			sc.constant = &catalog.Value{Type: catalog.String, Str: r.env.HostName}
		case originNullFlag:
			if s.cols[c.of].col == nil {
				no := catalog.BoolValue(false)
				sc.constant = &no
			}
		case originStored:
			col, ok := s.view.Column(c.name)
			if !ok {
				def := c.def
				if !c.hasDef {
					def = catalog.NullValue(c.typ)
				}
				sc.constant = &def
				break
			}
			if col.Type() != c.typ {
				return errs.New(errs.ClassCorrupt, errs.DataCorrupted, "segment %s has column %s as %s, the schema says %s",
					s.view.Name(), c.name, col.Type(), c.typ)
			}
			sc.col, sc.stats = col, col.Stats()
			sc.cold, _ = col.(segment.Prefetcher)
		}
	}
	return nil
}

// segmentMeta describes the segment's columns to physical.Fold.
func (s *segState) segmentMeta(r *leafRun) func(int) physical.Range {
	return func(i int) physical.Range {
		c, sc := &r.cols[i], &s.cols[i]
		if sc.constant != nil {
			return constantRange(sc.constant)
		}
		switch c.origin {
		case originDocID:
			return physical.Range{Min: catalog.IntValue(0), Max: catalog.IntValue(int64(s.rows) - 1), HasRange: true, NoNulls: true}
		case originNullFlag:
			return flagRange(s.cols[c.of].stats.NullCount, s.rows)
		}
		st := &sc.stats
		m := physical.Range{Min: st.Min, Max: st.Max, HasRange: st.HasRange, NoNulls: st.NullCount == 0, AllNull: st.NullCount == s.rows}
		if r.env.PinotNulls && st.NullCount > 0 {
			return physical.Range{NoNulls: c.hasDef}
		}
		return m
	}
}

func constantRange(v *catalog.Value) physical.Range {
	if v.Null {
		return physical.Range{AllNull: true}
	}
	return physical.Range{Min: *v, Max: *v, HasRange: !v.Type.MultiValue && v.F64 == v.F64, NoNulls: true}
}

// flagRange is the range of a null flag over rows with nulls NULLs.
func flagRange(nulls, rows int) physical.Range {
	return physical.Range{Min: catalog.BoolValue(nulls == rows), Max: catalog.BoolValue(nulls > 0), HasRange: true, NoNulls: true}
}

// ready compiles the segment's filter, once.
func (s *segState) ready(ctx context.Context, r *leafRun) {
	s.once.Do(func() {
		if r.filter == nil {
			return
		}
		c := &filterCompiler{ctx: ctx, run: r, seg: s, ec: r.env.evalContext(ctx)}
		s.filter = c.compile(r.filter)
		if k, ok := s.filter.(*constPred); ok && k.value {
			s.filter = nil
		}
		if r.countsRows() {
			s.countOutside(&worker{run: r, seg: s, ec: c.ec})
		}
	})
}

// columnsOf lists the column indexes that expressions use, ascending, each once.
func columnsOf(width int, es ...expr.Expr) []int {
	used := make([]bool, width)
	for _, e := range es {
		if e == nil {
			continue
		}
		expr.Walk(e, func(e expr.Expr) bool {
			if c, ok := e.(*expr.Column); ok {
				used[c.Index] = true
			}
			return true
		})
	}
	var out []int
	for i, u := range used {
		if u {
			out = append(out, i)
		}
	}
	return out
}

// exprFacts is what walks over an expression tell. Filters are compiled for each segment: those of conjuncts are kept.
type exprFacts struct {
	cols               []int // as columnsOf gives them
	volatile, fallible bool
}

func factsOf(width int, e expr.Expr) exprFacts {
	return exprFacts{cols: columnsOf(width, e), volatile: volatileExpr(e), fallible: expr.Fallible(e)}
}

// volatileExpr reports whether e has to be evaluated for every row.
func volatileExpr(e expr.Expr) bool {
	found := false
	expr.Walk(e, func(e expr.Expr) bool {
		if c, ok := e.(*expr.Call); ok && c.Volatility == function.Volatile {
			found = true
		}
		return !found
	})
	return found
}
