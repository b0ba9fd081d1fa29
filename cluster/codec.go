package cluster

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/freshetdb/freshet/internal/errs"
)

// record is what all record types have in common.
type record interface{ Validate() error }

// encode validates r and gives its JSON, at most limit bytes.
func encode(r record, limit int) ([]byte, error) {
	if err := r.Validate(); err != nil {
		return nil, err
	}
	var buf bytes.Buffer
	e := json.NewEncoder(&buf)
	e.SetEscapeHTML(false) // what was posted stays readable and as short as it was
	if err := e.Encode(r); err != nil {
		return nil, errs.Bug("cannot encode %T", r).Wrap(err)
	}
	data := bytes.TrimSuffix(buf.Bytes(), []byte("\n"))
	if len(data) > limit {
		return nil, errs.New(errs.ClassUser, errs.ProgramLimitExceeded, "%T has %d bytes when encoded, at most %d are allowed", r, len(data), limit)
	}
	return data, nil
}

// decode is the strict inverse of encode: unknown fields, trailing bytes and invalid values are errors of class corrupt.
func decode[T record](data []byte, limit int) (T, error) {
	var r, zero T
	if len(data) > limit {
		return zero, errs.New(errs.ClassCorrupt, errs.DataCorrupted, "%T has %d bytes, at most %d are allowed", r, len(data), limit)
	}
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	if err := d.Decode(&r); err != nil {
		return zero, errs.New(errs.ClassCorrupt, errs.DataCorrupted, "cannot decode %T from %.100q", r, data).Wrap(err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return zero, errs.New(errs.ClassCorrupt, errs.DataCorrupted, "cannot decode %T from %.100q: there are bytes after the value", r, data)
	}
	if err := r.Validate(); err != nil {
		return zero, errs.New(errs.ClassCorrupt, errs.DataCorrupted, "cannot decode %T from %.100q", r, data).Wrap(err)
	}
	return r, nil
}

// Encode validates the record and gives its value for a Store.
func (r SchemaRecord) Encode() ([]byte, error) { return encode(r, MaxConfigRecordBytes) }

// Encode validates the record and gives its value for a Store.
func (r TableRecord) Encode() ([]byte, error) { return encode(r, MaxConfigRecordBytes) }

// Encode validates the record and gives its value for a Store, at most 1 KiB.
func (r SegmentRecord) Encode() ([]byte, error) { return encode(r, MaxSegmentRecordBytes) }

// Encode validates the record and gives its value for a Store.
func (r ClaimRecord) Encode() ([]byte, error) { return encode(r, MaxSmallRecordBytes) }

// Encode validates the record and gives its value for a Store.
func (r PartitionRecord) Encode() ([]byte, error) { return encode(r, MaxSmallRecordBytes) }

// Encode validates the record and gives its value for a Store.
func (r InstanceRecord) Encode() ([]byte, error) { return encode(r, MaxSmallRecordBytes) }

// DecodeSchema reads what SchemaRecord.Encode wrote.
func DecodeSchema(data []byte) (SchemaRecord, error) {
	return decode[SchemaRecord](data, MaxConfigRecordBytes)
}

// DecodeTable reads what TableRecord.Encode wrote.
func DecodeTable(data []byte) (TableRecord, error) {
	return decode[TableRecord](data, MaxConfigRecordBytes)
}

// DecodeSegment reads what SegmentRecord.Encode wrote.
func DecodeSegment(data []byte) (SegmentRecord, error) {
	return decode[SegmentRecord](data, MaxSegmentRecordBytes)
}

// DecodeClaim reads what ClaimRecord.Encode wrote.
func DecodeClaim(data []byte) (ClaimRecord, error) {
	return decode[ClaimRecord](data, MaxSmallRecordBytes)
}

// DecodePartition reads what PartitionRecord.Encode wrote.
func DecodePartition(data []byte) (PartitionRecord, error) {
	return decode[PartitionRecord](data, MaxSmallRecordBytes)
}

// DecodeInstance reads what InstanceRecord.Encode wrote.
func DecodeInstance(data []byte) (InstanceRecord, error) {
	return decode[InstanceRecord](data, MaxSmallRecordBytes)
}

// Stored is a record with the revision that last wrote it, for conditions of transactions.
type Stored[T any] struct {
	Record   T
	Revision int64
}

// get reads and decodes one key. The record's own key has to be the one it is stored under.
func get[T record](ctx context.Context, s Store, key string, decode func([]byte) (T, error), keyOf func(T) string) (Stored[T], bool, error) {
	kv, found, err := s.Get(ctx, key)
	if err != nil || !found {
		return Stored[T]{}, false, err
	}
	st, err := stored(kv, decode, keyOf)
	return st, err == nil, err
}

// list reads and decodes all keys of a prefix, in key order.
func list[T record](ctx context.Context, s Store, prefix string, decode func([]byte) (T, error), keyOf func(T) string) ([]Stored[T], int64, error) {
	kvs, revision, err := s.List(ctx, prefix)
	if err != nil {
		return nil, 0, err
	}
	out := make([]Stored[T], len(kvs))
	for i, kv := range kvs {
		if out[i], err = stored(kv, decode, keyOf); err != nil {
			return nil, 0, err
		}
	}
	return out, revision, nil
}

func stored[T record](kv KV, decode func([]byte) (T, error), keyOf func(T) string) (Stored[T], error) {
	r, err := decode(kv.Value)
	if err != nil {
		return Stored[T]{}, fmt.Errorf("key %q: %w", kv.Key, err)
	}
	if want := keyOf(r); want != kv.Key {
		return Stored[T]{}, errs.New(errs.ClassCorrupt, errs.DataCorrupted, "key %q holds a record whose key is %q", kv.Key, want)
	}
	return Stored[T]{Record: r, Revision: kv.Revision}, nil
}

// GetSchema reads a schema by name; found is false where there is none.
func GetSchema(ctx context.Context, s Store, name string) (Stored[SchemaRecord], bool, error) {
	return get(ctx, s, SchemaKey(name), DecodeSchema, SchemaRecord.Key)
}

// ListSchemas reads all schemas and the revision of the snapshot.
func ListSchemas(ctx context.Context, s Store) ([]Stored[SchemaRecord], int64, error) {
	return list(ctx, s, SchemasPrefix, DecodeSchema, SchemaRecord.Key)
}

// GetTable reads a table by its raw name; found is false where there is none.
func GetTable(ctx context.Context, s Store, name string) (Stored[TableRecord], bool, error) {
	return get(ctx, s, TableKey(name), DecodeTable, TableRecord.Key)
}

// ListTables reads all tables and the revision of the snapshot.
func ListTables(ctx context.Context, s Store) ([]Stored[TableRecord], int64, error) {
	return list(ctx, s, TablesPrefix, DecodeTable, TableRecord.Key)
}

// GetSegment reads one segment; found is false where there is none.
func GetSegment(ctx context.Context, s Store, incarnation string, partition int32, sequence int64) (Stored[SegmentRecord], bool, error) {
	return get(ctx, s, SegmentKey(incarnation, partition, sequence), DecodeSegment, SegmentRecord.RecordKey)
}

// ListSegments reads all segments of a table, in order of partition and sequence, and the revision of the snapshot.
func ListSegments(ctx context.Context, s Store, incarnation string) ([]Stored[SegmentRecord], int64, error) {
	return list(ctx, s, SegmentsTablePrefix(incarnation), DecodeSegment, SegmentRecord.RecordKey)
}

// ListPartitionSegments reads the segments of one partition, in order of sequence, and the revision of the snapshot.
func ListPartitionSegments(ctx context.Context, s Store, incarnation string, partition int32) ([]Stored[SegmentRecord], int64, error) {
	return list(ctx, s, SegmentsPartitionPrefix(incarnation, partition), DecodeSegment, SegmentRecord.RecordKey)
}

// GetClaim reads the claim of a segment's end; found is false where there is none.
func GetClaim(ctx context.Context, s Store, incarnation string, partition int32, sequence int64) (Stored[ClaimRecord], bool, error) {
	return get(ctx, s, ClaimKey(incarnation, partition, sequence), DecodeClaim, ClaimRecord.Key)
}

// ListClaims reads all claims of a table and the revision of the snapshot.
func ListClaims(ctx context.Context, s Store, incarnation string) ([]Stored[ClaimRecord], int64, error) {
	return list(ctx, s, ClaimsTablePrefix(incarnation), DecodeClaim, ClaimRecord.Key)
}

// GetPartition reads where a stream partition starts; found is false where that is not resolved yet.
func GetPartition(ctx context.Context, s Store, incarnation string, partition int32) (Stored[PartitionRecord], bool, error) {
	return get(ctx, s, PartitionKey(incarnation, partition), DecodePartition, PartitionRecord.Key)
}

// ListPartitions reads all resolved partitions of a table and the revision of the snapshot.
func ListPartitions(ctx context.Context, s Store, incarnation string) ([]Stored[PartitionRecord], int64, error) {
	return list(ctx, s, PartitionsTablePrefix(incarnation), DecodePartition, PartitionRecord.Key)
}

// GetInstance reads a live instance; found is false where there is none.
func GetInstance(ctx context.Context, s Store, id string) (Stored[InstanceRecord], bool, error) {
	return get(ctx, s, InstanceKey(id), DecodeInstance, InstanceRecord.Key)
}

// ListInstances reads all live instances and the revision of the snapshot.
func ListInstances(ctx context.Context, s Store) ([]Stored[InstanceRecord], int64, error) {
	return list(ctx, s, InstancesPrefix, DecodeInstance, InstanceRecord.Key)
}
