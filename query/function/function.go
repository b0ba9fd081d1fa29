// Package function is the registry of scalar and aggregate functions, shared by SQL and ingestion. Functions are
// declared as data (name, arguments, NULL rule, volatility, doc, example) by the families below query/function/,
// and listed explicitly in query/function/builtin. A registry is immutable once built.
package function

import (
	"context"
	"fmt"
	"slices"
	"sort"
	"strings"

	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/internal/errs"
	"github.com/freshetdb/freshet/internal/jsonindex"
	"github.com/freshetdb/freshet/internal/vec"
)

// Volatility says when a call with constant arguments may be folded.
type Volatility uint8

// Volatilities.
const (
	Immutable Volatility = iota // same arguments, same result, always: folded when bound
	Stable                      // constant within one statement: now(), ago(); folded once per execution
	Volatile                    // rand(): never folded
)

// Arg is an argument as the binder knows it.
type Arg struct {
	Type  catalog.Type
	Const *vec.Value // set where the argument is a constant, after folding
}

// Eval computes n rows. args are flat or constant vectors of the types in Bound.Args; out has been Reset to
// Bound.Type and n rows. Where Bound.Strict holds, rows with a NULL argument are already NULL in out.Nulls and
// Eval must skip or survive them (their values are undefined but readable). A row that fails is reported with
// ec.Fail and is NULL; Eval returns what Fail returns. An Eval may be called from several goroutines, each with
// an EvalContext of its own.
type Eval func(ec *EvalContext, args []*vec.Vector, n int, out *vec.Vector) error

// Bound is a function resolved for argument types.
type Bound struct {
	Name   string // canonical
	Type   catalog.Type
	Args   []catalog.Type // types that the arguments are cast to first
	Strict bool           // NULL in, NULL out
	// Fallible says that a value can make the call fail (a cast, a parse): the filter then evaluates it only on
	// rows that the other conjuncts keep.
	Fallible bool
	// ReadsDocument says that the first argument is a JSON document and that EvalContext.Documents saves time.
	ReadsDocument bool
	// Bucket, where its width is positive, says that the result is an argument cut down to a multiple of that width.
	Bucket Bucket
	Eval   Eval
}

// Bucket is the rounding of an integer argument down to a multiple of Width, as calendars of one time zone do.
type Bucket struct {
	Arg   int
	Width int64 // below 2^50
}

// Of gives the beginning of the bucket that x is in.
func (b Bucket) Of(x int64) int64 {
	rest := x % b.Width
	if rest < 0 {
		rest += b.Width
	}
	return x - rest
}

// Scalar is the descriptor of a scalar function.
type Scalar struct {
	Name       string   // as documented, for example dateTrunc
	Aliases    []string // further names
	Family     string   // heading in the generated docs
	Signature  string   // for docs and messages: dateTrunc(unit, value[, inUnit[, tz[, outUnit]]])
	Doc        string
	Example    string // SQL expression = result, run by a test: `dateTrunc('hour', 3600001) = 3600000`
	Volatility Volatility
	// Set says that the array which the function gives stands for a set of rows: generate_series.
	Set bool
	// Bind resolves the call for these arguments or returns an *errs.Error (UndefinedFunction for a type that does
	// not fit; InvalidParameterValue for a bad constant). Constant arguments (patterns, paths, units) are compiled here.
	Bind func(args []Arg) (Bound, error)
}

// EvalContext is what an evaluation may depend on besides its arguments. One per goroutine.
type EvalContext struct {
	Ctx context.Context
	// NowMillis is the statement's time, UTC milliseconds. Ingestion sets NowByRow instead: each record's timestamp.
	NowMillis int64
	NowByRow  []int64
	// IEEEDivision: x/0 is +-Infinity or NaN (Pinot HTTP) instead of error 22012 (wire).
	IEEEDivision bool
	// Outer are the values that a sub-query takes from the query around it, by slot (expr.Outer).
	Outer []catalog.Value
	// Subquery evaluates a sub-query (node is an *expr.Subquery) for n rows of operands, in the order of its
	// Children: flat or constant vectors. out becomes flat or constant. nil where sub-queries cannot occur.
	Subquery func(ec *EvalContext, node any, operands []*vec.Vector, n int, out *vec.Vector) error
	// OnRowError, if set (ingestion), takes a row's failure; the row is NULL and evaluation goes on. Otherwise the
	// first failure ends the query.
	OnRowError func(row int, err error)
	// Documents, if set (ingestion), gives the structure of the JSON texts in a vector, nil where it is not known.
	Documents func(v *vec.Vector) *jsonindex.Index
}

