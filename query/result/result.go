// Package result is what a statement gives back: columns, a stream of batches, statistics and notices.
package result

import (
	"context"

	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/internal/vec"
)

// Column is one column of a result.
type Column struct {
	Name string
	Type catalog.Type
	// OID is PostgreSQL's type where it says more than Type (columns of catalog relations), else 0.
	OID uint32
	// Table and Attribute (1-based position in the schema) name the source where the column is one, else "" and 0.
	Table     string
	Attribute int
	// TableOID is the table's object id in the catalog, 0 where Table is "" or it has none.
	TableOID uint32
}

// Stats is what a query did; the HTTP API reports it under Pinot's names. Complete only after Next returned nil.
type Stats struct {
	RowsScanned, TotalRows                                                int64
	EntriesScannedInFilter, EntriesScannedPostFilter                      int64
	ServersQueried, ServersResponded                                      int
	SegmentsQueried, SegmentsProcessed, SegmentsMatched                   int64
	ConsumingQueried, ConsumingProcessed, ConsumingMatched                int64
	SegmentsPrunedByBroker, SegmentsPrunedByServer, SegmentsPrunedByValue int64
	SegmentsPrunedByLimit                                                 int64
	BlocksPruned, BlocksScanned                                           int64
	MinConsumingFreshnessMillis                                           int64
	GroupsLimitReached                                                    bool
	Tables                                                                []string
	// Scans says what was read of each table.
	Scans []Scan
	// Missing says which rows the answer lacks, a sentence for each damaged segment. Empty: the answer is whole.
	Missing []string
}

// Scan is what the leaves over one table read: rows that passed the filters, and bytes of column data in their stored form.
type Scan struct {
	Table       string
	Leaves      int
	Rows, Bytes int64
}

// Rows is a stream of result batches. Next gives the next batch, or nil at the end; a batch is valid until the next
// call. Batches are flat or constant vectors of Columns' types, and own their memory (no pinned segment behind
// them). Close is idempotent, may be called at any time and must be called. Not safe for concurrent use.
type Rows interface {
	Columns() []Column
	Next(ctx context.Context) (*vec.Batch, error)
	Stats() *Stats
	Notices() []string
	Close() error
}
