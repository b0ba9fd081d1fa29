package ingest

import "fmt"

// State says what a partition's loop does.
type State uint8

// States. The zero value is invalid.
const (
	StateInvalid     State = iota
	StateStarting          // looking for its topic and position
	StateConsuming         // reading, or waiting for records
	StateUnavailable       // brokers do not answer or the topic is missing; retried
	StatePaused            // by an operator
	StateStalled           // paused by itself: frozen segments cannot be sealed fast enough, disk full
	StateError             // the position cannot be read; an operator has to choose
	StateStopped           // the loop ended

	// StateCount is the number of states, for exhaustive tests.
	StateCount
)

var stateNames = [StateCount]string{"INVALID", "STARTING", "CONSUMING", "UNAVAILABLE", "PAUSED", "STALLED", "ERROR", "STOPPED"}

// String names the state as the admin API shows it.
func (s State) String() string {
	if s < StateCount {
		return stateNames[s]
	}
	return fmt.Sprintf("STATE(%d)", uint8(s))
}

// MarshalText implements encoding.TextMarshaler.
func (s State) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// Counters only grow while the loop lives.
type Counters struct {
	Records, Rows, Bytes           int64
	Filtered, Rejected, Tombstones int64
	ImplausibleTimes               int64
	Seals, SealFailures            int64
	SealedBytes, SealedMillis      int64 // bytes of sealed files, time from freeze to commit
	Freezes, Advances, GapsCrossed int64
}

// Status is a snapshot of a partition.
type Status struct {
	Partition int32
	State     State
	// Reason says why the state is not CONSUMING; Choices what an operator may do about an ERROR.
	Reason  string   `json:",omitempty"`
	Choices []string `json:",omitempty"`

	Segment      string // consuming segment
	Sequence     int64
	StartOffset  int64 // of the consuming segment
	SegmentRows  int
	SegmentBytes int64

	NextOffset     int64 // after the last record whose rows are visible
	HighWatermark  int64 // -1 unknown
	LagOffsets     int64 // -1 unknown
	LagMillis      int64 // age of the newest consumed record while behind, 0 when caught up, -1 unknown
	ConsumedMillis int64 // when the last record was consumed, 0 never

	NewestMillis int64 // newest plausible event time, 0 none

	FrozenSegments int
	FrozenBytes    int64
	SealedSegments int
	StoredBytes    int64 // of the files of sealed segments
	TotalRows      int64

	// Ready: the high watermark read at start (ReadyOffset) was reached.
	Ready       bool
	ReadyOffset int64

	SealError       string `json:",omitempty"` // why the oldest frozen segment is not sealed yet
	LastError       string `json:",omitempty"`
	LastErrorMillis int64  `json:",omitempty"`
	Counters        Counters
}