// Fail reports that row failed. It returns err where the query has to end and nil where evaluation goes on.
func (ec *EvalContext) Fail(out *vec.Vector, row int, err error) error {
	if ec.OnRowError == nil {
		return err
	}
	out.SetNull(row)
	ec.OnRowError(row, err)
	return nil
}

// Accumulator is the vectorised state of one aggregate for many groups. Not safe for concurrent use: one per
// worker, merged at the end.
type Accumulator interface {
	// Resize makes room for groups 0..n-1; new groups are empty. n never shrinks.
	Resize(n int)
	// Add takes rows: row i belongs to group groups[i], or to group 0 where groups is nil. args are vectors of the
	// bound argument types, flat, constant or dictionary form; NULL rows are skipped by the accumulator itself.
	// sel, if not nil, holds one bit per row: rows without a bit are ignored (FILTER).
	Add(groups []uint32, args []*vec.Vector, n int, sel vec.Bitmap) error
	// Merge adds other's group i to group groups[i] (i to i where groups is nil). other is of the same Go type.
	Merge(other Accumulator, groups []uint32) error
	// Result writes groups 0..n-1 to out, which is Reset by it. Strings in out may alias the accumulator.
	Result(n int, out *vec.Vector) error
	// Bytes estimates the memory held.
	Bytes() int
}

// ScaledReader is an Accumulator that may read arguments in vec.FormScaled.
type ScaledReader interface {
	// TakesScaled reports whether Add takes its arguments, DOUBLE, in that form.
	TakesScaled() bool
}

// Reserver is an Accumulator that makes room at once for the groups that are expected.
type Reserver interface {
	// Reserve is called before the first Resize.
	Reserve(groups int)
}

// Positioned is an Accumulator whose result depends on the order of rows: arrays, joined texts, first and last values.
// Told where rows stand, it gives the same however they are split among workers.
type Positioned interface {
	// At is called before an Add: its row i stands at first + rows[i], at first + i where rows is nil. Positions have to
	// differ among all accumulators that are merged; where they do not, and where At is never called, rows stand in the
	// order of Add, and those of the other side of a Merge behind those of the receiver.
	At(first uint64, rows []uint16)
	// Settle ends the numbering: what is merged from now on stands behind, whatever its positions. Each leaf of a query
	// settles before the root merges them in their order.
	Settle()
}

// OrderKey is one key of ORDER BY within an aggregate.
type OrderKey struct {
	Type       catalog.Type
	Descending bool
	NullsFirst bool
}

// BoundAggregate is an aggregate resolved for argument types.
type BoundAggregate struct {
	Name string // canonical: sum, distinctcount
	Type catalog.Type
	Args []catalog.Type // types that the arguments are cast to first; constants such as percentile's are not among them
	New  func() Accumulator
}

// Aggregate is the descriptor of an aggregate function.
type Aggregate struct {
	Name      string
	Aliases   []string
	Family    string
	Signature string
	Doc       string
	Example   string
	// Bind resolves the call; constant parameters (percentile's rank) arrive as Args with Const. star is count(*).
	Bind func(args []Arg, distinct, star bool) (BoundAggregate, error)
	// BindOrdered resolves the call with ORDER BY within: the values of the keys follow the arguments in Args and Add. nil
	// where the order of rows does not change the result.
	BindOrdered func(args []Arg, distinct bool, keys []OrderKey) (BoundAggregate, error)
}

// Registry finds functions by name: case and underscores do not count.
type Registry struct {
	scalars    map[string]*Scalar
	aggregates map[string]*Aggregate
	refused    map[string]string // names that exist elsewhere and are not built here: why, or what to use
	base       *Registry         // asked for what is not here; nil for none
	// own finds further scalars, before all others, by their canonical names, which ownNames lists; nil for none.
	own      func(canonical string) (*Scalar, bool)
	ownNames []string
}

