package catalog

import (
	"bytes"
	"encoding/json"
	"fmt"
	"sort"
	"strconv"
	"strings"

	"github.com/freshetdb/freshet/internal/errs"
)

// MaxConfigBytes bounds a schema or table JSON.
const MaxConfigBytes = 4 << 20

// parsing collects what is wrong with a config and what it does not know.
type parsing struct {
	what         string // "schema", "table config"
	problems     []string
	warnings     []string
	unrecognized map[string]any
}

func (p *parsing) fail(format string, args ...any) {
	p.problems = append(p.problems, fmt.Sprintf(format, args...))
}

func (p *parsing) warn(format string, args ...any) {
	p.warnings = append(p.warnings, fmt.Sprintf(format, args...))
}

// err gives all problems as one error, or nil.
func (p *parsing) err() error {
	if len(p.problems) == 0 {
		return nil
	}
	return errs.User(errs.InvalidParameterValue, "invalid %s: %s", p.what, strings.Join(p.problems, "; "))
}

// object reads one JSON object and remembers which keys were asked for: the others are unrecognized.
// Getters tolerate Pinot's habits (numbers as strings, strings as numbers, null for absent).
type object struct {
	p    *parsing
	path string // JSON pointer of the object
	m    map[string]any
	seen map[string]bool
}

func decodeObject(data []byte, p *parsing) (*object, error) {
	if len(data) > MaxConfigBytes {
		return nil, errs.User(errs.ProgramLimitExceeded, "%s has %d bytes, at most %d are accepted", p.what, len(data), MaxConfigBytes)
	}
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.UseNumber()
	var root any
	if err := dec.Decode(&root); err != nil {
		return nil, errs.User(errs.InvalidText, "cannot parse %s as JSON at byte %d", p.what, dec.InputOffset()).Wrap(err)
	}
	if dec.More() {
		return nil, errs.User(errs.InvalidText, "cannot parse %s: text follows the JSON object at byte %d", p.what, dec.InputOffset())
	}
	m, ok := root.(map[string]any)
	if !ok {
		return nil, errs.User(errs.InvalidText, "cannot parse %s: got %s, want a JSON object", p.what, jsonKind(root))
	}
	p.unrecognized = map[string]any{}
	return &object{p: p, m: m, seen: map[string]bool{}}, nil
}

func jsonKind(v any) string {
	switch v.(type) {
	case nil:
		return "null"
	case string:
		return "a string"
	case bool:
		return "a boolean"
	case json.Number:
		return "a number"
	case []any:
		return "an array"
	default:
		return "an object"
	}
}

// get gives a value that is present and not null.
func (o *object) get(key string) (any, bool) {
	if o == nil {
		return nil, false
	}
	o.seen[key] = true
	v, ok := o.m[key]
	return v, ok && v != nil
}

func (o *object) wrong(key string, v any, want string) {
	o.p.fail("%s/%s is %s, want %s", o.path, key, describe(v), want)
}

func describe(v any) string {
	switch x := v.(type) {
	case string:
		return strconv.Quote(x)
	case json.Number:
		return x.String()
	case bool:
		return strconv.FormatBool(x)
	default:
		return jsonKind(v)
	}
}

// known marks keys that are accepted and carry no meaning here.
func (o *object) known(keys ...string) {
	if o == nil {
		return
	}
	for _, k := range keys {
		o.seen[k] = true
	}
}

// str gives a string; numbers and booleans count as their text.
func (o *object) str(key, fallback string) string {
	v, ok := o.get(key)
	if !ok {
		return fallback
	}
	switch x := v.(type) {
	case string:
		return x
	case json.Number:
		return x.String()
	case bool:
		return strconv.FormatBool(x)
	}
	o.wrong(key, v, "a string")
	return fallback
}

// integer gives a whole number, also from a string.
func (o *object) integer(key string, fallback int64) int64 {
	v, ok := o.get(key)
	if !ok {
		return fallback
	}
	text := ""
	switch x := v.(type) {
	case string:
		text = strings.TrimSpace(x)
	case json.Number:
		text = x.String()
	default:
		o.wrong(key, v, "a whole number")
		return fallback
	}
	if text == "" {
		return fallback
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		o.wrong(key, v, "a whole number")
		return fallback
	}
	return n
}

