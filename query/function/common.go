package function

import "github.com/freshetdb/freshet/catalog"

// CommonClass is LONG, DOUBLE or BIG_DECIMAL: what operands are computed as. Times, durations and booleans count as
// LONG; text counts as DOUBLE, so that quoted numbers work as in Pinot. It reports false for arrays and octets.
func CommonClass(args []Arg) (catalog.Kind, bool) {
	class := catalog.KindLong
	for _, a := range args {
		k := a.Type.Kind
		switch {
		case a.Type.MultiValue:
			return 0, false
		case k == catalog.KindBigDecimal:
			class = catalog.KindBigDecimal
		case k == catalog.KindFloat || k == catalog.KindDouble || k == catalog.KindString:
			if class == catalog.KindLong {
				class = catalog.KindDouble
			}
		case k.IsInteger() || k.IsTime() || k == catalog.KindInterval || k == catalog.KindNull || k == catalog.KindBoolean:
		default:
			return 0, false
		}
	}
	return class, true
}

// CommonType is the type to which all single-value arguments convert for comparing them: STRING where all are NULL.
// It reports false for arrays and for kinds that do not compare with each other.
func CommonType(args []Arg) (catalog.Type, bool) {
	if len(args) == 0 {
		return catalog.Type{}, false
	}
	t := catalog.Null
	for _, a := range args {
		next, ok := commonPair(t, a.Type)
		if !ok {
			return t, false
		}
		t = next
	}
	if t.Kind == catalog.KindNull {
		t = catalog.String
	}
	return t, true
}

func commonPair(t, k catalog.Type) (catalog.Type, bool) {
	switch {
	case k.MultiValue:
		return t, false
	case k.Kind == catalog.KindNull || k == t:
		return t, true
	case t.Kind == catalog.KindNull:
		return k, true
	case k.Kind.IsNumeric() && t.Kind.IsNumeric():
		class, _ := CommonClass([]Arg{{Type: t}, {Type: k}})
		return catalog.Type{Kind: class}, true
	case k.Kind.IsTime() && (t.Kind.IsTime() || t.Kind.IsInteger() || t.Kind == catalog.KindString):
		return catalog.Timestamp, true
	case t.Kind.IsTime() && (k.Kind.IsInteger() || k.Kind == catalog.KindString):
		return t, true
	case k.Kind.IsText() && t.Kind.IsText():
		return catalog.String, true
	case k.Kind == catalog.KindString && t.Kind.IsNumeric(), t.Kind == catalog.KindString && k.Kind.IsNumeric():
		return catalog.Double, true
	case k.Kind == catalog.KindString && (t.Kind == catalog.KindBoolean || t.Kind == catalog.KindBytes || t.Kind == catalog.KindInterval):
		return t, true
	case t.Kind == catalog.KindString && (k.Kind == catalog.KindBoolean || k.Kind == catalog.KindBytes || k.Kind == catalog.KindInterval):
		return k, true
	}
	return t, false
}
