package pgwire

import (
	"context"

	"github.com/jackc/pgx/v5/pgproto3"

	"github.com/freshetdb/freshet/broker/endpoint"
	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/internal/errs"
)

// prepared is a statement between Parse and Close.
type prepared struct {
	stmt  endpoint.Statement
	oids  []uint32 // as announced, one per parameter
	bytes int      // held
}

// simpleQuery runs every statement of a text, with results in text form.
func (c *conn) simpleQuery(ctx context.Context, text string) error {
	c.dropStatement("")
	c.closePortal("")
	if err := checkText(text); err != nil {
		return err
	}
	statements, err := c.sess.Prepare(ctx, text, nil)
	if err != nil {
		return err
	}
	for _, st := range statements {
		if err := c.runSimple(ctx, st); err != nil {
			return err
		}
	}
	return c.ready()
}

func (c *conn) runSimple(ctx context.Context, st endpoint.Statement) error {
	if err := st.Bind(ctx); err != nil {
		return err
	}
	d := st.Describe()
	if err := checkColumns(d); err != nil {
		return err
	}
	if len(d.Params) > 0 {
		return errs.User(errs.UndefinedParameter, "there is no parameter $1").
			WithHint("Parameters are for the extended query protocol.")
	}
	p := &portal{stmt: st, desc: d, formats: make([]int16, len(d.Columns)), describe: true}
	defer c.closeRows(p)
	return c.run(ctx, p, 0)
}

// parse prepares a statement.
func (c *conn) parse(ctx context.Context, m *pgproto3.Parse) error {
	if _, exists := c.statements[m.Name]; exists && m.Name != "" {
		return errs.User(errs.DuplicateStatement, "prepared statement %q already exists", m.Name)
	}
	if len(c.statements) >= c.srv.cfg.MaxStatements {
		return errs.New(errs.ClassExhausted, errs.ProgramLimitExceeded, "connection has %d prepared statements, no more are kept",
			len(c.statements)).WithHint("Close statements that are not used any more.")
	}
	c.dropStatement("") // as PostgreSQL: the old unnamed statement is gone even if the new one is wrong
	types := make([]catalog.Type, len(m.ParameterOIDs))
	for i, oid := range m.ParameterOIDs {
		var err error
		if types[i], err = typeOfOID(oid); err != nil {
			return err
		}
	}
	if err := checkText(m.Query); err != nil {
		return err
	}
	statements, err := c.sess.Prepare(ctx, m.Query, types)
	if err != nil {
		return err
	}
	if len(statements) != 1 {
		return errs.User(errs.SyntaxError, "cannot insert multiple commands into a prepared statement")
	}
	if err := statements[0].Bind(ctx); err != nil {
		return err
	}
	if err := checkColumns(statements[0].Describe()); err != nil {
		return err
	}
	if err := c.keepStatement(m.Name, m.Query, newPrepared(statements[0], m.ParameterOIDs)); err != nil {
		return err
	}
	return c.send(&pgproto3.ParseComplete{})
}

func newPrepared(st endpoint.Statement, stated []uint32) *prepared {
	d := st.Describe()
	p := &prepared{stmt: st, oids: make([]uint32, len(d.Params))}
	for i, t := range d.Params {
		p.oids[i], _ = oidOf(t)
		if d.ParamOIDs != nil && d.ParamOIDs[i] != 0 {
			if known, err := typeOfOID(d.ParamOIDs[i]); err == nil && known == t {
				p.oids[i] = d.ParamOIDs[i]
			}
		}
		if i < len(stated) {
			if given, err := typeOfOID(stated[i]); err == nil && given.Kind != catalog.KindInvalid {
				p.oids[i] = stated[i]
			}
		}
	}
	return p
}

func (c *conn) statement(name string) (*prepared, error) {
	if p, ok := c.statements[name]; ok {
		return p, nil
	}
	if name == "" {
		return nil, errs.User(errs.UndefinedStatement, "unnamed prepared statement does not exist")
	}
	return nil, errs.User(errs.UndefinedStatement, "prepared statement %q does not exist", name)
}

