package sql

import (
	pg "github.com/pganalyze/pg_query_go/v6"
)

var groupingKinds = map[pg.GroupingSetKind]GroupingSetKind{pg.GroupingSetKind_GROUPING_SET_EMPTY: GroupingEmpty,
	pg.GroupingSetKind_GROUPING_SET_ROLLUP: GroupingRollup, pg.GroupingSetKind_GROUPING_SET_CUBE: GroupingCube,
	pg.GroupingSetKind_GROUPING_SET_SETS: GroupingSets}

func (c *conv) window(w *pg.WindowDef) *Window {
	out := &Window{At: c.at(w.GetLocation()), Name: c.ident(w.GetName()), Base: c.ident(w.GetRefname()),
		PartitionBy: c.exprs(w.GetPartitionClause()), OrderBy: c.orderBy(w.GetOrderClause())}
	out.Frame = c.frame(w)
	return out
}

// Bits of WindowDef.frameOptions, as in PostgreSQL's nodes/parsenodes.h.
const (
	frameNonDefault = 1 << iota
	_               // RANGE
	frameRows
	frameGroups
	_ // BETWEEN
	frameStartUnboundedPreceding
	_ // end UNBOUNDED PRECEDING is refused by the grammar
	_ // start UNBOUNDED FOLLOWING too
	frameEndUnboundedFollowing
	frameStartCurrentRow
	frameEndCurrentRow
	frameStartOffsetPreceding
	frameEndOffsetPreceding
	frameStartOffsetFollowing
	frameEndOffsetFollowing
	frameExcludeCurrentRow
	frameExcludeGroup
	frameExcludeTies
)

func (c *conv) frame(w *pg.WindowDef) *Frame {
	o := w.GetFrameOptions()
	if o&frameNonDefault == 0 {
		return nil
	}
	f := &Frame{Mode: "RANGE", Start: CurrentRow, End: CurrentRow, StartOffset: c.optional(w.GetStartOffset()), EndOffset: c.optional(w.GetEndOffset())}
	for bit, mode := range map[int32]string{frameRows: "ROWS", frameGroups: "GROUPS"} {
		if o&bit != 0 {
			f.Mode = mode
		}
	}
	for bit, start := range map[int32]FrameBoundKind{frameStartUnboundedPreceding: UnboundedPreceding, frameStartOffsetPreceding: OffsetPreceding,
		frameStartOffsetFollowing: OffsetFollowing} {
		if o&bit != 0 {
			f.Start = start
		}
	}
	for bit, end := range map[int32]FrameBoundKind{frameEndUnboundedFollowing: UnboundedFollowing, frameEndOffsetPreceding: OffsetPreceding,
		frameEndOffsetFollowing: OffsetFollowing} {
		if o&bit != 0 {
			f.End = end
		}
	}
	for bit, exclude := range map[int32]string{frameExcludeCurrentRow: "CURRENT ROW", frameExcludeGroup: "GROUP", frameExcludeTies: "TIES"} {
		if o&bit != 0 {
			f.Exclude = exclude
		}
	}
	return f
}
