// Package url is the family of functions on URLs. A text that is no URL has no parts: the functions that take a part give
// NULL, those that cut one off give the text unchanged.
package url

import (
	"strings"

	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/internal/errs"
	"github.com/freshetdb/freshet/internal/vec"
	"github.com/freshetdb/freshet/query/function"
	"github.com/freshetdb/freshet/query/function/convert"
)

const family = "URL"

var (
	str  = []catalog.Type{catalog.String}
	str2 = []catalog.Type{catalog.String, catalog.String}
)

// Scalars lists the functions of the family.
func Scalars() []function.Scalar {
	list := append(hosts(), sections()...)
	list = append(list, parameters()...)
	list = append(list, cutting()...)
	return append(list, coding()...)
}

func scalar(name, signature, doc, example string, result catalog.Type, args []catalog.Type, eval function.Eval, aliases ...string) function.Scalar {
	return function.Scalar{Name: name, Aliases: aliases, Family: family, Signature: signature, Doc: doc, Example: example,
		Bind: function.Overloads(name, function.Overload{Args: args, Type: result, Eval: eval})}
}

// part is a function that takes a part of a URL.
func part(name, doc, example string, of func(a *address) (string, bool)) function.Scalar {
	return scalar(name, name+"(url)", doc, example, catalog.String, str, function.Maybe1(func(s string) (string, bool) {
		a, ok := parse(s)
		if !ok {
			return "", false
		}
		return of(&a)
	}))
}

// ofHost is a part that a URL without host does not have.
func ofHost(name, doc, example string, of func(host string) string) function.Scalar {
	return part(name, doc, example, func(a *address) (string, bool) { return of(a.host), a.host != "" })
}

func hosts() []function.Scalar {
	return []function.Scalar{
		part("urlProtocol", "The scheme of a URL.", "urlProtocol('https://a.org/x') = 'https'", func(a *address) (string, bool) { return a.scheme, a.scheme != "" }),
		ofHost("urlDomain", "The host of a URL.", "urlDomain('https://www.a.org:8080/x') = 'www.a.org'", func(host string) string { return host }),
		ofHost("urlDomainWithoutWWW", "The host of a URL without a leading www.", "urlDomainWithoutWWW('https://www.a.org/x') = 'a.org'", withoutWWW),
		ofHost("urlTopLevelDomain", "The last label of the host.", "urlTopLevelDomain('https://www.a.org/x') = 'org'",
			func(host string) string { return host[strings.LastIndexByte(host, '.')+1:] }),
		ofHost("urlFirstSignificantSubdomain", "The label before com, net, org or co, else the last but two.", "urlFirstSignificantSubdomain('https://news.a.com/x') = 'a'",
			func(host string) string {
				s := significant(host)
				label, _, _ := strings.Cut(s, ".")
				return label
			}),
		ofHost("cutToFirstSignificantSubdomain", "The host from the first significant subdomain on.", "cutToFirstSignificantSubdomain('https://news.a.com/x') = 'a.com'", significant),
		ofHost("cutToFirstSignificantSubdomainWithWWW", "As cutToFirstSignificantSubdomain, but a www. directly before it stays.",
			"cutToFirstSignificantSubdomainWithWWW('https://www.a.com/x') = 'www.a.com'", func(host string) string {
				if s := significant(host); host == "www."+s {
					return host
				}
				return significant(host)
			}),
		scalar("urlPort", "urlPort(url)", "The port of a URL; -1 if it has none.", "urlPort('https://a.org:8080/x') = 8080", catalog.Int, str,
			function.Map1(func(s string) int32 {
				a, ok := parse(s)
				if !ok {
					return -1
				}
				return int32(a.port)
			})),
		part("urlNetloc", "User, host and port of a URL.", "urlNetloc('https://u:p@a.org:8080/x') = 'u:p@a.org:8080'", netloc),
	}
}

func withoutWWW(host string) string { return strings.TrimPrefix(host, "www.") }

// significant is the end of a host from its first significant subdomain on.
func significant(host string) string {
	labels := 3
	switch host[strings.LastIndexByte(host, '.')+1:] {
	case "com", "net", "org", "co":
		labels = 2
	}
	if strings.Count(host, ".") < 2 {
		return host
	}
	at := len(host)
	for ; labels > 0 && at >= 0; labels-- {
		at = strings.LastIndexByte(host[:at], '.')
	}
	return host[at+1:]
}

func netloc(a *address) (string, bool) {
	from := a.host
	if a.hasUser {
		from = a.user + "@" + from
	}
	if a.port >= 0 {
		from += ":" + catalog.IntValue(int64(a.port)).String()
	}
	return from, true
}

