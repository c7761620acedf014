package tui

import (
	"context"
	"fmt"
	"strings"

	tea "charm.land/bubbletea/v2"

	"github.com/k8stutor/k8stutor/lessons"
	"github.com/k8stutor/k8stutor/tui/picture"
)

// exercisePane is one of the parts of the exercise screen.
type exercisePane int

const (
	stepsPane exercisePane = iota
	objectsPane
	shellPane
)

// run is one run of an exercise's engine. Its reports are complete states of the
// exercise, so that an older one may be dropped for a newer.
type run struct {
	id       uint64
	exercise Exercise
	session  Session
	ctx      context.Context
	cancel   context.CancelFunc
	reports  latest[lessons.Report]
}

// exerciseScreen is a lesson's exercise: its steps with their verdicts, the
// objects of the workspace, and a shell. It lives on while the learner reads
// pages, so that the shell and the verdicts are there on return.
type exerciseScreen struct {
	*scene
	crew   *crew
	desk   desk
	lesson *lessons.Lesson
	w, h   int
	pane   exercisePane // the one that is shown, or has the keys

	run    *run
	rest   *restWatch // of the run; nil before its workspace is known
	runs   uint64
	runErr error          // why the engine ended
	report lessons.Report // the newest
	got    bool           // a report has come
	judged uint64         // the run it came from

	steps    stepList
	objects  objectPane
	terminal terminalPane

	ran       commandRanMsg // the newest
	leftBy    string        // the key that has just left the terminal
	resetting bool
	// Before the exercise can begin: what it needs is being found out; what is to
	// be asked; what is missing; the opening for which the learner goes without.
	needing bool
	asking  func() *proposal
	lacks   []lessons.Supply
	without uint64
	crowded bool // there were more objects than their pane can show: it is larger
}

func newExerciseScreen(s *scene, c *crew, start shellStarter, d desk, l *lessons.Lesson, step string) *exerciseScreen {
	e := &exerciseScreen{scene: s, crew: c, desk: d, lesson: l}
	e.steps = newStepList(s, l)
	e.objects = objectPane{scene: s, places: picture.Places(l), open: map[string]bool{}}
	e.terminal = terminalPane{scene: s, crew: c, start: start}
	e.steps.open(step)
	return e
}

func (s *exerciseScreen) title() []string {
	return []string{s.in(s.lesson.Title), fmt.Sprintf(s.words.Exercise.StepOf, s.steps.at+1, len(s.lesson.Steps))}
}

// attach starts the engine on a session, in place of an older run.
func (s *exerciseScreen) attach(session Session, exercise Exercise) tea.Cmd {
	s.detach()
	s.runs++
	ctx, cancel := context.WithCancel(s.crew.ctx)
	s.run = &run{id: s.runs, exercise: exercise, session: session, ctx: ctx, cancel: cancel, reports: newLatest[lessons.Report]()}
	s.runErr, s.needing, s.asking, s.lacks = nil, false, nil, nil
	s.terminal.await()
	return tea.Batch(runExercise(s.crew, s.run), watchReports(s.crew, s.run))
}

// detach ends the run, if there is one. What it reported last stays on screen.
func (s *exerciseScreen) detach() {
	if s.run != nil {
		s.run.cancel()
		s.run, s.rest = nil, nil
		s.resetting, s.steps.sending = false, false // nobody answers any more
		s.steps.dropFiles()
		s.terminal.forgo()
	}
}

// filtering reports whether the cluster pane's filter is being typed.
func (s *exerciseScreen) filtering() bool { return s.objects.typing && s.pane == objectsPane }

// close ends the run and the shell.
func (s *exerciseScreen) close() tea.Cmd {
	s.detach()
	return s.terminal.close()
}

func (s *exerciseScreen) wide() bool { return s.w >= wideWidth }

func (s *exerciseScreen) capturing() capture {
	switch {
	case s.terminal.focused, s.terminal.copying != nil:
		return captureAll
	case s.steps.typing, s.filtering():
		return captureText
	}
	return captureNone
}

func (s *exerciseScreen) Update(msg tea.Msg) (action, tea.Cmd) {
	a, cmd := s.dispatch(msg)
	s.layOut()
	return a, cmd
}

func (s *exerciseScreen) dispatch(msg tea.Msg) (action, tea.Cmd) {
	switch msg := msg.(type) {
	case tea.KeyPressMsg:
		return s.key(msg)
	case tea.PasteMsg:
		switch {
		case s.terminal.copying != nil:
			if s.terminal.copying.typing {
				s.terminal.copying.input.insert(msg.Content)
			}
		case s.terminal.focused:
			s.terminal.paste(msg.Content)
		case s.steps.typing:
			s.steps.input.insert(msg.Content)
		case s.filtering():
			s.objects.filter.insert(msg.Content)
		}
	case tea.MouseMsg:
		return s.mouse(msg)
	case reportMsg:
		return s.reported(msg)
	case runEndedMsg:
		if s.run != nil && msg.run == s.run.id {
			s.runErr = msg.err
			s.terminal.forgo()
		}
	case answeredMsg:
		return s.answered(msg)
	case resetMsg:
		return s.wasReset(msg)
	case laidMsg, editorMsg, editedMsg, reviewedMsg:
		return s.filed(msg)
	case shellMsg, shellDrawnMsg, shellEndedMsg, shellBrokenMsg:
		cmd := s.terminal.Update(msg)
		return s.terminal.insertWaiting(), cmd
	case commandRanMsg:
		return s.commandRan(msg)
	case restMsg:
		return nil, s.restSeen(msg)
	case tickMsg:
		s.objects.settle()
	}
	return nil, nil
}

