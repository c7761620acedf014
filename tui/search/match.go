package search

import (
	"unicode"

	"github.com/k8stutor/k8stutor/tui/search/pinyin"
)

// name is a name made ready for matching.
type name struct {
	text         string
	runes        []rune // folded
	offset       []int  // byte of each, and of the end
	starts       []bool // a word begins here
	sounds       [][]string
	letters      uint64   // a bit for each letter that a query may have to match it
	soundLetters []uint64 // the same of each character's readings
}

func newName(table *pinyin.Table, text string) *name {
	if text == "" {
		return nil
	}
	n := &name{text: text}
	raw := []rune(text)
	n.sounds = table.Read(raw)
	before := ' '
	for i, r := range text {
		at := len(n.runes)
		folded := fold(r)
		n.runes, n.offset = append(n.runes, folded), append(n.offset, i)
		n.starts = append(n.starts, wordStart(before, r))
		n.letters |= letterBit(folded)
		sound := uint64(0)
		for _, s := range n.sounds[at] {
			for _, l := range s {
				sound |= letterBit(l)
			}
		}
		n.letters |= sound
		n.soundLetters = append(n.soundLetters, sound)
		before = r
	}
	n.offset = append(n.offset, len(text))
	return n
}

// wordStart reports whether a word begins between two characters: after a blank
// or a mark, at a hump ("ReplicaSet"), and where the script changes.
func wordStart(before, r rune) bool {
	letter := func(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }
	switch {
	case !letter(r):
		return false
	case !letter(before):
		return true
	case unicode.IsUpper(r) && !unicode.IsUpper(before):
		return true
	}
	return unicode.Is(unicode.Han, r) != unicode.Is(unicode.Han, before)
}

// letterBit is a letter's bit in a mask of 64; letters that are no ASCII share
// some of them.
func letterBit(r rune) uint64 {
	switch {
	case r >= 'a' && r <= 'z':
		return 1 << (r - 'a')
	case r >= '0' && r <= '9':
		return 1 << (26 + r - '0')
	}
	return 1 << (36 + uint32(r)%28)
}

// What a match is worth: each letter of the query, more for one that follows the
// letter before it or begins a word, less for a gap. Pinyin is worth a little
// less than the character itself, an initial less than a syllable.
const (
	perLetter   = 16
	perSound    = 14
	perInitial  = 11
	follows     = 8
	beginsWord  = 10
	beginsName  = 12
	insideWord  = 10 // taken off
	gapOpens    = 3
	gapGrows    = 1
	gapMost     = 20
	wholeName   = 240 // in thousandths
	recentBonus = 60
	impossible  = -1 << 20
)

// match is one way of finding a term in a name.
type match struct {
	score int // in thousandths of the best possible, and more for a whole name
	at    []int
}

// best is the most that a term of n letters can be worth before it is the whole
// name.
func best(n int) int { return n*perLetter + (n-1)*follows + beginsName }

// least is what a match must be worth at least, in thousandths of the best
// possible: below it, letters are strewn over a name by chance.
const least = 560

// possible reports whether the term's letters occur in the name in their order,
// a Chinese character standing for the letters of its readings in any order:
// what is not possible need not be looked at closely.
func (n *name) possible(term []rune) bool {
	for _, r := range term {
		if n.letters&letterBit(r) == 0 {
			return false
		}
	}
	i := 0
	for k, r := range n.runes {
		if term[i] == r {
			if i++; i == len(term) {
				return true
			}
			continue
		}
		for m := n.soundLetters[k]; m&letterBit(term[i]) != 0; {
			if i++; i == len(term) {
				return true
			}
		}
	}
	return false
}

// paper is what a match is worked out on; it is used for one after the other.
type paper struct {
	ended, from []int32
	taken       []uint8
	ways        []way
}

func (p *paper) size(n int) {
	if cap(p.ended) < n {
		p.ended, p.from, p.taken = make([]int32, n), make([]int32, n), make([]uint8, n)
	}
	p.ended, p.from, p.taken = p.ended[:n], p.from[:n], p.taken[:n]
	for i := range p.ended {
		p.ended[i] = impossible
	}
}

