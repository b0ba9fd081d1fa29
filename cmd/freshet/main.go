// Command freshet is the server and its tools: start, quickstart, query, segment inspect, version.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"runtime"
	"runtime/debug"
	"syscall"

	"github.com/alecthomas/kong"
)

// version is set by the build.
var version = "dev"

// Exit codes.
const (
	exitFailure = 1 // the command failed
	exitUsage   = 2 // it was called wrongly
)

type cli struct {
	Start      startCmd      `cmd:"" help:"Run a node: controller, broker and server in one process."`
	Quickstart quickstartCmd `cmd:"" help:"Run a node with an embedded Kafka and a live pizza shop."`
	Query      queryCmd      `cmd:"" help:"Run one SQL statement and print the result."`
	Segment    segmentCmd    `cmd:"" help:"Look into segment files."`
	Version    versionCmd    `cmd:"" help:"Print version, build and platform."`
}

func main() { os.Exit(run(os.Args[1:])) }

func run(args []string) int {
	var c cli
	parser, err := kong.New(&c, kong.Name("freshet"), kong.UsageOnError(),
		kong.Description("Freshet: real-time OLAP serving. Kafka in, SQL over Postgres and HTTP out."),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true, FlagsLast: true}))
	if err != nil {
		fmt.Fprintln(os.Stderr, "freshet:", err)
		return exitFailure
	}
	parsed, err := parser.Parse(args)
	if err != nil {
		fmt.Fprintln(os.Stderr, "freshet:", err)
		fmt.Fprintln(os.Stderr, "Try: freshet --help")
		return exitUsage
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	parsed.BindTo(ctx, (*context.Context)(nil))
	if err := parsed.Run(); err != nil && !errors.Is(err, context.Canceled) {
		fmt.Fprintln(os.Stderr, "freshet:", err)
		return exitFailure
	}
	return 0
}

type versionCmd struct{}

// Run prints the version.
func (versionCmd) Run() error {
	fmt.Printf("freshet %s %s %s/%s simd=%t\n", version, runtime.Version(), runtime.GOOS, runtime.GOARCH, simdBuild())
	return nil
}

// simdBuild reports whether the binary was built with GOEXPERIMENT=simd.
func simdBuild() bool {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return false
	}
	for _, s := range info.Settings {
		if s.Key == "GOEXPERIMENT" {
			return true
		}
	}
	return false
}