// Refuse gives a registry that knows names of functions which exist in Pinot or PostgreSQL and are not built, each with
// the hint that its error carries. A name that is built is found all the same.
func (r *Registry) Refuse(names map[string]string) *Registry {
	out := *r
	out.refused = make(map[string]string, len(names))
	for name, hint := range names {
		out.refused[Canonical(name)] = hint
	}
	return &out
}

// Refused reports a name that is known and not built: its error is 0A000 with this hint, not 42883.
func (r *Registry) Refused(name string) (hint string, ok bool) {
	hint, ok = r.refused[Canonical(name)]
	if !ok && r.base != nil {
		return r.base.Refused(name)
	}
	return hint, ok
}

// Extend gives a registry that finds scalars first and then what r has: the functions of one session. Names in
// scalars have to differ; they may hide r's.
func (r *Registry) Extend(scalars []Scalar) (*Registry, error) {
	out, err := NewRegistry(scalars, nil)
	if err != nil {
		return nil, err
	}
	out.base = r
	return out, nil
}

// With gives a registry that asks find first, by canonical names, and then has what r has: the functions of one session,
// made when a statement calls them. names are the canonical names that find knows. It costs nothing but itself.
func (r *Registry) With(find func(canonical string) (*Scalar, bool), names []string) *Registry {
	return &Registry{base: r, own: find, ownNames: names}
}

// NewRegistry builds a registry; a name that is declared twice is an error.
func NewRegistry(scalars []Scalar, aggregates []Aggregate) (*Registry, error) {
	r := &Registry{scalars: map[string]*Scalar{}, aggregates: map[string]*Aggregate{}}
	for i := range scalars {
		for _, name := range append([]string{scalars[i].Name}, scalars[i].Aliases...) {
			if _, dup := r.scalars[Canonical(name)]; dup {
				return nil, fmt.Errorf("function %s is declared twice", name)
			}
			r.scalars[Canonical(name)] = &scalars[i]
		}
	}
	for i := range aggregates {
		for _, name := range append([]string{aggregates[i].Name}, aggregates[i].Aliases...) {
			if _, dup := r.aggregates[Canonical(name)]; dup {
				return nil, fmt.Errorf("aggregate %s is declared twice", name)
			}
			r.aggregates[Canonical(name)] = &aggregates[i]
		}
	}
	return r, nil
}

// Canonical is a function name without case and underscores.
func Canonical(name string) string {
	return strings.ReplaceAll(strings.ToLower(name), "_", "")
}

// Scalar finds a scalar function.
func (r *Registry) Scalar(name string) (*Scalar, bool) {
	if r.own != nil {
		if s, ok := r.own(Canonical(name)); ok {
			return s, true
		}
	}
	s, ok := r.scalars[Canonical(name)]
	if !ok && r.base != nil {
		return r.base.Scalar(name)
	}
	return s, ok
}

// Aggregate finds an aggregate function.
func (r *Registry) Aggregate(name string) (*Aggregate, bool) {
	a, ok := r.aggregates[Canonical(name)]
	if !ok && r.base != nil {
		return r.base.Aggregate(name)
	}
	return a, ok
}

// Names lists every canonical name, sorted, for suggestions and docs.
func (r *Registry) Names() []string {
	names := slices.Clone(r.ownNames)
	for n := range r.scalars {
		names = append(names, n)
	}
	for n := range r.aggregates {
		names = append(names, n)
	}
	if r.base != nil {
		names = append(names, r.base.Names()...)
	}
	sort.Strings(names)
	return slices.Compact(names)
}

// NoMatch is the error for argument types that no overload takes, in PostgreSQL's words.
func NoMatch(name string, args []Arg) *errs.Error {
	types := make([]string, len(args))
	for i, a := range args {
		types[i] = strings.ToLower(a.Type.String())
	}
	return errs.User(errs.UndefinedFunction, "function %s(%s) does not exist", name, strings.Join(types, ", "))
}
