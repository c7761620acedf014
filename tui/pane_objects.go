package tui

import (
	"fmt"
	"maps"
	"slices"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/k8stutor/k8stutor/lessons"
	"github.com/k8stutor/k8stutor/tui/markdown"
	"github.com/k8stutor/k8stutor/tui/picture"
	"github.com/k8stutor/k8stutor/tui/styles"
)

// changeShown is how long an object that has changed is marked.
const changeShown = 2 * time.Second

// objectPane is the living picture of what is in the workspace.
type objectPane struct {
	*scene
	places bool // the lesson is about Nodes
	last   lessons.Report
	rest   lessons.Snapshot // of kinds that no step asks for
	graph  *picture.Graph   // of everything
	lang   lessons.Lang     // it was built in

	since map[string]time.Time // by identity: when an object changed
	gone  []lessons.Object     // deleted a moment ago
	known bool                 // a snapshot has been seen: what comes now is a change
	uid   string               // of the workspace

	selected string // key of a node or fold
	stood    int    // its index in the drawing's stops
	open     map[string]bool
	filter   input
	typing   bool // the filter is being typed

	w, h    int
	view    scroll
	drawing picture.Drawing
	drawn   drawnFrom
	epoch   int // counts what a drawing depends on and drawnFrom does not hold
}

// drawnFrom is what a drawing was made from: it is made anew when that changes.
type drawnFrom struct {
	graph  *picture.Graph
	filter string
	w      int
	ascii  bool
	away   bool
	epoch  int
}

// identity tells an object from another one of the same name.
func identity(n *picture.Node) string { return n.Key + " " + n.UID }

// take shows the objects of a report and marks what has changed.
func (p *objectPane) take(r lessons.Report) {
	p.last = r
	if r.Workspace.UID != p.uid {
		p.uid, p.known, p.gone, p.rest = r.Workspace.UID, false, nil, lessons.Snapshot{}
		p.since, p.open, p.graph = map[string]time.Time{}, map[string]bool{}, nil
	}
	p.changed()
}

// takeRest shows the objects of the kinds that no step asks for.
func (p *objectPane) takeRest(s lessons.Snapshot) {
	first := p.rest.Seq == 0
	p.rest = s
	if first {
		p.read() // what was there before is no change
		return
	}
	p.changed()
}

// changed builds the graph and marks what is other than before.
func (p *objectPane) changed() {
	if p.last.Snapshot.Away != nil {
		return // what was last seen stays
	}
	before := p.graph
	p.read()
	if p.known && before != nil {
		p.compare(before)
	}
	p.known = p.known || synced(p.last.Snapshot)
	p.settle()
}

// compare marks what differs between two graphs.
func (p *objectPane) compare(before *picture.Graph) {
	was := map[string]*picture.Node{}
	for i := range before.Nodes {
		if n := &before.Nodes[i]; n.Health != picture.Gone {
			was[identity(n)] = n
		}
	}
	for i := range p.graph.Nodes {
		n := &p.graph.Nodes[i]
		id := identity(n)
		if old := was[id]; n.Health != picture.Gone && (old == nil || old.Health != n.Health || old.State != n.State || !slices.Equal(old.Facts, n.Facts)) {
			p.since[id] = p.now
		}
		delete(was, id)
	}
	if len(was) == 0 {
		return
	}
	for i := range before.Nodes { // in their order
		n := &before.Nodes[i]
		if _, gone := was[identity(n)]; gone && n.Health != picture.Gone {
			p.since[identity(n)] = p.now
			o := maps.Clone(n.Object)
			o["kind"] = n.Kind
			p.gone = append(p.gone, o)
		}
	}
	p.read()
}

// synced reports whether all objects there are have been received.
func synced(s lessons.Snapshot) bool {
	for _, listing := range s.Kinds {
		if !listing.Synced && listing.Err == nil {
			return false
		}
	}
	return true
}

// read builds the graph of the newest snapshots.
func (p *objectPane) read() {
	snap := p.last.Snapshot
	snap.Kinds = maps.Clone(snap.Kinds)
	for kind, listing := range p.rest.Kinds {
		if _, followed := snap.Kinds[kind]; !followed && (kind.Namespaced || listing.Err == nil) {
			if snap.Kinds == nil {
				snap.Kinds = map[lessons.Kind]lessons.Listing{}
			}
			snap.Kinds[kind] = listing
		}
	}
	p.graph = picture.Build(picture.Source{Snapshot: snap, Namespace: p.last.Workspace.Namespace, Words: picture.WordsIn(p.scene.lang), Places: p.places, Gone: p.gone})
	p.lang = p.scene.lang
}

