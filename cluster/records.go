package cluster

import (
	"encoding/json"
	"fmt"
	"slices"
	"unicode/utf8"

	"github.com/freshetdb/freshet/internal/errs"
)

// Limits of encoded records and of the names in them. etcd refuses requests above 1.5 MB; segment records are read by
// the thousand at start.
const (
	MaxSegmentRecordBytes = 1 << 10
	MaxSmallRecordBytes   = 4 << 10 // claims, instances, partitions
	MaxConfigRecordBytes  = 1 << 20 // schemas and tables
	MaxNameBytes          = 256
	MaxAddresses          = 16
)

// SchemaRecord is a schema as its owner posted it.
type SchemaRecord struct {
	Name string `json:"name"`
	// Version counts accepted changes, from 1.
	Version int `json:"version"`
	// Schema is the JSON as posted (white space between tokens may differ).
	Schema        json.RawMessage `json:"schema"`
	UpdatedMillis int64           `json:"updatedMillis,omitempty"`
}

// TableRecord is a table config as its owner posted it, with the schema that it was validated against.
type TableRecord struct {
	Name string `json:"name"` // raw name, without _REALTIME
	// Incarnation is unique per creation of a table.
	Incarnation string `json:"incarnation"`
	// Version counts accepted config changes, from 1; SchemaVersion is that of Schema.
	Version       int             `json:"version"`
	SchemaVersion int             `json:"schemaVersion"`
	Config        json.RawMessage `json:"config"`
	Schema        json.RawMessage `json:"schema"`
	CreatedMillis int64           `json:"createdMillis,omitempty"`
	UpdatedMillis int64           `json:"updatedMillis,omitempty"`
}

// SegmentStatus is where a segment is on its way.
type SegmentStatus uint8

// Segment states. The zero value is invalid.
const (
	SegmentInvalid    SegmentStatus = iota
	SegmentInProgress               // consuming: StartOffset is fixed, EndOffset is not
	SegmentDone                     // sealed, stored under Key

	segmentStatusCount
)

var segmentStatusNames = [segmentStatusCount]string{"INVALID", "IN_PROGRESS", "DONE"}

// String gives Pinot's name of the state.
func (s SegmentStatus) String() string {
	if s < segmentStatusCount {
		return segmentStatusNames[s]
	}
	return fmt.Sprintf("SegmentStatus(%d)", uint8(s))
}

// MarshalText implements encoding.TextMarshaler.
func (s SegmentStatus) MarshalText() ([]byte, error) {
	if s == SegmentInvalid || s >= segmentStatusCount {
		return nil, fmt.Errorf("segment status %d is not valid", uint8(s))
	}
	return []byte(segmentStatusNames[s]), nil
}

// UnmarshalText implements encoding.TextUnmarshaler.
func (s *SegmentStatus) UnmarshalText(text []byte) error {
	i := slices.Index(segmentStatusNames[:], string(text))
	if i <= 0 {
		return fmt.Errorf("segment status %q is not known, want IN_PROGRESS or DONE", text)
	}
	*s = SegmentStatus(i)
	return nil
}

// SegmentRecord is one segment of a stream partition: which offsets it covers and, when it is done, where it is.
type SegmentRecord struct {
	Table         string        `json:"table"`
	Incarnation   string        `json:"incarnation"`
	Partition     int32         `json:"partition"`
	Sequence      int64         `json:"sequence"`
	Status        SegmentStatus `json:"status"`
	Name          string        `json:"name"`
	StartOffset   int64         `json:"startOffset"`
	EndOffset     int64         `json:"endOffset,omitempty"` // the last delivered record's offset + 1; only when done
	Rows          int           `json:"rows,omitempty"`
	Bytes         int64         `json:"bytes,omitempty"`
	CRC           uint32        `json:"crc,omitempty"`
	MinMillis     int64         `json:"minMillis,omitempty"`
	MaxMillis     int64         `json:"maxMillis,omitempty"`
	HasTime       bool          `json:"hasTime,omitempty"`
	SchemaVersion int           `json:"schemaVersion"`
	ConfigVersion int           `json:"configVersion"`
	Key           string        `json:"key,omitempty"` // of the object in the deep store; "" for a done segment without rows
	CreatedMillis int64         `json:"createdMillis,omitempty"`
	TopicID       string        `json:"topicId,omitempty"`
	LeaderEpoch   int32         `json:"leaderEpoch,omitempty"`
}

