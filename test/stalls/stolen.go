package stalls

import (
	"errors"
	"io/fs"
	"os"
	"strconv"
	"strings"
	"time"
)

// Stolen is for how long the machine's host has kept its processors, all taken together, from programs since the machine
// started; 0 where the system does not tell.
func Stolen() (time.Duration, error) {
	stat, err := os.ReadFile("/proc/stat")
	if errors.Is(err, fs.ErrNotExist) {
		return 0, nil
	}
	return stolenTime(string(stat)), err
}

// stolenTime reads Linux's /proc/stat: in the first line, "cpu" and then hundredths of a second of user, nice, system, idle,
// iowait, irq, softirq and steal.
func stolenTime(stat string) time.Duration {
	const steal, tick = 8, 10 * time.Millisecond
	line, _, _ := strings.Cut(stat, "\n")
	fields := strings.Fields(line)
	if len(fields) <= steal || fields[0] != "cpu" {
		return 0
	}
	ticks, err := strconv.ParseInt(fields[steal], 10, 64)
	if err != nil {
		return 0
	}
	return time.Duration(ticks) * tick
}
