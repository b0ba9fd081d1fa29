package kafka

import "github.com/twmb/franz-go/pkg/kgo"

// PartitionOf is the partition, of count, that Kafka's default partitioner gives a key (murmur2).
func PartitionOf(key []byte, count int) int32 {
	p := kgo.StickyKeyPartitioner(nil).ForTopic("")
	return int32(p.Partition(&kgo.Record{Key: key}, count))
}
