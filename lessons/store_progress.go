package lessons

import (
	"maps"
	"math"
	"slices"
	"time"
)

// ProgressVersion is the version of the progress file that this program writes.
const ProgressVersion = 1

// Progress is what is remembered of a learner. Everything is keyed by ids, so
// that a lesson may be moved or reworded without losing it.
type Progress struct {
	Version int    `json:"version"`
	Learner string `json:"learner,omitempty"` // random id, made at the first save
	Lang    Lang   `json:"lang,omitempty"`
	// Lessons is keyed by lesson id.
	Lessons    map[string]*LessonProgress `json:"lessons,omitempty"`
	LastLesson string                     `json:"lastLesson,omitempty"`
	Cluster    string                     `json:"cluster,omitempty"` // chosen to be used from now on; "" is auto
	Screen     ScreenProgress             `json:"screen,omitzero"`
	SavedAt    time.Time                  `json:"savedAt,omitzero"`
}

// ScreenProgress is what the full screen remembers of a learner.
type ScreenProgress struct {
	Theme    string    `json:"theme,omitempty"`   // "" follows the terminal
	Welcomed time.Time `json:"welcomed,omitzero"` // when the first run was done with
	// Chosen are the ids of what was chosen from the palette, the newest first.
	Chosen []string `json:"chosen,omitempty"`
}

// The places in a lesson where a learner can be.
const (
	PlacePage     = "page"
	PlaceExercise = "exercise"
	PlaceQuiz     = "quiz"
)

// LessonProgress is what is remembered of one lesson.
type LessonProgress struct {
	// Place is where the learner was, and Page the id of the page, step or
	// question there.
	Place   string               `json:"place,omitempty"`
	Page    string               `json:"page,omitempty"`
	Read    map[string]time.Time `json:"read,omitempty"` // by page
	Attempt *Attempt             `json:"attempt,omitempty"`
	Passed  map[string]time.Time `json:"passed,omitempty"` // by step: when it was first passed
	// Verified is when all steps were first passed at one and the same moment.
	Verified time.Time                    `json:"verified,omitzero"`
	Quiz     map[string]*QuestionProgress `json:"quiz,omitempty"`  // by question
	Hints    map[string]int               `json:"hints,omitempty"` // by step: how many were shown
}

// QuestionProgress counts the answers to one question.
type QuestionProgress struct {
	Right     int       `json:"right,omitempty"`
	Wrong     int       `json:"wrong,omitempty"`
	Last      time.Time `json:"last,omitzero"`
	LastRight bool      `json:"lastRight,omitempty"`
	Memory    *Memory   `json:"memory,omitempty"` // see package review
}

// Attempt is one going through the exercise of a lesson, in one workspace.
type Attempt struct {
	WorkspaceUID string                  `json:"workspaceUID,omitempty"`
	ClusterUID   string                  `json:"clusterUID,omitempty"`
	Namespace    string                  `json:"namespace,omitempty"`
	StartedAt    time.Time               `json:"startedAt,omitzero"`
	Steps        map[string]*AttemptStep `json:"steps,omitempty"`
}

// AttemptStep is what an attempt knows of a step that has begun.
type AttemptStep struct {
	BegunAt time.Time `json:"begunAt,omitzero"` // zero: planted, but not seen yet
	// Baseline holds the step's baseline as plain values: string, bool, int64,
	// float64, []any, map[string]any. (A whole float64 comes back as an int64,
	// which CEL compares alike.)
	Baseline map[string]any    `json:"baseline,omitempty"`
	PassedAt *time.Time        `json:"passedAt,omitempty"`
	Answer   string            `json:"answer,omitempty"`
	Outcome  *Outcome          `json:"outcome,omitempty"` // of a prediction
	Planted  map[string]string `json:"planted,omitempty"` // "Kind/name" -> uid
	Seen     map[string]Seen   `json:"seen,omitempty"`    // by "Kind/name": what the step was first passed on; never changed
}

// Lesson returns the progress of a lesson for changing it, with every map made;
// only for use in Store.Update.
func (p *Progress) Lesson(id string) *LessonProgress {
	if p.Lessons == nil {
		p.Lessons = map[string]*LessonProgress{}
	}
	lp := p.Lessons[id]
	if lp == nil {
		lp = &LessonProgress{}
		p.Lessons[id] = lp
	}
	if lp.Read == nil {
		lp.Read = map[string]time.Time{}
	}
	if lp.Passed == nil {
		lp.Passed = map[string]time.Time{}
	}
	if lp.Quiz == nil {
		lp.Quiz = map[string]*QuestionProgress{}
	}
	if lp.Hints == nil {
		lp.Hints = map[string]int{}
	}
	return lp
}

