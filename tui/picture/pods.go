package picture

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/k8stutor/k8stutor/lessons"
	"github.com/k8stutor/k8stutor/tui/markdown"
)

// foldFrom is how many Pods of one owner are counted rather than listed.
const foldFrom = 13

// content is one line of a card before its borders are drawn.
type content struct {
	spans  []Span
	at     row
	marked bool
}

func (c *card) contents(all []content) {
	for _, one := range all {
		c.add(one.spans, one.at, one.marked)
	}
}

// workload is the card of what makes Pods, with what is between it and them.
func (p *painter) workload(n *Node, width int) *card {
	c := p.card(n, width)
	for _, h := range p.To(n.Key, Scales) {
		if p.nested[h.Key] {
			c.add(p.line(h, c.inner(), true), row{}, p.Marked[h.Key])
		}
	}
	switch n.Kind {
	case "Deployment":
		p.rollout(c, n)
	case "CronJob":
		for _, job := range p.From(n.Key, Owns) {
			c.add(p.line(job, c.inner(), true), row{}, p.Marked[job.Key])
			c.contents(p.group(job, c.inner()))
		}
	default:
		if images := Images(n.Object); images != "" && n.Kind != "Pod" {
			c.add(newInk(c.inner(), n.Key).put(RoleFact, images).end(), row{}, false)
		}
		c.contents(p.group(n, c.inner()))
	}
	p.gapRows(c, n)
	return c.close()
}

// sideBySide is the least width of a card's content in which two ReplicaSets stand
// next to each other.
const sideBySide = 55

// rollout draws the ReplicaSets of a Deployment that have Pods, old and new side by
// side, and counts the others.
func (p *painter) rollout(c *card, n *Node) {
	var live, idle []*Node
	for _, rs := range p.From(n.Key, Owns) {
		if lessons.NumberAt(0, rs.Object, "spec", "replicas") > 0 || lessons.NumberAt(0, rs.Object, "status", "replicas") > 0 || len(p.From(rs.Key, Owns)) > 0 {
			live = append(live, rs)
		} else {
			idle = append(idle, rs)
		}
	}
	slices.SortStableFunc(live, func(a, b *Node) int { return cmp.Compare(revision(a), revision(b)) })
	if len(live) == 0 {
		c.add(newInk(c.inner(), n.Key).put(RoleFact, Images(n.Object)).end(), row{}, false)
	}
	if len(live) == 2 && c.inner() >= sideBySide {
		w := (c.inner() - 3) / 2
		c.contents(p.beside(p.replicaSet(live[0], p.words.Old, w), p.replicaSet(live[1], p.words.New, c.inner()-3-w), w, c.inner()-3-w))
	} else {
		for i, rs := range live {
			age := ""
			switch {
			case len(live) > 1 && i == len(live)-1:
				age = p.words.New
			case len(live) > 1:
				age = p.words.Old
			}
			c.contents(p.replicaSet(rs, age, c.inner()))
		}
	}
	if len(idle) > 0 {
		key := foldKey(n.Key, "older")
		c.add(p.fold(key, c.inner(), RoleInert, fmt.Sprintf(p.words.Older, len(idle))), row{}, false)
		for _, rs := range idle {
			if p.Open[key] || p.Marked[rs.Key] {
				p.child(c, rs, 1)
			}
		}
	}
}

// revision is the number of a ReplicaSet in its Deployment's history.
func revision(n *Node) int {
	r, _ := strconv.Atoi(lessons.TextAt(n.Object, "metadata", "annotations", "deployment.kubernetes.io/revision"))
	return r
}

// replicaSet draws a ReplicaSet of a Deployment and its Pods.
func (p *painter) replicaSet(n *Node, age string, width int) []content {
	k := newInk(width, n.Key)
	p.nodeGlyph(k, n)
	k.put(RoleKind, p.kindName(n.Kind, width)+" ")
	name, images := n.Name, Images(n.Object)
	state := n.State
	if age != "" {
		state = age + " · " + state
	}
	room := k.left - widthOf(state) - 1
	if owner := p.Owner(n.Key); owner != nil && widthOf(name)+2+widthOf(images) > room {
		name = shorter(name, owner.Name)
	}
	k.put(RoleName, markdown.Truncate(name, max(1, room), "…"))
	below := images != "" && age != "" || widthOf(images)+3 > k.left-widthOf(state)
	if !below && images != "" {
		k.space(2).put(RoleFact, images)
	}
	k.space(k.left-widthOf(state)).put(roleOf(n.Health), state)
	out := []content{{k.end(), row{}, p.Marked[n.Key]}}
	if below && images != "" {
		out = append(out, content{newInk(width, n.Key).space(2).put(RoleFact, images).end(), row{}, false})
	}
	return append(out, p.group(n, width)...)
}

