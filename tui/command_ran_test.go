package tui

import (
	"testing"

	"github.com/k8stutor/k8stutor/lessons"
)

func TestACommandThatRanIsKnownToTheExercise(t *testing.T) {
	t.Parallel()
	b := newBench(t, lessons.English, 120, 40)
	scenes()["exercise"](b)
	e := b.app.exercise
	ran := commandRanMsg{shell: e.terminal.id, number: 1, line: "kubectl get po", exit: 1, output: "Error"}
	b.send(commandRanMsg{shell: e.terminal.id + 1, number: 9, line: "of another shell"})
	if e.ran != (commandRanMsg{}) {
		t.Errorf("a command of another shell was taken: %+v", e.ran)
	}
	if b.send(ran); e.ran != ran {
		t.Errorf("the command is %+v, want %+v", e.ran, ran)
	}
}
