package tui

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	tea "charm.land/bubbletea/v2"

	"github.com/k8stutor/k8stutor/lessons"
)

// fakeApplier refuses files that hold "contaners".
type fakeApplier struct {
	applied int
	err     error
}

func (a *fakeApplier) DryRun(_ context.Context, _ lessons.Workspace, docs []lessons.Document) ([]lessons.Refusal, error) {
	for _, d := range docs {
		if strings.Contains(string(d.YAML), "contaners") {
			return []lessons.Refusal{{Document: d.Index, Said: `Pod in version "v1" cannot be handled as a Pod: strict decoding error: unknown field "spec.contaners"`}}, a.err
		}
	}
	return nil, a.err
}

func (a *fakeApplier) Apply(ctx context.Context, ws lessons.Workspace, docs []lessons.Document) ([]lessons.Refusal, error) {
	a.applied++
	return a.DryRun(ctx, ws, docs)
}

func (*fakeApplier) Fields(_ context.Context, _ lessons.Document, within []string) map[string][]string {
	return map[string][]string{"spec": {"containers", "volumes"}}
}

const faultyPod = "apiVersion: v1\nkind: Pod\nmetadata:\n  name: site\nspec:\n  contaners:\n  - name: web\n    image: nginx:1.27\n"

// drill is a lesson of a predict step and a manifest step.
func drill() *lessons.Lesson {
	foretell := &lessons.Step{ID: "foretell", Kind: lessons.Predict, Title: both("Foretell", "预测一下"),
		Goal:     both("How many Pods will there be after you delete one?", "删掉一个 Pod 之后，会有几个？"),
		Choices:  []lessons.Choice{{Value: "2", Text: both("it stays gone", "少了一个")}, {Value: "3", Text: both("a new one comes", "补上一个新的")}},
		Done:     both("The ReplicaSet made another.", "ReplicaSet 又创建了一个。"),
		Hints:    []lessons.Text{both("Who counts?", "谁在数？")},
		Checks:   []*lessons.Check{{ID: "deleted", Title: both("A Pod was deleted", "删掉过一个 Pod")}},
		Solution: []string{"kubectl delete pod web-1"}, Answer: &lessons.Answer{}}
	write := &lessons.Step{ID: "write", Kind: lessons.Manifest, Title: both("Mend a manifest", "改好清单"),
		Goal:     both("Mend the file and apply it.", "把文件改好并应用。"),
		Done:     both("The API server has it.", "API 服务器已经接受了它。"),
		Hints:    []lessons.Text{both("Read what it says.", "看它怎么说。")},
		Checks:   []*lessons.Check{{ID: "exists", Title: both("Pod site exists", "Pod site 存在")}},
		Solution: []string{"kubectl run site --image=nginx:1.27"},
		Draft:    lessons.Draft{Name: "site.yaml", Text: []byte(faultyPod)}}
	return &lessons.Lesson{ID: "drill", Title: both("Drill", "演练"), Minutes: 5, Summary: both("A drill.", "一次演练。"),
		Pages: []lessons.Page{{ID: "p", Title: both("P", "P"), Body: both("p", "p")}},
		Steps: []*lessons.Step{foretell, write}}
}

func drillReport(seq uint64, first lessons.Verdict, pr *lessons.Prediction) lessons.Report {
	r := lessons.Report{Seq: seq, Time: fixedTime(), Lesson: "drill", Workspace: testWorkspace(), Current: "foretell", Verdict: lessons.NotYet,
		Steps: []lessons.StepResult{
			{ID: "foretell", Verdict: first, Begun: true, Prediction: pr, Checks: []lessons.CheckResult{
				{ID: lessons.AnswerCheck, Verdict: first, Title: both("Your prediction", "你的预测")},
				{ID: "deleted", Verdict: first, Title: both("A Pod was deleted", "删掉过一个 Pod")}}},
			{ID: "write", Verdict: lessons.NotYet, Begun: first == lessons.Pass, Checks: []lessons.CheckResult{
				{ID: "exists", Verdict: lessons.NotYet, Title: both("Pod site exists", "Pod site 存在")}}},
		}}
	if first == lessons.Pass {
		r.Current = "write"
		r.Steps[0].Checks[0].Why = both("You foretold `2`; it came out as `3`.", "你的预测是 `2`，实际结果是 `3`。")
	}
	return r
}

