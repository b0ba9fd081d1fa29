package pgwire

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgproto3"
	"github.com/jackc/pgx/v5/pgtype"

	"github.com/freshetdb/freshet/broker/endpoint"
	"github.com/freshetdb/freshet/internal/errs"
	"github.com/freshetdb/freshet/internal/lifecycle"
)

// flushBytes is the size of the output buffer at which it is written out while rows stream.
const flushBytes = 64 << 10

// keepBytes bounds the output buffer that a connection keeps after it was written.
const keepBytes = 4 * flushBytes

// conn is one connection. Only its own goroutine touches it.
type conn struct {
	srv   *Server
	net   net.Conn // raw, or TLS
	state *connState
	log   *slog.Logger
	in    *pgproto3.Backend
	out   []byte
	types *pgtype.Map

	sess       endpoint.Session
	statements map[string]*prepared
	portals    map[string]*portal
	held       int  // bytes that statements and portals take, about
	skipping   bool // an extended message failed: ignore everything up to Sync
	atBoundary bool // ReadyForQuery was the last thing to happen
}

func newConn(s *Server, nc net.Conn, st *connState, log *slog.Logger) *conn {
	c := &conn{srv: s, net: nc, state: st, log: log, types: pgtype.NewMap(),
		statements: map[string]*prepared{}, portals: map[string]*portal{}}
	c.in = pgproto3.NewBackend(nc, nc)
	c.in.SetMaxBodyLen(s.cfg.MaxMessageBytes)
	return c
}

// send appends a message to the output buffer.
func (c *conn) send(msg pgproto3.BackendMessage) error {
	out, err := msg.Encode(c.out)
	if err != nil {
		return fatalError{errs.Bug("cannot encode %T", msg).Wrap(err)}
	}
	c.out = out
	return nil
}

// flush writes the output buffer.
func (c *conn) flush() error {
	if len(c.out) == 0 {
		return nil
	}
	if err := c.net.SetWriteDeadline(c.srv.cfg.Clock.Now().Add(c.srv.cfg.WriteTimeout)); err != nil {
		return fmt.Errorf("%w: %w", errDisconnected, err)
	}
	if _, err := c.net.Write(c.out); err != nil {
		return fmt.Errorf("%w: %w", errDisconnected, err)
	}
	c.srv.metrics.bytes.Add(float64(len(c.out)))
	c.out = c.out[:0]
	if cap(c.out) > keepBytes {
		c.out = nil
	}
	return nil
}

// refuse ends a connection that is not a session yet. It says why where the client may understand it.
func (c *conn) refuse(err error) error {
	var f fatalError
	if !errors.As(err, &f) {
		return err
	}
	return errors.Join(c.lastWord(f), err)
}

// lastWord sends a fatal error.
func (c *conn) lastWord(err error) error {
	c.srv.metrics.errors.WithLabelValues(asError(err).Code).Inc()
	if sendErr := c.send(errorResponse("FATAL", err)); sendErr != nil {
		return sendErr
	}
	return c.flush()
}

// serve runs the session that start asks for.
func (c *conn) serve(ctx context.Context, start *startup) error {
	secretBytes := secretBytes30
	if start.minor >= 2 {
		secretBytes = secretBytes32
	}
	sess, err := c.srv.cfg.Backend.Open(ctx, endpoint.SessionConfig{Dialect: endpoint.DialectWire, User: start.user,
		Database: start.database, Remote: c.net.RemoteAddr().String(), Settings: start.settings, SecretBytes: secretBytes})
	if err != nil {
		return errors.Join(c.lastWord(err), err)
	}
	c.sess = sess
	c.log = c.log.With("user", start.user, "application", start.settings["application_name"])
	defer func() {
		c.closePortals()
		if err := sess.Close(); err != nil {
			c.log.Warn("session did not close cleanly", "error", err)
		}
	}()
	if err := c.welcome(start); err != nil {
		return err
	}
	if err := c.net.SetDeadline(time.Time{}); err != nil {
		return fmt.Errorf("%w: %w", errDisconnected, err)
	}
	var ended error
	if err := lifecycle.Guard("postgres session", func() error { ended = c.loop(ctx); return nil }); err != nil {
		// The session's state is unknown after a panic: its client learns why it ends. The output holds whole messages.
		return errors.Join(err, c.lastWord(err))
	}
	return ended
}

