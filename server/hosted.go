package server

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"

	"github.com/freshetdb/freshet/cluster"
	"github.com/freshetdb/freshet/ingest"
	"github.com/freshetdb/freshet/internal/errs"
	"github.com/freshetdb/freshet/segment/immutable"
	"github.com/freshetdb/freshet/segment/partition"
)

// hosted is one partition of a table. Its consumer is replaced when it has to be loaded again.
type hosted struct {
	t  *table
	id int32

	mu struct {
		sync.Mutex
		consumer  *ingest.Consumer
		damaged   map[int64]Damage // by sequence
		repairing bool             // a task repairs what is damaged
		verifying bool             // a task reads all files
	}
}

// Damage is a committed segment whose file cannot be read.
type Damage struct {
	Segment   string
	Partition int32
	Sequence  int64
	Rows      int
	Reason    string
	// Repair says what is done about it, or why nothing can be.
	Repair string
	final  bool // trying again is of no use
	record cluster.SegmentRecord
}

func newHosted(t *table, id int32) *hosted {
	h := &hosted{t: t, id: id}
	h.mu.damaged = map[int64]Damage{}
	return h
}

func (h *hosted) consumer() *ingest.Consumer {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.mu.consumer
}

// pin pins the current version, nil once the partition is closed, and says what that version lacks: the damaged segments
// that are not in it, in order. A segment is noted as damaged before it leaves the version and forgotten after it is back,
// so under the lock no version lacks a segment without its note.
func (h *hosted) pin() (*partition.Version, []Damage) {
	h.mu.Lock()
	defer h.mu.Unlock()
	v, ok := h.mu.consumer.Pin()
	if !ok {
		return nil, nil
	}
	if len(h.mu.damaged) == 0 {
		return v, nil
	}
	there := map[int64]bool{}
	for _, e := range v.Entries() {
		there[e.Sequence] = true
	}
	var lacks []Damage
	for _, d := range h.damagesLocked() {
		if !there[d.Sequence] {
			lacks = append(lacks, d)
		}
	}
	return v, lacks
}

// runtime compiles the current version of the table for one loop.
func (h *hosted) runtime(keySuffix string) (ingest.Runtime, error) {
	e := h.t.entry()
	p, err := h.t.s.cfg.Transforms(e.Schema, e.Table)
	if err != nil {
		return ingest.Runtime{}, fmt.Errorf("cannot compile the ingestion of table %s: %w", h.t.name, err)
	}
	return ingest.Runtime{Transformer: p, Flush: e.Table.Stream.Flush,
		Segments: &segments{s: h.t.s, entry: e, partition: h.id, keySuffix: keySuffix}}, nil
}

