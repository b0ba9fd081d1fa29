package main

import (
	"bufio"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime/pprof"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/freshetdb/freshet/internal/config"
	"github.com/freshetdb/freshet/internal/embedkafka"
	"github.com/freshetdb/freshet/internal/node"
	"github.com/freshetdb/freshet/test/ports"
)

// stopWait is how long a process has to end in good order.
const stopWait = 20 * time.Second

// process is a child that ends with this one.
type process struct {
	cmd  *exec.Cmd
	name string
}

func start(name, bin string, args ...string) (*process, io.ReadCloser, error) {
	cmd := exec.Command(bin, args...)
	cmd.Stderr = os.Stderr
	cmd.SysProcAttr = childAttributes()
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, nil, fmt.Errorf("cannot start %s: %w", name, err)
	}
	return &process{cmd: cmd, name: name}, out, nil
}

// stop ends the process, by force where it does not go.
func (p *process) stop() {
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil && !errors.Is(err, os.ErrProcessDone) {
		fmt.Fprintf(os.Stderr, "cannot stop %s: %v\n", p.name, err)
	}
	killer := time.AfterFunc(stopWait, func() {
		if err := p.cmd.Process.Kill(); err != nil && !errors.Is(err, os.ErrProcessDone) {
			fmt.Fprintf(os.Stderr, "cannot kill %s: %v\n", p.name, err)
		}
	})
	defer killer.Stop()
	if err := p.cmd.Wait(); err != nil {
		fmt.Fprintf(os.Stderr, "%s ended: %v\n", p.name, err)
	}
}

// serveKafka is the child that runs the embedded Kafka with its topics in a folder: in memory it copies a partition's whole
// log as it grows, which shows in latencies. Its first line of output is its address.
func serveKafka(ctx context.Context, args []string) error {
	if len(args) != 1 {
		return errors.New("kafka wants a folder")
	}
	kafka, err := embedkafka.Start(embedkafka.Config{Dir: args[0], Addr: "127.0.0.1:0"})
	if err != nil {
		return err
	}
	fmt.Println(kafka.Addr())
	<-ctx.Done()
	return kafka.Close()
}

func startKafka(ctx context.Context, dir string) (*process, string, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, "", err
	}
	p, out, err := start("kafka", self, commandKafka, filepath.Join(dir, "kafka"))
	if err != nil {
		return nil, "", err
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil || ctx.Err() != nil {
		p.stop()
		return nil, "", errors.Join(fmt.Errorf("the embedded Kafka gave no address"), err, ctx.Err())
	}
	return p, strings.TrimSpace(line), nil
}

// serveNode is the child that runs a node like `freshet start`, with a CPU profile if asked.
func serveNode(ctx context.Context, args []string) (err error) {
	f := flag.NewFlagSet(commandNode, flag.ContinueOnError)
	cfg := config.Default()
	cfg.Server.Profiles = true
	f.StringVar(&cfg.DataDir, "data-dir", "", "")
	f.IntVar(&cfg.Controller.HTTPPort, "controller-port", 0, "")
	f.IntVar(&cfg.Broker.PostgresPort, "postgres-port", 0, "")
	f.IntVar(&cfg.Broker.HTTPPort, "http-port", 0, "")
	f.IntVar(&cfg.Server.HTTPPort, "server-port", 0, "")
	profile := f.String("profile", "", "")
	if err := f.Parse(args); err != nil {
		return err
	}
	if *profile != "" {
		out, err := os.Create(*profile)
		if err != nil {
			return err
		}
		if err := pprof.StartCPUProfile(out); err != nil {
			return errors.Join(err, out.Close())
		}
		defer func() {
			pprof.StopCPUProfile()
			if closeErr := out.Close(); closeErr != nil {
				fmt.Fprintln(os.Stderr, "profile:", closeErr)
			}
		}()
	}
	log := slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelWarn}))
	n, err := node.Start(ctx, node.Options{Config: cfg, Version: "freshness", Logger: log})
	if err != nil {
		return err
	}
	return n.Wait()
}

// nodeProcess is a freshet process and its ports.
type nodeProcess struct {
	process                      *process
	dataDir                      string
	controller, postgres, server int
	// partial says that tables of the data directory may wait for their streams forever.
	partial bool
}

func startNode(ctx context.Context, o options, dir string) (*nodeProcess, error) {
	found, err := ports.Free(4)
	if err != nil {
		return nil, err
	}
	n := &nodeProcess{controller: found[0], postgres: found[1], server: found[2], dataDir: filepath.Join(dir, "data")}
	level := "log.level=warn"
	if o.data != "" {
		n.dataDir, n.partial, level = o.data, true, "log.level=error"
	}
	args := []string{"--data-dir", n.dataDir, "--controller-port", strconv.Itoa(n.controller),
		"--postgres-port", strconv.Itoa(n.postgres), "--server-port", strconv.Itoa(n.server), "--http-port", strconv.Itoa(found[3])}
	bin := o.bin
	if bin == "" {
		if bin, err = os.Executable(); err != nil {
			return nil, err
		}
		args = append([]string{commandNode}, args...)
		if o.profile != "" {
			args = append(args, "--profile", o.profile)
		}
	} else {
		args = append([]string{"start", "--set", level, "--set", "server.profiles=true"}, args...)
	}
	if n.process, _, err = start("freshet", bin, args...); err != nil {
		return nil, err
	}
	if err := n.waitReady(ctx, ""); err != nil {
		n.process.stop()
		return nil, err
	}
	return n, nil
}

// waitReady waits until the node is ready; where tables may wait forever, until nothing of a table is waited for.
func (n *nodeProcess) waitReady(ctx context.Context, table string) error {
	var last error
	for range 600 {
		var body []byte
		resp, err := http.Get(fmt.Sprintf("http://127.0.0.1:%d/health/ready", n.server))
		last = err
		if err == nil {
			body, err = io.ReadAll(io.LimitReader(resp.Body, 1<<20))
			last = errors.Join(fmt.Errorf("ready answers %s: %s", resp.Status, body), err, resp.Body.Close())
			if resp.StatusCode == http.StatusOK || err == nil && n.partial && (table == "" || !strings.Contains(string(body), table)) {
				return nil
			}
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(50 * time.Millisecond):
		}
	}
	return fmt.Errorf("freshet is not ready: %w", last)
}
