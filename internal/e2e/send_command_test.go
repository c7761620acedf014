package e2e

import (
	"strings"
	"testing"

	"github.com/k8stutor/k8stutor/lessons"
)

// TestACommandOfAHintIsPutOnTheLine sends the command of a hint to the learner's
// shell on a real cluster: it stands there until enter is pressed. It then goes
// from the terminal and back, fast, which types nothing.
func TestACommandOfAHintIsPutOnTheLine(t *testing.T) {
	home := t.TempDir()
	t.Cleanup(func() { stopSandbox(t, home) })
	l := sit(t, home, lessons.Chinese, 120, 40, "services")
	l.Wait(lesson(t, "services").Pages[0].Title.In(lessons.Chinese))
	l.Keys("e")
	l.passed(0, 5)
	l.WaitRE(`:~[#$]`)
	l.Keys("h")
	l.Wait("i 命令填入终端")
	l.Keys("i")
	l.WaitRE(`:~[#$] kubectl create deployment --help`)
	l.Wait("按 Enter 才会执行")
	if screen := l.Screen(); strings.Contains(screen, "Usage:") {
		t.Fatalf("the command was run without enter:\n%s", screen)
	}
	l.Keys("f6", "f6", "f6", "f6")
	l.Type(" | grep -c 'kubectl create deployment'; echo end-$((40+2))\r")
	l.Wait("end-42")
	if screen := l.Screen(); strings.Contains(screen, "~ |") || strings.Contains(screen, "--help~") {
		t.Errorf("F6 has typed something:\n%s", screen)
	}
	l.Keys("f6", "q")
	l.Exit(0)
}
