package catalog

import (
	"fmt"
	"sort"
	"strings"
	"time"
)

// Defaults of consuming segments (Flush) where a config states none.
const (
	DefaultFlushRows  = 1_000_000
	DefaultFlushAge   = 6 * time.Hour
	DefaultFlushBytes = 200 << 20
)

// ParseTable reads Pinot's table config JSON against the table's schema. warnings name what is accepted without effect
// so far; unrecognized maps JSON pointers to the values of properties that are not known. What changes results and is
// not built (upsert, dedup, OFFLINE tables ...) is an error that gives the reason. All problems come in one error.
func ParseTable(data []byte, s *Schema) (t *Table, warnings []string, unrecognized map[string]any, err error) {
	p := &parsing{what: "table config"}
	o, err := decodeObject(data, p)
	if err != nil {
		return nil, nil, nil, err
	}
	r := &tableReader{p: p, s: s, t: &Table{Version: 1}}
	r.read(o)
	if err := p.err(); err != nil {
		return nil, nil, nil, err
	}
	sort.Strings(p.warnings)
	return r.t, p.warnings, p.unrecognized, nil
}

// RawTableName strips the type suffix: orders_REALTIME is orders.
func RawTableName(name string) string {
	for _, suffix := range []string{"_REALTIME", "_OFFLINE"} {
		if rest, ok := strings.CutSuffix(name, suffix); ok {
			return rest
		}
	}
	return name
}

// TableNameOf reads only the raw table name of a table config.
func TableNameOf(data []byte) (string, error) {
	p := &parsing{what: "table config"}
	o, err := decodeObject(data, p)
	if err != nil {
		return "", err
	}
	name := RawTableName(o.str("tableName", ""))
	checkName(p, "tableName", name)
	return name, p.err()
}

type tableReader struct {
	p *parsing
	s *Schema
	t *Table
}

func (r *tableReader) read(o *object) {
	p, t := r.p, r.t
	t.Name = RawTableName(o.str("tableName", ""))
	checkName(p, "tableName", t.Name)
	if strings.Contains(t.Name, "__") {
		p.fail("tableName %q must not contain __, which separates the parts of segment names", t.Name)
	}
	if r.s != nil && r.s.Name != t.Name {
		p.fail("tableName %q differs from the schema's name %q", t.Name, r.s.Name)
	}
	switch kind := strings.ToUpper(o.str("tableType", "")); kind {
	case "REALTIME":
	case "OFFLINE":
		p.fail("OFFLINE tables are not supported yet: stream the data, tableType REALTIME")
	default:
		p.fail("tableType is %q, want REALTIME", kind)
	}
	o.known("isDimTable", "tierConfigs", "tunerConfigs", "instanceAssignmentConfigMap", "instancePartitionsMap", "segmentAssignmentConfigMap",
		"description", "tags", "tableSamplers", "tierOverwrites", "isMaterializedView", "dimensionTableConfig")
	r.refuse(o)
	r.segments(o.object("segmentsConfig"))
	tenants := o.object("tenants")
	tenants.known("broker", "server", "tagOverrideConfig")
	tenants.done()
	r.index(o.object("tableIndexConfig"))
	r.fieldConfigs(o.objects("fieldConfigList"))
	r.ingestion(o.object("ingestionConfig"))
	r.stream(o)
	r.rest(o)
	o.done()
}

// refuse names what would change results if it were ignored.
func (r *tableReader) refuse(o *object) {
	if u := o.object("upsertConfig"); u != nil {
		if mode := strings.ToUpper(u.str("mode", "FULL")); mode != "NONE" {
			r.p.fail("upsertConfig: upserts (mode %s) are not supported yet and would be wrong if ignored: every version of a key would show; remove upsertConfig to append", mode)
		}
	}
	if d := o.object("dedupConfig"); d != nil && d.boolean("dedupEnabled", true) {
		r.p.fail("dedupConfig: deduplication is not supported yet and would be wrong if ignored: duplicates would show; remove dedupConfig to keep all rows")
	}
	if o.boolean("isDimTable", false) {
		r.p.fail("isDimTable: dimension tables are not supported yet")
	}
}

