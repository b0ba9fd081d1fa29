package testkit

import (
	"fmt"
	"slices"
	"strings"
)

// from is the text behind FROM; it sets the columns that the query has.
func (g *QueryGen) from() string {
	g.cols, g.unique, g.size = nil, nil, 1
	if len(g.Tables) == 1 {
		g.cols, g.unique = tableColumns(), []string{"id"}
		return g.Tables[0]
	}
	text := g.source()
	if g.depth <= 0 {
		return text
	}
	for left := []int{0, 0, 1, 1, 1, 2}[g.Rand.IntN(6)]; left > 0 && g.size*tableSize <= maxSize; left-- {
		switch n := g.Rand.IntN(8); {
		case n == 0 && left == 1: // JOIN binds closer than the comma: nothing may follow
			text += ", " + g.source()
		case n == 1:
			text += g.lateral()
		case n == 2 && left == 1 && g.bare(text):
			return g.using(text)
		default:
			text += g.joined()
		}
	}
	return text
}

// bare reports a FROM clause of one table.
func (g *QueryGen) bare(text string) bool {
	return len(strings.Fields(text)) == 2 && slices.Contains(g.Tables, strings.Fields(text)[0])
}

// table is a table.
func (g *QueryGen) table() string {
	name := g.alias()
	for _, c := range tableColumns() {
		c.ref = name + "." + c.ref
		g.cols = append(g.cols, c)
	}
	g.add(name+".id", tableSize)
	return g.one(g.Tables...) + " " + name
}

// add notes that a source with a unique column, "" for none, joins those before it.
func (g *QueryGen) add(unique string, size int) {
	switch {
	case unique == "":
		g.unique = nil
	case g.size == 1 && g.unique == nil, g.unique != nil:
		g.unique = append(g.unique[:len(g.unique):len(g.unique)], unique)
	}
	g.size *= size
}

// source is one element of FROM; its columns come behind those that there are.
func (g *QueryGen) source() string {
	switch n := g.Rand.IntN(10); {
	case n == 0 && g.depth > 0:
		return g.derived(false)
	case n == 1 && len(g.with) > 0, n == 2 && len(g.with) > 0:
		w := g.with[g.Rand.IntN(len(g.with))]
		name := g.alias()
		g.named(name, w.cols)
		return w.name + " " + name
	case n == 3 && g.depth > 0:
		name := g.alias()
		g.named(name, []column{{ref: "v", class: classNumber}, {ref: "w", class: classText}})
		return "(VALUES (1, 'a'), (2, NULL), (NULL, 'b'), (3, 'abc')) AS " + name + "(v, w)"
	case n == 4 && g.depth > 0:
		name := g.alias()
		g.cols = append(g.cols, column{ref: name + ".v", class: classInt})
		g.add(name+".v", 6)
		return fmt.Sprintf("generate_series(%d, %d) AS %s(v)", g.Rand.IntN(3)-2, g.Rand.IntN(5), name)
	}
	return g.table()
}

// named adds the columns of a source without a unique column.
func (g *QueryGen) named(alias string, cols []column) {
	for _, c := range cols {
		g.cols = append(g.cols, column{ref: alias + "." + c.ref, class: c.class})
	}
	g.add("", tableSize)
}

// derived is a sub-query; a lateral one sees the sources before it.
func (g *QueryGen) derived(lateral bool) string {
	saved := *g
	if lateral {
		for _, c := range g.cols {
			if !c.local {
				g.outer = append(g.outer[:len(g.outer):len(g.outer)], c)
			}
		}
	} else {
		g.outer = nil
	}
	g.cols, g.unique, g.size = nil, nil, 1
	g.depth--
	text, classes := g.body(nil)
	names := g.names
	*g = saved
	g.names = names
	name := g.alias()
	g.named(name, numbered(classes))
	return "(" + text + ") AS " + name + list(classes)
}

// numbered names columns k1, k2 and so on; list is the text of that.
func numbered(classes []class) []column {
	out := make([]column, len(classes))
	for i, c := range classes {
		out[i] = column{ref: fmt.Sprint("k", i+1), class: c}
	}
	return out
}

func list(classes []class) string {
	var names []string
	for _, c := range numbered(classes) {
		names = append(names, c.ref)
	}
	return "(" + strings.Join(names, ", ") + ")"
}

