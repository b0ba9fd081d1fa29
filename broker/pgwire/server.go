package pgwire

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/freshetdb/freshet/broker/endpoint"
	"github.com/freshetdb/freshet/internal/clock"
	"github.com/freshetdb/freshet/internal/errs"
	"github.com/freshetdb/freshet/internal/lifecycle"
)

// Backend opens sessions and ends queries. Safe for concurrent use. *broker.Broker is one.
type Backend interface {
	Open(ctx context.Context, cfg endpoint.SessionConfig) (endpoint.Session, error)
	// CancelBackend ends what a session runs; false if there is no such session or the secret is wrong.
	CancelBackend(pid int32, secret []byte) bool
}

// Config has the endpoint's parts and limits; zero limits become the defaults below.
type Config struct {
	Backend    Backend
	TLS        *tls.Config // nil: clients are told that there is none
	Logger     *slog.Logger
	Clock      clock.Clock           // nil: the machine's
	Registerer prometheus.Registerer // nil: metrics are not registered

	// MaxConnections bounds open sessions; the next client gets 53300.
	MaxConnections int
	// MaxMessageBytes bounds one message from a client.
	MaxMessageBytes int
	// MaxStatements and MaxPortals bound what one connection may keep open.
	MaxStatements, MaxPortals int
	// MaxHeldBytes bounds the memory, about, of the statements and parameters that one connection keeps open.
	MaxHeldBytes int
	// StartupTimeout bounds the time until a client has told who it is.
	StartupTimeout time.Duration
	// WriteTimeout ends a connection whose client takes nothing for so long.
	WriteTimeout time.Duration
	// DrainTimeout is how long running statements may go on after shutdown began.
	DrainTimeout time.Duration
}

// Defaults of Config.
const (
	DefaultMaxMessageBytes = 16 << 20
	DefaultMaxStatements   = 10_000
	DefaultMaxPortals      = 1_000
	DefaultMaxHeldBytes    = 256 << 20
	DefaultStartupTimeout  = 60 * time.Second
	DefaultWriteTimeout    = 15 * time.Minute
	DefaultDrainTimeout    = 10 * time.Second
)

// maxPreAuth bounds connections that are not yet sessions, in relation to those that are.
const maxPreAuth = 2

func (c Config) withDefaults() (Config, error) {
	if c.Backend == nil {
		return c, errs.Bug("pgwire.Config.Backend is nil")
	}
	for _, limit := range []struct {
		at   *int
		name string
		def  int
	}{{&c.MaxConnections, "MaxConnections", endpoint.DefaultMaxConnections}, {&c.MaxMessageBytes, "MaxMessageBytes", DefaultMaxMessageBytes},
		{&c.MaxStatements, "MaxStatements", DefaultMaxStatements}, {&c.MaxPortals, "MaxPortals", DefaultMaxPortals},
		{&c.MaxHeldBytes, "MaxHeldBytes", DefaultMaxHeldBytes}} {
		if *limit.at < 0 {
			return c, fmt.Errorf("pgwire: %s is %d, want a positive number or 0 for %d", limit.name, *limit.at, limit.def)
		}
		if *limit.at == 0 {
			*limit.at = limit.def
		}
	}
	for _, limit := range []struct{ at, def *time.Duration }{
		{&c.StartupTimeout, new(DefaultStartupTimeout)}, {&c.WriteTimeout, new(DefaultWriteTimeout)},
		{&c.DrainTimeout, new(DefaultDrainTimeout)}} {
		if *limit.at <= 0 {
			*limit.at = *limit.def
		}
	}
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	if c.Clock == nil {
		c.Clock = clock.Real{}
	}
	return c, nil
}

// Server is the Postgres endpoint. Safe for concurrent use.
type Server struct {
	cfg     Config
	metrics *metrics
	mu      struct {
		sync.Mutex
		conns    map[*connState]struct{} // every open connection
		sessions int                     // those that are sessions
		draining bool
	}
}

