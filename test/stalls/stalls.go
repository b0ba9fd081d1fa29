// Package stalls tells what the machine did to a measurement of milliseconds. On a virtual machine the host stops the
// processors now and then, for tens of milliseconds where a quota of processor time is used up; no program on them can
// answer meanwhile, and a longest time shows the host instead of what was measured.
//
// A process of its own keeps a thread of real-time priority on each processor that sleeps for a millisecond over and over:
// nothing but a stopped processor keeps such a thread from waking, or, for much less than a millisecond, the kernel itself.
package stalls

import (
	"bufio"
	"cmp"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strings"
	"sync"
	"time"
)

// variable makes a program that calls ServeIfAsked watch the machine until its standard input ends.
const variable = "FRESHET_TEST_WATCH_STALLS"

const (
	nap     = time.Millisecond
	noticed = 1500 * time.Microsecond // a nap that took longer was a stop
)

// ready is the first line of output where the watching threads got real-time priority; else it is the reason why not.
const ready = "ready"

// stop is a time in which one processor did not run its thread, in Unix nanoseconds.
type stop struct{ from, to int64 }

// ServeIfAsked runs the watching process where this program was started as one, and says whether it did: the caller ends
// then. It belongs at the start of TestMain or main.
func ServeIfAsked() (bool, error) {
	if os.Getenv(variable) == "" {
		return false, nil
	}
	cpus, err := processors()
	if err != nil {
		return true, err
	}
	out := &reporter{out: os.Stdout}
	runtime.GOMAXPROCS(len(cpus) + 2) // a thread that wakes finds one free
	pinned, started := make(chan error), make(chan struct{})
	for i, cpu := range cpus {
		go watch(i, cpu, pinned, started, out)
	}
	for range cpus {
		err = errors.Join(err, <-pinned)
	}
	first := fmt.Sprint(ready, " ", len(cpus))
	if err != nil {
		first = err.Error()
	}
	if err := out.line(first); err != nil {
		return true, err
	}
	if err == nil {
		close(started)
	}
	_, err = io.Copy(io.Discard, os.Stdin)
	return true, err
}

// reporter writes whole lines from several threads.
type reporter struct {
	mu  sync.Mutex
	out io.Writer
}

func (r *reporter) line(text string) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	_, err := fmt.Fprintln(r.out, strings.ReplaceAll(text, "\n", " "))
	return err
}

// watch keeps the calling goroutine's thread on one processor and reports its stops under the processor's index, from when
// started is closed to the end of the process.
func watch(index, cpu int, pinned chan<- error, started <-chan struct{}, out *reporter) {
	pinned <- pin(cpu)
	<-started
	last := time.Now()
	for {
		rest()
		now := time.Now()
		if now.Sub(last) > noticed {
			if err := out.line(fmt.Sprint(index, " ", last.Add(nap).UnixNano(), " ", now.UnixNano())); err != nil {
				return // who asked is gone
			}
		}
		last = now
	}
}

// Watcher watches the machine from Start to Close. It may be used by several goroutines.
type Watcher struct {
	cmd  *exec.Cmd
	in   io.Closer
	done chan struct{}
	// Unwatched is why the machine cannot be watched, for instance for want of the right to real-time priority; "" where it
	// is. Without it no stalls are known.
	Unwatched string

	mu    sync.Mutex
	stops map[int][]stop // by the processor's index, in order of time
	cpus  int
	err   error
}

// Start starts this program anew as the watching process; the program calls ServeIfAsked.
func Start() (*Watcher, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	w := &Watcher{cmd: exec.Command(self), done: make(chan struct{}), stops: map[int][]stop{}}
	w.cmd.Env = append(os.Environ(), variable+"=1")
	w.cmd.Stderr = os.Stderr
	in, err := w.cmd.StdinPipe() // ends with this process, however it ends
	if err != nil {
		return nil, err
	}
	w.in = in
	pipe, err := w.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := w.cmd.Start(); err != nil {
		return nil, fmt.Errorf("watch for stalls: %w", err)
	}
	out := bufio.NewScanner(pipe)
	if !out.Scan() {
		return nil, errors.Join(errors.New("the process that watches for stalls said nothing"), out.Err(), in.Close(), w.cmd.Wait())
	}
	if _, err := fmt.Sscanf(out.Text(), ready+" %d", &w.cpus); err != nil {
		w.Unwatched = out.Text()
	}
	go w.collect(out)
	return w, nil
}

func (w *Watcher) collect(out *bufio.Scanner) {
	defer close(w.done)
	for out.Scan() {
		var cpu int
		var s stop
		_, err := fmt.Sscan(out.Text(), &cpu, &s.from, &s.to)
		w.mu.Lock()
		if err != nil {
			w.err = errors.Join(w.err, fmt.Errorf("watch for stalls: line %q: %w", out.Text(), err))
		} else {
			w.stops[cpu] = append(w.stops[cpu], s)
		}
		w.mu.Unlock()
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.err = errors.Join(w.err, out.Err())
}

// Within is how much of the time between two moments the machine stood still: all of its processors at once, and at least
// one of them, on which whatever ran there stood still as well. A stop is known when it is over: ask some milliseconds
// after the second moment.
func (w *Watcher) Within(from, to time.Time) (all, some time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	window := []stop{{from.UnixNano(), to.UnixNano()}}
	every, union := window, []stop(nil)
	for cpu := range w.cpus {
		mine := intersect(window, w.stops[cpu])
		every, union = intersect(every, mine), append(union, mine...)
	}
	if w.cpus > 0 {
		all = total(every)
	}
	return all, total(merge(union))
}

func total(stops []stop) (sum time.Duration) {
	for _, s := range stops {
		sum += time.Duration(s.to - s.from)
	}
	return sum
}

// merge puts stops in order of time and makes one of those that overlap.
func merge(stops []stop) (merged []stop) {
	slices.SortFunc(stops, func(a, b stop) int { return cmp.Compare(a.from, b.from) })
	for _, s := range stops {
		if n := len(merged); n > 0 && s.from <= merged[n-1].to {
			merged[n-1].to = max(merged[n-1].to, s.to)
			continue
		}
		merged = append(merged, s)
	}
	return merged
}

// intersect gives what two ordered lists of times have in common.
func intersect(a, b []stop) (both []stop) {
	for i, j := 0, 0; i < len(a) && j < len(b); {
		if from, to := max(a[i].from, b[j].from), min(a[i].to, b[j].to); from < to {
			both = append(both, stop{from, to})
		}
		if a[i].to < b[j].to {
			i++
		} else {
			j++
		}
	}
	return both
}

// Close ends the watching process.
func (w *Watcher) Close() error {
	err := w.in.Close()
	<-w.done
	w.mu.Lock()
	defer w.mu.Unlock()
	return errors.Join(err, w.err, w.cmd.Wait())
}
