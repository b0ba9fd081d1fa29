//go:build !goexperiment.simd || !amd64

package json

// join leaves all numbers to be read otherwise; nothing calls it, as there are no runs.
func (s *numbers) join(_ int) { s.odd = ^uint64(0) }
