package tui

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	tea "charm.land/bubbletea/v2"

	"github.com/k8stutor/k8stutor/lessons"
	"github.com/k8stutor/k8stutor/lessons/notes"
	"github.com/k8stutor/k8stutor/tui/markdown"
)

const readingPage = `A Pod has an address, and a Service has one[^why] that stays. See [the docs](https://kubernetes.io/docs/) and
[how it is made](#made).

![The Pods](pods.svg)

` + "```bash\nkubectl get pods\nkubectl get services\n```\n\n```bash\nkubectl delete pod web\n```\n\n" + wideDrawing + `
What the Service finds by its selector is a Pod, any Pod that is ready.

[^why]: Because Pods come and go.
`

const readingPageZH = `Pod 有地址，服务（Service）也有一个[^why]，而且不变。见[官方文档](https://kubernetes.io/zh-cn/docs/)和[它由什么组成](#made)。

![这些 Pod](pods.svg)

` + "```bash\nkubectl get pods\nkubectl get services\n```\n\n```bash\nkubectl delete pod web\n```\n\n" + wideDrawing + `
Service 用选择算符找到的是 Pod，任何就绪的 Pod。

[^why]: 因为 Pod 来来去去。
`

const wideDrawing = "```text\n┌─ Service web ──────────────────────────────────┐      ┌─ Pod ─────────────────────────────────┐\n│ 选择算符 selector: app=web                     │ ───▶ │ app=web  10.244.0.5                   │\n└────────────────────────────────────────────────┘      └───────────────────────────────────────┘\n```\n"

// readingCourse is a course with a page that has something of everything.
func readingCourse() *lessons.Course {
	l := &lessons.Lesson{ID: "reading", Title: both("Reading", "阅读"), Minutes: 5, Summary: both("To read.", "读。"),
		Pages: []lessons.Page{
			{ID: "all", Title: both("Something of everything", "样样都有"), Body: both(readingPage, readingPageZH)},
			{ID: "made", Title: both("How it is made", "它由什么组成"), Body: both("A Service has a selector, a Pod has labels.\n\nThat is all.", "Service 有选择算符，Pod 有标签。\n\n就这些。")},
			{ID: "last", Title: both("The last page", "最后一页"), Body: both("Nothing of that kind here.", "这里什么都没有。")},
		}}
	term := func(en, zh, means, meansZH, page string) lessons.Term {
		t := lessons.Term{Name: both(en, zh), Means: both(means, meansZH)}
		if page != "" {
			t.Lesson, t.Page = "reading", page
		}
		return t
	}
	c := testCourse()
	c.Modules = append(c.Modules, lessons.Module{ID: "read", Title: both("Read", "读"), Lessons: []*lessons.Lesson{l}})
	c.Glossary = []lessons.Term{
		term("Pod", "Pod", "The smallest thing that runs.", "能运行的最小单位。", ""),
		term("Service", "服务", "One address that stays, in front of `Pods`.", "一个不变的地址，后面是一些 `Pod`。", "made"),
		term("selector", "选择算符", "The labels that a Pod must have.", "Pod 必须带有的标签。", "made"),
	}
	return c
}

func (b *bench) inReading() {
	course := readingCourse()
	if b.nasty {
		terms := course.Glossary
		course = poisoned(course)
		for i, t := range readingCourse().Glossary {
			terms[i].Name, terms[i].Page = t.Name, t.Page // so that they are found
		}
	}
	b.app.course = course
	b.app.act(goLesson{lesson: "reading"}, nil)
}

func (b *bench) lessonPage() *lessonScreen {
	b.t.Helper()
	s, ok := b.app.top().(*lessonScreen)
	if !ok {
		b.t.Fatalf("a %T is shown, not a lesson", b.app.top())
	}
	return s
}

// readingScenes are the states of a page being read whose frames are kept.
func readingScenes() map[string]func(b *bench) {
	in := func(keys ...string) func(b *bench) {
		return func(b *bench) {
			b.inReading()
			b.keys(keys...)
		}
	}
	return map[string]func(b *bench){
		"reading":           in(),
		"reading-find":      in("/", "p", "o", "d"),
		"reading-found":     in("/", "p", "o", "d", "enter", "n"),
		"reading-not-found": in("/", "x", "y", "z"),
		"reading-elsewhere": in("/", "l", "a", "b", "e", "l", "enter"),
		"reading-term":      in("K", "tab"),
		"reading-links":     in("f"),
		"reading-link":      in("f", "1"),
		"reading-note":      in("f", "4"),
		"reading-copy":      in("y"),
		"reading-sideways":  in("G", ">", ">"),
	}
}

