// Package kafka is the ingest.Stream over Kafka: one client per topic, no consumer group, explicit offsets.
//
// One goroutine, the dispatcher, polls the client and hands each partition's batches to its Fetcher; it also adds and
// removes partitions, between two polls, so that no batch of an earlier assignment reaches a later Fetcher. A Fetcher
// whose reader is slow is paused at a bound: the others go on. A second goroutine, the monitor, watches the topic's
// identity and whether brokers answer.
//
// Locks: stream.mu protects the maps, fetcher.mu a queue; stream.mu is taken first. Neither is held across a request.
package kafka

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"sync"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/ingest"
	"github.com/freshetdb/freshet/internal/clock"
	"github.com/freshetdb/freshet/internal/errs"
	"github.com/freshetdb/freshet/internal/lifecycle"
	"github.com/freshetdb/freshet/internal/vfs"
)

// Limits. A client holds at most one fetch response per broker, plus what its Fetchers have queued.
const (
	fetchMaxBytes          = 16 << 20
	fetchMaxPartitionBytes = 2 << 20
	brokerMaxReadBytes     = 100 << 20
	// maxQueuedBytes pauses a partition whose reader is slow.
	maxQueuedBytes = 4 << 20
	// throttleWait is how long a delivery waits for a reader whose queue is full, before its partition is paused.
	throttleWait = 20 * time.Millisecond
	// fetchMaxWait bounds how long an idle fetch hangs at the broker: a resumed or added partition waits for it at most.
	fetchMaxWait = 200 * time.Millisecond
	// requestTimeout bounds a metadata or offset request, so that an outage is reported and not waited for in silence.
	requestTimeout = 8 * time.Second
	// DefaultMonitorEvery is how often the topic's identity is checked.
	DefaultMonitorEvery = 5 * time.Second
	unhealthyEvery      = 500 * time.Millisecond
	// monitorTimeout is how long brokers may take to answer before they count as away.
	monitorTimeout = 2 * time.Second
)

// Options are what a stream needs beside the table's config.
type Options struct {
	FS     vfs.FS // certificates
	Clock  clock.Clock
	Logger *slog.Logger
	// MonitorEvery defaults to DefaultMonitorEvery.
	MonitorEvery time.Duration
	ClientID     string // default freshet
}

// stream implements ingest.Stream.
type stream struct {
	topic  string
	client *kgo.Client
	admin  *kadm.Client
	opts   Options
	log    *slog.Logger
	group  *lifecycle.Group
	pokes  chan struct{} // the monitor should look now

	mu struct {
		sync.Mutex
		fetchers map[int32]*fetcher
		topicID  string // as last described
		clientID string // under which the client fetches
		health   error
		commands []command
		cancel   context.CancelFunc // of the poll under way
		closed   bool
	}
}

// command runs on the dispatcher between two polls.
type command struct {
	run  func()
	done chan struct{}
}

var _ ingest.Stream = (*stream)(nil)
var _ ingest.HealthReporter = (*stream)(nil)

// Open connects to a table's topic. It does not wait for brokers; a wrong property is an error of class user.
func Open(t *catalog.Table, opts Options) (ingest.Stream, error) {
	if opts.Clock == nil || opts.Logger == nil || opts.FS == nil {
		return nil, errs.Bug("kafka.Open without clock, logger or file system")
	}
	if opts.MonitorEvery <= 0 {
		opts.MonitorEvery = DefaultMonitorEvery
	}
	s := &stream{topic: t.Stream.Topic, opts: opts, pokes: make(chan struct{}, 1),
		log: opts.Logger.With("topic", t.Stream.Topic, "brokers", t.Stream.Brokers)}
	s.mu.fetchers = map[int32]*fetcher{}
	options, err := clientOptions(t, opts)
	if err != nil {
		return nil, err
	}
	isolation := kgo.ReadCommitted()
	if t.Stream.Props["stream.kafka.isolation.level"] == "read_uncommitted" {
		isolation = kgo.ReadUncommitted()
	}
	options = append(options, kgo.FetchIsolationLevel(isolation), kgo.FetchMinBytes(1), kgo.FetchMaxWait(fetchMaxWait),
		kgo.FetchMaxBytes(fetchMaxBytes), kgo.FetchMaxPartitionBytes(fetchMaxPartitionBytes),
		kgo.ConsumeResetOffset(kgo.NoResetOffset()), kgo.KeepControlRecords(), kgo.KeepRetryableFetchErrors(),
		kgo.WithHooks(&hooks{s: s}))
	if s.client, err = kgo.NewClient(options...); err != nil {
		return nil, errs.User(errs.InvalidParameterValue, "cannot make a Kafka client for topic %s", s.topic).Wrap(err)
	}
	s.admin = kadm.NewClient(s.client)
	s.group = lifecycle.NewGroup(context.Background())
	s.group.Go("kafka dispatcher", s.dispatch)
	s.group.Go("kafka monitor", s.monitor)
	return s, nil
}

