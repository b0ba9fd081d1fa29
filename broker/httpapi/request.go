package httpapi

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"

	"github.com/freshetdb/freshet/internal/errs"
)

// request is what a client asks.
type request struct {
	sql     string
	options map[string]string
}

// readBody reads the JSON body of a POST. Unknown keys are ignored; values of known ones may be of any simple type.
func readBody(w http.ResponseWriter, r *http.Request, limit int64) (request, error) {
	data, err := io.ReadAll(http.MaxBytesReader(w, r.Body, limit))
	var tooLarge *http.MaxBytesError
	if errors.As(err, &tooLarge) {
		return request{}, errs.New(errs.ClassExhausted, errs.ProgramLimitExceeded, "the body is larger than %d bytes", limit)
	}
	if err != nil {
		return request{}, errs.User(errs.ProtocolViolation, "the body cannot be read").Wrap(err)
	}
	var body map[string]json.RawMessage
	dec := json.NewDecoder(bytes.NewReader(data))
	if err := dec.Decode(&body); err != nil || body == nil {
		return request{}, errs.User(errs.ProtocolViolation, `the body has to be a JSON object such as {"sql":"select 1"}`)
	}
	text, ok := simpleText(body["sql"])
	if !ok {
		return request{}, errs.User(errs.ProtocolViolation, `the body has no "sql" that is a string`)
	}
	out := request{sql: text}
	if opts, ok := simpleText(body["queryOptions"]); ok {
		out.options, err = parseOptions(opts)
	}
	return out, err
}

// readURL reads the parameters of a GET.
func readURL(values url.Values) (request, error) {
	text := values.Get("sql")
	if !values.Has("sql") {
		return request{}, errs.User(errs.ProtocolViolation, `the URL has no parameter "sql"`)
	}
	options, err := parseOptions(values.Get("queryOptions"))
	return request{sql: text, options: options}, err
}

// simpleText gives a JSON string; false for anything else.
func simpleText(raw json.RawMessage) (string, bool) {
	var s *string
	if len(raw) == 0 || json.Unmarshal(raw, &s) != nil || s == nil {
		return "", false
	}
	return *s, true
}

// maxOptions bounds the options of one request.
const maxOptions = 100

// parseOptions reads `k1=v1;k2=v2`. Names and values may stand in quotes.
func parseOptions(text string) (map[string]string, error) {
	out := map[string]string{}
	for part := range strings.SplitSeq(text, ";") {
		part = strings.TrimSpace(part)
		if part == "" {
			continue
		}
		name, value, ok := strings.Cut(part, "=")
		if name = strings.TrimSpace(name); !ok || name == "" {
			return nil, errs.User(errs.InvalidParameterValue, "query option %q is not of the form name=value", part)
		}
		if len(out) >= maxOptions {
			return nil, errs.New(errs.ClassExhausted, errs.ProgramLimitExceeded, "more than %d query options", maxOptions)
		}
		out[name] = strings.Trim(strings.TrimSpace(value), `'"`)
	}
	return out, nil
}