func testNotes() *Notes {
	n := &Notes{Title: "我的笔记 my notes", Said: []lessons.Text{both("It was mended.", "已还原。")},
		Pages: []notes.Page{{Title: "Start", Level: 1, Body: "Text with <b>HTML</b> and ![a picture](img/a.png).\n"}}}
	for i := range 30 {
		n.Pages = append(n.Pages, notes.Page{Title: fmt.Sprintf("Section %d", i+1), Level: 2 + i%2, Body: "Words of a section.\n"})
	}
	return n
}

// readNotes starts the program anew, on notes.
func (b *bench) readNotes(n *Notes) {
	if b.nasty {
		n = poisoned(n)
	}
	deps := b.app.deps
	deps.Course, deps.Notes, deps.Store = nil, n, nil
	w, h := b.app.w, b.app.h
	b.app = newApp(deps, b.app.crew)
	b.send(tea.WindowSizeMsg{Width: w, Height: h})
}

func TestFindGoesFromMatchToMatchAndPageToPage(t *testing.T) {
	t.Parallel()
	b := newBench(t, lessons.English, 80, 24)
	b.inReading()
	b.keys("/", "s", "e", "l", "e", "c", "t", "o", "r")
	s := b.lessonPage()
	if got := b.frame(); !strings.Contains(got, "1/2") || !strings.Contains(got, "1 on other pages") {
		t.Fatalf("the search does not say what it found:\n%s", got)
	}
	b.keys("enter", "n")
	if s.search.at != 1 || s.page != 0 {
		t.Errorf("n goes to match %d of page %d", s.search.at, s.page)
	}
	b.keys("n")
	if s.page != 1 || s.search.at != 0 || len(s.search.found) != 1 {
		t.Errorf("after the last match: page %d, match %d of %d", s.page, s.search.at, len(s.search.found))
	}
	if got := b.frame(); !strings.Contains(got, "On the page: How it is made") {
		t.Errorf("the other page is not said:\n%s", got)
	}
	b.keys("N")
	if s.page != 0 || s.search.at != 1 {
		t.Errorf("N goes to page %d, match %d", s.page, s.search.at)
	}
	b.keys("esc")
	if s.search.on || b.app.top() != screen(s) {
		t.Error("esc does not end the search alone")
	}
	b.keys("n")
	if s.page != 1 {
		t.Error("after the search, n is not the next page")
	}
}

func TestFindIsSmartAboutCase(t *testing.T) {
	t.Parallel()
	for query, want := range map[string]int{"service": 4, "Service": 3, "SERVICE": 0} {
		b := newBench(t, lessons.English, 80, 24)
		b.inReading()
		b.keys("/")
		b.send(tea.PasteMsg{Content: query})
		if got := len(b.lessonPage().search.found); got != want {
			t.Errorf("%s is found %d times, want %d", query, got, want)
		}
	}
}

func TestLeavingTheSearchLineGoesBackToWhereItBegan(t *testing.T) {
	t.Parallel()
	b := newBench(t, lessons.English, 60, 20)
	b.inReading()
	b.keys("j", "j")
	b.keys("/", "c", "o", "m", "e", "space", "a", "n", "d")
	s := b.lessonPage()
	if s.view.top <= 2 {
		t.Fatalf("the match is not shown, the first line is %d", s.view.top)
	}
	b.keys("esc")
	if s.view.top != 2 || s.search.on {
		t.Errorf("the first line is %d, the search is on: %v", s.view.top, s.search.on)
	}
	b.keys("/", "backspace")
	if s.search.on {
		t.Error("backspace in an empty line does not leave it")
	}
}

func TestTermsAreExplained(t *testing.T) {
	t.Parallel()
	b := newBench(t, lessons.Chinese, 80, 24)
	b.inReading()
	s := b.lessonPage()
	b.keys("K")
	if got := b.frame(); !strings.Contains(got, "─ Pod ") || !strings.Contains(got, "1/3") || !strings.Contains(got, "能运行的最小单位") {
		t.Fatalf("the first term is not explained:\n%s", got)
	}
	b.keys("tab")
	if got := b.frame(); !strings.Contains(got, "服务（Service）") || !strings.Contains(got, "详见：阅读 / 它由什么组成") {
		t.Errorf("the second term:\n%s", got)
	}
	b.keys("left", "left")
	if got := b.frame(); !strings.Contains(got, "选择算符（selector）") {
		t.Errorf("one before the first is the last:\n%s", got)
	}
	b.keys("esc")
	if b.app.over != nil || s.terms.now != -1 {
		t.Error("esc does not close the box")
	}
	b.keys("K", "tab", "enter")
	if got := b.lessonPage(); got.page != 1 || b.app.over != nil {
		t.Errorf("enter goes to page %d", got.page)
	}
}

