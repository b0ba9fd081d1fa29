package httpapi

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/freshetdb/freshet/broker/endpoint"
	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/internal/clock"
	"github.com/freshetdb/freshet/internal/errs"
	"github.com/freshetdb/freshet/internal/vec"
	"github.com/freshetdb/freshet/query/result"
)

// fake answers every text with the same rows, or with the error of the text.
type fake struct {
	columns []result.Column
	batches []*vec.Batch
	errors  map[string]error // by text
	missing []string
	opened  endpoint.SessionConfig
	closed  int
}

func (f *fake) ID() string { return "Broker_test_8099" }
func (f *fake) Queries() []endpoint.QueryInfo {
	return []endpoint.QueryInfo{{ID: "q1", SQL: `select "x"`}}
}
func (f *fake) CancelQuery(id string, byClient bool) bool {
	return id == "q1" && !byClient || id == "mine" && byClient
}
func (f *fake) Open(_ context.Context, cfg endpoint.SessionConfig) (endpoint.Session, error) {
	f.opened = cfg
	return &fakeSession{f: f}, nil
}

type fakeSession struct{ f *fake }

func (s *fakeSession) Key() (int32, []byte)                 { return 1, nil }
func (s *fakeSession) Transaction() endpoint.TxStatus       { return endpoint.TxIdle }
func (s *fakeSession) Fail()                                {}
func (s *fakeSession) TakeNotices() []*errs.Error           { return nil }
func (s *fakeSession) TakeParameters() []endpoint.Parameter { return nil }
func (s *fakeSession) Location() *time.Location             { return time.UTC }
func (s *fakeSession) Close() error                         { s.f.closed++; return nil }
func (s *fakeSession) Prepare(_ context.Context, text string, _ []catalog.Type) ([]endpoint.Statement, error) {
	var out []endpoint.Statement
	for _, part := range strings.Split(text, ";") {
		out = append(out, &fakeStatement{f: s.f, text: strings.TrimSpace(part)})
	}
	return out, nil
}

type fakeStatement struct {
	f    *fake
	text string
}

func (s *fakeStatement) Bind(context.Context) error {
	if s.text == "panic" {
		panic("planted")
	}
	return s.f.errors[s.text]
}

func (s *fakeStatement) Describe() endpoint.Description {
	switch {
	case s.text == "":
		return endpoint.Description{Kind: endpoint.KindEmpty}
	case strings.HasPrefix(s.text, "set"):
		return endpoint.Description{Kind: endpoint.KindCommand}
	}
	return endpoint.Description{Kind: endpoint.KindRows, Columns: s.f.columns}
}

func (s *fakeStatement) Execute(context.Context, []catalog.Value) (*endpoint.Execution, error) {
	if strings.HasPrefix(s.text, "set") {
		return &endpoint.Execution{Tag: "SET"}, nil
	}
	return &endpoint.Execution{ID: "q7", Tag: "SELECT", Rows: &fakeRows{f: s.f, fail: s.f.errors["late "+s.text]}}, nil
}

type fakeRows struct {
	f    *fake
	next int
	fail error
}

func (r *fakeRows) Columns() []result.Column { return r.f.columns }
func (r *fakeRows) Notices() []string        { return nil }
func (r *fakeRows) Close() error             { r.f.closed++; return nil }
func (r *fakeRows) Stats() *result.Stats {
	return &result.Stats{Missing: r.f.missing, RowsScanned: 3, TotalRows: 9, ServersQueried: 1, ServersResponded: 1, SegmentsQueried: 2, Tables: []string{"t"}}
}
func (r *fakeRows) Next(context.Context) (*vec.Batch, error) {
	if r.next == len(r.f.batches) {
		return nil, r.fail
	}
	r.next++
	return r.f.batches[r.next-1], nil
}

