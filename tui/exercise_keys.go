package tui

import (
	"strings"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"github.com/k8stutor/k8stutor/lessons"
)

// key sends a key to whatever has the focus: the shell, the answer's input
// line, or the screen itself.
func (s *exerciseScreen) key(msg tea.KeyPressMsg) (action, tea.Cmd) {
	// F6 pressed twice goes there and back; ctrl-] means nothing else.
	again := s.leftBy == "ctrl+]" && msg.String() == s.leftBy
	s.leftBy = ""
	switch {
	case s.terminal.copying != nil:
		return s.copyKey(msg)
	case again:
		// Pressed twice, ctrl-] is meant for the shell.
		s.show(shellPane)
		s.terminal.key(msg)
		return nil, nil
	case s.terminal.focused && key.Matches(msg, s.keys.LeaveTerminal):
		s.leftBy = msg.String()
		s.leave()
		return nil, nil
	case s.terminal.focused:
		if a, cmd, ok := press(msg, s.terminal.scrollBindings()); ok {
			return a, cmd
		}
		s.terminal.key(msg)
		return nil, nil
	}
	if a, cmd, ok := press(msg, s.bindings()); ok {
		return a, cmd
	}
	switch {
	case s.steps.typing:
		s.steps.input.key(msg)
	case s.filtering():
		s.objects.filterKey(msg)
	}
	return nil, nil
}

// leave takes the keys from the terminal. Where one pane is shown at a time, the
// steps come back, so that one key goes to the shell and back.
func (s *exerciseScreen) leave() {
	s.terminal.focused = false
	s.pane = stepsPane
}

// bindings lists the keys that work now.
func (s *exerciseScreen) bindings() []bound {
	k := s.keys
	switch {
	case s.terminal.copying != nil:
		return s.copyBindings()
	case s.terminal.focused:
		return append([]bound{does(k.LeaveTerminal, s.leave)}, s.terminal.scrollBindings()...)
	case s.steps.typing:
		bs := []bound{does(k.Cancel, func() { s.steps.typing = false })}
		if !s.steps.sending {
			bs = append([]bound{on(k.Send, s.send)}, bs...)
		}
		if s.terminal.alive() {
			// The answer is found in the shell: go there in the middle of typing it.
			bs = append(bs, does(k.FocusTerminal, func() { s.show(shellPane) }))
		}
		return bs
	}
	if s.filtering() {
		return s.objects.bindings()
	}
	var bs, rest []bound
	switch {
	case s.pane == shellPane && s.terminal.ended():
		open := k.Open
		open.SetHelp(open.Help().Key, s.words.Terminal.Again)
		bs = append(bs, on(open, func() (action, tea.Cmd) { return nil, s.terminal.again() }))
	case s.pane == objectsPane:
		bs = s.objects.bindings()
	case s.pane == stepsPane || s.wide():
		bs, rest = s.stepBindings()
	}
	if s.terminal.alive() {
		bs = append(bs, does(k.FocusTerminal, func() { s.show(shellPane) }))
	}
	bs = append(bs, rest...)
	if s.terminal.pane != nil {
		bs = append(bs, does(newCopyKeys(s.words.Copying).On, s.copyOn))
	}
	bs = append(bs, s.clusterBindings()...)
	bs = append(bs, s.paneBindings()...)
	bs = append(bs, asks(k.Pages, goLesson{lesson: s.lesson.ID}))
	if len(s.lesson.Questions) > 0 {
		bs = append(bs, asks(k.Quiz, goQuiz{s.lesson.ID}))
	}
	if s.pane == stepsPane && len(s.steps.runnable()) > 0 {
		bs = append(bs, on(k.SendCommand, func() (action, tea.Cmd) { return s.pickCommand(s.lesson.ID, s.steps.runnable()) }))
	}
	if s.pane != objectsPane || s.objects.filter.text == "" {
		bs = append(bs, asks(k.Back, goBack{}))
	}
	switch s.pane {
	case stepsPane:
		bs = append(bs, k.scrolling(&s.steps.view)...)
	}
	return bs
}

