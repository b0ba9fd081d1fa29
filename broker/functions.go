package broker

import (
	"strconv"

	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/internal/errs"
	"github.com/freshetdb/freshet/internal/vec"
	"github.com/freshetdb/freshet/query/function"
)

const sessionFamily = "session"

// sessionFunction makes a function for a session.
type sessionFunction = func(s *Session) function.Scalar

// sessionFunctions are the functions whose values are the session's, by canonical name. They fold to constants when a
// statement is bound; statements are bound again when settings changed. Those with an effect leave it with the binding,
// to be done once when the statement runs.
func sessionFunctions() map[string]sessionFunction {
	out := map[string]sessionFunction{}
	add := func(name, signature, doc string, least, most int, value func(*Session, []function.Arg) (catalog.Value, error)) {
		out[function.Canonical(name)] = func(s *Session) function.Scalar {
			return constant(name, signature, doc, least, most, func(args []function.Arg) (catalog.Value, error) { return value(s, args) })
		}
	}
	text := func(name, signature, doc string, f func(s *Session) string) {
		add(name, signature, doc, 0, 0, func(s *Session, _ []function.Arg) (catalog.Value, error) { return catalog.StringValue(f(s)), nil })
	}
	text("version", "version()", "Version of the server.", func(s *Session) string { return versionText(s.b.cfg.Version) })
	for _, name := range []string{"current_user", "session_user", "current_role", "user"} {
		text(name, name, "Name of the user.", func(s *Session) string { return s.cfg.User })
	}
	text("current_database", "current_database()", "Name of the database.", func(s *Session) string { return s.cfg.Database })
	text("current_catalog", "current_catalog", "Name of the database.", func(s *Session) string { return s.cfg.Database })
	text("current_schema", "current_schema()", "Name of the schema.", func(*Session) string { return "public" })
	add("current_schemas", "current_schemas(implicit)", "Schemas that names are looked up in.", 1, 1, currentSchemas)
	add("pg_backend_pid", "pg_backend_pid()", "Process id of the session.", 0, 0, func(s *Session, _ []function.Arg) (catalog.Value, error) {
		return catalog.IntValue(int64(s.pid)), nil
	})
	add("pg_is_in_recovery", "pg_is_in_recovery()", "Always false.", 0, 0, func(*Session, []function.Arg) (catalog.Value, error) {
		return catalog.BoolValue(false), nil
	})
	out[function.Canonical("current_setting")] = (*Session).currentSetting
	add("set_config", "set_config(name, value, isLocal)", "Changes a setting.", 3, 3, (*Session).setConfig)
	for _, name := range []string{"pg_cancel_backend", "pg_terminate_backend"} {
		add(name, name+"(pid)", "Cancels what a session runs.", 1, 1, (*Session).cancelBackend)
	}
	return out
}

// function finds a function of the session. A statement that calls one is the session's own: its plan is no other's.
func (s *Session) function(canonical string) (*function.Scalar, bool) {
	var found function.Scalar
	if of, ok := s.b.functions[canonical]; ok {
		found = of(s)
	} else {
		f, personal, ok := s.b.catalog.Function(who{s}, canonical)
		if !ok || !personal {
			return f, ok
		}
		found = *f
	}
	bind := found.Bind
	found.Bind = func(args []function.Arg) (function.Bound, error) {
		if s.binding != nil {
			s.binding.personal = true
		}
		return bind(args)
	}
	return &found, true
}

// constant makes a function that is known when it is bound. It takes from least to most arguments, all constants.
func constant(name, signature, doc string, least, most int, value func([]function.Arg) (catalog.Value, error)) function.Scalar {
	return function.Scalar{Name: name, Family: sessionFamily, Signature: signature, Doc: doc, Volatility: function.Immutable,
		Bind: func(args []function.Arg) (function.Bound, error) {
			if len(args) < least || len(args) > most {
				return function.Bound{}, function.NoMatch(name, args)
			}
			types := make([]catalog.Type, len(args))
			for i, a := range args {
				types[i] = a.Type
			}
			v, err := value(args)
			if err != nil {
				return function.Bound{}, err
			}
			return function.Bound{Name: name, Type: v.Type, Args: types,
				Eval: func(_ *function.EvalContext, _ []*vec.Vector, n int, out *vec.Vector) error {
					var c vec.Vector
					c.SetConst(v, n)
					c.Gather(nil, out)
					return nil
				}}, nil
		}}
}

