package server

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"time"

	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/cluster"
	"github.com/freshetdb/freshet/cluster/tables"
	"github.com/freshetdb/freshet/ingest"
	"github.com/freshetdb/freshet/internal/errs"
	"github.com/freshetdb/freshet/internal/lifecycle"
)

// table is one incarnation of a table, hosted here.
type table struct {
	s           *Server
	name        string
	incarnation string
	log         *slog.Logger
	group       *lifecycle.Group

	mu struct {
		sync.RWMutex
		entry      tables.Entry
		stream     ingest.Stream
		letters    ingest.DeadLetters
		endLetters func()
		partitions map[int32]*hosted
		paused     string
		loaded     bool   // committed partitions are open
		discovered bool   // the topic's partitions were listed since the start
		problem    string // why there are no partitions yet
		stopping   bool
	}
}

// newTable makes a table; start starts it.
func (s *Server) newTable(e tables.Entry) *table {
	t := &table{s: s, name: e.Table.Name, incarnation: e.Table.Incarnation, log: s.log.With("table", e.Table.Name)}
	t.mu.entry, t.mu.partitions = e, map[int32]*hosted{}
	return t
}

func (t *table) start(ctx context.Context) {
	t.group = lifecycle.NewGroup(ctx)
	t.group.Go("table "+t.name, t.run)
}

// stop ends the table's goroutines and releases its partitions. Queries keep what they pinned.
func (t *table) stop() {
	t.mu.Lock()
	t.mu.stopping = true
	t.mu.Unlock()
	if err := t.group.Stop(); err != nil && !errors.Is(err, context.Canceled) {
		t.log.Error("table stopped with an error", "error", err)
	}
	t.mu.Lock()
	parts := t.mu.partitions
	t.mu.partitions = map[int32]*hosted{}
	stream, end := t.mu.stream, t.mu.endLetters
	t.mu.stream, t.mu.endLetters = nil, nil
	t.mu.Unlock()
	for _, p := range parts {
		p.close()
	}
	if stream != nil {
		stream.Close()
	}
	if end != nil {
		end()
	}
}

// spawn runs f beside the table unless it is being stopped.
func (t *table) spawn(name string, f func(ctx context.Context) error) {
	t.mu.RLock()
	defer t.mu.RUnlock()
	if !t.mu.stopping {
		t.group.Go(name, f)
	}
}

func (t *table) entry() tables.Entry {
	t.mu.RLock()
	defer t.mu.RUnlock()
	return t.mu.entry
}

// partitionList gives the hosted partitions in order.
func (t *table) partitionList() []*hosted {
	t.mu.RLock()
	defer t.mu.RUnlock()
	return t.sortedLocked()
}

func (t *table) sortedLocked() []*hosted {
	out := make([]*hosted, 0, len(t.mu.partitions))
	for _, p := range t.mu.partitions {
		out = append(out, p)
	}
	slices.SortFunc(out, func(a, b *hosted) int { return int(a.id) - int(b.id) })
	return out
}

// run opens what is committed, then finds the topic's partitions, again and again.
func (t *table) run(ctx context.Context) error {
	for !t.try(ctx, "cannot open the table", t.open) {
		if !t.s.wait(ctx, t.s.cfg.RetryDelay) {
			return ctx.Err()
		}
	}
	for {
		d := t.s.cfg.DiscoverEvery
		if !t.try(ctx, "cannot find the topic's partitions", t.discover) {
			d = t.s.cfg.RetryDelay
		}
		if !t.s.wait(ctx, d) {
			return ctx.Err()
		}
	}
}

// try runs f; a failure is shown as the table's problem, and each new one logged once.
func (t *table) try(ctx context.Context, what string, f func(context.Context) error) bool {
	err := f(ctx)
	problem := ""
	if err != nil {
		problem = fmt.Sprintf("%s: %v", what, err)
	}
	t.mu.Lock()
	old := t.mu.problem
	t.mu.problem = problem
	t.mu.Unlock()
	switch {
	case ctx.Err() != nil:
	case problem != "" && problem != old:
		t.log.Warn("table waits", "reason", problem)
	case problem == "" && old != "":
		t.log.Info("table goes on")
	}
	return err == nil
}

