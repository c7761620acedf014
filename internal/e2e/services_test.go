package e2e

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/k8stutor/k8stutor/content"
	"github.com/k8stutor/k8stutor/lessons"
	"github.com/k8stutor/k8stutor/tui/markdown"
	"github.com/k8stutor/k8stutor/tui/tuitest"
)

// learner is somebody at the tutor's screen.
type learner struct {
	*tuitest.T
	lang lessons.Lang
	cmd  *exec.Cmd
}

// sit opens the tutor in a terminal of w x h cells. starts is generous: a
// machine that runs all tests is slow to start a Kubernetes.
func sit(t *testing.T, home string, lang lessons.Lang, w, h int, args ...string) learner {
	t.Helper()
	locale := map[lessons.Lang]string{lessons.English: "en_US.UTF-8", lessons.Chinese: "zh_CN.UTF-8"}[lang]
	cmd := exec.Command(built.tutor, args...)
	cmd.Env = environment(home, locale)
	cmd.Dir = home
	return learner{tuitest.Setup{Timeout: 2 * time.Minute}.Command(t, cmd, w, h), lang, cmd}
}

func lesson(t *testing.T, id string) *lessons.Lesson {
	t.Helper()
	course, err := lessons.Load(content.Courses, "kubernetes")
	if err != nil {
		t.Fatal(err)
	}
	l, ok := course.Lesson(id)
	if !ok {
		t.Fatalf("no lesson %s", id)
	}
	return l
}

// passed waits until n steps are passed.
func (l learner) passed(n, of int) {
	l.Wait("─ " + strconv.Itoa(n) + "/" + strconv.Itoa(of) + " ─╮")
}

// shell types a command in the terminal pane, once the shell is there, and
// comes back to the steps.
func (l learner) shell(command string) {
	l.WaitRE(`:~[#$]`)
	l.Keys("f6")
	l.Until("the terminal has the keys", func(s string) bool { return strings.Contains(s, "ctrl-]") })
	l.Type(command + "\r")
	l.Keys("f6")
	l.Until("the steps have the keys", func(s string) bool { return !strings.Contains(s, "ctrl-]") })
}

// TestServicesOnTheScreen goes from home through the pages and the exercise of
// services to a finished quiz, in both languages.
func TestServicesOnTheScreen(t *testing.T) {
	for _, lang := range lessons.Languages() {
		t.Run(string(lang), func(t *testing.T) {
			home := t.TempDir()
			t.Cleanup(func() { stopSandbox(t, home) })
			l := sit(t, home, lang, 120, 40)
			services := lesson(t, "services")

			l.Wait(services.Title.In(lang))
			l.Keys("down", "down", "enter")
			for i, page := range services.Pages {
				l.Wait(page.Title.In(lang))
				if i < len(services.Pages)-1 {
					l.Keys("n")
				}
			}
			l.Keys("e")
			l.Wait(services.Steps[0].Title.In(lang))
			l.passed(0, 5)

			l.shell("kubectl create deployment web --image=nginx:1.27") // one replica: not yet
			mistake := services.Steps[0].Mistakes[slices.IndexFunc(services.Steps[0].Mistakes, func(m *lessons.Mistake) bool { return m.ID == "one-replica" })]
			l.Wait(start(mistake.Text.In(lang)))
			l.shell("kubectl scale deployment web --replicas=3")
			l.passed(1, 5)
			l.Keys("enter")
			l.Wait(start(services.Steps[1].Goal.In(lang)))
			l.shell("k expose deployment web --port=80")
			l.passed(2, 5)
			l.Keys("enter")
			l.Wait(start(services.Steps[2].Goal.In(lang)))
			l.Keys("a")
			l.Type("4\r")
			l.Wait(start(lessons.Text{lessons.English: "That is not what the cluster", lessons.Chinese: "和集群此刻的状态不一致"}.In(lang)))
			l.Keys("backspace")
			l.Type("3\r")
			l.passed(3, 5)
			l.Keys("enter")
			l.Wait(start(services.Steps[3].Goal.In(lang)))
			l.shell("kubectl scale deployment web --replicas=5")
			l.passed(4, 5)
			l.Keys("enter")
			l.Wait("shop")
			for _, command := range services.Steps[4].Solution {
				l.shell(command)
			}
			l.passed(5, 5)

			l.Keys("z")
			for n, q := range services.Questions {
				l.answer(n, len(services.Questions), q)
			}
			questions := len(services.Questions)
			l.WaitRE(fmt.Sprintf(`(%[1]d of %[1]d|答对 %[1]d 题)`, questions))
			l.Keys("ctrl+c")
			l.Exit(0)
			gone(t, home)

			list := exec.Command(built.tutor, "list", "-o", "json")
			list.Env = environment(home, "C.UTF-8")
			out, err := list.Output()
			if err != nil || strings.Count(string(out), fmt.Sprintf(`"done": %d`, questions)) != 1 || strings.Count(string(out), `"done": 5`) != 1 {
				t.Errorf("progress after all: %v\n%s", err, out)
			}
		})
	}
}

