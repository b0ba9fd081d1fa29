package httpapi

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/freshetdb/freshet/broker/endpoint"
	"github.com/freshetdb/freshet/internal/clock"
	"github.com/freshetdb/freshet/internal/errs"
	"github.com/freshetdb/freshet/internal/lifecycle"
	"github.com/freshetdb/freshet/internal/memory"
)

// Backend opens sessions and knows the running queries. Safe for concurrent use. *broker.Broker is one.
type Backend interface {
	Open(ctx context.Context, cfg endpoint.SessionConfig) (endpoint.Session, error)
	// CancelQuery ends a query by its id, or where byClient by the client's own id; false if none runs.
	CancelQuery(id string, byClient bool) bool
	Queries() []endpoint.QueryInfo
	// ID names the broker in responses.
	ID() string
}

// Config has the handler's parts and limits; zero limits become the defaults below.
type Config struct {
	Backend Backend
	Logger  *slog.Logger // nil: silent
	Clock   clock.Clock  // nil: the machine's
	// MaxBodyBytes bounds a request, MaxResponseBytes a response.
	MaxBodyBytes     int64
	MaxResponseBytes int
	// Memory is what large responses draw from while they are collected; the zero value is no limit.
	Memory memory.Account
	// BodyTimeout is how long a client may take to send a request, WriteTimeout to take its response.
	BodyTimeout, WriteTimeout time.Duration
}

// Defaults of Config.
const (
	DefaultMaxBodyBytes     = 4 << 20
	DefaultMaxResponseBytes = 256 << 20
	DefaultBodyTimeout      = 30 * time.Second
	DefaultWriteTimeout     = 5 * time.Minute
)

// keepBytes bounds the buffers that are kept for the next response.
const keepBytes = 1 << 20

// Headers of the query API.
const (
	headerErrorCode  = "X-Pinot-Error-Code"
	headerHTTPStatus = "Pinot-Use-Http-Status-For-Errors"
	headerDatabase   = "database"
)

type handler struct {
	cfg     Config
	buffers sync.Pool // *[]byte
}

// New makes the handler of the query endpoints. It owns the paths /query, /query/... and /queries.
func New(cfg Config) (http.Handler, error) {
	if cfg.Backend == nil {
		return nil, errs.Bug("httpapi.Config.Backend is nil")
	}
	if cfg.Logger == nil {
		cfg.Logger = slog.New(slog.DiscardHandler)
	}
	if cfg.Clock == nil {
		cfg.Clock = clock.Real{}
	}
	if cfg.MaxBodyBytes <= 0 {
		cfg.MaxBodyBytes = DefaultMaxBodyBytes
	}
	if cfg.MaxResponseBytes <= 0 {
		cfg.MaxResponseBytes = DefaultMaxResponseBytes
	}
	if cfg.BodyTimeout <= 0 {
		cfg.BodyTimeout = DefaultBodyTimeout
	}
	if cfg.WriteTimeout <= 0 {
		cfg.WriteTimeout = DefaultWriteTimeout
	}
	h := &handler{cfg: cfg}
	mux := http.NewServeMux()
	for _, path := range []string{"/query/sql", "/query"} {
		mux.HandleFunc("POST "+path, h.post)
		mux.HandleFunc("GET "+path, h.get)
	}
	mux.HandleFunc("GET /queries", h.list)
	mux.HandleFunc("DELETE /query/{id}", h.cancel)
	return mux, nil
}

func (h *handler) post(w http.ResponseWriter, r *http.Request) {
	control := http.NewResponseController(w)
	h.deadline(control.SetReadDeadline, h.cfg.BodyTimeout)
	req, err := readBody(w, r, h.cfg.MaxBodyBytes)
	if err == nil { // else the rest of the body is not waited for either
		h.deadline(control.SetReadDeadline, 0)
	}
	h.answer(w, r, req, err)
}

