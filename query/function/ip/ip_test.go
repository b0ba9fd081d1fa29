package ip

import (
	"net/netip"
	"testing"

	"pgregory.net/rapid"
)

func TestPrefixes(t *testing.T) {
	in := func(prefix, address string, want bool) {
		t.Helper()
		if got, err := isSubnetOf(prefix, address); err != nil || got != want {
			t.Errorf("%s in %s is %v %v", address, prefix, got, err)
		}
	}
	in("10.0.0.0/8", "10.255.0.1", true)
	in("10.0.0.0/8", "11.0.0.1", false)
	in("10.1.2.3/8", "10.9.9.9", true)
	in("10.0.0.0/8", "10.0.0.0/16", true)
	in("10.0.0.0/16", "10.0.0.0/8", false)
	in("2001:db8::/32", "2001:db8:1::1", true)
	in("0.0.0.0/0", "::1", false)
	for _, bad := range []string{"", "10.0.0", "10.0.0.0/33", "::1%eth0", "x"} {
		if _, err := isSubnetOf(bad, "10.0.0.1"); err == nil {
			t.Errorf("%q is a prefix", bad)
		}
	}
	if _, err := ipPrefix("10.0.0.1", 33); err == nil {
		t.Error("a prefix of 33 bits")
	}
	if got := mask(netip.MustParsePrefix("10.0.0.0/20"), 0xff).String(); got != "255.255.240.0" {
		t.Error(got)
	}
}

func TestNumbers(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		x := rapid.Int64Range(0, 1<<32-1).Draw(t, "x")
		s, err := appendV4(nil, x)
		if err != nil {
			t.Fatal(err)
		}
		if back, err := v4ToLong(string(s)); err != nil || back != x {
			t.Fatalf("%d is %s, which is %d %v", x, s, back, err)
		}
	})
	if _, err := appendV4(nil, 1<<32); err == nil {
		t.Error("2^32 is an address")
	}
	if _, err := v4ToLong("::1"); err == nil {
		t.Error("::1 is IPv4")
	}
}

// TestLastAddr: the last address of a prefix is in it, the one after it is not.
func TestLastAddr(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		size := rapid.SampledFrom([]int{4, 16}).Draw(t, "size")
		a, _ := netip.AddrFromSlice(rapid.SliceOfN(rapid.Byte(), size, size).Draw(t, "octets"))
		p := netip.PrefixFrom(a, rapid.IntRange(1, 8*size).Draw(t, "bits"))
		last := lastAddr(p)
		if next := last.Next(); !p.Contains(last) || next.IsValid() && p.Contains(next) {
			t.Fatalf("%s ends with %s", p, last)
		}
	})
}
