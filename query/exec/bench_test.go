package exec_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/internal/vec"
	"github.com/freshetdb/freshet/query/exec"
	"github.com/freshetdb/freshet/query/expr"
	"github.com/freshetdb/freshet/query/logical"
	"github.com/freshetdb/freshet/segment"
)

// benchView is a sealed segment in memory with the columns of the event table of the performance page.
type benchView struct {
	name string
	rows int
	cols map[string]*benchColumn
}

func (v *benchView) Name() string                           { return v.name }
func (v *benchView) Rows() int                              { return v.rows }
func (v *benchView) Consuming() bool                        { return false }
func (v *benchView) TimeRange() (int64, int64, bool)        { return 0, 0, false }
func (v *benchView) Column(n string) (segment.Column, bool) { c, ok := v.cols[n]; return c, ok }

type benchColumn struct {
	typ   catalog.Type
	dict  *vec.Dict
	u8    []uint8
	u16   []uint16
	u32   []uint32
	base  int64
	i64   []int64
	f64   []float64
	stats segment.Stats
	zones []segment.Zone
}

func (c *benchColumn) Type() catalog.Type   { return c.typ }
func (c *benchColumn) Stats() segment.Stats { return c.stats }
func (c *benchColumn) Dict() *vec.Dict      { return c.dict }
func (c *benchColumn) Zone(b int) segment.Zone {
	if c.zones == nil {
		return segment.Zone{}
	}
	return c.zones[b]
}

func (c *benchColumn) Block(b int, out *vec.Vector) error {
	n := max(len(c.u8), len(c.u16), len(c.u32), len(c.i64), len(c.f64))
	lo := b * vec.BlockRows
	hi := min(lo+vec.BlockRows, n)
	form := vec.FormFlat
	switch {
	case c.dict != nil:
		form = vec.FormDict
	case c.u32 != nil:
		form = vec.FormOffset
	}
	out.Alias(c.typ, form, hi-lo)
	out.Dict, out.Base = c.dict, c.base
	switch {
	case c.u8 != nil:
		out.U8 = c.u8[lo:hi]
	case c.u16 != nil:
		out.U16 = c.u16[lo:hi]
	case c.u32 != nil:
		out.U32 = c.u32[lo:hi]
	case c.i64 != nil:
		out.I64 = c.i64[lo:hi]
	default:
		out.F64 = c.f64[lo:hi]
	}
	return nil
}

// textDict makes a sorted dictionary of n texts.
func textDict(prefix string, n int) *vec.Dict {
	d := &vec.Dict{Kind: catalog.KindString, Len: n, Sorted: true, Offsets: []uint32{0}}
	for i := range n {
		d.Data = append(d.Data, fmt.Sprintf("%s%06d", prefix, i)...)
		d.Offsets = append(d.Offsets, uint32(len(d.Data)))
	}
	return d
}

const benchDay = 86_400_000

var benchSchema = catalog.NewSchema("events", []catalog.Field{
	{Name: "ts", Type: catalog.Timestamp}, {Name: "country", Type: catalog.String}, {Name: "campaign", Type: catalog.String},
	{Name: "userId", Type: catalog.Long}, {Name: "url", Type: catalog.String}, {Name: "price", Type: catalog.Double},
	{Name: "status", Type: catalog.String},
})

func benchViews(segments, rows int) []segment.View {
	r := rand.New(rand.NewPCG(1, 2))
	zipf := rand.NewZipf(r, 1.2, 4, 4999)
	var out []segment.View
	for s := range segments {
		ts := &benchColumn{typ: catalog.Timestamp, u32: make([]uint32, rows), base: int64(s) * benchDay / int64(segments)}
		country := &benchColumn{typ: catalog.String, dict: textDict("c", 200), u8: make([]uint8, rows)}
		status := &benchColumn{typ: catalog.String, dict: textDict("s", 7), u8: make([]uint8, rows)}
		campaign := &benchColumn{typ: catalog.String, dict: textDict("k", 5000), u16: make([]uint16, rows)}
		url := &benchColumn{typ: catalog.String, dict: textDict("https://example.com/a/path/that/has/some/length/", 60000), u16: make([]uint16, rows)}
		user := &benchColumn{typ: catalog.Long, i64: make([]int64, rows)}
		price := &benchColumn{typ: catalog.Double, f64: make([]float64, rows)}
		for i := range rows {
			ts.u32[i] = uint32(int64(i)*benchDay/int64(segments)/int64(rows)) + uint32(r.IntN(2000))
			country.u8[i] = uint8(zipf.Uint64() % 200)
			status.u8[i] = uint8(r.IntN(7))
			campaign.u16[i] = uint16(zipf.Uint64())
			url.u16[i] = uint16(r.IntN(60000))
			user.i64[i] = int64(r.IntN(2_000_000)) * 7919
			price.f64[i] = float64(r.IntN(20000)) / 100
		}
		for b := 0; b < rows; b += vec.BlockRows {
			part := ts.u32[b:min(b+vec.BlockRows, rows)]
			ts.zones = append(ts.zones, segment.Zone{Known: true, MinI64: ts.base + int64(slices.Min(part)), MaxI64: ts.base + int64(slices.Max(part))})
		}
		ts.stats = segment.Stats{HasRange: true, Min: catalog.TimestampValue(ts.base + int64(slices.Min(ts.u32))), Max: catalog.TimestampValue(ts.base + int64(slices.Max(ts.u32)))}
		out = append(out, &benchView{name: fmt.Sprint("events__0__", s), rows: rows, cols: map[string]*benchColumn{"ts": ts, "country": country,
			"status": status, "campaign": campaign, "url": url, "userId": user, "price": price}})
	}
	return out
}