func TestOnlyTheFirstUseOfATermIsMarked(t *testing.T) {
	t.Parallel()
	b := newBench(t, lessons.English, 80, 40)
	b.inReading()
	s := b.lessonPage()
	marked := map[string]int{}
	for i := range s.text.Doc.Lines {
		for _, span := range s.text.Marked(i, s.marks()).Spans {
			if span.Mark == markdown.MarkTerm {
				marked[span.Text]++
			}
		}
	}
	if len(marked) != 3 || marked["Pod"] != 1 || marked["Service"] != 1 || marked["selector"] != 1 {
		t.Errorf("marked are %v", marked)
	}
}

func TestTheMouseFollowsWhatItClicks(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		text string
		says string
	}{
		"a term":       {"Service has one", "One address that stays"},
		"a link":       {"the docs", "https://kubernetes.io/docs/"},
		"a footnote":   {"[1] that stays", "Because Pods come and go"},
		"a picture":    {"The Pods", "pods.svg"},
		"another page": {"is made.", "That is all."},
		"contents":     {"The last page", "Nothing of that kind"},
	} {
		b := newBench(t, lessons.English, 120, 40)
		b.inReading()
		b.clickOn(tc.text)
		if got := b.frame(); !strings.Contains(got, tc.says) {
			t.Errorf("%s: a click does not show %q:\n%s", name, tc.says, got)
		}
	}
	b := newBench(t, lessons.English, 80, 24)
	b.inReading()
	b.keys("G")
	b.clickOn("next: How it is made")
	if b.lessonPage().page != 1 {
		t.Error("a click on what comes next does not go there")
	}
	for x := range 80 {
		for y := range 24 {
			b.send(tea.MouseClickMsg{X: x, Y: y, Button: tea.MouseLeft})
			b.frame()
			b.keys("esc")
			b.inReading()
		}
	}
}

// clickOn clicks on the first cell of a text on the screen.
func (b *bench) clickOn(text string) {
	b.t.Helper()
	for y, line := range strings.Split(b.frame(), "\n") {
		if before, _, found := strings.Cut(line, text); found {
			b.send(tea.MouseClickMsg{X: markdown.Width(before), Y: y, Button: tea.MouseLeft})
			return
		}
	}
	b.t.Fatalf("%q is not on the screen:\n%s", text, b.frame())
}

func TestCodeIsCopied(t *testing.T) {
	t.Parallel()
	b := newBench(t, lessons.English, 80, 30)
	b.inReading()
	b.keys("y")
	cmd := b.send(keyPress("2"))
	if got := clipboard(t, cmd); got != "kubectl delete pod web" {
		t.Errorf("the second block is copied as %q", got)
	}
	if got := b.frame(); !strings.Contains(got, "Copied: kubectl delete pod web") {
		t.Errorf("it is not said:\n%s", got)
	}
	one := newBench(t, lessons.English, 120, 40)
	one.app.act(goLesson{lesson: "services"}, nil)
	if got := clipboard(t, one.send(keyPress("y"))); !strings.HasPrefix(got, "apiVersion: v1\nkind: Service\n") {
		t.Errorf("the only block is copied as %q", got)
	}
}

// messages runs a command and those that it consists of, ticks left out.
func messages(cmd tea.Cmd) (msgs []tea.Msg) {
	if cmd == nil {
		return nil
	}
	switch msg := cmd().(type) {
	case tea.BatchMsg:
		for _, one := range msg {
			msgs = append(msgs, messages(one)...)
		}
	case tickMsg:
	default:
		msgs = append(msgs, msg)
	}
	return msgs
}

