package httpapi

import (
	"strconv"
	"strings"

	"github.com/freshetdb/freshet/query/result"
)

// response collects one answer. Its keys, all of them, stand in the order in which Pinot's brokers write them.
type response struct {
	buf      []byte // resultTable, while it is written
	rows     int
	hasTable bool
	failed   error
	notices  []string
	stats    *result.Stats

	elapsedMs, reduceMs         int64
	requestID, clientID, broker string
	charged                     int64 // bytes of buf with the accountant
}

// member appends `"name":`, after a comma unless it is the object's first.
func (r *response) member(name string) {
	if len(r.buf) > 0 && r.buf[len(r.buf)-1] != '{' {
		r.buf = append(r.buf, ',')
	}
	r.buf = append(r.buf, '"')
	r.buf = append(r.buf, name...)
	r.buf = append(r.buf, '"', ':')
}

func (r *response) number(name string, x int64) {
	r.member(name)
	r.buf = strconv.AppendInt(r.buf, x, 10)
}

func (r *response) boolean(name string, x bool) {
	r.member(name)
	r.buf = strconv.AppendBool(r.buf, x)
}

func (r *response) raw(name, json string) {
	r.member(name)
	r.buf = append(r.buf, json...)
}

// text writes a string, null where it is empty.
func (r *response) text(name, s string) {
	r.member(name)
	if s == "" {
		r.buf = append(r.buf, "null"...)
		return
	}
	r.buf = appendString(r.buf, s)
}

// beginTable writes the schema of the result and opens its rows.
func (r *response) beginTable(columns []result.Column) {
	r.hasTable = true
	r.member("resultTable")
	r.buf = append(r.buf, `{"dataSchema":{"columnNames":[`...)
	for i, c := range columns {
		if i > 0 {
			r.buf = append(r.buf, ',')
		}
		r.buf = appendString(r.buf, c.Name)
	}
	r.buf = append(r.buf, `],"columnDataTypes":[`...)
	for i, c := range columns {
		if i > 0 {
			r.buf = append(r.buf, ',')
		}
		r.buf = appendString(r.buf, typeName(c.Type))
	}
	r.buf = append(r.buf, `]},"rows":[`...)
}

func (r *response) endTable() { r.buf = append(r.buf, ']', '}') }

// finish writes everything after the table.
func (r *response) finish() {
	if r.failed != nil {
		r.buf, r.rows = append(r.buf[:0], '{'), 0
	}
	st := r.stats
	if st == nil {
		st = &result.Stats{}
	}
	r.number("numRowsResultSet", int64(r.rows))
	r.boolean("partialResult", r.code() == unavailable)
	r.exceptions()
	r.boolean("numGroupsLimitReached", st.GroupsLimitReached)
	for _, name := range []string{"numGroupsWarningLimitReached", "maxRowsInDistinctReached",
		"maxRowsWithoutChangeInDistinctReached", "maxExecutionTimeInDistinctReached"} {
		r.boolean(name, false)
	}
	r.number("timeUsedMs", r.elapsedMs)
	r.text("requestId", r.requestID)
	r.text("clientRequestId", r.clientID)
	r.text("brokerId", r.broker)
	r.scanned(st)
	r.costs()
	r.raw("traceInfo", "{}")
	r.tables(st)
	for _, name := range []string{"offlineThreadMemAllocatedBytes", "realtimeThreadMemAllocatedBytes",
		"offlineResponseSerMemAllocatedBytes", "realtimeResponseSerMemAllocatedBytes", "offlineTotalMemAllocatedBytes",
		"realtimeTotalMemAllocatedBytes"} {
		r.number(name, 0)
	}
	r.raw("pools", "[]")
	r.boolean("rlsFiltersApplied", false)
	r.boolean("groupsTrimmed", false)
	r.text("materializedViewQueried", "")
	r.text("serverStats", "")
	if len(r.notices) > 0 {
		r.noticeList()
	}
	r.buf = append(r.buf, '}')
}

