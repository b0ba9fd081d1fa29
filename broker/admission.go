package broker

import (
	"context"
	"errors"
	"sync/atomic"
	"time"

	"github.com/freshetdb/freshet/broker/endpoint"
	"github.com/freshetdb/freshet/internal/clock"
	"github.com/freshetdb/freshet/internal/errs"
)

// admission bounds the queries that run at once; more wait in line, up to a number and a time. Safe for concurrent use.
type admission struct {
	slots    chan struct{}
	waiting  atomic.Int64
	maxQueue int64
	maxWait  time.Duration
	clock    clock.Clock
	metrics  *metrics
}

func newAdmission(cfg Config, m *metrics) *admission {
	return &admission{slots: make(chan struct{}, cfg.MaxQueries), maxQueue: int64(cfg.MaxQueued), maxWait: cfg.QueueTimeout,
		clock: cfg.Clock, metrics: m}
}

// enter waits for a slot. Who got one calls leave once.
func (a *admission) enter(ctx context.Context) error {
	select {
	case a.slots <- struct{}{}:
		return nil
	default:
	}
	if a.waiting.Add(1) > a.maxQueue {
		a.waiting.Add(-1)
		a.metrics.rejected.Inc()
		return tooManyQueries("%d queries run and %d wait", cap(a.slots), a.maxQueue)
	}
	a.metrics.queued.Inc()
	defer func() {
		a.waiting.Add(-1)
		a.metrics.queued.Dec()
	}()
	select {
	case a.slots <- struct{}{}:
		return nil
	case <-ctx.Done():
		return endOf(ctx)
	case <-a.clock.After(a.maxWait):
		a.metrics.rejected.Inc()
		return tooManyQueries("%d queries run, and none ended within %s", cap(a.slots), a.maxWait)
	}
}

func (a *admission) leave() { <-a.slots }

func tooManyQueries(format string, args ...any) error {
	return errs.New(errs.ClassExhausted, errs.ConfigurationLimit, "too many queries").WithDetail(format, args...).
		WithHint("Retry later, or raise broker.max_queries.")
}

// endOf says why a context ended.
func endOf(ctx context.Context) error {
	cause := context.Cause(ctx)
	var e *errs.Error
	if errors.As(cause, &e) {
		return e
	}
	if errors.Is(cause, context.DeadlineExceeded) {
		return endpoint.Timeout()
	}
	return endpoint.UserCancelled()
}
