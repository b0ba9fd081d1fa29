package oracle

import (
	"fmt"
	"math"
	"math/big"
	"strings"

	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/query/logical"
)

// naive computes the aggregates that follow from their name and arguments alone; ok is false for others. args are all
// rows, NULLs included.
func naive(call logical.AggCall, args []Row) (v catalog.Value, ok bool, err error) {
	name := call.Fn.Name
	if base, multi := strings.CutSuffix(name, "mv"); multi && len(call.Args) == 1 && call.Args[0].Type().MultiValue {
		call.Fn.Name = base
		return overElements(call, args)
	}
	rows := withoutNulls(args)
	switch name {
	case "firstwithtime", "lastwithtime":
		return withTime(call, rows), len(call.Args) == 2, nil
	case "exprmin", "exprmax":
		return atExtreme(call, args), true, nil
	case "covarpop", "covarsamp", "corr", "regrslope", "regrintercept", "regrr2", "regravgx", "regravgy", "regrsxx", "regrsyy", "regrsxy":
		v, err = ofPairs(call, rows)
		return v, true, err
	case "regrcount":
		return catalog.LongValue(int64(len(rows))), true, nil
	}
	if len(call.Args) != 1 || call.Args[0].Type().MultiValue {
		return null, false, nil
	}
	var values Row
	for _, r := range rows {
		values = append(values, r[0])
	}
	return ofValues(call, values)
}

// ofValues computes aggregates of one argument over values that are not NULL.
func ofValues(call logical.AggCall, values Row) (v catalog.Value, ok bool, err error) {
	switch call.Fn.Name {
	case "count":
		return catalog.LongValue(int64(len(values))), true, nil
	case "distinctcount":
		return catalog.LongValue(int64(len(distinct(values)))), true, nil
	case "distinctsum", "distinctavg":
		call.Fn.Name = strings.TrimPrefix(call.Fn.Name, "distinct")
		v, err = sum(call, distinct(values))
		return v, true, err
	case "sum", "avg":
		v, err = sum(call, values)
		return v, true, err
	case "min", "max":
		return extreme(call, values), true, nil
	case "booland", "boolor":
		call.Fn.Name = map[string]string{"booland": "min", "boolor": "max"}[call.Fn.Name]
		return extreme(call, values), true, nil
	case "minmaxrange":
		return spread(call, values), true, nil
	case "anyvalue":
		if len(values) == 0 {
			return catalog.NullValue(call.Fn.Type), true, nil
		}
		return values[0], true, nil
	case "bitand", "bitor", "bitxor":
		return bits(call, values), true, nil
	case "varpop", "varsamp", "stddevpop", "stddevsamp", "skewness", "kurtosis":
		v, err = ofMoments(call, values)
		return v, true, err
	}
	return null, false, nil
}

func withoutNulls(args []Row) []Row {
	var rows []Row
	for _, r := range args {
		some := false
		for _, v := range r {
			some = some || v.Null
		}
		if !some {
			rows = append(rows, r)
		}
	}
	return rows
}

// overElements takes every element of arrays as a row.
func overElements(call logical.AggCall, args []Row) (catalog.Value, bool, error) {
	var values Row
	for _, r := range args {
		if !r[0].Null {
			values = append(values, r[0].Elems...)
		}
	}
	return ofValues(call, values)
}

func distinct(values Row) Row {
	seen := map[string]bool{}
	var out Row
	for _, v := range values {
		if text := name(Row{v}); !seen[text] {
			seen[text] = true
			out = append(out, v)
		}
	}
	return out
}

func spread(call logical.AggCall, values Row) catalog.Value {
	if len(values) == 0 {
		return catalog.NullValue(call.Fn.Type)
	}
	call.Fn.Name = "min"
	lo := extreme(call, values)
	call.Fn.Name = "max"
	return catalog.DoubleValue(floatOf(extreme(call, values), values[0].Type) - floatOf(lo, values[0].Type))
}

// floatOf reads a number of type t.
func floatOf(v catalog.Value, t catalog.Type) float64 {
	if p := t.Kind.Physical(); p == catalog.PhysFloat32 || p == catalog.PhysFloat64 {
		return v.F64
	}
	return float64(v.I64)
}

func bits(call logical.AggCall, values Row) catalog.Value {
	if len(values) == 0 {
		return catalog.NullValue(call.Fn.Type)
	}
	out := values[0]
	for _, v := range values[1:] {
		switch call.Fn.Name {
		case "bitand":
			out.I64 &= v.I64
		case "bitor":
			out.I64 |= v.I64
		default:
			out.I64 ^= v.I64
		}
	}
	return out
}

func withTime(call logical.AggCall, rows []Row) catalog.Value {
	if len(rows) == 0 {
		return catalog.NullValue(call.Fn.Type)
	}
	best := rows[0]
	for _, r := range rows[1:] {
		if c := Order(r[1], best[1]); call.Fn.Name == "lastwithtime" && c >= 0 || call.Fn.Name == "firstwithtime" && c < 0 {
			best = r
		}
	}
	return best[0]
}

// atExtreme takes rows whose value is NULL, but none with a NULL measure.
func atExtreme(call logical.AggCall, args []Row) catalog.Value {
	var best Row
	for _, r := range args {
		if len(withoutNulls([]Row{r[1:]})) == 0 {
			continue
		}
		c := 0
		for i := 1; i < len(r) && best != nil && c == 0; i++ {
			c = Order(r[i], best[i])
		}
		if best == nil || call.Fn.Name == "exprmax" && c > 0 || call.Fn.Name == "exprmin" && c < 0 {
			best = r
		}
	}
	if best == nil {
		return catalog.NullValue(call.Fn.Type)
	}
	return best[0]
}

