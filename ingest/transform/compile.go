package transform

import (
	"fmt"
	"slices"
	"strings"

	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/internal/errs"
	"github.com/freshetdb/freshet/query/function"
	"github.com/freshetdb/freshet/query/sql"
)

// wanted is a working column: a schema column, a source field that a transform reads, or a transform's own result.
type wanted struct {
	name     string
	typ      catalog.Type
	field    *catalog.Field // nil where the schema lacks it
	result   bool           // a transform computes it
	document bool           // a transform reads it as a JSON document
	pseudo   pseudo
}

// isSource reports a field of the records that only transforms know: its type is whatever they need.
func (w wanted) isSource() bool { return w.field == nil && !w.result && w.pseudo.kind == pseudoNone }

// compiler gathers what Compile builds.
type compiler struct {
	schema *catalog.Schema
	table  *catalog.Table
	reg    *function.Registry
	cols   []wanted // the schema's columns first, in their order
	texts  []parsed
	filter *parsed
}

// parsed is a transform's text and tree.
type parsed struct {
	catalog.Transform
	tree sql.Expr
	uses []string
}

// Compile plans ingestion of a table. Errors are *errs.Error or wrap one, and name the transform and, where it is known,
// the position in its text.
func Compile(s *catalog.Schema, t *catalog.Table, reg *function.Registry) (*Pipeline, error) {
	c := &compiler{schema: s, table: t, reg: reg}
	if err := c.parse(); err != nil {
		return nil, err
	}
	for i := range s.Fields {
		f := &s.Fields[i]
		c.cols = append(c.cols, wanted{name: f.Name, typ: f.Type, field: f, result: c.transforms(f.Name), pseudo: pseudoOf(f.Name)})
	}
	if err := c.order(); err != nil {
		return nil, err
	}
	p := &Pipeline{schema: s, continueOnError: t.Ingestion.ContinueOnError, rowTimeCheck: t.Ingestion.RowTimeCheck}
	for _, text := range c.texts {
		st, err := c.step(text)
		if err != nil {
			return nil, fmt.Errorf("transform of column %q: %w", text.Column, err)
		}
		p.steps = append(p.steps, st)
	}
	if c.filter != nil {
		filter, err := c.boolean(c.filter.tree)
		if err != nil {
			return nil, fmt.Errorf("filterFunction: %w", err)
		}
		p.filter = filter
	}
	if err := c.sources(p); err != nil {
		return nil, err
	}
	var err error
	if p.time, err = c.timeColumn(); err != nil {
		return nil, err
	}
	p.prepare()
	return p, nil
}

// parse reads the texts of the transforms and of the filter. A transform in the table config wins over one in the schema.
func (c *compiler) parse() error {
	seen := map[string]bool{}
	transforms := slices.Clone(c.table.Ingestion.Transforms)
	for _, tr := range transforms {
		if seen[tr.Column] {
			return errs.User(errs.InvalidParameterValue, "column %q has two transforms", tr.Column)
		}
		seen[tr.Column] = true
	}
	for _, f := range c.schema.Fields {
		if f.Transform != "" && !seen[f.Name] {
			transforms = append(transforms, catalog.Transform{Column: f.Name, Function: f.Transform})
		}
	}
	for _, tr := range transforms {
		p, err := parseText(tr)
		if err != nil {
			return fmt.Errorf("transform of column %q: %w", tr.Column, err)
		}
		if slices.Contains(p.uses, tr.Column) {
			return errs.User(errs.InvalidParameterValue, "transform of column %q reads the column itself", tr.Column)
		}
		c.texts = append(c.texts, p)
	}
	if text := c.table.Ingestion.Filter; text != "" {
		p, err := parseText(catalog.Transform{Function: text})
		if err != nil {
			return fmt.Errorf("filterFunction: %w", err)
		}
		c.filter = &p
	}
	for _, p := range c.texts {
		if _, ok := c.schema.Field(p.Column); !ok && !c.used(p.Column) {
			return errs.User(errs.InvalidParameterValue, "transform of column %q: it is neither in schema %q nor read by another transform", p.Column, c.schema.Name)
		}
	}
	return nil
}

func parseText(tr catalog.Transform) (parsed, error) {
	tree, err := sql.ParseExpr(tr.Function)
	if err != nil {
		return parsed{}, err
	}
	return parsed{Transform: tr, tree: tree, uses: names(tree)}, nil
}

// used reports whether a transform or the filter reads a name.
func (c *compiler) used(name string) bool {
	for _, p := range c.texts {
		if slices.Contains(p.uses, name) {
			return true
		}
	}
	return c.filter != nil && slices.Contains(c.filter.uses, name)
}

// transforms reports whether a transform computes a column.
func (c *compiler) transforms(name string) bool {
	return slices.ContainsFunc(c.texts, func(p parsed) bool { return p.Column == name })
}

// order sorts transforms so that each follows those it reads.
func (c *compiler) order() error {
	var out []parsed
	const (
		unseen = iota
		open
		done
	)
	state := map[string]int{}
	byColumn := map[string]parsed{}
	for _, p := range c.texts {
		byColumn[p.Column] = p
	}
	var visit func(p parsed, path []string) error
	visit = func(p parsed, path []string) error {
		path = append(path, p.Column)
		switch state[p.Column] {
		case done:
			return nil
		case open:
			return errs.User(errs.InvalidParameterValue, "transforms depend on each other in a circle: %s", strings.Join(path, " -> "))
		}
		state[p.Column] = open
		for _, use := range p.uses {
			if dep, ok := byColumn[use]; ok {
				if err := visit(dep, path); err != nil {
					return err
				}
			}
		}
		state[p.Column] = done
		out = append(out, p)
		return nil
	}
	for _, p := range c.texts {
		if err := visit(p, nil); err != nil {
			return err
		}
	}
	c.texts = out
	return nil
}
