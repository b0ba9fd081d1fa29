package datetime

import (
	"context"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/internal/errs"
	"github.com/freshetdb/freshet/internal/vec"
	"github.com/freshetdb/freshet/query/function"
)

func bind(t testing.TB, name string, args ...catalog.Value) (function.Bound, error) {
	t.Helper()
	for _, s := range Scalars() {
		if function.Canonical(s.Name) != function.Canonical(name) {
			continue
		}
		info := make([]function.Arg, len(args))
		for i := range args {
			info[i] = function.Arg{Type: args[i].Type, Const: &args[i]}
		}
		return s.Bind(info)
	}
	t.Fatalf("no function %s", name)
	return function.Bound{}, nil
}

// call evaluates a function of constants that have the types that it takes.
func call(t testing.TB, name string, args ...catalog.Value) (catalog.Value, error) {
	t.Helper()
	b, err := bind(t, name, args...)
	if err != nil {
		return catalog.Value{}, err
	}
	vecs := make([]*vec.Vector, len(args))
	for i, a := range args {
		a.Type = b.Args[i]
		vecs[i] = &vec.Vector{}
		vecs[i].SetConst(a, 1)
	}
	var out vec.Vector
	out.Reset(b.Type, 1)
	err = b.Eval(&function.EvalContext{Ctx: context.Background(), NowMillis: 10_000_000}, vecs, 1, &out)
	return out.At(0), err
}

func text(s string) catalog.Value   { return catalog.StringValue(s) }
func stamp(x int64) catalog.Value   { return catalog.TimestampValue(x) }
func number1(x int64) catalog.Value { return catalog.LongValue(x) }

const sample = 1709251199999 // 2024-02-29 23:59:59.999 UTC, a Thursday