// deadline bounds reading or writing from now on; 0 ends the bound, which would outlive the request.
func (h *handler) deadline(set func(time.Time) error, within time.Duration) {
	var at time.Time
	if within > 0 {
		at = h.cfg.Clock.Now().Add(within)
	}
	if err := set(at); err != nil && !errors.Is(err, http.ErrNotSupported) { // a recorder in place of a connection
		h.cfg.Logger.Debug("connection takes no deadline", "error", err)
	}
}

func (h *handler) get(w http.ResponseWriter, r *http.Request) {
	req, err := readURL(r.URL.Query())
	h.answer(w, r, req, err)
}

// answer runs a request and writes its response.
func (h *handler) answer(w http.ResponseWriter, r *http.Request, req request, err error) {
	if err != nil {
		h.refuse(w, err)
		return
	}
	buf, pooled := h.buffers.Get().(*[]byte)
	if !pooled {
		buf = new([]byte)
	}
	started := h.cfg.Clock.Now()
	resp := &response{buf: append((*buf)[:0], '{'), broker: h.cfg.Backend.ID(), clientID: optionOf(req.options, "clientQueryId")}
	resp.failed = lifecycle.Guard("query request", func() error { return h.run(r, req, resp) })
	resp.elapsedMs = h.since(started)
	resp.finish()
	h.write(w, r, resp)
	h.cfg.Memory.Add(-resp.charged)
	if cap(resp.buf) <= keepBytes {
		*buf = resp.buf
		h.buffers.Put(buf)
	}
}

func optionOf(options map[string]string, name string) string {
	for k, v := range options {
		if strings.EqualFold(k, name) {
			return v
		}
	}
	return ""
}

// charge takes the memory of a response that grew beyond what is kept.
func (h *handler) charge(resp *response) error {
	more := int64(cap(resp.buf)) - resp.charged
	if cap(resp.buf) <= keepBytes || more <= 0 {
		return nil
	}
	resp.charged += more
	return h.cfg.Memory.Take("the response", more)
}

func (h *handler) since(t time.Time) int64 { return h.cfg.Clock.Now().Sub(t).Milliseconds() }

// run executes the statements of a request; the last one gives the result.
func (h *handler) run(r *http.Request, req request, resp *response) (err error) {
	user, _, _ := r.BasicAuth()
	if user == "" {
		user = "anonymous"
	}
	sess, err := h.cfg.Backend.Open(r.Context(), endpoint.SessionConfig{Dialect: endpoint.DialectHTTP, User: user,
		Database: r.Header.Get(headerDatabase), Remote: r.RemoteAddr, Options: req.options})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, sess.Close()) }()
	statements, err := sess.Prepare(r.Context(), req.sql, nil)
	if err != nil {
		return err
	}
	for i, st := range statements {
		if err := h.statement(r.Context(), st, i == len(statements)-1, resp); err != nil {
			return err
		}
	}
	for _, n := range sess.TakeNotices() {
		resp.notices = append(resp.notices, n.Msg)
	}
	return nil
}

func (h *handler) statement(ctx context.Context, st endpoint.Statement, last bool, resp *response) error {
	if err := st.Bind(ctx); err != nil {
		return err
	}
	d := st.Describe()
	switch {
	case d.Kind == endpoint.KindEmpty:
		return errs.User(errs.SyntaxError, "the text has no statement")
	case last && d.Columns == nil:
		return errs.User(errs.FeatureNotSupported, "the last statement has to be a query")
	case !last && d.Columns != nil:
		return errs.User(errs.FeatureNotSupported, "a request has one query, after any number of SET statements")
	case len(d.Params) > 0:
		return errs.User(errs.UndefinedParameter, "the query API has no values for parameters")
	}
	x, err := st.Execute(ctx, nil)
	if err != nil || x.Rows == nil {
		return err
	}
	return h.encode(ctx, d, x, resp)
}

