package build

import (
	"bytes"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// sizes notes the sizes of writes, and fails once it has taken room bytes.
type sizes struct {
	bytes.Buffer
	each []int
	room int
}

var errFull = errors.New("full")

func (s *sizes) Write(b []byte) (int, error) {
	s.each = append(s.each, len(b))
	n := min(len(b), s.room-s.Len())
	s.Buffer.Write(b[:n])
	if n < len(b) {
		return n, errFull
	}
	return n, nil
}

func TestPieces(t *testing.T) {
	text := bytes.Repeat([]byte("0123456789a"), 3*writeBuffer/11)
	for name, c := range map[string]struct {
		length, room int
		want         []int
	}{
		"nothing":   {0, 10, nil},
		"one":       {writeBuffer, writeBuffer, []int{writeBuffer}},
		"one more":  {writeBuffer + 1, writeBuffer + 1, []int{writeBuffer, 1}},
		"full disk": {2*writeBuffer + 5, writeBuffer + 7, []int{writeBuffer, writeBuffer}},
	} {
		t.Run(name, func(t *testing.T) {
			got := sizes{room: c.room}
			n, err := pieces{&got}.Write(text[:c.length])
			wantN := min(c.length, c.room)
			if n != wantN || (err != nil) != (c.length > c.room) {
				t.Errorf("Write gives %d, %v; want %d of %d bytes", n, err, wantN, c.length)
			}
			if !bytes.Equal(got.Bytes(), text[:wantN]) {
				t.Error("other bytes were written")
			}
			if diff := cmp.Diff(c.want, got.each); diff != "" {
				t.Errorf("sizes of writes (-want +got):\n%s", diff)
			}
		})
	}
}
