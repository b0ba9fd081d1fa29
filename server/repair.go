package server

import (
	"context"
	"fmt"
	"slices"
	"strconv"

	"github.com/freshetdb/freshet/cluster"
	"github.com/freshetdb/freshet/ingest"
	"github.com/freshetdb/freshet/internal/errs"
	"github.com/freshetdb/freshet/segment/partition"
)

// repairLater repairs damaged segments in the background, one after the other: what the stream still holds is consumed
// again into a new file. There is one such task per partition at most.
func (h *hosted) repairLater() {
	h.mu.Lock()
	begin := len(h.mu.damaged) > 0 && !h.mu.repairing
	h.mu.repairing = h.mu.repairing || begin
	h.mu.Unlock()
	if begin {
		h.t.spawn(fmt.Sprintf("repair of partition %d of table %s", h.id, h.t.name), h.repairAll)
	}
}

// repairAll repairs until nothing is left that another try could heal.
func (h *hosted) repairAll(ctx context.Context) error {
	for {
		open := h.openDamages()
		if len(open) == 0 {
			return nil
		}
		again := false
		for _, d := range open {
			final, err := h.repair(ctx, d)
			if ctx.Err() != nil {
				return ctx.Err()
			}
			if err == nil {
				h.t.log.Info("damaged segment was consumed again", "segment", d.Segment)
				continue
			}
			h.setRepair(d.Sequence, err.Error(), final)
			h.t.log.Error("damaged segment is not repaired", "segment", d.Segment, "final", final, "error", err)
			again = again || !final
		}
		if again && !h.t.s.wait(ctx, h.t.s.cfg.MaintainEvery) {
			return ctx.Err()
		}
	}
}

// openDamages gives what may still be repaired, in order; where nothing is left the task ends, and a new one may begin.
func (h *hosted) openDamages() []Damage {
	h.mu.Lock()
	defer h.mu.Unlock()
	out := slices.DeleteFunc(h.damagesLocked(), func(d Damage) bool { return d.final })
	h.mu.repairing = len(out) > 0
	return out
}

func (h *hosted) setRepair(sequence int64, text string, final bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if d, ok := h.mu.damaged[sequence]; ok {
		d.Repair, d.final = text, final
		h.mu.damaged[sequence] = d
	}
}

// repair consumes a segment's offsets again over a connection of its own, builds and stores the file, commits it in the
// old one's place and shows it to queries. final says that trying again is of no use.
func (h *hosted) repair(ctx context.Context, d Damage) (final bool, err error) {
	s, r := h.t.s, d.record
	current, found, err := cluster.GetSegment(ctx, s.cfg.Store, h.t.incarnation, h.id, d.Sequence)
	if err != nil {
		return false, err
	}
	if !found || current.Record.Key != r.Key { // dropped by retention, or repaired by somebody else
		h.mu.Lock()
		delete(h.mu.damaged, d.Sequence)
		h.mu.Unlock()
		return true, nil
	}
	stream, err := s.cfg.Streams(h.t.entry().Table)
	if err != nil {
		return false, err
	}
	defer stream.Close()
	if final, err := h.retained(ctx, stream, r); err != nil {
		return final, err
	}
	rt, err := h.runtime("-r" + strconv.FormatInt(s.cfg.Clock.Now().UnixMilli(), 36))
	if err != nil {
		return true, err
	}
	sealed := ingest.Sealed{Head: ingest.Head{Sequence: r.Sequence, Name: r.Name, StartOffset: r.StartOffset, TopicID: r.TopicID,
		LeaderEpoch: -1, CreatedMillis: r.CreatedMillis}, EndOffset: r.EndOffset, EndEpoch: r.LeaderEpoch}
	consuming, err := rt.Segments.NewConsuming(sealed.Head)
	if err != nil {
		return false, err
	}
	defer consuming.Release()
	if err := refill(ctx, stream, rt, consuming, h.id, r); err != nil {
		_, gone := ingest.AsPositionError(err)
		return gone, err
	}
	if sealed.Rows = consuming.Rows(); sealed.Rows == 0 {
		return true, errs.New(errs.ClassCorrupt, errs.DataCorrupted, "offsets %d to %d give no rows any more, %d were committed", r.StartOffset, r.EndOffset, r.Rows)
	}
	sealed, err = rt.Segments.Build(ctx, sealed, consuming.View(sealed.Rows))
	if err == nil {
		err = rt.Segments.Upload(ctx, sealed)
	}
	if err != nil {
		return false, err
	}
	return false, h.replaceDamaged(ctx, current, rt.Segments, sealed)
}

