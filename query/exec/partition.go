package exec

import (
	"context"
	"math"
	"math/bits"
	"sync"

	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/internal/vec"
	"github.com/freshetdb/freshet/query/expr"
)

// A grouping with very many groups misses the cache at every row if it has one table. Such a grouping is partitioned
// by its key - by ranges where the keys are integers that lie close together, else by hash: rows are first copied into one buffer per partition, and a full buffer is aggregated into the
// partition's own table, which fits the cache. Each worker has buffers of its own; the tables are all workers', one at a time, so that nothing has to be merged.

const (
	partitionBits = 6
	partitions    = 1 << partitionBits
	// partitionRows and partitionSpan are how many rows and how wide a range of keys make partitioning pay.
	partitionRows = 1 << 20
	partitionSpan = 1 << 18
	// bufferRows is how many rows a partition's buffer holds. A flush brings the partition's table into the cache, which
	// has to pay: with as many rows as the table has groups it does. Positions in a buffer are 16 bits wide.
	bufferRows = 8 * vec.BlockRows
)

// partitionStates are the partitions' groups. mu guards the state of each; under it nothing waits.
type partitionStates struct {
	mu     [partitions]sync.Mutex
	states []*groupState
}

// partitioned is the state of one worker.
type partitioned struct {
	plan   *aggPlan
	shared *partitionStates // of all workers
	key    partColumn
	ranges keyRanges
	cols   []partColumn // of plan.exprs
	fill   [partitions]int
	part   []uint8    // partition of each row of the block
	pos    []uint16   // its place in the buffer
	words  groupTable // for its conversion of keys only
	// nullable is a copy of the keys of a block with NULLs.
	nullable []int64
	args     []vec.Vector
	limit    int // rows at which a buffer is flushed, bufferRows but in tests
	cur      int // partition being flushed, and which of its rows
	from     int
	rows     int
	value    func(i int, form argForm) (*vec.Vector, error)
	mem      account
}

// keyRanges says which keys are in which partition: with span > 0, partition i has those from least + i<<shift on, the last one
// also those beyond all; else hashes say.
type keyRanges struct {
	least int64
	span  uint64
	shift uint
}

// partColumn is the buffers of one column, one of the slices per partition. Only that of its physical type is used.
type partColumn struct {
	typ   catalog.Type
	i32   [][]int32
	i64   [][]int64
	f32   [][]float32
	f64   [][]float64
	bits  []vec.Bitmap
	nulls []vec.Bitmap
	some  [partitions]bool // nulls has a bit
}

// worthPartitioning reports whether the grouping has a single number as key whose values are many, and arguments of
// fixed width.
func worthPartitioning(r *leafRun, plan *aggPlan) bool {
	rows := int64(partitionRows)
	if r.env.tune.partitionRows > 0 {
		rows = r.env.tune.partitionRows
	}
	if r.rows < rows || len(plan.keys) != 1 || plan.multi || plan.placed || r.env.NumGroupsLimit > 0 || r.leaf.Limit >= 0 {
		return false
	}
	key, ok := plan.keys[0].(*expr.Column)
	if !ok || !fixedWidth(key.T) || key.T.Kind == catalog.KindBoolean || r.cols[key.Index].origin != originStored {
		return false
	}
	for _, e := range plan.exprs {
		if t := e.Type(); t.MultiValue || !fixedWidth(t) {
			return false
		}
	}
	wide := int64(0)
	for _, s := range r.segs {
		sc := &s.cols[key.Index]
		if sc.col != nil && sc.dict == nil && (!sc.stats.HasRange || wideRange(sc.stats.Min, sc.stats.Max) || r.env.tune.partitionRows > 0) {
			wide += int64(s.rows)
		}
	}
	return wide > r.rows/2
}

func wideRange(lo, hi catalog.Value) bool {
	return floating(lo.Type) || uint64(hi.I64)-uint64(lo.I64) >= partitionSpan
}

// maxDirectSpan is the widest range of keys for which partitions have an array instead of a hash table, 4 bytes a key.
const maxDirectSpan = 16 << 20

// keyRange gives the range of the integers that are the grouping's key; span 0 where it is unknown, or wide for the number of rows.
func keyRange(r *leafRun, key *expr.Column) (least int64, span uint64) {
	if !integralKind(key.T) || len(r.segs) == 0 {
		return 0, 0
	}
	lo, hi := int64(math.MaxInt64), int64(math.MinInt64)
	for _, s := range r.segs {
		sc := &s.cols[key.Index]
		if sc.col == nil || !sc.stats.HasRange {
			return 0, 0
		}
		lo, hi = min(lo, sc.stats.Min.I64), max(hi, sc.stats.Max.I64)
	}
	span = uint64(hi) - uint64(lo) + 1
	if span > maxDirectSpan || span > 4*uint64(r.rows) {
		return 0, 0
	}
	return lo, span
}

