package exec_test

import (
	"math"
	"math/rand/v2"
	"slices"

	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/internal/vec"
	"github.com/freshetdb/freshet/segment"
	"github.com/freshetdb/freshet/segment/segtest"
)

// formView serves a view's integers as offsets and its dictionary ids in the narrowest width, as sealed segments do,
// and puts garbage below NULLs.
type formView struct{ segment.View }

func (v formView) Column(name string) (segment.Column, bool) {
	c, ok := v.View.Column(name)
	if !ok {
		return nil, false
	}
	return formColumn{c}, true
}

type formColumn struct{ segment.Column }

func (c formColumn) Block(b int, out *vec.Vector) error {
	if err := c.Column.Block(b, out); err != nil {
		return err
	}
	switch {
	case out.Type.MultiValue:
	case out.Form == vec.FormDict:
		narrow(out, func(i int) uint64 { return uint64(out.U32[i]) }, uint64(out.Dict.Len))
	case out.I64 != nil || out.I32 != nil:
		c.offsets(out)
	}
	return nil
}

func (c formColumn) offsets(out *vec.Vector) {
	lo, hi, some := int64(math.MaxInt64), int64(math.MinInt64), false
	for i := range out.Len {
		if !out.IsNull(i) {
			lo, hi, some = min(lo, out.Int64At(i)), max(hi, out.Int64At(i)), true
		}
	}
	if !some || uint64(hi)-uint64(lo) > math.MaxUint32 {
		return
	}
	values := make([]uint64, out.Len)
	for i := range values {
		values[i] = uint64(hi) - uint64(lo) // below NULLs
		if !out.IsNull(i) {
			values[i] = uint64(out.Int64At(i)) - uint64(lo)
		}
	}
	nulls := slices.Clone(out.Nulls)
	out.Alias(out.Type, vec.FormOffset, out.Len)
	out.Base, out.Nulls = lo, nulls
	narrow(out, func(i int) uint64 { return values[i] }, uint64(hi)-uint64(lo)+1)
}

// narrow stores codes below card.
func narrow(out *vec.Vector, at func(i int) uint64, card uint64) {
	switch {
	case card <= 1<<8:
		codes := make([]uint8, out.Len)
		for i := range codes {
			codes[i] = uint8(at(i))
		}
		out.U8, out.U16, out.U32 = codes, nil, nil
	case card <= 1<<16:
		codes := make([]uint16, out.Len)
		for i := range codes {
			codes[i] = uint16(at(i))
		}
		out.U8, out.U16, out.U32 = nil, codes, nil
	default:
		codes := make([]uint32, out.Len)
		for i := range codes {
			codes[i] = uint32(at(i))
		}
		out.U8, out.U16, out.U32 = nil, nil, codes
	}
}

func testSchema() *catalog.Schema {
	field := func(name string, def catalog.Value) catalog.Field {
		return catalog.Field{Name: name, Type: def.Type, Default: def}
	}
	array := func(def catalog.Value) catalog.Value {
		return catalog.Value{Type: def.Type.Array(), Elems: []catalog.Value{def}}
	}
	return catalog.NewSchema("t", []catalog.Field{
		field("i", catalog.IntValue(-7)),
		field("l", catalog.LongValue(3)),
		field("d", catalog.DoubleValue(0.5)),
		field("f", catalog.Value{Type: catalog.Float, F64: 1.5}),
		field("b", catalog.BoolValue(false)),
		field("t", catalog.TimestampValue(1000)),
		field("s", catalog.StringValue("null")),
		field("u", catalog.StringValue("")),
		field("n", catalog.Value{Type: catalog.BigDecimal, Str: "0"}),
		field("tags", array(catalog.StringValue("none"))),
		field("nums", array(catalog.IntValue(0))),
		field("added", catalog.IntValue(42)),
	})
}

// profile shapes the data of one run.
type profile struct {
	nulls    float64
	extremes bool
}

func randomValue(r *rand.Rand, t catalog.Type, p profile) catalog.Value {
	if r.Float64() < p.nulls {
		return catalog.NullValue(t)
	}
	if t.MultiValue {
		v := catalog.Value{Type: t}
		for range 1 + r.IntN(3) {
			e := randomValue(r, t.Elem(), profile{})
			v.Elems = append(v.Elems, e)
		}
		return v
	}
	v := catalog.Value{Type: t}
	switch t.Kind {
	case catalog.KindInt:
		v.I64 = int64(r.IntN(40) - 10)
		if p.extremes && r.IntN(10) == 0 {
			v.I64 = []int64{math.MinInt32, math.MaxInt32}[r.IntN(2)]
		}
	case catalog.KindLong:
		v.I64 = int64(r.IntN(100000))
		if p.extremes && r.IntN(1000) == 0 {
			v.I64 = []int64{math.MinInt64, math.MaxInt64}[r.IntN(2)]
		}
	case catalog.KindTimestamp:
		v.I64 = int64(r.IntN(1_000_000)) - 300_000
	case catalog.KindDouble, catalog.KindFloat:
		v.F64 = float64(r.IntN(400)-100) / 4
		if p.extremes {
			switch r.IntN(40) {
			case 0:
				v.F64 = math.NaN()
			case 1:
				v.F64 = math.Copysign(0, -1)
			}
		}
	case catalog.KindBoolean:
		v.I64 = int64(r.IntN(2))
	case catalog.KindBigDecimal:
		v.Str = []string{"0", "-1.5", "12", "100", "9.99", "-0.001", "0.02"}[r.IntN(7)]
	default:
		v.Str = []string{"", "a", "b", "ab", "abc", "pizza", "a\x00b", "zz", "Ünï"}[r.IntN(9)]
	}
	return v
}

// randomView makes a segment with random forms; "added" is missing from some.
func randomView(r *rand.Rand, name string, schema *catalog.Schema, rows int, p profile) segment.View {
	fields := len(schema.Fields)
	if r.IntN(3) == 0 {
		fields--
	}
	cols := make([][]catalog.Value, fields)
	for c := range cols {
		cols[c] = make([]catalog.Value, rows)
		for i := range cols[c] {
			cols[c][i] = randomValue(r, schema.Fields[c].Type, p)
			if schema.Fields[c].Name == "u" && !cols[c][i].Null {
				cols[c][i].Str += string(rune('a' + r.IntN(20)))
			}
		}
		if schema.Fields[c].Name == "t" && r.IntN(2) == 0 {
			slices.SortFunc(cols[c], func(a, b catalog.Value) int { return int(a.I64 - b.I64) })
		}
	}
	var options []segtest.Option
	for c := range cols {
		f := schema.Fields[c]
		small := f.Name == "i" || f.Name == "s" || f.Name == "u" || f.Name == "tags" || f.Name == "nums" || f.Name == "n" || f.Name == "f"
		if !small || (f.Name == "f" || f.Name == "n") && p.extremes {
			continue // NaN has no place in these dictionaries
		}
		switch r.IntN(3) {
		case 0:
			options = append(options, segtest.WithDict(f.Name))
		case 1:
			if f.Name != "n" { // the order of text is not that of decimals
				options = append(options, segtest.WithSortedDict(f.Name))
			}
		}
	}
	if r.IntN(2) == 0 {
		options = append(options, segtest.WithConsuming())
	}
	var v segment.View = segtest.NewView(name, schema, cols, options...)
	if r.IntN(2) == 0 {
		v = formView{v}
	}
	return v
}
