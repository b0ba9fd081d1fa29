package agg

import (
	"encoding/base64"
	"encoding/hex"
	"math"

	"github.com/zeebo/xxh3"

	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/internal/sketch"
	"github.com/freshetdb/freshet/internal/vec"
	"github.com/freshetdb/freshet/query/function"
	"github.com/freshetdb/freshet/query/kernel"
)

// hashCachedIDs is the largest dictionary whose hashes are computed once instead of per row.
const hashCachedIDs = 1 << 16

// estimator is a sketch of distinct values. Its state may depend on the set of values only.
type estimator[S any] interface {
	comparable
	Add(hash uint64)
	Merge(other S)
	MergeBytes(data string) error
	Marshal() ([]byte, error)
	Estimate() float64
	Bytes() int
}

// sketchSpec is what makes one aggregate of sketched.
type sketchSpec[S any] struct {
	fresh func() S
	log2  uint // of the registers of HyperLogLog, 0 for other sketches
	hash  func(a *hasher, v *vec.Vector, dst []uint64)
	// bytes: arguments are serialised sketches. text writes a serialised sketch as the result, instead of the estimate.
	bytes bool
	text  func(data []byte) string
}

// sketched estimates the number of distinct values with a sketch per group.
type sketched[S estimator[S]] struct {
	spec  *sketchSpec[S]
	state []S
	rows  rowSet
	ranks []uint32
	stage sketch.Stage // only of HyperLogLog
	hasher
}

// Resize implements function.Accumulator.
func (a *sketched[S]) Resize(n int) { a.state = resize(a.state, n) }

// Add implements function.Accumulator.
func (a *sketched[S]) Add(groups []uint32, args []*vec.Vector, n int, sel vec.Bitmap) error {
	a.rows.choose(args, n, sel)
	if a.rows.none {
		return nil
	}
	if a.spec.bytes {
		return a.addSketches(groups, args[0], n)
	}
	if registers, ok := any(a.state).([]*sketch.Registers); ok && a.rows.all && a.spec.log2 > 0 {
		a.addRanks(registers, groups, args[0], n)
		return nil
	}
	a.hashRows(args[0], n, a.spec.hash)
	a.rows.each(n, func(i int) { a.of(target0(groups, i)).Add(a.hashes[i]) })
	return nil
}

func (a *sketched[S]) addSketches(groups []uint32, v *vec.Vector, n int) error {
	var failed error
	a.rows.each(n, func(i int) {
		if failed == nil {
			failed = a.of(target0(groups, i)).MergeBytes(v.StrAt(i))
		}
	})
	return failed
}

// of gives the sketch of a group.
func (a *sketched[S]) of(group int) S {
	var none S
	if a.state[group] == none {
		a.state[group] = a.spec.fresh()
	}
	return a.state[group]
}

// Merge implements function.Accumulator.
func (a *sketched[S]) Merge(other function.Accumulator, groups []uint32) error {
	o, ok := other.(*sketched[S])
	if !ok {
		return mergeError(a, other)
	}
	a.flush()
	o.flush()
	var none S
	for i, s := range o.state {
		if s != none {
			a.of(target(groups, i)).Merge(s)
		}
	}
	return nil
}

// Result implements function.Accumulator.
func (a *sketched[S]) Result(n int, out *vec.Vector) error {
	a.flush()
	if a.spec.text != nil {
		out.Reset(catalog.String, n)
		for i := range n {
			data, err := a.of(i).Marshal()
			if err != nil {
				return err
			}
			out.Str[i] = a.spec.text(data)
		}
		return nil
	}
	out.Reset(catalog.Long, n)
	var none S
	for i := range n {
		out.I64[i] = 0
		if a.state[i] != none {
			out.I64[i] = int64(math.Round(min(a.state[i].Estimate(), 1<<62)))
		}
	}
	return nil
}

// Bytes implements function.Accumulator.
func (a *sketched[S]) Bytes() int {
	total := 8*cap(a.state) + 8*(cap(a.hashes)+cap(a.cached)) + 4*cap(a.ranks) + a.stage.Bytes()
	var none S
	for _, s := range a.state {
		if s != none {
			total += s.Bytes()
		}
	}
	return total
}

// hasher computes the hashes of rows, once per value where a dictionary is small.
type hasher struct {
	hashes []uint64
	dict   *vec.Dict
	cached []uint64
	ints   intInput
	flts   floatInput
}

// hashRows fills a.hashes for n rows; NULL rows get any value.
func (a *hasher) hashRows(v *vec.Vector, n int, hash func(*hasher, *vec.Vector, []uint64)) {
	if cap(a.hashes) < n {
		a.hashes = make([]uint64, n)
	}
	a.hashes = a.hashes[:n]
	if v.Form != vec.FormDict || v.Dict.Len > hashCachedIDs {
		hash(a, v, a.hashes)
		return
	}
	if a.dict != v.Dict {
		a.dict = v.Dict
		var values vec.Vector
		v.Dict.Values(&values)
		a.cached = make([]uint64, v.Dict.Len)
		hash(a, &values, a.cached)
	}
	for i := range a.hashes {
		if c := v.Code(i); int(c) < len(a.cached) {
			a.hashes[i] = a.cached[c]
		}
	}
}

// hashSalt makes 0 hash to something else.
const hashSalt = 0x9e3779b97f4a7c15

// fastHashes hashes for sketches that only we read.
func fastHashes(a *hasher, v *vec.Vector, dst []uint64) {
	switch v.Type.Kind.Physical() {
	case catalog.PhysString:
		for i := range dst {
			dst[i] = xxh3.HashString(v.StrAt(i))
		}
	case catalog.PhysFloat32, catalog.PhysFloat64:
		for i, x := range a.flts.read(v, len(dst)) {
			dst[i] = kernel.Mix(floatKey(x) + hashSalt)
		}
	case catalog.PhysBits:
		for i := range dst {
			dst[i] = kernel.Mix(hashSalt)
			if v.BoolAt(i) {
				dst[i] = kernel.Mix(hashSalt + 1)
			}
		}
	default:
		kernel.MixAll(a.ints.read(v, len(dst)), hashSalt, dst)
	}
}

// commonHashes hashes as Apache DataSketches does.
func commonHashes(a *hasher, v *vec.Vector, dst []uint64) {
	switch v.Type.Kind.Physical() {
	case catalog.PhysString:
		for i := range dst {
			dst[i] = sketch.HashText(v.StrAt(i))
		}
	case catalog.PhysFloat32, catalog.PhysFloat64:
		for i, x := range a.flts.read(v, len(dst)) {
			dst[i] = sketch.HashDouble(x)
		}
	case catalog.PhysBits:
		for i := range dst {
			dst[i] = sketch.HashLong(0)
			if v.BoolAt(i) {
				dst[i] = sketch.HashLong(1)
			}
		}
	default:
		for i, x := range a.ints.read(v, len(dst)) {
			dst[i] = sketch.HashLong(x)
		}
	}
}

func asHex(data []byte) string { return hex.EncodeToString(data) }

func asBase64(data []byte) string { return base64.StdEncoding.EncodeToString(data) }
