package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/freshetdb/freshet/test/bench/stats"
)

const (
	dashboardCount = 8
	// dashboardGoal is how many times longer the 99th percentile may be with all of them than with one.
	dashboardGoal = 3.0
	// refreshEvery is how often a dashboard asks for all of its panels, one after another, from a moment of its own.
	refreshEvery = time.Second
)

// panels are what a dashboard shows of the last hour: 833,000 of 20 million rows.
func panels() []string {
	const hour = `ts >= 1767268800000 AND ts < 1767272400000`
	return []string{
		`SELECT dateTrunc('minute', ts) AS minute, count(*) FROM events WHERE ` + hour + ` GROUP BY dateTrunc('minute', ts) ORDER BY minute LIMIT 100`,
		`SELECT country, sum(price) AS total FROM events WHERE ` + hour + ` GROUP BY country ORDER BY total DESC LIMIT 10`,
		`SELECT campaign, count(*), sum(price) FROM events WHERE ` + hour + ` GROUP BY campaign ORDER BY count(*) DESC LIMIT 10`,
		`SELECT status, count(*), percentilefast(price, 99) FROM events WHERE ` + hour + ` GROUP BY status ORDER BY status LIMIT 10`,
		`SELECT device, avg(price) FROM events WHERE ` + hour + ` AND country = 'ac0' GROUP BY device ORDER BY device LIMIT 20`,
	}
}

// dashboards compares the latency of panels with eight dashboards to that with one. Dashboards refresh every second:
// clients that ask without a pause would wait for each other's turns on the processors whatever the engine does. That,
// the closed loop, is reported beside.
func (b *bench) dashboards(ctx context.Context) error {
	fmt.Println()
	return b.withTable(ctx, func(dataDir string) (err error) {
		p, err := b.startFreshet(dataDir)
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, p.stop()) }()
		if _, err := p.firstRow(ctx, sealedRowsQuery, b.o.table.Rows); err != nil {
			return err
		}
		if _, err := p.refresh(ctx, 1, time.Second, 0); err != nil { // warm
			return err
		}
		each := b.o.duration / 3
		single, err := p.refresh(ctx, 1, each, refreshEvery)
		if err != nil {
			return err
		}
		all, err := p.refresh(ctx, dashboardCount, each, refreshEvery)
		if err != nil {
			return err
		}
		closed, err := p.refresh(ctx, dashboardCount, each, 0)
		if err != nil {
			return err
		}
		b.addDashboards(single, all, closed, each)
		return nil
	})
}

func (b *bench) addDashboards(single, all, closed [][]float64, each time.Duration) {
	one, eight, loop := flatten(single), flatten(all), flatten(closed)
	b.report.add(figure{Name: fmt.Sprintf("panel p99, %d dashboards to one", dashboardCount), Value: stats.Quantile(eight, 0.99) / stats.Quantile(one, 0.99),
		Unit: "x", Goal: dashboardGoal, AtMost: true,
		Note: fmt.Sprintf("p50 %.2f and %.2f, p99 %.2f and %.2f ms; %d panels", stats.Median(one), stats.Median(eight), stats.Quantile(one, 0.99),
			stats.Quantile(eight, 0.99), len(eight))})
	for i, sql := range panels() {
		fmt.Printf("  p99 %.2f and %.2f ms: %.90s\n", stats.Quantile(single[i], 0.99), stats.Quantile(all[i], 0.99), sql)
	}
	fmt.Printf("  without a pause: %.0f panels/s, p50 %.2f, p99 %.2f ms\n", float64(len(loop))/each.Seconds(), stats.Median(loop), stats.Quantile(loop, 0.99))
}

func flatten(by [][]float64) (all []float64) {
	for _, x := range by {
		all = append(all, x...)
	}
	return all
}

// refresh runs count dashboards for a time and gives the milliseconds of each panel.
func (p *process) refresh(ctx context.Context, count int, during, every time.Duration) ([][]float64, error) {
	took := make([][]float64, len(panels()))
	var mu sync.Mutex
	group, ctx := errgroup.WithContext(ctx)
	for i := range count {
		group.Go(func() error {
			mine, err := p.dashboard(ctx, during, every, i)
			mu.Lock()
			defer mu.Unlock()
			for j := range mine {
				took[j] = append(took[j], mine[j]...)
			}
			return err
		})
	}
	err := group.Wait()
	for j := range took {
		if err == nil && len(took[j]) == 0 {
			err = errors.New("a panel was never shown: -duration is too short")
		}
	}
	return took, err
}

func (p *process) dashboard(ctx context.Context, during, every time.Duration, seed int) (took [][]float64, err error) {
	conn, err := p.connect(ctx)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, conn.Close(context.WithoutCancel(ctx))) }()
	took = make([][]float64, len(panels()))
	rng := rand.New(rand.NewPCG(uint64(seed), 7))
	next := time.Now().Add(time.Duration(rng.Float64() * float64(every)))
	for end := time.Now().Add(during); next.Before(end); next = next.Add(every) {
		select {
		case <-ctx.Done():
			return took, ctx.Err()
		case <-time.After(time.Until(next)):
		}
		for i, sql := range panels() {
			began := time.Now()
			rows, err := conn.Query(ctx, sql)
			if err != nil {
				return took, err
			}
			for rows.Next() {
				continue
			}
			if rows.Close(); rows.Err() != nil {
				return took, rows.Err()
			}
			took[i] = append(took[i], float64(time.Since(began).Nanoseconds())/1e6)
		}
		if every == 0 {
			next = time.Now()
		}
	}
	return took, nil
}
