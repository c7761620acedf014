package vt

import "strconv"

const (
	// maxScroll is the most lines by which a scroll is looked for: a wheel, a key
	// and half a page of a usual terminal.
	maxScroll = 24
	// scrollGain is how many cells a scroll must save to be worth it: fewer are
	// sooner printed, and without synchronised output what stands beside the
	// text that scrolls is seen to jump.
	scrollGain = 120
)

// shift is a scroll of rows top to bottom, both inclusive: by n lines up, or
// down when n is negative.
type shift struct{ top, bottom, n int }

// scroll has the real terminal move lines when that saves cells.
func (p *Printer) scroll() {
	s, found := p.bestShift()
	if !found {
		return
	}
	p.set(style{})
	number := func(n int) { p.b = strconv.AppendInt(p.b, int64(n), 10) }
	region := s.top > 0 || s.bottom < p.height-1
	if region {
		p.b = append(p.b, "\x1b["...)
		number(s.top + 1)
		p.b = append(p.b, ';')
		number(s.bottom + 1)
		p.b = append(p.b, 'r')
	}
	// Deleting and inserting lines is what every terminal can do.
	p.b = AppendMove(p.b, 0, s.top)
	p.b = append(p.b, "\x1b["...)
	if s.n > 0 {
		number(s.n)
		p.b = append(p.b, 'M')
	} else {
		number(-s.n)
		p.b = append(p.b, 'L')
	}
	if region {
		p.b = append(p.b, "\x1b[r"...)
	}
	p.x = -1
	p.shift(s)
}

// shift does to what is shown what the terminal does.
func (p *Printer) shift(s shift) {
	rows := p.shown[s.top : s.bottom+1]
	moved := make([][]cell, len(rows))
	for i := range rows {
		moved[(i-s.n+len(rows))%len(rows)] = rows[i]
	}
	copy(rows, moved)
	gone := rows[:max(0, -s.n)]
	if s.n > 0 {
		gone = rows[len(rows)-s.n:]
	}
	for _, cells := range gone {
		for x := range cells {
			cells[x] = cell{r: ' ', width: 1}
		}
	}
}

// A scroll is looked for by blocks of cells: two rows are compared by what their
// blocks sum up to, a word for eight cells, since each row is held against 48
// others. What is found that way is counted exactly.
const blockCells = 8

// summed is a row's blocks, a word for each.
type summed []uint64

// sum sums up a row.
func (s summed) sum(cells []cell) {
	for i := range s {
		at := i * blockCells
		h := uint64(14695981039346656037)
		for j := at; j < min(at+blockCells, len(cells)); j++ {
			c := &cells[j]
			h = (h ^ uint64(uint32(c.r)) ^ uint64(c.style)<<32) * 1099511628211
			h = (h ^ uint64(c.cluster) ^ uint64(c.width)<<32) * 1099511628211
		}
		s[i] = h
	}
}

// against counts the blocks that differ, in cells.
func (s summed) against(o summed) int {
	n := 0
	for i := range s {
		if s[i] != o[i] {
			n += blockCells
		}
	}
	return n
}

// bestShift looks for the scroll that saves most cells.
func (p *Printer) bestShift() (best shift, found bool) {
	h := p.height
	total := 0
	for y := range h {
		if total += differing(p.next[y], p.shown[y], p.width); total > scrollGain {
			break
		}
	}
	if total <= scrollGain {
		return shift{}, false
	}
	blocks := (p.width + blockCells - 1) / blockCells
	if len(p.words) < 2*h*blocks {
		p.words = make(summed, 2*h*blocks)
	}
	words := p.words
	next, shown := make([]summed, h), make([]summed, h)
	stay, blank := make([]int, h), make([]int, h) // cells to print when a row stays, and when it is blank
	for y := range h {
		next[y], shown[y], words = words[:blocks], words[blocks:2*blocks], words[2*blocks:]
		next[y].sum(p.next[y])
		shown[y].sum(p.shown[y])
		stay[y], blank[y] = next[y].against(shown[y]), filled(p.next[y])
	}
	gain := scrollGain
	for k := 1; k <= min(maxScroll, h-1); k++ {
		for _, n := range [2]int{k, -k} {
			if s, g := shiftBy(n, next, shown, stay, blank); g > gain {
				best, gain, found = s, g, true
			}
		}
	}
	return best, found && p.saves(best) > scrollGain
}

// saves is how many cells a scroll saves.
func (p *Printer) saves(s shift) int {
	n := 0
	for y := s.top; y <= s.bottom; y++ {
		n += differing(p.next[y], p.shown[y], p.width)
		if from := y + s.n; from < s.top || from > s.bottom {
			n -= filled(p.next[y])
		} else {
			n -= differing(p.next[y], p.shown[from], p.width)
		}
	}
	return n
}

// shiftBy finds the rows for which a scroll by n saves most.
func shiftBy(n int, next, shown []summed, stay, blank []int) (best shift, gain int) {
	h := len(next)
	sum, from := 0, 0
	for y := max(0, -n); y < h-max(0, n); y++ {
		if sum <= 0 {
			sum, from = 0, y
		}
		if stay[y] > 0 || sum > 0 {
			sum += stay[y] - next[y].against(shown[y+n])
		}
		if sum <= gain {
			continue
		}
		// The rows that are left blank cost what is in them.
		s, left := shift{from, y + n, n}, [2]int{y + 1, y + n}
		if n < 0 {
			s, left = shift{from + n, y, n}, [2]int{from + n, from - 1}
		}
		cost := 0
		for i := left[0]; i <= left[1]; i++ {
			cost += blank[i] - stay[i]
		}
		if g := sum - cost; g > gain {
			best, gain = s, g
		}
	}
	return best, gain
}

// filled counts the cells that show something.
func filled(cells []cell) int {
	n := 0
	for x := range cells {
		if !empty(&cells[x]) {
			n++
		}
	}
	return n
}

// differing counts the cells that differ, up to limit.
func differing(a, b []cell, limit int) int {
	n := 0
	for i := range a {
		if a[i] != b[i] {
			if n++; n >= limit {
				break
			}
		}
	}
	return n
}
