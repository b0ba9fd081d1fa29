package broker

import (
	"errors"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/freshetdb/freshet/broker/endpoint"
	"github.com/freshetdb/freshet/internal/errs"
)

// metrics are the broker's collectors.
type metrics struct {
	sessions prometheus.Gauge
	running  prometheus.Gauge
	queued   prometheus.Gauge
	rejected prometheus.Counter
	queries  *prometheus.CounterVec   // dialect, outcome (ok, or the class of the error)
	limits   *prometheus.CounterVec   // limit, see limitOf
	seconds  *prometheus.HistogramVec // dialect
	rows     prometheus.Counter
	replans  prometheus.Counter
	// The plan cache.
	planHits, planMisses, planEvictions prometheus.Counter
	planBytes                           prometheus.Gauge
}

func newMetrics(reg prometheus.Registerer) (*metrics, error) {
	gauge := func(name, help string) prometheus.Gauge {
		return prometheus.NewGauge(prometheus.GaugeOpts{Name: name, Help: help})
	}
	counter := func(name, help string) prometheus.Counter {
		return prometheus.NewCounter(prometheus.CounterOpts{Name: name, Help: help})
	}
	m := &metrics{
		sessions: gauge("freshet_broker_sessions", "Open sessions of all endpoints."),
		running:  gauge("freshet_broker_running_queries", "Queries that run."),
		queued:   gauge("freshet_broker_queued_queries", "Queries that wait for a slot."),
		rejected: counter("freshet_broker_rejected_queries_total", "Queries refused because too many run and wait."),
		queries: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "freshet_broker_queries_total",
			Help: "Queries that ended."}, []string{"dialect", "outcome"}),
		limits: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "freshet_broker_query_limits_total",
			Help: "Queries that met a limit: memory, rows, deadline (which end them), groups (which leave groups out), cancel."}, []string{"limit"}),
		seconds: prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "freshet_broker_query_seconds",
			Help: "Time from the start of a query to its last row.", Buckets: prometheus.ExponentialBuckets(0.0005, 2.5, 13)}, []string{"dialect"}),
		rows:          counter("freshet_broker_rows_total", "Rows of all results."),
		replans:       counter("freshet_broker_replans_total", "Prepared statements bound again because a table or a setting changed."),
		planHits:      counter("freshet_broker_plan_cache_hits_total", "Statements whose plan was kept."),
		planMisses:    counter("freshet_broker_plan_cache_misses_total", "Statements that had to be planned."),
		planEvictions: counter("freshet_broker_plan_cache_evictions_total", "Kept texts and plans that made room for others."),
		planBytes:     gauge("freshet_broker_plan_cache_bytes", "Estimated bytes of kept texts and plans."),
	}
	if reg == nil {
		return m, nil
	}
	var failed error
	for _, c := range []prometheus.Collector{m.sessions, m.running, m.queued, m.rejected, m.queries, m.limits, m.seconds, m.rows, m.replans,
		m.planHits, m.planMisses, m.planEvictions, m.planBytes} {
		failed = errors.Join(failed, reg.Register(c))
	}
	return m, failed
}

// limitOf names the limit that a query met, "" for none: it ended with err, or left groups out.
func limitOf(err error, groups bool) string {
	switch {
	case err == nil && groups:
		return "groups"
	case err == nil:
		return ""
	case errors.Is(err, endpoint.ErrTimeout):
		return "deadline"
	case errors.Is(err, endpoint.ErrUserCancelled):
		return "cancel"
	}
	switch errs.As(err).Code {
	case errs.OutOfMemory:
		return "memory"
	case errs.ProgramLimitExceeded:
		return "rows"
	default:
		return ""
	}
}
