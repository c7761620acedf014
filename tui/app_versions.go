package tui

import "github.com/k8stutor/k8stutor/lessons"

// goByVersion has every screen that is open say what is so on the version of
// Kubernetes of the cluster that has just been opened, and says when the tutor
// is not made for that version.
func (a *App) goByVersion() {
	for _, s := range a.screens {
		// A round of questions that has begun ends as it began.
		s, ok := s.(*lessonScreen)
		if !ok || s.notes != nil {
			continue
		}
		if l := a.lesson(s.lesson.ID); l != nil && l != s.lesson && len(l.Pages) == len(s.lesson.Pages) {
			s.lesson = l
		}
	}
	if e := a.exercise; e != nil {
		if l := a.lesson(e.lesson.ID); l != nil && l != e.lesson && len(l.Steps) == len(e.lesson.Steps) {
			e.lesson, e.steps.lesson = l, l
		}
	}
	if warning := lessons.VersionWarning(a.cluster.info.Version); a.cluster.info.Version != "" && warning != nil {
		a.say(notice{text: a.in(warning), bad: true})
	}
}
