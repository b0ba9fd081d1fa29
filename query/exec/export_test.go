package exec

// Used is what the statement's operators hold, in bytes.
func Used(e *Env) int64 { return e.used.Load() }
