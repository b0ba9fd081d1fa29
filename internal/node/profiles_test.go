package node

import (
	"net/http"
	"strings"
	"testing"

	"github.com/freshetdb/freshet/internal/config"
)

// TestProfiles: profiles are served where they were asked for, on the server's port only.
func TestProfiles(t *testing.T) {
	for _, on := range []bool{false, true} {
		r := newRig(t, func(c *config.Config) { c.Server.Profiles = on })
		r.start()
		addrs := r.node.Addrs()
		code, body := r.request(http.MethodGet, addrs.ServerHTTP, "/debug/pprof/goroutine?debug=1", "", nil)
		if on != (code == http.StatusOK) || on != strings.Contains(body, "goroutine profile:") {
			t.Errorf("profiles %v: the server answers %d: %.80s", on, code, body)
		}
		for name, addr := range map[string]string{"controller": addrs.Controller, "broker": addrs.BrokerHTTP} {
			if code, body := r.request(http.MethodGet, addr, "/debug/pprof/goroutine?debug=1", "", nil); code != http.StatusNotFound {
				t.Errorf("profiles %v: the %s answers %d: %.80s", on, name, code, body)
			}
		}
		if code, _ := r.request(http.MethodGet, addrs.ServerHTTP, "/health", "", nil); code != http.StatusOK {
			t.Errorf("profiles %v: health answers %d", on, code)
		}
	}
}
