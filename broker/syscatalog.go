package broker

import (
	"github.com/freshetdb/freshet/broker/endpoint"
	"github.com/freshetdb/freshet/broker/syscat"
	"github.com/freshetdb/freshet/query/bind"
)

// relations is the catalog as the binder wants it.
type relations struct{ c *syscat.Catalog }

// Relation implements bind.Relations.
func (r relations) Relation(schema, name string) (bind.Relation, bool) {
	found, ok := r.c.Relation(schema, name)
	if !ok {
		return bind.Relation{}, false
	}
	out := bind.Relation{Schema: found.Schema, Name: found.Name, Columns: make([]bind.Column, len(found.Columns))}
	for i, c := range found.Columns {
		out.Columns[i] = bind.Column{Name: c.Name, Type: c.Type, OID: c.OID}
	}
	return out, true
}

// activity is what goes on in a broker, as the catalog wants it.
type activity struct{ b *Broker }

// Sessions implements syscat.Activity.
func (a activity) Sessions() []syscat.SessionInfo { return a.b.registry.sessionInfos() }

// Queries implements syscat.Activity.
func (a activity) Queries() []endpoint.QueryInfo { return a.b.registry.list() }

// sessionInfos describes the open sessions. What it gives of each does not change while the session is open.
func (r *registry) sessionInfos() []syscat.SessionInfo {
	r.mu.Lock()
	defer r.mu.Unlock()
	out := make([]syscat.SessionInfo, 0, len(r.mu.sessions))
	for _, s := range r.mu.sessions {
		out = append(out, s.info)
	}
	return out
}

// who is a session as the catalog wants it.
type who struct{ s *Session }

// Info implements syscat.Session.
func (w who) Info() syscat.SessionInfo {
	info := w.s.info
	info.Application, _ = w.s.settings.get("application_name")
	return info
}

// Settings implements syscat.Session.
func (w who) Settings() []syscat.Setting { return w.s.settings.list() }

func (s *Session) describe() syscat.SessionInfo {
	protocol := "wire"
	if s.cfg.Dialect == endpoint.DialectHTTP {
		protocol = "http"
	}
	application, _ := s.settings.get("application_name")
	return syscat.SessionInfo{PID: s.pid, User: s.cfg.User, Database: s.cfg.Database, Application: application, Remote: s.cfg.Remote,
		Protocol: protocol, Started: s.b.cfg.Clock.Now()}
}
