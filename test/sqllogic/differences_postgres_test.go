//go:build postgres

package sqllogic

import (
	"context"
	"testing"

	"github.com/freshetdb/freshet/internal/testkit"
)

// TestPostgresDifferences checks what docs/sql/differences.md says of PostgreSQL.
func TestPostgresDifferences(t *testing.T) {
	tables, err := testkit.Tables()
	if err != nil {
		t.Fatal(err)
	}
	p := openPostgres(t, tables...)
	answerExamples(t, "PostgreSQL", func(x *example) (testkit.Answer, bool) {
		return p.Run(context.Background(), x.sql(), ""), true
	})
}
