package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"runtime/debug"
	"strconv"
	"sync/atomic"
	"time"
)

// controlChild is the name under which the command runs itself to see what the collector's pauses are in a program that does
// nothing but keep the cores busy: they are the machine's and Go's, and no node has shorter ones.
const controlChild = "pauses-here"

const (
	// controlSpare is how many Go processors a node has beyond the cores.
	controlSpare = 2
	controlEvery = 50 * time.Millisecond // between two cycles
)

// control is what a busy program measured.
type control struct {
	MostMs float64 // the longest pause: both stops of a cycle together, as a node's metrics tell it
	Cycles int64
}

// pauseControl runs the busy program for a while.
func (b *bench) pauseControl(ctx context.Context) (c control, err error) {
	self, err := os.Executable()
	if err != nil {
		return c, err
	}
	cmd := exec.CommandContext(ctx, self, controlChild, "-duration", b.o.duration.String())
	cmd.Env = append(os.Environ(), "GOMAXPROCS="+strconv.Itoa(runtime.NumCPU()+controlSpare))
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		return c, fmt.Errorf("busy program: %w", err)
	}
	return c, json.Unmarshal(out, &c)
}

// pausesHere is the busy program.
func pausesHere(ctx context.Context, o options) error {
	var stop atomic.Bool
	sums := make([]uint64, runtime.NumCPU())
	for i := range sums {
		go func() {
			x := uint64(i)
			for !stop.Load() {
				for range 1 << 20 {
					x = x*6364136223846793005 + 1
				}
			}
			sums[i] = x
		}()
	}
	var stats debug.GCStats
	var c control
	for end := time.Now().Add(o.duration); time.Now().Before(end) && ctx.Err() == nil; time.Sleep(controlEvery) {
		runtime.GC()
		debug.ReadGCStats(&stats)
		c.MostMs = max(c.MostMs, float64(stats.Pause[0])/float64(time.Millisecond))
	}
	stop.Store(true)
	c.Cycles = stats.NumGC
	return errors.Join(ctx.Err(), json.NewEncoder(os.Stdout).Encode(c))
}