// lateral joins what depends on the sources before it.
func (g *QueryGen) lateral() string {
	inner := g.chance(2)
	var right string
	array, ok := g.ownColumn(class(int(classInts) + g.Rand.IntN(3)))
	switch {
	case ok && g.chance(2):
		name := g.alias()
		elem := map[class]class{classInts: classInt, classTexts: classText, classReals: classReal}[array.class]
		right = "unnest(" + array.ref + ") AS " + name + "(v)"
		g.named(name, []column{{ref: "v", class: elem}})
	default:
		right = "LATERAL " + g.derived(true)
	}
	if inner {
		return " CROSS JOIN " + right
	}
	return " LEFT JOIN " + right + " ON true"
}

// joined joins a source along a condition.
func (g *QueryGen) joined() string {
	before := slices.Clone(g.cols)
	kind := g.one(" JOIN ", " JOIN ", " LEFT JOIN ", " RIGHT JOIN ", " FULL JOIN ", " CROSS JOIN ")
	right := g.source()
	if kind == " CROSS JOIN " {
		return kind + right
	}
	after := g.cols[len(before):]
	var on []string
	for range 20 {
		l, r := before[g.Rand.IntN(len(before))], after[g.Rand.IntN(len(after))]
		if l.class != r.class || !l.class.scalar() || l.local {
			continue
		}
		op := "="
		if g.chance(6) && kind != " FULL JOIN " && l.class != classBytes && l.class != classBool {
			op = g.compare()
		}
		on = append(on, l.ref+" "+op+" "+r.ref)
		if len(on) == 2 || g.chance(2) {
			break
		}
	}
	if len(on) == 0 && g.Portable && kind == " FULL JOIN " {
		kind = " LEFT JOIN "
	}
	if len(on) == 0 || g.chance(4) && (!g.Portable || kind != " FULL JOIN ") {
		plain, depth := g.plain, g.depth
		g.plain = true
		on = append(on, g.boolean(1))
		g.plain, g.depth = plain, depth
	}
	return kind + right + " ON " + strings.Join(on, " AND ")
}

// using joins two tables along columns of the same names, which may then be called without their tables.
func (g *QueryGen) using(left string) string {
	text := left + g.one(" JOIN ", " LEFT JOIN ", " RIGHT JOIN ", " FULL JOIN ") + g.table()
	names := [][]string{{"i"}, {"s"}, {"p", "s"}, {"a"}, {"i", "s"}, {"x"}, {"tt"}, {"c"}, {"n"}}[g.Rand.IntN(9)]
	for _, c := range tableColumns() {
		if slices.Contains(names, c.ref) {
			c.local = true
			g.cols = append(g.cols, c)
		}
	}
	return text + " USING (" + strings.Join(names, ", ") + ")"
}

// withClause makes common table expressions.
func (g *QueryGen) withClause() string {
	if !g.chance(4) {
		return ""
	}
	var parts []string
	recursive := ""
	for range 1 + g.Rand.IntN(2) {
		name := fmt.Sprint("w", len(g.with)+1)
		if g.chance(3) {
			recursive = "RECURSIVE "
			parts = append(parts, g.recursive(name))
			continue
		}
		saved := *g
		g.depth--
		text, classes := g.body(nil)
		names := g.names
		*g = saved
		g.names = names
		parts = append(parts, name+list(classes)+" AS ("+text+")")
		g.with = append(g.with, relation{name, numbered(classes)})
	}
	return "WITH " + recursive + strings.Join(parts, ", ") + " "
}

// recursive counts, or follows i from row to row.
func (g *QueryGen) recursive(name string) string {
	defer func() {
		g.with = append(g.with, relation{name, []column{{ref: "k1", class: classInt}, {ref: "k2", class: classInt}}})
	}()
	t := g.one(g.Tables...)
	if g.chance(2) {
		return fmt.Sprintf("%s(k1, k2) AS (SELECT CAST(%d AS BIGINT), CAST(0 AS BIGINT) UNION %s SELECT k1 + 1, k1 * 2 FROM %s WHERE k1 < %d)",
			name, g.Rand.IntN(3), g.one("", "ALL"), name, g.Rand.IntN(8))
	}
	return fmt.Sprintf("%s(k1, k2) AS (SELECT id, CAST(i AS BIGINT) FROM %s WHERE id %s %d UNION SELECT e.id, CAST(e.i AS BIGINT) FROM %s e JOIN %s w ON e.%s = w.%s)",
		name, t, g.compare(), g.Rand.IntN(5), t, name, g.one("i", "id"), g.one("k1", "k2"))
}
