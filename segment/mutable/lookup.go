package mutable

import (
	"math"
	"math/bits"
	"unsafe"

	"github.com/freshetdb/freshet/internal/offheap"
)

// probeGroup is how many values go through the steps of encodeGroup together.
const probeGroup = 256

// shortText is the length up to which two words hold all bytes of a text.
const shortText = 16

// recentTexts are short texts that came lately, each at a place that follows from its hash: of a column of few values they
// are all there, at the cost of one comparison and without a look at the dictionary's bytes.
type recentTexts [recentPlaces]recentText

const (
	recentPlaces = 1024
	// recentFrom is how many short texts a column has before it gets a table of recent ones: quiet partitions stay small.
	// After as many again it is judged whether it has half of them.
	recentFrom = 1 << 15
)

type recentText struct {
	low, high uint64
	size      uint32 // the length plus one, 0 for none
	code      uint32
}

func newRecentTexts(arena *offheap.Arena) (*recentTexts, error) {
	mem, err := arena.Alloc(int(unsafe.Sizeof(recentTexts{})))
	if err != nil {
		return nil, err
	}
	return (*recentTexts)(unsafe.Pointer(&mem[0])), nil
}

// encodeGroup is encode for at most probeGroup values without NULLs, step by step for all of them: the loads of a step
// do not wait for each other, where a value after the other would wait for memory three times.
func (d *dictionary) encodeGroup(values []string, out []uint32) error {
	var hashes [probeGroup]uint64
	var left [probeGroup]uint8 // values that are not recent ones
	out = out[:len(values)]
	n, long := 0, 0
	for i, s := range values {
		if len(s) > shortText {
			hashes[n], left[n] = hashLong(s), uint8(i)
			n++
			long++
			continue
		}
		var low, high uint64
		if wide { // in line, where shortWords would be a call
			low, high = wideWords(unsafe.Pointer(unsafe.StringData(s)), len(s))
		} else {
			low, high = shortWords(s)
		}
		hash := hashShort(low, high, len(s))
		if d.recent != nil {
			if r := &d.recent[hash%recentPlaces]; r.low == low && r.high == high && r.size == uint32(len(s))+1 {
				out[i] = r.code
				continue
			}
		}
		hashes[n], left[n] = hash, uint8(i)
		n++
	}
	endWide()
	d.seen += len(values) - long
	d.missed += n - long
	if d.seen >= recentFrom {
		if err := d.judgeRecent(); err != nil {
			return err
		}
	}
	if n == 0 {
		return nil
	}
	return d.encodeLeft(values, left[:n], hashes[:n], out)
}

// judgeRecent makes the table of recent texts once there were many short ones, and gives it up where they hardly repeat.
func (d *dictionary) judgeRecent() (err error) {
	switch {
	case !d.judged:
		d.recent, err = newRecentTexts(d.arena)
	case 2*d.missed > d.seen:
		d.recent = nil
	}
	d.judged, d.seen, d.missed = true, 0, 0
	return err
}

// wideText is the length up to which texts are compared by wide vectors.
const wideText = 128

// encodeLeft is encodeGroup for the values that were not recent ones.
func (d *dictionary) encodeLeft(values []string, left []uint8, hashes []uint64, out []uint32) error {
	var codes [probeGroup]uint32
	d.candidates(hashes, codes[:len(left)])
	d.touch(codes[:len(left)])
	for j, i := range left {
		s := values[i]
		code := codes[j]
		if !d.is(code, s) {
			var err error
			if code, err = d.find(s, hashes[j]); err != nil {
				return err
			}
		}
		out[i] = code
		if len(s) <= shortText && d.recent != nil {
			low, high := shortWords(s)
			d.recent[hashes[j]%recentPlaces] = recentText{low, high, uint32(len(s)) + 1, code}
		}
	}
	endWide()
	return nil
}

// is tells whether value code, which may be any number, is s.
func (d *dictionary) is(code uint32, s string) bool {
	if uint64(code) >= uint64(d.count) {
		return false
	}
	from, to := d.offsets[code], d.offsets[code+1]
	if int(to-from) != len(s) {
		return false
	}
	if wide && uint(len(s)-1) < wideText {
		return wideEqual(unsafe.Pointer(&d.data[from]), unsafe.Pointer(unsafe.StringData(s)), len(s))
	}
	return string(d.data[from:to]) == s
}

