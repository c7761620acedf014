package tui

import (
	"strings"
	"testing"

	"github.com/k8stutor/k8stutor/lessons"
)

// ran is told by the shell of the exercise: a line has ended.
func (b *bench) ran(number int, line string, exit int, output string) {
	b.send(commandRanMsg{shell: b.app.exercise.terminal.id, number: number, line: line, exit: exit, output: output})
}

func (b *bench) ranBadly() {
	b.inExercise()
	b.report(testReport())
	b.ran(1, "kubectl create deployment web --image-nginx", 1, "error: unknown flag: --image-nginx\n")
}

func TestAMistypedCommandIsSpokenToUntilTheNextOne(t *testing.T) {
	t.Parallel()
	const said = "`--image-nginx` is one word; the flag is `--image=nginx`."
	hint := strings.ReplaceAll(said, "`", "")
	b := newBench(t, lessons.English, 140, 40)
	b.ranBadly()
	b.shows("About the command you have just run", hint)
	b.report(testReport())
	b.shows(hint) // as long as nothing else is run
	b.keys("l")
	b.shows("关于刚才的命令")
	b.keys("l")
	b.ran(2, "kubectl get deployments", 0, "No resources found")
	if strings.Contains(b.frame(), "just run") {
		t.Errorf("a command that ran well leaves the hint:\n%s", b.frame())
	}

	b.ran(3, "kubctl get pods", 127, "")
	b.shows("There is no program kubctl.")
	b.report(passedReport())
	if strings.Contains(b.frame(), "kubctl") {
		t.Errorf("the step is passed and the hint is there:\n%s", b.frame())
	}
	b.keys("n")
	b.app.exercise.steps.open("create") // passed, but the learner goes on in the shell
	b.ran(4, "kubctl get pods", 127, "")
	b.shows("There is no program kubctl.")
}

func TestAHintIsToldWhereTheShellHidesTheSteps(t *testing.T) {
	t.Parallel()
	b := newBench(t, lessons.Chinese, 80, 24)
	b.inExercise()
	b.report(testReport())
	b.keys("3")
	b.ran(1, "kubectl get pods -a", 1, "error: unknown shorthand flag: 'a' in -a\n")
	b.shows("刚才的命令：参数区分大小写：是 -A")
}

func TestACommandOfAnotherShellIsNotSpokenTo(t *testing.T) {
	t.Parallel()
	b := newBench(t, lessons.English, 140, 40)
	b.inExercise()
	b.report(testReport())
	b.send(commandRanMsg{shell: b.app.exercise.terminal.id + 1, number: 1, line: "kubctl get pods", exit: 127})
	if strings.Contains(b.frame(), "kubctl") {
		t.Errorf("a command of another shell is spoken to:\n%s", b.frame())
	}
}
