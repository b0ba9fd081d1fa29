package datetime

import (
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/internal/errs"
	"github.com/freshetdb/freshet/query/function"
	"github.com/freshetdb/freshet/query/function/convert"
)

// Append writes a time by the template. instant says that it is one, whose zone is UTC, and not a local time, which has
// no zone's name.
func (t *Template) Append(dst []byte, millis int64, instant bool) []byte {
	c := civilOf(millis, time.UTC)
	for i := range t.nodes {
		dst = t.nodes[i].append(dst, &c, instant)
	}
	return dst
}

func (n *node) append(dst []byte, c *civil, instant bool) []byte {
	if n.word == "" {
		return append(dst, n.text...)
	}
	from := len(dst)
	if x, width, ok := n.number(c); ok {
		if n.fill {
			width = 0
		}
		dst = appendNumber(dst, x, width)
	} else {
		dst = n.appendText(dst, c, instant)
	}
	if n.ordinal != 0 && len(dst) > from {
		dst = convert.AppendOrdinal(dst, dst[from:], n.ordinal == 'T')
	}
	return dst
}

// number gives the value and width of the fields that are plain numbers.
// long: one case per field of the language.
func (n *node) number(c *civil) (x, width int, ok bool) {
	isoYear, isoWeek := c.isoWeek()
	switch n.word {
	case "HH24":
		return c.hour, 2, true
	case "HH12", "HH":
		return (c.hour+11)%12 + 1, 2, true
	case "MI":
		return c.minute, 2, true
	case "SS":
		return c.second, 2, true
	case "SSSS", "SSSSS":
		return c.hour*3600 + c.minute*60 + c.second, 0, true
	case "MM":
		return c.month, 2, true
	case "DDD":
		return c.yearDay(), 3, true
	case "DD":
		return c.day, 2, true
	case "D":
		return c.weekday()%7 + 1, 1, true
	case "ID":
		return c.weekday(), 1, true
	case "IDDD":
		return (isoWeek-1)*7 + c.weekday(), 3, true
	case "WW":
		return (c.yearDay()-1)/7 + 1, 2, true
	case "IW":
		return isoWeek, 2, true
	case "W":
		return (c.day-1)/7 + 1, 1, true
	case "Q":
		return (c.month + 2) / 3, 1, true
	case "J":
		return int(c.days) + 2440588, 0, true
	case "CC":
		return century100(c.year), 2, true
	case "YYYY":
		return positiveYear(c.year), 4, true
	case "YYY":
		return positiveYear(c.year) % 1000, 3, true
	case "YY":
		return positiveYear(c.year) % 100, 2, true
	case "Y":
		return positiveYear(c.year) % 10, 1, true
	case "IYYY":
		return positiveYear(isoYear), 4, true
	case "IYY":
		return positiveYear(isoYear) % 1000, 3, true
	case "IY":
		return positiveYear(isoYear) % 100, 2, true
	case "I":
		return positiveYear(isoYear) % 10, 1, true
	}
	return 0, 0, false
}

// positiveYear counts years before Christ from 1 on, without a year 0.
func positiveYear(year int) int {
	if year <= 0 {
		return 1 - year
	}
	return year
}

func century100(year int) int {
	if year > 0 {
		return (year-1)/100 + 1
	}
	return -((-year)/100 + 1)
}

// styled writes a word in the field's letter case, filled up to a width with spaces.
func (n *node) styled(dst []byte, word string, width int) []byte {
	switch n.style {
	case 'U':
		word = strings.ToUpper(word)
	case 'l':
		word = strings.ToLower(word)
	}
	dst = append(dst, word...)
	for range width - len(word) {
		if !n.fill {
			dst = append(dst, ' ')
		}
	}
	return dst
}

var romanMonths = [...]string{"", "I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X", "XI", "XII"}

// appendText writes the fields that are not plain numbers.
// long: one case per field of the language.
func (n *node) appendText(dst []byte, c *civil, instant bool) []byte {
	switch n.word {
	case "MONTH":
		return n.styled(dst, time.Month(c.month).String(), 9)
	case "MON":
		return n.styled(dst, time.Month(c.month).String()[:3], 0)
	case "DAY":
		return n.styled(dst, time.Weekday(c.weekday()%7).String(), 9)
	case "DY":
		return n.styled(dst, time.Weekday(c.weekday() % 7).String()[:3], 0)
	case "RM":
		return n.styled(dst, romanMonths[c.month], 4)
	case "AM", "PM":
		return n.styled(dst, half(c.hour), 0)
	case "A.M.", "P.M.":
		return n.styled(dst, half(c.hour)[:1]+"."+half(c.hour)[1:]+".", 0)
	case "AD", "BC":
		return n.styled(dst, era(c.year), 0)
	case "A.D.", "B.C.":
		return n.styled(dst, era(c.year)[:1]+"."+era(c.year)[1:]+".", 0)
	case "MS", "FF3":
		return appendNumber(dst, c.msec, 3)
	case "US", "FF6":
		return appendNumber(dst, c.msec*1000, 6)
	case "FF1":
		return appendNumber(dst, c.msec/100, 1)
	case "FF2":
		return appendNumber(dst, c.msec/10, 2)
	case "FF4":
		return appendNumber(dst, c.msec*10, 4)
	case "FF5":
		return appendNumber(dst, c.msec*100, 5)
	case "Y,YYY":
		y := positiveYear(c.year)
		return appendNumber(append(strconv.AppendInt(dst, int64(y/1000), 10), ','), y%1000, 3)
	case "TZ":
		if instant {
			return n.styled(dst, "UTC", 0)
		}
	case "TZH", "OF":
		return append(dst, "+00"...)
	case "TZM":
		return append(dst, "00"...)
	}
	return dst
}

