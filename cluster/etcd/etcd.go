// Package etcd is the cluster store on etcd: a server embedded in this process, or an existing cluster by its
// endpoints. The same client code talks to both; the embedded one is called without sockets.
//
// Close order: watches and leases, the client, then the server (which would otherwise wait for them), then the lock of
// the data directory.
package etcd

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync/atomic"
	"time"

	"go.etcd.io/etcd/api/v3/mvccpb"
	"go.etcd.io/etcd/api/v3/v3rpc/rpctypes"
	clientv3 "go.etcd.io/etcd/client/v3"
	"go.etcd.io/etcd/server/v3/etcdserver/api/v3client"

	"github.com/freshetdb/freshet/cluster"
	"github.com/freshetdb/freshet/internal/errs"
	"github.com/freshetdb/freshet/internal/lifecycle"
)

const (
	dialTimeout  = 5 * time.Second
	grantTimeout = 10 * time.Second
	keepAlive    = 10 * time.Second
)

// Config says where the state is.
type Config struct {
	// Dir is the data directory of the embedded server; with Endpoints it is not used.
	Dir string
	// Endpoints are those of an existing etcd cluster, http or https URLs or host:port.
	Endpoints []string
	// Username and Password are for clusters with authentication.
	Username, Password string
	// Prefix keeps clusters apart that share an etcd; "" is none.
	Prefix string
	// Logger gets etcd's errors; nil drops them.
	Logger *slog.Logger
}

// Validate reports what is wrong with the configuration.
func (c Config) Validate() error {
	if (c.Dir == "") == (len(c.Endpoints) == 0) {
		return errs.User(errs.InvalidParameterValue, "cluster store: want either a data directory or endpoints, got directory %q and endpoints %q", c.Dir, c.Endpoints)
	}
	return nil
}

// Store implements cluster.Store. Safe for concurrent use.
type Store struct {
	client   *clientv3.Client
	prefix   string
	embedded *embedded // nil with endpoints
	muted    *atomic.Bool
	group    *lifecycle.Group
	closed   atomic.Bool
}

var _ cluster.Store = (*Store)(nil)

// Open starts the embedded server or connects to the endpoints. With endpoints it returns once one of them answered,
// within ctx.
func Open(ctx context.Context, cfg Config) (*Store, error) {
	if cfg.Logger == nil {
		cfg.Logger = slog.New(slog.DiscardHandler)
	}
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	s := &Store{group: lifecycle.NewGroup(context.Background())}
	if len(cfg.Endpoints) == 0 {
		e, err := startEmbedded(ctx, cfg)
		if err != nil {
			return nil, err
		}
		s.embedded, s.muted = e, e.muted
		s.client = v3client.New(e.server.Server)
	} else if err := s.connect(ctx, cfg); err != nil {
		return nil, err
	}
	s.prefix = trimPrefix(cfg.Prefix)
	return s, nil
}

func (s *Store) connect(ctx context.Context, cfg Config) error {
	s.muted = &atomic.Bool{}
	client, err := clientv3.New(clientv3.Config{
		Endpoints: cfg.Endpoints, Username: cfg.Username, Password: cfg.Password,
		DialTimeout: dialTimeout, DialKeepAliveTime: keepAlive, DialKeepAliveTimeout: keepAlive,
		Logger: newZap(cfg.Logger, s.muted),
	})
	if err != nil {
		return errs.New(errs.ClassUnavailable, errs.CannotConnectNow, "cannot connect to the cluster store at %q", cfg.Endpoints).Wrap(err)
	}
	probe, cancel := context.WithTimeout(ctx, dialTimeout)
	defer cancel()
	if _, err := client.Get(probe, "/", clientv3.WithCountOnly()); err != nil {
		return errs.New(errs.ClassUnavailable, errs.CannotConnectNow, "the cluster store at %q does not answer", cfg.Endpoints).
			Wrap(errors.Join(err, client.Close()))
	}
	s.client = client
	return nil
}

// Get implements cluster.Store.
func (s *Store) Get(ctx context.Context, key string) (cluster.KV, bool, error) {
	if err := s.check(ctx); err != nil {
		return cluster.KV{}, false, err
	}
	resp, err := s.client.Get(ctx, s.prefix+key)
	if err != nil {
		return cluster.KV{}, false, classify(err, "cannot read %q", key)
	}
	if len(resp.Kvs) == 0 {
		return cluster.KV{}, false, nil
	}
	return s.fromKV(resp.Kvs[0]), true, nil
}

// List implements cluster.Store.
func (s *Store) List(ctx context.Context, prefix string) ([]cluster.KV, int64, error) {
	if err := s.check(ctx); err != nil {
		return nil, 0, err
	}
	resp, err := s.client.Get(ctx, s.prefix+prefix, clientv3.WithPrefix())
	if err != nil {
		return nil, 0, classify(err, "cannot list %q", prefix)
	}
	kvs := make([]cluster.KV, len(resp.Kvs))
	for i, kv := range resp.Kvs {
		kvs[i] = s.fromKV(kv)
	}
	return kvs, resp.Header.Revision, nil
}

