package testkit

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
)

// QueryGen makes random queries over tables of RandomTable that cannot fail and whose answers are determined: as a
// sequence where they are ordered, else as a multiset. Not safe for concurrent use.
type QueryGen struct {
	Rand *rand.Rand
	// Tables are what it reads. Queries over a single table have neither joins nor sub-queries.
	Tables []string
	// Portable keeps to what PostgreSQL answers alike.
	Portable bool
	// NoNullTests: no condition tells whether a value is NULL.
	NoNullTests bool

	cols   []column // of the FROM clause at hand
	outer  []column // of the queries around it
	unique []string // columns that tell its rows apart, nil where there are none
	size   int      // bound of its rows, by small tables
	with   []relation
	plain  bool // no columns of the queries around, no sub-queries
	depth  int  // how deep sub-queries may nest from here on
	names  int
}

// relation is a common table expression.
type relation struct {
	name string
	cols []column
}

const (
	tableSize = 25   // rows of a table that is joined
	maxSize   = 4000 // rows of a join
	maxWindow = 200  // rows that windows run over: the naive engine takes their square
)

// Query gives a query and whether its rows are in an order.
func (g *QueryGen) Query() (text string, ordered bool) {
	g.cols, g.outer, g.unique, g.with, g.plain, g.names, g.size, g.depth = nil, nil, nil, nil, false, 0, 1, 0
	if len(g.Tables) > 1 {
		g.depth = 2
		text = g.withClause()
	}
	if g.unordered() {
		distinct, _ := g.distinctOn()
		return text + distinct, true
	}
	body, classes := g.body(nil)
	text += body
	if slices.ContainsFunc(classes, func(c class) bool { return !c.scalar() }) || g.chance(2) {
		return text, false
	}
	return text + g.order(len(classes)), true
}

// unordered chooses DISTINCT ON for the outermost query.
func (g *QueryGen) unordered() bool { return len(g.Tables) > 1 && g.chance(15) }

// order orders by every column, so that the order is determined but for equal rows, and perhaps limits.
func (g *QueryGen) order(n int) string {
	var keys []string
	for _, c := range g.Rand.Perm(n) {
		keys = append(keys, fmt.Sprintf("%d%s%s", c+1, g.one("", " ASC", " DESC"), g.one("", " NULLS FIRST", " NULLS LAST")))
	}
	text := " ORDER BY " + strings.Join(keys, ", ")
	if g.chance(2) {
		text += fmt.Sprintf(" LIMIT %d", g.Rand.IntN(30))
	}
	if g.chance(4) {
		text += fmt.Sprintf(" OFFSET %d", g.Rand.IntN(10))
	}
	return text
}

// alias gives a name that nothing else has.
func (g *QueryGen) alias() string {
	g.names++
	return fmt.Sprint("t", g.names)
}

func (g *QueryGen) classes() []class {
	out := make([]class, 1+g.Rand.IntN(4))
	for i := range out {
		out[i] = class(g.Rand.IntN(int(classInts)))
		if g.chance(12) && !g.Portable {
			out[i] = class(g.Rand.IntN(int(classCount)))
		}
	}
	return out
}

// body is a query without ORDER BY: a SELECT or a set operation. Where want is set, its columns have these classes.
func (g *QueryGen) body(want []class) (string, []class) {
	if g.depth <= 0 || !g.chance(6) {
		return g.selects(want)
	}
	if want == nil {
		want = g.classes()
	}
	if slices.ContainsFunc(want, func(c class) bool { return !c.scalar() }) {
		return g.selects(want)
	}
	half := func() string {
		saved := *g
		g.cols, g.unique, g.size = nil, nil, 1
		g.depth--
		text, _ := g.selects(want)
		names := g.names
		*g = saved
		g.names = names
		return "(" + text + ")"
	}
	return half() + g.one(" UNION ", " UNION ALL ", " INTERSECT ", " INTERSECT ALL ", " EXCEPT ", " EXCEPT ALL ") + half(), want
}

