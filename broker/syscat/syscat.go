// Package syscat is the catalog as relations: pg_catalog and information_schema with the columns of PostgreSQL 15, and
// freshet with what Freshet itself has to tell. They are scan sources of the query engine: nothing here knows SQL. The
// functions that go with them (names to object ids and back, sizes, privileges, definitions) are functions of a session.
//
// Rows come from three places. Facts that are the same everywhere (types, operators, the catalog relations themselves)
// are tables of text in data/, written by test/pgfacts and parsed at their first scan. Rows that follow from the tables
// are built once per change of any table. Rows about what happens now (sessions, queries, partitions, settings) are built
// by each scan. What is the session's (database, user) is a constant column that the scan puts in.
//
// Concurrency: a Catalog is shared by all sessions. Locks: Catalog.mu protects the present snapshot and the object ids
// that were given out; Config's interfaces are not called while it is held, except Tables. Each snapshot builds a
// relation once, under that relation's sync.Once.
package syscat

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/internal/clock"
	"github.com/freshetdb/freshet/internal/errs"
	"github.com/freshetdb/freshet/internal/vec"
	"github.com/freshetdb/freshet/query/function"
)

// Column is one column of a catalog relation.
type Column struct {
	Name string
	Type catalog.Type
	// OID is PostgreSQL's type on the wire, where domains are the type they stand for.
	OID uint32
}

// Relation describes a catalog relation. Immutable.
type Relation struct {
	Schema, Name string
	Columns      []Column
	// System are columns that every relation has and * does not show. For Scan their positions follow those of Columns.
	System []Column
}

// Catalog has the relations and what they are made of. Safe for concurrent use.
type Catalog struct {
	cfg       Config
	relations map[string]map[string]*relation // by schema and name
	types     *typeTable
	facts     *factStore
	calls     []scalarCall
	plain     []function.Scalar // that need no session
	byName    map[string]int    // positions in calls, then in plain, by canonical name
	zones     zones
	comments  comments

	// Read by the first scan or call.
	static     *staticObjects
	functions  []functionFact
	byFunction map[int64]*functionFact

	mu struct {
		sync.Mutex
		snapshot *snapshot
		oids     map[string]uint32 // given out, by incarnation
	}
}

// relation is a Relation with its sources of rows. Any of them may be missing.
type relation struct {
	Relation
	oid   uint32         // in pg_class
	index map[string]int // column positions
	facts *facts         // rows that are the same everywhere
	// derived rows follow from the tables: they are built once per snapshot.
	derived func(s *snapshot, b *builder)
	// live rows are built by each scan.
	live func(ctx context.Context, q *request, b *builder) error
	// personal columns are the session's: one value for all rows, whatever the other sources say.
	personal map[int]func(Session) catalog.Value
	// fresh columns of the derived rows are computed by each scan, in the order of the rows.
	fresh map[int]freshColumn
}

// freshColumn appends the present values of a column.
type freshColumn = func(ctx context.Context, q *request, b *builder) error

// request is one scan.
type request struct {
	c        *Catalog
	snapshot *snapshot
	session  Session
}

func (c *Catalog) request(session Session) (*request, error) {
	s, err := c.current()
	return &request{c: c, session: session, snapshot: s}, err
}

// New makes a catalog. Config.Tables is required; what else is missing has no rows.
func New(cfg Config) (*Catalog, error) {
	if cfg.Tables == nil {
		return nil, errs.Bug("syscat.Config needs Tables")
	}
	if cfg.Clock == nil {
		cfg.Clock = clock.Real{}
	}
	if cfg.Started.IsZero() {
		cfg.Started = cfg.Clock.Now()
	}
	c := &Catalog{cfg: cfg, calls: allCalls(), relations: map[string]map[string]*relation{}, facts: &factStore{tables: map[string]*factTable{}}}
	c.mu.oids = map[string]uint32{}
	if err := c.load(); err != nil {
		return nil, fmt.Errorf("catalog facts: %w", err)
	}
	c.plain = []function.Scalar{typeofScalar(c.types), parseIdentScalar()}
	if err := c.indexCalls(); err != nil {
		return nil, err
	}
	return c, nil
}

// load reads the facts that every name needs and declares the relations.
func (c *Catalog) load() error {
	var err error
	if c.types, err = loadTypes(); err != nil {
		return err
	}
	if err := c.declareFacts(); err != nil {
		return err
	}
	c.declareOwn()
	return c.declareRows()
}

// loadContents reads the facts that only scans and calls need. It is called once, with mu held, before there is a
// snapshot.
func (c *Catalog) loadContents() error {
	var err error
	if c.static, err = loadStaticObjects(c); err != nil {
		return err
	}
	if c.functions, err = loadFunctions(c); err != nil {
		return err
	}
	c.byFunction = make(map[int64]*functionFact, len(c.functions))
	for i := range c.functions {
		c.byFunction[int64(c.functions[i].oid)] = &c.functions[i]
	}
	return nil
}

// Relation finds a relation by its exact name. Schema "" is the search path, which begins with pg_catalog; relations of
// other schemas need theirs.
func (c *Catalog) Relation(schema, name string) (*Relation, bool) {
	r, ok := c.find(schema, name)
	if !ok {
		return nil, false
	}
	return &r.Relation, true
}

func (c *Catalog) find(schema, name string) (*relation, bool) {
	if schema == "" {
		schema = schemaCatalog
	}
	r, ok := c.relations[schema][name]
	return r, ok
}

