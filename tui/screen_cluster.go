package tui

import (
	"fmt"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/k8stutor/k8stutor/lessons"
	"github.com/k8stutor/k8stutor/tui/markdown"
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
}

func newClusterScreen(s *scene, waited bool) *clusterScreen {
	return &clusterScreen{scene: s, waited: waited}
}

func (s *clusterScreen) title() []string    { return []string{s.words.Cluster.Title} }
func (s *clusterScreen) capturing() capture { return captureNone }

func (s *clusterScreen) Resize(w, h int) {
	s.w, s.h = w, h
	s.layOut()
}

func (s *clusterScreen) layOut() {
	s.cursor = max(0, min(s.cursor, len(s.cluster.candidates)-1))
	s.text = s.build(s.w - 4)
	s.view.fit(s.h-1, len(s.text))
}

func (s *clusterScreen) Update(msg tea.Msg) (action, tea.Cmd) {
	var a action
	var cmd tea.Cmd
	switch msg := msg.(type) {
	case tea.KeyPressMsg:
		a, cmd, _ = press(msg, s.bindings())
	case tea.MouseWheelMsg:
		s.view.by(wheel(msg))
	}
	s.layOut()
	return a, cmd
}

func (s *clusterScreen) bindings() []bound {
	k, c := s.keys, &s.cluster
	var bs []bound
	choice := ""
	if c.opening != nil {
		choice = c.opening.choice
	}
	switch {
	case c.busy():
	case c.phase == clusterFailed:
		bs = append(bs, asks(k.Retry, openCluster{choice}))
	case c.away != nil:
		bs = append(bs, asks(k.Restart, restartCluster{}))
	}
	if n := len(c.candidates); n > 0 && !c.busy() {
		if one := c.candidates[s.cursor]; c.phase != clusterOpen || one.Name != c.info.Name {
			open := k.Open
			open.SetHelp(open.Help().Key, s.words.Cluster.OpenThis)
			bs = append(bs, asks(open, openCluster{one.Choice}))
		}
		if n > 1 {
			bs = append(bs, does(k.Down, func() { s.cursor = min(s.cursor+1, n-1) }),
				does(k.Up, func() { s.cursor = max(s.cursor-1, 0) }))
		}
	} else if c.phase == clusterClosed {
		open := k.Open
		open.SetHelp(open.Help().Key, s.words.Cluster.OpenThis)
		bs = append(bs, asks(open, openCluster{}))
	}
	bs = append(bs, asks(k.Back, goBack{}))
	if s.view.total <= s.view.height {
		return bs
	}
	return append(bs, hidden(
		does(k.PageDown, func() { s.view.by(s.view.height - 1) }),
		does(k.PageUp, func() { s.view.by(1 - s.view.height) }))...)
}

func (s *clusterScreen) View() (string, *tea.Cursor) {
	lines := append([]string{blank(s.w)}, s.view.window(s.styles, indented(s.text, 2), s.w-1)...)
	return join(sized(padded(lines[1:], 1), s.w, s.h)), nil
}

// build lays out what there is to say in lines of w cells.
func (s *clusterScreen) build(w int) []string {
	c, st, words := &s.cluster, s.styles, s.words.Cluster
	out := []string{blank(w)}
	add := func(lines ...string) { out = append(out, lines...) }
	wrapped := func(look styles.Style, text string) {
		for _, l := range markdown.Wrap(text, w) {
			add(newPen(w).put(look, l).line())
		}
	}
	switch c.phase {
	case clusterClosed:
		wrapped(st.Strong, words.Closed)
		wrapped(st.Dim, words.ClosedMore)
	case clusterOpening, clusterRestarting:
		wrapped(st.Active, s.spinner()+" "+s.openingText())
		if s.waited {
			wrapped(st.Dim, words.GoAhead)
		}
	case clusterOpen:
		wrapped(st.Good, st.Glyphs.Good+" "+fmt.Sprintf(words.Open, c.info.Name))
	case clusterFailed:
		wrapped(st.Bad, st.Glyphs.Broken+" "+words.Failed)
		s.trouble(w, c.err, wrapped, add)
	}
	if c.away != nil && c.phase == clusterOpen {
		add(blank(w))
		wrapped(st.Bad, fmt.Sprintf(s.words.Exercise.Away, c.awaySince.Format(time.TimeOnly), age(s.now.Sub(c.awaySince))))
		s.trouble(w, c.away, wrapped, add)
	}
	if c.phase == clusterOpen {
		add(blank(w))
		add(s.facts(w)...)
	}
	if len(c.stages) > 0 {
		add(blank(w), newPen(w).put(st.Label, words.Stages).line())
		add(s.stages(w)...)
	}
	if len(c.candidates) > 0 && !c.busy() {
		add(blank(w), newPen(w).put(st.Label, words.Candidates).line())
		add(s.candidates(w)...)
	}
	return out
}

