package testkit

import (
	"encoding/hex"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/freshetdb/freshet/catalog"
)

// typeLetters are the letters of Record.Types: integer, real, decimal, text, boolean, timestamp, instant, interval, JSON,
// octets. A lower-case letter is an array of them.
const typeLetters = "IRNTBDZVJX"

// Letter gives the letter of a type.
func Letter(t catalog.Type) byte {
	letters := map[catalog.Kind]byte{catalog.KindInt: 'I', catalog.KindLong: 'I', catalog.KindFloat: 'R', catalog.KindDouble: 'R',
		catalog.KindBigDecimal: 'N', catalog.KindBoolean: 'B', catalog.KindTimestamp: 'D', catalog.KindTimestampTZ: 'Z',
		catalog.KindDuration: 'V', catalog.KindInterval: 'V', catalog.KindJSON: 'J', catalog.KindBytes: 'X'}
	l, ok := letters[t.Kind]
	if !ok {
		l = 'T'
	}
	if t.MultiValue {
		l += 'a' - 'A'
	}
	return l
}

// Render gives the canonical text of a value of Freshet's; zone is that of instants.
func Render(v catalog.Value, zone *time.Location) string {
	if v.Null {
		return "NULL"
	}
	if v.Type.MultiValue {
		parts := make([]string, len(v.Elems))
		for i, e := range v.Elems {
			e.Type = v.Type.Elem()
			parts[i] = strings.ReplaceAll(Render(e, zone), ",", `\,`)
		}
		return "{" + strings.Join(parts, ",") + "}"
	}
	switch v.Type.Kind {
	case catalog.KindBoolean:
		return strconv.FormatBool(v.I64 != 0)[:1]
	case catalog.KindFloat:
		return floatText(v.F64, 32)
	case catalog.KindDouble:
		return floatText(v.F64, 64)
	case catalog.KindBigDecimal:
		return trimDecimal(v.Str)
	case catalog.KindTimestamp:
		return timeText(v.I64)
	case catalog.KindTimestampTZ:
		_, offset := time.UnixMilli(v.I64).In(zone).Zone()
		return timeText(v.I64+int64(offset)*1000) + offsetText(offset)
	case catalog.KindBytes:
		return `\x` + hex.EncodeToString([]byte(v.Str))
	case catalog.KindString, catalog.KindJSON, catalog.KindNull:
		return escape(v.Str)
	default:
		return strconv.FormatInt(v.I64, 10)
	}
}

// RenderText gives the canonical text of a value that PostgreSQL printed, for a column of the given letter.
func RenderText(text string, letter byte) string {
	if letter >= 'a' {
		elems, ok := arrayElements(text)
		if !ok {
			return escape(text)
		}
		for i, e := range elems {
			if e != nil {
				elems[i] = ptr(strings.ReplaceAll(RenderText(*e, letter-'a'+'A'), ",", `\,`))
			} else {
				elems[i] = ptr("NULL")
			}
		}
		parts := make([]string, len(elems))
		for i, e := range elems {
			parts[i] = *e
		}
		return "{" + strings.Join(parts, ",") + "}"
	}
	switch letter {
	case 'I':
		return trimDecimal(text)
	case 'R':
		if x, err := strconv.ParseFloat(text, 64); err == nil {
			return floatText(x, 64)
		}
	case 'N':
		return trimDecimal(text)
	case 'D':
		if len(text) == len("2026-01-02") {
			return text + " 00:00:00"
		}
	case 'V':
		if ms, ok := intervalMillis(text); ok {
			return strconv.FormatInt(ms, 10)
		}
	case 'X':
		return text
	}
	return escape(text)
}

func ptr(s string) *string { return &s }

func floatText(x float64, bits int) string {
	switch {
	case math.IsNaN(x):
		return "NaN"
	case math.IsInf(x, 1):
		return "Infinity"
	case math.IsInf(x, -1):
		return "-Infinity"
	case x == 0:
		return "0" // of either sign
	}
	return strconv.FormatFloat(x, 'g', -1, bits)
}

// trimDecimal drops trailing zeros behind the point.
func trimDecimal(s string) string {
	if strings.ContainsRune(s, '.') && !strings.ContainsAny(s, "eEN") {
		s = strings.TrimRight(strings.TrimRight(s, "0"), ".")
	}
	if s == "-0" || s == "" {
		return "0"
	}
	return s
}

func timeText(millis int64) string {
	t := time.UnixMilli(millis).UTC()
	if t.Year() < 1 {
		return fmt.Sprintf("%04d-%s BC", 1-t.Year(), t.Format("01-02 15:04:05.999"))
	}
	return fmt.Sprintf("%04d-%s", t.Year(), t.Format("01-02 15:04:05.999"))
}

func offsetText(seconds int) string {
	sign := '+'
	if seconds < 0 {
		sign, seconds = '-', -seconds
	}
	out := fmt.Sprintf("%c%02d", sign, seconds/3600)
	if m := seconds / 60 % 60; m != 0 {
		out += fmt.Sprintf(":%02d", m)
	}
	return out
}

