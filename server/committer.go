package server

import (
	"context"
	"errors"
	"fmt"

	"github.com/freshetdb/freshet/cluster"
	"github.com/freshetdb/freshet/ingest"
	"github.com/freshetdb/freshet/internal/errs"
)

// maxTxnAttempts is how often a transaction whose conditions failed is tried again after a look at what changed.
const maxTxnAttempts = 4

// committer writes one partition's records. Every transaction has as conditions the table's incarnation, this server's
// lease, the consuming segment's record and, where there are any, its predecessor's and its claim's.
type committer struct {
	s         *Server
	t         *table
	partition int32
}

var _ ingest.Committer = (*committer)(nil)

// state is what a transaction is based on; conds pins all of it.
type state struct {
	segment     cluster.Stored[cluster.SegmentRecord]
	predecessor cluster.Stored[cluster.SegmentRecord]
	claim       cluster.Stored[cluster.ClaimRecord]
	hasClaim    bool
	conds       []cluster.Cond
}

// read loads the records around a consuming segment. A dropped table or a missing record is ErrFenced or ErrConflict.
func (c *committer) read(ctx context.Context, sequence int64) (state, error) {
	var st state
	var err error
	if st.conds, err = c.fence(ctx); err != nil {
		return st, err
	}
	store, inc := c.s.cfg.Store, c.t.incarnation
	var found bool
	if st.segment, found, err = cluster.GetSegment(ctx, store, inc, c.partition, sequence); err != nil {
		return st, err
	}
	if !found {
		return st, fmt.Errorf("segment %d of partition %d has no record: %w", sequence, c.partition, ingest.ErrConflict)
	}
	st.conds = append(st.conds, cluster.Cond{Key: st.segment.Record.RecordKey(), Revision: st.segment.Revision})
	if sequence > 0 {
		if st.predecessor, found, err = cluster.GetSegment(ctx, store, inc, c.partition, sequence-1); err != nil {
			return st, err
		}
		// Retention may have removed it: then it has to stay away.
		st.conds = append(st.conds, cluster.Cond{Key: cluster.SegmentKey(inc, c.partition, sequence-1), Revision: st.predecessor.Revision})
		if found && st.predecessor.Record.Status != cluster.SegmentDone {
			return st, fmt.Errorf("segment %d of partition %d is not committed before %d: %w", sequence-1, c.partition, sequence, ingest.ErrConflict)
		}
	}
	if st.claim, st.hasClaim, err = cluster.GetClaim(ctx, store, inc, c.partition, sequence); err != nil {
		return st, err
	}
	st.conds = append(st.conds, cluster.Cond{Key: cluster.ClaimKey(inc, c.partition, sequence), Revision: st.claim.Revision})
	return st, nil
}

// fence gives the conditions that stop a writer whose table or lease is gone.
func (c *committer) fence(ctx context.Context) ([]cluster.Cond, error) {
	t, found, err := cluster.GetTable(ctx, c.s.cfg.Store, c.t.name)
	if err != nil {
		return nil, err
	}
	if !found || t.Record.Incarnation != c.t.incarnation {
		return nil, fmt.Errorf("table %s, incarnation %s, is gone: %w", c.t.name, c.t.incarnation, ingest.ErrFenced)
	}
	revision := c.s.instanceRevision.Load()
	if revision == 0 {
		return nil, errs.New(errs.ClassUnavailable, errs.CannotConnectNow, "instance %s has no lease in the cluster store", c.s.cfg.Instance)
	}
	return []cluster.Cond{
		{Key: cluster.TableKey(c.t.name), Revision: t.Revision},
		{Key: cluster.InstanceKey(c.s.cfg.Instance), Revision: revision},
	}, nil
}

// transact reads the state, lets plan make the operations of it (none: nothing is left to do) and writes them, again
// while somebody else's write comes between.
func (c *committer) transact(ctx context.Context, sequence int64, plan func(state) ([]cluster.Op, error)) error {
	for range maxTxnAttempts {
		st, err := c.read(ctx, sequence)
		if err != nil {
			return err
		}
		ops, err := plan(st)
		if err != nil || len(ops) == 0 {
			return err
		}
		ok, _, err := c.s.cfg.Store.Txn(ctx, st.conds, ops)
		if err != nil || ok {
			return err
		}
	}
	return errs.New(errs.ClassUnavailable, errs.CannotConnectNow, "records of partition %d of table %s keep changing", c.partition, c.t.name)
}

func put(key string, r interface{ Encode() ([]byte, error) }) (cluster.Op, error) {
	value, err := r.Encode()
	return cluster.Op{Key: key, Value: value}, err
}

// Claim implements ingest.Committer.
func (c *committer) Claim(ctx context.Context, sequence, end int64) (int64, error) {
	claimed := end
	err := c.transact(ctx, sequence, func(st state) ([]cluster.Op, error) {
		claimed = end
		switch {
		case st.segment.Record.Status == cluster.SegmentDone:
			claimed = st.segment.Record.EndOffset
			return nil, nil
		case st.hasClaim:
			claimed = st.claim.Record.EndOffset
			return nil, nil
		}
		r := cluster.ClaimRecord{Incarnation: c.t.incarnation, Partition: c.partition, Sequence: sequence, EndOffset: end,
			Instance: c.s.cfg.Instance, ClaimedMillis: c.s.cfg.Clock.Now().UnixMilli()}
		op, err := put(r.Key(), r)
		return []cluster.Op{op}, err
	})
	return claimed, err
}

