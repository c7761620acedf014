package tui

import (
	"fmt"
	"strings"

	tea "charm.land/bubbletea/v2"

	"github.com/k8stutor/k8stutor/lessons"
	"github.com/k8stutor/k8stutor/tui/markdown"
	"github.com/k8stutor/k8stutor/tui/reading"
)

// pageTerms are the terms of the glossary that a page uses.
type pageTerms struct {
	of     *reading.Page   // whose terms they are
	course *lessons.Course // whose glossary it is
	at     []lessons.TermAt
	now    int // the one that is being explained; -1 for none
}

// findTerms finds the terms of the page that is shown.
func (s *lessonScreen) findTerms() {
	if s.terms.of == s.text && s.terms.course == s.course {
		return
	}
	before := s.terms
	s.terms = pageTerms{of: s.text, course: s.course, now: -1}
	if s.course == nil {
		return
	}
	s.terms.at = lessons.FindTerms(s.text.Prose(), s.course.Terms(s.lesson.Course))
	if before.now < 0 || before.now >= len(before.at) {
		return
	}
	for i, t := range s.terms.at { // its box is open
		if t.Term.Name[lessons.English] == before.at[before.now].Term.Name[lessons.English] {
			s.terms.now = i
		}
	}
}

func (s *lessonScreen) termMarks() []reading.Mark {
	marks := make([]reading.Mark, len(s.terms.at), len(s.terms.at)+len(s.search.found))
	for i, t := range s.terms.at {
		as := markdown.MarkTerm
		if i == s.terms.now {
			as = markdown.MarkFocus
		}
		marks[i] = reading.Mark{Match: reading.Match{Start: t.Start, End: t.End}, As: as}
	}
	return marks
}

// explain opens the box of the first term that is on the screen, or of the first
// one after it.
func (s *lessonScreen) explain() (action, tea.Cmd) {
	first := 0
	for i, t := range s.terms.at {
		if s.text.LineOf(t.Start) >= s.view.top {
			first = i
			break
		}
	}
	return s.explainTerm(first), nil
}

// explainTerm opens the box of a term.
func (s *lessonScreen) explainTerm(i int) action {
	s.toTerm(i) // there is one: its key is bound only then
	return overlaying{&termOverlay{lessonScreen: s, textOverlay: s.termBox()}}
}

// toTerm goes to a term, and has it in the window.
func (s *lessonScreen) toTerm(i int) {
	if i = min(i, len(s.terms.at)-1); i < 0 {
		return
	}
	s.terms.now = i
	line := s.text.LineOf(s.terms.at[i].Start)
	if line < s.view.top || line >= s.view.top+s.view.height {
		s.view.top = max(0, line-s.view.height/3)
		s.view.by(0)
	}
}

// termOverlay explains a term of the page beneath it.
type termOverlay struct {
	*lessonScreen
	*textOverlay
}

func (o *termOverlay) block(w, h int) ([]string, int) { return o.textOverlay.block(w, h) }
func (o *termOverlay) bindings() []bound              { return o.textOverlay.bindings() }

func (o *termOverlay) Update(msg tea.Msg) (action, tea.Cmd) {
	a, cmd := o.textOverlay.Update(msg)
	if closing, ok := a.(closeOverlay); ok {
		o.terms.now = -1
		if closing.then == nil {
			closing.then = func() (action, tea.Cmd) { return o.shown(), nil }
		}
		return closing, cmd
	}
	if _, ok := msg.(tea.KeyPressMsg); ok && o.terms.now >= 0 {
		top := o.textOverlay.view
		o.textOverlay = o.termBox()
		o.textOverlay.view = top
	}
	return a, cmd
}

// termTitle is a term in both languages, the learner's first.
func (s *scene) termTitle(t *lessons.Term) string {
	en, zh := t.Name[lessons.English], t.Name[lessons.Chinese]
	switch {
	case en == zh:
		return en
	case s.lang == lessons.Chinese:
		return zh + "（" + en + "）"
	}
	return en + " (" + zh + ")"
}

// termBox is the box of the term that is being explained.
func (s *lessonScreen) termBox() *textOverlay {
	k, w := s.keys, s.words.Reading
	t := s.terms.at[s.terms.now].Term
	o := &textOverlay{scene: s.scene, title: s.termTitle(t), note: fmt.Sprintf(w.TermOf, s.terms.now+1, len(s.terms.at)), source: s.in(t.Means)}
	if n := len(s.terms.at); n > 1 {
		o.more = append(o.more,
			does(k.NextTerm, func() { s.toTerm((s.terms.now + 1) % n) }),
			does(k.PrevTerm, func() { s.toTerm((s.terms.now + n - 1) % n) }))
	}
	if l := s.lesson0(t.Lesson); l != nil {
		for _, p := range l.Pages {
			if p.ID != t.Page || l == s.lesson && p.ID == s.lesson.Pages[s.page].ID {
				continue
			}
			o.source += "\n\n" + w.Explained + "*" + strings.ReplaceAll(s.in(l.Title)+" / "+s.in(p.Title), "*", "") + "*"
			if s.notes != nil {
				continue // there is no way back from a lesson to notes
			}
			o.more = append(o.more, asks(k.ToPage, closeOverlay{then: func() (action, tea.Cmd) {
				return goLesson{l.ID, p.ID}, nil
			}}))
		}
	}
	o.near = func() (x, y int) {
		if s.terms.now < 0 {
			return 0, 0
		}
		line, cell := s.text.Cell(s.terms.at[s.terms.now].Start)
		return s.left() + textMargin + cell, line - s.view.top + linesOfHeading
	}
	return o
}

// lesson0 is lesson, nil where it has not been read whole.
func (s *scene) lesson0(id string) *lessons.Lesson {
	if l := s.lesson(id); l != nil && !l.Outlined {
		return l
	}
	return nil
}
