package vfs

import (
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"strconv"
	"strings"
	"unsafe"

	"golang.org/x/sys/unix"
)

// readPart is how much populate reads at once: as many pages as one call may have places for, or fewer.
const readPart = 1 << 20

// largeReadAhead is the read-ahead of a disk from which on page faults do more harm by what they read around the page than good.
const largeReadAhead = 512 << 10

// readExactly makes reads of f read the pages that they ask for and no others; page faults of data, its mapping, too where they would
// read megabytes. Elsewhere these go on to read around the page, as the kernel keeps pages of mappings so advised no longer
// for having been used.
func readExactly(f *os.File, data []byte) error {
	if err := unix.Fadvise(int(f.Fd()), 0, 0, unix.FADV_RANDOM); err != nil {
		return os.NewSyscallError("fadvise", err)
	}
	if readAheadOf(f) < largeReadAhead {
		return nil
	}
	return os.NewSyscallError("madvise", unix.Madvise(data, unix.MADV_RANDOM))
}

// readAheadOf is the read-ahead in bytes of the disk that f is on; 0 where the system does not say.
func readAheadOf(f *os.File) int {
	var st unix.Stat_t
	if err := unix.Fstat(int(f.Fd()), &st); err != nil {
		return 0
	}
	dev := fmt.Sprintf("%d:%d", unix.Major(st.Dev), unix.Minor(st.Dev))
	for _, path := range []string{"/sys/class/bdi/" + dev, "/sys/dev/block/" + dev + "/bdi", "/sys/dev/block/" + dev + "/../bdi"} { // the last: of a partition
		text, err := os.ReadFile(path + "/read_ahead_kb")
		if err != nil {
			continue
		}
		if n, err := strconv.Atoi(strings.TrimSpace(string(text))); err == nil && n >= 0 && n <= math.MaxInt>>10 {
			return n << 10
		}
	}
	return 0
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
