package ingest

import (
	"errors"
	"fmt"

	"github.com/freshetdb/freshet/internal/errs"
)

// Reasons why a position of a stream cannot be read. A PositionError carries one; none of them heals by waiting,
// except a missing topic that comes back with the same identity.
var (
	// ErrTopicMissing: the topic does not exist (any more).
	ErrTopicMissing = errors.New("topic is missing")
	// ErrTopicRecreated: the topic was deleted and made again, its offsets mean other records now.
	ErrTopicRecreated = errors.New("topic was deleted and created again")
	// ErrOffsetExpired: retention removed the records at the position before they were consumed.
	ErrOffsetExpired = errors.New("offset is no longer retained")
	// ErrTruncated: the log ends before the position or diverged below it (unclean leader election, restored broker).
	ErrTruncated = errors.New("log was truncated")
)

// Reasons why a partition's owner has to stop or to look again.
var (
	// ErrFenced: the table incarnation is gone, or another instance owns the partition.
	ErrFenced = errors.New("ownership of the partition was lost")
	// ErrConflict: the committed state is not what this owner left; it has to load it again.
	ErrConflict = errors.New("committed state changed under its owner")
	// ErrClosed: the stream or fetcher was closed.
	ErrClosed = errors.New("stream is closed")
)

// PositionError says which position of which partition cannot be read and what the log holds instead.
type PositionError struct {
	Reason    error // one of the sentinels above
	Topic     string
	Partition int32
	Offset    int64 // the wanted position
	Start     int64 // first retained offset, -1 if unknown
	End       int64 // end of the log, or where it diverged; -1 if unknown
	WasID     string
	NowID     string
}

// Error implements error.
func (e *PositionError) Error() string {
	at := "topic " + e.Topic
	if e.Partition >= 0 { // else the whole topic
		at = fmt.Sprintf("topic %s partition %d offset %d", e.Topic, e.Partition, e.Offset)
	}
	switch {
	case errors.Is(e.Reason, ErrOffsetExpired):
		return fmt.Sprintf("%s: %v: the log now starts at %d", at, e.Reason, e.Start)
	case errors.Is(e.Reason, ErrTruncated):
		return fmt.Sprintf("%s: %v: the log now ends at %d", at, e.Reason, e.End)
	case errors.Is(e.Reason, ErrTopicRecreated):
		return fmt.Sprintf("%s: %v: its id was %s and is now %s", at, e.Reason, e.WasID, e.NowID)
	default:
		return fmt.Sprintf("%s: %v", at, e.Reason)
	}
}

// Unwrap gives the reason, for errors.Is.
func (e *PositionError) Unwrap() error { return e.Reason }

// NewPositionError gives the error that Poll and Describe return for e: class unavailable, as an operator has to act on
// the stream, never on the request.
func NewPositionError(e PositionError) error {
	code := errs.CannotConnectNow
	if errors.Is(e.Reason, ErrTopicMissing) {
		code = errs.UndefinedObject
	}
	return errs.New(errs.ClassUnavailable, code, "cannot consume").Wrap(&e)
}

// AsPositionError finds a PositionError in err's chain.
func AsPositionError(err error) (*PositionError, bool) {
	var p *PositionError
	ok := errors.As(err, &p)
	return p, ok
}
