// Package geo holds the geospatial scalar functions over serialised geometry values.
package geo

import "github.com/freshetdb/freshet/query/function"

// Scalars lists the functions of this family.
func Scalars() []function.Scalar { return nil }