// boolean gives true or false, also from a string in any case.
func (o *object) boolean(key string, fallback bool) bool {
	v, ok := o.get(key)
	if !ok {
		return fallback
	}
	switch x := v.(type) {
	case bool:
		return x
	case string:
		if b, err := strconv.ParseBool(strings.ToLower(strings.TrimSpace(x))); err == nil {
			return b
		}
	}
	o.wrong(key, v, "true or false")
	return fallback
}

// object gives a nested object, nil where it is absent.
func (o *object) object(key string) *object {
	v, ok := o.get(key)
	if !ok {
		return nil
	}
	m, isObject := v.(map[string]any)
	if !isObject {
		o.wrong(key, v, "an object")
		return nil
	}
	return &object{p: o.p, path: o.path + "/" + key, m: m, seen: map[string]bool{}}
}

// objects gives an array of objects.
func (o *object) objects(key string) []*object {
	v, ok := o.get(key)
	if !ok {
		return nil
	}
	list, isList := v.([]any)
	if !isList {
		o.wrong(key, v, "an array of objects")
		return nil
	}
	var out []*object
	for i, e := range list {
		m, isObject := e.(map[string]any)
		if !isObject {
			o.p.fail("%s/%s/%d is %s, want an object", o.path, key, i, describe(e))
			continue
		}
		out = append(out, &object{p: o.p, path: fmt.Sprintf("%s/%s/%d", o.path, key, i), m: m, seen: map[string]bool{}})
	}
	return out
}

// strings gives an array of strings; one string counts as an array of one.
func (o *object) strings(key string) []string {
	v, ok := o.get(key)
	if !ok {
		return nil
	}
	switch x := v.(type) {
	case string:
		return []string{x}
	case []any:
		var out []string
		for i, e := range x {
			s, isString := e.(string)
			if !isString {
				o.p.fail("%s/%s/%d is %s, want a string", o.path, key, i, describe(e))
				continue
			}
			out = append(out, s)
		}
		return out
	}
	o.wrong(key, v, "an array of strings")
	return nil
}

// stringMap gives an object's values as text.
func (o *object) stringMap(key string) map[string]string {
	sub := o.object(key)
	if sub == nil {
		return nil
	}
	out := map[string]string{}
	for _, k := range sub.keys() {
		if v, ok := sub.m[k]; ok && v != nil {
			out[k] = sub.str(k, "")
		}
	}
	return out
}

// keys lists the object's keys, sorted.
func (o *object) keys() []string {
	if o == nil {
		return nil
	}
	keys := make([]string, 0, len(o.m))
	for k := range o.m {
		keys = append(keys, k)
	}
	sort.Strings(keys)
	return keys
}

// done reports every key that nobody asked for.
func (o *object) done() {
	if o == nil {
		return
	}
	for _, k := range o.keys() {
		if !o.seen[k] {
			flatten(o.path+"/"+k, o.m[k], o.p.unrecognized)
		}
	}
}

// flatten adds the leaves of v under JSON pointers, as Pinot reports unrecognized properties.
func flatten(path string, v any, into map[string]any) {
	switch x := v.(type) {
	case map[string]any:
		if len(x) == 0 {
			into[path] = x
		}
		for k, e := range x {
			flatten(path+"/"+k, e, into)
		}
	case []any:
		if len(x) == 0 {
			into[path] = x
		}
		for i, e := range x {
			flatten(fmt.Sprintf("%s/%d", path, i), e, into)
		}
	default:
		into[path] = v
	}
}

// WithoutProperties gives the JSON without the properties at these pointers, indented: the config as it was understood.
func WithoutProperties(data []byte, unrecognized map[string]any) (json.RawMessage, error) {
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.UseNumber()
	var root any
	if err := dec.Decode(&root); err != nil {
		return nil, errs.User(errs.InvalidText, "cannot parse JSON").Wrap(err)
	}
	root = without("", root, unrecognized)
	return json.MarshalIndent(root, "", "  ")
}

func without(path string, v any, drop map[string]any) any {
	switch x := v.(type) {
	case map[string]any:
		for k, e := range x {
			at := path + "/" + k
			if _, gone := drop[at]; gone {
				delete(x, k)
				continue
			}
			before := size(e)
			x[k] = without(at, e, drop)
			if before > 0 && size(x[k]) == 0 {
				delete(x, k) // every leaf of it was unknown
			}
		}
	case []any:
		for i, e := range x {
			x[i] = without(fmt.Sprintf("%s/%d", path, i), e, drop)
		}
	}
	return v
}

func size(v any) int {
	if m, ok := v.(map[string]any); ok {
		return len(m)
	}
	return 0
}
