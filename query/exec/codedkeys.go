package exec

import (
	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/internal/vec"
	"github.com/freshetdb/freshet/query/expr"
	"github.com/freshetdb/freshet/query/function"
	"github.com/freshetdb/freshet/query/kernel"
)

// codedKeys turns the keys of one segment into one small integer per row: the sum of each key's code times its
// stride. An array maps codes to groups; a group is looked up by value once per combination that occurs.
type codedKeys struct {
	coders []keyCoder
	table  []uint32 // code -> group, or kernel.Missing
	vals   []keyValue
	found  int // combinations that the last resolve saw for the first time
}

// Limits of the array: for several keys, and for one.
const (
	maxCodes       = 64 << 10
	maxCodesOneKey = 4 << 20
)

// coderKind says how a key gets its code.
type coderKind uint8

const (
	coderDict  coderKind = iota // dictionary id
	coderRange                  // integer minus minimum, divided by width
	coderBool
	coderConst // the key is constant in the segment
)

// keyCoder is one key: a stored column, or an expression over one dictionary column.
type keyCoder struct {
	kind   coderKind
	col    int
	card   int // codes, the one for NULL included
	stride uint32
	null   int // code of NULL, -1 if there is none
	dict   *vec.Dict
	base   int64
	width  int64       // 1 but for buckets
	remap  []uint32    // id -> code*stride, for expressions
	values *groupTable // code -> value, for expressions
	fixed  keyValue    // coderConst; the value of NULL
}

// encode finds codes for the keys in the worker's segment; s.coded stays nil where they have none.
func (s *aggSink) encode(w *worker) error {
	c := &codedKeys{vals: make([]keyValue, len(s.plan.keys))}
	product := 1
	limit := maxCodes
	if len(s.plan.keys) == 1 {
		limit = min(maxCodesOneKey, max(maxCodes, 2*w.seg.rows))
	}
	for _, k := range s.plan.keys {
		kc, ok, err := s.coder(w, k, limit/product)
		if err != nil || !ok {
			return err
		}
		kc.stride = uint32(product)
		product *= kc.card
		c.coders = append(c.coders, kc)
	}
	for i := range c.coders {
		kc := &c.coders[i]
		for j := range kc.remap {
			kc.remap[j] *= kc.stride
		}
	}
	if err := s.makeTable(product, c.coders); err != nil {
		return err
	}
	if s.codes == nil {
		s.codes = make([]uint32, vec.BlockRows)
	}
	c.table = s.table
	s.coded = c
	return nil
}

// makeTable makes the table of codes to groups, for keys with that many codes.
func (s *aggSink) makeTable(codes int, coders []keyCoder) error {
	s.table, s.before.table = s.before.table, s.table
	if err := s.scratch.set(int64(max(codes, cap(s.table)))*4 + s.before.bytes()); err != nil {
		return err
	}
	if cap(s.table) < codes {
		s.table = make([]uint32, codes)
	}
	s.table = s.table[:codes]
	for i := range s.table {
		s.table[i] = kernel.Missing
	}
	s.before.handOn(coders, s.table)
	s.before.coders = coders
	return nil
}