// New makes a server; Serve runs it.
func New(cfg Config) (*Server, error) {
	cfg, err := cfg.withDefaults()
	if err != nil {
		return nil, err
	}
	m, err := newMetrics(cfg.Registerer)
	if err != nil {
		return nil, fmt.Errorf("pgwire: register metrics: %w", err)
	}
	s := &Server{cfg: cfg, metrics: m}
	s.mu.conns = map[*connState]struct{}{}
	return s, nil
}

// Serve accepts connections from ln until ctx ends, then drains (see the package comment) and closes ln. It returns when
// no connection is left: nil after ctx ended, else why accepting failed.
func (s *Server) Serve(ctx context.Context, ln net.Listener) error {
	group := lifecycle.NewGroup(context.WithoutCancel(ctx))
	queries, stopQueries := context.WithCancelCause(group.Context())
	defer stopQueries(nil)
	acceptErr := s.accept(ctx, ln, func(c net.Conn) {
		group.Go("postgres connection", func(context.Context) error {
			s.serveConn(queries, c)
			return nil
		})
	})
	s.beginDrain()
	drained := make(chan struct{})
	group.Go("postgres drain", func(context.Context) error {
		select {
		case <-drained:
			return nil
		case <-s.cfg.Clock.After(s.cfg.DrainTimeout):
			stopQueries(shutdownError())
			s.closeAll()
			return nil
		}
	})
	s.waitEmpty()
	close(drained)
	return errors.Join(acceptErr, group.Wait())
}

// accept hands over connections until ctx ends or the listener fails for good.
func (s *Server) accept(ctx context.Context, ln net.Listener, hand func(net.Conn)) error {
	unhook := context.AfterFunc(ctx, func() {
		if err := ln.Close(); err != nil {
			s.cfg.Logger.Warn("postgres listener did not close", "error", err)
		}
	})
	defer unhook()
	const firstPause, longestPause = 5 * time.Millisecond, time.Second
	pause := firstPause
	for {
		c, err := ln.Accept()
		if err == nil {
			pause = firstPause
			hand(c)
			continue
		}
		if ctx.Err() != nil {
			return nil
		}
		if errors.Is(err, net.ErrClosed) {
			return fmt.Errorf("accept postgres connection: %w", err)
		}
		// Out of file descriptors, or a client that left before it was accepted: both pass.
		s.cfg.Logger.Warn("cannot accept postgres connection", "error", err, "retry_in", pause)
		select {
		case <-ctx.Done():
			return nil
		case <-s.cfg.Clock.After(pause):
		}
		pause = min(2*pause, longestPause)
	}
}

// serveConn runs one connection to its end. Its panics and errors end it alone.
func (s *Server) serveConn(ctx context.Context, c net.Conn) {
	s.metrics.accepted.Inc()
	st := &connState{conn: c, gone: make(chan struct{})}
	st.mu.idle = true // until it is known who connected, nothing is lost by ending it
	// Before the connection is registered: drain's own deadline may not be overwritten by this one.
	deadlineErr := c.SetDeadline(s.cfg.Clock.Now().Add(s.cfg.StartupTimeout))
	log := s.cfg.Logger.With("remote", c.RemoteAddr().String())
	defer func() {
		// The peer may have closed first; there is nobody left to tell.
		if err := st.close(); err != nil && !errors.Is(err, net.ErrClosed) {
			log.Debug("closing postgres connection", "error", err)
		}
		s.forget(st)
	}()
	if !s.register(st) {
		s.metrics.refused.WithLabelValues("limit").Inc()
		return
	}
	if deadlineErr != nil {
		log.Debug("postgres connection takes no deadline", "error", deadlineErr)
		return
	}
	err := lifecycle.Guard("postgres connection", func() error { return s.handle(ctx, c, st, log) })
	switch {
	case err == nil || errors.Is(err, errDisconnected):
	case errs.ClassOf(err) == errs.ClassBug:
		log.Error("postgres connection failed", "error", err, "detail", errs.As(err).Detail)
	default:
		log.Info("postgres connection ended", "error", err)
	}
}

