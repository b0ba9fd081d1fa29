package mem_test

import (
	"testing"

	"go.uber.org/goleak"

	"github.com/freshetdb/freshet/deepstore/deepstoretest"
	"github.com/freshetdb/freshet/deepstore/mem"
	"github.com/freshetdb/freshet/internal/clock"
	"github.com/freshetdb/freshet/internal/vfs"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestAcceptance(t *testing.T) {
	deepstoretest.Run(t, func(*testing.T) deepstoretest.Harness {
		fsys := vfs.NewMem()
		return deepstoretest.Harness{FS: fsys, Folder: "/", Bucket: mem.New(fsys, clock.Real{})}
	})
}
