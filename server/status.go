package server

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sort"
	"strings"

	"github.com/freshetdb/freshet/cluster"
	"github.com/freshetdb/freshet/ingest"
	"github.com/freshetdb/freshet/internal/errs"
)

// TableStatus is what a server knows of a table.
type TableStatus struct {
	Table       string
	Incarnation string
	// Problem says why partitions are missing, "" if nothing is wrong: brokers unreachable, topic missing.
	Problem string `json:",omitempty"`
	Paused  string `json:",omitempty"` // why consumption is paused, "" if it is not
	// Loaded: committed segments are open. Ready: every partition was consumed up to the high watermark read at start.
	Loaded, Ready bool
	Partitions    []PartitionStatus
}

// PartitionStatus is what a server knows of one partition.
type PartitionStatus struct {
	ingest.Status
	Damaged []Damage `json:",omitempty"`
}

// Status gives the state of a table; ok is false where it is not hosted here.
func (s *Server) Status(name string) (TableStatus, bool) {
	t, ok := s.table(name)
	if !ok {
		return TableStatus{}, false
	}
	return t.status(), true
}

// Statuses gives the state of every hosted table, by name.
func (s *Server) Statuses() []TableStatus {
	var out []TableStatus
	for _, t := range s.allTables() {
		out = append(out, t.status())
	}
	sort.Slice(out, func(i, j int) bool { return out[i].Table < out[j].Table })
	return out
}

func (t *table) status() TableStatus {
	t.mu.RLock()
	st := TableStatus{Table: t.name, Incarnation: t.incarnation, Problem: t.mu.problem, Paused: t.mu.paused, Loaded: t.mu.loaded,
		Ready: t.mu.loaded && t.mu.discovered}
	t.mu.RUnlock()
	for _, h := range t.partitionList() {
		p := PartitionStatus{Status: h.consumer().Status(), Damaged: h.damages()}
		st.Ready = st.Ready && p.Ready
		st.Partitions = append(st.Partitions, p)
	}
	return st
}

// Ready tells whether every table is loaded and caught up with what its topic held at start, and no partition waits for
// an operator or for room since; if not, why.
func (s *Server) Ready() (ready bool, reasons []string) {
	s.mu.RLock()
	listed := s.mu.listed
	for name, reason := range s.mu.failed {
		reasons = append(reasons, fmt.Sprintf("table %s cannot be served: %s", name, reason))
	}
	s.mu.RUnlock()
	if !listed {
		return false, []string{"the tables of the cluster store are not listed yet"}
	}
	for _, st := range s.Statuses() {
		if st.Ready {
			for _, p := range st.Partitions {
				if p.State == ingest.StateError || p.State == ingest.StateStalled {
					reasons = append(reasons, p.why(st.Table))
				}
			}
			continue
		}
		if st.Problem != "" {
			reasons = append(reasons, fmt.Sprintf("table %s: %s", st.Table, st.Problem))
		} else if !st.Loaded || len(st.Partitions) == 0 {
			reasons = append(reasons, fmt.Sprintf("table %s is being opened", st.Table))
		}
		for _, p := range st.Partitions {
			if !p.Ready || p.State == ingest.StateError || p.State == ingest.StateStalled {
				reasons = append(reasons, p.why(st.Table))
			}
		}
	}
	sort.Strings(reasons)
	return len(reasons) == 0, reasons
}

// why says what keeps a partition from being ready, and what an operator may do about it.
func (p *PartitionStatus) why(table string) string {
	text := fmt.Sprintf("table %s partition %d is %v, %d records behind", table, p.Partition, p.State, max(p.LagOffsets, 0))
	if p.Reason != "" {
		text += ": " + p.Reason
	}
	if len(p.Choices) > 0 {
		text += "; choices: " + strings.Join(p.Choices, ", ")
	}
	return text
}

// Rejected gives the newest rejected records of a table, by partition, oldest first.
func (s *Server) Rejected(name string) ([]ingest.ErrorSample, error) {
	t, ok := s.table(name)
	if !ok {
		return nil, s.errNoTable(name)
	}
	var out []ingest.ErrorSample
	for _, h := range t.partitionList() {
		out = append(out, h.consumer().Errors()...)
	}
	return out, nil
}

// Gap is a durable record of offsets that a partition left out.
type Gap struct {
	Partition int32
	ingest.Gap
}