// trouble says what was tried, what it said, and what to do.
func (s *clusterScreen) trouble(w int, err error, wrapped func(styles.Style, string), add func(...string)) {
	ce := clusterError(err)
	if ce == nil {
		wrapped(styles.Style{}, err.Error())
		return
	}
	wrapped(styles.Style{}, ce.Error())
	if hint := s.in(ce.Hint); hint != "" {
		add(blank(w))
		add(s.prose.lines(hint, w)...)
	}
}

func (s *clusterScreen) facts(w int) []string {
	i, words := s.cluster.info, s.words.Cluster
	rows := [][2]string{
		{words.Provider, i.Provider}, {words.Why, s.in(i.Why)}, {words.Version, i.Version},
		{words.Server, i.Server}, {words.Kubeconfig, i.Kubeconfig},
	}
	if warning := lessons.VersionWarning(i.Version); i.Version != "" && warning != nil {
		rows[2][1] += " · " + s.in(warning)
	}
	label := 0
	for _, r := range rows {
		label = max(label, markdown.Width(r[0])+2)
	}
	var out []string
	for _, r := range rows {
		for n, part := range markdown.Wrap(r[1], max(8, w-label)) {
			name := ""
			if n == 0 {
				name = r[0]
			}
			if part != "" {
				out = append(out, newPen(w).column(s.styles.Dim, name, label).put(styles.Style{}, part).line())
			}
		}
	}
	return out
}

func (s *clusterScreen) stages(w int) []string {
	st, g, words := s.styles, s.styles.Glyphs, s.words.Cluster
	name := 8
	for _, stage := range s.cluster.stages {
		name = max(name, markdown.Width(stage.name)+2)
	}
	var out []string
	for _, stage := range s.cluster.stages {
		glyph, word, look, took := g.Waiting, words.StageWaiting, st.Dim, ""
		detail := stage.detail
		measured, err := time.ParseDuration(detail)
		if err == nil { // the cluster knows better than the arrival of its messages
			detail = ""
		}
		switch stage.state {
		case stageRunning:
			glyph, word, look, took = g.Progressing, words.StageRunning, st.Active, s.elapsed(s.now.Sub(stage.began))
		case stageDone:
			glyph, word, look, took = g.Pass, words.StageDone, st.Good, duration(stage.ended.Sub(stage.began))
			if err == nil {
				took = duration(measured)
			}
		case stageFailed:
			glyph, word, look = g.Broken, words.StageFailed, st.Bad
		}
		p := newPen(w).put(look, glyph+" ").column(styles.Style{}, stage.name, name).column(look, word, 10)
		p.columnRight(st.Dim, took, 8)
		out = append(out, p.put(st.Dim, "  "+detail).line())
	}
	return out
}

func (s *clusterScreen) candidates(w int) []string {
	st, g, words := s.styles, s.styles.Glyphs, s.words.Cluster
	var out []string
	for i, c := range s.cluster.candidates {
		look, mark := styles.Style{}, "  "
		if i == s.cursor {
			look, mark = st.Selected, g.Cursor+" "
		}
		state := words.NotRunning
		if c.Running {
			state = words.Running
		}
		if c.Problem != nil {
			state = words.Unusable
		}
		p := newPen(w).put(look, mark).column(look, c.Name, 26).put(look, " "+state)
		if c.Server != "" {
			p.put(look, "  "+c.Server)
		}
		out = append(out, p.filled(look))
		if i == s.cursor {
			why := s.in(c.Why)
			if c.Problem != nil {
				why = c.Problem.Error()
			}
			for _, l := range markdown.Wrap(why, w-4) {
				if l != "" {
					out = append(out, newPen(w).space(styles.Style{}, 4).put(st.Dim, l).line())
				}
			}
		}
	}
	return out
}
