package node

import (
	"context"
	"os"
	"runtime/debug"
	"time"

	"github.com/freshetdb/freshet/internal/config"
	"github.com/freshetdb/freshet/internal/memory"
	"github.com/freshetdb/freshet/internal/offheap"
	"github.com/freshetdb/freshet/internal/vfs"
)

const (
	// memoryPercent of what the container or the machine has is the limit where none is set: the rest is for what is not counted,
	// and for the page cache.
	memoryPercent = 80
	// fallbackLimit is the limit where the system does not say what there is.
	fallbackLimit = 4 << 30
	// Go's own limit follows the memory off its heap so often, and never falls below this share of the limit: collecting
	// without end would help nobody.
	heapLimitEvery = time.Second
	heapLeast      = 4
	// collectPercent is by how much the heap grows before it is collected, where GOGC does not say: what is on it is small, and
	// lives for a query or a batch of records, so that Go's 100 collects up to twenty times a second under load.
	collectPercent = 400
)

// memoryLimit is the setting in bytes, or what the machine or the container allows.
func memoryLimit(setting string) int64 {
	if setting != config.MemoryAuto {
		return config.Size(setting)
	}
	if available := memory.Available(vfs.OS()); available > 0 {
		return available / 100 * memoryPercent
	}
	return fallbackLimit
}

// makeMemory makes the accountant of the process.
func (n *Node) makeMemory(context.Context) error {
	n.memory = memory.New(memoryLimit(n.opts.Config.MemoryLimit))
	n.offheap = offheap.NewAllocator(n.memory.Account(memory.Segments))
	return n.memory.Register(n.registry)
}

// limitHeap keeps Go's memory limit at what the process's limit leaves beside the memory off the heap, and lets the heap grow by
// collectPercent below that, until ctx ends. What the environment set stays.
func (n *Node) limitHeap(ctx context.Context) error {
	if os.Getenv("GOGC") == "" {
		defer debug.SetGCPercent(debug.SetGCPercent(collectPercent))
	}
	if os.Getenv("GOMEMLIMIT") != "" {
		return nil
	}
	before := debug.SetMemoryLimit(-1)
	defer debug.SetMemoryLimit(before)
	for set := int64(0); ; {
		want := heapLimit(n.memory.Limit(), n.memory.Used(memory.Segments))
		if d := want - set; d > want/32 || d < -want/32 {
			debug.SetMemoryLimit(want)
			set = want
		}
		select {
		case <-ctx.Done():
			return nil
		case <-n.clock.After(heapLimitEvery):
		}
	}
}

func heapLimit(limit, offHeap int64) int64 { return max(limit-offHeap, limit/heapLeast) }