// bind makes a portal of a statement and parameter values.
func (c *conn) bind(m *pgproto3.Bind) error {
	ps, err := c.statement(m.PreparedStatement)
	if err != nil {
		return err
	}
	if _, exists := c.portals[m.DestinationPortal]; exists && m.DestinationPortal != "" {
		return errs.User(errs.DuplicateCursor, "cursor %q already exists", m.DestinationPortal)
	}
	if len(c.portals) >= c.srv.cfg.MaxPortals {
		return errs.New(errs.ClassExhausted, errs.ProgramLimitExceeded, "connection has %d open portals, no more are kept", len(c.portals)).
			WithHint("Close portals that are not used any more.")
	}
	params, err := c.parameterValues(m, ps)
	if err != nil {
		return err
	}
	d := ps.stmt.Describe()
	formats, err := spreadFormats("result", m.ResultFormatCodes, len(d.Columns), "columns")
	if err != nil {
		return err
	}
	c.closePortal(m.DestinationPortal)
	p := &portal{stmt: ps.stmt, desc: d, params: params, formats: formats, bytes: statementBytes + bytesOf(params)}
	if err := c.hold(p.bytes); err != nil {
		return err
	}
	c.portals[m.DestinationPortal] = p
	return c.send(&pgproto3.BindComplete{})
}

func (c *conn) parameterValues(m *pgproto3.Bind, ps *prepared) ([]catalog.Value, error) {
	types := ps.stmt.Describe().Params
	if len(m.Parameters) != len(ps.oids) {
		return nil, errs.User(errs.ProtocolViolation, "bind message supplies %d parameters, but prepared statement %q requires %d",
			len(m.Parameters), m.PreparedStatement, len(ps.oids))
	}
	formats, err := spreadFormats("parameter", m.ParameterFormatCodes, len(ps.oids), "parameters")
	if err != nil {
		return nil, err
	}
	dec := paramDecoder{types: c.types, zone: c.sess.Location()}
	values := make([]catalog.Value, len(m.Parameters))
	for i, src := range m.Parameters {
		if values[i], err = dec.decode(i+1, ps.oids[i], types[i], formats[i], src); err != nil {
			return nil, err
		}
	}
	return values, nil
}

// spreadFormats gives one code per item from none (all text), one (for all, also where there are none) or one each.
func spreadFormats(what string, codes []int16, n int, items string) ([]int16, error) {
	if len(codes) > 1 && len(codes) != n {
		return nil, errs.User(errs.ProtocolViolation, "bind message has %d %s formats but %d %s", len(codes), what, n, items)
	}
	out := make([]int16, n)
	for i := range out {
		switch len(codes) {
		case 0:
		case 1:
			out[i] = codes[0]
		default:
			out[i] = codes[i]
		}
		if out[i] != formatText && out[i] != formatBinary {
			return nil, errs.User(errs.ProtocolViolation, "unsupported format code: %d", out[i])
		}
	}
	return out, nil
}

// describe tells what a statement or a portal gives.
func (c *conn) describe(m *pgproto3.Describe) error {
	switch m.ObjectType {
	case 'S':
		ps, err := c.statement(m.Name)
		if err != nil {
			return err
		}
		if err := c.send(&pgproto3.ParameterDescription{ParameterOIDs: ps.oids}); err != nil {
			return err
		}
		d := ps.stmt.Describe()
		return c.describeColumns(d, make([]int16, len(d.Columns)))
	case 'P':
		p, ok := c.portals[m.Name]
		if !ok {
			return unknownPortal(m.Name)
		}
		return c.describeColumns(p.desc, p.formats)
	}
	return errs.User(errs.ProtocolViolation, "invalid DESCRIBE message subtype %d", m.ObjectType)
}

func (c *conn) describeColumns(d endpoint.Description, formats []int16) error {
	if d.Columns == nil {
		return c.send(&pgproto3.NoData{})
	}
	c.rowDescription(d, formats)
	return nil
}

func unknownPortal(name string) error {
	return errs.User(errs.UndefinedCursor, "portal %q does not exist", name)
}

// execute runs a portal, or goes on with it.
func (c *conn) execute(ctx context.Context, m *pgproto3.Execute) error {
	p, ok := c.portals[m.Portal]
	if !ok {
		return unknownPortal(m.Portal)
	}
	return c.run(ctx, p, int64(int32(m.MaxRows)))
}

// close drops a statement or a portal; an unknown name is no error.
func (c *conn) close(m *pgproto3.Close) error {
	switch m.ObjectType {
	case 'S':
		c.dropStatement(m.Name)
	case 'P':
		c.closePortal(m.Name)
	default:
		return errs.User(errs.ProtocolViolation, "invalid CLOSE message subtype %d", m.ObjectType)
	}
	return c.send(&pgproto3.CloseComplete{})
}

// deallocate does what DEALLOCATE says.
func (c *conn) deallocate(name string) error {
	if name == "" {
		c.dropStatements()
		return nil
	}
	if _, err := c.statement(name); err != nil {
		return err
	}
	c.dropStatement(name)
	return nil
}

// discard does what DISCARD ALL says about the connection.
func (c *conn) discard() {
	c.dropStatements()
	c.closePortals()
}
