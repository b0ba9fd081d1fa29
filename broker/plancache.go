package broker

import (
	"container/list"
	"sort"
	"strings"
	"sync"

	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/internal/memory"
	"github.com/freshetdb/freshet/query/sql"
)

// Limits of the plan cache.
const (
	// DefaultPlanCacheBytes is what parsed and planned statements may hold together, as estimated.
	DefaultPlanCacheBytes = 32 << 20
	// maxCachedText bounds the texts that are kept: longer ones are mostly lists of values that do not come again.
	maxCachedText = 16 << 10
	// A kept parse and a kept plan are charged planBytes each, and planBytesPerByte for each byte of the text;
	// TestPlanCacheSize holds that against the heap.
	planBytes, planBytesPerByte = 2 << 10, 24
)

// textKey is what a parse depends on.
type textKey struct {
	dialect sql.Dialect
	text    string
}

// planKey is what a plan depends on beside the tables, whose revision the whole cache has.
type planKey struct {
	textKey
	statement  int      // position in the text
	params     string   // declared types
	settings   string   // see Session.fingerprint
	session    *Session // of a plan that is the session's own; nil for one that all share
	generation int      // of the session's settings, for a plan of its own
}

// planCache keeps parsed texts and bound statements, bounded by their estimated bytes; what was used longest ago goes first.
// Plans are of one revision of the tables: another revision empties them. What it gives is shared and never changed.
// Safe for concurrent use. Locks: mu, under which nothing else is called but metrics and the account's Add.
type planCache struct {
	limit   int64
	metrics *metrics
	account memory.Account

	mu       sync.Mutex
	revision int64
	bytes    int64
	entries  map[any]*list.Element // by textKey or planKey
	recent   *list.List            // of *planEntry, the latest first
}

// planEntry is a parsed text or a bound statement.
type planEntry struct {
	key     any
	bytes   int64
	parsed  []sql.Statement
	binding *binding
}

// newPlanCache makes a cache; nil, which keeps nothing, where limit is negative.
func newPlanCache(limit int64, m *metrics, account memory.Account) *planCache {
	if limit < 0 {
		return nil
	}
	return &planCache{limit: limit, metrics: m, account: account, entries: map[any]*list.Element{}, recent: list.New()}
}

// parse gives the statements of a text. They are not to be changed.
func (c *planCache) parse(text string, dialect sql.Dialect) ([]sql.Statement, error) {
	key := textKey{dialect, text}
	if c != nil && len(text) <= maxCachedText {
		if e := c.get(key); e != nil {
			return e.parsed, nil
		}
	}
	parsed, err := sql.Parse(text, dialect)
	if err == nil {
		c.put(&planEntry{key: key, parsed: parsed}, text)
	}
	return parsed, err
}

// plan finds a statement that was bound at this revision of the tables: one that all sessions share, or this session's.
func (c *planCache) plan(key planKey, s *Session, revision int64) *binding {
	if c == nil || !c.at(revision) {
		return nil
	}
	e := c.get(key)
	if e == nil {
		key.session, key.generation = s, s.settings.generation
		e = c.get(key)
	}
	if e == nil {
		c.metrics.planMisses.Inc()
		return nil
	}
	c.metrics.planHits.Inc()
	return e.binding
}

// keep remembers a statement that was bound at this revision of the tables.
func (c *planCache) keep(key planKey, b *binding, revision int64) {
	if c != nil && c.at(revision) {
		c.put(&planEntry{key: key, binding: b}, key.text)
	}
}

// at moves the cache to a newer revision; false for one that is over.
func (c *planCache) at(revision int64) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if revision > c.revision {
		c.revision = revision
		for e := c.recent.Front(); e != nil; {
			next := e.Next()
			if e.Value.(*planEntry).binding != nil {
				c.remove(e)
			}
			e = next
		}
	}
	return revision == c.revision
}

func (c *planCache) get(key any) *planEntry {
	c.mu.Lock()
	defer c.mu.Unlock()
	e, ok := c.entries[key]
	if !ok {
		return nil
	}
	c.recent.MoveToFront(e)
	return e.Value.(*planEntry)
}

func (c *planCache) put(entry *planEntry, text string) {
	if c == nil || len(text) > maxCachedText {
		return
	}
	entry.bytes = planBytes + planBytesPerByte*int64(len(text))
	if entry.bytes > c.limit {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if old, ok := c.entries[entry.key]; ok {
		c.remove(old)
	}
	c.entries[entry.key] = c.recent.PushFront(entry)
	c.bytes += entry.bytes
	c.account.Add(entry.bytes)
	for c.bytes > c.limit {
		c.remove(c.recent.Back())
		c.metrics.planEvictions.Inc()
	}
	c.metrics.planBytes.Set(float64(c.bytes))
}

// remove is called with mu held.
func (c *planCache) remove(e *list.Element) {
	entry := c.recent.Remove(e).(*planEntry)
	delete(c.entries, entry.key)
	c.bytes -= entry.bytes
	c.account.Add(-entry.bytes)
	c.metrics.planBytes.Set(float64(c.bytes))
}

// shrink gives back bytes, what was used longest ago first: the process is short of memory.
func (c *planCache) shrink(bytes int64) {
	if c == nil {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	for least := max(0, c.bytes-bytes); c.bytes > least && c.recent.Len() > 0; {
		c.remove(c.recent.Back())
		c.metrics.planEvictions.Inc()
	}
}

// forget drops the plans of a session that ends.
func (c *planCache) forget(s *Session) {
	if c == nil || !s.kept {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	for key, e := range c.entries {
		if k, ok := key.(planKey); ok && k.session == s {
			c.remove(e)
		}
	}
}

// paramKey writes declared parameter types for a key.
func paramKey(types []catalog.Type) string {
	if len(types) == 0 {
		return ""
	}
	b := make([]byte, 0, 2*len(types))
	for _, t := range types {
		multi := byte(0)
		if t.MultiValue {
			multi = 1
		}
		b = append(b, byte(t.Kind), multi)
	}
	return string(b)
}

// Settings that no plan depends on, by lower-case name.
func unplanned(name string) bool {
	switch name {
	case "application_name", "session_authorization", strings.ToLower(optClientQueryID):
		return true
	}
	return false
}

// fingerprint writes the settings and options of a session that a plan may depend on.
func (s *Session) fingerprint() string {
	if s.printed.valid && s.printed.generation == s.settings.generation {
		return s.printed.text
	}
	merged := map[string]string{}
	for _, m := range []map[string]string{s.settings.start, s.settings.now} {
		for name, value := range m {
			if !unplanned(name) {
				merged[name] = value
			}
		}
	}
	lines := make([]string, 0, len(merged)+len(s.overrides))
	for name, value := range merged {
		lines = append(lines, name+"\x00"+value+"\x00")
	}
	for name, value := range s.overrides {
		if !unplanned(name) {
			lines = append(lines, "\x01"+name+"\x00"+value+"\x00")
		}
	}
	sort.Strings(lines)
	s.printed.text, s.printed.generation, s.printed.valid = strings.Join(lines, ""), s.settings.generation, true
	return s.printed.text
}
