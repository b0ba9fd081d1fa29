package syscat

import (
	"maps"
	"slices"
	"sync"
)

// comments are the comments on what is the same everywhere, by catalog relation and object. Read at the first call.
type comments struct {
	once    sync.Once
	byClass map[int64]map[int64]string
	err     error
}

func (c *comments) load(store *factStore) (map[int64]map[int64]string, error) {
	c.once.Do(func() {
		t, err := store.read("pg_description")
		if err != nil {
			c.err = err
			return
		}
		c.byClass = map[int64]map[int64]string{}
		for _, r := range t.rows {
			class := t.number(r, "classoid")
			if c.byClass[class] == nil {
				c.byClass[class] = map[int64]string{}
			}
			c.byClass[class][t.number(r, "objoid")] = t.get(r, "description")
		}
	})
	return c.byClass, c.err
}

// comment gives the comment on an object, nil for none. Class 0 is any.
func (q *request) comment(class, object int64) (any, error) {
	if o, ok := q.snapshot.byOID[uint32(object)]; ok && (class == oidClassClass || class == 0) {
		if o.table == nil || o.kind != "r" {
			return nil, nil
		}
		return orNull(o.table.Schema.Description), nil
	}
	if object == oidFreshet && (class == oidNamespaceClass || class == 0) {
		return freshetComment, nil
	}
	all, err := q.c.comments.load(q.c.facts)
	if err != nil {
		return nil, err
	}
	if class != 0 {
		return orNull(all[class][object]), nil
	}
	for _, class := range slices.Sorted(maps.Keys(all)) {
		if text, ok := all[class][object]; ok {
			return text, nil
		}
	}
	return nil, nil
}

// objectComment is obj_description.
func objectComment(q *request, args []any) (any, error) {
	object, _ := args[0].(int64)
	if len(args) == 1 {
		return q.comment(0, object)
	}
	name, _ := args[1].(string)
	class, ok := q.snapshot.named(schemaCatalog, name)
	if !ok {
		return nil, nil
	}
	return q.comment(int64(class.oid), object)
}

// columnComment is col_description.
func columnComment(q *request, args []any) (any, error) {
	id, _ := args[0].(int64)
	column, _ := args[1].(int64)
	o, ok := q.snapshot.byOID[uint32(id)]
	if !ok || o.table == nil || o.kind != "r" || column < 1 || column > int64(len(o.table.Schema.Fields)) {
		return nil, nil
	}
	return orNull(o.table.Schema.Fields[column-1].Description), nil
}
