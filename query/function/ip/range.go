package ip

import (
	"github.com/freshetdb/freshet/internal/vec"
	"github.com/freshetdb/freshet/query/function"
)

// rangeOf is ipv4CIDRToRange.
func rangeOf(ec *function.EvalContext, args []*vec.Vector, n int, out *vec.Vector) error {
	text := function.View[string](args[0])
	return function.BuildArrays(ec, n, out, func(dst []string, i int) ([]string, error) {
		p, err := parsePrefix(text.At(i))
		if err != nil {
			return dst, err
		}
		if !p.Addr().Is4() {
			return dst, notV4(text.At(i))
		}
		return append(dst, p.Masked().Addr().String(), lastAddr(p).String()), nil
	})
}
