package picture

import (
	"fmt"
	"strings"

	"github.com/k8stutor/k8stutor/lessons"
	"github.com/k8stutor/k8stutor/tui/markdown"
)

// row is one line of a card.
type row struct {
	spans []Span   // as wide as the card, borders included
	in    []string // keys at which lines end here
	out   []string // keys of what lines that begin here go out from
	gap   bool     // a line is missing that would begin here
}

// card is a box about one object, or about several of one sort.
type card struct {
	key   string // of what it is about; "" for several
	width int
	rows  []row
	ascii *glyphs
	edge  Role
}

// card begins a card about a node: its kind, name and state in the border.
func (p *painter) card(n *Node, width int) *card {
	c := &card{key: n.Key, width: width, ascii: p.glyphs, edge: RoleBorder}
	// What is added to a name must not depend on how the object is: the picture
	// would jump. A state that may not fit always stands below.
	const stateRoom = 16
	g, k := p.glyphs, newInk(width-1, n.Key)
	k.key = ""
	k.raw(RoleBorder, g.topLeft+g.across, 2)
	k.key = n.Key
	k.raw(p.markRole(n.Key), p.mark(n.Key, " "), 1).raw(roleOf(n.Health), g.health[n.Health], 1).space(1)
	k.put(RoleKind, p.kindName(n.Kind, width)+" ")
	aside := k.left-widthOf(markdown.Clean(n.Name))-3 >= stateRoom
	k.put(RoleTitle, markdown.Truncate(n.Name, k.left-2, "…")).space(1)
	state := p.stateLine(n)
	k.key = ""
	if aside && state != "" {
		state = markdown.Truncate(state, k.left-4, "…")
		k.rule(g.across, k.left-widthOf(state)-3).space(1)
		k.key = n.Key
		k.put(stateRole(n), state)
		k.key = ""
		k.space(1)
	}
	k.rule(g.across, k.left)
	c.rows = append(c.rows, row{spans: append(k.spans, Span{g.topRight, 1, RoleBorder, ""})})
	if !aside && state != "" {
		c.add(newInk(c.inner(), n.Key).put(stateRole(n), state).end(), row{}, false)
	}
	return c
}

// stateRole is the role of what stands beside a name: the type of a Service is none of
// its state.
func stateRole(n *Node) Role {
	if n.Kind == "Service" || n.Kind == "CronJob" {
		return RoleFact
	}
	return roleOf(n.Health)
}

// heading begins a card about several objects.
func (p *painter) heading(title string, width int) *card {
	c := &card{width: width, ascii: p.glyphs, edge: RoleBorder}
	g := p.glyphs
	k := newInk(width-1, "").raw(RoleBorder, g.topLeft+g.across, 2).space(1)
	k.put(RoleKind, markdown.Truncate(title, k.left-2, "…")).space(1)
	k.rule(g.across, k.left)
	c.rows = append(c.rows, row{spans: append(k.spans, Span{g.topRight, 1, RoleBorder, ""})})
	return c
}

// stateLine is what is said of a node beside its name.
func (p *painter) stateLine(n *Node) string {
	parts := []string{n.State}
	switch n.Kind {
	case "Deployment", "StatefulSet", "DaemonSet", "ReplicaSet":
		for _, f := range n.Facts {
			if f != Images(n.Object) {
				parts = append(parts, f)
			}
		}
	case "Service", "Ingress", "Pod":
	default:
		parts = append(parts, n.Facts...)
	}
	return strings.TrimPrefix(strings.Join(parts, " · "), " · ")
}

// inner is the width of a card's content: one cell at its left is for marks, one
// at its right stays free.
func (c *card) inner() int { return max(1, c.width-4) }

// add puts a line of content into the card. Where lines end and begin is taken
// from r.
func (c *card) add(content []Span, r row, marked bool) {
	g := c.ascii
	spans := make([]Span, 0, len(content)+4)
	mark, role := " ", RoleText
	if marked {
		mark, role = g.changed, RoleChanged
	}
	spans = append(spans, Span{g.down, 1, c.edge, ""}, Span{mark, 1, role, ""})
	spans = append(append(spans, content...), Span{" ", 1, RoleText, ""}, Span{g.down, 1, c.edge, ""})
	r.spans = spans
	c.rows = append(c.rows, r)
}

// text puts wrapped text into the card.
func (c *card) text(r Role, key, text string, where row) {
	for i, l := range markdown.Wrap(text, c.inner()) {
		if i > 0 {
			where = row{}
		}
		c.add(newInk(c.inner(), key).put(r, l).end(), where, false)
	}
}

// close draws the bottom of the card.
func (c *card) close() *card {
	g := c.ascii
	k := newInk(c.width, "").raw(RoleBorder, g.bottomLeft, 1).rule(g.across, c.width-2).raw(RoleBorder, g.bottomRight, 1)
	c.rows = append(c.rows, row{spans: k.end()})
	return c
}

func (p *painter) mark(key, none string) string {
	if p.Marked[key] {
		return p.glyphs.changed
	}
	return none
}

func (p *painter) markRole(key string) Role {
	if p.Marked[key] {
		return RoleChanged
	}
	return RoleBorder
}

// kindName is the name of a kind, short in narrow cards.
func (p *painter) kindName(kind string, width int) string {
	if short := shortKind(kind); short != "" && width < 44 {
		return short
	}
	return kind
}

