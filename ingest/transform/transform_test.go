package transform

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/cockroachdb/datadriven"

	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/ingest"
	"github.com/freshetdb/freshet/internal/vec"
	"github.com/freshetdb/freshet/query/function"
	"github.com/freshetdb/freshet/query/function/builtin"
)

// testScalars are functions whose outcome a record decides.
func testScalars() []function.Scalar {
	bind := func(b function.Bound) func([]function.Arg) (function.Bound, error) {
		return func([]function.Arg) (function.Bound, error) { return b, nil }
	}
	words := func(_ *function.EvalContext, args []*vec.Vector, n int, out *vec.Vector) error {
		var all []string
		for i := range n {
			if !out.IsNull(i) {
				all = append(all, strings.Fields(args[0].StrAt(i))...)
			}
			out.Offsets[i+1] = uint32(len(all))
		}
		out.Elems.Reset(catalog.String, len(all))
		copy(out.Elems.Str, all)
		return nil
	}
	fussy := func(ec *function.EvalContext, args []*vec.Vector, n int, out *vec.Vector) error {
		for i := range n {
			if out.IsNull(i) {
				continue
			}
			out.Str[i] = args[0].StrAt(i)
			if strings.HasPrefix(out.Str[i], "bad") {
				if err := ec.Fail(out, i, errors.New("fussy about "+out.Str[i])); err != nil {
					return err
				}
			}
		}
		return nil
	}
	return []function.Scalar{
		{Name: "testWords", Bind: bind(function.Bound{Name: "testWords", Type: catalog.String.Array(), Args: []catalog.Type{catalog.String}, Strict: true, Eval: words})},
		{Name: "testFussy", Bind: bind(function.Bound{Name: "testFussy", Type: catalog.String, Args: []catalog.Type{catalog.String}, Strict: true, Fallible: true, Eval: fussy})},
	}
}

