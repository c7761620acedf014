package tui

import (
	"fmt"

	tea "charm.land/bubbletea/v2"

	"github.com/k8stutor/k8stutor/tui/markdown"
	"github.com/k8stutor/k8stutor/tui/reading"
	"github.com/k8stutor/k8stutor/tui/styles"
)

// searchNow is how many bytes of Markdown the pages of a lesson may have to be
// searched while a key waits. Those of longer ones are read by a command.
const searchNow = 64 << 10

// pageSearch is a search in the page, and in the others of its lesson.
type pageSearch struct {
	on, typing bool
	query      input
	found      []reading.Match
	at         int
	from       int // the line at which the search began
	others     []reading.Text
	reading    bool // others are on their way
	asked      uint64
	counted    []int // matches of each page, of the query and the pages below
	countOf    string
}

// layOutPages asks for all pages of a lesson, to search them.
type layOutPages struct {
	asked   uint64
	sources []string
	width   int
}

func (layOutPages) action() {}

// pagesLaidMsg: all pages of a lesson have been laid out. From layOutAll; handled
// by lessonScreen.
type pagesLaidMsg struct {
	asked uint64
	pages []reading.Text
}

func (s *lessonScreen) startFind() (action, tea.Cmd) {
	s.search = pageSearch{on: true, typing: true, from: s.view.top, asked: s.search.asked}
	return s.readOthers(), nil
}

// readOthers has the pages laid out that are to be searched.
func (s *lessonScreen) readOthers() action {
	size, sources := 0, make([]string, len(s.lesson.Pages))
	for i, p := range s.lesson.Pages {
		sources[i] = s.in(p.Body)
		size += len(sources[i])
	}
	f := &s.search
	f.asked++
	f.others, f.reading, f.counted = nil, false, nil
	if size > searchNow {
		f.reading = true
		return layOutPages{f.asked, sources, s.textWidth()}
	}
	f.others = make([]reading.Text, len(sources))
	for i, source := range sources {
		page, _ := s.prose.page(source, s.textWidth(), 0)
		f.others[i] = page.Text
	}
	return nil
}

// find searches the page for what has been typed.
func (s *lessonScreen) find() {
	f := &s.search
	f.found = s.text.Find(f.query.text)
	f.at = 0
	for i, m := range f.found {
		if s.text.LineOf(m.Start) >= f.from {
			f.at = i
			break
		}
	}
	if len(f.found) > 0 {
		s.showMatch()
	} else {
		s.view.top = f.from
		s.view.by(0)
	}
}

// refind finds the matches anew after the page has been laid out anew.
func (s *lessonScreen) refind() {
	f := &s.search
	if !f.on {
		return
	}
	f.found = s.text.Find(f.query.text)
	f.at = max(0, min(f.at, len(f.found)-1))
}

func (s *lessonScreen) showMatch() {
	line := s.text.LineOf(s.search.found[s.search.at].Start)
	if line < s.view.top || line >= s.view.top+s.view.height {
		s.view.top = max(0, line-s.view.height/3)
		s.view.by(0)
	}
}

// matchesOn counts the matches of another page.
func (s *lessonScreen) matchesOn(page int) int {
	f := &s.search
	if f.counted == nil || f.countOf != f.query.text {
		f.counted, f.countOf = make([]int, len(f.others)), f.query.text
		for i, p := range f.others {
			f.counted[i] = p.Count(f.query.text)
		}
	}
	if page == s.page || page >= len(f.counted) {
		return 0
	}
	return f.counted[page]
}

func (s *lessonScreen) elsewhere() (n int) {
	for i := range s.lesson.Pages {
		n += s.matchesOn(i)
	}
	return n
}

