// Command side-lines answers queries over the event table, for bench compare.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"time"

	"github.com/freshetdb/freshet/test/bench/engine"
	"github.com/freshetdb/freshet/test/bench/remote"
)

func main() {
	var o engine.Options
	flag.Int64Var(&o.Rows, "rows", 20_000_000, "events")
	flag.Uint64Var(&o.Seed, "seed", 1, "seed of the events")
	flag.StringVar(&o.Dir, "dir", "", "where data is kept")
	flag.Parse()
	if err := run(context.Background(), o); err != nil {
		fmt.Fprintln(os.Stderr, "side-lines:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, o engine.Options) (err error) {
	f, err := engine.Load(ctx, o)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	return remote.Serve(os.Stdin, os.Stdout, remote.Answer{}, func(q remote.Question) remote.Answer {
		began := time.Now()
		rows, err := f.Query(ctx, q.SQL, q.Threads)
		took := time.Since(began)
		if err != nil {
			return remote.Answer{Error: err.Error()}
		}
		return remote.Answer{Took: float64(took.Nanoseconds()) / 1e6, Rows: rows}
	})
}
