package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/freshetdb/freshet/ingest"
	"github.com/freshetdb/freshet/internal/clock"
	"github.com/freshetdb/freshet/internal/config"
	"github.com/freshetdb/freshet/internal/embedkafka"
	"github.com/freshetdb/freshet/internal/lifecycle"
	"github.com/freshetdb/freshet/internal/node"
	"github.com/freshetdb/freshet/internal/quickstart"
)

// common are the flags of every command that runs a node.
type common struct {
	Config         string            `help:"YAML file with settings (see configs/freshet.yaml)." type:"existingfile" placeholder:"FILE"`
	DataDir        string            `help:"Directory for everything that must survive." placeholder:"DIR"`
	Listen         string            `help:"Address of every port (default 127.0.0.1)." placeholder:"ADDRESS"`
	Role           string            `help:"Roles to run: all." placeholder:"ROLE"`
	ControllerPort int               `help:"Admin REST (default 9000)." default:"-1" placeholder:"PORT"`
	PostgresPort   int               `help:"Postgres wire (default 5433)." default:"-1" placeholder:"PORT"`
	HTTPPort       int               `help:"HTTP query API (default 8099)." default:"-1" name:"http-port" placeholder:"PORT"`
	ServerPort     int               `help:"Health and metrics of the server role (default 8097)." default:"-1" placeholder:"PORT"`
	Set            map[string]string `help:"Any setting by its dotted key, for example --set broker.query_timeout=30s." placeholder:"KEY=VALUE"`
	CrashAt        string            `hidden:"" placeholder:"POINT:N" help:"Kill the process the N-th time that sealing passes a point; for crash tests."`
}

// load composes the settings.
func (c *common) load(defaultDir string) (config.Config, error) {
	flags := map[string]any{}
	for key, value := range c.Set {
		flags[key] = value
	}
	for key, value := range map[string]string{"data_dir": c.DataDir, "listen": c.Listen, "role": c.Role} {
		if value != "" {
			flags[key] = value
		}
	}
	for key, value := range map[string]int{"controller.http_port": c.ControllerPort, "broker.postgres_port": c.PostgresPort,
		"broker.http_port": c.HTTPPort, "server.http_port": c.ServerPort} {
		if value >= 0 {
			flags[key] = value
		}
	}
	cfg, err := config.Load(c.Config, config.Environ(), flags)
	if err == nil && defaultDir != "" && c.DataDir == "" && cfg.DataDir == config.Default().DataDir {
		cfg.DataDir = defaultDir
	}
	return cfg, err
}

// hooks makes the process kill itself at a named point.
func (c *common) hooks() (ingest.Hooks, error) {
	if c.CrashAt == "" {
		return ingest.Hooks{}, nil
	}
	point, count, _ := strings.Cut(c.CrashAt, ":")
	n, err := strconv.ParseInt(count, 10, 64)
	if err != nil || n < 1 {
		return ingest.Hooks{}, fmt.Errorf("--crash-at is %q, want a point and a count such as after-upload:2", c.CrashAt)
	}
	var seen atomic.Int64
	return ingest.Hooks{Point: func(at string) {
		if at == point && seen.Add(1) == n {
			if err := syscall.Kill(os.Getpid(), syscall.SIGKILL); err != nil {
				panic(err)
			}
		}
	}}, nil
}

func newLogger(l config.Log) (*slog.Logger, error) {
	level, err := l.SlogLevel()
	if err != nil {
		return nil, err
	}
	opts := &slog.HandlerOptions{Level: level}
	if l.Format == "json" {
		return slog.New(slog.NewJSONHandler(os.Stderr, opts)), nil
	}
	return slog.New(slog.NewTextHandler(os.Stderr, opts)), nil
}

// startNode starts a node from the flags.
func (c *common) startNode(ctx context.Context, cfg config.Config) (*node.Node, *slog.Logger, error) {
	log, err := newLogger(cfg.Log)
	if err != nil {
		return nil, nil, err
	}
	hooks, err := c.hooks()
	if err != nil {
		return nil, nil, err
	}
	n, err := node.Start(ctx, node.Options{Config: cfg, Version: version, Logger: log, Hooks: hooks})
	return n, log, err
}

type startCmd struct{ common }

// Run runs a node until a signal.
func (s *startCmd) Run(ctx context.Context) error {
	cfg, err := s.load("")
	if err != nil {
		return err
	}
	n, log, err := s.startNode(ctx, cfg)
	if err != nil {
		return err
	}
	a := n.Addrs()
	log.Info("started", "version", version, "data_dir", cfg.DataDir, "postgres", a.Postgres, "query_http", a.BrokerHTTP, "admin_http", a.Controller, "server_http", a.ServerHTTP)
	return n.Wait()
}

