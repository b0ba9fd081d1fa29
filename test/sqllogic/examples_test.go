package sqllogic

import (
	"context"
	"testing"

	"github.com/freshetdb/freshet/internal/testkit"
	"github.com/freshetdb/freshet/query/function/builtin"
)

// exampleRows have the columns that examples of aggregates name.
const exampleRows = ` FROM (SELECT id AS "userId", status AS name, status, price, CAST(quantity AS INT) AS quantity, CAST(quantity AS INT) AS flags, paid AS delivered,
	quantity * 10 AS latency, ts, tags FROM orders) AS t`

// TestAggregateExamples runs the example of every aggregate, over rows and over none.
func TestAggregateExamples(t *testing.T) {
	e := engine(t, testkit.Layouts()[0])
	for _, f := range builtin.Aggregates() {
		for _, rest := range []string{"", " WHERE false"} {
			text := "SELECT " + f.Example + exampleRows + rest
			if a := e.Run(context.Background(), "wire", text); a.Failure != nil || len(a.Lines) != 1 {
				t.Errorf("%s: %v, rows %q", text, a.Failure, a.Lines)
			}
		}
	}
}
