package pgwire

import (
	"context"
	"errors"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/freshetdb/freshet/broker/endpoint"
	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/internal/errs"
	"github.com/freshetdb/freshet/internal/vec"
	"github.com/freshetdb/freshet/query/result"
)

// fakeBackend knows a handful of statements and gives canned rows.
type fakeBackend struct {
	mu       sync.Mutex
	sessions map[int32]*fakeSession
	refuse   error
	opened   []endpoint.SessionConfig
	// table, if set, answers `table`.
	table func() ([]result.Column, []*vec.Batch)
	// started receives when a `sleep` runs.
	started chan struct{}
}

func newFakeBackend() *fakeBackend {
	return &fakeBackend{sessions: map[int32]*fakeSession{}, started: make(chan struct{}, 16)}
}

func (b *fakeBackend) Open(_ context.Context, cfg endpoint.SessionConfig) (endpoint.Session, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.refuse != nil {
		return nil, b.refuse
	}
	b.opened = append(b.opened, cfg)
	s := &fakeSession{backend: b, pid: int32(len(b.opened)), secret: []byte(strings.Repeat("s", cfg.SecretBytes)), tx: endpoint.TxIdle,
		changed: []endpoint.Parameter{{Name: "server_version", Value: "15.0"}, {Name: "client_encoding", Value: "UTF8"},
			{Name: "standard_conforming_strings", Value: "on"}}}
	b.sessions[s.pid] = s
	return s, nil
}

func (b *fakeBackend) CancelBackend(pid int32, secret []byte) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	s := b.sessions[pid]
	if s == nil || string(secret) != string(s.secret) || s.cancel == nil {
		return false
	}
	s.cancel(endpoint.UserCancelled())
	return true
}

type fakeSession struct {
	backend *fakeBackend
	pid     int32
	secret  []byte
	tx      endpoint.TxStatus
	notices []*errs.Error
	changed []endpoint.Parameter
	cancel  context.CancelCauseFunc // guarded by backend.mu
}

func (s *fakeSession) Key() (int32, []byte)           { return s.pid, s.secret }
func (s *fakeSession) Transaction() endpoint.TxStatus { return s.tx }
func (s *fakeSession) Location() *time.Location       { return time.UTC }
func (s *fakeSession) TakeNotices() (n []*errs.Error) { n, s.notices = s.notices, nil; return n }
func (s *fakeSession) TakeParameters() (p []endpoint.Parameter) {
	p, s.changed = s.changed, nil
	return p
}

func (s *fakeSession) Fail() {
	if s.tx == endpoint.TxActive {
		s.tx = endpoint.TxFailed
	}
}

func (s *fakeSession) Close() error {
	s.backend.mu.Lock()
	defer s.backend.mu.Unlock()
	delete(s.backend.sessions, s.pid)
	return nil
}

func (s *fakeSession) Prepare(_ context.Context, text string, types []catalog.Type) ([]endpoint.Statement, error) {
	var out []endpoint.Statement
	for _, part := range strings.Split(text, ";") {
		part = strings.TrimSpace(part)
		if part == "" || strings.HasPrefix(part, "--") {
			continue
		}
		if part == "selec" {
			return nil, errs.User(errs.SyntaxError, "syntax error at or near \"selec\"").At(1)
		}
		if part == "panic" {
			panic("planted")
		}
		out = append(out, &fakeStatement{s: s, text: part, types: types})
	}
	if out == nil {
		out = append(out, &fakeStatement{s: s})
	}
	return out, nil
}

type fakeStatement struct {
	s     *fakeSession
	text  string
	types []catalog.Type
	desc  endpoint.Description
	batch []*vec.Batch
}

var paramCast = regexp.MustCompile(`\$\d+::(\w+)`)

// Bind understands: select <ints>; rows <n>; gaps <n> (rows, and what is missing); echo $1::TYPE, ...; table; sleep; select 1/0; and commands.
func (f *fakeStatement) Bind(context.Context) error {
	verb, rest, _ := strings.Cut(f.text, " ")
	if f.s.tx == endpoint.TxFailed && verb != "commit" && verb != "rollback" {
		return errs.User(errs.InFailedTransaction, "current transaction is aborted, commands ignored until end of transaction block")
	}
	f.desc = endpoint.Description{Kind: endpoint.KindRows}
	switch verb {
	case "":
		f.desc.Kind = endpoint.KindEmpty
	case "select":
		f.desc.Columns = []result.Column{{Name: "?column?", Type: catalog.Int}}
		if rest == "1/0" {
			return nil
		}
		n, err := strconv.Atoi(rest)
		if err != nil {
			return errs.User(errs.UndefinedColumn, "column %q does not exist", rest)
		}
		f.batch = []*vec.Batch{intBatch(n)}
	case "rows", "gaps":
		n, err := strconv.Atoi(rest)
		if err != nil {
			return err
		}
		f.desc.Columns = []result.Column{{Name: "n", Type: catalog.Int}}
		for i := 0; i < n; i += 2 { // batches of two rows
			f.batch = append(f.batch, intBatch([]int{i + 1, i + 2}[:min(2, n-i)]...))
		}
	case "wide":
		n, err := strconv.Atoi(rest)
		if err != nil {
			return err
		}
		f.desc.Columns = make([]result.Column, n)
		for i := range f.desc.Columns {
			f.desc.Columns[i] = result.Column{Name: "column_" + strconv.Itoa(i), Type: catalog.Int}
		}
	case "echo":
		for i, m := range paramCast.FindAllStringSubmatch(rest, -1) {
			t := fakeTypes[m[1]]
			if i < len(f.types) && f.types[i].Kind != catalog.KindInvalid {
				t = f.types[i]
			}
			f.desc.Params = append(f.desc.Params, t)
			f.desc.ParamOIDs = append(f.desc.ParamOIDs, fakeOIDs[m[1]])
			f.desc.Columns = append(f.desc.Columns, result.Column{Name: "c" + strconv.Itoa(i+1), Type: t})
		}
	case "table":
		f.desc.Columns, f.batch = f.s.backend.table()
	case "sleep":
		f.desc.Columns = []result.Column{{Name: "sleep", Type: catalog.Int}}
	case "deallocate":
		f.desc.Kind, f.desc.Name = endpoint.KindDeallocate, strings.TrimPrefix(rest, "all")
	case "discard":
		f.desc.Kind = endpoint.KindDiscard
	default:
		f.desc.Kind = endpoint.KindCommand
	}
	return nil
}

