package broker

import (
	"errors"
	"strconv"
	"strings"
	"time"

	"github.com/freshetdb/freshet/internal/errs"
	"github.com/freshetdb/freshet/query/sql"
)

// options are the query options in effect for one statement.
type options struct {
	timeout         time.Duration // 0: not stated
	nulls           *bool         // enableNullHandling, nil if not stated
	integerDivision bool
	ieeeDivision    bool
	numGroups       int
	groupsError     bool
	workers         int
	maxRows         int64
	clientQueryID   string
}

// queryOptions merges the session's options, those in the text and those that came beside it, the last being the
// strongest.
func (s *Session) queryOptions(inText []sql.Option) (options, error) {
	merged := s.settings.options()
	timeouts := []string{merged[strings.ToLower(optTimeoutMs)]}
	if timeouts[0] == "" {
		timeouts[0], _ = s.settings.get("statement_timeout")
	}
	for _, o := range inText {
		key, value, err := s.settings.canonical(o.Name, o.Value)
		var e *errs.Error
		if errors.As(err, &e) {
			if e.Code == errs.UndefinedObject || e.Code == "55P02" {
				continue // the binder gives the notice
			}
			return options{}, e.At(o.Pos())
		}
		merged[key] = value
	}
	for key, value := range s.overrides {
		merged[key] = value
	}
	if t := merged[strings.ToLower(optTimeoutMs)]; t != "" {
		timeouts[0] = t
	} else if t := merged["statement_timeout"]; t != "" {
		timeouts[0] = t
	}
	o := options{integerDivision: merged[optIntegerDivision] == "on", clientQueryID: s.clientQueryID(inText),
		numGroups: s.b.cfg.NumGroupsLimit, groupsError: merged[strings.ToLower(optGroupsError)] == "on", maxRows: s.b.cfg.MaxResultRows}
	switch merged[optDivisionByZero] {
	case "ieee":
		o.ieeeDivision = true
	case "":
		o.ieeeDivision = s.dialect == sql.HTTP
	}
	if text, stated := merged[strings.ToLower(optNullHandling)]; stated {
		on := text == "on"
		o.nulls = &on
	}
	return o, o.numbers(merged, timeouts[0])
}

// clientQueryID is the client's own id of a statement, "" for none.
func (s *Session) clientQueryID(inText []sql.Option) string {
	key := strings.ToLower(optClientQueryID)
	if id, ok := s.overrides[key]; ok {
		return id
	}
	for i := len(inText) - 1; i >= 0; i-- {
		if strings.EqualFold(inText[i].Name, optClientQueryID) {
			return inText[i].Value
		}
	}
	id, _ := s.settings.get(key)
	return id
}

// numbers reads the numeric options; their checks made them numbers.
func (o *options) numbers(merged map[string]string, timeout string) error {
	var failed error
	read := func(text string, put func(int64)) {
		if text == "" || text == "0" {
			return
		}
		x, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			failed = errs.Bug("query option value %q was accepted as a number", text).Wrap(err)
			return
		}
		put(x)
	}
	read(timeout, func(x int64) { o.timeout = time.Duration(x) * time.Millisecond })
	read(merged[strings.ToLower(optNumGroups)], func(x int64) { o.numGroups = int(x) })
	read(merged[strings.ToLower(optThreads)], func(x int64) { o.workers = int(x) })
	read(merged[optMaxRows], func(x int64) { o.maxRows = x })
	return failed
}