// noCode stands for a hash that no value has.
const noCode = math.MaxUint32

// Sizes from which on a table and the bytes of the values are not in the nearest cache.
const (
	touchSlots = 8 << 10
	touchBytes = 64 << 10
)

// candidates sets codes[i] to a code with hashes[i], if its place or the next one has one, else to any number.
func (d *dictionary) candidates(hashes []uint64, codes []uint32) {
	codes = codes[:len(hashes)]
	slots := d.slots
	if len(slots) == 0 {
		for i := range codes {
			codes[i] = noCode
		}
		return
	}
	mask := uint64(len(slots) - 1)
	if len(slots) >= touchSlots { // a loop of hardly more than loads has more of them under way
		sum := uint64(0)
		for _, hash := range hashes {
			sum += slots[hash>>32&mask]
		}
		d.touched += uint8(sum)
	}
	for i, hash := range hashes {
		slot, next := slots[hash>>32&mask], slots[(hash>>32+1)&mask]
		if slot^hash>>32<<32 > math.MaxUint32 { // without a branch: which place it is cannot be foretold
			slot = next
		}
		codes[i] = uint32(slot) - 1 // an empty slot gives noCode
	}
}

// touch loads the first and the last byte of every candidate.
func (d *dictionary) touch(codes []uint32) {
	if len(d.data) < touchBytes {
		return
	}
	offsets, data, sum := d.offsets, d.data, uint8(0)
	for _, code := range codes {
		if uint64(code)+1 < uint64(len(offsets)) {
			if from, to := uint64(offsets[code]), uint64(offsets[code+1]); from < to && to <= uint64(len(data)) {
				sum += data[from] + data[to-1]
			}
		}
	}
	d.touched += sum
}

// Multipliers of hashes: odd numbers of evenly mixed bits.
const (
	hashA = 0x9e3779b97f4a7c15
	hashB = 0xbf58476d1ce4e5b9
	hashC = 0x94d049bb133111eb
)

// hashText is the hash of a text. Its upper half is what the table keeps.
func hashText(s string) uint64 {
	if len(s) > shortText {
		return hashLong(s)
	}
	low, high := shortWords(s)
	return hashShort(low, high, len(s))
}

// fold multiplies and adds the halves of the product.
func fold(a, b uint64) uint64 {
	high, low := bits.Mul64(a, b)
	return high ^ low
}

func hashShort(low, high uint64, length int) uint64 {
	return fold(fold(low^hashA, high^hashB)^uint64(length), hashC)
}

// hashLong is the hash of a text of more than shortText bytes.
func hashLong(s string) uint64 {
	p := unsafe.Pointer(unsafe.StringData(s))
	h := uint64(len(s)) * hashC
	last := len(s) - 16
	for at := 0; at < last; at += 16 {
		h = fold(wordAt(p, at)^h, wordAt(p, at+8)^hashA)
	}
	return fold(fold(wordAt(p, last)^h, wordAt(p, last+8)^hashB), hashC)
}

// wordAt loads the eight bytes behind p that begin with byte at.
func wordAt(p unsafe.Pointer, at int) uint64 { return *(*uint64)(unsafe.Add(p, at)) }

// shortWords gives the bytes of a text of at most shortText, with zeros behind them.
func shortWords(s string) (low, high uint64) {
	p := unsafe.Pointer(unsafe.StringData(s))
	switch n := len(s); {
	case n == 0:
		return 0, 0
	case n >= 8:
		return wordAt(p, 0), wordAt(p, n-8) >> uint(8*(16-n))
	case n >= 4:
		return uint64(*(*uint32)(p)) | uint64(*(*uint32)(unsafe.Add(p, n-4)))<<uint(8*(n-4)), 0
	default:
		return uint64(s[0]) | uint64(s[n/2])<<uint(8*(n/2)) | uint64(s[n-1])<<uint(8*(n-1)), 0
	}
}
