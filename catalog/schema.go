package catalog

// FieldKind is the role of a column.
type FieldKind uint8

// Field kinds.
const (
	FieldInvalid FieldKind = iota
	FieldDimension
	FieldMetric
	FieldDateTime
)

// Field is one column of a schema.
type Field struct {
	Name    string
	Type    Type
	Kind    FieldKind
	NotNull bool
	// Default is the value that stands for an absent one: the stated defaultNullValue, else Pinot's by type and kind.
	// For a multi-value column it is a one-element array.
	Default Value
	// DefaultStated says that Default is the schema's defaultNullValue.
	DefaultStated bool
	// Transform is the deprecated in-schema transformFunction, "" if none.
	Transform string
	// Format and Granularity belong to dateTime fields, as written.
	Format, Granularity string
	MaxLength           int    // characters; STRING, JSON, BYTES
	MaxLengthStrategy   string // TRIM_LENGTH, ERROR, SUBSTITUTE_DEFAULT_VALUE, NO_ACTION
	// Description is a comment, "" if none.
	Description string
}

// Schema describes a table's columns. Fields are in the order of the JSON: dimensions, metrics, dateTimes; SELECT *
// gives them in this order.
type Schema struct {
	Name        string
	Description string // a comment, "" if none
	Fields      []Field
	PrimaryKey  []string
	// Version counts accepted changes, from 1; set by the controller.
	Version int
	byName  map[string]int
}

// Field finds a column by exact name.
func (s *Schema) Field(name string) (*Field, bool) {
	i, ok := s.byName[name]
	if !ok {
		return nil, false
	}
	return &s.Fields[i], true
}

// Index is the position of a column in Fields, -1 if there is none.
func (s *Schema) Index(name string) int {
	if i, ok := s.byName[name]; ok {
		return i
	}
	return -1
}

// NewSchema makes a schema from fields that are already validated (tests, generated tables).
func NewSchema(name string, fields []Field) *Schema {
	s := &Schema{Name: name, Fields: fields, Version: 1}
	s.reindex()
	return s
}

func (s *Schema) reindex() {
	s.byName = make(map[string]int, len(s.Fields))
	for i := range s.Fields {
		s.byName[s.Fields[i].Name] = i
	}
}
