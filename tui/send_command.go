package tui

import (
	"regexp"
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"

	"github.com/k8stutor/k8stutor/lessons"
	"github.com/k8stutor/k8stutor/tui/markdown"
	"github.com/k8stutor/k8stutor/tui/terminal"
)

// sendCommand asks the App to put a command of the text on the line of the
// lesson's terminal. Enter, which runs it, is the learner's to press.
type sendCommand struct{ lesson, text string }

func (sendCommand) action() {}

// unbroken is a width at which no line of a lesson is broken, so that each
// command is read in one piece.
const unbroken = 8192

// isCommand tells a command in a sentence from other code, such as a name.
var isCommand = regexp.MustCompile(`^(?:watch )?(?:kubectl|k|curl|wget|minikube|helm) \S`)

// commands are what can be run of a Markdown text, in order, each once: commands
// in its sentences, and those of its blocks for a shell.
func (p *prose) commands(source string) []string {
	if found, known := p.runnable[source]; known {
		return found
	}
	doc := markdown.Render([]byte(source), unbroken, markdown.Options{CalloutTitle: p.callout})
	var found []string
	add := func(texts ...string) {
		for _, text := range texts {
			if text = terminal.Typeable(text); text != "" && !slices.Contains(found, text) {
				found = append(found, text)
			}
		}
	}
	last := -1
	for _, l := range doc.Lines {
		if l.Block >= 0 {
			if l.Block != last {
				add(doc.Code[l.Block].CommandList()...)
			}
			last = l.Block
			continue
		}
		for _, s := range l.Spans {
			if s.Style.Role == markdown.RoleCode && isCommand.MatchString(s.Text) {
				add(s.Text)
			}
		}
	}
	if len(p.runnable) >= proseLimit {
		clear(p.runnable)
	}
	p.runnable[source] = found
	return found
}

// shownIn reports whether a line of the screen shows a command, or a part of it
// that is a line of its own.
func shownIn(line, command string) bool {
	line = strings.TrimSpace(line)
	first, _, _ := strings.Cut(command, "\n")
	return strings.Contains(line, first) || len(line) >= 8 && strings.Contains(command, strings.TrimPrefix(line, "$ "))
}

// commandAt returns the command under column x of a line; "" when there is none.
func commandAt(line string, x int, commands []string) string {
	best := ""
	for _, c := range commands {
		if len(c) <= len(best) {
			continue
		}
		if part := strings.TrimPrefix(strings.TrimSpace(line), "$ "); len(part) >= 8 && strings.Contains(c, part) {
			if from := markdown.Width(line[:strings.Index(line, part)]); x >= from && x < from+markdown.Width(part) {
				best = c
			}
			continue
		}
		for at := strings.Index(line, c); at >= 0; {
			if from := markdown.Width(line[:at]); x >= from && x < from+markdown.Width(c) {
				best = c
			}
			more := strings.Index(line[at+len(c):], c)
			if more < 0 {
				break
			}
			at += len(c) + more
		}
	}
	return best
}

// pickCommand sends the only command, or asks which.
func (s *scene) pickCommand(lesson string, commands []string) (action, tea.Cmd) {
	if len(commands) == 1 {
		return sendCommand{lesson, commands[0]}, nil
	}
	choices := make([]choice, len(commands))
	for i, c := range commands {
		first, _, more := strings.Cut(c, "\n")
		if more {
			first += " …"
		}
		choices[i] = choice{text: first, pick: func() (action, tea.Cmd) { return sendCommand{lesson, c}, nil }}
	}
	return overlaying{newPickOverlay(s, s.words.Sending.Which, choices)}, nil
}

// runnable are the commands of the page: those on the screen, or where there are
// none, all.
func (s *lessonScreen) runnable() []string {
	if s.notes != nil || len(s.lesson.Steps) == 0 {
		return nil // there is no terminal
	}
	all := s.prose.commands(s.in(s.lesson.Pages[s.page].Body))
	var seen []string
	lines := s.text.Doc.Lines
	window := lines[min(s.view.top, len(lines)):min(s.view.top+s.view.height, len(lines))]
	for _, c := range all {
		if slices.ContainsFunc(window, func(l markdown.Line) bool { return shownIn(textOf(l), c) }) {
			seen = append(seen, c)
		}
	}
	if len(seen) > 0 {
		return seen
	}
	return all
}

