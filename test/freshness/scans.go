package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/twmb/franz-go/pkg/kgo"
	"golang.org/x/sync/errgroup"

	"github.com/freshetdb/freshet/test/events"
)

const (
	// scanQuery reads four columns of every row.
	scanQuery = `SELECT url, count(*), sum(price), max(ts), max(quantity) FROM events GROUP BY url ORDER BY 2 DESC LIMIT 10`
	// blockQuery is a one-block aggregate: the zones of ts leave the block that holds the day's first tenth of a second.
	blockQuery = `SELECT count(*), sum(price), max("userId") FROM events WHERE ts < %d`
	blockEvery = 10 * time.Millisecond
)

// scans is the mixed load beside the probes: full scans that loop, and one-block aggregates that are measured.
type scans struct {
	mu     sync.Mutex
	ended  int
	took   time.Duration
	blocks []time.Duration
}

// preload produces rows as fast as Kafka takes them and waits until all are visible and sealed as far as they will be.
func (s *session) preload(ctx context.Context) (err error) {
	client, err := newProducer(s.o.kafka)
	if err != nil {
		return err
	}
	defer client.Close()
	g := events.New(2, int64(s.o.preload))
	var row events.Row
	for i := 0; g.Next(&row); i++ {
		r := &kgo.Record{Topic: s.topic, Partition: int32(i % s.o.partitions), Value: row.AppendJSON(make([]byte, 0, 320))}
		client.Produce(ctx, r, func(_ *kgo.Record, err error) {
			if err != nil && ctx.Err() == nil {
				fmt.Println("preload:", err)
			}
		})
	}
	if err := client.Flush(ctx); err != nil {
		return err
	}
	conn, err := s.connect(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, conn.Close(context.WithoutCancel(ctx))) }()
	for have, sealing := int64(-1), int64(-1); have < int64(s.o.preload) || sealing != 0; {
		if !sleep(ctx, sealPoll) {
			return ctx.Err()
		}
		if err := conn.QueryRow(ctx, `SELECT count(*) FROM events`).Scan(&have); err != nil {
			return err
		}
		if err := conn.QueryRow(ctx, `SELECT count(*) FROM freshet.segments WHERE status = 'SEALING'`).Scan(&sealing); err != nil {
			return err
		}
	}
	return nil
}

func (s *session) connect(ctx context.Context) (*pgx.Conn, error) {
	return pgx.Connect(ctx, fmt.Sprintf("postgres://freshness@127.0.0.1:%d/freshness?sslmode=disable", s.node.postgres))
}

// mix loops the scans and the one-block aggregates until ctx ends.
func (s *session) mix(ctx context.Context) error {
	group, ctx := errgroup.WithContext(ctx)
	loop := func(query string, every time.Duration, note func(time.Duration)) func() error {
		return func() error {
			conn, err := s.connect(ctx)
			if err != nil {
				return err
			}
			defer func() {
				if err := conn.Close(context.WithoutCancel(ctx)); err != nil {
					fmt.Println("close:", err)
				}
			}()
			for ctx.Err() == nil {
				began := time.Now()
				if _, err := conn.Exec(ctx, query); err != nil && ctx.Err() == nil {
					return fmt.Errorf("%s: %w", query, err)
				}
				if ctx.Err() == nil {
					note(time.Since(began))
				}
				if every > 0 && !sleep(ctx, every) {
					break
				}
			}
			return nil
		}
	}
	m := &s.scans
	for range s.o.scans {
		group.Go(loop(scanQuery, 0, func(d time.Duration) {
			m.mu.Lock()
			defer m.mu.Unlock()
			m.ended++
			m.took += d
		}))
	}
	group.Go(loop(fmt.Sprintf(blockQuery, events.StartMillis+100), blockEvery, func(d time.Duration) {
		m.mu.Lock()
		defer m.mu.Unlock()
		m.blocks = append(m.blocks, d)
	}))
	return group.Wait()
}

// report adds what the mixed load saw.
func (m *scans) report(out *strings.Builder) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if len(m.blocks) == 0 {
		return
	}
	slices.Sort(m.blocks)
	fmt.Fprintf(out, "one-block aggregates %d: %s\n", len(m.blocks), percentiles(m.blocks))
	if m.ended > 0 {
		fmt.Fprintf(out, "full scans %d, %s ms each\n", m.ended, millis(m.took/time.Duration(m.ended)))
	}
}
