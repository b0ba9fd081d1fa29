package exec

import (
	"bytes"
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/internal/vec"
	"github.com/freshetdb/freshet/query/expr"
	"github.com/freshetdb/freshet/query/kernel"
	"github.com/freshetdb/freshet/query/logical"
)

// vectorOf makes a flat vector of values.
func vectorOf(t catalog.Type, values []catalog.Value) *vec.Vector {
	out := &vec.Vector{}
	out.Reset(t, len(values))
	clear(out.Str)
	for i, v := range values {
		var one vec.Vector
		one.SetConst(v, 1)
		out.CopyRow(i, &one, 0)
	}
	return out
}

// ascending lists values of a type in the order of ORDER BY.
func ascending() map[catalog.Type][]catalog.Value {
	out := map[catalog.Type][]catalog.Value{}
	for _, x := range []int64{math.MinInt64, -1 << 40, -1, 0, 1, 255, 256, 1 << 40, math.MaxInt64} {
		out[catalog.Long] = append(out[catalog.Long], catalog.LongValue(x))
	}
	for _, x := range []float64{math.Inf(-1), -1e300, -1, -5e-324, 0, 5e-324, 1, 1e300, math.Inf(1), math.NaN()} {
		out[catalog.Double] = append(out[catalog.Double], catalog.DoubleValue(x))
	}
	for _, x := range []int64{math.MinInt32, -1, 0, 1, 255, 256, math.MaxInt32} {
		out[catalog.Int] = append(out[catalog.Int], catalog.IntValue(x))
	}
	for _, x := range []float64{math.Inf(-1), -1.5, 0, 0.25, math.MaxFloat32, math.Inf(1), math.NaN()} {
		out[catalog.Float] = append(out[catalog.Float], catalog.Value{Type: catalog.Float, F64: x})
	}
	for _, x := range []string{"", "\x00", "\x00\x00", "\x00a", "\x01", "a", "a\x00", "a\x00b", "a\x01", "ab", "abcdefgh", "abcdefgh\x00", "abcdefghi", "b", "\xff"} {
		out[catalog.String] = append(out[catalog.String], catalog.StringValue(x))
	}
	for _, x := range []string{"-100", "-12", "-11.5", "-1.05", "-1", "-0.1", "-0.02", "-0.01", "0", "0.001", "0.01", "0.0105", "0.1", "1", "1.05", "9", "10", "10.5", "99", "100"} {
		out[catalog.BigDecimal] = append(out[catalog.BigDecimal], catalog.Value{Type: catalog.BigDecimal, Str: x})
	}
	out[catalog.Boolean] = []catalog.Value{catalog.BoolValue(false), catalog.BoolValue(true)}
	return out
}

// TestSortKeysKeepOrder encodes values in every direction: keys and prefixes have to order as the values do.
func TestSortKeysKeepOrder(t *testing.T) {
	for typ, values := range ascending() {
		v := vectorOf(typ, append(slices.Clone(values), catalog.NullValue(typ)))
		null := len(values)
		for _, k := range []logical.SortKey{{}, {NullsFirst: true}, {Descending: true}, {Descending: true, NullsFirst: true}} {
			less := func(i, j int) bool { // by position
				if i == null || j == null {
					return i != j && (i == null) == k.NullsFirst
				}
				return i < j != k.Descending && i != j
			}
			s := newSorter([]logical.SortKey{k}, -1)
			s.prefixes(v, v.Len)
			for i := range v.Len {
				for j := range v.Len {
					a, b := appendSortKey(nil, v, i, k), appendSortKey(nil, v, j, k)
					if got := bytes.Compare(a, b) < 0; got != less(i, j) {
						t.Errorf("%s %+v: key of %s before that of %s: %t", typ, k, v.At(i), v.At(j), got)
					}
					if less(i, j) && s.prefix[i] > s.prefix[j] {
						t.Errorf("%s %+v: prefix of %s is above that of %s", typ, k, v.At(i), v.At(j))
					}
				}
			}
		}
	}
}

