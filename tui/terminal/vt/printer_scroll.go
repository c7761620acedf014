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

// bestShift looks for the scroll that saves most cells.
func (p *Printer) bestShift() (best shift, found bool) {
	h := p.height
	stay, blank := make([]int, h), make([]int, h) // cells to print when a row stays, and when it is blank
	total := 0
	for y := range h {
		stay[y] = differing(p.next[y], p.shown[y], p.width)
		total += stay[y]
	}
	if total <= scrollGain {
		return shift{}, false
	}
	for y := range h {
		for x := range p.next[y] {
			if !empty(&p.next[y][x]) {
				blank[y]++
			}
		}
	}
	gain := scrollGain
	for k := 1; k <= min(maxScroll, h-1); k++ {
		for _, n := range [2]int{k, -k} {
			if s, g := p.shiftBy(n, stay, blank); g > gain {
				best, gain, found = s, g, true
			}
		}
	}
	return best, found
}

// shiftBy finds the rows for which a scroll by n saves most.
func (p *Printer) shiftBy(n int, stay, blank []int) (best shift, gain int) {
	h := p.height
	sum, from := 0, 0
	for y := max(0, -n); y < h-max(0, n); y++ {
		if sum <= 0 {
			sum, from = 0, y
		}
		if stay[y] > 0 || sum > 0 {
			sum += stay[y] - differing(p.next[y], p.shown[y+n], stay[y]+p.width)
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