func TestLinksAreOpenedOnlyWhenAskedAndOnlyOfTheWeb(t *testing.T) {
	t.Parallel()
	var opened []string
	b := newBench(t, lessons.English, 80, 24)
	b.app.deps.OpenURL = func(_ context.Context, url string) error { opened = append(opened, url); return nil }
	b.inReading()
	b.keys("f")
	if got := b.frame(); !strings.Contains(got, " 1  the docs  https://kubernetes.io/docs/") {
		t.Fatalf("the links are not listed:\n%s", got)
	}
	b.keys("1")
	if len(opened) != 0 {
		t.Fatal("a link is opened without being asked")
	}
	for _, msg := range messages(b.send(keyPress("o"))) {
		b.send(msg)
	}
	if len(opened) != 1 || opened[0] != "https://kubernetes.io/docs/" || !strings.Contains(b.frame(), "Opened https://kubernetes.io/docs/") {
		t.Errorf("opened are %v:\n%s", opened, b.frame())
	}
	b.keys("f", "1")
	if got := clipboard(t, b.send(keyPress("y"))); got != "https://kubernetes.io/docs/" {
		t.Errorf("copied is %q", got)
	}
	for _, address := range []string{"file:///etc/passwd", "javascript:alert(1)", "pods.svg", "https:nohost", "ssh://x", "-x", "mailto:a@b"} {
		s := b.lessonPage()
		over, _ := s.followLink(pageLink{text: "x", url: address}).(overlaying)
		for _, bind := range over.what.bindings() {
			if bind.Help() == s.keys.OpenLink.Help() {
				t.Errorf("%s may be opened", address)
			}
		}
		msg, _ := openInBrowser(b.app.crew, b.app.deps.OpenURL, address)().(linkOpenedMsg)
		if msg.err == nil {
			t.Errorf("%s is opened", address)
		}
	}
	b.send(linkOpenedMsg{"https://x.y", errors.New("no browser\x1b[2J")})
	if got := b.frame(); !strings.Contains(got, "could not be opened: no browser") {
		t.Errorf("a failure is not said:\n%s", got)
	}
	if len(opened) != 1 {
		t.Errorf("opened are %v", opened)
	}
}

func TestADiagramIsMovedSideways(t *testing.T) {
	t.Parallel()
	b := newBench(t, lessons.English, 60, 40)
	b.inReading()
	if got := b.frame(); !strings.Contains(got, "›") || strings.Contains(got, "10.244.0.5") {
		t.Fatalf("the wide diagram is not cut:\n%s", got)
	}
	for range 12 {
		b.keys(">")
	}
	if got := b.frame(); !strings.Contains(got, "10.244.0.5                   │") || !strings.Contains(got, "‹") {
		t.Errorf("its right end is not shown:\n%s", got)
	}
	for range 12 {
		b.keys("<")
	}
	if s := b.lessonPage(); s.shift != 0 {
		t.Errorf("it does not come back: %d", s.shift)
	}
}

// TestThePlaceIsKept resizes, switches language, goes away and comes back: the
// line that was at the top stays there.
func TestThePlaceIsKept(t *testing.T) {
	t.Parallel()
	b := newBench(t, lessons.English, 80, 24)
	var body strings.Builder
	var bodyZH strings.Builder
	for i := range 60 {
		fmt.Fprintf(&body, "Paragraph %d has some words, enough of them to go over more than one line of a narrow screen, and a few more.\n\n", i)
		fmt.Fprintf(&bodyZH, "第 %d 段，也有一些话，足够在窄的屏幕上占两行以上，免得太短，看不出换行，再多写几个字。\n\n", i)
	}
	course := testCourse()
	course.Modules[1].Lessons[0].Pages[0].Body = both(body.String(), bodyZH.String())
	b.app.course = course
	b.app.act(goLesson{lesson: "services"}, nil)
	s := b.lessonPage()
	for range 50 {
		b.keys("j")
	}
	first := func() string {
		i := s.view.top
		for s.text.Doc.Lines[i].Plain() == "" {
			i++ // between two paragraphs
		}
		line := s.text.Doc.Lines[i].Plain()
		for ; !strings.Contains(line, "Paragraph") && !strings.Contains(line, "段"); i-- {
			line = s.text.Doc.Lines[i].Plain()
		}
		var n int
		if _, err := fmt.Sscanf(strings.NewReplacer("Paragraph ", "", "第 ", "").Replace(line), "%d", &n); err != nil {
			t.Fatal(line, err)
		}
		return fmt.Sprint(n)
	}
	want := first()
	for _, size := range [][2]int{{120, 40}, {60, 20}, {200, 60}, {61, 21}, {80, 24}} {
		b.send(tea.WindowSizeMsg{Width: size[0], Height: size[1]})
		if got := first(); got != want {
			t.Errorf("at %v the first line is of paragraph %s, was %s", size, got, want)
		}
	}
	top := s.view.top
	b.keys("l")
	if got := first(); got != want {
		t.Errorf("in Chinese the first line is of paragraph %s, was %s", got, want)
	}
	b.keys("l")
	if got := first(); got != want || s.view.top > top {
		t.Errorf("back in English the first line is %d of paragraph %s, was %d of %s", s.view.top, got, top, want)
	}
	b.inExercise()
	b.report(testReport())
	b.keys("v")
	s = b.lessonPage()
	if got := first(); got != want {
		t.Errorf("back from the exercise the first line is of paragraph %s, was %s", got, want)
	}
	b.keys("H")
	b.app.act(goLesson{lesson: "services", page: "why"}, nil)
	s = b.lessonPage()
	if got := first(); got != want {
		t.Errorf("back from home the first line is of paragraph %s, was %s", got, want)
	}
	b.keys("n", "p")
	if s.view.top != 0 {
		t.Errorf("a page that is turned to begins at line %d", s.view.top)
	}
}

