package sql

import (
	"strconv"
	"strings"

	pg "github.com/pganalyze/pg_query_go/v6"

	"github.com/freshetdb/freshet/internal/errs"
)

// conv converts a pg_query tree. The first error sticks; what is converted after it is thrown away.
type conv struct {
	src     *source
	dialect Dialect
	depth   int
	err     error
	// stmt bounds in the rewritten text, for option tails and EXPLAIN PLAN FOR
	start, end int
}

// fail records the first error.
func (c *conv) fail(err *errs.Error) {
	if c.err == nil {
		c.err = err
	}
}

// unsupported records a construct that the dialect lacks.
func (c *conv) unsupported(loc int32, what string) {
	c.fail(errs.User(errs.FeatureNotSupported, "%s is not supported", what).At(c.src.position(loc)))
}

func (c *conv) at(loc int32) At { return At(c.src.position(loc)) }

// ident restores a name that travelled under a short one.
func (c *conv) ident(s string) string {
	if full, ok := c.src.long[s]; ok {
		return full
	}
	return s
}

func (c *conv) idents(nodes []*pg.Node) []string {
	out := make([]string, 0, len(nodes))
	for _, n := range nodes {
		if s, ok := n.Node.(*pg.Node_String_); ok {
			out = append(out, c.ident(s.String_.Sval))
		}
	}
	return out
}

// statements converts every statement of the tree.
func (c *conv) statements(tree *pg.ParseResult) []Statement {
	out := make([]Statement, 0, len(tree.Stmts))
	for _, raw := range tree.Stmts {
		c.start = int(raw.StmtLocation)
		c.end = len(c.src.rewritten)
		if raw.StmtLen > 0 {
			c.end = c.start + int(raw.StmtLen)
		}
		out = append(out, c.statement(raw.Stmt, c.bounds()))
	}
	return out
}

// bounds gives the user's text of the current statement.
func (c *conv) bounds() Source {
	start := c.start + leadingSpace(c.src.rewritten[c.start:c.end])
	from := c.src.origOffset(start)
	to := len(c.src.orig)
	if c.end < len(c.src.rewritten) {
		to = max(from, c.src.origOffset(c.end))
	}
	return Source{position: c.src.chars.position(from), text: strings.TrimRight(c.src.orig[from:to], " \t\r\n;")}
}

// leadingSpace is the length of the white space and comments that text starts with.
func leadingSpace(text string) int {
	p := rawScanner{rewriter: rewriter{src: text}}
	for p.at < len(text) {
		switch {
		case strings.IndexByte(" \t\r\n\f\v", text[p.at]) >= 0:
			p.at++
		case strings.HasPrefix(text[p.at:], "--"):
			p.skipLine()
		case strings.HasPrefix(text[p.at:], "/*"):
			p.skipComment()
		default:
			return p.at
		}
	}
	return p.at
}

func (c *conv) statement(n *pg.Node, s Source) Statement {
	switch n := n.GetNode().(type) {
	case *pg.Node_SelectStmt:
		sel := c.query(n.SelectStmt)
		if sel != nil {
			sel.Source = s
			sel.Options = c.options()
		}
		return sel
	case *pg.Node_ExplainStmt:
		return c.explain(n.ExplainStmt, s)
	case *pg.Node_VariableSetStmt:
		return c.set(n.VariableSetStmt, s)
	case *pg.Node_VariableShowStmt:
		return &Show{Source: s, Name: c.ident(n.VariableShowStmt.Name)}
	case *pg.Node_TransactionStmt:
		return c.transaction(n.TransactionStmt, s)
	case *pg.Node_DiscardStmt:
		return &Discard{Source: s, Target: discardTarget(n.DiscardStmt.Target)}
	case *pg.Node_DeallocateStmt:
		name := c.ident(n.DeallocateStmt.Name)
		return &Deallocate{Source: s, Name: name, All: name == ""}
	case *pg.Node_PrepareStmt:
		p := &Prepare{Source: s, Name: c.ident(n.PrepareStmt.Name), Stmt: c.statement(n.PrepareStmt.Query, s)}
		for _, t := range n.PrepareStmt.Argtypes {
			p.Types = append(p.Types, c.typeName(t.GetTypeName()))
		}
		return p
	case *pg.Node_ExecuteStmt:
		return &Execute{Source: s, Name: c.ident(n.ExecuteStmt.Name), Args: c.exprs(n.ExecuteStmt.Params)}
	case *pg.Node_ListenStmt:
		return &Listen{Source: s, Verb: "LISTEN", Channel: c.ident(n.ListenStmt.Conditionname)}
	case *pg.Node_UnlistenStmt:
		return &Listen{Source: s, Verb: "UNLISTEN", Channel: c.ident(n.UnlistenStmt.Conditionname)}
	case *pg.Node_NotifyStmt:
		return &Listen{Source: s, Verb: "NOTIFY", Channel: c.ident(n.NotifyStmt.Conditionname)}
	default:
		return c.cursorStatement(n, s)
	}
}

