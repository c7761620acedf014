package tui

import (
	"fmt"
	"slices"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/k8stutor/k8stutor/tui/styles"
)

// clusterScreen shows which cluster there is and why that one, how its start
// goes, what is wrong with it, and which others could be taken.
type clusterScreen struct {
	*scene
	w, h   int
	waited bool // shown because an exercise waits; goes away when the cluster is there
	cursor int
	view   scroll
	text   []string
	at     int // the line of text on which the cursor is
}

func newClusterScreen(s *scene, waited bool) *clusterScreen {
	return &clusterScreen{scene: s, waited: waited, cursor: -1}
}

func (s *clusterScreen) title() []string    { return []string{s.words.Cluster.Title} }
func (s *clusterScreen) capturing() capture { return captureNone }

func (s *clusterScreen) Resize(w, h int) {
	s.w, s.h = w, h
	s.layOut()
}

func (s *clusterScreen) layOut() {
	if s.cursor < 0 && len(s.cluster.candidates) > 0 { // begins at the one in use
		s.cursor = max(slices.IndexFunc(s.cluster.candidates, s.isOpen),
			slices.IndexFunc(s.cluster.candidates, func(c Candidate) bool { return c.Chosen && s.cluster.phase != clusterOpen }))
	}
	if s.cluster.candidates != nil {
		s.cursor = max(0, min(s.cursor, len(s.cluster.candidates)-1))
	}
	s.text = s.build(s.w - 4)
	s.view.fit(s.h-1, len(s.text))
}

func (s *clusterScreen) Update(msg tea.Msg) (action, tea.Cmd) {
	var a action
	var cmd tea.Cmd
	switch msg := msg.(type) {
	case tea.KeyPressMsg:
		at := s.cursor
		a, cmd, _ = press(msg, s.bindings())
		if s.layOut(); s.cursor != at {
			s.view.show(s.at)
		}
	case tea.MouseWheelMsg:
		s.view.by(wheel(msg))
	}
	s.layOut()
	return a, cmd
}

// selected is the candidate on which the cursor is; false when there is none.
func (s *clusterScreen) selected() (Candidate, bool) {
	if len(s.cluster.candidates) == 0 || s.cluster.busy() {
		return Candidate{}, false
	}
	return s.cluster.candidates[s.cursor], true
}

// isOpen reports whether a candidate is the cluster that is open.
func (s *clusterScreen) isOpen(c Candidate) bool {
	return s.cluster.phase == clusterOpen && c.Name == s.cluster.info.Name
}

func (s *clusterScreen) bindings() []bound {
	k, c := s.keys, &s.cluster
	var bs []bound
	if c.doing() {
		if c.chore.stopping {
			return append(bs, asks(k.Back, goBack{}))
		}
		bs = append(bs, asks(k.StopChore, stopChore{}))
		return append(bs, s.moving()...)
	}
	choice := ""
	if c.opening != nil {
		choice = c.opening.choice
	}
	one, any := s.selected()
	switch {
	case c.busy():
	case any && one.Startable && !s.isOpen(one):
		bs = append(bs, asks(labelled(k.Open, s.words.Cluster.OpenThis), s.proposeStart(one, true)),
			asks(k.StartCluster, s.proposeStart(one, false)))
	case any && !s.isOpen(one):
		bs = append(bs, asks(labelled(k.Open, s.words.Cluster.OpenThis), openCluster{one.Choice}))
	case !any && c.phase == clusterClosed:
		bs = append(bs, asks(labelled(k.Open, s.words.Cluster.OpenThis), openCluster{}))
	}
	if any && s.progress.Cluster != one.Choice {
		bs = append(bs, asks(k.UseCluster, useCluster{one.Choice}))
	} else if any {
		bs = append(bs, asks(k.UseAuto, useCluster{"auto"}))
	}
	if needs := s.addable(); len(needs) > 0 {
		bs = append(bs, asks(k.AddNeeds, s.proposeAdd(needs)))
	}
	if c.away != nil && !c.busy() {
		bs = append(bs, asks(s.restartKey(), restartCluster{}))
	}
	bs = append(bs, s.moving()...)
	switch {
	case c.busy():
	case c.phase == clusterFailed:
		bs = append(bs, asks(k.Retry, all{openCluster{choice}, lookForClusters{}}))
	case c.candidates != nil && !c.looking:
		bs = append(bs, asks(k.LookAgain, all{lookForClusters{}, lookAtSupplies{}}))
	}
	return append(bs, asks(k.Back, goBack{}))
}

