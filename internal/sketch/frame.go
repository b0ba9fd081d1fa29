// Package sketch is estimators of distinct values that can be merged, and the frame in which states of aggregates travel
// as bytes. Nothing in it is safe for concurrent use.
package sketch

import (
	"encoding/binary"

	"github.com/zeebo/xxh3"

	"github.com/freshetdb/freshet/internal/errs"
)

// Kind says whose state a frame holds.
type Kind uint8

// Kinds. They are stored: numbers never change.
const (
	KindHLL          Kind = 1
	KindLogHistogram Kind = 2
	KindTDigest      Kind = 3
	KindULL          Kind = 4
)

var kindNames = map[Kind]string{KindHLL: "HyperLogLog", KindLogHistogram: "log histogram", KindTDigest: "t-digest", KindULL: "UltraLogLog"}

// String names the kind.
func (k Kind) String() string {
	if name, ok := kindNames[k]; ok {
		return name
	}
	return "unknown"
}

// A frame is magic (2 bytes), version, kind, length of the payload (4 bytes, little endian), payload, and the xxh3 hash
// of all that (8 bytes): damaged bytes are an error and not a wrong number.
const (
	frameMagic   = "Fs"
	frameVersion = 1
	frameHead    = 8
	frameTail    = 8
	// MaxBytes bounds a serialised sketch: 16 MiB.
	MaxBytes = 16 << 20
)

// Seal frames a payload, which may not exceed MaxBytes.
func Seal(kind Kind, payload []byte) []byte {
	out := make([]byte, 0, frameHead+len(payload)+frameTail)
	out = append(out, frameMagic...)
	out = append(out, frameVersion, byte(kind))
	out = binary.LittleEndian.AppendUint32(out, uint32(len(payload)))
	out = append(out, payload...)
	return binary.LittleEndian.AppendUint64(out, xxh3.Hash(out))
}

// Open gives the payload of a frame of the kind. It aliases data.
func Open(kind Kind, data string) (string, error) {
	switch {
	case len(data) < frameHead+frameTail || data[:2] != frameMagic:
		return "", Invalid(kind.String(), "it has no frame of Freshet's")
	case data[2] != frameVersion:
		return "", Invalid(kind.String(), "its version is %d; want %d", data[2], frameVersion)
	case Kind(data[3]) != kind:
		return "", Invalid(kind.String(), "it holds a sketch of another kind: %s", Kind(data[3]))
	case len(data) > MaxBytes:
		return "", Invalid(kind.String(), "it has %d bytes; at most %d are read", len(data), MaxBytes)
	}
	length := uint64(binary.LittleEndian.Uint32([]byte(data[4:8])))
	body := data[:len(data)-frameTail]
	if length != uint64(len(body)-frameHead) {
		return "", Invalid(kind.String(), "its length is %d bytes; want %d", len(body)-frameHead, length)
	}
	if sum := binary.LittleEndian.Uint64([]byte(data[len(body):])); sum != xxh3.HashString(body) {
		return "", Invalid(kind.String(), "its checksum differs")
	}
	return body[frameHead:], nil
}

// Invalid is the error for bytes that are not a serialised sketch.
func Invalid(what, format string, args ...any) *errs.Error {
	return errs.User(errs.InvalidBinary, "the bytes are not a serialised sketch: %s: "+format, append([]any{what}, args...)...)
}

// Reader reads a payload. After the first failure every read gives zero; check Bad at the end.
type Reader struct {
	rest string
	Bad  bool // a read went beyond the end, or a number was malformed
}

// NewReader reads s.
func NewReader(s string) *Reader { return &Reader{rest: s} }

// Byte reads one byte.
func (r *Reader) Byte() byte {
	if len(r.rest) < 1 {
		r.Bad = true
		return 0
	}
	b := r.rest[0]
	r.rest = r.rest[1:]
	return b
}

// Uint64 reads 8 bytes, little endian.
func (r *Reader) Uint64() uint64 {
	if len(r.rest) < 8 {
		r.Bad, r.rest = true, ""
		return 0
	}
	x := binary.LittleEndian.Uint64([]byte(r.rest[:8]))
	r.rest = r.rest[8:]
	return x
}

// Uvarint reads a variable-length number.
func (r *Reader) Uvarint() uint64 {
	x, shift := uint64(0), 0
	for {
		b := r.Byte()
		if r.Bad || shift == 63 && b > 1 {
			r.Bad = true
			return 0
		}
		x |= uint64(b&0x7f) << shift
		if b < 0x80 {
			return x
		}
		shift += 7
	}
}

// Len is the number of bytes that are left.
func (r *Reader) Len() int { return len(r.rest) }

// Rest gives the bytes that are left.
func (r *Reader) Rest() string { return r.rest }
