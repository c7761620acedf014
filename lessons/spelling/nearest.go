// Package spelling finds which name was meant by a word that is none. It knows
// neither courses nor commands, and imports nothing of this module.
package spelling

import (
	"cmp"
	"slices"
	"strings"
)

// nearestCount is how many names Nearest offers at most.
const nearestCount = 3

// Nearest returns up to three of the names that someone who typed word may have
// meant, best first: names that begin with it, and names a few letters away.
// Letter case does not matter.
func Nearest(word string, of []string) []string {
	type candidate struct {
		name     string
		distance int
	}
	lower := strings.ToLower(strings.TrimSpace(word))
	if lower == "" {
		return nil
	}
	limit := max(1, len([]rune(lower))/3)
	var found []candidate
	for _, name := range of {
		l := strings.ToLower(name)
		d := Distance(lower, l)
		switch {
		case strings.HasPrefix(l, lower):
			d = min(d, 1)
		case len(lower) >= 3 && strings.Contains(l, lower):
			d = min(d, 2)
		case d > limit:
			continue
		}
		found = append(found, candidate{name, d})
	}
	slices.SortStableFunc(found, func(a, b candidate) int {
		return cmp.Compare(a.distance, b.distance)
	})
	var names []string
	for _, c := range found[:min(len(found), nearestCount)] {
		names = append(names, c.name)
	}
	return names
}

// Distance counts the letters to insert, delete, replace or swap with their
// neighbour to turn a into b.
func Distance(a, b string) int {
	s, t := []rune(a), []rune(b)
	// Three rows of the usual table: a swap looks two rows back.
	before, above, row := make([]int, len(t)+1), make([]int, len(t)+1), make([]int, len(t)+1)
	for j := range row {
		row[j] = j
	}
	for i := 1; i <= len(s); i++ {
		before, above, row = above, row, before
		row[0] = i
		for j := 1; j <= len(t); j++ {
			change := 1
			if s[i-1] == t[j-1] {
				change = 0
			}
			row[j] = min(above[j]+1, row[j-1]+1, above[j-1]+change)
			if i > 1 && j > 1 && s[i-1] == t[j-2] && s[i-2] == t[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
	}
	return row[len(t)]
}
