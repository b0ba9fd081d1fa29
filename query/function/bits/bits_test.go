package bits

import (
	"math"
	"testing"

	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/internal/errs"
	"github.com/freshetdb/freshet/internal/vec"
	"github.com/freshetdb/freshet/query/function"
)

func call(t *testing.T, name string, args ...catalog.Value) (catalog.Value, error) {
	t.Helper()
	for _, s := range Scalars() {
		if s.Name != name {
			continue
		}
		info, vecs := make([]function.Arg, len(args)), make([]*vec.Vector, len(args))
		for i, a := range args {
			info[i].Type = a.Type
		}
		b, err := s.Bind(info)
		if err != nil {
			return catalog.Value{}, err
		}
		for i, a := range args {
			a.Type = b.Args[i]
			vecs[i] = &vec.Vector{}
			vecs[i].SetConst(a, 2)
		}
		var out vec.Vector
		out.Reset(b.Type, 2)
		err = b.Eval(&function.EvalContext{}, vecs, 2, &out)
		return out.At(1), err
	}
	t.Fatalf("no function %s", name)
	return catalog.Value{}, nil
}

func TestBits(t *testing.T) {
	i, n := catalog.IntValue, catalog.LongValue
	for _, c := range []struct {
		name string
		args []catalog.Value
		want catalog.Value
	}{
		{"bitNot", []catalog.Value{i(0)}, i(-1)},
		{"bitXor", []catalog.Value{i(-1), n(1)}, n(-2)},
		{"bitShiftLeft", []catalog.Value{i(1), i(33)}, i(2)},
		{"bitShiftLeft", []catalog.Value{n(1), i(33)}, n(1 << 33)},
		{"bitShiftRight", []catalog.Value{n(-8), n(65)}, n(-4)},
		{"bitShiftRightUnsigned", []catalog.Value{i(-1), i(28)}, i(15)},
		{"bitShiftRightUnsigned", []catalog.Value{n(-1), i(60)}, n(15)},
		{"bitMask", []catalog.Value{n(63)}, n(math.MinInt64)},
		{"bitExtract", []catalog.Value{n(-1), n(63)}, i(1)},
		{"bitExtract", []catalog.Value{n(-1), n(64)}, i(0)},
		{"bitCount", []catalog.Value{i(-1)}, i(32)},
		{"bitCount", []catalog.Value{n(-1)}, i(64)},
		{"byteswapInt", []catalog.Value{i(0x0a)}, i(0x0a000000)},
	} {
		if got, err := call(t, c.name, c.args...); err != nil || got.String() != c.want.String() || got.Type != c.want.Type {
			t.Errorf("%s%v is %v %v, want %v", c.name, c.args, got, err, c.want)
		}
	}
	octets := catalog.Value{Type: catalog.Bytes, Str: "\x05"}
	for _, name := range []string{"getByte", "getBit"} {
		for _, at := range []int64{-1, 8} {
			if got, err := call(t, name, octets, n(at)); err == nil || errs.As(err).Code != "2202E" {
				t.Errorf("%s %d is %v %v", name, at, got, err)
			}
		}
	}
}
