// Package controller decides what tables exist: it validates schemas and table configs, checks that their transforms
// compile, and writes them to the cluster store, which servers and brokers watch. One controller leads; every write is
// a compare-and-set, so two that both believe to lead cannot lose each other's changes.
//
// Lock order: Controller.mu is taken for local bookkeeping only and never held across a call to the store.
package controller

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"sort"

	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/cluster"
	"github.com/freshetdb/freshet/internal/clock"
	"github.com/freshetdb/freshet/internal/errs"
)

// MaxTables bounds the tables of one cluster.
const MaxTables = 10_000

// Errors of the admin API, told apart by its HTTP status.
var (
	// ErrNotFound: the schema or table does not exist.
	ErrNotFound = errors.New("not found")
	// ErrExists: the schema or table exists already.
	ErrExists = errors.New("exists already")
	// ErrInUse: a table still uses the schema.
	ErrInUse = errors.New("in use")
)

// Checker compiles what a table asks of ingestion (transforms, filter) without running it.
type Checker func(*catalog.Schema, *catalog.Table) error

// Ingestion is what servers tell and do about a table. Declared here, implemented by the server role.
type Ingestion interface {
	// Status tells of every partition of the table; ok is false while no server knows the table.
	Status(table string) (status TableStatus, ok bool)
	// ForceCommit freezes the consuming segments now.
	ForceCommit(ctx context.Context, table string) error
	// Pause stops consumption, Resume goes on. Both return once the partitions have taken note.
	Pause(ctx context.Context, table string) error
	Resume(ctx context.Context, table string) error
	// Reset takes partitions out of ERROR by one of the choices that their status names: reset, skip.
	Reset(ctx context.Context, table, choice string) error
}

// TableStatus is the state of a table on its servers.
type TableStatus struct {
	Problem    string // why partitions are missing: brokers unreachable, topic missing; "" if nothing is wrong
	Partitions []PartitionStatus
	Gaps       []Gap
	Rejected   []RejectedRecord // newest samples
}

// PartitionStatus is the state of one stream partition.
type PartitionStatus struct {
	Partition            int32
	State                string // CONSUMING, PAUSED, ERROR ...
	Reason               string // why it is paused or in error, and the choices
	Consuming            string // name of the consuming segment
	ConsumingStartOffset int64
	ConsumingRows        int64
	NextOffset           int64
	HighWatermark        int64
	LagOffsets           int64
	LagMillis            int64
	LastConsumedMillis   int64
	NewestMillis         int64
	Rows                 int64
	RejectedRecords      int64
	ImplausibleTimes     int64
	Segments             []SegmentStatus
}

// SegmentStatus is one segment that a server hosts or consumes.
type SegmentStatus struct {
	Name      string
	Sequence  int64
	Status    string // IN_PROGRESS, COMMITTING, DONE
	Damage    string // "" if sound
	Rows      int64
	Bytes     int64
	Start     int64
	End       int64
	CRC       uint32
	MinMillis int64
	MaxMillis int64
	HasTime   bool
	Created   int64
}

// Gap is a durable record of offsets that were not consumed, or of a log that was replaced.
type Gap struct {
	Partition int32  `json:"partition"`
	From      int64  `json:"from"`
	To        int64  `json:"to"` // left out are From to To-1 where To is larger
	Reason    string `json:"reason"`
	Millis    int64  `json:"time"`
}

// RejectedRecord is a sample of a record that became no row.
type RejectedRecord struct {
	Topic     string `json:"topic"`
	Partition int32  `json:"partition"`
	Offset    int64  `json:"offset"`
	Reason    string `json:"reason"`
}

// Controller is the controller role. Safe for concurrent use.
type Controller struct {
	store cluster.Store
	check Checker
	clock clock.Clock
	log   *slog.Logger
	// changed is called after each change, before the caller has its answer.
	changed func(ctx context.Context) error
}

