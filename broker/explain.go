package broker

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/internal/vec"
	"github.com/freshetdb/freshet/query/exec"
	"github.com/freshetdb/freshet/query/logical"
	"github.com/freshetdb/freshet/query/physical"
	"github.com/freshetdb/freshet/query/result"
	"github.com/freshetdb/freshet/query/sql"
)

// explainColumns are those of EXPLAIN (PostgreSQL's) or of EXPLAIN PLAN FOR (Pinot's).
func explainColumns(e *sql.Explain) []result.Column {
	if e.PlanFor {
		return []result.Column{{Name: "Operator", Type: catalog.String}, {Name: "Operator_Id", Type: catalog.Int}, {Name: "Parent_Id", Type: catalog.Int}}
	}
	return []result.Column{{Name: "QUERY PLAN", Type: catalog.String}}
}

// Explainer is what a LeafService may also do: say how each predicate of a plan would be answered where the rows are.
type Explainer interface {
	Explain(ctx context.Context, env *exec.Env, plan *physical.Plan) ([]string, error)
}

// explain describes a plan, one line a node, root first; below the scan how each predicate is answered.
func (s *Session) explain(ctx context.Context, b *binding, node logical.Node, now time.Time) ([]string, error) {
	plan, err := physical.Build(node)
	if err != nil {
		return nil, err
	}
	if e, ok := s.b.cfg.Leaves.(Explainer); ok && len(plan.Leaves) > 0 {
		return e.Explain(ctx, s.env(b, now), plan)
	}
	return planLines(plan), nil
}

// explainRows gives lines as the result of EXPLAIN or EXPLAIN PLAN FOR.
func explainRows(e *sql.Explain, columns []result.Column, lines []string) result.Rows {
	if e.PlanFor {
		return planForRows(columns, lines)
	}
	rows := make([][]string, len(lines))
	for i, line := range lines {
		rows[i] = []string{line}
	}
	return textRows(columns, rows)
}

func planForRows(columns []result.Column, lines []string) result.Rows {
	b := &vec.Batch{Rows: len(lines), Cols: []*vec.Vector{{}, {}, {}}}
	for i, t := range []catalog.Type{catalog.String, catalog.Int, catalog.Int} {
		b.Cols[i].Reset(t, len(lines))
	}
	for i, line := range lines {
		b.Cols[0].Str[i] = strings.TrimSpace(line)
		b.Cols[1].I32[i] = int32(i + 1)
		b.Cols[2].I32[i] = int32(i)
	}
	return &fixedRows{columns: columns, batch: b}
}

// planLines describes the plan, one node a line, and says which part runs on the servers.
func planLines(plan *physical.Plan) []string {
	return logical.ExplainWith(plan.Root, func(n logical.Node) string {
		leaf := plan.LeafOf(n)
		if leaf == nil {
			return ""
		}
		return "(from here on the servers: " + leafLine(leaf) + ")"
	})
}

func leafLine(l *physical.Leaf) string {
	shape := map[physical.LeafKind]string{physical.LeafRows: "rows", physical.LeafTopN: "top rows",
		physical.LeafAggregate: "partial aggregation"}[l.Kind]
	if l.Limit >= 0 {
		shape += ", at most " + strconv.FormatInt(l.Limit, 10)
	}
	return shape
}

// analyze runs a query to its end and prints the plan with what happened.
func analyze(ctx context.Context, e *sql.Explain, columns []result.Column, lines []string, r *rows) (out result.Rows, err error) {
	defer func() { err = errors.Join(err, r.Close()) }()
	n := int64(0)
	for {
		b, err := r.Next(ctx)
		if err != nil {
			return nil, err
		}
		if b == nil {
			break
		}
		n += int64(b.Rows)
	}
	st := r.Stats()
	elapsed := r.s.b.cfg.Clock.Now().Sub(r.started)
	for _, sc := range st.Scans {
		lines = append(lines, fmt.Sprintf("Scan of %s: %d bytes of column data in %d leaves, %d rows passed", sc.Table, sc.Bytes, sc.Leaves, sc.Rows))
	}
	return explainRows(e, columns, append(lines,
		fmt.Sprintf("Rows: %d", n),
		fmt.Sprintf("Rows scanned: %d of %d", st.RowsScanned, st.TotalRows),
		fmt.Sprintf("Values read: %d in filters, %d after", st.EntriesScannedInFilter, st.EntriesScannedPostFilter),
		fmt.Sprintf("Segments: %d queried, %d read, %d matched, %d pruned by server, %d by value", st.SegmentsQueried,
			st.SegmentsProcessed, st.SegmentsMatched, st.SegmentsPrunedByServer, st.SegmentsPrunedByValue),
		fmt.Sprintf("Blocks: %d read, %d pruned", st.BlocksScanned, st.BlocksPruned),
		fmt.Sprintf("Execution time: %.3f ms", float64(elapsed.Microseconds())/1000))), nil
}
