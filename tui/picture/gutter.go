package picture

import "slices"

// The directions in which a line leaves a cell.
const up, down, left, right = 1, 2, 4, 8

// end is where a line meets a card.
type end struct {
	y     int
	left  bool // the card is at the left of the gutter
	ready bool // traffic goes; of targets only
}

// net is the lines from one source to all it reaches, along one channel.
type net struct {
	sources, targets []end
	channel          int // -1: there was no room
}

func (n *net) span() (from, to int) {
	from, to = n.sources[0].y, n.sources[0].y
	for _, e := range slices.Concat(n.sources, n.targets) {
		from, to = min(from, e.y), max(to, e.y)
	}
	return from, to
}

// cell is one cell of a gutter.
type cell struct {
	mask uint8
	net  int // whose vertical line it is, from 1 on
	role Role
	text string // in place of the lines
}

// gutter is the room between or beside cards in which lines run.
type gutter struct {
	width  int
	cells  [][]cell
	glyphs *glyphs
}

func newGutter(width, height int, g *glyphs) *gutter {
	cells := make([][]cell, height)
	all := make([]cell, width*height)
	for y := range cells {
		cells[y] = all[y*width : (y+1)*width]
	}
	return &gutter{width, cells, g}
}

// assign gives each net a channel, of at most most, so that no two run on top of
// each other and as few as can be seem to go on in another.
func assign(nets []*net, most int) {
	type taken struct{ from, to int }
	busy := make([][]taken, most)
	for i, n := range nets {
		from, to := n.span()
		best, least := -1, 0
		for ch := range most {
			if slices.ContainsFunc(busy[ch], func(t taken) bool { return from <= t.to && t.from <= to }) {
				continue
			}
			if cost := muddle(n, ch, nets[:i]); best < 0 || cost < least {
				best, least = ch, cost
			}
		}
		if n.channel = best; best >= 0 {
			busy[best] = append(busy[best], taken{from, to})
		}
	}
}

// muddle counts the lines of a net that would meet those of others head on.
func muddle(n *net, channel int, others []*net) int {
	count := 0
	for _, o := range others {
		for _, s := range n.sources {
			for _, t := range o.targets {
				if s.y == t.y && s.left != t.left && o.channel <= channel {
					count++
				}
			}
		}
		for _, t := range n.targets {
			for _, s := range o.sources {
				if s.y == t.y && s.left != t.left && channel <= o.channel {
					count++
				}
			}
		}
	}
	return count
}

// draw draws the nets. Channels begin at cell first. Where lines of two nets cross,
// the one that goes across passes behind.
func (g *gutter) draw(nets []*net, first int) {
	for i, n := range nets {
		if n.channel < 0 {
			continue
		}
		x := first + n.channel
		from, to := n.span()
		role := RoleIdle
		if slices.ContainsFunc(n.targets, func(e end) bool { return e.ready }) {
			role = RoleLine
		}
		for y := from; y <= to; y++ {
			c := &g.cells[y][x]
			c.net, c.role = i+1, role
			if y > from {
				c.mask |= up
			}
			if y < to {
				c.mask |= down
			}
		}
	}
	for i, n := range nets {
		if n.channel < 0 {
			continue
		}
		x := first + n.channel
		for _, s := range n.sources {
			g.across(i+1, s, x, RoleLine, "")
		}
		for _, t := range n.targets {
			if t.ready {
				g.across(i+1, t, x, RoleLine, g.glyphs.arrow)
			} else {
				g.across(i+1, t, x, RoleIdle, g.glyphs.idle)
			}
		}
	}
}

// across draws a line from channel x to a card, and what stands at its end.
func (g *gutter) across(net int, e end, x int, r Role, tip string) {
	from, to, out, in := x, g.width-1, uint8(right), uint8(left)
	if e.left {
		from, to, out, in = 0, x, left, right
	}
	row := g.cells[e.y]
	for at := from; at <= to; at++ {
		c := &row[at]
		switch {
		case at == x:
			c.mask |= out
		case c.net != 0 && c.net != net:
			continue // passes behind
		default:
			c.mask |= out | in
			c.role = r
			if r == RoleIdle {
				c.text = g.glyphs.dash
			}
		}
	}
	if tip != "" {
		c := &row[to]
		if e.left {
			c = &row[0]
		}
		c.text, c.role = tip, r
	}
}

// missing draws the line that is not there.
func (g *gutter) missing(y int, fromLeft bool) {
	if g.width < 2 {
		return
	}
	at := func(i int) *cell {
		if fromLeft {
			return &g.cells[y][i]
		}
		return &g.cells[y][g.width-1-i]
	}
	n := min(2, g.width-1)
	for i := range n {
		*at(i) = cell{text: g.glyphs.dash, role: RoleGap}
	}
	*at(n) = cell{text: g.glyphs.missing, role: RoleGap}
}

// spans returns one line of the gutter.
func (g *gutter) spans(out []Span, y int) []Span {
	blanks := 0
	flush := func() {
		if blanks > 0 {
			out = append(out, Span{spaces(blanks), blanks, RoleText, ""})
			blanks = 0
		}
	}
	for _, c := range g.cells[y] {
		text := c.text
		if text == "" {
			text = g.glyphs.joints[c.mask]
		}
		if text == " " {
			blanks++
			continue
		}
		flush()
		if n := len(out); n > 0 && out[n-1].Role == c.role && out[n-1].Key == "" && c.role != RoleText {
			out[n-1].Text += text
			out[n-1].Width++
			continue
		}
		out = append(out, Span{text, 1, c.role, ""})
	}
	flush()
	return out
}
