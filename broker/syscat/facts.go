package syscat

import (
	"embed"
	"strconv"
	"strings"
	"sync"

	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/internal/errs"
	"github.com/freshetdb/freshet/internal/vec"
)

//go:embed data/*.tsv
var dataFiles embed.FS

// factTable is a file of facts: rows of text by column. See test/pgfacts for the format.
type factTable struct {
	columns map[string]int
	names   []string
	usual   []string
	rows    [][]string // fields as written; "" is the usual value
	byOID   map[int64][]string
}

// factStore keeps the files of facts that were read. Safe for concurrent use; the tables are immutable.
type factStore struct {
	mu     sync.Mutex
	tables map[string]*factTable
}

// read gives a file of facts.
func (s *factStore) read(name string) (*factTable, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if t, ok := s.tables[name]; ok {
		return t, nil
	}
	t, err := readFacts(name)
	if err != nil {
		return nil, err
	}
	t.byOID = make(map[int64][]string, len(t.rows))
	if _, ok := t.columns["oid"]; ok {
		for _, r := range t.rows {
			t.byOID[t.number(r, "oid")] = r
		}
	}
	s.tables[name] = t
	return t, nil
}

func readFacts(name string) (*factTable, error) {
	text, err := dataFiles.ReadFile("data/" + name + ".tsv")
	if err != nil {
		return nil, errs.Bug("no facts of %s", name).Wrap(err)
	}
	lines := strings.Split(strings.TrimSuffix(string(text), "\n"), "\n")
	t := &factTable{columns: map[string]int{}, rows: make([][]string, 0, len(lines)-1)}
	for i, f := range strings.Split(lines[0], "\t") {
		column, usual, ok := strings.Cut(f, "=")
		if !ok {
			return nil, errs.Bug("facts of %s: column %q has no usual value", name, f)
		}
		t.columns[column] = i
		t.names = append(t.names, column)
		t.usual = append(t.usual, usual)
	}
	for i, line := range lines[1:] {
		row := strings.Split(line, "\t")
		if len(row) != len(t.names) {
			return nil, errs.Bug("facts of %s, line %d: %d fields, want %d", name, i+2, len(row), len(t.names))
		}
		t.rows = append(t.rows, row)
	}
	return t, nil
}

// field gives the text of a field; null says that it is NULL.
func (t *factTable) field(row []string, column int) (text string, null bool) {
	f := row[column]
	if f == "" {
		f = t.usual[column]
	}
	switch {
	case f == `\N`:
		return "", true
	case f == `\e`:
		return "", false
	case strings.Contains(f, `\`):
		f = strings.NewReplacer(`\\`, `\`, `\t`, "\t", `\n`, "\n").Replace(f)
	}
	return f, false
}

// get gives a field by its column's name, NULL as "".
func (t *factTable) get(row []string, column string) string {
	text, _ := t.field(row, t.columns[column])
	return text
}

// number gives an integer field by its column's name.
func (t *factTable) number(row []string, column string) int64 {
	x, err := strconv.ParseInt(t.get(row, column), 10, 64)
	if err != nil {
		return 0
	}
	return x
}

// facts are the rows of a relation that a file holds, parsed at their first scan.
type facts struct {
	file string
	keep func(t *factTable, row []string) bool // nil keeps all

	once    sync.Once
	batches []*vec.Batch
	err     error
}

func (f *facts) load(r *relation) ([]*vec.Batch, error) {
	f.once.Do(func() { f.batches, f.err = f.parse(r) })
	return f.batches, f.err
}

func (f *facts) parse(r *relation) ([]*vec.Batch, error) {
	t, err := readFacts(f.file)
	if err != nil {
		return nil, err
	}
	position := make([]int, len(r.Columns)) // in the file
	for i, c := range r.Columns {
		p, ok := t.columns[c.Name]
		if !ok {
			return nil, errs.Bug("facts of %s have no column %s", f.file, c.Name)
		}
		position[i] = p
	}
	b := newBuilder(r)
	value := func(row []string, i int) (any, error) {
		text, null := t.field(row, position[i])
		if null {
			return nil, nil
		}
		v, err := parseFact(text, r.Columns[i])
		if err != nil {
			return nil, errs.Bug("facts of %s, column %s: %q", f.file, r.Columns[i].Name, text).Wrap(err)
		}
		return v, nil
	}
	usual := make([]string, len(t.names))
	for i := range r.Columns {
		if b.defaults[i], err = value(usual, i); err != nil {
			return nil, err
		}
	}
	for _, row := range t.rows {
		if f.keep != nil && !f.keep(t, row) {
			continue
		}
		for i := range r.Columns {
			if row[position[i]] == "" {
				continue // the usual value
			}
			v, err := value(row, i)
			if err != nil {
				return nil, err
			}
			b.value(i, v)
		}
		b.next()
	}
	return b.finish()
}

// parseFact reads PostgreSQL's text form of a value.
func parseFact(text string, c Column) (any, error) {
	if !c.Type.MultiValue {
		return parseScalar(text, c.Type)
	}
	var parts []string
	if strings.HasPrefix(text, "{") {
		parts = arrayElements(text)
	} else {
		parts = strings.Fields(text) // int2vector, oidvector
	}
	if c.Type.Kind == catalog.KindString {
		return parts, nil
	}
	out := make([]int64, len(parts))
	for i, p := range parts {
		x, err := strconv.ParseInt(p, 10, 64)
		if err != nil {
			return nil, err
		}
		out[i] = x
	}
	return out, nil
}

func parseScalar(text string, t catalog.Type) (any, error) {
	switch t.Kind {
	case catalog.KindInt, catalog.KindLong:
		return strconv.ParseInt(text, 10, 64)
	case catalog.KindBoolean:
		return text == "t", nil
	case catalog.KindFloat, catalog.KindDouble:
		return strconv.ParseFloat(text, 64)
	default:
		return text, nil
	}
}

// arrayElements splits the text form of a one-dimensional array without NULLs.
func arrayElements(text string) []string {
	text = strings.TrimSuffix(strings.TrimPrefix(text, "{"), "}")
	out := []string{}
	for len(text) > 0 {
		var e strings.Builder
		i, quoted := 0, false
		for ; i < len(text); i++ {
			switch ch := text[i]; {
			case ch == '"':
				quoted = !quoted
				continue
			case ch == '\\' && i+1 < len(text):
				i++
				e.WriteByte(text[i])
				continue
			case ch == ',' && !quoted:
			default:
				e.WriteByte(ch)
				continue
			}
			break
		}
		out = append(out, e.String())
		text = text[min(i+1, len(text)):]
	}
	return out
}
