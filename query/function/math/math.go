package math

import (
	"github.com/freshetdb/freshet/query/function"
)

// Scalars lists the functions of the family.
func Scalars() []function.Scalar {
	return operators()
}

func operators() []function.Scalar {
	return []function.Scalar{
		{Name: "plus", Aliases: []string{"add"}, Family: family, Signature: "plus(a, b)", Example: "plus(1, 2) = 3",
			Doc:  "Sum of two numbers; a time plus an INTERVAL is a time, a time plus a LONG is milliseconds.",
			Bind: bindPlus},
		{Name: "minus", Aliases: []string{"sub"}, Family: family, Signature: "minus(a, b)", Example: "minus(5, 2) = 3",
			Doc:  "Difference of two numbers. The difference of two times is LONG milliseconds, which compare with an INTERVAL.",
			Bind: bindMinus},
		{Name: "times", Aliases: []string{"mult"}, Family: family, Signature: "times(a, b)", Example: "times(6, 7) = 42",
			Doc: "Product of two numbers, or of an INTERVAL and a number.", Bind: bindTimes},
		{Name: "divide", Family: family, Signature: "divide(a, b)", Example: "divide(1, 2) = 0.5",
			Doc: "Quotient as DOUBLE, also of integers. Division by zero is an error unless IEEE division is on.", Bind: bindDivide},
		{Name: "mod", Family: family, Signature: "mod(a, b)", Example: "mod(7, 3) = 1",
			Doc: "Remainder, with the sign of the dividend.", Bind: bindMod},
	}
}