// TestPlainKeysAreTheRowsKeys sorts by two columns of every pair of types, whole batches at once: keys and prefixes have to be those
// that are made row by row.
func TestPlainKeysAreTheRowsKeys(t *testing.T) {
	const rows = 31
	pick := func(typ catalog.Type, step int) *vec.Vector {
		values := make([]catalog.Value, rows)
		for i := range values {
			all := ascending()[typ]
			values[i] = all[i*step%len(all)]
		}
		return vectorOf(typ, values)
	}
	at := func(i int) uint64 { return uint64(i) }
	plain := 0
	for a := range ascending() {
		for b := range ascending() {
			cols := []*vec.Vector{pick(a, 1), pick(b, 7)}
			keys := []logical.SortKey{{Column: 0, Descending: plain%2 == 0}, {Column: 1, Descending: plain%3 == 0}}
			s := newSorter(keys, -1)
			if !s.plain(cols) {
				continue
			}
			plain++
			s.add(cols, rows, at, at)
			size := int64(0)
			for i, e := range s.entries {
				want := appendSortKey(appendSortKey(nil, cols[0], i, keys[0]), cols[1], i, keys[1])
				size += int64(len(want))
				if !bytes.Equal(e.key, want) || cap(e.key) != len(want) {
					t.Errorf("%s and %s, %+v: row %d has key %q, want %q", a, b, keys, i, e.key, want)
				}
				if p := prefixAt(cols[0], i, keys[0]); e.prefix != p || e.ord != uint64(i) || e.ref != uint64(i) {
					t.Errorf("%s and %s, %+v: row %d is %+v, want prefix %#x", a, b, keys, i, e, p)
				}
			}
			if len(s.entries) != rows || s.bytes != size {
				t.Errorf("%s and %s: %d entries of %d bytes, want %d of %d", a, b, len(s.entries), s.bytes, rows, size)
			}
		}
	}
	if plain < 25 {
		t.Errorf("%d pairs of types are plain, want those of INT, LONG, FLOAT, DOUBLE and STRING", plain)
	}
}

// TestTextsOfGroupsStay reads groups' texts, adds groups until the table has moved several times, and reads the texts again.
func TestTextsOfGroupsStay(t *testing.T) {
	for _, types := range [][]catalog.Type{{catalog.String}, {catalog.String, catalog.Long}} {
		table := newGroupTable(types, 0)
		fill := func(from, to int) {
			for i := from; i < to; i++ {
				vals := []keyValue{{str: fmt.Sprintf("text %d", i)}, {word: int64(i)}}
				if g := table.find(vals[:len(types)]); g != uint32(i) {
					t.Fatalf("%v: key %d has group %d", types, i, g)
				}
			}
		}
		fill(0, 500)
		out := make([]*vec.Vector, len(types))
		for i := range out {
			out[i] = &vec.Vector{}
		}
		table.columns(0, 500, out)
		texts := slices.Clone(out[0].Str)
		fill(500, 20_000)
		fill(0, 20_000) // found again
		for i, text := range texts {
			if want := fmt.Sprintf("text %d", i); text != want {
				t.Fatalf("%v: group %d became %q, want %q", types, i, text, want)
			}
		}
	}
}

