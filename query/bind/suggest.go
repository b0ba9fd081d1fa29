package bind

import "strings"

// longestSuggestion bounds the names that are compared: the distance costs their product.
const longestSuggestion = 128

// nearest gives the candidate with the smallest edit distance to name (without case), "" where none is close enough
// to be a slip of the keyboard.
func nearest(name string, candidates []string) string {
	if len(name) > longestSuggestion {
		return ""
	}
	most := 1 + len(name)/4
	best, bestDist := "", most+1
	for _, c := range candidates {
		if len(c) > longestSuggestion {
			continue
		}
		d := editDistance(strings.ToLower(name), strings.ToLower(c))
		if d < bestDist || d == bestDist && best != "" && c < best {
			best, bestDist = c, d
		}
	}
	return best
}

// editDistance counts the insertions, deletions, substitutions and swaps of neighbours that make b of a, in bytes (optimal
// string alignment: no place is edited twice).
func editDistance(a, b string) int {
	before, last, row := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := 1; i <= len(a); i++ {
		before, last, row = last, row, before
		row[0] = i
		for j := 1; j <= len(b); j++ {
			cost := last[j-1]
			if a[i-1] != b[j-1] {
				cost++
			}
			row[j] = min(cost, row[j-1]+1, last[j]+1)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
	}
	return row[len(b)]
}
