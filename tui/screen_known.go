package tui

import (
	"fmt"
	"strconv"
	"strings"

	tea "charm.land/bubbletea/v2"

	"github.com/k8stutor/k8stutor/lessons"
	"github.com/k8stutor/k8stutor/lessons/review"
	"github.com/k8stutor/k8stutor/tui/markdown"
	"github.com/k8stutor/k8stutor/tui/styles"
)

// knownScreen is the map of what is known, fading and forgotten: by lesson, and
// in a lesson that is opened by question.
type knownScreen struct {
	*scene
	w, h   int
	items  []review.Item
	counts map[string]review.Counts // by lesson
	marks  map[string][]review.State
	opened map[string]bool // by lesson
	rows   []knownRow
	cursor int
	view   scroll
	coming review.Forecast
}

// knownRow is one line of the map: a lesson, or a question of the lesson above.
type knownRow struct {
	lesson *lessons.Lesson
	item   *review.Item // nil: the lesson
}

func (r knownRow) id() string {
	if r.item == nil {
		return r.lesson.ID
	}
	return r.lesson.ID + " " + r.item.Question.ID
}

func newKnownScreen(s *scene) *knownScreen {
	return &knownScreen{scene: s, opened: map[string]bool{}}
}

func (s *knownScreen) title() []string    { return []string{s.words.Review.Known} }
func (s *knownScreen) capturing() capture { return captureNone }

// Resize sets the size and looks anew: the progress may have changed. The cursor
// stays where it is.
func (s *knownScreen) Resize(w, h int) {
	s.w, s.h = w, h
	s.items = review.Survey(s.course, s.progress, s.now)
	s.coming = s.outlook()
	s.counts, s.marks = map[string]review.Counts{}, map[string][]review.State{}
	from := 0
	for i := range s.items {
		if l := s.items[i].Lesson; i+1 == len(s.items) || s.items[i+1].Lesson != l {
			s.counts[l.ID] = review.Counted(s.items[from : i+1])
			for _, item := range s.items[from : i+1] {
				s.marks[l.ID] = append(s.marks[l.ID], item.State)
			}
			from = i + 1
		}
	}
	s.build()
}

// build makes the rows.
func (s *knownScreen) build() {
	at := ""
	if s.cursor < len(s.rows) {
		at = s.rows[s.cursor].id()
	}
	s.rows = nil
	for i := range s.items {
		item := &s.items[i]
		if i == 0 || s.items[i-1].Lesson != item.Lesson {
			s.rows = append(s.rows, knownRow{lesson: item.Lesson})
		}
		if s.opened[item.Lesson.ID] {
			s.rows = append(s.rows, knownRow{item.Lesson, item})
		}
	}
	s.cursor = min(s.cursor, max(0, len(s.rows)-1))
	for i, r := range s.rows {
		if r.id() == at {
			s.cursor = i
		}
	}
	s.place()
}

func (s *knownScreen) place() {
	s.view.fit(max(1, s.h-len(s.head())-len(s.foot())), len(s.rows))
	s.view.show(s.cursor)
}

func (s *knownScreen) bindings() []bound {
	k := s.keys
	var bs []bound
	if len(s.rows) > 0 {
		bs = append(bs, on(k.Open, s.open))
		if s.coming.Asked > 0 {
			bs = append(bs, asks(k.Review, goReview{}))
		}
	}
	if len(s.rows) > 1 {
		bs = append(bs, hidden(
			does(k.Down, func() { s.move(1) }),
			does(k.Up, func() { s.move(-1) }),
			does(k.Top, func() { s.move(-len(s.rows)) }),
			does(k.Bottom, func() { s.move(len(s.rows)) }),
		)...)
	}
	return append(bs, asks(k.Back, goBack{}))
}

func (s *knownScreen) move(n int) {
	s.cursor = max(0, min(s.cursor+n, len(s.rows)-1))
	s.place()
}

