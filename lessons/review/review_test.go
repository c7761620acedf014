package review

import (
	"encoding/json"
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/k8stutor/k8stutor/lessons"
)

// course has a number of lessons of a number of questions each.
func course(ls, qs int) *lessons.Course {
	c := &lessons.Course{ID: "c", Modules: []lessons.Module{{ID: "m"}}}
	for i := range ls {
		l := &lessons.Lesson{ID: fmt.Sprint("l", i)}
		for j := range qs {
			l.Questions = append(l.Questions, &lessons.Question{ID: fmt.Sprint("q", j)})
		}
		c.Modules[0].Lessons = append(c.Modules[0].Lessons, l)
	}
	return c
}

func at(s string) time.Time {
	t, err := time.ParseInLocation("2006-01-02 15:04", s, time.FixedZone("Beijing", 8*3600))
	if err != nil {
		panic(err)
	}
	return t
}

// learner answers the one question of a course of one lesson.
type learner struct {
	course   *lessons.Course
	progress lessons.Progress
}

func newLearner() *learner { return &learner{course: course(4, 1)} }

func (l *learner) answers(right bool, t time.Time) { Answer(&l.progress, "l0", "q0", right, t) }

func (l *learner) item(t time.Time) Item { return Survey(l.course, l.progress, t)[0] }

func TestARightAnswerRestsForTwoDaysAndALongerTimeAfterEach(t *testing.T) {
	t.Parallel()
	l := newLearner()
	now := at("2026-11-23 20:00")
	if i := l.item(now); i.State != Unasked || i.Due() {
		t.Fatalf("before the first answer: %+v", i)
	}
	var rests []int
	for range 8 {
		l.answers(true, now)
		i := l.item(now)
		if i.State != Remembered || i.Due() || !i.LastRight {
			t.Fatalf("after a right answer: %+v", i)
		}
		rests = append(rests, i.In)
		if eve := now.AddDate(0, 0, i.In-1); l.item(eve).Due() {
			t.Errorf("due on %s, a day early", eve)
		}
		now = now.AddDate(0, 0, i.In)
		if i := l.item(now); !i.Due() || i.State != Fading {
			t.Fatalf("on the day: %+v", i)
		}
	}
	if diff := cmp.Diff([]int{2, 11, 46, 163, MaxDays, MaxDays, MaxDays, MaxDays}, rests); diff != "" {
		t.Errorf("days of rest (-want +got):\n%s", diff)
	}
}

func TestAWrongAnswerComesBackTheNextDay(t *testing.T) {
	t.Parallel()
	for _, again := range []bool{false, true} {
		l := newLearner()
		l.answers(false, at("2026-11-23 20:00"))
		if i := l.item(at("2026-11-23 20:01")); i.Due() || i.State != Forgotten || !i.Missed {
			t.Errorf("at once: %+v", i)
		}
		if again {
			l.answers(true, at("2026-11-23 20:05"))
			if i := l.item(at("2026-11-23 20:06")); i.Due() || i.State != Fading || !i.Missed {
				t.Errorf("after the right one: %+v", i)
			}
		}
		if i := l.item(at("2026-11-24 03:59")); i.Due() {
			t.Errorf("the night belongs to the day before: %+v", i)
		}
		if i := l.item(at("2026-11-24 04:00")); !i.Due() {
			t.Errorf("the next day, answered right meanwhile: %v: %+v", again, i)
		}
		l.answers(true, at("2026-11-24 19:00"))
		if i := l.item(at("2026-11-24 19:01")); i.Missed || i.State != Remembered || i.In < 1 {
			t.Errorf("after the right answer of the next day: %+v", i)
		}
	}
}

func TestAWrongAnswerComesBackAfterTwoOtherLessons(t *testing.T) {
	t.Parallel()
	l := newLearner()
	read := func(lesson, when string) { l.progress.Lesson(lesson).Read["p"] = at(when) }
	read("l3", "2026-11-23 18:00") // before
	l.answers(false, at("2026-11-23 20:00"))
	read("l0", "2026-11-23 20:05") // its own lesson
	read("l1", "2026-11-23 20:10")
	if i := l.item(at("2026-11-23 20:11")); i.Due() {
		t.Errorf("after one other lesson: %+v", i)
	}
	l.progress.Lesson("l2").Passed["s"] = at("2026-11-23 20:20")
	if i := l.item(at("2026-11-23 20:21")); !i.Due() || i.State == Remembered {
		t.Errorf("after two other lessons: %+v", i)
	}
	l.answers(true, at("2026-11-23 20:30"))
	if i := l.item(at("2026-11-23 20:31")); i.Due() || i.Missed {
		t.Errorf("it came back and was right: %+v", i)
	}
	// Answers in other lessons are no work in them: a review asks of all.
	m := newLearner()
	m.answers(false, at("2026-11-23 20:00"))
	Answer(&m.progress, "l1", "q0", true, at("2026-11-23 20:10"))
	Answer(&m.progress, "l2", "q0", true, at("2026-11-23 20:11"))
	if m.item(at("2026-11-23 20:12")).Due() {
		t.Error("answers alone brought it back")
	}
}

