package main

import "testing"

func TestSameRows(t *testing.T) {
	a := [][]string{{"x", "1.5"}, {"y", "NULL"}}
	for _, c := range []struct {
		b    [][]string
		tol  float64
		same bool
	}{
		{[][]string{{"x", "1.5"}, {"y", "NULL"}}, 0, true},
		{[][]string{{"x", "1.50"}, {"y", "NULL"}}, 0, true},
		{[][]string{{"x", "1.6"}, {"y", "NULL"}}, 0.1, true},
		{[][]string{{"x", "1.6"}, {"y", "NULL"}}, 0.01, false},
		{[][]string{{"x", "NaN"}, {"y", "NULL"}}, 0.5, false},
		{[][]string{{"x", "1.5"}, {"y", "0"}}, 0.5, false},
		{[][]string{{"z", "1.5"}, {"y", "NULL"}}, 0.5, false},
		{[][]string{{"x", "1.5"}}, 0.5, false},
		{[][]string{{"x"}, {"y"}}, 0.5, false},
	} {
		if err := sameRows(a, c.b, c.tol); (err == nil) != c.same {
			t.Errorf("%v within %v: %v, want same %v", c.b, c.tol, err, c.same)
		}
	}
}

func TestVerdicts(t *testing.T) {
	for _, c := range []struct {
		f    figure
		want string
	}{{figure{Value: 3}, ""}, {figure{Value: 3, Goal: 3}, "met"}, {figure{Value: 2.9, Goal: 3}, "MISSED"}, {figure{Value: 2.9, Goal: 3, AtMost: true}, "met"},
		{figure{Value: 3.1, Goal: 3, AtMost: true}, "MISSED"}} {
		if got := c.f.verdict(); got != c.want {
			t.Errorf("%+v: %q, want %q", c.f, got, c.want)
		}
	}
}

func TestOptions(t *testing.T) {
	for _, args := range [][]string{{"-threads", "0"}, {"-threads", "a"}, {"-peers", "clickhouse"}, {"-rows", "0"}, {"-rounds", "0"}, {"-duration", "1ms"}, {"x"}} {
		if _, err := parseOptions(args); err == nil {
			t.Errorf("%v are taken", args)
		}
	}
	if _, err := choose([]string{"lines", "nothing"}); err == nil {
		t.Error("a section that does not exist was chosen")
	}
	if all, err := choose(nil); err != nil || len(all) != len(sections()) {
		t.Errorf("%d sections, %v", len(all), err)
	}
}
