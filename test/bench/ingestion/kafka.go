package ingestion

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/freshetdb/freshet/test/events"
)

// KafkaTopic is a topic of events on a real Kafka.
type KafkaTopic struct {
	Broker     string
	Name       string
	Partitions int
	Rows       int64
}

// Fill makes the topic if it is not there and produces what it lacks of Rows, compressed with LZ4.
func (k KafkaTopic) Fill(ctx context.Context) error {
	client, err := kgo.NewClient(kgo.SeedBrokers(k.Broker), kgo.RecordPartitioner(kgo.ManualPartitioner()), kgo.ProducerLinger(5*time.Millisecond),
		kgo.ProducerBatchCompression(kgo.Lz4Compression()), kgo.MaxBufferedRecords(100_000))
	if err != nil {
		return err
	}
	defer client.Close()
	admin := kadm.NewClient(client)
	have, err := k.end(ctx, admin)
	if err != nil || have >= k.Rows {
		return err
	}
	if have > 0 {
		return fmt.Errorf("topic %s has %d records, want none or %d", k.Name, have, k.Rows)
	}
	// The events are of a day long ago: a broker's usual retention would delete them at once.
	forever := "-1"
	if _, err := admin.CreateTopic(ctx, int32(k.Partitions), 1, map[string]*string{"retention.ms": &forever}, k.Name); err != nil {
		return err
	}
	began := time.Now()
	g := events.New(1, k.Rows)
	var row events.Row
	failed := make(chan error, 1)
	for i := 0; g.Next(&row); i++ {
		r := &kgo.Record{Topic: k.Name, Partition: int32(i % k.Partitions), Value: row.AppendJSON(make([]byte, 0, 320)), Timestamp: time.UnixMilli(row.TS)}
		client.Produce(ctx, r, func(_ *kgo.Record, err error) {
			if err != nil {
				select {
				case failed <- err:
				default:
				}
			}
		})
	}
	if err := client.Flush(ctx); err != nil {
		return err
	}
	select {
	case err = <-failed:
	default:
	}
	fmt.Printf("kafka: produced %d records in %.1f s\n", k.Rows, time.Since(began).Seconds())
	return err
}

// end is the number of records that the topic has, 0 if it does not exist.
func (k KafkaTopic) end(ctx context.Context, admin *kadm.Client) (total int64, err error) {
	topics, err := admin.ListTopics(ctx, k.Name)
	if err != nil || !topics.Has(k.Name) {
		return 0, err
	}
	ends, err := admin.ListEndOffsets(ctx, k.Name)
	if err != nil {
		return 0, err
	}
	ends.Each(func(o kadm.ListedOffset) {
		total += o.Offset
		err = errors.Join(err, o.Err)
	})
	return total, err
}

// Ingest posts the schema and the table to a node in dir, which is empty, and waits for all rows.
func (k KafkaTopic) Ingest(ctx context.Context, dir string) (f Figures, err error) {
	n, err := startNode(ctx, dir, nil)
	if err != nil {
		return f, err
	}
	defer func() { err = errors.Join(err, n.Stop()) }()
	base := "http://" + n.Addrs().Controller
	if err := post(ctx, base+"/schemas", []byte(events.Schema)); err != nil {
		return f, err
	}
	return measure(ctx, n, dir, "events", k.Rows, func() error { return post(ctx, base+"/tables", fmt.Appendf(nil, events.Table, k.Broker)) })
}

func post(ctx context.Context, url string, body []byte) error {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, url, bytes.NewReader(body))
	if err != nil {
		return err
	}
	r.Header.Set("Content-Type", "application/json")
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		return err
	}
	text, err := io.ReadAll(io.LimitReader(answer.Body, 1<<16))
	if err = errors.Join(err, answer.Body.Close()); err != nil {
		return err
	}
	if answer.StatusCode != http.StatusOK {
		return fmt.Errorf("POST %s: %s: %s", url, answer.Status, text)
	}
	return nil
}
