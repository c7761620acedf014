package lessons

import (
	"context"
	"time"
)

// reset forgets a step and what follows it, or everything.
func (s *session) reset(ctx context.Context, id string) error {
	if id == "" {
		if err := s.cluster.Clear(ctx, s.ws); err != nil {
			return err
		}
		return s.forget(func(string) bool { return true })
	}
	first := -1
	var refs []Ref
	for i, step := range s.lesson.Steps {
		if step.ID == id {
			first = i
		}
		if first >= 0 {
			refs = append(refs, s.madeFor(i)...)
		}
	}
	if err := s.cluster.Remove(ctx, s.ws, refs); err != nil {
		return err
	}
	from := map[string]bool{}
	for _, step := range s.lesson.Steps[first:] {
		from[step.ID] = true
	}
	return s.forget(func(step string) bool { return from[step] })
}

// madeFor lists the objects that exist for the sake of step i: what was planted
// for it, and what the learner made for it, that is, objects its queries name
// and no earlier step's do.
func (s *session) madeFor(i int) []Ref {
	earlier := map[Ref]bool{}
	for _, step := range s.lesson.Steps[:i] {
		for _, q := range step.Queries {
			earlier[Ref{q.Kind, q.Namespace, q.Object}] = true
		}
	}
	var refs []Ref
	step := s.lesson.Steps[i]
	for _, q := range step.Queries {
		if q.List() || q.Namespace != "" || !q.Kind.Namespaced || earlier[Ref{q.Kind, "", q.Object}] {
			continue
		}
		refs = append(refs, Ref{q.Kind, s.ws.Namespace, q.Object})
	}
	for _, o := range step.Setup {
		for kind := range s.snap.Kinds {
			if kind.Kind == text(o, "kind") && kind.APIVersion() == text(o, "apiVersion") {
				refs = append(refs, Ref{kind, s.namespaceOf(kind), text(o, "metadata", "name")})
			}
		}
	}
	return refs
}

// namespaceOf is where planted objects of a kind are.
func (s *session) namespaceOf(kind Kind) string {
	if !kind.Namespaced {
		return ""
	}
	return s.ws.Namespace
}

func (s *session) forget(gone func(step string) bool) error {
	for id := range s.attempt.Steps {
		if gone(id) {
			delete(s.attempt.Steps, id)
		}
	}
	s.save(func(lp *LessonProgress) {
		lp.Verified = time.Time{}
		for id := range lp.Passed {
			if gone(id) {
				delete(lp.Passed, id)
			}
		}
	})
	return errAgain
}