// inDrill goes to the exercise of the drill, with files in a folder of their own.
func (b *bench) inDrill(files string) *fakeApplier {
	b.app.deps.Files = lessons.Files{Dir: files}
	lesson := drill()
	if b.nasty {
		lesson = poisoned(lesson)
	}
	b.app.course.Modules[1].Lessons = append(b.app.course.Modules[1].Lessons, lesson)
	a := &fakeApplier{}
	b.session.Applier = a
	b.app.act(goExercise{lesson: "drill"}, nil)
	b.send(openedMsg{opening: b.app.openings, session: b.session, info: b.session.Info()})
	b.send(laidMsg{lesson: "drill", paths: map[string]string{"write": b.app.deps.Files.Path("drill", drill().Steps[1])}})
	b.report(drillReport(1, lessons.NotYet, nil))
	return a
}

// atWrite goes on to the manifest step.
func (b *bench) atWrite(files string) *fakeApplier {
	a := b.inDrill(files)
	b.report(drillReport(2, lessons.Pass, &lessons.Prediction{Said: "2", Outcome: "3", Known: true}))
	b.keys("enter")
	return a
}

// laidAt, refused, accepted and applied tell the exercise what has become of
// the file of its manifest step.
func (b *bench) laidAt(path string) {
	msg := laidMsg{lesson: "drill", paths: map[string]string{"write": path}}
	if b.nasty {
		msg.paths["write"] += nasty
	}
	b.send(msg)
}

// editing opens the built-in editor on a text.
func (b *bench) editing(text string) {
	if b.nasty {
		text += nasty
	}
	b.keys("e")
	b.send(editorMsg{lesson: "drill", step: "write", path: "/home/you/site.yaml", text: text})
}

func (b *bench) refused() {
	b.laidAt("/home/you/site.yaml")
	faults := []lessons.Fault{
		{Line: 6, Column: 3, Source: "  contaners:", Object: "Pod/site", Path: "spec.contaners",
			Said:   `Pod in version "v1" cannot be handled as a Pod: strict decoding error: unknown field "spec.contaners"`,
			Advice: both("There is no such field here; did you mean `containers`?", "这个位置没有这样的字段。是不是想写 `containers`？")},
		{Line: 9, Column: 5, Source: "# 说明：“网站”", Advice: both("This is `：` (U+FF1A).", "这里是全角的 `：`（U+FF1A）。")},
	}
	if b.nasty {
		faults = poisoned(faults)
	}
	b.send(reviewedMsg{run: b.app.exercise.run.id, step: "write", faults: faults})
}

func (b *bench) accepted() {
	b.laidAt("/home/you/site.yaml")
	b.send(reviewedMsg{run: b.app.exercise.run.id, step: "write"})
}

func (b *bench) applied() {
	b.send(reviewedMsg{run: b.app.exercise.run.id, step: "write", apply: true})
}

func TestAFileWithFaultsIsShownWithItsLinesAndMended(t *testing.T) {
	t.Parallel()
	for _, lang := range lessons.Languages() {
		for _, size := range [][2]int{{80, 24}, {120, 40}} {
			dir := t.TempDir()
			b := newBench(t, lang, size[0], size[1])
			a := b.atWrite(dir)
			path := filepath.Join(dir, "drill", "site.yaml")
			b.press("d")
			b.shows("site.yaml:6", `"spec.contaners"`, "  contaners:", "  ^")
			b.app.Update(tea.WindowSizeMsg{Width: 100, Height: 30}) // the faults survive it
			b.shows("site.yaml:6")
			b.app.Update(tea.WindowSizeMsg{Width: size[0], Height: size[1]})
			if err := os.WriteFile(path, []byte(strings.Replace(faultyPod, "contaners", "containers", 1)), 0o600); err != nil {
				t.Fatal(err)
			}
			b.press("d")
			b.hides("site.yaml:6")
			b.shows(b.app.words.Exercise.AskApply)
			b.press("n")
			if a.applied != 0 {
				t.Error("applied without a yes")
			}
			b.press("a")
			if a.applied != 1 {
				t.Errorf("applied %d times, want once", a.applied)
			}
			b.shows(b.app.words.Exercise.FileApplied)
			b.press("d", "y")
			if a.applied != 2 {
				t.Errorf("applied %d times after a yes, want twice", a.applied)
			}
		}
	}
}

