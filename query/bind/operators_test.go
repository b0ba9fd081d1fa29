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
		`'{"a":{"b":5}}'::json -> 'a' ->> 'b'`: "'5'",
		`'[1,[2,3]]'::json -> 1 ->> -1`:        "'3'",
		"12 & 10":                              "8",
		"12 | 3":                               "15",
		"12 # 10":                              "6",
		"1 << 4":                               "16",
		"-16 >> 2":                             "-4",
		"~5":                                   "-6",
		"ARRAY[1,2] || 3":                      "[1 2 3]",
		"0 || ARRAY[1,2]":                      "[0 1 2]",
		"ARRAY[1,2] || ARRAY[3]":               "[1 2 3]",
		"ARRAY[1] || '{2}'":                    "[1 2]",
		"timestampAdd(MONTH, 1, timestamp '2024-01-31')": "1709164800000",
		"dateDiff(HOUR, 0, 7200000)":                     "2",
		"timestampDiff('DAY', 0, 172800000)":             "2",
	} {
		if got, err := eval(text); err != nil || got.String() != want {
			t.Errorf("%s is %v %v, want %s", text, got, err, want)
		}
	}
	for text, code := range map[string]string{"1.5 & 2": errs.UndefinedFunction, "~true": errs.UndefinedFunction, "ARRAY['a'] || 'b'": errs.InvalidText, "ARRAY[1] || true": errs.UndefinedFunction,
		"timestampAdd(fortnight, 1, 0)": errs.InvalidParameterValue, "geoToH3(1, 2, 3)": errs.FeatureNotSupported} {
		if got, err := eval(text); err == nil || errs.As(err).Code != code {
			t.Errorf("%s is %v %v, want %s", text, got, err, code)
		}
	}
}
