// Package hash is the family of digests, checksums and text encodings. Digests are lower-case hexadecimal text, of the
// octets of a BYTES value or of the UTF-8 of a text.
package hash

import (
	"crypto/md5"  //nolint:gosec // a function of the dialect, not a defence
	"crypto/sha1" //nolint:gosec // likewise
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"encoding/hex"
	"hash/adler32"
	"hash/crc32"
	"strconv"
	"strings"

	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/internal/errs"
	"github.com/freshetdb/freshet/query/function"
	"github.com/freshetdb/freshet/query/function/convert"
)

const family = "Encoding and hashing"

// Scalars lists the functions of the family.
func Scalars() []function.Scalar {
	list := digests()
	list = append(list, encodings()...)
	list = append(list, octetTexts()...)
	list = append(list, checksums()...)
	list = append(list, mixing()...)
	return append(list, uuids()...)
}

// octets lists the overloads of a function on the octets of BYTES or of a text.
func octets(result catalog.Type, fallible bool, eval function.Eval) []function.Overload {
	var list []function.Overload
	for _, t := range []catalog.Type{catalog.Bytes, catalog.String} {
		list = append(list, function.Overload{Args: []catalog.Type{t}, Type: result, Fallible: fallible, Eval: eval})
	}
	return list
}

func digests() []function.Scalar {
	digest := func(name, example string, sum func(data []byte) []byte) function.Scalar {
		eval := function.Text1(func(dst []byte, s string) ([]byte, error) { return hex.AppendEncode(dst, sum([]byte(s))), nil })
		return function.Scalar{Name: name, Family: family, Signature: name + "(x)", Doc: strings.ToUpper(name) + " digest as hexadecimal text.", Example: example,
			Bind: function.Overloads(name, octets(catalog.String, false, eval)...)}
	}
	return []function.Scalar{
		{Name: "md5Raw", Family: family, Signature: "md5Raw(x)", Doc: "MD5 digest as BYTES.", Example: "bytesToHex(md5Raw('a')) = '0cc175b9c0f1b6a831c399e269772661'",
			Bind: function.Overloads("md5Raw", octets(catalog.Bytes, false, function.Text1(func(dst []byte, s string) ([]byte, error) {
				sum := md5.Sum([]byte(s)) //nolint:gosec // see above
				return append(dst, sum[:]...), nil
			}))...)},
		digest("md5", "md5('a') = '0cc175b9c0f1b6a831c399e269772661'", func(b []byte) []byte { s := md5.Sum(b); return s[:] }),          //nolint:gosec // see above
		digest("sha", "sha('a') = '86f7e437faa5a7fce15d1ddcb9eaeaea377667b8'", func(b []byte) []byte { s := sha1.Sum(b); return s[:] }), //nolint:gosec // see above
		digest("sha224", "length(sha224('a')) = 56", func(b []byte) []byte { s := sha256.Sum224(b); return s[:] }),
		digest("sha256", "length(sha256('a')) = 64", func(b []byte) []byte { s := sha256.Sum256(b); return s[:] }),
		digest("sha384", "length(sha384('a')) = 96", func(b []byte) []byte { s := sha512.Sum384(b); return s[:] }),
		digest("sha512", "length(sha512('a')) = 128", func(b []byte) []byte { s := sha512.Sum512(b); return s[:] }),
	}
}

func text1(name, signature, doc, example string, fallible bool, result catalog.Type, f func(string) (string, error), aliases ...string) function.Scalar {
	return function.Scalar{Name: name, Aliases: aliases, Family: family, Signature: signature, Doc: doc, Example: example,
		Bind: function.Overloads(name, function.Overload{Args: []catalog.Type{catalog.String}, Type: result, Fallible: fallible, Eval: function.Try1(f)})}
}

