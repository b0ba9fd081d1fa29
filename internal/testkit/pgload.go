package testkit

import (
	"encoding/hex"
	"fmt"
	"strings"
	"time"

	"github.com/freshetdb/freshet/catalog"
)

// PostgresDDL gives the statement that makes the table in PostgreSQL. Its names are in lower case, as PostgreSQL folds
// them; multi-value columns are arrays.
func (t *Table) PostgresDDL() string {
	types := map[catalog.Kind]string{catalog.KindInt: "integer", catalog.KindLong: "bigint", catalog.KindFloat: "real",
		catalog.KindDouble: "double precision", catalog.KindBigDecimal: "numeric", catalog.KindBoolean: "boolean",
		catalog.KindTimestamp: "timestamp", catalog.KindString: "text", catalog.KindJSON: "json", catalog.KindBytes: "bytea"}
	columns := make([]string, len(t.Schema.Fields))
	for i, f := range t.Schema.Fields {
		columns[i] = fmt.Sprintf("%q %s", strings.ToLower(f.Name), types[f.Type.Kind])
		if f.Type.MultiValue {
			columns[i] += "[]"
		}
	}
	return fmt.Sprintf("CREATE TABLE %q (%s)", t.Schema.Name, strings.Join(columns, ", "))
}

// PostgresCopy gives the rows in COPY's text format.
func (t *Table) PostgresCopy() string {
	var b strings.Builder
	for _, row := range t.Rows {
		for c, v := range row {
			if c > 0 {
				b.WriteByte('\t')
			}
			if v.Null {
				b.WriteString(`\N`)
				continue
			}
			b.WriteString(strings.NewReplacer(`\`, `\\`, "\t", `\t`, "\n", `\n`, "\r", `\r`).Replace(postgresText(v)))
		}
		b.WriteByte('\n')
	}
	return b.String()
}

func postgresText(v catalog.Value) string {
	if v.Type.MultiValue {
		parts := make([]string, len(v.Elems))
		for i, e := range v.Elems {
			parts[i] = `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(postgresText(e)) + `"`
		}
		return "{" + strings.Join(parts, ",") + "}"
	}
	switch v.Type.Kind {
	case catalog.KindString, catalog.KindJSON:
		return v.Str
	case catalog.KindBytes:
		return `\x` + hex.EncodeToString([]byte(v.Str))
	default:
		return Render(v, time.UTC)
	}
}