// Commit implements ingest.Committer.
func (c *committer) Commit(ctx context.Context, s ingest.Sealed, next ingest.Head) error {
	done := c.doneRecord(s)
	return c.transact(ctx, s.Sequence, func(st state) ([]cluster.Op, error) {
		old := st.segment.Record
		switch {
		case old.Status == cluster.SegmentDone && old.EndOffset == done.EndOffset && old.Key == done.Key:
			return nil, nil // an earlier attempt whose answer was lost
		case old.Status == cluster.SegmentDone:
			return nil, fmt.Errorf("segment %s was committed as %s up to offset %d: %w", s.Name, old.Key, old.EndOffset, ingest.ErrConflict)
		case old.StartOffset != s.StartOffset:
			return nil, fmt.Errorf("segment %s starts at %d, its record at %d: %w", s.Name, s.StartOffset, old.StartOffset, ingest.ErrConflict)
		case !st.hasClaim || st.claim.Record.EndOffset != s.EndOffset:
			return nil, fmt.Errorf("segment %s ends at %d, which is not what was claimed: %w", s.Name, s.EndOffset, ingest.ErrConflict)
		}
		commit, err := put(done.RecordKey(), done)
		begin, err2 := put(cluster.SegmentKey(c.t.incarnation, c.partition, next.Sequence), c.t.headRecord(c.partition, next))
		release := cluster.Op{Key: st.claim.Record.Key(), Delete: true}
		return []cluster.Op{commit, begin, release}, errors.Join(err, err2)
	})
}

func (c *committer) doneRecord(s ingest.Sealed) cluster.SegmentRecord {
	return cluster.SegmentRecord{Table: c.t.name, Incarnation: c.t.incarnation, Partition: c.partition, Sequence: s.Sequence,
		Status: cluster.SegmentDone, Name: s.Name, StartOffset: s.StartOffset, EndOffset: s.EndOffset, Rows: s.Rows, Bytes: s.Bytes,
		CRC: s.CRC, MinMillis: s.MinMillis, MaxMillis: s.MaxMillis, HasTime: s.HasTime, SchemaVersion: s.SchemaVersion,
		ConfigVersion: s.ConfigVersion, Key: s.Key, CreatedMillis: s.CreatedMillis, TopicID: s.TopicID, LeaderEpoch: s.EndEpoch}
}

// Advance implements ingest.Committer.
func (c *committer) Advance(ctx context.Context, h ingest.Head) error {
	return c.move(ctx, h, nil)
}

// Reset implements ingest.Committer.
func (c *committer) Reset(ctx context.Context, h ingest.Head, gap ingest.Gap) error {
	return c.move(ctx, h, &gap)
}

// move writes another start of the consuming segment, which has no rows; a claim of it is void.
func (c *committer) move(ctx context.Context, h ingest.Head, gap *ingest.Gap) error {
	return c.transact(ctx, h.Sequence, func(st state) ([]cluster.Op, error) {
		old := st.segment.Record
		record := c.t.headRecord(c.partition, h)
		switch {
		case old.Status == cluster.SegmentDone:
			return nil, fmt.Errorf("segment %s is committed already: %w", h.Name, ingest.ErrConflict)
		case gap == nil && old.StartOffset > h.StartOffset:
			return nil, fmt.Errorf("segment %s starts at %d, its record at %d: %w", h.Name, h.StartOffset, old.StartOffset, ingest.ErrConflict)
		}
		op, err := put(record.RecordKey(), record)
		ops := []cluster.Op{op}
		if st.hasClaim {
			ops = append(ops, cluster.Op{Key: st.claim.Record.Key(), Delete: true})
		}
		if gap != nil {
			g := gapRecord{Incarnation: c.t.incarnation, Partition: c.partition, Sequence: gap.Sequence, From: gap.From, To: gap.To,
				Reason: gap.Reason, Millis: gap.Millis}
			gop, gerr := put(g.Key(), g)
			ops, err = append(ops, gop), errors.Join(err, gerr)
		}
		return ops, err
	})
}

// begin records where a new partition starts, before its first fetch, and its first segment.
func (c *committer) begin(ctx context.Context, h ingest.Head) error {
	conds, err := c.fence(ctx)
	if err != nil {
		return err
	}
	part := cluster.PartitionRecord{Incarnation: c.t.incarnation, Partition: c.partition, TopicID: h.TopicID, StartOffset: h.StartOffset,
		LeaderEpoch: h.LeaderEpoch}
	segment := c.t.headRecord(c.partition, h)
	conds = append(conds, cluster.Cond{Key: part.Key()}, cluster.Cond{Key: segment.RecordKey()})
	first, err := put(part.Key(), part)
	second, err2 := put(segment.RecordKey(), segment)
	if err := errors.Join(err, err2); err != nil {
		return err
	}
	ok, _, err := c.s.cfg.Store.Txn(ctx, conds, []cluster.Op{first, second})
	if err == nil && !ok {
		// Either it is there already, by a lost answer or another server, or a condition of the fence moved: look again.
		return errs.New(errs.ClassUnavailable, errs.CannotConnectNow, "partition %d of table %s was begun elsewhere", c.partition, c.t.name)
	}
	return err
}
