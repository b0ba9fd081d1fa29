package node

import (
	"context"
	"strings"

	"github.com/freshetdb/freshet/broker/syscat"
	"github.com/freshetdb/freshet/cluster"
	"github.com/freshetdb/freshet/ingest"
	"github.com/freshetdb/freshet/server"
)

// storage shows the server role to the catalog's relations.
type storage struct{ server *server.Server }

var _ syscat.Storage = storage{}

// Size implements syscat.Storage. It reads memory only: clients ask it of all tables at once.
func (s storage) Size(_ context.Context, table string) (rows, bytes int64) {
	st, ok := s.server.Status(table)
	if !ok || !st.Loaded {
		return -1, -1
	}
	for _, p := range st.Partitions {
		rows += p.TotalRows
		bytes += p.StoredBytes + p.FrozenBytes + p.SegmentBytes
	}
	return rows, bytes
}

// States of segments, as freshet.segments shows them.
const (
	segmentConsuming = "CONSUMING"
	segmentSealing   = "SEALING" // frozen, not committed yet
	segmentDone      = "DONE"
	segmentDamaged   = "DAMAGED"
)

// Segments implements syscat.Storage: the records of the cluster store, and what the server knows of those that it
// consumes.
func (s storage) Segments(ctx context.Context, table string) ([]syscat.Segment, error) {
	records, err := s.server.Segments(ctx, table)
	if err != nil {
		return nil, err
	}
	st, _ := s.server.Status(table)
	byID := make(map[int32]*server.PartitionStatus, len(st.Partitions))
	listed := map[string]bool{}
	for i := range st.Partitions {
		byID[st.Partitions[i].Partition] = &st.Partitions[i]
	}
	out := make([]syscat.Segment, 0, len(records)+len(st.Partitions))
	for i, r := range records {
		p := byID[r.Partition]
		out = append(out, segmentOf(r, p))
		listed[r.Name] = true
		// While its predecessors are sealed, a consuming segment has no record.
		if last := i+1 == len(records) || records[i+1].Partition != r.Partition; last && p != nil && p.Segment != "" && !listed[p.Segment] {
			out = append(out, consuming(p))
		}
	}
	return out, nil
}

func segmentOf(r cluster.SegmentRecord, p *server.PartitionStatus) syscat.Segment {
	out := syscat.Segment{Name: r.Name, Status: segmentDone, Partition: r.Partition, Sequence: r.Sequence, StartOffset: r.StartOffset,
		EndOffset: r.EndOffset, Rows: int64(r.Rows), Bytes: r.Bytes, MinMillis: r.MinMillis, MaxMillis: r.MaxMillis, HasTime: r.HasTime,
		CreatedMillis: r.CreatedMillis}
	if r.Status != cluster.SegmentDone {
		out.Status, out.EndOffset, out.Rows, out.Bytes = segmentSealing, -1, -1, -1
	}
	if p == nil {
		return out
	}
	if r.Name == p.Segment {
		c := consuming(p)
		out.Status, out.Rows, out.Bytes = c.Status, c.Rows, c.Bytes
	}
	for _, d := range p.Damaged {
		if d.Sequence == r.Sequence {
			out.Status = segmentDamaged
		}
	}
	return out
}

func consuming(p *server.PartitionStatus) syscat.Segment {
	return syscat.Segment{Name: p.Segment, Status: segmentConsuming, Partition: p.Partition, Sequence: p.Sequence, StartOffset: p.StartOffset,
		EndOffset: -1, Rows: int64(p.SegmentRows), Bytes: p.SegmentBytes}
}

// Partitions implements syscat.Storage.
func (s storage) Partitions(_ context.Context, table string) ([]syscat.Partition, error) {
	st, _ := s.server.Status(table)
	out := make([]syscat.Partition, 0, len(st.Partitions))
	for _, p := range st.Partitions {
		segments := p.SealedSegments + p.FrozenSegments + len(p.Damaged)
		if p.Segment != "" {
			segments++
		}
		out = append(out, syscat.Partition{Partition: p.Partition, State: p.State.String(), Reason: reason(&p), Segment: p.Segment, Segments: segments,
			StartOffset: p.StartOffset, NextOffset: p.NextOffset, HighWatermark: p.HighWatermark, LagOffsets: p.LagOffsets, LagMillis: p.LagMillis,
			Rows: p.TotalRows, ConsumedMillis: p.ConsumedMillis, NewestMillis: p.NewestMillis})
	}
	return out, nil
}

func reason(p *server.PartitionStatus) string {
	text := p.Reason
	if len(p.Choices) > 0 {
		text += "; choices: " + strings.Join(p.Choices, ", ")
	}
	return text
}

// States of tables, as freshet.tables shows them.
const (
	tableReady   = "READY"
	tableLoading = "LOADING"
	tablePaused  = "PAUSED"
	tableError   = "ERROR"
)

// Status implements syscat.Storage.
func (s storage) Status(table string) (state, why string) {
	st, ok := s.server.Status(table)
	switch {
	case !ok:
		return tableLoading, "the server has not opened it yet"
	case st.Problem != "":
		return tableError, st.Problem
	}
	for i := range st.Partitions {
		if p := &st.Partitions[i]; p.State == ingest.StateError || p.State == ingest.StateStalled {
			return tableError, reason(p)
		}
	}
	switch {
	case st.Paused != "":
		return tablePaused, st.Paused
	case !st.Ready:
		return tableLoading, "its partitions are not caught up with what their topic held at start"
	default:
		return tableReady, ""
	}
}