// Txn implements cluster.Store.
func (s *Store) Txn(ctx context.Context, conds []cluster.Cond, ops []cluster.Op) (bool, int64, error) {
	if err := cluster.CheckTxn(conds, ops); err != nil {
		return false, 0, err
	}
	if err := s.check(ctx); err != nil {
		return false, 0, err
	}
	compares := make([]clientv3.Cmp, len(conds))
	for i, c := range conds {
		compares[i] = clientv3.Compare(clientv3.ModRevision(s.prefix+c.Key), "=", c.Revision)
	}
	then := make([]clientv3.Op, len(ops))
	for i, op := range ops {
		switch {
		case op.Delete:
			then[i] = clientv3.OpDelete(s.prefix + op.Key)
		default:
			then[i] = clientv3.OpPut(s.prefix+op.Key, string(op.Value), clientv3.WithLease(clientv3.LeaseID(op.Lease)))
		}
	}
	resp, err := s.client.Txn(ctx).If(compares...).Then(then...).Commit()
	if err != nil {
		return false, 0, classify(err, "cannot commit a transaction of %d operations", len(ops))
	}
	return resp.Succeeded, resp.Header.Revision, nil
}

// Watch implements cluster.Store.
func (s *Store) Watch(ctx context.Context, prefix string, afterRevision int64) <-chan []cluster.Event {
	out := make(chan []cluster.Event)
	if s.closed.Load() {
		close(out)
		return out
	}
	s.group.Go("cluster watch", func(groupCtx context.Context) error {
		defer close(out)
		watchCtx, cancel := context.WithCancel(ctx)
		defer cancel()
		defer context.AfterFunc(groupCtx, cancel)()
		for resp := range s.client.Watch(watchCtx, s.prefix+prefix, clientv3.WithPrefix(), clientv3.WithRev(afterRevision+1)) {
			if resp.Err() != nil {
				return nil // compacted or cancelled: the caller lists again
			}
			if len(resp.Events) == 0 {
				continue
			}
			select {
			case out <- s.fromEvents(resp.Events):
			case <-watchCtx.Done():
				return nil
			}
		}
		return nil
	})
	return out
}

func (s *Store) fromEvents(in []*clientv3.Event) []cluster.Event {
	events := make([]cluster.Event, len(in))
	for i, e := range in {
		events[i] = cluster.Event{KV: s.fromKV(e.Kv), Deleted: e.Type == mvccpb.Event_DELETE}
	}
	return events
}

// Lease implements cluster.Store. lost is closed when renewals stop succeeding for the time to live, and when ctx ends.
func (s *Store) Lease(ctx context.Context, ttlSeconds int64) (cluster.LeaseID, <-chan struct{}, error) {
	if ttlSeconds <= 0 {
		return 0, nil, errs.User(errs.InvalidParameterValue, "the time to live of a lease is %d s, want 1 or more", ttlSeconds)
	}
	if err := s.check(ctx); err != nil {
		return 0, nil, err
	}
	grantCtx, cancel := context.WithTimeout(ctx, grantTimeout)
	defer cancel()
	grant, err := s.client.Grant(grantCtx, ttlSeconds)
	if err != nil {
		return 0, nil, classify(err, "cannot get a lease of %d s", ttlSeconds)
	}
	leaseCtx, stop := context.WithCancel(ctx)
	renewals, err := s.client.KeepAlive(leaseCtx, grant.ID)
	if err != nil {
		stop()
		return 0, nil, classify(err, "cannot keep a lease alive")
	}
	lost := make(chan struct{})
	s.group.Go("cluster lease", func(groupCtx context.Context) error {
		defer close(lost)
		defer stop()
		defer context.AfterFunc(groupCtx, stop)()
		for range renewals {
			continue // each answer is a renewal; the client closes the channel when the lease is gone
		}
		return nil
	})
	return cluster.LeaseID(grant.ID), lost, nil
}

// Close implements cluster.Store. It ends watches and leases; a second Close does nothing.
func (s *Store) Close() error {
	if !s.closed.CompareAndSwap(false, true) {
		return nil
	}
	s.muted.Store(true)
	err := s.group.Stop()
	if closeErr := s.client.Close(); closeErr != nil && !errors.Is(closeErr, context.Canceled) {
		err = errors.Join(err, closeErr)
	}
	if s.embedded != nil {
		err = errors.Join(err, s.embedded.close())
	}
	if err != nil {
		return fmt.Errorf("cannot close the cluster store: %w", err)
	}
	return nil
}

func (s *Store) check(ctx context.Context) error {
	if s.closed.Load() {
		return errs.New(errs.ClassUnavailable, errs.CannotConnectNow, "the cluster store is closed")
	}
	if err := ctx.Err(); err != nil {
		return classify(err, "the cluster store did not answer in time")
	}
	return nil
}

// fromKV copies: the embedded server gives the same event to all its watches. (That is also why the prefix is handled
// here and not by etcd's namespace package, which cuts the keys of those shared events in place.)
func (s *Store) fromKV(kv *mvccpb.KeyValue) cluster.KV {
	return cluster.KV{Key: string(kv.Key[len(s.prefix):]), Value: bytes.Clone(kv.Value), Revision: kv.ModRevision}
}

// classify makes an error of ours: a limit of etcd is one of its own, everything else means that it is not available.
func classify(err error, format string, args ...any) error {
	class, code := errs.ClassUnavailable, errs.CannotConnectNow
	switch {
	case errors.Is(err, rpctypes.ErrRequestTooLarge), errors.Is(err, rpctypes.ErrTooManyOps):
		class, code = errs.ClassUser, errs.ProgramLimitExceeded
	case errors.Is(err, rpctypes.ErrNoSpace):
		class, code = errs.ClassExhausted, errs.DiskFull
	}
	return errs.New(class, code, format, args...).Wrap(err)
}
