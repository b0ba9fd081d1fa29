package memory

import (
	"io"
	"math"
	"path"
	"strconv"
	"strings"

	"github.com/freshetdb/freshet/internal/vfs"
)

// Where Linux says what a container may have.
const (
	cgroupRoot = "/sys/fs/cgroup"
	ownCgroup  = "/proc/self/cgroup"
	v1Limit    = cgroupRoot + "/memory/memory.limit_in_bytes"
)

// Available is the memory that the process may use in bytes: its container's limit, else the machine's memory; 0 where neither is
// known. fs is the operating system's.
func Available(fs vfs.FS) int64 {
	best := physical()
	if best <= 0 {
		best = math.MaxInt64
	}
	for _, file := range limitFiles(fs) {
		if n, ok := readLimit(fs, file); ok {
			best = min(best, n)
		}
	}
	if best == math.MaxInt64 {
		return 0
	}
	return best
}

// limitFiles lists the files that may hold a limit: of the process's own group and of those around it.
func limitFiles(fs vfs.FS) []string {
	files := []string{v1Limit, cgroupRoot + "/memory.max"}
	text, ok := read(fs, ownCgroup)
	if !ok {
		return files
	}
	for line := range strings.Lines(text) {
		group, found := strings.CutPrefix(strings.TrimSpace(line), "0::")
		if !found {
			continue
		}
		for group = path.Clean("/" + group); group != "/"; group = path.Dir(group) {
			files = append(files, cgroupRoot+group+"/memory.max")
		}
	}
	return files
}

func readLimit(fs vfs.FS, file string) (int64, bool) {
	text, ok := read(fs, file)
	if !ok {
		return 0, false
	}
	n, err := strconv.ParseInt(strings.TrimSpace(text), 10, 64)
	return n, err == nil && n > 0 // "max" is no limit
}

// read gives a short file, false where it cannot be read: on most machines it is not there.
func read(fs vfs.FS, file string) (string, bool) {
	f, err := fs.Open(file)
	if err != nil {
		return "", false
	}
	data, err := io.ReadAll(io.LimitReader(f, 64<<10))
	if f.Close() != nil || err != nil {
		return "", false
	}
	return string(data), true
}