func half(hour int) string {
	if hour < 12 {
		return "AM"
	}
	return "PM"
}

func era(year int) string {
	if year <= 0 {
		return "BC"
	}
	return "AD"
}

// AppendInterval writes milliseconds of an interval: hours are those of the part below a day, days may be any number. It
// reports false for a field that an interval does not have.
func (t *Template) AppendInterval(dst []byte, millis int64) ([]byte, bool) {
	rest := millis % millisPerDay
	c := civil{hour: int(rest / millisPerHour), minute: int(rest % millisPerHour / millisPerMinute), second: int(rest % millisPerMinute / 1000), msec: int(rest % 1000)}
	days := int(millis / millisPerDay)
	for i := range t.nodes {
		n := t.nodes[i]
		switch n.word {
		case "DD":
			dst = n.appendPlain(dst, days, 2)
		case "DDD":
			dst = n.appendPlain(dst, days, 3)
		case "YYYY":
			dst = n.appendPlain(dst, 0, 4)
		case "MM", "YY":
			dst = n.appendPlain(dst, 0, 2)
		case "HH12", "HH":
			dst = n.appendPlain(dst, hour12(c.hour), 2)
		case "", "HH24", "MI", "SS", "MS", "US", "SSSS", "SSSSS", "AM", "PM", "A.M.", "P.M.", "FF1", "FF2", "FF3", "FF4", "FF5", "FF6":
			dst = n.append(dst, &c, false)
		default:
			return dst, false
		}
	}
	return dst, true
}

func hour12(hour int) int {
	if hour%12 == 0 {
		return 12
	}
	return hour % 12
}

// appendPlain writes a number with the field's fill.
func (n *node) appendPlain(dst []byte, x, width int) []byte {
	if n.fill {
		width = 0
	}
	return appendNumber(dst, x, width)
}

func constTemplate(name string, args []function.Arg, i int) (*Template, error) {
	text, err := function.Constant(name, "format", args, i)
	if err != nil {
		return nil, err
	}
	return CompileTemplate(text)
}

// bindToChar is to_char of a time, an interval or a number. The format has to be constant.
func bindToChar(args []function.Arg) (function.Bound, error) {
	const name = "to_char"
	if len(args) != 2 || args[0].Type.MultiValue {
		return function.Bound{}, function.NoMatch(name, args)
	}
	b := function.Bound{Name: "tochar", Type: catalog.String, Args: []catalog.Type{args[0].Type, catalog.String}, Strict: true}
	k := args[0].Type.Kind
	if k.IsNumeric() && k != catalog.KindDuration {
		return bindNumberToChar(b, args)
	}
	t, err := constTemplate(name, args, 1)
	if err != nil {
		return b, err
	}
	switch {
	case k.IsTime():
		instant := k == catalog.KindTimestampTZ
		b.Eval = function.Text1(func(dst []byte, ms int64) ([]byte, error) { return t.Append(dst, ms, instant), nil })
	case k == catalog.KindInterval || k == catalog.KindDuration:
		b.Args[0] = catalog.Interval
		if _, ok := t.AppendInterval(nil, 0); !ok {
			return b, errs.User(errs.InvalidDatetime, "invalid format specification for an interval value").WithHint("Intervals are not tied to specific calendar dates.")
		}
		b.Eval = function.Text1(func(dst []byte, ms int64) ([]byte, error) {
			dst, _ = t.AppendInterval(dst, ms)
			return dst, nil
		})
	case k == catalog.KindNull:
		b.Args[0] = catalog.Timestamp
		b.Eval = function.Text1(func(dst []byte, ms int64) ([]byte, error) { return t.Append(dst, ms, false), nil })
	default:
		return b, function.NoMatch(name, args)
	}
	return b, nil
}

func constNumberTemplate(name string, args []function.Arg) (*convert.NumberTemplate, error) {
	text, err := function.Constant(name, "format", args, 1)
	if err != nil {
		return nil, err
	}
	return convert.CompileNumberTemplate(text)
}

func bindNumberToChar(b function.Bound, args []function.Arg) (function.Bound, error) {
	t, err := constNumberTemplate("to_char", args)
	if err != nil {
		return b, err
	}
	switch args[0].Type.Kind {
	case catalog.KindBigDecimal:
		b.Eval = function.Text1(func(dst []byte, s string) ([]byte, error) { return t.AppendNumber(dst, s), nil })
	case catalog.KindFloat, catalog.KindDouble:
		b.Args[0], b.Fallible = catalog.Double, true
		b.Eval = function.Text1(func(dst []byte, x float64) ([]byte, error) {
			if math.IsInf(x, 0) || math.IsNaN(x) {
				return dst, errs.User(errs.NumericOutOfRange, "to_char: %s has no digits", convert.AppendDouble(nil, x))
			}
			return t.AppendDouble(dst, x), nil
		})
	default:
		b.Args[0] = catalog.Long
		b.Eval = function.Text1(func(dst []byte, x int64) ([]byte, error) { return t.AppendLong(dst, x), nil })
	}
	return b, nil
}

func bindToNumber(args []function.Arg) (function.Bound, error) {
	const name = "to_number"
	if len(args) != 2 {
		return function.Bound{}, function.NoMatch(name, args)
	}
	t, err := constNumberTemplate(name, args)
	if err != nil {
		return function.Bound{}, err
	}
	return function.Overloads(name, function.Overload{Args: []catalog.Type{catalog.String, catalog.String}, Type: catalog.BigDecimal, Fallible: true,
		Eval: function.Try1(t.ParseNumber)})(args)
}
