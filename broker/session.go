package broker

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/freshetdb/freshet/broker/endpoint"
	"github.com/freshetdb/freshet/broker/syscat"
	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/internal/errs"
	"github.com/freshetdb/freshet/query/function"
	"github.com/freshetdb/freshet/query/sql"
)

// SessionConfig describes the client of a session.
type SessionConfig = endpoint.SessionConfig

// maxNotices bounds the notices that a session keeps for its client.
const maxNotices = 100

// Session is one client's state: settings, transaction block, notices. Not safe for concurrent use, except Key.
type Session struct {
	b         *Broker
	cfg       SessionConfig
	dialect   sql.Dialect
	pid       int32
	info      syscat.SessionInfo // as it was opened
	secret    []byte
	settings  *values
	overrides map[string]string // lower-case query options from outside the text, stronger than all
	functions *function.Registry
	tx        transaction
	notices   []*errs.Error
	zone      *time.Location
	binding   *binding // of the statement that is being bound
	kept      bool     // the plan cache has plans of its own
	printed   struct { // see fingerprint
		text       string
		generation int
		valid      bool
	}
	closed bool
}

// Compile-time proof that endpoints can use it.
var _ endpoint.Session = (*Session)(nil)

// NewSession opens a session. Close ends it.
func (b *Broker) NewSession(cfg SessionConfig) (*Session, error) {
	s := &Session{b: b, cfg: cfg, zone: time.UTC, overrides: map[string]string{}}
	s.tx.status = endpoint.TxIdle
	switch cfg.Dialect {
	case endpoint.DialectWire:
		s.dialect = sql.Wire
	case endpoint.DialectHTTP:
		s.dialect = sql.HTTP
	default:
		return nil, errs.Bug("session of dialect %d", cfg.Dialect)
	}
	if s.cfg.Database == "" {
		s.cfg.Database = cfg.User
	}
	s.secret = make([]byte, orDefault(cfg.SecretBytes, 4))
	if _, err := io.ReadFull(b.cfg.Random, s.secret); err != nil {
		return nil, fmt.Errorf("make cancel secret: %w", err)
	}
	s.settings = newValues(b.settings)
	if err := s.startSettings(); err != nil {
		return nil, err
	}
	if err := s.startOptions(); err != nil {
		return nil, err
	}
	s.functions = b.cfg.Functions.With(s.function, b.names)
	s.info = s.describe()
	b.registry.add(s)
	b.metrics.sessions.Inc()
	return s, nil
}

// startSettings applies the start-up parameters. Unknown ones are ignored: poolers and drivers send what they like.
func (s *Session) startSettings() error {
	s.settings.start["session_authorization"] = s.cfg.User
	for name, value := range s.cfg.Settings {
		key, out, err := s.settings.canonical(name, value)
		var e *errs.Error
		switch {
		case err == nil:
			s.settings.start[key] = out
		case errors.As(err, &e) && (e.Code == errs.UndefinedObject || e.Code == "55P02"):
			s.b.cfg.Logger.Debug("start-up parameter ignored", "name", name, "value", value)
		default:
			return err
		}
	}
	return s.applyZone()
}

// startOptions applies the query options that came with the request.
func (s *Session) startOptions() error {
	for name, value := range s.cfg.Options {
		key, out, err := s.settings.canonical(name, value)
		var e *errs.Error
		switch {
		case err == nil:
			s.overrides[key] = out
		case errors.As(err, &e) && e.Code == errs.UndefinedObject:
			s.overrides[key] = value
			s.notice("unknown query option %q has no effect", name)
		default:
			return err
		}
	}
	return nil
}

func (s *Session) applyZone() error {
	name, _ := s.settings.get("timezone")
	zone, err := location(name)
	if err != nil {
		return errs.Bug("time zone %q was accepted", name).Wrap(err)
	}
	s.zone = zone
	return nil
}

// Key implements endpoint.Session.
func (s *Session) Key() (int32, []byte) { return s.pid, s.secret }

// Transaction implements endpoint.Session.
func (s *Session) Transaction() endpoint.TxStatus { return s.tx.status }

// Fail implements endpoint.Session.
func (s *Session) Fail() { s.tx.fail() }

// Location implements endpoint.Session.
func (s *Session) Location() *time.Location { return s.zone }

// TakeNotices implements endpoint.Session.
func (s *Session) TakeNotices() []*errs.Error {
	n := s.notices
	s.notices = nil
	return n
}

// TakeParameters implements endpoint.Session.
func (s *Session) TakeParameters() []endpoint.Parameter { return s.settings.takeChanged() }

// Close implements endpoint.Session. Queries that still run are cancelled.
func (s *Session) Close() error {
	if s.closed {
		return nil
	}
	s.closed = true
	s.b.registry.remove(s)
	s.b.plans.forget(s)
	s.b.registry.cancelWhere(func(q endpoint.QueryInfo) bool { return q.PID == s.pid })
	s.b.metrics.sessions.Dec()
	return nil
}

// notice tells the client something without a SQLSTATE.
func (s *Session) notice(format string, args ...any) {
	s.warn(&errs.Error{Msg: fmt.Sprintf(format, args...)})
}

func (s *Session) warn(e *errs.Error) {
	if len(s.notices) < maxNotices {
		s.notices = append(s.notices, e)
	}
}

// set changes a setting for the session, or for the transaction block where local.
func (s *Session) set(name, value string, local bool) error {
	key, out, err := s.settings.canonical(name, value)
	var e *errs.Error
	if s.dialect == sql.HTTP && errors.As(err, &e) && e.Code == errs.UndefinedObject {
		s.notice("unknown query option %q has no effect", name)
		return nil
	}
	if err != nil {
		return err
	}
	if local && s.tx.status == endpoint.TxIdle {
		s.warn(errs.User(errs.NoActiveTransaction, "SET LOCAL can only be used in transaction blocks"))
		return nil
	}
	if known, ok := s.b.settings[key]; ok && known.option && strings.HasPrefix(known.about, "accepted") {
		s.notice("query option %q is accepted and has no effect", known.name)
	}
	if s.tx.status != endpoint.TxIdle {
		s.tx.changed(key, local)
	}
	s.settings.put(key, out)
	return s.applyZone()
}

// reset takes a setting back to what the session started with; "" is all.
func (s *Session) reset(name string) error {
	if name == "" {
		s.settings.resetAll()
		return s.applyZone()
	}
	if err := s.settings.reset(name); err != nil {
		return err
	}
	return s.applyZone()
}

// Prepare implements endpoint.Session.
func (s *Session) Prepare(ctx context.Context, text string, paramTypes []catalog.Type) ([]endpoint.Statement, error) {
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("prepare: %w", err)
	}
	parsed, err := s.b.plans.parse(text, s.dialect)
	if err != nil {
		return nil, err
	}
	out := make([]endpoint.Statement, 0, len(parsed))
	for i, st := range parsed {
		made := s.statement(st, paramTypes)
		if q, ok := made.(*query); ok {
			q.key = planKey{textKey: textKey{s.dialect, text}, statement: i, params: paramKey(paramTypes)}
		}
		out = append(out, made)
	}
	return out, nil
}

// checkUsable refuses statements in a failed block, all but those that end it.
func (s *Session) checkUsable() error {
	if s.tx.status == endpoint.TxFailed {
		return errs.User(errs.InFailedTransaction, "current transaction is aborted, commands ignored until end of transaction block")
	}
	return nil
}
