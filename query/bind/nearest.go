package bind

import (
	"math"
	"math/big"
	"strings"

	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/internal/errs"
	"github.com/freshetdb/freshet/query/expr"
)

// neighbours places a constant among the values of another kind.
type neighbours struct {
	none         bool          // the two kinds do not compare
	exact        bool          // low is the constant itself
	low, high    catalog.Value // else the nearest values below and above
	below, above bool          // it lies below, or above, all values of the kind
}

func exactly(v catalog.Value) neighbours { return neighbours{exact: true, low: v} }

// nearestValues places v among the values of kind k. Text that does not convert is an error.
func nearestValues(v catalog.Value, k catalog.Kind) (neighbours, error) {
	from := v.Type.Kind
	switch {
	case v.Type.MultiValue:
		return neighbours{none: true}, nil
	case from == k:
		return exactly(v), nil
	case from == catalog.KindString:
		out, err := castConst(v, catalog.Type{Kind: k})
		return exactly(out), err
	case k.IsText():
		if from == catalog.KindInterval || from == catalog.KindBytes {
			return neighbours{none: true}, nil
		}
		out, err := castConst(v, catalog.Type{Kind: k})
		return exactly(out), err
	case sameForm(from, k) && (from != catalog.KindInterval || k != catalog.KindLong):
		v.Type = catalog.Type{Kind: k}
		return exactly(v), nil
	case k == catalog.KindBoolean && from.IsInteger():
		if v.I64 != 0 && v.I64 != 1 {
			return neighbours{}, errs.User(errs.InvalidText, "invalid input syntax for type boolean: \"%d\"", v.I64).
				WithHint("A boolean compares with true, false, 0 and 1.")
		}
		return exactly(catalog.BoolValue(v.I64 == 1)), nil
	case from == catalog.KindBoolean && k.IsNumeric():
		out, err := castConst(v, catalog.Type{Kind: k})
		return exactly(out), err
	case from.IsNumeric() && (k.IsNumeric() || k.IsTime()), from.IsTime() && k == catalog.KindLong:
		return nearestNumber(v, k)
	default:
		return neighbours{none: true}, nil
	}
}

// nearestNumber places a number among the values of a numeric kind, or among times as milliseconds.
func nearestNumber(v catalog.Value, k catalog.Kind) (neighbours, error) {
	if f := v.F64; v.Type.Kind.Physical() == catalog.PhysFloat64 || v.Type.Kind.Physical() == catalog.PhysFloat32 {
		switch {
		case (k == catalog.KindDouble || k == catalog.KindFloat) && (math.IsNaN(f) || math.IsInf(f, 0) || f == float64(float32(f)) || k == catalog.KindDouble):
			return exactly(catalog.Value{Type: catalog.Type{Kind: k}, F64: f}), nil
		case math.IsNaN(f) || math.IsInf(f, 1): // NaN is above all numbers, as in PostgreSQL
			return neighbours{above: true}, nil
		case math.IsInf(f, -1):
			return neighbours{below: true}, nil
		}
	}
	switch k {
	case catalog.KindBigDecimal:
		out, err := expr.CastValue(v, catalog.BigDecimal)
		return exactly(out), err
	case catalog.KindFloat, catalog.KindDouble:
		return nearestFloat(exactNumber(v), k), nil
	default:
		return nearestInteger(exactNumber(v), k), nil
	}
}

// exactNumber is the value of a finite number. Decimals are as long as the query's text at most.
func exactNumber(v catalog.Value) *big.Rat {
	r := new(big.Rat)
	switch v.Type.Kind {
	case catalog.KindFloat, catalog.KindDouble:
		r.SetFloat64(v.F64)
	case catalog.KindBigDecimal:
		if _, ok := r.SetString(strings.TrimSpace(v.Str)); !ok {
			return new(big.Rat)
		}
	default:
		r.SetInt64(v.I64)
	}
	return r
}

// nearestInteger places r among 32- or 64-bit integers.
func nearestInteger(r *big.Rat, k catalog.Kind) neighbours {
	least, most := int64(math.MinInt64), int64(math.MaxInt64)
	if k == catalog.KindInt {
		least, most = math.MinInt32, math.MaxInt32
	}
	floor := new(big.Int).Div(r.Num(), r.Denom()) // rounds down: the denominator is positive
	switch {
	case floor.Cmp(big.NewInt(most)) > 0 || !r.IsInt() && floor.Cmp(big.NewInt(most)) == 0:
		return neighbours{above: true}
	case floor.Cmp(big.NewInt(least)) < 0:
		return neighbours{below: true}
	}
	t := catalog.Type{Kind: k}
	low := catalog.Value{Type: t, I64: floor.Int64()}
	if r.IsInt() {
		return exactly(low)
	}
	return neighbours{low: low, high: catalog.Value{Type: t, I64: low.I64 + 1}}
}

// nearestFloat places r among the finite floating-point values of a kind.
func nearestFloat(r *big.Rat, k catalog.Kind) neighbours {
	t := catalog.Type{Kind: k}
	f, _ := r.Float64()
	if k == catalog.KindFloat {
		f32, _ := r.Float32()
		f = float64(f32)
	}
	// Float32 calls a value that underflows to zero exact, so exactness is decided here.
	exact := !math.IsInf(f, 0) && new(big.Rat).SetFloat64(f).Cmp(r) == 0
	value := func(x float64) catalog.Value { return catalog.Value{Type: t, F64: x} }
	switch {
	case exact:
		return exactly(value(f))
	case math.IsInf(f, 1):
		// Infinity itself is above r, so the neighbours are the largest finite value and infinity.
		return neighbours{low: value(next(f, -1, k)), high: value(f)}
	case math.IsInf(f, -1):
		return neighbours{low: value(f), high: value(next(f, 1, k))}
	}
	if new(big.Rat).SetFloat64(f).Cmp(r) < 0 {
		return neighbours{low: value(f), high: value(next(f, 1, k))}
	}
	return neighbours{low: value(next(f, -1, k)), high: value(f)}
}

// next is the neighbour of f in direction dir (1 or -1) in kind k.
func next(f float64, dir int, k catalog.Kind) float64 {
	if k == catalog.KindFloat {
		return float64(math.Nextafter32(float32(f), float32(math.Inf(dir))))
	}
	return math.Nextafter(f, math.Inf(dir))
}
