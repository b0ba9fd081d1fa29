package syscat

import (
	"encoding/hex"
	"strconv"
	"strings"
	"time"

	"github.com/freshetdb/freshet/catalog"
)

// valueText writes a value in PostgreSQL's text form.
func valueText(v catalog.Value) string {
	switch v.Type.Kind {
	case catalog.KindBoolean:
		if v.I64 != 0 {
			return "t"
		}
		return "f"
	case catalog.KindInt, catalog.KindLong:
		return strconv.FormatInt(v.I64, 10)
	case catalog.KindFloat:
		return strings.Replace(strconv.FormatFloat(v.F64, 'g', -1, 32), "Inf", "Infinity", 1)
	case catalog.KindDouble:
		return strings.Replace(strconv.FormatFloat(v.F64, 'g', -1, 64), "Inf", "Infinity", 1)
	case catalog.KindTimestamp:
		return timestampText(v.I64)
	case catalog.KindBytes:
		return `\x` + hex.EncodeToString([]byte(v.Str))
	default:
		return v.Str
	}
}

func timestampText(millis int64) string {
	return time.UnixMilli(millis).UTC().Format("2006-01-02 15:04:05.999")
}