// New makes a controller over the cluster store. changed, if not nil, is called after each change, before the caller has
// its answer: roles of the same process see the change then.
func New(store cluster.Store, check Checker, changed func(ctx context.Context) error, c clock.Clock, log *slog.Logger) *Controller {
	if changed == nil {
		changed = func(context.Context) error { return nil }
	}
	return &Controller{store: store, check: check, changed: changed, clock: c, log: log}
}

// Accepted is the answer to a change of a schema or table.
type Accepted struct {
	Name         string
	Unrecognized map[string]any
	Warnings     []string
}

// PutSchema adds a schema, or replaces it where override is set. A change that existing tables could not read is refused
// unless force is set.
func (c *Controller) PutSchema(ctx context.Context, data []byte, override, force bool) (Accepted, error) {
	s, unrecognized, err := catalog.ParseSchema(data)
	if err != nil {
		return Accepted{}, err
	}
	clean, err := catalog.WithoutProperties(data, unrecognized)
	if err != nil {
		return Accepted{}, err
	}
	old, rev, err := c.schemaRecord(ctx, s.Name)
	if err != nil && !errors.Is(err, ErrNotFound) {
		return Accepted{}, err
	}
	record := cluster.SchemaRecord{Name: s.Name, Version: 1, Schema: clean, UpdatedMillis: c.clock.Now().UnixMilli()}
	if rev != 0 {
		if !override {
			return Accepted{}, fmt.Errorf("schema %s %w; post it with override=true to replace it", s.Name, ErrExists)
		}
		before, _, err := catalog.ParseSchema(old.Schema)
		if err != nil {
			return Accepted{}, fmt.Errorf("cannot read stored schema %s: %w", s.Name, err)
		}
		if problem := incompatible(before, s); problem != "" && !force {
			return Accepted{}, errs.User(errs.InvalidParameterValue, "schema %s cannot change so: %s", s.Name, problem)
		}
		record.Version = old.Version + 1
	}
	if err := c.writeSchema(ctx, record, rev, s); err != nil {
		return Accepted{}, err
	}
	c.log.Info("schema written", "schema", s.Name, "version", record.Version)
	return Accepted{Name: s.Name, Unrecognized: unrecognized}, nil
}

// writeSchema writes a schema, and into the record of its table if there is one, in one transaction: servers watch tables.
func (c *Controller) writeSchema(ctx context.Context, record cluster.SchemaRecord, rev int64, s *catalog.Schema) error {
	op, err := write(record.Key(), record)
	if err != nil {
		return err
	}
	conds, ops := []cluster.Cond{{Key: op.Key, Revision: rev}}, []cluster.Op{op}
	table, tableRev, err := c.tableRecord(ctx, record.Name)
	switch {
	case errors.Is(err, ErrNotFound):
		conds = append(conds, cluster.Cond{Key: cluster.TableKey(record.Name)})
	case err != nil:
		return err
	default:
		t, _, _, err := catalog.ParseTable(table.Config, s)
		if err != nil {
			return fmt.Errorf("table %s would not fit the schema: %w", record.Name, err)
		}
		if err := c.check(s, t); err != nil {
			return fmt.Errorf("table %s would not fit the schema: %w", record.Name, err)
		}
		table.Schema, table.SchemaVersion, table.UpdatedMillis = record.Schema, record.Version, record.UpdatedMillis
		tableOp, err := write(table.Key(), table)
		if err != nil {
			return err
		}
		conds, ops = append(conds, cluster.Cond{Key: tableOp.Key, Revision: tableRev}), append(ops, tableOp)
	}
	return c.txn(ctx, conds, ops)
}

// incompatible says why rows of the old schema could not be read with the new one.
func incompatible(before, after *catalog.Schema) string {
	for _, f := range before.Fields {
		g, ok := after.Field(f.Name)
		switch {
		case !ok:
			return fmt.Sprintf("column %q is missing", f.Name)
		case g.Type != f.Type:
			return fmt.Sprintf("column %q was %s and would be %s", f.Name, f.Type, g.Type)
		case g.Kind != f.Kind:
			return fmt.Sprintf("column %q would change its role", f.Name)
		}
	}
	return ""
}

