package tui

import (
	"context"
	"errors"
	"testing"

	"github.com/k8stutor/k8stutor/lessons"
)

// outlined is the test course as an outline.
func outlined() *lessons.Course {
	c := testCourse()
	c.Outlined = true
	for _, l := range c.Lessons() {
		l.Outlined = true
		for i := range l.Pages {
			l.Pages[i].Body = nil
		}
	}
	return c
}

func TestTheMapIsShownBeforeTheLessonsAreRead(t *testing.T) {
	t.Parallel()
	b := newBench(t, lessons.English, 100, 30)
	b.app.deps.LoadAll = func(context.Context) (*lessons.Course, error) { return testCourse(), nil }
	rest := b.send(courseMsg{course: outlined()})
	if rest == nil {
		t.Fatal("the rest is not asked for")
	}
	b.shows("Workloads", "Networking", "What a Pod is")
	b.keys("j", "enter")
	b.shows("Workloads") // the lesson is not there yet
	b.send(courseMsg{course: testCourse()})
	b.shows("You ask a Pod for a page") // it opens by itself
	b.hides("Workloads")
}

func TestTheCursorStaysWhenTheLessonsHaveBeenRead(t *testing.T) {
	t.Parallel()
	b := newBench(t, lessons.English, 100, 30)
	b.app.deps.LoadAll = func(context.Context) (*lessons.Course, error) { return testCourse(), nil }
	b.send(courseMsg{course: outlined()})
	b.keys("j")
	b.send(courseMsg{course: testCourse()})
	if l := b.app.top().(*homeScreen).selected(); l.ID != "services" || l.Outlined {
		t.Errorf("the cursor is on %s (outlined %v)", l.ID, l.Outlined)
	}
}

func TestWhenTheRestCannotBeReadTheMapStays(t *testing.T) {
	t.Parallel()
	b := newBench(t, lessons.English, 100, 30)
	b.app.deps.LoadAll = func(context.Context) (*lessons.Course, error) { return nil, errors.New("disk gone") }
	b.send(courseMsg{course: outlined()})
	b.send(courseMsg{err: errors.New("disk gone")})
	b.shows("Workloads", "disk gone")
}
