package bind

import (
	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/query/expr"
)

// The types of the catalog that tables lack, through expressions: a driver that reads pg_type in binary form has to be
// told oid[] where PostgreSQL says so, or it asks for the type of what it gets, in the same words, for ever.

// catalogArrays are the OIDs of arrays by those of their elements: "char", name, smallint, oid.
var catalogArrays = map[uint32]uint32{18: 1002, 19: 1003, 21: 1005, 26: 1028}

// catalogElements is catalogArrays the other way round, with the vectors.
var catalogElements = map[uint32]uint32{1002: 18, 1003: 19, 1005: 21, 1028: 26, 22: 21, 30: 26}

// isVector reports int2vector and oidvector, which are unlike arrays: their text has blanks, their subscripts begin with 0.
func isVector(oid uint32) bool { return oid == 22 || oid == 30 }

// vectorText gives a vector as text; other expressions stay.
func (b *binder) vectorText(e expr.Expr, pos int) (expr.Expr, error) {
	if !e.Type().MultiValue || !isVector(b.oid(e)) {
		return e, nil
	}
	return b.scalarCall("arrayToString", []expr.Expr{e, constString(" ")}, pos)
}

// wholeVectors groups the catalog's vectors as PostgreSQL does, not by their elements: by their texts, which are the
// results too.
func (b *binder) wholeVectors(q *Query) error {
	for i, key := range q.Keys {
		text, err := b.vectorText(key, 0)
		if err != nil {
			return err
		}
		if text == key {
			continue
		}
		q.Keys[i] = text
		for _, list := range [][]expr.Expr{q.Items, q.Hidden} {
			for j := range list {
				if Equal(list[j], key) {
					list[j] = text
				}
			}
		}
	}
	for i, e := range q.Items {
		if q.Distinct && !q.Grouped {
			text, err := b.vectorText(e, 0)
			if err != nil {
				return err
			}
			q.Items[i] = text
		}
		if isVector(q.Outputs[i].OID) && !q.Items[i].Type().MultiValue {
			q.Outputs[i].Type, q.Outputs[i].OID = q.Items[i].Type(), 0
		}
	}
	return nil
}

// oid is PostgreSQL's type of an expression where that says more than its Type, else 0.
func (b *binder) oid(e expr.Expr) uint32 {
	if kept := b.oids[e]; kept != 0 {
		return kept
	}
	switch e := e.(type) {
	case *expr.Column:
		switch {
		case e.Index < len(b.cols):
			return b.cols[e.Index].OID
		case e.Index >= aggBase && e.Index < aggBase+len(b.aggs):
			return b.aggregateOID(b.aggs[e.Index-aggBase])
		}
	case *expr.Case:
		kids := make([]expr.Expr, 0, len(e.Whens)+1)
		for _, w := range e.Whens {
			kids = append(kids, w.Then)
		}
		if e.Else != nil {
			kids = append(kids, e.Else)
		}
		return b.commonOID(kids)
	case *expr.Coalesce:
		return b.commonOID(e.Args)
	}
	return 0
}

// aggregateOID is the type of the aggregates that give back what they took, or an array of it.
func (b *binder) aggregateOID(a Agg) uint32 {
	if len(a.Args) == 0 {
		return 0
	}
	of := b.oid(a.Args[0])
	switch a.Fn.Name {
	case "arrayagg":
		return catalogArrays[of]
	case "min", "max":
		if of == 26 {
			return of
		}
	}
	return 0
}

// commonOID is the type that all expressions have, but for NULLs.
func (b *binder) commonOID(list []expr.Expr) uint32 {
	found := uint32(0)
	for _, e := range list {
		if c, ok := e.(*expr.Const); ok && c.Value.Null {
			continue
		}
		of := b.oid(e)
		if of == 0 || found != 0 && of != found {
			return 0
		}
		found = of
	}
	return found
}

// keepOID remembers the type of an expression.
func (b *binder) keepOID(e expr.Expr, oid uint32) {
	if oid != 0 {
		b.oids[e] = oid
	}
}

// subqueryOID is the type of a scalar sub-query or of the array that ARRAY(SELECT ...) makes.
func subqueryOID(t catalog.Type, output Output) uint32 {
	if t.MultiValue && !output.Type.MultiValue {
		return catalogArrays[output.OID]
	}
	return output.OID
}