// ClaimRecord says that a replica froze a segment at an end offset that every other replica has to use too.
type ClaimRecord struct {
	Incarnation   string `json:"incarnation"`
	Partition     int32  `json:"partition"`
	Sequence      int64  `json:"sequence"`
	EndOffset     int64  `json:"endOffset"`
	Instance      string `json:"instance"`
	ClaimedMillis int64  `json:"claimedMillis,omitempty"`
}

// PartitionRecord is where a stream partition starts: resolved once and committed before the first fetch.
type PartitionRecord struct {
	Incarnation string `json:"incarnation"`
	Partition   int32  `json:"partition"`
	TopicID     string `json:"topicId,omitempty"`
	StartOffset int64  `json:"startOffset"`
	LeaderEpoch int32  `json:"leaderEpoch,omitempty"`
}

// InstanceRecord is a running process; its key hangs on the process's lease.
type InstanceRecord struct {
	ID    string   `json:"id"`
	Roles []string `json:"roles"`
	// Addresses maps a service (http, flight, postgres, query) to host:port.
	Addresses     map[string]string `json:"addresses,omitempty"`
	Build         string            `json:"build,omitempty"`
	StartedMillis int64             `json:"startedMillis,omitempty"`
}

// problems collects what is wrong with a record, so that one error tells all of it.
type problems []string

func (p *problems) want(ok bool, format string, args ...any) {
	if !ok {
		*p = append(*p, fmt.Sprintf(format, args...))
	}
}

func (p *problems) name(field, value string) {
	p.want(value != "", "%s is empty", field)
	p.optionalName(field, value)
}

func (p *problems) optionalName(field, value string) {
	p.want(len(value) <= MaxNameBytes, "%s has %d bytes, at most %d are allowed", field, len(value), MaxNameBytes)
	p.want(utf8.ValidString(value), "%s %q is not valid UTF-8", field, value)
	for _, r := range value {
		if r < 0x20 || r == 0x7f {
			p.want(false, "%s %q has a control character", field, value)
			break
		}
	}
}

func (p *problems) version(field string, v int) { p.want(v >= 1, "%s is %d, want 1 or more", field, v) }

func (p *problems) atLeastZero(field string, v int64) {
	p.want(v >= 0, "%s is %d, want 0 or more", field, v)
}

// object checks that raw is a JSON object; its content is package catalog's business.
func (p *problems) object(field string, raw json.RawMessage) {
	if len(raw) == 0 || !json.Valid(raw) {
		p.want(false, "%s is not valid JSON", field)
		return
	}
	for _, c := range raw {
		switch c {
		case ' ', '\t', '\r', '\n':
			continue
		}
		p.want(c == '{', "%s is not a JSON object", field)
		return
	}
}

func (p problems) err(what string) error {
	if len(p) == 0 {
		return nil
	}
	e := errs.New(errs.ClassUser, errs.InvalidParameterValue, "%s is not valid: %s", what, p[0])
	if len(p) > 1 {
		e = e.WithDetail("also: %q", []string(p[1:]))
	}
	return e
}

// Validate reports all problems of the record in one error.
func (r SchemaRecord) Validate() error {
	var p problems
	p.name("name", r.Name)
	p.version("version", r.Version)
	p.object("schema", r.Schema)
	p.atLeastZero("updatedMillis", r.UpdatedMillis)
	return p.err(fmt.Sprintf("schema record %q", r.Name))
}