// moving are the keys that move the cursor, and the window.
func (s *clusterScreen) moving() []bound {
	k := s.keys
	var bs []bound
	if n := len(s.cluster.candidates); n > 1 && !s.cluster.busy() {
		bs = append(bs, hidden(does(k.Down, func() { s.cursor = min(s.cursor+1, n-1) }),
			does(k.Up, func() { s.cursor = max(s.cursor-1, 0) }))...)
	}
	if !s.view.atEnd() {
		bs = append(bs, hidden(does(k.PageDown, func() { s.view.by(s.view.height - 1) }))...)
	}
	if s.view.top > 0 {
		bs = append(bs, hidden(does(k.PageUp, func() { s.view.by(1 - s.view.height) }))...)
	}
	return bs
}

func (s *clusterScreen) View() (string, *tea.Cursor) {
	lines := s.view.window(s.styles, indented(s.text, 2), s.w-1)
	return join(sized(padded(lines, 1), s.w, s.h)), nil
}

// build lays out what there is to say in lines of w cells: how the cluster is,
// then those there are with what is known of the selected one, then what lessons
// need. On a wide screen the selected one stands beside the rest.
func (s *clusterScreen) build(w int) []string {
	left := w
	if s.w >= wideWidth && !s.cluster.busy() {
		left = w * 11 / 20
	}
	main := &leaf{w: left}
	main.lines = append(main.lines, blank(left))
	s.sayState(main)
	s.sayChore(main)
	if s.cluster.busy() {
		return main.lines
	}
	s.sayCandidates(main)
	var about *leaf
	if left < w {
		about = &leaf{w: w - left - 3}
		about.lines = append(about.lines, blank(about.w))
		s.sayAbout(about)
	} else {
		s.sayAbout(main)
	}
	s.saySupplies(main)
	if about == nil {
		return main.lines
	}
	n := max(len(main.lines), len(about.lines))
	return beside(sized(main.lines, left, n), indented(sized(about.lines, about.w, n), 3))
}

// sayState says whether a cluster is open, how its start goes, and what is wrong.
func (s *clusterScreen) sayState(to *leaf) {
	c, st, words := &s.cluster, s.styles, s.words.Cluster
	switch c.phase {
	case clusterClosed:
		to.para(st.Strong, words.Closed)
		to.para(st.Dim, words.ClosedMore)
	case clusterOpening, clusterRestarting:
		to.para(st.Active, s.spinner()+" "+s.openingText())
		if s.waited {
			to.para(st.Dim, words.GoAhead)
		}
	case clusterOpen:
		to.para(st.Good, st.Glyphs.Good+" "+fmt.Sprintf(words.Open, c.info.Name))
		if c.info.ReadOnly {
			to.para(st.Wait, st.Glyphs.Alert+" "+s.words.Choosing.ReadOnly+s.words.Colon+s.words.Choosing.ReadOnlyMeans)
		}
	case clusterFailed:
		to.para(st.Bad, st.Glyphs.Broken+" "+words.Failed)
		s.trouble(to, c.err)
	}
	if c.away != nil && c.phase == clusterOpen {
		to.gap()
		to.para(st.Bad, fmt.Sprintf(s.words.Exercise.Away, c.awaySince.Format(time.TimeOnly), age(s.now.Sub(c.awaySince))))
		s.trouble(to, c.away)
	}
	if len(c.stages) > 0 && c.phase != clusterOpen {
		to.gap()
		to.para(st.Label, words.Stages)
		to.lines = append(to.lines, s.stageLines(to.w, c.stages)...)
	}
}

// sayChore says how far what is under way is, or why it failed.
func (s *clusterScreen) sayChore(to *leaf) {
	c := s.cluster.chore
	if c == nil {
		return
	}
	to.gap()
	if !c.ended {
		to.para(s.styles.Active, s.spinner()+" "+s.choreProgress())
	} else {
		to.para(s.styles.Bad, s.styles.Glyphs.Broken+" "+fmt.Sprintf(s.words.Choosing.Failed, s.choreText(c)))
		s.trouble(to, c.err)
	}
	if len(c.stages) > 0 {
		to.gap()
		to.lines = append(to.lines, s.stageLines(to.w, c.stages)...)
	}
}

// trouble says what was tried, what it said, and what to do.
func (s *clusterScreen) trouble(to *leaf, err error) {
	ce := clusterError(err)
	if ce == nil {
		to.para(styles.Style{}, err.Error())
		return
	}
	to.para(styles.Style{}, ce.Error())
	if hint := s.in(ce.Hint); hint != "" {
		to.gap()
		to.lines = append(to.lines, s.prose.lines(hint, to.w)...)
	}
}
