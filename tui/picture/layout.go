package picture

import (
	"cmp"
	"slices"
	"strings"

	"github.com/k8stutor/k8stutor/lessons"
)

// The widths of a picture in two columns: what leads to Pods at the left, what
// makes them at the right.
const (
	twoColumns            = 96
	leftLeast, leftMost   = 30, 44
	rightMost, singleMost = 96, 96
	channelsMost          = 6
)

// sheet is the picture with its cards placed.
type sheet struct {
	p           *painter
	left, right []placed // right is empty when there is one column
	height      int
}

// placed is a card and the line it begins at.
type placed struct {
	*card
	y int
}

// layOut places the cards and draws the lines between them.
func (p *painter) layOut() [][]Span {
	before, work, after := p.sorted()
	s := &sheet{p: p}
	var lines [][]Span
	if p.Width >= twoColumns && len(work) > 0 && len(before)+len(after) > 0 {
		lines = s.two(before, work, after)
	}
	if lines == nil {
		lines = s.one(before, work, after)
	}
	if p.placed() {
		lines = append(lines, p.placement(p.Width)...)
	}
	return lines
}

// maker draws a card for a width.
type maker struct {
	node *Node // nil for a card about several
	draw func(width int) *card
}

// sorted returns the cards by what they are for: leading to Pods, making them, the
// rest.
func (p *painter) sorted() (before, work, after []maker) {
	var loose, configuration, storage, others []*Node
	shown := p.placed()
	for i := range p.Nodes {
		n := &p.Nodes[i]
		if p.nested[n.Key] {
			continue
		}
		switch n.Kind {
		case "Ingress":
			before = append(before, maker{n, func(w int) *card { return p.ingress(n, w) }})
		case "Service":
			before = append(before, maker{n, func(w int) *card { return p.service(n, w) }})
		case "Deployment", "StatefulSet", "DaemonSet", "CronJob", "Job", "ReplicaSet", "ReplicationController":
			work = append(work, maker{n, func(w int) *card { return p.workload(n, w) }})
		case "Pod":
			loose = append(loose, n)
		case "ConfigMap", "Secret":
			configuration = append(configuration, n)
		case "PersistentVolumeClaim", "PersistentVolume":
			storage = append(storage, n)
		case "Node":
			if !shown {
				others = append(others, n)
			}
		default:
			others = append(others, n)
		}
	}
	if len(loose) > 0 {
		work = append(work, maker{nil, func(w int) *card { return p.loose(loose, w) }})
	}
	for _, part := range []struct {
		title string
		nodes []*Node
	}{{p.words.Configuration, configuration}, {p.words.Storage, storage}, {p.words.Others, others}} {
		if len(part.nodes) > 0 {
			after = append(after, maker{nil, func(w int) *card { return p.several(part.title, part.nodes, w) }})
		}
	}
	return before, work, after
}

// two lays out two columns, if there is room for them: lines from Services to Pods run between them, lines from
// Ingresses to Services at the left.
func (s *sheet) two(before, work, after []maker) [][]Span {
	p := s.p
	routes, services := 0, 0
	for _, m := range before {
		switch m.node.Kind {
		case "Ingress":
			routes += max(1, len(rules(m.node.Object, p.words)))
		case "Service":
			services++
		}
	}
	outer := 0
	if routes > 0 {
		outer = min(routes, channelsMost-2) + 2
	}
	channels := max(1, min(services, channelsMost))
	middle := channels + 3
	lw := min(leftMost, p.Width*36/100, p.Width-outer-middle-sideBySide-4)
	if lw < leftLeast {
		return nil // two ReplicaSets of a rollout must fit beside each other
	}
	rw := min(rightMost, p.Width-outer-lw-middle)

	y := 0
	at := map[string]int{} // where the card of a workload begins, by key
	for _, m := range work {
		c := m.draw(rw)
		s.right = append(s.right, placed{c, y})
		if m.node != nil {
			at[m.node.Key] = y
		}
		y += len(c.rows)
	}
	s.height = y
	y = 0
	for _, m := range s.aligned(before, at) {
		c := m.draw(lw)
		y = max(y, m.y)
		s.left = append(s.left, placed{c, y})
		y += len(c.rows)
	}
	for _, m := range after {
		c := m.draw(lw)
		s.left = append(s.left, placed{c, y})
		y += len(c.rows)
	}
	s.height = max(s.height, y)

	reach := s.nets(s.left, s.right, true)
	assign(reach, channels)
	between := newGutter(middle, s.height, p.glyphs)
	between.draw(reach, 1)
	beside := newGutter(outer, s.height, p.glyphs)
	if outer > 0 {
		route := s.nets(s.left, s.left, false)
		assign(route, outer-2)
		beside.draw(route, 0)
	}
	s.stubs(s.left, reach, between, beside)
	return s.compose(beside, between, lw, rw)
}

