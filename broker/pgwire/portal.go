package pgwire

import (
	"context"
	"strconv"

	"github.com/jackc/pgx/v5/pgproto3"

	"github.com/freshetdb/freshet/broker/endpoint"
	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/internal/errs"
	"github.com/freshetdb/freshet/internal/vec"
	"github.com/freshetdb/freshet/query/result"
)

// portal is a statement with its parameters, before, during and after it runs.
type portal struct {
	stmt    endpoint.Statement
	desc    endpoint.Description
	params  []catalog.Value
	formats []int16
	bytes   int // held
	// describe sends the columns once the statement has started (simple protocol): one that cannot start has none.
	describe bool

	exec      *endpoint.Execution // nil until the first Execute
	encoder   *rowEncoder
	rows      result.Rows // nil when there are none (any more)
	batch     *vec.Batch  // the current one; nil: ask for the next
	next      int         // row of batch
	suspended bool
	finished  bool
	failed    bool
}

func (c *conn) closePortal(name string) {
	if p, ok := c.portals[name]; ok {
		c.closeRows(p)
		c.held -= p.bytes
		delete(c.portals, name)
	}
}

func (c *conn) closePortals() {
	for name := range c.portals {
		c.closePortal(name)
	}
}

// closeRows ends a portal's query. A portal that was closed has no more rows.
func (c *conn) closeRows(p *portal) {
	if p.rows == nil {
		return
	}
	if err := p.rows.Close(); err != nil {
		c.log.Warn("query did not close cleanly", "error", err)
	}
	p.rows, p.batch, p.finished = nil, nil, true
}

// failPortal ends a portal whose query failed; it gives err back.
func (c *conn) failPortal(p *portal, err error) error {
	c.closeRows(p)
	p.finished, p.failed = true, true
	return err
}

// run executes a portal: at most limit rows, all of them for 0 or less.
func (c *conn) run(ctx context.Context, p *portal, limit int64) error {
	switch {
	case p.desc.Kind == endpoint.KindEmpty:
		return c.send(&pgproto3.EmptyQueryResponse{})
	case p.failed && c.sess.Transaction() == endpoint.TxFailed:
		return errs.User(errs.InFailedTransaction, "current transaction is aborted, commands ignored until end of transaction block")
	case p.failed, p.finished && p.desc.Columns == nil:
		return errs.User("55000", "portal cannot be run").WithHint("It failed, or was a command that was executed already.")
	case p.finished:
		return c.complete(p.exec, 0)
	case p.suspended:
		p.suspended = false
		if s, ok := p.rows.(endpoint.Suspender); ok {
			if err := s.Resume(ctx); err != nil {
				return c.failPortal(p, err)
			}
		}
		return c.stream(ctx, p, limit)
	}
	before := c.sess.Transaction()
	exec, err := p.stmt.Execute(ctx, p.params)
	if err != nil {
		return c.failPortal(p, err)
	}
	p.exec = exec
	if before != endpoint.TxIdle && c.sess.Transaction() == endpoint.TxIdle {
		c.closePortals() // the transaction that they lived in ended
	}
	if p.describe && p.desc.Columns != nil {
		c.rowDescription(p.desc, p.formats)
	}
	if exec.Rows != nil {
		p.rows = exec.Rows
		p.encoder = newRowEncoder(p.desc.Columns, p.formats, c.sess.Location(), c.types)
		return c.stream(ctx, p, limit)
	}
	p.finished = true
	switch p.desc.Kind {
	case endpoint.KindDeallocate:
		if err := c.deallocate(p.desc.Name); err != nil {
			return err
		}
	case endpoint.KindDiscard:
		c.discard()
	}
	return c.complete(exec, 0)
}

// stream sends rows up to limit, then that the portal is suspended or complete.
func (c *conn) stream(ctx context.Context, p *portal, limit int64) error {
	sent := int64(0)
	defer func() { c.srv.metrics.rows.Add(float64(sent)) }()
	for {
		if limit > 0 && sent == limit {
			if s, ok := p.rows.(endpoint.Suspender); ok {
				s.Suspend()
			}
			p.suspended = true
			return c.send(&pgproto3.PortalSuspended{})
		}
		if p.batch == nil || p.next == p.batch.Rows {
			batch, err := p.rows.Next(ctx)
			if err != nil {
				return c.failPortal(p, err)
			}
			if batch == nil {
				return c.finish(p, sent)
			}
			p.batch, p.next = batch, 0
		}
		n := int64(p.batch.Rows - p.next)
		if limit > 0 {
			n = min(n, limit-sent)
		}
		if err := c.sendRows(p, int(n)); err != nil {
			return c.failPortal(p, err)
		}
		sent += n
	}
}

// sendRows sends the next n rows of the current batch.
func (c *conn) sendRows(p *portal, n int) error {
	var err error
	for range n {
		if c.out, err = p.encoder.appendRow(c.out, p.batch, p.next); err != nil {
			return err
		}
		p.next++
		if len(c.out) >= flushBytes {
			if err := c.flush(); err != nil {
				return err
			}
		}
	}
	return nil
}

// finish ends a query whose last row was sent.
func (c *conn) finish(p *portal, sent int64) error {
	notices, missing := p.rows.Notices(), p.rows.Stats().Missing
	c.closeRows(p)
	for _, text := range notices {
		if err := c.send(noticeResponse(&errs.Error{Msg: text})); err != nil {
			return err
		}
	}
	for _, text := range missing {
		if err := c.send(noticeResponse(&errs.Error{Code: warning, Msg: text})); err != nil {
			return err
		}
	}
	return c.complete(p.exec, sent)
}

// complete sends the command tag, after the notices of the command.
func (c *conn) complete(exec *endpoint.Execution, rows int64) error {
	if err := c.notices(); err != nil {
		return err
	}
	tag := exec.Tag
	if exec.CountRows {
		tag += " " + strconv.FormatInt(rows, 10)
	}
	return c.send(&pgproto3.CommandComplete{CommandTag: []byte(tag)})
}
