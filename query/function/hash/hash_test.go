package hash

import (
	"encoding/hex"
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

// TestMixing has vectors that others publish: Kafka's tests of its partitioner, the reference code of MurmurHash3.
func TestMixing(t *testing.T) {
	for in, want := range map[string]int32{"21": -973932308, "foobar": -790332482, "a-little-bit-long-string": -985981536, "a-little-bit-longer-string": -1486304829,
		"lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8": -58897971} {
		if got := murmur2(in); got != want {
			t.Errorf("murmur2 of %s is %d, want %d", in, got, want)
		}
	}
	for _, c := range []struct {
		in   string
		seed int64
		want uint32
	}{{"", 0, 0}, {"", 1, 0x514e28b7}, {"hello", 0, 0x248bfa47}, {"The quick brown fox jumps over the lazy dog", 0, 0x2e4ff723}} {
		if got := murmur3(c.in, c.seed); uint32(got) != c.want {
			t.Errorf("murmur3 of %s is %x, want %x", c.in, uint32(got), c.want)
		}
	}
	for in, want := range map[string][2]uint64{"hello": {0xcbd8a7b341bd9b02, 0x5b1e906a48ae1d19}, "": {0, 0},
		"The quick brown fox jumps over the lazy dog": {0xe34bbc7bbc071b6c, 0x7a433ca9c49a9347}} {
		if h1, h2 := murmur128(in, 0); h1 != want[0] || h2 != want[1] {
			t.Errorf("murmur128 of %s is %x %x", in, h1, h2)
		}
	}
}

func TestDecimalBytes(t *testing.T) {
	for in, want := range map[string]string{"0": "000000", "1": "000001", "-1": "0000ff", "127": "00007f", "128": "00000080", "-128": "000080", "-129": "0000ff7f", "1.5": "00010f", "-256": "0000ff00", "12345678901234567890.5": "000106b14e9f812f366c39"} {
		b, err := appendDecimalBytes(nil, in)
		if got := hex.EncodeToString(b); err != nil || got != want {
			t.Errorf("%s is %s %v, want %s", in, got, err, want)
		}
		back, err := decimalOfBytes(string(b))
		if err != nil || back != in {
			t.Errorf("%s comes back as %s %v", in, back, err)
		}
	}
	if _, err := decimalOfBytes("ab"); err == nil {
		t.Error("two octets are a decimal")
	}
}

func TestUUID(t *testing.T) {
	for _, s := range []string{"", "550e8400-e29b-41d4-a716-44665544000", "550e8400-e29b-41d4-a716-4466554400000", "550e8400--e29b-41d4-a716-446655440000", "-550e8400e29b41d4a716446655440000", "550e8400e29b41d4a71644665544000g", "550-e8400e29b41d4a716446655440000"} {
		if _, ok := parseUUID(s); ok {
			t.Errorf("%q is a UUID", s)
		}
	}
	if ms, ok := uuidTime("13814000-1dd2-11b2-8000-000000000000"); !ok || ms != 0 {
		t.Errorf("the epoch is %d %v", ms, ok)
	}
}
