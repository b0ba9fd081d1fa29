package testkit

import (
	"fmt"
	"slices"
	"strings"
)

// class is what may be done with a column of a random query.
type class uint8

const (
	classNumber  class = iota // small numbers, whose arithmetic is exact
	classInt                  // any integers
	classReal                 // any floating numbers
	classDecimal              // any decimals
	classText
	classBool
	classTime // within a year or so
	classFar  // any timestamps
	classBytes
	classInts // arrays
	classTexts
	classReals
	classCount
)

// scalar reports classes whose values are no arrays.
func (c class) scalar() bool { return c < classInts }

// column is something that a query can refer to.
type column struct {
	ref   string
	class class
	local bool // hidden from sub-queries
}

// tableColumns are the columns of a RandomTable.
func tableColumns() []column {
	return []column{{"id", classInt, false}, {"a", classNumber, false}, {"i", classInt, false}, {"b", classInt, false}, {"c", classReal, false},
		{"f", classReal, false}, {"n", classDecimal, false}, {"q", classNumber, false}, {"p", classBool, false}, {"s", classText, false},
		{"u", classText, false}, {"x", classBytes, false}, {"m", classInts, false}, {"ms", classTexts, false}, {"md", classReals, false},
		{"ts", classTime, false}, {"tt", classFar, false}}
}

func (g *QueryGen) one(options ...string) string { return options[g.Rand.IntN(len(options))] }

// chance is true once in n times.
func (g *QueryGen) chance(n int) bool { return g.Rand.IntN(n) == 0 }

// column gives a random column of a class; now and then one of the queries around this one.
func (g *QueryGen) column(c class) (ref string, ok bool) {
	cols := g.cols
	if !g.plain && len(g.outer) > 0 && g.chance(5) {
		cols = g.outer
	}
	var fit []string
	for _, x := range cols {
		if x.class == c {
			fit = append(fit, x.ref)
		}
	}
	if len(fit) == 0 {
		return "", false
	}
	return g.one(fit...), true
}

// value is a random expression of a class.
func (g *QueryGen) value(c class, depth int) string {
	switch c {
	case classNumber:
		return g.number(depth)
	case classText:
		return g.text(depth)
	case classBool:
		return g.boolean(depth)
	case classTime:
		return g.time(depth)
	}
	if ref, ok := g.column(c); ok {
		if c.scalar() && depth > 0 && g.chance(8) {
			return "CASE WHEN " + g.boolean(depth-1) + " THEN " + ref + " END"
		}
		return ref
	}
	return g.constant(c)
}

// constant has the type of the class's columns.
func (g *QueryGen) constant(c class) string {
	switch c {
	case classNumber:
		return "CAST(" + g.one("3", "-2", "NULL") + " AS BIGINT)"
	case classInt:
		return "CAST(" + g.one("7", "-1", "9223372036854775807", "NULL") + " AS BIGINT)"
	case classReal:
		return "CAST(" + g.one("0.25", "-2.5", "NULL") + " AS DOUBLE PRECISION)"
	case classDecimal:
		return "CAST(" + g.one("'0.1'", "'12345678901234567890.123456789'", "NULL") + " AS NUMERIC)"
	case classText:
		return "CAST(" + g.one(g.literal(), "NULL") + " AS TEXT)"
	case classBool:
		return g.one("true", "false", "CAST(NULL AS BOOLEAN)")
	case classTime:
		return "CAST(" + g.one(g.instant(), "NULL") + " AS TIMESTAMP)"
	case classFar:
		return "CAST(" + g.one("'1970-01-01 00:00:00'", "NULL") + " AS TIMESTAMP)"
	case classBytes:
		return "CAST(NULL AS BYTEA)"
	case classInts:
		return "ARRAY[1, 2]"
	case classTexts:
		return "ARRAY['a', 'b']"
	default:
		return "CAST(ARRAY[0.5, -2.5] AS DOUBLE PRECISION[])"
	}
}

func (g *QueryGen) compare() string { return g.one("=", "<>", "<", "<=", ">", ">=") }

