package broker

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/internal/vec"
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

// explainRows prints a plan, root first, and then the extra lines.
func explainRows(e *sql.Explain, columns []result.Column, plan *physical.Plan, extra []string) result.Rows {
	lines := planLines(plan)
	if e.PlanFor {
		return planForRows(columns, append(lines, extra...))
	}
	rows := make([][]string, 0, len(lines)+len(extra))
	for i, line := range lines {
		indent := ""
		if i > 0 {
			indent = strings.Repeat("  ", i-1) + "->  "
		}
		rows = append(rows, []string{indent + line})
	}
	for _, line := range extra {
		rows = append(rows, []string{line})
	}
	return textRows(columns, rows)
}

func planForRows(columns []result.Column, lines []string) result.Rows {
	b := &vec.Batch{Rows: len(lines), Cols: []*vec.Vector{{}, {}, {}}}
	for i, t := range []catalog.Type{catalog.String, catalog.Int, catalog.Int} {
		b.Cols[i].Reset(t, len(lines))
	}
	for i, line := range lines {
		b.Cols[0].Str[i] = line
		b.Cols[1].I32[i] = int32(i + 1)
		b.Cols[2].I32[i] = int32(i)
	}
	return &fixedRows{columns: columns, batch: b}
}

func planLines(plan *physical.Plan) []string {
	var lines []string
	for n := plan.Root; n != nil; n = n.Input() {
		line := nodeLine(n)
		if n == plan.Cut {
			line += fmt.Sprintf("  (on the servers: %s)", leafLine(plan.Leaf))
		}
		lines = append(lines, line)
	}
	return lines
}

func leafLine(l *physical.Leaf) string {
	shape := map[physical.LeafKind]string{physical.LeafRows: "rows", physical.LeafTopN: "top rows",
		physical.LeafAggregate: "partial aggregation"}[l.Kind]
	if l.Limit >= 0 {
		shape += ", at most " + strconv.FormatInt(l.Limit, 10)
	}
	return shape
}

// nodeLine describes one node.
func nodeLine(n logical.Node) string {
	switch n := n.(type) {
	case *logical.Scan:
		names := make([]string, len(n.Cols))
		for i, c := range n.Cols {
			names[i] = c.Name
		}
		line := "Scan " + n.Table + " [" + strings.Join(names, ", ") + "]"
		if n.Filter != nil {
			line += " filter: " + n.Filter.String()
		}
		return line
	case *logical.Values:
		return "Result (one row)"
	case *logical.Filter:
		return "Filter: " + n.Cond.String()
	case *logical.Project:
		parts := make([]string, len(n.Exprs))
		for i, e := range n.Exprs {
			parts[i] = e.String()
		}
		return "Project [" + strings.Join(parts, ", ") + "]"
	case *logical.Aggregate:
		return aggregateLine(n)
	case *logical.Sort:
		return sortLine(n)
	case *logical.Limit:
		line := "Limit"
		if n.Count >= 0 {
			line += " " + strconv.FormatInt(n.Count, 10)
		}
		if n.Offset > 0 {
			line += " offset " + strconv.FormatInt(n.Offset, 10)
		}
		return line
	}
	return fmt.Sprintf("%T", n)
}

func aggregateLine(n *logical.Aggregate) string {
	keys, aggs := make([]string, len(n.Keys)), make([]string, len(n.Aggs))
	for i, k := range n.Keys {
		keys[i] = k.String()
	}
	for i, a := range n.Aggs {
		aggs[i] = a.Text
	}
	line := "Aggregate [" + strings.Join(aggs, ", ") + "]"
	if len(keys) > 0 {
		line += " group by [" + strings.Join(keys, ", ") + "]"
	}
	return line
}

func sortLine(n *logical.Sort) string {
	columns := n.Columns()
	keys := make([]string, len(n.Keys))
	for i, k := range n.Keys {
		keys[i] = columns[k.Column].Name
		if k.Descending {
			keys[i] += " desc"
		}
	}
	line := "Sort [" + strings.Join(keys, ", ") + "]"
	if n.Limit >= 0 {
		line += " top " + strconv.FormatInt(n.Limit, 10)
	}
	return line
}

// analyze runs a query to its end and prints the plan with what happened.
func analyze(ctx context.Context, e *sql.Explain, columns []result.Column, plan *physical.Plan, r *rows) (out result.Rows, err error) {
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
	return explainRows(e, columns, plan, []string{
		fmt.Sprintf("Rows: %d", n),
		fmt.Sprintf("Rows scanned: %d of %d", st.RowsScanned, st.TotalRows),
		fmt.Sprintf("Values read: %d in filters, %d after", st.EntriesScannedInFilter, st.EntriesScannedPostFilter),
		fmt.Sprintf("Segments: %d queried, %d read, %d matched, %d pruned by server, %d by value", st.SegmentsQueried,
			st.SegmentsProcessed, st.SegmentsMatched, st.SegmentsPrunedByServer, st.SegmentsPrunedByValue),
		fmt.Sprintf("Blocks: %d read, %d pruned", st.BlocksScanned, st.BlocksPruned),
		fmt.Sprintf("Execution time: %.3f ms", float64(elapsed.Microseconds())/1000),
	}), nil
}
