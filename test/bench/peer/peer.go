package peer

import (
	"context"
	"time"
)

// Peer is an engine that holds the events in a table named events. Not safe for concurrent use.
type Peer interface {
	// Name is that of its forms in the query files.
	Name() string
	// Bytes is what the table takes on disk, 0 where that is not known.
	Bytes() int64
	// Query answers a query with text cells, and gives the time from SQL text to last row.
	Query(ctx context.Context, text string, threads int) ([][]string, time.Duration, error)
	Close() error
}
