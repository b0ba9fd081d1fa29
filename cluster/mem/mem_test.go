package mem_test

import (
	"context"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/freshetdb/freshet/cluster"
	"github.com/freshetdb/freshet/cluster/clustertest"
	"github.com/freshetdb/freshet/cluster/mem"
	"github.com/freshetdb/freshet/internal/clock"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func open(t *testing.T, c clock.Clock) *mem.Store {
	s := mem.New(c)
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

func TestAcceptance(t *testing.T) {
	clustertest.Run(t, clustertest.Harness{
		New:         func(t *testing.T) cluster.Store { return open(t, clock.Real{}) },
		Compact:     func(_ *testing.T, s cluster.Store, revision int64) { s.(*mem.Store).Compact(revision) },
		ExpireLease: func(_ *testing.T, s cluster.Store, id cluster.LeaseID) { s.(*mem.Store).Expire(id) },
	})
}

// TestLeaseOutlivesContext: the keys of a process that died stay for the time to live.
func TestLeaseOutlivesContext(t *testing.T) {
	c := clock.NewFake(time.UnixMilli(0))
	s := open(t, c)
	ctx, cancel := context.WithCancel(t.Context())
	id, lost, err := s.Lease(ctx, 10)
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := s.Txn(t.Context(), nil, []cluster.Op{{Key: "/k", Lease: id}}); err != nil {
		t.Fatal(err)
	}
	cancel()
	if _, found, err := s.Get(t.Context(), "/k"); !found || err != nil {
		t.Fatalf("got %v, %v, want the key to stay", found, err)
	}
	for deadline := time.Now().Add(10 * time.Second); ; {
		c.Advance(time.Second)
		select {
		case <-lost:
			if _, found, err := s.Get(t.Context(), "/k"); found || err != nil {
				t.Fatalf("got %v, %v, want no key after the lease", found, err)
			}
			return
		default:
			if time.Now().After(deadline) {
				t.Fatal("the lease does not expire")
			}
			time.Sleep(time.Millisecond)
		}
	}
}
