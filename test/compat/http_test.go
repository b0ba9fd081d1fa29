//go:build compat

package compat

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// responseKeys are the fields of Pinot's answer, in Pinot's order.
const responseKeys = `resultTable numRowsResultSet partialResult exceptions numGroupsLimitReached numGroupsWarningLimitReached
	maxRowsInDistinctReached maxRowsWithoutChangeInDistinctReached maxExecutionTimeInDistinctReached timeUsedMs requestId clientRequestId
	brokerId numDocsScanned totalDocs numEntriesScannedInFilter numEntriesScannedPostFilter numServersQueried numServersResponded
	numSegmentsQueried numSegmentsProcessed numSegmentsMatched numConsumingSegmentsQueried numConsumingSegmentsProcessed
	numConsumingSegmentsMatched minConsumingFreshnessTimeMs numSegmentsPrunedByBroker numSegmentsPrunedByServer numSegmentsPrunedInvalid
	numSegmentsPrunedByLimit numSegmentsPrunedByValue brokerReduceTimeMs offlineThreadCpuTimeNs realtimeThreadCpuTimeNs
	offlineSystemActivitiesCpuTimeNs realtimeSystemActivitiesCpuTimeNs offlineResponseSerializationCpuTimeNs
	realtimeResponseSerializationCpuTimeNs offlineTotalCpuTimeNs realtimeTotalCpuTimeNs explainPlanNumEmptyFilterSegments
	explainPlanNumMatchAllFilterSegments traceInfo tablesQueried offlineThreadMemAllocatedBytes realtimeThreadMemAllocatedBytes
	offlineResponseSerMemAllocatedBytes realtimeResponseSerMemAllocatedBytes offlineTotalMemAllocatedBytes realtimeTotalMemAllocatedBytes
	pools rlsFiltersApplied groupsTrimmed materializedViewQueried serverStats`

