package bind

import (
	"strconv"
	"strings"

	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/internal/errs"
	"github.com/freshetdb/freshet/query/expr"
	"github.com/freshetdb/freshet/query/sql"
)

// typeNames maps the names of types, PostgreSQL's (internal ones too, as its grammar translates) and Pinot's.
var typeNames = map[string]catalog.Type{
	"int": catalog.Int, "int4": catalog.Int, "integer": catalog.Int, "int2": catalog.Int, "smallint": catalog.Int,
	"int8": catalog.Long, "bigint": catalog.Long, "long": catalog.Long,
	"float4": catalog.Float, "real": catalog.Float, "float": catalog.Float,
	"float8": catalog.Double, "double": catalog.Double,
	"numeric": catalog.BigDecimal, "decimal": catalog.BigDecimal, "big_decimal": catalog.BigDecimal, "bigdecimal": catalog.BigDecimal,
	"bool": catalog.Boolean, "boolean": catalog.Boolean,
	"timestamp": catalog.Timestamp, "timestamptz": catalog.TimestampTZ, "date": catalog.Timestamp,
	"string": catalog.String, "text": catalog.String, "varchar": catalog.String, "bpchar": catalog.String, "char": catalog.String, "name": catalog.String,
	"json": catalog.JSON, "jsonb": catalog.JSON,
	"bytes": catalog.Bytes, "bytea": catalog.Bytes, "varbinary": catalog.Bytes,
	"interval": catalog.Interval,
}

// typeTexts are PostgreSQL's names of kinds, for messages.
var typeTexts = [catalog.KindCount]string{
	catalog.KindInvalid: "unknown", catalog.KindInt: "integer", catalog.KindLong: "bigint", catalog.KindFloat: "real",
	catalog.KindDouble: "double precision", catalog.KindBigDecimal: "numeric", catalog.KindBoolean: "boolean",
	catalog.KindTimestamp: "timestamp without time zone", catalog.KindString: "text", catalog.KindJSON: "json",
	catalog.KindBytes: "bytea", catalog.KindNull: "unknown", catalog.KindTimestampTZ: "timestamp with time zone",
	catalog.KindDuration: "bigint", catalog.KindInterval: "interval",
}

// typeText is PostgreSQL's name of a type.
func typeText(t catalog.Type) string {
	if t.MultiValue {
		return typeTexts[t.Kind] + "[]"
	}
	return typeTexts[t.Kind]
}

// TypeByName finds the type of a name as written in a cast or PREPARE.
func TypeByName(n sql.TypeName) (catalog.Type, error) {
	name, array := n.Name, n.Array
	if base, ok := strings.CutSuffix(name, "_array"); ok {
		name, array = base, true
	}
	t, ok := typeNames[name]
	if c, isCatalog := catalogTypes[name]; isCatalog && !ok {
		t, ok = c.t, true
	}
	if !ok {
		if name == "time" || name == "timetz" || name == "uuid" || name == "map" {
			return catalog.Type{}, unsupported(n.Pos(), "type "+name)
		}
		err := errs.User(errs.UndefinedObject, "type %q does not exist", n.Name)
		names := make([]string, 0, len(typeNames))
		for k := range typeNames {
			names = append(names, k)
		}
		if near := nearest(name, names); near != "" {
			err = err.WithHint("Perhaps you meant the type %q.", near)
		}
		return catalog.Type{}, err.At(n.Pos())
	}
	if array {
		t = t.Array()
	}
	return t, nil
}

// cast binds CAST(x AS t), x::t and t 'literal'.
func (b *binder) cast(e *sql.Cast) (expr.Expr, error) {
	if out, ok, err := b.regCast(e); ok || err != nil {
		return out, err
	}
	to, err := TypeByName(e.To)
	if err != nil {
		return nil, err
	}
	arg, err := b.castArg(e, to)
	if err != nil {
		return nil, err
	}
	if p, ok := untyped(arg); ok {
		known := &b.stmt.params[p.Number-1]
		known.typ = to // an explicit cast states it as it is
		known.oid = catalogTypes[e.To.Name].oid
		if e.To.Array {
			known.oid = catalogArrays[known.oid]
		}
		return &expr.Param{Number: p.Number, T: to}, nil
	}
	if to.Kind.IsText() {
		if arg, err = b.regText(arg, e.Pos()); err != nil {
			return nil, err
		}
		if arg, err = b.vectorText(arg, e.Pos()); err != nil {
			return nil, err
		}
	}
	from := arg.Type()
	if !castable(from, to) {
		return nil, errs.User(errs.CannotCoerce, "cannot cast type %s to %s", typeText(from), typeText(to)).At(e.Pos())
	}
	oid := catalogTypes[e.To.Name].oid
	if e.To.Array {
		oid = catalogArrays[oid]
	}
	out := arg
	if from != to {
		if c, ok := arg.(*expr.Const); ok {
			v, err := castConst(b.valueFor(c, to.Kind), to)
			if _, isLiteral := e.Arg.(*sql.Literal); err != nil && isLiteral {
				return nil, at(err, e.Arg.Pos())
			}
			if err == nil {
				out = &expr.Const{Value: v}
				b.keepOID(out, oid)
				return b.castEnd(e, out)
			}
		}
		out = &expr.Cast{Arg: arg, To: to}
	}
	if out == arg && oid != b.oid(arg) { // the same value under another type
		out = &expr.Cast{Arg: arg, To: to}
	}
	b.keepOID(out, oid)
	return b.castEnd(e, out)
}

