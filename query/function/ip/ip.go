// Package ip is the family of functions on internet addresses and prefixes, as text, LONG or octets. Text that is no
// address fails its row with error 22P02.
package ip

import (
	"net/netip"
	"strconv"

	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/internal/errs"
	"github.com/freshetdb/freshet/query/function"
	"github.com/freshetdb/freshet/query/function/convert"
)

const family = "IP addresses"

var (
	str  = []catalog.Type{catalog.String}
	long = []catalog.Type{catalog.Long}
)

func scalar(name, signature, doc, example string, result catalog.Type, args []catalog.Type, eval function.Eval, aliases ...string) function.Scalar {
	return function.Scalar{Name: name, Aliases: aliases, Family: family, Signature: signature, Doc: doc, Example: example,
		Bind: function.Overloads(name, function.Overload{Args: args, Type: result, Fallible: true, Eval: eval})}
}

// Scalars lists the functions of the family.
func Scalars() []function.Scalar {
	return append(prefixes(), addresses()...)
}

func parseAddr(s string) (netip.Addr, error) {
	a, err := netip.ParseAddr(s)
	if err != nil || a.Zone() != "" {
		return a, errs.User(errs.InvalidText, `invalid IP address: "%s"`, convert.Shown(s))
	}
	return a, nil
}

// parsePrefix reads 10.0.0.0/8; an address alone is a prefix of all its bits.
func parsePrefix(s string) (netip.Prefix, error) {
	if p, err := netip.ParsePrefix(s); err == nil {
		return p, nil
	}
	a, err := parseAddr(s)
	if err != nil {
		return netip.Prefix{}, errs.User(errs.InvalidText, `invalid IP prefix: "%s"`, convert.Shown(s)).WithHint("Use an address and a length, such as 10.0.0.0/8.")
	}
	return netip.PrefixFrom(a, a.BitLen()), nil
}

func prefixes() []function.Scalar {
	ofPrefix := func(name, doc, example string, f func(dst []byte, p netip.Prefix) []byte) function.Scalar {
		return scalar(name, name+"(prefix)", doc, example, catalog.String, str, function.Text1(func(dst []byte, s string) ([]byte, error) {
			p, err := parsePrefix(s)
			if err != nil {
				return dst, err
			}
			return f(dst, p), nil
		}))
	}
	return []function.Scalar{
		scalar("isSubnetOf", "isSubnetOf(prefix, address)", "Whether an address, or a whole prefix, lies within a prefix.", "isSubnetOf('192.168.0.0/16', '192.168.1.7') = true",
			catalog.Boolean, []catalog.Type{catalog.String, catalog.String}, function.Try2(isSubnetOf)),
		scalar("ipPrefix", "ipPrefix(address, length)", "The prefix of a length that an address lies in.", "ipPrefix('192.168.1.7', 16) = '192.168.0.0/16'",
			catalog.String, []catalog.Type{catalog.String, catalog.Long}, function.Try2(ipPrefix)),
		ofPrefix("ipSubnetMin", "First address of a prefix.", "ipSubnetMin('192.168.1.7/24') = '192.168.1.0'",
			func(dst []byte, p netip.Prefix) []byte { return p.Masked().Addr().AppendTo(dst) }),
		ofPrefix("ipSubnetMax", "Last address of a prefix.", "ipSubnetMax('192.168.1.7/24') = '192.168.1.255'",
			func(dst []byte, p netip.Prefix) []byte { return lastAddr(p).AppendTo(dst) }),
		ofPrefix("ipNetmask", "The mask of a prefix.", "ipNetmask('192.168.1.7/24') = '255.255.255.0'",
			func(dst []byte, p netip.Prefix) []byte { return mask(p, 0xff).AppendTo(dst) }),
		ofPrefix("ipHostmask", "The inverted mask of a prefix.", "ipHostmask('192.168.1.7/24') = '0.0.0.255'",
			func(dst []byte, p netip.Prefix) []byte { return mask(p, 0).AppendTo(dst) }),
		scalar("ipMaskLen", "ipMaskLen(prefix)", "Length of a prefix in bits.", "ipMaskLen('10.0.0.0/8') = 8", catalog.Int, str,
			function.Try1(func(s string) (int32, error) {
				p, err := parsePrefix(s)
				return int32(p.Bits()), err
			})),
		scalar("ipv4CIDRToRange", "ipv4CIDRToRange(prefix)", "First and last address of an IPv4 prefix.", "arrayToString(ipv4CIDRToRange('10.1.0.0/16'), '-') = '10.1.0.0-10.1.255.255'",
			catalog.String.Array(), str, rangeOf),
	}
}

func isSubnetOf(prefix, address string) (bool, error) {
	p, err := parsePrefix(prefix)
	if err != nil {
		return false, err
	}
	a, err := parsePrefix(address)
	if err != nil {
		return false, err
	}
	return a.Bits() >= p.Bits() && p.Contains(a.Addr()), nil
}

func ipPrefix(address string, length int64) (string, error) {
	a, err := parseAddr(address)
	if err != nil {
		return "", err
	}
	if length < 0 || length > int64(a.BitLen()) {
		return "", errs.User(errs.InvalidParameterValue, "ipPrefix: length %d; it has to be 0 to %d", length, a.BitLen())
	}
	return netip.PrefixFrom(a, int(length)).Masked().String(), nil
}

