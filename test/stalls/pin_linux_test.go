package stalls

import (
	"errors"
	"testing"

	"golang.org/x/sys/unix"
)

// A watching thread runs before all of common priority, on its processor alone.
func TestPin(t *testing.T) {
	cpus, err := processors()
	if err != nil || len(cpus) == 0 {
		t.Fatal(cpus, err)
	}
	last := cpus[len(cpus)-1]
	err = pin(last) // the thread ends with this test's goroutine
	if errors.Is(err, unix.EPERM) {
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	attr, err := unix.SchedGetAttr(0, 0)
	if err != nil || attr.Policy != unix.SCHED_FIFO || attr.Priority != priority {
		t.Errorf("policy %+v, %v; want FIFO of priority %d", attr, err, priority)
	}
	var set unix.CPUSet
	if err := unix.SchedGetaffinity(0, &set); err != nil || set.Count() != 1 || !set.IsSet(last) {
		t.Errorf("on processors %v, %v; want %d only", set, err, last)
	}
}
