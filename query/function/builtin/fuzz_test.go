package builtin

import (
	"context"
	"encoding/binary"
	"fmt"
	"math"
	"sync"
	"testing"

	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/internal/errs"
	"github.com/freshetdb/freshet/internal/vec"
	"github.com/freshetdb/freshet/query/expr"
	"github.com/freshetdb/freshet/query/function"
)

// choices reads decisions from the bytes of a fuzzer; behind their end all are 0.
type choices struct {
	data []byte
	at   int
}

func (c *choices) pick(n int) int {
	if c.at >= len(c.data) {
		return 0
	}
	b := c.data[c.at]
	c.at++
	return int(b) % n
}

// argTypes are the types of arguments that are tried.
var argTypes = []catalog.Type{catalog.String, catalog.Long, catalog.Int, catalog.Double, catalog.Timestamp, catalog.Boolean, catalog.JSON, catalog.Bytes, catalog.BigDecimal,
	catalog.Float, catalog.Interval, catalog.TimestampTZ, catalog.Duration, catalog.Null, catalog.String.Array(), catalog.Long.Array(), catalog.Int.Array(),
	catalog.Double.Array(), catalog.Timestamp.Array(), catalog.Boolean.Array(), catalog.BigDecimal.Array(), catalog.Bytes.Array()}

// texts are values of text arguments: units, patterns, paths, documents, zones and what is none of them.
var texts = []string{"", "a", "äöü", "hour", "DAY", "month", "UTC", "Europe/Berlin", "+02:00", "yyyy-MM-dd HH:mm:ss", "YYYY-MM-DD", "2024-02-29", "2024-02-29 12:34:56.789",
	"1:MILLISECONDS:EPOCH", "1:DAYS:SIMPLE_DATE_FORMAT:yyyyMMdd", "15:MINUTES", "$.a", "$..b[?(@.c > 1)]", "$[*]", `{"a":{"b":[1,"x",null]},"c":1.5}`, "[1,2,3]", "{", "{1,2}",
	"(a|b)*", "(", "[", `\d+`, "%a_", "i", "g", "9,999.99", "FM000", "12345", "-1.5e3", "1e400", "NaN", "INT", "STRING", "LONG_ARRAY", "POINT (1 2)", "POLYGON ((0 0, 1 0, 1 1, 0 0))",
	"192.168.0.1/16", "::1", "https://user@www.example.co.uk:8080/a/b?x=1&y=%20#f", "deadbeef", "aGk=", "550e8400-e29b-41d4-a716-446655440000", "\x00", "\xff\xfe", "🎉", " ", "true", "NFC", "base64"}

var longs = []int64{0, 1, -1, 2, 3, 7, 10, 100, 1000, 86_400_000, 1_700_000_000_000, math.MaxInt32, math.MinInt32, math.MaxInt64, math.MinInt64, 1 << 53, -62135596800001}

var doubles = []float64{0, 1, -1, 0.5, 2.5, 1e300, -1e300, 5e-324, math.NaN(), math.Inf(1), math.Inf(-1), 1e18, math.Copysign(0, -1), 90, 180.5}

var decimals = []string{"0", "1", "-1.5", "123456789012345678901234567890.5", "0.000000000000000000001", "99999999999999999999"}

// value chooses a value of a type, NULL among them.
func (c *choices) value(t catalog.Type) catalog.Value {
	if t == catalog.Null || c.pick(12) == 11 {
		return catalog.NullValue(t)
	}
	v := catalog.Value{Type: t}
	if t.MultiValue {
		for range c.pick(4) {
			v.Elems = append(v.Elems, c.value(t.Elem()))
		}
		return v
	}
	switch t.Kind.Physical() {
	case catalog.PhysInt32:
		v.I64 = int64(int32(longs[c.pick(len(longs))]))
	case catalog.PhysInt64:
		v.I64 = longs[c.pick(len(longs))]
	case catalog.PhysFloat32:
		v.F64 = float64(float32(doubles[c.pick(len(doubles))]))
	case catalog.PhysFloat64:
		v.F64 = doubles[c.pick(len(doubles))]
	case catalog.PhysBits:
		v.I64 = int64(c.pick(2))
	default:
		v.Str = texts[c.pick(len(texts))]
		if t.Kind == catalog.KindBigDecimal {
			v.Str = decimals[c.pick(len(decimals))]
		}
	}
	return v
}

// fuzzCall is a call whose arguments are constants, or columns of rows.
type fuzzCall struct {
	fn     *function.Scalar
	consts []bool
	args   []function.Arg
	rows   [][]catalog.Value // by argument
}

const fuzzRows = 5

// exampleArgs are the arguments of a function in its example, by canonical name.
var exampleArgs = sync.OnceValue(func() map[string][]catalog.Value {
	out := map[string][]catalog.Value{}
	for _, s := range Scalars() {
		e := newEvaluator(s.Example)
		if _, err := e.result(); err != nil {
			panic(s.Example + ": " + err.Error()) // TestExamples fails too
		}
		out[function.Canonical(s.Name)] = e.called[function.Canonical(s.Name)]
	}
	return out
})