// textOf is a line without its looks.
func textOf(l markdown.Line) string {
	var b strings.Builder
	for _, s := range l.Spans {
		b.WriteString(s.Text)
	}
	return b.String()
}

// sendAt sends the command under a column of a line of the page; nil when none is
// there.
func (s *lessonScreen) sendAt(line, x int) action {
	if s.notes != nil || len(s.lesson.Steps) == 0 || line < 0 || line >= len(s.text.Doc.Lines) {
		return nil
	}
	commands := s.prose.commands(s.in(s.lesson.Pages[s.page].Body))
	if c := commandAt(textOf(s.text.Doc.Lines[line]), x, commands); c != "" {
		return sendCommand{s.lesson.ID, c}
	}
	return nil
}

// runnable are the commands that the open step shows: of its task, its hints, its
// solution and what it says of itself.
func (l *stepList) runnable() []string {
	step := l.step()
	result, _ := l.report.Step(step.ID)
	texts := []string{l.in(step.Task())}
	if result.Verdict == lessons.Pass {
		texts = append(texts, l.in(step.Done))
	} else {
		texts = append(texts, l.in(result.Diagnosis), l.in(l.mistake))
		for _, h := range step.Hints[:min(l.hints(), len(step.Hints))] {
			texts = append(texts, l.in(h))
		}
	}
	var found []string
	add := func(commands []string) {
		for _, c := range commands {
			if !slices.Contains(found, c) {
				found = append(found, c)
			}
		}
	}
	for _, text := range texts {
		if text != "" {
			add(l.prose.commands(text))
		}
	}
	if l.solved[step.ID] {
		for _, c := range step.Solution {
			add([]string{terminal.Typeable(c)})
		}
	}
	return slices.DeleteFunc(found, func(c string) bool { return c == "" })
}

// sendAt sends the command under a cell of the pane of steps; nil when none is there.
func (s *exerciseScreen) sendAt(x, y int) action {
	line := s.steps.view.top + y
	if y < 0 || line < s.steps.header || line >= min(s.steps.end(), len(s.steps.text)) {
		return nil
	}
	if c := commandAt(undrawn(s.steps.text[line]), x, s.steps.runnable()); c != "" {
		return sendCommand{s.lesson.ID, c}
	}
	return nil
}

// undrawn is a drawn line without its escape sequences.
func undrawn(line string) string {
	var b strings.Builder
	for line != "" {
		if line[0] == '\x1b' {
			line = line[sequenceLen(line):]
			continue
		}
		n := strings.IndexByte(line, '\x1b')
		if n < 0 {
			n = len(line)
		}
		b.WriteString(line[:n])
		line = line[n:]
	}
	return b.String()
}

// sendCommand puts a command on the line of a lesson's terminal, and gives the
// terminal the keys. Without a terminal it goes to the exercise, which starts one.
func (a *App) sendCommand(what sendCommand) tea.Cmd {
	var cmd tea.Cmd
	if a.exercise == nil || a.exercise.lesson.ID != what.lesson || a.top() != screen(a.exercise) {
		cmd = a.goTo(goExercise{lesson: what.lesson})
	}
	if e := a.exercise; e != nil && e.lesson.ID == what.lesson {
		act, more := e.insert(what.text)
		return tea.Batch(cmd, more, a.act(act, nil))
	}
	return cmd
}

// insert puts a text on the shell's line, now or once there is a prompt.
func (s *exerciseScreen) insert(text string) (action, tea.Cmd) {
	t := &s.terminal
	var cmd tea.Cmd
	if t.ended() {
		cmd = t.again()
	} else if !t.alive() {
		t.await() // it comes with the workspace
	}
	t.waiting = text
	s.show(shellPane)
	return t.insertWaiting(), cmd
}

// insertWaiting puts the text that waits for a prompt on the shell's line, if
// there is one, and says why it could not.
func (t *terminalPane) insertWaiting() action {
	if t.waiting == "" || t.pane == nil || !t.pane.Ready() {
		return nil
	}
	w := t.words.Sending
	text := t.waiting
	t.waiting = ""
	switch t.pane.Insert(text) {
	case terminal.RefusedBusy:
		return say{notice{text: w.Busy, bad: true}}
	case terminal.RefusedLines:
		return say{notice{text: w.Lines, bad: true}}
	case terminal.RefusedEnded, terminal.RefusedNothing:
		return nil
	}
	return say{notice{text: w.Sent}}
}