// selects is one SELECT.
func (g *QueryGen) selects(want []class) (string, []class) {
	from := g.from()
	switch n := g.Rand.IntN(10); {
	case n < 5 && g.groupable(want):
		return g.groups(from, want)
	case n == 5 && g.unique != nil && g.size <= maxWindow && len(g.Tables) > 1:
		return g.windows(from, want)
	}
	if want == nil {
		want = g.classes()
	}
	items := make([]string, len(want))
	distinct := g.chance(4)
	for i, c := range want {
		items[i] = g.value(c, 2)
		distinct = distinct && c.scalar()
		if g.depth > 0 && !g.plain && c.scalar() && g.chance(10) && c != classBool {
			items[i] = g.scalarQuery(c)
		}
	}
	text := "SELECT "
	if distinct {
		text = "SELECT DISTINCT "
	}
	text += strings.Join(items, ", ") + " FROM " + from + g.where(3)
	if !distinct && g.unique != nil && len(g.Tables) > 1 && g.depth < 2 && g.chance(8) {
		text += fmt.Sprintf(" ORDER BY %s LIMIT %d", strings.Join(g.unique, ", "), g.Rand.IntN(8))
	}
	return text, want
}

func (g *QueryGen) groupable(want []class) bool {
	return !slices.ContainsFunc(want, func(c class) bool { return !c.scalar() })
}

// groups selects keys and aggregates.
func (g *QueryGen) groups(from string, want []class) (string, []class) {
	var keys, items []string
	var classes []class
	keyed := g.Rand.IntN(3)
	if want == nil {
		want = g.classes()
		if g.groupable(want) && keyed > 0 && !g.Portable && g.chance(5) {
			if ref, ok := g.ownColumn(class(int(classInts) + g.Rand.IntN(3))); ok { // an array as a key, by its elements
				items, keys = append(items, ref.ref), append(keys, "1")
				classes = append(classes, map[class]class{classInts: classInt, classTexts: classText, classReals: classReal}[ref.class])
				want = want[1:]
			}
		}
	}
	if !g.groupable(want) {
		want = []class{classInt, classNumber}
	}
	if len(keys) == 0 && keyed > 0 && g.depth > 0 && g.chance(5) {
		if text, ok := g.groupingSets(from, want); ok {
			return text, want
		}
	}
	for i, c := range want {
		if i < keyed {
			items, keys = append(items, g.key(c)), append(keys, fmt.Sprint(len(items)+1))
		} else {
			items = append(items, g.aggregateOf(c))
		}
		classes = append(classes, c)
	}
	text := "SELECT " + strings.Join(items, ", ") + " FROM " + from + g.where(3)
	if len(keys) > 0 {
		text += " GROUP BY " + strings.Join(keys, ", ")
	}
	if g.chance(4) {
		text += g.having()
	}
	return text, classes
}

func (g *QueryGen) having() string {
	if g.depth > 0 && g.chance(4) {
		cols := g.cols
		g.cols = nil // they are grouped
		defer func() { g.cols = cols }()
		return " HAVING count(*) " + g.compare() + " " + g.scalarQuery(classInt)
	}
	return fmt.Sprintf(" HAVING %s %s %d", g.aggregateOf(g.numeric()), g.compare(), g.Rand.IntN(20)-2)
}

func (g *QueryGen) numeric() class {
	return []class{classNumber, classInt, classReal}[g.Rand.IntN(3)]
}

// key is what a query groups by.
func (g *QueryGen) key(c class) string {
	plain := g.plain
	g.plain = true
	defer func() { g.plain = plain }()
	return g.value(c, 1)
}

// ownColumn is a column of the FROM clause.
func (g *QueryGen) ownColumn(c class) (column, bool) {
	var fit []column
	for _, x := range g.cols {
		if x.class == c {
			fit = append(fit, x)
		}
	}
	if len(fit) == 0 {
		return column{}, false
	}
	return fit[g.Rand.IntN(len(fit))], true
}

// groupingSets groups by several sets of columns at once; false where the wanted classes have no columns.
func (g *QueryGen) groupingSets(from string, want []class) (string, bool) {
	var keys, items []string
	for i, c := range want {
		if i < 3 {
			if k, ok := g.ownColumn(c); ok && !slices.Contains(keys, k.ref) {
				keys, items = append(keys, k.ref), append(items, k.ref)
				continue
			}
		}
		if c == classInt && len(keys) > 0 && g.chance(3) {
			items = append(items, "grouping("+strings.Join(keys, ", ")+")")
			continue
		}
		items = append(items, g.aggregateOf(c))
	}
	if len(keys) == 0 {
		return "", false
	}
	all := strings.Join(keys, ", ")
	sets := "ROLLUP (" + all + ")"
	switch g.Rand.IntN(3) {
	case 0:
		sets = "CUBE (" + all + ")"
	case 1:
		sets = "GROUPING SETS ((" + all + "), (" + keys[0] + "), ())"
	}
	text := "SELECT " + strings.Join(items, ", ") + " FROM " + from + g.where(2) + " GROUP BY " + sets
	if g.chance(4) {
		text += fmt.Sprintf(" HAVING count(*) > %d", g.Rand.IntN(4))
	}
	return text, true
}