func encodings() []function.Scalar {
	toBase64 := function.Text1(func(dst []byte, s string) ([]byte, error) {
		return base64.StdEncoding.AppendEncode(dst, []byte(s)), nil
	})
	toHex := function.Text1(func(dst []byte, s string) ([]byte, error) { return hex.AppendEncode(dst, []byte(s)), nil })
	return []function.Scalar{
		{Name: "toBase64", Aliases: []string{"base64Encode", "binaryToBase64"}, Family: family, Signature: "toBase64(x)", Doc: "Octets as base64 text.", Example: "toBase64('hi') = 'aGk='",
			Bind: function.Overloads("toBase64", octets(catalog.String, false, toBase64)...)},
		text1("fromBase64", "fromBase64(s)", "Octets of a base64 text.", "fromUtf8(fromBase64('aGk=')) = 'hi'", true, catalog.Bytes, fromBase64, "base64Decode"),
		{Name: "bytesToHex", Family: family, Signature: "bytesToHex(x)", Doc: "Octets as hexadecimal text.", Example: "bytesToHex('hi') = '6869'",
			Bind: function.Overloads("bytesToHex", octets(catalog.String, false, toHex)...)},
		text1("hexToBytes", "hexToBytes(s)", "Octets of a hexadecimal text.", "fromUtf8(hexToBytes('6869')) = 'hi'", true, catalog.Bytes, convert.ParseBytes),
		text1("toUtf8", "toUtf8(s)", "UTF-8 octets of a text.", "bytesToHex(toUtf8('hi')) = '6869'", false, catalog.Bytes, identity),
		{Name: "fromUtf8", Family: family, Signature: "fromUtf8(bytes)", Doc: "Text of UTF-8 octets; what is not UTF-8 becomes U+FFFD.", Example: "fromUtf8(X'6869') = 'hi'",
			Bind: function.Overloads("fromUtf8", octets(catalog.String, false, function.Map1(func(s string) string { return strings.ToValidUTF8(s, "\uFFFD") }))...)},
		{Name: "hexDecimalToLong", Family: family, Signature: "hexDecimalToLong(s)", Doc: "Number of a hexadecimal text, with or without 0x.", Example: "hexDecimalToLong('0xff') = 255",
			Bind: function.Overloads("hexDecimalToLong", function.Overload{Args: []catalog.Type{catalog.String}, Type: catalog.Long, Fallible: true, Eval: function.Try1(hexToLong)})},
		{Name: "longToHexDecimal", Family: family, Signature: "longToHexDecimal(x)", Doc: "Hexadecimal text of a LONG.", Example: "longToHexDecimal(255) = 'ff'",
			Bind: function.Overloads("longToHexDecimal", function.Overload{Args: []catalog.Type{catalog.Long}, Type: catalog.String,
				Eval: function.Text1(func(dst []byte, x int64) ([]byte, error) { return strconv.AppendUint(dst, uint64(x), 16), nil })})},
	}
}

func identity(s string) (string, error) { return s, nil }

func fromBase64(s string) (string, error) {
	b, err := base64.StdEncoding.DecodeString(s)
	if err != nil {
		return "", errs.User(errs.InvalidText, `invalid base64 text: "%s"`, convert.Shown(s)).Wrap(err)
	}
	return string(b), nil
}

func hexToLong(s string) (int64, error) {
	x, err := strconv.ParseUint(strings.TrimPrefix(strings.TrimPrefix(s, "0x"), "0X"), 16, 64)
	if err != nil {
		return 0, errs.User(errs.InvalidText, `invalid hexadecimal number: "%s"`, convert.Shown(s)).Wrap(err)
	}
	return int64(x), nil
}

func checksums() []function.Scalar {
	sum := func(name, example string, f func(data []byte) uint32) function.Scalar {
		eval := function.Map1(func(s string) int32 { return int32(f([]byte(s))) })
		return function.Scalar{Name: name, Family: family, Signature: name + "(x)", Doc: strings.ToUpper(name) + " checksum, as a signed INT as in Pinot.", Example: example,
			Bind: function.Overloads(name, octets(catalog.Int, false, eval)...)}
	}
	castagnoli := crc32.MakeTable(crc32.Castagnoli)
	return []function.Scalar{
		sum("crc32", "crc32('a') = -390611389", crc32.ChecksumIEEE),
		sum("crc32c", "crc32c('a') = -1043315920", func(b []byte) uint32 { return crc32.Checksum(b, castagnoli) }),
		sum("adler32", "adler32('a') = 6422626", adler32.Checksum),
	}
}