// newFuzzCall chooses a function and arguments: any, or those of its example, some of them exchanged.
func newFuzzCall(c *choices, scalars []function.Scalar) fuzzCall {
	call := fuzzCall{fn: &scalars[(c.pick(256)<<8|c.pick(256))%len(scalars)]}
	example := exampleArgs()[function.Canonical(call.fn.Name)]
	count := c.pick(6)
	if count > 1 {
		count = len(example)
	}
	for k := range count {
		t := argTypes[c.pick(len(argTypes))]
		keepType, keepValue := k < len(example) && c.pick(8) > 0, c.pick(2) == 0
		constant := c.pick(2) == 0
		rows := make([]catalog.Value, fuzzRows)
		if keepType {
			t = example[k].Type
		}
		if rows[0] = c.value(t); keepType && keepValue {
			rows[0], constant = example[k], true
		}
		for i := range rows {
			if i > 0 && constant {
				rows[i] = rows[0]
			} else if i > 0 {
				rows[i] = c.value(t)
			}
		}
		arg := function.Arg{Type: t}
		if constant {
			arg.Const = &rows[0]
		}
		call.consts, call.args, call.rows = append(call.consts, constant), append(call.args, arg), append(call.rows, rows)
	}
	return call
}

// eval evaluates the call; flat gives constants as columns too.
func (call *fuzzCall) eval(bound function.Bound, flat bool) ([]catalog.Value, error) {
	in := &vec.Batch{Rows: fuzzRows}
	node := &expr.Call{Fn: bound, Volatility: call.fn.Volatility}
	for k, rows := range call.rows {
		var arg expr.Expr = &expr.Const{Value: rows[0]}
		if !call.consts[k] || flat {
			arg = &expr.Column{Index: len(in.Cols), T: call.args[k].Type}
			in.Cols = append(in.Cols, columnOf(call.args[k].Type, rows))
		}
		if arg.Type() != bound.Args[k] {
			arg = &expr.Cast{Arg: arg, To: bound.Args[k]}
		}
		node.Args = append(node.Args, arg)
	}
	ec := &function.EvalContext{Ctx: context.Background(), NowMillis: 1_700_000_000_000}
	var out vec.Vector
	if err := expr.NewEvaluator(node).EvalFlat(ec, in, &out); err != nil {
		return nil, err
	}
	list := make([]catalog.Value, fuzzRows)
	for i := range list {
		list[i] = out.At(i)
	}
	return list, nil
}

func columnOf(t catalog.Type, rows []catalog.Value) *vec.Vector {
	if t == catalog.Null {
		t = catalog.String
	}
	var all vec.Vector
	all.Reset(t, len(rows))
	if t.MultiValue {
		total := 0
		for i, v := range rows {
			total += len(v.Elems)
			all.Offsets[i+1] = uint32(total)
		}
		all.Elems.Reset(t.Elem(), total)
	}
	at := 0
	for i, v := range rows {
		if v.Null {
			all.SetNull(i)
		}
		for _, e := range v.Elems {
			copyValue(all.Elems, at, e)
			at++
		}
		if !v.Null && !t.MultiValue {
			copyValue(&all, i, v)
		}
	}
	return &all
}

func copyValue(to *vec.Vector, i int, v catalog.Value) {
	var one vec.Vector
	one.SetConst(v, 1)
	if v.Null {
		to.SetNull(i)
		return
	}
	to.CopyRow(i, &one, 0)
}

// FuzzFunctions calls functions with arguments of any types and values: they bind or say why not, give a value of their
// type or an error that the user can understand, never panic, and give the same for constants and for columns.
func FuzzFunctions(f *testing.F) {
	scalars := Scalars()
	seed := make([]byte, 64)
	for i := range scalars {
		for k := range uint64(6) {
			for at := range seed {
				seed[at] = byte(splitmix(uint64(i)<<32 | k<<16 | uint64(at)))
			}
			binary.BigEndian.PutUint16(seed, uint16(i))
			f.Add(append([]byte(nil), seed...))
		}
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		call := newFuzzCall(&choices{data: data}, scalars)
		if call.fn.Name == "generate_series" {
			return // tens of millions of rows are within its limit
		}
		place := fmt.Sprintf("%s of %v, constants %v, rows %v", call.fn.Name, call.args, call.consts, call.rows)
		bound, err := call.fn.Bind(call.args)
		if err != nil {
			if errs.ClassOf(err) == errs.ClassBug {
				t.Fatalf("%s: %v", place, err)
			}
			return
		}
		if len(bound.Args) != len(call.args) || bound.Type.Kind == catalog.KindInvalid || bound.Eval == nil {
			t.Fatalf("%s: bound %+v", place, bound)
		}
		got, err := call.eval(bound, false)
		if err != nil && errs.ClassOf(err) == errs.ClassBug {
			t.Fatalf("%s: %v", place, err)
		}
		flat, flatErr := call.eval(bound, true)
		if call.fn.Volatility == function.Volatile {
			return
		}
		if (err == nil) != (flatErr == nil) || fmt.Sprint(got) != fmt.Sprint(flat) {
			t.Fatalf("%s: %v %v; over columns %v %v", place, got, err, flat, flatErr)
		}
	})
}

// splitmix mixes a number.
func splitmix(x uint64) uint64 {
	x += 0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}
