package lessons

import (
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"
)

// lesson reads the lesson in folder dir, nil when its lesson.yaml cannot be
// made sense of.
func (l *loader) lesson(dir, id string) *Lesson {
	if l.outline {
		if lesson, ok := l.outlined(dir, id); ok {
			return lesson
		}
	}
	m, ok := l.mapping(path.Join(dir, "lesson.yaml"), "lesson.yaml", shapeOf[LessonFile](l))
	if !ok || !m.format() {
		return nil
	}
	lesson := &Lesson{ID: m.id("id", maxLessonID), Minutes: m.int("minutes"), Needs: l.needs(m), ClusterScoped: l.clusterScoped(m)}
	after := afterNode{lesson: id}
	for _, n := range m.list("after") {
		if on, ok := m.file.str(n); ok {
			after.on, after.pos = append(after.on, on), append(after.pos, m.file.pos(n))
		}
	}
	lesson.After, l.after = after.on, append(l.after, after)
	if lesson.ID != "" && lesson.ID != id {
		l.problems.add(m.pos("id"), "the lesson's id is %q and its folder %q; both are the same", lesson.ID, id)
	}
	if m.has("minutes") && lesson.Minutes <= 0 {
		l.problems.add(m.pos("minutes"), "minutes is %s; it is how long a learner needs, more than 0", m.str("minutes"))
	}
	l.boundaries = nil
	t := l.texts(dir)
	boundaries := l.boundaries
	lesson.Title, lesson.Summary = t.title(id), t.body(id)
	order := headings{l: l, ids: []string{id}}
	for _, n := range m.list("pages") {
		page, ok := m.file.str(n)
		if !ok || !m.file.wellFormed(n, page, maxID) {
			continue
		}
		order.add(m.file.pos(n), page)
		lesson.Pages = append(lesson.Pages, Page{ID: page, Title: t.title(page), Body: t.body(page)})
	}
	if m.has("pages") && len(lesson.Pages) == 0 {
		l.problems.add(m.pos("pages"), "the lesson has no pages; it needs one at least")
	}
	for _, n := range m.list("steps") {
		if s := l.step(dir, m.file, n, lesson.ClusterScoped); s != nil {
			order.add(s.Pos, s.ID)
			lesson.Steps = append(lesson.Steps, s)
		}
	}
	for _, n := range m.list("questions") {
		if q := l.question(m.file, n); q != nil {
			order.add(q.Pos, q.ID)
			lesson.Questions = append(lesson.Questions, q)
		}
	}
	l.checkUntil(lesson)
	for _, s := range lesson.Steps {
		t.step(s)
		if l.compiles {
			l.compile(s)
		}
	}
	for _, q := range lesson.Questions {
		t.question(q)
		if q.Kind == Order || q.Kind == Command || q.Kind == Field || t.has(q.ID+".why") {
			q.Why = t.body(q.ID + ".why")
		}
	}
	for _, p := range t.files {
		for _, s := range p.sections {
			isPage := slices.ContainsFunc(lesson.Pages, func(p Page) bool { return p.ID == s.id })
			if t.used[s.id] && !isPage { // a page may show a template's {{name}}
				l.placeholders(s, lesson.valuesIn(s.id))
			}
		}
	}
	t.finish(order.ids)
	l.alikeMarked(t.files)
	if l.minor == 0 {
		lesson.Older = l.olderLessons(dir, id, boundaries)
	}
	return lesson
}

// headings gathers the ids of the # and ## headings of a lesson. They are one
// space of names: a step and a page cannot have the same.
type headings struct {
	l   *loader
	ids []string
}

func (h *headings) add(pos Position, id string) {
	if slices.Contains(h.ids, id) {
		h.l.problems.add(pos, "the id %q is used twice; the lesson and each page, step and question have their own", id)
		return
	}
	h.ids = append(h.ids, id)
}

