package review

import (
	"cmp"
	"hash/fnv"
	"slices"
	"strconv"
	"time"

	"github.com/k8stutor/k8stutor/lessons"
)

// State is how well a question is known now.
type State string

// The states of a question.
const (
	Unasked    State = "unasked"
	Remembered State = "remembered" // not due
	Fading     State = "fading"     // due, and more likely known than not
	Forgotten  State = "forgotten"  // answered wrong, or not likely known any more
)

// fadingAbove is the chance of a right answer below which a question counts as
// forgotten.
const fadingAbove = 0.7

// Item is a question and how well it is known.
type Item struct {
	Lesson   *lessons.Lesson
	Question *lessons.Question
	State    State
	// Chance is the chance of a right answer now, 0 to 1.
	Chance float64
	// Missed says that it was answered wrong, and has not been answered right
	// since but within the same sitting.
	Missed bool
	// LastRight says how it was answered last.
	LastRight bool
	// Asked is how often it has been answered.
	Asked int
	// In is the number of days until it is due: 0 is today, 1 tomorrow. It is not
	// less than 0, and has no meaning for an unasked one.
	In int

	overdue int // days for which it has been due
}

// Due reports whether it is to be asked now.
func (i Item) Due() bool { return i.State != Unasked && i.In == 0 }

// Counts says how many questions are in which state.
type Counts struct{ Unasked, Remembered, Fading, Forgotten int }

func (c *Counts) add(s State) {
	switch s {
	case Unasked:
		c.Unasked++
	case Remembered:
		c.Remembered++
	case Fading:
		c.Fading++
	case Forgotten:
		c.Forgotten++
	}
}

// Survey looks at every question of a course, in its order. What the progress
// knows of questions that the course does not have is left alone.
func Survey(course *lessons.Course, p lessons.Progress, now time.Time) []Item {
	if course == nil {
		return nil
	}
	var items []Item
	watch(course, p, now, func(l *lessons.Lesson, q *lessons.Question, qp *lessons.QuestionProgress, m lessons.Memory, known bool, in, overdue int) {
		item := Item{Lesson: l, Question: q, State: Unasked}
		if known {
			item = Item{Lesson: l, Question: q, Asked: qp.Right + qp.Wrong, LastRight: m.Grade != int(Again), Missed: !m.Missed.IsZero(),
				In: in, overdue: overdue}
			item.Chance, item.State = judge(m, in, now)
		}
		items = append(items, item)
	})
	return items
}

// Look looks at one question of a lesson.
func Look(l *lessons.Lesson, q *lessons.Question, p lessons.Progress, now time.Time) Item {
	one := *l
	one.Questions = []*lessons.Question{q}
	item := Survey(&lessons.Course{Modules: []lessons.Module{{Lessons: []*lessons.Lesson{&one}}}}, p, now)[0]
	item.Lesson = l
	return item
}

// Counted counts items by their state.
func Counted(items []Item) Counts {
	var c Counts
	for _, i := range items {
		c.add(i.State)
	}
	return c
}

// judge says how likely a question is known, and in one word.
func judge(m lessons.Memory, in int, now time.Time) (float64, State) {
	w := defaultWeights()
	chance := w.chance(memory{m.Stability, m.Difficulty}, max(0, now.Sub(m.At).Hours()/24))
	switch {
	case m.Grade == int(Again), in == 0 && chance < fadingAbove:
		return chance, Forgotten
	case in == 0, !m.Missed.IsZero():
		return chance, Fading
	}
	return chance, Remembered
}

// Forecast says when questions are due.
type Forecast struct {
	Due int // today
	// Later are the days to come on which some are, the nearest first.
	Later []Later
	Asked int // questions that have been answered at least once
}

// Later is a number of questions that are due in so many days.
type Later struct{ Days, Questions int }

// Outlook forecasts for the questions of a course. It is quick enough for the way
// to a first frame: 5,000 questions take less than 2 ms.
func Outlook(course *lessons.Course, p lessons.Progress, now time.Time) Forecast {
	var f Forecast
	if course == nil || len(p.Lessons) == 0 {
		return f
	}
	var later [MaxDays + 1]int
	watch(course, p, now, func(_ *lessons.Lesson, _ *lessons.Question, _ *lessons.QuestionProgress, _ lessons.Memory, known bool, in, _ int) {
		switch {
		case !known:
			return
		case in == 0:
			f.Due++
		default:
			later[in]++
		}
		f.Asked++
	})
	for days, n := range later {
		if n > 0 {
			f.Later = append(f.Later, Later{days, n})
		}
	}
	return f
}

// watch calls see for every question with what is remembered of it, in how many
// days it is due, and for how many it has been.
func watch(course *lessons.Course, p lessons.Progress, now time.Time,
	see func(l *lessons.Lesson, q *lessons.Question, qp *lessons.QuestionProgress, m lessons.Memory, known bool, in, overdue int)) {
	today, zone := day(now), now.Location()
	paced := newPace(p)
	for _, module := range course.Modules {
		for _, l := range module.Lessons {
			lp := p.Lessons[l.ID]
			if lp == nil {
				lp = &lessons.LessonProgress{}
			}
			for _, q := range l.Questions {
				qp := lp.Quiz[q.ID]
				m, known := remembered(qp, zone)
				in := 0
				if known {
					answered := day(m.At.In(zone))
					in = answered + m.Days - today
					switch {
					case answered > today: // the clock was ahead of itself
						in = 0
					case !m.Missed.IsZero() && paced.since(l.ID, m.Missed) >= lessonsBetween:
						in = 0
					}
				}
				see(l, q, qp, m, known, max(0, in), max(0, -in))
			}
		}
	}
}

// Due returns the items to be asked now: those that have waited longest first,
// and among them the lessons mixed, always in the same way on one day.
func Due(items []Item, now time.Time) []Item {
	return ordered(slices.DeleteFunc(slices.Clone(items), func(i Item) bool { return !i.Due() }), now)
}

// Asked returns all items that have been asked before, those that are due first.
func Asked(items []Item, now time.Time) []Item {
	return ordered(slices.DeleteFunc(slices.Clone(items), func(i Item) bool { return i.State == Unasked }), now)
}

func ordered(items []Item, now time.Time) []Item {
	today := day(now)
	mixed := make(map[*lessons.Question]uint64, len(items))
	for _, i := range items {
		h := fnv.New64a()
		_, _ = h.Write([]byte(i.Lesson.ID + "\x00" + i.Question.ID + "\x00" + strconv.Itoa(today))) // a hash never fails
		mixed[i.Question] = h.Sum64()
	}
	slices.SortFunc(items, func(a, b Item) int {
		return cmp.Or(cmp.Compare(a.In, b.In), cmp.Compare(b.overdue, a.overdue), cmp.Compare(mixed[a.Question], mixed[b.Question]))
	})
	return items
}
