// Package testkit is what the tiers that test whole queries share: SQL scripts with their expected answers, the fixed
// tables that they run over, generators of random tables and queries, and the ways to load tables into segments of every
// kind. Only tests import it.
//
// Concurrency: scripts and tables are plain data; a World is safe for concurrent queries once it is loaded.
package testkit

import (
	"bufio"
	"bytes"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Kind is what a record of a script expects.
type Kind uint8

// Kinds of records. The zero value is invalid.
const (
	KindInvalid Kind = iota
	StatementOK
	StatementError
	Query
)

// Order says how the rows of a query are compared.
type Order uint8

// Orders of rows.
const (
	NoSort    Order = iota // as they come: the query orders them
	RowSort                // as a set of rows
	ValueSort              // as a set of values
)

var orderNames = map[Order]string{NoSort: "", RowSort: "rowsort", ValueSort: "valuesort"}

// Engines that a record can be restricted to.
const (
	Freshet  = "freshet"
	Postgres = "postgres"
)

// Script is one file of statements with their answers. README.md in test/sqllogic describes the format.
type Script struct {
	Path string
	// Portable says that PostgreSQL answers the same, but where a record is restricted to one engine.
	Portable bool
	// Pending is why Freshet does not run the whole script yet, "" if it does.
	Pending string
	Records []*Record
	header  []string
	tail    []string
}

// Record is one statement with its answer.
type Record struct {
	Line    int
	Kind    Kind
	SQL     string
	Dialect string // wire or http
	// Only is the engine that runs the record, "" for both; Pending is why Freshet does not yet.
	Only    string
	Pending string
	// Types has a letter per column, see Render; an array's is in lower case.
	Types string
	Order Order
	// Names says that the first line of Want has the names of the columns.
	Names bool
	Want  []string
	// Code is the SQLSTATE of an error, Pos its position in characters (0: not compared), Text a part of its message.
	Code string
	Pos  int
	Text string

	lead []string // comments and blank lines before the record
}

// RunsOn reports whether an engine runs the record.
func (r *Record) RunsOn(engine string) bool {
	return r.Only == "" || r.Only == engine
}

// ParseScript reads a script. Errors name file and line.
func ParseScript(path string, text []byte) (*Script, error) {
	p := &scriptParser{s: &Script{Path: path}, dialect: "wire", scan: bufio.NewScanner(bytes.NewReader(text))}
	p.scan.Buffer(nil, 64<<20)
	for p.next() {
		if err := p.line(); err != nil {
			return nil, fmt.Errorf("%s:%d: %w", path, p.at, err)
		}
	}
	if err := p.scan.Err(); err != nil {
		return nil, fmt.Errorf("read %s: %w", path, err)
	}
	p.s.tail = p.lead
	return p.s, nil
}

type scriptParser struct {
	s       *Script
	scan    *bufio.Scanner
	at      int
	text    string
	dialect string
	lead    []string
	only    string
	pending string
}

func (p *scriptParser) next() bool {
	if !p.scan.Scan() {
		return false
	}
	p.at++
	p.text = strings.TrimRight(p.scan.Text(), "\r")
	return true
}

func (p *scriptParser) line() error {
	word, rest, _ := strings.Cut(strings.TrimSpace(p.text), " ")
	rest = strings.TrimSpace(rest)
	switch word {
	case "portable", "dialect":
		return p.directive(word, rest)
	case "skipif", "onlyif":
		return p.restrict(word, rest)
	case "pending":
		return p.setPending(rest)
	case "statement":
		return p.statement(rest)
	case "query":
		return p.query(rest)
	}
	if word != "" && !strings.HasPrefix(word, "#") {
		return fmt.Errorf("unknown directive %.40q, want portable, dialect, skipif, onlyif, pending, statement or query", word)
	}
	p.lead = append(p.lead, p.text)
	return nil
}

func (p *scriptParser) directive(word, rest string) error {
	switch {
	case word == "portable" && len(p.s.Records) == 0:
		p.s.Portable = true
		p.s.header = append(p.s.header, append(p.lead, p.text)...)
		p.lead = nil
		return nil
	case word == "portable":
		return fmt.Errorf("portable comes before the first statement")
	case rest != "wire" && rest != "http":
		return fmt.Errorf("dialect %q, want wire or http", rest)
	}
	p.dialect = rest
	p.lead = append(p.lead, p.text)
	return nil
}

func (p *scriptParser) restrict(word, rest string) error {
	if rest != Freshet && rest != Postgres {
		return fmt.Errorf("%s %q, want %s or %s", word, rest, Freshet, Postgres)
	}
	p.only = rest
	if word == "skipif" {
		p.only = map[string]string{Freshet: Postgres, Postgres: Freshet}[rest]
	}
	return nil
}

// setPending marks the next record, or, before "portable" was said and with the word file, the whole script.
func (p *scriptParser) setPending(rest string) error {
	why, whole := strings.CutPrefix(rest, "file ")
	switch {
	case rest == "" || why == "":
		return fmt.Errorf("pending wants a reason")
	case whole && len(p.s.Records) > 0:
		return fmt.Errorf("pending file comes before the first statement")
	case whole:
		p.s.Pending = why
		p.s.header = append(p.s.header, p.lead...)
		p.lead = nil
	default:
		p.pending = rest
	}
	return nil
}

// record starts a record with what was said before it.
func (p *scriptParser) record(kind Kind) *Record {
	r := &Record{Line: p.at, Kind: kind, Dialect: p.dialect, Only: p.only, Pending: p.pending, lead: p.lead}
	p.lead, p.only, p.pending = nil, "", ""
	p.s.Records = append(p.s.Records, r)
	return r
}

func (p *scriptParser) statement(rest string) error {
	outcome, rest, _ := strings.Cut(rest, " ")
	switch outcome {
	case "ok":
		r := p.record(StatementOK)
		return p.sql(r)
	case "error":
		r := p.record(StatementError)
		r.Code, rest, _ = strings.Cut(strings.TrimSpace(rest), " ")
		if len(r.Code) != 5 {
			return fmt.Errorf("SQLSTATE %q, want five characters", r.Code)
		}
		if at, text, _ := strings.Cut(rest, " "); strings.HasPrefix(at, "@") {
			pos, err := strconv.Atoi(at[1:])
			if err != nil {
				return fmt.Errorf("position %q, want @ and a number", at)
			}
			r.Pos, rest = pos, text
		}
		r.Text = strings.TrimSpace(rest)
		return p.sql(r)
	}
	return fmt.Errorf("statement %q, want ok or error", outcome)
}

func (p *scriptParser) query(rest string) error {
	r := p.record(Query)
	for i, word := range strings.Fields(rest) {
		switch word {
		case "nosort":
			r.Order = NoSort
		case "rowsort":
			r.Order = RowSort
		case "valuesort":
			r.Order = ValueSort
		case "names":
			r.Names = true
		default:
			if i > 0 || strings.Trim(strings.ToUpper(word), typeLetters) != "" {
				return fmt.Errorf("query option %q, want types of %s, nosort, rowsort, valuesort or names", word, typeLetters)
			}
			r.Types = word
		}
	}
	if err := p.sql(r); err != nil {
		return err
	}
	if p.text != "----" {
		return fmt.Errorf("query without ---- and answer")
	}
	for p.next() && p.text != "" {
		r.Want = append(r.Want, p.text)
	}
	return nil
}

// sql reads a statement up to ----, an empty line or the end.
func (p *scriptParser) sql(r *Record) error {
	var lines []string
	p.text = ""
	for p.next() && p.text != "" && p.text != "----" {
		lines = append(lines, p.text)
	}
	if len(lines) == 0 {
		return fmt.Errorf("no statement")
	}
	r.SQL = strings.Join(lines, "\n")
	return nil
}

// Format prints the script, with the answers that its records have now.
func (s *Script) Format() []byte {
	var b bytes.Buffer
	for _, l := range s.header {
		fmt.Fprintln(&b, l)
	}
	if s.Pending != "" {
		fmt.Fprintln(&b, "pending file", s.Pending)
	}
	for _, r := range s.Records {
		r.format(&b)
	}
	for i, l := range s.tail {
		if l != "" || i < len(s.tail)-1 {
			fmt.Fprintln(&b, l)
		}
	}
	return append(bytes.TrimRight(b.Bytes(), "\n"), '\n')
}

func (r *Record) format(b *bytes.Buffer) {
	if b.Len() > 0 && !bytes.HasSuffix(b.Bytes(), []byte("\n\n")) {
		fmt.Fprintln(b)
	}
	lead := r.lead
	for len(lead) > 0 && lead[0] == "" {
		lead = lead[1:]
	}
	for _, l := range lead {
		fmt.Fprintln(b, l)
	}
	if r.Only != "" {
		fmt.Fprintln(b, "onlyif", r.Only)
	}
	if r.Pending != "" {
		fmt.Fprintln(b, "pending", r.Pending)
	}
	head := []string{"statement ok"}
	switch r.Kind {
	case StatementError:
		head = []string{"statement error", r.Code}
		if r.Pos != 0 {
			head = append(head, fmt.Sprint("@", r.Pos))
		}
		head = append(head, r.Text)
	case Query:
		head = []string{"query", r.Types, orderNames[r.Order], map[bool]string{true: "names"}[r.Names]}
	}
	head = slices.DeleteFunc(head, func(s string) bool { return s == "" })
	fmt.Fprintf(b, "%s\n%s\n", strings.Join(head, " "), r.SQL)
	if r.Kind == Query {
		fmt.Fprintln(b, "----")
		for _, w := range r.Want {
			fmt.Fprintln(b, w)
		}
	}
	fmt.Fprintln(b)
}
