package vfs

import (
	"errors"
	"os"

	"golang.org/x/sys/unix"
)

// populate reads the pages of data[offset:offset+length] into memory by a system call, which, unlike a page fault,
// gives the processor to other goroutines. Kernels before 5.14 lack the call; they read ahead instead. Where the kernel
// only has no memory to spare, the reader's page faults have to do; an error means that the file cannot be read there.
func populate(data []byte, offset, length int) error {
	pages := pageRange(data, offset, length)
	if len(pages) == 0 {
		return nil
	}
	err := unix.Madvise(pages, unix.MADV_POPULATE_READ)
	switch {
	case errors.Is(err, unix.EINVAL):
		err = unix.Madvise(pages, unix.MADV_WILLNEED)
	case errors.Is(err, unix.ENOMEM), errors.Is(err, unix.EAGAIN), errors.Is(err, unix.EINTR):
		return nil
	}
	return os.NewSyscallError("madvise", err)
}
