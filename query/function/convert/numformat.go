package convert

import (
	"math"
	"strconv"
	"strings"

	"github.com/freshetdb/freshet/internal/errs"
)

// plain is a decimal number taken apart: the digits before the point without zeros in front, and so many behind it.
type plain struct {
	negative    bool
	whole, frac []byte
}

// plainOf reads a plain decimal text, -12.5, and rounds it to places digits behind the point, halves away from zero,
// after moving the point shift digits to the right. Zero has no sign. The digits are kept in scratch where they fit.
func plainOf(scratch []byte, s string, shift, places int) plain {
	var p plain
	if s != "" && s[0] == '-' {
		p.negative, s = true, s[1:]
	}
	whole, frac, _ := strings.Cut(s, ".")
	digits := append(scratch[:0], '0') // room for a carry
	digits = append(digits, whole...)
	up := false
	for i := range shift + places {
		if i < len(frac) {
			digits = append(digits, frac[i])
		} else {
			digits = append(digits, '0')
		}
	}
	if n := shift + places; n < len(frac) {
		up = frac[n] >= '5'
	}
	for i := len(digits) - 1; up; i-- {
		if up = digits[i] == '9'; up {
			digits[i] = '0'
		} else {
			digits[i]++
		}
	}
	p.whole, p.frac = digits[:len(digits)-places], digits[len(digits)-places:]
	zero := true
	for _, d := range digits {
		zero = zero && d == '0'
	}
	p.negative = p.negative && !zero
	for len(p.whole) > 0 && p.whole[0] == '0' {
		p.whole = p.whole[1:]
	}
	return p
}

// AppendNumber writes a number, given as plain decimal text without exponent, by the template.
func (t *NumberTemplate) AppendNumber(dst []byte, s string) []byte {
	switch {
	case t.roman != 0:
		return t.appendRoman(dst, s)
	case t.exponent:
		return t.appendExponent(dst, s)
	}
	var scratch [64]byte
	w := numWriter{t: t, number: plainOf(scratch[:], s, t.shift, t.post), dst: dst}
	w.overflow = max(len(w.number.whole), 1) > t.pre
	w.lead = t.pre - len(w.number.whole)
	if w.overflow {
		w.lead = 0
	}
	if len(w.number.whole) == 0 && t.post == 0 && w.lead > 0 { // the digit 0 itself
		w.number.whole = []byte{'0'}
		w.lead--
	}
	w.relevant = t.post
	if t.fill && !w.overflow {
		for w.relevant > t.zeroEnd && w.number.frac[w.relevant-1] == '0' {
			w.relevant--
		}
	}
	w.signed = t.noSign || t.trailSign
	if t.relevantZero(&w) {
		w.lead--
		w.number.whole = []byte{'0'}
	}
	for i := range t.items {
		w.item(&t.items[i])
		if i == t.lastDigit {
			w.closeSign()
		}
	}
	return w.dst
}

// AppendDouble writes a double, which has to be finite, by the template.
func (t *NumberTemplate) AppendDouble(dst []byte, x float64) []byte {
	if t.exponent {
		if math.Signbit(x) {
			return strconv.AppendFloat(dst, x, 'e', t.post, 64)
		}
		return strconv.AppendFloat(append(dst, ' '), x, 'e', t.post, 64)
	}
	var buf [40]byte
	return t.AppendNumber(dst, string(strconv.AppendFloat(buf[:0], x, 'f', -1, 64)))
}

// AppendLong writes a whole number by the template.
func (t *NumberTemplate) AppendLong(dst []byte, x int64) []byte {
	if t.exponent {
		return t.AppendDouble(dst, float64(x))
	}
	var buf [24]byte
	return t.AppendNumber(dst, string(strconv.AppendInt(buf[:0], x, 10)))
}

// relevantZero reports a number below 1 whose fraction FM leaves out: its 0 before the point is written.
func (t *NumberTemplate) relevantZero(w *numWriter) bool {
	return t.fill && t.post > 0 && w.relevant == 0 && len(w.number.whole) == 0 && w.lead > 0 && t.zeroFrom >= t.pre
}

// numWriter is the state of writing one number.
type numWriter struct {
	t        *NumberTemplate
	number   plain
	dst      []byte
	lead     int // places before the point in front of the number's first digit
	relevant int // digits behind the point that are written
	overflow bool
	signed   bool // the sign is written, or is not wanted here
	inNumber bool // the last digit's place held a digit
}

