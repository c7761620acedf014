package e2e

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/k8stutor/k8stutor/lessons"
	"github.com/k8stutor/k8stutor/tui/tuitest"
)

// TestAManifestOnTheScreen mends the file of a manifest step in the learner's
// own editor, which has the terminal meanwhile, and in the built-in one.
func TestAManifestOnTheScreen(t *testing.T) {
	home := t.TempDir()
	t.Cleanup(func() { stopSandbox(t, home) })
	editor := filepath.Join(home, "my editor")
	script := "#!/bin/sh\n[ \"$1\" = --wait ] || exit 9\necho EDITING; read line; echo \"$line\" >>\"$2\"\n" +
		"sed -i -e s/Allways/Always/ -e s/container:/containers:/ -e 's/\"80\"/80/' \"$2\"\n"
	if err := os.WriteFile(editor, []byte(script), 0o700); err != nil {
		t.Fatal(err)
	}
	pods := lesson(t, "pods")
	at := func(env ...string) learner {
		cmd := exec.Command(built.tutor, "pods")
		cmd.Env = append(environment(home, "zh_CN.UTF-8"), env...)
		cmd.Dir = home
		return learner{tuitest.Setup{Timeout: 2 * time.Minute}.Command(t, cmd, 120, 40), lessons.Chinese, cmd}
	}
	write := pods.Steps[len(pods.Steps)-1]

	toTheStep := func(l learner) {
		l.WaitRE(`:~[#$]`) // the workspace is there
		for range pods.Steps[1:] {
			l.Keys("n")
		}
		l.Wait(start(write.Goal.In(l.lang)))
	}

	l := at("EDITOR='" + editor + "' --wait")
	l.Wait("第 1 页，共")
	l.Keys("e")
	toTheStep(l)
	l.Keys("d")
	l.WaitRE(`site\.yaml:\d+: `)
	l.Keys("e")
	l.Wait("EDITING")
	l.Type("# 改好了\r")
	l.Wait("文件没有问题")
	l.Keys("y")
	l.Wait("已应用")
	text, err := os.ReadFile(filepath.Join(home, "state", "k8stutor", "files", "pods", "site.yaml"))
	if err != nil || !strings.Contains(string(text), "containers:") || !strings.HasSuffix(string(text), "# 改好了\n") {
		t.Errorf("the file: %q, %v", text, err)
	}
	l.WaitRE(`Pod/site|site +`) // the object list has it
	l.Keys("q")
	l.Exit(0)

	l = at() // and without an editor
	toTheStep(l)
	l.Keys("e")
	l.Wait("ctrl-s")
	l.Type("# 你好\r")
	l.Wait("未保存")
	l.Keys("ctrl+s")
	l.Wait("文件没有问题")
	l.Keys("n")
	l.Keys("q")
	l.Exit(0)
}
