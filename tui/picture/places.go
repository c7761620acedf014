package picture

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/k8stutor/k8stutor/lessons"
)

// place is one node of the cluster with the Pods on it.
type place struct {
	name string
	node *Node // nil when Nodes may not be read
	pods []*Node
}

// placesOf sorts the Pods by the node they are on.
func (g *Graph) placesOf() (places []place, unplaced []*Node) {
	find := func(name string) *place {
		i := slices.IndexFunc(places, func(p place) bool { return p.name == name })
		if i < 0 {
			i, places = len(places), append(places, place{name: name})
		}
		return &places[i]
	}
	for i := range g.Nodes {
		n := &g.Nodes[i]
		if n.Kind != "Node" {
			continue
		}
		if at := find(n.Name); at.node == nil {
			at.node = n
		} else {
			places = append(places, place{name: n.Name, node: n})
		}
	}
	for i := range g.Nodes {
		n := &g.Nodes[i]
		if n.Kind != "Pod" {
			continue
		}
		if name := lessons.TextAt(n.Object, "spec", "nodeName"); name != "" {
			at := find(name)
			at.pods = append(at.pods, n)
		} else if n.Health != Inert && n.Health != Gone {
			unplaced = append(unplaced, n)
		}
	}
	slices.SortStableFunc(places, func(a, b place) int { return strings.Compare(a.name, b.name) })
	return places, unplaced
}

// placement draws a column for each node.
func (p *painter) placement(width int) [][]Span {
	const least, podsMost = 20, 8
	width = min(width, rightMost+leftMost)
	places, unplaced := p.placesOf()
	c := p.heading(p.words.Nodes, width)
	inner := c.inner()
	across := max(1, min(len(places), (inner+3)/(least+3)))
	w := (inner - 3*(across-1)) / across
	for len(places) > 0 {
		n := min(across, len(places))
		var columns [][][]Span
		tallest := 0
		for _, at := range places[:n] {
			column := p.placeColumn(at, w, podsMost)
			columns = append(columns, column)
			tallest = max(tallest, len(column))
		}
		for y := range tallest {
			k := newInk(inner, "")
			for i, column := range columns {
				if i > 0 {
					k.space(1).raw(RoleBorder, p.glyphs.down, 1).space(1)
				}
				if y >= len(column) {
					k.space(w)
					continue
				}
				for _, s := range column[y] {
					k.key = s.Key
					k.raw(s.Role, s.Text, s.Width)
				}
				k.key = ""
			}
			c.add(k.end(), row{}, false)
		}
		if places = places[n:]; len(places) > 0 {
			c.add(newInk(inner, "").put(RoleBorder, strings.Repeat(p.glyphs.across, inner)).end(), row{}, false)
		}
	}
	if len(unplaced) > 0 {
		c.text(RoleProgressing, "", p.glyphs.health[Progressing]+" "+p.words.Unplaced+p.words.Colon+fmt.Sprintf(p.words.PodCount, len(unplaced)), row{})
	}
	c.close()
	lines := make([][]Span, len(c.rows))
	for i, r := range c.rows {
		lines[i] = r.spans
		if rest := p.Width - width; rest > 0 {
			lines[i] = append(slices.Clone(r.spans), Span{spaces(rest), rest, RoleText, ""})
		}
	}
	return lines
}

// placeColumn is a node and the Pods on it, many of them counted.
func (p *painter) placeColumn(at place, w, most int) [][]Span {
	key := ""
	if at.node != nil {
		key = at.node.Key
	}
	k := newInk(w, key)
	if at.node != nil {
		p.nodeGlyph(k, at.node)
	}
	k.put(RoleName, at.name)
	if at.node != nil && k.left > 4 {
		k.space(1).put(roleOf(at.node.Health), at.node.State)
	}
	out := [][]Span{k.end()}
	if len(at.pods) > most {
		for _, b := range buckets(at.pods) {
			out = append(out, newInk(w, "").put(roleOf(b.health), p.glyphs.health[b.health]+" "+strconv.Itoa(len(b.pods))+" "+b.state).end())
		}
		return out
	}
	for _, pod := range at.pods {
		k := newInk(w, "")
		p.nodeGlyph(k, pod)
		name := pod.Name
		if owner := p.Owner(pod.Key); owner != nil && len(name) > w-2 {
			name = shorter(name, owner.Name)
		}
		out = append(out, k.put(RoleFact, name).end())
	}
	return out
}