// DeleteSchema removes a schema that no table uses.
func (c *Controller) DeleteSchema(ctx context.Context, name string) error {
	_, rev, err := c.schemaRecord(ctx, name)
	if err != nil {
		return err
	}
	if _, _, err := c.tableRecord(ctx, name); err == nil {
		return fmt.Errorf("schema %s is %w by table %s; delete the table first", name, ErrInUse, name)
	} else if !errors.Is(err, ErrNotFound) {
		return err
	}
	return c.txn(ctx, []cluster.Cond{{Key: cluster.SchemaKey(name), Revision: rev}, {Key: cluster.TableKey(name)}},
		[]cluster.Op{{Key: cluster.SchemaKey(name), Delete: true}})
}

// Schema gives a schema's JSON.
func (c *Controller) Schema(ctx context.Context, name string) (json.RawMessage, error) {
	record, _, err := c.schemaRecord(ctx, name)
	return record.Schema, err
}

// Schemas lists the names of all schemas, sorted.
func (c *Controller) Schemas(ctx context.Context) ([]string, error) {
	records, _, err := cluster.ListSchemas(ctx, c.store)
	if err != nil {
		return nil, err
	}
	names := make([]string, 0, len(records))
	for _, r := range records {
		names = append(names, r.Record.Name)
	}
	sort.Strings(names)
	return names, nil
}

// CreateTable adds a table whose schema exists.
func (c *Controller) CreateTable(ctx context.Context, data []byte) (Accepted, error) {
	name, err := catalog.TableNameOf(data)
	if err != nil {
		return Accepted{}, err
	}
	schema, schemaRev, err := c.schemaRecord(ctx, name)
	if errors.Is(err, ErrNotFound) {
		return Accepted{}, errs.User(errs.UndefinedObject, "table %s has no schema: post a schema with schemaName %q to /schemas first", name, name)
	}
	if err != nil {
		return Accepted{}, err
	}
	record, accepted, err := c.prepare(data, schema.Schema)
	if err != nil {
		return Accepted{}, err
	}
	record.SchemaVersion = schema.Version
	if err := c.room(ctx, name); err != nil {
		return Accepted{}, err
	}
	op, err := write(cluster.TableKey(name), record)
	if err != nil {
		return Accepted{}, err
	}
	err = c.txn(ctx, []cluster.Cond{{Key: cluster.SchemaKey(name), Revision: schemaRev}, {Key: cluster.TableKey(name)}}, []cluster.Op{op})
	if err != nil {
		return Accepted{}, err
	}
	c.log.Info("table created", "table", name, "incarnation", record.Incarnation)
	return accepted, nil
}

// room refuses a table that exists, or one too many.
func (c *Controller) room(ctx context.Context, name string) error {
	names, err := c.Tables(ctx)
	if err != nil {
		return err
	}
	for _, n := range names {
		if n == name {
			return fmt.Errorf("table %s_REALTIME %w; PUT it to change it", name, ErrExists)
		}
	}
	if len(names) >= MaxTables {
		return errs.New(errs.ClassExhausted, errs.ConfigurationLimit, "there are %d tables already, at most %d", len(names), MaxTables)
	}
	return nil
}

