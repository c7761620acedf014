package tui

import (
	"context"
	"fmt"

	tea "charm.land/bubbletea/v2"

	"github.com/k8stutor/k8stutor/lessons/review"
)

type (
	// goReview asks what is due, or all that has been answered; an unfinished
	// review goes on.
	goReview struct{ all bool }
	// goKnown shows the map of what is known.
	goKnown struct{}
	// goReading opens a page over the screen, which esc comes back to.
	goReading struct{ lesson, page string }
)

func (goReview) action()  {}
func (goKnown) action()   {}
func (goReading) action() {}

// Watcher is a Store that tells when another program has changed it.
// *lessons.Store is one.
type Watcher interface {
	// Watch calls changed after each change by others, until ctx ends.
	Watch(ctx context.Context, changed func()) error
}

// watching starts the watch of the store; nil when it cannot be watched.
func (k *keeper) watching() tea.Cmd {
	w, ok := k.store.(Watcher)
	if !ok {
		return nil
	}
	k.news = newLatest[struct{}]()
	return tea.Batch(k.crew.cmd(func(ctx context.Context) tea.Msg {
		// Without a watch the change is seen when the next answer is saved.
		_ = w.Watch(ctx, func() { k.news.put(struct{}{}) })
		return nil
	}), k.awaitChange())
}

// awaitChange waits until another program has changed the progress.
func (k *keeper) awaitChange() tea.Cmd {
	return k.crew.cmd(func(ctx context.Context) tea.Msg {
		if _, ok := k.news.take(ctx); !ok {
			return nil
		}
		return storeChangedMsg{}
	})
}

// storeChangedMsg: another program has changed the progress. From the keeper's
// watch; handled by App.
type storeChangedMsg struct{}

// outlook says how many questions are due, and when more are.
func (s *scene) outlook() review.Forecast { return review.Outlook(s.course, s.progress, s.now) }

// anyAnswered reports whether any question was ever answered.
func (s *scene) anyAnswered() bool {
	for _, lp := range s.progress.Lessons {
		if lp != nil && len(lp.Quiz) > 0 {
			return true
		}
	}
	return false
}

// showReview opens the review, or goes on with the one that was left.
func (a *App) showReview(what goReview) tea.Cmd {
	switch {
	case a.course == nil || !a.known:
		return nil
	case a.course.Outlined:
		a.wanted = &what // as soon as the questions have been read
		return nil
	}
	if a.reviewing == nil || a.reviewing.over() || a.reviewing.all != what.all {
		a.reviewing = newReviewScreen(a.scene, what.all)
	} else {
		a.reviewing.comeBack()
	}
	a.push(a.reviewing, func(old screen) bool { _, ok := old.(*reviewScreen); return ok })
	return nil
}

// relearn brings what others have answered onto the screen.
func (a *App) relearn() {
	switch s := a.top().(type) {
	case *knownScreen:
		s.Resize(s.w, s.h)
	case *reviewScreen:
		s.comeBack()
		s.Resize(s.w, s.h)
	}
}

func (a *App) showKnown() tea.Cmd {
	if a.course == nil {
		return nil
	}
	a.push(newKnownScreen(a.scene), func(old screen) bool { _, ok := old.(*knownScreen); return ok })
	return nil
}

// showReading opens a page of a lesson over what is shown.
func (a *App) showReading(what goReading) tea.Cmd {
	l := a.lesson(what.lesson)
	if l == nil || l.Outlined || len(l.Pages) == 0 {
		return nil
	}
	s := newLessonScreen(a.scene, l, what.page)
	a.screens = append(a.screens, s)
	s.Resize(a.w, a.h-linesAbove-linesBelow)
	return a.act(s.shown(), nil)
}

// reviewLine says how many questions are due today, or when the next are, with
// the key that leads there; "" while none has been answered.
func (s *scene) reviewLine() (key, text string) {
	f, w := s.outlook(), s.words.Review
	switch {
	case f.Due > 0:
		return s.keys.Review.Help().Key, fmt.Sprintf(w.DueToday, f.Due)
	case len(f.Later) > 0:
		next := review.Forecast{Later: f.Later[:1]}
		return s.keys.Review.Help().Key, fmt.Sprintf(w.NextDue, s.in(next.Coming()))
	}
	return "", ""
}
