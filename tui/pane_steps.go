package tui

import (
	"fmt"

	tea "charm.land/bubbletea/v2"

	"github.com/k8stutor/k8stutor/lessons"
	"github.com/k8stutor/k8stutor/tui/markdown"
	"github.com/k8stutor/k8stutor/tui/styles"
)

// stepList is the checklist of an exercise with one step open: its goal, the
// verdict on each check and why, hints, and what happened once it is passed.
type stepList struct {
	*scene
	lesson *lessons.Lesson
	report lessons.Report
	at     int // the open step
	view   scroll

	wanted int             // so many hints were asked for; they are to be scrolled to
	solved map[string]bool // by step: the solution is shown

	mistake                lessons.Text // about the command that has just run; nil when there is nothing to say
	mistakeFrom, mistakeTo int          // its lines, none when they are equal

	works map[string]*fileWork // by step: the files of manifest steps

	input   input // the answer to an ask step, or the prediction of a predict step
	typing  bool
	sending bool

	text      []string // the lines, one cell narrower than the pane
	header    int      // line of the open step
	inputLine int      // line of the answer, -1 when there is none
	fileLine  int      // line of what is said of the file, -1 when there is none
	w         int
}

func newStepList(s *scene, l *lessons.Lesson) stepList {
	return stepList{scene: s, lesson: l, solved: map[string]bool{}, works: map[string]*fileWork{}, inputLine: -1, fileLine: -1}
}

func (l *stepList) step() *lessons.Step { return l.lesson.Steps[l.at] }

// hints is how many hints of the open step are shown.
func (l *stepList) hints() int { return l.lessonProgress(l.lesson.ID).Hints[l.step().ID] }

// open opens a step by its id; an unknown one changes nothing.
func (l *stepList) open(id string) {
	for i, st := range l.lesson.Steps {
		if st.ID == id && i != l.at {
			l.at, l.typing = i, false
			l.input = input{}
		}
	}
}

// move opens the step n further on.
func (l *stepList) move(n int) {
	l.open(l.lesson.Steps[max(0, min(l.at+n, len(l.lesson.Steps)-1))].ID)
	l.layOutText()
	l.view.top = 0
	l.view.by(l.header)
}

// take shows a new report. The first of a workspace opens the step at which the
// exercise stands; later ones never turn the page under the learner's eyes, but
// show from its top a step that has just been passed.
func (l *stepList) take(r lessons.Report, first bool) {
	before, _ := l.report.Step(l.step().ID)
	after, _ := r.Step(l.step().ID)
	l.report = r
	if !first {
		if before.Verdict != lessons.Pass && after.Verdict == lessons.Pass {
			l.mistake = nil
			l.layOutText()
			l.view.top = l.header
		}
		return
	}
	at := r.Current
	if at == "" && len(r.Steps) > 0 {
		at = r.Steps[len(r.Steps)-1].ID
	}
	l.open(at)
	l.layOutText()
	l.view.top = 0
	if l.header >= l.view.height/2 {
		l.view.by(l.header)
	}
}

// forget takes back what was shown of a step that was reset; "" is all steps.
func (l *stepList) forget(step string) {
	if delete(l.solved, step); step == "" {
		clear(l.solved)
	}
	for _, w := range l.works {
		*w = fileWork{path: w.path} // its draft is back
	}
	l.input, l.typing, l.mistake = input{}, false, nil
}

// toEnd scrolls to what was just added at the end of the open step.
func (l *stepList) toEnd() {
	l.layOutText()
	l.view.fit(l.view.height, len(l.text))
	l.view.show(max(0, l.end()-1))
}

// reveal scrolls to the line in which the answer is typed.
func (l *stepList) reveal() {
	l.layOutText()
	l.view.fit(l.view.height, len(l.text))
	if l.inputLine >= 0 {
		l.view.show(l.inputLine)
	}
}

// end is the line after the last of the open step.
func (l *stepList) end() int { return len(l.text) - (len(l.lesson.Steps) - 1 - l.at) }

func (l *stepList) layOut(w, h int) {
	l.w = w
	l.layOutText()
	l.view.fit(h, len(l.text))
	if l.wanted > 0 && l.hints() >= l.wanted {
		l.wanted = 0
		l.toEnd()
	}
}

func (l *stepList) lines() []string { return l.view.window(l.styles, l.text, l.w) }

