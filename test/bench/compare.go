package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/freshetdb/freshet/test/bench/engine"
	"github.com/freshetdb/freshet/test/bench/remote"
	"github.com/freshetdb/freshet/test/bench/stats"
)

// workingTree stands for what is not committed yet.
const workingTree = "."

// significant is the probability below which a difference is not put down to chance.
const significant = 0.05

// harness is what both sides are measured with: that of the working tree, so that only what is measured differs.
func harness() []string {
	return []string{"engine", "micro", "remote", "cmd/side-lines", "cmd/side-micro", "go.mod", "go.sum"}
}

// side is one of the two that are compared.
type side struct {
	commit  string
	process *remote.Process
}

// task is one thing that both sides measure.
type task struct {
	name      string
	question  remote.Question
	unit      string
	tolerance float64 // of answers
}

// compare builds two commits and lets them answer the same questions in turn, over the same data.
func compare(ctx context.Context, o options, commits ...string) (err error) {
	root, err := output(ctx, "", "git", "rev-parse", "--show-toplevel")
	if err != nil {
		return err
	}
	dir, err := os.MkdirTemp(o.table.Dir, "freshet-compare-") // links of segment files stay in their file system
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	if dir, err = filepath.Abs(dir); err != nil {
		return err
	}
	sides := make([]*side, len(commits))
	defer func() {
		for _, s := range sides {
			if s != nil && s.process != nil {
				err = errors.Join(err, s.process.Close())
			}
		}
	}()
	for i, commit := range commits {
		sides[i] = &side{commit: commit}
		if err := sides[i].start(ctx, o, root, filepath.Join(dir, strconv.Itoa(i))); err != nil {
			return fmt.Errorf("%s: %w", commit, err)
		}
	}
	tasks, err := tasksOf(o, sides)
	if err != nil {
		return err
	}
	fmt.Printf("\nA is %s, B is %s, %d rows, medians of %d rounds\n%-40s %10s %10s %-6s %7s %17s %7s\n", commits[0], commits[1], o.table.Rows, o.rounds,
		"", "A", "B", "", "B / A", "95 %", "p")
	for _, t := range tasks {
		if err := t.run(ctx, sides, o.rounds); err != nil {
			return fmt.Errorf("%s: %w", t.name, err)
		}
	}
	return nil
}

func output(ctx context.Context, dir, name string, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Dir, cmd.Stderr = dir, os.Stderr
	out, err := cmd.Output()
	if err != nil {
		err = fmt.Errorf("%s %s: %w", name, strings.Join(args, " "), err)
	}
	return strings.TrimSpace(string(out)), err
}

// start builds the commit in a folder and runs it there.
func (s *side) start(ctx context.Context, o options, root, dir string) error {
	tree := filepath.Join(dir, "tree")
	if err := s.checkOut(ctx, root, tree); err != nil {
		return err
	}
	program := "side-lines"
	if o.compareMicro {
		program = "side-micro"
	}
	bin := filepath.Join(dir, program)
	// Without -trimpath nothing would be found in the build cache: the folder has another name each time.
	build := exec.CommandContext(ctx, "go", "build", "-trimpath", "-mod=mod", "-o", bin, "./cmd/"+program)
	build.Dir, build.Stderr = filepath.Join(tree, "test", "bench"), os.Stderr
	build.Env = append(os.Environ(), "GOEXPERIMENT=simd", "GOFLAGS=", "GOWORK=off")
	if err := build.Run(); err != nil {
		return fmt.Errorf("cannot build the harness of the working tree over it: %w", err)
	}
	args := []string{"-rows", strconv.FormatInt(o.table.Rows, 10)}
	if !o.compareMicro {
		args = append(args, "-seed", strconv.FormatUint(o.table.Seed, 10), "-dir", dir)
		if o.table.Dir != "" {
			b := &bench{o: o}
			if err := b.copyTable(ctx, filepath.Join(dir, "data")); err != nil {
				return err
			}
		}
	}
	var err error
	s.process, err = remote.Start(ctx, s.commit, exec.CommandContext(ctx, bin, args...))
	return err
}

// checkOut writes the tree of the commit to a folder, and the harness over it.
func (s *side) checkOut(ctx context.Context, root, tree string) error {
	if err := os.MkdirAll(tree, 0o755); err != nil {
		return err
	}
	// The paths are arguments of the shell, not part of its text.
	text := `set -o pipefail; git -C "$1" archive "$3" | tar -x -C "$2"`
	if s.commit == workingTree {
		text = `set -o pipefail; cd "$1" && git ls-files -z --cached --others --exclude-standard | tar -c --null --ignore-failed-read --warning=no-failed-read -T - | tar -x -C "$2"`
	}
	if _, err := output(ctx, "", "bash", "-c", text, "bash", root, tree, s.commit); err != nil {
		return err
	}
	for _, path := range harness() {
		from, to := filepath.Join(root, "test", "bench", path), filepath.Join(tree, "test", "bench", path)
		if err := os.RemoveAll(to); err != nil {
			return err
		}
		if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
			return err
		}
		if _, err := output(ctx, "", "cp", "-a", from, to); err != nil {
			return err
		}
	}
	return nil
}

func tasksOf(o options, sides []*side) (tasks []task, err error) {
	if o.compareMicro {
		for _, name := range sides[0].process.Greeting.Names {
			if strings.Contains(name, o.only) {
				tasks = append(tasks, task{name: name, question: remote.Question{Kernel: name}, unit: "ns/row"})
			}
		}
		return tasks, nil
	}
	queries, err := engine.Queries(o.only)
	for _, n := range o.threads {
		for _, q := range queries {
			tasks = append(tasks, task{name: q.Name + ", " + strconv.Itoa(n) + " thread(s)", question: remote.Question{SQL: q.SQL, Threads: n}, unit: "ms",
				tolerance: q.Tolerance})
		}
	}
	return tasks, err
}

// run asks both sides in turn, in the reverse order every other round, and prints what came out.
func (t task) run(ctx context.Context, sides []*side, rounds int) error {
	var took [2][]float64
	var ratios []float64
	for round := -1; round < rounds; round++ {
		var answers [2]remote.Answer
		for i := range sides {
			if round%2 != 0 {
				i = 1 - i
			}
			var err error
			if answers[i], err = sides[i].process.Ask(t.question); err != nil {
				return errors.Join(err, ctx.Err())
			}
		}
		if err := sameRows(answers[0].Rows, answers[1].Rows, t.tolerance); err != nil {
			return fmt.Errorf("answers differ: %w", err)
		}
		if round >= 0 {
			took[0], took[1] = append(took[0], answers[0].Took), append(took[1], answers[1].Took)
			ratios = append(ratios, answers[1].Took/answers[0].Took)
		}
	}
	lo, hi := stats.MedianInterval(ratios)
	p := stats.MannWhitney(took[0], took[1])
	verdict := "no difference seen"
	switch {
	case p < significant && hi < 1:
		verdict = "B is faster"
	case p < significant && lo > 1:
		verdict = "B is SLOWER"
	}
	fmt.Printf("%-40s %10.3f %10.3f %-6s %7.3f [%6.3f, %6.3f] %7.4f  %s\n", t.name, stats.Median(took[0]), stats.Median(took[1]), t.unit,
		stats.Median(ratios), lo, hi, p, verdict)
	return nil
}