func (w *numWriter) item(it *numItem) {
	switch it.kind {
	case numDigit:
		w.digit(it.slot)
	case numPoint:
		w.sign()
		w.dst = append(w.dst, '.')
	case numFraction:
		w.sign()
		if it.slot < w.relevant {
			w.dst = append(w.dst, w.orHash(w.number.frac[it.slot]))
		}
	case numGroup:
		if w.inNumber {
			w.dst = append(w.dst, ',')
		} else {
			w.blank()
		}
	case numCurrency:
		w.dst = append(w.dst, ' ')
	case numLiteral:
		w.dst = append(w.dst, it.literal...)
	case numMinus:
		w.orBlank('-', w.number.negative)
	case numPlus:
		w.orBlank('+', !w.number.negative)
	case numSign:
		w.dst = append(w.dst, w.signChar())
	case numOrdinal:
		if !w.overflow && !w.number.negative && w.t.post == 0 {
			w.dst = AppendOrdinal(w.dst, w.number.whole, it.upper)
		}
	}
}

func (w *numWriter) digit(slot int) {
	w.inNumber = false
	switch {
	case slot >= w.lead:
		w.sign()
		d := byte('#')
		if !w.overflow {
			d = w.number.whole[slot-w.lead]
		}
		w.dst, w.inNumber = append(w.dst, d), true
	case slot >= w.t.zeroFrom:
		w.sign()
		w.dst, w.inNumber = append(w.dst, '0'), true
	default:
		w.blank()
	}
}

func (w *numWriter) orHash(d byte) byte {
	if w.overflow {
		return '#'
	}
	return d
}

func (w *numWriter) blank() {
	if !w.t.fill {
		w.dst = append(w.dst, ' ')
	}
}

func (w *numWriter) orBlank(c byte, show bool) {
	if show {
		w.dst = append(w.dst, c)
	} else {
		w.blank()
	}
}

func (w *numWriter) signChar() byte {
	if w.number.negative {
		return '-'
	}
	return '+'
}

// sign writes the sign in front of the first digit.
func (w *numWriter) sign() {
	if w.signed {
		return
	}
	w.signed = true
	switch {
	case w.t.leadSign:
		w.dst = append(w.dst, w.signChar())
	case w.t.bracket && w.number.negative:
		w.dst = append(w.dst, '<')
	case w.number.negative:
		w.dst = append(w.dst, '-')
	default:
		w.blank()
	}
}

// closeSign writes what stands behind the last digit.
func (w *numWriter) closeSign() {
	switch {
	case w.t.trailSign:
		w.dst = append(w.dst, w.signChar())
	case w.t.bracket && w.number.negative:
		w.dst = append(w.dst, '>')
	case w.t.bracket:
		w.blank()
	}
}

// AppendOrdinal appends st, nd, rd or th for a number's digits.
func AppendOrdinal(dst, digits []byte, upper bool) []byte {
	suffix := "th"
	if n := len(digits); n > 0 && (n < 2 || digits[n-2] != '1') {
		switch digits[n-1] {
		case '1':
			suffix = "st"
		case '2':
			suffix = "nd"
		case '3':
			suffix = "rd"
		}
	}
	if upper {
		suffix = strings.ToUpper(suffix)
	}
	return append(dst, suffix...)
}

// romanNumerals are the signs of Roman numbers with their values, from the greatest.
var romanNumerals = []struct {
	value int
	text  string
}{{1000, "M"}, {900, "CM"}, {500, "D"}, {400, "CD"}, {100, "C"}, {90, "XC"}, {50, "L"}, {40, "XL"}, {10, "X"}, {9, "IX"}, {5, "V"}, {4, "IV"}, {1, "I"}}

// AppendRoman appends a number from 1 to 3999 in Roman numerals.
func AppendRoman(dst []byte, x int) []byte {
	for _, r := range romanNumerals {
		for ; x >= r.value; x -= r.value {
			dst = append(dst, r.text...)
		}
	}
	return dst
}

const romanWidth = 15

