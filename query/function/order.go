package function

import (
	"cmp"
	"strings"

	"github.com/cockroachdb/apd/v3"

	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/internal/vec"
	"github.com/freshetdb/freshet/query/function/convert"
)

// Order compares row i of a with row j of b, in any form. Both have to be of the type that the Order is for, and not
// NULL.
type Order func(a *vec.Vector, i int, b *vec.Vector, j int) int

// OrderOf gives the order of a single-value type: text and octets by bytes, false before true, NaN equal to itself and
// above all numbers, as in PostgreSQL.
func OrderOf(t catalog.Type) Order {
	switch t.Kind.Physical() {
	case catalog.PhysInt32, catalog.PhysInt64:
		return func(a *vec.Vector, i int, b *vec.Vector, j int) int { return cmp.Compare(a.Int64At(i), b.Int64At(j)) }
	case catalog.PhysFloat32, catalog.PhysFloat64:
		return func(a *vec.Vector, i int, b *vec.Vector, j int) int {
			return compareFloats(a.Float64At(i), b.Float64At(j))
		}
	case catalog.PhysBits:
		return func(a *vec.Vector, i int, b *vec.Vector, j int) int { return compareBools(a.BoolAt(i), b.BoolAt(j)) }
	}
	if t.Kind == catalog.KindBigDecimal {
		return func(a *vec.Vector, i int, b *vec.Vector, j int) int { return compareDecimals(a.StrAt(i), b.StrAt(j)) }
	}
	return func(a *vec.Vector, i int, b *vec.Vector, j int) int { return strings.Compare(a.StrAt(i), b.StrAt(j)) }
}

func compareFloats(x, y float64) int {
	switch {
	case x == y:
		return 0
	case x != x || y != y: // NaN is the greatest, where cmp.Compare has it as the least
		return -cmp.Compare(x, y)
	}
	return cmp.Compare(x, y)
}

func compareBools(x, y bool) int {
	switch {
	case x == y:
		return 0
	case y:
		return -1
	}
	return 1
}

func compareDecimals(x, y string) int {
	var a, b apd.Decimal
	if convert.ParseDecimal(&a, x) != nil || convert.ParseDecimal(&b, y) != nil {
		return 0 // canonical texts parse
	}
	return a.Cmp(&b)
}