// newPartitioned makes the state of a worker that shares its groups with another, nil for the first one.
func newPartitioned(r *leafRun, plan *aggPlan, other *partitioned) *partitioned {
	env := r.env
	p := &partitioned{plan: plan, part: make([]uint8, vec.BlockRows), pos: make([]uint16, vec.BlockRows),
		args: make([]vec.Vector, len(plan.exprs)), mem: account{env: env, operator: "aggregation"}}
	p.key = newPartColumn(catalog.Long)
	for _, e := range plan.exprs {
		p.cols = append(p.cols, newPartColumn(e.Type()))
	}
	if key, ok := plan.keys[0].(*expr.Column); ok {
		p.ranges.least, p.ranges.span = keyRange(r, key)
	}
	if k := &p.ranges; k.span > 0 {
		k.shift = uint(max(0, bits.Len64(k.span-1)-partitionBits))
	}
	if other != nil {
		p.shared = other.shared
	} else {
		p.shared = newPartitionStates(env, plan, p.ranges)
	}
	p.value = p.argument
	p.limit = bufferRows
	if env.tune.partitionRows > 0 {
		p.limit = vec.BlockRows // so that small tests flush too
	}
	return p
}

func newPartitionStates(env *Env, plan *aggPlan, k keyRanges) *partitionStates {
	p := &partitionStates{}
	for i := range partitions {
		s := newGroupState(env, plan)
		if k.span > 0 {
			s.table.expect(k.least+int64(i)<<k.shift, 1<<k.shift)
			s.reserve(int(min(1<<k.shift, k.span)))
		}
		p.states = append(p.states, s)
	}
	return p
}

func newPartColumn(t catalog.Type) partColumn {
	c := partColumn{typ: t, nulls: buffers[vec.Bitmap](vec.Words(bufferRows))}
	switch t.Kind.Physical() {
	case catalog.PhysInt32:
		c.i32 = buffers[[]int32](bufferRows)
	case catalog.PhysInt64:
		c.i64 = buffers[[]int64](bufferRows)
	case catalog.PhysFloat32:
		c.f32 = buffers[[]float32](bufferRows)
	case catalog.PhysFloat64:
		c.f64 = buffers[[]float64](bufferRows)
	case catalog.PhysBits:
		c.bits = buffers[vec.Bitmap](vec.Words(bufferRows))
	}
	return c
}

func buffers[S ~[]E, E any](n int) []S {
	out := make([]S, partitions)
	for i := range out {
		out[i] = make(S, n)
	}
	return out
}

// bytes is the memory of the buffers.
func (p *partitioned) bytes() int64 { return int64(len(p.cols)+1) * partitions * bufferRows * 9 }

// add takes n rows: their keys and arguments.
func (p *partitioned) add(key *vec.Vector, n int, value func(i int, form argForm) (*vec.Vector, error)) error {
	if key.Form == vec.FormConst {
		flat := &vec.Vector{}
		key.Gather(nil, flat)
		key = flat
	}
	words := p.keyWords(key, n)
	var counts [partitions]int
	part := p.part[:n]
	if r := p.ranges; r.span > 0 {
		for i, k := range words {
			h := uint8(min(uint64(k-r.least), r.span-1) >> r.shift)
			part[i] = h
			counts[h&(partitions-1)]++
		}
	} else {
		for i, k := range words {
			h := uint8(wordHash(k) >> (64 - partitionBits))
			part[i] = h
			counts[h&(partitions-1)]++
		}
	}
	for i, c := range counts {
		if p.fill[i]+c > p.limit {
			if err := p.flush(i); err != nil {
				return err
			}
		}
	}
	fill := p.fill
	pos := p.pos[:n]
	for i, h := range part {
		at := &fill[h&(partitions-1)]
		pos[i] = uint16(*at)
		*at++
	}
	scatter(p.key.i64, words, part, pos)
	p.key.scatterNulls(key, part, pos)
	for i := range p.cols {
		v, err := value(i, argFlat)
		if err != nil {
			return err
		}
		if v.Form != vec.FormFlat {
			flat := &vec.Vector{}
			v.Gather(nil, flat)
			v = flat
		}
		p.cols[i].scatter(v, n, part, pos)
	}
	p.fill = fill
	return nil
}

// keyWords gives the key words of n rows; every NULL has the same, so that they meet in one partition.
func (p *partitioned) keyWords(key *vec.Vector, n int) []int64 {
	words := p.words.asWords(key, n)
	if !key.HasNulls() {
		return words
	}
	p.nullable = append(p.nullable[:0], words...)
	for i := range n {
		if key.Nulls.Get(i) {
			p.nullable[i] = 0
		}
	}
	return p.nullable
}

// scatter copies values to their places.
func scatter[T any](dst [][]T, src []T, part []uint8, pos []uint16) {
	pos = pos[:len(src)]
	for i, h := range part[:len(src)] {
		dst[h&(partitions-1)][pos[i]] = src[i]
	}
}

