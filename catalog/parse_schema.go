package catalog

import (
	"encoding/hex"
	"encoding/json"
	"fmt"
	"math"
	"math/big"
	"strconv"
	"strings"
	"time"
)

// Limits of a schema.
const (
	MaxColumns       = 4096 // columns of one table; each costs buffers per segment
	MaxNameLength    = 512  // bytes of a table or column name
	defaultMaxLength = 512  // characters, Pinot's limit for strings
)

// virtualColumns cannot be declared.
var virtualColumns = map[string]bool{"$docId": true, "$segmentName": true, "$hostName": true, OffsetColumnName: true, OrdinalColumnName: true}

// Names of the hidden columns that stream segments keep.
const (
	OffsetColumnName  = "$offset"
	OrdinalColumnName = "$ordinal"
)

// ParseSchema reads Pinot's schema JSON. unrecognized maps JSON pointers to the values of properties that are not
// known; they are not errors. All problems come in one error.
func ParseSchema(data []byte) (s *Schema, unrecognized map[string]any, err error) {
	p := &parsing{what: "schema"}
	o, err := decodeObject(data, p)
	if err != nil {
		return nil, nil, err
	}
	s = readSchema(o)
	if err := p.err(); err != nil {
		return nil, nil, err
	}
	return s, p.unrecognized, nil
}

func readSchema(o *object) *Schema {
	p := o.p
	s := &Schema{Name: o.str("schemaName", ""), Version: 1}
	checkName(p, "schemaName", s.Name)
	if strings.Contains(s.Name, "__") {
		p.fail("schemaName %q must not contain __, which separates the parts of segment names", s.Name)
	}
	s.Description = description(o)
	o.known("tags", "enableColumnBasedNullHandling")
	for _, group := range []struct {
		key  string
		kind FieldKind
	}{{"dimensionFieldSpecs", FieldDimension}, {"metricFieldSpecs", FieldMetric}, {"dateTimeFieldSpecs", FieldDateTime}} {
		for _, f := range o.objects(group.key) {
			s.Fields = append(s.Fields, readField(f, group.kind))
			f.done()
		}
	}
	if list := o.objects("complexFieldSpecs"); len(list) > 0 {
		p.fail("complexFieldSpecs are not supported yet: use a JSON column for %q", list[0].str("name", ""))
	}
	if _, ok := o.get("timeFieldSpec"); ok {
		p.fail("timeFieldSpec is no longer accepted: declare the column in dateTimeFieldSpecs")
	}
	s.PrimaryKey = o.strings("primaryKeyColumns")
	if len(s.Fields) == 0 {
		p.fail("schema %q has no columns", s.Name)
	}
	if len(s.Fields) > MaxColumns {
		p.fail("schema %q has %d columns, at most %d are accepted", s.Name, len(s.Fields), MaxColumns)
	}
	seen := map[string]bool{}
	for _, f := range s.Fields {
		if seen[f.Name] {
			p.fail("column %q is declared twice", f.Name)
		}
		seen[f.Name] = true
	}
	s.reindex()
	for _, key := range s.PrimaryKey {
		if f, ok := s.Field(key); !ok {
			p.fail("primaryKeyColumns names %q, which is not a column", key)
		} else if f.Type.MultiValue {
			p.fail("primary key column %q is multi-value, want a single-value column", key)
		}
	}
	o.done()
	return s
}

// description reads a description without the bytes that PostgreSQL's text cannot hold.
func description(o *object) string {
	return strings.ReplaceAll(o.str("description", ""), "\x00", "")
}

func checkName(p *parsing, where, name string) {
	switch {
	case name == "":
		p.fail("%s is missing", where)
	case len(name) > MaxNameLength:
		p.fail("%s %q... has %d bytes, at most %d are accepted", where, name[:32], len(name), MaxNameLength)
	case strings.ContainsAny(name, " \t\r\n\x00"):
		p.fail("%s %q must not contain white space", where, name)
	}
}