// settle takes away the marks that have been shown long enough.
func (p *objectPane) settle() {
	over := 0
	for id, t := range p.since {
		if p.now.Sub(t) >= changeShown {
			delete(p.since, id)
			over++
		}
	}
	p.epoch++
	if over == 0 {
		return
	}
	n := len(p.gone)
	p.gone = slices.DeleteFunc(p.gone, func(o lessons.Object) bool {
		_, marked := p.since[lessons.TextAt(o, "kind")+"/"+lessons.TextAt(o, "metadata", "name")+" "+lessons.TextAt(o, "metadata", "uid")]
		return !marked
	})
	if len(p.gone) != n {
		p.read()
	}
}

// layOut draws the picture for a size, if anything in it has changed.
func (p *objectPane) layOut(w, h int) {
	if p.graph != nil && p.lang != p.scene.lang {
		p.read()
	}
	p.w, p.h = w, h
	from := drawnFrom{p.graph, p.filter.text, w, p.styles.Options.Plain, p.last.Snapshot.Away != nil, p.epoch}
	if p.graph != nil && from != p.drawn {
		p.drawn = from
		g := p.graph.Filter(p.filter.text)
		o := picture.Options{Width: max(1, w-1), ASCII: from.ascii, Open: p.open, Away: from.away, Marked: map[string]bool{}}
		for i := range g.Nodes {
			if n := &g.Nodes[i]; len(p.since) > 0 {
				if _, marked := p.since[identity(n)]; marked {
					o.Marked[n.Key] = true
				}
			}
		}
		p.drawing = g.Draw(o)
	}
	p.view.fit(h-p.filterLines(), len(p.drawing.Lines))
	p.keepSelected()
}

// keepSelected has something selected as long as there is something: what stands
// where the selected object stood before it went.
func (p *objectPane) keepSelected() {
	stops := p.drawing.Stops
	if i := p.at(); i >= 0 {
		p.stood = i
	} else if len(stops) > 0 {
		p.stood = max(0, min(p.stood, len(stops)-1))
		p.selected = stops[p.stood].Key
	}
}

// tall is how many lines the whole picture takes.
func (p *objectPane) tall() int { return len(p.drawing.Lines) }

// filterLines is 1 while there is a filter.
func (p *objectPane) filterLines() int {
	if p.typing || p.filter.text != "" {
		return 1
	}
	return 0
}

// lines returns what is in the window; what is selected is shown when the pane has
// the keys.
func (p *objectPane) lines(focus bool) []string {
	var out []string
	if p.filterLines() > 0 {
		look := p.styles.Dim
		if p.typing {
			look = p.styles.Active
		}
		out = append(out, newPen(p.w).put(look, " "+fmt.Sprintf(p.words.Picture.Filtered, p.filter.text)).line())
	}
	switch {
	case p.graph == nil || len(p.graph.Nodes) == 0 && !p.known:
		return sized(append(out, p.sentence(p.words.Objects.Unknown)...), p.w, p.h)
	case len(p.graph.Nodes) == 0 && p.last.Snapshot.Away == nil:
		return sized(append(out, p.sentence(p.words.Objects.None)...), p.w, p.h)
	case len(p.drawing.Stops) == 0 && p.filter.text != "":
		return sized(append(out, p.sentence(fmt.Sprintf(p.words.Picture.NoneMatch, p.filter.text))...), p.w, p.h)
	}
	text := make([]string, len(p.drawing.Lines))
	selected := ""
	if focus {
		selected = p.selected
	}
	for y := p.view.top; y < min(p.view.top+p.view.height, len(text)); y++ {
		text[y] = p.paint(y, selected)
	}
	return sized(append(out, p.view.window(p.styles, text, p.w)...), p.w, p.h)
}

func (p *objectPane) sentence(text string) []string {
	var out []string
	for _, line := range markdown.Wrap(text, p.w-3) {
		out = append(out, newPen(p.w).space(styles.Style{}, 1).put(p.styles.Dim, line).line())
	}
	return out
}

