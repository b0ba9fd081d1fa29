package transform

import (
	"fmt"
	"slices"
	"strings"

	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/ingest/decode/json"
	"github.com/freshetdb/freshet/internal/errs"
	"github.com/freshetdb/freshet/query/bind"
	"github.com/freshetdb/freshet/query/expr"
	"github.com/freshetdb/freshet/query/function"
	"github.com/freshetdb/freshet/query/sql"
)

// step is one transform: an expression over the working columns, and where its result goes.
type step struct {
	column    string
	dest      int // working column
	eval      *expr.Evaluator
	typ       catalog.Type // of the expression
	cast      *expr.Evaluator
	maxLength int
}

// wanted is a working column: a schema column, a source field that a transform reads, or a transform's own result.
type wanted struct {
	name   string
	typ    catalog.Type
	field  *catalog.Field // nil where the schema lacks it
	pseudo pseudo
}

// compiler gathers what Compile builds.
type compiler struct {
	schema *catalog.Schema
	table  *catalog.Table
	reg    *function.Registry
	cols   []wanted
	byName map[string]int
	texts  []parsed
}

// parsed is a transform's text and tree.
type parsed struct {
	catalog.Transform
	tree sql.Expr
	uses []string
}

// Compile plans ingestion of a table. Errors name the transform and the position in its text.
func Compile(s *catalog.Schema, t *catalog.Table, reg *function.Registry) (*Pipeline, error) {
	c := &compiler{schema: s, table: t, reg: reg, byName: map[string]int{}}
	for i := range s.Fields {
		f := &s.Fields[i]
		c.add(wanted{name: f.Name, typ: f.Type, field: f, pseudo: pseudoOf(f.Name)})
	}
	transforms := slices.Clone(t.Ingestion.Transforms)
	for _, f := range s.Fields {
		if f.Transform != "" {
			transforms = append(transforms, catalog.Transform{Column: f.Name, Function: f.Transform})
		}
	}
	if err := c.parse(transforms); err != nil {
		return nil, err
	}
	p := &Pipeline{schema: s, continueOnError: t.Ingestion.ContinueOnError, rowTimeCheck: t.Ingestion.RowTimeCheck}
	if err := c.order(); err != nil {
		return nil, err
	}
	for _, text := range c.texts {
		st, err := c.bind(text)
		if err != nil {
			return nil, fmt.Errorf("transform of column %q: %w", text.Column, err)
		}
		p.steps = append(p.steps, st)
	}
	if t.Ingestion.Filter != "" {
		filter, err := c.filter(t.Ingestion.Filter)
		if err != nil {
			return nil, fmt.Errorf("filterFunction: %w", err)
		}
		p.filter = filter
	}
	if err := c.sources(p); err != nil {
		return nil, err
	}
	if err := p.setTime(s, t.TimeColumn); err != nil {
		return nil, err
	}
	return p, nil
}

func (c *compiler) add(w wanted) int {
	if i, ok := c.byName[w.name]; ok {
		return i
	}
	c.byName[w.name] = len(c.cols)
	c.cols = append(c.cols, w)
	return len(c.cols) - 1
}

func (c *compiler) parse(transforms []catalog.Transform) error {
	seen := map[string]bool{}
	for _, tr := range transforms {
		if seen[tr.Column] {
			return errs.User(errs.InvalidParameterValue, "column %q has two transforms", tr.Column)
		}
		seen[tr.Column] = true
		tree, err := sql.ParseExpr(tr.Function)
		if err != nil {
			return fmt.Errorf("transform of column %q: %w", tr.Column, err)
		}
		p := parsed{Transform: tr, tree: tree, uses: names(tree)}
		if slices.Contains(p.uses, tr.Column) {
			return errs.User(errs.InvalidParameterValue, "transform of column %q reads the column itself", tr.Column)
		}
		c.texts = append(c.texts, p)
	}
	for _, p := range c.texts {
		if _, ok := c.byName[p.Column]; !ok && !c.used(p.Column) {
			return errs.User(errs.InvalidParameterValue, "transform of column %q: it is neither in schema %q nor read by another transform", p.Column, c.schema.Name)
		}
	}
	return nil
}

