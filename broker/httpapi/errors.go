package httpapi

import (
	"context"
	"errors"
	"net/http"
	"strings"

	"github.com/freshetdb/freshet/broker/endpoint"
	"github.com/freshetdb/freshet/internal/errs"
)

// errorCode is one of Pinot's error codes.
type errorCode int

// The codes that we give.
const (
	noError       errorCode = -1
	sqlParsing    errorCode = 150
	noTable       errorCode = 190
	execution     errorCode = 200
	resourceLimit errorCode = 245
	timedOut      errorCode = 250
	unavailable   errorCode = 305 // segments: the rows are there, but not all of them
	noServer      errorCode = 427
	tooMany       errorCode = 429
	internal      errorCode = 450
	cancelled     errorCode = 503
	validation    errorCode = 700
	unknownColumn errorCode = 710
)

// name is how the messages of the code begin.
func (c errorCode) name() string {
	switch c {
	case sqlParsing:
		return "SQLParsingError"
	case noTable:
		return "TableDoesNotExistError"
	case execution:
		return "QueryExecutionError"
	case resourceLimit:
		return "ServerResourceLimitExceededError"
	case timedOut:
		return "ExecutionTimeoutError"
	case unavailable:
		return "SegmentsUnavailableError"
	case noServer:
		return "ServerNotRespondingError"
	case tooMany:
		return "TooManyRequestsError"
	case cancelled:
		return "QueryCancellationError"
	case validation:
		return "QueryValidationError"
	case unknownColumn:
		return "UnknownColumnError"
	}
	return "InternalError"
}

// status is the HTTP status of the code, for clients that ask for it.
func (c errorCode) status() int {
	switch c {
	case noError:
		return http.StatusOK
	case sqlParsing, validation, unknownColumn:
		return http.StatusBadRequest
	case noTable:
		return http.StatusNotFound
	case timedOut:
		return http.StatusRequestTimeout
	case tooMany:
		return http.StatusTooManyRequests
	case resourceLimit, unavailable, noServer, cancelled:
		return http.StatusServiceUnavailable
	}
	return http.StatusInternalServerError
}

// codeOf gives Pinot's code of an error, by its class and SQLSTATE.
func codeOf(err error) errorCode {
	e := errs.As(err)
	switch {
	case errors.Is(err, context.Canceled), errors.Is(err, endpoint.ErrUserCancelled):
		return cancelled
	case errors.Is(err, context.DeadlineExceeded), e.Class == errs.ClassCancelled:
		return timedOut
	}
	switch e.Code {
	case errs.SyntaxError, errs.StatementTooComplex:
		return sqlParsing
	case errs.UndefinedTable:
		return noTable
	case errs.UndefinedColumn, errs.AmbiguousColumn:
		return unknownColumn
	case errs.ConfigurationLimit, errs.TooManyConnections:
		return tooMany
	}
	switch e.Class {
	case errs.ClassUser:
		if strings.HasPrefix(e.Code, "22") && e.Code != errs.InvalidParameterValue {
			return execution // a value, not the text, is wrong
		}
		return validation
	case errs.ClassUnavailable:
		return noServer
	case errs.ClassExhausted:
		return resourceLimit
	case errs.ClassCorrupt:
		return execution
	}
	return internal
}

// message is what the client reads: Pinot's name of the error, what happened, and the next step.
func message(c errorCode, err error) string {
	e := errs.As(err)
	text := c.name() + ": " + e.Msg
	if e.Class != errs.ClassBug && e.Detail != "" {
		text += " (" + e.Detail + ")"
	}
	if e.Cause != nil && !errors.Is(err, endpoint.ErrTimeout) && !errors.Is(err, endpoint.ErrUserCancelled) {
		text += ": " + e.Cause.Error()
	}
	if e.Hint != "" {
		text += ". " + e.Hint
	}
	return text
}
