package node

import (
	"context"
	"net/http"
	"net/url"
	"strings"

	"github.com/freshetdb/freshet/controller"
	"github.com/freshetdb/freshet/ingest"
	"github.com/freshetdb/freshet/server"
)

// ingestion shows the server role to the admin REST.
type ingestion struct{ server *server.Server }

var _ controller.Ingestion = ingestion{}

// Status implements controller.Ingestion.
func (i ingestion) Status(table string) (controller.TableStatus, bool) {
	st, ok := i.server.Status(table)
	if !ok {
		return controller.TableStatus{}, false
	}
	out := controller.TableStatus{Problem: st.Problem}
	byPartition := map[int32]int{}
	for _, p := range st.Partitions {
		byPartition[p.Partition] = len(out.Partitions)
		reason := p.Reason
		if len(p.Choices) > 0 {
			reason += "; choices: " + strings.Join(p.Choices, ", ")
		}
		out.Partitions = append(out.Partitions, controller.PartitionStatus{Partition: p.Partition, State: p.State.String(), Reason: reason,
			Consuming: p.Segment, ConsumingStartOffset: p.StartOffset, ConsumingRows: int64(p.SegmentRows), NextOffset: p.NextOffset,
			HighWatermark: p.HighWatermark, LagOffsets: p.LagOffsets, LagMillis: p.LagMillis, LastConsumedMillis: p.ConsumedMillis,
			Rows: p.TotalRows, RejectedRecords: p.Counters.Rejected, ImplausibleTimes: p.Counters.ImplausibleTimes})
	}
	// The segment records come from the cluster store; where it does not answer, the partitions are shown without them.
	segments, err := i.server.Segments(context.Background(), table)
	if err != nil {
		segments = nil
	}
	for _, s := range segments {
		at, ok := byPartition[s.Partition]
		if !ok {
			continue
		}
		p := &out.Partitions[at]
		seg := controller.SegmentStatus{Name: s.Name, Sequence: s.Sequence, Status: s.Status.String(), Rows: int64(s.Rows), Bytes: s.Bytes,
			Start: s.StartOffset, End: s.EndOffset, CRC: s.CRC, MinMillis: s.MinMillis, MaxMillis: s.MaxMillis, HasTime: s.HasTime, Created: s.CreatedMillis}
		if s.Name == p.Consuming {
			seg.Rows = p.ConsumingRows
		}
		for _, d := range st.Partitions[at].Damaged {
			if d.Sequence == s.Sequence {
				seg.Damage = d.Reason + "; " + d.Repair
			}
		}
		p.Segments = append(p.Segments, seg)
	}
	gaps, err := i.server.Gaps(context.Background(), table)
	if err != nil {
		gaps = nil // as above
	}
	for _, g := range gaps {
		out.Gaps = append(out.Gaps, controller.Gap{Partition: g.Partition, From: g.From, To: g.To, Reason: g.Reason, Millis: g.Millis})
	}
	samples, err := i.server.Rejected(table)
	if err != nil {
		samples = nil // the table went away between the calls
	}
	for _, s := range samples {
		out.Rejected = append(out.Rejected, controller.RejectedRecord{Topic: s.Topic, Partition: s.Partition, Offset: s.Offset, Reason: s.Reason})
	}
	return out, true
}

// ForceCommit implements controller.Ingestion.
func (i ingestion) ForceCommit(ctx context.Context, table string) error {
	_, err := i.server.ForceCommit(ctx, table, nil)
	return err
}

// Pause implements controller.Ingestion.
func (i ingestion) Pause(ctx context.Context, table string) error {
	return i.server.Pause(ctx, table, "")
}

// Resume implements controller.Ingestion.
func (i ingestion) Resume(ctx context.Context, table string) error {
	return i.server.Resume(ctx, table)
}

// Reset implements controller.Ingestion.
func (i ingestion) Reset(ctx context.Context, table, choice string) error {
	to := ingest.Smallest
	if choice == "largest" {
		to = ingest.Largest
	}
	return i.server.Reset(ctx, table, nil, to)
}

// asQuery serves the controller's /sql as the broker's /query/sql.
func asQuery(query http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		forwarded := r.Clone(r.Context())
		forwarded.URL = &url.URL{Path: "/query/sql", RawQuery: r.URL.RawQuery}
		query.ServeHTTP(w, forwarded)
	})
}

// ForceCommit freezes the consuming segments of a table; they are committed in the background.
func (n *Node) ForceCommit(ctx context.Context, table string) error {
	return ingestion{n.server}.ForceCommit(ctx, table)
}

// SealedRows is the number of rows of a table in committed segments.
func (n *Node) SealedRows(ctx context.Context, table string) (int64, error) {
	records, err := n.server.Segments(ctx, table)
	if err != nil {
		return 0, err
	}
	var rows int64
	for _, r := range records {
		rows += int64(r.Rows)
	}
	return rows, nil
}