// target is a card and the line it should begin at, if it can.
type target struct {
	maker
	y int
}

// aligned puts Services next to what they select, or to what has their name.
func (s *sheet) aligned(before []maker, at map[string]int) []target {
	var out []target
	for _, m := range before {
		t := target{m, 0}
		if m.node.Kind == "Service" {
			t.y = s.beside(m.node, at)
		} else {
			t.y = -1 // Ingresses come first
		}
		out = append(out, t)
	}
	slices.SortStableFunc(out, func(a, b target) int { return cmp.Compare(a.y, b.y) })
	return out
}

func (s *sheet) beside(n *Node, at map[string]int) int {
	pods := s.p.From(n.Key, Selects)
	if len(pods) == 0 {
		pods = nil
		for _, slice := range s.p.From(n.Key, Owns) {
			pods = append(pods, s.p.From(slice.Key, Reaches)...)
		}
	}
	for _, pod := range pods {
		for owner := pod; owner != nil; owner = s.p.Owner(owner.Key) {
			if y, there := at[owner.Key]; there {
				return y
			}
		}
	}
	for _, kind := range []string{"Deployment", "StatefulSet", "DaemonSet"} {
		if y, there := at[kind+"/"+n.Name]; there {
			return y
		}
	}
	return 0
}

// one lays out one column, with all lines at its left.
func (s *sheet) one(before, work, after []maker) [][]Span {
	p := s.p
	lines := 0
	for _, m := range before {
		if m.node.Kind == "Ingress" {
			lines += len(rules(m.node.Object, p.words))
		} else {
			lines++
		}
	}
	most := channelsMost
	if p.Width < 48 {
		most = 3
	}
	if lines = min(lines, most); lines > 2 {
		// Lines that are not beside each other share a channel: there may be more
		// room for the cards than it seems.
		trial := &sheet{p: p}
		_, lines = trial.single(slices.Concat(before, work, after), lines)
	}
	out, _ := s.single(slices.Concat(before, work, after), lines)
	return out
}

// single lays cards out below each other, beside a gutter of some channels. It
// returns how many of them are used.
func (s *sheet) single(cards []maker, channels int) ([][]Span, int) {
	p, wide := s.p, 0
	if channels > 0 {
		wide = max(2, channels) + 1
	}
	w := min(singleMost, p.Width-wide)
	y := 0
	for _, m := range cards {
		c := m.draw(w)
		s.left = append(s.left, placed{c, y})
		y += len(c.rows)
	}
	s.height = y
	g, used := newGutter(wide, y, p.glyphs), 0
	if wide > 0 {
		nets := s.nets(s.left, s.left, false)
		assign(nets, wide-1)
		for _, n := range nets {
			used = max(used, n.channel+1)
		}
		g.draw(nets, 0)
		s.stubs(s.left, nets, g, g)
	}
	return s.compose(g, newGutter(0, y, p.glyphs), w, 0), max(1, used)
}

// nets finds the lines from rows of some cards to rows of others. Those that leave
// at the right go to Pods, the others wherever they go.
func (s *sheet) nets(from, to []placed, leftward bool) []*net {
	p := s.p
	anchors := map[string]int{}
	for _, c := range to {
		for i, r := range c.rows {
			for _, key := range r.in {
				if _, known := anchors[key]; !known {
					anchors[key] = c.y + i
				}
			}
		}
	}
	var nets []*net
	for _, c := range from {
		for i, r := range c.rows {
			for _, key := range r.out {
				if isRoute := strings.Contains(key, "|"); leftward && isRoute {
					continue
				}
				n := &net{sources: []end{{y: c.y + i, left: leftward}}}
				ready := map[int]bool{}
				for _, e := range p.targets(key) {
					if y, shown := anchors[e.To]; shown {
						ready[y] = ready[y] || e.Ready
					}
				}
				for y, r := range ready {
					n.targets = append(n.targets, end{y: y, ready: r})
				}
				slices.SortFunc(n.targets, func(a, b end) int { return cmp.Compare(a.y, b.y) })
				if len(n.targets) > 0 {
					nets = append(nets, n)
				}
			}
		}
	}
	return nets
}