// escape makes a text one field of one line.
func escape(s string) string {
	switch {
	case s == "":
		return "(empty)"
	case s == "NULL" || s == "(empty)":
		return `\` + s
	}
	s = strings.NewReplacer(`\`, `\\`, "\n", `\n`, "\r", `\r`, "\t", `\t`, "|", `\|`).Replace(s)
	if strings.HasPrefix(s, " ") || strings.HasPrefix(s, "#") {
		s = `\` + s
	}
	if strings.HasSuffix(s, " ") {
		s = s[:len(s)-1] + `\x20`
	}
	return s
}

// arrayElements splits PostgreSQL's text of an array of one dimension; nil elements are NULL.
func arrayElements(text string) (out []*string, ok bool) {
	if !strings.HasPrefix(text, "{") || !strings.HasSuffix(text, "}") {
		return nil, false
	}
	in := text[1 : len(text)-1]
	for in != "" {
		var b strings.Builder
		quoted := strings.HasPrefix(in, `"`)
		i := 0
		if quoted {
			i = 1
		}
		for ; i < len(in); i++ {
			c := in[i]
			if quoted && c == '"' || !quoted && c == ',' {
				break
			}
			if c == '\\' && i+1 < len(in) {
				i++
				c = in[i]
			}
			b.WriteByte(c)
		}
		if quoted {
			i++
		}
		if !quoted && b.String() == "NULL" {
			out = append(out, nil)
		} else {
			out = append(out, ptr(b.String()))
		}
		if i >= len(in) {
			return out, true
		}
		in = in[i+1:]
	}
	return out, true
}

// intervalMillis reads PostgreSQL's text of an interval without months.
func intervalMillis(text string) (int64, bool) {
	if ms, err := strconv.ParseInt(text, 10, 64); err == nil {
		return ms, true
	}
	total := int64(0)
	fields := strings.Fields(text)
	for i := 0; i < len(fields); i++ {
		if i+1 < len(fields) && strings.HasPrefix(fields[i+1], "day") {
			d, err := strconv.ParseInt(fields[i], 10, 64)
			if err != nil {
				return 0, false
			}
			total += d * 86_400_000
			i++
			continue
		}
		ms, ok := clockMillis(fields[i])
		if !ok {
			return 0, false
		}
		total += ms
	}
	return total, len(fields) > 0
}

func clockMillis(text string) (int64, bool) {
	sign := int64(1)
	if rest, negative := strings.CutPrefix(text, "-"); negative {
		sign, text = -1, rest
	}
	parts := strings.Split(strings.TrimPrefix(text, "+"), ":")
	if len(parts) != 3 {
		return 0, false
	}
	h, err1 := strconv.ParseInt(parts[0], 10, 64)
	m, err2 := strconv.ParseInt(parts[1], 10, 64)
	s, err3 := strconv.ParseFloat(parts[2], 64)
	if err1 != nil || err2 != nil || err3 != nil {
		return 0, false
	}
	return sign * (h*3_600_000 + m*60_000 + int64(math.Round(s*1000))), true
}

// Diff compares the lines of two answers under the record's types and order: reals agree within 1e-12 of the larger. It
// gives "" or the first difference.
func Diff(types string, order Order, want, got []string) string {
	if order == ValueSort {
		want, got = values(want), values(got)
	}
	if len(want) != len(got) {
		return fmt.Sprintf("%d rows, want %d", len(got), len(want))
	}
	if order != NoSort {
		want, got = sortedLines(types, want), sortedLines(types, got)
	}
	for i := range want {
		if !sameLine(types, want[i], got[i]) {
			return fmt.Sprintf("row %d is %s, want %s", i+1, got[i], want[i])
		}
	}
	return ""
}

func values(lines []string) (out []string) {
	for _, l := range lines {
		out = append(out, splitCells(l)...)
	}
	return out
}

// splitCells splits a line at its bars; escaped ones stay.
func splitCells(line string) (out []string) {
	from := 0
	for i := 0; i < len(line); i++ {
		switch line[i] {
		case '\\':
			i++
		case '|':
			out = append(out, line[from:i])
			from = i + 1
		}
	}
	return append(out, line[from:])
}

// sortedLines sorts by text, reals rounded, so that nearly equal rows sort alike.
func sortedLines(types string, lines []string) []string {
	type keyed struct{ key, line string }
	all := make([]keyed, len(lines))
	for i, l := range lines {
		cells := splitCells(l)
		for c := range cells {
			if x, err := strconv.ParseFloat(cells[c], 64); err == nil && c < len(types) && types[c] == 'R' {
				cells[c] = strconv.FormatFloat(x, 'e', 8, 64)
			}
		}
		all[i] = keyed{strings.Join(cells, "|"), l}
	}
	slices.SortStableFunc(all, func(a, b keyed) int { return strings.Compare(a.key, b.key) })
	out := make([]string, len(lines))
	for i := range all {
		out[i] = all[i].line
	}
	return out
}

func sameLine(types, want, got string) bool {
	if want == got {
		return true
	}
	a, b := splitCells(want), splitCells(got)
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i] == b[i] {
			continue
		}
		letter := byte('R') // values that were sorted have lost their column
		if i < len(types) {
			letter = types[i]
		}
		if letter == 'r' && sameReals(a[i], b[i]) || letter == 'R' && sameReal(a[i], b[i]) {
			continue
		}
		return false
	}
	return true
}

func sameReals(a, b string) bool {
	x, y := strings.Split(strings.Trim(a, "{}"), ","), strings.Split(strings.Trim(b, "{}"), ",")
	return len(x) == len(y) && !slices.ContainsFunc(slices.Collect(pairs(x, y)), func(p [2]string) bool {
		return p[0] != p[1] && !sameReal(p[0], p[1])
	})
}

func pairs(x, y []string) func(func([2]string) bool) {
	return func(yield func([2]string) bool) {
		for i := range x {
			if !yield([2]string{x[i], y[i]}) {
				return
			}
		}
	}
}

func sameReal(a, b string) bool {
	x, err1 := strconv.ParseFloat(a, 64)
	y, err2 := strconv.ParseFloat(b, 64)
	if err1 != nil || err2 != nil {
		return false
	}
	const tolerance = 1e-12
	return math.Abs(x-y) <= tolerance*max(math.Abs(x), math.Abs(y))
}