// welcome answers the start-up packet, in one write.
func (c *conn) welcome(start *startup) error {
	if start.negotiate {
		// pgproto3 has this field as the minor number only; on the wire it is the whole version.
		if err := c.send(&pgproto3.NegotiateProtocolVersion{NewestMinorProtocol: version30 | start.minor,
			UnrecognizedOptions: start.unknownOptions}); err != nil {
			return err
		}
	}
	if err := c.send(&pgproto3.AuthenticationOk{}); err != nil {
		return err
	}
	if err := c.parameters(); err != nil {
		return err
	}
	pid, secret := c.sess.Key()
	if err := c.send(&pgproto3.BackendKeyData{ProcessID: uint32(pid), SecretKey: secret}); err != nil {
		return err
	}
	return c.ready()
}

func (c *conn) parameters() error {
	for _, p := range c.sess.TakeParameters() {
		if err := c.send(&pgproto3.ParameterStatus{Name: p.Name, Value: noZero(p.Value)}); err != nil {
			return err
		}
	}
	return nil
}

func (c *conn) notices() error {
	for _, n := range c.sess.TakeNotices() {
		if err := c.send(noticeResponse(n)); err != nil {
			return err
		}
	}
	return nil
}

// ready ends the work that a Query or a Sync began. Outside a transaction block that ends the portals too.
func (c *conn) ready() error {
	if c.sess.Transaction() == endpoint.TxIdle {
		c.closePortals()
	}
	if err := c.notices(); err != nil {
		return err
	}
	if err := c.parameters(); err != nil {
		return err
	}
	if err := c.send(&pgproto3.ReadyForQuery{TxStatus: byte(c.sess.Transaction())}); err != nil {
		return err
	}
	c.atBoundary = true
	return c.flush()
}

// loop answers messages until the client leaves, the server shuts down or the protocol is broken.
func (c *conn) loop(ctx context.Context) error {
	for {
		msg, err := c.receive()
		if err != nil {
			return c.end(err)
		}
		if _, ok := msg.(*pgproto3.Terminate); ok {
			return nil
		}
		if err := c.dispatch(ctx, msg); err != nil {
			if err := c.fail(err, msg); err != nil {
				return c.end(err)
			}
		}
		// A client may ask for much in a few bytes (Describe of a wide statement), again and again without a Sync.
		if len(c.out) >= flushBytes {
			if err := c.flush(); err != nil {
				return c.end(err)
			}
		}
	}
}

// receive reads the next message.
func (c *conn) receive() (pgproto3.FrontendMessage, error) {
	if c.atBoundary && !c.state.rest() {
		return nil, shutdownError()
	}
	msg, err := c.in.Receive()
	if c.atBoundary && !c.state.wake() {
		return nil, shutdownError()
	}
	c.atBoundary = false
	if err == nil {
		return msg, nil
	}
	var tooLong *pgproto3.ExceededMaxBodyLenErr
	var netErr net.Error
	switch {
	case errors.As(err, &tooLong):
		return nil, fatalError{errs.User(errs.ProgramLimitExceeded, "message of %d bytes is larger than the limit of %d bytes",
			tooLong.ActualBodyLen, tooLong.MaxExpectedBodyLen)}
	case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, net.ErrClosed), errors.As(err, &netErr):
		return nil, errDisconnected // io.EOF itself is an error of decoding: a string has no end
	}
	return nil, fatalError{errs.User(errs.ProtocolViolation, "malformed message").Wrap(err)}
}