// TestALongPageIsShownAtOnce wants the first screen of a 200 KB page before the
// layout is done, keys that work meanwhile, and the place kept when it is.
func TestALongPageIsShownAtOnce(t *testing.T) {
	t.Parallel()
	b := newBench(t, lessons.English, 80, 24)
	body := strings.Repeat(longPage+"\n", 360) + "The very end.\n"
	if len(body) < 200<<10 {
		t.Fatal(len(body))
	}
	course := testCourse()
	course.Modules[1].Lessons[0].Pages[0].Body = both(body, body)
	b.app.course = course
	b.app.act(goLesson{lesson: "services"}, nil)
	cmd := b.send(tea.FocusMsg{})
	s := b.lessonPage()
	if got := b.frame(); !s.part || !strings.Contains(got, "You ask a Pod for a page") {
		t.Fatalf("the first screen is not there:\n%s", got)
	}
	b.keys("j", "j", "j")
	if s.view.top != 3 {
		t.Errorf("three lines down is line %d", s.view.top)
	}
	if b.keys("G"); !strings.Contains(b.frame(), "laying out") {
		t.Errorf("it is not said that more is to come:\n%s", b.frame())
	}
	if _, read := b.app.progress.Lesson("services").Read["why"]; read {
		t.Error("the end of a part counts as the end of the page")
	}
	b.keys("g", "j", "j", "j")
	for _, msg := range messages(cmd) {
		b.send(msg)
	}
	if s.part || s.view.top != 3 {
		t.Errorf("when all is laid out: part %v, first line %d", s.part, s.view.top)
	}
	if b.keys("G"); !strings.Contains(b.frame(), "The very end.") {
		t.Errorf("the end is not there:\n%s", b.frame())
	}
}

func TestNotesAreReadLikeALesson(t *testing.T) {
	t.Parallel()
	b := newBench(t, lessons.English, 80, 24)
	b.readNotes(testNotes())
	if got := b.frame(); !strings.Contains(got, "It was mended.") || !strings.Contains(got, "<b>HTML</b>") || !strings.Contains(got, "a picture (img/a.png)") ||
		!strings.Contains(got, "notes: 我的笔记 my notes") {
		t.Errorf("the first page:\n%s", got)
	}
	for _, key := range []string{"H", "c", "esc", "e", "z", "enter"} {
		b.keys(key)
		if s := b.lessonPage(); s.page != 0 {
			t.Errorf("%s leaves the page", key)
		}
	}
	b.keys("t", "G", "enter")
	if s := b.lessonPage(); s.page != 30 {
		t.Errorf("the last entry of the contents is page %d", s.page)
	}
	b.keys("l")
	if got := b.frame(); !strings.Contains(got, "笔记：我的笔记") {
		t.Errorf("the language is not switched:\n%s", got)
	}
	b.keys("/", "s", "e", "c", "t", "i", "o", "n", "enter", "n")
	if s := b.lessonPage(); s.page != 1 {
		t.Errorf("the next match is on page %d", s.page)
	}
}