// clientOptions are those that consumer and dead-letter producer share.
func clientOptions(t *catalog.Table, opts Options) ([]kgo.Opt, error) {
	id := opts.ClientID
	if id == "" {
		id = "freshet"
	}
	options := []kgo.Opt{kgo.SeedBrokers(t.Stream.Brokers...), kgo.ClientID(id), kgo.BrokerMaxReadBytes(brokerMaxReadBytes),
		kgo.MetadataMinAge(250 * time.Millisecond), kgo.RetryTimeout(requestTimeout)}
	secure, err := security(opts.FS, t.Stream.Props)
	return append(options, secure...), err
}

// hooks wake the monitor when a connection fails.
type hooks struct{ s *stream }

var _ kgo.HookBrokerConnect = (*hooks)(nil)

// OnBrokerConnect implements kgo.HookBrokerConnect.
func (h *hooks) OnBrokerConnect(_ kgo.BrokerMetadata, _ time.Duration, _ net.Conn, err error) {
	if err != nil {
		h.s.poke()
	}
}

func (s *stream) poke() {
	select {
	case s.pokes <- struct{}{}:
	default:
	}
}

// unavailable wraps an error of the client.
func (s *stream) unavailable(what string, err error) error {
	if e := (*errs.Error)(nil); errors.As(err, &e) {
		return err
	}
	return errs.New(errs.ClassUnavailable, errs.CannotConnectNow, "cannot %s of topic %s", what, s.topic).Wrap(err)
}

func (s *stream) missing() error {
	return ingest.NewPositionError(ingest.PositionError{Reason: ingest.ErrTopicMissing, Topic: s.topic, Partition: -1, Offset: -1, Start: -1, End: -1})
}

// Describe implements ingest.Stream.
func (s *stream) Describe(ctx context.Context) (ingest.Topic, error) {
	ctx, cancel := context.WithTimeout(ctx, requestTimeout)
	defer cancel()
	meta, err := s.admin.Metadata(ctx, s.topic)
	if err != nil {
		return ingest.Topic{}, s.unavailable("read metadata", err)
	}
	detail, ok := meta.Topics[s.topic]
	switch {
	case !ok, errors.Is(detail.Err, kerr.UnknownTopicOrPartition), errors.Is(detail.Err, kerr.UnknownTopicID):
		return ingest.Topic{}, s.missing()
	case detail.Err != nil:
		return ingest.Topic{}, s.unavailable("read metadata", detail.Err)
	}
	out := ingest.Topic{Name: s.topic}
	if detail.ID != (kadm.TopicID{}) {
		out.ID = detail.ID.String()
	}
	for _, p := range detail.Partitions.Sorted() {
		out.Partitions = append(out.Partitions, p.Partition)
	}
	s.mu.Lock()
	s.mu.topicID = out.ID
	s.mu.Unlock()
	return out, nil
}

// lister is one of kadm's offset requests.
type lister func(ctx context.Context, topics ...string) (kadm.ListedOffsets, error)

