//go:build !goexperiment.simd || !amd64

package json

// gatherNumbers leaves all numbers; nothing calls it, as there are no runs.
func (r *run) gatherNumbers(_ *member) (left uint64) { return r.all() }

// gatherTexts leaves all texts.
func (r *run) gatherTexts(_ *member, _ []string, _ int) (left uint64) { return r.all() }