// needs reads what the lesson asks of a cluster.
func (l *loader) needs(m mapping) []string {
	known := needsKnown()
	needs := m.strs("needs")
	for i, n := range needs {
		if count, ok := strings.CutPrefix(n, "nodes>="); ok {
			if c, err := strconv.Atoi(count); err == nil && c >= 2 {
				continue
			}
		}
		if !slices.Contains(known, n) {
			l.problems.add(m.file.pos(m.list("needs")[i]), "unknown need %q; a lesson may need %s%s", n, strings.Join(known, ", "), didYouMean(n, known))
		}
	}
	return needs
}

// clusterScoped reads the kinds outside of namespaces that the setup makes.
func (l *loader) clusterScoped(m mapping) []Kind {
	var kinds []Kind
	known := clusterScopedKinds()
	for _, n := range m.list("clusterScoped") {
		name, ok := m.file.str(n)
		if !ok {
			continue
		}
		kind, ok := KindNamed(name)
		if !ok || !slices.Contains(known, name) {
			l.problems.add(m.file.pos(n), "%q is no kind outside of namespaces that a lesson can make; there are %s%s", name, strings.Join(known, ", "), didYouMean(name, known))
			continue
		}
		kinds = append(kinds, kind)
	}
	return kinds
}

// checkUntil reports an until that does not name a later step.
func (l *loader) checkUntil(lesson *Lesson) {
	for i, s := range lesson.Steps {
		if s.Until == "" {
			continue
		}
		var later []string
		for _, other := range lesson.Steps[i+1:] {
			later = append(later, other.ID)
		}
		if !slices.Contains(later, s.Until) {
			l.problems.add(s.Pos, "until of step %q is %q, which is no later step of this lesson%s", s.ID, s.Until, didYouMean(s.Until, later))
		}
	}
}

// step reads the prose of a step.
func (t *texts) step(s *Step) {
	s.Title, s.Goal = t.title(s.ID), t.body(s.ID)
	hint := func(n int) string { return fmt.Sprintf("%s.hint-%d", s.ID, n) }
	for n := 1; n == 1 || t.has(hint(n)); n++ {
		s.Hints = append(s.Hints, t.body(hint(n)))
	}
	for _, c := range s.Checks {
		id := s.ID + ".check-" + c.ID
		c.Title, c.Why = t.title(id), t.body(id)
	}
	for _, m := range s.Mistakes {
		m.Text = t.body(s.ID + ".mistake-" + m.ID)
	}
	s.Done = t.body(s.ID + ".done")
	if t.has(s.ID + ".choices") {
		t.choices(s)
	}
}

// valuesIn returns the names that have values in the text under a heading, nil
// when that text is never filled in.
func (l *Lesson) valuesIn(heading string) []string {
	id, part, _ := strings.Cut(heading, ".")
	s, ok := l.Step(id)
	if !ok {
		return nil
	}
	names := []string{}
	for _, v := range s.Values {
		names = append(names, v.Name)
	}
	if id, ok := strings.CutPrefix(part, "check-"); ok {
		return append(names, s.resultsOf(id)...)
	}
	if id, ok := strings.CutPrefix(part, "mistake-"); ok {
		for _, m := range s.Mistakes {
			switch {
			case m.ID == id && s.Kind == Ask:
				return append(names, "found") // the answer
			case m.ID == id && s.Kind == Predict && m.ofPrediction():
				return append(names, "found", "expected") // the prediction, and what came
			case m.ID == id:
				return append(names, s.resultsOf(m.Check)...)
			}
		}
		return names
	}
	return nil
}

// resultsOf names what a check says it expected and found.
func (s *Step) resultsOf(check string) []string {
	var names []string
	for _, c := range s.Checks {
		if c.ID == check && c.Expected.Source != "" {
			names = append(names, "expected")
		}
		if c.ID == check && c.Found.Source != "" {
			names = append(names, "found")
		}
	}
	return names
}
