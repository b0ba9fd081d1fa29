package exec

// Tune is for tests: small data takes the ways of large data, with a second worker from parallelRows rows on, morsels of
// morselBlocks blocks, and groupings by a number partitioned from partitionRows rows on (0: as by default).
func Tune(e *Env, parallelRows int64, morselBlocks int, partitionRows int64) {
	e.tune = tuning{parallelRows: parallelRows, morselBlocks: morselBlocks, partitionRows: partitionRows}
}