func TestWithoutAnEditorTheBuiltInOneHoldsTheFile(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	b := newBench(t, lessons.English, 80, 24)
	a := b.atWrite(dir)
	path := filepath.Join(dir, "drill", "site.yaml")
	b.press("d", "e")
	b.shows("line 6 of 8", "line 6: There is no such field here; did you mean containers?", "contaners:")
	// It begins at the fault, every key is the file's, and Chinese is text.
	b.press("end", "left", "left", "left", "left", "left", "i", "q", "l", "backspace", "backspace")
	b.shows("  containers:", "not saved")
	b.press("down", "down", "end", "enter", "#", "space", "你", "好")
	b.shows("    # 你好")
	b.press("esc", "n")
	b.shows("# 你好")
	b.press("ctrl+s")
	text, err := os.ReadFile(path)
	if want := strings.Replace(faultyPod, "contaners", "containers", 1) + "    # 你好\n"; err != nil || string(text) != want {
		t.Errorf("saved %q, %v; want %q", text, err, want)
	}
	b.shows(b.app.words.Exercise.AskApply) // saved, it is checked
	b.press("y")
	if a.applied != 1 {
		t.Error("not applied")
	}
	b.press("e", "x", "esc", "y")
	if again, _ := os.ReadFile(path); string(again) != string(text) {
		t.Errorf("left without saving, the file holds %q", again)
	}
}

func TestTheBuiltInEditorEditsAsExpected(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name, text string
		keys       []string
		want       string
	}{
		{"a new line is indented like the one before", "  a: b", []string{"end", "enter", "c"}, "  a: b\n  c\n"},
		{"and deeper below a key", "a:", []string{"end", "enter", "b"}, "a:\n  b\n"},
		{"not at the start of a line", "  a", []string{"enter"}, "\n  a\n"},
		{"tab gives spaces", "a", []string{"tab"}, "  a\n"},
		{"backspace takes a level of indentation", "    a", []string{"right", "right", "right", "right", "backspace"}, "  a\n"},
		{"and joins lines", "a\nb", []string{"down", "backspace"}, "ab\n"},
		{"delete joins lines", "a\nb", []string{"end", "delete"}, "ab\n"},
		{"delete at the end of the file", "a", []string{"end", "delete"}, "a\n"},
		{"left and right go over line ends", "a\nb", []string{"down", "left", "x", "right", "y"}, "ax\nyb\n"},
		{"wide characters are one step", "你好", []string{"right", "-"}, "你-好\n"},
		{"up keeps the column", "你好\nabcd", []string{"down", "end", "up", "-"}, "你好-\nabcd\n"},
		{"a column within a wide character is before it", "你\nab", []string{"down", "right", "up", "-"}, "-你\nab\n"},
		{"Windows line ends go", "a\r\nb\r\n", []string{"end", "x"}, "ax\nb\n"},
		{"an empty file", "", []string{"a"}, "a\n"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t, lessons.Chinese, 60, 20)
			b.inDrill(t.TempDir())
			var saved string
			e := newEditorScreen(b.app.scene, goEdit{lesson: "drill", step: "write", path: "/x/site.yaml", text: tc.text}, drill().Steps[1],
				func(text string) tea.Cmd { saved = text; return nil })
			b.app.push(e, func(screen) bool { return false })
			b.keys(tc.keys...)
			b.frame()
			b.keys("ctrl+s")
			if saved != tc.want {
				t.Errorf("got %q, want %q", saved, tc.want)
			}
		})
	}
}

func TestPastedTextKeepsItsLines(t *testing.T) {
	t.Parallel()
	b := newBench(t, lessons.English, 60, 20)
	b.inDrill(t.TempDir())
	var saved string
	e := newEditorScreen(b.app.scene, goEdit{text: "head\ntail"}, drill().Steps[1], func(text string) tea.Cmd { saved = text; return nil })
	b.app.push(e, func(screen) bool { return false })
	b.keys("end")
	b.send(tea.PasteMsg{Content: ":\r\n\ta: 你\x1b[31m\nb"})
	b.keys("!", "ctrl+s")
	if want := "head:\n  a: 你\ufffd[31m\nb!\ntail\n"; saved != want {
		t.Errorf("got %q, want %q", saved, want)
	}
}

