package endpoint

import (
	"errors"

	"github.com/freshetdb/freshet/internal/errs"
)

// Why a query was ended from outside. They are causes of 57014 errors, for endpoints that tell them apart.
var (
	ErrTimeout       = errors.New("statement timeout")
	ErrUserCancelled = errors.New("user request")
)

// ErrStalePlan is the cause of StalePlan: endpoints tell drivers apart what is prepared again from what is refused.
var ErrStalePlan = errors.New("stale plan")

// StalePlan is the error of a prepared statement whose result or parameters have other types than its client was told.
func StalePlan() *errs.Error {
	return errs.User(errs.FeatureNotSupported, "cached plan must not change result type").Wrap(ErrStalePlan).
		WithHint("A table or a setting changed since the statement was prepared: prepare it again.")
}

// Timeout is the error of a query that its deadline ended.
func Timeout() *errs.Error {
	return cancelled("canceling statement due to statement timeout", ErrTimeout)
}

// UserCancelled is the error of a query that its user ended.
func UserCancelled() *errs.Error {
	return cancelled("canceling statement due to user request", ErrUserCancelled)
}

func cancelled(text string, why error) *errs.Error {
	return &errs.Error{Class: errs.ClassCancelled, Code: errs.QueryCanceled, Msg: text, Cause: why}
}
