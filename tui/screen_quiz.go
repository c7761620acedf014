package tui

import (
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"slices"

	tea "charm.land/bubbletea/v2"

	"github.com/k8stutor/k8stutor/lessons"
)

// quizScreen asks the questions of a lesson, one after the other, says for each
// choice why it is right or wrong, and at the end goes through the wrong ones
// again.
type quizScreen struct {
	*scene
	lesson *lessons.Lesson
	w, h   int
	view   scroll
	text   []string
	rows   []int // line of each choice in text

	round   []*lessons.Question
	at      int
	results map[string]bool // of this round, by question: answered right
	over    bool            // the summary is shown

	shown   []int // choices in the order in which they are shown
	cursor  int
	picked  map[int]bool // by index of the option
	input   input
	typing  bool
	marking *lessons.Marking // nil before the answer

	pressed   string // the key that is being handled
	inputLine int    // line in which the command is typed, -1 when there is none
}

func newQuizScreen(s *scene, l *lessons.Lesson) *quizScreen {
	q := &quizScreen{scene: s, lesson: l}
	q.begin(l.Questions)
	return q
}

func (s *quizScreen) title() []string {
	if s.over {
		return []string{s.in(s.lesson.Title), s.words.Quiz.Title}
	}
	return []string{s.in(s.lesson.Title), fmt.Sprintf(s.words.Quiz.QuestionOf, s.at+1, len(s.round))}
}

func (s *quizScreen) capturing() capture {
	if s.typing {
		return captureText
	}
	return captureNone
}

// begin starts a round of questions.
func (s *quizScreen) begin(round []*lessons.Question) {
	s.round, s.results, s.over = round, map[string]bool{}, false
	s.put(0)
}

// put puts question n.
func (s *quizScreen) put(n int) {
	s.at = n
	q := s.question()
	s.cursor, s.picked, s.marking, s.input = 0, map[int]bool{}, nil, input{}
	s.typing = q.Kind == lessons.Command
	s.shown = s.shuffled(q)
	s.view.top = 0
}

func (s *quizScreen) question() *lessons.Question { return s.round[s.at] }

// shuffled is the order in which a question's choices are shown: another one
// each time it is asked, and never the right one for a question of order.
func (s *quizScreen) shuffled(q *lessons.Question) []int {
	order := make([]int, len(q.Options))
	for i := range order {
		order[i] = i
	}
	if q.Kind == lessons.TrueFalse || len(order) < 2 {
		return order
	}
	asked := 0
	if qp := s.lessonProgress(s.lesson.ID).Quiz[q.ID]; qp != nil {
		asked = qp.Right + qp.Wrong
	}
	h := fnv.New64a()
	h.Write([]byte(q.ID))
	r := rand.New(rand.NewPCG(h.Sum64(), uint64(asked)))
	right := slices.Clone(order)
	r.Shuffle(len(order), func(i, j int) { order[i], order[j] = order[j], order[i] })
	if q.Kind == lessons.Order && slices.Equal(order, right) {
		order[0], order[1] = order[1], order[0]
	}
	return order
}

func (s *quizScreen) Resize(w, h int) {
	s.w, s.h = w, h
	s.layOut()
}

// layOut builds the lines and keeps the selected choice on the screen.
func (s *quizScreen) layOut() {
	s.text, s.rows, s.inputLine = nil, nil, -1
	if s.over {
		s.buildSummary(min(s.w-4, textWidth))
	} else {
		s.buildQuestion(min(s.w-4, textWidth))
	}
	s.view.fit(s.h, len(s.text))
}

// follow scrolls so that the choice under the cursor, or the line being typed,
// can be seen.
func (s *quizScreen) follow() {
	switch {
	case s.marking != nil || s.over:
	case s.inputLine >= 0:
		s.view.show(s.inputLine)
	case s.cursor < len(s.rows):
		if s.cursor+1 < len(s.rows) {
			s.view.show(s.rows[s.cursor+1] - 1)
		} else {
			s.view.show(len(s.text) - 1)
		}
		s.view.show(s.rows[s.cursor])
	}
}

func (s *quizScreen) Update(msg tea.Msg) (action, tea.Cmd) {
	var a action
	var cmd tea.Cmd
	switch msg := msg.(type) {
	case tea.KeyPressMsg:
		var done bool
		s.pressed = msg.String()
		a, cmd, done = press(msg, s.bindings())
		if !done && s.typing {
			s.input.key(msg)
		}
		s.layOut()
		s.follow()
	case tea.PasteMsg:
		if s.typing {
			s.input.insert(msg.Content)
		}
		s.layOut()
	case tea.MouseWheelMsg:
		s.view.by(wheel(msg))
	}
	return a, cmd
}

