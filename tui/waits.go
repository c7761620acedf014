package tui

import (
	"fmt"
	"io"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/k8stutor/k8stutor/lessons"
	"github.com/k8stutor/k8stutor/tui/markdown"
)

// longWait is how long something must have taken for its end to be worth a
// notification: who waits longer looks at something else.
const longWait = 10 * time.Second

// waitKind is something a learner may have to wait for.
type waitKind int

const (
	waitCluster waitKind = iota // a cluster that starts, or comes back
	waitReset                   // objects that are deleted
	waitStep                    // what the cluster still has to do for a step
	waitKinds
)

// waits are what is waited for at the moment, and since when.
type waits struct {
	since   [waitKinds]time.Time
	step    string // of waitStep
	blurred bool   // the terminal has said that it is not looked at
}

// waiting reports what is waited for now.
func (a *App) waiting() (now [waitKinds]bool, step string) {
	now[waitCluster] = a.cluster.busy() || a.cluster.doing()
	if e := a.exercise; e != nil && e.run != nil {
		now[waitReset] = e.resetting
		if r, ok := e.report.Step(e.report.Current); ok && r.Waiting() {
			now[waitStep], step = true, r.ID
		}
	}
	return now, step
}

// watchWaits notes what has begun and what has ended since the last message. The
// end of a long one is told to a learner who looks at something else, once.
func (a *App) watchWaits() tea.Cmd {
	now, step := a.waiting()
	if step != a.waits.step { // another step's turn: the one before has ended
		ended := now
		ended[waitStep] = false
		cmd := a.endWaits(ended)
		a.waits.step = step
		if now[waitStep] {
			a.waits.since[waitStep] = a.now
		}
		return cmd
	}
	return a.endWaits(now)
}

func (a *App) endWaits(now [waitKinds]bool) tea.Cmd {
	var cmd tea.Cmd
	for k, on := range now {
		since := &a.waits.since[k]
		switch {
		case on && since.IsZero():
			*since = a.now
		case !on && !since.IsZero():
			if a.waits.blurred && a.now.Sub(*since) >= longWait && !a.deps.NoNotify {
				cmd = tea.Raw(notification(a.deps.Term, "k8stutor", a.waitEnded(waitKind(k))))
			}
			*since = time.Time{}
		}
	}
	return cmd
}

// waitEnded says in a few words what the end was.
func (a *App) waitEnded(k waitKind) string {
	w := a.words.Look
	switch k {
	case waitCluster:
		switch c := &a.cluster; {
		case c.chore != nil:
			return fmt.Sprintf(a.words.Choosing.Failed, a.choreText(c.chore))
		case c.phase == clusterFailed:
			return a.words.Cluster.Failed
		case c.phase == clusterOpen:
			return fmt.Sprintf(a.words.Cluster.Open, c.info.Name)
		}
		return a.words.Cluster.Closed
	case waitReset:
		return w.ResetDone
	}
	if e := a.exercise; e != nil {
		if s, ok := e.lesson.Step(a.waits.step); ok {
			if r, ok := e.report.Step(s.ID); ok && r.Verdict == lessons.Pass {
				return a.in(s.Title) + a.words.Colon + a.words.Verdict.Pass
			}
			return a.in(s.Title) + a.words.Colon + w.WaitDone
		}
	}
	return w.WaitDone
}

// notification is what makes a terminal show a message outside of itself, and
// ring. Some know two ways of it and would show it twice, so each gets one: OSC
// 777 of rxvt-unicode, which foot knows too, or OSC 9 of iTerm2, which most others
// know. A terminal that knows neither shows nothing.
func notification(term, title, text string) string {
	clean := func(s string) string {
		return strings.NewReplacer(";", ",", "\x9c", "").Replace(markdown.Clean(s))
	}
	title, text = clean(title), clean(text)
	if strings.HasPrefix(term, "foot") || strings.HasPrefix(term, "rxvt") {
		return "\x1b]777;notify;" + title + ";" + text + "\x1b\\\x07"
	}
	return "\x1b]9;" + title + ": " + text + "\x1b\\\x07"
}

// progressBar shows in the terminal's tab or window how far something is that
// takes long (OSC 9;4); nil when nothing is under way.
func (a *App) progressBar() *tea.ProgressBar {
	now, _ := a.waiting()
	switch {
	case a.deps.NoNotify:
	case now[waitCluster]:
		done := 0
		stages := a.cluster.stages
		if a.cluster.doing() {
			stages = a.cluster.chore.stages
		}
		for _, s := range stages {
			if s.state == stageDone {
				done++
			}
		}
		if done > 0 {
			return tea.NewProgressBar(tea.ProgressBarDefault, done*100/len(stages))
		}
		return tea.NewProgressBar(tea.ProgressBarIndeterminate, 0)
	case now[waitReset], now[waitStep]:
		return tea.NewProgressBar(tea.ProgressBarIndeterminate, 0)
	}
	return nil
}

// The window's title is the terminal's again at the end: xterm's control
// sequences 22 and 23 put it on a stack and take it back; Bubble Tea leaves an
// empty one. Terminals without the stack ignore them.
const (
	pushTitle = "\x1b[22;2t"
	popTitle  = "\x1b[23;2t"
)

// keepTitle keeps the title of the terminal's window; the function it returns
// puts it back. What cannot be written is seen by who writes the next frame.
func keepTitle(out io.Writer) (restore func()) {
	_, _ = io.WriteString(out, pushTitle)
	return func() { _, _ = io.WriteString(out, popTitle) }
}
