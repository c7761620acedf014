package search

// What is not found in an entry's own name counts half.
const withinPart = 2

// The first name is shown rather than another in which as much was found.
const firstName = 15

// finder is a way to find terms in names.
type finder struct {
	own func(*name, []rune) (match, bool)
	// parts remembers what each term was worth in names that are those of many
	// entries' whole.
	parts []map[*name]match
}

func newFinder(terms [][]rune, own func(*name, []rune) (match, bool)) finder {
	f := finder{own, make([]map[*name]match, len(terms))}
	for i := range f.parts {
		f.parts[i] = map[*name]match{}
	}
	return f
}

// within returns what term number t is worth in a name; nothing if it is not
// found.
func (f finder) within(n *name, t int, term []rune) match {
	m, known := f.parts[t][n]
	if !known {
		m, _ = f.own(n, term)
		f.parts[t][n] = m
	}
	return m
}

// find reports whether every term is found in the entry's names, or in the names
// of what it is a part of; one of them in its own name at least.
func (e *entry) find(terms [][]rune, in finder) (Result, bool) {
	r := Result{Entry: e.Entry, Kind: e.Kind, Name: -1}
	perName := make([][]match, len(e.names)) // by term, what it is worth in each name
	for i := range perName {
		perName[i] = make([]match, len(terms))
	}
	own := false
	for t, term := range terms {
		score := 0
		for i, n := range e.names {
			if n == nil {
				continue
			}
			if m, ok := in.own(n, term); ok {
				perName[i][t] = m
				score, own = max(score, m.score), true
			}
		}
		if score == 0 {
			for _, n := range e.within {
				if n == nil {
					continue
				}
				if m := in.within(n, t, term); m.score > 0 {
					score = max(score, m.score/withinPart)
				}
			}
		}
		if score == 0 {
			return r, false
		}
		r.score += score
	}
	if !own {
		return r, false
	}
	r.score /= len(terms)
	// The name that is shown is the one in which most was found.
	most := 0
	for i, matches := range perName {
		sum := 0
		if i == 0 {
			sum = firstName
		}
		for _, m := range matches {
			sum += m.score
		}
		if sum > most && sum > firstName {
			r.Name, most = i, sum
		}
	}
	var at []int
	for _, m := range perName[r.Name] {
		at = append(at, m.at...)
	}
	n := e.names[r.Name]
	r.Marks = n.spans(at)
	r.score -= min(len(n.runes), 60) // of two as good, the shorter is meant
	return r, true
}

// nearly finds a word of the name that differs from the term in a letter, in a
// long one in two. It is asked when no name was found as it is.
func (n *name) nearly(term []rune) (match, bool) {
	wrong := 0
	switch {
	case len(term) >= 8:
		wrong = 2
	case len(term) >= 4:
		wrong = 1
	default:
		return match{}, false
	}
	bestFound, found := match{}, false
	for from := 0; from < len(n.runes); from++ {
		if !n.starts[from] || n.sounds[from] != nil {
			continue
		}
		to := from
		for to < len(n.runes) && letterOrDigit(n.runes[to]) && n.sounds[to] == nil {
			to++
		}
		word := n.runes[from:to]
		if len(word) < len(term)-wrong {
			continue
		}
		// The word may go on: only its beginning has been typed.
		for length := min(len(word), len(term)+wrong); length >= max(1, len(term)-wrong); length-- {
			d := distance(term, word[:length])
			if d > wrong {
				continue
			}
			score := least - 100*d - abs(len(word)-len(term))
			if !found || score > bestFound.score {
				found = true
				bestFound = match{score: score}
				for k := from; k < from+length; k++ {
					bestFound.at = append(bestFound.at, k)
				}
			}
		}
	}
	return bestFound, found
}

func letterOrDigit(r rune) bool {
	return r >= 'a' && r <= 'z' || r >= '0' && r <= '9'
}

func abs(n int) int { return max(n, -n) }

// distance counts the letters to insert, leave out, change, or swap with their
// neighbour, to make one word of another (optimal string alignment).
func distance(a, b []rune) int {
	rows := [3][]int{make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)}
	for j := range rows[1] {
		rows[1][j] = j
	}
	for i := 1; i <= len(a); i++ {
		before, last, row := rows[0], rows[1], rows[2]
		row[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			row[j] = min(last[j]+1, row[j-1]+1, last[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
		rows[0], rows[1], rows[2] = last, row, before
	}
	return rows[1][len(b)]
}
