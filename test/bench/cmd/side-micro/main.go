// Command side-micro answers with the ns/row of kernels, for bench compare.
package main

import (
	"flag"
	"fmt"
	"os"

	"github.com/freshetdb/freshet/test/bench/micro"
	"github.com/freshetdb/freshet/test/bench/remote"
)

func main() {
	rows := flag.Int("rows", 20_000_000, "rows of the columns that lie in memory")
	flag.Parse()
	set, err := micro.New(*rows)
	if err == nil {
		err = remote.Serve(os.Stdin, os.Stdout, remote.Answer{Names: set.Names()}, func(q remote.Question) remote.Answer {
			took, err := set.Measure(q.Kernel)
			if err != nil {
				return remote.Answer{Error: err.Error()}
			}
			return remote.Answer{Took: took}
		})
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "side-micro:", err)
		os.Exit(1)
	}
}
