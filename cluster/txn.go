package cluster

import "github.com/freshetdb/freshet/internal/errs"

// MaxTxnOps is the largest number of operations, and of conditions, of a transaction: etcd's default.
const MaxTxnOps = 128

// CheckTxn refuses transactions that no backend takes: too many operations, or a key that is empty or written twice.
func CheckTxn(conds []Cond, ops []Op) error {
	if len(ops) > MaxTxnOps || len(conds) > MaxTxnOps {
		return errs.User(errs.ProgramLimitExceeded, "a transaction has %d conditions and %d operations, at most %d of each are allowed",
			len(conds), len(ops), MaxTxnOps)
	}
	seen := make(map[string]bool, len(ops))
	for _, c := range conds {
		if c.Key == "" {
			return errs.User(errs.InvalidParameterValue, "a condition of a transaction has an empty key")
		}
	}
	for _, op := range ops {
		if op.Key == "" || seen[op.Key] {
			return errs.User(errs.InvalidParameterValue, "a transaction writes key %q twice, or it is empty", op.Key)
		}
		seen[op.Key] = true
	}
	return nil
}
