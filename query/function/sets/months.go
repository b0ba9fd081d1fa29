package sets

import (
	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/internal/errs"
	"github.com/freshetdb/freshet/internal/vec"
	"github.com/freshetdb/freshet/query/function"
	"github.com/freshetdb/freshet/query/function/convert"
)

// maxMonths bounds the rows of a series in steps of months: that many are 87,000 years.
const maxMonths = 1 << 20

// monthSeries is generate_series with a step that has months.
var monthSeries = function.Overload{Args: []catalog.Type{catalog.Timestamp, catalog.Timestamp, catalog.Long, catalog.Long}, Type: catalog.Timestamp.Array(),
	Fallible: true, Eval: evalMonths} // read-only

func evalMonths(ec *function.EvalContext, args []*vec.Vector, n int, out *vec.Vector) error {
	return function.BuildValues(ec, n, out, func(dst []int64, i int) ([]int64, error) {
		months, millis := args[2].Int64At(i), args[3].Int64At(i)
		at, stop := args[0].Int64At(i), args[1].Int64At(i)
		forward, err := direction(months, millis)
		for rows := 0; err == nil && (at <= stop == forward || at == stop); rows++ {
			if rows == maxMonths {
				return dst, errs.New(errs.ClassExhausted, errs.ProgramLimitExceeded, "generate_series in steps of months gives at most %d rows", maxMonths)
			}
			dst = append(dst, at)
			next, ok := convert.AddMonths(at, months)
			next += millis
			if !ok || next > at != forward {
				return dst, errs.User(errs.DatetimeOverflow, "timestamp out of range")
			}
			at = next
		}
		return dst, err
	})
}

// direction tells whether a step goes forward; both parts have to agree.
func direction(months, millis int64) (forward bool, err error) {
	switch {
	case months == 0 && millis == 0:
		return false, errStep()
	case months >= 0 && millis >= 0:
		return true, nil
	case months <= 0 && millis <= 0:
		return false, nil
	}
	return false, errs.User(errs.InvalidParameterValue, "months and the rest of a step have to have the same sign, got %d months and %d milliseconds", months, millis)
}
