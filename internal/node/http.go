package node

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/freshetdb/freshet/internal/lifecycle"
)

// Limits of every HTTP port.
const (
	headerTimeout = 10 * time.Second // a client has this long to send its header
	idleTimeout   = 2 * time.Minute
	maxHeader     = 64 << 10
	drainTimeout  = 10 * time.Second // running requests have this long to finish at a stop
)

// readiness is what /health/ready answers: nil, or why not.
type readiness func() []string

// withHealth adds the health family and metrics to a role's handler.
func withHealth(role http.Handler, registry *prometheus.Registry, ready readiness) http.Handler {
	mux := http.NewServeMux()
	live := func(w http.ResponseWriter, _ *http.Request) { text(w, http.StatusOK, "OK") }
	for _, path := range []string{"/health", "/health/live", "/health/liveness"} {
		mux.HandleFunc("GET "+path, live)
	}
	readyHandler := func(w http.ResponseWriter, _ *http.Request) {
		waiting := ready()
		if len(waiting) == 0 {
			text(w, http.StatusOK, "OK")
			return
		}
		body, err := json.Marshal(map[string]any{"ready": false, "waiting": waiting})
		if err != nil {
			text(w, http.StatusInternalServerError, err.Error())
			return
		}
		w.Header().Set("Content-Type", "application/json")
		text(w, http.StatusServiceUnavailable, string(body))
	}
	mux.HandleFunc("GET /health/ready", readyHandler)
	mux.HandleFunc("GET /health/readiness", readyHandler)
	mux.Handle("GET /metrics", promhttp.HandlerFor(registry, promhttp.HandlerOpts{}))
	if role != nil {
		mux.Handle("/", role)
	}
	return mux
}

func text(w http.ResponseWriter, code int, body string) {
	w.WriteHeader(code)
	// A failed write means that the client is gone; there is nobody left to tell.
	if _, err := w.Write([]byte(body)); err != nil {
		return
	}
}

// serveHTTP serves until the group ends, then lets running requests finish.
func serveHTTP(group *lifecycle.Group, name string, l net.Listener, h http.Handler, log *slog.Logger) {
	server := &http.Server{Handler: h, ReadHeaderTimeout: headerTimeout, IdleTimeout: idleTimeout, MaxHeaderBytes: maxHeader,
		ErrorLog: slog.NewLogLogger(log.Handler(), slog.LevelDebug)}
	group.Go(name, func(context.Context) error {
		if err := server.Serve(l); !errors.Is(err, http.ErrServerClosed) {
			return fmt.Errorf("%s on %s: %w", name, l.Addr(), err)
		}
		return nil
	})
	group.Go(name+" stop", func(ctx context.Context) error {
		<-ctx.Done()
		drain, cancel := context.WithTimeout(context.WithoutCancel(ctx), drainTimeout)
		defer cancel()
		if err := server.Shutdown(drain); err != nil {
			return errors.Join(fmt.Errorf("%s: requests still ran after %s: %w", name, drainTimeout, err), server.Close())
		}
		return nil
	})
}

// listen opens a port, with the setting's name in the error.
func listen(setting, addr string) (net.Listener, error) {
	l, err := net.Listen("tcp", addr)
	if err != nil {
		return nil, fmt.Errorf("cannot listen on %s (%s): %w", addr, setting, err)
	}
	return l, nil
}