// coder finds a code for one key with at most limit codes.
func (s *aggSink) coder(w *worker, e expr.Expr, limit int) (keyCoder, bool, error) {
	e = w.seg.withConstants(e)
	cols := columnsOf(s.plan.width, e)
	switch {
	case volatileExpr(e) || len(cols) > 1:
		return keyCoder{}, false, nil
	case len(cols) == 0:
		if expr.Fallible(e) {
			return keyCoder{}, false, nil
		}
		v, err := expr.EvalConst(w.ec, e)
		return keyCoder{kind: coderConst, card: 1, null: -1, fixed: valueKey(v)}, err == nil, err
	}
	col := cols[0]
	sc := &w.seg.cols[col]
	if sc.col == nil || sc.col.Type().MultiValue {
		return keyCoder{}, false, nil
	}
	kc := keyCoder{col: col, null: -1, dict: sc.dict, width: 1}
	plain, isColumn := e.(*expr.Column)
	bucket, isBucket := bucketOf(e)
	switch {
	case sc.dict != nil && isColumn:
		kc.kind, kc.card = coderDict, sc.dict.Len
	case sc.dict != nil:
		if expr.Fallible(e) || sc.dict.Len > limit {
			return keyCoder{}, false, nil
		}
		if err := kc.mapValues(s, w, e); err != nil {
			return keyCoder{}, false, err
		}
	case isBucket && sc.stats.HasRange:
		least, most := bucket.Of(sc.stats.Min.I64), bucket.Of(sc.stats.Max.I64)
		buckets := uint64(most-least) / uint64(bucket.Width)
		if least > sc.stats.Min.I64 || most < least || buckets >= uint64(limit) {
			return keyCoder{}, false, nil
		}
		kc.kind, kc.card, kc.base, kc.width = coderRange, int(buckets)+1, least, bucket.Width
	case !isColumn:
		return keyCoder{}, false, nil
	case plain.T.Kind.Physical() == catalog.PhysBits:
		kc.kind, kc.card = coderBool, 2
	case sc.stats.HasRange && integralKind(plain.T):
		span := uint64(sc.stats.Max.I64) - uint64(sc.stats.Min.I64)
		if span >= uint64(limit) {
			return keyCoder{}, false, nil
		}
		kc.kind, kc.card, kc.base = coderRange, int(span)+1, sc.stats.Min.I64
	default:
		return keyCoder{}, false, nil
	}
	if sc.stats.NullCount > 0 {
		kc.null = kc.card
		kc.card++
		ok, err := kc.nullValue(s, w, e)
		if err != nil || !ok {
			return keyCoder{}, false, err
		}
	}
	return kc, kc.card <= limit, nil
}

// bucketOf gives the bucket of a function of an integer column.
func bucketOf(e expr.Expr) (function.Bucket, bool) {
	call, ok := e.(*expr.Call)
	if !ok || call.Fn.Bucket.Width <= 0 {
		return function.Bucket{}, false
	}
	c, ok := call.Args[call.Fn.Bucket.Arg].(*expr.Column)
	return call.Fn.Bucket, ok && integralKind(c.T)
}

// nullValue finds the key where the column is NULL, or its default with PinotNulls.
func (kc *keyCoder) nullValue(s *aggSink, w *worker, e expr.Expr) (bool, error) {
	sc := &s.run.cols[kc.col]
	v := catalog.NullValue(sc.typ)
	if s.run.env.PinotNulls && sc.hasDef {
		v = sc.def
	}
	x, err := expr.EvalConst(w.ec, expr.Rewrite(e, func(e expr.Expr) expr.Expr {
		if c, ok := e.(*expr.Column); ok && c.Index == kc.col {
			return &expr.Const{Value: v}
		}
		return e
	}))
	if err != nil {
		return false, err
	}
	kc.fixed = valueKey(x)
	return true, nil
}

// mapValues evaluates an expression per distinct value and numbers its results.
func (kc *keyCoder) mapValues(s *aggSink, w *worker, e expr.Expr) error {
	kc.kind = coderDict
	kc.values = newGroupTable([]catalog.Type{e.Type().Elem()}, 0)
	kc.remap = make([]uint32, kc.dict.Len)
	var flat vec.Vector
	err := eachDictChunk(w.ec, e, kc.col, s.plan.width, kc.dict, func(from int, out *vec.Vector) {
		out.Flatten(&flat)
		kc.values.assign([]*vec.Vector{&flat}, out.Len, kc.remap[from:from+out.Len])
	})
	kc.card = kc.values.n
	return err
}

// valueKey is the key of a value.
func valueKey(v catalog.Value) keyValue {
	switch {
	case v.Null:
		return keyValue{null: true}
	case v.Type.Kind.Physical() == catalog.PhysString:
		return keyValue{str: v.Str}
	case v.Type.Kind.Physical() == catalog.PhysFloat32, v.Type.Kind.Physical() == catalog.PhysFloat64:
		return keyValue{word: floatWord(v.F64)}
	default:
		return keyValue{word: v.I64}
	}
}

// value is the key of a code.
func (kc *keyCoder) value(code uint32) keyValue {
	switch {
	case kc.kind == coderConst || int(code) == kc.null:
		return kc.fixed
	case kc.kind == coderRange:
		return keyValue{word: kc.base + int64(code)*kc.width}
	case kc.kind == coderBool:
		return keyValue{word: int64(code)}
	case kc.values != nil:
		return kc.values.value(code)
	case kc.dict.I64 != nil:
		return keyValue{word: kc.dict.I64[code]}
	case kc.dict.F64 != nil:
		return keyValue{word: floatWord(kc.dict.F64[code])}
	default:
		return keyValue{str: kc.dict.Str(code)}
	}
}

