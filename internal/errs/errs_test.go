package errs_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/freshetdb/freshet/internal/errs"
)

// TestMessagesAreCut: an error that repeats a text of a megabyte does not carry it.
func TestMessagesAreCut(t *testing.T) {
	long := strings.Repeat("ä", 1<<20)
	for _, e := range []*errs.Error{errs.User(errs.InvalidText, "bad %s is wrong", long), errs.New(errs.ClassExhausted, errs.ProgramLimitExceeded, "bad %s is wrong", long)} {
		if len(e.Msg) > 1030 || !utf8.ValidString(e.Msg) || !strings.Contains(e.Msg, "...") || !strings.HasPrefix(e.Msg, "bad ä") || !strings.HasSuffix(e.Msg, "ä is wrong") {
			t.Errorf("message of %d bytes: %.40q", len(e.Msg), e.Msg)
		}
	}
}
