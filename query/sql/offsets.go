package sql

import (
	"sort"
	"unicode/utf8"
)

// span says that the rewritten text from out on comes from the source text from src on. A copied span advances byte
// by byte; of a replaced one every byte belongs to src.
type span struct {
	out, src int
	copied   bool
}

// rewriter builds a rewritten text and remembers where its bytes came from.
type rewriter struct {
	src   string
	pos   int // source bytes consumed
	out   []byte
	spans []span
}

// copyTo copies the source up to byte end.
func (r *rewriter) copyTo(end int) {
	if end <= r.pos {
		return
	}
	r.spans = append(r.spans, span{out: len(r.out), src: r.pos, copied: true})
	r.out = append(r.out, r.src[r.pos:end]...)
	r.pos = end
}

// replaceTo consumes the source up to byte end and writes text instead.
func (r *rewriter) replaceTo(end int, text string) {
	if text != "" {
		r.spans = append(r.spans, span{out: len(r.out), src: r.pos})
		r.out = append(r.out, text...)
	}
	r.pos = end
}

// finish copies what is left and gives the text and its map.
func (r *rewriter) finish() (string, offsetMap) {
	r.copyTo(len(r.src))
	return string(r.out), offsetMap{spans: r.spans, end: len(r.src)}
}

// offsetMap maps byte offsets of a rewritten text to those of its source.
type offsetMap struct {
	spans []span
	end   int
}

// source gives the source offset of out.
func (m offsetMap) source(out int) int {
	i := sort.Search(len(m.spans), func(i int) bool { return m.spans[i].out > out }) - 1
	if i < 0 {
		return 0
	}
	s := m.spans[i]
	if !s.copied {
		return s.src
	}
	return min(s.src+out-s.out, m.end)
}

// runeStep is the distance in bytes of the marks of a charIndex.
const runeStep = 256

// charIndex turns byte offsets of a text into 1-based character positions in constant time.
type charIndex struct {
	text  string
	marks []int // characters before byte i*runeStep; nil where the text is ASCII
}

func newCharIndex(text string) charIndex {
	ascii := true
	for i := 0; i < len(text); i++ {
		if text[i] >= utf8.RuneSelf {
			ascii = false
			break
		}
	}
	c := charIndex{text: text}
	if ascii {
		return c
	}
	count := 0
	for i := 0; i < len(text); i++ {
		if i%runeStep == 0 {
			c.marks = append(c.marks, count)
		}
		if utf8.RuneStart(text[i]) {
			count++
		}
	}
	return c
}

// position is the 1-based character position of byte offset off, which is clamped to the text.
func (c charIndex) position(off int) int {
	off = max(0, min(off, len(c.text)))
	if c.marks == nil {
		return off + 1
	}
	from := min(off/runeStep, len(c.marks)-1)
	count := c.marks[from]
	for i := from * runeStep; i < off; i++ {
		if utf8.RuneStart(c.text[i]) {
			count++
		}
	}
	return count + 1
}

// offset is the byte offset of 1-based character position pos of text, its length where the text is shorter.
func byteOffset(text string, pos int) int {
	off := 0
	for i := 1; i < pos && off < len(text); i++ {
		_, size := utf8.DecodeRuneInString(text[off:])
		off += size
	}
	return off
}