// beside puts two columns next to each other. A line that reaches a Pod of the
// right one goes on to it.
func (p *painter) beside(left, right []content, lw, rw int) []content {
	g := p.glyphs
	var out []content
	for i := range max(len(left), len(right)) {
		l, r := content{spans: newInk(lw, "").end()}, content{spans: newInk(rw, "").end()}
		if i < len(left) {
			l = left[i]
		}
		if i < len(right) {
			r = right[i]
		}
		sep := []Span{{" ", 1, RoleText, ""}, {g.down, 1, RoleBorder, ""}, {" ", 1, RoleText, ""}}
		for _, key := range r.at.in {
			if p.reached[key] {
				sep[0] = Span{g.arrow, 1, RoleLine, ""}
			}
		}
		if r.marked {
			sep[2] = Span{g.changed, 1, RoleChanged, ""}
		}
		spans := slices.Concat(l.spans, sep, r.spans)
		out = append(out, content{spans, row{in: slices.Concat(l.at.in, r.at.in)}, l.marked})
	}
	return out
}

// group draws the Pods of an owner: each on a line, or counted when there are many.
func (p *painter) group(owner *Node, width int) []content {
	var pods []*Node
	var out []content
	for _, n := range p.From(owner.Key, Owns) {
		if n.Kind == "Pod" {
			pods = append(pods, n)
		}
	}
	out = append(out, p.pods(owner.Key, owner.Name, pods, width)...)
	return out
}

func (p *painter) pods(group, owner string, pods []*Node, width int) []content {
	if len(pods) >= foldFrom {
		return p.counted(group, owner, pods, width)
	}
	var out []content
	names := p.names(pods, owner, width)
	for i, pod := range pods {
		out = append(out, p.pod(pod, names[i], names[len(pods)], width)...)
	}
	return out
}

// names returns how Pods are called in a column, and after them the text that is as
// wide as the column. Where there is little room, they are called by what follows
// their owner's name.
func (p *painter) names(pods []*Node, owner string, width int) []string {
	names, room, widest := make([]string, 0, len(pods)+1), max(6, width*48/100), ""
	collect := func(short bool) {
		names, widest = names[:0], ""
		for _, pod := range pods {
			name := markdown.Clean(pod.Name)
			if short {
				name = shorter(name, owner)
			}
			if widthOf(name) > widthOf(widest) {
				widest = name
			}
			names = append(names, name)
		}
	}
	if collect(false); widthOf(widest) > room {
		collect(true)
	}
	return append(names, markdown.Truncate(widest, room, ""))
}

// shorter drops the owner's name from the beginning of a name.
func shorter(name, owner string) string {
	if rest, ok := strings.CutPrefix(name, owner+"-"); ok && rest != "" {
		return "…" + rest
	}
	return name
}

// pod draws a Pod, and the storage that it alone claims.
func (p *painter) pod(n *Node, name, column string, width int) []content {
	k := newInk(width, n.Key)
	p.nodeGlyph(k, n)
	k.column(RoleName, name, widthOf(column)).space(2)
	facts := n.Facts
	if p.placed() {
		if node := lessons.TextAt(n.Object, "spec", "nodeName"); node != "" {
			facts = append(slices.Clone(facts), node)
		}
	}
	state, aside := n.State, k.left
	if aside >= 30 {
		k.column(roleOf(n.Health), state, 17)
	} else {
		k.put(roleOf(n.Health), state)
	}
	if len(facts) > 0 && k.left > 5 {
		k.space(1)
		if aside < 30 {
			k.space(1)
		}
		if line := few(facts, "  ", k.left); widthOf(line) <= k.left && (len(facts[0]) <= k.left) {
			k.put(RoleFact, line)
		}
	}
	out := []content{{k.end(), row{in: []string{n.Key}}, p.Marked[n.Key]}}
	for _, claim := range p.From(n.Key, Claims) {
		if p.nested[claim.Key] {
			out = append(out, p.under(claim, width, 2))
			for _, volume := range p.From(claim.Key, Binds) {
				if p.nested[volume.Key] {
					out = append(out, p.under(volume, width, 4))
				}
			}
		}
	}
	for _, gap := range p.GapsOf(n.Key) {
		for _, l := range markdown.Wrap(p.glyphs.missing+" "+gap.Why, max(8, width-2)) {
			out = append(out, content{spans: newInk(width, n.Key).space(2).put(RoleGap, l).end()})
		}
	}
	return out
}

