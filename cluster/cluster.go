// Package cluster is the cluster's state: typed records over a key-value store with compare-and-set, watch and
// leases. Backends: cluster/etcd (embedded or external), cluster/mem (tests); one acceptance suite runs on both.
package cluster

import "context"

// KV is one key with its value and the revision that last wrote it.
type KV struct {
	Key      string
	Value    []byte
	Revision int64
}

// Cond is a condition of a transaction: the key was last written at Revision; 0 means that it does not exist.
type Cond struct {
	Key      string
	Revision int64
}

// Op writes a key, or deletes it where Delete is set.
type Op struct {
	Key    string
	Value  []byte
	Delete bool
	Lease  LeaseID // 0: none
}

// LeaseID names a lease.
type LeaseID int64

// Event is a change seen by a watch; Deleted events carry no value.
type Event struct {
	KV
	Deleted bool
}

// Store is the key-value store. Keys are paths under the cluster's own prefix. All methods are safe for concurrent use.
// Errors: errs.ClassUnavailable when the store cannot be reached within ctx.
type Store interface {
	Get(ctx context.Context, key string) (kv KV, found bool, err error)
	// List gives all keys with the prefix, in key order, and the revision of the snapshot.
	List(ctx context.Context, prefix string) (kvs []KV, revision int64, err error)
	// Txn applies ops if all conditions hold, atomically. ok tells; revision is that of the transaction. At most 128 ops.
	Txn(ctx context.Context, conds []Cond, ops []Op) (ok bool, revision int64, err error)
	// Watch gives every change with the prefix after a revision, in order. The channel closes when ctx ends or when
	// the revision is compacted (then list again).
	Watch(ctx context.Context, prefix string, afterRevision int64) <-chan []Event
	// Lease makes a lease that is kept alive until ctx ends; lost is closed when it expired.
	Lease(ctx context.Context, ttlSeconds int64) (id LeaseID, lost <-chan struct{}, err error)
	Close() error
}