func shortKind(kind string) string {
	switch kind {
	case "PersistentVolumeClaim":
		return "PVC"
	case "PersistentVolume":
		return "PV"
	case "HorizontalPodAutoscaler":
		return "HPA"
	case "ReplicationController":
		return "RC"
	case "ReplicaSet":
		return "RS"
	}
	return ""
}

// line writes a node as one line: glyph, kind, name, state and as many facts as fit.
func (p *painter) line(n *Node, width int, kind bool, facts ...string) []Span {
	k := newInk(width, n.Key)
	p.nodeGlyph(k, n)
	if kind {
		k.put(RoleKind, p.kindName(n.Kind, width)+" ")
	}
	name := n.Name
	if name == "" {
		name = "?"
	}
	k.put(RoleName, name)
	if n.State != "" && k.left > 5 {
		k.space(2).put(roleOf(n.Health), n.State)
	}
	if all := append(append([]string(nil), n.Facts...), facts...); len(all) > 0 && k.left > 5 {
		k.space(2).put(RoleFact, few(all, "  ", k.left))
	}
	return k.end()
}

func (p *painter) nodeGlyph(k *ink, n *Node) {
	k.raw(roleOf(n.Health), p.glyphs.health[n.Health], 1).space(1)
}

// gapRows says in the card of a node which lines are missing, and why.
func (p *painter) gapRows(c *card, n *Node) {
	for _, gap := range p.GapsOf(n.Key) {
		c.text(RoleGap, n.Key, p.glyphs.missing+" "+gap.Why, row{gap: gap.Relation != Uses && gap.Relation != Claims})
	}
}

// service is the card of a Service: address and ports, selector, slices.
func (p *painter) service(n *Node, width int) *card {
	c := p.card(n, width)
	in := row{in: []string{n.Key}}
	for rest := n.Facts; ; {
		line, more := fit(rest, "  ", c.inner())
		c.add(newInk(c.inner(), n.Key).put(RoleFact, line).end(), in, false)
		if rest, in = more, (row{}); len(rest) == 0 {
			break
		}
	}
	slices := p.From(n.Key, Owns)
	if selector := lessons.MapAt(n.Object, "spec", "selector"); len(selector) > 0 && len(p.GapsOf(n.Key)) == 0 {
		out := row{}
		if len(slices) == 0 {
			out.out = []string{n.Key}
		}
		c.text(RoleText, n.Key, fmt.Sprintf(p.words.Select, Labels(selector)), out)
	}
	for _, s := range slices {
		if s.Kind != "EndpointSlice" {
			continue
		}
		c.add(p.line(s, c.inner(), c.inner() >= 34), row{out: []string{s.Key}}, p.Marked[s.Key])
	}
	p.gapRows(c, n)
	return c.close()
}

// ingress is the card of an Ingress: a line for each rule.
func (p *painter) ingress(n *Node, width int) *card {
	c := p.card(n, width)
	host := "\x00"
	for i, r := range rules(n.Object, p.words) {
		if r.host != host && r.path != "" {
			host = r.host
			shown := host
			if shown == "" {
				shown = "*"
			}
			c.add(newInk(c.inner(), n.Key).put(RoleFact, shown).end(), row{}, false)
		}
		path := r.path
		if path == "" {
			path = r.label
		}
		to := r.service
		if r.port != "" {
			to += ":" + r.port
		}
		k := newInk(c.inner(), n.Key).space(1).put(RoleName, path).put(RoleLine, " → ").put(RoleText, to)
		out := row{}
		if p.Node("Service/"+r.service) != nil {
			out.out = []string{routeKey(n.Key, i)}
		}
		c.add(k.end(), out, false)
	}
	p.gapRows(c, n)
	return c.close()
}

// routeKey names the line of one rule of an Ingress.
func routeKey(ingress string, rule int) string { return fmt.Sprintf("%s|%d", ingress, rule) }

// several is a card with a line for each of some nodes.
func (p *painter) several(title string, nodes []*Node, width int) *card {
	c := p.heading(title, width)
	for _, n := range nodes {
		var users []string
		for _, u := range append(p.To(n.Key, Uses), p.To(n.Key, Claims)...) {
			users = append(users, u.Kind+" "+u.Name)
		}
		c.add(p.line(n, c.inner(), true), row{}, p.Marked[n.Key])
		if len(users) > 0 {
			by := few(users, p.words.Between, max(4, c.inner()-10))
			c.add(newInk(c.inner(), n.Key).space(2).put(RoleFact, fmt.Sprintf(p.words.UsedBy, by)).end(), row{}, false)
		}
		for _, v := range p.From(n.Key, Binds) {
			if p.nested[v.Key] {
				p.child(c, v, 1)
			}
		}
		p.gapRows(c, n)
	}
	return c.close()
}

// child adds a node below the one it belongs to.
func (p *painter) child(c *card, n *Node, depth int) {
	k := newInk(c.inner(), n.Key)
	k.space(2*depth-2).raw(RoleBorder, p.glyphs.tree, 1).space(1)
	for _, s := range p.line(n, k.left, true) {
		k.raw(s.Role, s.Text, s.Width)
	}
	c.add(k.end(), row{}, p.Marked[n.Key])
}
