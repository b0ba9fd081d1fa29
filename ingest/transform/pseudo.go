package transform

import (
	"strings"
	"unicode/utf8"
	"unsafe"

	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/ingest"
	"github.com/freshetdb/freshet/internal/vec"
)

// pseudo is a field that comes from the record's envelope, not from its value.
type pseudo struct {
	kind   pseudoKind
	header string
}

type pseudoKind uint8

const (
	pseudoNone pseudoKind = iota
	pseudoKey
	pseudoHeader
	pseudoOffset
	pseudoPartition
	pseudoTimestamp
	pseudoSize
)

const headerPrefix = "__header$"

func pseudoOf(name string) pseudo {
	switch name {
	case "__key":
		return pseudo{kind: pseudoKey}
	case "__metadata$offset":
		return pseudo{kind: pseudoOffset}
	case "__metadata$partition":
		return pseudo{kind: pseudoPartition}
	case "__metadata$recordTimestamp":
		return pseudo{kind: pseudoTimestamp}
	case "__metadata$recordSerializedValueSize":
		return pseudo{kind: pseudoSize}
	}
	if header, ok := strings.CutPrefix(name, headerPrefix); ok {
		return pseudo{kind: pseudoHeader, header: header}
	}
	return pseudo{}
}

// typ is the field's own type.
func (p pseudo) typ() catalog.Type {
	switch p.kind {
	case pseudoOffset, pseudoPartition, pseudoSize:
		return catalog.Long
	case pseudoTimestamp:
		return catalog.Timestamp
	default:
		return catalog.String
	}
}

// base is the type in which the field is given for a column of type t: its own, but octets as they are for BYTES.
func (p pseudo) base(t catalog.Type) catalog.Type {
	own := p.typ()
	if own == catalog.String && t == catalog.Bytes {
		return t
	}
	return own
}

// fill gives the field for rows whose record is records[i]. Text aliases the records; in columns of text what is not
// valid UTF-8 is replaced.
func (p pseudo) fill(out *vec.Vector, t catalog.Type, recs []ingest.Record, records []int32) {
	out.Reset(t, len(records))
	for i, r := range records {
		rec := &recs[r]
		switch p.kind {
		case pseudoKey:
			setText(out, i, rec.Key)
		case pseudoHeader:
			setText(out, i, header(rec, p.header))
		case pseudoOffset:
			out.I64[i] = rec.Offset
		case pseudoPartition:
			out.I64[i] = int64(rec.Partition)
		case pseudoTimestamp:
			out.I64[i] = rec.TimestampMs
		default:
			out.I64[i] = int64(len(rec.Value))
		}
	}
}

// header gives a header's value, the last of several.
func header(rec *ingest.Record, key string) []byte {
	for i := len(rec.Headers) - 1; i >= 0; i-- {
		if rec.Headers[i].Key == key {
			return rec.Headers[i].Value
		}
	}
	return nil
}

func setText(out *vec.Vector, i int, text []byte) {
	switch {
	case text == nil:
		out.Str[i] = ""
		out.SetNull(i)
	case len(text) == 0:
		out.Str[i] = ""
	case out.Type.Kind == catalog.KindBytes || utf8.Valid(text):
		out.Str[i] = unsafe.String(&text[0], len(text))
	default:
		out.Str[i] = strings.ToValidUTF8(string(text), "\uFFFD")
	}
}
