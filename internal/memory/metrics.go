package memory

import (
	"errors"

	"github.com/prometheus/client_golang/prometheus"
)

// Register shows the accountant in reg.
func (a *Accountant) Register(reg prometheus.Registerer) error {
	failed := reg.Register(prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: "freshet_memory_limit_bytes",
		Help: "Bytes that the process may hold."}, func() float64 { return float64(a.limit) }))
	for k := range kinds {
		failed = errors.Join(failed, reg.Register(prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: "freshet_memory_bytes",
			Help: "Bytes that are held, as accounted.", ConstLabels: prometheus.Labels{"kind": k.String()}},
			func() float64 { return float64(a.Used(k)) })))
	}
	for s, name := range stepNames {
		failed = errors.Join(failed, reg.Register(prometheus.NewCounterFunc(prometheus.CounterOpts{Name: "freshet_memory_shed_total",
			Help:        "Times that memory ran short: caches emptied, queries refused, running queries ended, partitions paused.",
			ConstLabels: prometheus.Labels{"step": name}}, func() float64 { return float64(a.shed[s].Load()) })))
	}
	return failed
}
