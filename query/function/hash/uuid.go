package hash

import (
	"crypto/rand"
	"encoding/binary"
	"encoding/hex"
	"strings"

	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/internal/errs"
	"github.com/freshetdb/freshet/internal/vec"
	"github.com/freshetdb/freshet/query/function"
	"github.com/freshetdb/freshet/query/function/convert"
)

const uuidFamily = "UUID"

// uuids are functions on UUIDs, which are texts of 36 characters or BYTES of 16 octets.
func uuids() []function.Scalar {
	str, bytes := []catalog.Type{catalog.String}, []catalog.Type{catalog.Bytes}
	one := func(name, signature, doc, example string, from []catalog.Type, to catalog.Type, fallible bool, eval function.Eval, aliases ...string) function.Scalar {
		return function.Scalar{Name: name, Aliases: aliases, Family: uuidFamily, Signature: signature, Doc: doc, Example: example,
			Bind: function.Overloads(name, function.Overload{Args: from, Type: to, Fallible: fallible, Eval: eval})}
	}
	const example = "'550e8400-e29b-41d4-a716-446655440000'"
	strict := func(f func(u [16]byte) string) function.Eval {
		return function.Try1(func(s string) (string, error) {
			u, ok := parseUUID(s)
			if !ok {
				return "", errs.User(errs.InvalidText, `invalid input syntax for type uuid: "%s"`, convert.Shown(s))
			}
			return f(u), nil
		})
	}
	return []function.Scalar{
		one("toUUIDBytes", "toUUIDBytes(s)", "The 16 octets of a UUID; NULL for another text.", "fromUUIDBytes(toUUIDBytes("+example+")) = "+example, str, catalog.Bytes, false,
			function.Maybe1(func(s string) (string, bool) { u, ok := parseUUID(s); return string(u[:]), ok })),
		one("uuidToBytes", "uuidToBytes(s)", "The 16 octets of a UUID.", "bytesToUuid(uuidToBytes("+example+")) = "+example, str, catalog.Bytes, true, strict(func(u [16]byte) string { return string(u[:]) })),
		one("fromUUIDBytes", "fromUUIDBytes(bytes)", "The UUID of 16 octets.", "fromUUIDBytes(X'550e8400e29b41d4a716446655440000') = "+example, bytes, catalog.String, true,
			function.Text1(func(dst []byte, s string) ([]byte, error) {
				if len(s) != 16 {
					return dst, errs.User(errs.InvalidParameterValue, "a UUID has 16 octets, not %d", len(s))
				}
				return appendUUID(dst, [16]byte([]byte(s))), nil
			}), "bytesToUuid"),
		one("toUuid", "toUuid(s)", "A UUID in its canonical form, in lower case with hyphens.", "toUuid('{550E8400E29B41D4A716446655440000}') = "+example, str, catalog.String, true,
			strict(func(u [16]byte) string { return string(appendUUID(nil, u)) }), "uuidToString"),
		one("isUuid", "isUuid(s)", "Whether a text is a UUID.", "isUuid('x') = false", str, catalog.Boolean, false, function.Map1(func(s string) bool { _, ok := parseUUID(s); return ok })),
		one("uuidVersion", "uuidVersion(s)", "The version of a UUID.", "uuidVersion("+example+") = 4", str, catalog.Int, true, function.Try1(func(s string) (int32, error) {
			u, ok := parseUUID(s)
			if !ok {
				return 0, errs.User(errs.InvalidText, `invalid input syntax for type uuid: "%s"`, convert.Shown(s))
			}
			return int32(u[6] >> 4), nil
		})),
		one("uuidTimestamp", "uuidTimestamp(s)", "The time in a UUID of version 7 or 1; NULL for others.", "uuidTimestamp('018d6e8f-0000-7000-8000-000000000000') = TIMESTAMP '2024-02-03 10:41:21.92'",
			str, catalog.Timestamp, false, function.Maybe1(uuidTime)),
		generated("uuidV4", "A random UUID of version 4.", 4, "gen_random_uuid"),
		generated("uuidV7", "A UUID of version 7, which begins with the statement's time.", 7),
	}
}

// parseUUID reads 32 hexadecimal digits, with hyphens between groups of four and braces around, or without.
func parseUUID(s string) (u [16]byte, ok bool) {
	if strings.HasPrefix(s, "{") && strings.HasSuffix(s, "}") {
		s = s[1 : len(s)-1]
	}
	if len(s) > 39 {
		return u, false
	}
	var digits [32]byte
	n := 0
	for i := range len(s) {
		if s[i] == '-' {
			if n == 0 || n%4 != 0 || s[i-1] == '-' || i == len(s)-1 {
				return u, false
			}
			continue
		}
		if n == len(digits) {
			return u, false
		}
		digits[n] = s[i]
		n++
	}
	if n != len(digits) {
		return u, false
	}
	_, err := hex.Decode(u[:], digits[:])
	return u, err == nil
}

func appendUUID(dst []byte, u [16]byte) []byte {
	for i, part := range [][]byte{u[:4], u[4:6], u[6:8], u[8:10], u[10:]} {
		if i > 0 {
			dst = append(dst, '-')
		}
		dst = hex.AppendEncode(dst, part)
	}
	return dst
}

// uuidTime gives milliseconds. Version 1 counts 100 ns from the reform of the calendar, 1582-10-15.
func uuidTime(s string) (int64, bool) {
	u, ok := parseUUID(s)
	if !ok {
		return 0, false
	}
	switch u[6] >> 4 {
	case 7:
		return int64(binary.BigEndian.Uint64(u[:8]) >> 16), true
	case 1:
		const reform = 12219292800000
		ticks := int64(binary.BigEndian.Uint32(u[:4])) | int64(binary.BigEndian.Uint16(u[4:6]))<<32 | int64(binary.BigEndian.Uint16(u[6:8])&0x0fff)<<48
		return ticks/10_000 - reform, true
	}
	return 0, false
}

func generated(name, doc string, version byte, aliases ...string) function.Scalar {
	eval := func(ec *function.EvalContext, _ []*vec.Vector, n int, out *vec.Vector) error {
		return function.BuildTexts(ec, n, out, func(dst []byte, i int) ([]byte, error) {
			var u [16]byte
			if _, err := rand.Read(u[:]); err != nil {
				return dst, errs.Bug("no random numbers").WithDetail("%v", err)
			}
			if version == 7 {
				ms := ec.NowMillis
				if ec.NowByRow != nil {
					ms = ec.NowByRow[i]
				}
				random := binary.BigEndian.Uint16(u[6:8])
				binary.BigEndian.PutUint64(u[:8], uint64(ms)<<16|uint64(random))
			}
			u[6] = u[6]&0x0f | version<<4
			u[8] = u[8]&0x3f | 0x80
			return appendUUID(dst, u), nil
		})
	}
	return function.Scalar{Name: name, Aliases: aliases, Family: uuidFamily, Signature: name + "()", Volatility: function.Volatile, Doc: doc, Example: "isUuid(" + name + "()) = true",
		Bind: function.Overloads(name, function.Overload{Type: catalog.String, Eval: eval})}
}