// cursor is where the answer is being typed, for a pane at x, y.
func (l *stepList) cursor(x, y int) *tea.Cursor {
	row := l.inputLine - l.view.top
	if l.inputLine < 0 || row < 0 || row >= l.view.height {
		return nil
	}
	return tea.NewCursor(x+l.inputStart()+l.input.column(l.inputRoom()), y+row)
}

// inputStart is the column of the answer's first cell, inputRoom its width.
func (l *stepList) inputStart() int {
	return 2 + markdown.Width(l.answerLabel()+l.words.Colon)
}

func (l *stepList) inputRoom() int { return max(4, l.w-3-l.inputStart()) }

// verdict says how step i stands: glyph, word and look.
func (l *stepList) verdict(i int) (glyph, word string, look styles.Style) {
	g, w, st := l.styles.Glyphs, l.words.Verdict, l.styles
	step := l.lesson.Steps[i]
	r, ok := l.report.Step(step.ID)
	if !ok {
		if _, passed := l.lessonProgress(l.lesson.ID).Passed[step.ID]; passed {
			return g.Pass, w.PassedBefore, st.Dim
		}
		return g.Waiting, w.Waiting, st.Dim
	}
	switch {
	case r.Verdict == lessons.Pass:
		return g.Pass, w.Pass, st.Good
	case r.Verdict == lessons.CannotTell && (r.Begun || r.Trouble != nil):
		return g.CannotTell, w.CannotTell, st.Unknown
	case !r.Begun && step.ID != l.report.Current:
		return g.Waiting, w.Later, st.Dim
	case !r.Begun:
		return g.Waiting, w.Waiting, st.Dim
	case r.Regressed:
		return g.NotYet, w.Regressed, st.Wait
	case r.Waiting():
		return g.Waiting, w.Waiting, st.Active
	case r.Stuck():
		return g.NotYet, w.Stuck, st.Wait
	}
	return g.NotYet, w.NotYet, st.Wait
}

// next is the step to go on to from the open one: the one after it, or from the
// last one a step that is not passed; -1 when there is none.
func (l *stepList) next() int {
	if l.at+1 < len(l.lesson.Steps) {
		return l.at + 1
	}
	for i, st := range l.lesson.Steps {
		if st.ID == l.report.Current && i != l.at {
			return i
		}
	}
	return -1
}

// layOutText builds the lines.
func (l *stepList) layOutText() {
	if l.w < 8 {
		l.text = nil
		return
	}
	w := l.w - 2 // beside the scroll bar, and not touching it
	l.text, l.inputLine, l.fileLine = nil, -1, -1
	l.mistakeFrom, l.mistakeTo = 0, 0
	for i := range l.lesson.Steps {
		if i == l.at {
			l.header = len(l.text)
		}
		l.text = append(l.text, l.headline(i, w))
		if i == l.at {
			l.text = append(l.text, l.details(w)...)
		}
	}
	l.text = padded(l.text, 1)
}

// headline is the line of one step in the list.
func (l *stepList) headline(i, w int) string {
	glyph, word, look := l.verdict(i)
	mark, text := l.styles.Glyphs.Folded, styles.Style{}
	if i == l.at {
		mark, text = l.styles.Glyphs.Open, l.styles.Strong
	}
	p := newPen(w).put(l.styles.Cursor, mark+" ").put(look, glyph+" ")
	room := p.left - markdown.Width(word) - 2
	p.column(text, fmt.Sprintf("%d %s", i+1, l.in(l.lesson.Steps[i].Title)), room)
	return p.put(look, "  "+word).line()
}

// answerLine is the line in which the answer to an ask step, or a prediction, is
// typed.
func (l *stepList) answerLine(w int) string {
	st, words := l.styles, l.words.Exercise
	p := newPen(w).put(st.InputPrompt, l.answerLabel()+l.words.Colon)
	room := l.inputRoom()
	result, _ := l.report.Step(l.step().ID)
	switch {
	case l.sending:
		return p.put(st.Dim, l.input.text+" "+st.Glyphs.Waiting+" "+words.Sending).line()
	case !l.typing && result.Prediction != nil:
		return p.put(st.Input, result.Prediction.Said).put(st.Dim, "  "+words.Foretold).line()
	case l.typing || l.input.text != "":
		return p.column(st.Input, l.input.visible(room), room).line()
	case l.step().Kind == lessons.Predict:
		return p.put(st.Dim, words.PressForetell).line()
	}
	return p.put(st.Dim, words.PressAnswer).line()
}