// used reports whether a transform or the filter reads a name.
func (c *compiler) used(name string) bool {
	for _, p := range c.texts {
		if slices.Contains(p.uses, name) {
			return true
		}
	}
	tree, err := sql.ParseExpr(c.table.Ingestion.Filter)
	return err == nil && c.table.Ingestion.Filter != "" && slices.Contains(names(tree), name)
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
		switch state[p.Column] {
		case done:
			return nil
		case open:
			return errs.User(errs.InvalidParameterValue, "transforms depend on each other in a circle: %s", strings.Join(append(path, p.Column), " -> "))
		}
		state[p.Column] = open
		for _, use := range p.uses {
			if dep, ok := byColumn[use]; ok {
				if err := visit(dep, append(path, p.Column)); err != nil {
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

// sourceTypes are the types tried for a source field that the schema lacks: JSON has no types to look up.
var sourceTypes = []catalog.Type{catalog.String, catalog.Double, catalog.Long, catalog.JSON}

// bindTree binds a tree over the working columns, adding source fields of the first type that fits.
func (c *compiler) bindTree(tree sql.Expr) (expr.Expr, error) {
	var missing []int
	for _, name := range names(tree) {
		if _, ok := c.byName[name]; !ok {
			ps := pseudoOf(name)
			missing = append(missing, c.add(wanted{name: name, typ: ps.typ(), pseudo: ps}))
		}
	}
	var first error
	for _, typ := range sourceTypes {
		for _, i := range missing {
			if c.cols[i].pseudo.kind == pseudoNone {
				c.cols[i].typ = typ
			}
		}
		columns := make([]bind.Column, len(c.cols))
		for i, w := range c.cols {
			columns[i] = bind.Column{Name: w.name, Type: w.typ}
		}
		e, err := bind.Scalar(tree, columns, bind.Config{Functions: c.reg, Dialect: sql.Ingestion})
		if err == nil {
			return e, nil
		}
		if first == nil {
			first = err
		}
		if len(missing) == 0 {
			break
		}
	}
	return nil, first
}

func (c *compiler) bind(p parsed) (step, error) {
	e, err := c.bindTree(p.tree)
	if err != nil {
		return step{}, err
	}
	st := step{column: p.Column, eval: expr.NewEvaluator(e), typ: e.Type()}
	if i, ok := c.byName[p.Column]; ok && c.cols[i].field != nil {
		st.dest = i
		st.maxLength = c.cols[i].field.MaxLength
	} else if ok { // a source field of the same name was read before: the transform replaces it
		st.dest = i
		c.cols[i].typ = e.Type()
	} else {
		st.dest = c.add(wanted{name: p.Column, typ: e.Type()})
	}
	from, to := st.typ.Elem(), c.cols[st.dest].typ.Elem()
	if from.Kind != to.Kind {
		st.cast = expr.NewEvaluator(&expr.Cast{Arg: &expr.Column{Name: p.Column, T: from}, To: to})
	}
	return st, nil
}

func (c *compiler) filter(text string) (*expr.Evaluator, error) {
	tree, err := sql.ParseExpr(text)
	if err != nil {
		return nil, err
	}
	e, err := c.bindTree(tree)
	if err != nil {
		return nil, err
	}
	if e.Type().Kind != catalog.KindBoolean {
		e = &expr.Cast{Arg: e, To: catalog.Boolean}
	}
	return expr.NewEvaluator(e), nil
}

// sources makes the decoders: one for the record, one per unnested collection.
func (c *compiler) sources(p *Pipeline) error {
	opts := json.Options{}
	var complexType catalog.ComplexType
	if c.table.Ingestion.Complex != nil {
		complexType = *c.table.Ingestion.Complex
		opts.Delimiter, opts.Collections = complexType.Delimiter, complexType.Collections
	}
	delimiter := opts.Delimiter
	if delimiter == "" {
		delimiter = "."
	}
	transformed := map[string]bool{}
	for _, t := range c.texts {
		transformed[t.Column] = true
	}
	levels := c.unnested(complexType, delimiter)
	if err := checkNested(levels, delimiter); err != nil {
		return err
	}
	perLevel := make([][]json.Field, len(levels)+1) // the record itself last
	p.cols = make([]source, len(c.cols))
	for i, w := range c.cols {
		p.types = append(p.types, w.typ)
		p.cols[i] = source{level: -1, pseudo: w.pseudo}
		if w.pseudo.kind != pseudoNone || w.field == nil && transformed[w.name] {
			continue
		}
		f := json.Field{Name: w.name, Type: w.typ, Computed: transformed[w.name], Document: w.field == nil}
		if w.field != nil {
			f.MaxLength, f.MaxLengthStrategy, f.Default = w.field.MaxLength, w.field.MaxLengthStrategy, w.field.Default
		}
		for _, r := range complexType.PrefixRename {
			if rest, ok := strings.CutPrefix(w.name, r.To); ok {
				f.Aliases = append(f.Aliases, r.From+rest)
			}
		}
		level := len(levels)
		for l, prefix := range levels {
			if rest, ok := relative(f, prefix, delimiter); ok {
				level, f.Name, f.Aliases = l, rest, nil
				break
			}
		}
		p.cols[i].level, p.cols[i].slot = level, len(perLevel[level])
		perLevel[level] = append(perLevel[level], f)
	}
	base := perLevel[len(levels)]
	for _, prefix := range levels {
		p.arrays = append(p.arrays, len(base))
		base = append(base, json.Field{Name: prefix, Type: catalog.JSON, Raw: true})
	}
	perLevel[len(levels)] = base
	for _, fields := range perLevel {
		d, err := json.New(fields, opts)
		if err != nil {
			return err
		}
		p.decoders = append(p.decoders, d)
	}
	return nil
}

// relative gives a field's name within an unnested collection.
func relative(f json.Field, prefix, delimiter string) (string, bool) {
	for _, name := range append([]string{f.Name}, f.Aliases...) {
		if name == prefix {
			return "", true
		}
		if rest, ok := strings.CutPrefix(name, prefix+delimiter); ok {
			return rest, true
		}
	}
	return "", false
}

// unnested lists the collections to unnest that some column needs: the others change no rows. Pinot explodes rows for
// every named collection, needed or not, so each that is named counts once a record has it.
func (c *compiler) unnested(t catalog.ComplexType, _ string) []string {
	var out []string
	for _, name := range t.Unnest {
		if name != "" && !slices.Contains(out, name) {
			out = append(out, name)
		}
	}
	return out
}

func checkNested(levels []string, delimiter string) error {
	for _, a := range levels {
		for _, b := range levels {
			if strings.HasPrefix(b, a+delimiter) {
				return errs.User(errs.FeatureNotSupported, "fieldsToUnnest: %q lies within %q; unnesting within an unnested collection is not supported yet", b, a)
			}
		}
	}
	return nil
}
