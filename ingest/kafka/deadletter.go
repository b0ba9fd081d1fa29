package kafka

import (
	"context"
	"log/slog"
	"slices"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/ingest"
	"github.com/freshetdb/freshet/internal/errs"
)

// Limits of dead letters: what does not fit is counted and left out, ingestion never waits for it.
const (
	maxLetters      = 10_000
	maxLetterBytes  = 32 << 20
	maxReasonBytes  = 1024
	letterFlushTime = 5 * time.Second
)

// letters implements ingest.DeadLetters.
type letters struct {
	client *kgo.Client
	topic  string
	source string
	log    *slog.Logger
	lost   atomic.Int64
}

// OpenDeadLetters connects to a table's dead-letter topic, on the brokers of its stream. end flushes and closes.
func OpenDeadLetters(t *catalog.Table, opts Options) (l ingest.DeadLetters, end func(), err error) {
	if t.Ingestion.DeadLetterTopic == "" {
		return nil, nil, errs.Bug("table %s has no dead-letter topic", t.Name)
	}
	options, err := clientOptions(t, opts)
	if err != nil {
		return nil, nil, err
	}
	client, err := kgo.NewClient(append(options, kgo.DefaultProduceTopic(t.Ingestion.DeadLetterTopic), kgo.MaxBufferedRecords(maxLetters),
		kgo.MaxBufferedBytes(maxLetterBytes), kgo.ProducerLinger(50*time.Millisecond), kgo.RecordDeliveryTimeout(time.Minute))...)
	if err != nil {
		return nil, nil, errs.User(errs.InvalidParameterValue, "cannot make a Kafka producer for topic %s", t.Ingestion.DeadLetterTopic).Wrap(err)
	}
	d := &letters{client: client, topic: t.Ingestion.DeadLetterTopic, source: t.Stream.Topic,
		log: opts.Logger.With("topic", t.Ingestion.DeadLetterTopic)}
	return d, d.end, nil
}

// Send implements ingest.DeadLetters.
func (l *letters) Send(partition int32, r ingest.Record, reason error) {
	text := reason.Error()
	text = text[:min(len(text), maxReasonBytes)]
	out := &kgo.Record{Key: slices.Clone(r.Key), Value: slices.Clone(r.Value), Headers: []kgo.RecordHeader{
		{Key: "freshet.topic", Value: []byte(l.source)},
		{Key: "freshet.partition", Value: strconv.AppendInt(nil, int64(partition), 10)},
		{Key: "freshet.offset", Value: strconv.AppendInt(nil, r.Offset, 10)},
		{Key: "freshet.reason", Value: []byte(text)},
	}}
	for _, h := range r.Headers {
		out.Headers = append(out.Headers, kgo.RecordHeader{Key: h.Key, Value: slices.Clone(h.Value)})
	}
	l.client.TryProduce(context.Background(), out, func(_ *kgo.Record, err error) {
		if err == nil {
			return
		}
		// Powers of two: an outage must not flood the log.
		if n := l.lost.Add(1); n&(n-1) == 0 {
			l.log.Error("dead letters were not delivered", "lost", n, "error", err)
		}
	})
}

func (l *letters) end() {
	ctx, cancel := context.WithTimeout(context.Background(), letterFlushTime)
	defer cancel()
	if err := l.client.Flush(ctx); err != nil {
		l.log.Error("dead letters were not flushed", "waiting", l.client.BufferedProduceRecords(), "error", err)
	}
	l.client.Close()
}