func TestFunctions(t *testing.T) {
	tz := catalog.Value{Type: catalog.TimestampTZ, I64: sample}
	duration := catalog.Value{Type: catalog.Duration, I64: 93_784_005}
	for _, c := range []struct {
		name string
		args []catalog.Value
		want string
		typ  catalog.Type
	}{
		{"dateTrunc", []catalog.Value{text("DAY"), stamp(sample)}, "1709164800000", catalog.Timestamp},
		{"dateTrunc", []catalog.Value{text("days"), number1(sample)}, "1709164800000", catalog.Long},
		{"dateTrunc", []catalog.Value{text("week"), tz}, "1708905600000", catalog.TimestampTZ},
		{"dateTrunc", []catalog.Value{text("day"), number1(sample), text("MILLISECONDS"), text("America/Los_Angeles")}, "1709193600000", catalog.Long},
		{"dateTrunc", []catalog.Value{text("day"), stamp(sample), text("America/Los_Angeles")}, "1709193600000", catalog.Timestamp},
		{"dateTrunc", []catalog.Value{text("hour"), number1(1709251199), text("SECONDS")}, "1709247600", catalog.Long},
		{"dateTrunc", []catalog.Value{text("hour"), number1(1709251199), text("SECONDS"), text("UTC"), text("HOURS")}, "474791", catalog.Long},
		{"dateTrunc", []catalog.Value{text("hour"), number1(-1)}, "-3600000", catalog.Long},
		{"dateTrunc", []catalog.Value{text("century"), stamp(sample)}, "978307200000", catalog.Timestamp},
		{"toDateTime", []catalog.Value{stamp(sample), text("yyyy-MM-dd HH:mm:ss")}, "'2024-02-29 23:59:59'", catalog.String},
		{"toDateTime", []catalog.Value{stamp(sample), text("HH:mm"), text("+05:30")}, "'05:29'", catalog.String},
		{"fromDateTime", []catalog.Value{text("2024-02-29T23:59:59.999999"), text("yyyy-MM-dd'T'HH:mm:ss.SSSSSS")}, "1709251199999", catalog.Long},
		{"fromDateTime", []catalog.Value{text("?"), text("yyyy"), text("UTC"), number1(-7)}, "-7", catalog.Long},
		{"dateTimeConvert", []catalog.Value{number1(sample), text("1:MILLISECONDS:EPOCH"), text("1:DAYS:SIMPLE_DATE_FORMAT:yyyy-MM-dd tz(Asia/Kolkata)"), text("1:DAYS")}, "'2024-02-29'", catalog.String},
		{"dateTimeConvert", []catalog.Value{text("20240229"), text("SIMPLE_DATE_FORMAT|yyyyMMdd"), text("EPOCH|DAYS"), text("DAYS|1")}, "19782", catalog.Long},
		{"dateTimeConvert", []catalog.Value{stamp(sample), text("TIMESTAMP"), text("TIMESTAMP"), text("15:MINUTES")}, "1709250300000", catalog.Timestamp},
		{"dateTimeConvert", []catalog.Value{number1(5), text("5:MINUTES:EPOCH"), text("1:SECONDS:EPOCH"), text("1:SECONDS")}, "1500", catalog.Long},
		{"toEpochHours", []catalog.Value{stamp(-1)}, "0", catalog.Long},
		{"toEpochMinutesRounded", []catalog.Value{stamp(sample), number1(10)}, "28487510", catalog.Long},
		{"toEpochMinutesBucket", []catalog.Value{stamp(sample), number1(10)}, "2848751", catalog.Long},
		{"fromEpochDays", []catalog.Value{number1(2)}, "172800000", catalog.Long},
		{"timeConvert", []catalog.Value{number1(90_000_000), text("MILLISECONDS"), text("DAYS")}, "1", catalog.Long},
		{"timeConvert", []catalog.Value{number1(2), text("DAYS"), text("NANOSECONDS")}, "172800000000000", catalog.Long},
		{"timestampAdd", []catalog.Value{text("MONTH"), number1(12), stamp(sample)}, "1740787199999", catalog.Timestamp},
		{"timestampAdd", []catalog.Value{text("MONTH"), number1(-1), number1(1711839600000)}, "1709247600000", catalog.Long},
		{"timestampDiff", []catalog.Value{text("MONTH"), stamp(1706659200000), stamp(sample)}, "1", catalog.Long},
		{"timestampDiff", []catalog.Value{text("MONTH"), stamp(1706572800000), stamp(1709078400000 + 86_400_000*2)}, "1", catalog.Long},
		{"timestampDiff", []catalog.Value{text("HOUR"), stamp(sample), stamp(0)}, "-474791", catalog.Long},
		{"year", []catalog.Value{stamp(sample)}, "2024", catalog.Int},
		{"day", []catalog.Value{stamp(sample), text("Asia/Kolkata")}, "1", catalog.Int},
		{"extract", []catalog.Value{text("YEAR"), stamp(sample)}, "2024", catalog.Int},
		{"extract", []catalog.Value{text("dow"), stamp(1709424000000)}, "0", catalog.Int},
		{"extract", []catalog.Value{text("second"), stamp(sample)}, "59.999", catalog.Double},
		{"extract", []catalog.Value{text("epoch"), stamp(1500)}, "1.5", catalog.Double},
		{"extract", []catalog.Value{text("epoch"), duration}, "93784.005", catalog.Double},
		{"extract", []catalog.Value{text("hour"), duration}, "2", catalog.Double},
		{"date_part", []catalog.Value{text("century"), stamp(sample)}, "21", catalog.Int},
		{"ago", []catalog.Value{text("PT2M")}, "9880000", catalog.Long},
		{"now", nil, "10000000", catalog.TimestampTZ},
		{"timezone", []catalog.Value{text("Europe/Berlin"), tz}, "1709254799999", catalog.Timestamp},
	} {
		got, err := call(t, c.name, c.args...)
		if err != nil || got.String() != c.want || got.Type != c.typ {
			t.Errorf("%s%v is %v %v %v, want %v %v", c.name, c.args, got, got.Type, err, c.want, c.typ)
		}
	}
}