func (s *stream) list(ctx context.Context, partition int32, l lister) (int64, error) {
	ctx, cancel := context.WithTimeout(ctx, requestTimeout)
	defer cancel()
	offsets, err := l(ctx, s.topic)
	if err != nil {
		return 0, s.unavailable(fmt.Sprintf("list offsets of partition %d", partition), err)
	}
	o, ok := offsets.Lookup(s.topic, partition)
	if !ok {
		return 0, s.missing()
	}
	if errors.Is(o.Err, kerr.UnknownTopicOrPartition) {
		return 0, s.missing()
	}
	if o.Err != nil {
		return 0, s.unavailable(fmt.Sprintf("list offsets of partition %d", partition), o.Err)
	}
	return o.Offset, nil
}

// ResolveOffset implements ingest.Stream.
func (s *stream) ResolveOffset(ctx context.Context, partition int32, from ingest.Position) (int64, error) {
	switch {
	case from == ingest.Smallest:
		return s.list(ctx, partition, s.admin.ListStartOffsets)
	case from == ingest.Largest:
		return s.list(ctx, partition, s.admin.ListEndOffsets)
	case from < 0:
		return 0, errs.Bug("position %d", from)
	}
	return s.list(ctx, partition, func(ctx context.Context, topics ...string) (kadm.ListedOffsets, error) {
		return s.admin.ListOffsetsAfterMilli(ctx, int64(from), topics...)
	})
}

// Offsets implements ingest.Stream. The end is the last stable offset: open transactions are not readable yet.
func (s *stream) Offsets(ctx context.Context, partition int32) (start, end int64, err error) {
	if start, err = s.list(ctx, partition, s.admin.ListStartOffsets); err != nil {
		return 0, 0, err
	}
	end, err = s.list(ctx, partition, s.admin.ListCommittedOffsets)
	return start, max(end, start), err
}

// Health implements ingest.HealthReporter.
func (s *stream) Health() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.mu.health
}

// Open implements ingest.Stream.
func (s *stream) Open(partition int32, offset int64, leaderEpoch int32) (ingest.Fetcher, error) {
	f := &fetcher{s: s, partition: partition, ready: make(chan struct{}, 1), drained: make(chan struct{}, 1)}
	f.mu.next, f.mu.high = offset, -1
	s.mu.Lock()
	switch {
	case s.mu.closed:
		s.mu.Unlock()
		return nil, s.unavailable("open a partition", ingest.ErrClosed)
	case s.mu.fetchers[partition] != nil:
		s.mu.Unlock()
		return nil, errs.Bug("partition %d of topic %s is fetched already", partition, s.topic)
	}
	f.topicID = s.mu.topicID
	s.mu.Unlock()
	ok := s.onDispatcher(func() {
		s.mu.Lock()
		s.mu.fetchers[partition] = f
		purge := s.mu.clientID != "" && s.mu.clientID != f.topicID
		s.mu.clientID = f.topicID
		s.mu.Unlock()
		if purge { // the client keeps to the identity that it saw first
			s.client.PurgeTopicsFromClient(s.topic)
		}
		s.client.ResumeFetchPartitions(map[string][]int32{s.topic: {partition}})
		at := kgo.NoResetOffset().At(offset).WithEpoch(leaderEpoch)
		s.client.AddConsumePartitions(map[string]map[int32]kgo.Offset{s.topic: {partition: at}})
	})
	if !ok {
		return nil, s.unavailable("open a partition", ingest.ErrClosed)
	}
	return f, nil
}

// onDispatcher runs f on the dispatcher between two polls and waits for it; it reports false when the stream is closed.
func (s *stream) onDispatcher(f func()) bool {
	c := command{run: f, done: make(chan struct{})}
	s.mu.Lock()
	if s.mu.closed {
		s.mu.Unlock()
		return false
	}
	s.mu.commands = append(s.mu.commands, c)
	if s.mu.cancel != nil {
		s.mu.cancel()
	}
	s.mu.Unlock()
	select {
	case <-c.done:
		return true
	case <-s.group.Context().Done():
		return false
	}
}

// Close implements ingest.Stream.
func (s *stream) Close() {
	s.mu.Lock()
	closed := s.mu.closed
	s.mu.closed = true
	s.mu.Unlock()
	if closed {
		return
	}
	if err := s.group.Stop(); err != nil && !errors.Is(err, context.Canceled) {
		s.log.Error("kafka stream ended with an error", "error", err)
	}
	s.client.Close()
	for _, f := range s.open() {
		f.fail(s.unavailable("fetch", ingest.ErrClosed))
	}
}

