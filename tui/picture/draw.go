package picture

import (
	"fmt"
	"slices"
	"strings"

	"github.com/k8stutor/k8stutor/tui/markdown"
)

// Options of a drawing.
type Options struct {
	Width int  // in cells; less than 20 is drawn as 20 and cut
	ASCII bool // for terminals and fonts without box drawing
	// Marked are the keys of what has just changed.
	Marked map[string]bool
	// Open are the keys of the folds that are open.
	Open map[string]bool
	Away bool // what is drawn may be old
}

// Drawing is a picture for one width.
type Drawing struct {
	Lines [][]Span // each exactly as wide as was asked
	Stops []Stop   // from top to bottom, from left to right
}

// Stop is where an object, or a fold, stands.
type Stop struct {
	Key     string // of a node, or of a fold
	Line    int    // index in Lines
	X, W    int    // cells of the line
	foldage bool
}

// Fold reports whether the stop is one that opens and closes.
func (s Stop) Fold() bool { return s.foldage }

// Plain returns the drawing as text, one line each, without trailing spaces.
func (d Drawing) Plain() string {
	var b strings.Builder
	for _, l := range d.Lines {
		var line strings.Builder
		for _, s := range l {
			line.WriteString(s.Text)
		}
		b.WriteString(strings.TrimRight(line.String(), " "))
		b.WriteByte('\n')
	}
	return b.String()
}

// least is the narrowest drawing that is laid out.
const least = 20

// Draw lays the graph out.
func (g *Graph) Draw(o Options) Drawing {
	asked := o.Width
	o.Width = max(o.Width, least)
	p := &painter{Graph: g, Options: o, glyphs: glyphsFor(o.ASCII)}
	p.survey()
	var lines [][]Span
	if o.Away {
		lines = append(lines, p.note(RoleProgressing, g.words.Away)...)
	}
	if len(g.Nodes) == 0 {
		lines = append(lines, p.note(RoleHint, g.words.Nothing)...)
	}
	lines = append(lines, p.layOut()...)
	if len(g.Unseen) > 0 {
		lines = append(lines, p.note(RoleHint, fmt.Sprintf(g.words.Unseen, strings.Join(g.Unseen, g.words.Between)))...)
	}
	if o.ASCII {
		plain(lines)
	}
	if asked < least {
		for i := range lines {
			lines[i] = cutLine(lines[i], max(0, asked))
		}
	}
	return Drawing{Lines: lines, Stops: stops(lines, p.folds)}
}

// plain puts ASCII in place of the marks of this package.
func plain(lines [][]Span) {
	ascii := strings.NewReplacer("→", ">", "…", "~", "↻", "x", "⌂", "n", "⇐", "<", "–", "-", "·", "-")
	for _, l := range lines {
		for i := range l {
			l[i].Text = ascii.Replace(l[i].Text)
		}
	}
}

// painter draws one graph with one set of options.
type painter struct {
	*Graph
	Options
	glyphs *glyphs

	reached map[string]bool // keys of Pods that traffic reaches
	nested  map[string]bool // keys of what is drawn within another's card
	folds   map[string]bool // keys of folds
	places  int             // nodes that Pods are on, and one more; 0 before they are counted
}

// survey finds what is drawn within the card of another.
func (p *painter) survey() {
	p.reached, p.nested, p.folds = map[string]bool{}, map[string]bool{}, map[string]bool{}
	for _, e := range p.Edges {
		if e.Relation == Reaches && e.Ready {
			p.reached[e.To] = true
		}
	}
	for i := range p.Nodes {
		n := &p.Nodes[i]
		switch n.Kind {
		case "PersistentVolumeClaim":
			p.nested[n.Key] = len(p.To(n.Key, Claims)) == 1
		case "PersistentVolume":
			p.nested[n.Key] = len(p.To(n.Key, Binds)) == 1
		case "HorizontalPodAutoscaler":
			targets := p.From(n.Key, Scales)
			p.nested[n.Key] = len(targets) == 1 && p.carded(targets[0])
		case "Pod":
			owner := p.Owner(n.Key)
			p.nested[n.Key] = owner != nil && slices.Contains([]string{"ReplicaSet", "StatefulSet", "DaemonSet", "Job", "ReplicationController"}, owner.Kind)
		case "ReplicaSet":
			owner := p.Owner(n.Key)
			p.nested[n.Key] = owner != nil && owner.Kind == "Deployment"
		case "Job":
			owner := p.Owner(n.Key)
			p.nested[n.Key] = owner != nil && owner.Kind == "CronJob"
		case "EndpointSlice":
			owner := p.Owner(n.Key)
			p.nested[n.Key] = owner != nil && owner.Kind == "Service"
		}
	}
}

// carded reports whether a node has a card in which others can be noted.
func (p *painter) carded(n *Node) bool {
	switch n.Kind {
	case "Deployment", "StatefulSet":
		return true
	case "ReplicaSet":
		owner := p.Owner(n.Key)
		return owner == nil || owner.Kind != "Deployment"
	}
	return false
}

// note is a sentence of the picture itself.
func (p *painter) note(r Role, text string) [][]Span {
	var lines [][]Span
	for _, l := range markdown.Wrap(text, p.Width-2) {
		lines = append(lines, newInk(p.Width, "").space(1).put(r, l).end())
	}
	return lines
}

// cutLine cuts a line to w cells; a wide character at the edge becomes a blank.
func cutLine(line []Span, w int) []Span {
	k := newInk(w, "")
	for _, s := range line {
		if k.key = s.Key; s.Width <= k.left {
			k.raw(s.Role, s.Text, s.Width)
			continue
		}
		text := markdown.Truncate(s.Text, k.left, "")
		k.raw(s.Role, text, markdown.Width(text))
		break
	}
	k.key = ""
	return k.end()
}

// stops finds where each key stands first.
func stops(lines [][]Span, folds map[string]bool) []Stop {
	var found []Stop
	seen := map[string]bool{}
	for y, l := range lines {
		for i, x := 0, 0; i < len(l); {
			key, start := l[i].Key, x
			for i < len(l) && l[i].Key == key {
				x += l[i].Width
				i++
			}
			if key != "" && !seen[key] {
				seen[key] = true
				found = append(found, Stop{key, y, start, x - start, folds[key]})
			}
		}
	}
	return found
}
