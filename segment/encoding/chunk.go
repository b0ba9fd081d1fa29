package encoding

import (
	"encoding/binary"
	"fmt"
	"unsafe"

	"github.com/pierrec/lz4/v4"

	"github.com/freshetdb/freshet/internal/vec"
)

// Limits of chunks.
const (
	// chunkTarget is the number of text bytes at which a chunk is closed: enough for LZ4 to find repetitions.
	chunkTarget = 64 << 10
	// MaxText is the longest string that can be stored.
	MaxText = 1 << 28
	// maxRatio bounds what a chunk may claim to expand to, by what LZ4 can express.
	maxRatio = 256
)

// chunkRecordSize is the number of bytes of a chunk's entry in the index section: position u64, stored bytes u32, bytes u32,
// rows u32, zero u32.
const chunkRecordSize = 24

// ChunkWriter writes strings as LZ4 chunks that never cross a block of rows. A chunk holds u32 end positions of its
// strings, then their bytes; it is stored as it is where LZ4 does not shrink it. Not safe for concurrent use.
type ChunkWriter struct {
	emit    func(p []byte) error
	fast    lz4.Compressor // reused: it holds a hash table
	text    []byte
	ends    []byte
	rows    uint32
	raw     []byte
	packed  []byte
	at      uint64
	records []byte
	firsts  []byte // first chunk of each block, and the number of chunks
	chunks  uint32
}

// NewChunkWriter makes a writer that hands the bytes of the chunks section to emit, which may not keep them.
func NewChunkWriter(emit func(p []byte) error) *ChunkWriter {
	return &ChunkWriter{emit: emit, firsts: binary.LittleEndian.AppendUint32(nil, 0)}
}

// Add appends one string.
func (w *ChunkWriter) Add(s string) error {
	if len(s) > MaxText {
		return fmt.Errorf("a value of %d bytes is longer than a segment can hold, %d", len(s), MaxText)
	}
	if len(w.text)+len(s) > chunkTarget && w.rows > 0 {
		if err := w.flush(); err != nil {
			return err
		}
	}
	w.text = append(w.text, s...)
	w.ends = binary.LittleEndian.AppendUint32(w.ends, uint32(len(w.text)))
	w.rows++
	return nil
}

// EndBlock ends a block of rows.
func (w *ChunkWriter) EndBlock() error {
	if err := w.flush(); err != nil {
		return err
	}
	w.firsts = binary.LittleEndian.AppendUint32(w.firsts, w.chunks)
	return nil
}

func (w *ChunkWriter) flush() error {
	if w.rows == 0 {
		return nil
	}
	w.raw = append(append(w.raw[:0], w.ends...), w.text...)
	if bound := lz4.CompressBlockBound(len(w.raw)); cap(w.packed) < bound {
		w.packed = make([]byte, bound)
	}
	n, err := w.fast.CompressBlock(w.raw, w.packed[:cap(w.packed)])
	if err != nil {
		return fmt.Errorf("cannot compress %d bytes: %w", len(w.raw), err)
	}
	stored := w.packed[:n]
	if n == 0 || n >= len(w.raw) {
		stored = w.raw
	}
	w.records = binary.LittleEndian.AppendUint64(w.records, w.at)
	for _, x := range []uint32{uint32(len(stored)), uint32(len(w.raw)), w.rows, 0} {
		w.records = binary.LittleEndian.AppendUint32(w.records, x)
	}
	w.at += uint64(len(stored))
	w.chunks++
	w.text, w.ends, w.rows = w.text[:0], w.ends[:0], 0
	return w.emit(stored)
}

// Index gives the bytes of the index section: the first chunk of every block, the number of chunks, zeros up to a
// multiple of 8, then a record per chunk. The last block has to be ended.
func (w *ChunkWriter) Index() []byte {
	out := w.firsts
	for len(out)%8 != 0 {
		out = append(out, 0)
	}
	return append(out, w.records...)
}

// ChunkReader reads what ChunkWriter wrote. It is immutable and safe for concurrent use.
type ChunkReader struct {
	firsts  []uint32
	records []byte
	data    []byte
}

// chunkRecord is a decoded entry of the index.
type chunkRecord struct {
	at                uint64
	stored, raw, rows uint32
}

