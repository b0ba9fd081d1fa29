package main

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/freshetdb/freshet/query/kernel"
	"github.com/freshetdb/freshet/test/bench/micro"
	"github.com/freshetdb/freshet/test/bench/stats"
)

// micro prints the ns/row of kernels beside the prototype's.
func (b *bench) micro(ctx context.Context) error {
	set, err := micro.New(int(b.o.table.Rows))
	if err != nil {
		return err
	}
	var names []string
	for _, name := range set.Names() {
		if strings.Contains(name, b.o.only) {
			names = append(names, name)
		}
	}
	if len(names) == 0 {
		return nil
	}
	took := map[string][]float64{}
	for round := -1; round < b.o.rounds; round++ {
		for i := range names {
			if round%2 != 0 {
				i = len(names) - 1 - i
			}
			if err := ctx.Err(); err != nil {
				return err
			}
			each, err := set.Measure(names[i])
			if err != nil {
				return err
			}
			if round >= 0 {
				took[names[i]] = append(took[names[i]], each)
			}
		}
	}
	vectors := "without 512-bit vectors"
	if kernel.Wide() {
		vectors = "with 512-bit vectors"
	}
	fmt.Printf("\nkernels %s, ns/row on one thread, medians of %d rounds, %d rows in memory\n%-24s %10s %8s %10s %7s %12s %8s %10s %7s\n", vectors, b.o.rounds,
		b.o.table.Rows, "kernel", "in memory", "best", "prototype", "ratio", "in cache", "best", "prototype", "ratio")
	for _, k := range set.Kernels {
		fmt.Printf("%-24s %s", k.Name, b.kernelCells(took[k.Name+", "+micro.InMemory], k.Name+", "+micro.InMemory, k.Memory))
		fmt.Printf("   %s\n", b.kernelCells(took[k.Name+", "+micro.InCache], k.Name+", "+micro.InCache, k.Cache))
	}
	return nil
}

func (b *bench) kernelCells(took []float64, name string, prototype float64) string {
	if len(took) == 0 {
		return fmt.Sprintf("%10s %8s %10s %7s", "-", "-", "-", "-")
	}
	now, best := stats.Median(took), slices.Min(took)
	b.report.keep(figure{Name: "kernel " + name, Value: now, Unit: "ns/row"})
	if prototype == 0 {
		return fmt.Sprintf("%10.3f %8.3f %10s %7s", now, best, "-", "-")
	}
	return fmt.Sprintf("%10.3f %8.3f %10.3f %6.1fx", now, best, prototype, now/prototype)
}
