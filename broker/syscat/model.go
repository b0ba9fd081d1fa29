package syscat

import (
	"cmp"
	"hash/fnv"
	"slices"
	"sync"

	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/internal/vec"
)

// object is a row of pg_class with what its name, its columns and its definition need.
type object struct {
	oid, namespace uint32
	schema, name   string
	kind           string // relkind
	attrs          []attribute
	table          *table  // of a table or its index
	fixed          bool    // one of the catalog's own
	indexed        *object // of an index of the catalog's own: its table
	unique         bool
}

// attribute is a column of an object.
type attribute struct {
	num         int // 1-based
	name        string
	typ         *typeInfo
	notNull     bool
	defaultText string // expression, "" for none
}

// table is a table with its object ids. A table owns sixteen ids in a row, so that ids of different tables never meet.
type table struct {
	Table
	oid  uint32 // the ids of its row type, array type, index and constraint follow
	rel  *object
	pkey *object // index of the primary key, nil without one
	key  []int   // attribute numbers of the primary key
}

func (t *table) rowType() uint32    { return t.oid + 1 }
func (t *table) arrayType() uint32  { return t.oid + 2 }
func (t *table) indexOID() uint32   { return t.oid + 3 }
func (t *table) constraint() uint32 { return t.oid + 4 }

// name is the table's name, as SQL knows it.
func (t *table) name() string { return t.Config.Name }

// snapshot is the catalog of one set of tables. Immutable; relations are built when they are first scanned.
type snapshot struct {
	c       *Catalog
	tables  []*table // by name
	byOID   map[uint32]*object
	byName  map[string]*object // of schema public
	defs    map[uint32]*table  // constraints
	columns []defaultColumn    // columns with a default, in the order of their ids

	mu    sync.Mutex
	built map[*relation]*built
}

// defaultColumn is a row of pg_attrdef.
type defaultColumn struct {
	oid  uint32
	rel  *object
	attr *attribute
}

type built struct {
	once    sync.Once
	batches []*vec.Batch
	err     error
}

// rows gives the derived rows of a relation.
func (s *snapshot) rows(r *relation) ([]*vec.Batch, error) {
	s.mu.Lock()
	entry := s.built[r]
	if entry == nil {
		entry = &built{}
		s.built[r] = entry
	}
	s.mu.Unlock()
	entry.once.Do(func() {
		b := newBuilder(r)
		r.derived(s, b)
		entry.batches, entry.err = b.finish()
	})
	return entry.batches, entry.err
}

// object finds a relation by its object id.
func (s *snapshot) object(oid uint32) (*object, bool) {
	if o, ok := s.byOID[oid]; ok {
		return o, true
	}
	o, ok := s.c.static.byOID[oid]
	return o, ok
}

// named finds a relation by name; schema "" is the search path.
func (s *snapshot) named(schema, name string) (*object, bool) {
	if schema == "" || schema == schemaCatalog {
		if o, ok := s.c.static.byName[schemaCatalog+"."+name]; ok {
			return o, true
		}
	}
	if schema == "" || schema == schemaPublic {
		if o, ok := s.byName[name]; ok {
			return o, true
		}
	}
	o, ok := s.c.static.byName[schema+"."+name]
	return o, ok
}

// visible reports whether the object is what its bare name means.
func (s *snapshot) visible(o *object) bool {
	found, ok := s.named("", o.name)
	return ok && found == o
}

// relations lists everything in pg_class but indexes: tables first, by name, then the catalog's own.
func (s *snapshot) relations() []*object {
	out := make([]*object, 0, len(s.tables)+len(s.c.static.relations))
	for _, t := range s.tables {
		out = append(out, t.rel)
	}
	return append(out, s.c.static.relations...)
}

// current gives the snapshot of the tables as they are now, and sees to it that the facts are read.
func (c *Catalog) current() (*snapshot, error) {
	s := c.latest()
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.byFunction == nil {
		if err := c.loadContents(); err != nil {
			return nil, err
		}
	}
	return s, nil
}

