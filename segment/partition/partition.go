// Package partition is the unit of visibility: one stream partition's segments as an immutable version that readers
// pin and one writer replaces.
//
// A Version names the segments in order (sealed, frozen, then the consuming one) with the rows published of each. The
// writer installs a new version by one pointer store per batch, at record boundaries. Readers pin a version and never
// lock the writer; what a version names (mapped files, off-heap chunks) lives until the last pin of the last version
// that names it is gone.
package partition

import (
	"slices"
	"sync"
	"sync/atomic"

	"github.com/freshetdb/freshet/segment"
)

// Resource is something that segments keep alive: a mapped file, off-heap chunks. Release is called exactly once, when
// no version that holds it is pinned or current.
type Resource interface{ Release() }

// Member is one segment of a set: a stable source that gives views. For a sealed segment View ignores rows.
type Member interface {
	// View gives the segment's first rows rows.
	View(rows int) segment.View
	Resource
}

// Entry is a Member with what the query planner needs to name it.
type Entry struct {
	Member   *Shared
	Sequence int64
	// Rows is the fixed row count of a sealed or frozen segment; the consuming one (always last) is counted by the version.
	Rows      int
	Consuming bool
}

// Shared is a Member with a reference count. It starts with one reference, owned by the creator.
type Shared struct {
	Member Member
	refs   atomic.Int64
}

// NewShared wraps m with one reference.
func NewShared(m Member) *Shared {
	s := &Shared{Member: m}
	s.refs.Store(1)
	return s
}

// Retain adds a reference; the caller holds one already.
func (s *Shared) Retain() {
	if s.refs.Add(1) <= 1 {
		panic("partition: segment retained after its release")
	}
}

// Release drops a reference and releases the member with the last one.
func (s *Shared) Release() {
	if n := s.refs.Add(-1); n == 0 {
		s.Member.Release()
	} else if n < 0 {
		panic("partition: segment released twice")
	}
}

// set is a list of segments shared by the versions between two structural changes.
type set struct {
	entries []Entry
	views   []segment.View // those of the segments that get no more rows
	refs    atomic.Int64
	mu      struct {
		sync.Mutex
		bounds map[string]*segment.Bounds
	}
}

// newSet copies entries: the writer may go on using its slice.
func newSet(entries []Entry) *set {
	s := &set{entries: slices.Clone(entries)}
	s.refs.Store(1)
	for _, e := range entries {
		e.Member.Retain()
		if !e.Consuming {
			s.views = append(s.views, e.Member.Member.View(e.Rows))
		}
	}
	return s
}

// tryRetain adds a reference unless the set is already dead.
func (s *set) tryRetain() bool {
	for {
		n := s.refs.Load()
		if n == 0 {
			return false
		}
		if s.refs.CompareAndSwap(n, n+1) {
			return true
		}
	}
}

func (s *set) release() {
	if n := s.refs.Add(-1); n == 0 {
		for _, e := range s.entries {
			e.Member.Release()
		}
	} else if n < 0 {
		panic("partition: version unpinned twice")
	}
}

// Version is one published state. It is immutable.
type Version struct {
	set *set
	// ConsumingRows is how many rows of the last entry are published, where it is consuming.
	ConsumingRows int
	// NextOffset is the stream offset after the last record whose rows are published.
	NextOffset int64
	// NewestMillis is the newest plausible event time published, 0 if none (freshness).
	NewestMillis int64
	number       uint64
}

// Number grows with every installed version.
func (v *Version) Number() uint64 { return v.number }

// Entries lists the segments in order. Read-only.
func (v *Version) Entries() []Entry { return v.set.entries }

// Rows is the number of rows of all segments.
func (v *Version) Rows() int {
	n := 0
	for _, e := range v.set.entries {
		if e.Consuming {
			n += v.ConsumingRows
		} else {
			n += e.Rows
		}
	}
	return n
}

// Views gives a view per segment, in order. The slice is the caller's.
func (v *Version) Views() []segment.View {
	s := v.set
	views := append(make([]segment.View, 0, len(s.entries)), s.views...)
	if len(s.views) < len(s.entries) {
		views = append(views, s.entries[len(s.views)].Member.Member.View(v.ConsumingRows))
	}
	return views
}

// Bounds gives the bounds of a column in each of Views. The first call for a column after segments came or went looks at all of them.
func (v *Version) Bounds(column string) *segment.Bounds {
	s := v.set
	s.mu.Lock()
	defer s.mu.Unlock()
	b := s.mu.bounds[column]
	if b == nil {
		b = segment.BoundsOf(v.Views(), column) // nothing is known of a consuming segment: it is the same for all versions
		if s.mu.bounds == nil {
			s.mu.bounds = map[string]*segment.Bounds{}
		}
		s.mu.bounds[column] = b
	}
	return b
}

// Unpin ends the use of a pinned version and of every view and byte that came from it. Exactly once per Pin.
func (v *Version) Unpin() { v.set.release() }

// Partition holds the current version. One writer; any number of readers.
type Partition struct {
	current atomic.Pointer[Version]
}

// New makes a partition whose first version has the given segments. It takes its own references.
func New(entries []Entry, consumingRows int, nextOffset int64) *Partition {
	p := &Partition{}
	p.current.Store(&Version{set: newSet(entries), ConsumingRows: consumingRows, NextOffset: nextOffset, number: 1})
	return p
}

// Pin gives the current version, kept alive until Unpin; nil once the partition is closed.
func (p *Partition) Pin() *Version {
	for {
		v := p.current.Load()
		if v == nil || v.set.tryRetain() {
			return v
		}
	}
}

// Publish installs more rows of the consuming segment. Writer only.
func (p *Partition) Publish(consumingRows int, nextOffset, newestMillis int64) {
	old := p.current.Load()
	p.current.Store(&Version{set: old.set, ConsumingRows: consumingRows, NextOffset: nextOffset,
		NewestMillis: max(newestMillis, old.NewestMillis), number: old.number + 1})
}

// Replace installs another list of segments: a freeze, a swap of a frozen segment by its sealed file, a removal. Writer
// only. Entries that stay keep their Shared; those that go are released when the last pin of older versions is gone.
func (p *Partition) Replace(entries []Entry, consumingRows int, nextOffset int64) {
	old := p.current.Load()
	p.current.Store(&Version{set: newSet(entries), ConsumingRows: consumingRows, NextOffset: nextOffset,
		NewestMillis: old.NewestMillis, number: old.number + 1})
	old.set.release()
}

// Close ends the partition: Pin gives nil from now on, and the segments are released with the last pin. Writer only, as
// its last call; a second Close does nothing.
func (p *Partition) Close() {
	if v := p.current.Swap(nil); v != nil {
		v.set.release()
	}
}
