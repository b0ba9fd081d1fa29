package convert

import (
	"encoding/json"
	"strings"

	"github.com/freshetdb/freshet/internal/errs"
)

// ParseArray reads the texts of an array's elements from PostgreSQL's form {a,"b c",NULL} or from a JSON array; any
// other text is one element. null reports the elements that are NULL, by position; it is nil where there is none.
func ParseArray(s string) (elems []string, null map[int]bool, err error) {
	t := strings.TrimSpace(s)
	switch {
	case strings.HasPrefix(t, "{"):
		return parseBraces(t, s)
	case strings.HasPrefix(t, "["):
		return parseJSONArray(t, s)
	}
	return []string{s}, nil, nil
}

func parseJSONArray(t, s string) ([]string, map[int]bool, error) {
	var raw []json.RawMessage
	if err := json.Unmarshal([]byte(t), &raw); err != nil {
		return nil, nil, errs.User(errs.InvalidText, `malformed array literal: "%s"`, Shown(s)).Wrap(err)
	}
	elems := make([]string, len(raw))
	var null map[int]bool
	for i, r := range raw {
		switch {
		case string(r) == "null":
			if null == nil {
				null = map[int]bool{}
			}
			null[i] = true
		case r[0] == '"':
			if err := json.Unmarshal(r, &elems[i]); err != nil {
				return nil, nil, errs.User(errs.InvalidText, `malformed array literal: "%s"`, Shown(s)).Wrap(err)
			}
		default:
			elems[i] = string(r)
		}
	}
	return elems, null, nil
}

func parseBraces(t, s string) ([]string, map[int]bool, error) {
	bad := errs.User(errs.InvalidText, `malformed array literal: "%s"`, Shown(s))
	if !strings.HasSuffix(t, "}") {
		return nil, nil, bad
	}
	body := t[1 : len(t)-1]
	if strings.TrimSpace(body) == "" {
		return nil, nil, nil
	}
	var elems []string
	var null map[int]bool
	for at := 0; ; at++ {
		elem, quoted, next, ok := braceElement(body, at)
		if !ok {
			return nil, nil, bad
		}
		if !quoted && strings.EqualFold(elem, "null") {
			if null == nil {
				null = map[int]bool{}
			}
			null[len(elems)] = true
			elem = ""
		}
		elems = append(elems, elem)
		if at = next; at == len(body) {
			return elems, null, nil
		}
	}
}

// braceElement reads one element from at up to a comma or the end.
func braceElement(body string, at int) (elem string, quoted bool, next int, ok bool) {
	for at < len(body) && body[at] == ' ' {
		at++
	}
	var b strings.Builder
	if at < len(body) && body[at] == '"' {
		at++
		for at < len(body) && body[at] != '"' {
			if body[at] == '\\' {
				at++
			}
			if at < len(body) {
				b.WriteByte(body[at])
			}
			at++
		}
		at++
		for at < len(body) && body[at] == ' ' {
			at++
		}
		return b.String(), true, at, at <= len(body) && (at == len(body) || body[at] == ',')
	}
	end := strings.IndexByte(body[at:], ',')
	if end < 0 {
		end = len(body) - at
	}
	elem = strings.TrimSpace(body[at : at+end])
	return elem, false, at + end, elem != "" && !strings.ContainsAny(elem, `{}"`)
}
