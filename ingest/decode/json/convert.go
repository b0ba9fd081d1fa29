package json

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/query/function/convert"
)

// fromNumber converts a number's text; whole says that it has neither point nor exponent.
func (s *slot) fromNumber(row int, raw []byte, whole bool) error {
	switch s.kind {
	case catalog.KindString, catalog.KindJSON:
		return s.limit(row, raw)
	case catalog.KindBigDecimal:
		return s.fromDecimal(row, raw)
	case catalog.KindBytes:
		return fmt.Errorf("got number %s, want BYTES as hexadecimal text", convert.Shown(view(raw)))
	case catalog.KindDouble:
		x, ok := simpleFloat(raw)
		if !ok {
			return s.fromDigits(row, raw, 64)
		}
		return s.fromFloat(row, x)
	case catalog.KindFloat:
		return s.fromDigits(row, raw, 32)
	case catalog.KindBoolean:
		return s.fromBoolNumber(row, raw)
	}
	x, ok := integer(raw)
	if !ok {
		return fmt.Errorf("%s is out of range for %s", convert.Shown(view(raw)), s.kind)
	}
	return s.fromInt(row, x)
}

// fromDigits converts to a float of so many bits.
func (s *slot) fromDigits(row int, raw []byte, bits int) error {
	x, err := strconv.ParseFloat(view(raw), bits)
	if err != nil {
		return fmt.Errorf("%s is out of range for %s", convert.Shown(view(raw)), s.kind)
	}
	return s.fromFloat(row, x)
}

// fromBoolNumber makes every number but zero true.
func (s *slot) fromBoolNumber(row int, raw []byte) error {
	for _, c := range raw {
		if c|0x20 == 'e' {
			break
		}
		if c >= '1' && c <= '9' {
			return s.fromInt(row, 1)
		}
	}
	return s.fromInt(row, 0)
}

func (s *slot) fromDecimal(row int, raw []byte) error {
	text, err := convert.CanonicalDecimal(view(raw))
	if err != nil {
		return err
	}
	s.str[row], s.last = text, row
	return nil
}

// fromText converts a string's text. Numbers in strings are read as numbers.
func (s *slot) fromText(row int, raw []byte) error {
	text := view(raw)
	switch s.kind {
	case catalog.KindString, catalog.KindJSON:
		return s.limit(row, raw)
	case catalog.KindBytes:
		octets, err := convert.ParseBytes(text)
		if err != nil {
			return err
		}
		return s.limitBytes(row, octets)
	case catalog.KindBoolean:
		return s.fromInt(row, b2i(strings.EqualFold(text, "true") || text == "1"))
	case catalog.KindTimestamp:
		millis, err := convert.ParseTimestamp(text)
		if err != nil {
			return err
		}
		return s.fromInt(row, millis)
	case catalog.KindBigDecimal:
		return s.fromDecimal(row, raw)
	}
	trimmed := strings.TrimSpace(text)
	switch s.kind {
	case catalog.KindInt, catalog.KindLong:
		return s.integerText(row, trimmed)
	case catalog.KindFloat:
		if x, err := strconv.ParseFloat(trimmed, 32); err == nil {
			return s.fromFloat(row, x)
		}
	default:
		if x, err := strconv.ParseFloat(trimmed, 64); err == nil {
			return s.fromFloat(row, x)
		}
	}
	return fmt.Errorf("got %q, want %s", convert.Shown(text), s.kind)
}

// integerText reads a whole number, which may be written with a point or an exponent.
func (s *slot) integerText(row int, text string) error {
	sc := scanner{b: []byte(strings.TrimPrefix(text, "+"))}
	raw, _, err := sc.number()
	if err != nil || sc.pos != len(sc.b) {
		// Leading zeros are no JSON but a number all the same.
		x, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			return fmt.Errorf("got %q, want %s", convert.Shown(text), s.kind)
		}
		return s.fromInt(row, x)
	}
	x, ok := integer(raw)
	if !ok {
		return fmt.Errorf("%s is out of range for %s", convert.Shown(text), s.kind)
	}
	if f, err := strconv.ParseFloat(text, 64); err != nil || f != math.Trunc(f) {
		return fmt.Errorf("got %q, want %s", convert.Shown(text), s.kind)
	}
	return s.fromInt(row, x)
}
