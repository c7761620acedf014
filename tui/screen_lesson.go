package tui

import (
	"fmt"
	"slices"

	tea "charm.land/bubbletea/v2"

	"github.com/k8stutor/k8stutor/lessons"
	"github.com/k8stutor/k8stutor/tui/reading"
	"github.com/k8stutor/k8stutor/tui/styles"
)

const (
	contentsWidth  = 32 // of the list of contents beside a page
	textWidth      = 84 // longer lines are hard to read
	textMargin     = 2  // cells left of the text
	linesOfHeading = 2  // lines above the text
	sidestep       = 8  // cells that a diagram moves at a time
)

// lessonScreen shows the pages of a lesson, or of notes, and its contents.
type lessonScreen struct {
	*scene
	lesson   *lessons.Lesson
	notes    *notesView // nil: it is a lesson
	w, h     int
	page     int
	view     scroll
	text     *reading.Page // the page as it is laid out
	textLang lessons.Lang
	part     bool // and more of it is on its way
	shift    int  // cells of diagrams that are left of the window
	anchor   pageAnchor
	terms    pageTerms
	search   pageSearch
	seen     map[int]bool // pages of notes whose end was seen

	browsing bool // the contents have the keys
	entry    int  // selected entry of the contents
	list     scroll
}

// pageAnchor is where one was in a page when it was scrolled last, so that it is
// found again however often it is laid out anew.
type pageAnchor struct {
	pagePlace
	top int // the window's first line, by which a scroll is noticed
	of  *reading.Page
}

// pagePlace is a place in the text of a page in one language.
type pagePlace struct {
	reading.Place
	lang lessons.Lang
}

func newLessonScreen(s *scene, l *lessons.Lesson, page string) *lessonScreen {
	ls := &lessonScreen{scene: s, lesson: l, seen: map[int]bool{}}
	for i, p := range l.Pages {
		if p.ID == page {
			ls.page = i
		}
	}
	ls.anchor.pagePlace = s.places[ls.placeKey()]
	return ls
}

// placeKey names the page that is shown among the scene's places.
func (s *lessonScreen) placeKey() string { return s.lesson.ID + "#" + s.lesson.Pages[s.page].ID }

func (s *lessonScreen) capturing() capture {
	if s.search.typing {
		return captureText
	}
	return captureNone
}

func (s *lessonScreen) title() []string {
	return []string{s.in(s.lesson.Title), fmt.Sprintf(s.words.Lesson.PageOf, s.page+1, len(s.lesson.Pages))}
}

// wide reports whether the contents stand beside the page.
func (s *lessonScreen) wide() bool { return s.w >= wideWidth }

// left is the column at which the page begins.
func (s *lessonScreen) left() int {
	if s.wide() {
		return contentsWidth
	}
	return 0
}

func (s *lessonScreen) textWidth() int { return min(s.w-s.left()-2*textMargin, textWidth) }

func (s *lessonScreen) Resize(w, h int) {
	s.w, s.h = w, h
	s.layOut()
}

// layOut lays the page out for the size, and finds the place again that was on
// the screen.
func (s *lessonScreen) layOut() {
	if s.text != nil && (s.view.top != s.anchor.top || s.text != s.anchor.of) {
		s.remember()
	}
	before := s.text
	s.textLang = s.lang
	s.text, s.part = s.prose.page(s.in(s.lesson.Pages[s.page].Body), s.textWidth(), s.shift)
	s.fit()
	if before != s.text {
		s.view.top = s.text.Line(s.anchor.Place, s.anchor.lang == s.lang)
		s.view.by(0)
		s.findTerms()
		s.refind()
		if s.search.on && s.search.others != nil {
			s.readOthers() // small ones, or it stays as it was
		}
	} else {
		s.findTerms()
	}
	s.anchor.top, s.anchor.of = s.view.top, s.text
}

// fit sizes the window: the text, a blank line, what comes next, a blank line.
func (s *lessonScreen) fit() {
	height := s.h - linesOfHeading
	if s.search.on {
		height--
	}
	s.view.fit(height, len(s.text.Doc.Lines)+3)
}

// remember notes where in the page the window is.
func (s *lessonScreen) remember() {
	s.anchor = pageAnchor{pagePlace{s.text.Place(s.view.top), s.textLang}, s.view.top, s.text}
	s.places[s.placeKey()] = s.anchor.pagePlace
}

