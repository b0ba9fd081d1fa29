// Package stats holds the statistics that benchmarks are judged by.
package stats

import (
	"math"
	"math/rand/v2"
	"slices"
)

// Median of values, which are not empty and stay as they are.
func Median(values []float64) float64 {
	s := slices.Sorted(slices.Values(values))
	if n := len(s); n%2 == 0 {
		return (s[n/2-1] + s[n/2]) / 2
	}
	return s[len(s)/2]
}

// Quantile gives the value that a fraction q of the values, which are not empty, do not exceed.
func Quantile(values []float64, q float64) float64 {
	s := slices.Sorted(slices.Values(values))
	return s[min(max(int(math.Ceil(q*float64(len(s))))-1, 0), len(s)-1)]
}

// resamples of the bootstrap.
const resamples = 5000

// MedianInterval gives the range in which the median of values lies with 95 % confidence, by the bootstrap: the middle
// 95 % of the medians of samples drawn from values. The same values give the same range.
func MedianInterval(values []float64) (lo, hi float64) {
	rng := rand.New(rand.NewPCG(1, uint64(len(values))))
	medians, sample := make([]float64, resamples), make([]float64, len(values))
	for i := range medians {
		for j := range sample {
			sample[j] = values[rng.IntN(len(values))]
		}
		medians[i] = Median(sample)
	}
	return Quantile(medians, 0.025), Quantile(medians, 0.975)
}

// MannWhitney gives the two-sided probability of ranks at least as different as those of a and b if both came from one
// distribution: the normal approximation with ties and continuity corrected. It is 1 where all values are the same.
func MannWhitney(a, b []float64) float64 {
	type value struct {
		x     float64
		first bool
	}
	all := make([]value, 0, len(a)+len(b))
	for _, x := range a {
		all = append(all, value{x, true})
	}
	for _, x := range b {
		all = append(all, value{x, false})
	}
	slices.SortFunc(all, func(p, q value) int {
		switch {
		case p.x < q.x:
			return -1
		case p.x > q.x:
			return 1
		}
		return 0
	})
	var rankSum, ties float64
	for i := 0; i < len(all); {
		j := i
		for j < len(all) && all[j].x == all[i].x {
			j++
		}
		count, rank := float64(j-i), float64(i+j+1)/2
		ties += count*count*count - count
		for ; i < j; i++ {
			if all[i].first {
				rankSum += rank
			}
		}
	}
	n, m := float64(len(a)), float64(len(b))
	total := n + m
	u := rankSum - n*(n+1)/2
	sigma := math.Sqrt(n * m / 12 * (total + 1 - ties/(total*(total-1))))
	if sigma == 0 {
		return 1
	}
	z := max(math.Abs(u-n*m/2)-0.5, 0) / sigma
	return math.Erfc(z / math.Sqrt2)
}