func currentSchemas(_ *Session, args []function.Arg) (catalog.Value, error) {
	v := catalog.Value{Type: catalog.String.Array()}
	if c := args[0].Const; c == nil || c.I64 != 0 {
		v.Elems = append(v.Elems, catalog.StringValue("pg_catalog"))
	}
	v.Elems = append(v.Elems, catalog.StringValue("public"))
	return v, nil
}

// constArg gives a constant argument. A parameter counts as NULL until its value is known.
func constArg(name string, args []function.Arg, i int) (catalog.Value, error) {
	if c := args[i].Const; c != nil {
		return *c, nil
	}
	return catalog.Value{}, errs.User(errs.FeatureNotSupported, "argument %d of %s has to be a constant", i+1, name)
}

// currentSetting is current_setting: known when it is bound where the name is a constant, else looked up for each row.
func (s *Session) currentSetting() function.Scalar {
	f := constant("current_setting", "current_setting(name[, missingOk])", "Value of a setting.", 1, 2, func(args []function.Arg) (catalog.Value, error) {
		name, err := constArg("current_setting", args, 0)
		if err != nil || name.Null {
			return catalog.NullValue(catalog.String), err
		}
		missingOK := false
		if len(args) == 2 {
			ok, err := constArg("current_setting", args, 1)
			if err != nil {
				return ok, err
			}
			missingOK = ok.I64 != 0
		}
		return s.settingValue(name.Str, missingOK)
	})
	ofConstant := f.Bind
	f.Volatility = function.Stable
	f.Bind = func(args []function.Arg) (function.Bound, error) {
		if len(args) != 1 || args[0].Const != nil || args[0].Type != catalog.String {
			return ofConstant(args)
		}
		return function.Bound{Name: "current_setting", Type: catalog.String, Args: []catalog.Type{catalog.String}, Strict: true, Fallible: true,
			Eval: func(ec *function.EvalContext, args []*vec.Vector, n int, out *vec.Vector) error {
				for i := range n {
					if out.IsNull(i) {
						continue
					}
					v, err := s.settingValue(args[0].StrAt(i), false)
					if err != nil {
						if err = ec.Fail(out, i, err); err != nil {
							return err
						}
						continue
					}
					out.Str[i] = v.Str
				}
				return nil
			}}, nil
	}
	return f
}

// settingValue gives a setting; one that is not known is NULL where missingOK.
func (s *Session) settingValue(name string, missingOK bool) (catalog.Value, error) {
	if value, ok := s.settings.get(name); ok {
		return catalog.StringValue(value), nil
	}
	if missingOK {
		return catalog.NullValue(catalog.String), nil
	}
	return catalog.Value{}, unknownSetting(name)
}

func (s *Session) setConfig(args []function.Arg) (catalog.Value, error) {
	var v [3]catalog.Value
	for i := range v {
		var err error
		if v[i], err = constArg("set_config", args, i); err != nil {
			return v[i], err
		}
	}
	name, value, local := v[0].Str, v[1].Str, v[2].I64 != 0
	_, out, err := s.settings.canonical(name, value)
	if err != nil {
		return catalog.Value{}, err
	}
	s.later(func() error { return s.set(name, value, local) })
	return catalog.StringValue(out), nil
}

func (s *Session) cancelBackend(args []function.Arg) (catalog.Value, error) {
	v, err := constArg("pg_cancel_backend", args, 0)
	if err != nil {
		return v, err
	}
	pid := v.I64
	if v.Str != "" {
		if pid, err = strconv.ParseInt(v.Str, 10, 32); err != nil {
			return v, errs.User(errs.InvalidText, "invalid input syntax for type integer: %q", v.Str)
		}
	}
	s.later(func() error {
		if pid == int64(int32(pid)) && pid != int64(s.pid) {
			s.b.registry.cancelSession(int32(pid))
		}
		return nil
	})
	return catalog.BoolValue(s.b.registry.has(int32(pid))), nil
}

// later leaves an effect with the statement that is being bound.
func (s *Session) later(effect func() error) {
	if s.binding != nil {
		s.binding.effects = append(s.binding.effects, effect)
	}
}
