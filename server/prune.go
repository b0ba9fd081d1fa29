package server

import (
	"strconv"

	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/ingest/kafka"
	"github.com/freshetdb/freshet/query/exec"
	"github.com/freshetdb/freshet/query/expr"
	"github.com/freshetdb/freshet/query/physical"
	"github.com/freshetdb/freshet/segment"
)

// source is what a leaf reads of a pinned table: the segments of the partitions that its filter leaves. Partitions are
// left out only where the table's config says how the producer chose them (segmentPartitionConfig) and asks for it
// (routing.segmentPrunerTypes), and where the stated number of partitions is that of the topic.
func (p *pinned) source(leaf *physical.Leaf) exec.Source {
	src := exec.Source{Schema: p.schema, Views: p.views, TotalRows: p.rows, Bounds: func(column string) *segment.Bounds { return p.bounds(column, nil) }}
	if !p.index.PrunePartitions || leaf.Scan.Filter == nil {
		return src
	}
	out := map[int32]bool{}
	for _, c := range physical.Conjuncts(leaf.Scan.Filter) {
		column, values := equalTo(c)
		f, ok := p.index.Partition[column]
		if !ok || f.Count != len(p.ids) || f.Function != "murmur" && f.Function != "murmur2" {
			continue
		}
		if keep, ok := partitionsOf(values, f.Count); ok {
			for _, id := range p.ids {
				out[id] = out[id] || !keep[id]
			}
		}
	}
	src.Views, src.Bounds = nil, func(column string) *segment.Bounds { return p.bounds(column, out) }
	for i, v := range p.views {
		if !out[p.owners[i]] {
			src.Views = append(src.Views, v)
		}
	}
	return src
}

// bounds are those of the views of the partitions that are not out.
func (p *pinned) bounds(column string, out map[int32]bool) *segment.Bounds {
	var parts []*segment.Bounds
	for i, v := range p.versions {
		if !out[p.ids[i]] {
			parts = append(parts, v.Bounds(column))
		}
	}
	return segment.JoinBounds(parts...)
}

// equalTo gives the column and the values of column = value and column IN (values); "" for anything else.
func equalTo(e expr.Expr) (column string, values []catalog.Value) {
	switch x := e.(type) {
	case *expr.Compare:
		c, isColumn := x.Left.(*expr.Column)
		v, isConst := x.Right.(*expr.Const)
		if x.Op == expr.Eq && isColumn && isConst && !c.T.MultiValue {
			return c.Name, []catalog.Value{v.Value}
		}
	case *expr.In:
		if c, ok := x.Arg.(*expr.Column); ok && !x.Negated && !c.T.MultiValue {
			return c.Name, x.List
		}
	}
	return "", nil
}

// partitionsOf gives the partitions that keys with these values went to; ok is false where that is not known.
func partitionsOf(values []catalog.Value, count int) (keep map[int32]bool, ok bool) {
	keep = map[int32]bool{}
	for _, v := range values {
		var key string
		switch v.Type.Kind {
		case catalog.KindString:
			key = v.Str
		case catalog.KindInt, catalog.KindLong:
			key = strconv.FormatInt(v.I64, 10)
		default:
			return nil, false
		}
		if !v.Null {
			keep[kafka.PartitionOf([]byte(key), count)] = true
		}
	}
	return keep, true
}