// end reports a fatal error and gives what the connection's goroutine returns.
func (c *conn) end(err error) error {
	var f fatalError
	if !errors.As(err, &f) {
		return err
	}
	if sendErr := c.lastWord(f); sendErr != nil {
		return errors.Join(err, sendErr)
	}
	if f.cause.Code == errs.AdminShutdown {
		return nil
	}
	return err
}

// fail reports an error of a message; it returns err where the connection cannot go on.
func (c *conn) fail(err error, msg pgproto3.FrontendMessage) error {
	var f fatalError
	if errors.Is(err, errDisconnected) || errors.As(err, &f) {
		return err
	}
	e := asError(err)
	c.srv.metrics.errors.WithLabelValues(e.Code).Inc()
	if e.Class == errs.ClassBug {
		c.log.Error("statement failed", "error", err, "detail", e.Detail)
	}
	c.sess.Fail()
	if err := c.send(errorResponse("ERROR", err)); err != nil {
		return err
	}
	if _, simple := msg.(*pgproto3.Query); simple {
		return c.ready()
	}
	if _, call := msg.(*pgproto3.FunctionCall); call {
		return c.ready()
	}
	c.skipping = true
	// Now, not at Sync: a client that asked for a Flush waits for this answer before it sends its Sync, and the Flush is
	// among what is skipped.
	return c.flush()
}

func (c *conn) dispatch(ctx context.Context, msg pgproto3.FrontendMessage) error {
	if _, sync := msg.(*pgproto3.Sync); c.skipping && !sync {
		return nil
	}
	kind := strings.TrimPrefix(fmt.Sprintf("%T", msg), "*pgproto3.")
	c.srv.metrics.messages.WithLabelValues(kind).Inc()
	switch m := msg.(type) {
	case *pgproto3.Query:
		return c.simpleQuery(ctx, m.String)
	case *pgproto3.Parse:
		return c.parse(ctx, m)
	case *pgproto3.Bind:
		return c.bind(m)
	case *pgproto3.Describe:
		return c.describe(m)
	case *pgproto3.Execute:
		return c.execute(ctx, m)
	case *pgproto3.Close:
		return c.close(m)
	case *pgproto3.Flush:
		return c.flush()
	case *pgproto3.Sync:
		c.skipping = false
		return c.ready()
	case *pgproto3.FunctionCall:
		return errs.User(errs.FeatureNotSupported, "the function call protocol is not supported").
			WithHint("Call the function with SELECT.")
	case *pgproto3.CopyData, *pgproto3.CopyDone, *pgproto3.CopyFail:
		return nil // late parts of a COPY that was refused are ignored, as PostgreSQL does
	default:
		return fatal(errs.ProtocolViolation, "unexpected message %s", kind)
	}
}

// rowDescription sends the columns of a result.
func (c *conn) rowDescription(d endpoint.Description, formats []int16) {
	start := len(c.out)
	be := binary.BigEndian
	c.out = append(c.out, 'T', 0, 0, 0, 0)
	c.out = be.AppendUint16(c.out, uint16(len(d.Columns)))
	for i, col := range d.Columns {
		oid, size := columnOID(col)
		c.out = append(c.out, noZero(col.Name)...)
		c.out = append(c.out, 0)
		c.out = be.AppendUint32(c.out, col.TableOID)
		c.out = be.AppendUint16(c.out, uint16(col.Attribute))
		c.out = be.AppendUint32(c.out, oid)
		c.out = be.AppendUint16(c.out, uint16(size))
		c.out = be.AppendUint32(c.out, 0xffff_ffff) // no type modifier
		c.out = be.AppendUint16(c.out, uint16(formats[i]))
	}
	be.PutUint32(c.out[start+1:], uint32(len(c.out)-start-1))
}

// noZero keeps a text from ending the protocol's string early.
func noZero(s string) string { return strings.ReplaceAll(s, "\x00", "") }
