package json

import (
	"bytes"
	"encoding/binary"
	"math"
	"math/bits"
	"unicode/utf8"
	"unsafe"

	"github.com/freshetdb/freshet/internal/prefetch"
)

// Records that look alike are decoded column by column, a run of them at a time. The quotes of each record are found first,
// 64 bytes at a time: its marks. Where all keys and all texts are as many as in the first record, the n-th mark of every
// record is the n-th key's or text's, so that the bounds of any value are known without walking through those before it. A
// loop per column then has one kind of value and one key before it, and its steps do not wait for each other. The run ends
// at the first record that is not alike or has an unusual value. It is left to Decode, which walks.

const (
	runRecords  = 64   // decoded at a time: their text stays in the nearest cache
	leastMarked = 64   // bytes of the shortest record that may be in a run
	mostMarked  = 4096 // of the longest
	maxMarks    = 512  // quotes of such a record
	noCount     = -2   // no record has so many quotes
	// A run of fewer than shortRun records was not worth looking for: the next runPause calls do not look, and twice as many
	// after each more that was not, up to longPause.
	shortRun  = 8
	runPause  = 64
	longPause = 8192
)

// run is what DecodeRun works on.
type run struct {
	pause   int // calls that do not look
	wait    int // the next pause, 0 for runPause
	group   int // records to look at together next
	members []member
	marks   []uint16 // of each record: stride of them, the last one being the record's length
	stride  int
	records [][]byte
	n       int // records that are still alike
	nulls   []runNull
	numbers numbers
	covered []bool // per slot: a member sets it
}

// member is one key of the records, in their order, and what its values are.
type member struct {
	mark  int // of the key's first quote
	slot  *slot
	quick quick
	// before is what stands before the value: from the brace or the comma before the key to the colon behind it, a space and
	// the text's quote included where there is one. gap is how much of it is before the key.
	before []byte
	lead   lead
	gap    int
	behind int // what stands behind the value up to the next key's quote, 1 or 2 bytes
}

// lead is a text of up to 16 bytes as words, which any bytes follow.
type lead struct {
	text         [mostLead]uint8
	bits         uint16 // one for each byte of text that counts
	words, masks [2]uint64
	room         int // bytes that have to be there to look, more than there ever are where the text is longer
}

// mostLead is how many bytes of a text a lead has.
const mostLead = 16

// runNull is a NULL that is noted once it is known how long the run is.
type runNull struct {
	slot   *slot
	record int
}

// DecodeRun appends as many of the records, from the first one on, as look alike, as one row each, and gives their number,
// which may be 0. It is Decode for them, at less cost; the next record is for Decode.
func (d *Decoder) DecodeRun(records [][]byte) int {
	r := &d.run
	if !wide || len(d.whole) > 0 {
		return 0
	}
	if r.pause > 0 {
		r.pause--
		return 0
	}
	if !d.alike(records) {
		r.giveUp()
		return 0
	}
	done := 0
	for done < len(records) {
		some := records[done:min(done+max(r.group, shortRun), len(records))]
		n := d.runGroup(some)
		if done += n; n < len(some) {
			break
		}
		r.group = runRecords
	}
	if r.group = min(2*done, runRecords); done < min(shortRun, len(records)) {
		r.giveUp()
	} else {
		r.wait = 0
	}
	return done
}

// giveUp begins a pause.
func (r *run) giveUp() {
	r.pause = max(r.wait, runPause)
	r.wait = min(2*r.pause, longPause)
}

// alike finds the members of the first record, if it is one for a run.
func (d *Decoder) alike(records [][]byte) bool {
	r := &d.run
	r.members, r.stride = r.members[:0], maxMarks+1
	if len(records) == 0 {
		return false
	}
	r.reserve(1)
	b := records[0]
	_, count, ascii := findMarks(records[:1], noCount, r.stride, r.marks)
	if count <= 0 || !ascii && !utf8.Valid(b) {
		return false
	}
	r.marks[count] = uint16(len(b))
	if r.covered == nil {
		r.covered = make([]bool, len(d.slots))
	}
	clear(r.covered)
	k := 0
	for k < count {
		m := r.addMember()
		if k = m.shape(b, r.marks[:count+1], k); k < 0 || !d.wants(m) {
			return false
		}
	}
	r.stride = count + 1
	return true
}

