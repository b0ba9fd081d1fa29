package json

import (
	"fmt"
	"os"
	"testing"

	"golang.org/x/sys/unix"
)

// TestRunsStayWithinRecords decodes records that begin or end where no memory is: all members are read by loops without bounds.
func TestRunsStayWithinRecords(t *testing.T) {
	page := os.Getpagesize()
	var atBegin, atEnd [2][][]byte // records that end with a text, and with a number
	for i := range 40 {
		mem, err := unix.Mmap(-1, 0, 3*page, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_ANON|unix.MAP_PRIVATE)
		if err != nil {
			t.Fatal(err)
		}
		defer unix.Munmap(mem)
		b := fmt.Appendf(nil, `{"int":%d,"text":"a text of some length","%s":"","double":%d.5,"time":176722560%04d,`, i, longKey, i, i)
		if b = append(b, `"other":"b"}`...); i%2 == 0 {
			b = fmt.Appendf(b[:len(b)-len(`"other":"b"}`)], `"long":%d}`, i+1)
		}
		place := func(at int) []byte {
			copy(mem[at:], b)
			return mem[at : at+len(b) : at+len(b)]
		}
		atBegin[i%2], atEnd[i%2] = append(atBegin[i%2], place(page)), append(atEnd[i%2], place(2*page-len(b)))
		for _, guard := range [][]byte{mem[:page], mem[2*page:]} {
			if err := unix.Mprotect(guard, unix.PROT_NONE); err != nil {
				t.Fatal(err)
			}
		}
	}
	for _, records := range append(atBegin[:], atEnd[:]...) {
		runs, single := newDecoder(t, runFields), newDecoder(t, runFields)
		if n := decodeBoth(t, runs, single, records); wide && n != len(records) {
			t.Errorf("%d of %d records were in runs", n, len(records))
		}
	}
}
