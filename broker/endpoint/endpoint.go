// Package endpoint is the contract between the broker and its client protocols: sessions, statements and executions.
// broker implements it; broker/pgwire and broker/httpapi consume it and know nothing of parsing or planning.
package endpoint

import (
	"context"
	"time"

	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/internal/errs"
	"github.com/freshetdb/freshet/query/result"
)

// DefaultMaxConnections bounds the wire connections that are open at once, where nothing else is said.
const DefaultMaxConnections = 200

// Dialect says whose rules a session follows where PostgreSQL and Pinot part.
type Dialect uint8

// Dialects. The zero value is invalid.
const (
	DialectInvalid Dialect = iota
	DialectWire            // PostgreSQL clients
	DialectHTTP            // Pinot clients
)

// SessionConfig describes the client of a new session.
type SessionConfig struct {
	Dialect Dialect
	User    string
	// Database is what current_database() answers; "" means the user's name.
	Database string
	Remote   string // client address, for logs and the list of running queries
	// Settings are start-up parameters (wire): they become the session's defaults, what RESET goes back to. Names that
	// the broker does not know are ignored.
	Settings map[string]string
	// Options are query options from outside the SQL text (HTTP body): stronger than SET and option() in the text.
	Options map[string]string
	// SecretBytes is the length of the cancel secret, 4 by default.
	SecretBytes int
}

// TxStatus is the transaction state of a session, in the byte that ReadyForQuery carries.
type TxStatus byte

// Transaction states.
const (
	TxIdle   TxStatus = 'I'
	TxActive TxStatus = 'T'
	TxFailed TxStatus = 'E'
)

// Session is one client's state. Not safe for concurrent use, except Key. Close is idempotent and must be called.
type Session interface {
	// Key identifies the session in cancel requests.
	Key() (pid int32, secret []byte)
	// Prepare parses text into its statements, without binding them. paramTypes are types that the client stated for
	// $1, $2, ...; invalid ones are inferred. An empty text is one statement of KindEmpty.
	Prepare(ctx context.Context, text string, paramTypes []catalog.Type) ([]Statement, error)
	// Transaction is the state after the last statement.
	Transaction() TxStatus
	// Fail records an error that the session did not see itself (while rows were sent): an open transaction block fails.
	Fail()
	// TakeNotices gives the notices since the last call.
	TakeNotices() []*errs.Error
	// TakeParameters gives the reported settings that changed since the last call; the first call gives all of them.
	TakeParameters() []Parameter
	// Location is the session's time zone.
	Location() *time.Location
	Close() error
}

// Parameter is a setting as reported to the client.
type Parameter struct{ Name, Value string }

// Kind says what a statement needs from the endpoint.
type Kind uint8

// Kinds of statements. The zero value is invalid.
const (
	KindInvalid    Kind = iota
	KindEmpty           // nothing but comments
	KindRows            // gives rows
	KindCommand         // gives a tag only
	KindDeallocate      // the endpoint drops prepared statement Name, all for ""
	KindDiscard         // the endpoint drops all its prepared statements and portals

	KindCount // number of kinds, for exhaustive tests
)

// Description is what a bound statement needs and gives.
type Description struct {
	Kind   Kind
	Params []catalog.Type
	// ParamOIDs are PostgreSQL's types of parameters where they say more than Params do, else 0; nil where none do.
	ParamOIDs []uint32
	Columns   []result.Column // nil: no rows
	Name      string          // prepared statement, for the kinds that name one
}

// Statement is one parsed statement of a session. Not safe for concurrent use.
type Statement interface {
	// Bind resolves names and types against the session's present settings. It has to be called before Describe.
	Bind(ctx context.Context) error
	// Describe is valid after Bind.
	Describe() Description
	// Execute runs the statement; it binds again if tables or settings changed since Bind. params have the types of
	// Describe().Params. ctx must live until the execution's rows are closed: it ends the query.
	Execute(ctx context.Context, params []catalog.Value) (*Execution, error)
}

// Execution is a statement that runs or ran. If Rows is not nil its owner closes it.
type Execution struct {
	ID   string // names the query in cancel requests; "" for commands
	Rows result.Rows
	// Tag is the command tag; the number of rows follows it where CountRows.
	Tag       string
	CountRows bool
}

// Suspender is implemented by rows that can give their execution slot and their clock back while a client has not
// asked for more. Next may only be called after Resume.
type Suspender interface {
	Suspend()
	Resume(ctx context.Context) error
}

// QueryInfo is one running query.
type QueryInfo struct {
	ID, ClientID           string
	PID                    int32
	SQL                    string
	User, Database, Remote string
	Application            string
	Started                time.Time
}
