package url

import (
	"strings"
	"testing"
)

func TestParse(t *testing.T) {
	ok := func(s, scheme, host string, port int, path, query, fragment string) {
		t.Helper()
		a, valid := parse(s)
		if !valid || a.scheme != scheme || a.host != host || a.port != port || a.path != path || a.query != query || a.fragment != fragment {
			t.Errorf("%s: %v %+v", s, valid, a)
		}
	}
	ok("https://u@a.org:80/x/y?q=1&r#f", "https", "a.org", 80, "/x/y", "q=1&r", "f")
	ok("//a.org", "", "a.org", -1, "", "", "")
	ok("/x?q", "", "", -1, "/x", "q", "")
	ok("mailto:a@b.c", "mailto", "", -1, "a@b.c", "", "")
	ok("http://[::1]:8080/", "http", "[::1]", 8080, "/", "", "")
	ok("http://a.org:/x", "http", "a.org", -1, "/x", "", "")
	ok("", "", "", -1, "", "", "")
	for _, s := range []string{"http://a b", "1x:y", "http://a:99999/", "http://a:8x/", "http://a/%zz", "http://a/%2", "a|b", "http:", "http://[::1]8/"} {
		if a, valid := parse(s); valid {
			t.Errorf("%s is valid: %+v", s, a)
		}
	}
}

func TestSignificant(t *testing.T) {
	for host, want := range map[string]string{"a": "a", "a.com": "a.com", "x.y.a.com": "a.com", "www.a.co.uk": "a.co.uk", "x.www.a.co.uk": "a.co.uk", "b.a.de": "b.a.de"} {
		if got := significant(host); got != want {
			t.Errorf("%s: %s, want %s", host, got, want)
		}
	}
}

func TestCutParameters(t *testing.T) {
	for in, want := range map[string]string{
		"http://a/x?p=1&q=2&p=3#f": "http://a/x?q=2#f", "http://a/x?p=1": "http://a/x", "http://a/x": "http://a/x", "no url?p=1": "no url?p=1", "/x?%70=1&q": "/x?q",
	} {
		if got := cutParameters(in, []string{"p"}); got != want {
			t.Errorf("%s: %s, want %s", in, got, want)
		}
	}
}

// FuzzURL: nothing panics, and what is encoded decodes to itself.
func FuzzURL(f *testing.F) {
	for _, s := range []string{"https://www.a.org:80/x?q=1#f", "a b%41+", "http://u:p@[::1]:1/%2f", "://", "%", "www.a.co.uk/x?p&q=", "?#"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if back, ok := decode(string(appendEncoded(nil, s)), true); !ok || back != strings.ToValidUTF8(s, "\uFFFD") {
			t.Fatalf("%q comes back as %q", s, back)
		}
		if _, ok := decode(s, true); !ok && !strings.Contains(s, "%") {
			t.Fatalf("%q does not decode", s)
		}
		if a, ok := parse(s); ok {
			if a.host != "" && s[a.hostAt:a.hostAt+len(a.host)] != a.host {
				t.Fatalf("%q: host %q is not at %d", s, a.host, a.hostAt)
			}
			if !strings.HasSuffix(a.host, significant(a.host)) {
				t.Fatalf("%q: %q", s, significant(a.host))
			}
			netloc(&a)
			queryAndFragment(&a)
			cutWWW(s)
			cutQuery(s)
		}
		cutParameters(s, []string{"q"})
		extractParameter(s, "q")
	})
}
