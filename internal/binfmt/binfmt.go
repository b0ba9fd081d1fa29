// Package binfmt encodes and decodes small little-endian records. The decoder keeps its first error and yields zeros
// from then on, so that parsing code has one check at the end and can never read past the data.
package binfmt

import (
	"encoding/binary"
	"fmt"
)

// AppendString appends a length (u32) and the bytes of s.
func AppendString(dst []byte, s string) []byte {
	dst = binary.LittleEndian.AppendUint32(dst, uint32(len(s)))
	return append(dst, s...)
}

// AppendUint32 appends x.
func AppendUint32(dst []byte, x uint32) []byte { return binary.LittleEndian.AppendUint32(dst, x) }

// AppendUint64 appends x.
func AppendUint64(dst []byte, x uint64) []byte { return binary.LittleEndian.AppendUint64(dst, x) }

// Decoder reads a record. The zero value reads nothing; it is not safe for concurrent use.
type Decoder struct {
	data []byte
	at   int
	err  error
}

// NewDecoder reads data, which it does not change; strings are copied out of it.
func NewDecoder(data []byte) *Decoder { return &Decoder{data: data} }

// Err is the first error, nil while there is none.
func (d *Decoder) Err() error { return d.err }

// Remaining is the number of bytes not read yet.
func (d *Decoder) Remaining() int { return len(d.data) - d.at }

// Fail records an error of the caller's, unless there is one.
func (d *Decoder) Fail(format string, args ...any) {
	if d.err == nil {
		d.err = fmt.Errorf("at byte %d: %w", d.at, fmt.Errorf(format, args...))
	}
}

// take gives the next n bytes, nil after an error.
func (d *Decoder) take(n int) []byte {
	if d.err == nil && n > d.Remaining() {
		d.Fail("%d bytes wanted, %d left", n, d.Remaining())
	}
	if d.err != nil {
		return nil
	}
	b := d.data[d.at : d.at+n]
	d.at += n
	return b
}

// Uint8 reads one byte.
func (d *Decoder) Uint8() uint8 {
	if b := d.take(1); b != nil {
		return b[0]
	}
	return 0
}

// Uint32 reads four bytes.
func (d *Decoder) Uint32() uint32 {
	if b := d.take(4); b != nil {
		return binary.LittleEndian.Uint32(b)
	}
	return 0
}

// Uint64 reads eight bytes.
func (d *Decoder) Uint64() uint64 {
	if b := d.take(8); b != nil {
		return binary.LittleEndian.Uint64(b)
	}
	return 0
}

// Int reads eight bytes as a count from 0 to limit.
func (d *Decoder) Int(limit int) int {
	x := d.Uint64()
	if x > uint64(limit) {
		d.Fail("count %d is above %d", x, limit)
		return 0
	}
	return int(x)
}

// String reads a length (u32) of at most limit and as many bytes.
func (d *Decoder) String(limit int) string {
	n := d.Uint32()
	if uint64(n) > uint64(limit) {
		d.Fail("string of %d bytes is above %d", n, limit)
		return ""
	}
	return string(d.take(int(n)))
}

// Finish gives the first error, or one if bytes are left over.
func (d *Decoder) Finish() error {
	if d.err == nil && d.Remaining() > 0 {
		d.Fail("%d bytes left over", d.Remaining())
	}
	return d.err
}