func (s *quizScreen) bindings() []bound {
	k := s.keys
	back := asks(k.Back, goBack{})
	switch {
	case s.over:
		var bs []bound
		if wrong := s.wrong(); len(wrong) > 0 {
			bs = append(bs, does(k.Again, func() { s.begin(wrong) }))
		}
		bs = append(bs, back)
		return append(bs, k.scrolling(&s.view)...)
	case s.marking != nil:
		bs := []bound{does(k.Next, s.next), back}
		return append(bs, k.scrolling(&s.view)...)
	case s.typing:
		return []bound{on(k.Send, s.send), does(k.Cancel, func() { s.typing = false })}
	}
	var bs []bound
	send := on(k.Send, s.send)
	giveUp := on(k.Solution, s.giveUp)
	giveUp.SetHelp(giveUp.Help().Key, s.words.Quiz.GiveUp)
	switch s.question().Kind {
	case lessons.Command:
		bs = append(bs, does(k.TypeIt, func() { s.typing = true }))
		if s.input.text != "" {
			bs = append(bs, send)
		}
	case lessons.Multiple:
		bs = append(bs, does(k.Toggle, s.toggle), send)
	case lessons.Order:
		bs = append(bs, does(k.MoveDown, func() { s.carry(1) }), does(k.MoveUp, func() { s.carry(-1) }), send)
	default:
		bs = append(bs, on(k.Choose, s.send))
	}
	if s.question().Kind != lessons.Command {
		pick := k.Pick
		pick.SetKeys(pick.Keys()[:min(len(s.shown), 9)]...)
		bs = append(bs, hidden(does(pick, func() { s.cursor = int(s.pressed[0] - '1') }))...)
		bs = append(bs, does(k.Down, func() { s.step(1) }), does(k.Up, func() { s.step(-1) }))
	}
	return append(bs, giveUp, back)
}

func (s *quizScreen) step(n int) { s.cursor = max(0, min(s.cursor+n, len(s.shown)-1)) }

func (s *quizScreen) toggle() {
	i := s.shown[s.cursor]
	s.picked[i] = !s.picked[i]
}

// carry moves the line under the cursor n places.
func (s *quizScreen) carry(n int) {
	to := s.cursor + n
	if to < 0 || to >= len(s.shown) {
		return
	}
	s.shown[s.cursor], s.shown[to] = s.shown[to], s.shown[s.cursor]
	s.cursor = to
}

// response is what the learner has answered; false while it is nothing.
func (s *quizScreen) response() (lessons.Response, bool) {
	switch s.question().Kind {
	case lessons.Command:
		return lessons.Response{Text: s.input.text}, s.input.text != ""
	case lessons.Order:
		return lessons.Response{Choices: slices.Clone(s.shown)}, true
	case lessons.Multiple:
		var r lessons.Response
		for i := range s.question().Options {
			if s.picked[i] {
				r.Choices = append(r.Choices, i)
			}
		}
		return r, len(r.Choices) > 0
	}
	return lessons.Response{Choices: []int{s.shown[s.cursor]}}, true
}

func (s *quizScreen) send() (action, tea.Cmd) {
	r, ok := s.response()
	if !ok {
		return say{notice{text: s.words.Quiz.Nothing}}, nil
	}
	return s.mark(r)
}

// giveUp shows the answer; it counts as a wrong one.
func (s *quizScreen) giveUp() (action, tea.Cmd) {
	return s.mark(lessons.Response{})
}

func (s *quizScreen) mark(r lessons.Response) (action, tea.Cmd) {
	q := s.question()
	m := q.Mark(r)
	s.marking, s.typing = &m, false
	s.results[q.ID] = m.Right
	s.view.top = 0
	lesson, id, right, now := s.lesson.ID, q.ID, m.Right, s.now
	return save{func(p *lessons.Progress) {
		enter(p, lesson, lessons.PlaceQuiz, id).Answered(id, right, now)
	}}, nil
}

func (s *quizScreen) next() {
	if s.at+1 < len(s.round) {
		s.put(s.at + 1)
		return
	}
	s.over, s.marking = true, nil
	s.view.top = 0
}

// wrong are the questions of this round that were not answered right.
func (s *quizScreen) wrong() []*lessons.Question {
	var wrong []*lessons.Question
	for _, q := range s.round {
		if !s.results[q.ID] {
			wrong = append(wrong, q)
		}
	}
	return wrong
}

func (s *quizScreen) View() (string, *tea.Cursor) {
	lines := s.view.window(s.styles, s.text, s.w)
	row := s.inputLine - s.view.top
	if !s.typing || s.inputLine < 0 || row < 0 || row >= s.h {
		return join(lines), nil
	}
	return join(lines), tea.NewCursor(4+s.input.column(s.inputRoom()), row)
}
