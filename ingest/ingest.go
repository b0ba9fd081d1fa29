// Package ingest is the stream contract and the loop that owns a partition: fetched records become rows of the
// consuming segment, segments are frozen, built, uploaded and committed, every row exactly once.
package ingest

import "context"

// Record is one record of a stream partition. Its slices belong to the fetch and are valid only until the next poll:
// whoever keeps bytes copies them.
type Record struct {
	Key         []byte
	Value       []byte // nil: a tombstone
	Headers     []Header
	Partition   int32
	Offset      int64
	TimestampMs int64
	LeaderEpoch int32
}

// Header is a record header.
type Header struct {
	Key   string
	Value []byte
}

// Stream is a connection to one topic. Implementations: ingest/kafka, ingest/memstream (tests). All methods are safe
// for concurrent use; calls block until done, ctx ends, or a final error; outages are retried inside Fetch.
type Stream interface {
	// Describe gives the topic's identity and partitions. A missing topic is an errs.ClassUnavailable error with
	// SQLSTATE UndefinedObject.
	Describe(ctx context.Context) (Topic, error)
	// ResolveOffset gives the offset to start a partition from.
	ResolveOffset(ctx context.Context, partition int32, from Position) (int64, error)
	// Offsets gives the first retained offset and the high watermark (exclusive; last stable offset for read committed).
	Offsets(ctx context.Context, partition int32) (start, end int64, err error)
	// Open starts fetching one partition at an offset. One Fetcher per partition at a time.
	Open(partition int32, offset int64, leaderEpoch int32) (Fetcher, error)
	// Close ends every Fetcher and the connection.
	Close()
}

// Topic describes a topic. ID changes when a topic is deleted and made again; it is "" where brokers do not tell.
type Topic struct {
	Name       string
	ID         string
	Partitions []int32
}

// Position is where to start: a time (milliseconds), or one of the constants.
type Position int64

// Special positions.
const (
	Smallest Position = -2
	Largest  Position = -1
)

// Fetcher gives the records of one partition in order. Used by one goroutine.
type Fetcher interface {
	// Poll blocks until there are records, ctx ends, or the position is not readable. Records are in offset order,
	// aborted ones and control records left out. next is the offset after the last record delivered or skipped, for
	// lag; high is the newest known end. The records are valid until the next Poll.
	Poll(ctx context.Context) (p Polled, err error)
	// Pause stops fetching without losing the position, Resume goes on. Buffered bytes stay bounded meanwhile.
	Pause()
	Resume()
	Close()
}

// Polled is one delivery. Position errors (see errors of package ingest) come as Poll's error instead.
type Polled struct {
	Records []Record
	// NextOffset is the fetch position, HighWatermark the end of the log as of this fetch.
	NextOffset, HighWatermark int64
}