// wants finds the slot that a member fills, and tells whether a run can do that.
func (d *Decoder) wants(m *member) bool {
	key := m.before[m.gap+1:]
	n := d.root.children[string(key[:bytes.IndexByte(key, '"')])]
	m.slot = nil
	if n == nil { // nobody wants it, but it is checked
		return true
	}
	if !n.leaf || d.run.covered[n.slots[0]] {
		return false
	}
	d.run.covered[n.slots[0]] = true
	m.slot = &d.slots[n.slots[0]]
	isText := m.quick == quickText
	m.quick = m.slot.quick
	return m.quick != quickNone && isText == (m.quick == quickText)
}

// addMember gives one more member, with buffers of an earlier one.
func (r *run) addMember() *member {
	if len(r.members) < cap(r.members) {
		r.members = r.members[:len(r.members)+1]
	} else {
		r.members = append(r.members, member{})
	}
	return &r.members[len(r.members)-1]
}

// shape finds how a member is written whose key has mark k, and gives the mark of the next key; below 0 if it is not as usual.
func (m *member) shape(b []byte, marks []uint16, k int) int {
	m.gap, m.mark, m.quick = 1, k, quickNone
	if k+2 >= len(marks) || marks[k] == 0 {
		return -1
	}
	if b[marks[k]-1] == ' ' {
		m.gap = 2
	}
	from, to, begin := int(marks[k])-m.gap, int(marks[k+1])+1, byte(',')
	if k == 0 {
		begin = '{'
	}
	if from < 0 || (from == 0) != (k == 0) || b[from] != begin || to >= len(b) || b[to] != ':' {
		return -1
	}
	if to++; to < len(b) && b[to] == ' ' {
		to++
	}
	next := k + 2
	if int(marks[next]) == to {
		if to, next, m.quick = to+1, k+4, quickText; next >= len(marks) {
			return -1
		}
	}
	m.before = append(m.before[:0], b[from:to]...)
	m.behind = 1
	if end := int(marks[next]); end < len(b) && b[end-1] == ' ' {
		m.behind = 2
	}
	m.lead = leadOf(m.before)
	return next
}

func leadOf(text []byte) (l lead) {
	var mask [mostLead]byte
	l.room = mostLead
	if copy(l.text[:], text) < len(text) {
		l.room = math.MaxInt
	}
	for i := range min(len(text), mostLead) {
		mask[i] = 0xff
		l.bits |= 1 << i
	}
	for i := range l.words {
		l.words[i], l.masks[i] = binary.LittleEndian.Uint64(l.text[8*i:]), binary.LittleEndian.Uint64(mask[8*i:])
	}
	return l
}

// begins tells whether the text is known to be at pos, 0 or more, of b; that it is not has to be found out otherwise.
func (l *lead) begins(b []byte, pos int) bool {
	return pos <= len(b)-l.room && (word(b, pos)^l.words[0])&l.masks[0]|(word(b, pos+8)^l.words[1])&l.masks[1] == 0
}

// begins tells whether what stands before the member's value is at pos of b.
func (m *member) begins(b []byte, pos int) bool {
	return pos >= 0 && pos+len(m.before) <= len(b) && string(b[pos:pos+len(m.before)]) == string(m.before)
}

// word gives the eight bytes at pos, which are there, the first one lowest.
func word(b []byte, pos int) uint64 {
	return *(*uint64)(unsafe.Add(unsafe.Pointer(unsafe.SliceData(b)), pos))
}

// reserve makes room for the marks of n records, and what is written behind them.
func (r *run) reserve(n int) {
	if size := n*r.stride + maxMarks + 64; len(r.marks) < size {
		r.marks = make([]uint16, size)
	}
}

// markAll finds the marks of records up to the first one that has not as many as the first record of the run had, and gives
// their number. They are valid UTF-8 without escapes and control characters.
func (r *run) markAll(records [][]byte) (n int) {
	for n < len(records) {
		marks := r.marks[n*r.stride:]
		more, count, ascii := findMarks(records[n:], r.stride-1, r.stride, marks)
		if n += more; n == len(records) || count != r.stride-1 || ascii || !utf8.Valid(records[n]) {
			break
		}
		marks[(more+1)*r.stride-1] = uint16(len(records[n]))
		n++
	}
	return n
}

