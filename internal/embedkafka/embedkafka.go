// Package embedkafka is the Kafka that the quickstart brings along and that fast tests use: one broker, durable in a
// folder. It is the only package that knows which broker this is; everything else sees an address.
package embedkafka

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"slices"
	"strconv"
	"strings"

	"github.com/twmb/franz-go/pkg/kfake"
)

// Limits of the broker.
const (
	maxMessageBytes = 8 << 20
	maxPartitions   = 64
)

// Config describes the broker.
type Config struct {
	Dir    string // where topics are kept; "" keeps them in memory
	Addr   string // host:port to listen on; port 0 takes a free one
	Sync   bool   // fsync each batch: nothing acknowledged is lost at a power cut
	Logger *slog.Logger
}

// Server is a running broker.
type Server struct {
	cluster *kfake.Cluster
	addr    string
}

// Start starts the broker.
func Start(cfg Config) (*Server, error) {
	host, port, err := net.SplitHostPort(cfg.Addr)
	if err != nil {
		return nil, fmt.Errorf("embedded Kafka address %q: %w", cfg.Addr, err)
	}
	portNumber, err := strconv.Atoi(port)
	if err != nil {
		return nil, fmt.Errorf("embedded Kafka address %q: %w", cfg.Addr, err)
	}
	opts := []kfake.Opt{kfake.NumBrokers(1), kfake.Ports(portNumber), kfake.DefaultNumPartitions(1),
		kfake.BrokerConfigs(map[string]string{"message.max.bytes": strconv.Itoa(maxMessageBytes)}),
		kfake.ListenFn(func(network, address string) (net.Listener, error) {
			_, p, err := net.SplitHostPort(address)
			if err != nil {
				return nil, err
			}
			return net.Listen(network, net.JoinHostPort(host, p))
		})}
	if cfg.Dir != "" {
		opts = append(opts, kfake.DataDir(cfg.Dir))
	}
	if cfg.Sync {
		opts = append(opts, kfake.SyncWrites())
	}
	if cfg.Logger != nil {
		opts = append(opts, kfake.WithLogger(kfake.BasicLogger(logWriter{cfg.Logger}, kfake.LogLevelWarn)))
	}
	cluster, err := kfake.NewCluster(opts...)
	if err != nil {
		return nil, fmt.Errorf("cannot start the embedded Kafka on %s: %w", cfg.Addr, err)
	}
	addrs := cluster.ListenAddrs()
	if len(addrs) != 1 {
		cluster.Close()
		return nil, errors.New("the embedded Kafka has no address")
	}
	return &Server{cluster: cluster, addr: addrs[0]}, nil
}

// logWriter hands the broker's lines to slog.
type logWriter struct{ log *slog.Logger }

var _ io.Writer = logWriter{}

// Write implements io.Writer.
func (w logWriter) Write(p []byte) (int, error) {
	w.log.Warn("embedded Kafka", "message", strings.TrimSpace(string(p)))
	return len(p), nil
}

// Addr is host:port.
func (s *Server) Addr() string { return s.addr }

// CreateTopic makes a topic that keeps its records; one that exists is left as it is. Topics are made explicitly:
// those that a broker makes by itself do not survive a kill.
func (s *Server) CreateTopic(name string, partitions int) error {
	if s.cluster.TopicInfo(name) != nil {
		return nil
	}
	if partitions < 1 || partitions > maxPartitions {
		return fmt.Errorf("topic %s: %d partitions, want 1 to %d", name, partitions, maxPartitions)
	}
	if err := s.cluster.CreateTopic(name, int32(partitions), map[string]string{"retention.ms": "-1"}); err != nil {
		return fmt.Errorf("cannot create topic %s: %w", name, err)
	}
	return nil
}

// DeleteTopic removes a topic and its records.
func (s *Server) DeleteTopic(name string) error { return s.cluster.DeleteTopic(name) }

// DeleteRecords removes the records of a partition before an offset, as retention does.
func (s *Server) DeleteRecords(topic string, partition int32, before int64) error {
	return s.cluster.DeleteRecords(topic, partition, before)
}

// HighWatermarks gives the end offset per partition of a topic.
func (s *Server) HighWatermarks(topic string) []int64 {
	infos := s.cluster.PartitionInfos(topic)
	slices.SortFunc(infos, func(a, b *kfake.PartitionInfo) int { return int(a.Partition - b.Partition) })
	var ends []int64
	for _, p := range infos {
		ends = append(ends, p.HighWatermark)
	}
	return ends
}

// Close stops the broker. What it has acknowledged is in its folder.
func (s *Server) Close() error {
	s.cluster.Close()
	return nil
}