// TestNothingBreaksWhileReading presses keys, clicks and resizes at random on
// pages that have something of everything, and on notes.
func TestNothingBreaksWhileReading(t *testing.T) {
	t.Parallel()
	names := []string{"/", "/", "p", "o", "d", "n", "N", "enter", "esc", "K", "K", "tab", "shift+tab", "f", "y", "<", ">", "t", "j", "k", "g", "G",
		"space", "b", "left", "right", "l", "1", "2", "5", "9", "o", "backspace", "选", "up", "down", "q", "?", "T", "ctrl+d", "ctrl+u"}
	for seed := range uint64(4) {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			t.Parallel()
			random := rand.New(rand.NewPCG(seed, 9))
			b := newBench(t, lessons.Languages()[seed%2], 80, 24)
			again := b.inReading
			if seed > 1 {
				again = func() { b.readNotes(testNotes()) }
			}
			again()
			for step := range 1500 {
				switch n := random.IntN(16); n {
				case 0:
					b.send(tea.WindowSizeMsg{Width: 1 + random.IntN(150), Height: 1 + random.IntN(50)})
				case 1, 2:
					b.send(tea.WindowSizeMsg{Width: 60 + random.IntN(80), Height: 20 + random.IntN(30)})
				case 3, 4:
					b.send(tea.MouseClickMsg{X: random.IntN(150), Y: random.IntN(50), Button: tea.MouseLeft})
				case 5:
					b.send(tea.PasteMsg{Content: "e\x1b[2J"})
				default:
					b.keys(names[random.IntN(len(names))])
				}
				if _, reading := b.app.top().(*lessonScreen); !reading && random.IntN(10) == 0 {
					again()
				}
				if b.frame(); t.Failed() {
					t.Fatalf("after step %d", step)
				}
			}
		})
	}
}

func TestATermStaysExplainedWhileTheScreenChanges(t *testing.T) {
	t.Parallel()
	b := newBench(t, lessons.English, 80, 24)
	b.inReading()
	b.keys("K", "tab")
	for _, size := range [][2]int{{120, 40}, {60, 20}, {100, 30}} {
		b.send(tea.WindowSizeMsg{Width: size[0], Height: size[1]})
		if got := b.frame(); !strings.Contains(got, "Service (服务)") || b.lessonPage().terms.now != 1 {
			t.Errorf("at %v:\n%s", size, got)
		}
	}
}

// TestAllPagesOfALongLessonAreSearchedByACommand wants typing to go on while the
// pages are read, and their matches told afterwards.
func TestAllPagesOfALongLessonAreSearchedByACommand(t *testing.T) {
	t.Parallel()
	b := newBench(t, lessons.English, 80, 24)
	n := &Notes{Title: "long", Pages: []notes.Page{{Title: "first", Level: 1, Body: "nothing"}}}
	for range 40 {
		n.Pages = append(n.Pages, notes.Page{Title: "more", Level: 2, Body: strings.Repeat("Some words and a needle.\n\n", 100)})
	}
	b.readNotes(n)
	cmd := b.send(keyPress("/"))
	b.keys("n", "e", "e", "d", "l", "e")
	if got := b.frame(); !strings.Contains(got, "not found  other pages …") {
		t.Errorf("it is not said that the other pages are being read:\n%s", got)
	}
	for _, msg := range messages(cmd) {
		b.send(msg)
	}
	if got := b.frame(); !strings.Contains(got, "4000 on other pages") {
		t.Errorf("the other pages:\n%s", got)
	}
	b.keys("enter", "N")
	if s := b.lessonPage(); s.page != 40 || s.search.at != 99 {
		t.Errorf("N goes to page %d, match %d", s.page, s.search.at)
	}
}

// BenchmarkKeyInAPage200KB is one key press in a 200 KB Chinese page at 200x60, to
// the finished frame.
func BenchmarkKeyInAPage200KB(b *testing.B) {
	a := newApp(newWorld(lessons.Chinese).deps, newCrew(b.Context()))
	course := testCourse()
	body := strings.Repeat(longPageZH+"\n", 260)
	course.Modules[1].Lessons[0].Pages[0].Body = both(body, body)
	a.Update(courseMsg{course: course})
	a.Update(tea.WindowSizeMsg{Width: 200, Height: 60})
	a.act(goLesson{lesson: "services"}, nil)
	for _, msg := range messages(a.prose.layOutLong(a.crew)) {
		a.Update(msg)
	}
	keys := []string{"j", "space", "k", "/", "s", "e", "r", "enter", "n", "n", "esc"}
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		a.Update(keyPress(keys[i%len(keys)]))
		a.View()
	}
}
