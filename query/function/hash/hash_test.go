package hash

import (
	"testing"

	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/internal/errs"
	"github.com/freshetdb/freshet/internal/vec"
	"github.com/freshetdb/freshet/query/function"
)

func call(t *testing.T, name string, arg catalog.Value) (catalog.Value, error) {
	t.Helper()
	for _, s := range Scalars() {
		if s.Name != name {
			continue
		}
		b, err := s.Bind([]function.Arg{{Type: arg.Type}})
		if err != nil {
			return catalog.Value{}, err
		}
		var v, out vec.Vector
		arg.Type = b.Args[0]
		v.SetConst(arg, 1)
		out.Reset(b.Type, 1)
		err = b.Eval(&function.EvalContext{}, []*vec.Vector{&v}, 1, &out)
		return out.At(0), err
	}
	t.Fatalf("no function %s", name)
	return catalog.Value{}, nil
}

func TestFunctions(t *testing.T) {
	octets := catalog.Value{Type: catalog.Bytes, Str: "\x00\xff"}
	for _, c := range []struct {
		name string
		arg  catalog.Value
		want string
	}{
		{"md5", catalog.StringValue(""), "'d41d8cd98f00b204e9800998ecf8427e'"},
		{"sha", catalog.StringValue("abc"), "'a9993e364706816aba3e25717850c26c9cd0d89d'"},
		{"sha256", catalog.StringValue("abc"), "'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad'"},
		{"bytesToHex", octets, "'00ff'"},
		{"toBase64", octets, "'AP8='"},
		{"crc32", octets, "1826356594"},
		{"fromUtf8", octets, "'\x00\uFFFD'"},
		{"hexDecimalToLong", catalog.StringValue("0X1f"), "31"},
		{"longToHexDecimal", catalog.LongValue(-1), "'ffffffffffffffff'"},
	} {
		got, err := call(t, c.name, c.arg)
		if err != nil || got.String() != c.want {
			t.Errorf("%s(%v) is %v %v, want %s", c.name, c.arg, got, err, c.want)
		}
	}
}

func TestErrors(t *testing.T) {
	for name, text := range map[string]string{"fromBase64": "a", "hexToBytes": "xyz", "hexDecimalToLong": "zz"} {
		if got, err := call(t, name, catalog.StringValue(text)); err == nil || errs.As(err).Code != errs.InvalidText {
			t.Errorf("%s(%q) is %v %v", name, text, got, err)
		}
	}
}