// open connects the stream and starts every partition that has records. It does not need the stream to answer.
func (t *table) open(ctx context.Context) error {
	if err := t.connect(); err != nil {
		return err
	}
	paused, err := t.readPause(ctx)
	if err != nil {
		return err
	}
	t.mu.Lock()
	t.mu.paused = paused
	t.mu.Unlock()
	parts, _, err := cluster.ListPartitions(ctx, t.s.cfg.Store, t.incarnation)
	if err != nil {
		return err
	}
	for _, p := range parts {
		if err := t.startPartition(ctx, p.Record.Partition); err != nil {
			return err
		}
	}
	t.mu.Lock()
	t.mu.loaded = true
	t.mu.Unlock()
	return nil
}

func (t *table) connect() error {
	t.mu.RLock()
	done, e := t.mu.stream != nil, t.mu.entry
	t.mu.RUnlock()
	if done {
		return nil
	}
	stream, err := t.s.cfg.Streams(e.Table)
	if err != nil {
		return err
	}
	var letters ingest.DeadLetters
	var end func()
	if e.Table.Ingestion.DeadLetterTopic != "" {
		if t.s.cfg.DeadLetters == nil {
			t.log.Warn("freshet.deadLetterTopic is set, this server has no dead-letter producer")
		} else if letters, end, err = t.s.cfg.DeadLetters(e.Table); err != nil {
			stream.Close()
			return err
		}
	}
	t.mu.Lock()
	t.mu.stream, t.mu.letters, t.mu.endLetters = stream, letters, end
	t.mu.Unlock()
	return nil
}

// startPartition loads a partition's committed state and runs it. A partition that runs already is left alone.
func (t *table) startPartition(ctx context.Context, id int32) error {
	t.mu.RLock()
	_, running := t.mu.partitions[id]
	t.mu.RUnlock()
	if running {
		return nil
	}
	h := newHosted(t, id)
	if err := h.load(ctx); err != nil {
		return fmt.Errorf("cannot load partition %d: %w", id, err)
	}
	t.mu.Lock()
	t.mu.partitions[id] = h
	t.mu.Unlock()
	t.spawn(fmt.Sprintf("partition %d of table %s", id, t.name), h.run)
	return nil
}

// discover starts partitions of the topic that have no records yet: at the configured position when the table is new,
// at smallest when they came later.
func (t *table) discover(ctx context.Context) error {
	t.mu.RLock()
	stream, e := t.mu.stream, t.mu.entry
	t.mu.RUnlock()
	topic, err := stream.Describe(ctx)
	if err != nil {
		return err
	}
	key := discoveredKey(t.incarnation)
	_, later, err := t.s.cfg.Store.Get(ctx, key)
	if err != nil {
		return err
	}
	position := ingest.Smallest
	if !later {
		position = startPosition(e.Table.Stream.OffsetReset, t.s.cfg.Clock.Now())
	}
	for _, id := range topic.Partitions {
		if e.Table.Stream.Partitions != nil && !slices.Contains(e.Table.Stream.Partitions, id) {
			continue
		}
		if err := t.beginPartition(ctx, stream, topic, id, position); err != nil {
			return err
		}
	}
	if !later {
		value, err := discoveredRecord{TopicID: topic.ID, Millis: t.s.cfg.Clock.Now().UnixMilli()}.Encode()
		if err != nil {
			return err
		}
		conds, err := (&committer{s: t.s, t: t}).fence(ctx)
		if err != nil {
			return err
		}
		if _, _, err := t.s.cfg.Store.Txn(ctx, conds, []cluster.Op{{Key: key, Value: value}}); err != nil {
			return err
		}
	}
	t.mu.Lock()
	t.mu.discovered = true
	t.mu.Unlock()
	return nil
}

