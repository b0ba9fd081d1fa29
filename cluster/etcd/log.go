package etcd

import (
	"context"
	"log/slog"
	"sync/atomic"

	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
)

// logCore passes etcd's errors on to our logger, and nothing once it is muted: a server that stops complains a lot.
type logCore struct {
	logger *slog.Logger
	muted  *atomic.Bool
	fields []zapcore.Field
}

// tooEarly is what etcd says of a new database that elects its member before the first commit to disk, a tenth of a second
// after its start. It tries again, and nothing here reads the version it then notes.
const tooEarly = "failed to update storage version"

var _ zapcore.Core = (*logCore)(nil)

// newZap makes a logger for etcd. Where etcd would end the process it panics instead, which the caller of its start
// function turns into an error.
func newZap(logger *slog.Logger, muted *atomic.Bool) *zap.Logger {
	return zap.New(&logCore{logger: logger, muted: muted}, zap.WithFatalHook(zapcore.WriteThenPanic))
}

// Enabled implements zapcore.LevelEnabler.
func (c *logCore) Enabled(level zapcore.Level) bool {
	return level >= zapcore.ErrorLevel && !c.muted.Load()
}

// With implements zapcore.Core.
func (c *logCore) With(fields []zapcore.Field) zapcore.Core {
	clone := *c
	clone.fields = append(append([]zapcore.Field(nil), c.fields...), fields...)
	return &clone
}

// Check implements zapcore.Core.
func (c *logCore) Check(e zapcore.Entry, checked *zapcore.CheckedEntry) *zapcore.CheckedEntry {
	if c.Enabled(e.Level) && e.Message != tooEarly {
		return checked.AddCore(e, c)
	}
	return checked
}

// Write implements zapcore.Core.
func (c *logCore) Write(e zapcore.Entry, fields []zapcore.Field) error {
	if !c.Enabled(e.Level) {
		return nil
	}
	enc := zapcore.NewMapObjectEncoder()
	for _, f := range c.fields {
		f.AddTo(enc)
	}
	for _, f := range fields {
		f.AddTo(enc)
	}
	attrs := make([]slog.Attr, 0, len(enc.Fields))
	for key, value := range enc.Fields {
		attrs = append(attrs, slog.Any(key, value))
	}
	c.logger.LogAttrs(context.Background(), slog.LevelError, "etcd: "+e.Message, attrs...)
	return nil
}

// Sync implements zapcore.Core.
func (c *logCore) Sync() error { return nil }
