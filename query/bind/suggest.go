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

// editDistance is Levenshtein's distance in bytes.
func editDistance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := 1; i <= len(a); i++ {
		diag := row[0]
		row[0] = i
		for j := 1; j <= len(b); j++ {
			cost := diag
			if a[i-1] != b[j-1] {
				cost++
			}
			diag = row[j]
			row[j] = min(cost, row[j]+1, row[j-1]+1)
		}
	}
	return row[len(b)]
}
