package tui

import (
	"fmt"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/k8stutor/k8stutor/lessons"
	"github.com/k8stutor/k8stutor/tui/markdown"
	"github.com/k8stutor/k8stutor/tui/styles"
)

// area is a part of the screen.
type area struct{ x, y, w, h int }

func (a area) holds(x, y int) bool { return x >= a.x && x < a.x+a.w && y >= a.y && y < a.y+a.h }

// inside is the area within a frame.
func (a area) inside() area { return area{a.x + 1, a.y + 1, max(0, a.w-2), max(0, a.h-2)} }

// areas says where the panes' contents are. In a narrow window all three have
// the same place.
func (s *exerciseScreen) areas() (steps, objects, shell area) {
	top := s.bannerHeight()
	h := s.h - top
	if !s.wide() {
		all := area{0, top + 1, s.w, max(0, h-1)}
		return all, all, all
	}
	left := max(44, min(64, s.w*45/100))
	upper := h * 38 / 100
	if s.crowded {
		upper = h * 55 / 100
	}
	return area{0, top, left, h}.inside(), area{left, top, s.w - left, upper}.inside(),
		area{left, top + upper, s.w - left, h - upper}.inside()
}

func (s *exerciseScreen) paneAt(x, y int) (exercisePane, area) {
	steps, objects, shell := s.areas()
	if !s.wide() {
		return s.pane, steps
	}
	switch {
	case shell.holds(x, y):
		return shellPane, shell
	case objects.holds(x, y):
		return objectsPane, objects
	}
	return stepsPane, steps
}

func (s *exerciseScreen) Resize(w, h int) {
	s.w, s.h = w, h
	s.layOut()
}

// layOut fits the panes into their places.
func (s *exerciseScreen) layOut() {
	steps, objects, shell := s.areas()
	s.steps.layOut(steps.w, steps.h)
	s.objects.layOut(objects.w, objects.h)
	if s.wide() && !s.crowded && s.objects.tall() > objects.h {
		s.crowded = true
		_, objects, shell = s.areas()
		s.objects.layOut(objects.w, objects.h)
	}
	s.terminal.resize(shell.w, shell.h)
}

func (s *exerciseScreen) View() (string, *tea.Cursor) {
	lines := s.banner()
	steps, objects, shell := s.areas()
	var cursor *tea.Cursor
	if !s.wide() {
		lines = append(lines, s.tabs())
		switch s.pane {
		case stepsPane:
			lines = append(lines, s.steps.lines()...)
		case objectsPane:
			lines = append(lines, s.objects.lines(true)...)
		case shellPane:
			lines = append(lines, s.terminal.lines()...)
		}
	} else {
		st, w := s.styles, s.words.Exercise
		left := box(st, w.Steps, s.progressNote(), s.steps.lines(), steps.w+2, steps.h+2, s.pane == stepsPane)
		right := box(st, w.Objects, s.report.Workspace.Namespace, s.objects.lines(s.pane == objectsPane), objects.w+2, objects.h+2, s.pane == objectsPane)
		note := ""
		if s.terminal.alive() {
			note = s.keys.FocusTerminal.Help().Key
			if s.terminal.focused {
				note = fmt.Sprintf(s.words.Terminal.Leave, s.keys.LeaveTerminal.Help().Key)
			}
		}
		right = append(right, box(st, w.Terminal, note, s.terminal.lines(), shell.w+2, shell.h+2, s.terminal.focused || s.pane == shellPane)...)
		lines = append(lines, beside(left, right)...)
	}
	if s.steps.typing && (s.wide() || s.pane == stepsPane) {
		cursor = s.steps.cursor(steps.x, steps.y)
	} else if s.terminal.focused || s.terminal.copying != nil && s.pane == shellPane {
		cursor = s.terminal.cursor(shell.x, shell.y)
	}
	return join(sized(lines, s.w, s.h)), cursor
}

// progressNote counts the steps that are passed.
func (s *exerciseScreen) progressNote() string {
	passed := 0
	for _, r := range s.report.Steps {
		if r.Verdict == lessons.Pass {
			passed++
		}
	}
	return fmt.Sprintf("%d/%d", passed, len(s.lesson.Steps))
}