// open gives the fetchers that are open.
func (s *stream) open() []*fetcher {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := make([]*fetcher, 0, len(s.mu.fetchers))
	for _, f := range s.mu.fetchers {
		out = append(out, f)
	}
	return out
}

// dispatch polls the client until the stream is closed.
func (s *stream) dispatch(ctx context.Context) error {
	for ctx.Err() == nil {
		pollCtx, cancel := context.WithCancel(ctx)
		s.mu.Lock()
		commands := s.mu.commands
		s.mu.commands = nil
		if len(commands) == 0 {
			s.mu.cancel = cancel
		}
		s.mu.Unlock()
		if len(commands) > 0 {
			for _, c := range commands {
				c.run()
				close(c.done)
			}
			cancel()
			continue
		}
		fetches := s.client.PollFetches(pollCtx)
		cancel()
		s.mu.Lock()
		s.mu.cancel = nil
		s.mu.Unlock()
		fetches.EachPartition(s.deliver)
	}
	return ctx.Err()
}

// deliver hands one partition's batch, or its error, to its fetcher.
func (s *stream) deliver(p kgo.FetchTopicPartition) {
	if p.Topic != s.topic {
		return // the client's word for a canceled poll
	}
	s.mu.Lock()
	f := s.mu.fetchers[p.Partition]
	s.mu.Unlock()
	if f == nil {
		return
	}
	loss := (*kgo.ErrDataLoss)(nil)
	switch {
	case p.Err == nil:
	case errors.As(p.Err, &loss):
		f.fail(ingest.NewPositionError(ingest.PositionError{Reason: ingest.ErrTruncated, Topic: s.topic, Partition: p.Partition,
			Offset: loss.ConsumedTo, Start: -1, End: loss.ResetTo}))
		return
	case errors.Is(p.Err, kerr.OffsetOutOfRange):
		f.outOfRange()
		return
	case kerr.IsRetriable(p.Err):
		s.poke() // moved leaders, or a deleted topic: the client refreshes its metadata and the monitor looks
	default:
		f.fail(s.unavailable(fmt.Sprintf("fetch partition %d", p.Partition), p.Err))
		return
	}
	f.push(p.FetchPartition)
}

// monitor checks the topic's identity now and then, more often while something is wrong.
func (s *stream) monitor(ctx context.Context) error {
	for {
		wait := s.opts.MonitorEvery
		if s.Health() != nil {
			wait = unhealthyEvery
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-s.opts.Clock.After(wait):
		case <-s.pokes:
		}
		s.check(ctx)
		// Pokes come in bursts while brokers are away.
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-s.opts.Clock.After(unhealthyEvery / 5):
		}
	}
}

// check looks at the topic, fails fetchers whose topic is gone or another one, and notes whether brokers answer.
func (s *stream) check(ctx context.Context) {
	checkCtx, cancel := context.WithTimeout(ctx, monitorTimeout)
	topic, err := s.Describe(checkCtx)
	cancel()
	if ctx.Err() != nil {
		return
	}
	if _, gone := ingest.AsPositionError(err); gone {
		for _, f := range s.open() {
			f.fail(err)
		}
		err = nil // brokers do answer
	} else if err == nil {
		for _, f := range s.open() {
			if f.topicID != "" && topic.ID != f.topicID {
				f.fail(ingest.NewPositionError(ingest.PositionError{Reason: ingest.ErrTopicRecreated, Topic: s.topic, Partition: f.partition,
					Offset: f.position(), Start: -1, End: -1, WasID: f.topicID, NowID: topic.ID}))
			}
		}
	}
	s.mu.Lock()
	old := s.mu.health
	s.mu.health = err
	s.mu.Unlock()
	switch {
	case err != nil && old == nil:
		s.log.Warn("kafka brokers do not answer, trying again", "error", err)
	case err == nil && old != nil:
		s.log.Info("kafka brokers answer again")
	}
}
