package vfs

import (
	"os"

	"golang.org/x/sys/unix"
)

// populate asks for read-ahead of data[offset:offset+length]; the platform has no call that waits for it.
func populate(_ *os.File, data []byte, offset, length int) error {
	pages := pageRange(data, offset, length)
	if len(pages) == 0 {
		return nil
	}
	return os.NewSyscallError("madvise", unix.Madvise(pages, unix.MADV_WILLNEED))
}

// readExactly: nothing is read through the file itself, and page faults read little.
func readExactly(*os.File, []byte) error { return nil }

// resident: the platform's call has no portable form; reading ahead at first touch has to do.
func resident([]byte, int, int) bool { return true }