// Names lists the relations as schema.name, sorted.
func (c *Catalog) Names() []string {
	var names []string
	for schema, relations := range c.relations {
		for name := range maps.Keys(relations) {
			names = append(names, schema+"."+name)
		}
	}
	slices.Sort(names)
	return names
}

// For gives the relations as session sees them: an exec.Relations.
func (c *Catalog) For(session Session) *Bound { return &Bound{c: c, session: session} }

// Bound is the catalog of one session. Safe for concurrent use if the session's Info and Settings are.
type Bound struct {
	c       *Catalog
	session Session
}

// Scan implements exec.Relations.
func (b *Bound) Scan(ctx context.Context, schema, name string, columns []int) ([]*vec.Batch, error) {
	return b.c.Scan(ctx, b.session, schema, name, columns)
}

// Scan gives all rows of a relation, only the columns at the given positions, in their order. Batches are immutable.
func (c *Catalog) Scan(ctx context.Context, session Session, schema, name string, columns []int) ([]*vec.Batch, error) {
	r, ok := c.find(schema, name)
	if !ok {
		return nil, errs.User(errs.UndefinedTable, "relation %q does not exist", schema+"."+name)
	}
	for _, position := range columns {
		if position < 0 || position >= len(r.Columns)+len(r.System) {
			return nil, errs.Bug("scan %s.%s: column position %d of %d", schema, name, position, len(r.Columns))
		}
	}
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("scan %s.%s: %w", r.Schema, r.Name, err)
	}
	q, err := c.request(session)
	if err != nil {
		return nil, err
	}
	var out []*vec.Batch
	if r.facts != nil {
		batches, err := r.facts.load(r)
		if err != nil {
			return nil, err
		}
		out = r.project(out, batches, columns, session)
	}
	if r.derived != nil {
		batches, err := q.snapshot.rows(r)
		if err != nil {
			return nil, err
		}
		if batches, err = r.refresh(ctx, q, batches, columns); err != nil {
			return nil, err
		}
		out = r.project(out, batches, columns, session)
	}
	if r.live != nil {
		b := newBuilder(r)
		if err := r.live(ctx, q, b); err != nil {
			return nil, fmt.Errorf("scan %s.%s: %w", r.Schema, r.Name, err)
		}
		batches, err := b.finish()
		if err != nil {
			return nil, err
		}
		out = r.project(out, batches, columns, session)
	}
	return out, nil
}

// Warm reads what the first statements of clients would otherwise wait for: the facts, and the rows of the tables as they
// are now.
func (c *Catalog) Warm(ctx context.Context) error {
	q, err := c.request(nil)
	if err != nil {
		return err
	}
	if _, err := c.comments.load(c.facts); err != nil {
		return err
	}
	for _, name := range c.Names() {
		if err := ctx.Err(); err != nil {
			return fmt.Errorf("read the catalog: %w", err)
		}
		schema, relation, _ := strings.Cut(name, ".")
		r, _ := c.find(schema, relation)
		if r.facts != nil {
			if _, err := r.facts.load(r); err != nil {
				return err
			}
		}
		if r.derived != nil {
			if _, err := q.snapshot.rows(r); err != nil {
				return err
			}
		}
	}
	return nil
}

// project adds the wanted columns of batches to out.
func (r *relation) project(out, batches []*vec.Batch, columns []int, session Session) []*vec.Batch {
	for _, b := range batches {
		p := &vec.Batch{Rows: b.Rows, Cols: make([]*vec.Vector, len(columns))}
		for i, c := range columns {
			if c >= len(r.Columns) {
				v := &vec.Vector{}
				v.SetConst(r.systemValue(c-len(r.Columns)), b.Rows)
				p.Cols[i] = v
				continue
			}
			value, personal := r.personal[c]
			if !personal {
				p.Cols[i] = b.Cols[c]
				continue
			}
			v := &vec.Vector{}
			v.SetConst(value(session), b.Rows)
			p.Cols[i] = v
		}
		out = append(out, p)
	}
	return out
}

// systemColumns are PostgreSQL's system columns that clients ask of catalog relations.
func systemColumns() []Column {
	return []Column{{Name: "tableoid", Type: catalog.Long, OID: 26}, {Name: "xmin", Type: catalog.Long, OID: 28}}
}

// systemValue gives the value of a system column: the relation's own object id, and a transaction that is long over.
func (r *relation) systemValue(i int) catalog.Value {
	if i == 0 {
		return catalog.LongValue(int64(r.oid))
	}
	return catalog.LongValue(1)
}

// refresh gives batches with the wanted fresh columns as they are now.
func (r *relation) refresh(ctx context.Context, q *request, batches []*vec.Batch, columns []int) ([]*vec.Batch, error) {
	wanted := false
	for _, c := range columns {
		wanted = wanted || r.fresh[c] != nil
	}
	if !wanted {
		return batches, nil
	}
	out := make([]*vec.Batch, len(batches))
	for i, b := range batches {
		out[i] = &vec.Batch{Rows: b.Rows, Cols: slices.Clone(b.Cols)}
	}
	for _, c := range columns {
		fill := r.fresh[c]
		if fill == nil {
			continue
		}
		b := newColumnBuilder(r, c)
		if err := fill(ctx, q, b); err != nil {
			return nil, fmt.Errorf("scan %s.%s: %w", r.Schema, r.Name, err)
		}
		now, err := b.finish()
		if err != nil {
			return nil, err
		}
		if len(now) != len(out) {
			return nil, errs.Bug("%s.%s: column %s has %d batches of %d", r.Schema, r.Name, r.Columns[c].Name, len(now), len(out))
		}
		for i := range out {
			out[i].Cols[c] = now[i].Cols[0]
		}
	}
	return out, nil
}