// Bits of a cursor's options in the tree.
const (
	cursorBinary = 0x0001
	cursorScroll = 0x0002
	cursorHold   = 0x0020
)

// cursorStatement converts the statements of cursors and refuses what is left by name.
func (c *conv) cursorStatement(n any, s Source) Statement {
	switch n := n.(type) {
	case *pg.Node_DeclareCursorStmt:
		d := n.DeclareCursorStmt
		return &DeclareCursor{Source: s, Name: c.ident(d.Portalname), Binary: d.Options&cursorBinary != 0,
			Scroll: d.Options&cursorScroll != 0, Hold: d.Options&cursorHold != 0, Query: c.statement(d.Query, s)}
	case *pg.Node_FetchStmt:
		f := n.FetchStmt
		dir := map[pg.FetchDirection]FetchDirection{pg.FetchDirection_FETCH_FORWARD: FetchForward,
			pg.FetchDirection_FETCH_BACKWARD: FetchBackward, pg.FetchDirection_FETCH_ABSOLUTE: FetchAbsolute,
			pg.FetchDirection_FETCH_RELATIVE: FetchRelative}[f.Direction]
		return &Fetch{Source: s, Name: c.ident(f.Portalname), Direction: dir, Count: f.HowMany, Move: f.Ismove}
	case *pg.Node_ClosePortalStmt:
		name := c.ident(n.ClosePortalStmt.Portalname)
		return &CloseCursor{Source: s, Name: name, All: name == ""}
	default:
		tag, write := statementTag(n, s.text)
		return &Unsupported{Source: s, Tag: tag, Write: write}
	}
}

// statementTag names a statement that is not supported, by the words that it starts with.
func statementTag(n any, text string) (tag string, write bool) {
	switch n.(type) {
	case *pg.Node_InsertStmt:
		return "INSERT", true
	case *pg.Node_UpdateStmt:
		return "UPDATE", true
	case *pg.Node_DeleteStmt:
		return "DELETE", true
	case *pg.Node_MergeStmt:
		return "MERGE", true
	case *pg.Node_TruncateStmt:
		return "TRUNCATE TABLE", true
	case *pg.Node_CopyStmt:
		return "COPY", false
	case *pg.Node_CreateTableAsStmt:
		return "CREATE TABLE AS", true
	}
	words := strings.Fields(text)
	if len(words) == 0 {
		return "this statement", false
	}
	tag = strings.ToUpper(words[0])
	switch tag {
	case "CREATE", "DROP", "ALTER":
		if len(words) > 1 {
			tag += " " + strings.ToUpper(strings.Trim(words[1], "(),;"))
		}
		return tag, true
	case "GRANT", "REVOKE", "COMMENT", "REINDEX", "CLUSTER", "REFRESH", "IMPORT", "SECURITY":
		return tag, true
	default:
		return strings.Trim(tag, "(),;"), false
	}
}

func discardTarget(m pg.DiscardMode) string {
	switch m {
	case pg.DiscardMode_DISCARD_PLANS:
		return "PLANS"
	case pg.DiscardMode_DISCARD_SEQUENCES:
		return "SEQUENCES"
	case pg.DiscardMode_DISCARD_TEMP:
		return "TEMP"
	default:
		return "ALL"
	}
}

