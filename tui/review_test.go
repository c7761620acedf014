package tui

import (
	"fmt"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/k8stutor/k8stutor/lessons"
	"github.com/k8stutor/k8stutor/lessons/review"
)

// learned has the learner answer questions some days ago: one is still known, one
// fades, one is forgotten, one was answered wrong today, one was never asked.
func (b *bench) learned() {
	now := fixedTime()
	for id, answers := range map[string][]struct {
		days  int
		right bool
	}{
		"which": {{-7, true}, {-5, true}},
		"ports": {{-3, true}},
		"stays": {{-200, true}},
		"path":  {{-1, true}, {0, false}},
	} {
		for _, a := range answers {
			review.Answer(&b.store.p, "services", id, a.right, now.AddDate(0, 0, a.days))
		}
	}
	b.read()
}

// read has the App read the progress anew.
func (b *bench) read() { b.send(savedMsg{seq: b.app.keeper.seq, progress: b.store.Progress()}) }

// reviewScenes are the states of the review whose frames are kept.
func reviewScenes() map[string]func(b *bench) {
	return map[string]func(b *bench){
		"home-due":      func(b *bench) { b.learned() },
		"home-later":    func(b *bench) { review.Answer(&b.store.p, "services", "which", true, fixedTime()); b.read() },
		"review":        func(b *bench) { b.learned(); b.app.act(goReview{}, nil) },
		"review-marked": func(b *bench) { b.learned(); b.app.act(goReview{}, nil); b.answer(true) },
		"review-wrong":  func(b *bench) { b.learned(); b.app.act(goReview{}, nil); b.answer(false) },
		"review-again": func(b *bench) {
			b.learned()
			b.app.act(goReview{}, nil)
			b.answer(false)
			b.keys("n")
			b.answer(true)
			b.keys("n")
		},
		"review-end": func(b *bench) { b.learned(); b.app.act(goReview{}, nil); b.reviewAll() },
		"review-nothing": func(b *bench) {
			review.Answer(&b.store.p, "services", "which", true, fixedTime())
			b.read()
			b.app.act(goReview{}, nil)
		},
		"review-none":  func(b *bench) { b.app.act(goReview{}, nil) },
		"known":        func(b *bench) { b.learned(); b.app.act(goKnown{}, nil) },
		"known-opened": func(b *bench) { b.learned(); b.app.act(goKnown{}, nil); b.keys("enter", "j", "j") },
		"known-never":  func(b *bench) { b.app.act(goKnown{}, nil) },
	}
}

// answer answers the question of the review.
func (b *bench) answer(right bool) {
	b.t.Helper()
	s := b.app.top().(*reviewScreen)
	var r lessons.Response
	if right {
		want := s.item.Question.Mark(r).Want
		var err error
		if r, err = lessons.ParseResponse(s.item.Question, want); err != nil {
			b.t.Fatalf("%s is answered by %q: %v", s.item.Question.ID, want, err)
		}
	}
	s.asking.mark(r)
	m, _ := s.asking.answered()
	if m.Right != right {
		b.t.Fatalf("%s was answered %+v, and marked %v", s.item.Question.ID, r, m.Right)
	}
	b.app.act(s.remember(m), nil)
}

// reviewAll answers what is due, the first question wrong at first.
func (b *bench) reviewAll() {
	b.answer(false)
	b.keys("n")
	for s := b.app.top().(*reviewScreen); !s.over(); {
		b.answer(true)
		b.keys("n")
	}
}

func (b *bench) wants(texts ...string) {
	b.t.Helper()
	frame := b.frame()
	for _, text := range texts {
		if !strings.Contains(frame, text) {
			b.t.Errorf("the frame does not show %q:\n%s", text, frame)
		}
	}
}