// rats gives values as fractions; false where one is not finite.
func rats(values Row) ([]*big.Rat, bool) {
	out := make([]*big.Rat, len(values))
	for i, v := range values {
		switch p := v.Type.Kind.Physical(); p {
		case catalog.PhysInt32, catalog.PhysInt64:
			out[i] = new(big.Rat).SetInt64(v.I64)
		default:
			if v.F64-v.F64 != 0 {
				return nil, false
			}
			out[i] = new(big.Rat).SetFloat64(v.F64)
		}
	}
	return out, true
}

func mean(values []*big.Rat) *big.Rat {
	total := new(big.Rat)
	for _, x := range values {
		total.Add(total, x)
	}
	return total.Quo(total, new(big.Rat).SetInt64(int64(len(values))))
}

// products sums the a-th powers of xs times the b-th powers of ys, both less their means.
func products(xs, ys []*big.Rat, a, b int) *big.Rat {
	mx, my, total := mean(xs), mean(ys), new(big.Rat)
	for i := range xs {
		term := new(big.Rat).SetInt64(1)
		for range a {
			term.Mul(term, new(big.Rat).Sub(xs[i], mx))
		}
		for range b {
			term.Mul(term, new(big.Rat).Sub(ys[i], my))
		}
		total.Add(total, term)
	}
	return total
}

// asDouble rounds a fraction, and takes a root where asked.
func asDouble(x *big.Rat, root bool) (catalog.Value, error) {
	f, _ := new(big.Float).SetPrec(200).SetRat(x).Float64()
	if math.IsInf(f, 0) {
		return null, fmt.Errorf("oracle: %s overflows", x.FloatString(3))
	}
	if root {
		f = math.Sqrt(f)
	}
	return catalog.DoubleValue(f), nil
}

func ofMoments(call logical.AggCall, values Row) (catalog.Value, error) {
	n, name := int64(len(values)), call.Fn.Name
	if n < map[string]int64{"varpop": 1, "stddevpop": 1, "varsamp": 2, "stddevsamp": 2, "skewness": 3, "kurtosis": 4}[name] {
		return catalog.NullValue(call.Fn.Type), nil
	}
	xs, finite := rats(values)
	if !finite {
		return catalog.DoubleValue(math.NaN()), nil
	}
	m2 := products(xs, xs, 2, 0)
	switch name {
	case "varpop", "stddevpop":
		return asDouble(m2.Quo(m2, big.NewRat(n, 1)), name == "stddevpop")
	case "varsamp", "stddevsamp":
		return asDouble(m2.Quo(m2, big.NewRat(n-1, 1)), name == "stddevsamp")
	}
	variance := new(big.Rat).Quo(m2, big.NewRat(n-1, 1))
	if variance.Sign() == 0 {
		return catalog.DoubleValue(0), nil
	}
	if name == "skewness" {
		m3 := new(big.Float).SetPrec(300).SetRat(products(xs, xs, 3, 0))
		s := new(big.Float).SetPrec(300).SetRat(variance)
		s.Mul(s, new(big.Float).SetPrec(300).Sqrt(s))
		f, _ := m3.Quo(m3, s).Float64()
		return catalog.DoubleValue(float64(n) / float64((n-1)*(n-2)) * f), nil
	}
	k := products(xs, xs, 4, 0)
	k.Quo(k, new(big.Rat).Mul(variance, variance)).Mul(k, big.NewRat(n*(n+1), (n-1)*(n-2)*(n-3)))
	return asDouble(k.Sub(k, big.NewRat(3*(n-1)*(n-1), (n-2)*(n-3))), false)
}

// ofPairs computes statistics of (y, x).
func ofPairs(call logical.AggCall, rows []Row) (catalog.Value, error) {
	name, n := call.Fn.Name, int64(len(rows))
	if n == 0 || name == "covarsamp" && n < 2 {
		return catalog.NullValue(call.Fn.Type), nil
	}
	var left, right Row
	for _, r := range rows {
		left, right = append(left, r[0]), append(right, r[1])
	}
	ys, finiteY := rats(left)
	xs, finiteX := rats(right)
	if !finiteX || !finiteY {
		return catalog.DoubleValue(math.NaN()), nil
	}
	sxx, syy, sxy := products(xs, xs, 2, 0), products(ys, ys, 2, 0), products(xs, ys, 1, 1)
	switch name {
	case "covarpop":
		return asDouble(sxy.Quo(sxy, big.NewRat(n, 1)), false)
	case "covarsamp":
		return asDouble(sxy.Quo(sxy, big.NewRat(n-1, 1)), false)
	case "regravgx":
		return asDouble(mean(xs), false)
	case "regravgy":
		return asDouble(mean(ys), false)
	case "regrsxx":
		return asDouble(sxx, false)
	case "regrsyy":
		return asDouble(syy, false)
	case "regrsxy":
		return asDouble(sxy, false)
	}
	switch slope := new(big.Rat); {
	case sxx.Sign() == 0, name == "corr" && syy.Sign() == 0:
		return catalog.NullValue(call.Fn.Type), nil
	case name == "regrslope":
		return asDouble(slope.Quo(sxy, sxx), false)
	case name == "regrintercept":
		slope.Quo(sxy, sxx)
		return asDouble(slope.Sub(mean(ys), slope.Mul(slope, mean(xs))), false)
	case name == "regrr2" && syy.Sign() == 0:
		return catalog.DoubleValue(1), nil
	}
	square := new(big.Rat).Quo(new(big.Rat).Mul(sxy, sxy), new(big.Rat).Mul(sxx, syy))
	r, err := asDouble(square, name == "corr")
	if name == "corr" && sxy.Sign() < 0 {
		r.F64 = -r.F64
	}
	return r, err
}
