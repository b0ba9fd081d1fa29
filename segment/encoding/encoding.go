// Package encoding stores the values of one column as bytes that queries read in place: what a column is stored as is
// chosen from measured values by Choose; writers produce little-endian sections, and readers view them without copying.
//
// Sections start at multiples of 64 bytes and are followed by at least 64 bytes that may be read. Supported machines are
// little-endian. Readers trust sections whose Check functions passed; before that nothing may be read through them.
package encoding

import (
	"fmt"

	"github.com/freshetdb/freshet/catalog"
)

// Encoding is how the values of a column are stored. Numbers are part of the file format and never reused.
type Encoding uint8

// Encodings.
const (
	EncodingInvalid Encoding = 0
	AllNull         Encoding = 1 // nothing is stored: every value is NULL, or there are none
	Raw             Encoding = 2 // numbers at their own width
	Offset          Encoding = 3 // integers as 1, 2 or 4 byte distances from a base
	Dict            Encoding = 4 // 1, 2 or 4 byte ids into a dictionary
	Bits            Encoding = 5 // booleans, one bit each
	Chunks          Encoding = 6 // strings in LZ4 chunks
	Scaled          Encoding = 7 // floats as integers, stored like Offset, divided by a power of ten

	// EncodingCount is the number of encodings, for exhaustive tests.
	EncodingCount = 8
)

var encodingNames = [EncodingCount]string{"invalid", "all-null", "raw", "offset", "dict", "bits", "chunks", "scaled"}

// String names the encoding as the inspector prints it.
func (e Encoding) String() string {
	if e < EncodingCount {
		return encodingNames[e]
	}
	return fmt.Sprintf("encoding(%d)", uint8(e))
}

// Limits of dictionaries.
const (
	// maxDictRatio is the share of distinct values above which a dictionary costs more than it gives: it approaches the
	// size of the column, and codes of different segments have to be mapped to each other at query time.
	maxDictRatio = 0.3
	// smallDict is a number of distinct values that is always worth a dictionary, however few rows there are.
	smallDict = 256
	// maxDictText bounds the text of a dictionary, whose offsets are 32 bits.
	maxDictText = 1 << 31
)

// DictLimit is the largest number of distinct values of n slots for which Choose considers a dictionary. Whoever counts
// distinct values may stop there.
func DictLimit(n int) int { return max(smallDict, int(maxDictRatio*float64(n))) }

// UsefulDistinct is the largest number of distinct values for which a dictionary can be smaller than the form that Choose
// gives without one: above it, ids are as wide as what they stand for.
func UsefulDistinct(m Measures) int {
	m.Distinct = 0
	limit := DictLimit(m.Slots)
	switch Choose(m).Width {
	case 1:
		return 0
	case 2:
		return min(limit, 1<<8)
	case 4:
		return min(limit, 1<<16)
	default:
		return limit
	}
}

// Measures are what Choose knows of a column's values (of the elements, for multi-value columns).
type Measures struct {
	Kind catalog.Kind
	// Slots counts values with NULLs, Values without.
	Slots, Values int
	// Min and Max are the range of integers, timestamps, or of the integers of floats that are Scaled; only where Values > 0.
	Min, Max int64
	Scaled   bool
	// Distinct is the exact number of distinct values, 0 where it is unknown or above DictLimit(Slots).
	Distinct int
	// DictText is the number of text bytes of a string dictionary.
	DictText int64
	// NoDictionary is the table's wish.
	NoDictionary bool
}

// Choice is a stored form.
type Choice struct {
	Encoding Encoding
	// Width is the number of bytes of each id, offset or raw number; 0 for the other encodings.
	Width int
}

// Choose picks the stored form with the fewest bytes, the one that is simpler to read on a tie. It is a pure function.
func Choose(m Measures) Choice {
	if m.Values == 0 {
		return Choice{Encoding: AllNull}
	}
	dict, dictBytes := dictChoice(m)
	switch m.Kind.Physical() {
	case catalog.PhysBits:
		return Choice{Encoding: Bits}
	case catalog.PhysString:
		if dict.Encoding == Dict {
			return dict
		}
		return Choice{Encoding: Chunks}
	}
	best := Choice{Encoding: Raw, Width: rawWidth(m.Kind)}
	bestBytes := int64(m.Slots) * int64(best.Width)
	if width := offsetWidth(m); width > 0 && width < best.Width {
		best, bestBytes = Choice{Encoding: Offset, Width: width}, int64(m.Slots)*int64(width)
		if m.Scaled {
			best.Encoding = Scaled
		}
	}
	if dict.Encoding == Dict && dictBytes < bestBytes {
		best = dict
	}
	return best
}

// dictChoice gives the dictionary form and its size, a zero Choice where it is out of the question.
func dictChoice(m Measures) (Choice, int64) {
	if m.NoDictionary || m.Distinct == 0 || m.Distinct > DictLimit(m.Slots) || m.DictText > maxDictText {
		return Choice{}, 0
	}
	c := Choice{Encoding: Dict, Width: widthOf(uint64(m.Distinct - 1))}
	entry := int64(8)
	if m.Kind.Physical() == catalog.PhysString {
		entry = 4
	}
	return c, int64(m.Slots)*int64(c.Width) + int64(m.Distinct)*entry + m.DictText
}

// offsetWidth is the width of distances from the smallest value, 0 for other than integers and scaled floats, and for too wide
// ranges.
func offsetWidth(m Measures) int {
	switch m.Kind.Physical() {
	case catalog.PhysInt32, catalog.PhysInt64:
	default:
		if !m.Scaled {
			return 0
		}
	}
	distance := uint64(m.Max) - uint64(m.Min)
	if distance > 1<<32-1 {
		return 0
	}
	return widthOf(distance)
}

// widthOf is the number of bytes, 1, 2 or 4, that hold x.
func widthOf(x uint64) int {
	switch {
	case x < 1<<8:
		return 1
	case x < 1<<16:
		return 2
	default:
		return 4
	}
}

func rawWidth(k catalog.Kind) int {
	switch k.Physical() {
	case catalog.PhysInt32, catalog.PhysFloat32:
		return 4
	default:
		return 8
	}
}