// encode writes the rows of the result.
func (h *handler) encode(ctx context.Context, d endpoint.Description, x *endpoint.Execution, resp *response) (err error) {
	defer func() { err = errors.Join(err, x.Rows.Close()) }()
	started := h.cfg.Clock.Now()
	resp.requestID = x.ID
	resp.beginTable(d.Columns)
	cells := cellsOf(d.Columns)
	for {
		batch, err := x.Rows.Next(ctx)
		if err != nil {
			return err
		}
		if batch == nil {
			break
		}
		if resp.buf, err = appendRows(resp.buf, cells, batch, resp.rows == 0, h.cfg.MaxResponseBytes); err != nil {
			return err
		}
		if err := h.charge(resp); err != nil {
			return err
		}
		resp.rows += batch.Rows
	}
	resp.endTable()
	resp.notices = append(resp.notices, x.Rows.Notices()...)
	stats := *x.Rows.Stats()
	resp.stats = &stats
	resp.reduceMs = h.since(started)
	return nil
}

// write sends a response. The status tells errors only to clients that ask for it.
func (h *handler) write(w http.ResponseWriter, r *http.Request, resp *response) {
	status, c := http.StatusOK, resp.code()
	if c != noError {
		if strings.EqualFold(r.Header.Get(headerHTTPStatus), "true") {
			status = c.status()
		}
		if c == internal {
			h.cfg.Logger.Error("query failed", "error", resp.failed, "detail", errs.As(resp.failed).Detail)
		}
	}
	w.Header().Set(headerErrorCode, strconv.Itoa(int(c)))
	h.send(w, status, resp.buf)
}

// refuse answers a request that is none.
func (h *handler) refuse(w http.ResponseWriter, err error) {
	status := http.StatusBadRequest
	if errs.ClassOf(err) == errs.ClassExhausted {
		status = http.StatusRequestEntityTooLarge
	}
	h.problem(w, status, errs.As(err).Error())
}

// problem writes an error in the form that Pinot's REST resources use.
func (h *handler) problem(w http.ResponseWriter, status int, text string) {
	buf := strconv.AppendInt([]byte(`{"code":`), int64(status), 10)
	buf = appendString(append(buf, `,"error":`...), text)
	h.send(w, status, append(buf, '}'))
}

func (h *handler) send(w http.ResponseWriter, status int, body []byte) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	control := http.NewResponseController(w)
	h.deadline(control.SetWriteDeadline, h.cfg.WriteTimeout)
	w.WriteHeader(status)
	if _, err := w.Write(body); err != nil {
		h.cfg.Logger.Debug("client left before its response", "error", err)
		return // with the deadline: what is buffered would wait for a client that takes nothing
	}
	if err := control.Flush(); err != nil && !errors.Is(err, http.ErrNotSupported) {
		h.cfg.Logger.Debug("client left before its response", "error", err)
		return
	}
	h.deadline(control.SetWriteDeadline, 0)
}

// list answers GET /queries: id to text, as Pinot does.
func (h *handler) list(w http.ResponseWriter, _ *http.Request) {
	queries := map[string]string{}
	for _, q := range h.cfg.Backend.Queries() {
		queries[q.ID] = q.SQL
	}
	body, err := json.Marshal(queries)
	if err != nil {
		h.problem(w, http.StatusInternalServerError, err.Error())
		return
	}
	h.send(w, http.StatusOK, body)
}

// cancel answers DELETE /query/{id}.
func (h *handler) cancel(w http.ResponseWriter, r *http.Request) {
	id := r.PathValue("id")
	byClient := strings.EqualFold(r.URL.Query().Get("client"), "true")
	if !h.cfg.Backend.CancelQuery(id, byClient) {
		h.problem(w, http.StatusNotFound, "query "+id+" does not run on this broker")
		return
	}
	body, err := json.Marshal("Cancelled query: " + id)
	if err != nil {
		h.problem(w, http.StatusInternalServerError, err.Error())
		return
	}
	h.send(w, http.StatusOK, body)
}
