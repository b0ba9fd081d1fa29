package syscat

import (
	"context"
	"net"
	"strconv"
	"strings"
)

// address splits a client's address.
func address(remote string) (host string, port any) {
	h, p, err := net.SplitHostPort(remote)
	if err != nil {
		return remote, nil
	}
	n, err := strconv.Atoi(p)
	if err != nil {
		return h, nil
	}
	return h, n
}

func ownTablesRows(ctx context.Context, q *request, b *builder) error {
	for _, t := range q.snapshot.tables {
		row := []any{"table_name", t.name(), "table_type", "REALTIME", "time_column", orNull(t.Config.TimeColumn), "topic", orNull(t.Config.Stream.Topic),
			"columns", len(t.rel.attrs), "schema_version", t.Schema.Version, "config_version", t.Config.Version,
			"primary_key", orNull(strings.Join(t.Schema.PrimaryKey, ", ")), "incarnation", orNull(t.Config.Incarnation)}
		if s := q.c.cfg.Storage; s != nil {
			rows, bytes := s.Size(ctx, t.name())
			state, reason := s.Status(t.name())
			partitions, err := s.Partitions(ctx, t.name())
			if err != nil {
				return failed("partitions", t.name(), err)
			}
			segments := 0
			for _, p := range partitions {
				segments += p.Segments
			}
			row = append(row, "row_count", known(rows), "bytes", known(bytes), "state", orNull(state), "reason", orNull(reason),
				"segments", segments, "partitions", len(partitions))
		}
		b.add(row...)
	}
	return nil
}

func segmentsRows(ctx context.Context, q *request, b *builder) error {
	for _, t := range q.snapshot.tables {
		if q.c.cfg.Storage == nil {
			return nil
		}
		list, err := q.c.cfg.Storage.Segments(ctx, t.name())
		if err != nil {
			return failed("segments", t.name(), err)
		}
		for _, s := range list {
			row := []any{"table_name", t.name(), "segment_name", s.Name, "status", s.Status, "partition_id", s.Partition, "sequence", s.Sequence,
				"start_offset", s.StartOffset, "end_offset", known(s.EndOffset), "row_count", known(s.Rows), "bytes", known(s.Bytes),
				"created_at", instantOf(s.CreatedMillis)}
			if s.HasTime {
				row = append(row, "min_time", s.MinMillis, "max_time", s.MaxMillis)
			}
			b.add(row...)
		}
	}
	return nil
}

func partitionsRows(ctx context.Context, q *request, b *builder) error {
	for _, t := range q.snapshot.tables {
		if q.c.cfg.Storage == nil {
			return nil
		}
		list, err := q.c.cfg.Storage.Partitions(ctx, t.name())
		if err != nil {
			return failed("partitions", t.name(), err)
		}
		for _, p := range list {
			b.add("table_name", t.name(), "partition_id", p.Partition, "state", p.State, "reason", orNull(p.Reason),
				"segment_name", orNull(p.Segment), "start_offset", known(p.StartOffset), "next_offset", known(p.NextOffset),
				"high_watermark", known(p.HighWatermark), "lag_offsets", known(p.LagOffsets), "lag_ms", known(p.LagMillis), "row_count", known(p.Rows),
				"consumed_at", instantOf(p.ConsumedMillis), "newest_event", instantOf(p.NewestMillis))
		}
	}
	return nil
}

func queriesRows(_ context.Context, q *request, b *builder) error {
	if q.c.cfg.Activity == nil {
		return nil
	}
	now := q.c.cfg.Clock.Now()
	for _, x := range q.c.cfg.Activity.Queries() {
		b.add("query_id", x.ID, "client_query_id", orNull(x.ClientID), "pid", x.PID, "user_name", x.User, "database_name", x.Database,
			"application_name", orNull(x.Application), "client_address", orNull(x.Remote), "started_at", millis(x.Started),
			"elapsed_ms", max(now.Sub(x.Started).Milliseconds(), 0), "query", x.SQL)
	}
	return nil
}

func sessionsRows(_ context.Context, q *request, b *builder) error {
	if q.c.cfg.Activity == nil {
		return nil
	}
	for _, s := range q.c.cfg.Activity.Sessions() {
		b.add("pid", s.PID, "user_name", s.User, "database_name", s.Database, "application_name", orNull(s.Application),
			"client_address", orNull(s.Remote), "protocol", s.Protocol, "started_at", millis(s.Started))
	}
	return nil
}

func ownSettingsRows(_ context.Context, q *request, b *builder) error {
	for _, s := range q.sortedSettings() {
		b.add("name", s.Name, "value", s.Value, "initial_value", s.Initial, "reset_value", s.Reset, "settable", !s.Fixed, "description", s.About)
	}
	return nil
}
