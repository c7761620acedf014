package tui

import (
	"cmp"
	"fmt"
	"strings"

	"charm.land/bubbles/v2/key"

	"github.com/k8stutor/k8stutor/lessons"
	"github.com/k8stutor/k8stutor/tui/markdown"
	"github.com/k8stutor/k8stutor/tui/styles"
)

// lookAtSupplies asks the open cluster again what it has.
type lookAtSupplies struct{}

func (lookAtSupplies) action() {}

// sayCandidates lists the clusters there are, each with its state as glyph and
// word.
func (s *clusterScreen) sayCandidates(to *leaf) {
	st, words := s.styles, s.words.Cluster
	if s.cluster.candidates == nil {
		if s.cluster.looking {
			to.gap()
			to.para(st.Dim, s.words.Choosing.Looking)
		}
		return
	}
	to.gap()
	title := words.Candidates
	if s.cluster.looking {
		title += "  " + s.spinner()
	}
	to.para(st.Label, title)
	name, state := 10, 8
	for _, c := range s.cluster.candidates {
		name = max(name, min(markdown.Width(markdown.Clean(c.Name)), to.w*2/5))
		state = max(state, markdown.Width(s.words.Choosing.States.Of(s.status(c))))
	}
	for i, c := range s.cluster.candidates {
		look, mark := styles.Style{}, "  "
		if i == s.cursor {
			look, mark = st.Selected, st.Glyphs.Cursor+" "
			s.at = len(to.lines)
		}
		glyph, word, tint := s.stateOf(c)
		if i == s.cursor {
			tint = look
		}
		p := newPen(to.w).put(look, mark).column(look, c.Name, name+2).put(tint, glyph+" ").column(tint, word, state+2)
		if tag := s.tag(c); tag != "" {
			p.put(look, tag+"  ")
		}
		to.lines = append(to.lines, p.put(look, s.brief(c)).filled(look))
	}
}

// stateOf says how a candidate is: glyph, word and look.
func (s *clusterScreen) stateOf(c Candidate) (glyph, word string, look styles.Style) {
	st, g := s.styles, s.styles.Glyphs
	word = s.words.Choosing.States.Of(s.status(c))
	switch s.status(c) {
	case ClusterRunning:
		return g.Good, word, st.Good
	case ClusterStopped:
		return g.New, word, st.Dim
	case ClusterAbsent:
		return g.New, word, st.Dim
	case ClusterPaused, ClusterMoving:
		return g.Progressing, word, st.Wait
	case ClusterHangs:
		return g.Waiting, word, st.Bad
	case ClusterUnasked:
		return g.CannotTell, word, st.Dim
	}
	return g.Broken, word, st.Bad
}

// status is how a candidate is: of the open one more is known than was found.
func (s *clusterScreen) status(c Candidate) ClusterState {
	switch {
	case !s.isOpen(c):
		return c.Status()
	case s.cluster.away != nil:
		return ClusterHangs
	}
	return ClusterRunning
}

// tag says whether a candidate is used now, or would be.
func (s *clusterScreen) tag(c Candidate) string {
	switch {
	case s.isOpen(c):
		return "[" + s.words.Choosing.InUse + "]"
	case c.Chosen:
		return "[" + s.words.Choosing.Chosen + "]"
	}
	return ""
}

// brief are the facts of a candidate that fit beside its name.
func (s *clusterScreen) brief(c Candidate) string {
	var facts []string
	if c.Driver != "" {
		facts = append(facts, c.Driver)
	}
	if c.Version != "" {
		facts = append(facts, c.Version)
	}
	if c.Nodes > 0 {
		facts = append(facts, fmt.Sprintf("%s %d", s.words.Choosing.Nodes, c.Nodes))
	}
	if len(facts) == 0 && c.Server != "" {
		facts = append(facts, c.Server)
	}
	return strings.Join(facts, " "+s.styles.Glyphs.Dot+" ")
}

// sayAbout says all that is known of the selected cluster: why it was chosen, how
// it is, what is wrong with it and what mends it.
func (s *clusterScreen) sayAbout(to *leaf) {
	st, w, words := s.styles, s.words.Choosing, s.words.Cluster
	c, any := s.selected()
	open := s.cluster.phase == clusterOpen
	if !any && !open {
		return
	}
	info := Info{}
	if !any || s.isOpen(c) {
		info = s.cluster.info
	}
	if !any {
		c = Candidate{Name: info.Name, Provider: info.Provider, Running: true, Shared: info.Shared}
	}
	if c.Version == "" {
		c.Version = info.Version
	}
	if info.Server != "" {
		c.Server = info.Server
	}
	if why := s.in(info.Why); why != "" && s.in(c.Why) == "" {
		c.Why = info.Why
	}
	to.gap()
	to.para(st.Label, fmt.Sprintf(w.Details, c.Name))
	glyph, word, look := s.stateOf(c)
	provider := map[string]string{"sandbox": w.SandboxKind, "existing": w.ExistingKind}[c.Provider]
	if provider = cmp.Or(provider, c.Provider); c.Engine != "" {
		provider = c.Engine
	}
	where := w.Local
	if c.Shared {
		where = w.Shared
	}
	nodes := ""
	if c.Nodes > 0 {
		nodes = fmt.Sprint(c.Nodes)
	}
	context := c.Context
	if context == c.Name {
		context = ""
	}
	means := map[ClusterState]string{ClusterHangs: w.HangsMeans, ClusterUnasked: w.UnaskedMeans}[s.status(c)]
	if note := s.in(c.Note); note != "" {
		means = note
	}
	if means != "" && !s.isOpen(c) {
		to.lines = append(to.lines, s.prose.lines(means, to.w)...)
		to.gap()
	}
	if c.Problem != nil {
		to.para(st.Bad, st.Glyphs.Broken+" "+w.Problem+s.words.Colon)
		s.trouble(to, c.Problem)
		to.gap()
	}
	plain := styles.Style{}
	version := c.Version
	if warning := lessons.VersionWarning(version); version != "" && warning != nil {
		version += " · " + s.in(warning)
	}
	to.rows(st.Dim, row{words.Why, s.in(c.Why), plain}, row{w.State, glyph + " " + word, look}, row{words.Provider, provider, plain},
		row{w.Whose, where, plain}, row{w.Driver, c.Driver, plain}, row{words.Version, version, plain}, row{w.Nodes, nodes, plain},
		row{words.Server, c.Server, plain}, row{w.Context, context, plain}, row{w.User, c.User, plain}, row{words.Kubeconfig, info.Kubeconfig, plain})
	to.gap()
	safe := w.SafeShared
	if c.Provider == "sandbox" {
		safe = w.Safe
	}
	to.para(st.Dim, safe)
}

