// Package pgwire serves the PostgreSQL frontend/backend protocol, versions 3.0 to 3.2: start-up, simple and extended
// query, portals with row limits, cancel, text and binary values.
//
// Concurrency: one goroutine per connection reads a message, answers it, reads the next; it owns the session, the prepared
// statements, the portals and the one output buffer. Nothing of a connection is shared but the fields of connState,
// which the server uses to drain and to close. Locks: Server.mu before connState.mu; neither is held while reading or
// writing.
//
// Shutdown: the listener closes; idle connections get 57P01 at once, busy ones after the statement that runs; after
// Config.DrainTimeout what still runs is cancelled and closed.
package pgwire
