//go:build !goexperiment.simd || !amd64

package json

func (s *numbers) join(_ int) { s.odd = ^uint64(0) }
