package pgwire

import (
	"context"
	"errors"

	"github.com/jackc/pgx/v5/pgproto3"

	"github.com/freshetdb/freshet/broker/endpoint"
	"github.com/freshetdb/freshet/internal/errs"
)

// fatalError ends the connection after it is reported.
type fatalError struct{ cause *errs.Error }

// Error implements error.
func (f fatalError) Error() string { return f.cause.Error() }

// Unwrap gives the error as it is reported.
func (f fatalError) Unwrap() error { return f.cause }

func fatal(code, format string, args ...any) error {
	return fatalError{errs.User(code, format, args...)}
}

func shutdownError() error {
	return fatalError{errs.New(errs.ClassUnavailable, errs.AdminShutdown, "terminating connection due to administrator command")}
}

// warning is the SQLSTATE of a notice that no answer should be trusted without.
const warning = "01000"

// errorResponse is err as the client sees it. Bugs show their message too: a report without it helps nobody.
func errorResponse(severity string, err error) *pgproto3.ErrorResponse {
	e := asError(err)
	r := &pgproto3.ErrorResponse{Severity: severity, SeverityUnlocalized: severity, Code: e.Code, Message: e.Msg,
		Detail: e.Detail, Hint: e.Hint, Position: int32(e.Pos)}
	if r.Code == "" {
		r.Code = errs.Internal
	}
	if errors.Is(err, endpoint.ErrStalePlan) {
		r.Routine = "RevalidateCachedQuery" // what asyncpg and pgjdbc prepare again by
	}
	if e.Class == errs.ClassBug {
		r.Detail = "" // stacks belong into the log
	}
	if c := e.Cause; c != nil && r.Detail == "" && !isWhy(c) {
		r.Detail = c.Error()
	}
	return r
}

func isWhy(cause error) bool {
	return errors.Is(cause, endpoint.ErrTimeout) || errors.Is(cause, endpoint.ErrStalePlan) || errors.Is(cause, endpoint.ErrUserCancelled) ||
		errors.Is(cause, context.Canceled) || errors.Is(cause, context.DeadlineExceeded)
}

// asError gives contexts' errors the SQLSTATE of a cancelled query.
func asError(err error) *errs.Error {
	var e *errs.Error
	if errors.As(err, &e) {
		return e
	}
	switch {
	case errors.Is(err, context.DeadlineExceeded):
		return endpoint.Timeout()
	case errors.Is(err, context.Canceled):
		return endpoint.UserCancelled()
	}
	return errs.As(err)
}

// noticeResponse is a notice; codes of class 25 are warnings in PostgreSQL, and so is what has no class of its own.
func noticeResponse(n *errs.Error) *pgproto3.NoticeResponse {
	severity := "WARNING"
	if n.Code == "" || n.Code == "00000" {
		severity = "NOTICE"
	}
	code := n.Code
	if code == "" {
		code = "00000"
	}
	return &pgproto3.NoticeResponse{Severity: severity, SeverityUnlocalized: severity, Code: code, Message: n.Msg,
		Detail: n.Detail, Hint: n.Hint}
}
