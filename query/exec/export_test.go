package exec

// Used is what the statement's operators hold, in bytes.
func Used(e *Env) int64 { return e.used.Load() }

// TuneBatches makes the operators of the root give batches of at most rows rows.
func TuneBatches(e *Env, rows int) { e.tune.batchRows = rows }
