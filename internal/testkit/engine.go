package testkit

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/freshetdb/freshet/broker"
	"github.com/freshetdb/freshet/broker/endpoint"
	"github.com/freshetdb/freshet/internal/clock"
	"github.com/freshetdb/freshet/internal/errs"
	"github.com/freshetdb/freshet/internal/vec"
	"github.com/freshetdb/freshet/query/function"
)

// Answer is what an engine gave for a statement.
type Answer struct {
	// HasRows tells a query from a command; Types, Names and Lines belong to it. A line is a row in canonical text.
	HasRows bool
	Types   string
	Names   string
	Lines   []string
	// Failure is set where the statement failed.
	Failure *errs.Error
}

// NowMillis is the time of statements over worlds: 2026-06-15 12:00:00.
const NowMillis = 1_781_524_800_000

// Engine runs statements of scripts over a world, through the broker. Not safe for concurrent use; Close it.
type Engine struct {
	broker *broker.Broker
	wire   *broker.Session
}

// NewEngine makes a broker over a world.
func NewEngine(w *World, functions *function.Registry) (*Engine, error) {
	b, err := broker.New(broker.Config{Leaves: w, Catalog: w, Functions: functions, Version: "test", ID: "test",
		Clock: clock.NewFake(time.UnixMilli(NowMillis)), Workers: w.layout.Workers})
	if err != nil {
		return nil, fmt.Errorf("testkit: %w", err)
	}
	return &Engine{broker: b}, nil
}

// Close ends the engine's session.
func (e *Engine) Close() error {
	if e.wire == nil {
		return nil
	}
	return e.wire.Close()
}

// Reset makes later statements begin with default settings.
func (e *Engine) Reset() error {
	err := e.Close()
	e.wire = nil
	return err
}

// Run runs a text. On the wire all statements since Reset share a session, over HTTP each has its own.
func (e *Engine) Run(ctx context.Context, dialect, text string) Answer {
	s, err := e.session(dialect)
	if err != nil {
		return Answer{Failure: errs.As(err)}
	}
	a := Answer{}
	if err := e.run(ctx, s, text, &a); err != nil {
		s.Fail()
		a = Answer{Failure: errs.As(err)}
	}
	s.TakeNotices()
	if dialect == "http" {
		if err := s.Close(); err != nil {
			return Answer{Failure: errs.As(err)}
		}
	}
	return a
}

func (e *Engine) session(dialect string) (*broker.Session, error) {
	if dialect == "http" {
		return e.broker.NewSession(broker.SessionConfig{Dialect: endpoint.DialectHTTP, User: "test"})
	}
	if e.wire == nil {
		s, err := e.broker.NewSession(broker.SessionConfig{Dialect: endpoint.DialectWire, User: "test", Database: "test"})
		if err != nil {
			return nil, err
		}
		e.wire = s
	}
	return e.wire, nil
}

// run runs every statement of a text; the answer is that of the last one with rows.
func (e *Engine) run(ctx context.Context, s *broker.Session, text string, a *Answer) error {
	statements, err := s.Prepare(ctx, text, nil)
	if err != nil {
		return err
	}
	for _, st := range statements {
		if err := st.Bind(ctx); err != nil {
			return err
		}
		x, err := st.Execute(ctx, nil)
		if err != nil {
			return err
		}
		if x.Rows == nil {
			continue
		}
		*a = Answer{HasRows: true}
		err = a.read(ctx, x, s.Location())
		if closeErr := x.Rows.Close(); err == nil {
			err = closeErr
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (a *Answer) read(ctx context.Context, x *endpoint.Execution, zone *time.Location) error {
	var names []string
	for _, c := range x.Rows.Columns() {
		names = append(names, escape(c.Name))
		a.Types += string(Letter(c.Type))
	}
	a.Names = strings.Join(names, "|")
	for {
		b, err := x.Rows.Next(ctx)
		if b == nil || err != nil {
			return err
		}
		a.Lines = append(a.Lines, lines(b, zone)...)
	}
}

func lines(b *vec.Batch, zone *time.Location) []string {
	out := make([]string, b.Rows)
	cells := make([]string, len(b.Cols))
	for i := range out {
		for c, v := range b.Cols {
			cells[c] = Render(v.At(i), zone)
		}
		out[i] = strings.Join(cells, "|")
	}
	return out
}

// Check compares an answer with what a record expects; it gives "" or what differs. Types are compared where exact is
// set: another engine may have other types for the same values.
func (r *Record) Check(a Answer, exact bool) string {
	switch {
	case r.Kind == StatementError && a.Failure == nil:
		return fmt.Sprintf("no error, want SQLSTATE %s; rows: %s", r.Code, strings.Join(a.Lines, " / "))
	case r.Kind == StatementError:
		return r.checkFailure(a.Failure)
	case a.Failure != nil:
		return fmt.Sprintf("error %s at %d: %s (%s)", a.Failure.Code, a.Failure.Pos, a.Failure.Error(), a.Failure.Hint)
	case r.Kind == StatementOK:
		return ""
	case !a.HasRows:
		return "a command, want rows"
	case exact && r.Types != a.Types:
		return fmt.Sprintf("types %s, want %s", a.Types, r.Types)
	}
	want := r.Want
	if r.Names {
		if len(want) == 0 || exact && want[0] != a.Names {
			return fmt.Sprintf("names %s, want %v", a.Names, want[:min(1, len(want))])
		}
		want = want[1:]
	}
	return Diff(r.Types, r.Order, want, a.Lines)
}

func (r *Record) checkFailure(e *errs.Error) string {
	switch {
	case e.Code != r.Code:
		return fmt.Sprintf("SQLSTATE %s (%s), want %s", e.Code, e.Error(), r.Code)
	case r.Pos != 0 && e.Pos != r.Pos:
		return fmt.Sprintf("position %d (%s), want %d", e.Pos, e.Error(), r.Pos)
	case !strings.Contains(e.Error(), r.Text):
		return fmt.Sprintf("message %q, want %q in it", e.Error(), r.Text)
	}
	return ""
}

// Expect makes an answer what the record expects from now on.
func (r *Record) Expect(a Answer) {
	switch {
	case a.Failure != nil:
		pos := r.Pos
		if pos != 0 {
			pos = a.Failure.Pos
		}
		if r.Kind != StatementError || r.Code != a.Failure.Code || !strings.Contains(a.Failure.Error(), r.Text) {
			r.Text = ""
		}
		r.Kind, r.Code, r.Pos, r.Want, r.Types = StatementError, a.Failure.Code, pos, nil, ""
	case !a.HasRows:
		r.Kind, r.Code, r.Text, r.Pos, r.Want, r.Types = StatementOK, "", "", 0, nil, ""
	default:
		r.Kind, r.Code, r.Text, r.Pos, r.Types = Query, "", "", 0, a.Types
		r.Want = a.Lines
		if r.Order == RowSort {
			r.Want = sortedLines(r.Types, a.Lines)
		}
		if r.Names {
			r.Want = append([]string{a.Names}, r.Want...)
		}
	}
}