var fieldKindNames = map[string]Kind{"INT": KindInt, "LONG": KindLong, "FLOAT": KindFloat, "DOUBLE": KindDouble, "BIG_DECIMAL": KindBigDecimal,
	"BOOLEAN": KindBoolean, "TIMESTAMP": KindTimestamp, "STRING": KindString, "JSON": KindJSON, "BYTES": KindBytes}

func readField(o *object, kind FieldKind) Field {
	p := o.p
	f := Field{Name: o.str("name", ""), Kind: kind}
	checkName(p, o.path+"/name", f.Name)
	if virtualColumns[f.Name] {
		p.fail("column name %q is taken by a built-in column", f.Name)
	}
	dataType := o.str("dataType", "")
	k, ok := fieldKindNames[dataType]
	if !ok {
		switch dataType {
		case "MAP", "LIST", "STRUCT", "OPEN_STRUCT", "UUID":
			p.fail("column %q: data type %s is not supported yet", f.Name, dataType)
		default:
			p.fail("column %q: unknown dataType %q, want INT, LONG, FLOAT, DOUBLE, BIG_DECIMAL, BOOLEAN, TIMESTAMP, STRING, JSON or BYTES", f.Name, dataType)
		}
		k = KindString
	}
	f.Type = Type{Kind: k, MultiValue: !o.boolean("singleValueField", true)}
	f.NotNull = o.boolean("notNull", false)
	f.Transform = o.str("transformFunction", "")
	f.Description = description(o)
	o.known("fieldType", "tags", "fieldId", "aliases", "metadata", "virtualColumnProvider", "allowTrailingZeros", "sampleValue")
	checkFieldKind(p, &f)
	f.MaxLength = int(o.integer("maxLength", defaultMaxLengthOf(k)))
	f.MaxLengthStrategy = o.str("maxLengthExceedStrategy", defaultLengthStrategy(k))
	switch f.MaxLengthStrategy {
	case "TRIM_LENGTH", "ERROR", "SUBSTITUTE_DEFAULT_VALUE", "NO_ACTION":
	default:
		p.fail("column %q: unknown maxLengthExceedStrategy %q", f.Name, f.MaxLengthStrategy)
	}
	if kind == FieldDateTime {
		f.Format, f.Granularity = o.str("format", ""), o.str("granularity", "")
		if k != KindTimestamp {
			if err := checkTimeFormat(f.Format); err != nil {
				p.fail("column %q: %v", f.Name, err)
			}
		}
		if err := checkGranularity(f.Granularity); err != nil {
			p.fail("column %q: %v", f.Name, err)
		}
	}
	f.Default = readDefault(o, &f)
	_, f.DefaultStated = o.get("defaultNullValue")
	return f
}

func checkFieldKind(p *parsing, f *Field) {
	k := f.Type.Kind
	switch {
	case f.Kind == FieldMetric && (k == KindBoolean || k == KindTimestamp || k == KindString || k == KindJSON):
		p.fail("metric column %q has dataType %s, want a numeric type or BYTES", f.Name, k)
	case f.Kind == FieldMetric && f.Type.MultiValue:
		p.fail("metric column %q is multi-value; only dimensions can be", f.Name)
	case f.Kind == FieldDateTime && f.Type.MultiValue:
		p.fail("dateTime column %q is multi-value; only dimensions can be", f.Name)
	case k == KindJSON && f.Type.MultiValue:
		p.fail("column %q: a JSON column cannot be multi-value", f.Name)
	case f.Kind == FieldDateTime && k != KindInt && k != KindLong && k != KindTimestamp && k != KindString:
		p.fail("dateTime column %q has dataType %s, want INT, LONG, STRING or TIMESTAMP", f.Name, k)
	}
}

// defaultMaxLengthOf is Pinot's 512 characters for strings; JSON and bytes are kept whole.
func defaultMaxLengthOf(k Kind) int64 {
	if k == KindString {
		return defaultMaxLength
	}
	return math.MaxInt32
}

