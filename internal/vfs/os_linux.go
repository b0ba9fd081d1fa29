package vfs

import (
	"errors"
	"io"
	"os"
	"unsafe"

	"golang.org/x/sys/unix"
)

// readPart is how much populate reads at once: as many pages as one call may have places for, or fewer.
const readPart = 1 << 20

// readExactly makes reads of f, not page faults of its mappings, read the pages that they ask for and no others.
func readExactly(f *os.File) error {
	return os.NewSyscallError("fadvise", unix.Fadvise(int(f.Fd()), 0, 0, unix.FADV_RANDOM))
}

// populate brings the pages of data[offset:offset+length], the mapped bytes of f, into memory and maps them, by system calls,
// which, unlike page faults, give the processor to other goroutines. They are read by reads of the file, as page faults read as
// much around a page as the disk's read-ahead says, often megabytes, and mapping them by MADV_POPULATE_READ takes the faults of
// pages that are not there. Kernels before 5.14 lack that call. Where the kernel has no memory to spare, the reader's page
// faults have to do; an error means that the file cannot be read there.
func populate(f *os.File, data []byte, offset, length int) error {
	if length == 0 {
		return nil
	}
	page := os.Getpagesize()
	at := offset &^ (page - 1)
	scratch := make([]byte, page) // for every page: only that it comes matters
	places := make([][]byte, (min(offset+length-at, readPart)+page-1)/page)
	for i := range places {
		places[i] = scratch
	}
	for end := offset + length; at < end; at += readPart {
		part := data[at:min(at+readPart, end)]
		if !resident(data, at, len(part)) {
			if err := readPages(f, places[:(len(part)+page-1)/page], int64(at), len(part)); err != nil {
				return err
			}
		}
		err := unix.Madvise(part, unix.MADV_POPULATE_READ)
		switch {
		case err == nil, errors.Is(err, unix.EINVAL):
		case errors.Is(err, unix.ENOMEM), errors.Is(err, unix.EAGAIN), errors.Is(err, unix.EINTR):
			return nil
		default:
			return os.NewSyscallError("madvise", err)
		}
	}
	return nil
}

// readPages reads the pages of want bytes from offset at into places, which may be one.
func readPages(f *os.File, places [][]byte, at int64, want int) error {
	for {
		n, err := unix.Preadv(int(f.Fd()), places, at)
		switch {
		case errors.Is(err, unix.EINTR):
			continue
		case err != nil:
			return &os.PathError{Op: "preadv", Path: f.Name(), Err: err}
		case n < want:
			return &os.PathError{Op: "preadv", Path: f.Name(), Err: io.ErrUnexpectedEOF}
		}
		return nil
	}
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
