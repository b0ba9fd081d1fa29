package ingest

import (
	"context"

	"github.com/freshetdb/freshet/internal/vec"
	"github.com/freshetdb/freshet/segment"
	"github.com/freshetdb/freshet/segment/partition"
)

// Transformer turns records into rows. It belongs to one partition loop and is not concurrent. ingest/transform's
// Pipeline stands behind it.
type Transformer interface {
	// Process gives the rows of recs; they are valid until the next call. An error means that the pipeline itself
	// failed: a bad record is a Reject.
	Process(recs []Record) (*Rows, error)
}

// Rows is what a Transformer made of a batch of records, rows in record order.
type Rows struct {
	Batch    vec.Batch // columns in schema order, flat
	Offsets  []int64   // per row: offset of its record
	Ordinals []int32   // per row: ordinal within its record
	Rejects  []Reject
	// Filtered counts rows that the filter dropped, ImplausibleTimes rows far outside plausible time, Tombstones records
	// without a value.
	Filtered, ImplausibleTimes, Tombstones int
	// NewestMillis is the newest plausible event time, 0 if none.
	NewestMillis int64
}

// Reject is a record that gave no row, or fewer rows than it holds, or a row with a loss; each record at most once.
type Reject struct {
	Record int // index into the records given
	Reason error
}

// Consuming is a growing segment: one writer appends, versions of the partition show a prefix of its rows.
type Consuming interface {
	partition.Member
	// Append adds rows, all or none.
	Append(b *vec.Batch, offsets []int64, ordinals []int32) error
	Rows() int
	// Bytes is the memory that the segment holds.
	Bytes() int64
}

// Head describes the consuming segment of a partition as it is recorded.
type Head struct {
	Sequence      int64
	Name          string
	StartOffset   int64
	TopicID       string
	LeaderEpoch   int32 // of the record before StartOffset; -1 unknown
	CreatedMillis int64
}

// Sealed describes a frozen segment and, once built, its file.
type Sealed struct {
	Head
	EndOffset int64 // last delivered record + 1
	// EndEpoch is the leader epoch of the last record, -1 unknown.
	EndEpoch                     int32
	Rows                         int
	Bytes                        int64
	CRC                          uint32
	MinMillis, MaxMillis         int64
	HasTime                      bool
	SchemaVersion, ConfigVersion int
	Path                         string // local file, until uploaded
	Key                          string // object in the deep store
}

// Segments makes, builds, stores and opens the segments of one partition under one schema and config version. Methods
// are safe for concurrent use; each is idempotent, as they are repeated after failures.
type Segments interface {
	// NewConsuming makes an empty consuming segment.
	NewConsuming(h Head) (Consuming, error)
	// Build writes rows to a local file, synced, and fills in what is known of it. The file of an earlier attempt is
	// replaced.
	Build(ctx context.Context, s Sealed, rows segment.View) (Sealed, error)
	// Upload makes the file durable in the deep store under s.Key.
	Upload(ctx context.Context, s Sealed) error
	// Open opens the stored segment for queries.
	Open(ctx context.Context, s Sealed) (partition.Member, error)
}

// Committer writes a partition's progress to the cluster store. Every method is one transaction with the table
// incarnation, the owner's lease and the predecessor as conditions, and is idempotent: after an error of class
// unavailable the caller repeats it. ErrFenced and ErrConflict end the owner.
type Committer interface {
	// Claim fixes the end offset of a segment by compare-and-set and gives the offset that stands: the caller's if it
	// was first.
	Claim(ctx context.Context, sequence, end int64) (claimed int64, err error)
	// Commit marks s done and begins next.
	Commit(ctx context.Context, s Sealed, next Head) error
	// Advance moves the start of the consuming segment, which has no rows, over records that gave none.
	Advance(ctx context.Context, h Head) error
	// Reset moves the start of the consuming segment, which has no rows, elsewhere and records the gap.
	Reset(ctx context.Context, h Head, gap Gap) error
}

// Gap is a durable record of offsets that were not consumed, or of a log that was replaced.
type Gap struct {
	Sequence int64 // the segment that begins after the gap
	From, To int64 // offsets left out are From..To-1 where To > From
	Reason   string
	Millis   int64
}

// DeadLetters takes rejected records. Send does not block on the network and copies what it keeps; after a crash a
// record may be sent again.
type DeadLetters interface {
	Send(partition int32, r Record, reason error)
}

// HealthReporter is what a Stream may also implement: the state of its connection.
type HealthReporter interface {
	// Health is nil while brokers answer, else why they do not.
	Health() error
}

// Named points of the way of a segment, for crash tests.
const (
	PointAfterClaim   = "after-claim"
	PointAfterBuild   = "after-build"
	PointAfterUpload  = "after-upload"
	PointBeforeCommit = "before-commit"
	PointAfterCommit  = "after-commit"
)

// Hooks are observation points. A nil func is not called. They are called on the goroutine that does the work, which
// looks at its context afterwards: a hook that ends the context stops it exactly there.
type Hooks struct {
	Point func(point string)
}

func (h Hooks) point(name string) {
	if h.Point != nil {
		h.Point(name)
	}
}
