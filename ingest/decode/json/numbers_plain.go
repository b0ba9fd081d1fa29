//go:build !goexperiment.simd || !amd64

package json

// What follows leaves all numbers to be read otherwise; nothing calls it, as there are no runs.

type numbers struct{ gathered }

func (s *numbers) join(_ int) { s.odd = ^uint64(0) }

func (s *numbers) integers(_ []int64) { s.odd = ^uint64(0) }

func (s *numbers) floats(_ []float64) { s.odd = ^uint64(0) }