// TestLastingColumns names the columns whose texts are not copied by those who keep rows.
func TestLastingColumns(t *testing.T) {
	groups := &groupsOp{cols: make([]vec.Vector, 3), aggs: make([]vec.Vector, 1)}
	column := func(i int) expr.Expr { return &expr.Column{Index: i, T: catalog.String} }
	project := &projectOp{in: &leafOp{in: groups}, exprs: []expr.Expr{column(2), &expr.Call{Args: []expr.Expr{column(0)}}, column(1)}}
	for _, c := range []struct {
		name string
		op   operator
		want []bool
	}{
		{"groups", groups, []bool{true, true, false}},
		{"projected groups", &limitOp{in: &filterOp{in: project}}, []bool{false, false, true}},
		{"sorted", &sortOp{in: &leavesOp{}}, []bool{true, true, true}},
		{"leaves", &leavesOp{}, []bool{false, false, false}},
	} {
		if got := lastingCols(c.op, 3); !slices.Equal(got, c.want) {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
}

// TestStoreCountsTextsItCopies adds the same texts to a store that copies them and to one that need not.
func TestStoreCountsTextsItCopies(t *testing.T) {
	long := strings.Repeat("x", 1000)
	text := vectorOf(catalog.String, []catalog.Value{catalog.StringValue(long), catalog.StringValue("")})
	var array vec.Vector
	array.SetConst(catalog.Value{Type: catalog.String.Array(), Elems: []catalog.Value{catalog.StringValue(long), catalog.StringValue(long)}}, 1)
	for name, c := range map[string]struct {
		col    *vec.Vector
		rows   int
		copied int64
	}{"text": {text, 2, 1000}, "array": {&array, 1, 2000}} {
		var copies rowStore
		aliases := rowStore{lasting: []bool{true}}
		for _, s := range []*rowStore{&copies, &aliases} {
			s.add([]*vec.Vector{c.col}, c.rows, nil)
		}
		if copies.bytes-aliases.bytes != c.copied || aliases.bytes <= 0 || aliases.bytes > 1000 {
			t.Errorf("%s: %d bytes with copies, %d without, want a difference of %d", name, copies.bytes, aliases.bytes, c.copied)
		}
	}
}

func TestEqualNumbersHaveEqualKeys(t *testing.T) {
	v := vectorOf(catalog.Double, []catalog.Value{catalog.DoubleValue(0), catalog.DoubleValue(math.Copysign(0, -1)),
		catalog.DoubleValue(math.NaN()), catalog.DoubleValue(math.Float64frombits(math.Float64bits(math.NaN()) | 1<<63))})
	for _, pair := range [][2]int{{0, 1}, {2, 3}} {
		a, b := appendSortKey(nil, v, pair[0], logical.SortKey{}), appendSortKey(nil, v, pair[1], logical.SortKey{})
		if !bytes.Equal(a, b) || floatWord(v.F64[pair[0]]) != floatWord(v.F64[pair[1]]) {
			t.Errorf("%v and %v have different keys", v.F64[pair[0]], v.F64[pair[1]])
		}
	}
}

// TestSorterKeepsTheFirst offers random rows to a bounded sorter, batch by batch.
func TestSorterKeepsTheFirst(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 7))
		limit := rapid.IntRange(0, 50).Draw(t, "limit")
		desc := r.IntN(2) == 0
		s := newSorter([]logical.SortKey{{Descending: desc}}, int64(limit))
		type ranked struct {
			x   int64
			ord uint64
		}
		var all []ranked
		for range 4 {
			values := make([]catalog.Value, r.IntN(1200))
			first := uint64(len(all))
			for i := range values {
				values[i] = catalog.LongValue(int64(r.IntN(100)))
				all = append(all, ranked{values[i].I64, first + uint64(i)})
			}
			at := func(i int) uint64 { return first + uint64(i) }
			s.add([]*vec.Vector{vectorOf(catalog.Long, values)}, len(values), at, at)
			if s.full() {
				if err := s.compact(context.Background()); err != nil {
					t.Fatal(err)
				}
			}
		}
		if err := s.compact(context.Background()); err != nil {
			t.Fatal(err)
		}
		slices.SortStableFunc(all, func(a, b ranked) int {
			if desc {
				a, b = b, a
			}
			return compareInt(a.x, b.x)
		})
		var want, got []uint64
		for _, x := range all[:min(limit, len(all))] {
			want = append(want, x.ord)
		}
		for _, e := range s.entries {
			got = append(got, e.ref)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatalf("limit %d (-want +got):\n%s", limit, diff)
		}
	})
}

