package syscat

import (
	"strings"

	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/internal/errs"
	"github.com/freshetdb/freshet/internal/vec"
	"github.com/freshetdb/freshet/query/function"
)

// parseIdentScalar is parse_ident, which splits a qualified name.
func parseIdentScalar() function.Scalar {
	const name = "parse_ident"
	return function.Scalar{Name: name, Family: functionFamily, Signature: name + "(name)", Volatility: function.Immutable,
		Doc: "The parts of a qualified name: those without quotes in small letters.", Example: `parse_ident('public."Order"') = ARRAY['public', 'Order']`,
		Bind: function.Overloads(name, function.Overload{Args: []catalog.Type{catalog.String}, Type: catalog.String.Array(), Fallible: true,
			Eval: func(ec *function.EvalContext, args []*vec.Vector, n int, out *vec.Vector) error {
				return function.BuildArrays(ec, n, out, func(dst []string, i int) ([]string, error) {
					parts, err := identParts(args[0].StrAt(i))
					return append(dst, parts...), err
				})
			}})}
}

// identParts splits a name; every part without quotes has to be an identifier.
func identParts(text string) ([]string, error) {
	wrong := func() error {
		return errs.User(errs.InvalidParameterValue, "string is not a valid identifier: \"%s\"", text)
	}
	var parts []string
	for rest := strings.TrimSpace(text); ; {
		plain := !strings.HasPrefix(rest, `"`)
		part, after, err := namePart(rest)
		if err != nil || plain && !plainIdent(part) {
			return nil, wrong()
		}
		parts = append(parts, part)
		if after == "" {
			return parts, nil
		}
		rest = strings.TrimSpace(after[1:]) // behind the dot
	}
}

// plainIdent reports a name that needs no quotes but for its case.
func plainIdent(name string) bool {
	for i := range len(name) {
		c := name[i]
		letter := c >= 'a' && c <= 'z' || c == '_' || c >= 0x80
		if !letter && (i == 0 || c != '$' && (c < '0' || c > '9')) {
			return false
		}
	}
	return name != ""
}
