//go:build !goexperiment.simd || !amd64

package json

func decimalDigits(_ []byte, _, _ int) (mantissa uint64, scale int, ok bool) { return 0, 0, false }