// TestGroupTable numbers random tuples and compares with a map; then merges two tables and reads the keys back.
func TestGroupTable(t *testing.T) {
	kinds := [][]catalog.Type{{catalog.Long}, {catalog.Int}, {catalog.Double}, {catalog.Boolean}, {catalog.String},
		{catalog.Long, catalog.String}, {catalog.Float, catalog.Boolean, catalog.String}}
	value := func(r *rand.Rand, typ catalog.Type) catalog.Value {
		v := catalog.Value{Type: typ}
		switch typ.Kind.Physical() {
		case catalog.PhysString:
			v.Str = []string{"", "a", "\x00", "ab", "b\x01"}[r.IntN(5)] + fmt.Sprint(r.IntN(30))
		case catalog.PhysFloat32, catalog.PhysFloat64:
			v.F64 = float64(r.IntN(60)) / 4
		case catalog.PhysBits:
			v.I64 = int64(r.IntN(2))
		default:
			v.I64 = int64(r.IntN(3000)) - 100
		}
		v.Null = r.IntN(10) == 0
		if v.Null {
			v = catalog.NullValue(typ)
		}
		return v
	}
	rapid.Check(t, func(t *rapid.T) {
		r := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 8))
		types := kinds[r.IntN(len(kinds))]
		fill := func(table *groupTable) map[string]uint32 {
			seen := map[string]uint32{}
			for range 3 {
				n := 1 + r.IntN(2000)
				keys, text := make([]*vec.Vector, len(types)), make([]string, n)
				for i, typ := range types {
					values := make([]catalog.Value, n)
					for j := range values {
						values[j] = value(r, typ)
						text[j] += fmt.Sprintf("%q,", values[j].String())
					}
					keys[i] = vectorOf(typ, values)
				}
				groups := make([]uint32, n)
				table.assign(keys, n, groups)
				for j, g := range groups {
					if have, ok := seen[text[j]]; !ok {
						if int(g) != len(seen) {
							t.Fatalf("%s is group %d, want the next, %d", text[j], g, len(seen))
						}
						seen[text[j]] = g
					} else if have != g {
						t.Fatalf("%s is group %d, was %d", text[j], g, have)
					}
				}
			}
			return seen
		}
		one, two := newGroupTable(types, 0), newGroupTable(types, 0)
		if one.fixed && integralKind(types[0]) && r.IntN(2) == 0 {
			one.expect(-50, 1+r.IntN(2000))
			two.expect(int64(r.IntN(300)), 1000)
		}
		inOne, inTwo := fill(one), fill(two)
		before := len(inOne)
		moved := one.merge(two)
		for text, g := range inTwo {
			have, ok := inOne[text]
			if ok && moved[g] != have || !ok && int(moved[g]) < before {
				t.Fatalf("%s moves to group %d", text, moved[g])
			}
			inOne[text] = moved[g]
		}
		if one.groups() != len(inOne) {
			t.Fatalf("%d groups, want %d", one.groups(), len(inOne))
		}
		out := make([]*vec.Vector, len(types))
		for i := range out {
			out[i] = &vec.Vector{}
		}
		one.columns(0, one.groups(), out)
		for text, g := range inOne {
			got := ""
			for _, v := range out {
				got += fmt.Sprintf("%q,", v.At(int(g)).String())
			}
			if got != text {
				t.Fatalf("group %d is %s, want %s", g, got, text)
			}
		}
	})
}

// TestGroupsOfOtherRanges: groupings whose partitions hold other ranges of keys merge by key.
func TestGroupsOfOtherRanges(t *testing.T) {
	env := &Env{}
	plan := newAggPlan([]expr.Expr{&expr.Column{T: catalog.Long}}, nil, 1)
	groups := func(r keyRanges, keys ...int64) *Groups {
		g := &Groups{ranges: r}
		for range partitions {
			g.states = append(g.states, newGroupState(env, plan))
		}
		for i, s := range g.states {
			s.table.expect(r.least+int64(i)<<r.shift, 1<<r.shift)
		}
		for _, k := range keys {
			g.states[uint64(k-r.least)>>r.shift].table.word(k)
		}
		return g
	}
	total := groups(keyRanges{0, 640, 4}, 0, 5, 17, 639)
	for _, other := range []*Groups{groups(keyRanges{0, 640, 4}, 5, 18), groups(keyRanges{10, 1000, 4}, 17, 1000), {states: []*groupState{newGroupState(env, plan)}}} {
		if err := total.merge(other); err != nil {
			t.Fatal(err)
		}
	}
	var got []int64
	for _, s := range total.states {
		got = append(got, s.table.keys...)
	}
	slices.Sort(got)
	if diff := cmp.Diff([]int64{0, 5, 17, 18, 639, 1000}, got); diff != "" {
		t.Error(diff)
	}
}