// prepare validates a config against a schema and makes its record, with a new incarnation.
func (c *Controller) prepare(data, schemaJSON []byte) (cluster.TableRecord, Accepted, error) {
	var none cluster.TableRecord
	s, _, err := catalog.ParseSchema(schemaJSON)
	if err != nil {
		return none, Accepted{}, err
	}
	t, warnings, unrecognized, err := catalog.ParseTable(data, s)
	if err != nil {
		return none, Accepted{}, err
	}
	if err := c.check(s, t); err != nil {
		return none, Accepted{}, err
	}
	clean, err := catalog.WithoutProperties(data, unrecognized)
	if err != nil {
		return none, Accepted{}, err
	}
	var id [8]byte
	if _, err := rand.Read(id[:]); err != nil {
		return none, Accepted{}, fmt.Errorf("cannot make a table id: %w", err)
	}
	record := cluster.TableRecord{Name: t.Name, Incarnation: hex.EncodeToString(id[:]), Version: 1, SchemaVersion: 1, Config: clean, Schema: schemaJSON,
		CreatedMillis: c.clock.Now().UnixMilli()}
	return record, Accepted{Name: t.Name, Unrecognized: unrecognized, Warnings: warnings}, nil
}

// UpdateTable replaces a table's config. The stream and its topic cannot change: that is another table.
func (c *Controller) UpdateTable(ctx context.Context, name string, data []byte) (Accepted, error) {
	got, err := catalog.TableNameOf(data)
	if err != nil {
		return Accepted{}, err
	}
	if got != name {
		return Accepted{}, errs.User(errs.InvalidParameterValue, "the config names table %s, the path names %s", got, name)
	}
	old, rev, err := c.tableRecord(ctx, name)
	if err != nil {
		return Accepted{}, err
	}
	schema, _, err := c.schemaRecord(ctx, name)
	if err != nil {
		return Accepted{}, err
	}
	record, accepted, err := c.prepare(data, schema.Schema)
	if err != nil {
		return Accepted{}, err
	}
	if err := sameStream(old.Config, data); err != nil {
		return Accepted{}, err
	}
	record.Incarnation, record.Version, record.SchemaVersion = old.Incarnation, old.Version+1, schema.Version
	record.UpdatedMillis, record.CreatedMillis = record.CreatedMillis, old.CreatedMillis
	if err := c.put(ctx, cluster.TableKey(name), rev, record); err != nil {
		return Accepted{}, err
	}
	c.log.Info("table updated", "table", name, "version", record.Version)
	return accepted, nil
}

func sameStream(before, after []byte) error {
	a, _, _, errA := catalog.ParseTable(before, nil)
	b, _, _, errB := catalog.ParseTable(after, nil)
	if err := errors.Join(errA, errB); err != nil {
		return err
	}
	if a.Stream.Topic != b.Stream.Topic {
		return errs.User(errs.InvalidParameterValue, "the topic cannot change from %s to %s: offsets of one mean nothing in the other; delete the table and create it again",
			a.Stream.Topic, b.Stream.Topic)
	}
	return nil
}

// DeleteTable removes a table. Servers drop its segments when they see it go.
func (c *Controller) DeleteTable(ctx context.Context, name string) error {
	_, rev, err := c.tableRecord(ctx, name)
	if err != nil {
		return err
	}
	key := cluster.TableKey(name)
	if err := c.txn(ctx, []cluster.Cond{{Key: key, Revision: rev}}, []cluster.Op{{Key: key, Delete: true}}); err != nil {
		return err
	}
	c.log.Info("table deleted", "table", name)
	return nil
}

// Table gives a table's config JSON.
func (c *Controller) Table(ctx context.Context, name string) (json.RawMessage, error) {
	record, _, err := c.tableRecord(ctx, name)
	return record.Config, err
}

// Tables lists the raw names of all tables, sorted.
func (c *Controller) Tables(ctx context.Context) ([]string, error) {
	records, _, err := cluster.ListTables(ctx, c.store)
	if err != nil {
		return nil, err
	}
	names := make([]string, 0, len(records))
	for _, r := range records {
		names = append(names, r.Record.Name)
	}
	sort.Strings(names)
	return names, nil
}

