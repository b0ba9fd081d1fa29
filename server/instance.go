package server

import (
	"context"
	"fmt"

	"github.com/freshetdb/freshet/cluster"
)

// keepInstance holds a lease with this server's instance record, and takes a new one when it is lost. Commits compare
// the record's revision: without a lease nothing is committed, and consuming goes on.
func (s *Server) keepInstance(ctx context.Context) error {
	for ctx.Err() == nil {
		leaseCtx, cancel := context.WithCancel(ctx)
		lost, err := s.register(leaseCtx)
		if err == nil {
			select {
			case <-ctx.Done():
			case <-lost:
				s.log.Warn("instance lease was lost, taking another", "instance", s.cfg.Instance)
			}
		} else if ctx.Err() == nil {
			s.log.Warn("cannot register the instance, trying again", "instance", s.cfg.Instance, "error", err)
		}
		cancel()
		if ctx.Err() != nil {
			break
		}
		s.instanceRevision.Store(0)
		if err != nil && !s.wait(ctx, s.cfg.RetryDelay) {
			break
		}
	}
	return ctx.Err()
}

func (s *Server) register(ctx context.Context) (lost <-chan struct{}, err error) {
	lease, lost, err := s.cfg.Store.Lease(ctx, s.cfg.LeaseSeconds)
	if err != nil {
		return nil, err
	}
	record := cluster.InstanceRecord{ID: s.cfg.Instance, Roles: s.cfg.Roles, Addresses: s.cfg.Addresses, Build: s.cfg.Build,
		StartedMillis: s.cfg.Clock.Now().UnixMilli()}
	value, err := record.Encode()
	if err != nil {
		return nil, err
	}
	ok, revision, err := s.cfg.Store.Txn(ctx, nil, []cluster.Op{{Key: record.Key(), Value: value, Lease: lease}})
	if err != nil {
		return nil, err
	}
	if !ok {
		return nil, fmt.Errorf("an unconditional write of %s was refused", record.Key())
	}
	s.instanceRevision.Store(revision)
	return lost, nil
}