// castArg binds what is cast. ARRAY[] gets its type from the cast.
func (b *binder) castArg(e *sql.Cast, to catalog.Type) (expr.Expr, error) {
	if arr, ok := e.Arg.(*sql.Array); ok && len(arr.Elems) == 0 && to.MultiValue {
		return &expr.Const{Value: catalog.Value{Type: to}}, nil
	}
	if lit, ok := e.Arg.(*sql.Literal); ok && lit.Kind == sql.StringLiteral && to == catalog.Interval {
		return constString(intervalText(lit.Text, e.To)), nil
	}
	return b.bind(e.Arg)
}

// castEnd applies what a type's name asks for beyond its kind: date cuts the time of day off, varchar(n) the rest.
func (b *binder) castEnd(e *sql.Cast, out expr.Expr) (expr.Expr, error) {
	switch e.To.Name {
	case "date":
		if e.To.Array {
			return nil, unsupported(e.Pos(), "type date[]")
		}
		return b.scalarCall("datetrunc", []expr.Expr{constString("day"), out}, e.Pos())
	case "varchar", "bpchar":
		if len(e.To.Args) == 1 && e.To.Args[0] > 0 && !e.To.Array {
			return b.scalarCall("substring", []expr.Expr{out, constInt(1), constInt(int64(e.To.Args[0]))}, e.Pos())
		}
	case "numeric", "decimal":
		if len(e.To.Args) > 0 && !e.To.Array {
			scale := 0
			if len(e.To.Args) > 1 {
				scale = e.To.Args[1]
			}
			return b.scalarCall("toDecimal", []expr.Expr{out, constInt(int64(e.To.Args[0])), constInt(int64(scale))}, e.Pos())
		}
	}
	return out, nil
}

func constInt(n int64) *expr.Const { return &expr.Const{Value: catalog.IntValue(n)} }

// castable reports the conversions that expr.Cast has a meaning for.
func castable(from, to catalog.Type) bool {
	if from == catalog.Null || from == to {
		return true
	}
	if from.MultiValue != to.MultiValue {
		return from == catalog.String && to.MultiValue
	}
	f, t := from.Kind, to.Kind
	switch {
	case f.IsText() || t.IsText():
		return true
	case f == catalog.KindInterval:
		return t == catalog.KindLong || t == catalog.KindDuration || t == catalog.KindInterval
	case t == catalog.KindInterval:
		return f == catalog.KindLong || f == catalog.KindInt || f == catalog.KindDuration
	case f == catalog.KindBytes || t == catalog.KindBytes:
		return f == t
	case f.IsTime() && t == catalog.KindBoolean, f == catalog.KindBoolean && t.IsTime():
		return false
	default:
		return true
	}
}

// intervalFields are the bits by which PostgreSQL's tree names the fields of INTERVAL '1' HOUR.
var intervalFields = []struct {
	bit  int
	unit string
}{{1 << 2, "year"}, {1 << 1, "month"}, {1 << 3, "day"}, {1 << 10, "hour"}, {1 << 11, "minute"}, {1 << 12, "second"}}

// intervalText adds the unit that stands behind the literal in INTERVAL '5' MINUTE.
func intervalText(text string, t sql.TypeName) string {
	if _, err := strconv.ParseFloat(strings.TrimSpace(text), 64); err != nil {
		return text
	}
	unit := "second"
	if len(t.Args) > 0 {
		for _, f := range intervalFields {
			if t.Args[0]&f.bit != 0 && t.Args[0]&0x7fff != 0x7fff {
				unit = f.unit // the last field of a range such as DAY TO SECOND
			}
		}
	}
	return strings.TrimSpace(text) + " " + unit
}
