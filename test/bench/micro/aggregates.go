package micro

import (
	"fmt"
	"strings"

	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/internal/vec"
	"github.com/freshetdb/freshet/query/function"
	"github.com/freshetdb/freshet/query/function/agg"
	"github.com/freshetdb/freshet/test/events"
)

// grouping is an aggregate by group numbers, of as many groups as the engine gives one accumulator: rows of more are
// partitioned first, which the line of two million groups measures. The prototype read ids of one or two bytes, the engine's accumulators read
// four; its kernels for "sum and count" were one loop, here they are two accumulators.
type grouping struct {
	name          string
	memory, cache float64
	functions     []string
	column        *vec.Vector
	groups        []uint32
	count         int
	memoryOnly    bool
}

func (s *Set) aggregates() ([]Kernel, error) {
	price := &vec.Vector{Type: catalog.Double, F64: s.f64}
	user := &vec.Vector{Type: catalog.Long, I64: s.i64}
	var all []Kernel
	for _, g := range []grouping{
		{name: "sum by 200", memory: 0.39, functions: []string{"sum"}, column: price, groups: s.g200, count: events.Countries},
		{name: "count by 200", memory: 0.34, functions: []string{"count"}, groups: s.g200, count: events.Countries},
		{name: "sum, count by 5,000", memory: 0.74, functions: []string{"sum", "count"}, column: price, groups: s.g5000, count: events.Campaigns},
		{name: "HLL(12) by 200", memory: 2.3, functions: []string{"distinctCountHLL 12"}, column: user, groups: s.g200, count: events.Countries},
		{name: "exact distinct by 200", memory: 6.7, functions: []string{"distinctCount"}, column: user, groups: s.g200, count: events.Countries, memoryOnly: true},
		{name: "log histogram by 7", memory: 0.74, functions: []string{"percentileFast 99"}, column: price, groups: s.g7, count: events.Statuses},
	} {
		k, err := g.kernel()
		if err != nil {
			return nil, fmt.Errorf("%s: %w", g.name, err)
		}
		all = append(all, k)
	}
	return all, nil
}

func (g grouping) kernel() (Kernel, error) {
	var makers []func() function.Accumulator
	for _, f := range g.functions {
		bound, err := bind(f, g.column)
		if err != nil {
			return Kernel{}, err
		}
		makers = append(makers, bound.New)
	}
	var accs []function.Accumulator
	k := Kernel{Name: g.name, Memory: g.memory, Cache: g.cache, memoryOnly: g.memoryOnly}
	k.fresh = func() error {
		accs = accs[:0]
		for _, make := range makers {
			acc := make()
			acc.Resize(g.count)
			accs = append(accs, acc)
		}
		return nil
	}
	var block vec.Vector
	k.run = func(lo, hi int) error {
		args := []*vec.Vector{&block}
		for i, acc := range accs {
			if strings.HasPrefix(g.functions[i], "count") {
				args = nil
			} else {
				block = vec.Vector{Type: g.column.Type, Len: hi - lo}
				if g.column.F64 != nil {
					block.F64 = g.column.F64[lo:hi]
				} else {
					block.I64 = g.column.I64[lo:hi]
				}
			}
			if err := acc.Add(g.groups[lo:hi], args, hi-lo, nil); err != nil {
				return err
			}
		}
		return nil
	}
	return k, nil
}

// bind resolves an aggregate written as its name and an optional constant.
func bind(call string, column *vec.Vector) (function.BoundAggregate, error) {
	name, constant, hasConstant := strings.Cut(call, " ")
	var args []function.Arg
	if column != nil && name != "count" {
		args = append(args, function.Arg{Type: column.Type})
	}
	if hasConstant {
		var n int64
		if _, err := fmt.Sscan(constant, &n); err != nil {
			return function.BoundAggregate{}, err
		}
		args = append(args, function.Arg{Type: catalog.Long, Const: &vec.Value{Type: catalog.Long, I64: n}})
	}
	for _, a := range agg.Aggregates() {
		if strings.EqualFold(a.Name, name) {
			return a.Bind(args, false, name == "count")
		}
	}
	for _, a := range agg.Aggregates() {
		for _, alias := range a.Aliases {
			if strings.EqualFold(alias, name) {
				return a.Bind(args, false, false)
			}
		}
	}
	return function.BoundAggregate{}, fmt.Errorf("no aggregate %s", name)
}
