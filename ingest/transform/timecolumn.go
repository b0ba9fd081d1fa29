package transform

import (
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/internal/errs"
	"github.com/freshetdb/freshet/internal/vec"
	"github.com/freshetdb/freshet/query/bind"
	"github.com/freshetdb/freshet/query/expr"
	"github.com/freshetdb/freshet/query/sql"
)

// Plausible event times, Pinot's bounds: from 1971, before 2071.
const (
	minPlausible = 365 * 24 * 3600 * 1000
	maxPlausible = (101*365 + 25) * 24 * 3600 * 1000
)

// timeColumn is how the time column tells time: as a count of unit milliseconds, or (unit 0) as formatted text or number.
type timeColumn struct {
	index int // -1: none
	unit  float64
	// For formats: from milliseconds to the column's type, and back to LONG milliseconds.
	format, parse  *expr.Evaluator
	stamps, millis vec.Vector
}

// timeColumn compiles the table's time column.
func (c *compiler) timeColumn() (timeColumn, error) {
	name := c.table.TimeColumn
	t := timeColumn{index: c.schema.Index(name)}
	if t.index < 0 {
		return t, nil
	}
	f := &c.schema.Fields[t.index]
	switch f.Type {
	case catalog.Timestamp:
		t.unit = 1
		return t, nil
	case catalog.Int, catalog.Long, catalog.String:
	default:
		return t, errs.User(errs.InvalidParameterValue, "time column %q is %s, want TIMESTAMP, LONG, INT or STRING", name, f.Type)
	}
	if unit, ok := catalog.EpochUnit(f.Format); ok {
		t.unit = float64(unit) / float64(time.Millisecond)
		if f.Type == catalog.String {
			t.unit = 0
			if unit < time.Millisecond {
				scale := int64(time.Millisecond / unit)
				return t, c.formatted(&t, f, fmt.Sprintf("t * %d", scale), fmt.Sprintf("div(CAST(t AS LONG), %d)", scale))
			}
			scale := int64(unit / time.Millisecond)
			return t, c.formatted(&t, f, fmt.Sprintf("div(t, %d)", scale), fmt.Sprintf("CAST(t AS LONG) * %d", scale))
		}
		return t, nil
	}
	pattern, zone := datePattern(f.Format)
	if pattern == "" {
		return t, c.formatted(&t, f, "toIso8601(t)", "fromIso8601(t)")
	}
	args := quote(pattern)
	if zone != "" {
		args += ", " + quote(zone)
	}
	return t, c.formatted(&t, f, "toDateTime(t, "+args+")", "fromDateTime(t, "+args+")")
}

func quote(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }

// formatted compiles the way from LONG milliseconds to the column, and back.
func (c *compiler) formatted(t *timeColumn, f *catalog.Field, format, parse string) error {
	evaluator := func(text string, from, to catalog.Type) (*expr.Evaluator, error) {
		tree, err := sql.ParseExpr(text)
		if err != nil {
			return nil, err
		}
		e, err := bind.Scalar(tree, []bind.Column{{Name: "t", Type: from}}, bind.Config{Functions: c.reg, Dialect: sql.Ingestion})
		if err != nil {
			return nil, err
		}
		if e.Type() != to {
			e = &expr.Cast{Arg: e, To: to}
		}
		return expr.NewEvaluator(e), nil
	}
	var err error
	if t.format, err = evaluator(format, catalog.Long, f.Type); err != nil {
		return fmt.Errorf("time column %q with format %q: %w", f.Name, f.Format, err)
	}
	if f.Type != catalog.String {
		parse = strings.Replace(parse, "(t", "(CAST(t AS STRING)", 1)
	}
	if t.parse, err = evaluator(parse, f.Type, catalog.Long); err != nil {
		return fmt.Errorf("time column %q with format %q: %w", f.Name, f.Format, err)
	}
	return nil
}