// combine gives an address of p's family whose network bits are first and whose host bits come from the octet host.
func combine(p netip.Prefix, network func(octet byte) byte, host byte) netip.Addr {
	octets := p.Addr().AsSlice()
	for i := range octets {
		bits := min(max(p.Bits()-8*i, 0), 8)
		m := byte(0xff) << uint(8-bits)
		octets[i] = network(octets[i])&m | host&^m
	}
	a, _ := netip.AddrFromSlice(octets) // as long as it was
	return a
}

func lastAddr(p netip.Prefix) netip.Addr {
	return combine(p, func(o byte) byte { return o }, 0xff)
}

func mask(p netip.Prefix, network byte) netip.Addr {
	return combine(p, func(byte) byte { return network }, ^network)
}

func addresses() []function.Scalar {
	is := func(name, doc, example string, f func(a netip.Addr) bool) function.Scalar {
		return scalar(name, name+"(s)", doc, example, catalog.Boolean, str, function.Map1(func(s string) bool {
			a, err := parseAddr(s)
			return err == nil && f(a)
		}))
	}
	return []function.Scalar{
		is("isIPv4String", "Whether a text is an IPv4 address.", "isIPv4String('10.0.0.1') = true", func(a netip.Addr) bool { return a.Is4() }),
		is("isIPv6String", "Whether a text is an IPv6 address.", "isIPv6String('::1') = true", func(a netip.Addr) bool { return a.Is6() }),
		scalar("isPrivateIp", "isPrivateIp(address)", "Whether an address is of a private network: 10/8, 172.16/12, 192.168/16 or fc00::/7.", "isPrivateIp('10.0.0.1') = true",
			catalog.Boolean, str, function.Try1(func(s string) (bool, error) {
				a, err := parseAddr(s)
				return err == nil && a.IsPrivate(), err
			})),
		scalar("ipFamily", "ipFamily(address)", "4 or 6.", "ipFamily('::1') = 6", catalog.Int, str, function.Try1(func(s string) (int32, error) {
			p, err := parsePrefix(s)
			if p.Addr().Is4() {
				return 4, err
			}
			return 6, err
		})),
		scalar("ipv4ToLong", "ipv4ToLong(address)", "An IPv4 address as a number.", "ipv4ToLong('10.0.0.1') = 167772161", catalog.Long, str, function.Try1(v4ToLong)),
		scalar("longToIpv4", "longToIpv4(x)", "The IPv4 address of a number.", "longToIpv4(167772161) = '10.0.0.1'", catalog.String, long, function.Text1(appendV4)),
		scalar("ipv6ToBytes", "ipv6ToBytes(address)", "The 16 octets of an address; an IPv4 address is mapped.", "bytesToIpv6(ipv6ToBytes('::1')) = '::1'", catalog.Bytes, str,
			function.Text1(func(dst []byte, s string) ([]byte, error) {
				a, err := parseAddr(s)
				if err != nil {
					return dst, err
				}
				octets := a.As16()
				return append(dst, octets[:]...), nil
			})),
		scalar("bytesToIpv6", "bytesToIpv6(bytes)", "The address of 16 octets.", "bytesToIpv6(X'20010db8000000000000000000000001') = '2001:db8::1'", catalog.String,
			[]catalog.Type{catalog.Bytes}, function.Text1(func(dst []byte, s string) ([]byte, error) {
				if len(s) != 16 {
					return dst, errs.User(errs.InvalidParameterValue, "bytesToIpv6 takes 16 octets, not %d", len(s))
				}
				return netip.AddrFrom16([16]byte([]byte(s))).AppendTo(dst), nil
			})),
		scalar("ipv4ToIpv6", "ipv4ToIpv6(address)", "An IPv4 address as IPv6: mapped.", "ipv4ToIpv6('10.0.0.1') = '::ffff:10.0.0.1'", catalog.String, str,
			function.Text1(func(dst []byte, s string) ([]byte, error) {
				a, err := parseAddr(s)
				if err != nil || !a.Is4() {
					return dst, notV4(s)
				}
				return netip.AddrFrom16(a.As16()).AppendTo(dst), nil
			})),
	}
}

func notV4(s string) error {
	return errs.User(errs.InvalidText, `invalid IPv4 address: "%s"`, convert.Shown(s))
}

func v4ToLong(s string) (int64, error) {
	a, err := parseAddr(s)
	if err != nil || !a.Is4() {
		return 0, notV4(s)
	}
	o := a.As4()
	return int64(o[0])<<24 | int64(o[1])<<16 | int64(o[2])<<8 | int64(o[3]), nil
}

func appendV4(dst []byte, x int64) ([]byte, error) {
	if x < 0 || x > 1<<32-1 {
		return dst, errs.User(errs.NumericOutOfRange, "longToIpv4: %s is no IPv4 address", strconv.FormatInt(x, 10))
	}
	return netip.AddrFrom4([4]byte{byte(x >> 24), byte(x >> 16), byte(x >> 8), byte(x)}).AppendTo(dst), nil
}
