package ingest

import (
	"context"
	"fmt"

	"github.com/freshetdb/freshet/internal/errs"
)

// commandKind says what an operator or the server asks of the loop.
type commandKind uint8

const (
	commandFreeze commandKind = iota + 1
	commandReconfigure
	commandReset
	commandRetry
)

// command is handled by the loop between two batches; done is closed or receives the outcome.
type command struct {
	kind commandKind
	rt   Runtime
	to   Position
	done chan outcome
}

// outcome answers a command; name is the segment that a freeze ended, "" if it had no rows.
type outcome struct {
	name string
	err  error
}

// do hands a command to the loop and waits for its outcome or the end of ctx.
func (c *Consumer) do(ctx context.Context, cmd command) (string, error) {
	cmd.done = make(chan outcome, 1)
	c.mu.Lock()
	if c.mu.status.State == StateStopped {
		c.mu.Unlock()
		return "", c.notHere()
	}
	c.mu.commands = append(c.mu.commands, cmd)
	c.mu.Unlock()
	c.wake()
	select {
	case o := <-cmd.done:
		return o.name, o.err
	case <-ctx.Done():
		return "", fmt.Errorf("waiting for partition %d of table %s: %w", c.cfg.Partition, c.cfg.Table, context.Cause(ctx))
	}
}

// ForceCommit freezes the consuming segment now, if it has rows, and begins the next one; it returns before the frozen
// one is committed. It gives the name of the segment that will be committed, "" if there was nothing to freeze.
func (c *Consumer) ForceCommit(ctx context.Context) (string, error) {
	return c.do(ctx, command{kind: commandFreeze})
}

func (c *Consumer) notHere() error {
	return errs.New(errs.ClassUnavailable, errs.CannotConnectNow, "partition %d of table %s is not consumed here", c.cfg.Partition, c.cfg.Table)
}

// Reconfigure freezes the consuming segment and goes on under another schema or config version.
func (c *Consumer) Reconfigure(ctx context.Context, rt Runtime) error {
	_, err := c.do(ctx, command{kind: commandReconfigure, rt: rt})
	return err
}

// Pause stops consuming until Resume; sealing goes on.
func (c *Consumer) Pause(reason string) {
	if reason == "" {
		reason = "paused by an operator"
	}
	c.mu.Lock()
	c.mu.paused = reason
	c.mu.Unlock()
	c.wake()
}

// Resume ends a pause. A partition in ERROR tries its position again.
func (c *Consumer) Resume() {
	c.mu.Lock()
	c.mu.paused = ""
	c.mu.commands = append(c.mu.commands, command{kind: commandRetry, done: make(chan outcome, 1)})
	c.mu.Unlock()
	c.wake()
}

// Reset goes on at another position: what an operator chooses for a partition in ERROR. Rows consumed so far are
// committed first; what was left out is recorded as a gap. It returns when the new position is committed.
func (c *Consumer) Reset(ctx context.Context, to Position) error {
	_, err := c.do(ctx, command{kind: commandReset, to: to})
	return err
}

// takeCommands gives the commands that wait, in order.
func (c *Consumer) takeCommands() []command {
	c.mu.Lock()
	defer c.mu.Unlock()
	cmds := c.mu.commands
	c.mu.commands = nil
	c.mu.woken = false
	return cmds
}

// failCommands answers the commands that came too late.
func (c *Consumer) failCommands() {
	c.mu.Lock()
	c.mu.status.State = StateStopped
	c.mu.Unlock()
	for _, cmd := range c.takeCommands() {
		cmd.done <- outcome{err: c.notHere()}
	}
}

// runCommands handles what waits. An error ends the loop.
func (c *Consumer) runCommands(ctx context.Context) error {
	for _, cmd := range c.takeCommands() {
		var err error
		name := ""
		switch cmd.kind {
		case commandFreeze:
			if c.loop.consuming.Rows() > 0 {
				name = c.loop.head.Name
			}
			err = c.freeze(ctx)
		case commandReconfigure:
			if err = c.freeze(ctx); err == nil {
				err = c.adopt(cmd.rt)
			}
		case commandReset:
			err = c.reset(ctx, cmd.to)
		case commandRetry:
			c.loop.failed = nil
		}
		cmd.done <- outcome{name: name, err: err}
		if err != nil {
			c.noteError(err)
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
	}
	return nil
}

// adopt begins to work under another version. The consuming segment is empty and made anew with the new schema.
func (c *Consumer) adopt(rt Runtime) error {
	old := c.loop.rt
	c.loop.rt = rt
	if err := c.swapConsuming(c.loop.head); err != nil {
		c.loop.rt = old
		return err
	}
	return nil
}

// reset is described at Reset. The sealer writes the new start after everything that is frozen before it.
func (c *Consumer) reset(ctx context.Context, to Position) error {
	topic, err := c.cfg.Stream.Describe(ctx)
	if err != nil {
		return fmt.Errorf("cannot reset: %w", err)
	}
	offset, err := c.cfg.Stream.ResolveOffset(ctx, c.cfg.Partition, to)
	if err != nil {
		return fmt.Errorf("cannot reset: %w", err)
	}
	if err := c.freeze(ctx); err != nil {
		return err
	}
	l := &c.loop
	reason := "reset by an operator"
	if l.failure != nil {
		reason = excerpt([]byte(l.failure.Error()), maxReasonBytes)
	}
	gap := Gap{Sequence: l.head.Sequence, From: l.next, To: offset, Reason: reason, Millis: c.cfg.Clock.Now().UnixMilli()}
	head := l.head
	head.StartOffset, head.TopicID, head.LeaderEpoch = offset, topic.ID, -1
	done := make(chan error, 1)
	c.enqueue(task{kind: taskReset, head: head, gap: gap, done: done})
	select {
	case err = <-done:
	case <-ctx.Done():
		return ctx.Err()
	}
	if err != nil {
		return err
	}
	c.closeFetcher()
	l.head, l.next, l.epoch, l.claimEnd, l.failed = head, offset, -1, -1, nil
	l.failure = nil
	c.mu.Lock()
	c.mu.position = offset
	c.mu.status.Counters.GapsCrossed++
	c.mu.Unlock()
	c.publish(0)
	c.log().Warn("partition goes on after a gap", "from", gap.From, "to", gap.To, "reason", gap.Reason)
	return nil
}