func TestTheLearnersOwnEditorIsRunOnTheFile(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	b := newBench(t, lessons.English, 80, 24)
	a := b.atWrite(dir)
	program, err := exec.LookPath("sed")
	if err != nil {
		t.Skip("no sed")
	}
	b.app.exercise.desk.editor = func() ([]string, error) { return []string{program, "-i", "s/contaners/containers/"}, nil }
	b.send(keyPress("e"))
	b.shows("Opening the editor")
	ready, ok := openEditor(b.app.crew, b.app.exercise.desk, "drill", drill().Steps[1])().(editorMsg)
	if !ok || ready.program == nil || ready.program.Args[len(ready.program.Args)-1] != filepath.Join(dir, "drill", "site.yaml") {
		t.Fatalf("%+v", ready)
	}
	// What Bubble Tea does with the terminal in between is its own.
	b.send(ready)
	b.run(b.send(editedMsg{"drill", "write", ready.program.Run()}))
	b.press("y")
	if a.applied != 1 {
		t.Error("the edited file was not applied")
	}
	b.run(b.send(editedMsg{"drill", "write", errors.New("exit status 1")}))
	b.shows("Nothing can be told of the file: exit status 1")
	b.app.exercise.desk.editor = func() ([]string, error) { return nil, errors.New("nosuch: not found") }
	b.press("e")
	b.shows("nosuch: not found", "e edit the file")
}

func TestAClusterThatIsAwayLosesNoFile(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	b := newBench(t, lessons.Chinese, 80, 24)
	a := b.atWrite(dir)
	a.err = awayError()
	if err := os.MkdirAll(filepath.Join(dir, "drill"), 0o700); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "drill", "site.yaml")
	good := strings.Replace(faultyPod, "contaners", "containers", 1)
	if err := os.WriteFile(path, []byte(good), 0o600); err != nil {
		t.Fatal(err)
	}
	b.press("d")
	b.shows("无法判定这个文件", "connection refused")
	if text, err := os.ReadFile(path); err != nil || string(text) != good {
		t.Errorf("%q, %v", text, err)
	}
	a.err = nil
	b.press("d")
	b.shows(b.app.words.Exercise.AskApply)
}

func TestAnAnswerAboutAFileNeverComesOverAnotherScreen(t *testing.T) {
	t.Parallel()
	b := newBench(t, lessons.English, 80, 24)
	b.atWrite(t.TempDir())
	run := b.app.exercise.run.id
	b.keys("d", "v")
	b.send(reviewedMsg{run: run, step: "write"})
	if b.app.over != nil {
		t.Error("the question came over the pages")
	}
	b.press("e")
	b.shows("Press a to apply")
	b.send(reviewedMsg{run: run + 1, step: "write", faults: []lessons.Fault{{Line: 1}}})
	b.shows("Press a to apply") // what an older run was told is not shown
}

func TestAPredictionIsTypedThenComparedInTheDebrief(t *testing.T) {
	t.Parallel()
	b := newBench(t, lessons.English, 80, 24)
	b.inDrill(t.TempDir())
	b.shows("How many Pods will there be", "press a: what do you think", "a foretell")
	b.keys("a", "2")
	b.shows("Your prediction: 2")
	b.send(keyPress("enter"))
	b.shows("being checked")
	noted := drillReport(2, lessons.NotYet, &lessons.Prediction{Said: "2"})
	b.send(answeredMsg{run: b.app.exercise.run.id, step: "foretell", report: noted})
	b.shows("Your prediction: 2  noted; now do it and see")
	if b.app.exercise.steps.typing {
		t.Error("still typing after the prediction was taken")
	}
	b.report(drillReport(3, lessons.Pass, &lessons.Prediction{Said: "2", Outcome: "3", Known: true}))
	b.shows("You foretold 2; it came out as 3.", "The ReplicaSet made another.", "enter → Mend a manifest")
}

func TestAResetBringsTheDraftBackAndTellsWhereTheOldFileIs(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	b := newBench(t, lessons.English, 120, 40)
	b.atWrite(dir)
	if err := os.MkdirAll(filepath.Join(dir, "drill"), 0o700); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "drill", "site.yaml")
	if err := os.WriteFile(path, []byte("mine"), 0o600); err != nil {
		t.Fatal(err)
	}
	b.press("d", "x", "s")
	draft, _ := os.ReadFile(path)
	kept, err := os.ReadFile(path + ".bak")
	if string(draft) != faultyPod || string(kept) != "mine" || err != nil {
		t.Errorf("after the reset: %q, %q, %v", draft, kept, err)
	}
	b.shows("The old file is kept", "Press e to edit it")
}
