package testkit

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strings"

	"github.com/freshetdb/freshet/catalog"
)

// RandomTable makes a table of n rows with nulls and, in b and c, extremes: b is any LONG, c any DOUBLE but NaN, a and q
// are small, so that arithmetic on them is exact and stays in range.
func RandomTable(r *rand.Rand, name string, n int) *Table {
	field := func(name string, t catalog.Type, kind catalog.FieldKind, def catalog.Value) catalog.Field {
		if t.MultiValue {
			def = catalog.Value{Type: t, Elems: []catalog.Value{def}}
		}
		return catalog.Field{Name: name, Type: t, Kind: kind, Default: def}
	}
	dimension := catalog.FieldDimension
	t := &Table{Schema: catalog.NewSchema(name, []catalog.Field{
		field("id", catalog.Long, dimension, catalog.LongValue(math.MinInt64)),
		field("a", catalog.Long, dimension, catalog.LongValue(0)),
		field("i", catalog.Int, dimension, catalog.IntValue(math.MinInt32)),
		field("b", catalog.Long, dimension, catalog.LongValue(math.MinInt64)),
		field("c", catalog.Double, dimension, catalog.DoubleValue(0)),
		field("q", catalog.Double, dimension, catalog.DoubleValue(0)),
		field("p", catalog.Boolean, dimension, catalog.BoolValue(false)),
		field("s", catalog.String, dimension, catalog.StringValue("null")),
		field("u", catalog.String, dimension, catalog.StringValue("null")),
		field("m", catalog.Int.Array(), dimension, catalog.IntValue(math.MinInt32)),
		field("ms", catalog.String.Array(), dimension, catalog.StringValue("null")),
		field("ts", catalog.Timestamp, catalog.FieldDateTime, catalog.TimestampValue(0)),
	})}
	nulls := []int{0, 10, 50, 95}[r.IntN(4)]
	for i := range n {
		row := []catalog.Value{catalog.LongValue(int64(i))}
		for _, f := range t.Schema.Fields[1:] {
			if r.IntN(100) < nulls {
				row = append(row, catalog.NullValue(f.Type))
			} else {
				row = append(row, randomCell(r, f))
			}
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

func randomCell(r *rand.Rand, f catalog.Field) catalog.Value {
	words := []string{"", "a", "A", "abc", "b", "zebra", "50%", "a_b", "ß", "12", "null"}
	if f.Type.MultiValue {
		v := catalog.Value{Type: f.Type}
		for range 1 + r.IntN(3) {
			v.Elems = append(v.Elems, randomCell(r, catalog.Field{Name: "s", Type: f.Type.Elem()}))
		}
		return v
	}
	switch f.Type.Kind {
	case catalog.KindInt:
		extremes := []int64{math.MinInt32, math.MaxInt32, -1, 0, 1}
		if r.IntN(4) == 0 {
			return catalog.IntValue(extremes[r.IntN(len(extremes))])
		}
		return catalog.IntValue(int64(r.IntN(20) - 5))
	case catalog.KindLong:
		extremes := []int64{math.MinInt64, math.MaxInt64, 1 << 53, 1<<53 + 1, -1, 0}
		if f.Name == "b" {
			return catalog.LongValue(extremes[r.IntN(len(extremes))])
		}
		return catalog.LongValue(int64(r.IntN(2001) - 1000))
	case catalog.KindDouble:
		extremes := []float64{math.MaxFloat64, -math.MaxFloat64, math.Inf(1), math.Inf(-1), 1e-300, 0, 0.1, -2.5, 1 << 53}
		if f.Name == "c" {
			return catalog.DoubleValue(extremes[r.IntN(len(extremes))])
		}
		return catalog.DoubleValue(float64(r.IntN(4001)-2000) / 4)
	case catalog.KindBoolean:
		return catalog.BoolValue(r.IntN(2) == 0)
	case catalog.KindTimestamp:
		const start, year = 1_735_689_600_000, 366 * 86_400_000
		return catalog.TimestampValue(start + r.Int64N(year)/1000*1000 + int64(r.IntN(2))*125)
	default:
		if f.Name == "u" {
			return catalog.StringValue(fmt.Sprintf("u%d", r.IntN(300)))
		}
		return catalog.StringValue(words[r.IntN(len(words))])
	}
}

// QueryGen makes random queries over a table of RandomTable. Not safe for concurrent use.
type QueryGen struct {
	Rand  *rand.Rand
	Table string
	// Portable keeps to what PostgreSQL answers alike: no multi-value predicates, no Pinot functions.
	Portable bool
}

func (g *QueryGen) one(options ...string) string { return options[g.Rand.IntN(len(options))] }

// Query gives a query whose answer is determined: as a sequence where it has ORDER BY, else as a set.
func (g *QueryGen) Query() string {
	var b strings.Builder
	switch g.Rand.IntN(10) {
	case 0, 1, 2:
		g.rows(&b, "SELECT ")
	case 3:
		g.rows(&b, "SELECT DISTINCT ")
	default:
		g.groups(&b)
	}
	return b.String()
}

// rows selects rows.
func (g *QueryGen) rows(b *strings.Builder, head string) {
	var items []string
	for range 1 + g.Rand.IntN(4) {
		items = append(items, g.item())
	}
	b.WriteString(head + strings.Join(items, ", ") + " FROM " + g.Table)
	g.where(b)
	g.order(b, len(items))
}

// item is something to select or to group by.
func (g *QueryGen) item() string {
	options := []string{g.number(2), g.text(1), g.one("id", "a", "i", "b", "c", "q", "p", "s", "u", "ts"), g.boolean(1)}
	return g.one(options...)
}

// groups selects aggregates.
func (g *QueryGen) groups(b *strings.Builder) {
	var keys, items []string
	for range g.Rand.IntN(3) {
		k := g.one("i", "p", "s", "u", "b", "c", "ts", g.number(1), g.text(1), g.boolean(0))
		if !g.Portable && g.Rand.IntN(8) == 0 {
			k = g.one("m", "ms")
		}
		keys = append(keys, k)
	}
	items = append(items, keys...)
	for range 1 + g.Rand.IntN(3) {
		items = append(items, g.aggregate())
	}
	fmt.Fprintf(b, "SELECT %s FROM %s", strings.Join(items, ", "), g.Table)
	g.where(b)
	if len(keys) > 0 {
		b.WriteString(" GROUP BY ")
		for i := range keys {
			if i > 0 {
				b.WriteString(", ")
			}
			fmt.Fprint(b, i+1)
		}
	}
	if g.Rand.IntN(4) == 0 {
		fmt.Fprintf(b, " HAVING %s %s %d", g.one("count(*)", "count(a)", "sum(a)", "min(q)", "max(i)"), g.compare(), g.Rand.IntN(20)-2)
	}
	g.order(b, len(items))
}

func (g *QueryGen) aggregate() string {
	var call string
	switch g.Rand.IntN(8) {
	case 0:
		call = "count(*)"
	case 1:
		call = "count(" + g.item() + ")"
	case 2:
		call = "count(DISTINCT " + g.one("a", "i", "b", "c", "p", "s", "u", "ts") + ")"
	case 3, 4:
		call = "sum(" + g.number(1) + ")"
	case 5:
		call = "avg(" + g.one("a", "q", "a + q", "id") + ")"
	case 6:
		call = g.one("min", "max") + "(" + g.one("id", "a", "i", "b", "c", "q", "s", "u", "ts", g.number(1), g.text(1)) + ")"
	default:
		call = g.one("bool_and", "bool_or") + "(" + g.boolean(1) + ")"
	}
	if g.Rand.IntN(4) == 0 {
		call += " FILTER (WHERE " + g.boolean(1) + ")"
	}
	return call
}

func (g *QueryGen) where(b *strings.Builder) {
	if g.Rand.IntN(4) > 0 {
		b.WriteString(" WHERE " + g.boolean(3))
	}
}

// order orders by every column, so that the order is determined but for equal rows, and perhaps limits.
func (g *QueryGen) order(b *strings.Builder, n int) {
	if g.Rand.IntN(2) == 0 {
		return
	}
	b.WriteString(" ORDER BY ")
	for i, c := range g.Rand.Perm(n) {
		if i > 0 {
			b.WriteString(", ")
		}
		fmt.Fprintf(b, "%d%s%s", c+1, g.one("", " ASC", " DESC"), g.one("", " NULLS FIRST", " NULLS LAST"))
	}
	if g.Rand.IntN(2) == 0 {
		fmt.Fprintf(b, " LIMIT %d", g.Rand.IntN(30))
	}
	if g.Rand.IntN(4) == 0 {
		fmt.Fprintf(b, " OFFSET %d", g.Rand.IntN(10))
	}
}

func (g *QueryGen) compare() string { return g.one("=", "<>", "<", "<=", ">", ">=") }

// number gives an expression of small numbers.
func (g *QueryGen) number(depth int) string {
	if depth <= 0 {
		return g.one("a", "q", "a", fmt.Sprint(g.Rand.IntN(21)-10), "length(s)")
	}
	l, r := g.number(depth-1), g.number(depth-1)
	switch g.Rand.IntN(7) {
	case 0:
		return "(" + l + " + " + r + ")"
	case 1:
		return "(" + l + " - " + r + ")"
	case 2:
		return "(" + l + " * " + r + ")"
	case 3:
		return "abs(" + l + ")"
	case 4:
		return "CASE WHEN " + g.boolean(depth-1) + " THEN " + l + " ELSE " + r + " END"
	case 5:
		return "coalesce(" + l + ", " + r + ")"
	default:
		return l
	}
}

func (g *QueryGen) text(depth int) string {
	if depth <= 0 {
		return g.one("s", "u", "s", g.literal())
	}
	switch g.Rand.IntN(6) {
	case 0:
		return "upper(" + g.one("s", "u") + ")"
	case 1:
		return "(" + g.text(depth-1) + " || " + g.text(depth-1) + ")"
	case 2:
		return "coalesce(" + g.text(depth-1) + ", 'none')"
	case 3:
		return "CASE WHEN " + g.boolean(depth-1) + " THEN " + g.one("s", "u") + " ELSE 'else' END"
	default:
		return g.text(0)
	}
}

func (g *QueryGen) literal() string {
	return g.one("''", "'a'", "'A'", "'abc'", "'b'", "'50%'", "'u1'", "'u25'", "'zz'", "'ß'")
}

// boolean gives a condition that cannot fail.
func (g *QueryGen) boolean(depth int) string {
	if depth > 0 && g.Rand.IntN(2) == 0 {
		l, r := g.boolean(depth-1), g.boolean(depth-1)
		switch g.Rand.IntN(5) {
		case 0, 1:
			return "(" + l + " AND " + r + ")"
		case 2:
			return "(" + l + " OR " + r + ")"
		case 3:
			return "NOT (" + l + ")"
		default:
			return "(" + l + ") " + g.one("IS TRUE", "IS NOT TRUE", "IS FALSE", "IS NULL", "IS NOT NULL")
		}
	}
	if !g.Portable && g.Rand.IntN(8) == 0 {
		return g.one(fmt.Sprintf("m %s %d", g.compare(), g.Rand.IntN(10)), "m IN (1, 2, 3)", "m NOT IN (0, 1)", "ms = "+g.literal(),
			"ms <> "+g.literal(), "ms LIKE 'a%'", "m IS NULL", "ms IS NOT NULL")
	}
	return g.atom()
}

func (g *QueryGen) atom() string {
	column := g.one("id", "a", "i", "b", "c", "q")
	constant := g.one("0", "1", "-1", "7", "0.25", "-2.5", "1000000", "2147483647", "9223372036854775807", "9007199254740992")
	if column == "c" { // compared with a constant exactly, where PostgreSQL rounds the constant
		constant = g.one("0", "1", "0.25", "-2.5", "1000000")
	}
	time := g.one("'2025-01-01'", "'2025-03-30 02:30:00'", "'2025-07-01 12:00:00'", "'2026-01-01'")
	not := g.one("", " NOT")
	switch g.Rand.IntN(12) {
	case 0:
		return "p"
	case 1:
		return g.one("id", "a", "i", "b", "c", "q", "p", "s", "u", "ts") + " IS" + not + " NULL"
	case 2:
		return column + not + " IN (" + constant + ", 3, 5, -4" + g.one("", "", ", NULL") + ")"
	case 3:
		return column + not + " BETWEEN " + g.one("-5", "0", "-1000.5") + " AND " + constant
	case 4:
		return g.one("s", "u") + not + g.one(" LIKE ", " ILIKE ") + g.one("'%'", "'a%'", "'%b%'", "'_'", "'u1%'", "'%\\%'", "'a\\_b'")
	case 5:
		return g.one("s", "u") + not + " IN (" + g.literal() + ", 'u3', 'u99', 'null')"
	case 6:
		return g.text(1) + " " + g.compare() + " " + g.literal()
	case 7:
		return "ts " + g.compare() + " " + time
	case 8:
		return g.number(1) + " " + g.compare() + " " + g.number(1)
	case 9:
		return column + " IS" + not + " DISTINCT FROM " + constant
	case 10:
		return g.one("i", "a", "id") + " " + g.compare() + " " + g.one("a", "i", "id", "q")
	default:
		return column + " " + g.compare() + " " + constant
	}
}
