package text

import (
	"slices"
	"strings"

	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/internal/vec"
	"github.com/freshetdb/freshet/query/function"
)

// quotedWords are the words that PostgreSQL 15 does not take as a name without quotes in every place, sorted.
const quotedWords = "all analyse analyze and any array as asc asymmetric authorization between bigint binary bit boolean both case cast char character check " +
	"coalesce collate collation column concurrently constraint create cross current_catalog current_date current_role current_schema current_time " +
	"current_timestamp current_user dec decimal default deferrable desc distinct do else end except exists extract false fetch float for foreign freeze " +
	"from full grant greatest group grouping having ilike in initially inner inout int integer intersect interval into is isnull join lateral leading " +
	"least left like limit localtime localtimestamp national natural nchar none normalize not notnull null nullif numeric offset on only or order out " +
	"outer overlaps overlay placing position precision primary real references returning right row select session_user setof similar smallint some " +
	"substring symmetric table tablesample then time timestamp to trailing treat trim true union unique user using values varchar variadic verbose when " +
	"where window with xmlattributes xmlconcat xmlelement xmlexists xmlforest xmlnamespaces xmlparse xmlpi xmlroot xmlserialize xmltable"

func quoting() []function.Scalar {
	words := strings.Fields(quotedWords)
	ident := func(dst []byte, s string) ([]byte, error) { return appendIdent(dst, s, words), nil }
	literal := func(dst []byte, s string) ([]byte, error) { return appendLiteral(dst, s), nil }
	return []function.Scalar{
		{Name: "quote_ident", Family: family, Signature: "quote_ident(s)", Doc: "s as an identifier, in double quotes where it needs them.", Example: "quote_ident('a b') = '\"a b\"'",
			Bind: function.Overloads("quote_ident", overload(catalog.String, function.Text1(ident), str...))},
		{Name: "quote_literal", Family: family, Signature: "quote_literal(s)", Doc: "s as a string literal.", Example: "quote_literal('it''s') = '''it''''s'''",
			Bind: function.Overloads("quote_literal", overload(catalog.String, function.Text1(literal), str...))},
		{Name: "quote_nullable", Family: family, Signature: "quote_nullable(s)", Doc: "s as a string literal, the text NULL for NULL.", Example: "quote_nullable(NULL) = 'NULL'",
			Bind: function.Overloads("quote_nullable", function.Overload{Args: str, Type: catalog.String, Lax: true, Eval: quoteNullable})},
		{Name: "format", Family: family, Signature: "format(template, a, b, ...)", Example: "format('%s has %2$s', 'a', 'b') = 'a has b'",
			Doc:  "The template with %s replaced by arguments, %I by them as identifiers, %L as literals, %% by %. %2$s names the argument, a number before the letter the least width.",
			Bind: bindFormat(words)},
	}
}

func quoteNullable(ec *function.EvalContext, args []*vec.Vector, n int, out *vec.Vector) error {
	s := function.View[string](args[0])
	return function.BuildTexts(ec, n, out, func(dst []byte, i int) ([]byte, error) {
		if args[0].IsNull(i) {
			return append(dst, "NULL"...), nil
		}
		return appendLiteral(dst, s.At(i)), nil
	})
}

// appendIdent writes s as an identifier; words are those that are not names, sorted.
func appendIdent(dst []byte, s string, words []string) []byte {
	safe := s != "" && (s[0] < '0' || s[0] > '9')
	for i := range len(s) {
		c := s[i]
		safe = safe && (c >= 'a' && c <= 'z' || c == '_' || c >= '0' && c <= '9')
	}
	if _, isWord := slices.BinarySearch(words, s); safe && !isWord {
		return append(dst, s...)
	}
	dst = append(dst, '"')
	for i := range len(s) {
		if s[i] == '"' {
			dst = append(dst, '"')
		}
		dst = append(dst, s[i])
	}
	return append(dst, '"')
}

// appendLiteral writes s as a string literal, in the E form where it holds a backslash.
func appendLiteral(dst []byte, s string) []byte {
	if strings.IndexByte(s, '\\') >= 0 {
		dst = append(dst, 'E')
	}
	dst = append(dst, '\'')
	for i := range len(s) {
		if s[i] == '\'' || s[i] == '\\' {
			dst = append(dst, s[i])
		}
		dst = append(dst, s[i])
	}
	return append(dst, '\'')
}
