package vfs

import (
	"errors"
	"os"
	"unsafe"

	"golang.org/x/sys/unix"
)

// readAhead is how much is read at once: one system call reads no more ahead on kernels with little read-ahead.
const readAhead = 1 << 20

// populate reads the pages of data[offset:offset+length] into memory by system calls, which, unlike page faults, give the
// processor to other goroutines. The first call starts to read these pages and no others; the second, which waits for them and
// maps them, would by itself read as much around each page that it meets as the kernel does around any page fault. Kernels before
// 5.14 lack the second. Where the kernel only has no memory to spare, the reader's page faults have to do; an error means that
// the file cannot be read there.
func populate(data []byte, offset, length int) error {
	for pages := pageRange(data, offset, length); len(pages) > 0; {
		part := pages[:min(len(pages), readAhead)]
		err := unix.Madvise(part, unix.MADV_WILLNEED)
		if err == nil {
			err = unix.Madvise(part, unix.MADV_POPULATE_READ)
		}
		switch {
		case err == nil, errors.Is(err, unix.EINVAL):
		case errors.Is(err, unix.ENOMEM), errors.Is(err, unix.EAGAIN), errors.Is(err, unix.EINTR):
			return nil
		default:
			return os.NewSyscallError("madvise", err)
		}
		pages = pages[len(part):]
	}
	return nil
}

// resident asks for the pages of data[offset:offset+length]; true where the kernel does not say.
func resident(data []byte, offset, length int) bool {
	const most = 4096 // pages asked for at once
	var state [most]byte
	size := os.Getpagesize()
	for pages := pageRange(data, offset, length); len(pages) > 0; {
		part := pages[:min(len(pages), most*size)]
		n := (len(part) + size - 1) / size
		_, _, errno := unix.Syscall(unix.SYS_MINCORE, uintptr(unsafe.Pointer(&part[0])), uintptr(len(part)), uintptr(unsafe.Pointer(&state[0])))
		if errno != 0 {
			return true
		}
		for _, s := range state[:n] {
			if s&1 == 0 {
				return false
			}
		}
		pages = pages[len(part):]
	}
	return true
}