// TestDaysPass lets the days pass on a real clock.
func TestDaysPass(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := newLearner()
		l.answers(true, time.Now())
		asked := 0
		for range 400 {
			time.Sleep(24 * time.Hour)
			if i := l.item(time.Now()); i.Due() {
				asked++
				l.answers(asked != 2, time.Now()) // one lapse
			}
		}
		if asked < 6 || asked > 16 {
			t.Errorf("asked %d times in 400 days", asked)
		}
	})
}

func TestAClockThatIsWrongDoesNoHarm(t *testing.T) {
	t.Parallel()
	// Answered by a clock years ahead: it is due at once, not in years.
	l := newLearner()
	l.answers(true, at("2041-01-01 12:00"))
	now := at("2026-11-23 20:00")
	if i := l.item(now); !i.Due() {
		t.Errorf("an answer of the future: %+v", i)
	}
	l.answers(true, now)
	if i := l.item(now); i.Due() || i.In > 3 {
		t.Errorf("after it was answered: %+v", i)
	}
	// The clock jumps ahead between two answers: the memory moves by a bounded step.
	l = newLearner()
	l.answers(true, now)
	l.answers(true, at("2099-01-01 12:00"))
	if m := l.progress.Lessons["l0"].Quiz["q0"].Memory; m.Stability > 200 || m.Days > MaxDays {
		t.Errorf("a jump of the clock made %+v", m)
	}
	// Set back: the answer counts as one of the same day.
	l = newLearner()
	l.answers(true, now)
	before := *l.progress.Lessons["l0"].Quiz["q0"].Memory
	l.answers(true, at("1999-01-01 12:00"))
	if m := l.progress.Lessons["l0"].Quiz["q0"].Memory; m.Stability != before.Stability {
		t.Errorf("a clock set back made %+v of %+v", m, before)
	}
	if i := l.item(now); !i.Due() {
		t.Errorf("27 years after: %+v", i)
	}
}

func TestWhatAnOlderProgramWroteIsTaken(t *testing.T) {
	t.Parallel()
	now := at("2026-11-23 20:00")
	for name, c := range map[string]struct {
		file  string
		state State
		in    int
	}{
		"right yesterday":            {`{"right":1,"last":"2026-11-22T20:00:00+08:00","lastRight":true}`, Remembered, 1},
		"right long ago":             {`{"right":3,"wrong":1,"last":"2026-01-01T20:00:00+08:00","lastRight":true}`, Forgotten, 0},
		"right last week":            {`{"right":3,"wrong":1,"last":"2026-11-17T20:00:00+08:00","lastRight":true}`, Fading, 0},
		"wrong today":                {`{"wrong":1,"last":"2026-11-23T19:00:00+08:00"}`, Forgotten, 1},
		"no time at all":             {`{"right":1,"lastRight":true}`, Forgotten, 0},
		"nothing":                    {`{}`, Unasked, 0},
		"less than nothing":          {`{"right":-5,"wrong":-1}`, Unasked, 0},
		"memory by a newer program":  {`{"right":1,"last":"2026-11-22T20:00:00+08:00","lastRight":true,"memory":{"at":"2026-11-22T20:00:00+08:00","grade":3,"stability":9,"difficulty":2,"days":9,"mood":"good"}}`, Remembered, 8},
		"answered by an older since": {`{"right":1,"wrong":1,"last":"2026-11-23T19:00:00+08:00","memory":{"at":"2026-11-20T20:00:00+08:00","grade":3,"stability":9,"difficulty":2,"days":9}}`, Forgotten, 1},
		"numbers out of bounds":      {`{"right":1,"last":"2026-11-22T20:00:00+08:00","lastRight":true,"memory":{"at":"2026-11-22T20:00:00+08:00","grade":3,"stability":-1e300,"difficulty":1e300,"days":-7}}`, Forgotten, 0},
		"grade that is none":         {`{"right":1,"last":"2026-11-22T20:00:00+08:00","lastRight":true,"memory":{"at":"2026-11-22T20:00:00+08:00","grade":77,"stability":5,"difficulty":5,"days":1000000}}`, Remembered, 1},
	} {
		var qp lessons.QuestionProgress
		if err := json.Unmarshal([]byte(c.file), &qp); err != nil {
			t.Fatal(err)
		}
		l := newLearner()
		l.progress.Lesson("l0").Quiz["q0"] = &qp
		if i := l.item(now); i.State != c.state || i.In != c.in {
			t.Errorf("%s: %s in %d days, want %s in %d", name, i.State, i.In, c.state, c.in)
		}
	}
}

