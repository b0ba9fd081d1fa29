package bind

import (
	"testing"

	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/internal/errs"
	"github.com/freshetdb/freshet/query/expr"
	"github.com/freshetdb/freshet/query/function"
	"github.com/freshetdb/freshet/query/function/builtin"
	"github.com/freshetdb/freshet/query/sql"
)

// TestOperatorsOfFunctions evaluates operators that are functions of the registry.
func TestOperatorsOfFunctions(t *testing.T) {
	eval := func(text string) (catalog.Value, error) {
		tree, err := sql.ParseExpr(text)
		if err != nil {
			return catalog.Value{}, err
		}
		e, err := Scalar(tree, []Column{{Name: "day", Type: catalog.String}}, Config{Functions: builtin.Registry()})
		if err != nil {
			return catalog.Value{}, err
		}
		return expr.EvalConst(&function.EvalContext{}, e)
	}
	for text, want := range map[string]string{
		`'{"a":{"b":5}}'::json -> 'a' ->> 'b'`:  "'5'",
		`'[1,[2,3]]'::json -> 1 ->> -1`:         "'3'",
		"12 & 10":                               "8",
		"12 | 3":                                "15",
		"12 # 10":                               "6",
		"1 << 4":                                "16",
		"-16 >> 2":                              "-4",
		"~5":                                    "-6",
		"ARRAY[1,2] || 3":                       "[1 2 3]",
		"0 || ARRAY[1,2]":                       "[0 1 2]",
		"ARRAY[1,2] || ARRAY[3]":                "[1 2 3]",
		"ARRAY[1] || '{2}'":                     "[1 2]",
		"ARRAY[1,2] @> ARRAY[2,2]":              "true",
		"ARRAY[1,2] <@ ARRAY[2]":                "false",
		"ARRAY[1,2] && '{2,3}'":                 "true",
		"(|/ 16) + ||/ 27":                      "7",
		"@ -5":                                  "5",
		`'{"a":[{"b":1}]}'::json #>> '{a,0,b}'`: "'1'",
		`'{"a":[{"b":1}]}'::json #> ARRAY['a']`: `'[{"b":1}]'`,
		`'{"a":[1,2.0]}'::jsonb @> '{"a":[2]}'`: "true",
		`'{"a":[2]}'::jsonb <@ '{"a":[1]}'::jsonb`:            "false",
		`'["x"]'::jsonb ? 'x'`:                                "true",
		`'{"a":1}'::jsonb ?| '{b,a}'`:                         "true",
		`'{"a":1}'::jsonb ?& ARRAY['b','a']`:                  "false",
		"'abc' SIMILAR TO '%(b|d)%'":                          "true",
		"'a%c' NOT SIMILAR TO 'a#%c' ESCAPE '#'":              "false",
		"'a.c' SIMILAR TO 'a[[:punct:]]c'":                    "true",
		"1.005::numeric(10, 2)":                               "1.01",
		"timestamp '2024-01-31 01:00' + interval '1 month'":   "1709168400000",
		"'2024-01-31'::timestamp - interval '1 month 1 hour'": "1703977200000",
		"interval '1' YEAR + timestamp '2024-02-29'":          "1740700800000",
		"ARRAY[1,5] BETWEEN 2 AND 4":                          "false",
		"ARRAY[1,5] NOT BETWEEN '2' AND 4":                    "true",
		"ARRAY[1,3] BETWEEN SYMMETRIC 4 AND 2":                "true",
		"(timestamp '2024-01-01', interval '1 month') OVERLAPS (timestamp '2024-01-31', NULL::timestamp)": "true",
		"timestampAdd(MONTH, 1, timestamp '2024-01-31')":                                                  "1709164800000",
		"dateDiff(HOUR, 0, 7200000)":                                                                      "2",
		"timestampDiff('DAY', 0, 172800000)":                                                              "2",
	} {
		if got, err := eval(text); err != nil || got.String() != want {
			t.Errorf("%s is %v %v, want %s", text, got, err, want)
		}
	}
	for text, code := range map[string]string{"1.5 & 2": errs.UndefinedFunction, "~true": errs.UndefinedFunction, "ARRAY['a'] || 'b'": errs.InvalidText, "ARRAY[1] || true": errs.UndefinedFunction,
		"1 @> 2": errs.UndefinedFunction, "ARRAY[1] && ARRAY['a']": errs.UndefinedFunction, "1 && 2": errs.UndefinedFunction, "'a' ? 1.5::float": errs.UndefinedFunction, "1 SIMILAR TO 'a'": errs.UndefinedFunction,
		"'a' SIMILAR TO '(' ": errs.InvalidRegexp, "'a' SIMILAR TO '[a'": errs.InvalidRegexp, "'a' SIMILAR TO 'a#' ESCAPE '#'": errs.InvalidEscape,
		"'a' SIMILAR TO 'a' ESCAPE 'xy'": errs.InvalidEscape, "123456::numeric(5, 2)": errs.NumericOutOfRange, "1::numeric(0)": errs.InvalidParameterValue,
		"interval '1 month'": errs.FeatureNotSupported, "5 + interval '1 month'": errs.UndefinedFunction, "interval '1 month' - timestamp '2024-01-01'": errs.FeatureNotSupported,
		"ARRAY[1] BETWEEN ARRAY[1] AND 2": errs.UndefinedFunction, "ARRAY[1] BETWEEN 'x' AND '2'": errs.InvalidText,
		"timestampAdd(fortnight, 1, 0)": errs.InvalidParameterValue, "geoToH3(1, 2, 3)": errs.FeatureNotSupported} {
		if got, err := eval(text); err == nil || errs.As(err).Code != code {
			t.Errorf("%s is %v %v, want %s", text, got, err, code)
		}
	}
}