// load opens the committed segments and makes a consumer that goes on behind them. Damaged files are set aside; run
// tries to repair them.
func (h *hosted) load(ctx context.Context) error {
	s := h.t.s
	rt, err := h.runtime("")
	if err != nil {
		return err
	}
	records, _, err := cluster.ListPartitionSegments(ctx, s.cfg.Store, h.t.incarnation, h.id)
	if err != nil {
		return err
	}
	var head *cluster.SegmentRecord
	var entries []partition.Entry
	defer func() { // the consumer has references of its own
		for _, e := range entries {
			e.Member.Release()
		}
	}()
	for i := range records {
		r := records[i].Record
		if r.Status == cluster.SegmentInProgress {
			head = &records[i].Record
			continue
		}
		if r.Key == "" {
			continue
		}
		seg, err := s.openObject(ctx, r.Key, r.Bytes, r.CRC, r.Rows)
		if err != nil && !isDamage(err) {
			return err
		}
		if err != nil {
			h.noteDamage(r, err)
			continue
		}
		entries = append(entries, partition.Entry{Member: partition.NewShared(seg), Sequence: r.Sequence, Rows: r.Rows})
	}
	if head == nil {
		return errs.New(errs.ClassCorrupt, errs.DataCorrupted, "partition %d of table %s has no record of a consuming segment", h.id, h.t.name)
	}
	if err := h.makeConsumer(ctx, rt, *head, entries); err != nil {
		return err
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, e := range entries { // now that queries see them
		delete(h.mu.damaged, e.Sequence)
	}
	return nil
}

func (h *hosted) makeConsumer(ctx context.Context, rt ingest.Runtime, head cluster.SegmentRecord, entries []partition.Entry) error {
	s := h.t.s
	claimEnd := int64(-1)
	claim, claimed, err := cluster.GetClaim(ctx, s.cfg.Store, h.t.incarnation, h.id, head.Sequence)
	if err != nil {
		return err
	}
	if claimed {
		claimEnd = claim.Record.EndOffset
	}
	h.t.mu.RLock()
	stream, letters, paused := h.t.mu.stream, h.t.mu.letters, h.t.mu.paused
	h.t.mu.RUnlock()
	consumer, err := ingest.NewConsumer(ingest.Config{Table: h.t.name, Topic: h.t.entry().Table.Stream.Topic, Partition: h.id,
		Head: ingest.Head{Sequence: head.Sequence, Name: head.Name, StartOffset: head.StartOffset, TopicID: head.TopicID,
			LeaderEpoch: head.LeaderEpoch, CreatedMillis: head.CreatedMillis},
		ClaimEnd: claimEnd, Sealed: entries, Runtime: rt, Stream: stream, Committer: &committer{s: s, t: h.t, partition: h.id},
		Clock: s.cfg.Clock, Logger: s.log, Hooks: s.cfg.Hooks, BuildSlots: s.buildSlots, MaxFrozenBytes: s.cfg.MaxFrozenBytes,
		PollWait: s.cfg.PollWait, Pressure: s.cfg.Memory.Pressure, DeadLetters: letters, PauseReason: paused})
	if err != nil {
		return err
	}
	h.mu.Lock()
	old := h.mu.consumer
	h.mu.consumer = consumer
	h.mu.Unlock()
	if old != nil {
		old.Close()
	}
	return nil
}

// run consumes until ctx ends; a consumer that lost its ownership is loaded again from what is committed.
func (h *hosted) run(ctx context.Context) error {
	h.repairLater()
	for {
		err := h.consumer().Run(ctx)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if errors.Is(err, ingest.ErrFenced) {
			h.t.log.Warn("partition stops", "partition", h.id, "reason", err)
		} else {
			h.t.log.Error("partition stopped and is loaded again", "partition", h.id, "error", err)
		}
		for {
			if !h.t.s.wait(ctx, h.t.s.cfg.RetryDelay) {
				return ctx.Err()
			}
			if err = h.load(ctx); err == nil {
				break
			}
			h.t.log.Warn("partition cannot be loaded again yet", "partition", h.id, "error", err)
		}
		h.repairLater()
	}
}

// close releases the segments. Nobody can find the partition any more.
func (h *hosted) close() {
	if c := h.consumer(); c != nil {
		c.Close()
	}
}

func (h *hosted) reconfigure(ctx context.Context) error {
	rt, err := h.runtime("")
	if err != nil {
		return err
	}
	return h.consumer().Reconfigure(ctx, rt)
}

func (h *hosted) noteDamage(r cluster.SegmentRecord, cause error) {
	h.mu.Lock()
	_, known := h.mu.damaged[r.Sequence]
	h.mu.damaged[r.Sequence] = Damage{Segment: r.Name, Partition: h.id, Sequence: r.Sequence, Rows: r.Rows, Reason: cause.Error(),
		Repair: "waits to be consumed again", record: r}
	h.mu.Unlock()
	if !known {
		h.t.log.Error("segment is damaged and set aside", "segment", r.Name, "key", r.Key, "rows", r.Rows, "error", cause)
		h.t.s.quarantine(r)
	}
}

// damages gives the damaged segments in order.
func (h *hosted) damages() []Damage {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.damagesLocked()
}

func (h *hosted) damagesLocked() []Damage {
	out := make([]Damage, 0, len(h.mu.damaged))
	for _, d := range h.mu.damaged {
		out = append(out, d)
	}
	slices.SortFunc(out, func(a, b Damage) int { return cmp.Compare(a.Sequence, b.Sequence) })
	return out
}

// verify reads every byte of the partition's sealed segments, slowly, and sets damaged ones aside. It does nothing while
// another call does it: damage found twice would set the repaired file aside.
func (h *hosted) verify(ctx context.Context, pace func(context.Context) bool) {
	h.mu.Lock()
	busy := h.mu.verifying
	h.mu.verifying = true
	h.mu.Unlock()
	if busy {
		return
	}
	defer func() {
		h.mu.Lock()
		defer h.mu.Unlock()
		h.mu.verifying = false
	}()
	v, _ := h.pin()
	if v == nil {
		return
	}
	defer v.Unpin()
	for _, e := range v.Entries() {
		seg, ok := e.Member.Member.(*immutable.Segment)
		if !ok {
			continue
		}
		if err := seg.Verify(ctx); err != nil && ctx.Err() == nil {
			h.damageFound(ctx, e.Sequence, err)
		}
		if !pace(ctx) {
			return
		}
	}
}

// damageFound takes a segment out of the version that queries see, and has it repaired.
func (h *hosted) damageFound(ctx context.Context, sequence int64, cause error) {
	r, found, err := cluster.GetSegment(ctx, h.t.s.cfg.Store, h.t.incarnation, h.id, sequence)
	if err != nil || !found {
		h.t.log.Error("segment is damaged and its record cannot be read", "partition", h.id, "sequence", sequence, "damage", cause, "error", err)
		return
	}
	h.noteDamage(r.Record, cause) // first: see pin
	h.consumer().Remove(sequence)
	h.repairLater()
}
