package review

import (
	"time"

	"github.com/k8stutor/k8stutor/lessons"
)

// lessonsBetween is how many other lessons are worked in before a question that
// was answered wrong comes back, if that is before the next day.
const lessonsBetween = 2

// nightEnds is when a day begins: who learns past midnight has not begun a new
// one.
const nightEnds = 4 * time.Hour

// Answer notes an answer to a question, and when the question is due again. Ask
// for the answer ("show me") is an answer that was not right. at is the time of
// the learner's clock, in the learner's time zone.
func Answer(p *lessons.Progress, lesson, question string, right bool, at time.Time) {
	at = at.Round(0)
	lp := p.Lesson(lesson)
	before, known := remembered(lp.Quiz[question], at.Location())
	back := known && !before.Missed.IsZero() && newPace(*p).since(lesson, before.Missed) >= lessonsBetween
	lp.Answered(question, right, at)
	after := advance(before, known, gradeOf(right), at, back)
	lp.Quiz[question].Memory = &after
}

func gradeOf(right bool) Grade {
	if right {
		return Good
	}
	return Again
}

// remembered returns what is known of a question; false when it has never been
// answered. What a program that knows no memories has counted since is brought
// in.
func remembered(qp *lessons.QuestionProgress, zone *time.Location) (lessons.Memory, bool) {
	if qp == nil || qp.Right <= 0 && qp.Wrong <= 0 {
		return lessons.Memory{}, false
	}
	var m lessons.Memory
	known := qp.Memory != nil && qp.Memory.Grade >= int(Again) && qp.Memory.Grade <= int(Easy)
	if known {
		m = sound(*qp.Memory)
		if m.At.Equal(qp.Last) {
			return m, true
		}
	}
	return advance(m, known, gradeOf(qp.LastRight), qp.Last.In(zone), false), true
}

// sound returns a memory whose numbers are in their bounds, whatever a file held.
func sound(m lessons.Memory) lessons.Memory {
	m.Stability = clamp(m.Stability, minStability, maxStability)
	m.Difficulty = clamp(m.Difficulty, minDifficulty, maxDifficulty)
	m.Days = max(1, min(m.Days, MaxDays))
	return m
}

// advance is a memory after one more answer. back says that the question had come
// back after lessonsBetween lessons.
func advance(m lessons.Memory, known bool, g Grade, at time.Time, back bool) lessons.Memory {
	w := defaultWeights()
	passed := 0
	next := w.first(g)
	if known {
		passed = max(0, day(at)-day(m.At.In(at.Location())))
		next = w.next(memory{m.Stability, m.Difficulty}, passed, g)
	}
	after := lessons.Memory{At: at, Grade: int(g), Stability: next.stability, Difficulty: next.difficulty, Days: w.interval(next, MaxDays)}
	switch {
	case g == Again:
		after.Missed, after.Days = at, 1
	case passed == 0 && !m.Missed.IsZero() && !back:
		after.Missed, after.Days = m.Missed, 1
	}
	return after
}

// day numbers the days of a clock in its time zone.
func day(t time.Time) int {
	_, east := t.Zone()
	seconds := t.Unix() + int64(east) - int64(nightEnds/time.Second)
	if seconds < 0 {
		seconds -= 86399 // rounds down before 1970 too
	}
	return int(seconds / 86400)
}

// pace knows when lessons were last worked in.
type pace struct {
	latest [lessonsBetween + 1]worked // the newest first
}

type worked struct {
	lesson string
	at     time.Time
}

// newPace looks at what was read and done; answers do not count, because a review
// asks of every lesson.
func newPace(p lessons.Progress) *pace {
	out := &pace{}
	for id, lp := range p.Lessons {
		if lp == nil {
			continue
		}
		w := worked{lesson: id}
		for _, times := range []map[string]time.Time{lp.Read, lp.Passed} {
			for _, at := range times {
				if at.After(w.at) {
					w.at = at
				}
			}
		}
		for i := range out.latest {
			if w.at.After(out.latest[i].at) {
				w, out.latest[i] = out.latest[i], w
			}
		}
	}
	return out
}

// since counts the lessons other than one that were worked in after a time, up to
// lessonsBetween.
func (p *pace) since(lesson string, t time.Time) int {
	n := 0
	for _, w := range p.latest {
		if w.lesson != lesson && w.at.After(t) {
			n++
		}
	}
	return min(n, lessonsBetween)
}
