// Package errs is the one error type that crosses layers: a class, a SQLSTATE, a message in PostgreSQL's
// wording where it has one, and the place in the user's text. Endpoints translate it at one place each.
package errs

import (
	"errors"
	"fmt"
	"strings"
)

// Class says who has to act; it decides HTTP status, retry and metric.
type Class uint8

// Classes of errors. The zero value is invalid so that a forgotten class shows.
const (
	ClassInvalid     Class = iota
	ClassUser              // the request is wrong; repeating it will not help
	ClassUnavailable       // a part is down or not ready; retry later
	ClassCorrupt           // stored bytes are damaged
	ClassExhausted         // a limit or quota was reached
	ClassCancelled         // the user or a deadline ended it
	ClassBug               // must not happen

	// ClassCount is the number of classes, for exhaustive tests.
	ClassCount
)

var classNames = [ClassCount]string{"invalid", "user", "unavailable", "corrupt", "exhausted", "cancelled", "bug"}

// String names the class for logs and metrics.
func (c Class) String() string {
	if c < ClassCount {
		return classNames[c]
	}
	return fmt.Sprintf("class(%d)", uint8(c))
}

// SQLSTATE codes in use (PostgreSQL's table of error codes).
const (
	SyntaxError            = "42601"
	UndefinedTable         = "42P01"
	UndefinedColumn        = "42703"
	UndefinedFunction      = "42883"
	UndefinedParameter     = "42P02"
	IndeterminateType      = "42P18"
	InvalidColumnReference = "42P10"
	CannotCoerce           = "42846"
	InvalidEscape          = "22025"
	AmbiguousColumn        = "42702"
	DuplicateAlias         = "42712"
	CardinalityViolation   = "21000"
	WindowingError         = "42P20"
	InvalidRecursion       = "42P19"
	InvalidFrameSize       = "22013"
	NullNotAllowed         = "22004"
	InvalidNtile           = "22014"
	InvalidNthValue        = "22016"
	DuplicateObject        = "42710"
	DatatypeMismatch       = "42804"
	GroupingError          = "42803"
	WrongObjectType        = "42809"
	FeatureNotSupported    = "0A000"
	DivisionByZero         = "22012"
	NumericOutOfRange      = "22003"
	InvalidText            = "22P02"
	InvalidDatetime        = "22007"
	DatetimeOverflow       = "22008"
	InvalidParameterValue  = "22023"
	InvalidBinary          = "22P03"
	InvalidEncoding        = "22021"
	InvalidLimit           = "2201W"
	InvalidOffset          = "2201X"
	InvalidRegexp          = "2201B"
	ProtocolViolation      = "08P01"
	ReadOnly               = "25006"
	InFailedTransaction    = "25P02"
	UndefinedCursor        = "34000"
	UndefinedStatement     = "26000"
	DuplicateStatement     = "42P05"
	DuplicateCursor        = "42P03"
	UndefinedObject        = "42704"
	StatementTooComplex    = "54001"
	ProgramLimitExceeded   = "54000"
	OutOfMemory            = "53200"
	DiskFull               = "53100"
	TooManyConnections     = "53300"
	QueryCanceled          = "57014"
	AdminShutdown          = "57P01"
	CannotConnectNow       = "57P03"
	IOError                = "58030"
	DataCorrupted          = "XX001"
	Internal               = "XX000"
	InvalidAuthorization   = "28000"
	InvalidCatalogName     = "3D000"
	ConfigurationLimit     = "53400"
	TransactionActive      = "25001"
	NoActiveTransaction    = "25P01"
	InvalidTransactionTerm = "2D000"
)

// Error is an error with what an endpoint needs to report it. It is immutable once returned.
type Error struct {
	Class  Class
	Code   string // SQLSTATE
	Msg    string // lower case, no final dot; PostgreSQL's text where it has one
	Detail string
	Hint   string
	Pos    int // 1-based character position in the user's SQL text; 0 = none
	Cause  error
}

// Error gives the message, with its cause where there is one.
func (e *Error) Error() string {
	if e.Cause != nil {
		return e.Msg + ": " + e.Cause.Error()
	}
	return e.Msg
}

// Unwrap gives the cause.
func (e *Error) Unwrap() error { return e.Cause }

// maxMessage bounds a message, in bytes: what a user wrote may be repeated in it.
const maxMessage = 1024

// clip cuts a long message.
func clip(s string) string {
	if len(s) <= maxMessage {
		return s
	}
	const end = maxMessage / 4 // what is wrong with a long text stands behind it
	return strings.ToValidUTF8(s[:maxMessage-end], "") + "..." + strings.ToValidUTF8(s[len(s)-end:], "")
}

// User makes a ClassUser error with a SQLSTATE.
func User(code, format string, args ...any) *Error {
	return &Error{Class: ClassUser, Code: code, Msg: clip(fmt.Sprintf(format, args...))}
}

// New makes an error of any class.
func New(class Class, code, format string, args ...any) *Error {
	return &Error{Class: class, Code: code, Msg: clip(fmt.Sprintf(format, args...))}
}

// Bug makes a ClassBug error: a state that the code rules out.
func Bug(format string, args ...any) *Error {
	return &Error{Class: ClassBug, Code: Internal, Msg: "internal error: " + fmt.Sprintf(format, args...)}
}

// At returns a copy of e with the position in the user's text, unless one is already set.
func (e *Error) At(pos int) *Error {
	if e.Pos != 0 || pos <= 0 {
		return e
	}
	c := *e
	c.Pos = pos
	return &c
}

// WithHint returns a copy of e with the next step for the user.
func (e *Error) WithHint(format string, args ...any) *Error {
	c := *e
	c.Hint = fmt.Sprintf(format, args...)
	return &c
}

// WithDetail returns a copy of e with more of the circumstances.
func (e *Error) WithDetail(format string, args ...any) *Error {
	c := *e
	c.Detail = fmt.Sprintf(format, args...)
	return &c
}

// Wrap returns a copy of e with a cause.
func (e *Error) Wrap(cause error) *Error {
	c := *e
	c.Cause = cause
	return &c
}

// As gives the Error in err's chain, or a ClassBug one that carries err.
func As(err error) *Error {
	var e *Error
	if errors.As(err, &e) {
		return e
	}
	return &Error{Class: ClassBug, Code: Internal, Msg: err.Error()}
}

// ClassOf gives the class of err; ClassBug where err carries none, ClassInvalid for nil.
func ClassOf(err error) Class {
	if err == nil {
		return ClassInvalid
	}
	return As(err).Class
}
