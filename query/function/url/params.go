package url

import (
	"slices"
	"strings"

	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/internal/vec"
	"github.com/freshetdb/freshet/query/function"
)

// eachParam calls f with every name=value of a query string, its decoded name and decoded value, until f gives false.
func eachParam(query string, f func(param, name, value string) bool) {
	for query != "" {
		var param string
		param, query, _ = strings.Cut(query, "&")
		name, value, _ := strings.Cut(param, "=")
		name, _ = decode(name, false)
		value, _ = decode(value, false)
		if !f(param, name, value) {
			return
		}
	}
}

func parameters() []function.Scalar {
	list := func(name, doc, example string, of func(param, name, value string) string) function.Scalar {
		return scalar(name, name+"(url)", doc, example, catalog.String.Array(), str, func(ec *function.EvalContext, args []*vec.Vector, n int, out *vec.Vector) error {
			urls := function.View[string](args[0])
			return function.BuildArrays(ec, n, out, func(dst []string, i int) ([]string, error) {
				if a, ok := parse(urls.At(i)); ok {
					eachParam(a.query, func(param, name, value string) bool {
						dst = append(dst, of(param, name, value))
						return true
					})
				}
				return dst, nil
			})
		})
	}
	return []function.Scalar{
		scalar("extractURLParameter", "extractURLParameter(url, name)", "The value of the first parameter of a name, decoded; the empty text if there is none.",
			"extractURLParameter('https://a.org/x?p=1&q=2', 'q') = '2'", catalog.String, str2, function.Map2(extractParameter)),
		list("extractURLParameters", "The parameters of a URL as name=value, decoded.", "arrayToString(extractURLParameters('https://a.org/x?p=1&q=2'), ' ') = 'p=1 q=2'",
			func(param, name, value string) string {
				if strings.IndexByte(param, '=') < 0 {
					return name
				}
				return name + "=" + value
			}),
		list("extractURLParameterNames", "The names of the parameters of a URL.", "arrayToString(extractURLParameterNames('https://a.org/x?p=1&q=2'), ' ') = 'p q'",
			func(_, name, _ string) string { return name }),
	}
}

func extractParameter(url, wanted string) string {
	found := ""
	if a, ok := parse(url); ok {
		eachParam(a.query, func(_, name, value string) bool {
			if name == wanted {
				found = value
			}
			return name != wanted
		})
	}
	return found
}

func cutting() []function.Scalar {
	cut := func(name, doc, example string, f func(s string) string) function.Scalar {
		return scalar(name, name+"(url)", doc, example, catalog.String, str, function.Map1(func(s string) string {
			if _, ok := parse(s); !ok {
				return s
			}
			return f(s)
		}))
	}
	return []function.Scalar{
		cut("cutWWW", "The URL without a leading www. of its host.", "cutWWW('https://www.a.org/x') = 'https://a.org/x'", cutWWW),
		cut("cutQueryString", "The URL without its query string.", "cutQueryString('https://a.org/x?q=1#f') = 'https://a.org/x#f'", cutQuery),
		cut("cutFragment", "The URL without its fragment.", "cutFragment('https://a.org/x?q=1#f') = 'https://a.org/x?q=1'", cutFragment),
		cut("cutQueryStringAndFragment", "The URL without query string and fragment.", "cutQueryStringAndFragment('https://a.org/x?q=1#f') = 'https://a.org/x'",
			func(s string) string { return cutQuery(cutFragment(s)) }),
		scalar("cutURLParameter", "cutURLParameter(url, name)", "The URL without the parameters of a name.", "cutURLParameter('https://a.org/x?p=1&q=2', 'p') = 'https://a.org/x?q=2'",
			catalog.String, str2, function.Map2(func(s, name string) string { return cutParameters(s, []string{name}) })),
		scalar("cutURLParameters", "cutURLParameters(url, names)", "The URL without the parameters of some names.",
			"cutURLParameters('https://a.org/x?p=1&q=2&r=3', split('p,r', ',')) = 'https://a.org/x?q=2'", catalog.String, []catalog.Type{catalog.String, catalog.String.Array()}, evalCutParameters),
	}
}

func cutWWW(s string) string {
	a, _ := parse(s)
	if !strings.HasPrefix(a.host, "www.") {
		return s
	}
	return s[:a.hostAt] + s[a.hostAt+len("www."):]
}

func cutFragment(s string) string {
	s, _, _ = strings.Cut(s, "#")
	return s
}

func cutQuery(s string) string {
	before, fragment, hasFragment := strings.Cut(s, "#")
	before, _, _ = strings.Cut(before, "?")
	if hasFragment {
		before += "#" + fragment
	}
	return before
}

func cutParameters(s string, names []string) string {
	a, ok := parse(s)
	if !ok || a.query == "" {
		return s
	}
	var kept []string
	eachParam(a.query, func(param, name, _ string) bool {
		if !slices.Contains(names, name) {
			kept = append(kept, param)
		}
		return true
	})
	before, _, _ := strings.Cut(cutFragment(s), "?")
	if len(kept) > 0 {
		before += "?" + strings.Join(kept, "&")
	}
	if a.hasFragment {
		before += "#" + a.fragment
	}
	return before
}

func evalCutParameters(_ *function.EvalContext, args []*vec.Vector, n int, out *vec.Vector) error {
	urls, rows := function.View[string](args[0]), function.RowsOf(args[1])
	var names []string
	return function.MaybeRows(n, out, func(i int) (string, bool) {
		names = names[:0]
		from, to := rows.Span(i)
		for e := from; e < to; e++ {
			if !rows.Elems.IsNull(e) {
				names = append(names, rows.Elems.StrAt(e))
			}
		}
		return cutParameters(urls.At(i), names), true
	})
}
