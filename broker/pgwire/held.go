package pgwire

import (
	"unicode/utf8"

	"github.com/freshetdb/freshet/broker/endpoint"
	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/internal/errs"
)

// What one connection may make the server keep is bounded in number (MaxStatements, MaxPortals) and in bytes: ten
// thousand statements of a megabyte would fit the first bound.

// maxColumns is what the protocol can count.
const maxColumns = 1<<16 - 1

// About what the values and statements of a connection take beside their texts.
const (
	valueBytes     = 96
	statementBytes = 512
)

// hold accounts n bytes, unless that is too much for one connection.
func (c *conn) hold(n int) error {
	if c.held+n > c.srv.cfg.MaxHeldBytes {
		return errs.New(errs.ClassExhausted, errs.ProgramLimitExceeded, "connection holds %d bytes of statements and parameters, %d more exceed the limit of %d",
			c.held, n, c.srv.cfg.MaxHeldBytes).WithHint("Close statements and portals that are not used any more.")
	}
	c.held += n
	return nil
}

// keepStatement keeps a prepared statement under its name.
func (c *conn) keepStatement(name, text string, p *prepared) error {
	p.bytes = len(name) + len(text) + 4*len(p.oids) + statementBytes
	if err := c.hold(p.bytes); err != nil {
		return err
	}
	c.statements[name] = p
	return nil
}

// dropStatement forgets a prepared statement, if there is one of the name.
func (c *conn) dropStatement(name string) {
	if p, ok := c.statements[name]; ok {
		c.held -= p.bytes
		delete(c.statements, name)
	}
}

func (c *conn) dropStatements() {
	for name := range c.statements {
		c.dropStatement(name)
	}
}

// bytesOf is about what parameter values take.
func bytesOf(values []catalog.Value) int {
	n := 0
	for _, v := range values {
		n += valueBytes + len(v.Str) + bytesOf(v.Elems)
	}
	return n
}

// checkText refuses a text that is not UTF-8, whose errors would have no position.
func checkText(text string) error {
	if !utf8.ValidString(text) {
		return errs.User(errs.InvalidEncoding, "invalid byte sequence for encoding \"UTF8\"")
	}
	return nil
}

// checkColumns refuses a result that the protocol cannot describe.
func checkColumns(d endpoint.Description) error {
	if len(d.Columns) > maxColumns {
		return errs.User("54011", "target lists can have at most %d entries", maxColumns)
	}
	return nil
}
