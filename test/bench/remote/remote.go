// Package remote runs an engine in a process of its own that speaks lines of JSON: a greeting when it is ready, then one
// answer to each question. The time of a question is taken by the side that answers it.
package remote

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"time"
)

// maxLine bounds an answer in bytes.
const maxLine = 64 << 20

// stopWait is how long a process has to end when its input is closed.
const stopWait = 20 * time.Second

// Question is one thing to measure: a query, a statement of which only success counts, or a kernel by its name.
type Question struct {
	SQL     string `json:"sql,omitempty"`
	Threads int    `json:"threads,omitempty"`
	Kernel  string `json:"kernel,omitempty"`
}

// Answer is what it took and gave. Took is in the unit of the engine: milliseconds of queries, ns/row of kernels.
type Answer struct {
	Error string     `json:"error,omitempty"`
	Took  float64    `json:"took"`
	Rows  [][]string `json:"rows,omitempty"`
	Names []string   `json:"names,omitempty"` // of a greeting: the kernels that there are
	Note  string     `json:"note,omitempty"`  // of a greeting: what answers
}

// Serve greets and answers until in ends.
func Serve(in io.Reader, out io.Writer, greeting Answer, answer func(Question) Answer) error {
	w := json.NewEncoder(out)
	if err := w.Encode(greeting); err != nil {
		return err
	}
	r := json.NewDecoder(in)
	for {
		var q Question
		if err := r.Decode(&q); err != nil {
			if errors.Is(err, io.EOF) {
				return nil
			}
			return err
		}
		if err := w.Encode(answer(q)); err != nil {
			return err
		}
	}
}

// Process is a running engine. Not safe for concurrent use.
type Process struct {
	Greeting Answer
	name     string
	cmd      *exec.Cmd
	in       io.WriteCloser
	out      *bufio.Scanner
}

// Start runs a command and waits for its greeting. What it writes to standard error is passed on.
func Start(ctx context.Context, name string, cmd *exec.Cmd) (*Process, error) {
	p := &Process{name: name, cmd: cmd}
	var err error
	if p.in, err = cmd.StdinPipe(); err != nil {
		return nil, err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	p.out = bufio.NewScanner(out)
	p.out.Buffer(make([]byte, 1<<16), maxLine)
	if cmd.Stderr == nil {
		cmd.Stderr = os.Stderr
	}
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("cannot start %s: %w", name, err)
	}
	if p.Greeting, err = p.read(); err != nil {
		return nil, errors.Join(err, ctx.Err(), p.Close())
	}
	return p, nil
}

func (p *Process) read() (a Answer, err error) {
	if !p.out.Scan() {
		return a, fmt.Errorf("%s ended: %w", p.name, errors.Join(p.out.Err(), io.ErrUnexpectedEOF))
	}
	if err := json.Unmarshal(p.out.Bytes(), &a); err != nil {
		return a, fmt.Errorf("%s answers %.200q: %w", p.name, p.out.Text(), err)
	}
	if a.Error != "" {
		return a, fmt.Errorf("%s: %s", p.name, strings.TrimSpace(a.Error))
	}
	return a, nil
}

// Ask asks one question.
func (p *Process) Ask(q Question) (Answer, error) {
	text, err := json.Marshal(q)
	if err != nil {
		return Answer{}, err
	}
	if _, err := p.in.Write(append(text, '\n')); err != nil {
		return Answer{}, fmt.Errorf("%s: %w", p.name, err)
	}
	return p.read()
}

// Close ends the process.
func (p *Process) Close() error {
	err := p.in.Close()
	killer := time.AfterFunc(stopWait, func() {
		if err := p.cmd.Process.Kill(); err != nil && !errors.Is(err, os.ErrProcessDone) {
			fmt.Fprintf(os.Stderr, "cannot kill %s: %v\n", p.name, err)
		}
	})
	defer killer.Stop()
	return errors.Join(err, p.cmd.Wait())
}