// BenchmarkQueries runs the shapes of the performance page over 4 segments of 1 M rows.
func BenchmarkQueries(b *testing.B) {
	views := benchViews(4, 1_000_000)
	rows := 0
	for _, v := range views {
		rows += v.Rows()
	}
	scan := func(filter expr.Expr) *logical.Scan {
		s := &logical.Scan{Table: "events", Filter: filter}
		for _, f := range benchSchema.Fields {
			s.Cols = append(s.Cols, logical.Column{Name: f.Name, Type: f.Type})
		}
		return s
	}
	col := func(name string) expr.Expr {
		i := benchSchema.Index(name)
		return &expr.Column{Index: i, Name: name, T: benchSchema.Fields[i].Type}
	}
	bind := func(name string, args ...expr.Expr) logical.AggCall {
		c, ok := aggregate(name, len(args) == 0, args...)
		if !ok {
			b.Fatalf("no aggregate %s", name)
		}
		return c
	}
	cmp := func(op expr.CmpOp, name string, v catalog.Value) expr.Expr {
		return &expr.Compare{Op: op, Left: col(name), Right: &expr.Const{Value: v}}
	}
	group := func(filter expr.Expr, keys []expr.Expr, calls ...logical.AggCall) logical.Node {
		return &logical.Aggregate{In: scan(filter), Keys: keys, Aggs: calls}
	}
	top := func(n logical.Node, column int, limit int64) logical.Node {
		return &logical.Limit{In: &logical.Sort{In: n, Keys: []logical.SortKey{{Column: column, Descending: true}}, Limit: -1}, Count: limit}
	}
	us := cmp(expr.Eq, "country", catalog.StringValue("c000001"))
	div := call("div", col("ts"), &expr.Const{Value: catalog.LongValue(60000)})
	shapes := []struct {
		name string
		plan logical.Node
	}{
		{"q0 sum min max", group(nil, nil, bind("sum", col("price")), bind("min", col("price")), bind("max", col("price")))},
		{"q1 filter count", group(us, nil, bind("count"))},
		{"q1 filter and range", group(&expr.And{Args: []expr.Expr{us, cmp(expr.Ge, "ts", catalog.TimestampValue(benchDay/4)), cmp(expr.Lt, "ts", catalog.TimestampValue(benchDay/2))}}, nil, bind("count"))},
		{"q2 sum by country", group(nil, []expr.Expr{col("country")}, bind("sum", col("price")))},
		{"q3 sum count by campaign top", top(group(nil, []expr.Expr{col("campaign")}, bind("sum", col("price")), bind("count")), 1, 10)},
		{"q4 by minute", group(nil, []expr.Expr{div}, bind("count"))},
		{"q5 distinct users by country", group(nil, []expr.Expr{col("country")}, bind("distinctcount", col("userId")))},
		{"q6 by user top", top(group(nil, []expr.Expr{col("userId")}, bind("sum", col("price"))), 1, 10)},
		{"q7 like", group(&expr.Like{Arg: col("url"), Pattern: "%077%", Escape: '\\'}, nil, bind("count"))},
		{"q8 needle by scan", top(scan(cmp(expr.Eq, "userId", catalog.LongValue(7919*77))), 0, 10)},
		{"q8 newest rows", top(scan(nil), 0, 10)},
		{"q9 three columns", group(cmp(expr.Gt, "price", catalog.DoubleValue(100)), []expr.Expr{col("country"), col("status")}, bind("sum", col("price")), bind("count"))},
		{"order by price", top(scan(nil), 5, 10)},
	}
	for _, s := range shapes {
		for _, workers := range []int{1, 2} {
			b.Run(fmt.Sprintf("%s/workers=%d", s.name, workers), func(b *testing.B) {
				for b.Loop() {
					env := &exec.Env{Workers: workers}
					if _, _, err := runExec(context.Background(), env, s.plan, benchSchema, views); err != nil {
						b.Fatal(err)
					}
				}
				b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(rows), "ns/row")
			})
		}
	}
}
