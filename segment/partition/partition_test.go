package partition

import (
	"context"
	"fmt"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"github.com/freshetdb/freshet/internal/lifecycle"
	"github.com/freshetdb/freshet/segment"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// fake is a member that knows whether it was released.
type fake struct {
	name     string
	released atomic.Int32
}

type fakeView struct {
	segment.View
	member *fake
	rows   int
}

func (f *fake) View(rows int) segment.View { return fakeView{member: f, rows: rows} }
func (f *fake) Release()                   { f.released.Add(1) }
func (v fakeView) Rows() int               { return v.rows }
func (v fakeView) Name() string            { return v.member.name }

// entry makes an entry and gives the creator's reference away to it: release it once a partition has it.
func entry(name string, rows int, consuming bool) (Entry, *fake) {
	f := &fake{name: name}
	return Entry{Member: NewShared(f), Rows: rows, Consuming: consuming}, f
}

func releaseAll(entries ...Entry) {
	for _, e := range entries {
		e.Member.Release()
	}
}

func rowsOf(v *Version) []string {
	var out []string
	for _, view := range v.Views() {
		out = append(out, fmt.Sprint(view.Name(), ":", view.Rows()))
	}
	return out
}

func wantReleased(t *testing.T, want int32, members ...*fake) {
	t.Helper()
	for _, f := range members {
		if got := f.released.Load(); got != want {
			t.Fatalf("%s was released %d times, want %d", f.name, got, want)
		}
	}
}

// TestLifeOfASegment follows a segment from consuming over frozen to sealed, with readers pinned on the way.
func TestLifeOfASegment(t *testing.T) {
	first, firstMutable := entry("0", 0, true)
	p := New([]Entry{first}, 0, 100)
	releaseAll(first)
	p.Publish(10, 110, 5000)
	atTen := p.Pin()
	p.Publish(20, 120, 4000)

	frozen := first
	frozen.Consuming, frozen.Rows = false, 20
	second, secondMutable := entry("1", 0, true)
	p.Replace([]Entry{frozen, second}, 0, 120)
	releaseAll(second)
	p.Publish(3, 123, 6000)
	atFreeze := p.Pin()

	sealed, sealedFile := entry("0 sealed", 20, false)
	p.Replace([]Entry{sealed, second}, 3, 123)
	releaseAll(sealed)
	current := p.Pin()

	for _, c := range []struct {
		v      *Version
		rows   []string
		total  int
		next   int64
		newest int64
		number uint64
	}{
		{atTen, []string{"0:10"}, 10, 110, 5000, 2},
		{atFreeze, []string{"0:20", "1:3"}, 23, 123, 6000, 5},
		{current, []string{"0 sealed:20", "1:3"}, 23, 123, 6000, 6},
	} {
		if diff := cmp.Diff(c.rows, rowsOf(c.v)); diff != "" {
			t.Error(diff)
		}
		if c.v.Rows() != c.total || c.v.NextOffset != c.next || c.v.NewestMillis != c.newest || c.v.Number() != c.number {
			t.Errorf("version %+v with %d rows, want %+v", c.v, c.v.Rows(), c)
		}
	}
	wantReleased(t, 0, firstMutable, secondMutable, sealedFile)
	atTen.Unpin()
	wantReleased(t, 0, firstMutable)
	atFreeze.Unpin()
	wantReleased(t, 1, firstMutable)
	p.Close()
	p.Close()
	if p.Pin() != nil {
		t.Error("a closed partition can be pinned")
	}
	wantReleased(t, 0, secondMutable, sealedFile)
	current.Unpin()
	wantReleased(t, 1, firstMutable, secondMutable, sealedFile)
}

func TestPinOfSameVersionTwice(t *testing.T) {
	e, f := entry("0", 5, false)
	p := New([]Entry{e}, 0, 0)
	releaseAll(e)
	a, b := p.Pin(), p.Pin()
	p.Replace(nil, 0, 0)
	a.Unpin()
	wantReleased(t, 0, f)
	b.Unpin()
	wantReleased(t, 1, f)
	if v := p.Pin(); v.Rows() != 0 || len(v.Entries()) != 0 {
		t.Errorf("got %d rows, want none", v.Rows())
	} else {
		v.Unpin()
	}
	p.Close()
}

func TestMisuseIsNoticed(t *testing.T) {
	panics := func(name string, f func()) {
		t.Helper()
		if err := lifecycle.Guard(name, func() error { f(); return nil }); err == nil {
			t.Errorf("%s is not noticed", name)
		}
	}
	e, _ := entry("0", 1, false)
	releaseAll(e)
	panics("release twice", e.Member.Release)
	e, _ = entry("1", 1, false)
	releaseAll(e)
	panics("retain after release", e.Member.Retain)
	e, _ = entry("2", 1, false)
	p := New([]Entry{e}, 0, 0)
	v := p.Pin()
	v.Unpin()
	p.Close()
	panics("unpin twice", v.Unpin)
}

// TestStress has a writer publish, freeze, swap and drop segments while readers pin and use versions: no reader may
// meet a released segment or a version that is not one of those installed, and at the end everything is released once.
// Run with -race.
func TestStress(t *testing.T) {
	const readers, rounds, perRound = 4, 300, 10
	consuming, member := entry("c0", 0, true)
	members := []*fake{member}
	p := New([]Entry{consuming}, 0, 0)
	entries := []Entry{consuming} // the writer keeps its own references here
	var done atomic.Bool
	group := lifecycle.NewGroup(context.Background())
	for range readers {
		group.Go("reader", func(context.Context) error { return readUntil(p, &done) })
	}
	next := int64(0)
	for round := range rounds {
		for rows := 1; rows <= perRound; rows++ {
			next++
			p.Publish(rows, next, next)
		}
		last := len(entries) - 1
		entries[last].Consuming, entries[last].Rows = false, perRound
		fresh, f := entry(fmt.Sprint("c", round+1), 0, true)
		members = append(members, f)
		entries = append(entries, fresh)
		p.Replace(entries[:len(entries):len(entries)], 0, next)
		swapped := append([]Entry(nil), entries...)
		sealed, s := entry(fmt.Sprint("s", round), perRound, false)
		members = append(members, s)
		swapped[last] = sealed
		p.Replace(swapped, 0, next)
		releaseAll(entries[last])
		entries = swapped
	}
	done.Store(true)
	if err := group.Wait(); err != nil {
		t.Fatal(err)
	}
	releaseAll(entries...)
	p.Close()
	wantReleased(t, 1, members...)
}

// readUntil checks versions: the row count follows from the offset and neither goes back.
func readUntil(p *Partition, done *atomic.Bool) error {
	var lastNumber uint64
	var lastRows int
	for !done.Load() {
		v := p.Pin()
		if int64(v.Rows()) != v.NextOffset {
			return fmt.Errorf("version %d has %d rows at offset %d", v.Number(), v.Rows(), v.NextOffset)
		}
		if v.Number() < lastNumber || v.Rows() < lastRows {
			return fmt.Errorf("version %d with %d rows after %d with %d", v.Number(), v.Rows(), lastNumber, lastRows)
		}
		lastNumber, lastRows = v.Number(), v.Rows()
		for _, view := range v.Views() {
			if f := view.(fakeView).member; f.released.Load() != 0 {
				return fmt.Errorf("version %d has segment %s, which is released", v.Number(), f.name)
			}
		}
		v.Unpin()
	}
	return nil
}