func TestFunctionErrors(t *testing.T) {
	for _, c := range []struct {
		name string
		args []catalog.Value
		code string
	}{
		{"dateTrunc", []catalog.Value{text("fortnight"), stamp(0)}, errs.InvalidParameterValue},
		{"dateTrunc", []catalog.Value{text("day"), {Type: catalog.Boolean}}, errs.UndefinedFunction},
		{"dateTrunc", []catalog.Value{text("day"), number1(1 << 60), text("DAYS")}, errs.DatetimeOverflow},
		{"toDateTime", []catalog.Value{stamp(0), text("yyyy T")}, errs.InvalidParameterValue},
		{"toDateTime", []catalog.Value{stamp(0), text("yyyy"), text("Nowhere")}, errs.InvalidParameterValue},
		{"fromDateTime", []catalog.Value{text("abc"), text("yyyy")}, errs.InvalidDatetime},
		{"dateTimeConvert", []catalog.Value{number1(0), text("1:MILLISECONDS"), text("TIMESTAMP"), text("1:DAYS")}, errs.InvalidParameterValue},
		{"dateTimeConvert", []catalog.Value{number1(0), text("EPOCH|FORTNIGHTS"), text("TIMESTAMP"), text("1:DAYS")}, errs.InvalidParameterValue},
		{"dateTimeConvert", []catalog.Value{number1(0), text("EPOCH"), text("TIMESTAMP"), text("0:DAYS")}, errs.InvalidParameterValue},
		{"timeConvert", []catalog.Value{number1(1 << 60), text("DAYS"), text("NANOSECONDS")}, errs.DatetimeOverflow},
		{"toEpochDaysBucket", []catalog.Value{stamp(0), number1(0)}, errs.InvalidParameterValue},
		{"timestampAdd", []catalog.Value{text("YEAR"), number1(1 << 50), stamp(0)}, errs.DatetimeOverflow},
		{"ago", []catalog.Value{text("P1M")}, errs.FeatureNotSupported},
		{"ago", []catalog.Value{text("soon")}, errs.InvalidDatetime},
		{"ago", []catalog.Value{text("PT")}, errs.InvalidDatetime},
		{"extract", []catalog.Value{text("fortnight"), stamp(0)}, errs.InvalidParameterValue},
		{"year", []catalog.Value{stamp(0), text("Nowhere")}, errs.InvalidParameterValue},
		{"dateBin", []catalog.Value{{Type: catalog.Interval, I64: 0}, stamp(0), stamp(0)}, errs.DatetimeOverflow},
	} {
		got, err := call(t, c.name, c.args...)
		if err == nil || errs.As(err).Code != c.code {
			t.Errorf("%s%v is %v %v, want %s", c.name, c.args, got, err, c.code)
		}
	}
}

// TestTruncateKernel compares the batch loops with the truncation of single values.
func TestTruncateKernel(t *testing.T) {
	berlin := mustZone(t, "Europe/Berlin")
	rapid.Check(t, func(t *rapid.T) {
		u := unit(rapid.IntRange(int(millisecond), int(year)).Draw(t, "unit"))
		loc := rapid.SampledFrom([]*time.Location{time.UTC, berlin}).Draw(t, "zone")
		values := rapid.SliceOfN(rapid.Int64Range(-3_000_000_000_000, 3_000_000_000_000), 1, 20).Draw(t, "values")
		v, out := &vec.Vector{}, &vec.Vector{}
		v.Reset(catalog.Long, len(values))
		copy(v.I64, values)
		out.Reset(catalog.Long, len(values))
		c := truncCall{unit: u, in: millisecond, out: millisecond, loc: loc}
		if err := c.eval(&function.EvalContext{}, []*vec.Vector{nil, v}, len(values), out); err != nil {
			t.Fatal(err)
		}
		for i, ms := range values {
			want := u.truncate(ms, loc)
			if out.I64[i] != want || want > ms {
				t.Fatalf("%s of %d is %d, want %d", unitNames[u], ms, out.I64[i], want)
			}
		}
	})
}

// TestBuckets: a bucket begins at or before the instant and holds its own beginning.
func TestBuckets(t *testing.T) {
	berlin := mustZone(t, "Europe/Berlin")
	rapid.Check(t, func(t *rapid.T) {
		g := granularity{rapid.Int64Range(1, 30).Draw(t, "size"), unit(rapid.IntRange(int(millisecond), int(year)).Draw(t, "unit"))}
		loc := rapid.SampledFrom([]*time.Location{time.UTC, berlin}).Draw(t, "zone")
		ms := rapid.Int64Range(0, 3_000_000_000_000).Draw(t, "ms")
		begin := g.bucket(ms, loc)
		if begin > ms || (loc == time.UTC && g.bucket(begin, loc) != begin) {
			t.Fatalf("%+v of %d is %d", g, ms, begin)
		}
	})
}

func BenchmarkDateTrunc(b *testing.B) {
	v, out := &vec.Vector{}, &vec.Vector{}
	v.Reset(catalog.Timestamp, vec.BlockRows)
	for i := range v.I64 {
		v.I64[i] = sample + int64(i)*1000
	}
	for _, u := range []unit{minute, month} {
		b.Run(unitNames[u], func(b *testing.B) {
			c := truncCall{unit: u, in: millisecond, out: millisecond, loc: time.UTC}
			for b.Loop() {
				out.Reset(catalog.Timestamp, vec.BlockRows)
				if err := c.eval(nil, []*vec.Vector{nil, v}, vec.BlockRows, out); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
