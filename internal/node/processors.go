package node

import (
	"context"
	"errors"
	"os"
	"runtime"

	"github.com/freshetdb/freshet/internal/coldio"
	"github.com/freshetdb/freshet/internal/sched"
)

// spareProcessors is how many Go processors there are beyond the cores. Queries take none of them: a record or a client that
// comes finds an idle one, which waits in the network poller, and the kernel shares the cores among the threads.
const spareProcessors = 2

// processors gives the number of cores, and Go the spare processors unless GOMAXPROCS was chosen, by the environment or by the
// program around the node: then that is the number of cores.
func processors() int {
	now := runtime.GOMAXPROCS(0)
	if os.Getenv("GOMAXPROCS") != "" {
		return now
	}
	runtime.SetDefaultGOMAXPROCS() // knows about a container's limit
	cores := runtime.GOMAXPROCS(0)
	if now != cores && now != cores+spareProcessors { // the latter: another node of this process
		runtime.GOMAXPROCS(now)
		return now
	}
	runtime.GOMAXPROCS(cores + spareProcessors)
	return cores
}

// makeSlots makes the processor slots that queries share, and the pool that reads cold data for them.
func (n *Node) makeSlots(context.Context) error {
	cores := processors()
	if set := n.opts.Config.Server.CPUSlots; set > 0 {
		cores = set
	}
	n.slots = sched.New(cores, n.clock)
	n.disk = coldio.New(n.opts.Config.Server.IOThreads, n.clock)
	n.onClose(n.disk.Close)
	return errors.Join(n.slots.Register(n.registry), n.disk.Register(n.registry))
}