// number gives an expression of small numbers.
func (g *QueryGen) number(depth int) string {
	if depth <= 0 {
		if ref, ok := g.column(classNumber); ok && !g.chance(4) {
			return ref
		}
		if ref, ok := g.column(classTime); ok && g.chance(4) {
			return "extract(" + g.one("year", "month", "day", "hour", "dow") + " FROM " + ref + ")"
		}
		if ref, ok := g.column(classText); ok && g.chance(2) {
			return "length(" + ref + ")"
		}
		return fmt.Sprint(g.Rand.IntN(21) - 10)
	}
	l, r := g.number(depth-1), g.number(depth-1)
	switch g.Rand.IntN(8) {
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
	case 6:
		return g.one("greatest", "least") + "(" + l + ", " + r + ")"
	default:
		return l
	}
}

func (g *QueryGen) text(depth int) string {
	ref, ok := g.column(classText)
	if !ok {
		return g.constant(classText)
	}
	if depth <= 0 {
		if g.chance(5) {
			return g.literal()
		}
		return ref
	}
	switch g.Rand.IntN(7) {
	case 0:
		return "upper(" + ref + ")"
	case 1:
		return "(" + ref + " || " + g.text(depth-1) + ")"
	case 2:
		return "coalesce(" + ref + ", 'none')"
	case 3:
		return "CASE WHEN " + g.boolean(depth-1) + " THEN " + ref + " ELSE 'else' END"
	case 4:
		return "left(" + ref + ", 2)"
	default:
		return ref
	}
}

// time is a timestamp, in the year of the data or close to it.
func (g *QueryGen) time(depth int) string {
	ref, ok := g.column(classTime)
	if !ok {
		return g.constant(classTime)
	}
	if depth <= 0 {
		return ref
	}
	switch g.Rand.IntN(6) {
	case 0:
		return "date_trunc(" + g.one("'month'", "'day'", "'week'", "'hour'") + ", " + ref + ")"
	case 1:
		return "(" + ref + g.one(" + ", " - ") + g.one("INTERVAL '1 day'", "INTERVAL '90 minutes'", "INTERVAL '1 month'") + ")"
	case 2:
		return "coalesce(" + ref + ", CAST(" + g.instant() + " AS TIMESTAMP))"
	default:
		return ref
	}
}

func (g *QueryGen) literal() string {
	return g.one("''", "'a'", "'A'", "'abc'", "'b'", "'50%'", "'u1'", "'u25'", "'zz'", "'ß'")
}

func (g *QueryGen) instant() string {
	return g.one("'2025-01-01'", "'2025-03-30 02:30:00'", "'2025-07-01 12:00:00'", "'2026-01-01'")
}