func TestGroupTableLimit(t *testing.T) {
	for _, types := range [][]catalog.Type{{catalog.Long}, {catalog.String}} {
		one, two := newGroupTable(types, 3), newGroupTable(types, 3)
		key := func(i int) []keyValue { return []keyValue{{word: int64(i), str: fmt.Sprint(i)}} }
		for i := range 2 {
			one.find(key(i))
		}
		for i := range 5 {
			if g := two.find(key(i + 1)); g != uint32(min(i, 3)) {
				t.Errorf("key %d is group %d, want %d", i, g, min(i, 3))
			}
		}
		if g := two.find([]keyValue{{null: true}}); g != 3 {
			t.Errorf("NULL is group %d, want the overflow", g)
		}
		if diff := cmp.Diff([]uint32{1, 2, 3, 3}, one.merge(two)); diff != "" {
			t.Errorf("merge (-want +got):\n%s", diff)
		}
		if one.groups() != 3 || one.size() != 4 || !one.over {
			t.Errorf("%d groups, size %d, over %t", one.groups(), one.size(), one.over)
		}
	}
}

// TestHandOn: the codes of a segment's keys have the groups that the segment before gave the same values, and no others, for every
// kind of key, alone and combined, wherever the values of the two segments begin, end and differ.
func TestHandOn(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var before, now []keyCoder
		for range rapid.IntRange(1, 3).Draw(t, "keys") {
			kind := rapid.SampledFrom([]string{"text", "integer", "double", "range", "bucket", "expression", "bool", "constant"}).Draw(t, "kind")
			before, now = append(before, drawCoder(t, kind)), append(now, drawCoder(t, kind))
		}
		was, is := codesOf(before), codesOf(now)
		groups := map[string]uint32{}
		old := codeTable{coders: before}
		for code, tuple := range was {
			g := uint32(100 + code)
			if code%4 == 3 {
				g = kernel.Missing // never grouped
			} else if _, twice := groups[tuple]; twice {
				g = groups[tuple]
			}
			if _, twice := groups[tuple]; !twice {
				groups[tuple] = g
			}
			old.table = append(old.table, g)
		}
		table := make([]uint32, len(is))
		for i := range table {
			table[i] = kernel.Missing
		}
		old.handOn(now, table)
		missed := 0
		for code, tuple := range is {
			g, known := groups[tuple]
			if table[code] != kernel.Missing && (!known || table[code] != g) {
				t.Fatalf("code %d, %s: group %d; it was %d, known %v", code, tuple, table[code], g, known)
			}
			if known && g != kernel.Missing && table[code] == kernel.Missing {
				missed++
			}
		}
		if missed > 0 && (len(now) > 1 || worthHandingOn(&now[0])) {
			t.Fatalf("%d groups are lost: %v after %v", missed, is, was)
		}
	})
}

