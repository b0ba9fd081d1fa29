package catalog

import (
	"fmt"
	"os"
	"sort"
	"strings"
	"testing"

	"github.com/cockroachdb/datadriven"
)

// TestConfigs runs the scripts of testdata: commands schema and table parse their input and print what was understood,
// or the error. A table is parsed against the last schema of the script.
func TestConfigs(t *testing.T) {
	datadriven.Walk(t, "testdata", func(t *testing.T, path string) {
		var schema *Schema
		datadriven.RunTest(t, path, func(t *testing.T, d *datadriven.TestData) string {
			switch d.Cmd {
			case "schema":
				s, unrecognized, err := ParseSchema([]byte(d.Input))
				if err != nil {
					return "error: " + err.Error() + "\n"
				}
				schema = s
				return printSchema(s) + printPointers(unrecognized)
			case "table":
				table, warnings, unrecognized, err := ParseTable([]byte(d.Input), schema)
				if err != nil {
					return "error: " + err.Error() + "\n"
				}
				return printTable(table) + printList("warning", warnings) + printPointers(unrecognized)
			default:
				d.Fatalf(t, "unknown command %s", d.Cmd)
				return ""
			}
		})
	})
}

func printSchema(s *Schema) string {
	var b strings.Builder
	fmt.Fprintf(&b, "schema %s key %v\n", s.Name, s.PrimaryKey)
	for _, f := range s.Fields {
		fmt.Fprintf(&b, "%s %s kind %d default %s\n", f.Name, f.Type, f.Kind, f.Default)
	}
	return b.String()
}

func printTable(t *Table) string {
	var b strings.Builder
	fmt.Fprintf(&b, "table %s time %s retention %s\n", t.Name, t.TimeColumn, t.Retention)
	fmt.Fprintf(&b, "stream %s at %v from %d decoder %s flush %d rows %s %d bytes\n", t.Stream.Topic, t.Stream.Brokers,
		t.Stream.OffsetReset.Kind, t.Stream.Decoder, t.Stream.Flush.Rows, t.Stream.Flush.Age, t.Stream.Flush.Bytes)
	for _, tr := range t.Ingestion.Transforms {
		fmt.Fprintf(&b, "transform %s = %s\n", tr.Column, tr.Function)
	}
	if c := t.Ingestion.Complex; c != nil {
		fmt.Fprintf(&b, "complex delimiter %q unnest %v collections %d renames %v\n", c.Delimiter, c.Unnest, c.Collections, c.PrefixRename)
	}
	if t.Index.SortedColumn != "" || len(t.Index.NoDictionary) > 0 {
		fmt.Fprintf(&b, "sorted %q raw %v\n", t.Index.SortedColumn, t.Index.NoDictionary)
	}
	return b.String()
}

func printList(what string, list []string) string {
	var b strings.Builder
	for _, s := range list {
		fmt.Fprintf(&b, "%s: %s\n", what, s)
	}
	return b.String()
}

func printPointers(m map[string]any) string {
	var list []string
	for k, v := range m {
		list = append(list, fmt.Sprintf("%s = %v", k, v))
	}
	sort.Strings(list)
	return printList("unrecognized", list)
}

func TestPeriodsAndSizes(t *testing.T) {
	for text, want := range map[string]string{"7d": "168h0m0s", "4h30m": "4h30m0s", "1500": "1.5s", "10s": "10s", "": "error", "7x": "error",
		"999999999d": "error", "-1": "error"} {
		got, err := ParsePeriod(text)
		if s := got.String(); err != nil && want != "error" || err == nil && s != want {
			t.Errorf("ParsePeriod(%q) = %v, %v; want %s", text, got, err, want)
		}
	}
	for text, want := range map[string]int64{"200M": 200 << 20, "1.5G": 3 << 29, "10KB": 10 << 10, "77": 77, "x": -1, "": -1, "-5": -1} {
		got, err := ParseSize(text)
		if err != nil && want != -1 || err == nil && got != want {
			t.Errorf("ParseSize(%q) = %v, %v; want %d", text, got, err, want)
		}
	}
}

func TestWithoutProperties(t *testing.T) {
	in := `{"a":1,"b":{"c":{"x":1},"d":2},"e":[{"f":1,"g":2}]}`
	out, err := WithoutProperties([]byte(in), map[string]any{"/b/c/x": 1, "/e/0/g": 2})
	if err != nil {
		t.Fatal(err)
	}
	got := strings.Join(strings.Fields(string(out)), "")
	if want := `{"a":1,"b":{"d":2},"e":[{"f":1}]}`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestKindsHaveNamesAndForms(t *testing.T) {
	for k := KindInvalid + 1; k < KindCount; k++ {
		if k.String() == "" || k.Physical() == PhysInvalid {
			t.Errorf("kind %d: name %q, physical %d", k, k.String(), k.Physical())
		}
	}
}

// FuzzParse looks for crashes and for configs that are accepted without being usable.
func FuzzParse(f *testing.F) {
	for _, name := range []string{"testdata/book", "testdata/bad"} {
		data, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		for _, part := range strings.Split(string(data), "\n\n") {
			if i := strings.IndexByte(part, '\n'); i > 0 {
				f.Add([]byte(strings.Split(part[i:], "\n----")[0]))
			}
		}
	}
	schema := NewSchema("t", []Field{{Name: "ts", Type: Timestamp, Kind: FieldDateTime}})
	f.Fuzz(func(t *testing.T, data []byte) {
		if s, _, err := ParseSchema(data); err == nil && (s.Name == "" || len(s.Fields) == 0) {
			t.Errorf("accepted a schema without name or columns: %s", data)
		}
		if table, _, _, err := ParseTable(data, schema); err == nil && (table.Stream.Topic == "" || table.Stream.Flush.Rows <= 0) {
			t.Errorf("accepted a table without stream: %s", data)
		}
	})
}
