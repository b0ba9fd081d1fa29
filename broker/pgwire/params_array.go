package pgwire

import (
	"encoding/binary"
	"strings"

	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/internal/errs"
)

// binaryArray reads a one-dimensional array; its elements have to be of the announced type.
func (d *paramDecoder) binaryArray(t catalog.Type, elemOID uint32, src []byte) (catalog.Value, error) {
	v := catalog.Value{Type: t}
	be := binary.BigEndian
	if len(src) < 12 {
		return v, badBinary("array", len(src), "at least 12")
	}
	dimensions, oid := be.Uint32(src), be.Uint32(src[8:])
	src = src[12:]
	if dimensions == 0 {
		return v, nil
	}
	if dimensions > 1 {
		return v, errs.User(errs.FeatureNotSupported, "array parameters with %d dimensions are not supported", dimensions)
	}
	if elem, ok := scalarOfOID(oid); !ok || elem != t.Elem() {
		return v, errs.User(errs.DatatypeMismatch, "binary array has elements of the type with OID %d, want %d", oid, elemOID)
	}
	if len(src) < 8 {
		return v, badBinary("array", len(src), "a dimension")
	}
	count := be.Uint32(src)
	src = src[8:]
	// Each element has a length of four bytes, so the count cannot make us allocate more than was sent.
	if int64(count)*4 > int64(len(src)) || count > maxArrayParameter {
		return v, errs.User(errs.InvalidBinary, "array of %d elements in %d bytes, at most %d elements are taken", count, len(src), maxArrayParameter)
	}
	v.Elems = make([]catalog.Value, 0, count)
	for range count {
		if len(src) < 4 {
			return v, badBinary("array", len(src), "an element's length")
		}
		n := int32(be.Uint32(src))
		src = src[4:]
		if n < 0 {
			v.Elems = append(v.Elems, catalog.NullValue(t.Elem()))
			continue
		}
		if int(n) > len(src) {
			return v, badBinary("array", len(src), "the whole element")
		}
		e, err := d.binary(t.Elem(), oid, src[:n])
		if err != nil {
			return v, err
		}
		v.Elems = append(v.Elems, e)
		src = src[n:]
	}
	if len(src) != 0 {
		return v, errs.User(errs.InvalidBinary, "%d bytes follow the last element of an array", len(src))
	}
	return v, nil
}

// textArray reads `{a,"b c",NULL}`.
func (d *paramDecoder) textArray(t catalog.Type, elemOID uint32, s string) (catalog.Value, error) {
	v := catalog.Value{Type: t}
	s = trimSpace(s)
	if len(s) < 2 || s[0] != '{' || s[len(s)-1] != '}' {
		return v, malformedArray(s)
	}
	rest := trimSpace(s[1 : len(s)-1])
	if rest == "" {
		return v, nil
	}
	for {
		if len(v.Elems) >= maxArrayParameter {
			return v, errs.User(errs.ProgramLimitExceeded, "array has more than %d elements", maxArrayParameter)
		}
		text, literal, tail, ok := cutElement(rest)
		if !ok {
			return v, malformedArray(s)
		}
		if !literal && strings.EqualFold(text, "NULL") {
			v.Elems = append(v.Elems, catalog.NullValue(t.Elem()))
		} else {
			e, err := d.text(t.Elem(), elemOID, text)
			if err != nil {
				return v, err
			}
			v.Elems = append(v.Elems, e)
		}
		if tail == "" {
			return v, nil
		}
		rest = tail[1:]
	}
}

func malformedArray(s string) error {
	return errs.User(errs.InvalidText, "malformed array literal: %q", shorten(s))
}

// cutElement takes one element off s. literal says that it was quoted or has an escape, so that it is not the word NULL;
// tail is empty or begins with the comma.
func cutElement(s string) (text string, literal bool, tail string, ok bool) {
	s = strings.TrimLeft(s, whiteSpace)
	if s == "" {
		return "", false, "", false
	}
	if s[0] == '"' {
		return cutQuoted(s[1:])
	}
	var b strings.Builder
	i, kept := 0, 0 // kept: up to here white space is not the end's
	for ; i < len(s) && s[i] != ','; i++ {
		switch s[i] {
		case '{', '}', '"':
			return "", false, "", false
		case '\\':
			i++
			if i == len(s) {
				return "", false, "", false
			}
			literal = true
			kept = b.Len() + 1
		}
		b.WriteByte(s[i])
	}
	text = b.String()
	text = text[:kept] + strings.TrimRight(text[kept:], whiteSpace)
	return text, literal, s[i:], text != ""
}

func cutQuoted(s string) (text string, literal bool, tail string, ok bool) {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		switch s[i] {
		case '\\':
			i++
			if i == len(s) {
				return "", true, "", false
			}
			b.WriteByte(s[i])
		case '"':
			tail = strings.TrimLeft(s[i+1:], whiteSpace)
			return b.String(), true, tail, tail == "" || tail[0] == ','
		default:
			b.WriteByte(s[i])
		}
	}
	return "", true, "", false
}