func (t *NumberTemplate) appendRoman(dst []byte, s string) []byte {
	p := plainOf(nil, s, 0, 0)
	x, err := strconv.Atoi(string(p.whole))
	text := strings.Repeat("#", romanWidth)
	if err == nil && !p.negative && x >= 1 && x <= 3999 {
		text = string(AppendRoman(nil, x))
	}
	if t.roman == 'r' {
		text = strings.ToLower(text)
	}
	if !t.fill {
		dst = append(dst, strings.Repeat(" ", romanWidth-len(text))...)
	}
	return append(dst, text...)
}

// appendExponent writes scientific notation: one digit before the point.
func (t *NumberTemplate) appendExponent(dst []byte, s string) []byte {
	negative := strings.HasPrefix(s, "-")
	whole, frac, _ := strings.Cut(strings.TrimPrefix(s, "-"), ".")
	digits := strings.TrimLeft(whole+frac, "0")
	exponent := len(whole) - 1 - (len(whole) + len(frac) - len(digits))
	if digits == "" {
		digits, exponent = "0", 0
	}
	p := plainOf(nil, digits[:1]+"."+digits[1:], 0, t.post)
	if len(p.whole) > 1 { // 9.99 became 10.0
		p = plainOf(nil, "1", 0, t.post)
		exponent++
	}
	if len(p.whole) == 0 {
		p.whole = []byte{'0'}
	}
	if negative {
		dst = append(dst, '-')
	} else {
		dst = append(dst, ' ')
	}
	dst = append(dst, p.whole...)
	if t.post > 0 {
		dst = append(append(dst, '.'), p.frac...)
	}
	sign := byte('+')
	if exponent < 0 {
		sign, exponent = '-', -exponent
	}
	dst = append(dst, 'e', sign)
	return appendPadded(dst, exponent, 2)
}

// ParseNumber reads a number by the template, as to_number does, and gives its canonical text.
func (t *NumberTemplate) ParseNumber(s string) (string, error) {
	if t.roman != 0 || t.exponent {
		return "", errs.User(errs.FeatureNotSupported, `"RN" and "EEEE" are not supported for input`)
	}
	r := numReader{in: strings.TrimLeft(s, " ")}
	if !t.noSign && !t.trailSign {
		r.sign("+-<")
	}
	for i := range t.items {
		r.item(&t.items[i])
	}
	if t.trailSign || t.bracket {
		r.sign("+->")
	}
	if r.digits == 0 {
		return "", badText("numeric", s)
	}
	text := string(r.out)
	if t.shift > 0 { // the digits behind V are a fraction
		whole, _, _ := strings.Cut(text, ".")
		whole = strings.Repeat("0", max(t.shift+1-len(whole), 0)) + whole
		text = whole[:len(whole)-t.shift] + "." + whole[len(whole)-t.shift:]
	}
	if r.negative {
		text = "-" + text
	}
	return CanonicalDecimal(text)
}

// numReader reads a number by a template.
type numReader struct {
	in       string
	at       int
	out      []byte
	digits   int
	negative bool
}

func (r *numReader) peek() byte {
	if r.at < len(r.in) {
		return r.in[r.at]
	}
	return 0
}

// sign takes a sign of a set, if it is next.
func (r *numReader) sign(set string) {
	for r.peek() == ' ' {
		r.at++
	}
	if c := r.peek(); c != 0 && strings.IndexByte(set, c) >= 0 {
		r.negative = r.negative || c == '-' || c == '<'
		r.at++
	}
}

func (r *numReader) item(it *numItem) {
	switch it.kind {
	case numDigit, numFraction:
		for r.peek() == ' ' {
			r.at++
		}
		switch c := r.peek(); {
		case c >= '0' && c <= '9':
			r.out = append(r.out, c)
			r.digits++
			r.at++
		case r.digits == 0 && (c == '-' || c == '+' || c == '<'):
			r.sign("+-<")
			r.item(it)
		case c == '.' && r.digits == 0:
		case c != 0: // stands in the digit's place
			r.at++
		}
	case numPoint:
		if r.peek() == '.' {
			r.out = append(r.out, '.')
			r.at++
		}
	case numGroup:
		if r.peek() == ',' {
			r.at++
		}
	case numMinus, numPlus, numSign:
		r.sign("+-")
	case numLiteral:
		r.at = min(r.at+len(it.literal), len(r.in))
	case numCurrency:
		if c := r.peek(); c != 0 && (c < '0' || c > '9') && strings.IndexByte("+-.,", c) < 0 {
			r.at++
		}
	}
}