// runGroup decodes records up to the first one that is not alike.
func (d *Decoder) runGroup(records [][]byte) int {
	r := &d.run
	r.reserve(len(records))
	r.records, r.nulls, r.n = records, r.nulls[:0], r.markAll(records)
	for i := range r.n {
		if int(r.marks[i*r.stride]) != r.members[0].gap {
			r.n = i
			break
		}
	}
	d.makeRoom(d.rows + r.n)
	behind := behindOf(records)
	for i := range r.members {
		behind.read(i+1, len(r.members))
		switch m := &r.members[i]; {
		case m.quick == quickText:
			r.texts(m, d.rows)
		case m.quick == quickFloat64:
			r.doubles(m, m.slot.f64[d.rows:])
		case m.quick == quickInt32 || m.quick == quickInt64:
			r.integers(m, d.rows)
		default:
			r.literals(m, d.rows)
		}
	}
	d.endRun()
	r.records = nil
	return r.n
}

// behind is the memory behind the records of a group. The next ones are usually there, and come from a broker or a file: they
// are in no near cache.
type behind struct {
	last      unsafe.Pointer // the last record of the group
	length    int
	kilobytes int // as many as the records of the group span
	begun     int
}

// mostBehind is how many bytes a group may span whose records lie one behind the other.
const mostBehind = 32 << 10

func behindOf(records [][]byte) behind {
	first, last := records[0], records[len(records)-1]
	at := unsafe.Pointer(unsafe.SliceData(last))
	span := uintptr(at) - uintptr(unsafe.Pointer(unsafe.SliceData(first))) + uintptr(len(last))
	if span > mostBehind {
		return behind{}
	}
	return behind{last: at, length: len(last), kilobytes: int(span+1<<10-1) >> 10}
}

// read begins to read some of it, all of it by the last of the parts: a burst of it would only wait.
func (b *behind) read(part, parts int) {
	for ; b.begun < b.kilobytes*part/parts; b.begun++ {
		prefetch.Kilobyte(b.last, uintptr(b.length+b.begun<<10))
	}
}

// endRun makes the run's records rows.
func (d *Decoder) endRun() {
	r := &d.run
	if r.n == 0 {
		return
	}
	for _, null := range r.nulls {
		if null.record < r.n {
			null.slot.null[d.rows+null.record] = true
			null.slot.nulls++
		}
	}
	for i := range d.slots {
		s := &d.slots[i]
		if r.covered[i] {
			s.last = d.rows + r.n - 1
			continue
		}
		for row := d.rows; row < d.rows+r.n; row++ {
			s.finish(row)
			if s.elems != nil {
				s.offsets[row+1] = uint32(s.used)
			}
		}
	}
	d.rows += r.n
}

// all has a bit for each record.
func (r *run) all() uint64 { return ^uint64(0) >> (runRecords - r.n) }

// texts reads a member that is a text in every record.
func (r *run) texts(m *member, row int) {
	var out []string
	longest := mostMarked
	if m.slot != nil {
		out = m.slot.str[row : row+r.n]
		if limit := m.slot.field.MaxLength; limit > 0 {
			longest = limit
		}
	}
	left := r.all()
	if m.lead.room == mostLead {
		left = r.gatherTexts(m, out, longest)
	}
	for ; left != 0; left &= left - 1 {
		i := bits.TrailingZeros64(left)
		b, marks := r.records[i], r.marks[i*r.stride+m.mark:][:5]
		start, end, next := int(marks[0])-m.gap, int(marks[3]), int(marks[4])
		from := start + len(m.before)
		if !m.begins(b, start) || end+1 != next-m.behind || uint(end-from) > uint(longest) {
			r.n = i
			return
		}
		if out != nil {
			out[i] = unsafe.String(&b[from], end-from)
		}
	}
}

// numberBounds are where the member begins in record i, and where its value ends.
func (r *run) numberBounds(m *member, i int) (start, to int) {
	marks := r.marks[i*r.stride+m.mark:][:3]
	return int(marks[0]) - m.gap, int(marks[2]) - m.behind
}

