package server

import (
	"strconv"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/freshetdb/freshet/ingest"
)

// collector reads the state of every partition when metrics are scraped: the way of a row counts in plain integers.
type collector struct {
	s       *Server
	metrics []metric
	ready   *prometheus.Desc
	state   *prometheus.Desc
}

// metric is one series per partition.
type metric struct {
	desc  *prometheus.Desc
	kind  prometheus.ValueType
	value func(PartitionStatus) float64
}

func newCollector(s *Server) *collector {
	labels := []string{"table", "partition"}
	c := &collector{s: s,
		ready: prometheus.NewDesc("freshet_server_ready", "1 when every partition was consumed up to the high watermark read at start.", nil, nil),
		state: prometheus.NewDesc("freshet_ingest_state", "1 for the state of the partition's loop.", append(labels, "state"), nil)}
	add := func(kind prometheus.ValueType, name, help string, value func(PartitionStatus) float64) {
		c.metrics = append(c.metrics, metric{prometheus.NewDesc("freshet_"+name, help, labels, nil), kind, value})
	}
	counter := func(name, help string, value func(ingest.Counters) int64) {
		add(prometheus.CounterValue, name, help, func(p PartitionStatus) float64 { return float64(value(p.Counters)) })
	}
	gauge := func(name, help string, value func(PartitionStatus) int64) {
		add(prometheus.GaugeValue, name, help, func(p PartitionStatus) float64 { return float64(value(p)) })
	}
	counter("ingest_records_total", "Records consumed.", func(n ingest.Counters) int64 { return n.Records })
	counter("ingest_rows_total", "Rows made visible.", func(n ingest.Counters) int64 { return n.Rows })
	counter("ingest_bytes_total", "Bytes of record values consumed.", func(n ingest.Counters) int64 { return n.Bytes })
	counter("ingest_filtered_rows_total", "Rows dropped by the table's filter.", func(n ingest.Counters) int64 { return n.Filtered })
	counter("ingest_rejected_records_total", "Records that could not be made rows.", func(n ingest.Counters) int64 { return n.Rejected })
	counter("ingest_tombstones_total", "Records without a value, which give no row.", func(n ingest.Counters) int64 { return n.Tombstones })
	counter("ingest_implausible_times_total", "Rows whose time is far outside plausible time.", func(n ingest.Counters) int64 { return n.ImplausibleTimes })
	counter("ingest_gaps_total", "Gaps that an operator let the partition cross.", func(n ingest.Counters) int64 { return n.GapsCrossed })
	counter("segment_seals_total", "Segments committed.", func(n ingest.Counters) int64 { return n.Seals })
	counter("segment_seal_failures_total", "Failed attempts to claim, build, upload, commit or open a segment.", func(n ingest.Counters) int64 { return n.SealFailures })
	counter("segment_sealed_bytes_total", "Bytes of committed segment files.", func(n ingest.Counters) int64 { return n.SealedBytes })
	counter("segment_seal_milliseconds_total", "Milliseconds from freeze to the committed file's take-over.", func(n ingest.Counters) int64 { return n.SealedMillis })
	gauge("ingest_lag_offsets", "Offsets between the position and the end of the log, -1 unknown.", func(p PartitionStatus) int64 { return p.LagOffsets })
	gauge("ingest_lag_milliseconds", "Age of the newest consumed record while behind, -1 unknown.", func(p PartitionStatus) int64 { return p.LagMillis })
	gauge("segment_count", "Sealed segments hosted.", func(p PartitionStatus) int64 { return int64(p.SealedSegments) })
	gauge("segment_frozen_bytes", "Bytes of frozen segments that are not committed.", func(p PartitionStatus) int64 { return p.FrozenBytes })
	gauge("segment_consuming_bytes", "Bytes of the consuming segment.", func(p PartitionStatus) int64 { return p.SegmentBytes })
	gauge("segment_rows", "Rows that queries see.", func(p PartitionStatus) int64 { return p.TotalRows })
	gauge("segment_damaged", "Damaged segments whose rows are missing.", func(p PartitionStatus) int64 { return int64(len(p.Damaged)) })
	return c
}

// Describe implements prometheus.Collector.
func (c *collector) Describe(ch chan<- *prometheus.Desc) {
	ch <- c.ready
	ch <- c.state
	for _, m := range c.metrics {
		ch <- m.desc
	}
}

// Collect implements prometheus.Collector.
func (c *collector) Collect(ch chan<- prometheus.Metric) {
	ready, _ := c.s.Ready()
	ch <- prometheus.MustNewConstMetric(c.ready, prometheus.GaugeValue, bit(ready))
	for _, t := range c.s.Statuses() {
		for _, p := range t.Partitions {
			id := strconv.Itoa(int(p.Partition))
			ch <- prometheus.MustNewConstMetric(c.state, prometheus.GaugeValue, 1, t.Table, id, p.State.String())
			for _, m := range c.metrics {
				ch <- prometheus.MustNewConstMetric(m.desc, m.kind, m.value(p), t.Table, id)
			}
		}
	}
}

func bit(b bool) float64 {
	if b {
		return 1
	}
	return 0
}
