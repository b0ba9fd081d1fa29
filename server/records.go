package server

import (
	"encoding/json"
	"fmt"
	"net/url"

	"github.com/freshetdb/freshet/internal/errs"
)

// Key prefixes of records that only servers write.
const (
	gapsPrefix       = "/gaps/"
	discoveredPrefix = "/discovered/"
	pausesPrefix     = "/pauses/"
	// maxServerRecordBytes bounds their values.
	maxServerRecordBytes = 4 << 10
)

// gapRecord says durably which offsets a partition left out, and why.
type gapRecord struct {
	Incarnation string `json:"incarnation"`
	Partition   int32  `json:"partition"`
	Sequence    int64  `json:"sequence"` // the segment that begins after the gap
	From        int64  `json:"from"`
	To          int64  `json:"to"`
	Reason      string `json:"reason"`
	Millis      int64  `json:"millis"`
}

// Key is where the record is stored: the time makes several gaps before one segment distinct.
func (g gapRecord) Key() string {
	return fmt.Sprintf("%s%010d/%019d-%019d", gapsOf(g.Incarnation), g.Partition, g.Sequence, g.Millis)
}

func gapsOf(incarnation string) string { return gapsPrefix + url.PathEscape(incarnation) + "/" }

// Encode gives the stored form.
func (g gapRecord) Encode() ([]byte, error) { return encodeRecord(g) }

// discoveredRecord marks that a table's first discovery is complete: partitions found later start at smallest.
type discoveredRecord struct {
	TopicID string `json:"topicId,omitempty"`
	Millis  int64  `json:"millis"`
}

func discoveredKey(incarnation string) string { return discoveredPrefix + url.PathEscape(incarnation) }

// Encode gives the stored form.
func (d discoveredRecord) Encode() ([]byte, error) { return encodeRecord(d) }

// pauseRecord keeps a table paused over restarts.
type pauseRecord struct {
	Reason string `json:"reason"`
	Millis int64  `json:"millis"`
}

func pauseKey(incarnation string) string { return pausesPrefix + url.PathEscape(incarnation) }

// Encode gives the stored form.
func (p pauseRecord) Encode() ([]byte, error) { return encodeRecord(p) }

func encodeRecord(r any) ([]byte, error) {
	b, err := json.Marshal(r)
	if err != nil {
		return nil, fmt.Errorf("cannot encode %T: %w", r, err)
	}
	if len(b) > maxServerRecordBytes {
		return nil, errs.Bug("%T has %d bytes, at most %d are allowed", r, len(b), maxServerRecordBytes)
	}
	return b, nil
}

func decodeRecord[T any](data []byte) (T, error) {
	var r T
	if len(data) > maxServerRecordBytes {
		return r, errs.New(errs.ClassCorrupt, errs.DataCorrupted, "record of type %T has %d bytes, at most %d are allowed", r, len(data), maxServerRecordBytes)
	}
	if err := json.Unmarshal(data, &r); err != nil {
		return r, errs.New(errs.ClassCorrupt, errs.DataCorrupted, "cannot decode a record of type %T", r).Wrap(err)
	}
	return r, nil
}
