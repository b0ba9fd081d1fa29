package broker

import (
	"strings"

	"github.com/freshetdb/freshet/broker/endpoint"
	"github.com/freshetdb/freshet/internal/errs"
	"github.com/freshetdb/freshet/query/sql"
)

// maxSavepoints bounds the savepoints of one block.
const maxSavepoints = 1000

// transaction is the state of a transaction block. Nothing but settings can be rolled back, since SQL only reads.
type transaction struct {
	status     endpoint.TxStatus
	before     map[string]string // settings at BEGIN
	local      map[string]bool   // settings that SET LOCAL changed
	savepoints []savepoint
}

type savepoint struct {
	name     string
	settings map[string]string
}

func (t *transaction) fail() {
	if t.status == endpoint.TxActive {
		t.status = endpoint.TxFailed
	}
}

// changed remembers how a setting was set within the block.
func (t *transaction) changed(key string, local bool) {
	if t.local == nil {
		t.local = map[string]bool{}
	}
	t.local[key] = local
}

// transact runs BEGIN, COMMIT and their like and gives the tag.
func (s *Session) transact(st *sql.Transaction) (string, error) {
	switch st.Kind {
	case sql.Begin, sql.Start:
		return s.begin(st)
	case sql.Commit, sql.Rollback:
		return s.endBlock(st.Kind == sql.Commit)
	case sql.Savepoint:
		return "SAVEPOINT", s.savepoint(st.Name)
	case sql.Release:
		return "RELEASE", s.rollbackTo("RELEASE SAVEPOINT", st.Name, false)
	case sql.RollbackTo:
		return "ROLLBACK", s.rollbackTo("ROLLBACK TO SAVEPOINT", st.Name, true)
	}
	return "", errs.Bug("transaction statement of kind %d", st.Kind)
}

func (s *Session) begin(st *sql.Transaction) (string, error) {
	tag := "BEGIN"
	if st.Kind == sql.Start {
		tag = "START TRANSACTION"
	}
	if err := s.checkUsable(); err != nil {
		return "", err
	}
	if s.tx.status != endpoint.TxIdle {
		s.warn(errs.User(errs.TransactionActive, "there is already a transaction in progress"))
		return tag, nil
	}
	s.tx = transaction{status: endpoint.TxActive, before: s.settings.snapshot()}
	return tag, nil
}

// endBlock ends the block. Settings go back: all of them if it is rolled back, those of SET LOCAL in any case.
func (s *Session) endBlock(commit bool) (string, error) {
	if s.tx.status == endpoint.TxIdle {
		s.warn(errs.User(errs.NoActiveTransaction, "there is no transaction in progress"))
	}
	tag := "COMMIT"
	if !commit || s.tx.status == endpoint.TxFailed {
		tag = "ROLLBACK"
	}
	old := s.tx
	s.tx = transaction{status: endpoint.TxIdle}
	if old.status == endpoint.TxIdle {
		return tag, nil
	}
	if tag == "ROLLBACK" {
		s.settings.restore(old.before)
		return tag, s.applyZone()
	}
	after := s.settings.snapshot()
	for key, local := range old.local {
		if !local {
			continue
		}
		if was, set := old.before[key]; set {
			after[key] = was
		} else {
			delete(after, key)
		}
	}
	s.settings.restore(after)
	return tag, s.applyZone()
}

func (s *Session) needBlock(what string) error {
	if s.tx.status == endpoint.TxIdle {
		return errs.User(errs.NoActiveTransaction, "%s can only be used in transaction blocks", what)
	}
	return nil
}

func (s *Session) savepoint(name string) error {
	if err := s.needBlock("SAVEPOINT"); err != nil {
		return err
	}
	if err := s.checkUsable(); err != nil {
		return err
	}
	if len(s.tx.savepoints) >= maxSavepoints {
		return errs.New(errs.ClassExhausted, errs.ProgramLimitExceeded, "transaction has %d savepoints, no more are kept", maxSavepoints).
			WithHint("Release savepoints that are not used any more.")
	}
	s.tx.savepoints = append(s.tx.savepoints, savepoint{name: name, settings: s.settings.snapshot()})
	return nil
}

// rollbackTo goes back to a savepoint, which stays; or (back is false) forgets it and those after it.
func (s *Session) rollbackTo(what, name string, back bool) error {
	if err := s.needBlock(what); err != nil {
		return err
	}
	if !back {
		if err := s.checkUsable(); err != nil {
			return err
		}
	}
	for i := len(s.tx.savepoints) - 1; i >= 0; i-- {
		sp := s.tx.savepoints[i]
		if !strings.EqualFold(sp.name, name) {
			continue
		}
		if !back {
			s.tx.savepoints = s.tx.savepoints[:i]
			return nil
		}
		s.tx.savepoints = s.tx.savepoints[:i+1]
		s.tx.status = endpoint.TxActive
		s.settings.restore(sp.settings)
		return s.applyZone()
	}
	return errs.User("3B001", "savepoint %q does not exist", name)
}