// datePattern gives the pattern and the zone of a SIMPLE_DATE_FORMAT in colon or pipe form, "" where it has none.
func datePattern(format string) (pattern, zone string) {
	if format != "" && format[0] >= '0' && format[0] <= '9' {
		parts := strings.SplitN(format, ":", 4)
		if len(parts) < 4 {
			return "", ""
		}
		pattern = parts[3]
		if at := strings.Index(pattern, " tz("); at >= 0 && strings.HasSuffix(pattern, ")") {
			return pattern[:at], pattern[at+len(" tz(") : len(pattern)-1]
		}
		return pattern, ""
	}
	parts := strings.Split(format, "|")
	if len(parts) > 1 {
		pattern = parts[1]
	}
	if len(parts) > 2 {
		zone = parts[2]
	}
	return pattern, zone
}

// finishTime gives rows without a time the record's, and counts times that cannot be right.
func (p *Pipeline) finishTime() error {
	if p.time.index < 0 {
		return nil
	}
	v := p.work.Cols[p.time.index]
	if v.HasNulls() {
		out := &p.filled[p.time.index]
		v.Gather(nil, out)
		v = out
		p.work.Cols[p.time.index] = v
		if err := p.fillTimes(v, v.Nulls); err != nil {
			return err
		}
		v.Nulls = nil
	}
	millis, err := p.timesOf(v)
	if err != nil {
		return err
	}
	var wrong vec.Bitmap
	for row, ms := range millis.I64[:p.work.Rows] {
		switch {
		case p.failed.dropped(row):
		case ms >= minPlausible && ms < maxPlausible && !millis.IsNull(row):
			p.rows.NewestMillis = max(p.rows.NewestMillis, ms)
		default:
			p.rows.ImplausibleTimes++
			if p.rowTimeCheck {
				p.fail(row, fmt.Errorf("time column %q: %s is outside 1971 to 2071", p.schema.Fields[p.time.index].Name, v.At(row)))
				if wrong == nil {
					wrong = vec.NewBitmap(p.work.Rows)
				}
				wrong.Set(row)
			}
		}
	}
	if wrong == nil {
		return nil
	}
	out := &p.filled[p.time.index]
	if v != out {
		v.Gather(nil, out)
		p.work.Cols[p.time.index] = out
	}
	return p.fillTimes(out, wrong)
}

// fillTimes gives the rows of a set the time of their record.
func (p *Pipeline) fillTimes(v *vec.Vector, rows vec.Bitmap) error {
	if p.time.format == nil {
		for row := range v.Len {
			if !rows.Get(row) {
				continue
			}
			count := int64(float64(p.now[row]) / p.time.unit)
			if v.I64 != nil {
				v.I64[row] = count
			} else {
				v.I32[row] = int32(min(max(count, math.MinInt32), math.MaxInt32))
			}
		}
		return nil
	}
	p.scratch.Reset(catalog.Long, v.Len)
	copy(p.scratch.I64, p.now)
	ec := p.context(func(row int, err error) {
		if rows.Get(row) {
			p.fail(row, fmt.Errorf("time column %q: %w", p.schema.Fields[p.time.index].Name, err))
		}
	})
	in := vec.Batch{Rows: v.Len, Cols: []*vec.Vector{&p.scratch}}
	if err := p.time.format.EvalFlat(ec, &in, &p.time.stamps); err != nil {
		return err
	}
	for row := range v.Len {
		if rows.Get(row) {
			v.CopyRow(row, &p.time.stamps, row)
		}
	}
	return nil
}

// timesOf gives the column's times in milliseconds, NULL where a text is no time.
func (p *Pipeline) timesOf(v *vec.Vector) (*vec.Vector, error) {
	if p.time.unit == 1 && v.I64 != nil {
		return v, nil
	}
	out := &p.time.millis
	if p.time.parse != nil {
		ec := p.context(func(row int, err error) {
			if p.rowTimeCheck {
				p.fail(row, fmt.Errorf("time column %q: %w", p.schema.Fields[p.time.index].Name, err))
			}
		})
		in := vec.Batch{Rows: v.Len, Cols: []*vec.Vector{v}}
		err := p.time.parse.EvalFlat(ec, &in, out)
		return out, err
	}
	out.Reset(catalog.Long, v.Len)
	for row := range v.Len {
		// Beyond 64 bits a count is as implausible as at their end.
		x := float64(v.Int64At(row)) * p.time.unit
		out.I64[row] = int64(min(max(x, -1<<62), 1<<62))
	}
	return out, nil
}