// value is the key of group g of a table with one key.
func (t *groupTable) value(g uint32) keyValue {
	switch {
	case g == t.null:
		return keyValue{null: true}
	case t.fixed:
		return keyValue{word: t.keys[g]}
	default:
		return keyValue{str: string(t.tuple(g))}
	}
}

// assign numbers the rows that passed in the current block; false where a column has not the form that its codes
// need, and nothing was done.
func (c *codedKeys) assign(w *worker, s *aggSink, groups []uint32) (bool, error) {
	if len(c.coders) == 1 && c.constant(w, s.state.table, groups) {
		return true, nil
	}
	if len(c.coders) == 1 && w.all {
		if done, err := c.direct(w, s, groups); done || err != nil {
			return done, err
		}
	}
	codes := s.codes[:w.rows]
	if done, err := c.add(w, s, codes); err != nil || !done {
		return done, err
	}
	if kernel.Lookup(c.table, codes, groups) {
		c.resolve(s.state.table, codes, groups)
	}
	return true, nil
}

// add computes the codes of the rows that passed; false where a column has not the form that they need.
func (c *codedKeys) add(w *worker, s *aggSink, codes []uint32) (bool, error) {
	clear(codes)
	for i := range c.coders {
		kc := &c.coders[i]
		if kc.kind == coderConst {
			continue
		}
		v, err := w.load(kc.col)
		if err != nil {
			return false, err
		}
		if !kc.fits(v) {
			return false, nil
		}
		if !w.all {
			picked := &s.picked[i]
			if v.Form == vec.FormFlat {
				v.Gather(w.selection(), picked)
			} else {
				w.gatherCodes(v, picked)
			}
			v = picked
		}
		if v.HasNulls() {
			s.addNullable(kc, v, codes)
		} else {
			kc.add(v, codes)
		}
	}
	return true, nil
}

// addNullable is kc.add of a column with NULLs.
func (s *aggSink) addNullable(kc *keyCoder, v *vec.Vector, codes []uint32) {
	s.without = append(s.without[:0], codes...)
	kc.add(v, codes)
	for i := range codes {
		if v.Nulls.Get(i) {
			codes[i] = s.without[i] + uint32(kc.null)*kc.stride
		}
	}
}

// constant numbers all rows alike where the current block is within one bucket.
func (c *codedKeys) constant(w *worker, t *groupTable, groups []uint32) bool {
	kc := &c.coders[0]
	if kc.kind != coderRange || kc.width == 1 {
		return false
	}
	z := w.seg.cols[kc.col].col.Zone(w.b)
	if !z.Known || z.AllNull || z.NullCount > 0 || kc.code(z.MinI64) != kc.code(z.MaxI64) {
		return false
	}
	code := kc.code(z.MinI64)
	if c.table[code] == kernel.Missing {
		c.table[code] = t.find(c.read(code))
	}
	for i := range groups {
		groups[i] = c.table[code]
	}
	return true
}

// code is the code of an integer within the segment's range, before its stride.
func (kc *keyCoder) code(x int64) uint32 { return uint32(uint64(x-kc.base) / uint64(kc.width)) }

// direct looks up the ids of one dictionary key without copying them.
func (c *codedKeys) direct(w *worker, s *aggSink, groups []uint32) (bool, error) {
	kc := &c.coders[0]
	if kc.kind != coderDict || kc.remap != nil {
		return false, nil
	}
	v, err := w.load(kc.col)
	if err != nil || v.Form != vec.FormDict || v.HasNulls() {
		return false, err
	}
	var missing bool
	switch {
	case v.U8 != nil:
		missing = kernel.Lookup(c.table, v.U8[:w.n], groups)
	case v.U16 != nil:
		missing = kernel.Lookup(c.table, v.U16[:w.n], groups)
	default:
		missing = kernel.Lookup(c.table, v.U32[:w.n], groups)
	}
	if missing {
		codes := s.codes[:w.rows]
		clear(codes)
		kc.add(v, codes)
		c.resolve(s.state.table, codes, groups)
	}
	return true, nil
}