func (c *partColumn) scatter(v *vec.Vector, n int, part []uint8, pos []uint16) {
	switch {
	case c.i32 != nil:
		scatter(c.i32, v.I32[:n], part, pos)
	case c.i64 != nil:
		scatter(c.i64, v.I64[:n], part, pos)
	case c.f32 != nil:
		scatter(c.f32, v.F32[:n], part, pos)
	case c.f64 != nil:
		scatter(c.f64, v.F64[:n], part, pos)
	default:
		for i := range n {
			if v.Bits.Get(i) {
				c.bits[part[i]].Set(int(pos[i]))
			} else {
				c.bits[part[i]].Clear(int(pos[i]))
			}
		}
	}
	c.scatterNulls(v, part, pos)
}

func (c *partColumn) scatterNulls(v *vec.Vector, part []uint8, pos []uint16) {
	if !v.HasNulls() {
		return
	}
	for i := range v.Len {
		if v.Nulls.Get(i) {
			c.nulls[part[i]].Set(int(pos[i]))
			c.some[part[i]] = true
		}
	}
}

// take points out at n buffered values of partition i, from the from-th on (a multiple of 64).
func (c *partColumn) take(i, from, n int, out *vec.Vector) {
	out.Alias(c.typ, vec.FormFlat, n)
	switch {
	case c.i32 != nil:
		out.I32 = c.i32[i][from : from+n]
	case c.i64 != nil:
		out.I64 = c.i64[i][from : from+n]
	case c.f32 != nil:
		out.F32 = c.f32[i][from : from+n]
	case c.f64 != nil:
		out.F64 = c.f64[i][from : from+n]
	default:
		out.Bits = c.bits[i][from/64:][:vec.Words(n)]
		out.Bits.Trim(n)
	}
	if c.some[i] {
		out.Nulls = c.nulls[i][from/64:][:vec.Words(n)]
	}
}

// reset forgets the buffered NULLs of partition i.
func (c *partColumn) reset(i int) {
	if c.some[i] {
		c.nulls[i].Zero()
		c.some[i] = false
	}
}

func (p *partitioned) argument(i int, _ argForm) (*vec.Vector, error) {
	p.cols[i].take(p.cur, p.from, p.rows, &p.args[i])
	return &p.args[i], nil
}

// flush aggregates the buffer of partition i.
func (p *partitioned) flush(i int) error {
	p.cur = i
	if p.fill[i] == 0 {
		return nil
	}
	p.shared.mu[i].Lock()
	defer p.shared.mu[i].Unlock()
	s := p.shared.states[i]
	for p.from = 0; p.from < p.fill[i]; p.from += p.rows {
		p.rows = min(p.fill[i]-p.from, vec.BlockRows)
		var nulls vec.Bitmap
		if p.key.some[i] {
			nulls = p.key.nulls[i][p.from/64:]
		}
		groups := s.groups[:p.rows]
		s.table.assignKeys(p.key.i64[i][p.from:p.from+p.rows], nulls, groups)
		if err := s.add(groups, p.rows, p.value); err != nil {
			return err
		}
	}
	p.fill[i] = 0
	p.key.reset(i)
	for j := range p.cols {
		p.cols[j].reset(i)
	}
	return nil
}

// flushAll aggregates what is left in the buffers, from one on so that workers do not meet, and lets go of them.
func (p *partitioned) flushAll(ctx context.Context, first int) error {
	for i := range partitions {
		if err := alive(ctx); err != nil {
			return err
		}
		if err := p.flush((first + i) % partitions); err != nil {
			return err
		}
	}
	p.key, p.cols = partColumn{}, nil
	return nil
}

func (p *partitioned) account() error {
	if err := p.mem.set(p.bytes()); err != nil {
		return err
	}
	for i := range p.shared.states {
		if err := p.shared.account(i); err != nil {
			return err
		}
	}
	return nil
}

func (s *partitionStates) account(i int) error {
	s.mu[i].Lock()
	defer s.mu[i].Unlock()
	return s.states[i].account()
}

// release gives back the memory of a worker, and that of all groups. No worker may run.
func (p *partitioned) release() {
	p.mem.release()
	for _, s := range p.shared.states {
		s.mem.release()
	}
}

// flushPartitions aggregates what is left in the buffers of all workers and gives the groups.
func flushPartitions(ctx context.Context, all []*partitioned) ([]*groupState, error) {
	err := parallel(ctx, "query merge", len(all), func(ctx context.Context, w int) error { return all[w].flushAll(ctx, w*partitions/len(all)) })
	if err != nil {
		return nil, err
	}
	for _, p := range all {
		p.mem.release()
	}
	shared := all[0].shared
	for _, s := range shared.states {
		if err := s.account(); err != nil {
			return nil, err
		}
	}
	return shared.states, nil
}
