package sketch

// stageRows is how many values of a group wait: with fewer the registers are fetched more often, with more what waits takes
// their place in the cache. From 64 to 512 it makes little difference.
const stageRows = 256

// Stage keeps values back that are on their way to the sketches of many groups, and hands them on in runs of a group. The
// registers of hundreds of groups do not fit the nearest cache, and rows come in any order of groups: a run finds its
// registers there, and what waits is written one after the other. It is for sketches that depend on the set of values only.
// Not safe for concurrent use.
type Stage struct {
	waiting []uint32 // stageRows of each group
	counts  []uint32 // how many of them, always fewer
}

// Add takes the values of rows, each of its group, and hands on runs; they are valid during the call. There are n groups;
// groups may be longer than values.
func (s *Stage) Add(n int, groups, values []uint32, take func(group uint32, run []uint32)) {
	if more := n - len(s.counts); more > 0 {
		s.counts = append(s.counts, make([]uint32, more)...)
		s.waiting = append(s.waiting, make([]uint32, more*stageRows)...)
	}
	groups = groups[:len(values)]
	for len(values) > 0 {
		done := stageUntilFull(s.waiting, s.counts, groups, values)
		if done < 0 {
			return
		}
		g := groups[done]
		take(g, s.waiting[g*stageRows:][:stageRows])
		s.counts[g] = 0
		groups, values = groups[done+1:], values[done+1:]
	}
}

// stageUntilFull stops at the row that fills the room of its group, and gives it, or -1. It is a function of its own because
// with the rest of Add the loop keeps its variables on the stack, and takes twice as long.
//
//go:noinline
func stageUntilFull(waiting, counts, groups, values []uint32) int {
	values = values[:len(groups)]
	for i, g := range groups {
		n := counts[g]
		waiting[g*stageRows+n] = values[i]
		counts[g] = n + 1
		if n == stageRows-1 {
			return i
		}
	}
	return -1
}

// Flush hands on all that waits.
func (s *Stage) Flush(take func(group uint32, run []uint32)) {
	for g, n := range s.counts {
		if n > 0 {
			take(uint32(g), s.waiting[g*stageRows:][:n])
			s.counts[g] = 0
		}
	}
}

// Bytes is the memory held.
func (s *Stage) Bytes() int { return 4 * (cap(s.waiting) + cap(s.counts)) }
