// Package memory is the process-wide accountant: what segments, queries, responses and caches hold off their files, one limit
// for all of it, and a fixed order in which something gives when it runs short.
//
// At 80 % of the limit caches are emptied down to that share, at 90 % new queries are refused, at 95 % running queries get
// no more, and at 100 % partitions pause, until less than 95 % is held. What is left above the marks of the queries is
// ingestion's: queries alone cannot pause it.
//
// Everything is safe for concurrent use and does not block, but for Take and Pressure, which may empty caches. Locks:
// Accountant.shedding is held while caches are emptied, and taken by nobody who waits for it.
package memory

import (
	"fmt"
	"sync"
	"sync/atomic"

	"github.com/freshetdb/freshet/internal/errs"
)

// Shares of the limit, in percent.
const (
	CachePercent  = 80
	AdmitPercent  = 90
	QueryPercent  = 95
	ResumePercent = 95
)

// Kind says who holds memory.
type Kind uint8

// Kinds.
const (
	Segments  Kind = iota // consuming and frozen segments with their dictionaries, builds, and freed memory kept for the next
	Sealed                // block ranges and small dictionaries of sealed segments: what of their files is kept beside the mapping
	Queries               // operators of running queries
	Responses             // results that are collected before they are sent
	Caches                // plans
	kinds
)

var kindNames = [kinds]string{"segments", "sealed", "queries", "responses", "caches"}

// String names the kind as metrics do.
func (k Kind) String() string { return kindNames[k] }

// Steps of shedding, as metrics name them.
const (
	stepCaches = iota
	stepAdmission
	stepQueries
	stepPause
	steps
)

var stepNames = [steps]string{"caches", "admission", "queries", "pause"}

// Accountant counts memory against one limit. A nil Accountant counts nothing and refuses nothing.
type Accountant struct {
	limit    int64
	total    atomic.Int64
	used     [kinds]atomic.Int64
	shed     [steps]atomic.Int64
	paused   atomic.Bool
	shedding sync.Mutex
	mu       struct {
		sync.RWMutex
		caches []func(bytes int64)
	}
}

// New makes an accountant with a limit in bytes, above 0.
func New(limit int64) *Accountant { return &Accountant{limit: max(limit, 1)} }

// Limit is the limit in bytes.
func (a *Accountant) Limit() int64 { return a.limit }

// Used is what is held of a kind, in bytes.
func (a *Accountant) Used(k Kind) int64 { return a.used[k].Load() }

// Total is what is held in all, in bytes.
func (a *Accountant) Total() int64 { return a.total.Load() }

// Account is the view of an accountant that a holder of one kind has.
type Account struct {
	a    *Accountant
	kind Kind
}

// Account gives the account of a kind; of a nil accountant one that does nothing.
func (a *Accountant) Account(k Kind) Account { return Account{a, k} }

// Add counts memory taken (positive) or given back (negative).
func (c Account) Add(bytes int64) {
	if c.a != nil {
		c.a.used[c.kind].Add(bytes)
		c.a.total.Add(bytes)
	}
}

// Take counts memory of a query or a response and tells whether the limit allows it: the error is 53200. It is counted in
// either case, and has to be given back.
func (c Account) Take(what string, bytes int64) error {
	if c.a == nil {
		return nil
	}
	c.Add(bytes)
	if bytes <= 0 || c.a.total.Load() <= c.a.share(CachePercent) {
		return nil
	}
	c.a.emptyCaches()
	total := c.a.total.Load()
	if total <= c.a.share(QueryPercent) {
		return nil
	}
	c.a.shed[stepQueries].Add(1)
	return c.a.exhausted("out of memory: %s needs %d bytes more, and the process holds %d of its limit of %d bytes", what, bytes, total-bytes)
}

// Admit tells whether a new query may begin; the error is 53200.
func (a *Accountant) Admit() error {
	if a == nil || a.total.Load() <= a.share(CachePercent) {
		return nil
	}
	a.emptyCaches()
	total := a.total.Load()
	if total <= a.share(AdmitPercent) {
		return nil
	}
	a.shed[stepAdmission].Add(1)
	return a.exhausted("out of memory: new queries are refused while the process holds more than %d%% of its limit: %d of %d bytes", AdmitPercent, total)
}

// exhausted makes the error; the limit is the last argument of its text.
func (a *Accountant) exhausted(format string, args ...any) error {
	return errs.New(errs.ClassExhausted, errs.OutOfMemory, format, append(args, a.limit)...).
		WithDetail("Held by segments: %d, sealed ones: %d, queries: %d, responses: %d, caches: %d.", a.Used(Segments), a.Used(Sealed), a.Used(Queries), a.Used(Responses), a.Used(Caches)).
		WithHint("Retry later, or raise memory_limit.")
}

// Pressure says why partitions have to pause, "" if they need not. It stays until less than ResumePercent is held.
func (a *Accountant) Pressure() string {
	if a == nil {
		return ""
	}
	total := a.total.Load()
	if total > a.limit {
		a.emptyCaches()
		total = a.total.Load()
	}
	switch {
	case total > a.limit:
		if a.paused.CompareAndSwap(false, true) {
			a.shed[stepPause].Add(1)
		}
	case total < a.share(ResumePercent):
		a.paused.Store(false)
	}
	if !a.paused.Load() {
		return ""
	}
	return fmt.Sprintf("the process holds %d bytes of memory, its limit is %d (memory_limit); segments %d, queries %d, responses %d, caches %d",
		total, a.limit, a.Used(Segments), a.Used(Queries), a.Used(Responses), a.Used(Caches))
}

// OnShortage adds a cache: empty gives back about so many bytes if it can, and counts them in an account.
func (a *Accountant) OnShortage(empty func(bytes int64)) {
	if a == nil {
		return
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.mu.caches = append(a.mu.caches, empty)
}

func (a *Accountant) share(percent int64) int64 { return a.limit / 100 * percent }

// emptyCaches brings the total down to the caches' share as far as they can. Where somebody is at it already it returns.
func (a *Accountant) emptyCaches() {
	if !a.shedding.TryLock() {
		return
	}
	defer a.shedding.Unlock()
	a.mu.RLock()
	caches := a.mu.caches
	a.mu.RUnlock()
	before := a.total.Load()
	for _, empty := range caches {
		over := a.total.Load() - a.share(CachePercent)
		if over <= 0 {
			break
		}
		empty(over)
	}
	if a.total.Load() < before {
		a.shed[stepCaches].Add(1)
	}
}