func (r *tableReader) segments(o *object) {
	if o == nil {
		r.p.fail("segmentsConfig is missing")
		return
	}
	t := r.t
	o.known("timeType", "schemaName", "replication", "replicasPerPartition", "segmentPushType", "segmentPushFrequency", "segmentAssignmentStrategy",
		"deletedSegmentsRetentionPeriod", "replicaGroupStrategyConfig", "completionConfig", "peerSegmentDownloadScheme", "crypterClassName",
		"minimizeDataMovement", "replacedSegmentsRetentionPeriod", "lineageEntryCleanupRetentionPeriod", "retentionTimeUnit", "retentionTimeValue")
	t.TimeColumn = o.str("timeColumnName", "")
	if t.TimeColumn == "" {
		r.p.fail("segmentsConfig/timeColumnName is missing; a REALTIME table needs a dateTime column")
	} else if r.s != nil {
		if f, ok := r.s.Field(t.TimeColumn); !ok {
			r.p.fail("segmentsConfig/timeColumnName %q is not a column of schema %q", t.TimeColumn, r.s.Name)
		} else if f.Kind != FieldDateTime {
			r.p.fail("segmentsConfig/timeColumnName %q is not a dateTime column", t.TimeColumn)
		}
	}
	if n := max(o.integer("replication", 1), o.integer("replicasPerPartition", 1)); n > 1 {
		r.p.warn("replication %d: this cluster has one server, so each segment has one replica", n)
	}
	unit, value := strings.ToUpper(o.str("retentionTimeUnit", "")), o.integer("retentionTimeValue", 0)
	if unit != "" && value != 0 {
		d, ok := timeUnits[unit]
		if !ok || value < 0 || value > int64(maxPeriod/d) {
			r.p.fail("segmentsConfig: retention of %d %q, want a positive number of DAYS, HOURS, MINUTES or SECONDS", value, unit)
		} else {
			t.Retention = time.Duration(value) * d
		}
	}
	o.done()
}

func (r *tableReader) column(where, name string) bool {
	if r.s == nil {
		return true
	}
	if _, ok := r.s.Field(name); !ok {
		r.p.fail("%s names %q, which is not a column of schema %q", where, name, r.s.Name)
		return false
	}
	return true
}

// rest reads query, quota, metadata and what has no effect here.
func (r *tableReader) rest(o *object) {
	q := o.object("query")
	if ms := q.integerOr("timeoutMs", 0); ms < 0 {
		r.p.fail("query/timeoutMs is %d, want a positive number", ms)
	} else {
		r.t.TimeoutMillis = ms
	}
	q.known("disableGroovy", "useApproximateFunction", "maxQueryResponseSizeBytes", "maxServerResponseSizeBytes")
	if _, ok := q.get("expressionOverrideMap"); ok {
		r.p.fail("query/expressionOverrideMap is not supported yet")
	}
	q.done()
	if quota := o.object("quota"); quota != nil {
		quota.known("storage", "maxQueriesPerSecond")
		r.p.warn("quota is stored and not enforced yet")
		quota.done()
	}
	routing := o.object("routing")
	if routing != nil {
		for _, kind := range routing.strings("segmentPrunerTypes") {
			r.t.Index.PrunePartitions = r.t.Index.PrunePartitions || strings.EqualFold(kind, "partition")
		}
	}
	routing.known("instanceSelectorType", "segmentPrunerTypes", "useFixedReplica", "routingTableBuilderName")
	routing.done()
	if task := o.object("task"); task != nil {
		task.known("taskTypeConfigsMap", "concurrentSchedulingEnabled")
		if sub := task.object("taskTypeConfigsMap"); len(sub.keys()) > 0 {
			sub.known(sub.keys()...)
			r.p.warn("task %s is stored and not run", strings.Join(sub.keys(), ", "))
		}
		task.done()
	}
	meta := o.object("metadata")
	if meta != nil {
		r.t.Metadata = meta.stringMap("customConfigs")
		meta.done()
	}
	r.t.Ingestion.DeadLetterTopic = r.t.Metadata["freshet.deadLetterTopic"]
	if mode, ok := r.t.Metadata["freshet.nulls"]; ok && mode != "pinot" && mode != "sql" {
		r.p.fail("metadata/customConfigs/freshet.nulls is %q, want pinot or sql", mode)
	}
}