func TestAReviewAsksWhatIsDueAndTheWrongOnesAgain(t *testing.T) {
	t.Parallel()
	b := newBench(t, lessons.English, 80, 24)
	b.learned()
	b.wants("m → to review today: 2")
	b.keys("m")
	s := b.app.top().(*reviewScreen)
	first := s.item.Question.ID
	if first != "stays" {
		t.Errorf("%s is asked first; what has waited longest is stays", first)
	}
	b.wants("Services", "2 left", "A Pod keeps its address")
	b.answer(false)
	b.wants("comes again at the end", "✗ Not right", "Because of")
	b.keys("n")
	b.wants("2 left", "What has a Service?")
	b.answer(true)
	b.wants("comes back in", "✓ Right")
	b.keys("n")
	b.wants("1 left", "once more: it was answered wrong")
	b.answer(true)
	b.wants("comes back tomorrow")
	b.keys("n")
	b.wants("1 of 2 right at once", "right at try 2", "Next: tomorrow 2")
	b.keys("esc")
	b.wants("next review: tomorrow 2")
}

func TestAReviewThatWasLeftGoesOn(t *testing.T) {
	t.Parallel()
	b := newBench(t, lessons.English, 80, 24)
	b.learned()
	b.keys("m")
	b.answer(false)
	b.keys("n")
	asked := b.app.top().(*reviewScreen).item.Question.ID
	b.keys("v") // the page of the lesson, and back
	if _, there := b.app.top().(*lessonScreen); !there {
		t.Fatalf("v shows a %T", b.app.top())
	}
	b.wants("Services")
	b.keys("esc")
	s, there := b.app.top().(*reviewScreen)
	if !there || s.item.Question.ID != asked {
		t.Fatalf("back from the page a %T is shown", b.app.top())
	}
	b.keys("H", "m")
	if s, there = b.app.top().(*reviewScreen); !there || s.item.Question.ID != asked || s.session.Left() != 2 {
		t.Fatalf("back from home a %T is shown", b.app.top())
	}
	b.answer(true)
	b.keys("n")
	b.wants("once more: it was answered wrong")
}

func TestWhatAnotherProgramAnsweredIsNotAskedAgain(t *testing.T) {
	t.Parallel()
	b := newBench(t, lessons.English, 80, 24)
	b.learned()
	b.keys("m")
	b.wants("2 left")
	review.Answer(&b.store.p, "services", "ports", true, fixedTime())
	cmd := b.send(storeChangedMsg{})
	if cmd == nil {
		t.Fatal("the App does not look")
	}
	b.read()
	b.wants("1 left")
	b.keys("esc", "M")
	b.wants("What you know", "2 known")
	review.Answer(&b.store.p, "services", "list", true, fixedTime())
	b.read()
	b.wants("3 known")
}

func TestTheMapNamesEveryState(t *testing.T) {
	t.Parallel()
	b := newBench(t, lessons.English, 80, 24)
	b.learned()
	b.keys("M")
	b.wants("✓ 1 known", "◐ 1 fading", "✗ 2 forgotten", "○ 1 new", "To review today: 2.")
	b.keys("enter", "j")
	b.wants("Which Pods get traffic?", "You would get it right about 9 times in 10. Asked again")
	b.keys("j", "j", "j")
	b.wants("Answered wrong last time. Asked again tomorrow.")
	b.keys("j")
	b.wants("Not asked yet.")
	b.keys("enter")
	if _, there := b.app.top().(*lessonScreen); !there {
		t.Fatalf("enter on a question shows a %T", b.app.top())
	}
	b.keys("esc")
	if s, there := b.app.top().(*knownScreen); !there || s.rows[s.cursor].item.Question.ID != "list" {
		t.Errorf("back from the page a %T is shown", b.app.top())
	}
	b.keys("k", "k", "k", "k", "k", "enter")
	if strings.Contains(b.frame(), "Which Pods get traffic?") {
		t.Errorf("the lesson is not folded:\n%s", b.frame())
	}
	b.send(tea.MouseClickMsg{X: 10, Y: linesAbove + len(b.app.top().(*knownScreen).head()), Button: tea.MouseLeft})
	b.wants("Which Pods get traffic?") // a click on the selected row opens it
}

