package tui

import (
	"fmt"
	"strings"

	tea "charm.land/bubbletea/v2"

	"github.com/k8stutor/k8stutor/lessons"
	"github.com/k8stutor/k8stutor/tui/markdown"
	"github.com/k8stutor/k8stutor/tui/styles"
)

// fileState says how far the file of a manifest step is.
type fileState int

const (
	fileUnseen   fileState = iota // not checked since it was changed
	fileOpening                   // the editor is on its way
	fileChecking                  // the API server is being asked
	fileRefused                   // it has faults
	fileAccepted                  // it has none
	fileApplying
	fileApplied
)

// fileWork is what is known of the file of one manifest step.
type fileWork struct {
	path   string // "" before it was laid out
	state  fileState
	faults []lessons.Fault
	err    error // why nothing could be told, or the editor did not run
}

func (f *fileWork) busy() bool {
	return f.state == fileOpening || f.state == fileChecking || f.state == fileApplying
}

// work returns what is known of the file of the open step; nil when the step has
// none.
func (l *stepList) work() *fileWork {
	step := l.step()
	if step.Kind != lessons.Manifest {
		return nil
	}
	if l.works[step.ID] == nil {
		l.works[step.ID] = &fileWork{}
	}
	return l.works[step.ID]
}

// fileBindings are the keys of the file of the open step, the first of them what
// comes next.
func (s *exerciseScreen) fileBindings() []bound {
	work := s.steps.work()
	if work == nil || work.busy() {
		return nil
	}
	k := s.keys
	var bs []bound
	if work.state == fileAccepted && s.canSend() {
		bs = append(bs, on(k.Apply, func() (action, tea.Cmd) { return nil, s.review(true) }))
	}
	bs = append(bs, on(k.Edit, s.openFile))
	if s.canSend() {
		bs = append(bs, on(k.Check, func() (action, tea.Cmd) { return nil, s.review(false) }))
	}
	return bs
}

// canSend reports whether there is a workspace to ask about.
func (s *exerciseScreen) canSend() bool {
	return s.run != nil && s.got && s.report.Workspace.Namespace != ""
}

// openFile opens the file of the open step in an editor.
func (s *exerciseScreen) openFile() (action, tea.Cmd) {
	work := s.steps.work()
	work.state, work.err = fileOpening, nil
	return nil, openEditor(s.crew, s.desk, s.lesson.ID, s.steps.step())
}

// review asks the API server about the file of the open step, or has it applied.
func (s *exerciseScreen) review(apply bool) tea.Cmd {
	work := s.steps.work()
	work.err, work.state = nil, fileChecking
	if apply {
		work.state = fileApplying
	}
	return reviewFile(s.crew, s.desk, s.run, s.report.Workspace, s.lesson.ID, s.steps.step(), apply)
}

// filed takes in what has become of a file.
func (s *exerciseScreen) filed(msg tea.Msg) (action, tea.Cmd) {
	switch msg := msg.(type) {
	case laidMsg:
		if msg.lesson != s.lesson.ID {
			return nil, nil
		}
		for _, step := range s.lesson.Steps {
			if path, ok := msg.paths[step.ID]; ok {
				s.fileOf(step.ID).path = path
			}
		}
		if msg.err != nil {
			return say{notice{text: msg.err.Error(), bad: true}}, nil
		}
	case editorMsg:
		return s.editorReady(msg)
	case editedMsg:
		return s.edited(msg)
	case reviewedMsg:
		return s.reviewed(msg)
	}
	return nil, nil
}

func (s *exerciseScreen) fileOf(step string) *fileWork {
	if s.steps.works[step] == nil {
		s.steps.works[step] = &fileWork{}
	}
	return s.steps.works[step]
}

// editorReady starts the learner's editor in place of the screen, or opens the
// built-in one.
func (s *exerciseScreen) editorReady(msg editorMsg) (action, tea.Cmd) {
	work := s.fileOf(msg.step)
	if msg.lesson != s.lesson.ID || work.state != fileOpening {
		return nil, nil
	}
	work.path = msg.path
	switch {
	case msg.err != nil:
		work.state, work.err = fileUnseen, msg.err
		return nil, nil
	case msg.program != nil:
		lesson, step := msg.lesson, msg.step
		// Bubble Tea's output is the painter; an editor wants the terminal itself.
		msg.program.Stdout = s.tty
		return nil, tea.ExecProcess(msg.program, func(err error) tea.Msg { return editedMsg{lesson, step, err} })
	}
	work.state = fileUnseen
	return goEdit{lesson: msg.lesson, step: msg.step, path: msg.path, text: msg.text, faults: work.faults}, nil
}