func sections() []function.Scalar {
	whole := func(a *address) bool { return a.scheme != "" && a.host != "" }
	return []function.Scalar{
		part("urlPath", "The path of a URL, decoded.", "urlPath('https://a.org/x%20y/z?q=1') = '/x y/z'", func(a *address) (string, bool) {
			s, ok := decode(a.path, false)
			return s, ok && whole(a)
		}),
		part("urlPathWithQuery", "The path of a URL with its query string, as written.", "urlPathWithQuery('https://a.org/x?q=1#f') = '/x?q=1'", func(a *address) (string, bool) {
			if a.hasQuery {
				return a.path + "?" + a.query, whole(a)
			}
			return a.path, whole(a)
		}),
		part("urlQueryString", "The query string of a URL, as written.", "urlQueryString('https://a.org/x?q=1#f') = 'q=1'", func(a *address) (string, bool) { return a.query, a.hasQuery }),
		part("urlFragment", "The fragment of a URL, decoded.", "urlFragment('https://a.org/x?q=1#f') = 'f'", func(a *address) (string, bool) {
			s, ok := decode(a.fragment, false)
			return s, ok && a.hasFragment
		}),
		part("urlQueryStringAndFragment", "Query string and fragment of a URL, decoded.", "urlQueryStringAndFragment('https://a.org/x?q=1#f') = 'q=1#f'", queryAndFragment),
		scalar("urlHierarchy", "urlHierarchy(url)", "The URL cut off after every level of its path, from the host on.",
			"arrayToString(urlHierarchy('https://a.org/x/y'), ' ') = 'https://a.org https://a.org/x https://a.org/x/y'", catalog.String.Array(), str, levels(true)),
		scalar("urlPathHierarchy", "urlPathHierarchy(url)", "The path cut off after every level.", "arrayToString(urlPathHierarchy('https://a.org/x/y'), ' ') = '/x /x/y'",
			catalog.String.Array(), str, levels(false)),
	}
}

func queryAndFragment(a *address) (string, bool) {
	q, ok1 := decode(a.query, false)
	f, ok2 := decode(a.fragment, false)
	if a.hasFragment && q != "" {
		f = "#" + f
	}
	return q + f, ok1 && ok2 && (a.hasQuery || a.hasFragment)
}

// levels is urlHierarchy, with the host, and urlPathHierarchy, without.
func levels(withHost bool) function.Eval {
	return func(ec *function.EvalContext, args []*vec.Vector, n int, out *vec.Vector) error {
		urls := function.View[string](args[0])
		return function.BuildArrays(ec, n, out, func(dst []string, i int) ([]string, error) {
			a, ok := parse(urls.At(i))
			if !ok || (withHost && (a.scheme == "" || a.host == "")) {
				return dst, nil
			}
			path, ok := decode(a.path, false)
			if !ok {
				return dst, nil
			}
			base := ""
			if withHost {
				base = a.scheme + "://" + a.host
				dst = append(dst, base)
			}
			path = base + strings.TrimRight(path, "/")
			for at := len(base) + 1; at < len(path); at++ {
				if path[at] == '/' {
					dst = append(dst, path[:at])
				}
			}
			if len(path) > len(base) {
				dst = append(dst, path)
			}
			return dst, nil
		})
	}
}

func coding() []function.Scalar {
	encode := function.Text1(func(dst []byte, s string) ([]byte, error) { return appendEncoded(dst, s), nil })
	return []function.Scalar{
		scalar("urlEncode", "urlEncode(s)", "Text as a component of a URL, a space as +.", "urlEncode('a b&c') = 'a+b%26c'", catalog.String, str, encode,
			"encodeUrl", "urlEncodeFormComponent"),
		scalar("urlDecode", "urlDecode(s)", "Text of a component of a URL, + as a space; NULL where an escape is invalid.", "urlDecode('a+b%26c') = 'a b&c'", catalog.String, str,
			function.Maybe1(func(s string) (string, bool) { return decode(s, true) }), "urlDecodeFormComponent"),
		{Name: "decodeUrl", Family: family, Signature: "decodeUrl(s)", Doc: "Text of a component of a URL, as urlDecode, but an invalid escape is an error.", Example: "decodeUrl('a+b%26c') = 'a b&c'",
			Bind: function.Overloads("decodeUrl", function.Overload{Args: str, Type: catalog.String, Fallible: true, Eval: function.Try1(decodeStrict)})},
	}
}

func decodeStrict(s string) (string, error) {
	out, ok := decode(s, true)
	if !ok {
		return "", errs.User(errs.InvalidText, `invalid URL escape in "%s"`, convert.Shown(s))
	}
	return out, nil
}
