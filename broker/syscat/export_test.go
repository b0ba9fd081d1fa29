package syscat

import (
	"strings"

	"github.com/freshetdb/freshet/catalog"
)

// TextForTest writes a value in PostgreSQL's text form.
func TextForTest(v catalog.Value) string {
	if v.Null {
		return ""
	}
	if v.Type.MultiValue {
		parts := make([]string, len(v.Elems))
		for i, e := range v.Elems {
			if parts[i] = "NULL"; !e.Null {
				parts[i] = arrayElement(valueText(e))
			}
		}
		return "{" + strings.Join(parts, ",") + "}"
	}
	return valueText(v)
}

// SampleSession and SampleCatalog are those of the tests of this package.
type SampleSession = session

// SampleTables are the tables of the recorded statements.
func SampleTables(list ...Table) Tables { return &world{tables: list} }