// open opens or folds a lesson, or goes to the page that a question is about.
func (s *knownScreen) open() (action, tea.Cmd) {
	r := s.rows[s.cursor]
	if r.item == nil {
		s.opened[r.lesson.ID] = !s.opened[r.lesson.ID]
		s.build()
		return nil, nil
	}
	return goReading{r.lesson.ID, review.Page(r.lesson, r.item.Question)}, nil
}

func (s *knownScreen) Update(msg tea.Msg) (action, tea.Cmd) {
	switch msg := msg.(type) {
	case tea.KeyPressMsg:
		a, cmd, _ := press(msg, s.bindings())
		return a, cmd
	case tea.MouseWheelMsg:
		s.move(wheel(msg))
	case tea.MouseClickMsg:
		at := msg.Y - len(s.head()) + s.view.top
		switch {
		case msg.Y < len(s.head()) || at >= len(s.rows) || at < 0:
		case at == s.cursor:
			return s.open()
		default:
			s.move(at - s.cursor)
		}
	}
	return nil, nil
}

func (s *knownScreen) View() (string, *tea.Cursor) {
	rows := make([]string, len(s.rows))
	for i := s.view.top; i < min(s.view.top+s.view.height, len(rows)); i++ {
		rows[i] = newPen(s.w-1).raw(s.row(i, s.wide()), s.wide()).line()
	}
	lines := append(s.head(), s.view.window(s.styles, rows, s.w)...)
	return join(sized(append(lines, s.foot()...), s.w, s.h)), nil
}

// shape is the glyph and the look of a state.
func (s *scene) shape(state review.State) (glyph string, look styles.Style) {
	g, st := s.styles.Glyphs, s.styles
	switch state {
	case review.Remembered:
		return g.Done, st.Good
	case review.Fading:
		return g.UnderWay, st.Wait
	case review.Forgotten:
		return g.Wrong, st.Bad
	}
	return g.New, st.Dim
}

// knownMarks is the room for a mark of each question, in cells, in a wide window.
const knownMarks = 24

// knownColumns are the columns of the map: the states in the order in which they
// are counted, and the cells for each.
func (s *knownScreen) knownColumns(c review.Counts) []knownColumn {
	w := s.words.Review
	columns := []knownColumn{
		{review.Remembered, w.Sure, c.Remembered, 0}, {review.Fading, w.Shaky, c.Fading, 0},
		{review.Forgotten, w.Gone, c.Forgotten, 0}, {review.Unasked, w.Fresh, c.Unasked, 0},
	}
	for i := range columns {
		columns[i].width = max(5, markdown.Width(columns[i].name)) + 2
	}
	return columns
}

type knownColumn struct {
	state review.State
	name  string
	n     int
	width int
}

// wide is the width of the map: all of the window but its scroll bar, unless that
// would tear titles and counts apart.
func (s *knownScreen) wide() int { return min(s.w-1, 120) }

func (s *knownScreen) marksWidth() int {
	if s.w < wideWidth {
		return 0
	}
	return knownMarks
}

func (s *knownScreen) head() []string {
	w := s.words.Review
	columns := s.knownColumns(review.Counted(s.items))
	sum := newPen(s.w).space(styles.Style{}, 2)
	for i, c := range columns {
		if i > 0 {
			sum.put(s.styles.Dim, "  ")
		}
		glyph, look := s.shape(c.state)
		sum.put(look, glyph+" "+strconv.Itoa(c.n)+" "+c.name)
	}
	lines := []string{blank(s.w), newPen(s.w).space(styles.Style{}, 2).put(s.styles.Title, w.Known).line(), sum.line(), blank(s.w)}
	p := newPen(s.wide()).space(styles.Style{}, 5)
	p.column(styles.Style{}, "", s.titleRoom(s.wide()))
	p.space(styles.Style{}, s.marksWidth())
	for _, c := range columns {
		p.columnRight(s.styles.Dim, c.name, c.width)
	}
	return append(lines, newPen(s.w).raw(p.line(), s.wide()).line())
}