// retained checks that the stream still holds the very records that the segment was made of.
func (h *hosted) retained(ctx context.Context, stream ingest.Stream, r cluster.SegmentRecord) (final bool, err error) {
	topic, err := stream.Describe(ctx)
	if err != nil {
		return false, err
	}
	if r.TopicID != "" && topic.ID != "" && r.TopicID != topic.ID {
		return true, ingest.NewPositionError(ingest.PositionError{Reason: ingest.ErrTopicRecreated, Topic: topic.Name, Partition: h.id,
			Offset: r.StartOffset, Start: -1, End: -1, WasID: r.TopicID, NowID: topic.ID})
	}
	start, end, err := stream.Offsets(ctx, h.id)
	if err != nil {
		return false, err
	}
	if start > r.StartOffset {
		return true, ingest.NewPositionError(ingest.PositionError{Reason: ingest.ErrOffsetExpired, Topic: topic.Name, Partition: h.id,
			Offset: r.StartOffset, Start: start, End: end})
	}
	if end < r.EndOffset {
		return true, ingest.NewPositionError(ingest.PositionError{Reason: ingest.ErrTruncated, Topic: topic.Name, Partition: h.id,
			Offset: r.EndOffset, Start: start, End: end})
	}
	return false, nil
}

// maxRefillRecords is how many records are transformed at once.
const maxRefillRecords = 4096

// refill consumes a segment's offsets into consuming.
func refill(ctx context.Context, stream ingest.Stream, rt ingest.Runtime, consuming ingest.Consuming, id int32, r cluster.SegmentRecord) error {
	f, err := stream.Open(id, r.StartOffset, -1)
	if err != nil {
		return err
	}
	defer f.Close()
	for next := r.StartOffset; next < r.EndOffset; {
		p, err := f.Poll(ctx)
		if err != nil {
			return err
		}
		recs := p.Records
		for len(recs) > 0 && recs[len(recs)-1].Offset >= r.EndOffset {
			recs = recs[:len(recs)-1]
		}
		for len(recs) > 0 {
			n := min(len(recs), maxRefillRecords)
			rows, err := rt.Transformer.Process(recs[:n])
			if err != nil {
				return err
			}
			if rows.Batch.Rows > 0 {
				if err := consuming.Append(&rows.Batch, rows.Offsets, rows.Ordinals); err != nil {
					return err
				}
			}
			recs = recs[n:]
		}
		next = max(next, p.NextOffset)
	}
	return nil
}

// replaceDamaged commits the new file of a segment and shows it.
func (h *hosted) replaceDamaged(ctx context.Context, old cluster.Stored[cluster.SegmentRecord], g ingest.Segments, s ingest.Sealed) error {
	c := &committer{s: h.t.s, t: h.t, partition: h.id}
	conds, err := c.fence(ctx)
	if err != nil {
		return err
	}
	record := c.doneRecord(s)
	op, err := put(record.RecordKey(), record)
	if err != nil {
		return err
	}
	conds = append(conds, cluster.Cond{Key: record.RecordKey(), Revision: old.Revision})
	ok, _, err := h.t.s.cfg.Store.Txn(ctx, conds, []cluster.Op{op})
	if err != nil {
		return err
	}
	if !ok {
		return errs.New(errs.ClassUnavailable, errs.CannotConnectNow, "record of segment %s changed while it was repaired", s.Name)
	}
	member, err := g.Open(ctx, s)
	if err != nil {
		return err
	}
	shared := partition.NewShared(member)
	h.consumer().Insert(partition.Entry{Member: shared, Sequence: s.Sequence, Rows: s.Rows})
	shared.Release()
	h.mu.Lock()
	delete(h.mu.damaged, s.Sequence)
	h.mu.Unlock()
	return nil
}
