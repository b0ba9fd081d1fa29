package main

import (
	"bufio"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"unsafe"

	"golang.org/x/sys/unix"
)

// evict throws the segment files below a data directory out of memory. A file's pages stay while a process maps them, so
// that the mapped ranges of the node are paged out first (MADV_PAGEOUT by process_madvise, which takes rights on the
// process), then what is left of each file is dropped (POSIX_FADV_DONTNEED). It measures what really left by mincore.
func evict(pid int, dataDir string) (e eviction, err error) {
	files := map[string]bool{}
	err = filepath.WalkDir(dataDir, func(path string, d fs.DirEntry, err error) error {
		if err == nil && strings.HasSuffix(path, ".seg") {
			files[path] = true
		}
		if errors.Is(err, fs.ErrNotExist) { // segments come and go
			return nil
		}
		return err
	})
	if err != nil {
		return e, err
	}
	if e.Before, err = resident(files); err != nil {
		return e, err
	}
	if err := pageOut(pid, files); err != nil {
		return e, err
	}
	for path := range files {
		if err := withFile(path, func(f *os.File, size int64) error {
			return unix.Fadvise(int(f.Fd()), 0, size, unix.FADV_DONTNEED)
		}); err != nil {
			return e, err
		}
	}
	e.After, err = resident(files)
	return e, err
}

// pageOut pages out the ranges of the files that a process maps.
func pageOut(pid int, files map[string]bool) error {
	maps, err := os.Open(fmt.Sprintf("/proc/%d/maps", pid))
	if err != nil {
		return err
	}
	defer maps.Close()
	pidfd, err := unix.PidfdOpen(pid, 0)
	if err != nil {
		return os.NewSyscallError("pidfd_open", err)
	}
	defer unix.Close(pidfd)
	lines := bufio.NewScanner(maps)
	for lines.Scan() {
		fields := strings.Fields(lines.Text())
		if len(fields) < 6 || !files[fields[5]] {
			continue
		}
		from, to, _ := strings.Cut(fields[0], "-")
		lo, errLo := strconv.ParseUint(from, 16, 64)
		hi, errHi := strconv.ParseUint(to, 16, 64)
		if err := errors.Join(errLo, errHi); err != nil {
			return err
		}
		if err := pageOutRange(pidfd, lo, hi); err != nil {
			return err
		}
	}
	return lines.Err()
}

// pageOutPart is how much one call pages out: kernels that do not preempt themselves run a call through, and what else wants that
// processor, the threads that hand reads to the disk included, waits for tens of milliseconds.
const pageOutPart = 256 << 10

// pageOutRange pages out a range of another process. The call may do a part only.
func pageOutRange(pidfd int, lo, hi uint64) error {
	for lo < hi {
		// An address of the other process, which is why it is not a pointer here.
		part := struct{ base, size uint64 }{lo, min(hi-lo, pageOutPart)}
		n, _, code := unix.Syscall6(unix.SYS_PROCESS_MADVISE, uintptr(pidfd), uintptr(unsafe.Pointer(&part)), 1, unix.MADV_PAGEOUT, 0, 0)
		switch {
		case code == unix.EINTR || code == unix.EAGAIN:
			continue
		case code == unix.ENOMEM: // the segment was unmapped meanwhile
			return nil
		case code != 0:
			return os.NewSyscallError("process_madvise", code)
		case n == 0:
			return nil
		}
		lo += uint64(n)
	}
	return nil
}

// resident gives the share of the files' bytes that is in memory.
func resident(files map[string]bool) (share float64, err error) {
	var in, all int
	for path := range files {
		err := withFile(path, func(f *os.File, size int64) error {
			data, err := unix.Mmap(int(f.Fd()), 0, int(size), unix.PROT_READ, unix.MAP_SHARED)
			if err != nil {
				return os.NewSyscallError("mmap", err)
			}
			pages := make([]byte, (int(size)+os.Getpagesize()-1)/os.Getpagesize())
			_, _, code := unix.Syscall(unix.SYS_MINCORE, uintptr(unsafe.Pointer(&data[0])), uintptr(size), uintptr(unsafe.Pointer(&pages[0])))
			for _, p := range pages {
				in += int(p & 1)
			}
			all += len(pages)
			if code != 0 {
				return errors.Join(os.NewSyscallError("mincore", code), unix.Munmap(data))
			}
			return unix.Munmap(data)
		})
		if err != nil {
			return 0, err
		}
	}
	return float64(in) / float64(max(all, 1)), nil
}

// withFile opens a file that is not empty, if it is still there.
func withFile(path string, do func(f *os.File, size int64) error) error {
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	info, err := f.Stat()
	if err == nil && info.Size() > 0 {
		err = do(f, info.Size())
	}
	return errors.Join(err, f.Close())
}