// Validate reports all problems of the record in one error.
func (r TableRecord) Validate() error {
	var p problems
	p.name("name", r.Name)
	p.name("incarnation", r.Incarnation)
	p.version("version", r.Version)
	p.version("schemaVersion", r.SchemaVersion)
	p.object("config", r.Config)
	p.object("schema", r.Schema)
	p.atLeastZero("createdMillis", r.CreatedMillis)
	p.atLeastZero("updatedMillis", r.UpdatedMillis)
	return p.err(fmt.Sprintf("table record %q", r.Name))
}

// Validate reports all problems of the record in one error.
func (r SegmentRecord) Validate() error {
	var p problems
	p.name("table", r.Table)
	p.name("incarnation", r.Incarnation)
	p.name("name", r.Name)
	p.optionalName("key", r.Key)
	p.optionalName("topicId", r.TopicID)
	p.atLeastZero("partition", int64(r.Partition))
	p.atLeastZero("sequence", r.Sequence)
	p.atLeastZero("startOffset", r.StartOffset)
	p.atLeastZero("rows", int64(r.Rows))
	p.atLeastZero("bytes", r.Bytes)
	p.version("schemaVersion", r.SchemaVersion)
	p.version("configVersion", r.ConfigVersion)
	p.want(!r.HasTime || r.MinMillis <= r.MaxMillis, "minMillis %d is above maxMillis %d", r.MinMillis, r.MaxMillis)
	switch r.Status {
	case SegmentDone:
		p.want(r.EndOffset >= r.StartOffset, "endOffset %d is below startOffset %d", r.EndOffset, r.StartOffset)
		p.want((r.Rows > 0) == (r.Key != ""), "rows is %d and key is %q: a segment has an object where it has rows", r.Rows, r.Key)
	case SegmentInProgress:
		p.want(r.EndOffset == 0 && r.Key == "" && r.Rows == 0, "a segment in progress has no endOffset, rows or key")
	default:
		p.want(false, "status is %v", r.Status)
	}
	return p.err(fmt.Sprintf("segment record %q", r.Name))
}

// Validate reports all problems of the record in one error.
func (r ClaimRecord) Validate() error {
	var p problems
	p.name("incarnation", r.Incarnation)
	p.name("instance", r.Instance)
	p.atLeastZero("partition", int64(r.Partition))
	p.atLeastZero("sequence", r.Sequence)
	p.atLeastZero("endOffset", r.EndOffset)
	p.atLeastZero("claimedMillis", r.ClaimedMillis)
	return p.err(fmt.Sprintf("claim record of partition %d, sequence %d", r.Partition, r.Sequence))
}

// Validate reports all problems of the record in one error.
func (r PartitionRecord) Validate() error {
	var p problems
	p.name("incarnation", r.Incarnation)
	p.optionalName("topicId", r.TopicID)
	p.atLeastZero("partition", int64(r.Partition))
	p.atLeastZero("startOffset", r.StartOffset)
	return p.err(fmt.Sprintf("partition record %d", r.Partition))
}

// Validate reports all problems of the record in one error.
func (r InstanceRecord) Validate() error {
	var p problems
	p.name("id", r.ID)
	p.want(len(r.Roles) > 0, "roles is empty")
	for _, role := range r.Roles {
		p.want(role == "controller" || role == "broker" || role == "server", "role %q is not controller, broker or server", role)
	}
	p.want(len(r.Addresses) <= MaxAddresses, "there are %d addresses, at most %d are allowed", len(r.Addresses), MaxAddresses)
	for service, address := range r.Addresses {
		p.name("address service", service)
		p.name("address of "+service, address)
	}
	p.optionalName("build", r.Build)
	p.atLeastZero("startedMillis", r.StartedMillis)
	return p.err(fmt.Sprintf("instance record %q", r.ID))
}