// CreateTableConfigs adds a schema and its table in one transaction.
func (c *Controller) CreateTableConfigs(ctx context.Context, name string, schemaJSON, tableJSON []byte) (Accepted, error) {
	s, unrecognizedSchema, err := catalog.ParseSchema(schemaJSON)
	if err != nil {
		return Accepted{}, err
	}
	tableName, err := catalog.TableNameOf(tableJSON)
	if err != nil {
		return Accepted{}, err
	}
	if s.Name != name || tableName != name {
		return Accepted{}, errs.User(errs.InvalidParameterValue, "names differ: tableName %q, schema %q, realtime table %q", name, s.Name, tableName)
	}
	clean, err := catalog.WithoutProperties(schemaJSON, unrecognizedSchema)
	if err != nil {
		return Accepted{}, err
	}
	record, accepted, err := c.prepare(tableJSON, clean)
	if err != nil {
		return Accepted{}, err
	}
	if err := c.room(ctx, name); err != nil {
		return Accepted{}, err
	}
	if _, _, err := c.schemaRecord(ctx, name); err == nil {
		return Accepted{}, fmt.Errorf("schema %s %w; PUT /tableConfigs/%s to change it", name, ErrExists, name)
	} else if !errors.Is(err, ErrNotFound) {
		return Accepted{}, err
	}
	schemaOp, err := write(cluster.SchemaKey(name), cluster.SchemaRecord{Name: name, Version: 1, Schema: clean, UpdatedMillis: record.CreatedMillis})
	if err != nil {
		return Accepted{}, err
	}
	tableOp, err := write(cluster.TableKey(name), record)
	if err != nil {
		return Accepted{}, err
	}
	err = c.txn(ctx, []cluster.Cond{{Key: schemaOp.Key}, {Key: tableOp.Key}}, []cluster.Op{schemaOp, tableOp})
	if err != nil {
		return Accepted{}, err
	}
	accepted.Unrecognized = merged(unrecognizedSchema, accepted.Unrecognized)
	c.log.Info("schema and table created", "table", name, "incarnation", record.Incarnation)
	return accepted, nil
}

// merged puts the pointers of both parts of a tableConfigs document under the names that it gives them.
func merged(schema, table map[string]any) map[string]any {
	out := map[string]any{}
	for k, v := range schema {
		out["/schema"+k] = v
	}
	for k, v := range table {
		out["/realtime"+k] = v
	}
	return out
}

func (c *Controller) schemaRecord(ctx context.Context, name string) (cluster.SchemaRecord, int64, error) {
	stored, found, err := cluster.GetSchema(ctx, c.store, name)
	if err == nil && !found {
		err = fmt.Errorf("schema %s %w", name, ErrNotFound)
	}
	return stored.Record, stored.Revision, err
}

func (c *Controller) tableRecord(ctx context.Context, name string) (cluster.TableRecord, int64, error) {
	stored, found, err := cluster.GetTable(ctx, c.store, name)
	if err == nil && !found {
		err = fmt.Errorf("table %s %w", name, ErrNotFound)
	}
	return stored.Record, stored.Revision, err
}

// encoder is a typed record.
type encoder interface{ Encode() ([]byte, error) }

func write(key string, record encoder) (cluster.Op, error) {
	value, err := record.Encode()
	return cluster.Op{Key: key, Value: value}, err
}

func (c *Controller) put(ctx context.Context, key string, revision int64, record encoder) error {
	op, err := write(key, record)
	if err != nil {
		return err
	}
	return c.txn(ctx, []cluster.Cond{{Key: key, Revision: revision}}, []cluster.Op{op})
}

func (c *Controller) txn(ctx context.Context, conds []cluster.Cond, ops []cluster.Op) error {
	ok, _, err := c.store.Txn(ctx, conds, ops)
	if err != nil {
		return fmt.Errorf("cannot write %s to the cluster store: %w", ops[0].Key, err)
	}
	if !ok {
		return errs.New(errs.ClassUnavailable, errs.CannotConnectNow, "%s was changed by someone else at the same time: look at it and try again", ops[0].Key)
	}
	return c.changed(ctx)
}