// TestPinotHTTP reads the query API as Pinot's clients do: the fields in order, every type, and errors.
func TestPinotHTTP(t *testing.T) {
	n := startNode(t)
	fill(t, n)
	base := fmt.Sprintf("http://127.0.0.1:%d/query/sql", n.http)
	ask := func(method, address, body string, header ...string) (*http.Response, []byte) {
		t.Helper()
		req, err := http.NewRequestWithContext(t.Context(), method, address, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		for i := 0; i+1 < len(header); i += 2 {
			req.Header.Set(header[i], header[i+1])
		}
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		raw, err := io.ReadAll(resp.Body)
		if err != nil {
			t.Fatal(err)
		}
		return resp, raw
	}
	query := func(sql string) []byte {
		t.Helper()
		raw, err := json.Marshal(map[string]string{"sql": sql})
		if err != nil {
			t.Fatal(err)
		}
		_, out := ask("POST", base, string(raw))
		return out
	}
	t.Run("fields", func(t *testing.T) {
		for _, sql := range []string{"SELECT count(*) FROM types", "SELECT id FROM types WHERE id > 100", "SELECT 1"} {
			if diff := cmp.Diff(strings.Fields(responseKeys), keys(t, query(sql))); diff != "" {
				t.Errorf("%s (-want +got):\n%s", sql, diff)
			}
		}
	})
	t.Run("values", func(t *testing.T) {
		var got struct {
			ResultTable json.RawMessage `json:"resultTable"`
		}
		if err := json.Unmarshal(query("SELECT i, l, f, d, n, b, t, s, j, y, mi, ml, mf, md, mb, mt, ms, my FROM types WHERE id IN (1, 2) ORDER BY id"), &got); err != nil {
			t.Fatal(err)
		}
		want := `{"dataSchema":{"columnNames":["i","l","f","d","n","b","t","s","j","y","mi","ml","mf","md","mb","mt","ms","my"],"columnDataTypes":` +
			`["INT","LONG","FLOAT","DOUBLE","BIG_DECIMAL","BOOLEAN","TIMESTAMP","STRING","JSON","BYTES","INT_ARRAY","LONG_ARRAY","FLOAT_ARRAY",` +
			`"DOUBLE_ARRAY","BOOLEAN_ARRAY","TIMESTAMP_ARRAY","STRING_ARRAY","BYTES_ARRAY"]},"rows":[[42,1099511627776,1.5,2.25,"123.45",true,` +
			`"2026-11-21 02:04:07.782","plain","{\"a\":[1,null]}","0001ff",[1,-2],[1125899906842624],[0.5,-0.25],[1.0E300,0.1],[true,false],` +
			`["1970-01-01 00:00:00.0","2026-11-21 02:04:07.001"],["a","b c"],["01","abcd"]],` +
			`[` + strings.TrimSuffix(strings.Repeat("null,", 18), ",") + `]]}`
		if diff := cmp.Diff(want, string(got.ResultTable)); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	})
	t.Run("requests", func(t *testing.T) {
		for _, c := range []struct {
			name, method, address, body string
			header                      []string
			status                      int
			code, part                  string
		}{
			{"GET", "GET", base + "?sql=" + url.QueryEscape("SELECT count(*) FROM types"), "", nil, 200, "-1", `"rows":[[6]]`},
			{"options of old clients", "POST", base, `{"sql":"SELECT count(*) FROM types","queryOptions":"groupByMode=sql;responseFormat=sql","trace":"false","preserveType":true}`, nil, 200, "-1", `[[6]]`},
			{"empty options", "POST", base, `{"sql":"SELECT 1","queryOptions":""}`, []string{"Content-Type", "application/json; charset=utf-8", "X-Correlation-Id", "7"}, 200, "-1", `[[1]]`},
			{"SET", "POST", base, `{"sql":"SET timeoutMs = 9000; SELECT count(*) FROM types"}`, nil, 200, "-1", `[[6]]`},
			{"no sql", "POST", base, `{}`, nil, 400, "", `"code":400`},
			{"no JSON", "POST", base, `SELECT 1`, nil, 400, "", `"code":400`},
			{"syntax", "POST", base, `{"sql":"SELEC 1"}`, nil, 200, "150", `"errorCode":150`},
			{"column", "POST", base, `{"sql":"SELECT nope FROM types"}`, nil, 200, "710", `"errorCode":710`},
			{"table", "POST", base, `{"sql":"SELECT 1 FROM nowhere"}`, nil, 200, "190", `"errorCode":190`},
			{"table, by status", "POST", base, `{"sql":"SELECT 1 FROM nowhere"}`, []string{"Pinot-Use-Http-Status-For-Errors", "true"}, 404, "190", `"errorCode":190`},
			{"deadline", "POST", base, `{"sql":"` + slow + ` option(timeoutMs=200)"}`, nil, 200, "", `"errorCode":`},
			{"a write", "POST", base, `{"sql":"DELETE FROM types"}`, nil, 200, "", `"errorCode":`},
			{"a method", "PUT", base, `{"sql":"SELECT 1"}`, nil, 405, "", ""},
		} {
			resp, raw := ask(c.method, c.address, c.body, c.header...)
			code := resp.Header.Get("X-Pinot-Error-Code")
			if resp.StatusCode != c.status || c.code != "" && code != c.code || !bytes.Contains(raw, []byte(c.part)) {
				t.Errorf("%s: %s, code %q, want %d %s: %s", c.name, resp.Status, code, c.status, c.code, clip(string(raw), 400))
			}
			if c.part == `"errorCode":` || strings.HasPrefix(c.part, `"errorCode"`) {
				if bytes.Contains(raw, []byte(`"rows"`)) || !bytes.Contains(raw, []byte(`"numServersResponded"`)) {
					t.Errorf("%s: %s", c.name, clip(string(raw), 400))
				}
			}
		}
	})
}

// keys are the names of an object's fields in their order.
func keys(t *testing.T, raw []byte) (out []string) {
	t.Helper()
	d := json.NewDecoder(bytes.NewReader(raw))
	if _, err := d.Token(); err != nil {
		t.Fatalf("%v: %s", err, raw)
	}
	for d.More() {
		name, err := d.Token()
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, fmt.Sprint(name))
		var skip json.RawMessage
		if err := d.Decode(&skip); err != nil {
			t.Fatal(err)
		}
	}
	return out
}