type quickstartCmd struct {
	common
	Kafka     string    `help:"Use this Kafka instead of the embedded one." placeholder:"HOST:PORT"`
	KafkaPort int       `help:"Port of the embedded Kafka." default:"9092"`
	Seed      uint64    `help:"Seed of the events; with --start the same seed gives the same bytes." default:"1"`
	Start     time.Time `help:"Time of the first event (default now)." placeholder:"2026-01-01T00:00:00Z"`
	Rate      float64   `help:"Orders per second." default:"10"`
	Events    int64     `help:"Stop after this many orders (-1: go on)." default:"-1"`
}

// Run runs a node, the embedded Kafka and the shop.
func (q *quickstartCmd) Run(ctx context.Context) (err error) {
	if q.Rate <= 0 || q.Rate > 100_000 {
		return fmt.Errorf("--rate is %v, want more than 0 and at most 100000 orders per second", q.Rate)
	}
	cfg, err := q.load(filepath.Join("data", "quickstart"))
	if err != nil {
		return err
	}
	brokers, salt := q.Kafka, uint64(0)
	if brokers == "" {
		kafka, err := q.startKafka(cfg)
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, kafka.Close()) }()
		brokers = kafka.Addr()
		for _, end := range kafka.HighWatermarks(quickstart.TopicOrders) {
			salt += uint64(end)
		}
	} else if err := quickstart.CreateTopics(ctx, brokers); err != nil {
		return err
	}
	n, log, err := q.startNode(ctx, cfg)
	if err != nil {
		return err
	}
	if err := q.createTables(ctx, n, brokers); err != nil {
		return errors.Join(err, n.Stop())
	}
	q.greet(n.Addrs(), brokers)
	group := lifecycle.NewGroup(ctx)
	group.Go("pizza shop", func(ctx context.Context) error {
		return quickstart.Produce(ctx, quickstart.Options{Brokers: strings.Split(brokers, ","), Seed: q.Seed, Start: q.Start, Rate: q.Rate,
			Events: q.Events, Salt: salt, Clock: clock.Real{}, Logger: log})
	})
	group.Go("node", func(context.Context) error { return n.Wait() })
	return group.Wait()
}

func (q *quickstartCmd) startKafka(cfg config.Config) (*embedkafka.Server, error) {
	kafka, err := embedkafka.Start(embedkafka.Config{Dir: filepath.Join(cfg.DataDir, "kafka"), Addr: cfg.Addr(q.KafkaPort), Sync: true})
	if err != nil {
		return nil, fmt.Errorf("%w; is another Kafka on that port? Choose one with --kafka-port, or use yours with --kafka HOST:PORT", err)
	}
	for _, topic := range quickstart.Topics {
		if err := kafka.CreateTopic(topic, 2); err != nil {
			return nil, errors.Join(err, kafka.Close())
		}
	}
	return kafka, nil
}

// createTables posts the tables that are not there yet.
func (q *quickstartCmd) createTables(ctx context.Context, n *node.Node, brokers string) error {
	have, err := n.Controller().Tables(ctx)
	if err != nil {
		return err
	}
	exists := map[string]bool{}
	for _, t := range have {
		exists[t] = true
	}
	for _, table := range quickstart.Tables {
		if exists[table] {
			continue
		}
		schema, tableConfig, err := quickstart.Configs(table, brokers)
		if err != nil {
			return err
		}
		if _, err := n.Controller().CreateTableConfigs(ctx, table, schema, tableConfig); err != nil {
			return fmt.Errorf("cannot create table %s: %w", table, err)
		}
	}
	return nil
}

// greet prints what to try first.
func (q *quickstartCmd) greet(a node.Addrs, brokers string) {
	host, port, _ := strings.Cut(a.Postgres, ":")
	fmt.Printf("\nThe pizza shop is open. Try, in another terminal:\n\n")
	fmt.Printf("  psql -h %s -p %s -U freshet -c \"SELECT count(*), max(ts) FROM orders\"\n", host, port)
	fmt.Printf("  curl -s http://%s/query/sql -d '{\"sql\": \"SELECT count(*), max(ts) FROM orders\"}'\n\n", a.BrokerHTTP)
	fmt.Printf("Five queries to run in psql, or with: bin/freshet query \"...\"\n\n")
	for _, sql := range quickstart.Queries {
		fmt.Printf("  %s;\n", sql)
	}
	fmt.Printf("\nTables: http://%s/tables   Kafka: %s   Stop: Ctrl-C\n\n", a.Controller, brokers)
}