// readNumbers reads the usual numbers of a member.
func (r *run) readNumbers(m *member) {
	s := &r.numbers
	s.odd, s.negative = 0, 0
	left := r.all()
	if m.lead.room == mostLead {
		left = r.gatherNumbers(m)
	}
	for ; left != 0; left &= left - 1 {
		i := bits.TrailingZeros64(left)
		b := r.records[i]
		start, to := r.numberBounds(m, i)
		if m.begins(b, start) {
			s.put(i, b, start+len(m.before), to)
		} else {
			s.odd |= 1 << i
		}
	}
	s.join(r.n)
}

// integers reads a member that is an integer, or null, in every record.
func (r *run) integers(m *member, row int) {
	r.readNumbers(m)
	var all [runRecords]int64
	out := all[:r.n]
	if m.quick == quickInt64 {
		out = m.slot.i64[row : row+r.n]
	}
	r.numbers.integers(out)
	readOdd(r, m, out, m.integer)
	if m.quick == quickInt32 {
		r.narrow(m.slot.i32[row:], out[:r.n])
	}
}

// narrow sets out to values, up to one that does not fit.
func (r *run) narrow(out []int32, values []int64) {
	for i, x := range values {
		if x != int64(int32(x)) {
			r.n = i
			return
		}
		out[i] = int32(x)
	}
}

// doubles reads a member that is a number, or null, in every record.
func (r *run) doubles(m *member, out []float64) {
	r.readNumbers(m)
	r.numbers.floats(out[:r.n])
	readOdd(r, m, out, m.decimal)
}

// readOdd sets out to the odd numbers of a member by read, up to one that is neither a number for it nor null.
func readOdd[T int64 | float64](r *run, m *member, out []T, read func(b []byte, start, to int) (T, bool)) {
	for odd := r.numbers.odd & r.all(); odd != 0; odd &= odd - 1 {
		i := bits.TrailingZeros64(odd)
		b := r.records[i]
		start, to := r.numberBounds(m, i)
		x, ok := read(b, start, to)
		if !ok {
			if !m.isNull(b, start, to) {
				r.n = i
				return
			}
			r.null(m, i)
			x = 0
		}
		out[i] = x
	}
}

// integer gives the member at start if it is an integer of at most mostWhole digits; of maxQuickDigits at a record's beginning.
func (m *member) integer(b []byte, start, to int) (x int64, ok bool) {
	from := start + len(m.before)
	switch {
	case !m.begins(b, start):
		return 0, false
	case to < mostQuick:
		var n decimal
		ok = n.read(b, from) == to && n.scale == 0
		return n.int64(), ok
	}
	return wholeNumber(b, from, to)
}

// decimal gives the member at start if it is a number without exponent, of at most maxQuickDigits digits.
func (m *member) decimal(b []byte, start, to int) (x float64, ok bool) {
	if !m.begins(b, start) {
		return 0, false
	}
	var n decimal
	ok = n.read(b, start+len(m.before)) == to
	return n.float64(), ok
}

// literals reads a member that is true, false or null, in every record, or, where nobody wants it, a number.
func (r *run) literals(m *member, row int) {
	for i, b := range r.records[:r.n] {
		marks := r.marks[i*r.stride+m.mark:][:3]
		start, to := int(marks[0])-m.gap, int(marks[2])-m.behind
		from := start + len(m.before)
		if !m.begins(b, start) || from > to {
			r.n = i
			return
		}
		switch text := b[from:to]; string(text) {
		case "null":
			r.null(m, i)
		case "true", "false":
			if m.slot != nil {
				m.slot.truth[row+i] = len(text) == len("true")
			}
		default:
			if _, ok := m.decimal(b, start, to); !ok || m.slot != nil {
				r.n = i
				return
			}
		}
	}
}

// isNull tells whether the member at start is null.
func (m *member) isNull(b []byte, start, to int) bool {
	from := start + len(m.before)
	return m.begins(b, start) && from <= to && string(b[from:to]) == "null"
}

// null notes a NULL.
func (r *run) null(m *member, record int) {
	if m.slot != nil {
		r.nulls = append(r.nulls, runNull{m.slot, record})
	}
}
