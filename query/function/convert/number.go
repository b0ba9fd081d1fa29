// Package convert turns text into values and values into text, with PostgreSQL's error codes and Pinot's forms of
// timestamps. Casts, functions and ingestion share it, so that a text means the same everywhere. All functions are
// pure and safe for concurrent use; errors are *errs.Error.
package convert

import (
	"encoding/hex"
	"errors"
	"math"
	"strconv"
	"strings"

	"github.com/cockroachdb/apd/v3"

	"github.com/freshetdb/freshet/internal/errs"
)

// Limits on text that is converted.
const (
	// maxShownText is how much of a bad text an error repeats.
	maxShownText = 80
	// MaxDecimalDigits bounds the digits of a decimal before and after the point, so that 1e999999999 is an error and
	// not a gigabyte of zeros. PostgreSQL allows 131072 before and 16383 after the point.
	MaxDecimalDigits = 4096
)

// Shown is text as an error repeats it: cut where it is long.
func Shown(s string) string {
	if len(s) <= maxShownText {
		return s
	}
	return strings.ToValidUTF8(s[:maxShownText], "") + "..."
}

func badText(typeName, s string) *errs.Error {
	return errs.User(errs.InvalidText, `invalid input syntax for type %s: "%s"`, typeName, Shown(s))
}

func outOfRange(typeName, s string) *errs.Error {
	return errs.User(errs.NumericOutOfRange, `value "%s" is out of range for type %s`, Shown(s), typeName)
}

// ParseLong reads a 64-bit integer; space around it is ignored.
func ParseLong(s string) (int64, error) { return parseInt(s, 64, "bigint") }

// ParseInt reads a 32-bit integer; space around it is ignored.
func ParseInt(s string) (int64, error) { return parseInt(s, 32, "integer") }

func parseInt(s string, bits int, typeName string) (int64, error) {
	x, err := strconv.ParseInt(strings.TrimSpace(s), 10, bits)
	if err == nil {
		return x, nil
	}
	if errors.Is(err, strconv.ErrRange) {
		return 0, outOfRange(typeName, s)
	}
	return 0, badText(typeName, s)
}

// ParseDouble reads a 64-bit float, Infinity and NaN included.
func ParseDouble(s string) (float64, error) { return parseFloat(s, 64, "double precision") }

// ParseFloat reads a 32-bit float.
func ParseFloat(s string) (float64, error) { return parseFloat(s, 32, "real") }

func parseFloat(s string, bits int, typeName string) (float64, error) {
	t := strings.TrimSpace(s)
	if strings.ContainsAny(t, "_xXpP") { // Go's own spellings
		return 0, badText(typeName, s)
	}
	x, err := strconv.ParseFloat(t, bits)
	if err == nil {
		return x, nil
	}
	if errors.Is(err, strconv.ErrRange) {
		if math.IsInf(x, 0) {
			return 0, outOfRange(typeName, s)
		}
		return x, nil // too small: zero
	}
	return 0, badText(typeName, s)
}

// ParseBool reads PostgreSQL's spellings of a boolean: true, yes, on, 1 and their negatives, and unique prefixes.
func ParseBool(s string) (bool, error) {
	switch strings.ToLower(strings.TrimSpace(s)) {
	case "t", "tr", "tru", "true", "y", "ye", "yes", "on", "1":
		return true, nil
	case "f", "fa", "fal", "fals", "false", "n", "no", "of", "off", "0":
		return false, nil
	}
	return false, badText("boolean", s)
}

// ParseBytes reads hexadecimal octets, with or without PostgreSQL's leading \x.
func ParseBytes(s string) (string, error) {
	t := strings.TrimPrefix(s, `\x`)
	b, err := hex.DecodeString(t)
	if err != nil {
		return "", badText("bytea", s)
	}
	return string(b), nil
}

// FormatBytes writes octets as lower-case hexadecimal digits.
func FormatBytes(s string) string { return hex.EncodeToString([]byte(s)) }

// AppendDouble writes the shortest text that reads back as x, as PostgreSQL does: 1, 0.5, 1e+21, Infinity, NaN.
func AppendDouble(dst []byte, x float64) []byte { return appendFloat(dst, x, 64) }

