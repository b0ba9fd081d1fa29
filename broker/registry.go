package broker

import (
	"context"
	"crypto/subtle"
	"sort"
	"strconv"
	"strings"
	"sync"

	"github.com/freshetdb/freshet/broker/endpoint"
)

// registry knows the open sessions and the running queries. Safe for concurrent use.
type registry struct {
	mu struct {
		sync.Mutex
		lastPID   int32
		lastQuery uint64
		sessions  map[int32]*Session
		queries   map[string]*running
	}
	prefix string // of query ids, so that those of different brokers differ
}

// running is one query that has been started and not closed.
type running struct {
	info      endpoint.QueryInfo
	cancel    context.CancelCauseFunc
	suspended bool // a portal whose client has not asked for more
}

func newRegistry(prefix string) *registry {
	r := &registry{prefix: prefix}
	r.mu.sessions = map[int32]*Session{}
	r.mu.queries = map[string]*running{}
	return r
}

// add gives a session its process id.
func (r *registry) add(s *Session) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for {
		r.mu.lastPID++
		if r.mu.lastPID <= 0 {
			r.mu.lastPID = 1
		}
		if _, used := r.mu.sessions[r.mu.lastPID]; !used {
			break
		}
	}
	s.pid = r.mu.lastPID
	s.info.PID = s.pid
	r.mu.sessions[s.pid] = s
}

func (r *registry) remove(s *Session) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.mu.sessions, s.pid)
}

// begin lists a query and gives it an id.
func (r *registry) begin(info endpoint.QueryInfo, cancel context.CancelCauseFunc) (id string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.mu.lastQuery++
	info.ID = r.prefix + strconv.FormatUint(r.mu.lastQuery, 10)
	r.mu.queries[info.ID] = &running{info: info, cancel: cancel}
	return info.ID
}

func (r *registry) end(id string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.mu.queries, id)
}

// suspend says whether a query waits for its client to ask for more.
func (r *registry) suspend(id string, waits bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if q, ok := r.mu.queries[id]; ok {
		q.suspended = waits
	}
}

// cancelSession ends what a session runs now. A cancel that comes late, between two statements, leaves the portals alone
// that are still open.
func (r *registry) cancelSession(pid int32) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, q := range r.mu.queries {
		if q.info.PID == pid && !q.suspended {
			q.cancel(endpoint.UserCancelled())
		}
	}
}

// list gives the running queries, oldest first.
func (r *registry) list() []endpoint.QueryInfo {
	r.mu.Lock()
	defer r.mu.Unlock()
	out := make([]endpoint.QueryInfo, 0, len(r.mu.queries))
	for _, q := range r.mu.queries {
		out = append(out, q.info)
	}
	sort.Slice(out, func(i, j int) bool {
		if !out[i].Started.Equal(out[j].Started) {
			return out[i].Started.Before(out[j].Started)
		}
		return out[i].ID < out[j].ID
	})
	return out
}

// cancelWhere ends the queries that match and gives their number.
func (r *registry) cancelWhere(match func(endpoint.QueryInfo) bool) int {
	r.mu.Lock()
	defer r.mu.Unlock()
	n := 0
	for _, q := range r.mu.queries {
		if match(q.info) {
			q.cancel(endpoint.UserCancelled())
			n++
		}
	}
	return n
}

// cancelBackend ends the queries of a session.
func (r *registry) cancelBackend(pid int32, secret []byte) bool {
	r.mu.Lock()
	s, ok := r.mu.sessions[pid]
	r.mu.Unlock()
	if !ok || subtle.ConstantTimeCompare(s.secret, secret) != 1 {
		return false
	}
	r.cancelSession(pid)
	return true
}

// CancelBackend ends what the session with this process id runs; false if there is none or the secret is wrong.
func (b *Broker) CancelBackend(pid int32, secret []byte) bool {
	return b.registry.cancelBackend(pid, secret)
}

// CancelQuery ends a running query by its id, or where byClient by the client's own id.
func (b *Broker) CancelQuery(id string, byClient bool) bool {
	return b.registry.cancelWhere(func(q endpoint.QueryInfo) bool {
		if byClient {
			return q.ClientID != "" && q.ClientID == id
		}
		return q.ID == strings.TrimSpace(id)
	}) > 0
}

// Queries lists what runs, oldest first.
func (b *Broker) Queries() []endpoint.QueryInfo { return b.registry.list() }

// has reports whether a session is open.
func (r *registry) has(pid int32) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	_, ok := r.mu.sessions[pid]
	return ok
}