// titleRoom is how much of a row of w cells is for the title of a lesson.
func (s *knownScreen) titleRoom(w int) int {
	room := w - 5 - s.marksWidth() - 1
	for _, c := range s.knownColumns(review.Counts{}) {
		room -= c.width
	}
	return max(8, room)
}

func (s *knownScreen) row(i, w int) string {
	r, st := s.rows[i], s.styles
	p := newPen(w)
	text, cursor := styles.Style{}, " "
	if i == s.cursor {
		text, cursor = st.Selected, st.Glyphs.Cursor
	}
	over := func(look styles.Style) styles.Style {
		if i == s.cursor {
			return text
		}
		return look
	}
	if r.item != nil {
		glyph, look := s.shape(r.item.State)
		when := ""
		if r.item.State != review.Unasked {
			when = fmt.Sprintf(s.words.Review.DueIn, s.in(review.When(r.item.In)))
		}
		p.put(text, " "+cursor+"     ").put(over(look), glyph+" ")
		p.column(text, s.in(r.item.Question.Title), max(8, p.left-15-15-1)).put(text, " ")
		return p.column(over(look), s.in(r.item.State.Text()), 15).column(over(st.Dim), when, 14).filled(text)
	}
	fold := st.Glyphs.Folded
	if s.opened[r.lesson.ID] {
		fold = st.Glyphs.Open
	}
	p.put(text, " "+cursor+" ").put(over(st.Dim), fold+" ")
	p.column(text, s.in(r.lesson.Title), s.titleRoom(w))
	if room := s.marksWidth(); room > 0 {
		s.questionMarks(p, r.lesson, room, over)
	}
	for _, c := range s.knownColumns(s.counts[r.lesson.ID]) {
		glyph, look := s.shape(c.state)
		if c.n == 0 {
			glyph, look = " ", st.Dim
		}
		p.columnRight(over(look), glyph+" "+strconv.Itoa(c.n), c.width)
	}
	return p.filled(text)
}

// questionMarks draws a mark for each question of a lesson, as many as fit.
func (s *knownScreen) questionMarks(p *pen, l *lessons.Lesson, room int, over func(styles.Style) styles.Style) {
	marks := s.marks[l.ID]
	p.put(over(styles.Style{}), "  ")
	room -= 2
	if len(marks) > room {
		marks = marks[:room-1]
	}
	for _, state := range marks {
		glyph, look := s.shape(state)
		p.put(over(look), glyph)
	}
	room -= len(marks)
	if len(marks) < len(s.marks[l.ID]) {
		p.put(over(s.styles.Dim), "…")
		room--
	}
	p.space(over(styles.Style{}), room)
}

// foot says more of the row under the cursor.
func (s *knownScreen) foot() []string {
	words := s.words.Review
	text := ""
	if s.cursor < len(s.rows) {
		switch r := s.rows[s.cursor]; {
		case r.item == nil:
			text = s.aboutLesson(r.lesson)
		case r.item.State == review.Unasked:
			text = s.in(r.item.Likely())
		default:
			text = fmt.Sprintf(words.LastLine, s.in(r.item.Likely()), s.in(review.When(r.item.In)))
		}
	}
	lines := []string{blank(s.w)}
	for _, l := range markdown.Wrap(text, max(1, s.w-4)) {
		lines = append(lines, newPen(s.w).space(styles.Style{}, 2).put(styles.Style{}, strings.TrimRight(l, " ")).line())
	}
	return sized(lines, s.w, 3)
}

// aboutLesson says when the questions of a lesson are due.
func (s *knownScreen) aboutLesson(l *lessons.Lesson) string {
	words := s.words.Review
	f := review.Outlook(&lessons.Course{Modules: []lessons.Module{{Lessons: []*lessons.Lesson{l}}}}, s.progress, s.now)
	switch coming := s.in(f.Coming()); {
	case f.Asked == 0:
		return words.NotBegun
	case f.Due > 0:
		return fmt.Sprintf(words.DueLesson, f.Due)
	default:
		return fmt.Sprintf(words.Next, coming)
	}
}
