package logical

import (
	"math"

	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/query/bind"
	"github.com/freshetdb/freshet/query/expr"
)

// junctionToIn gathers a = 1 OR a = 2 OR a IN (3) into a IN (1, 2, 3), and a <> 1 AND a <> 2 into NOT IN. An IN of one
// value becomes a comparison.
func junctionToIn(e expr.Expr) expr.Expr {
	switch j := e.(type) {
	case *expr.Or:
		return gather(j.Args, false)
	case *expr.And:
		return gather(j.Args, true)
	case *expr.In:
		return single(j)
	}
	return e
}

func single(in *expr.In) expr.Expr {
	if len(in.List) != 1 || in.HasNull {
		return in
	}
	op := expr.Eq
	if in.Negated {
		op = expr.Ne
	}
	return &expr.Compare{Op: op, Left: in.Arg, Right: &expr.Const{Value: in.List[0]}}
}

// maxGather bounds the pairwise comparisons of operands of one junction.
const maxGather = 256

// gather unites the memberships of args that test the same expression.
func gather(args []expr.Expr, negated bool) expr.Expr {
	var out []expr.Expr
	var sets []int // positions in out that hold an *expr.In of our own
	for _, a := range args {
		m, ok := membership(a, negated)
		if !ok {
			out = append(out, a)
			continue
		}
		found := false
		for _, i := range sets {
			set := out[i].(*expr.In)
			if bind.Equal(set.Arg, m.Arg) {
				set.List = append(set.List, m.List...)
				set.HasNull = set.HasNull || m.HasNull
				found = true
				break
			}
		}
		if !found {
			if len(sets) < maxGather {
				sets = append(sets, len(out))
			}
			out = append(out, m)
		}
	}
	for _, i := range sets {
		set := out[i].(*expr.In)
		set.List = unique(set.List)
		out[i] = single(set)
	}
	return junction(out, negated)
}

// membership reads a comparison with a constant, or an IN, as a set. The set is a copy.
func membership(e expr.Expr, negated bool) (*expr.In, bool) {
	switch e := e.(type) {
	case *expr.Compare:
		op := expr.Eq
		if negated {
			op = expr.Ne
		}
		v, ok := constant(e.Right)
		if !ok || e.Op != op || v.Value.Null || v.Value.Type.MultiValue {
			return nil, false
		}
		return &expr.In{Arg: e.Left, List: []catalog.Value{v.Value}, Negated: negated}, true
	case *expr.In:
		if e.Negated != negated {
			return nil, false
		}
		c := *e
		c.List = append([]catalog.Value(nil), e.List...)
		return &c, true
	default:
		return nil, false
	}
}

// unique drops repeated values; all are of one type.
func unique(list []catalog.Value) []catalog.Value {
	type key struct {
		i int64
		f uint64
		s string
	}
	seen := make(map[key]bool, len(list))
	out := list[:0]
	for _, v := range list {
		k := key{v.I64, math.Float64bits(v.F64), v.Str}
		if !seen[k] {
			seen[k] = true
			out = append(out, v)
		}
	}
	return out
}