// start is the beginning of a text as it stands on the screen, short enough not
// to be broken over lines.
func start(source string) string {
	source, _, _ = strings.Cut(source, "{{")
	line, _, _ := strings.Cut(markdown.Render([]byte(source), 48, markdown.Options{}).Plain(), "\n")
	return strings.TrimSpace(markdown.Truncate(line, 22, ""))
}

// answer answers a question of the quiz right.
func (l learner) answer(n, of int, q *lessons.Question) {
	l.Wait(start(q.Prompt.In(l.lang)))
	l.WaitRE(`(question ` + strconv.Itoa(n+1) + ` of|第 ` + strconv.Itoa(n+1) + ` 题)`)
	switch q.Kind {
	case lessons.Command, lessons.Field:
		l.Type(q.Accept[0] + "\r")
	case lessons.Spot:
		wrong, _ := strconv.Atoi(rightAnswer(q))
		lines := 0 // between the first that can be chosen, where the cursor stands, and the wrong one
		for at := 1; at < wrong; at++ {
			if q.Choosable(at) {
				lines++
			}
		}
		for range lines {
			l.Keys("j")
		}
		l.Keys("enter")
	case lessons.Order:
		order := l.listed(q)
		cursor := 0
		for want := range order {
			have := slices.Index(order, want)
			for ; cursor < have; cursor++ {
				l.Keys("j")
			}
			for ; cursor > have; cursor-- {
				l.Keys("k")
			}
			for ; cursor > want; cursor-- {
				l.Keys("K")
				order[cursor], order[cursor-1] = order[cursor-1], order[cursor]
			}
		}
		l.Keys("enter")
	default:
		cursor := 0
		for row, option := range l.listed(q) {
			if !q.Options[option].Right {
				continue
			}
			for ; cursor < row; cursor++ {
				l.Keys("j")
			}
			if q.Kind == lessons.Multiple {
				l.Keys("space")
			}
		}
		l.Keys("enter")
	}
	l.WaitRE(`(Right|答对)`)
	l.Keys("n")
}

// listed reads from the screen in which order the options of a question stand.
func (l learner) listed(q *lessons.Question) []int {
	rows := make([]int, len(q.Options))
	l.Until("all options", func(screen string) bool {
		for i, o := range q.Options {
			mark := regexp.MustCompile(`([A-I1-9]\.|□|■) ` + regexp.QuoteMeta(start(o.Text.In(l.lang))))
			rows[i] = slices.IndexFunc(strings.Split(screen, "\n"), mark.MatchString)
			if rows[i] < 0 {
				return false
			}
		}
		return true
	})
	order := make([]int, len(rows))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int { return rows[a] - rows[b] })
	return order
}

// gone makes sure that the sandbox of a home ends once nobody uses it.
func gone(t *testing.T, home string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	for {
		cmd := exec.CommandContext(ctx, built.tutor, "sandbox", "status", "-o", "json")
		cmd.Env = environment(home, "C.UTF-8")
		out, err := cmd.Output()
		if err != nil {
			t.Fatalf("the sandbox does not end after its last user: %v\n%s", err, out)
		}
		if strings.Contains(string(out), `"stage": "stopped"`) {
			return
		}
	}
}

// TestKilledTutorLeavesNothing kills the tutor in the middle of an exercise.
func TestKilledTutorLeavesNothing(t *testing.T) {
	home := t.TempDir()
	t.Cleanup(func() { stopSandbox(t, home) })
	l := sit(t, home, lessons.English, 120, 40, "services")
	l.Wait("Why a Service")
	l.Keys("e")
	l.passed(0, 5)
	if err := l.cmd.Process.Signal(syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	gone(t, home)
}

// TestKilledSandboxIsSaidAndRestarted kills the cluster in the middle of an
// exercise: the verdict is that nobody can tell, and after a restart on request
// the learner's work is still there.
func TestKilledSandboxIsSaidAndRestarted(t *testing.T) {
	home := t.TempDir()
	t.Cleanup(func() { stopSandbox(t, home) })
	l := sit(t, home, lessons.English, 120, 40, "services")
	l.Wait("Why a Service")
	l.Keys("e")
	l.passed(0, 5)
	l.shell("kubectl create deployment web --image=nginx:1.27 --replicas=3")
	l.passed(1, 5)

	status := exec.Command(built.tutor, "sandbox", "status")
	status.Env = environment(home, "C.UTF-8")
	out, err := status.Output()
	if err != nil {
		t.Fatal(err)
	}
	pid := 0
	for line := range strings.Lines(string(out)) {
		if name, value, _ := strings.Cut(line, " "); name == "process" {
			pid, err = strconv.Atoi(strings.TrimSpace(value))
		}
	}
	if err != nil || pid == 0 {
		t.Fatalf("no process in the status: %v\n%s", err, out)
	}
	if err := syscall.Kill(pid, syscall.SIGKILL); err != nil && !errors.Is(err, syscall.ESRCH) {
		t.Fatal(err)
	}
	l.Wait("cannot tell")
	l.Keys("R")
	l.passed(1, 5)
	l.Wait("3/3 ready")
	l.Keys("ctrl+c")
	l.Exit(0)
}
