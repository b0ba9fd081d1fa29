package text

import (
	"strings"

	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/internal/vec"
	"github.com/freshetdb/freshet/query/function"
)

// stringToArray is PostgreSQL's, which keeps empty parts; Pinot's split drops them.
func stringToArray() function.Scalar {
	const name = "string_to_array"
	array := catalog.String.Array()
	return function.Scalar{Name: name, Family: family, Signature: name + "(s, delimiter[, null])", Example: "cardinality(string_to_array('a,,b', ',')) = 3",
		Doc:  "The parts of s between delimiters, empty ones too; its characters where the delimiter is NULL. Parts that equal the third argument are NULL. See also split.",
		Bind: function.Overloads(name, function.Overload{Args: str2, Type: array, Lax: true, Eval: evalStringToArray}, function.Overload{Args: str3, Type: array, Lax: true, Eval: evalStringToArray})}
}

func evalStringToArray(ec *function.EvalContext, args []*vec.Vector, n int, out *vec.Vector) error {
	s, sep := function.View[string](args[0]), function.View[string](args[1])
	for i := range n {
		if args[0].IsNull(i) {
			out.SetNull(i)
		}
	}
	var nulls []int
	err := function.BuildArrays(ec, n, out, func(dst []string, i int) ([]string, error) {
		from, text := len(dst), s.At(i)
		switch {
		case text == "":
		case args[1].IsNull(i):
			for _, r := range text {
				dst = append(dst, string(r))
			}
		case sep.At(i) == "":
			dst = append(dst, text)
		default:
			for {
				part, rest, more := strings.Cut(text, sep.At(i))
				dst = append(dst, part)
				if text = rest; !more {
					break
				}
			}
		}
		if len(args) == 3 && !args[2].IsNull(i) {
			for e, part := range dst[from:] {
				if part == args[2].StrAt(i) {
					nulls = append(nulls, from+e)
				}
			}
		}
		return dst, nil
	})
	if err != nil {
		return err
	}
	for _, e := range nulls {
		out.Elems.SetNull(e)
	}
	return nil
}
