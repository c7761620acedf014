package e2e

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/k8stutor/k8stutor/lessons"
	"github.com/k8stutor/k8stutor/tui/terminal/ptyexec"
)

// listener is somebody who hears what the tutor says in plain mode, and types.
type listener struct {
	t    *testing.T
	lang lessons.Lang
	cmd  *exec.Cmd
	in   io.WriteCloser
	end  chan struct{} // the program has ended
	code func() int

	mu    sync.Mutex
	said  strings.Builder
	heard int
	news  chan struct{}
}

func (l *listener) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.said.Write(p)
	select {
	case l.news <- struct{}{}:
	default:
	}
	return len(p), nil
}

func (l *listener) all() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.said.String()
}

func plainCommand(home string, lang lessons.Lang, args ...string) *exec.Cmd {
	locale := map[lessons.Lang]string{lessons.English: "en_US.UTF-8", lessons.Chinese: "zh_CN.UTF-8"}[lang]
	cmd := exec.Command(built.tutor, args...)
	cmd.Env, cmd.Dir = environment(home, locale), home
	return cmd
}

// listenByPipe begins a conversation through pipes.
func listenByPipe(t *testing.T, home string, lang lessons.Lang, args ...string) *listener {
	t.Helper()
	l := &listener{t: t, lang: lang, end: make(chan struct{}), news: make(chan struct{}, 1)}
	l.cmd = plainCommand(home, lang, append([]string{"--plain"}, args...)...)
	l.cmd.Stdout, l.cmd.Stderr = l, l
	in, err := l.cmd.StdinPipe()
	if err == nil {
		err = l.cmd.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	l.in = in
	l.code = func() int { return l.cmd.ProcessState.ExitCode() }
	go func() {
		_ = l.cmd.Wait()
		close(l.end)
	}()
	t.Cleanup(func() {
		in.Close()
		<-l.end
	})
	return l
}

// listenByTerminal begins one in a terminal that can do nothing, which is enough
// to have it in lines.
func listenByTerminal(t *testing.T, home string, lang lessons.Lang, args ...string) *listener {
	t.Helper()
	l := &listener{t: t, lang: lang, end: make(chan struct{}), news: make(chan struct{}, 1)}
	l.cmd = plainCommand(home, lang, args...)
	l.cmd.Env = append(l.cmd.Env, "TERM=dumb")
	in := ptyexec.NewInput()
	p, err := ptyexec.Start(l.cmd, 80, 24, in, l)
	if err != nil {
		t.Fatal(err)
	}
	l.in = in
	l.code = func() int { code, _ := p.ExitCode(); return code }
	go func() {
		<-p.Done()
		close(l.end)
	}()
	t.Cleanup(func() {
		if err := p.Close(); err != nil {
			t.Error(err)
		}
	})
	return l
}

// hears waits for words that are said after those that were heard before. The
// marks of code do not matter.
func (l *listener) hears(want string) {
	l.t.Helper()
	want = strings.ReplaceAll(want, "`", "")
	timeout := time.After(2 * time.Minute)
	for {
		said := strings.ReplaceAll(strings.ReplaceAll(l.all(), "`", ""), "\r\n", "\n")
		if at := strings.Index(said[min(l.heard, len(said)):], want); at >= 0 {
			l.heard += at + len(want)
			return
		}
		ended := l.end
		select {
		case <-l.news:
			continue
		case <-ended:
		case <-timeout:
		}
		l.t.Fatalf("%q was not said; the end of what was:\n%s", want, tail(said[min(l.heard, len(said)):]))
	}
}

func tail(s string) string { return s[max(0, len(s)-3000):] }

func (l *listener) types(line string) {
	l.t.Helper()
	if _, err := io.WriteString(l.in, line+"\n"); err != nil {
		l.t.Fatalf("type %q: %v", line, err)
	}
}

// does types a line and waits for the prompt after it.
func (l *listener) does(line string) {
	l.t.Helper()
	l.types(line)
	l.prompt()
}

func (l *listener) prompt() {
	l.t.Helper()
	l.hears("\n> ")
}

func (l *listener) in2(en, zh string) string {
	if l.lang == lessons.Chinese {
		return zh
	}
	return en
}

func (l *listener) passes(step int) {
	l.t.Helper()
	l.types("wait 120")
	l.hears(fmt.Sprintf(l.in2("Step %d passed.", "第 %d 步通过。"), step))
	l.prompt()
}

// comes asks until want is in the answer, and waits between by another line: what
// the cluster has done is seen a moment later.
func (l *listener) comes(line, pause, want string) {
	l.t.Helper()
	for range 60 {
		before := l.heard
		l.does(line)
		if strings.Contains(strings.ReplaceAll(strings.ReplaceAll(l.all(), "`", ""), "\r\n", "\n")[before:], want) {
			return
		}
		l.does(pause)
	}
	l.t.Fatalf("%q does not come after %q:\n%s", want, line, tail(l.all()))
}

// exits waits for the end of the program.
func (l *listener) exits(code int) {
	l.t.Helper()
	select {
	case <-l.end:
	case <-time.After(time.Minute):
		l.t.Fatalf("the program does not end:\n%s", tail(l.all()))
	}
	if got := l.code(); got != code {
		l.t.Errorf("exit code %d, want %d:\n%s", got, code, tail(l.all()))
	}
}

// legible looks for what plain mode never writes.
func (l *listener) legible() {
	l.t.Helper()
	for line := range strings.SplitSeq(l.all(), "\n") {
		at := strings.IndexFunc(line, func(r rune) bool {
			return r < ' ' && r != '\r' && r != '\t' || r >= 0x2190 && r <= 0x21ff || r >= 0x2500 && r <= 0x25ff || r >= 0xe000 && r <= 0xf8ff || r == 0x7f
		})
		if at >= 0 {
			l.t.Errorf("a line holds what is not to be said: %q", line)
		}
	}
}

// TestALessonInLines goes from home through the pages and the exercise of
// services to a finished quiz, in both languages, through pipes and in a
// terminal that can do nothing.
func TestALessonInLines(t *testing.T) {
	for _, lang := range lessons.Languages() {
		for how, listen := range map[string]func(*testing.T, string, lessons.Lang, ...string) *listener{"pipe": listenByPipe, "terminal": listenByTerminal} {
			t.Run(string(lang)+" "+how, func(t *testing.T) {
				home := t.TempDir()
				t.Cleanup(func() { stopSandbox(t, home) })
				l := listen(t, home, lang)
				services := lesson(t, "services")
				l.prompt2()
				l.does("page 0")
				l.does("nonsense")
				l.types("3")
				for i, page := range services.Pages {
					l.hears(page.Title.In(lang))
					l.prompt()
					if i < len(services.Pages)-1 {
						l.types("")
					}
				}
				l.types("")
				l.hears("kube-apiserver")
				l.hears(services.Steps[0].Title.In(lang))
				l.prompt()

				l.does("kubectl create deployment web --image=nginx:1.27") // one replica: not yet
				mistake := services.Steps[0].Mistakes[slices.IndexFunc(services.Steps[0].Mistakes, func(m *lessons.Mistake) bool { return m.ID == "one-replica" })]
				l.types("check")
				l.hears(start(mistake.Text.In(lang)))
				l.prompt()
				l.does("!kubectl scale deployment web --replicas=3")
				l.passes(1)
				l.types("")
				l.hears(start(services.Steps[1].Goal.In(lang)))
				l.prompt()
				l.does("k expose deployment web --port=80")
				l.passes(2)
				l.does("objects")
				l.does("yaml svc web")
				l.types("")
				l.hears(start(services.Steps[2].Goal.In(lang)))
				l.prompt()
				l.types("4")
				l.hears(l.in2("Found: 4.", "实际：4。"))
				l.prompt()
				l.types("answer 3")
				l.hears(l.in2("Step 3 passed.", "第 3 步通过。"))
				l.prompt()
				l.types("")
				l.hears(start(services.Steps[3].Goal.In(lang)))
				l.prompt()
				l.does("kubectl scale deployment web --replicas=5")
				l.passes(4)
				l.types("")
				l.hears("shop")
				l.prompt()
				for _, command := range services.Steps[4].Solution {
					l.does("!" + command)
				}
				l.passes(5)

				l.types("")
				questions := len(services.Questions)
				var typed []string // the right answers of those that take any line for an answer
				for i, q := range services.Questions {
					l.hears(fmt.Sprintf(l.in2("Question %d of %d: ", "第 %d 题，共 %d 题："), i+1, questions))
					l.prompt()
					l.does("42 is no answer") // where a line is typed it is one, and wrong
					if q.Kind == lessons.Command || q.Kind == lessons.Field {
						typed = append(typed, rightAnswer(q))
						l.types("")
						continue
					}
					l.types(rightAnswer(q))
					l.hears(l.in2("Right.", "答对了。"))
					l.prompt()
					l.types("")
				}
				l.hears(fmt.Sprintf(l.in2("%d of %d right.", "答对 %d 题，共 %d 题。"), questions-len(typed), questions))
				l.prompt()
				l.types("retake")
				for i, answer := range typed {
					l.hears(fmt.Sprintf(l.in2("Question %d of %d: ", "第 %d 题，共 %d 题："), i+1, len(typed)))
					l.prompt()
					l.does(answer)
					l.types("")
				}
				l.hears(fmt.Sprintf(l.in2("%d of %d right.", "答对 %d 题，共 %d 题。"), len(typed), len(typed)))
				l.prompt()
				l.types("quit")
				l.exits(0)
				l.legible()
				gone(t, home)

				list := plainCommand(home, lang, "list", "-o", "json")
				out, err := list.Output()
				if err != nil || strings.Count(string(out), fmt.Sprintf(`"done": %d`, questions)) != 1 || strings.Count(string(out), `"done": 5`) != 1 {
					t.Errorf("progress after all: %v\n%s", err, out)
				}
			})
		}
	}
}

// prompt2 waits for the first prompt, which may come after pauses of the welcome.
func (l *listener) prompt2() {
	l.t.Helper()
	more := l.in2("Enter for more, or stop: ", "回车继续，输入 stop 停下：")
	for {
		said := strings.ReplaceAll(l.all(), "\r\n", "\n")
		switch {
		case strings.HasSuffix(said, "\n> "):
			l.heard = len(strings.ReplaceAll(said, "`", ""))
			return
		case strings.HasSuffix(said, more):
			l.types("")
		}
		select {
		case <-l.news:
		case <-l.end:
			l.t.Fatalf("the program has ended:\n%s", said)
		case <-time.After(time.Minute):
			l.t.Fatalf("no prompt comes:\n%s", said)
		}
	}
}

// rightAnswer is a right answer as it is typed.
func rightAnswer(q *lessons.Question) string { return q.Mark(lessons.Response{}).Want }

// TestAManifestInLines types the file of a manifest step, is told of its faults,
// and has it applied.
func TestAManifestInLines(t *testing.T) {
	home := t.TempDir()
	t.Cleanup(func() { stopSandbox(t, home) })
	pods := lesson(t, "pods")
	step := pods.Steps[len(pods.Steps)-1]
	l := listenByPipe(t, home, lessons.Chinese, "pods")
	l.prompt()
	l.types("练习")
	l.hears(pods.Steps[0].Title.In(l.lang))
	l.prompt()
	l.types(strconv.Itoa(len(pods.Steps)))
	l.hears(step.Title.In(l.lang))
	l.prompt()
	l.types("校验")
	l.hears("错误 1，第 ")
	l.prompt()
	l.types("编辑") // there is no terminal for an editor: the lines are typed
	text := strings.NewReplacer("Allways", "Always", "container:", "containers:", `"80"`, "80").Replace(string(step.Draft.Text))
	for line := range strings.SplitSeq(strings.TrimRight(text, "\n"), "\n") {
		l.types(line)
	}
	l.types(".")
	l.hears("API 服务器接受这个文件")
	l.types("是")
	l.hears("已应用。")
	l.prompt()
	l.comes("对象", "等待 2", "Pod site")
	l.in.Close()
	l.exits(0)
	l.legible()
	gone(t, home)
}

// TestAKilledSandboxIsSaidInLines kills the cluster in the middle of an exercise.
// It is said while nothing is typed, and restart brings it back with the
// learner's work.
func TestAKilledSandboxIsSaidInLines(t *testing.T) {
	home := t.TempDir()
	t.Cleanup(func() { stopSandbox(t, home) })
	l := listenByTerminal(t, home, lessons.English, "services")
	l.prompt2()
	l.does("page 0")
	l.types("e")
	l.hears("Step 1 of 5")
	l.prompt()
	l.does("kubectl create deployment web --image=nginx:1.27 --replicas=3")
	l.passes(1)
	status := plainCommand(home, l.lang, "sandbox", "status")
	out, err := status.Output()
	if err != nil {
		t.Fatal(err)
	}
	found := regexp.MustCompile(`(?m)^process +(\d+)`).FindStringSubmatch(string(out))
	if found == nil {
		t.Fatalf("no process in the status:\n%s", out)
	}
	pid, _ := strconv.Atoi(found[1])
	if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	l.hears("The cluster does not answer.")
	l.hears("Type restart")
	l.prompt()
	l.types("check")
	l.hears("cannot be told")
	l.prompt()
	l.types("restart")
	l.hears("The cluster sandbox is open.")
	l.hears("The cluster answers again.")
	l.prompt()
	l.comes("steps", "wait 2", "1. Create the Deployment: passed")
	l.comes("objects", "wait 2", "Deployment web")
	l.types("quit")
	l.exits(0)
	l.legible()
	gone(t, home)
}

// TestTheEndOfTheInputIsTheEndOfTheTalk ends the input after each line.
func TestTheEndOfTheInputIsTheEndOfTheTalk(t *testing.T) {
	home := t.TempDir()
	script := []string{"help", "3", "", "contents", "find selector", "1", "quiz", "x", "b", "", "cluster", "back", "language", "settings", "glossary pod", "memory all", "skip", "doctor", "home"}
	for n := range script {
		cmd := plainCommand(home, lessons.English, "--plain")
		cmd.Stdin = strings.NewReader(strings.Join(append(slices.Clone(script[:n]), ""), "\n"))
		out, err := cmd.CombinedOutput()
		if err != nil || !strings.HasSuffix(string(out), "saved.\n") && !strings.HasSuffix(string(out), "已保存。\n") {
			t.Errorf("after %q: %v\n%s", script[:n], err, tail(string(out)))
		}
	}
}

// TestKeysOfATerminalInLines presses Ctrl-C and Ctrl-D in a real terminal: they
// end a command, a shell, and in the end the tutor.
func TestKeysOfATerminalInLines(t *testing.T) {
	home := t.TempDir()
	l := listenByTerminal(t, home, lessons.English)
	l.prompt2()
	l.types("!sleep 54321; echo not reached")
	l.hears("reached") // the echo of the terminal
	waitFor(t, "sleep 54321", true)
	fmt.Fprint(l.in, "\x03")
	l.hears("The command")
	l.prompt()
	l.types("shell")
	l.hears("This is your shell.")
	l.types("stty -echo; echo in the $((1+1))nd; exit 3")
	l.hears("in the 2nd")
	l.hears("Back in the tutor.")
	l.prompt()
	fmt.Fprint(l.in, "half a line\x03")
	l.hears("press Ctrl-C again")
	l.prompt()
	l.types("where")
	l.hears("where\n") // echoed: the shell's stty does not last
	l.hears("the course map.")
	l.prompt()
	fmt.Fprint(l.in, "\x04")
	l.exits(0)
	l.legible()

	// Told to end, the tutor ends with the command that runs.
	l = listenByTerminal(t, home, lessons.English)
	l.prompt2()
	l.types("!sleep 65432 | sleep 65433")
	waitFor(t, "sleep 65433", true)
	if err := l.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	<-l.end
	waitFor(t, "sleep 65432", false)
	waitFor(t, "sleep 65433", false)
}

// waitFor waits until a process with that command line runs, or none does.
func waitFor(t *testing.T, line string, running bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	for {
		there := false
		files, _ := filepath.Glob("/proc/[0-9]*/cmdline")
		for _, f := range files {
			text, err := os.ReadFile(f) // it may have ended meanwhile
			if err == nil && strings.TrimSpace(strings.ReplaceAll(string(text), "\x00", " ")) == line {
				there = true
			}
		}
		if there == running {
			return
		}
		if ctx.Err() != nil {
			t.Fatalf("%q runs: %v, want %v", line, there, running)
		}
	}
}