// handle negotiates and, if the client wants one, runs a session.
func (s *Server) handle(ctx context.Context, raw net.Conn, st *connState, log *slog.Logger) error {
	n := &negotiator{conn: raw, tls: s.cfg.TLS}
	start, err := n.run(ctx)
	c := newConn(s, n.conn, st, log)
	if err != nil {
		s.metrics.refused.WithLabelValues("startup").Inc()
		return c.refuse(err)
	}
	if start.cancel != nil {
		if !s.cfg.Backend.CancelBackend(start.cancel.pid, start.cancel.secret) {
			log.Info("cancel request without a match", "pid", start.cancel.pid)
		}
		return nil
	}
	if !s.takeSession() {
		s.metrics.refused.WithLabelValues("limit").Inc()
		e := errs.New(errs.ClassExhausted, errs.TooManyConnections, "sorry, too many clients already").
			WithHint("At most %d connections are open at once (broker.max_connections): use a connection pool or raise the limit.", s.cfg.MaxConnections)
		return c.refuse(fatalError{e})
	}
	s.metrics.open.Inc()
	defer func() {
		s.metrics.open.Dec()
		s.releaseSession()
	}()
	return c.serve(ctx, start)
}

func (s *Server) register(st *connState) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.mu.draining || len(s.mu.conns) >= maxPreAuth*s.cfg.MaxConnections+16 {
		return false
	}
	s.mu.conns[st] = struct{}{}
	return true
}

func (s *Server) forget(st *connState) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, registered := s.mu.conns[st]; registered {
		delete(s.mu.conns, st)
		close(st.gone)
	}
}

func (s *Server) takeSession() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.mu.sessions >= s.cfg.MaxConnections {
		return false
	}
	s.mu.sessions++
	return true
}

func (s *Server) releaseSession() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.mu.sessions--
}

func (s *Server) open() []*connState {
	s.mu.Lock()
	defer s.mu.Unlock()
	all := make([]*connState, 0, len(s.mu.conns))
	for st := range s.mu.conns {
		all = append(all, st)
	}
	return all
}

func (s *Server) beginDrain() {
	s.mu.Lock()
	s.mu.draining = true
	s.mu.Unlock()
	for _, st := range s.open() {
		if err := st.drain(); err != nil {
			s.cfg.Logger.Debug("draining a postgres connection that is closed", "error", err)
		}
	}
}

func (s *Server) closeAll() {
	for _, st := range s.open() {
		if err := st.close(); err != nil {
			s.cfg.Logger.Debug("closing postgres connection", "error", err)
		}
	}
}

// waitEmpty waits until every connection that was open has ended; no further ones register while draining.
func (s *Server) waitEmpty() {
	for _, st := range s.open() {
		<-st.gone
	}
}

// connState is what the server knows of a connection that runs.
type connState struct {
	conn net.Conn // the raw socket
	gone chan struct{}
	mu   struct {
		sync.Mutex
		idle     bool // between statements, waiting for the client
		draining bool
		closed   bool
	}
}

// aLongTimeAgo is a deadline that has passed.
var aLongTimeAgo = time.Unix(1, 0)

// drain asks the connection to end: at once if it is idle, else when it becomes idle.
func (st *connState) drain() error {
	st.mu.Lock()
	defer st.mu.Unlock()
	st.mu.draining = true
	if st.mu.idle {
		return st.conn.SetReadDeadline(aLongTimeAgo)
	}
	return nil
}

// rest says that the connection is idle; false if it has to end instead.
func (st *connState) rest() bool {
	st.mu.Lock()
	defer st.mu.Unlock()
	st.mu.idle = true
	return !st.mu.draining
}

// wake says that the connection has work; false if it was told to end while it waited.
func (st *connState) wake() bool {
	st.mu.Lock()
	defer st.mu.Unlock()
	st.mu.idle = false
	return !st.mu.draining
}

func (st *connState) close() error {
	st.mu.Lock()
	defer st.mu.Unlock()
	if st.mu.closed {
		return nil
	}
	st.mu.closed = true
	return st.conn.Close()
}
