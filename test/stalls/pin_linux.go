package stalls

import (
	"fmt"
	"runtime"

	"golang.org/x/sys/unix"
)

// priority is that of the watching threads among real-time ones, 1 to 99.
const priority = 50

// processors are those that this process may run on.
func processors() (cpus []int, err error) {
	var set unix.CPUSet
	if err := unix.SchedGetaffinity(0, &set); err != nil {
		return nil, fmt.Errorf("sched_getaffinity: %w", err)
	}
	for cpu := 0; len(cpus) < set.Count(); cpu++ {
		if set.IsSet(cpu) {
			cpus = append(cpus, cpu)
		}
	}
	return cpus, nil
}

// pin gives the calling goroutine a thread of its own, on one processor and before all others there.
func pin(cpu int) error {
	runtime.LockOSThread()
	var set unix.CPUSet
	set.Set(cpu)
	if err := unix.SchedSetaffinity(0, &set); err != nil {
		return fmt.Errorf("sched_setaffinity: %w", err)
	}
	if err := unix.SchedSetAttr(0, &unix.SchedAttr{Size: unix.SizeofSchedAttr, Policy: unix.SCHED_FIFO, Priority: priority}, 0); err != nil {
		return fmt.Errorf("real-time priority: %w", err)
	}
	return nil
}

// rest lets the thread itself sleep: a timer of the runtime would be woken by another thread, of common priority.
func rest() {
	left := unix.NsecToTimespec(nap.Nanoseconds())
	_ = unix.Nanosleep(&left, nil) // where a signal ends it early, the nap was short
}