// windows selects window functions over rows in a total order.
func (g *QueryGen) windows(from string, want []class) (string, []class) {
	if want == nil {
		want = g.classes()
	}
	items := make([]string, len(want))
	for i, c := range want {
		items[i] = g.value(c, 1)
		if g.chance(2) && c.scalar() {
			items[i] = g.window(c)
		}
	}
	return "SELECT " + strings.Join(items, ", ") + " FROM " + from + g.where(2), want
}

func (g *QueryGen) window(c class) string {
	plain := g.plain
	g.plain = true
	defer func() { g.plain = plain }()
	var over string
	if g.chance(2) {
		over = "PARTITION BY " + g.anyScalar() + " "
	}
	over += "ORDER BY " + g.anyScalar() + g.one("", " DESC") + g.one("", " NULLS FIRST", " NULLS LAST")
	peers := over
	over += ", " + strings.Join(g.unique, ", ")
	frame := g.one("", "", g.frame())
	v := g.value(c, 1)
	offset := g.one("1", "2", "0")
	calls := []string{"first_value(" + v + ")", "last_value(" + v + ")", "nth_value(" + v + ", 2)"}
	shifts := []string{"lag(" + v + ", " + offset + ")", "lead(" + v + ", " + offset + ", " + v + ")", "lead(" + v + ")"}
	if !g.Portable && g.chance(3) {
		calls = []string{g.one("first_value", "last_value") + "(" + v + ") IGNORE NULLS"}
	}
	switch {
	case c == classInt && g.chance(2):
		return g.one("row_number()", "ntile(3)") + " OVER (" + over + ")"
	case c == classInt && g.chance(2):
		return g.one("rank()", "dense_rank()", "count(*)", "sum("+g.number(1)+")") + " OVER (" + peers + ")"
	case c == classReal && g.chance(2):
		return g.one("percent_rank()", "cume_dist()") + " OVER (" + peers + ")"
	case c == classNumber && g.chance(2):
		return g.one("min", "max", "sum", "avg") + "(" + v + ") OVER (" + over + " " + frame + ")"
	case g.chance(3):
		return g.one(shifts...) + " OVER (" + over + ")"
	default:
		return g.one(calls...) + " OVER (" + over + " " + frame + ")"
	}
}

func (g *QueryGen) frame() string {
	mode := g.one("ROWS", "GROUPS")
	bounds := []string{"UNBOUNDED PRECEDING", "2 PRECEDING", "1 PRECEDING", "CURRENT ROW", "1 FOLLOWING", "3 FOLLOWING", "UNBOUNDED FOLLOWING"}
	from := g.Rand.IntN(len(bounds) - 1)
	to := max(1, from+g.Rand.IntN(len(bounds)-from))
	return mode + " BETWEEN " + bounds[from] + " AND " + bounds[to] + g.one("", "", " EXCLUDE CURRENT ROW", " EXCLUDE GROUP", " EXCLUDE TIES")
}

// distinctOn keeps the first row of each key.
func (g *QueryGen) distinctOn() (string, []class) {
	from := g.table()
	want := g.classes()
	items := make([]string, len(want))
	for i, c := range want {
		items[i] = g.value(c, 1)
	}
	key := g.anyScalar()
	return "SELECT DISTINCT ON (" + key + ") " + strings.Join(items, ", ") + " FROM " + from + g.where(2) + " ORDER BY " + key + g.one("", " DESC") + ", " +
		strings.Join(g.unique, ", ") + g.one("", " LIMIT 3"), want
}

func (g *QueryGen) where(depth int) string {
	if g.chance(4) {
		return ""
	}
	return " WHERE " + g.boolean(depth)
}