// drawCoder makes a key's coder of a segment, of few values that segments share in part.
func drawCoder(t *rapid.T, kind string) keyCoder {
	kc := keyCoder{null: -1, width: 1}
	switch kind {
	case "text", "expression":
		texts := rapid.SliceOfNDistinct(rapid.StringMatching("[ab]{0,2}"), 1, 5, rapid.ID).Draw(t, "texts")
		slices.Sort(texts)
		kc.dict, kc.card = dictOf(texts), len(texts)
		if kind == "text" {
			break
		}
		kc.values, kc.remap = newGroupTable([]catalog.Type{catalog.Long}, 0), make([]uint32, len(texts))
		for i, s := range texts {
			kc.remap[i] = kc.values.find([]keyValue{{word: int64(len(s))}})
		}
		kc.card = kc.values.n
	case "integer", "double":
		n := rapid.SliceOfNDistinct(rapid.Int64Range(-3, 3), 1, 5, rapid.ID).Draw(t, "values")
		slices.Sort(n)
		kc.dict, kc.card = &vec.Dict{Kind: catalog.KindLong, Len: len(n), Sorted: true, I64: n}, len(n)
		if kind == "double" {
			kc.dict.Kind, kc.dict.I64, kc.dict.F64 = catalog.KindDouble, nil, make([]float64, len(n))
			for i, x := range n {
				kc.dict.F64[i] = float64(x) / 2
			}
		}
	case "range", "bucket":
		kc.kind, kc.card = coderRange, rapid.IntRange(1, 5).Draw(t, "card")
		if kind == "bucket" {
			kc.width = 10
		}
		kc.base = kc.width*rapid.SampledFrom([]int64{-2, 0, 1, 3}).Draw(t, "base") + rapid.SampledFrom([]int64{0, 0, 3}).Draw(t, "remainder")
	case "bool":
		kc.kind, kc.card = coderBool, 2
	case "constant":
		kc.kind, kc.card, kc.fixed = coderConst, 1, keyValue{word: rapid.Int64Range(0, 1).Draw(t, "constant")}
		return kc
	}
	if rapid.Bool().Draw(t, "nullable") {
		kc.null, kc.fixed = kc.card, rapid.SampledFrom([]keyValue{{null: true}, {word: 99}}).Draw(t, "value of NULL")
		kc.card++
	}
	return kc
}

// codesOf sets the strides of keys and gives the values of every code.
func codesOf(coders []keyCoder) (tuples []string) {
	product := 1
	for i := range coders {
		coders[i].stride = uint32(product)
		product *= coders[i].card
	}
	c := codedKeys{coders: coders, vals: make([]keyValue, len(coders))}
	for code := range product {
		tuples = append(tuples, fmt.Sprintf("%+v", c.read(uint32(code))))
	}
	return tuples
}

// dictOf makes a dictionary of sorted texts.
func dictOf(texts []string) *vec.Dict {
	d := &vec.Dict{Kind: catalog.KindString, Len: len(texts), Sorted: true, Offsets: []uint32{0}}
	for _, s := range texts {
		d.Data = append(d.Data, s...)
		d.Offsets = append(d.Offsets, uint32(len(d.Data)))
	}
	return d
}

// endingContext ends when it was looked at a number of times.
type endingContext struct {
	context.Context
	looks, end int
}

func (c *endingContext) Err() error {
	if c.looks++; c.looks >= c.end {
		return context.Canceled
	}
	return nil
}

// TestLongSortEnds: a sort looks around, and ends when its statement does.
func TestLongSortEnds(t *testing.T) {
	values := make([]catalog.Value, 200_000)
	for i := range values {
		values[i] = catalog.Value{Type: catalog.Long, I64: rand.Int64()}
	}
	for _, end := range []int{1, 5, math.MaxInt} {
		s := newSorter([]logical.SortKey{{}}, -1)
		at := func(i int) uint64 { return uint64(i) }
		s.add([]*vec.Vector{vectorOf(catalog.Long, values)}, len(values), at, at)
		ctx := &endingContext{Context: context.Background(), end: end}
		err := s.compact(ctx)
		sorted := slices.IsSortedFunc(s.entries, func(a, b entry) int { return bytes.Compare(a.key, b.key) })
		if ends := end < math.MaxInt; (err != nil) != ends || sorted == ends {
			t.Errorf("end at look %d: error %v, sorted %v", end, err, sorted)
		}
		if end < math.MaxInt && ctx.looks > end+2 { // the error looks itself
			t.Errorf("end at look %d: %d looks", end, ctx.looks)
		}
	}
}