// NewChunkReader checks an index section of blocks against the length of the chunks section. blockRows gives the number of
// values of each block.
func NewChunkReader(index, data []byte, blocks int, blockRows func(b int) int) (*ChunkReader, error) {
	head := (4*(blocks+1) + 7) &^ 7
	if len(index) < head {
		return nil, fmt.Errorf("chunk index of %d bytes, want at least %d for %d blocks", len(index), head, blocks)
	}
	firsts, err := View[uint32](index[:4*(blocks+1)])
	if err != nil {
		return nil, err
	}
	r := &ChunkReader{firsts: firsts, records: index[head:], data: data}
	if len(r.records)%chunkRecordSize != 0 {
		return nil, fmt.Errorf("chunk index has %d bytes of records, want a multiple of %d", len(r.records), chunkRecordSize)
	}
	if err := CheckOffsets(firsts, len(r.records)/chunkRecordSize); err != nil {
		return nil, err
	}
	at := uint64(0)
	for b := range blocks {
		rows := 0
		for i := firsts[b]; i < firsts[b+1]; i++ {
			c := r.record(int(i))
			if c.at != at || c.at+uint64(c.stored) > uint64(len(data)) {
				return nil, fmt.Errorf("chunk %d lies at %d of %d bytes, want %d", i, c.at, len(data), at)
			}
			if uint64(c.raw) < 4*uint64(c.rows) || uint64(c.raw) > maxRatio*uint64(c.stored)+maxRatio {
				return nil, fmt.Errorf("chunk %d of %d bytes claims %d rows in %d bytes", i, c.stored, c.rows, c.raw)
			}
			at += uint64(c.stored)
			rows += int(c.rows)
		}
		if rows != blockRows(b) {
			return nil, fmt.Errorf("chunks of block %d hold %d values, want %d", b, rows, blockRows(b))
		}
	}
	if at != uint64(len(data)) {
		return nil, fmt.Errorf("chunks hold %d of %d bytes", at, len(data))
	}
	return r, nil
}

func (r *ChunkReader) record(i int) chunkRecord {
	b := r.records[i*chunkRecordSize : (i+1)*chunkRecordSize]
	return chunkRecord{at: binary.LittleEndian.Uint64(b), stored: binary.LittleEndian.Uint32(b[8:]),
		raw: binary.LittleEndian.Uint32(b[12:]), rows: binary.LittleEndian.Uint32(b[16:])}
}

// Extent gives the range of the chunks section that blocks b..b+n-1 take.
func (r *ChunkReader) Extent(b, n int) (from, to int) {
	first, last := int(r.firsts[b]), int(r.firsts[b+n])-1
	if last < first {
		return 0, 0
	}
	end := r.record(last)
	return int(r.record(first).at), int(end.at) + int(end.stored)
}

// Read decodes block b into out, a flat string vector with a slot per value; the text is in out's own memory.
func (r *ChunkReader) Read(b int, out *vec.Vector) error {
	size := 0
	for i := r.firsts[b]; i < r.firsts[b+1]; i++ {
		size += int(r.record(int(i)).raw)
	}
	buf := out.OwnBytes(size)
	row := 0
	for i := r.firsts[b]; i < r.firsts[b+1]; i++ {
		c := r.record(int(i))
		if err := r.decode(c, buf[:c.raw], out.Str[row:row+int(c.rows)]); err != nil {
			return fmt.Errorf("chunk %d: %w", i, err)
		}
		buf, row = buf[c.raw:], row+int(c.rows)
	}
	return nil
}

// decode expands chunk c into buf and points dst at its strings.
func (r *ChunkReader) decode(c chunkRecord, buf []byte, dst []string) error {
	stored := r.data[c.at : c.at+uint64(c.stored)]
	if c.stored == c.raw {
		copy(buf, stored)
	} else {
		n, err := lz4.UncompressBlock(stored, buf)
		if err != nil {
			return fmt.Errorf("cannot expand %d bytes: %w", c.stored, err)
		}
		if n != int(c.raw) {
			return fmt.Errorf("expands to %d bytes, want %d", n, c.raw)
		}
	}
	ends, text := buf[:4*c.rows], buf[4*c.rows:]
	at := uint32(0)
	for i := range dst {
		end := binary.LittleEndian.Uint32(ends[4*i:])
		if end < at || uint64(end) > uint64(len(text)) {
			return fmt.Errorf("value %d ends at %d, want %d to %d", i, end, at, len(text))
		}
		dst[i] = ""
		if end > at {
			dst[i] = unsafe.String(&text[at], int(end-at))
		}
		at = end
	}
	return nil
}