func vector(values ...catalog.Value) *vec.Vector {
	if len(values) == 1 {
		v := &vec.Vector{}
		v.SetConst(values[0], 1)
		return v
	}
	v := &vec.Vector{}
	v.Reset(values[0].Type, len(values))
	for i, x := range values {
		var c vec.Vector
		c.SetConst(x, 1)
		v.CopyRow(i, &c, 0)
	}
	return v
}

func newFake() *fake {
	return &fake{
		columns: []result.Column{{Name: "n", Type: catalog.Long}, {Name: "s", Type: catalog.String}},
		batches: []*vec.Batch{
			{Rows: 2, Cols: []*vec.Vector{vector(catalog.LongValue(1), catalog.LongValue(math.MinInt64)), vector(catalog.StringValue(`a"b`), catalog.NullValue(catalog.String))}},
			{Rows: 1, Cols: []*vec.Vector{vector(catalog.LongValue(3)), vector(catalog.StringValue("ü"))}},
		},
		errors: map[string]error{},
	}
}

func serve(t *testing.T, f *fake, r *http.Request, change func(*Config)) *httptest.ResponseRecorder {
	t.Helper()
	cfg := Config{Backend: f, Clock: clock.NewFake(time.UnixMilli(0))}
	if change != nil {
		change(&cfg)
	}
	h, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

func post(body string) *http.Request {
	return httptest.NewRequest("POST", "/query/sql", strings.NewReader(body))
}

// after is everything behind exceptions in a response without statistics of note.
const zeroTail = `"numGroupsLimitReached":false,"numGroupsWarningLimitReached":false,"maxRowsInDistinctReached":false,` +
	`"maxRowsWithoutChangeInDistinctReached":false,"maxExecutionTimeInDistinctReached":false,"timeUsedMs":0,"requestId":%s,` +
	`"clientRequestId":%s,"brokerId":"Broker_test_8099","numDocsScanned":%d,"totalDocs":%d,"numEntriesScannedInFilter":0,` +
	`"numEntriesScannedPostFilter":0,"numServersQueried":%d,"numServersResponded":%[5]d,"numSegmentsQueried":%[6]d,` +
	`"numSegmentsProcessed":0,"numSegmentsMatched":0,"numConsumingSegmentsQueried":0,"numConsumingSegmentsProcessed":0,` +
	`"numConsumingSegmentsMatched":0,"minConsumingFreshnessTimeMs":0,"numSegmentsPrunedByBroker":0,"numSegmentsPrunedByServer":0,` +
	`"numSegmentsPrunedInvalid":0,"numSegmentsPrunedByLimit":0,"numSegmentsPrunedByValue":0,"brokerReduceTimeMs":0,` +
	`"offlineThreadCpuTimeNs":0,"realtimeThreadCpuTimeNs":0,"offlineSystemActivitiesCpuTimeNs":0,"realtimeSystemActivitiesCpuTimeNs":0,` +
	`"offlineResponseSerializationCpuTimeNs":0,"realtimeResponseSerializationCpuTimeNs":0,"offlineTotalCpuTimeNs":0,` +
	`"realtimeTotalCpuTimeNs":0,"explainPlanNumEmptyFilterSegments":0,"explainPlanNumMatchAllFilterSegments":0,"traceInfo":{},` +
	`"tablesQueried":%[7]s,"offlineThreadMemAllocatedBytes":0,"realtimeThreadMemAllocatedBytes":0,` +
	`"offlineResponseSerMemAllocatedBytes":0,"realtimeResponseSerMemAllocatedBytes":0,"offlineTotalMemAllocatedBytes":0,` +
	`"realtimeTotalMemAllocatedBytes":0,"pools":[],"rlsFiltersApplied":false,"groupsTrimmed":false,"materializedViewQueried":null,"serverStats":null}`

func TestResponseGolden(t *testing.T) {
	f := newFake()
	w := serve(t, f, post(`{"sql":"select","queryOptions":"timeoutMs=5;clientQueryId='mine'","trace":"true","unknown":{"a":[1]}}`), nil)
	want := `{"resultTable":{"dataSchema":{"columnNames":["n","s"],"columnDataTypes":["LONG","STRING"]},"rows":[[1,"a\"b"],` +
		`[-9223372036854775808,null],[3,"ü"]]},"numRowsResultSet":3,"partialResult":false,"exceptions":[],` +
		fmt.Sprintf(zeroTail, `"q7"`, `"mine"`, 3, 9, 1, 2, `["t"]`)
	if diff := cmp.Diff(want, w.Body.String()); diff != "" {
		t.Errorf("body (-want +got):\n%s", diff)
	}
	if w.Code != 200 || w.Header().Get("X-Pinot-Error-Code") != "-1" || w.Header().Get("Content-Type") != "application/json" {
		t.Errorf("status %d, header %v", w.Code, w.Header())
	}
	if diff := cmp.Diff(map[string]string{"timeoutMs": "5", "clientQueryId": "mine"}, f.opened.Options); diff != "" {
		t.Errorf("options (-want +got):\n%s", diff)
	}
	if f.closed != 2 {
		t.Errorf("closed %d times, want session and rows", f.closed)
	}
}

// TestMissingRows: an answer without the rows of damaged segments has the others, and says so where Pinot's clients look.
func TestMissingRows(t *testing.T) {
	f := newFake()
	for i := range 11 {
		f.missing = append(f.missing, fmt.Sprintf("segment s%d is damaged", i))
		if i > 0 && i < 10 {
			continue
		}
		r := post(`{"sql":"select"}`)
		r.Header.Set("Pinot-Use-Http-Status-For-Errors", "true")
		w := serve(t, f, r, nil)
		text := strings.Join(f.missing[:min(i+1, 10)], "; ")
		if i == 10 {
			text += "; and 1 more"
		}
		want := `{"resultTable":{"dataSchema":{"columnNames":["n","s"],"columnDataTypes":["LONG","STRING"]},"rows":[[1,"a\"b"],` +
			`[-9223372036854775808,null],[3,"ü"]]},"numRowsResultSet":3,"partialResult":true,"exceptions":[{"errorCode":305,` +
			fmt.Sprintf(`"message":"SegmentsUnavailableError: %d segments unavailable: %s"}],`, i+1, text) +
			fmt.Sprintf(zeroTail, `"q7"`, `null`, 3, 9, 1, 2, `["t"]`)
		if diff := cmp.Diff(want, w.Body.String()); diff != "" {
			t.Errorf("body (-want +got):\n%s", diff)
		}
		if w.Code != 503 || w.Header().Get("X-Pinot-Error-Code") != "305" {
			t.Errorf("status %d, header %v", w.Code, w.Header())
		}
		if w := serve(t, f, post(`{"sql":"select"}`), nil); w.Code != 200 {
			t.Errorf("status %d, want 200 where the client does not ask for more", w.Code)
		}
	}
}

func TestEmptyResultKeepsItsSchema(t *testing.T) {
	f := newFake()
	f.batches = nil
	w := serve(t, f, post(`{"sql":"select"}`), nil)
	const want = `{"resultTable":{"dataSchema":{"columnNames":["n","s"],"columnDataTypes":["LONG","STRING"]},"rows":[]},"numRowsResultSet":0,`
	if !strings.HasPrefix(w.Body.String(), want) {
		t.Errorf("got %s", w.Body)
	}
}

func TestErrors(t *testing.T) {
	f := newFake()
	f.errors = map[string]error{
		"syntax":  errs.User(errs.SyntaxError, "syntax error at or near %q", "x"),
		"table":   errs.User(errs.UndefinedTable, "relation \"t\" does not exist").WithHint("Perhaps you meant u."),
		"column":  errs.User(errs.UndefinedColumn, "column \"c\" does not exist"),
		"call":    errs.User(errs.UndefinedFunction, "function f() does not exist"),
		"timeout": endpoint.Timeout(), "cancel": endpoint.UserCancelled(),
		"zero":         errs.User(errs.DivisionByZero, "division by zero"),
		"queue":        errs.New(errs.ClassExhausted, errs.ConfigurationLimit, "too many queries"),
		"memory":       errs.New(errs.ClassExhausted, errs.OutOfMemory, "out of memory"),
		"down":         errs.New(errs.ClassUnavailable, errs.CannotConnectNow, "not loaded"),
		"bug":          errs.Bug("planted").WithDetail("secret stack"),
		"late select":  errs.User(errs.NumericOutOfRange, "bigint out of range"),
		"late context": context.Canceled,
	}
	for _, c := range []struct {
		text    string
		code    int
		status  int
		message string
	}{
		{"syntax", 150, 400, `SQLParsingError: syntax error at or near "x"`},
		{"table", 190, 404, `TableDoesNotExistError: relation "t" does not exist. Perhaps you meant u.`},
		{"column", 710, 400, `UnknownColumnError: column "c" does not exist`},
		{"call", 700, 400, `QueryValidationError: function f() does not exist`},
		{"timeout", 250, 408, "ExecutionTimeoutError: canceling statement due to statement timeout"},
		{"cancel", 503, 503, "QueryCancellationError: canceling statement due to user request"},
		{"zero", 200, 500, "QueryExecutionError: division by zero"},
		{"queue", 429, 429, "TooManyRequestsError: too many queries"},
		{"memory", 245, 503, "ServerResourceLimitExceededError: out of memory"},
		{"down", 427, 503, "ServerNotRespondingError: not loaded"},
		{"bug", 450, 500, "InternalError: internal error: planted"},
		{"panic", 450, 500, "InternalError: internal error: query request panicked: planted"},
		{"select", 200, 500, "QueryExecutionError: bigint out of range"},
		{"context", 503, 503, "QueryCancellationError: context canceled"},
		{"", 150, 400, "SQLParsingError: the text has no statement"},
		{"set a=b", 700, 400, "QueryValidationError: the last statement has to be a query"},
		{"select; select", 700, 400, "QueryValidationError: a request has one query, after any number of SET statements"},
	} {
		body, err := json.Marshal(map[string]string{"sql": c.text})
		if err != nil {
			t.Fatal(err)
		}
		w := serve(t, f, post(string(body)), nil)
		message, err := json.Marshal(c.message)
		if err != nil {
			t.Fatal(err)
		}
		want := fmt.Sprintf(`{"numRowsResultSet":0,"partialResult":false,"exceptions":[{"errorCode":%d,"message":%s}],`, c.code, message)
		if !strings.HasPrefix(w.Body.String(), want) || w.Code != 200 || w.Header().Get("X-Pinot-Error-Code") != fmt.Sprint(c.code) {
			t.Errorf("%q: status %d, %s\nwant %s", c.text, w.Code, w.Body, want)
		}
		if !json.Valid(w.Body.Bytes()) || !strings.Contains(w.Body.String(), `"numServersQueried":0,"numServersResponded":0`) {
			t.Errorf("%q: invalid JSON or no server counters: %s", c.text, w.Body)
		}
		r := post(string(body))
		r.Header.Set("Pinot-Use-Http-Status-For-Errors", "true")
		if w := serve(t, f, r, nil); w.Code != c.status {
			t.Errorf("%q: status %d, want %d", c.text, w.Code, c.status)
		}
	}
}

func TestRequests(t *testing.T) {
	for _, c := range []struct {
		name   string
		r      *http.Request
		status int
		body   string // prefix
	}{
		{"get", httptest.NewRequest("GET", "/query/sql?sql=select&trace=true", nil), 200, `{"resultTable"`},
		{"multi-stage", httptest.NewRequest("POST", "/query", strings.NewReader(`{"sql":"select","queryOptions":""}`)), 200, `{"resultTable"`},
		{"sets first", post(`{"sql":"set a=b; select"}`), 200, `{"resultTable"`},
		{"null options", post(`{"sql":"select","queryOptions":null}`), 200, `{"resultTable"`},
		{"no sql in URL", httptest.NewRequest("GET", "/query/sql", nil), 400, `{"code":400,"error":"the URL has no parameter`},
		{"no JSON", post(`sql=select`), 400, `{"code":400,"error":"the body has to be a JSON object`},
		{"an array", post(`[1]`), 400, `{"code":400,"error":"the body has to be a JSON object`},
		{"null", post(`null`), 400, `{"code":400,"error":"the body has to be a JSON object`},
		{"no sql", post(`{"pql":"x"}`), 400, `{"code":400,"error":"the body has no \"sql\"`},
		{"sql is a number", post(`{"sql":1}`), 400, `{"code":400,"error":"the body has no \"sql\"`},
		{"bad option", post(`{"sql":"select","queryOptions":"novalue"}`), 400, `{"code":400,"error":"query option \"novalue\"`},
		{"too long", post(`{"sql":"` + strings.Repeat("x", 300) + `"}`), 413, `{"code":413,"error":"the body is larger than 200 bytes`},
		{"list", httptest.NewRequest("GET", "/queries", nil), 200, `{"q1":"select \"x\""}`},
		{"cancel", httptest.NewRequest("DELETE", "/query/q1", nil), 200, `"Cancelled query: q1"`},
		{"cancel by client", httptest.NewRequest("DELETE", "/query/mine?client=true", nil), 200, `"Cancelled query: mine"`},
		{"cancel nothing", httptest.NewRequest("DELETE", "/query/q2", nil), 404, `{"code":404,"error":"query q2 does not run`},
	} {
		w := serve(t, newFake(), c.r, func(cfg *Config) { cfg.MaxBodyBytes = 200 })
		if w.Code != c.status || !strings.HasPrefix(w.Body.String(), c.body) {
			t.Errorf("%s: status %d, %s; want %d, %s", c.name, w.Code, w.Body, c.status, c.body)
		}
	}
}

func TestResponseLimit(t *testing.T) {
	w := serve(t, newFake(), post(`{"sql":"select"}`), func(c *Config) { c.MaxResponseBytes = 120 })
	if !strings.Contains(w.Body.String(), `"errorCode":245`) || strings.Contains(w.Body.String(), "resultTable") {
		t.Errorf("got %s", w.Body)
	}
}

func TestCells(t *testing.T) {
	array := func(elems ...catalog.Value) catalog.Value {
		return catalog.Value{Type: elems[0].Type.Array(), Elems: elems}
	}
	of := func(t catalog.Type, s string) catalog.Value { return catalog.Value{Type: t, Str: s} }
	float := func(x float32) catalog.Value { return catalog.Value{Type: catalog.Float, F64: float64(x)} }
	for _, c := range []struct {
		v          catalog.Value
		name, json string
	}{
		{catalog.IntValue(-7), "INT", "-7"},
		{catalog.LongValue(1 << 60), "LONG", "1152921504606846976"},
		{catalog.DoubleValue(3), "DOUBLE", "3.0"},
		{catalog.DoubleValue(0), "DOUBLE", "0.0"},
		{catalog.DoubleValue(math.Copysign(0, -1)), "DOUBLE", "-0.0"},
		{catalog.DoubleValue(0.001), "DOUBLE", "0.001"},
		{catalog.DoubleValue(0.00099), "DOUBLE", "9.9E-4"},
		{catalog.DoubleValue(9999999.5), "DOUBLE", "9999999.5"},
		{catalog.DoubleValue(1e7), "DOUBLE", "1.0E7"},
		{catalog.DoubleValue(-1.25e-300), "DOUBLE", "-1.25E-300"},
		{catalog.DoubleValue(1e10), "DOUBLE", "1.0E10"},
		{catalog.DoubleValue(math.NaN()), "DOUBLE", `"NaN"`},
		{catalog.DoubleValue(math.Inf(1)), "DOUBLE", `"Infinity"`},
		{catalog.DoubleValue(math.Inf(-1)), "DOUBLE", `"-Infinity"`},
		{float(0.1), "FLOAT", "0.1"},
		{float(0.001), "FLOAT", "0.001"},
		{float(1.5e8), "FLOAT", "1.5E8"},
		{of(catalog.BigDecimal, "123.4500"), "BIG_DECIMAL", `"123.4500"`},
		{catalog.BoolValue(true), "BOOLEAN", "true"},
		{catalog.BoolValue(false), "BOOLEAN", "false"},
		{catalog.TimestampValue(1706691900000), "TIMESTAMP", `"2024-01-31 09:05:00.0"`},
		{catalog.TimestampValue(1706691900120), "TIMESTAMP", `"2024-01-31 09:05:00.12"`},
		{catalog.TimestampValue(1706691900123), "TIMESTAMP", `"2024-01-31 09:05:00.123"`},
		{catalog.TimestampValue(1706691900003), "TIMESTAMP", `"2024-01-31 09:05:00.003"`},
		{catalog.TimestampValue(-62135596800000), "TIMESTAMP", `"0001-01-01 00:00:00.0"`},
		{catalog.Value{Type: catalog.TimestampTZ, I64: 1}, "TIMESTAMP", `"1970-01-01 00:00:00.001"`},
		{catalog.Value{Type: catalog.Interval, I64: 60000}, "LONG", "60000"},
		{catalog.Value{Type: catalog.Duration, I64: 5}, "LONG", "5"},
		{of(catalog.String, "a\"\\\n\t\x01é<>"), "STRING", `"a\"\\\n\t\u0001é<>"`},
		{of(catalog.String, "a\xffb"), "STRING", "\"a\ufffdb\""},
		{of(catalog.JSON, `{"a":1}`), "JSON", `"{\"a\":1}"`},
		{of(catalog.Bytes, "\x00\xaf"), "BYTES", `"00af"`},
		{catalog.NullValue(catalog.Long), "LONG", "null"},
		{catalog.NullValue(catalog.Null), "UNKNOWN", "null"},
		{array(catalog.StringValue("x"), catalog.NullValue(catalog.String)), "STRING_ARRAY", `["x",null]`},
		{catalog.Value{Type: catalog.Int.Array()}, "INT_ARRAY", `[]`},
		{array(catalog.DoubleValue(1), catalog.DoubleValue(2.5)), "DOUBLE_ARRAY", `[1.0,2.5]`},
	} {
		cells := cellsOf([]result.Column{{Type: c.v.Type}})
		got, err := appendRows(nil, cells, &vec.Batch{Rows: 1, Cols: []*vec.Vector{vector(c.v)}}, true, 1<<20)
		if err != nil {
			t.Fatal(err)
		}
		if want := "[" + c.json + "]"; string(got) != want || typeName(c.v.Type) != c.name {
			t.Errorf("%v: got %s %s, want %s %s", c.v, typeName(c.v.Type), got, c.name, want)
		}
		if !json.Valid(got) {
			t.Errorf("%v: %s is no JSON", c.v, got)
		}
	}
}

func FuzzString(f *testing.F) {
	f.Add("a\x00\"\\\u2028\xff")
	f.Fuzz(func(t *testing.T, s string) {
		var back string
		if err := json.Unmarshal(appendString(nil, s), &back); err != nil {
			t.Fatal(err)
		}
		if want := strings.ToValidUTF8(s, "\ufffd"); len(want) == len(s) && back != s {
			t.Errorf("%q came back as %q", s, back)
		}
	})
}

func FuzzOptions(f *testing.F) {
	f.Add("a=b;c='d';;=")
	f.Fuzz(func(t *testing.T, s string) {
		options, err := parseOptions(s)
		if err == nil && len(options) > maxOptions {
			t.Errorf("%d options", len(options))
		}
	})
}