func TestOtherCoursesAndQuestionsThatAreGoneAreLeftAlone(t *testing.T) {
	t.Parallel()
	l := newLearner()
	now := at("2026-11-23 20:00")
	for _, id := range []string{"l0", "acme/l0", "gone"} {
		for _, q := range []string{"q0", "gone"} {
			Answer(&l.progress, id, q, id == "l0", now)
		}
	}
	if items := Survey(l.course, l.progress, now); len(items) != 4 || items[0].Asked != 1 || items[0].State != Remembered || items[1].State != Unasked {
		t.Errorf("the survey is %+v", items)
	}
	if l.progress.Lessons["gone"].Quiz["gone"] == nil {
		t.Error("what is gone from the course was forgotten")
	}
	if got := Survey(nil, l.progress, now); got != nil {
		t.Errorf("without a course: %v", got)
	}
}

func TestTheOutlookAgreesWithTheSurvey(t *testing.T) {
	t.Parallel()
	c := course(10, 10)
	var p lessons.Progress
	now := at("2026-11-23 20:00")
	for i, l := range c.Lessons() {
		for j, q := range l.Questions[:8] {
			for n := range 1 + j%4 {
				Answer(&p, l.ID, q.ID, (i+j+n)%3 != 0, now.AddDate(0, 0, -12+i+n))
			}
		}
	}
	f := Outlook(c, p, now)
	due, later := 0, map[int]int{}
	for _, i := range Survey(c, p, now) {
		switch {
		case i.Due():
			due++
		case i.State != Unasked:
			later[i.In]++
		}
	}
	if f.Due != due || f.Due == 0 || f.Asked != 80 || len(f.Later) != len(later) || len(later) == 0 {
		t.Errorf("the outlook is %+v, the survey has %d due and %v", f, due, later)
	}
	for i, l := range f.Later {
		if later[l.Days] != l.Questions || i > 0 && l.Days <= f.Later[i-1].Days {
			t.Errorf("the outlook is %+v, the survey has %v", f, later)
		}
	}
	items := Due(Survey(c, p, now), now)
	if len(items) != due {
		t.Errorf("%d items are due, want %d", len(items), due)
	}
	if !slices.IsSortedFunc(items, func(a, b Item) int { return b.overdue - a.overdue }) {
		t.Error("what has waited longest is not first")
	}
	same := Due(Survey(c, p, now), now)
	for i := range items {
		if items[i].Question != same[i].Question {
			t.Fatal("the order changes between two looks")
		}
	}
	if asked := Asked(Survey(c, p, now), now); len(asked) != 80 || !asked[due-1].Due() || asked[due].Due() {
		t.Errorf("%d of 80 were asked before, those due first", len(asked))
	}
}

func TestWhatIsWrongComesAgainAtTheEndOfTheSession(t *testing.T) {
	t.Parallel()
	c := course(1, 3)
	s := Begin(Survey(c, lessons.Progress{}, at("2026-11-23 20:00")))
	var order []string
	for tries := map[string]int{}; ; {
		item, ok := s.Now()
		if !ok {
			break
		}
		id := item.Question.ID
		if again := s.Again(); again != (tries[id] > 0) {
			t.Errorf("%s after %d tries: again is %v", id, tries[id], again)
		}
		order = append(order, id)
		tries[id]++
		s.Answered(id == "q1" || tries[id] == 3)
	}
	if diff := cmp.Diff([]string{"q0", "q1", "q2", "q0", "q2", "q0", "q2"}, order); diff != "" {
		t.Errorf("order (-want +got):\n%s", diff)
	}
	var went []string
	for _, a := range s.Askings() {
		went = append(went, fmt.Sprint(a.Item.Question.ID, a.Right, a.Tries))
	}
	if diff := cmp.Diff([]string{"q0false 3", "q1true 1", "q2false 3"}, went); diff != "" {
		t.Errorf("how it went (-want +got):\n%s", diff)
	}
	s.Answered(true) // after the end nothing happens
	if s.Left() != 0 || s.Again() {
		t.Errorf("%d left after the end", s.Left())
	}
}

func big() (*lessons.Course, lessons.Progress, time.Time) {
	c := course(500, 10)
	var p lessons.Progress
	now := at("2026-11-23 20:00")
	for i, l := range c.Lessons() {
		for j, q := range l.Questions {
			Answer(&p, l.ID, q.ID, (i+j)%5 != 0, now.AddDate(0, 0, -(i+j)%30))
		}
		p.Lesson(l.ID).Read["p"] = now.AddDate(0, 0, -i%30)
	}
	return c, p, now
}

func BenchmarkOutlookOf5000Questions(b *testing.B) {
	c, p, now := big()
	for b.Loop() {
		if f := Outlook(c, p, now); f.Asked != 5000 {
			b.Fatal(f)
		}
	}
}

func BenchmarkSurveyOf5000Questions(b *testing.B) {
	c, p, now := big()
	for b.Loop() {
		if items := Survey(c, p, now); len(items) != 5000 {
			b.Fatal(len(items))
		}
	}
}
