package syscat

import (
	"fmt"
	"testing"

	"github.com/freshetdb/freshet/query/function/builtin"
)

// BenchmarkRebuild is what a change of one of 200 tables costs: the snapshot and the rows that follow from it.
func BenchmarkRebuild(b *testing.B) {
	var list []Table
	for i := range 200 {
		list = append(list, plainTable(fmt.Sprintf("t%03d", i), 20))
	}
	c, err := New(Config{Tables: &world{list}, Registry: builtin.Registry(), Scalars: builtin.Scalars(), Aggregates: builtin.Aggregates()})
	if err != nil {
		b.Fatal(err)
	}
	if err := c.Warm(b.Context()); err != nil {
		b.Fatal(err)
	}
	change := func() *snapshot {
		table := *list[3].Config
		list[3].Config = &table
		return c.latest()
	}
	b.Run("snapshot", func(b *testing.B) {
		for b.Loop() {
			change()
		}
	})
	for _, name := range [][2]string{{schemaCatalog, "pg_class"}, {schemaCatalog, "pg_attribute"}, {schemaCatalog, "pg_type"}, {schemaInformation, "columns"}} {
		b.Run(name[1], func(b *testing.B) {
			r, _ := c.find(name[0], name[1])
			for b.Loop() {
				if _, err := change().rows(r); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