// onward is the line after the end of a page: what comes next.
func (s *lessonScreen) onward(w int) string {
	p := newPen(w).space(styles.Style{}, textMargin)
	key, text := "n", ""
	switch {
	case s.part:
		return p.put(s.styles.Dim, s.words.Reading.LayingOut).line()
	case s.page+1 < len(s.lesson.Pages):
		text = fmt.Sprintf(s.words.Lesson.NextPage, s.in(s.lesson.Pages[s.page+1].Title))
		if s.search.on {
			key = "→"
		}
	case len(s.lesson.Steps) > 0:
		key, text = "e", fmt.Sprintf(s.words.Lesson.ToExercise, len(s.lesson.Steps))
	case len(s.lesson.Questions) > 0:
		key, text = "z", fmt.Sprintf(s.words.Lesson.ToQuiz, len(s.lesson.Questions))
	default:
		return p.line()
	}
	return p.put(s.styles.HintKey, key).put(s.styles.Dim, " "+s.styles.Glyphs.Arrow+" "+text).line()
}

// goOnward does what that line says.
func (s *lessonScreen) goOnward() action {
	switch {
	case s.part:
	case s.page+1 < len(s.lesson.Pages):
		s.turn(s.page + 1)
	case len(s.lesson.Steps) > 0:
		return goExercise{lesson: s.lesson.ID}
	case len(s.lesson.Questions) > 0:
		return goQuiz{s.lesson.ID}
	}
	return nil
}

// shown is the action that remembers which page is on screen, and that it has
// been read when its end has been seen.
func (s *lessonScreen) shown() action {
	if s.text != nil && s.view.top != s.anchor.top {
		s.remember()
	}
	lesson, page, now := s.lesson.ID, s.lesson.Pages[s.page].ID, s.now
	end := s.view.atEnd() && s.h > 0 && !s.part
	if s.notes != nil {
		s.seen[s.page] = s.seen[s.page] || end
		return nil
	}
	lp := s.lessonProgress(lesson)
	_, read := lp.Read[page]
	if lp.Place == lessons.PlacePage && lp.Page == page && (read || !end) && s.progress.LastLesson == lesson {
		return nil
	}
	return save{func(p *lessons.Progress) {
		lp := enter(p, lesson, lessons.PlacePage, page)
		if _, known := lp.Read[page]; end && !known {
			lp.Read[page] = now
		}
	}}
}

// turn goes to page n, to its start.
func (s *lessonScreen) turn(n int) {
	s.remember()
	s.page = max(0, min(n, len(s.lesson.Pages)-1))
	s.entry, s.shift = s.page, 0
	s.text, s.anchor = nil, pageAnchor{}
	s.view.top = 0
	s.search.from = 0
	s.layOut()
}

func (s *lessonScreen) Update(msg tea.Msg) (action, tea.Cmd) {
	switch msg := msg.(type) {
	case tea.KeyPressMsg:
		searching := s.search.on
		a, cmd := s.press(msg)
		if searching != s.search.on {
			s.fit()
		}
		if a != nil || cmd != nil {
			return a, cmd
		}
	case tea.PasteMsg:
		if s.search.typing {
			s.search.query.insert(msg.Content)
			s.find()
		}
	case tea.MouseWheelMsg:
		s.view.by(wheel(msg))
	case tea.MouseClickMsg:
		if msg.Button == tea.MouseLeft {
			return together(s.clicked(msg.X, msg.Y), s.shown()), nil
		}
	case pagesLaidMsg:
		if f := &s.search; msg.asked == f.asked && f.on {
			f.others, f.reading, f.counted = msg.pages, false, nil
		}
	}
	return s.shown(), nil
}

func (s *lessonScreen) press(msg tea.KeyPressMsg) (action, tea.Cmd) {
	if s.search.typing {
		return s.typeQuery(msg)
	}
	a, cmd, _ := press(msg, s.bindings())
	return a, cmd
}