// integerOr is integer on an object that may be absent.
func (o *object) integerOr(key string, fallback int64) int64 {
	if o == nil {
		return fallback
	}
	return o.integer(key, fallback)
}

func (r *tableReader) ingestion(o *object) {
	if o == nil {
		return
	}
	in := &r.t.Ingestion
	for _, tc := range o.objects("transformConfigs") {
		tr := Transform{Column: tc.str("columnName", ""), Function: tc.str("transformFunction", "")}
		tc.done()
		if tr.Column == "" || tr.Function == "" {
			r.p.fail("%s needs columnName and transformFunction", tc.path)
			continue
		}
		if strings.HasPrefix(strings.ToLower(strings.TrimSpace(tr.Function)), "groovy(") {
			r.p.fail("%s: Groovy is not supported: write column %q as a SQL expression", tc.path, tr.Column)
			continue
		}
		in.Transforms = append(in.Transforms, tr)
	}
	if f := o.object("filterConfig"); f != nil {
		in.Filter = f.str("filterFunction", "")
		f.done()
	}
	in.Complex = r.complexType(o.object("complexTypeConfig"))
	in.ContinueOnError = o.boolean("continueOnError", false)
	in.RowTimeCheck = o.boolean("rowTimeValueCheck", false)
	o.known("segmentTimeValueCheck", "retryOnSegmentBuildPrecheckFailure", "maxConsecutiveRecordFetchFailuresAllowed",
		"ingestionExceptionLogRateLimitPerMin", "batchIngestionConfig", "streamIngestionConfig")
	for _, key := range []string{"aggregationConfigs", "enrichmentConfigs", "sourceFieldConfigs"} {
		if list := o.objects(key); len(list) > 0 {
			r.p.fail("ingestionConfig/%s is not supported yet and would change the rows if ignored", key)
		}
	}
	if o.object("schemaConformingTransformerConfig") != nil {
		r.p.fail("ingestionConfig/schemaConformingTransformerConfig is not supported yet and would change the rows if ignored")
	}
	o.done()
}

func (r *tableReader) complexType(o *object) *ComplexType {
	if o == nil {
		return nil
	}
	c := &ComplexType{Delimiter: o.str("delimiter", "."), Unnest: o.strings("fieldsToUnnest"), Collections: CollectionsNonPrimitive}
	if c.Delimiter == "" {
		r.p.fail("complexTypeConfig/delimiter is empty")
	}
	switch mode := strings.ToUpper(o.str("collectionNotUnnestedToJson", "NON_PRIMITIVE")); mode {
	case "NON_PRIMITIVE":
	case "NONE":
		c.Collections = CollectionsNone
	case "ALL":
		c.Collections = CollectionsAll
	default:
		r.p.fail("complexTypeConfig/collectionNotUnnestedToJson is %q, want NONE, NON_PRIMITIVE or ALL", mode)
	}
	renames := o.stringMap("prefixesToRename")
	for from, to := range renames {
		c.PrefixRename = append(c.PrefixRename, PrefixRename{From: from, To: to})
	}
	sort.Slice(c.PrefixRename, func(i, j int) bool { return c.PrefixRename[i].From < c.PrefixRename[j].From })
	o.done()
	return c
}

// describeIndex names an index in warnings.
func describeIndex(kind string, columns []string) string {
	return fmt.Sprintf("%s index on %s is not built yet: queries give the same rows, without its speed", kind, strings.Join(columns, ", "))
}