// edited has the file checked after the editor has ended.
func (s *exerciseScreen) edited(msg editedMsg) (action, tea.Cmd) {
	work := s.fileOf(msg.step)
	if msg.lesson != s.lesson.ID {
		return nil, nil
	}
	work.state, work.err, work.faults = fileUnseen, msg.err, nil
	if msg.err != nil || !s.canSend() || s.steps.step().ID != msg.step {
		return nil, nil
	}
	return nil, s.review(false)
}

// reviewed shows what the API server said, and asks whether to go on.
func (s *exerciseScreen) reviewed(msg reviewedMsg) (action, tea.Cmd) {
	if s.run == nil || msg.run != s.run.id {
		return nil, nil
	}
	work := s.fileOf(msg.step)
	work.faults, work.err = msg.faults, msg.err
	switch {
	case msg.err != nil:
		work.state = fileUnseen
	case len(msg.faults) > 0:
		work.state = fileRefused
	case msg.apply:
		work.state = fileApplied
	default:
		work.state = fileAccepted
		if s.steps.step().ID == msg.step {
			s.steps.revealFile()
			apply := func() (action, tea.Cmd) {
				if !s.canSend() || s.steps.step().ID != msg.step {
					return nil, nil
				}
				return nil, s.review(true)
			}
			return ask{newConfirm(s.scene, s.words.Exercise.AskApply, bound{Binding: s.keys.Yes, run: apply})}, nil
		}
	}
	if s.steps.step().ID == msg.step {
		s.steps.revealFile()
	}
	return nil, nil
}

// dropFiles forgets what was said of files: the run that could be asked is over.
func (l *stepList) dropFiles() {
	for _, w := range l.works {
		if w.busy() && w.state != fileOpening {
			w.state = fileUnseen
		}
	}
}

// revealFile scrolls to what is said of the file of the open step.
func (l *stepList) revealFile() {
	l.layOutText()
	l.view.fit(l.view.height, len(l.text))
	if l.fileLine >= 0 {
		l.view.show(min(l.fileLine+l.view.height-1, max(l.fileLine, l.end()-1)))
		l.view.show(l.fileLine)
	}
}

// file is the part of a manifest step's details that is about its file: where it
// is, what is wrong with it, what to do.
func (d *stepDetails) file() {
	work, words, st, g := d.work(), d.words.Exercise, d.styles, d.styles.Glyphs
	d.section(st.Label, words.File)
	d.fileLine = d.header + len(d.out)
	if work.path != "" {
		for _, part := range markdown.Wrap(work.path, d.w) {
			d.add(newPen(d.w).put(st.Dim, part).line())
		}
	}
	line := func(look styles.Style, glyph, text string) {
		for i, part := range markdown.Wrap(text, d.w-2) {
			if i > 0 {
				glyph = " "
			}
			d.add(newPen(d.w).put(look, glyph+" "+part).line())
		}
	}
	if work.err != nil {
		line(st.Unknown, g.CannotTell, words.FileUntold+d.words.Colon+d.explain(work.err))
	}
	switch work.state {
	case fileOpening:
		line(st.Dim, g.Waiting, words.FileOpening)
	case fileChecking:
		line(st.Dim, g.Waiting, words.FileChecking)
	case fileApplying:
		line(st.Dim, g.Waiting, words.FileApplying)
	case fileAccepted:
		line(st.Good, g.Pass, words.FileAccepted)
	case fileApplied:
		line(st.Good, g.Pass, words.FileApplied)
	case fileRefused:
		line(st.Wait, g.NotYet, fmt.Sprintf(words.FileRefused, len(work.faults)))
		for _, f := range work.faults {
			d.fault(f)
		}
	default:
		line(st.Dim, g.Waiting, words.FileUnseen)
	}
}

// fault is one thing that is wrong with a file: its place and the API server's
// own words, the line it is in, and what that means.
func (d *stepDetails) fault(f lessons.Fault) {
	st := d.styles
	place := d.step.Draft.Name
	if f.Line > 0 {
		place = fmt.Sprintf("%s:%d", place, f.Line)
	}
	d.add(blank(d.w))
	said := place
	if f.Said != "" {
		said += ": " + f.Said
	}
	for _, part := range markdown.Wrap(strings.ReplaceAll(said, "\n", " "), d.w) {
		d.add(newPen(d.w).put(st.Wait, part).line())
	}
	if f.Source != "" {
		gutter := fmt.Sprintf("%4d ", f.Line)
		untabbed := func(s string) string { return strings.ReplaceAll(s, "\t", "    ") }
		d.add(newPen(d.w).put(st.Dim, gutter).put(st.Input, untabbed(f.Source)).line())
		if caret := f.Caret(); caret != "" {
			d.add(newPen(d.w).space(styles.Style{}, len(gutter)).put(st.Wait, untabbed(caret)).line())
		}
	}
	if advice := d.in(f.Advice); advice != "" {
		d.text(advice)
	}
}