func registry(t testing.TB) *function.Registry {
	t.Helper()
	r, err := builtin.Registry().Extend(testScalars())
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// tableOf makes a schema from lines "name TYPE[_ARRAY] [kind] [JSON keys]" and a table from the JSON of its
// ingestionConfig.
func tableOf(t testing.TB, schemaLines, ingestion, timeColumn string) (*catalog.Schema, *catalog.Table) {
	t.Helper()
	specs := map[string][]string{}
	for _, line := range strings.Split(strings.TrimSpace(schemaLines), "\n") {
		words := strings.SplitN(line, " ", 4)
		kind, more := "dimension", ""
		if len(words) > 2 {
			kind = words[2]
		}
		if len(words) > 3 {
			more = ", " + words[3]
		}
		typ, array := strings.CutSuffix(words[1], "_ARRAY")
		if array {
			more += `, "singleValueField": false`
		}
		specs[kind] = append(specs[kind], fmt.Sprintf(`{"name": %q, "dataType": %q%s}`, words[0], typ, more))
	}
	schemaJSON := fmt.Sprintf(`{"schemaName": "t", "enableColumnBasedNullHandling": true, "dimensionFieldSpecs": [%s], "metricFieldSpecs": [%s], "dateTimeFieldSpecs": [%s]}`,
		strings.Join(specs["dimension"], ","), strings.Join(specs["metric"], ","), strings.Join(specs["dateTime"], ","))
	s, _, err := catalog.ParseSchema([]byte(schemaJSON))
	if err != nil {
		t.Fatalf("%s: %v", schemaJSON, err)
	}
	tableJSON := fmt.Sprintf(`{"tableName": "t", "tableType": "REALTIME", "segmentsConfig": {"timeColumnName": %q, "replication": "1"}, "tenants": {},
		"tableIndexConfig": {"streamConfigs": {"streamType": "kafka", "stream.kafka.topic.name": "t", "stream.kafka.broker.list": "b:1",
		"stream.kafka.decoder.class.name": "x.KafkaJSONMessageDecoder"}}, "ingestionConfig": %s}`, timeColumn, ingestion)
	table, _, _, err := catalog.ParseTable([]byte(tableJSON), s)
	if err != nil {
		t.Fatalf("%s: %v", tableJSON, err)
	}
	return s, table
}

// show writes rows, rejects and counts.
func show(s *catalog.Schema, rows *ingest.Rows) string {
	var b strings.Builder
	for r := range rows.Batch.Rows {
		fmt.Fprintf(&b, "%d.%d:", rows.Offsets[r], rows.Ordinals[r])
		for i, f := range s.Fields {
			fmt.Fprintf(&b, " %s=%s", f.Name, rows.Batch.Cols[i].At(r))
		}
		b.WriteByte('\n')
	}
	for _, r := range rows.Rejects {
		fmt.Fprintf(&b, "reject %d: %v\n", r.Record, r.Reason)
	}
	for _, c := range []struct {
		name  string
		count int64
	}{{"filtered", int64(rows.Filtered)}, {"implausible", int64(rows.ImplausibleTimes)}, {"tombstones", int64(rows.Tombstones)}, {"newest", rows.NewestMillis}} {
		if c.count != 0 {
			fmt.Fprintf(&b, "%s %d\n", c.name, c.count)
		}
	}
	return b.String()
}

// recordTime is the timestamp of the first test record; each further one is a second later.
const recordTime = 1_700_000_000_000

func recordsOf(lines []string) []ingest.Record {
	var recs []ingest.Record
	for i, line := range lines {
		r := ingest.Record{Key: []byte(fmt.Sprintf("k%d", i)), Value: []byte(line), Partition: 3, Offset: int64(100 + i), TimestampMs: recordTime + int64(1000*i),
			Headers: []ingest.Header{{Key: "h", Value: []byte("first")}, {Key: "h", Value: []byte(fmt.Sprint("header", i))}}}
		if line == "tombstone" {
			r.Value = nil
		}
		recs = append(recs, r)
	}
	return recs
}

// TestPipeline runs testdata: schema (lines as for tableOf), table [time=column] (an ingestionConfig; the output is the
// error of Compile), records (one a line). Every batch of records also runs one by one, which may change nothing.
func TestPipeline(t *testing.T) {
	datadriven.Walk(t, "testdata/golden", func(t *testing.T, path string) {
		var schemaLines string
		var s *catalog.Schema
		var p *Pipeline
		datadriven.RunTest(t, path, func(t *testing.T, d *datadriven.TestData) string {
			switch d.Cmd {
			case "schema":
				schemaLines = d.Input
				return ""
			case "table":
				column := "ts"
				if d.HasArg("time") {
					d.ScanArgs(t, "time", &column)
				}
				var table *catalog.Table
				s, table = tableOf(t, schemaLines, d.Input, column)
				var err error
				if p, err = Compile(s, table, registry(t)); err != nil {
					return "error: " + err.Error() + "\n"
				}
				return ""
			case "records":
				recs := recordsOf(strings.Split(d.Input, "\n"))
				rows, err := p.Process(recs)
				if err != nil {
					return "error: " + err.Error() + "\n"
				}
				out := show(s, rows)
				compareSingly(t, p, s, recs, out)
				return out
			}
			t.Fatalf("unknown command %s", d.Cmd)
			return ""
		})
	})
}

// compareSingly processes records one at a time and wants the rows and rejects of all.
func compareSingly(t *testing.T, p *Pipeline, s *catalog.Schema, recs []ingest.Record, all string) {
	t.Helper()
	keep := func(text string) []string {
		return slices.DeleteFunc(strings.Split(text, "\n"), func(l string) bool { return !strings.Contains(l, ":") })
	}
	var single []string
	for i := range recs {
		rows, err := p.Process(recs[i : i+1])
		if err != nil {
			t.Fatalf("record %d alone: %v", i, err)
		}
		for j := range rows.Rejects {
			rows.Rejects[j].Record = i
		}
		single = append(single, keep(show(s, rows))...)
	}
	want := keep(all)
	slices.Sort(single)
	slices.Sort(want)
	if !slices.Equal(single, want) {
		t.Errorf("one by one:\n%s\nall at once:\n%s", strings.Join(single, "\n"), strings.Join(want, "\n"))
	}
}