// under draws a node below the one it belongs to.
func (p *painter) under(n *Node, width, indent int) content {
	k := newInk(width, n.Key)
	k.space(indent).raw(RoleBorder, p.glyphs.tree, 1).space(1)
	for _, s := range p.line(n, k.left, true) {
		k.raw(s.Role, s.Text, s.Width)
	}
	return content{k.end(), row{}, p.Marked[n.Key]}
}

// counted draws many Pods: a dot for each, where they do not move, and a line for
// each state, which can be opened.
func (p *painter) counted(group, owner string, pods []*Node, width int) []content {
	const dotLines = 5
	var out []content
	if len(pods) <= dotLines*width {
		for from := 0; from < len(pods); from += width {
			k := newInk(width, "")
			for _, pod := range pods[from:min(from+width, len(pods))] {
				k.raw(roleOf(pod.Health), p.glyphs.health[pod.Health], 1)
			}
			out = append(out, content{spans: k.end()})
		}
	}
	for _, b := range buckets(pods) {
		key := foldKey(group, b.state)
		c := content{spans: p.fold(key, width, roleOf(b.health), p.glyphs.health[b.health]+" "+strconv.Itoa(len(b.pods))+" "+b.state)}
		for _, pod := range b.pods {
			c.marked = c.marked || p.Marked[pod.Key]
			if !p.Open[key] {
				c.at.in = append(c.at.in, pod.Key)
			}
		}
		out = append(out, c)
		if !p.Open[key] {
			continue
		}
		names := p.names(b.pods, owner, width-2)
		for i, pod := range b.pods {
			for _, line := range p.pod(pod, names[i], names[len(b.pods)], width-2) {
				line.spans = slices.Concat([]Span{{"  ", 2, RoleText, pod.Key}}, line.spans)
				out = append(out, line)
			}
		}
	}
	return out
}

// bucket is the Pods of one state.
type bucket struct {
	health Health
	state  string
	pods   []*Node
}

// buckets sorts Pods by state: what is broken first.
func buckets(pods []*Node) []bucket {
	var all []bucket
	for _, pod := range pods {
		i := slices.IndexFunc(all, func(b bucket) bool { return b.health == pod.Health && b.state == pod.State })
		if i < 0 {
			i, all = len(all), append(all, bucket{health: pod.Health, state: pod.State})
		}
		all[i].pods = append(all[i].pods, pod)
	}
	rank := [...]int{Inert: 3, Good: 2, Progressing: 1, Broken: 0, Gone: 4}
	slices.SortFunc(all, func(a, b bucket) int {
		return cmp.Or(cmp.Compare(rank[a.health], rank[b.health]), cmp.Compare(a.state, b.state))
	})
	return all
}

// foldKey names a fold. It holds a NUL, which no name of an object does.
func foldKey(group, what string) string { return group + "\x00" + what }

// fold is the line that opens and closes what it counts.
func (p *painter) fold(key string, width int, r Role, text string) []Span {
	p.folds[key] = true
	g := p.glyphs.shut
	if p.Open[key] {
		g = p.glyphs.open
	}
	return newInk(width, key).raw(RoleHint, g, 1).space(1).put(r, text).end()
}

// loose is the card of the Pods that nobody owns.
func (p *painter) loose(pods []*Node, width int) *card {
	c := p.heading(p.words.Pods, width)
	c.contents(p.pods("Pods", "", pods, c.inner()))
	return c.close()
}