// Answered counts an answer to a question.
func (lp *LessonProgress) Answered(question string, right bool, at time.Time) {
	if lp.Quiz == nil {
		lp.Quiz = map[string]*QuestionProgress{}
	}
	q := lp.Quiz[question]
	if q == nil {
		q = &QuestionProgress{}
		lp.Quiz[question] = q
	}
	if right {
		q.Right++
	} else {
		q.Wrong++
	}
	q.Last, q.LastRight = at, right
}

// Count is how much of something is done.
type Count struct{ Done, Total int }

// LessonDone counts the pages read, the steps ever passed, and the questions
// ever answered right, of those that the lesson has now.
func (p Progress) LessonDone(l *Lesson) (pages, steps, questions Count) {
	pages.Total, steps.Total, questions.Total = len(l.Pages), len(l.Steps), len(l.Questions)
	lp := p.Lessons[l.ID]
	if lp == nil {
		return pages, steps, questions
	}
	for _, page := range l.Pages {
		if _, ok := lp.Read[page.ID]; ok {
			pages.Done++
		}
	}
	for _, s := range l.Steps {
		if _, ok := lp.Passed[s.ID]; ok {
			steps.Done++
		}
	}
	for _, q := range l.Questions {
		if qp := lp.Quiz[q.ID]; qp != nil && qp.Right > 0 {
			questions.Done++
		}
	}
	return pages, steps, questions
}

// Finished reports whether everything in a lesson is done, and all its steps
// were passed at one and the same moment.
func (p Progress) Finished(l *Lesson) bool {
	pages, steps, questions := p.LessonDone(l)
	if lp := p.Lessons[l.ID]; lp == nil || len(l.Steps) > 0 && lp.Verified.IsZero() {
		return false
	}
	return pages.Done == pages.Total && steps.Done == steps.Total && questions.Done == questions.Total
}

// clone returns a copy that shares nothing with p.
func (p Progress) clone() Progress {
	p.Lessons = cloneMap(p.Lessons, (*LessonProgress).copyOf)
	p.Screen.Chosen = slices.Clone(p.Screen.Chosen)
	return p
}

func (lp *LessonProgress) copyOf() *LessonProgress {
	c := *lp
	c.Read, c.Passed, c.Hints = maps.Clone(lp.Read), maps.Clone(lp.Passed), maps.Clone(lp.Hints)
	c.Quiz = cloneMap(lp.Quiz, (*QuestionProgress).copyOf)
	if lp.Attempt != nil {
		c.Attempt = lp.Attempt.copyOf()
	}
	return &c
}

func (q *QuestionProgress) copyOf() *QuestionProgress {
	c := *q
	if q.Memory != nil {
		m := *q.Memory
		c.Memory = &m
	}
	return &c
}

func (a *Attempt) copyOf() *Attempt {
	c := *a
	c.Steps = cloneMap(a.Steps, (*AttemptStep).copyOf)
	return &c
}

func (s *AttemptStep) copyOf() *AttemptStep {
	c := *s
	c.PassedAt, c.Planted = cloneTime(s.PassedAt), maps.Clone(s.Planted)
	if s.Outcome != nil {
		outcome := *s.Outcome
		c.Outcome = &outcome
	}
	if s.Baseline != nil {
		c.Baseline = plainCopy(s.Baseline, storable).(map[string]any)
	}
	return &c
}

// storable replaces the numbers that JSON does not have by nothing.
func storable(v any) any {
	if f, ok := v.(float64); ok && (math.IsNaN(f) || math.IsInf(f, 0)) {
		return nil
	}
	return v
}

func cloneTime(t *time.Time) *time.Time {
	if t == nil {
		return nil
	}
	c := *t
	return &c
}

// cloneMap copies a map of pointers with what they point to. Nil pointers are
// left out.
func cloneMap[V any](m map[string]*V, copyOf func(*V) *V) map[string]*V {
	if m == nil {
		return nil
	}
	out := make(map[string]*V, len(m))
	for k, v := range m {
		if v != nil {
			out[k] = copyOf(v)
		}
	}
	return out
}

// plainCopy copies maps and lists, and what stands in them through leaf.
func plainCopy(v any, leaf func(any) any) any {
	switch v := v.(type) {
	case map[string]any:
		out := make(map[string]any, len(v))
		for k, e := range v {
			out[k] = plainCopy(e, leaf)
		}
		return out
	case []any:
		out := make([]any, len(v))
		for i, e := range v {
			out[i] = plainCopy(e, leaf)
		}
		return out
	default:
		return leaf(v)
	}
}
