package memory

import "golang.org/x/sys/unix"

// physical is the machine's memory in bytes, 0 unknown.
func physical() int64 {
	n, err := unix.SysctlUint64("hw.memsize")
	if err != nil {
		return 0
	}
	return int64(n)
}