// nextMatch goes to the next match, or with step -1 to the one before: on this
// page, else on the nearest page that has one, else around this one.
func (s *lessonScreen) nextMatch(step int) (action, tea.Cmd) {
	f := &s.search
	if to := f.at + step; len(f.found) > 0 && to >= 0 && to < len(f.found) {
		f.at = to
		s.showMatch()
		return s.shown(), nil
	}
	pages := len(s.lesson.Pages)
	for i := 1; i < pages; i++ {
		page := (s.page + step*i + pages*i) % pages
		if s.matchesOn(page) == 0 {
			continue
		}
		s.turn(page)
		f.found = s.text.Find(f.query.text)
		f.at = 0
		if step < 0 {
			f.at = max(0, len(f.found)-1)
		}
		if len(f.found) > 0 {
			s.showMatch()
		}
		said := say{notice{text: fmt.Sprintf(s.words.Reading.OnPage, s.in(s.lesson.Pages[page].Title))}}
		return together(said, s.shown()), nil
	}
	if len(f.found) == 0 {
		return nil, nil
	}
	f.at = (f.at + step + len(f.found)) % len(f.found)
	s.showMatch()
	if len(f.found) == 1 {
		return nil, nil
	}
	return say{notice{text: s.words.Reading.Around}}, nil
}

// together are actions done in order; nil ones are left out.
func together(what ...action) action {
	var some all
	for _, a := range what {
		if a != nil {
			some = append(some, a)
		}
	}
	return some
}

// typeQuery takes a key while the query is typed.
func (s *lessonScreen) typeQuery(msg tea.KeyPressMsg) (action, tea.Cmd) {
	if a, cmd, ok := press(msg, s.findBindings()); ok {
		return a, cmd
	}
	before := s.search.query.text
	if msg.String() == "backspace" && before == "" {
		s.search.on, s.search.typing = false, false
		return nil, nil
	}
	if s.search.query.key(msg); s.search.query.text != before {
		s.find()
	}
	return s.shown(), nil
}

// findBindings are the keys while a search is on.
func (s *lessonScreen) findBindings() []bound {
	k, f := s.keys, &s.search
	if f.typing {
		return []bound{
			does(k.Choose, func() { f.typing = false; f.on = f.query.text != "" }),
			does(k.EndFind, func() {
				f.on, f.typing = false, false
				s.view.top = f.from
				s.view.by(0)
			}),
		}
	}
	bs := []bound{does(k.EndFind, func() { f.on = false })}
	if len(f.found) > 1 || s.elsewhere() > 0 {
		bs = append([]bound{on(k.NextMatch, func() (action, tea.Cmd) { return s.nextMatch(1) }),
			on(k.PrevMatch, func() (action, tea.Cmd) { return s.nextMatch(-1) })}, bs...)
	}
	return bs
}

// findLine is the line below the page while a search is on.
func (s *lessonScreen) findLine(w int) (string, *tea.Cursor) {
	f, st, words := &s.search, s.styles, s.words.Reading
	said := ""
	switch {
	case f.query.text == "":
	case len(f.found) == 0:
		said = words.NoMatch
	default:
		said = fmt.Sprintf(words.Matches, f.at+1, len(f.found))
	}
	if n := s.elsewhere(); n > 0 {
		said += "  " + fmt.Sprintf(words.Elsewhere, n)
	} else if f.reading && f.query.text != "" {
		said += "  " + words.Searching
	}
	p := newPen(w).space(styles.Style{}, 1).put(st.InputPrompt, "/")
	room := max(1, p.left-markdown.Width(said)-3)
	text, column := f.query.window(room)
	var cursor *tea.Cursor
	look := styles.Style{}
	if f.typing {
		look = st.Input
		cursor = tea.NewCursor(2+column, 0)
	}
	p.put(look, text)
	return p.columnRight(st.Dim, said, p.left-1).line(), cursor
}

// marks are what stands out in the page: terms, matches, and the one of each
// that one is at.
func (s *lessonScreen) marks() []reading.Mark {
	marks := s.termMarks()
	if !s.search.on {
		return marks
	}
	for i, m := range s.search.found {
		as := markdown.MarkMatch
		if i == s.search.at {
			as = markdown.MarkCurrent
		}
		marks = append(marks, reading.Mark{Match: m, As: as})
	}
	return marks
}
