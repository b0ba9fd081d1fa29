package exec

// Tune makes small data take the ways of large data: a second worker from parallelRows rows on, morsels of
// morselBlocks blocks.
func Tune(e *Env, parallelRows int64, morselBlocks int) {
	e.tune.parallelRows, e.tune.morselBlocks = parallelRows, morselBlocks
}
