package cluster

import (
	"fmt"
	"net/url"
)

// Prefixes of the keys, one per record type.
const (
	SchemasPrefix    = "/schemas/"
	TablesPrefix     = "/tables/"
	SegmentsPrefix   = "/segments/"
	ClaimsPrefix     = "/claims/"
	PartitionsPrefix = "/partitions/"
	InstancesPrefix  = "/instances/"
)

// escape makes a name one path element: slashes, percent signs and everything else outside URL path characters are
// percent-encoded, so that no name can reach into another's keys.
func escape(name string) string { return url.PathEscape(name) }

// SchemaKey is the key of a schema.
func SchemaKey(name string) string { return SchemasPrefix + escape(name) }

// TableKey is the key of a table, by its raw name.
func TableKey(name string) string { return TablesPrefix + escape(name) }

// InstanceKey is the key of an instance.
func InstanceKey(id string) string { return InstancesPrefix + escape(id) }

// SegmentKey is the key of a segment. Numbers are padded, so that a list is in order of partition and sequence.
func SegmentKey(incarnation string, partition int32, sequence int64) string {
	return SegmentsPartitionPrefix(incarnation, partition) + pad(sequence)
}

// SegmentsTablePrefix is the prefix of all segments of a table.
func SegmentsTablePrefix(incarnation string) string {
	return SegmentsPrefix + escape(incarnation) + "/"
}

// SegmentsPartitionPrefix is the prefix of all segments of a partition.
func SegmentsPartitionPrefix(incarnation string, partition int32) string {
	return SegmentsTablePrefix(incarnation) + padPartition(partition) + "/"
}

// ClaimKey is the key of the claim of a segment's end offset.
func ClaimKey(incarnation string, partition int32, sequence int64) string {
	return ClaimsTablePrefix(incarnation) + padPartition(partition) + "/" + pad(sequence)
}

// ClaimsTablePrefix is the prefix of all claims of a table.
func ClaimsTablePrefix(incarnation string) string { return ClaimsPrefix + escape(incarnation) + "/" }

// PartitionKey is the key of a stream partition's start.
func PartitionKey(incarnation string, partition int32) string {
	return PartitionsTablePrefix(incarnation) + padPartition(partition)
}

// PartitionsTablePrefix is the prefix of all stream partitions of a table.
func PartitionsTablePrefix(incarnation string) string {
	return PartitionsPrefix + escape(incarnation) + "/"
}

// Key is the record's key.
func (r SchemaRecord) Key() string { return SchemaKey(r.Name) }

// Key is the record's key.
func (r TableRecord) Key() string { return TableKey(r.Name) }

// RecordKey is the record's key. (Key is the object's in the deep store.)
func (r SegmentRecord) RecordKey() string { return SegmentKey(r.Incarnation, r.Partition, r.Sequence) }

// Key is the record's key.
func (r ClaimRecord) Key() string { return ClaimKey(r.Incarnation, r.Partition, r.Sequence) }

// Key is the record's key.
func (r PartitionRecord) Key() string { return PartitionKey(r.Incarnation, r.Partition) }

// Key is the record's key.
func (r InstanceRecord) Key() string { return InstanceKey(r.ID) }

// pad and padPartition give numbers the width of their type's largest value. Records refuse negative ones.
func pad(n int64) string { return fmt.Sprintf("%019d", n) }

func padPartition(n int32) string { return fmt.Sprintf("%010d", n) }
