package build

import (
	"math"
	"runtime"

	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/internal/vec"
	"github.com/freshetdb/freshet/query/kernel"
	"github.com/freshetdb/freshet/segment"
	"github.com/freshetdb/freshet/segment/encoding"
)

// appendZones appends the zones of the column in memory, one per block.
func (b *builder) appendZones(meta *segment.ColumnMeta) {
	d := &b.data
	for lo := 0; lo < b.rows; lo += vec.BlockRows {
		hi := min(lo+vec.BlockRows, b.rows)
		nulls, count := d.nulls, d.nullCount
		if d.multi {
			nulls, count = d.rowNulls, d.rowNullCount
		}
		n := 0
		if count > 0 {
			for w := lo >> 6; w < min(vec.Words(hi), len(nulls)); w++ {
				n += vec.Bitmap(nulls[w : w+1]).Count()
			}
		}
		var z encoding.Zone
		switch {
		case n == hi-lo:
			z.Known, z.AllNull = true, true
		case !d.multi:
			z = d.zone(meta, lo, hi)
		}
		z.NullCount = uint32(n)
		b.zones = encoding.AppendZone(b.zones, z)
		runtime.Gosched()
	}
}

// zone gives the range of rows lo..hi-1 of a single-value column, of which one is not NULL.
func (d *columnData) zone(meta *segment.ColumnMeta, lo, hi int) encoding.Zone {
	switch d.typ.Kind.Physical() {
	case catalog.PhysInt32, catalog.PhysInt64, catalog.PhysFloat32, catalog.PhysFloat64:
		return d.ranges[lo/vec.BlockRows]
	case catalog.PhysBits:
		return d.bitZone(lo, hi)
	}
	if meta.Encoding != encoding.Dict || !meta.DictSorted {
		return encoding.Zone{}
	}
	z := encoding.Zone{Known: true, ByID: true, Min: math.MaxInt64, Max: math.MinInt64}
	if d.nullCount == 0 {
		low, high := kernel.CodeExtremes(d.ids[lo:hi])
		z.Min, z.Max = int64(low), int64(high)
		return z
	}
	for i := lo; i < hi; i++ {
		if d.nullCount == 0 || !d.isNull(i) {
			z.Min, z.Max = min(z.Min, int64(d.ids[i])), max(z.Max, int64(d.ids[i]))
		}
	}
	return z
}

// bitZone gives the range of booleans, of which one is not NULL.
func (d *columnData) bitZone(lo, hi int) encoding.Zone {
	z := encoding.Zone{Known: true, Min: 1}
	for i := lo; i < hi; i++ {
		switch {
		case d.nullCount > 0 && d.isNull(i):
		case d.bits.Get(i):
			z.Max = 1
		default:
			z.Min = 0
		}
	}
	return z
}