// boolean gives a condition that cannot fail.
func (g *QueryGen) boolean(depth int) string {
	if depth > 0 && g.chance(2) {
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
	if depth > 0 && g.depth > 0 && !g.plain && g.chance(4) {
		return g.subCondition()
	}
	return g.atom()
}

// pair gives two columns of one class, the second from the queries around this one, if there are any.
func (g *QueryGen) pair() (inner, outer string, c class, ok bool) {
	for range 10 {
		if len(g.cols) == 0 || len(g.outer) == 0 {
			return "", "", 0, false
		}
		x, y := g.cols[g.Rand.IntN(len(g.cols))], g.outer[g.Rand.IntN(len(g.outer))]
		if x.class == y.class && x.class.scalar() {
			return x.ref, y.ref, x.class, true
		}
	}
	return "", "", 0, false
}

// atom is a condition without parts.
func (g *QueryGen) atom() string {
	if !g.plain && g.chance(2) {
		if inner, outer, c, ok := g.pair(); ok {
			if g.chance(2) || c == classBool || c == classBytes {
				return inner + " = " + outer
			}
			return inner + " " + g.compare() + " " + outer
		}
	}
	if len(g.cols) == 0 {
		return g.one("true", "false", "1 < 2")
	}
	x := g.cols[g.Rand.IntN(len(g.cols))]
	if g.Portable && !x.class.scalar() {
		x = column{ref: "(1 + 1)", class: classInt}
	}
	not := g.one("", " NOT")
	if g.chance(10) && !g.NoNullTests {
		return x.ref + " IS" + not + " NULL"
	}
	switch x.class {
	case classText:
		return g.textAtom(x.ref, not)
	case classBool:
		return g.one(x.ref, "NOT "+x.ref, x.ref+" = "+g.one("true", "false"))
	case classTime:
		return g.time(1) + " " + g.compare() + " " + g.instant()
	case classFar:
		return x.ref + " " + g.compare() + " " + g.one("'1970-01-01 00:00:00'", g.instant(), "'1969-12-31 23:59:59.999'")
	case classBytes:
		other, _ := g.column(classBytes)
		if other == "" {
			other = x.ref
		}
		return x.ref + " " + g.one("=", "<>") + " " + other
	case classInts, classTexts, classReals:
		return g.arrayAtom(x)
	default:
		return g.numberAtom(x, not)
	}
}

func (g *QueryGen) textAtom(ref, not string) string {
	switch g.Rand.IntN(4) {
	case 0:
		return ref + not + g.one(" LIKE ", " ILIKE ") + g.one("'%'", "'a%'", "'%b%'", "'_'", "'u1%'", "'%\\%'", "'a\\_b'")
	case 1:
		return ref + not + " IN (" + g.literal() + ", 'u3', 'u99', 'null')"
	case 2:
		if !g.NoNullTests {
			return ref + " IS" + not + " DISTINCT FROM " + g.literal()
		}
	}
	return g.text(1) + " " + g.compare() + " " + g.literal()
}

// arrayAtom compares the elements of an array.
func (g *QueryGen) arrayAtom(x column) string {
	switch {
	case g.chance(6):
		return "cardinality(" + x.ref + ") " + g.compare() + " 2"
	case x.class == classTexts:
		return g.one(x.ref+" = "+g.literal(), x.ref+" <> "+g.literal(), x.ref+" LIKE 'a%'", x.ref+" NOT LIKE '%b%'", x.ref+" IN ('a', 'b')")
	case x.class == classReals:
		return x.ref + " " + g.compare() + " " + g.one("0", "-2.5", "100")
	default:
		return g.one(fmt.Sprintf("%s %s %d", x.ref, g.compare(), g.Rand.IntN(10)), x.ref+" IN (1, 2, 3)", x.ref+" NOT IN (0, 1)")
	}
}

func (g *QueryGen) numberAtom(x column, not string) string {
	constant := g.one("0", "1", "-1", "7", "0.25", "-2.5", "1000000", "2147483647", "9223372036854775807", "9007199254740992")
	if x.class == classReal { // compared with a constant exactly, where PostgreSQL rounds the constant
		constant = g.one("0", "1", "0.25", "-2.5", "1000000")
	}
	switch g.Rand.IntN(6) {
	case 0:
		return x.ref + not + " IN (" + constant + ", 3, 5, -4" + g.one("", "", ", NULL") + ")"
	case 1:
		return x.ref + not + " BETWEEN " + g.one("-5", "0", "-1000.5") + " AND " + constant
	case 2:
		return g.number(1) + " " + g.compare() + " " + g.number(1)
	case 3:
		if !g.NoNullTests {
			return x.ref + " IS" + not + " DISTINCT FROM " + constant
		}
	case 4:
		if other, ok := g.column(x.class); ok {
			return x.ref + " " + g.compare() + " " + other
		}
	}
	return x.ref + " " + g.compare() + " " + constant
}

// subCondition is a condition with a sub-query.
func (g *QueryGen) subCondition() string {
	classes := []class{classNumber, classInt, classText, classTime, classReal, classDecimal, classBytes}
	c := classes[g.Rand.IntN(len(classes))]
	left, not := g.value(c, 1), g.one("", "", "NOT ")
	switch g.Rand.IntN(6) {
	case 0, 1:
		return not + "EXISTS (" + g.sub(func() string { return "SELECT 1 FROM " + g.from() + g.where(2) }) + ")"
	case 2, 3:
		return left + " " + not + "IN (" + g.column1(c) + ")"
	case 4:
		if c == classBytes {
			return left + " = " + g.one("ANY", "ALL") + " (" + g.column1(c) + ")"
		}
		return left + " " + g.compare() + " " + g.one("ANY", "ALL") + " (" + g.column1(c) + ")"
	default:
		if g.chance(3) {
			other := g.value(classText, 0)
			return "(" + left + ", " + other + ") " + not + "IN (" + g.sub(func() string {
				from := g.from()
				return "SELECT " + g.value(c, 0) + ", " + g.value(classText, 0) + " FROM " + from + g.where(1)
			}) + ")"
		}
		return left + " " + g.one("=", "<>", "<", ">") + " " + g.scalarQuery(c)
	}
}

// column1 is a query of one column, in no order.
func (g *QueryGen) column1(c class) string {
	return g.sub(func() string {
		text, _ := g.body([]class{c})
		return text
	})
}

// scalarQuery gives at most one row.
func (g *QueryGen) scalarQuery(c class) string {
	return "(" + g.sub(func() string {
		from := g.from()
		if c == classBytes && g.unique == nil {
			return "SELECT " + g.constant(c) + " FROM " + from + " LIMIT 1"
		}
		if g.unique != nil && (c == classBytes || g.chance(3)) {
			return "SELECT " + g.value(c, 1) + " FROM " + from + g.where(1) + " ORDER BY " + strings.Join(g.unique, ", ") + " LIMIT 1"
		}
		return "SELECT " + g.aggregateOf(c) + " FROM " + from + g.where(2)
	}) + ")"
}

// sub makes a query within this one, which sees its columns.
func (g *QueryGen) sub(f func() string) string {
	saved := *g
	g.outer = slices.Clone(g.outer)
	for _, c := range g.cols {
		if !c.local {
			g.outer = append(g.outer, c)
		}
	}
	g.cols, g.unique, g.size, g.plain = nil, nil, 1, false
	g.depth--
	text := f()
	names := g.names
	*g = saved
	g.names = names
	return text
}

// aggregateOf is an aggregate whose result has class c.
func (g *QueryGen) aggregateOf(c class) string {
	plain := g.plain
	g.plain = true // an aggregate over columns from outside alone would belong to the query outside
	defer func() { g.plain = plain }()
	var call string
	switch c {
	case classBool:
		call = g.one("bool_and", "bool_or") + "(" + g.boolean(1) + ")"
	case classInt:
		call = g.one("count(*)", "count("+g.anyValue()+")", "count(DISTINCT "+g.anyScalar()+")", "min("+g.value(c, 1)+")", "max("+g.value(c, 1)+")",
			"sum("+g.number(1)+")", "sum("+g.number(0)+")")
	case classReal:
		if !g.Portable && g.chance(4) { // PostgreSQL's is a decimal for integers
			call = "avg(" + g.number(0) + ")"
			break
		}
		call = g.one("sum(CAST("+g.number(1)+" AS DOUBLE PRECISION))", "avg(CAST("+g.number(1)+" AS DOUBLE PRECISION))", "min("+g.value(c, 1)+")", "max("+g.value(c, 1)+")")
	case classBytes:
		return g.constant(c)
	default:
		call = g.one("min", "max") + "(" + g.value(c, 1) + ")"
	}
	if g.chance(4) {
		call += " FILTER (WHERE " + g.boolean(1) + ")"
	}
	return call
}

// anyScalar is a column that is no array.
func (g *QueryGen) anyScalar() string {
	var fit []string
	for _, c := range g.cols {
		if c.class.scalar() {
			fit = append(fit, c.ref)
		}
	}
	if len(fit) == 0 {
		return "1"
	}
	return g.one(fit...)
}

// anyValue is an expression of any scalar class.
func (g *QueryGen) anyValue() string { return g.value(class(g.Rand.IntN(int(classInts))), 1) }