// code tells how the request went. An answer that lacks rows is no failure, but Pinot's clients look here.
func (r *response) code() errorCode {
	switch {
	case r.failed != nil:
		return codeOf(r.failed)
	case r.stats != nil && len(r.stats.Missing) > 0:
		return unavailable
	}
	return noError
}

func (r *response) exceptions() {
	r.member("exceptions")
	r.buf = append(r.buf, '[')
	switch c := r.code(); c {
	case noError:
	case unavailable:
		r.exception(c, missingText(r.stats.Missing))
	default:
		r.exception(c, message(c, r.failed))
	}
	r.buf = append(r.buf, ']')
}

func (r *response) exception(c errorCode, text string) {
	r.buf = append(r.buf, '{')
	r.number("errorCode", int64(c))
	r.text("message", text)
	r.buf = append(r.buf, '}')
}

// missingText is the message of an answer without the rows of some segments. It names the first ones.
func missingText(missing []string) string {
	const most = 10
	named, rest := missing, ""
	if len(missing) > most {
		named, rest = missing[:most], "; and "+strconv.Itoa(len(missing)-most)+" more"
	}
	return unavailable.name() + ": " + strconv.Itoa(len(missing)) + " segments unavailable: " + strings.Join(named, "; ") + rest
}

func (r *response) scanned(st *result.Stats) {
	for _, f := range []struct {
		name  string
		value int64
	}{
		{"numDocsScanned", st.RowsScanned}, {"totalDocs", st.TotalRows},
		{"numEntriesScannedInFilter", st.EntriesScannedInFilter}, {"numEntriesScannedPostFilter", st.EntriesScannedPostFilter},
		{"numServersQueried", int64(st.ServersQueried)}, {"numServersResponded", int64(st.ServersResponded)},
		{"numSegmentsQueried", st.SegmentsQueried}, {"numSegmentsProcessed", st.SegmentsProcessed}, {"numSegmentsMatched", st.SegmentsMatched},
		{"numConsumingSegmentsQueried", st.ConsumingQueried}, {"numConsumingSegmentsProcessed", st.ConsumingProcessed},
		{"numConsumingSegmentsMatched", st.ConsumingMatched}, {"minConsumingFreshnessTimeMs", st.MinConsumingFreshnessMillis},
		{"numSegmentsPrunedByBroker", st.SegmentsPrunedByBroker}, {"numSegmentsPrunedByServer", st.SegmentsPrunedByServer},
		{"numSegmentsPrunedInvalid", 0}, {"numSegmentsPrunedByLimit", st.SegmentsPrunedByLimit},
		{"numSegmentsPrunedByValue", st.SegmentsPrunedByValue}, {"brokerReduceTimeMs", r.reduceMs},
	} {
		r.number(f.name, f.value)
	}
}

// costs writes what is not measured per query here. Clients want the keys.
func (r *response) costs() {
	for _, name := range []string{"offlineThreadCpuTimeNs", "realtimeThreadCpuTimeNs", "offlineSystemActivitiesCpuTimeNs",
		"realtimeSystemActivitiesCpuTimeNs", "offlineResponseSerializationCpuTimeNs", "realtimeResponseSerializationCpuTimeNs",
		"offlineTotalCpuTimeNs", "realtimeTotalCpuTimeNs", "explainPlanNumEmptyFilterSegments", "explainPlanNumMatchAllFilterSegments"} {
		r.number(name, 0)
	}
}

func (r *response) tables(st *result.Stats) {
	r.member("tablesQueried")
	r.list(st.Tables)
}

// noticeList is Freshet's own: what the query's author should know although the query worked.
func (r *response) noticeList() {
	r.member("notices")
	r.list(r.notices)
}

func (r *response) list(items []string) {
	r.buf = append(r.buf, '[')
	for i, s := range items {
		if i > 0 {
			r.buf = append(r.buf, ',')
		}
		r.buf = appendString(r.buf, s)
	}
	r.buf = append(r.buf, ']')
}
