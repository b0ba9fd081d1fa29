package remote

import (
	"errors"
	"io"
	"os"
	"os/exec"
	"testing"
)

// TestMain answers, where it is run as the other side.
func TestMain(m *testing.M) {
	if os.Getenv("REMOTE_SIDE") == "" {
		os.Exit(m.Run())
	}
	err := Serve(os.Stdin, os.Stdout, Answer{Note: "hello"}, func(q Question) Answer {
		switch q.SQL {
		case "fail":
			return Answer{Error: "no such thing"}
		case "end":
			os.Exit(3)
		}
		return Answer{Took: float64(q.Threads), Rows: [][]string{{q.SQL}}}
	})
	if err != nil {
		os.Exit(2)
	}
	os.Exit(0)
}

func TestProcess(t *testing.T) {
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(self)
	cmd.Env = append(os.Environ(), "REMOTE_SIDE=1")
	p, err := Start(t.Context(), "side", cmd)
	if err != nil || p.Greeting.Note != "hello" {
		t.Fatalf("greeting %+v, %v", p, err)
	}
	for n := range 3 {
		a, err := p.Ask(Question{SQL: "a\nb", Threads: n})
		if err != nil || a.Took != float64(n) || a.Rows[0][0] != "a\nb" {
			t.Errorf("answer %+v, %v", a, err)
		}
	}
	if _, err := p.Ask(Question{SQL: "fail"}); err == nil {
		t.Error("an error was lost")
	}
	if _, err := p.Ask(Question{SQL: "end"}); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("a side that ended: %v", err)
	}
	var exit *exec.ExitError
	if err := p.Close(); !errors.As(err, &exit) || exit.ExitCode() != 3 {
		t.Errorf("close: %v", err)
	}
}
