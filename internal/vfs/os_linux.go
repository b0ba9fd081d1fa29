package vfs

import (
	"errors"
	"os"
	"unsafe"

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
