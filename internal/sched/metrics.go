package sched

import (
	"errors"

	"github.com/prometheus/client_golang/prometheus"
)

// Register shows the slots in reg.
func (s *Slots) Register(reg prometheus.Registerer) error {
	gauge := func(name, help string, f func() float64) prometheus.Collector {
		return prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: name, Help: help}, f)
	}
	counter := func(name, help string, labels prometheus.Labels, f func() float64) prometheus.Collector {
		return prometheus.NewCounterFunc(prometheus.CounterOpts{Name: name, Help: help, ConstLabels: labels}, f)
	}
	all := []prometheus.Collector{
		gauge("freshet_cpu_slots", "Processor slots that queries share.", func() float64 { return float64(s.size) }),
		gauge("freshet_cpu_slots_in_use", "Processor slots that are held.", func() float64 { return float64(s.InUse()) }),
		gauge("freshet_cpu_slots_waiting", "Goroutines of queries that wait for a slot.", func() float64 { return float64(s.Waiting()) }),
		counter("freshet_cpu_demoted_queries_total", "Queries that held slots for 20 ms and were demoted.", nil,
			func() float64 { return float64(s.counts.demoted.Load()) }),
		counter("freshet_cpu_slots_express_total", "Slots beyond their number, for the first millisecond of queries.", nil,
			func() float64 { return float64(s.counts.express.Load()) }),
		counter("freshet_cpu_slots_overdrawn_total", "Slots beyond their number, for short queries where all holders were stuck.", nil,
			func() float64 { return float64(s.counts.overdrawn.Load()) }),
	}
	for class, name := range []string{"short", "demoted"} {
		labels := prometheus.Labels{"class": name}
		all = append(all,
			counter("freshet_cpu_slot_waits_total", "Slots that were waited for.", labels, func() float64 { return float64(s.counts.grants[class].Load()) }),
			counter("freshet_cpu_slot_wait_seconds_total", "Time that was waited for slots.", labels,
				func() float64 { return float64(s.counts.waitedNanos[class].Load()) / 1e9 }))
	}
	var failed error
	for _, c := range all {
		failed = errors.Join(failed, reg.Register(c))
	}
	return failed
}