// tabs is the line of panes where one is shown at a time, with the verdict on
// the open step, which is to be seen from the shell too.
func (s *exerciseScreen) tabs() string {
	p := newPen(s.w)
	for i, name := range s.tabNames() {
		look := s.styles.Dim
		if exercisePane(i) == s.pane {
			look = s.styles.Selected
		}
		p.put(look, name)
	}
	glyph, word, look := s.steps.verdict(s.steps.at)
	return p.columnRight(look, fmt.Sprintf("%s %s %s ", glyph, s.progressNote(), word), p.left).line()
}

func (s *exerciseScreen) tabNames() []string {
	w := s.words.Exercise
	return []string{" 1 " + w.Steps + " ", " 2 " + w.Objects + " ", " 3 " + w.Terminal + " "}
}

// tabAt returns the pane whose name stands at column x.
func (s *exerciseScreen) tabAt(x int) exercisePane {
	for i, name := range s.tabNames() {
		if x -= markdown.Width(name); x < 0 {
			return exercisePane(i)
		}
	}
	return s.pane
}

func (s *exerciseScreen) bannerHeight() int { return len(s.banner()) }

// banner says what keeps the exercise from being judged.
func (s *exerciseScreen) banner() []string {
	w, c := s.words.Exercise, &s.cluster
	var head, why, todo string
	switch {
	case c.phase == clusterRestarting || c.phase == clusterOpening:
		head = s.openingText()
		todo = w.WaitOpening
	case c.phase == clusterFailed && c.err != nil:
		head, why, todo = w.NoCluster, c.err.Error(), w.PressRetry
	case c.doing() && c.chore.kind == choreAdd:
		head, todo = s.choreProgress(), w.WaitOpening
	case s.run == nil && len(s.lacks) > 0:
		head, why, todo = s.waitsText(), s.words.Choosing.WaitsWhy, s.words.Choosing.PressAsk
	case s.notAgreed():
		head, why, todo = s.words.Choosing.NotAgreed, s.words.Choosing.NotAgreedWhy, s.words.Choosing.PressAsk
	case s.runErr != nil:
		head, why, todo = w.NoStart, s.explain(s.runErr), w.PressAgain
	case c.away != nil:
		since := c.awaySince.Format(time.TimeOnly)
		head = fmt.Sprintf(w.Away, since, age(s.now.Sub(c.awaySince)))
		why, todo = c.away.Error(), w.PressRestart
		if !s.restartable() {
			todo = w.PressLook
		}
	case s.resetting:
		head, todo = w.Resetting, w.WaitReset
	case s.got && s.report.Notice != nil:
		head = s.in(s.report.Notice)
	default:
		return nil
	}
	st := s.styles
	var lines []string
	add := func(look styles.Style, text string, most int) {
		wrapped := markdown.Wrap(text, s.w-4)
		for i, l := range wrapped[:min(most, len(wrapped))] {
			mark := "   "
			if len(lines) == 0 && i == 0 {
				mark = " " + st.Glyphs.Alert + " "
			}
			lines = append(lines, newPen(s.w).put(look, mark+l).filled(st.Banner))
		}
	}
	add(st.BannerStrong, head, 2)
	if why != "" {
		add(st.Banner, why, 3)
	}
	if todo != "" {
		add(st.BannerStrong, todo, 1)
	}
	return lines
}

// openingText says how far the start of the cluster is.
func (s *scene) openingText() string {
	c := &s.cluster
	name := ""
	for _, st := range c.stages {
		if st.state == stageRunning {
			name = st.name
		}
	}
	text := s.words.Cluster.Opening
	if c.phase == clusterRestarting {
		text = s.words.Cluster.Restarting
	}
	took := s.elapsed(s.now.Sub(c.opening.began))
	if name == "" {
		return fmt.Sprintf(s.words.Cluster.NoStage, text, took)
	}
	return fmt.Sprintf(s.words.Cluster.AtStage, text, s.stageTitle(name), took)
}

// duration shows a time as a learner reads it: "0.4s", "12s", "3m05s".
func duration(d time.Duration) string {
	switch d = max(0, d); {
	case d < 10*time.Second:
		return fmt.Sprintf("%.1fs", d.Seconds())
	case d < time.Minute:
		return fmt.Sprintf("%ds", int(d.Seconds()))
	case d < time.Hour:
		return fmt.Sprintf("%dm%02ds", int(d.Minutes()), int(d.Seconds())%60)
	}
	return fmt.Sprintf("%dh%02dm", int(d.Hours()), int(d.Minutes())%60)
}
