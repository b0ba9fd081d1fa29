package inspect_test

import (
	"bytes"
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/cockroachdb/datadriven"

	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/internal/errs"
	"github.com/freshetdb/freshet/internal/vfs"
	"github.com/freshetdb/freshet/segment"
	"github.com/freshetdb/freshet/segment/build"
	"github.com/freshetdb/freshet/segment/inspect"
	"github.com/freshetdb/freshet/segment/segtest"
)

func pizzaSchema() *catalog.Schema {
	return catalog.NewSchema("pizza", []catalog.Field{
		{Name: "name", Type: catalog.String}, {Name: "price", Type: catalog.Double}, {Name: "count", Type: catalog.Int},
		{Name: "note", Type: catalog.JSON}, {Name: "toppings", Type: catalog.String.Array()}, {Name: "paid", Type: catalog.Boolean},
	})
}

func pizzas(rows int) [][]catalog.Value {
	columns := make([][]catalog.Value, 6)
	for i := range rows {
		tops := catalog.Value{Type: catalog.String.Array()}
		for k := range i % 3 {
			tops.Elems = append(tops.Elems, catalog.StringValue(fmt.Sprint("top", k)))
		}
		note := catalog.Value{Type: catalog.JSON, Str: fmt.Sprintf(`{"row":%d}`, i)}
		if i == 2 {
			note = catalog.NullValue(catalog.JSON)
		}
		for c, x := range []catalog.Value{catalog.StringValue([]string{"margherita", "funghi"}[i%2]), catalog.DoubleValue(float64(i) + 0.5),
			catalog.IntValue(int64(i - 1)), note, tops, catalog.BoolValue(i > 1)} {
			columns[c] = append(columns[c], x)
		}
	}
	return columns
}

func TestInspect(t *testing.T) {
	var file []byte
	datadriven.RunTest(t, "testdata/inspect", func(t *testing.T, d *datadriven.TestData) string {
		switch d.Cmd {
		case "write":
			var rows int
			d.ScanArgs(t, "rows", &rows)
			file = write(t, rows)
			return fmt.Sprintf("%d bytes\n", len(file))
		case "inspect":
			return run(t, d, bytes.Clone(file))
		default:
			return "unknown command " + d.Cmd
		}
	})
}

func write(t *testing.T, rows int) []byte {
	fs := vfs.NewMem()
	table := &catalog.Table{Index: catalog.Index{NoDictionary: map[string]bool{"note": true, "price": true}}}
	spec := build.Spec{Name: "pizza__0__7", Table: "pizza", Incarnation: "abc", Sequence: 7, StartOffset: 100, EndOffset: 105, SchemaVersion: 1,
		ConfigVersion: 2, Schema: pizzaSchema(), TableConfig: table, CreatedMillis: 1763700000000}
	view := segtest.NewView("v", pizzaSchema(), pizzas(rows), segtest.WithHidden(100), segtest.WithTimeRange(1763690000000, 1763690001000))
	if _, err := build.Write(context.Background(), fs, "s", spec, view); err != nil {
		t.Fatal(err)
	}
	data, err := vfs.ReadFile(fs, "s", 1<<20)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// run prints a file after the damage that the command's arguments ask for.
func run(t *testing.T, d *datadriven.TestData, file []byte) string {
	verbose := false
	for _, a := range d.CmdArgs {
		for _, value := range a.Vals {
			switch a.Key {
			case "flip":
				flip(t, file, value)
			case "cut":
				file = file[:len(file)-10]
			}
		}
		verbose = verbose || a.Key == "verbose"
	}
	fs := vfs.NewMem()
	f, err := fs.Create("s")
	if err == nil {
		_, err = f.Write(file)
	}
	if err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	err = inspect.Inspect(&out, fs, "s", verbose)
	if err != nil {
		fmt.Fprintf(&out, "class %s\n", errs.ClassOf(err))
	}
	return out.String()
}

// flip changes a byte of a section: column:role, zones or contents.
func flip(t *testing.T, file []byte, where string) {
	f, err := segment.Parse("s", file)
	if f == nil {
		t.Fatal(err)
	}
	switch where {
	case "zones":
		file[f.Zones.Offset+1] ^= 1
		return
	case "contents":
		file[f.Contents.Offset+1] ^= 1
		return
	}
	name, role, _ := strings.Cut(where, ":")
	for _, c := range f.Columns {
		for _, s := range c.Sections {
			if c.Name == name && s.Role.String() == role {
				file[s.Offset] ^= 1
				return
			}
		}
	}
	t.Fatalf("no section %s", where)
}

// failingWriter fails after some bytes.
type failingWriter struct{ left int }

func (w *failingWriter) Write(p []byte) (int, error) {
	if w.left -= len(p); w.left < 0 {
		return 0, fmt.Errorf("the terminal is gone")
	}
	return len(p), nil
}

func TestInspectReportsWriteErrors(t *testing.T) {
	fs := vfs.NewMem()
	if _, err := build.Write(context.Background(), fs, "s", build.Spec{Schema: pizzaSchema()}, segtest.NewView("v", pizzaSchema(), pizzas(5))); err != nil {
		t.Fatal(err)
	}
	for _, left := range []int{0, 100, 500} {
		if err := inspect.Inspect(&failingWriter{left: left}, fs, "s", true); err == nil || !strings.Contains(err.Error(), "terminal") {
			t.Errorf("after %d bytes: error %v", left, err)
		}
	}
	if err := inspect.Inspect(&failingWriter{}, fs, "missing", true); err == nil {
		t.Error("a missing file is no error")
	}
}
