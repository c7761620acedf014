package tui

import (
	"slices"
	"strings"
	"testing"

	tea "charm.land/bubbletea/v2"

	"github.com/k8stutor/k8stutor/lessons"
)

func manifestQuestions() []*lessons.Question {
	return []*lessons.Question{
		{ID: "fill", Kind: lessons.Field, Title: both("Let the Service find the Pods", "让 Service 找到 Pod"),
			Prompt: both("The Pods carry `app: web`.", "Pod 的标签是 `app: web`。"), Why: both("The selector is compared with the labels.", "selector 与标签逐一比较。"),
			Manifest: "apiVersion: v1\nkind: Service\nmetadata:\n  name: front\nspec:\n  selector:\n    app: ____\n  ports:\n  - port: 80", Accept: []string{"web"}, As: lessons.AsValue},
		{ID: "find", Kind: lessons.Spot, Title: both("This Deployment is refused", "这个 Deployment 被拒绝"), Prompt: both("Which line is why?", "是哪一行造成的？"),
			Manifest: "apiVersion: apps/v1\nkind: Deployment\n\n# 网站\nmetadata:\n  name: web\nspec:\n  replicas: \"3\"\n  selector:\n    matchLabels: {app: web}",
			Spots: []lessons.SpotLine{{Number: 8, Right: true, Reason: both("In quotes it is a string.", "加了引号就是字符串。")},
				{Number: 10, Reason: both("Flow style is fine.", "流式写法没有问题。")}},
			Other: both("This line is as it should be.", "这一行没有问题。")},
	}
}

// askManifest puts one of the questions with a manifest.
func (b *bench) askManifest(n int) *questionView {
	l := &lessons.Lesson{ID: "manifests", Title: both("Manifests", "清单"), Pages: []lessons.Page{{ID: "p", Title: both("A page", "一页"), Body: both("Text.", "文字。")}}, Questions: manifestQuestions()[n:]}
	b.app.course.Modules[0].Lessons = append(b.app.course.Modules[0].Lessons, l)
	b.app.act(goQuiz{"manifests"}, nil)
	return b.app.top().(*quizScreen).asking
}

func (b *bench) click(x, y int) {
	b.send(tea.MouseClickMsg{X: x, Y: y, Button: tea.MouseLeft})
}

// lineOf is the line of the frame that holds a text.
func (b *bench) lineOf(text string) int {
	b.t.Helper()
	at := slices.IndexFunc(strings.Split(b.frame(), "\n"), func(l string) bool { return strings.Contains(l, text) })
	if at < 0 {
		b.t.Fatalf("%q is not in the frame:\n%s", text, b.frame())
	}
	return at
}

func TestAFieldIsTypedInItsPlaceAndJudgedByValue(t *testing.T) {
	t.Parallel()
	b := newBench(t, lessons.English, 80, 30)
	v := b.askManifest(0)
	b.keys("\"", "w", "e", "b", "\"")
	b.shows("fill the field", "app: \"web\"", "ports:")
	b.press("enter")
	b.shows("✓ Right", "The selector is compared")
	if m, ok := v.answered(); !ok || !m.Right {
		t.Errorf("the answer is judged %+v", m)
	}

	b = newBench(t, lessons.English, 80, 40)
	b.askManifest(0)
	b.keys("W", "e", "b")
	b.press("enter")
	b.shows("✗ Not right", "Capital and small letters are not the same here.", "app: Web", "app: web")

	b = newBench(t, lessons.English, 80, 30)
	b.askManifest(0)
	b.press("esc")
	if b.app.top().capturing() != captureNone {
		t.Error("esc does not end the typing")
	}
	b.click(10, b.lineOf("press a"))
	b.send(tea.PasteMsg{Content: "web\n"})
	b.press("enter")
	b.shows("✓ Right")
}

func TestTheLineWithTheMistakeIsChosenByKeysAndMouse(t *testing.T) {
	t.Parallel()
	b := newBench(t, lessons.English, 80, 40)
	v := b.askManifest(1)
	spot := v.body.(*spotLines)
	b.keys("j", "j")
	if spot.at != 5 {
		t.Errorf("the cursor is in line %d, want 5: blank lines and comments cannot be chosen", spot.at)
	}
	b.click(6, b.lineOf("# 网站"))
	if spot.at != 5 {
		t.Errorf("a comment was chosen: line %d", spot.at)
	}
	b.click(6, b.lineOf("replicas"))
	b.press("enter")
	b.shows("✓ Right", "the mistake is here · your choice", "In quotes it is a string.", "not the mistake", "Flow style is fine.")

	b = newBench(t, lessons.English, 80, 40)
	b.askManifest(1)
	b.press("enter") // the first line, of which nothing of its own is said
	b.shows("✗ Not right", "not the mistake · your choice", "This line is as it should be.", "the mistake is here", "Flow style is fine.")

	b = newBench(t, lessons.English, 80, 40)
	b.askManifest(1)
	b.press("s")
	b.shows("✗ Not right", "the mistake is here")
	if strings.Contains(b.frame(), "your choice") {
		t.Errorf("a line was chosen by giving up:\n%s", b.frame())
	}
}

func TestALineIsCarriedToItsPlaceByTheMouse(t *testing.T) {
	t.Parallel()
	b := newBench(t, lessons.English, 80, 40)
	b.quizAt(3)
	q := b.app.top().(*quizScreen)
	o := q.asking.body.(*orderedLines)
	top := func(place int) int { return linesAbove + q.asking.head + o.rows[place] }
	for want := range o.shown {
		from := slices.Index(o.shown, want)
		b.click(5, top(from))
		for at := from; at >= want; at-- {
			b.send(tea.MouseMotionMsg{X: 5, Y: top(at), Button: tea.MouseLeft})
		}
		b.send(tea.MouseReleaseMsg{X: 5, Y: top(want), Button: tea.MouseLeft})
	}
	b.send(tea.MouseMotionMsg{X: 5, Y: top(2)}) // without a button nothing moves
	if !slices.IsSorted(o.shown) {
		t.Fatalf("the lines stand as %v", o.shown)
	}
	b.press("enter")
	b.shows("✓ Right")
}

func TestTheReasonOfEveryChoiceIsShownAfterTheAnswer(t *testing.T) {
	t.Parallel()
	b := newBench(t, lessons.English, 120, 60)
	b.app.act(goQuiz{"services"}, nil)
	b.press("enter")
	q := b.app.top().(*quizScreen).question()
	for _, o := range q.Options {
		b.shows(o.Reason.In(lessons.English))
	}
}

// TestAQuestionOfAnySizeFitsItsView draws every kind of question in views from
// one cell on, before and after the answer.
func TestAQuestionOfAnySizeFitsItsView(t *testing.T) {
	t.Parallel()
	b := newBench(t, lessons.Chinese, 80, 24)
	for _, q := range append(manifestQuestions(), testQuestions()...) {
		for _, size := range [][2]int{{1, 1}, {2, 3}, {7, 2}, {12, 9}, {30, 10}, {60, 17}, {500, 200}} {
			v := newQuestionView(b.app.scene, q, 1)
			v.Resize(size[0], size[1])
			check := func(when string) {
				lines, _ := v.View()
				if len(lines) != size[1] {
					t.Errorf("%s %s at %v: %d lines", q.ID, when, size, len(lines))
				}
			}
			check("before")
			v.Update(tea.PasteMsg{Content: "Kubernetes 集群里的一个很长很长很长很长很长的值"})
			check("typed")
			v.mark(lessons.Response{Text: "x", Line: 1, Choices: []int{0}})
			v.layOut()
			check("marked")
		}
	}
}
