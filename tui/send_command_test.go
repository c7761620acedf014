package tui

import (
	"slices"
	"testing"

	tea "charm.land/bubbletea/v2"
	"github.com/google/go-cmp/cmp"

	"github.com/k8stutor/k8stutor/lessons"
	"github.com/k8stutor/k8stutor/tui/terminal"
)

const commandPage = "Look with `kubectl get pods`; the field `selector`, the key `k`.\n\n```console\n$ kubectl create -f - <<EOF\n> kind: Pod\n> EOF\npod/a created\n$ k get svc\n```\n\n" +
	"```yaml\nkubectl: get nodes\n```\n\n```sh\n# not this\nkubectl run a \\\n  --image=nginx\nkubectl delete pod a\n```\n\nAgain `kubectl get pods`, `kubectl get\u202e\x1b[31m svc`.\n"

// commandCourse has a page of commands in the lesson on Services.
func commandCourse() *lessons.Course {
	c := testCourse()
	l, _ := c.Lesson("services")
	l.Pages[0].Body = both(commandPage, commandPage)
	return c
}

func TestCommandsOfAText(t *testing.T) {
	t.Parallel()
	b := newBench(t, lessons.English, 120, 40)
	want := []string{"kubectl get pods", "kubectl create -f - <<EOF\nkind: Pod\nEOF", "k get svc", "kubectl run a \\\n  --image=nginx", "kubectl delete pod a", "kubectl get[31m svc"}
	got := b.app.prose.commands(commandPage)
	if i := slices.IndexFunc(got, func(c string) bool { return c == "kubectl get\ufffd[31m svc" }); i >= 0 {
		t.Errorf("command %d holds a mark of replacement", i)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("commands (-want +got):\n%s", diff)
	}
}

// typedInto is what the newest shell was given.
func (b *bench) typedInto() []string {
	b.t.Helper()
	if len(b.shells) == 0 {
		return nil
	}
	return b.shells[len(b.shells)-1].typed
}

func TestACommandOfAHintGoesToTheTerminal(t *testing.T) {
	t.Parallel()
	for _, size := range [][2]int{{80, 24}, {120, 40}} {
		for _, lang := range lessons.Languages() {
			b := newBench(t, lang, size[0], size[1])
			b.inExercise()
			b.report(testReport())
			if b.keys("i"); len(b.typedInto()) != 0 {
				t.Fatalf("with no command shown, %q was sent", b.typedInto())
			}
			b.keys("h", "h", "i")
			b.shows(b.app.words.Sending.Which)
			b.keys("2")
			want := []string{"insert:kubectl create deployment web --image=nginx:1.27 --replicas=3"}
			if got := b.typedInto(); !slices.Equal(got, want) {
				t.Errorf("the shell got %q, want %q", got, want)
			}
			if !b.app.exercise.terminal.focused {
				t.Error("the terminal has not got the keys: enter would not run the command")
			}
			b.shows(b.app.words.Sending.Sent)
		}
	}
}

func TestACommandOfAPageWaitsForTheShell(t *testing.T) {
	t.Parallel()
	b := newBench(t, lessons.English, 120, 40)
	b.send(courseMsg{course: commandCourse()})
	b.app.act(goLesson{"services", "why"}, nil)
	b.keys("i", "3")
	if b.app.exercise == nil || b.app.exercise.terminal.waiting != "k get svc" {
		t.Fatal("the command does not wait for a terminal")
	}
	b.inExercise()
	b.report(testReport())
	b.send(shellDrawnMsg{b.app.exercise.terminal.id})
	if got := b.typedInto(); !slices.Equal(got, []string{"insert:k get svc"}) {
		t.Errorf("the shell got %q", got)
	}
}

func TestAClickSendsTheCommandUnderIt(t *testing.T) {
	t.Parallel()
	b := newBench(t, lessons.English, 120, 40)
	b.inExercise()
	b.report(testReport())
	b.keys("h", "h")
	for y := range 40 {
		b.send(tea.MouseClickMsg{X: 1, Y: y, Button: tea.MouseLeft}) // beside the text
	}
	if got := b.typedInto(); len(got) != 0 {
		t.Fatalf("clicks beside commands send %q", got)
	}
	b.app.exercise.show(stepsPane)
	for y := range 40 {
		b.send(tea.MouseClickMsg{X: 12, Y: y, Button: tea.MouseLeft})
		b.app.exercise.show(stepsPane)
	}
	if got := b.typedInto(); !slices.Contains(got, "insert:kubectl create deployment web --image=nginx:1.27 --replicas=3") {
		t.Errorf("a click on the command sent %q", got)
	}
}

func TestWhyACommandIsNotSent(t *testing.T) {
	t.Parallel()
	for refusal, text := range map[terminal.Refusal]string{terminal.RefusedBusy: sendingEN().Busy, terminal.RefusedLines: sendingEN().Lines} {
		b := newBench(t, lessons.English, 120, 40)
		b.inExercise()
		b.report(testReport())
		b.shells[0].refuses = refusal
		b.keys("h", "i")
		b.shows(text)
	}
}

func TestTheCommandUnderAColumn(t *testing.T) {
	t.Parallel()
	commands := []string{"kubectl get pods", "kubectl get pods -o wide"}
	line := "  看 kubectl get pods -o wide 和 kubectl get pods"
	for x, want := range map[int]string{4: "", 5: commands[1], 28: commands[1], 29: "", 33: commands[0], 47: commands[0], 49: ""} {
		if got := commandAt(line, x, commands); got != want {
			t.Errorf("column %d: %q, want %q", x, got, want)
		}
	}
	if got := commandAt("  $ kubectl get pods -o", 9, commands[1:]); got != commands[1] {
		t.Errorf("a line of a broken command: %q", got)
	}
}
