package syscat

import (
	"slices"
	"strings"

	"github.com/freshetdb/freshet/internal/errs"
)

// quoteIdent writes a name so that PostgreSQL's scanner reads it back.
func quoteIdent(name string) string {
	plain := name != ""
	for i := 0; i < len(name) && plain; i++ {
		c := name[i]
		plain = c >= 'a' && c <= 'z' || c == '_' || i > 0 && (c >= '0' && c <= '9' || c == '$')
	}
	if plain && !reserved(name) {
		return name
	}
	return `"` + strings.ReplaceAll(name, `"`, `""`) + `"`
}

// reserved reports keywords that cannot be names without quotes.
func reserved(name string) bool {
	_, found := slices.BinarySearch(reservedWords[:], name)
	return found
}

// splitName splits a possibly qualified name at its dots, folds what is not quoted and drops quotes.
func splitName(text string) ([]string, error) {
	var parts []string
	for {
		text = strings.TrimLeft(text, " \t\n")
		part, rest, err := namePart(text)
		if err != nil {
			return nil, err
		}
		parts = append(parts, part)
		rest = strings.TrimLeft(rest, " \t\n")
		if rest == "" {
			return parts, nil
		}
		text = rest[1:]
	}
}

func namePart(text string) (part, rest string, err error) {
	if !strings.HasPrefix(text, `"`) {
		end := strings.IndexByte(text, '.')
		if end < 0 {
			end = len(text)
		}
		part = strings.ToLower(strings.TrimSpace(text[:end]))
		if part == "" || strings.Contains(part, `"`) {
			return "", "", errs.User("42602", "invalid name syntax")
		}
		return part, text[end:], nil
	}
	var b strings.Builder
	for i := 1; i < len(text); i++ {
		if text[i] != '"' {
			b.WriteByte(text[i])
			continue
		}
		if i+1 < len(text) && text[i+1] == '"' {
			b.WriteByte('"')
			i++
			continue
		}
		rest = strings.TrimLeft(text[i+1:], " \t\n")
		if b.Len() == 0 || rest != "" && rest[0] != '.' {
			break
		}
		return b.String(), rest, nil
	}
	return "", "", errs.User("42602", "invalid name syntax")
}