// reported takes in a new state of the exercise.
func (s *exerciseScreen) reported(msg reportMsg) (action, tea.Cmd) {
	if s.run == nil || msg.run != s.run.id {
		return nil, nil
	}
	cmd := tea.Batch(watchReports(s.crew, s.run), s.take(msg.report))
	return s.remember(), cmd
}

// take shows a report, unless a newer one is shown already.
func (s *exerciseScreen) take(r lessons.Report) tea.Cmd {
	if s.got && s.judged == s.run.id && r.Workspace == s.report.Workspace && r.Seq < s.report.Seq {
		return nil
	}
	s.judged = s.run.id
	first := !s.got
	other := s.got && r.Workspace.UID != s.report.Workspace.UID
	s.report, s.got = r, true
	s.cluster.answered(r.Snapshot.Away, s.now)
	s.steps.take(r, first || other)
	s.objects.take(r)
	if r.Workspace.Namespace != "" {
		session := s.run.session
		return tea.Batch(s.followRest(r.Workspace), s.terminal.begin(func() []string { return session.ShellEnv(r.Workspace) }))
	}
	return nil
}

// commandRan takes in that a command has ended in the shell.
func (s *exerciseScreen) commandRan(msg commandRanMsg) (action, tea.Cmd) {
	var said action
	if msg.shell == s.terminal.id {
		s.ran = msg
		said = s.mistaken(msg)
	}
	return said, s.terminal.Update(msg)
}

// remember saves at which step the learner is, and has what the engine has saved
// shown on the map.
func (s *exerciseScreen) remember() action {
	step := s.steps.step().ID
	lp := s.lessonProgress(s.lesson.ID)
	passed := 0
	for _, r := range s.report.Steps {
		if _, known := lp.Passed[r.ID]; r.Verdict == lessons.Pass && !known {
			passed++
		}
	}
	switch {
	case lp.Place == lessons.PlaceExercise && lp.Page == step && passed == 0:
		return nil
	case lp.Place == lessons.PlaceExercise && lp.Page == step:
		return refresh{}
	}
	lesson := s.lesson.ID
	return save{func(p *lessons.Progress) { enter(p, lesson, lessons.PlaceExercise, step) }}
}

func (s *exerciseScreen) answered(msg answeredMsg) (action, tea.Cmd) {
	if s.run == nil || msg.run != s.run.id {
		return nil, nil
	}
	s.steps.sending = false
	if msg.err != nil {
		return say{notice{text: s.words.Exercise.NotSent + s.words.Colon + s.explain(msg.err), bad: true}}, nil
	}
	cmd := s.take(msg.report)
	if r, ok := msg.report.Step(msg.step); ok && taken(r, strings.TrimSpace(s.steps.input.text)) {
		s.steps.typing = false
	}
	return s.remember(), cmd
}

func (s *exerciseScreen) wasReset(msg resetMsg) (action, tea.Cmd) {
	if s.run == nil || msg.run != s.run.id {
		return nil, nil
	}
	s.resetting = false
	if msg.err != nil {
		return say{notice{text: s.words.Exercise.NotReset + s.words.Colon + s.explain(msg.err), bad: true}}, nil
	}
	lesson, step := s.lesson.ID, msg.step
	s.steps.forget(step)
	forget := save{func(p *lessons.Progress) {
		lp := p.Lesson(lesson)
		if delete(lp.Hints, step); step == "" {
			clear(lp.Hints)
		}
	}}
	text := s.words.Exercise.WasReset
	for _, path := range msg.kept {
		text += " " + s.words.Exercise.FileKept + s.words.Colon + path
	}
	return all{forget, say{notice{text: text}}}, nil
}

func (s *exerciseScreen) mouse(msg tea.MouseMsg) (action, tea.Cmd) {
	m := msg.Mouse()
	pane, area := s.paneAt(m.X, m.Y)
	if _, _, shell := s.areas(); s.terminal.pressed.down && s.pane == shellPane {
		pane, area = shellPane, shell // the drag may have left it
	}
	if _, click := msg.(tea.MouseClickMsg); click {
		if !s.wide() && m.Y == s.bannerHeight() {
			return nil, s.show(s.tabAt(m.X))
		}
		s.pane = pane
		if pane != shellPane {
			s.terminal.copyOff()
		}
		s.terminal.focused = pane == shellPane && s.terminal.alive() && s.terminal.copying == nil
		s.steps.typing = s.steps.typing && pane == stepsPane
	}
	switch pane {
	case shellPane:
		if text, taken := s.terminal.drag(msg, area.x, area.y); taken {
			s.terminal.focused = false
			return s.copied(text)
		}
		s.terminal.mouse(msg, area.x, area.y)
	case stepsPane:
		switch msg := msg.(type) {
		case tea.MouseWheelMsg:
			s.steps.view.by(wheel(msg))
		case tea.MouseClickMsg:
			if msg.Button == tea.MouseLeft && !s.steps.typing {
				return s.sendAt(m.X-area.x, m.Y-area.y), nil
			}
		}
	case objectsPane:
		return s.objects.mouse(msg, m.X-area.x, m.Y-area.y), nil
	}
	return nil, nil
}

// show brings a pane to the front, or gives it the keys.
func (s *exerciseScreen) show(p exercisePane) tea.Cmd {
	s.pane = p
	if p != shellPane {
		s.terminal.copyOff()
	}
	s.terminal.focused = p == shellPane && s.terminal.alive()
	s.steps.typing = false
	return nil
}

// explain says what went wrong, and what to do about it.
func (s *scene) explain(err error) string {
	if ce := clusterError(err); ce != nil {
		if hint := s.in(ce.Hint); hint != "" {
			return ce.Error() + ". " + hint
		}
	}
	return err.Error()
}
