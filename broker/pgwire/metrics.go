package pgwire

import (
	"errors"

	"github.com/prometheus/client_golang/prometheus"
)

// metrics are the endpoint's collectors.
type metrics struct {
	open     prometheus.Gauge
	accepted prometheus.Counter
	refused  *prometheus.CounterVec // reason
	messages *prometheus.CounterVec // type
	errors   *prometheus.CounterVec // sqlstate
	rows     prometheus.Counter
	bytes    prometheus.Counter
}

func newMetrics(reg prometheus.Registerer) (*metrics, error) {
	m := &metrics{
		open: prometheus.NewGauge(prometheus.GaugeOpts{Name: "freshet_pgwire_connections",
			Help: "Open Postgres connections."}),
		accepted: prometheus.NewCounter(prometheus.CounterOpts{Name: "freshet_pgwire_connections_accepted_total",
			Help: "Postgres connections accepted."}),
		refused: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "freshet_pgwire_connections_refused_total",
			Help: "Postgres connections that did not become a session."}, []string{"reason"}),
		messages: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "freshet_pgwire_messages_total",
			Help: "Messages received, by kind."}, []string{"kind"}),
		errors: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "freshet_pgwire_errors_total",
			Help: "Errors sent to Postgres clients."}, []string{"sqlstate"}),
		rows: prometheus.NewCounter(prometheus.CounterOpts{Name: "freshet_pgwire_rows_total",
			Help: "Rows sent to Postgres clients."}),
		bytes: prometheus.NewCounter(prometheus.CounterOpts{Name: "freshet_pgwire_sent_bytes_total",
			Help: "Bytes sent to Postgres clients."}),
	}
	if reg == nil {
		return m, nil
	}
	var failed error
	for _, c := range []prometheus.Collector{m.open, m.accepted, m.refused, m.messages, m.errors, m.rows, m.bytes} {
		failed = errors.Join(failed, reg.Register(c))
	}
	return m, failed
}
