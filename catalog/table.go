package catalog

import "time"

// Table is a validated table config, with defaults filled in.
type Table struct {
	Name string // raw name, without _REALTIME
	// Incarnation is unique per creation: a table that is dropped and made again is another one. Set by the controller.
	Incarnation string
	// Version counts accepted config changes, from 1; set by the controller.
	Version    int
	TimeColumn string // a dateTime field, or ""
	// Retention drops sealed segments whose newest row is older; 0 keeps them.
	Retention time.Duration
	Stream    Stream
	Ingestion Ingestion
	Index     Index
	Metadata  map[string]string // metadata.customConfigs
	// TimeoutMillis is query.timeoutMs, 0 if not stated.
	TimeoutMillis int64
}

// Stream says where records come from and when consuming segments end.
type Stream struct {
	Topic   string
	Brokers []string
	// OffsetReset is smallest, largest, or a time for a partition without committed segment.
	OffsetReset OffsetReset
	Decoder     string            // canonical: json
	Props       map[string]string // every stream key as written, for client options (sasl.*, ssl.*, isolation)
	Partitions  []int32           // stream.kafka.partition.ids; nil: all
	Flush       Flush
}

// OffsetReset is a start position.
type OffsetReset struct {
	Kind  OffsetKind
	Time  time.Time     // OffsetTime
	Since time.Duration // OffsetSince: now minus this
}

// OffsetKind says which position.
type OffsetKind uint8

// Offset kinds.
const (
	OffsetSmallest OffsetKind = iota + 1
	OffsetLargest
	OffsetTime
	OffsetSince
)

// Flush are the thresholds of a consuming segment; the first one reached ends it.
type Flush struct {
	Rows  int           // default 1,000,000
	Age   time.Duration // default 6h
	Bytes int64         // default 200 MB
}

// Ingestion is what happens between a decoded record and a row.
type Ingestion struct {
	Transforms []Transform
	// Filter is the filterFunction: rows for which it is true are dropped. "" keeps all.
	Filter          string
	Complex         *ComplexType // nil: no flattening
	ContinueOnError bool         // a failed transform gives NULL instead of dropping the row
	RowTimeCheck    bool         // rows with implausible time are dropped
	DeadLetterTopic string       // metadata freshet.deadLetterTopic
}

// Transform computes a column from source fields.
type Transform struct{ Column, Function string }

// ComplexType is complexTypeConfig.
type ComplexType struct {
	Delimiter    string
	Unnest       []string
	Collections  CollectionMode
	PrefixRename []PrefixRename // in a deterministic order
}

// PrefixRename renames columns after flattening.
type PrefixRename struct{ From, To string }

// CollectionMode is collectionNotUnnestedToJson.
type CollectionMode uint8

// Collection modes.
const (
	CollectionsNonPrimitive CollectionMode = iota + 1 // arrays of objects become JSON text (default)
	CollectionsNone
	CollectionsAll
)

// Index is what tableIndexConfig and fieldConfigList ask for, already united. Kinds that only speed up and are not
// built yet are kept here and reported as warnings.
type Index struct {
	SortedColumn string
	NoDictionary map[string]bool
	// Columns maps an index kind (inverted, range, bloom, json, text, h3, fst, timestamp, vector, startree) to columns.
	Columns map[string][]string
	// Partition is segmentPartitionConfig: column -> function and count.
	Partition map[string]PartitionFunction
	// PrunePartitions: routing.segmentPrunerTypes has "partition", so that queries may leave out partitions by Partition.
	PrunePartitions bool
}

// PartitionFunction says how the producer partitioned by a column.
type PartitionFunction struct {
	Function string
	Count    int
}
