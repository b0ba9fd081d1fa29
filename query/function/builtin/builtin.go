// Package builtin is the one explicit list of the functions of freshet.
package builtin

import (
	"fmt"
	"slices"
	"sync"

	"github.com/freshetdb/freshet/query/function"
	"github.com/freshetdb/freshet/query/function/agg"
	"github.com/freshetdb/freshet/query/function/array"
	"github.com/freshetdb/freshet/query/function/bits"
	"github.com/freshetdb/freshet/query/function/datetime"
	"github.com/freshetdb/freshet/query/function/geo"
	"github.com/freshetdb/freshet/query/function/hash"
	"github.com/freshetdb/freshet/query/function/ip"
	"github.com/freshetdb/freshet/query/function/json"
	"github.com/freshetdb/freshet/query/function/logic"
	"github.com/freshetdb/freshet/query/function/math"
	"github.com/freshetdb/freshet/query/function/sets"
	"github.com/freshetdb/freshet/query/function/text"
	"github.com/freshetdb/freshet/query/function/url"
)

// Registry gives all functions; it is built once and safe for concurrent use.
func Registry() *function.Registry { return registry() }

var registry = sync.OnceValue(func() *function.Registry {
	r, err := function.NewRegistry(Scalars(), Aggregates())
	if err != nil {
		panic(fmt.Sprintf("builtin functions: %v", err)) // two families declare one name: a bug that any test shows
	}
	return r.Refuse(Refused())
})

// Scalars lists the scalar functions, family by family.
func Scalars() []function.Scalar {
	all := slices.Concat(math.Scalars(), bits.Scalars(), logic.Scalars(), text.Scalars(), datetime.Scalars(), array.Scalars(), json.Scalars(),
		hash.Scalars(), url.Scalars(), ip.Scalars(), geo.Scalars())
	return append(all, sets.Scalars(all)...)
}

// Aggregates lists the aggregate functions.
func Aggregates() []function.Aggregate { return agg.Aggregates() }
