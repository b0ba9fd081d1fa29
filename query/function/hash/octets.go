package hash

import (
	"encoding/base64"
	"encoding/hex"
	"math/big"
	"strings"
	"unicode/utf8"

	"github.com/cockroachdb/apd/v3"

	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/internal/errs"
	"github.com/freshetdb/freshet/query/function"
	"github.com/freshetdb/freshet/query/function/convert"
)

// octetTexts turn octets into text and back.
func octetTexts() []function.Scalar {
	str, bytes := catalog.String, catalog.Bytes
	return []function.Scalar{
		{Name: "encode", Family: family, Signature: "encode(bytes, format)", Doc: "Octets as text: base64, in lines of 76 characters, hex or escape.", Example: "encode(X'6869', 'base64') = 'aGk='",
			Bind: bindCoding("encode", bytes, str, map[string]coder{"base64": encodeBase64, "hex": encodeHex, "escape": encodeEscape})},
		{Name: "decode", Family: family, Signature: "decode(s, format)", Doc: "Octets of a text in base64, hex or escape.", Example: "fromUtf8(decode('aGk=', 'base64')) = 'hi'",
			Bind: bindCoding("decode", str, bytes, map[string]coder{"base64": decodeBase64, "hex": decodeHex, "escape": decodeEscape})},
		{Name: "toBytes", Family: family, Signature: "toBytes(s, charset)", Doc: "Octets of a text in UTF-8, US-ASCII or ISO-8859-1; other characters become ?.", Example: "bytesToHex(toBytes('hi', 'UTF-8')) = '6869'",
			Bind: bindCoding("toBytes", str, bytes, map[string]coder{"utf-8": asIs, "us-ascii": narrow(0x7f), "iso-8859-1": narrow(0xff)})},
		{Name: "fromBytes", Family: family, Signature: "fromBytes(bytes, charset)", Doc: "Text of octets in UTF-8, US-ASCII or ISO-8859-1; others become U+FFFD.", Example: "fromBytes(X'6869', 'UTF-8') = 'hi'",
			Bind: bindCoding("fromBytes", bytes, str, map[string]coder{"utf-8": validUTF8, "us-ascii": widen(0x7f), "iso-8859-1": widen(0xff)})},
		{Name: "toAscii", Family: family, Signature: "toAscii(s)", Doc: "Octets of a text in ASCII; other characters become ?.", Example: "bytesToHex(toAscii('hi')) = '6869'",
			Bind: function.Overloads("toAscii", function.Overload{Args: []catalog.Type{str}, Type: bytes, Eval: function.Text1(narrow(0x7f))})},
		{Name: "fromAscii", Family: family, Signature: "fromAscii(bytes)", Doc: "Text of octets in ASCII; others become U+FFFD.", Example: "fromAscii(X'6869') = 'hi'",
			Bind: function.Overloads("fromAscii", function.Overload{Args: []catalog.Type{bytes}, Type: str, Eval: function.Text1(widen(0x7f))})},
		{Name: "bigDecimalToBytes", Family: family, Signature: "bigDecimalToBytes(x)", Doc: "A BIG_DECIMAL as Pinot serialises it: two octets of scale, then the digits as a whole number, big-endian.",
			Example: "bytesToHex(bigDecimalToBytes('1.5')) = '00010f'",
			Bind:    function.Overloads("bigDecimalToBytes", function.Overload{Args: []catalog.Type{catalog.BigDecimal}, Type: bytes, Fallible: true, Eval: function.Text1(appendDecimalBytes)})},
		{Name: "bytesToBigDecimal", Family: family, Signature: "bytesToBigDecimal(bytes)", Doc: "The BIG_DECIMAL that Pinot serialised.", Example: "bytesToBigDecimal(X'00010f') = 1.5",
			Bind: function.Overloads("bytesToBigDecimal", function.Overload{Args: []catalog.Type{bytes}, Type: catalog.BigDecimal, Fallible: true, Eval: function.Try1(decimalOfBytes)})},
	}
}

// coder appends s in another form.
type coder = func(dst []byte, s string) ([]byte, error)

// bindCoding binds a function of a value and the constant name of a form.
func bindCoding(name string, from, to catalog.Type, coders map[string]coder) func([]function.Arg) (function.Bound, error) {
	return func(args []function.Arg) (function.Bound, error) {
		if len(args) != 2 {
			return function.Bound{}, function.NoMatch(name, args)
		}
		form, err := function.Constant(name, "form", args, 1)
		if err != nil {
			return function.Bound{}, err
		}
		f, ok := coders[strings.ToLower(form)]
		if !ok {
			return function.Bound{}, errs.User(errs.InvalidParameterValue, `unrecognized encoding: "%s"`, convert.Shown(form))
		}
		return function.Overloads(name, function.Overload{Args: []catalog.Type{from, catalog.String}, Type: to, Fallible: true, Eval: function.Text1(f)})(args)
	}
}

func asIs(dst []byte, s string) ([]byte, error) { return append(dst, s...), nil }

func validUTF8(dst []byte, s string) ([]byte, error) {
	return append(dst, strings.ToValidUTF8(s, "\uFFFD")...), nil
}

func narrow(last rune) coder {
	return func(dst []byte, s string) ([]byte, error) {
		for _, r := range s {
			if r > last {
				r = '?'
			}
			dst = append(dst, byte(r))
		}
		return dst, nil
	}
}

