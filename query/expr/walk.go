package expr

// Walk visits e and, where f returns true, what is below it, in order.
func Walk(e Expr, f func(Expr) bool) {
	if e == nil || !f(e) {
		return
	}
	for _, c := range e.Children() {
		Walk(c, f)
	}
}

// Rewrite rebuilds e bottom-up: f gets each node with its operands already rewritten and gives what stands for it. Nodes
// that do not change are shared with e.
func Rewrite(e Expr, f func(Expr) Expr) Expr {
	if e == nil {
		return nil
	}
	old := e.Children()
	if len(old) == 0 {
		return f(e)
	}
	kids := make([]Expr, len(old))
	changed := false
	for i, c := range old {
		kids[i] = Rewrite(c, f)
		changed = changed || kids[i] != c
	}
	if changed {
		e = withChildren(e, kids)
	}
	return f(e)
}

// withChildren copies a node with other operands, given in the order of Children.
func withChildren(e Expr, kids []Expr) Expr {
	switch x := e.(type) {
	case *Compare:
		return &Compare{Op: x.Op, Left: kids[0], Right: kids[1]}
	case *And:
		return &And{Args: kids}
	case *Or:
		return &Or{Args: kids}
	case *Not:
		return &Not{Arg: kids[0]}
	case *IsNull:
		return &IsNull{Arg: kids[0], Negated: x.Negated}
	case *In:
		c := *x
		c.Arg = kids[0]
		return &c
	case *Like:
		c := *x
		c.Arg = kids[0]
		return &c
	case *Call:
		return &Call{Fn: x.Fn, Args: kids, Volatility: x.Volatility}
	case *Case:
		c := &Case{T: x.T, Whens: make([]When, len(x.Whens))}
		for i := range x.Whens {
			c.Whens[i] = When{Cond: kids[2*i], Then: kids[2*i+1]}
		}
		if x.Else != nil {
			c.Else = kids[len(kids)-1]
		}
		return c
	case *Coalesce:
		return &Coalesce{Args: kids, T: x.T}
	case *Cast:
		return &Cast{Arg: kids[0], To: x.To}
	default:
		return e
	}
}

// Columns gives the positions of the input columns that e reads, ascending, each once.
func Columns(e Expr) []int {
	seen := map[int]bool{}
	var cols []int
	Walk(e, func(x Expr) bool {
		if c, ok := x.(*Column); ok && !seen[c.Index] {
			seen[c.Index] = true
			at := len(cols)
			for at > 0 && cols[at-1] > c.Index {
				at--
			}
			cols = append(cols, 0)
			copy(cols[at+1:], cols[at:])
			cols[at] = c.Index
		}
		return true
	})
	return cols
}

// Fallible reports whether evaluating e can fail for some values: such conjuncts are evaluated last, on surviving rows.
func Fallible(e Expr) bool {
	fallible := false
	Walk(e, func(x Expr) bool {
		switch n := x.(type) {
		case *Call:
			fallible = fallible || n.Fn.Fallible
		case *Cast:
			fallible = fallible || castFallible(n.Arg.Type(), n.To)
		}
		return !fallible
	})
	return fallible
}

// Constant reports whether e has no columns and no parameters, and nothing volatile: one evaluation gives its value.
func Constant(e Expr) bool {
	constant := true
	Walk(e, func(x Expr) bool {
		switch n := x.(type) {
		case *Column, *Param:
			constant = false
		case *Call:
			constant = constant && n.Volatility != volatile
		}
		return constant
	})
	return constant
}