// match finds the best way to find a term in the name, by dynamic programming
// over the letters of the term and the characters of the name: a character
// matches itself, or the letters that stand for its sound.
func (n *name) match(term []rune, p *paper) (match, bool) {
	if !n.possible(term) {
		return match{}, false
	}
	m, length := len(term), len(n.runes)
	width := length + 1
	// ended[i*width+k] is the worth of the first i letters when the last of them
	// matches character k-1; from is where the match before that ended, and taken
	// how many letters that character took.
	p.size((m + 1) * width)
	for i := range m {
		// carried is the best end before character k that leaves a gap, less
		// what the gap costs.
		carried, carriedAt, gap := int32(impossible), int32(-1), 0
		some := i == 0
		for k := range length {
			if k > 0 && i > 0 {
				if carried != impossible && gap < gapMost {
					carried -= gapGrows
					gap++
				}
				if v := p.ended[i*width+k-1]; v != impossible && v-gapOpens >= carried {
					carried, carriedAt, gap = v-gapOpens, int32(k-1), 0
				}
			}
			before := int32(impossible) // of what ends right before k
			if i > 0 {
				before = p.ended[i*width+k]
			}
			if some = some || carried != impossible || before != impossible; !some {
				continue
			}
			for _, w := range n.extend(term, i, k, p) {
				score, origin := n.joined(w, i, k, before, carried, carriedAt)
				if score == impossible {
					continue
				}
				score += w.worth + int32(w.letters-1)*follows
				if to := (i+w.letters)*width + k + 1; score > p.ended[to] {
					p.ended[to], p.from[to], p.taken[to] = score, origin, uint8(w.letters)
				}
			}
		}
	}
	return n.traced(m, p)
}

// joined is what a match at character k is worth by what comes before it, and
// where that ended.
func (n *name) joined(w way, i, k int, before, carried, carriedAt int32) (score, origin int32) {
	start := int32(0)
	if n.starts[k] {
		start = beginsWord
	}
	if w.sound {
		start = min(start, follows)
	}
	switch {
	case i == 0 && k == 0:
		return beginsName, -1
	case i == 0 && start == 0 && n.sounds[k] == nil: // Chinese does not say where a word begins
		return -insideWord, -1
	case i == 0:
		return start, -1
	}
	score, origin = impossible, -1
	if before != impossible {
		score, origin = before+max(follows, start), int32(k)
	}
	// Behind a gap a sound counts at the beginning of a word only: three initials
	// anywhere would find every name.
	if carried != impossible && (!w.sound || start > 0) && carried+start > score {
		score, origin = carried+start, carriedAt
	}
	return score, origin
}

// traced takes the best of the ways that were worked out.
func (n *name) traced(m int, p *paper) (match, bool) {
	width := len(n.runes) + 1
	end, score := -1, int32(impossible)
	for k := 1; k < width; k++ {
		if v := p.ended[m*width+k]; v > score {
			end, score = k, v
		}
	}
	if end < 0 {
		return match{}, false
	}
	found := match{score: int(score) * 1000 / best(m)}
	if found.score < least {
		return match{}, false
	}
	for i, k := m, end; i > 0; {
		found.at = append(found.at, k-1)
		at := i*width + k
		i, k = i-int(p.taken[at]), int(p.from[at])
	}
	// Letters that begin inside of a word stand together, or they are there by
	// chance.
	first, last := found.at[len(found.at)-1], found.at[0]
	if !n.starts[first] && n.sounds[first] == nil && last-first >= len(found.at) {
		return match{}, false
	}
	if len(found.at) == len(n.runes) {
		found.score += wholeName
	}
	return found, true
}

// way is how some letters of a term match one character.
type way struct {
	letters int
	worth   int32
	sound   bool
}

// extend lists the ways in which letters of the term from i on match character k.
func (n *name) extend(term []rune, i, k int, p *paper) []way {
	p.ways = p.ways[:0]
	if term[i] == n.runes[k] {
		p.ways = append(p.ways, way{1, perLetter, false})
	}
	if n.soundLetters[k]&letterBit(term[i]) == 0 {
		return p.ways
	}
	for _, s := range n.sounds[k] {
		same := 0
		for same < len(s) && i+same < len(term) && term[i+same] == rune(s[same]) {
			same++
		}
		if same == 0 {
			continue
		}
		p.ways = append(p.ways, way{1, perInitial, true})
		if same >= 2 && s[1] == 'h' && len(s) > 2 { // zh, ch, sh
			p.ways = append(p.ways, way{2, perInitial + perSound, true})
		}
		// A whole syllable, or one whose end is still to be typed.
		if same > 1 && (same == len(s) || i+same == len(term)) {
			p.ways = append(p.ways, way{same, int32(same) * perSound, true})
		}
	}
	return p.ways
}

// spans joins characters that were found into ranges of bytes.
func (n *name) spans(at []int) []Span {
	found := make([]bool, len(n.runes))
	for _, k := range at {
		found[k] = true
	}
	var out []Span
	for k, yes := range found {
		switch {
		case !yes:
		case k > 0 && found[k-1]:
			out[len(out)-1].To = n.offset[k+1]
		default:
			out = append(out, Span{n.offset[k], n.offset[k+1]})
		}
	}
	return out
}