// lookups is how often resolve looks all rows up again, before it goes on row by row.
const lookups = 4

// resolve finds the groups of combinations seen for the first time.
func (c *codedKeys) resolve(t *groupTable, codes, groups []uint32) {
	looked := 0
	if c.found > lookups { // as many are to be expected
		looked = lookups
	}
	c.found = 0
	for i := kernel.NextMissing(groups); i < len(groups); i += 1 + kernel.NextMissing(groups[i+1:]) {
		code := codes[i]
		if c.table[code] != kernel.Missing {
			groups[i] = c.table[code]
			continue
		}
		c.table[code] = t.find(c.read(code))
		groups[i] = c.table[code]
		c.found++
		// Often one combination is new, and many rows have it, as at the end of an hour.
		if looked++; looked <= lookups && !kernel.Lookup(c.table, codes[i:], groups[i:]) {
			return
		}
	}
}

// read gives the keys of a code, until the next call.
func (c *codedKeys) read(code uint32) []keyValue {
	for j := range c.coders {
		kc := &c.coders[j]
		c.vals[j] = kc.value(code % uint32(kc.card))
		code /= uint32(kc.card)
	}
	return c.vals
}

// fits reports whether a block has the form that the codes were made for.
func (kc *keyCoder) fits(v *vec.Vector) bool {
	switch kc.kind {
	case coderDict:
		return v.Form == vec.FormDict && (kc.null >= 0 || !v.HasNulls())
	case coderRange:
		return (v.Form == vec.FormOffset || v.Form == vec.FormFlat) && (kc.null >= 0 || !v.HasNulls())
	default:
		return v.Form == vec.FormFlat && (kc.null >= 0 || !v.HasNulls())
	}
}

// add adds the key's codes, times stride; something under a NULL too. Arithmetic is modulo 2^32.
func (kc *keyCoder) add(v *vec.Vector, codes []uint32) {
	switch {
	case kc.remap != nil:
		addWidth(v, codes, kc.remap, 0)
	case kc.width > 1:
		kc.addBuckets(v, codes)
	case v.Form == vec.FormDict || v.Form == vec.FormOffset:
		shift := uint32(0)
		if kc.kind == coderRange {
			shift = uint32(v.Base-kc.base) * kc.stride
		}
		addWidth(v, codes, nil, kc.stride)
		if shift != 0 {
			for i := range codes {
				codes[i] += shift
			}
		}
	case v.I32 != nil:
		kernel.AddOffsets(v.I32, kc.base, kc.stride, codes)
	case v.I64 != nil:
		kernel.AddOffsets(v.I64, kc.base, kc.stride, codes)
	default:
		for i := range codes {
			codes[i] += uint32(boolInt(v.Bits.Get(i))) * kc.stride
		}
	}
}

// addBuckets adds the buckets' codes, times stride.
func (kc *keyCoder) addBuckets(v *vec.Vector, codes []uint32) {
	shift, width := uint64(v.Base-kc.base), uint64(kc.width)
	switch {
	case v.Form == vec.FormOffset && v.U8 != nil:
		kernel.BucketAdd(v.U8[:v.Len], shift, width, kc.stride, codes)
	case v.Form == vec.FormOffset && v.U16 != nil:
		kernel.BucketAdd(v.U16[:v.Len], shift, width, kc.stride, codes)
	case v.Form == vec.FormOffset:
		kernel.BucketAdd(v.U32[:v.Len], shift, width, kc.stride, codes)
	default:
		for i := range codes {
			codes[i] += kc.code(v.Int64At(i)) * kc.stride
		}
	}
}

// addWidth dispatches on the width of codes.
func addWidth(v *vec.Vector, codes, table []uint32, stride uint32) {
	switch {
	case v.U8 != nil && table != nil:
		kernel.MapAdd(v.U8[:v.Len], table, codes)
	case v.U16 != nil && table != nil:
		kernel.MapAdd(v.U16[:v.Len], table, codes)
	case table != nil:
		kernel.MapAdd(v.U32[:v.Len], table, codes)
	case v.U8 != nil:
		kernel.WidenAdd(v.U8[:v.Len], stride, codes)
	case v.U16 != nil:
		kernel.WidenAdd(v.U16[:v.Len], stride, codes)
	default:
		kernel.WidenAdd(v.U32[:v.Len], stride, codes)
	}
}