// stepBindings are the keys of the step that is open: what to do next with it,
// and the others.
func (s *exerciseScreen) stepBindings() (first, others []bound) {
	k, l := s.keys, &s.steps
	step := l.step()
	result, _ := s.report.Step(step.ID)
	passed := result.Verdict == lessons.Pass
	switch {
	case passed && l.next() >= 0:
		first = append(first, s.moving(k.GoOn, l.next()-l.at))
	case passed && s.report.Verdict == lessons.Pass && len(s.lesson.Questions) > 0:
		open := k.Open
		open.SetHelp(open.Help().Key, k.Quiz.Help().Desc)
		first = append(first, asks(open, goQuiz{s.lesson.ID}))
	case l.wantsAnswer(result) && s.run != nil && !l.sending:
		answer := k.Answer
		if step.Kind == lessons.Predict {
			answer.SetHelp(answer.Help().Key, k.Foretell.Help().Desc)
		}
		first = append(first, does(answer, func() { l.typing, s.pane = true, stepsPane; l.reveal() }))
	case step.Kind == lessons.Manifest && !passed:
		first = append(first, s.fileBindings()...)
	}
	if !passed && l.hints() < len(step.Hints) {
		others = append(others, on(k.Hint, func() (action, tea.Cmd) { return s.hint(step.ID, l.hints()+1), nil }))
	}
	if !passed && l.at+1 < len(s.lesson.Steps) {
		others = append(others, s.moving(k.NextStep, 1))
	}
	if l.at > 0 {
		others = append(others, s.moving(k.PrevStep, -1))
	}
	if len(step.Solution) > 0 && !l.solved[step.ID] {
		others = append(others, asks(k.Solution, ask{s.confirmSolution(step)}))
	}
	if s.run != nil && s.got && !s.resetting {
		others = append(others, asks(k.Reset, ask{s.confirmReset(step)}))
	}
	return first, others
}

// moving binds a key to going n steps on.
func (s *exerciseScreen) moving(b key.Binding, n int) bound {
	return on(b, func() (action, tea.Cmd) { s.steps.move(n); return s.remember(), nil })
}

// hint shows the first n hints of a step.
func (s *exerciseScreen) hint(step string, n int) action {
	lesson := s.lesson.ID
	s.steps.wanted = n
	return save{func(p *lessons.Progress) { p.Lesson(lesson).Hints[step] = n }}
}

// clusterBindings are the keys for when the cluster does not do its part.
func (s *exerciseScreen) clusterBindings() []bound {
	switch {
	case s.cluster.busy():
	case s.cluster.away != nil:
		return []bound{asks(s.restartKey(), restartCluster{})}
	case s.cluster.phase == clusterFailed:
		return []bound{asks(s.keys.Retry, openCluster{s.cluster.opening.choice})}
	case s.cluster.doing():
	case s.run == nil && len(s.lacks) > 0:
		return []bound{asks(s.keys.Retry, runAgain{})}
	case s.runErr != nil:
		bs := []bound{asks(s.keys.Retry, runAgain{})}
		if ce := clusterError(s.runErr); ce != nil && ce.Trouble == lessons.Unreachable {
			bs = append(bs, asks(s.restartKey(), restartCluster{}))
		}
		return bs
	}
	return nil
}

// paneBindings go from pane to pane.
func (s *exerciseScreen) paneBindings() []bound {
	k := s.keys
	to := func(p exercisePane) func() (action, tea.Cmd) {
		return func() (action, tea.Cmd) { return nil, s.show(p) }
	}
	by := func(n exercisePane) func() (action, tea.Cmd) {
		return func() (action, tea.Cmd) {
			s.pane = (s.pane + n) % (shellPane + 1)
			return nil, nil
		}
	}
	bs := []bound{on(k.Flip, by(1))}
	for i, binding := range []key.Binding{k.Steps, k.Objects, k.Terminal} {
		p := exercisePane(i)
		if p != s.pane || p == shellPane && s.terminal.alive() {
			bs = append(bs, hidden(on(binding, to(p)))...)
		}
	}
	return append(bs, hidden(on(k.FlipLeft, by(shellPane)), on(k.FlipRight, by(1)))...)
}

// send sends the answer to an ask step.
func (s *exerciseScreen) send() (action, tea.Cmd) {
	answer := strings.TrimSpace(s.steps.input.text)
	if s.run == nil || answer == "" || s.steps.sending {
		return nil, nil
	}
	s.steps.sending = true
	return nil, sendAnswer(s.crew, s.run, s.steps.step().ID, answer)
}

func (s *exerciseScreen) confirmSolution(step *lessons.Step) *confirm {
	show := func() (action, tea.Cmd) {
		s.steps.solved[step.ID] = true
		s.steps.toEnd()
		return nil, nil
	}
	return newConfirm(s.scene, s.words.Exercise.AskSolution, bound{Binding: s.keys.Yes, run: show})
}

func (s *exerciseScreen) confirmReset(step *lessons.Step) *confirm {
	reset := func(id string) func() (action, tea.Cmd) {
		return func() (action, tea.Cmd) {
			if s.run == nil {
				return nil, nil
			}
			s.resetting = true
			return nil, resetExercise(s.crew, s.desk.files, s.run, s.lesson, id)
		}
	}
	return newConfirm(s.scene, s.words.Exercise.AskReset,
		bound{Binding: s.keys.ResetStep, run: reset(step.ID)},
		bound{Binding: s.keys.ResetLesson, run: reset("")})
}
