package server

import (
	"context"
	"errors"
	"math/rand/v2"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/freshetdb/freshet/cluster"
	clustermem "github.com/freshetdb/freshet/cluster/mem"
	deepfs "github.com/freshetdb/freshet/deepstore/fs"
	"github.com/freshetdb/freshet/internal/clock"
	"github.com/freshetdb/freshet/internal/vfs"
)

var errPowerIsOff = errors.New("the power is off")

// outage is a power loss at a file operation: what the store held, then what the disk keeps of it.
type outage struct {
	store []cluster.KV
	disk  *vfs.Mem
}

// trap makes the n-th changing file operation from now the last one. The channel tells what is left.
func (w *world) trap(n int64, rng *rand.Rand) <-chan outage {
	left := make(chan outage, 1)
	store, disk := w.store, w.disk
	seed := rng.Uint64()
	var done atomic.Int64
	w.setFault(func(op vfs.Op) error {
		if !changing(op.Kind) {
			return nil
		}
		at := done.Add(1)
		if at < n {
			return nil
		}
		if at == n {
			// The store first: its transactions name only what was synced before.
			kvs, _, err := store.List(context.Background(), "")
			if err != nil {
				w.t.Error(err)
			}
			left <- outage{store: kvs, disk: disk.CrashClone(rand.New(rand.NewPCG(seed, 1)))}
		}
		return errPowerIsOff
	})
	return left
}

// changing tells whether an operation changes what the disk holds or keeps.
func changing(k vfs.OpKind) bool {
	switch k {
	case vfs.OpCreate, vfs.OpWrite, vfs.OpSync, vfs.OpRename, vfs.OpLink, vfs.OpRemove, vfs.OpMkdir, vfs.OpSyncDir:
		return true
	}
	return false
}

// restart puts what an outage left in the place of store and disk.
func (w *world) restart(o outage) {
	w.t.Helper()
	w.setFault(nil)
	if err := w.store.Close(); err != nil {
		w.t.Fatal(err)
	}
	w.store = clustermem.New(clock.Real{})
	for _, kv := range o.store {
		if strings.HasPrefix(kv.Key, "/instances/") {
			continue // bound to a lease of the dead process
		}
		if _, _, err := w.store.Txn(context.Background(), nil, []cluster.Op{{Key: kv.Key, Value: kv.Value}}); err != nil {
			w.t.Fatal(err)
		}
	}
	w.disk = o.disk
	w.fs = vfs.NewFault(o.disk, func(op vfs.Op) error {
		if f := w.fault.Load(); f != nil {
			return (*f)(op)
		}
		return nil
	})
	var err error
	if w.bucket, err = deepfs.New(w.fs, "/data/deep", clock.Real{}); err != nil {
		w.t.Fatal(err)
	}
}

// TestPowerLossAtRandomOperations takes the power away a hundred times in a row, each time at a random file operation of
// building, uploading, cleaning up or recovering, with a disk that keeps a random part of what was not synced. After each
// restart, unless that one is cut off as well, every column of every row is compared with the ledger.
func TestPowerLossAtRandomOperations(t *testing.T) {
	losses := 100
	if testing.Short() {
		losses = 10
	}
	seed := uint64(clock.Real{}.Now().UnixNano())
	rng := rand.New(rand.NewPCG(seed, 1))
	w := newWorld(t, 2)
	w.flush = 20
	w.table("inc-1", 1)
	const rowsPerLoss = 20
	compared := 0
	for loss := range losses {
		s := w.open()
		if loss%3 > 0 {
			w.check(s)
			compared++
		}
		left := w.trap(1+rng.Int64N(40), rng)
		var o outage
		for off := false; !off; {
			if len(w.ledger) < rowsPerLoss*(loss+2) {
				w.produce(4)
			}
			select {
			case o = <-left:
				off = true
			case <-time.After(time.Millisecond):
				if len(w.ledger) >= rowsPerLoss*(loss+2) { // everything is sealed: more is needed to get there
					w.produce(1)
				}
			}
		}
		w.kill(s)
		w.restart(o)
		if t.Failed() {
			t.Fatalf("seed %d, loss %d", seed, loss)
		}
	}
	s := w.open()
	w.check(s)
	sealed := w.done(s)
	w.close(s)
	if sealed == 0 || compared == 0 {
		t.Errorf("seed %d: %d segments were sealed, %d comparisons", seed, sealed, compared)
	}
	t.Logf("seed %d: %d power losses, %d comparisons, %d rows, %d segments", seed, losses, compared+1, len(w.ledger), sealed)
}