// latest gives the snapshot of the tables as they are now.
func (c *Catalog) latest() *snapshot {
	now := c.cfg.Tables.Tables()
	byName := func(a, b Table) int { return cmp.Compare(a.Config.Name, b.Config.Name) }
	if !slices.IsSortedFunc(now, byName) {
		slices.SortFunc(now, byName)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if s := c.mu.snapshot; s != nil && len(s.tables) == len(now) {
		same := true
		for i, t := range s.tables {
			same = same && t.Table == now[i]
		}
		if same {
			return s
		}
	}
	c.mu.snapshot = c.newSnapshot(now)
	return c.mu.snapshot
}

// TableOID gives the object id of a table, 0 where there is none of that name.
func (c *Catalog) TableOID(name string) uint32 {
	if one, ok := c.cfg.Tables.(interface {
		Schema(name string) (*catalog.Schema, *catalog.Table, bool)
	}); ok { // without a list of all tables, where that one did not change
		schema, config, _ := one.Schema(name)
		c.mu.Lock()
		s := c.mu.snapshot
		c.mu.Unlock()
		if s != nil {
			if o, found := s.byName[name]; found && o.kind == "r" && o.table.Table == (Table{Schema: schema, Config: config}) {
				return o.oid
			}
		}
	}
	if o, ok := c.latest().byName[name]; ok && o.kind == "r" {
		return o.oid
	}
	return 0
}

// newSnapshot is called with mu held.
func (c *Catalog) newSnapshot(tables []Table) *snapshot {
	s := &snapshot{c: c, byOID: map[uint32]*object{}, byName: map[string]*object{}, defs: map[uint32]*table{},
		built: map[*relation]*built{}}
	c.giveOIDs(tables)
	before := map[Table]*table{}
	if c.mu.snapshot != nil {
		for _, t := range c.mu.snapshot.tables {
			before[t.Table] = t
		}
	}
	for _, t := range tables {
		if same := before[t]; same != nil && same.oid == c.mu.oids[identity(t)] {
			s.add(same)
			continue
		}
		x := &table{Table: t, oid: c.mu.oids[identity(t)]}
		x.rel = &object{oid: x.oid, namespace: oidPublic, schema: schemaPublic, name: x.name(), kind: "r", table: x,
			attrs: make([]attribute, 0, len(t.Schema.Fields))}
		for i := range t.Schema.Fields {
			x.rel.attrs = append(x.rel.attrs, c.attributeOf(i+1, &t.Schema.Fields[i]))
		}
		c.addKey(x)
		s.add(x)
	}
	return s
}

func (c *Catalog) attributeOf(num int, f *catalog.Field) attribute {
	return attribute{num: num, name: f.Name, typ: c.types.fieldType(f.Type), notNull: f.NotNull, defaultText: defaultText(f)}
}

// addKey gives a table the index of its primary key, whose columns are then not NULL.
func (c *Catalog) addKey(t *table) {
	for _, column := range t.Schema.PrimaryKey {
		i := t.Schema.Index(column)
		if i < 0 {
			return
		}
		t.key = append(t.key, i+1)
	}
	if len(t.key) == 0 {
		return
	}
	t.pkey = &object{oid: t.indexOID(), namespace: oidPublic, schema: schemaPublic, name: t.name() + "_pkey", kind: "i", table: t}
	for i, num := range t.key {
		a := &t.rel.attrs[num-1]
		a.notNull = true
		t.pkey.attrs = append(t.pkey.attrs, attribute{num: i + 1, name: a.name, typ: a.typ})
	}
}

func (s *snapshot) add(t *table) {
	s.tables = append(s.tables, t)
	s.byOID[t.oid], s.byName[t.name()] = t.rel, t.rel
	if t.pkey != nil {
		s.byOID[t.pkey.oid] = t.pkey
		if _, taken := s.byName[t.pkey.name]; !taken {
			s.byName[t.pkey.name] = t.pkey
		}
		s.defs[t.constraint()] = t
	}
	for i := range t.rel.attrs {
		if a := &t.rel.attrs[i]; a.defaultText != "" {
			s.columns = append(s.columns, defaultColumn{oid: firstTable + uint32(len(s.columns)), rel: t.rel, attr: a})
		}
	}
}

// identity is what a table's object ids hang on: they stay as long as the table does, and are others for a table that is
// made again.
func identity(t Table) string {
	if t.Config.Incarnation != "" {
		return t.Config.Incarnation
	}
	return t.Config.Name
}

// giveOIDs gives every table its ids: from the hash of its identity, so that every broker gives the same, and after a
// restart again. Two tables whose hashes meet are told apart in the order of their identities.
func (c *Catalog) giveOIDs(tables []Table) {
	wanted := make([]string, 0, len(tables))
	for _, t := range tables {
		wanted = append(wanted, identity(t))
	}
	slices.Sort(wanted)
	next := make(map[string]uint32, len(wanted))
	used := make(map[uint32]bool, len(wanted))
	for _, id := range wanted {
		if oid, ok := c.mu.oids[id]; ok {
			next[id], used[oid] = oid, true
		}
	}
	for _, id := range wanted {
		if _, ok := next[id]; ok {
			continue
		}
		h := fnv.New64a()
		if _, err := h.Write([]byte(id)); err != nil { // never fails
			continue
		}
		slot := h.Sum64() % tableSlots
		for used[firstTable+uint32(slot)*tableOIDs] {
			slot = (slot + 1) % tableSlots
		}
		next[id] = firstTable + uint32(slot)*tableOIDs
		used[next[id]] = true
	}
	c.mu.oids = next
}

// Object ids fit an int32, which is what some clients keep them in.
const (
	tableOIDs  = 16
	tableSlots = (1<<31 - firstTable) / tableOIDs
)
