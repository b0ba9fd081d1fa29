package bind

import (
	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/query/expr"
	"github.com/freshetdb/freshet/query/sql"
)

// Types of PostgreSQL's catalog that tables lack. Object ids are LONG; the reg types are object ids that are written as
// names, which functions of the session convert (regclassin, regclassout); the others are text, numbers or arrays.
var catalogTypes = map[string]struct {
	t   catalog.Type
	oid uint32
}{
	"oid": {catalog.Long, 26}, "xid": {catalog.Long, 28}, "cid": {catalog.Long, 29}, "int2vector": {catalog.Int.Array(), 22},
	"oidvector": {catalog.Long.Array(), 30}, "aclitem": {catalog.String, 1033}, "pg_node_tree": {catalog.String, 194}, "unknown": {catalog.String, 0},
	"cstring": {catalog.String, 0}, "sql_identifier": {catalog.String, 0}, "character_data": {catalog.String, 0}, "yes_or_no": {catalog.String, 0},
	"cardinal_number": {catalog.Int, 0}, "name": {catalog.String, 19}, "regclass": {catalog.Long, 2205}, "regtype": {catalog.Long, 2206},
	"regproc": {catalog.Long, 24}, "regprocedure": {catalog.Long, 2202}, "regoper": {catalog.Long, 2203}, "regoperator": {catalog.Long, 2204},
	"regnamespace": {catalog.Long, 4089}, "regrole": {catalog.Long, 4096}, "regcollation": {catalog.Long, 4191}, "regconfig": {catalog.Long, 3734},
	"regdictionary": {catalog.Long, 3769},
}

// regNames are the reg types by their OIDs.
var regNames = map[uint32]string{2205: "regclass", 2206: "regtype", 24: "regproc", 2202: "regprocedure", 2203: "regoper", 2204: "regoperator",
	4089: "regnamespace", 4096: "regrole", 4191: "regcollation", 3734: "regconfig", 3769: "regdictionary"}

// regCast binds a cast to a reg type: names are looked up, numbers are object ids. ok is false for other types.
func (b *binder) regCast(e *sql.Cast) (out expr.Expr, ok bool, err error) {
	to, known := catalogTypes[e.To.Name]
	if !known || regNames[to.oid] == "" || e.To.Array {
		return nil, false, nil
	}
	if _, found := b.cfg.Functions.Scalar(e.To.Name + "in"); !found {
		return nil, false, nil // not a session: ingestion
	}
	arg, err := b.bind(e.Arg)
	if err != nil {
		return nil, false, err
	}
	if p, unknown := untyped(arg); unknown {
		arg = b.resolve(p, catalog.String)
	}
	if arg.Type().Kind.IsText() && !arg.Type().MultiValue {
		out, err = b.scalarCall(e.To.Name+"in", []expr.Expr{arg}, b.place(arg, e.Pos()))
	} else {
		out, err = b.coerce(arg, catalog.Long, e.Pos())
		if out == arg { // the same value under another type
			out = &expr.Cast{Arg: arg, To: catalog.Long}
		}
	}
	if err != nil {
		return nil, false, err
	}
	b.keepOID(out, to.oid)
	return out, true, nil
}

// regText gives a value of a reg type as text; other expressions stay.
func (b *binder) regText(e expr.Expr, pos int) (expr.Expr, error) {
	name := regNames[b.oid(e)]
	if name == "" || e.Type() != catalog.Long {
		return e, nil
	}
	if _, found := b.cfg.Functions.Scalar(name + "out"); !found {
		return e, nil
	}
	return b.scalarCall(name+"out", []expr.Expr{e}, pos)
}

// regLiterals converts the literal beside a value of a reg type: relid::regclass = 'orders'.
func (b *binder) regLiterals(l, r expr.Expr, pos int) (expr.Expr, expr.Expr, error) {
	convert := func(value, literal expr.Expr) (expr.Expr, error) {
		name := regNames[b.oid(value)]
		if name == "" || value.Type() != catalog.Long || !isStringConst(literal) {
			return literal, nil
		}
		return b.scalarCall(name+"in", []expr.Expr{literal}, pos)
	}
	left, err := convert(r, l)
	if err != nil {
		return nil, nil, err
	}
	right, err := convert(l, r)
	return left, right, err
}
