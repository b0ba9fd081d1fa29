package transform

import (
	"context"
	"fmt"
	"math"
	"strings"
	"unicode/utf8"

	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/internal/jsonindex"
	"github.com/freshetdb/freshet/internal/vec"
	"github.com/freshetdb/freshet/query/expr"
	"github.com/freshetdb/freshet/query/function"
)

// step is one transform: an expression over the working columns, and where its result goes.
type step struct {
	column string
	dest   int            // working column
	field  *catalog.Field // nil where the schema lacks the column
	eval   *expr.Evaluator
	cast   *expr.Evaluator // to the column's type, nil where the result has it

	// A result lives here until the next chunk.
	result, shaped, converted, mixed vec.Vector
}

// context is the environment of an evaluation: rows that fail are told to onError.
func (p *Pipeline) context(onError func(row int, err error)) *function.EvalContext {
	return &function.EvalContext{Ctx: context.Background(), NowByRow: p.now, IEEEDivision: true, OnRowError: onError,
		Documents: p.documents}
}

// documents gives the structure of the documents in a vector that is a column of the record's decoder: what aliases it
// has the same texts.
func (p *Pipeline) documents(v *vec.Vector) *jsonindex.Index {
	for _, d := range p.indexed {
		if n := len(v.Str); n > 0 && n == len(d.texts) && &v.Str[0] == &d.texts[0] {
			return d.index
		}
	}
	return nil
}

// transform runs the transforms in order, then the filter.
func (p *Pipeline) transform() error {
	for _, st := range p.steps {
		if err := p.run(st); err != nil {
			return fmt.Errorf("transform of column %q: %w", st.column, err)
		}
	}
	if p.filter == nil {
		return nil
	}
	ec := p.context(func(row int, err error) { p.fail(row, fmt.Errorf("filterFunction: %w", err)) })
	if err := p.filter.EvalFlat(ec, &p.work, &p.drop); err != nil {
		return fmt.Errorf("filterFunction: %w", err)
	}
	for row := range p.work.Rows {
		if p.drop.Bits.Get(row) && !p.drop.IsNull(row) && p.failed.filter(row) {
			p.rows.Filtered++
		}
	}
	return nil
}

// run computes one transform where the record has no value for its column.
func (p *Pipeline) run(st *step) error {
	have := p.work.Cols[st.dest]
	missing := 0
	if have.Nulls != nil {
		missing = have.Nulls.Count()
	}
	if missing == 0 {
		return nil
	}
	onError := func(row int, err error) {
		if have.IsNull(row) {
			p.fail(row, fmt.Errorf("transform of column %q: %w", st.column, err))
		}
	}
	ec := p.context(onError)
	result := &st.result
	if err := st.eval.EvalFlat(ec, &p.work, result); err != nil {
		return err
	}
	want := p.types[st.dest]
	if result.Type.MultiValue != want.MultiValue {
		conform(result, &st.shaped, want.MultiValue, onError)
		result = &st.shaped
	}
	if st.cast != nil {
		in := vec.Batch{Rows: p.work.Rows, Cols: []*vec.Vector{result}}
		if err := st.cast.EvalFlat(ec, &in, &st.converted); err != nil {
			return err
		}
		result = &st.converted
	}
	if missing < have.Len {
		mix(&st.mixed, have, result)
		result = &st.mixed
	}
	out := &p.owned[st.dest]
	if have == out { // its buffers are what rows without a value read
		out = &st.mixed
	}
	if result != out {
		result.Gather(nil, out) // a bare column's result aliases that column
	}
	out.Type = want
	p.finish(st, out)
	p.work.Cols[st.dest] = out
	return nil
}

// convert makes working column i of the envelope's field in p.scratch.
func (p *Pipeline) convert(i int, cast *expr.Evaluator) error {
	ec := p.context(func(row int, err error) { p.fail(row, fmt.Errorf("column %q: %w", p.schema.Fields[i].Name, err)) })
	in := vec.Batch{Rows: len(p.records), Cols: []*vec.Vector{&p.scratch}}
	var out vec.Vector
	if err := cast.EvalFlat(ec, &in, &out); err != nil {
		return err
	}
	out.Gather(nil, &p.owned[i])
	p.owned[i].Type = p.types[i]
	return nil
}

// finish applies what holds for every value of a column to a computed one, which it owns: the longest text, no NaN, no
// negative zero.
func (p *Pipeline) finish(st *step, v *vec.Vector) {
	switch v.Type.Elem().Kind {
	case catalog.KindFloat, catalog.KindDouble:
		settle(v)
	case catalog.KindString, catalog.KindJSON, catalog.KindBytes:
		if st.field != nil {
			p.limit(st, v)
		}
	}
}

// settle makes NaN NULL and -0 zero.
func settle(v *vec.Vector) {
	to := v
	if v.Elems != nil {
		to = v.Elems
	}
	for i, x := range to.F64 {
		if to.F64[i] = x + 0; math.IsNaN(x) {
			to.SetNull(i)
		}
	}
	for i, x := range to.F32 {
		if to.F32[i] = x + 0; x != x {
			to.SetNull(i)
		}
	}
}

// limit applies the column's longest text to computed values.
func (p *Pipeline) limit(st *step, v *vec.Vector) {
	f := st.field
	row := 0
	texts := v
	if v.Elems != nil {
		texts = v.Elems
	}
	for i, s := range texts.Str {
		for v.Elems != nil && int(v.Offsets[row+1]) <= i {
			row++
		}
		if v.Elems == nil {
			row = i
		}
		if texts.IsNull(i) {
			continue
		}
		if f.Type.Kind == catalog.KindString {
			s, _, _ = strings.Cut(s, "\x00")
		}
		limited, err := limitText(f, s)
		if err != nil {
			p.fail(row, fmt.Errorf("transform of column %q: %w", st.column, err))
			v.SetNull(row)
		}
		texts.Str[i] = limited
	}
}

func limitText(f *catalog.Field, s string) (string, error) {
	length := len(s)
	if f.MaxLength <= 0 || length <= f.MaxLength {
		return s, nil
	}
	if f.Type.Kind != catalog.KindBytes {
		if length = utf8.RuneCountInString(s); length <= f.MaxLength {
			return s, nil
		}
	}
	switch f.MaxLengthStrategy {
	case "ERROR":
		return "", fmt.Errorf("the value's length is %d, at most %d is accepted", length, f.MaxLength)
	case "SUBSTITUTE_DEFAULT_VALUE":
		if len(f.Default.Elems) > 0 {
			return f.Default.Elems[0].Str, nil
		}
		return f.Default.Str, nil
	case "TRIM_LENGTH":
		end := f.MaxLength
		if f.Type.Kind != catalog.KindBytes {
			end = 0
			for range f.MaxLength {
				_, size := utf8.DecodeRuneInString(s[end:])
				end += size
			}
		}
		return s[:end], nil
	}
	return s, nil
}