func widen(last byte) coder {
	return func(dst []byte, s string) ([]byte, error) {
		for i := range len(s) {
			r := rune(s[i])
			if s[i] > last {
				r = utf8.RuneError
			}
			dst = utf8.AppendRune(dst, r)
		}
		return dst, nil
	}
}

func encodeHex(dst []byte, s string) ([]byte, error) { return hex.AppendEncode(dst, []byte(s)), nil }

// encodeBase64 breaks lines as MIME does.
func encodeBase64(dst []byte, s string) ([]byte, error) {
	const octetsPerLine = 57
	for len(s) > octetsPerLine {
		dst = append(base64.StdEncoding.AppendEncode(dst, []byte(s[:octetsPerLine])), '\n')
		s = s[octetsPerLine:]
	}
	return base64.StdEncoding.AppendEncode(dst, []byte(s)), nil
}

// encodeEscape writes octets that are no ASCII, and 0, as three octal digits, and doubles backslashes.
func encodeEscape(dst []byte, s string) ([]byte, error) {
	for i := range len(s) {
		switch c := s[i]; {
		case c == 0 || c >= utf8.RuneSelf:
			dst = append(dst, '\\', '0'+c>>6, '0'+c>>3&7, '0'+c&7)
		case c == '\\':
			dst = append(dst, '\\', '\\')
		default:
			dst = append(dst, c)
		}
	}
	return dst, nil
}

func decodeBase64(dst []byte, s string) ([]byte, error) {
	s = strings.Map(func(r rune) rune {
		if strings.ContainsRune(" \t\r\n", r) {
			return -1
		}
		return r
	}, s)
	out, err := base64.StdEncoding.AppendDecode(dst, []byte(s))
	if err != nil {
		return dst, errs.User(errs.InvalidParameterValue, `invalid base64 text: "%s"`, convert.Shown(s)).Wrap(err)
	}
	return out, nil
}

func decodeHex(dst []byte, s string) ([]byte, error) {
	out, err := hex.AppendDecode(dst, []byte(strings.Join(strings.Fields(s), "")))
	if err != nil {
		return dst, errs.User(errs.InvalidParameterValue, `invalid hexadecimal data: "%s"`, convert.Shown(s)).Wrap(err)
	}
	return out, nil
}

func decodeEscape(dst []byte, s string) ([]byte, error) {
	for i := 0; i < len(s); i++ {
		if s[i] != '\\' {
			dst = append(dst, s[i])
			continue
		}
		rest := s[i+1:]
		switch {
		case strings.HasPrefix(rest, `\`):
			dst = append(dst, '\\')
			i++
		case len(rest) >= 3 && rest[0] >= '0' && rest[0] <= '3' && isOctal(rest[1]) && isOctal(rest[2]):
			dst = append(dst, (rest[0]-'0')<<6|(rest[1]-'0')<<3|(rest[2]-'0'))
			i += 3
		default:
			return dst, errs.User(errs.InvalidText, "invalid input syntax for type bytea")
		}
	}
	return dst, nil
}

func isOctal(c byte) bool { return c >= '0' && c <= '7' }

// maxScale is the largest scale that two octets hold.
const maxScale = 1<<15 - 1

func appendDecimalBytes(dst []byte, s string) ([]byte, error) {
	var d apd.Decimal
	if err := convert.ParseDecimal(&d, s); err != nil {
		return dst, err
	}
	_, frac, _ := strings.Cut(s, ".")
	scale := len(frac)
	if scale > maxScale {
		return dst, errs.User(errs.NumericOutOfRange, "bigDecimalToBytes: scale %d is above %d", scale, maxScale)
	}
	unscaled, ok := new(big.Int).SetString(strings.Replace(s, ".", "", 1), 10)
	if !ok {
		return dst, errs.Bug("decimal %q has no digits", convert.Shown(s))
	}
	dst = append(dst, byte(scale>>8), byte(scale))
	return appendTwosComplement(dst, unscaled), nil
}

// appendTwosComplement appends the shortest big-endian form with a sign bit.
func appendTwosComplement(dst []byte, x *big.Int) []byte {
	if x.Sign() >= 0 {
		octets := x.Bytes()
		if len(octets) == 0 || octets[0] >= 0x80 {
			dst = append(dst, 0)
		}
		return append(dst, octets...)
	}
	size := x.BitLen()/8 + 1
	if x.BitLen()%8 == 0 && x.TrailingZeroBits() == uint(x.BitLen()-1) { // -128 fits one octet
		size--
	}
	wrapped := new(big.Int).Add(x, new(big.Int).Lsh(big.NewInt(1), uint(8*size)))
	return append(dst, wrapped.FillBytes(make([]byte, size))...)
}

func decimalOfBytes(s string) (string, error) {
	if len(s) < 3 || len(s) > 2+convert.MaxDecimalDigits {
		return "", errs.User(errs.InvalidParameterValue, "bytesToBigDecimal: %d octets are no BIG_DECIMAL", len(s))
	}
	scale := int(int16(uint16(s[0])<<8 | uint16(s[1])))
	x := new(big.Int).SetBytes([]byte(s[2:]))
	if s[2] >= 0x80 {
		x.Sub(x, new(big.Int).Lsh(big.NewInt(1), uint(8*(len(s)-2))))
	}
	return convert.CanonicalDecimal(x.String() + "e" + catalog.IntValue(int64(-scale)).String())
}