// paint gives one line of the drawing its colours.
func (p *objectPane) paint(y int, selected string) string {
	pen := newPen(p.w - 1)
	for _, s := range p.drawing.Lines[y] {
		look := pictureLook(p.styles, s.Role)
		if selected != "" && s.Key == selected {
			look = p.styles.Selected
		}
		pen.raw(look.Paint(s.Text), s.Width)
	}
	return pen.line()
}

// pictureLook says what the roles of a picture look like.
func pictureLook(st *styles.Styles, r picture.Role) styles.Style {
	switch r {
	case picture.RoleTitle:
		return st.Strong
	case picture.RoleKind, picture.RoleFact, picture.RoleInert, picture.RoleGone, picture.RoleHint:
		return st.Dim
	case picture.RoleBorder:
		return st.Border
	case picture.RoleGood:
		return st.Good
	case picture.RoleProgressing, picture.RoleIdle:
		return st.Wait
	case picture.RoleBroken, picture.RoleGap:
		return st.Bad
	case picture.RoleLine:
		return st.Label
	case picture.RoleChanged:
		return st.Changed
	}
	return styles.Style{}
}

// filterKey edits the filter.
func (p *objectPane) filterKey(msg tea.KeyPressMsg) {
	p.filter.key(msg)
	p.view.top = 0
}

// node returns the object that is selected; nil when there is none.
func (p *objectPane) node() *picture.Node {
	if p.graph == nil {
		return nil
	}
	return p.graph.Node(p.selected)
}

// at returns the index of the stop that is selected, or -1.
func (p *objectPane) at() int {
	return slices.IndexFunc(p.drawing.Stops, func(s picture.Stop) bool { return s.Key == p.selected })
}

// next returns the stop in a direction: the nearest one below or above in the same
// column, the nearest beside; -1 when there is none.
func (p *objectPane) next(dx, dy int) int {
	i := p.at()
	if i < 0 {
		return -1
	}
	from, best, least := p.drawing.Stops[i], -1, 1<<30
	for j, s := range p.drawing.Stops {
		down, across := s.Line-from.Line, s.X-from.X
		overlap := s.X < from.X+from.W && from.X < s.X+s.W
		cost := 0
		switch {
		case j == i, dy != 0 && (down*dy <= 0 || !overlap), dx != 0 && (across*dx <= 0 || overlap):
			continue
		case dy != 0:
			cost = down * dy
		default:
			cost = 4*max(down, -down) + across*dx
		}
		if cost < least {
			best, least = j, cost
		}
	}
	return best
}

// choose selects a stop and brings it into the window.
func (p *objectPane) choose(i int) {
	if i < 0 || i >= len(p.drawing.Stops) {
		return
	}
	s := p.drawing.Stops[i]
	p.selected = s.Key
	switch {
	case i == 0 || s.Line == 1:
		p.view.top = 0
	case s.Line >= p.view.top+p.view.height-1:
		p.view.by(s.Line + 2 - p.view.height - p.view.top) // with the border below
	default:
		p.view.show(s.Line)
	}
}

// jump moves the selection by some lines, to another stop if there is one that way.
func (p *objectPane) jump(lines int) {
	i := p.at()
	if i < 0 {
		return
	}
	from := p.drawing.Stops[i].Line
	best, least := i, 1<<30
	for j, s := range p.drawing.Stops {
		off := s.Line - from - lines
		if d := max(off, -off); (s.Line-from)*lines > 0 && d < least {
			best, least = j, d
		}
	}
	p.choose(best)
}

// click selects what stands at a cell of the pane; true when it was selected before,
// which opens it.
func (p *objectPane) click(x, y int) (again bool) {
	line := y - p.filterLines() + p.view.top
	if y < p.filterLines() || line >= len(p.drawing.Lines) {
		return false
	}
	for _, s := range p.drawing.Lines[line] {
		if x -= s.Width; x < 0 {
			if s.Key == "" {
				return false
			}
			again = s.Key == p.selected
			p.selected = s.Key
			return again
		}
	}
	return false
}

// fold opens or closes the fold that is selected; false when it is none.
func (p *objectPane) fold() bool {
	i := p.at()
	if i < 0 || !p.drawing.Stops[i].Fold() {
		return false
	}
	p.open[p.selected] = !p.open[p.selected]
	p.epoch++
	return true
}

// toOwner selects what owns the selected object.
func (p *objectPane) toOwner() {
	owner := p.graph.Owner(p.selected)
	if owner == nil {
		return
	}
	for i, s := range p.drawing.Stops {
		if s.Key == owner.Key {
			p.choose(i)
		}
	}
}