// targets returns the edges that the line of a key stands for: of a slice, of a
// Service without slices, or of one rule of an Ingress.
func (p *painter) targets(key string) []Edge {
	ingress, _, isRoute := strings.Cut(key, "|")
	var edges []Edge
	if isRoute {
		for i, r := range rules(p.Node(ingress).Object, p.words) {
			if routeKey(ingress, i) == key {
				edges = append(edges, Edge{From: ingress, To: "Service/" + r.service, Ready: true})
			}
		}
		return edges
	}
	for _, i := range p.out[key] {
		if e := p.Edges[i]; e.Relation == Reaches || e.Relation == Selects {
			edges = append(edges, e)
		}
	}
	return edges
}

// stubs opens the borders of cards where lines begin, and draws those that are
// missing.
func (s *sheet) stubs(cards []placed, nets []*net, between, beside *gutter) {
	g := s.p.glyphs
	for _, c := range cards {
		for i := range c.rows {
			r, y := &c.rows[i], c.y+i
			route := len(r.out) > 0 && strings.Contains(r.out[0], "|") || c.key != "" && strings.HasPrefix(c.key, "Ingress/")
			toRight := len(s.right) > 0 && !route
			switch {
			case r.gap && toRight && between.width > 0:
				between.missing(y, true)
				s.open(r, true, g.right, RoleGap)
			case r.gap && beside.width > 0:
				beside.missing(y, false)
				s.open(r, false, g.left, RoleGap)
			case len(r.out) > 0 && toRight && between.cells[y][0].mask&right != 0:
				s.open(r, true, g.right, RoleLine)
			case len(r.out) > 0 && !toRight && beside.width > 0 && beside.cells[y][beside.width-1].mask&right != 0:
				s.open(r, false, g.left, RoleLine)
			}
		}
	}
}

// open changes the border of a row where a line begins.
func (s *sheet) open(r *row, atRight bool, glyph string, role Role) {
	i := 0
	if atRight {
		i = len(r.spans) - 1
	}
	r.spans = slices.Clone(r.spans)
	r.spans[i] = Span{glyph, 1, role, ""}
}

// compose puts gutters and cards next to each other.
func (s *sheet) compose(beside, between *gutter, lw, rw int) [][]Span {
	lines := make([][]Span, s.height)
	l, r := column{s.left, 0}, column{s.right, 0}
	for y := range lines {
		line := make([]Span, 0, 24)
		line = beside.spans(line, y)
		line = l.line(line, y, lw)
		line = between.spans(line, y)
		line = r.line(line, y, rw)
		if rest := s.p.Width - beside.width - lw - between.width - rw; rest > 0 {
			line = append(line, Span{spaces(rest), rest, RoleText, ""})
		}
		lines[y] = line
	}
	return lines
}

// column goes down cards.
type column struct {
	cards []placed
	at    int
}

func (c *column) line(out []Span, y, w int) []Span {
	for c.at < len(c.cards) && y >= c.cards[c.at].y+len(c.cards[c.at].rows) {
		c.at++
	}
	if c.at < len(c.cards) && y >= c.cards[c.at].y {
		return append(out, c.cards[c.at].rows[y-c.cards[c.at].y].spans...)
	}
	if w > 0 {
		out = append(out, Span{spaces(w), w, RoleText, ""})
	}
	return out
}

func spaces(n int) string {
	const many = "                                                                                                                                "
	if n <= len(many) {
		return many[:n]
	}
	return strings.Repeat(" ", n)
}

// placed reports whether it matters on which node a Pod is.
func (p *painter) placed() bool {
	if p.places == 0 {
		nodes := map[string]bool{}
		for i := range p.Nodes {
			switch n := &p.Nodes[i]; n.Kind {
			case "Node":
				nodes[n.Name] = true
			case "Pod":
				if name := lessons.TextAt(n.Object, "spec", "nodeName"); name != "" {
					nodes[name] = true
				}
			}
		}
		p.places = 1 + len(nodes)
	}
	return p.places > 2
}
