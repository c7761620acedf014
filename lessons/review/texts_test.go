package review

import (
	"strings"
	"testing"

	"github.com/k8stutor/k8stutor/content"
	"github.com/k8stutor/k8stutor/lessons"
)

func TestWhatAPersonIsToldIsInBothLanguages(t *testing.T) {
	t.Parallel()
	f := Forecast{Later: []Later{{1, 3}, {2, 1}, {4, 2}, {9, 5}, {30, 6}}}
	for _, c := range []struct {
		got    lessons.Text
		en, zh string
	}{
		{f.Coming(), "tomorrow 3, in 2 days 1, in 4 days 2, later 11", "明天 3 道，后天 1 道，4 天后 2 道，以后还有 11 道"},
		{Forecast{Later: []Later{{1, 3}, {4, 2}}}.Coming(), "tomorrow 3, in 4 days 2", "明天 3 道，4 天后 2 道"},
		{Forecast{}.Coming(), "", ""},
		{When(0), "today", "今天"},
		{Item{State: Remembered, LastRight: true, Chance: 0.93}.Likely(), "You would get it right about 9 times in 10.", "大约 10 次能答对 9 次。"},
		{Item{State: Remembered, LastRight: true, Chance: 0.99}.Likely(), "Almost certainly remembered.", "几乎肯定还记得。"},
		{Item{State: Forgotten, LastRight: true, Chance: 0.04}.Likely(), "Hardly remembered any more.", "差不多忘光了。"},
		{Item{State: Forgotten, Chance: 1}.Likely(), "Answered wrong last time.", "上次答错了。"},
		{Item{State: Fading, LastRight: true, Missed: true, Chance: 1}.Likely(), "Answered wrong at first, right at the second try.", "先答错，后来答对了。"},
		{Item{State: Unasked}.Likely(), "Not asked yet.", "还没答过。"},
		{Remembered.Text(), "remembered", "记得"},
		{Fading.Text(), "fading", "快忘了"},
		{Forgotten.Text(), "forgotten", "忘了"},
		{Unasked.Text(), "not asked yet", "没答过"},
	} {
		if c.got[lessons.English] != c.en || c.got[lessons.Chinese] != c.zh {
			t.Errorf("got %q and %q, want %q and %q", c.got[lessons.English], c.got[lessons.Chinese], c.en, c.zh)
		}
	}
}

func TestAQuestionLeadsToThePageThatItIsAbout(t *testing.T) {
	t.Parallel()
	page := func(id, body string) lessons.Page { return lessons.Page{ID: id, Body: lessons.Same(body)} }
	l := &lessons.Lesson{Pages: []lessons.Page{
		page("pods", "A Pod runs containers in Kubernetes."),
		page("probes", "Kubernetes asks with a readinessProbe whether a Pod is ready, and with a livenessProbe whether it lives."),
		page("ports", "A targetPort of a Service in Kubernetes leads to a containerPort."),
	}}
	for text, want := range map[string]string{
		"Which probe takes a Pod out of a Service? readinessProbe": "probes",
		"What does targetPort name?":                               "ports",
		"Nothing that any page says, 什么都没有":                        "pods",
	} {
		if got := Page(l, &lessons.Question{Title: lessons.Same(text)}); got != want {
			t.Errorf("%q leads to %s, want %s", text, got, want)
		}
	}
	if got := Page(&lessons.Lesson{}, &lessons.Question{}); got != "" {
		t.Errorf("a lesson without pages leads to %q", got)
	}
}

// TestOurQuestionsLeadToDifferentPages looks at the lessons that come with the
// program: questions that all led to one page would help nobody.
func TestOurQuestionsLeadToDifferentPages(t *testing.T) {
	t.Parallel()
	course, err := lessons.Load(content.Courses, "kubernetes")
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range course.Lessons() {
		found := map[string]bool{}
		for _, q := range l.Questions {
			page := Page(l, q)
			found[page] = true
			t.Logf("%s: %s -> %s", l.ID, strings.TrimSpace(q.Title.In(lessons.English)), page)
		}
		if len(l.Pages) > 2 && len(l.Questions) > 3 && len(found) < 2 {
			t.Errorf("all questions of %s lead to %v", l.ID, found)
		}
	}
}