// TestTheDayAfter has the answers of a quiz come back.
func TestTheDayAfter(t *testing.T) {
	t.Parallel()
	b := newBench(t, lessons.Chinese, 80, 24)
	now := fixedTime()
	b.app.deps.Now = func() time.Time { return now }
	b.app.act(goQuiz{"services"}, nil)
	b.press("s", "n", "s", "n")
	b.app.act(goHome{}, nil)
	b.wants("下次复习：明天 2 道")
	now = now.AddDate(0, 0, 1)
	b.read()
	b.wants("今天要复习：2 道")
	b.keys("m")
	b.wants("还剩 2 道")
}

// TestAReviewWaitsForTheQuestions asks for it while only the outline is there.
func TestAReviewWaitsForTheQuestions(t *testing.T) {
	t.Parallel()
	b := newBench(t, lessons.English, 80, 24)
	whole := b.app.course
	outline := *whole
	outline.Outlined = true
	b.app.deps.LoadAll = nil
	b.app.course = &outline
	b.learned()
	b.keys("m")
	if _, there := b.app.top().(*homeScreen); !there {
		t.Fatalf("a %T is shown before the questions are there", b.app.top())
	}
	b.send(courseMsg{course: whole})
	if _, there := b.app.top().(*reviewScreen); !there {
		t.Errorf("a %T is shown after the questions are there", b.app.top())
	}
}

// BenchmarkHomeOf5000Questions lays the home screen out when 5,000 questions have
// been answered: what a start pays to say how many are due.
func BenchmarkHomeOf5000Questions(b *testing.B) {
	course := &lessons.Course{ID: "big", Title: both("Big", "大"), Modules: []lessons.Module{{ID: "m", Title: both("M", "模块")}}}
	var p lessons.Progress
	for i := range 500 {
		l := &lessons.Lesson{ID: fmt.Sprint("l", i), Title: both("L", "课")}
		for j := range 10 {
			q := &lessons.Question{ID: fmt.Sprint("q", j), Title: both("Q", "题")}
			l.Questions = append(l.Questions, q)
			review.Answer(&p, l.ID, q.ID, (i+j)%5 != 0, fixedTime().AddDate(0, 0, -(i+j)%30))
		}
		course.Modules[0].Lessons = append(course.Modules[0].Lessons, l)
	}
	c := newCrew(b.Context())
	b.Cleanup(c.end)
	app := newApp(Deps{Course: course, Store: &fakeStore{p: p}, Lang: lessons.English, Now: fixedTime}, c)
	app.Update(tea.WindowSizeMsg{Width: 120, Height: 40})
	app.Update(savedMsg{progress: p})
	home := app.top().(*homeScreen)
	if home.review == "" {
		b.Fatal("nothing is due")
	}
	for b.Loop() {
		home.Resize(120, 37)
	}
}

func TestTheEndOfALessonLeadsToTheReview(t *testing.T) {
	t.Parallel()
	b := newBench(t, lessons.English, 80, 24)
	b.app.act(goLesson{lesson: "services", page: "anatomy"}, nil)
	if strings.Contains(b.frame(), "m review") {
		t.Error("the review is offered to who has answered nothing")
	}
	b.learned()
	b.app.act(goLesson{lesson: "services", page: "why"}, nil)
	b.keys("m")
	if _, there := b.app.top().(*reviewScreen); there {
		t.Error("m leads to the review in the middle of a lesson")
	}
	b.app.act(goLesson{lesson: "services", page: "anatomy"}, nil)
	b.keys("m")
	if _, there := b.app.top().(*reviewScreen); !there {
		t.Fatalf("m at the end of a lesson shows a %T", b.app.top())
	}
	b.keys("esc")
	if _, there := b.app.top().(*lessonScreen); !there {
		t.Errorf("esc leads from the review to a %T", b.app.top())
	}
}