// options are those of the tails that were cut off within the current statement.
func (c *conv) options() []Option {
	var out []Option
	for _, t := range c.src.tails {
		// A tail stands between what was kept before and behind it, so it belongs to the statement whose kept text
		// begins before it and whose end does not come before it.
		start := c.src.tokenMap.source(c.start)
		end := len(c.src.raw)
		if c.end < len(c.src.rewritten) {
			end = c.src.tokenMap.source(c.end)
		}
		if t.at < start || t.at > end {
			continue
		}
		for _, o := range t.options {
			out = append(out, Option{At: At(c.src.chars.position(c.src.rawMap.source(o.at))), Name: o.name, Value: o.value})
		}
	}
	return out
}

func (c *conv) explain(n *pg.ExplainStmt, s Source) Statement {
	e := &Explain{Source: s, Stmt: c.statement(n.Query, s)}
	start := c.src.tokenMap.source(c.start)
	for _, at := range c.src.planFor {
		if at >= start && at <= c.src.tokenMap.source(c.end) {
			e.PlanFor = true
		}
	}
	for _, o := range n.Options {
		d := o.GetDefElem()
		if d == nil {
			continue
		}
		value := "on"
		if d.Arg != nil {
			value = c.settingValue(d.Arg)
		}
		name := strings.ToLower(d.Defname)
		if name == "analyze" {
			e.Analyze = isOn(value)
		}
		if e.Options == nil {
			e.Options = map[string]string{}
		}
		e.Options[name] = value
	}
	return e
}

// isOn reports the spellings of an enabled boolean option.
func isOn(value string) bool {
	switch strings.ToLower(value) {
	case "on", "true", "1", "yes", "t", "y":
		return true
	default:
		return false
	}
}

func (c *conv) set(n *pg.VariableSetStmt, s Source) Statement {
	name := c.ident(n.Name)
	switch n.Kind {
	case pg.VariableSetKind_VAR_RESET:
		return &Reset{Source: s, Name: name}
	case pg.VariableSetKind_VAR_RESET_ALL:
		return &Reset{Source: s, All: true}
	}
	set := &Set{Source: s, Name: name, Local: n.IsLocal, Default: n.Kind == pg.VariableSetKind_VAR_SET_DEFAULT}
	for _, a := range n.Args {
		if d := a.GetDefElem(); d != nil { // SET TRANSACTION
			set.Values = append(set.Values, strings.ToLower(d.Defname)+" "+c.settingValue(d.Arg))
			continue
		}
		set.Values = append(set.Values, c.settingValue(a))
	}
	return set
}

// settingValue is the text of a SET or option value.
func (c *conv) settingValue(n *pg.Node) string {
	switch v := n.GetNode().(type) {
	case *pg.Node_AConst:
		lit := c.constant(v.AConst)
		return lit.Text
	case *pg.Node_String_:
		return c.ident(v.String_.Sval)
	case *pg.Node_Integer:
		return strconv.Itoa(int(v.Integer.Ival))
	case *pg.Node_Float:
		return v.Float.Fval
	case *pg.Node_Boolean:
		return strconv.FormatBool(v.Boolean.Boolval)
	case *pg.Node_TypeCast: // SET TIME ZONE INTERVAL '...'
		return c.settingValue(v.TypeCast.Arg)
	default:
		return ""
	}
}

func (c *conv) transaction(n *pg.TransactionStmt, s Source) Statement {
	t := &Transaction{Source: s, Name: c.ident(n.SavepointName)}
	switch n.Kind {
	case pg.TransactionStmtKind_TRANS_STMT_BEGIN:
		t.Kind = Begin
	case pg.TransactionStmtKind_TRANS_STMT_START:
		t.Kind = Start
	case pg.TransactionStmtKind_TRANS_STMT_COMMIT:
		t.Kind = Commit
	case pg.TransactionStmtKind_TRANS_STMT_ROLLBACK:
		t.Kind = Rollback
	case pg.TransactionStmtKind_TRANS_STMT_SAVEPOINT:
		t.Kind = Savepoint
	case pg.TransactionStmtKind_TRANS_STMT_RELEASE:
		t.Kind = Release
	case pg.TransactionStmtKind_TRANS_STMT_ROLLBACK_TO:
		t.Kind = RollbackTo
	default:
		return &Unsupported{Source: s, Tag: "PREPARE TRANSACTION"}
	}
	for _, o := range n.Options {
		if d := o.GetDefElem(); d != nil && d.Defname == "transaction_read_only" && c.settingValue(d.Arg) == "0" {
			t.ReadWrite = true
		}
	}
	return t
}