// startPosition translates the config's offset reset.
func startPosition(r catalog.OffsetReset, now time.Time) ingest.Position {
	switch r.Kind {
	case catalog.OffsetSmallest:
		return ingest.Smallest
	case catalog.OffsetTime:
		return ingest.Position(max(r.Time.UnixMilli(), 0))
	case catalog.OffsetSince:
		return ingest.Position(max(now.Add(-r.Since).UnixMilli(), 0))
	default:
		return ingest.Largest
	}
}

// beginPartition resolves and records the start of a partition that has none, and starts it.
func (t *table) beginPartition(ctx context.Context, stream ingest.Stream, topic ingest.Topic, id int32, from ingest.Position) error {
	t.mu.RLock()
	_, running := t.mu.partitions[id]
	t.mu.RUnlock()
	if running {
		return nil
	}
	_, known, err := cluster.GetPartition(ctx, t.s.cfg.Store, t.incarnation, id)
	if err != nil {
		return err
	}
	if !known {
		offset, err := stream.ResolveOffset(ctx, id, from)
		if err != nil {
			return fmt.Errorf("cannot resolve where partition %d starts: %w", id, err)
		}
		now := t.s.cfg.Clock.Now()
		head := ingest.Head{Name: ingest.SegmentName(t.name, id, 0, now), StartOffset: offset, TopicID: topic.ID, LeaderEpoch: -1,
			CreatedMillis: now.UnixMilli()}
		if err := (&committer{s: t.s, t: t, partition: id}).begin(ctx, head); err != nil {
			return err
		}
		t.log.Info("partition begins", "partition", id, "offset", offset)
	}
	return t.startPartition(ctx, id)
}

// update takes over another version of the table's config or schema: each partition freezes and goes on under it.
func (t *table) update(e tables.Entry) {
	t.mu.Lock()
	t.mu.entry = e
	t.mu.Unlock()
	for _, p := range t.partitionList() {
		t.spawn(fmt.Sprintf("new version for partition %d of table %s", p.id, t.name), func(ctx context.Context) error {
			if err := p.reconfigure(ctx); err != nil && ctx.Err() == nil {
				t.log.Error("partition keeps the old version of its table", "partition", p.id, "error", err)
			}
			return nil
		})
	}
}

// headRecord is the record of a consuming segment.
func (t *table) headRecord(partition int32, h ingest.Head) cluster.SegmentRecord {
	e := t.entry()
	return cluster.SegmentRecord{Table: t.name, Incarnation: t.incarnation, Partition: partition, Sequence: h.Sequence,
		Status: cluster.SegmentInProgress, Name: h.Name, StartOffset: h.StartOffset, SchemaVersion: max(e.Schema.Version, 1),
		ConfigVersion: max(e.Table.Version, 1), CreatedMillis: h.CreatedMillis, TopicID: h.TopicID, LeaderEpoch: h.LeaderEpoch}
}

func (t *table) readPause(ctx context.Context) (string, error) {
	kv, found, err := t.s.cfg.Store.Get(ctx, pauseKey(t.incarnation))
	if err != nil || !found {
		return "", err
	}
	r, err := decodeRecord[pauseRecord](kv.Value)
	if err != nil {
		return "", err
	}
	if r.Reason == "" {
		return "paused by an operator", nil
	}
	return r.Reason, nil
}

// errNoTable is what every call by name gives for a table that is not hosted here.
func (s *Server) errNoTable(name string) error {
	s.mu.RLock()
	listed, reason := s.mu.listed, s.mu.failed[name]
	s.mu.RUnlock()
	switch {
	case reason != "":
		return errs.New(errs.ClassUnavailable, errs.CannotConnectNow, "table \"%s\" cannot be served: %s", name, reason)
	case !listed:
		return errs.New(errs.ClassUnavailable, errs.CannotConnectNow, "table \"%s\" is not loaded yet: the server is starting", name)
	}
	return errs.User(errs.UndefinedTable, "relation \"%s\" does not exist", name)
}