var fakeTypes = map[string]catalog.Type{"int": catalog.Int, "long": catalog.Long, "float": catalog.Float, "double": catalog.Double,
	"numeric": catalog.BigDecimal, "bool": catalog.Boolean, "timestamp": catalog.Timestamp, "timestamptz": catalog.TimestampTZ,
	"text": catalog.String, "json": catalog.JSON, "bytea": catalog.Bytes, "interval": catalog.Interval,
	"ints": catalog.Int.Array(), "texts": catalog.String.Array(), "oid": catalog.Long, "oids": catalog.Long.Array()}

var fakeOIDs = map[string]uint32{"oid": 26, "oids": 1028}

func intBatch(xs ...int) *vec.Batch {
	v := &vec.Vector{}
	v.Reset(catalog.Int, len(xs))
	for i, x := range xs {
		v.I32[i] = int32(x)
	}
	return &vec.Batch{Rows: len(xs), Cols: []*vec.Vector{v}}
}

func (f *fakeStatement) Describe() endpoint.Description { return f.desc }

func (f *fakeStatement) Execute(ctx context.Context, params []catalog.Value) (*endpoint.Execution, error) {
	switch {
	case f.text == "select 1/0":
		return nil, errs.User(errs.DivisionByZero, "division by zero")
	case f.text == "sleep":
		ctx, cancel := context.WithCancelCause(ctx)
		f.s.backend.mu.Lock()
		f.s.cancel = cancel
		f.s.backend.mu.Unlock()
		return f.execution(&fakeRows{ctx: ctx, columns: f.desc.Columns, started: f.s.backend.started}), nil
	case strings.HasPrefix(f.text, "echo"):
		b := &vec.Batch{Rows: 1}
		for _, p := range params {
			v := &vec.Vector{}
			v.SetConst(p, 1)
			b.Cols = append(b.Cols, v)
		}
		return f.execution(&fakeRows{columns: f.desc.Columns, batches: []*vec.Batch{b}}), nil
	case f.desc.Kind == endpoint.KindRows:
		r := &fakeRows{columns: f.desc.Columns, batches: f.batch}
		if strings.HasPrefix(f.text, "gaps") {
			r.missing = []string{"segment a is damaged", "segment b is damaged"}
		}
		return f.execution(r), nil
	}
	return f.command()
}

func (f *fakeStatement) execution(r result.Rows) *endpoint.Execution {
	return &endpoint.Execution{ID: "1", Rows: r, Tag: "SELECT", CountRows: true}
}

func (f *fakeStatement) command() (*endpoint.Execution, error) {
	s := f.s
	verb, rest, _ := strings.Cut(f.text, " ")
	tag := strings.ToUpper(verb)
	switch verb {
	case "begin":
		if s.tx != endpoint.TxIdle {
			s.notices = append(s.notices, errs.User(errs.TransactionActive, "there is already a transaction in progress"))
		}
		s.tx = endpoint.TxActive
	case "commit", "rollback":
		if s.tx == endpoint.TxIdle {
			s.notices = append(s.notices, errs.User(errs.NoActiveTransaction, "there is no transaction in progress"))
		}
		if s.tx == endpoint.TxFailed {
			tag = "ROLLBACK"
		}
		s.tx = endpoint.TxIdle
	case "set":
		name, value, _ := strings.Cut(rest, "=")
		s.changed = append(s.changed, endpoint.Parameter{Name: name, Value: value})
	case "discard", "deallocate":
		tag = strings.ToUpper(f.text)
	case "stale":
		return nil, endpoint.StalePlan()
	case "fail":
		return nil, errors.New("an error without class")
	}
	return &endpoint.Execution{Tag: tag}, nil
}

type fakeRows struct {
	ctx     context.Context // sleep
	started chan struct{}
	columns []result.Column
	batches []*vec.Batch
	missing []string
	closed  bool
}

func (r *fakeRows) Columns() []result.Column { return r.columns }
func (r *fakeRows) Stats() *result.Stats     { return &result.Stats{Missing: r.missing} }
func (r *fakeRows) Notices() []string        { return nil }
func (r *fakeRows) Close() error             { r.closed = true; return nil }

func (r *fakeRows) Next(context.Context) (*vec.Batch, error) {
	if r.closed {
		return nil, errs.Bug("Next after Close")
	}
	if r.ctx != nil {
		r.started <- struct{}{}
		<-r.ctx.Done()
		return nil, context.Cause(r.ctx)
	}
	if len(r.batches) == 0 {
		return nil, nil
	}
	b := r.batches[0]
	r.batches = r.batches[1:]
	return b, nil
}
