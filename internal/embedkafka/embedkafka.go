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
	MaxMessageBytes = 8 << 20 // of a batch: all requests run on one goroutine
	maxPartitions   = 64
	// DefaultRetentionBytes is what a partition keeps: several days of the quickstart.
	DefaultRetentionBytes = 1 << 30
)

// Config describes the broker.
type Config struct {
	Dir  string // where topics are kept; "" keeps them in memory
	Addr string // host:port to listen on; port 0 takes a free one
	// Advertise is the host that clients are told to connect to: by default the listening one, and 127.0.0.1 where that
	// is all interfaces.
	Advertise string
	Sync      bool // fsync each batch: nothing acknowledged is lost at a power cut
	// RetentionBytes is what each partition of topics made from now on keeps, by size because event times may be in any
	// year: 0 is DefaultRetentionBytes, -1 keeps everything.
	RetentionBytes int64
	Logger         *slog.Logger
}

// Server is a running broker. Methods are safe for concurrent use.
type Server struct {
	cluster   *kfake.Cluster
	addr      string
	retention int64
}

// listener listens on one address and tells clients another.
type listener struct {
	net.Listener
	advertised address
}

// Addr implements net.Listener.
func (l listener) Addr() net.Addr { return l.advertised }

// address is host:port as clients get it.
type address string

// Network implements net.Addr.
func (a address) Network() string { return "tcp" }

// String implements net.Addr.
func (a address) String() string { return string(a) }

// listen listens on host and gives out the advertised host with the same port.
func listen(network, host, port, advertise string) (net.Listener, error) {
	l, err := net.Listen(network, net.JoinHostPort(host, port))
	if err != nil {
		return nil, err
	}
	actualHost, actualPort, err := net.SplitHostPort(l.Addr().String())
	if err != nil {
		return nil, errors.Join(err, l.Close())
	}
	if advertise == "" {
		advertise = actualHost
		if ip := net.ParseIP(actualHost); ip != nil && ip.IsUnspecified() {
			advertise = "127.0.0.1"
		}
	}
	return listener{l, address(net.JoinHostPort(advertise, actualPort))}, nil
}

// Start starts the broker. What an earlier one left in cfg.Dir is there again.
func Start(cfg Config) (*Server, error) {
	host, port, err := net.SplitHostPort(cfg.Addr)
	if err != nil {
		return nil, fmt.Errorf("embedded Kafka address %q: %w", cfg.Addr, err)
	}
	portNumber, err := strconv.ParseUint(port, 10, 16)
	if err != nil {
		return nil, fmt.Errorf("embedded Kafka address %q: the port is %q, want 0 to 65535", cfg.Addr, port)
	}
	retention := cfg.RetentionBytes
	if retention == 0 {
		retention = DefaultRetentionBytes
	}
	if retention < -1 {
		return nil, fmt.Errorf("embedded Kafka: retention is %d bytes, want -1 or more", retention)
	}
	opts := []kfake.Opt{kfake.NumBrokers(1), kfake.Ports(int(portNumber)), kfake.DefaultNumPartitions(1),
		kfake.BrokerConfigs(map[string]string{"message.max.bytes": strconv.Itoa(MaxMessageBytes)}),
		kfake.ListenFn(func(network, address string) (net.Listener, error) {
			_, p, err := net.SplitHostPort(address)
			if err != nil {
				return nil, err
			}
			return listen(network, host, p, cfg.Advertise)
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
	return &Server{cluster: cluster, addr: addrs[0], retention: retention}, nil
}

// logWriter hands the broker's lines to slog.
type logWriter struct{ log *slog.Logger }

var _ io.Writer = logWriter{}

// Write implements io.Writer.
func (w logWriter) Write(p []byte) (int, error) {
	w.log.Warn("embedded Kafka", "message", strings.TrimSpace(string(p)))
	return len(p), nil
}

// Addr is host:port as clients are told.
func (s *Server) Addr() string { return s.addr }

// CreateTopic makes a topic; one that exists is left as it is. Topics are made explicitly:
// those that a broker makes by itself do not survive a kill.
func (s *Server) CreateTopic(name string, partitions int) error {
	if s.cluster.TopicInfo(name) != nil {
		return nil
	}
	if partitions < 1 || partitions > maxPartitions {
		return fmt.Errorf("topic %s: %d partitions, want 1 to %d", name, partitions, maxPartitions)
	}
	if err := s.cluster.CreateTopic(name, int32(partitions), map[string]string{"retention.ms": "-1", "retention.bytes": strconv.FormatInt(s.retention, 10)}); err != nil {
		return fmt.Errorf("cannot create topic %s: %w", name, err)
	}
	return nil
}

// EnsureTopics makes the topics that are not there yet, with so many partitions each.
func (s *Server) EnsureTopics(partitions int, names ...string) error {
	for _, name := range names {
		if err := s.CreateTopic(name, partitions); err != nil {
			return err
		}
	}
	return nil
}

// DeleteTopic removes a topic and its records.
func (s *Server) DeleteTopic(name string) error { return s.cluster.DeleteTopic(name) }

// DeleteRecords removes the records of a partition before an offset, as retention does.
func (s *Server) DeleteRecords(topic string, partition int32, before int64) error {
	return s.cluster.DeleteRecords(topic, partition, before)
}

// HighWatermarks gives the end offset per partition of a topic, none for a topic that does not exist.
func (s *Server) HighWatermarks(topic string) []int64 {
	if s.cluster.TopicInfo(topic) == nil {
		return nil
	}
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