// AppendFloat is AppendDouble for 32-bit floats.
func AppendFloat(dst []byte, x float64) []byte { return appendFloat(dst, x, 32) }

func appendFloat(dst []byte, x float64, bits int) []byte {
	switch {
	case math.IsNaN(x):
		return append(dst, "NaN"...)
	case math.IsInf(x, 1):
		return append(dst, "Infinity"...)
	case math.IsInf(x, -1):
		return append(dst, "-Infinity"...)
	}
	limit := 1e15
	if bits == 32 {
		limit = 1e6
	}
	if abs := math.Abs(x); abs == 0 || (abs >= 1e-4 && abs < limit) {
		return strconv.AppendFloat(dst, x, 'f', -1, bits)
	}
	return strconv.AppendFloat(dst, x, 'e', -1, bits)
}

// maxDecimalText is longer than any number that is in range: reading one of a million digits takes seconds.
const maxDecimalText = 4 * MaxDecimalDigits

// ParseDecimal reads an exact decimal into d.
func ParseDecimal(d *apd.Decimal, s string) error {
	t := strings.TrimSpace(s)
	if len(t) > maxDecimalText {
		if strings.Trim(t, "0123456789.+-eE") == "" {
			return outOfRange("numeric", s)
		}
		return badText("numeric", s)
	}
	if _, _, err := d.SetString(t); err != nil || d.Form != apd.Finite {
		if _, err := parseFloat(t, 64, ""); err == nil && d.Form == apd.Finite || errs.ClassOf(err) == errs.ClassUser && errs.As(err).Code == errs.NumericOutOfRange {
			return outOfRange("numeric", s) // a number, but of too large an exponent
		}
		return badText("numeric", s)
	}
	return checkDecimal(d, s)
}

func checkDecimal(d *apd.Decimal, s string) error {
	digits := d.NumDigits()
	if int64(d.Exponent)+digits > MaxDecimalDigits || -int64(d.Exponent) > MaxDecimalDigits || digits > 2*MaxDecimalDigits {
		return outOfRange("numeric", s)
	}
	return nil
}

// FormatDecimal gives d's canonical plain text: no exponent, no zeros at the end of the fraction, no minus zero. Equal
// numbers have equal texts, so that grouping may compare texts. d is reduced in place.
func FormatDecimal(d *apd.Decimal) string {
	d.Reduce(d)
	if d.IsZero() {
		return "0"
	}
	return d.Text('f')
}

// CanonicalDecimal reads and rewrites a decimal.
func CanonicalDecimal(s string) (string, error) {
	var d apd.Decimal
	if err := ParseDecimal(&d, s); err != nil {
		return "", err
	}
	return FormatDecimal(&d), nil
}

// DecimalOfDouble gives the decimal of the shortest text of x; infinities and NaN have none.
func DecimalOfDouble(d *apd.Decimal, x float64) error {
	if math.IsInf(x, 0) || math.IsNaN(x) {
		return errs.User(errs.NumericOutOfRange, "cannot convert %s to numeric", AppendDouble(nil, x))
	}
	if _, err := d.SetFloat64(x); err != nil {
		return errs.User(errs.NumericOutOfRange, "cannot convert %s to numeric", AppendDouble(nil, x)).Wrap(err)
	}
	return nil
}

// LongOfDecimal truncates toward zero.
func LongOfDecimal(s string) (int64, error) {
	if dot := strings.IndexByte(s, '.'); dot >= 0 {
		s = s[:dot]
	}
	if s == "" || s == "-" || s == "-0" {
		return 0, nil
	}
	return ParseLong(s)
}

// LongOfDouble truncates toward zero; NaN and what leaves LONG are error 22003.
func LongOfDouble(x float64) (int64, error) {
	// -2^63 is a float64, 2^63-1 is not: the comparison with 2^63 is exact.
	if x >= -9223372036854775808.0 && x < 9223372036854775808.0 {
		return int64(x), nil
	}
	return 0, errs.User(errs.NumericOutOfRange, "bigint out of range: %s", AppendDouble(nil, x))
}

// IntOfLong narrows; what leaves INT is error 22003.
func IntOfLong(x int64) (int64, error) {
	if x != int64(int32(x)) {
		return 0, errs.User(errs.NumericOutOfRange, "integer out of range: %d", x)
	}
	return x, nil
}
