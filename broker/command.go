package broker

import (
	"context"
	"sort"
	"strings"

	"github.com/freshetdb/freshet/broker/endpoint"
	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/internal/errs"
	"github.com/freshetdb/freshet/internal/vec"
	"github.com/freshetdb/freshet/query/result"
	"github.com/freshetdb/freshet/query/sql"
)

// statement makes the executable form of a parsed statement.
func (s *Session) statement(st sql.Statement, paramTypes []catalog.Type) endpoint.Statement {
	switch st := st.(type) {
	case *sql.Empty:
		return &command{s: s, anyState: true, desc: endpoint.Description{Kind: endpoint.KindEmpty}}
	case *sql.Select:
		return &query{s: s, ast: st, text: st.Text(), paramTypes: paramTypes}
	case *sql.Explain:
		if q, ok := st.Stmt.(*sql.Select); ok {
			return &query{s: s, ast: q, text: st.Text(), explain: st, paramTypes: paramTypes}
		}
		return s.failing(errs.User(errs.FeatureNotSupported, "EXPLAIN is for queries").At(st.Pos()))
	case *sql.Transaction:
		return s.transactionCommand(st)
	case *sql.Set:
		return s.tagged("SET", func() error { return s.runSet(st) })
	case *sql.Reset:
		return s.tagged("RESET", func() error { return s.reset(st.Name) })
	case *sql.Show:
		return s.show(st)
	case *sql.Discard:
		return s.discard(st)
	case *sql.Deallocate:
		return s.deallocate(st)
	case *sql.Listen:
		return s.tagged(st.Verb, nothing)
	case *sql.CloseCursor: // pools close what a client may have left open
		if !st.All {
			return s.failing(errs.User(errs.UndefinedCursor, "cursor %q does not exist", st.Name).At(st.Pos()))
		}
		return s.tagged("CLOSE CURSOR ALL", nothing)
	case *sql.Unsupported:
		return s.failing(st.Err())
	default:
		return s.failing(notYet(st))
	}
}

// notYet is the error of a statement that is understood but not run in this version.
func notYet(st sql.Statement) error {
	verb, hint := "this statement", ""
	const cursors = "SQL cursors are not kept: read the query in one go, or use the driver's fetch size, which needs no cursor."
	switch st := st.(type) {
	case *sql.Prepare:
		verb, hint = "PREPARE", "Use the driver's prepared statements."
	case *sql.Execute:
		verb, hint = "EXECUTE", "Use the driver's prepared statements."
	case *sql.DeclareCursor:
		verb, hint = "DECLARE CURSOR", cursors
	case *sql.Fetch:
		verb, hint = "FETCH", cursors
		if st.Move {
			verb = "MOVE"
		}
	}
	return errs.User(errs.FeatureNotSupported, "%s is not supported in this version", verb).WithHint("%s", hint).At(st.Pos())
}

// command is a statement that the session runs itself.
type command struct {
	s        *Session
	desc     endpoint.Description
	tag      string
	anyState bool // also runs in a failed transaction block
	bind     func() error
	run      func() error
	rows     func() (result.Rows, error) // nil: none
}

func nothing() error { return nil }

// tagged is a command that gives a tag only.
func (s *Session) tagged(tag string, run func() error) *command {
	return &command{s: s, desc: endpoint.Description{Kind: endpoint.KindCommand}, tag: tag, run: run}
}

// failing is a statement that cannot be bound.
func (s *Session) failing(err error) *command {
	return &command{s: s, desc: endpoint.Description{Kind: endpoint.KindCommand}, bind: func() error { return err }}
}

// Bind implements endpoint.Statement.
func (c *command) Bind(context.Context) error {
	if !c.anyState {
		if err := c.s.checkUsable(); err != nil {
			return err
		}
	}
	if c.bind == nil {
		return nil
	}
	return c.bind()
}

// Describe implements endpoint.Statement.
func (c *command) Describe() endpoint.Description { return c.desc }

// Execute implements endpoint.Statement.
func (c *command) Execute(ctx context.Context, _ []catalog.Value) (*endpoint.Execution, error) {
	if err := c.Bind(ctx); err != nil {
		return nil, err
	}
	if c.run != nil {
		if err := c.run(); err != nil {
			return nil, err
		}
	}
	x := &endpoint.Execution{Tag: c.tag}
	if c.rows != nil {
		rows, err := c.rows()
		if err != nil {
			return nil, err
		}
		x.Rows = rows
	}
	return x, nil
}

func (s *Session) transactionCommand(st *sql.Transaction) *command {
	c := s.tagged("", nil)
	// Those that can end a failed block; the others check for themselves.
	c.anyState = st.Kind == sql.Commit || st.Kind == sql.Rollback || st.Kind == sql.RollbackTo
	c.run = func() error {
		tag, err := s.transact(st)
		c.tag = tag
		return err
	}
	return c
}