func (s *lessonScreen) bindings() []bound {
	k := s.keys
	switch {
	case s.browsing:
		return s.contentsBindings()
	case s.search.typing:
		return s.findBindings()
	}
	var bs []bound
	next, prev := k.NextPage, k.PrevPage
	if s.search.on {
		bs = append(bs, s.findBindings()...)
		next = k.Turn
	}
	if s.page+1 < len(s.lesson.Pages) {
		bs = append(bs, does(next, func() { s.turn(s.page + 1) }))
	}
	if s.page > 0 {
		bs = append(bs, does(prev, func() { s.turn(s.page - 1) }))
	}
	if len(s.lesson.Steps) > 0 {
		bs = append(bs, asks(k.Exercise, goExercise{lesson: s.lesson.ID}))
	}
	if len(s.lesson.Questions) > 0 {
		bs = append(bs, asks(k.Quiz, goQuiz{s.lesson.ID}))
	}
	bs = append(bs, does(k.Contents, func() { s.browsing, s.entry = true, s.page }))
	if s.page+1 == len(s.lesson.Pages) && s.anyAnswered() {
		bs = append(bs, asks(k.Review, goReview{}))
	}
	if !s.search.on && s.notes == nil {
		bs = append(bs, asks(k.Back, goBack{}))
	}
	bs = append(bs, on(k.FindText, s.startFind))
	bs = append(bs, s.textBindings()...)
	if s.view.atEnd() && s.page+1 < len(s.lesson.Pages) && !s.part {
		// Who reads on with the space key reads on into the next page.
		bs = append(bs, hidden(does(k.PageDown, func() { s.turn(s.page + 1) }))...)
		scrolling := k.scrolling(&s.view)
		return append(bs, slices.DeleteFunc(scrolling, func(b bound) bool { return b.Help() == k.PageDown.Help() })...)
	}
	return append(bs, k.scrolling(&s.view)...)
}

// textBindings are the keys for what stands in the page.
func (s *lessonScreen) textBindings() []bound {
	k := s.keys
	var bs []bound
	if len(s.terms.at) > 0 {
		bs = append(bs, on(k.Terms, s.explain))
	}
	if len(s.copyable()) > 0 {
		bs = append(bs, on(k.CopyCode, s.copyCode))
	}
	if commands := s.runnable(); len(commands) > 0 {
		bs = append(bs, on(k.SendCommand, func() (action, tea.Cmd) { return s.pickCommand(s.lesson.ID, s.runnable()) }))
	}
	if len(s.text.Doc.Links)+len(s.text.Doc.Notes) > 0 && len(s.links()) > 0 {
		bs = append(bs, on(k.Links, s.follow))
	}
	if wide := s.text.Doc.Wide; wide > s.shift {
		bs = append(bs, does(k.SlideRight, func() { s.slide(min(wide, s.shift+sidestep)) }))
	}
	if s.shift > 0 {
		bs = append(bs, does(k.SlideLeft, func() { s.slide(max(0, s.shift-sidestep)) }))
	}
	return bs
}

// slide moves the window over the diagrams of the page.
func (s *lessonScreen) slide(shift int) {
	s.shift = shift
	top := s.view.top
	s.layOut()
	s.view.top = top // the lines are the same
	s.view.by(0)
	s.anchor.top = s.view.top
}

func (s *lessonScreen) View() (string, *tea.Cursor) {
	room := s.w - s.left()
	if s.browsing && !s.wide() {
		return join(sized(s.contents(s.w), s.w, s.h)), nil
	}
	page := []string{s.heading(room), blank(room)}
	page = append(page, s.view.window(s.styles, s.lines(room-1), room)...)
	var cursor *tea.Cursor
	if s.search.on {
		page = sized(page, room, s.h-1)
		var line string
		if line, cursor = s.findLine(room); cursor != nil {
			cursor.X += s.left()
			cursor.Y = s.h - 1
		}
		page = append(page, line)
	}
	page = sized(page, room, s.h)
	if s.wide() {
		return join(beside(sized(s.contents(contentsWidth), contentsWidth, s.h), page)), cursor
	}
	return join(page), cursor
}

// lines are those of the page, each w cells wide. Only those in the window are
// painted.
func (s *lessonScreen) lines(w int) []string {
	out := make([]string, s.view.total)
	last := len(s.text.Doc.Lines)
	marks := s.marks()
	for i := s.view.top; i < min(s.view.top+s.view.height, s.view.total); i++ {
		switch {
		case i < last:
			width := s.textWidth()
			out[i] = blank(textMargin) + s.prose.line(s.text, i, width, marks) + blank(w-textMargin-width)
		case i == last+1:
			out[i] = s.onward(w)
		default:
			out[i] = blank(w)
		}
	}
	return out
}

// heading is the line above a page: its title, and how far it has been scrolled.
func (s *lessonScreen) heading(w int) string {
	p := newPen(w).space(styles.Style{}, textMargin).put(s.styles.Title, s.in(s.lesson.Pages[s.page].Title))
	where := fmt.Sprintf("%d%%", s.view.percent())
	if !s.view.atEnd() {
		where = s.words.Lesson.More + " " + where
	}
	return p.columnRight(s.styles.Dim, where, p.left-1).line()
}

// enter notes where in a lesson the learner is and returns the lesson's record.
func enter(p *lessons.Progress, lesson, place, page string) *lessons.LessonProgress {
	lp := p.Lesson(lesson)
	p.LastLesson, lp.Place, lp.Page = lesson, place, page
	return lp
}
