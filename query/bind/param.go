package bind

import (
	"strings"

	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/internal/errs"
	"github.com/freshetdb/freshet/query/expr"
	"github.com/freshetdb/freshet/query/sql"
)

// maxParams is the most parameters of a statement: the wire counts them in 16 bits.
const maxParams = 65_535

// param is what is known of one parameter.
type param struct {
	typ catalog.Type // KindInvalid: nothing yet
	oid uint32       // PostgreSQL's type where it says more than typ, else 0
	pos int          // first use, 0 if there was none
}

// param binds $n: a constant where values are given, else a Param, untyped until something tells its type.
func (b *binder) param(p *sql.Param) (expr.Expr, error) {
	if p.Number < 1 || p.Number > maxParams {
		return nil, errs.User(errs.UndefinedParameter, "there is no parameter $%d", p.Number).At(p.Pos())
	}
	for len(b.stmt.params) < p.Number {
		b.stmt.params = append(b.stmt.params, param{})
	}
	known := &b.stmt.params[p.Number-1]
	if known.pos == 0 {
		known.pos = p.Pos()
	}
	if b.cfg.ParamValues != nil {
		if p.Number > len(b.cfg.ParamValues) {
			return nil, errs.User(errs.UndefinedParameter, "there is no parameter $%d", p.Number).At(p.Pos())
		}
		v := b.cfg.ParamValues[p.Number-1]
		if v.Type.Kind != catalog.KindInvalid {
			known.typ = v.Type
			return &expr.Const{Value: v}, nil
		}
	}
	return &expr.Param{Number: p.Number, T: known.typ}, nil
}

// untyped gives e as a parameter of unknown type.
func untyped(e expr.Expr) (*expr.Param, bool) {
	p, ok := e.(*expr.Param)
	return p, ok && p.T.Kind == catalog.KindInvalid
}

// resolve tells an untyped parameter its type; the first use decides.
func (b *binder) resolve(p *expr.Param, t catalog.Type) *expr.Param {
	known := &b.stmt.params[p.Number-1]
	if known.typ.Kind == catalog.KindInvalid {
		known.typ = paramType(t)
	}
	return &expr.Param{Number: p.Number, T: known.typ}
}

// resolveBeside tells an untyped parameter the type t that it takes beside an operand, and the operand's OID or, where
// t is an array of such, that one's: a client that reads pg_type sends object ids as oid.
func (b *binder) resolveBeside(p *expr.Param, operand expr.Expr, t catalog.Type) *expr.Param {
	fresh := b.stmt.params[p.Number-1].typ.Kind == catalog.KindInvalid
	out := b.resolve(p, t)
	if oid := b.oid(operand); fresh && regNames[oid] == "" {
		if t.MultiValue && !operand.Type().MultiValue {
			oid = catalogArrays[oid]
		}
		b.stmt.params[p.Number-1].oid = oid
	}
	return out
}

// paramType is the type that a parameter takes from an operand of type t: one that a client can send.
func paramType(t catalog.Type) catalog.Type {
	switch t.Kind {
	case catalog.KindNull, catalog.KindInvalid:
		t.Kind = catalog.KindString
	case catalog.KindDuration:
		t.Kind = catalog.KindLong
	case catalog.KindFloat:
		t.Kind = catalog.KindDouble
	}
	return t
}

// literal resolves what is left untyped at the top of an expression: a parameter is text there, as in SELECT $1.
func (b *binder) literal(e expr.Expr) expr.Expr {
	if p, ok := untyped(e); ok {
		return b.resolve(p, catalog.String)
	}
	return e
}

// paramTypes are the final types; one that nothing determined is an error.
func (b *binder) paramTypes() ([]catalog.Type, error) {
	out := make([]catalog.Type, len(b.stmt.params))
	for i, p := range b.stmt.params {
		if p.typ.Kind == catalog.KindInvalid {
			return nil, errs.User(errs.IndeterminateType, "could not determine data type of parameter $%d", i+1).At(p.pos)
		}
		out[i] = p.typ
	}
	return out, nil
}

// paramOIDs are PostgreSQL's types of parameters where they say more than the types do, else 0; nil where none do.
func (b *binder) paramOIDs() []uint32 {
	var out []uint32
	for i, p := range b.stmt.params {
		if p.oid != 0 {
			if out == nil {
				out = make([]uint32, len(b.stmt.params))
			}
			out[i] = p.oid
		}
	}
	return out
}

// parseArray reads PostgreSQL's text form of an array, {a,"b c",NULL}, into values of to's element type.
func parseArray(s string, to catalog.Type) (catalog.Value, error) {
	bad := func() (catalog.Value, error) {
		return catalog.Value{}, errs.User(errs.InvalidText, "malformed array literal: %q", s)
	}
	body := strings.TrimSpace(s)
	if len(body) < 2 || body[0] != '{' || body[len(body)-1] != '}' {
		return bad()
	}
	out := catalog.Value{Type: to}
	body = body[1 : len(body)-1]
	if strings.TrimSpace(body) == "" {
		return out, nil
	}
	for {
		text, quoted, rest, ok := arrayElement(body)
		if !ok {
			return bad()
		}
		v := catalog.NullValue(to.Elem())
		if quoted || !strings.EqualFold(text, "null") {
			var err error
			if v, err = castConst(catalog.StringValue(text), to.Elem()); err != nil {
				return catalog.Value{}, err
			}
		}
		out.Elems = append(out.Elems, v)
		if rest == "" {
			return out, nil
		}
		body = rest[1:]
	}
}

// arrayElement splits the first element off; rest is empty or starts with the comma.
func arrayElement(s string) (text string, quoted bool, rest string, ok bool) {
	s = strings.TrimLeft(s, " \t\r\n")
	if !strings.HasPrefix(s, `"`) {
		end := strings.IndexByte(s, ',')
		if end < 0 {
			end = len(s)
		}
		text = strings.TrimSpace(s[:end])
		return text, false, s[end:], text != "" && !strings.ContainsAny(text, `{}"\`)
	}
	var b strings.Builder
	for i := 1; i < len(s); i++ {
		switch s[i] {
		case '\\':
			i++
			if i < len(s) {
				b.WriteByte(s[i])
			}
		case '"':
			rest = strings.TrimLeft(s[i+1:], " \t\r\n")
			return b.String(), true, rest, rest == "" || rest[0] == ','
		default:
			b.WriteByte(s[i])
		}
	}
	return "", true, "", false
}
