package oracle

import (
	"fmt"
	"math"
	"sort"
	"strconv"
	"strings"

	"github.com/freshetdb/freshet/catalog"
)

// Text prints a value so that different values print differently.
func Text(v catalog.Value) string {
	if v.Null {
		return "NULL"
	}
	if v.Type.MultiValue {
		parts := make([]string, len(v.Elems))
		for i, e := range v.Elems {
			parts[i] = Text(e)
		}
		return "[" + strings.Join(parts, ", ") + "]"
	}
	switch v.Type.Kind.Physical() {
	case catalog.PhysString:
		return strconv.Quote(v.Str)
	case catalog.PhysFloat32, catalog.PhysFloat64:
		if v.F64 == 0 {
			return "0"
		}
		return strconv.FormatFloat(v.F64, 'g', -1, 64)
	default:
		return strconv.FormatInt(v.I64, 10)
	}
}

// Diff compares rows: in order where ordered is set, else as multisets. Floats agree within 1e-12 of the larger. It
// gives "" where the rows agree, else the first difference.
func Diff(want, got []Row, ordered bool) string {
	if len(want) != len(got) {
		return fmt.Sprintf("%d rows, want %d", len(got), len(want))
	}
	if !ordered {
		want, got = sorted(want), sorted(got)
	}
	for i := range want {
		if len(want[i]) != len(got[i]) {
			return fmt.Sprintf("row %d has %d columns, want %d", i, len(got[i]), len(want[i]))
		}
		for c := range want[i] {
			if !same(want[i][c], got[i][c]) {
				return fmt.Sprintf("row %d column %d is %s, want %s\n got  %s\n want %s", i, c, Text(got[i][c]), Text(want[i][c]),
					rowText(got[i]), rowText(want[i]))
			}
		}
	}
	return ""
}

func rowText(r Row) string {
	parts := make([]string, len(r))
	for i, v := range r {
		parts[i] = Text(v)
	}
	return strings.Join(parts, " | ")
}

// sorted orders rows by text; floats are rounded there, so that nearly equal rows sort alike.
func sorted(rows []Row) []Row {
	keys := make([]string, len(rows))
	order := make([]int, len(rows))
	for i, r := range rows {
		order[i] = i
		for _, v := range r {
			if p := v.Type.Kind.Physical(); !v.Null && !v.Type.MultiValue && (p == catalog.PhysFloat64 || p == catalog.PhysFloat32) {
				v.F64, _ = strconv.ParseFloat(strconv.FormatFloat(v.F64, 'g', 9, 64), 64)
			}
			keys[i] += Text(v) + "|"
		}
	}
	sort.SliceStable(order, func(i, j int) bool { return keys[order[i]] < keys[order[j]] })
	out := make([]Row, len(rows))
	for i, at := range order {
		out[i] = rows[at]
	}
	return out
}

func same(a, b catalog.Value) bool {
	if a.Null || b.Null {
		return a.Null == b.Null
	}
	if a.Type.MultiValue {
		if len(a.Elems) != len(b.Elems) {
			return false
		}
		for i := range a.Elems {
			if !same(a.Elems[i], b.Elems[i]) {
				return false
			}
		}
		return true
	}
	switch a.Type.Kind.Physical() {
	case catalog.PhysFloat32, catalog.PhysFloat64:
		if a.F64 == b.F64 || a.F64 != a.F64 && b.F64 != b.F64 {
			return true
		}
		return math.Abs(a.F64-b.F64) <= 1e-12*math.Max(math.Abs(a.F64), math.Abs(b.F64))
	case catalog.PhysString:
		return a.Str == b.Str
	default:
		return a.I64 == b.I64
	}
}