// Gaps gives a table's gap records.
func (s *Server) Gaps(ctx context.Context, name string) ([]Gap, error) {
	t, ok := s.table(name)
	if !ok {
		return nil, s.errNoTable(name)
	}
	kvs, _, err := s.cfg.Store.List(ctx, gapsOf(t.incarnation))
	if err != nil {
		return nil, err
	}
	var out []Gap
	for _, kv := range kvs {
		r, err := decodeRecord[gapRecord](kv.Value)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", kv.Key, err)
		}
		out = append(out, Gap{Partition: r.Partition, Gap: ingest.Gap{Sequence: r.Sequence, From: r.From, To: r.To, Reason: r.Reason, Millis: r.Millis}})
	}
	return out, nil
}

// Segments gives the records of a table's segments, consuming ones included, by partition and sequence.
func (s *Server) Segments(ctx context.Context, name string) ([]cluster.SegmentRecord, error) {
	t, ok := s.table(name)
	if !ok {
		return nil, s.errNoTable(name)
	}
	stored, _, err := cluster.ListSegments(ctx, s.cfg.Store, t.incarnation)
	if err != nil {
		return nil, err
	}
	out := make([]cluster.SegmentRecord, len(stored))
	for i := range stored {
		out[i] = stored[i].Record
	}
	return out, nil
}

// ForceCommit freezes the consuming segments of a table now (of the given partitions; nil: all) and gives the names of
// those that will be committed.
func (s *Server) ForceCommit(ctx context.Context, name string, partitions []int32) ([]string, error) {
	hs, err := s.choose(name, partitions)
	if err != nil {
		return nil, err
	}
	var names []string
	var failed []error
	for _, h := range hs {
		segment, err := h.consumer().ForceCommit(ctx)
		if err != nil {
			failed = append(failed, err)
		} else if segment != "" {
			names = append(names, segment)
		}
	}
	return names, errors.Join(failed...)
}

// choose gives the named partitions of a table.
func (s *Server) choose(name string, partitions []int32) ([]*hosted, error) {
	t, ok := s.table(name)
	if !ok {
		return nil, s.errNoTable(name)
	}
	all := t.partitionList()
	if partitions == nil {
		return all, nil
	}
	var out []*hosted
	for _, id := range partitions {
		i := slices.IndexFunc(all, func(h *hosted) bool { return h.id == id })
		if i < 0 {
			return nil, errs.User(errs.UndefinedObject, "table \"%s\" has no partition %d here", name, id)
		}
		out = append(out, all[i])
	}
	return out, nil
}

// Pause stops consumption of a table until Resume, over restarts too. Committing goes on.
func (s *Server) Pause(ctx context.Context, name, reason string) error {
	t, ok := s.table(name)
	if !ok {
		return s.errNoTable(name)
	}
	if reason == "" {
		reason = "paused by an operator"
	}
	value, err := pauseRecord{Reason: reason, Millis: s.cfg.Clock.Now().UnixMilli()}.Encode()
	if err != nil {
		return err
	}
	if _, _, err := s.cfg.Store.Txn(ctx, nil, []cluster.Op{{Key: pauseKey(t.incarnation), Value: value}}); err != nil {
		return fmt.Errorf("cannot record the pause: %w", err)
	}
	t.setPaused(reason)
	return nil
}

// Resume ends a pause; partitions in ERROR try their position again.
func (s *Server) Resume(ctx context.Context, name string) error {
	t, ok := s.table(name)
	if !ok {
		return s.errNoTable(name)
	}
	if _, _, err := s.cfg.Store.Txn(ctx, nil, []cluster.Op{{Key: pauseKey(t.incarnation), Delete: true}}); err != nil {
		return fmt.Errorf("cannot record the end of the pause: %w", err)
	}
	t.setPaused("")
	return nil
}

func (t *table) setPaused(reason string) {
	t.mu.Lock()
	t.mu.paused = reason
	t.mu.Unlock()
	for _, h := range t.partitionList() {
		if reason != "" {
			h.consumer().Pause(reason)
		} else {
			h.consumer().Resume()
		}
	}
}

// Reset makes partitions (nil: those in ERROR) go on at another position and records the gap.
func (s *Server) Reset(ctx context.Context, name string, partitions []int32, to ingest.Position) error {
	hs, err := s.choose(name, partitions)
	if err != nil {
		return err
	}
	var failed []error
	for _, h := range hs {
		c := h.consumer()
		if partitions == nil && c.Status().State != ingest.StateError {
			continue
		}
		if err := c.Reset(ctx, to); err != nil {
			failed = append(failed, fmt.Errorf("partition %d: %w", h.id, err))
		}
	}
	return errors.Join(failed...)
}