func defaultLengthStrategy(k Kind) string {
	if k == KindString {
		return "TRIM_LENGTH"
	}
	return "NO_ACTION"
}

// typeDefault is Pinot's value for an absent one.
func typeDefault(k Kind, kind FieldKind) Value {
	v := Value{Type: Type{Kind: k}}
	metric := kind == FieldMetric
	switch k {
	case KindInt:
		if !metric {
			v.I64 = math.MinInt32
		}
	case KindLong:
		if !metric {
			v.I64 = math.MinInt64
		}
	case KindFloat, KindDouble:
		if !metric {
			v.F64 = math.Inf(-1)
		}
	case KindBigDecimal:
		v.Str = "0"
	case KindString, KindJSON:
		v.Str = "null"
	}
	return v
}

func readDefault(o *object, f *Field) Value {
	v := typeDefault(f.Type.Kind, f.Kind)
	if raw, ok := o.get("defaultNullValue"); ok {
		text := ""
		switch x := raw.(type) {
		case string:
			text = x
		case json.Number:
			text = x.String()
		case bool:
			text = strconv.FormatBool(x)
		default:
			b, err := json.Marshal(raw)
			if err != nil || f.Type.Kind != KindJSON && f.Type.Kind != KindString {
				o.wrong("defaultNullValue", raw, "a scalar")
			}
			text = string(b)
		}
		parsed, err := ParseDefault(text, f.Type.Kind)
		if err != nil {
			o.p.fail("column %q: defaultNullValue %q: %v", f.Name, text, err)
		} else {
			v = parsed
		}
	}
	if f.Type.MultiValue {
		return Value{Type: f.Type, Elems: []Value{v}}
	}
	return v
}

// ParseDefault reads the text of a default value of kind k.
func ParseDefault(text string, k Kind) (Value, error) {
	v := Value{Type: Type{Kind: k}}
	var err error
	switch k {
	case KindInt:
		v.I64, err = strconv.ParseInt(text, 10, 32)
	case KindLong:
		v.I64, err = strconv.ParseInt(text, 10, 64)
	case KindFloat:
		v.F64, err = strconv.ParseFloat(text, 32)
	case KindDouble:
		v.F64, err = strconv.ParseFloat(text, 64)
	case KindBigDecimal:
		r, ok := new(big.Rat).SetString(text)
		if !ok || strings.Contains(text, "/") {
			return v, fmt.Errorf("not a decimal number")
		}
		v.Str = r.FloatString(decimalDigits(text))
	case KindBoolean:
		if strings.EqualFold(text, "true") || text == "1" {
			v.I64 = 1
		}
	case KindTimestamp:
		v.I64, err = parseTimestampDefault(text)
	case KindBytes:
		var b []byte
		b, err = hex.DecodeString(text)
		v.Str = string(b)
	default:
		v.Str = text
	}
	if err == nil && math.IsNaN(v.F64) {
		err = fmt.Errorf("NaN is not accepted")
	}
	return v, err
}

func decimalDigits(text string) int {
	if i := strings.IndexByte(text, '.'); i >= 0 && !strings.ContainsAny(text, "eE") {
		return len(text) - i - 1
	}
	return 0
}

func parseTimestampDefault(text string) (int64, error) {
	if ms, err := strconv.ParseInt(text, 10, 64); err == nil {
		return ms, nil
	}
	for _, layout := range []string{time.RFC3339Nano, "2006-01-02 15:04:05.999999999", "2006-01-02T15:04:05.999999999", "2006-01-02 15:04", "2006-01-02"} {
		if t, err := time.ParseInLocation(layout, text, time.UTC); err == nil {
			return t.UnixMilli(), nil
		}
	}
	return 0, fmt.Errorf("neither milliseconds nor a timestamp such as 2024-01-31 09:05:00")
}
