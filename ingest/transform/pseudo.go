package transform

import (
	"strings"

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

// typ is the field's type where no schema column states one.
func (p pseudo) typ() catalog.Type {
	switch p.kind {
	case pseudoOffset, pseudoSize:
		return catalog.Long
	case pseudoTimestamp:
		return catalog.Timestamp
	default:
		return catalog.String
	}
}

// fill gives the field for rows whose record is records[i], as text or a number according to the column's type.
func (p pseudo) fill(out *vec.Vector, t catalog.Type, recs []ingest.Record, records []int32) {
	out.Reset(t, len(records))
	for i, r := range records {
		rec := &recs[r]
		var text []byte
		var number int64
		isText := true
		switch p.kind {
		case pseudoKey:
			text = rec.Key
		case pseudoHeader:
			for _, h := range rec.Headers {
				if h.Key == p.header {
					text = h.Value
				}
			}
		case pseudoOffset:
			number, isText = rec.Offset, false
		case pseudoTimestamp:
			number, isText = rec.TimestampMs, false
		default:
			number, isText = int64(len(rec.Value)), false
		}
		p.set(out, i, text, number, isText)
	}
}

func (p pseudo) set(out *vec.Vector, i int, text []byte, number int64, isText bool) {
	switch {
	case isText && text == nil:
		if out.Str != nil {
			out.Str[i] = ""
		}
		out.SetNull(i)
	case isText && out.Str != nil:
		out.Str[i] = string(text)
	case !isText && out.I64 != nil:
		out.I64[i] = number
	case !isText && out.I32 != nil:
		out.I32[i] = int32(number)
	default:
		out.SetNull(i) // the column's type cannot hold the field
	}
}
