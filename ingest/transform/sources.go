package transform

import (
	"slices"
	"strings"

	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/ingest/decode/json"
	"github.com/freshetdb/freshet/query/expr"
)

// source says where a working column comes from: a field of the decoder of a level, the envelope, or (level none) a
// transform only.
type source struct {
	level, slot int
	pseudo      pseudo
	cast        *expr.Evaluator // from the envelope's type to the column's
}

const (
	none        = -2
	recordLevel = -1 // the record itself, in contrast to the elements of an unnested collection
)

// Suffixes of schema columns that hold the keys and the values of a map.
const (
	keysSuffix   = "__KEYS"
	valuesSuffix = "__VALUES"
)

// sources makes the decoders: one for the record, one per unnested collection.
func (c *compiler) sources(p *Pipeline) error {
	complexType := catalog.ComplexType{Delimiter: "."}
	if c.table.Ingestion.Complex != nil {
		complexType = *c.table.Ingestion.Complex
	}
	opts := json.Options{Delimiter: complexType.Delimiter, Collections: complexType.Collections}
	p.levels = levelsOf(complexType)
	record, perLevel := []json.Field(nil), make([][]json.Field, len(p.levels))
	fields := func(level int) *[]json.Field {
		if level == recordLevel {
			return &record
		}
		return &perLevel[level]
	}
	for _, w := range c.cols {
		p.types = append(p.types, w.typ)
		src := source{level: none, pseudo: w.pseudo}
		if w.pseudo.kind != pseudoNone {
			if base := w.pseudo.base(w.typ); base != w.typ {
				src.cast = expr.NewEvaluator(&expr.Cast{Arg: &expr.Column{Name: w.name, T: base}, To: w.typ})
			}
		} else {
			var f json.Field
			src.level, f = place(p.levels, c.field(w, complexType), complexType.Delimiter)
			list := fields(src.level)
			src.slot = len(*list)
			*list = append(*list, f)
		}
		p.cols = append(p.cols, src)
	}
	for l := range p.levels {
		level := &p.levels[l]
		list := fields(level.parent)
		level.slot = len(*list)
		*list = append(*list, json.Field{Name: level.within, Type: catalog.JSON, Raw: true})
	}
	var err error
	if p.record, err = json.New(record, opts); err != nil {
		return err
	}
	opts.Scalars = true
	for l := range p.levels {
		if p.levels[l].decoder, err = json.New(perLevel[l], opts); err != nil {
			return err
		}
	}
	return nil
}

// field describes a working column to the decoder.
func (c *compiler) field(w wanted, complexType catalog.ComplexType) json.Field {
	f := json.Field{Name: w.name, Column: w.name, Type: w.typ, Computed: w.result, Document: w.isSource(), Index: w.document, Forgive: c.table.Ingestion.ContinueOnError}
	if w.field != nil {
		f.MaxLength, f.MaxLengthStrategy, f.Default = w.field.MaxLength, w.field.MaxLengthStrategy, w.field.Default
	}
	if name, part := mapPart(w.name); part != json.PartNone && w.typ.MultiValue {
		f.Name, f.Part = name, part
	}
	for _, r := range complexType.PrefixRename {
		if rest, ok := strings.CutPrefix(f.Name, r.To); ok {
			f.Aliases = append(f.Aliases, r.From+rest)
		}
	}
	return f
}

// mapPart reads the name of a column that takes the keys or the values of a map.
func mapPart(name string) (string, json.Part) {
	if m, ok := strings.CutSuffix(name, keysSuffix); ok && m != "" {
		return m, json.PartKeys
	}
	if m, ok := strings.CutSuffix(name, valuesSuffix); ok && m != "" {
		return m, json.PartValues
	}
	return name, json.PartNone
}

// place finds the innermost unnested collection that a field is in, and gives the field its name there.
func place(levels []level, f json.Field, delimiter string) (int, json.Field) {
	for l := len(levels) - 1; l >= 0; l-- {
		for _, name := range append([]string{f.Name}, f.Aliases...) {
			rest, inside := strings.CutPrefix(name, levels[l].name+delimiter)
			if name == levels[l].name {
				rest, inside = "", true
			}
			if inside {
				f.Name, f.Aliases = rest, nil
				return l, f
			}
		}
	}
	return recordLevel, f
}

// levelsOf lists the collections to unnest, outer ones before those within them.
func levelsOf(t catalog.ComplexType) []level {
	var out []level
	for _, name := range t.Unnest {
		if name != "" && !slices.ContainsFunc(out, func(l level) bool { return l.name == name }) {
			out = append(out, level{name: name, within: name, parent: recordLevel})
		}
	}
	slices.SortStableFunc(out, func(a, b level) int { return strings.Count(a.name, t.Delimiter) - strings.Count(b.name, t.Delimiter) })
	for i := range out {
		for j := range out[:i] {
			if rest, ok := strings.CutPrefix(out[i].name, out[j].name+t.Delimiter); ok {
				out[i].parent, out[i].within = j, rest
			}
		}
	}
	return out
}
