package agg

import (
	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/internal/sketch"
	"github.com/freshetdb/freshet/internal/vec"
	"github.com/freshetdb/freshet/query/kernel"
)

// stagedGroups is up to how many groups values wait in a stage, which is 1 KiB a group.
const stagedGroups = 1024

// hashPart is how many integers are hashed at once, so that hashes stay in the nearest cache.
const hashPart = 512

// addRanks adds n rows of v to HyperLogLog sketches, which are a.state: the usual case, without a call per row.
func (a *sketched[S]) addRanks(registers []*sketch.Registers, groups []uint32, v *vec.Vector, n int) {
	a.ranks = resize(a.ranks[:0], n)
	if v.Form == vec.FormFlat && v.Type.Kind.Physical() == catalog.PhysInt64 {
		a.hashes = resize(a.hashes[:0], hashPart)
		for from := 0; from < n; from += hashPart {
			to := min(from+hashPart, n)
			hashes := a.hashes[:to-from]
			kernel.MixAll(v.I64[from:to], hashSalt, hashes)
			kernel.Ranks(hashes, a.spec.log2, sketch.RankBits, a.ranks[from:to])
		}
	} else {
		a.hashRows(v, n, a.spec.hash)
		kernel.Ranks(a.hashes, a.spec.log2, sketch.RankBits, a.ranks)
	}
	switch {
	case groups == nil:
		a.of(0)
		registers[0].AddRanks(a.ranks)
	case len(registers) <= stagedGroups:
		a.stage.Add(len(registers), groups, a.ranks, a.addRun(registers))
	default:
		for _, g := range groups[:len(a.ranks)] {
			if registers[g] == nil {
				a.of(int(g))
			}
		}
		sketch.AddRanksEach(registers, groups, a.ranks)
	}
}

// addRun gives what takes a stage's values.
func (a *sketched[S]) addRun(registers []*sketch.Registers) func(group uint32, run []uint32) {
	return func(group uint32, run []uint32) {
		a.of(int(group))
		registers[group].AddRanks(run)
	}
}

// flush adds what waits in the stage. Without it neither results nor the other side of a Merge are whole.
func (a *sketched[S]) flush() {
	if registers, ok := any(a.state).([]*sketch.Registers); ok {
		a.stage.Flush(a.addRun(registers))
	}
}
