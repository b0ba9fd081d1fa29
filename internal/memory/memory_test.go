package memory

import (
	"errors"
	"strings"
	"sync"
	"testing"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/freshetdb/freshet/internal/errs"
	"github.com/freshetdb/freshet/internal/vfs"
)

func refused(t *testing.T, err error, text string) {
	t.Helper()
	var e *errs.Error
	if !errors.As(err, &e) || e.Code != errs.OutOfMemory || e.Class != errs.ClassExhausted || !strings.Contains(e.Error(), text) {
		t.Errorf("got %v, want 53200 with %q", err, text)
	}
}

// Caches go first, then new queries, then running ones, then partitions; and all comes back.
func TestOrderOfShedding(t *testing.T) {
	a := New(1000)
	segments, query, cache := a.Account(Segments), a.Account(Queries), a.Account(Caches)
	cache.Add(100)
	var asked []int64
	a.OnShortage(func(bytes int64) {
		asked = append(asked, bytes)
		cache.Add(-min(bytes, a.Used(Caches)))
	})
	if err := query.Take("sort", 700); err != nil || len(asked) != 0 || a.Total() != 800 {
		t.Fatalf("%v, caches asked for %v, total %d", err, asked, a.Total())
	}
	if err := query.Take("sort", 60); err != nil || a.Used(Caches) != 40 || a.Total() != 800 {
		t.Fatalf("%v, caches hold %d, total %d", err, a.Used(Caches), a.Total())
	}
	if err := query.Take("sort", 140); err != nil || a.Used(Caches) != 0 || a.Total() != 900 {
		t.Fatalf("%v, caches hold %d, total %d", err, a.Used(Caches), a.Total())
	}
	if err := a.Admit(); err != nil {
		t.Error(err)
	}
	segments.Add(1)
	refused(t, a.Admit(), "new queries are refused")
	if err := query.Take("sort", 49); err != nil {
		t.Errorf("a running query at 95%%: %v", err)
	}
	refused(t, query.Take("the sort", 1), "the sort needs 1 bytes more")
	if why := a.Pressure(); why != "" {
		t.Errorf("queries alone pause ingestion: %s", why)
	}
	segments.Add(49)
	if why := a.Pressure(); why != "" {
		t.Errorf("at the limit: %s", why)
	}
	segments.Add(1)
	if why := a.Pressure(); !strings.Contains(why, "1001 bytes") || !strings.Contains(why, "memory_limit") {
		t.Errorf("above the limit: %q", why)
	}
	segments.Add(-51)
	if why := a.Pressure(); why == "" {
		t.Error("partitions go on at 95%")
	}
	query.Add(-1)
	if why := a.Pressure(); why != "" {
		t.Errorf("below 95%%: %s", why)
	}
	query.Add(-949)
	if a.Total() != 0 || a.Admit() != nil {
		t.Errorf("%d bytes are left", a.Total())
	}
	if got := [steps]int64{a.shed[0].Load(), a.shed[1].Load(), a.shed[2].Load(), a.shed[3].Load()}; got != [steps]int64{2, 1, 1, 1} {
		t.Errorf("steps %v", got)
	}
}

func TestNothingWithoutAccountant(t *testing.T) {
	var a *Accountant
	a.OnShortage(func(int64) {})
	if err := a.Account(Queries).Take("x", 1<<60); err != nil || a.Admit() != nil || a.Pressure() != "" {
		t.Error("no accountant refuses")
	}
}

func TestConcurrently(t *testing.T) {
	a := New(1 << 20)
	a.OnShortage(func(int64) {})
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			c := a.Account(Queries)
			for range 1000 {
				if err := c.Take("x", 200_000); err != nil {
					refused(t, err, "x needs")
				}
				a.Pressure()
				c.Add(-200_000)
			}
		})
	}
	wg.Wait()
	if a.Total() != 0 || a.Used(Queries) != 0 {
		t.Errorf("%d bytes are left", a.Total())
	}
}

func TestRegister(t *testing.T) {
	reg := prometheus.NewRegistry()
	if err := New(1).Register(reg); err != nil {
		t.Fatal(err)
	}
	if families, err := reg.Gather(); err != nil || len(families) != 3 {
		t.Errorf("%d families, %v", len(families), err)
	}
}

func write(t *testing.T, fs vfs.FS, name, text string) {
	t.Helper()
	if err := fs.MkdirAll(name[:strings.LastIndex(name, "/")]); err != nil {
		t.Fatal(err)
	}
	f, err := fs.Create(name)
	if err != nil {
		t.Fatal(err)
	}
	_, err = f.Write([]byte(text))
	if err := errors.Join(err, f.Close()); err != nil {
		t.Fatal(err)
	}
}

func TestAvailable(t *testing.T) {
	machine := Available(vfs.NewMem())
	if machine < 256<<20 {
		t.Fatalf("the machine has %d bytes", machine)
	}
	for name, c := range map[string]struct {
		files map[string]string
		want  int64
	}{
		"v2":        {map[string]string{cgroupRoot + "/memory.max": "104857600\n"}, 100 << 20},
		"v2 max":    {map[string]string{cgroupRoot + "/memory.max": "max\n"}, machine},
		"v1":        {map[string]string{v1Limit: "52428800\n"}, 50 << 20},
		"v1 none":   {map[string]string{v1Limit: "9223372036854771712\n"}, machine},
		"a service": {map[string]string{ownCgroup: "0::/system.slice/freshet.service\n", cgroupRoot + "/system.slice/memory.max": "73400320\n", cgroupRoot + "/system.slice/freshet.service/memory.max": "max\n"}, 70 << 20},
		"damaged":   {map[string]string{cgroupRoot + "/memory.max": "much\n", ownCgroup: "1:name=x\n"}, machine},
	} {
		fs := vfs.NewMem()
		for file, text := range c.files {
			write(t, fs, file, text)
		}
		if got := Available(fs); got != c.want {
			t.Errorf("%s: %d, want %d", name, got, c.want)
		}
	}
}
