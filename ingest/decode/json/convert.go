package json

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/query/function/convert"
)

// fromNumber converts a number's text.
func (s *slot) fromNumber(row int, raw []byte, integer bool) error {
	switch s.kind {
	case catalog.KindString, catalog.KindJSON:
		s.setText(row, raw)
		return nil
	case catalog.KindBigDecimal:
		return s.fromDecimal(row, raw)
	case catalog.KindBytes:
		return fmt.Errorf("got number %s, want BYTES as hexadecimal text", raw)
	}
	if integer {
		if x, ok := simpleInt(raw); ok && (s.kind != catalog.KindDouble || x != 0) {
			return s.fromInt(row, x)
		} else if s.kind != catalog.KindDouble && s.kind != catalog.KindFloat {
			return fmt.Errorf("%s is out of range for %s", raw, s.kind)
		}
	}
	if s.kind == catalog.KindFloat {
		x, err := strconv.ParseFloat(view(raw), 32)
		if err != nil {
			return fmt.Errorf("%s is out of range for FLOAT", raw)
		}
		return s.fromFloat(row, x)
	}
	x, ok := simpleFloat(raw)
	if !ok {
		var err error
		if x, err = strconv.ParseFloat(view(raw), 64); err != nil {
			return fmt.Errorf("%s is out of range for %s", raw, s.kind)
		}
	}
	return s.fromFloat(row, x)
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
		s.str[row], s.last = octets, row
		return nil
	case catalog.KindBoolean:
		return s.fromInt(row, b2i(strings.EqualFold(text, "true") || text == "1"))
	case catalog.KindTimestamp:
		millis, err := timestamp(text)
		if err != nil {
			return err
		}
		return s.fromInt(row, millis)
	}
	trimmed := strings.TrimSpace(text)
	if trimmed == "" && s.kind != catalog.KindBigDecimal {
		return fmt.Errorf("got an empty string, want %s", s.kind)
	}
	if s.kind == catalog.KindBigDecimal {
		return s.fromDecimal(row, raw)
	}
	if s.kind == catalog.KindInt || s.kind == catalog.KindLong {
		if x, err := strconv.ParseInt(trimmed, 10, 64); err == nil {
			return s.fromInt(row, x)
		}
		x, err := strconv.ParseFloat(trimmed, 64)
		if err != nil || x != math.Trunc(x) {
			return fmt.Errorf("got %q, want %s", convert.Shown(text), s.kind)
		}
		return s.fromFloat(row, x)
	}
	size := 64
	if s.kind == catalog.KindFloat {
		size = 32
	}
	x, err := strconv.ParseFloat(trimmed, size)
	if err != nil {
		return fmt.Errorf("got %q, want %s", convert.Shown(text), s.kind)
	}
	return s.fromFloat(row, x)
}

// timestamp reads milliseconds or a timestamp in one of the accepted forms.
func timestamp(text string) (int64, error) {
	if millis, err := strconv.ParseInt(text, 10, 64); err == nil {
		return millis, nil
	}
	return convert.ParseTimestamp(text)
}
