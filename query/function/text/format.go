package text

import (
	"unicode/utf8"

	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/internal/errs"
	"github.com/freshetdb/freshet/internal/vec"
	"github.com/freshetdb/freshet/query/function"
)

// maxFormatWidth bounds the width of a field of format, in characters.
const maxFormatWidth = 1 << 20

// field is a place of format's template: literal text, or an argument.
type field struct {
	literal  string
	verb     byte // 0: literal; s, I or L
	arg      int  // of the arguments after the template
	width    int
	widthArg int // an argument that holds the width; -1 for none
	left     bool
}

func bindFormat(words []string) func([]function.Arg) (function.Bound, error) {
	return func(args []function.Arg) (function.Bound, error) {
		b := function.Bound{Name: "format", Type: catalog.String, Fallible: true}
		if len(args) == 0 {
			return b, function.NoMatch("format", args)
		}
		for _, a := range args {
			if a.Type.MultiValue {
				return b, function.NoMatch("format", args)
			}
			b.Args = append(b.Args, catalog.String)
		}
		f := formatter{words: words, count: len(args) - 1}
		if c := args[0].Const; c != nil && !c.Null && args[0].Type == catalog.String {
			if err := f.compile(c.Str); err != nil {
				return b, err
			}
		}
		b.Eval = f.eval
		return b, nil
	}
}

// formatter is a bound format: count arguments besides the template, which is compiled where it is constant.
type formatter struct {
	words  []string
	count  int
	text   string
	fields []field
}

func (f formatter) eval(ec *function.EvalContext, args []*vec.Vector, n int, out *vec.Vector) error {
	texts := views(args)
	for i := range n {
		if args[0].IsNull(i) {
			out.SetNull(i)
		}
	}
	return function.BuildTexts(ec, n, out, func(dst []byte, i int) ([]byte, error) {
		if t := texts[0].At(i); f.fields == nil || t != f.text {
			if err := f.compile(t); err != nil {
				return dst, err
			}
		}
		var err error
		for k := range f.fields {
			if dst, err = f.appendField(dst, &f.fields[k], args[1:], texts[1:], i); err != nil {
				return dst, err
			}
		}
		return dst, nil
	})
}

func badFormat(format string, args ...any) error {
	return errs.User(errs.InvalidParameterValue, format, args...)
}

// compile reads a template.
func (f *formatter) compile(text string) error {
	f.text, f.fields = text, []field{}
	next := 0
	for at := 0; at < len(text); {
		from := at
		for at < len(text) && text[at] != '%' {
			at++
		}
		if at > from {
			f.fields = append(f.fields, field{literal: text[from:at]})
		}
		if at == len(text) {
			return nil
		}
		at++
		if at < len(text) && text[at] == '%' {
			f.fields = append(f.fields, field{literal: "%"})
			at++
			continue
		}
		var err error
		if at, err = f.readField(text, at, &next); err != nil {
			return err
		}
	}
	return nil
}

// readField reads [n$][-][width]verb from at.
func (f *formatter) readField(text string, at int, next *int) (int, error) {
	d := field{arg: -1, widthArg: -1}
	number, end := digitsAt(text, at)
	if end > at && end < len(text) && text[end] == '$' {
		if d.arg = number - 1; number == 0 {
			return at, badFormat("format specifies argument 0, but arguments are numbered from 1")
		}
		at = end + 1
	}
	for at < len(text) && text[at] == '-' {
		d.left = true
		at++
	}
	if at < len(text) && text[at] == '*' {
		at++
		if number, end := digitsAt(text, at); end > at && end < len(text) && text[end] == '$' {
			d.widthArg, at = number-1, end+1
		} else {
			d.widthArg = *next
			*next++
		}
		if d.widthArg < 0 || d.widthArg >= f.count {
			return at, badFormat("too few arguments for format()")
		}
	} else {
		d.width, at = digitsAt(text, at)
	}
	if at >= len(text) {
		return at, errs.User(errs.InvalidParameterValue, "unterminated format() type specifier").WithHint(`For a single "%%" use "%%%%".`)
	}
	if d.verb = text[at]; d.verb != 's' && d.verb != 'I' && d.verb != 'L' {
		return at, errs.User(errs.InvalidParameterValue, `unrecognized format() type specifier "%c"`, d.verb).WithHint(`For a single "%%" use "%%%%".`)
	}
	if d.arg < 0 {
		d.arg = *next
	}
	*next = d.arg + 1
	if d.arg >= f.count {
		return at, badFormat("too few arguments for format()")
	}
	f.fields = append(f.fields, d)
	return at + 1, nil
}

// digitsAt reads a number from at; one that is too large stays at a large value.
func digitsAt(s string, at int) (x, end int) {
	for at < len(s) && s[at] >= '0' && s[at] <= '9' {
		if x < 1<<30 {
			x = x*10 + int(s[at]-'0')
		}
		at++
	}
	return x, at
}

func (f *formatter) appendField(dst []byte, d *field, args []*vec.Vector, texts []function.Slice[string], i int) ([]byte, error) {
	if d.verb == 0 {
		return append(dst, d.literal...), nil
	}
	width, left := d.width, d.left
	if d.widthArg >= 0 && !args[d.widthArg].IsNull(i) {
		x, err := parseWidth(texts[d.widthArg].At(i))
		if err != nil {
			return dst, err
		}
		if width = x; x < 0 {
			width, left = -x, true
		}
	}
	if width > maxFormatWidth {
		return dst, badFormat("number is out of range: a field of format() has at most %d characters", maxFormatWidth)
	}
	from, null := len(dst), args[d.arg].IsNull(i)
	switch s := texts[d.arg].At(i); {
	case null && d.verb == 'I':
		return dst, errs.User("22004", "null values cannot be formatted as an SQL identifier")
	case null && d.verb == 'L':
		dst = append(dst, "NULL"...)
	case null:
	case d.verb == 'I':
		dst = appendIdent(dst, s, f.words)
	case d.verb == 'L':
		dst = appendLiteral(dst, s)
	default:
		dst = append(dst, s...)
	}
	missing := width - utf8.RuneCount(dst[from:])
	for range missing {
		dst = append(dst, ' ')
	}
	if !left && missing > 0 {
		copy(dst[from+missing:], dst[from:len(dst)-missing])
		for k := range missing {
			dst[from+k] = ' '
		}
	}
	return dst, nil
}

func parseWidth(s string) (int, error) {
	digits, negative := s, false
	if len(s) > 0 && s[0] == '-' {
		digits, negative = s[1:], true
	}
	x, end := digitsAt(digits, 0)
	if end == 0 || end != len(digits) {
		return 0, errs.User(errs.InvalidText, `invalid input syntax for type integer: "%s"`, s)
	}
	if negative {
		x = -x
	}
	return x, nil
}