// saySupplies says what lessons need, and whether the open cluster has it.
func (s *clusterScreen) saySupplies(to *leaf) {
	st, g, w := s.styles, s.styles.Glyphs, s.words.Choosing
	if s.cluster.phase != clusterOpen {
		return
	}
	if _, can := s.cluster.session.(lessons.Supplier); !can {
		return
	}
	to.gap()
	to.para(st.Label, fmt.Sprintf(w.NeedsTitle, s.cluster.info.Name))
	supplies := s.cluster.allSupplies()
	if supplies == nil {
		to.para(st.Dim, w.NeedsAsking)
		return
	}
	name, state := 8, 8
	for _, one := range supplies {
		name = max(name, min(markdown.Width(s.needName(one.Need)), to.w/2))
		state = max(state, markdown.Width(w.Supplies.Of(one.State)))
	}
	for _, one := range supplies {
		glyph, look := g.CannotTell, st.Unknown
		switch one.State {
		case lessons.Supplied:
			glyph, look = g.Pass, st.Good
		case lessons.Addable:
			glyph, look = g.New, st.Wait
		case lessons.Lacking:
			glyph, look = g.Broken, st.Bad
		}
		p := newPen(to.w).put(look, glyph+" ").column(styles.Style{}, s.needName(one.Need), name+2).column(look, w.Supplies.Of(one.State), state+2)
		to.lines = append(to.lines, p.put(st.Dim, s.neededBy(one.Need)).line())
		to.lines = append(to.lines, indented(s.prose.lines(s.in(one.How), to.w-2), 2)...)
	}
}

// neededBy names the lessons that need something.
func (s *scene) neededBy(need string) string {
	var titles []string
	for _, l := range Needed(s.course, need) {
		titles = append(titles, s.in(l.Title))
	}
	if len(titles) == 0 {
		return s.words.Choosing.NeededByNone
	}
	return fmt.Sprintf(s.words.Choosing.NeededBy, strings.Join(titles, ", "))
}

// addable are the needs that can be added to the open cluster.
func (s *clusterScreen) addable() []lessons.Supply {
	var found []lessons.Supply
	for _, one := range s.cluster.supplies {
		if one.State == lessons.Addable && s.cluster.phase == clusterOpen {
			found = append(found, one)
		}
	}
	return found
}

// proposeStart asks before a stopped cluster is brought up.
func (s *clusterScreen) proposeStart(c Candidate, open bool) action {
	w, st := s.words.Choosing, s.styles
	p := &proposal{scene: s.scene, title: fmt.Sprintf(w.StartAsk, c.Name)}
	p.say = func(to *leaf) {
		to.para(styles.Style{}, w.StartTakes)
		to.gap()
		nodes := ""
		if c.Nodes > 0 {
			nodes = fmt.Sprint(c.Nodes)
		}
		_, word, _ := s.stateOf(c)
		to.rows(st.Dim, row{w.State, word, st.Strong}, row{w.Driver, c.Driver, st.Strong},
			row{s.words.Cluster.Version, c.Version, st.Strong}, row{w.Nodes, nodes, st.Strong})
	}
	yes := s.keys.Accept
	yes.SetHelp(yes.Help().Key, w.Start)
	p.choices = []bound{asks(yes, startCluster{c.Choice, open})}
	return overlaying{p}
}

// proposeAdd asks before something is added to the open cluster.
func (s *clusterScreen) proposeAdd(found []lessons.Supply) action {
	w, st, name := s.words.Choosing, s.styles, s.cluster.info.Name
	p := &proposal{scene: s.scene, title: w.Add}
	p.say = func(to *leaf) {
		for _, one := range found {
			to.para(st.Strong, s.needName(one.Need))
			to.lines = append(to.lines, indented(s.prose.lines(s.in(one.How), to.w-2), 2)...)
			to.hang(st.Dim, 2, s.neededBy(one.Need))
		}
		to.gap()
		to.para(st.Dim, w.AddTakes)
	}
	for i, one := range found[:min(9, len(found))] {
		b := key.NewBinding(key.WithKeys(fmt.Sprint(i+1)), key.WithHelp(fmt.Sprint(i+1), markdown.Clean(fmt.Sprintf(w.AddOne, s.needName(one.Need), name))))
		p.choices = append(p.choices, asks(b, addNeeds{needs: []string{one.Need}}))
	}
	return overlaying{p}
}
