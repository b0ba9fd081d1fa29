package server

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/url"
	"path/filepath"
	"strconv"

	"github.com/freshetdb/freshet/cluster"
	"github.com/freshetdb/freshet/cluster/tables"
	"github.com/freshetdb/freshet/deepstore"
	"github.com/freshetdb/freshet/ingest"
	"github.com/freshetdb/freshet/internal/errs"
	"github.com/freshetdb/freshet/internal/memory"
	"github.com/freshetdb/freshet/internal/vfs"
	"github.com/freshetdb/freshet/segment"
	"github.com/freshetdb/freshet/segment/build"
	"github.com/freshetdb/freshet/segment/immutable"
	"github.com/freshetdb/freshet/segment/mutable"
	"github.com/freshetdb/freshet/segment/partition"
)

// segments makes, builds, stores and opens one partition's segments under one version of its table.
type segments struct {
	s         *Server
	entry     tables.Entry
	partition int32
	keySuffix string // of objects that replace a damaged one
}

var _ ingest.Segments = (*segments)(nil)

// NewConsuming implements ingest.Segments.
func (g *segments) NewConsuming(h ingest.Head) (ingest.Consuming, error) {
	return mutable.New(mutable.Config{Name: h.Name, Schema: g.entry.Schema, Table: g.entry.Table, Allocator: g.s.cfg.Allocator})
}

// objectPrefix is where all objects of a table incarnation are.
func objectPrefix(table, incarnation string) string {
	return url.PathEscape(table) + "/" + url.PathEscape(incarnation) + "/"
}

// objectKey names a segment's object by everything that tells its content apart, so that no object is ever overwritten.
func (g *segments) objectKey(i segment.Info) string {
	return objectPrefix(i.Table, i.Incarnation) + strconv.Itoa(int(i.Partition)) + "/" +
		fmt.Sprintf("%d-%d-%08x%s.seg", i.Sequence, i.EndOffset, i.CRC, g.keySuffix)
}

func (g *segments) path(s ingest.Sealed) string {
	return filepath.Join(g.s.buildDir(), fmt.Sprintf("%s-%d-%d%s.seg", url.PathEscape(g.entry.Table.Incarnation), g.partition, s.Sequence, g.keySuffix))
}

// Build implements ingest.Segments.
func (g *segments) Build(ctx context.Context, s ingest.Sealed, rows segment.View) (ingest.Sealed, error) {
	t := g.entry.Table
	spec := build.Spec{Name: s.Name, Table: t.Name, Incarnation: t.Incarnation, Partition: g.partition, Sequence: s.Sequence,
		StartOffset: s.StartOffset, EndOffset: s.EndOffset, SchemaVersion: g.entry.Schema.Version, ConfigVersion: t.Version,
		Schema: g.entry.Schema, TableConfig: t, CreatedMillis: s.CreatedMillis, Allocator: g.s.cfg.Allocator}
	path := g.path(s)
	info, err := build.Write(ctx, g.s.cfg.FS, path, spec, rows)
	if err != nil {
		return s, err
	}
	if info.Rows != s.Rows {
		return s, errs.Bug("segment %s was built with %d rows of %d", s.Name, info.Rows, s.Rows)
	}
	s.Path, s.Key, s.Bytes, s.CRC = path, g.objectKey(info), info.Bytes, info.CRC
	s.MinMillis, s.MaxMillis, s.HasTime = info.MinMillis, info.MaxMillis, info.HasTime
	s.SchemaVersion, s.ConfigVersion = info.SchemaVersion, info.ConfigVersion
	return s, nil
}

// Upload implements ingest.Segments.
func (g *segments) Upload(ctx context.Context, s ingest.Sealed) error {
	if err := g.s.cfg.Bucket.PutFile(ctx, s.Key, s.Path); err != nil {
		return err
	}
	// The bucket may have moved the file; where it copied it, the local one has done its work.
	if err := g.s.cfg.FS.Remove(s.Path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		g.s.log.Warn("cannot remove a built file that is stored already", "path", s.Path, "error", err)
	}
	return nil
}

// Open implements ingest.Segments.
func (g *segments) Open(ctx context.Context, s ingest.Sealed) (partition.Member, error) {
	return g.s.openObject(ctx, s.Key, s.Bytes, s.CRC, s.Rows)
}

// localPath gives where an object is, or will be, on this machine.
func (s *Server) localPath(key string) (path string, shared bool) {
	if path, ok := s.cfg.Bucket.LocalPath(key); ok {
		return path, true
	}
	return filepath.Join(s.cacheDir(), filepath.FromSlash(key)), false
}

// openObject opens a stored segment, from the deep-store folder itself where it is local, else from a downloaded copy, and
// checks that it is the one that was committed. A file that is not is ClassCorrupt.
func (s *Server) openObject(ctx context.Context, key string, size int64, crc uint32, rows int) (*immutable.Segment, error) {
	path, shared := s.localPath(key)
	if !shared {
		if err := s.download(ctx, key, path, size); err != nil {
			return nil, fmt.Errorf("cannot download %s: %w", key, err)
		}
	}
	info, err := s.cfg.FS.Stat(path)
	if err != nil {
		return nil, err
	}
	if info.Size() != size {
		return nil, errs.New(errs.ClassCorrupt, errs.DataCorrupted, "segment file %s has %d bytes, %d were committed", key, info.Size(), size)
	}
	seg, err := immutable.Open(s.cfg.FS, path)
	if err != nil {
		return nil, err
	}
	if i := seg.Info(); i.CRC != crc || i.Rows != rows {
		seg.Release()
		return nil, errs.New(errs.ClassCorrupt, errs.DataCorrupted, "segment file %s has checksum %08x and %d rows, %08x and %d were committed",
			key, i.CRC, i.Rows, crc, rows)
	}
	seg.Count(s.cfg.Memory.Account(memory.Sealed).Add)
	return seg, nil
}

// download copies an object to path unless a file of its size is there.
func (s *Server) download(ctx context.Context, key, path string, size int64) error {
	if info, err := s.cfg.FS.Stat(path); err == nil && info.Size() == size {
		return nil
	}
	if err := s.cfg.FS.MkdirAll(filepath.Dir(path)); err != nil {
		return err
	}
	r, err := s.cfg.Bucket.Open(ctx, key)
	if err != nil {
		return err
	}
	err = vfs.WriteAtomic(s.cfg.FS, path, func(w io.Writer) error {
		n, err := io.Copy(w, io.LimitReader(r, size+1))
		if err == nil && n != size {
			err = errs.New(errs.ClassCorrupt, errs.DataCorrupted, "object %s has %d bytes or more, %d were committed", key, n, size)
		}
		return err
	})
	return errors.Join(err, r.Close())
}

// isDamage tells a damaged or missing file from a store that cannot be reached now.
func isDamage(err error) bool {
	return errs.ClassOf(err) == errs.ClassCorrupt || errors.Is(err, fs.ErrNotExist) || errors.Is(err, deepstore.ErrNotFound)
}

// quarantine renames a damaged file, so that nothing opens it again and somebody can look at it.
func (s *Server) quarantine(r cluster.SegmentRecord) {
	path, _ := s.localPath(r.Key)
	err := s.cfg.FS.Rename(path, path+damagedSuffix)
	if err == nil {
		err = s.cfg.FS.SyncDir(filepath.Dir(path))
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		s.log.Error("cannot set a damaged segment file aside", "segment", r.Name, "path", path, "error", err)
	}
}

// damagedSuffix marks files that were set aside.
const damagedSuffix = ".damaged"