// runSet runs SET in all its forms.
func (s *Session) runSet(st *sql.Set) error {
	value := strings.Join(st.Values, ", ")
	switch strings.ToUpper(st.Name) {
	case "TRANSACTION", "SESSION CHARACTERISTICS":
		return nil // isolation and read-only modes change nothing where SQL only reads
	case "TRANSACTION SNAPSHOT":
		return errs.User(errs.FeatureNotSupported, "transaction snapshots are not supported").At(st.Pos())
	case "SESSION_REPLICATION_ROLE":
		return errs.User("42501", "permission denied to set parameter %q", "session_replication_role").At(st.Pos())
	}
	if st.Default {
		return s.reset(st.Name)
	}
	err := s.set(st.Name, value, st.Local)
	if err != nil {
		return errs.As(err).At(st.Pos())
	}
	return nil
}

// show is SHOW name and SHOW ALL.
func (s *Session) show(st *sql.Show) *command {
	if strings.EqualFold(st.Name, "all") {
		return s.showAll()
	}
	name := st.Name
	if known, ok := s.b.settings[strings.ToLower(name)]; ok {
		name = known.name
	}
	c := &command{s: s, tag: "SHOW", desc: endpoint.Description{Kind: endpoint.KindRows,
		Columns: []result.Column{{Name: name, Type: catalog.String}}}}
	c.bind = func() error {
		if _, ok := s.settings.get(st.Name); !ok {
			return unknownSetting(st.Name)
		}
		return nil
	}
	c.rows = func() (result.Rows, error) {
		value, _ := s.settings.get(st.Name)
		if value == "" && strings.EqualFold(name, "session_authorization") {
			value = s.cfg.User
		}
		return textRows(c.desc.Columns, [][]string{{value}}), nil
	}
	return c
}

func (s *Session) showAll() *command {
	columns := []result.Column{{Name: "name", Type: catalog.String}, {Name: "setting", Type: catalog.String}, {Name: "description", Type: catalog.String}}
	c := &command{s: s, tag: "SHOW", desc: endpoint.Description{Kind: endpoint.KindRows, Columns: columns}}
	c.rows = func() (result.Rows, error) {
		var rows [][]string
		for key, known := range s.b.settings {
			value, _ := s.settings.get(key)
			rows = append(rows, []string{known.name, value, known.about})
		}
		sort.Slice(rows, func(i, j int) bool { return strings.ToLower(rows[i][0]) < strings.ToLower(rows[j][0]) })
		return textRows(columns, rows), nil
	}
	return c
}

func (s *Session) discard(st *sql.Discard) *command {
	c := s.tagged("DISCARD "+strings.ToUpper(st.Target), nothing)
	if strings.EqualFold(st.Target, "all") {
		c.desc.Kind = endpoint.KindDiscard
		c.run = func() error {
			if s.tx.status != endpoint.TxIdle {
				return errs.User(errs.TransactionActive, "DISCARD ALL cannot run inside a transaction block").At(st.Pos())
			}
			return s.reset("")
		}
	}
	return c
}

func (s *Session) deallocate(st *sql.Deallocate) *command {
	tag, name := "DEALLOCATE", st.Name
	if st.All {
		tag, name = "DEALLOCATE ALL", ""
	}
	return &command{s: s, tag: tag, run: nothing, desc: endpoint.Description{Kind: endpoint.KindDeallocate, Name: name}}
}

// textRows gives rows of texts as a result.
func textRows(columns []result.Column, rows [][]string) result.Rows {
	b := &vec.Batch{Rows: len(rows)}
	for c := range columns {
		v := &vec.Vector{}
		v.Reset(catalog.String, len(rows))
		for r, row := range rows {
			v.Str[r] = row[c]
		}
		b.Cols = append(b.Cols, v)
	}
	return &fixedRows{columns: columns, batch: b}
}

// fixedRows is a result of one batch.
type fixedRows struct {
	columns []result.Column
	batch   *vec.Batch
	stats   result.Stats
}

// Columns implements result.Rows.
func (r *fixedRows) Columns() []result.Column { return r.columns }

// Next implements result.Rows.
func (r *fixedRows) Next(context.Context) (*vec.Batch, error) {
	b := r.batch
	r.batch = nil
	if b != nil && b.Rows == 0 {
		return nil, nil
	}
	return b, nil
}

// Stats implements result.Rows.
func (r *fixedRows) Stats() *result.Stats { return &r.stats }

// Notices implements result.Rows.
func (r *fixedRows) Notices() []string { return nil }

// Close implements result.Rows.
func (r *fixedRows) Close() error { return nil }
