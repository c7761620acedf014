package sandbox

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/creack/pty"
	v1 "k8s.io/api/core/v1"
	"k8s.io/component-base/cli"
	kubectl "k8s.io/kubectl/pkg/cmd"
	kubectlutil "k8s.io/kubectl/pkg/cmd/util"
)

// runKubectl is kubectl on os.Args, for TestMain.
func runKubectl() {
	if err := cli.RunNoErrOutput(kubectl.NewDefaultKubectlCommand()); err != nil {
		kubectlutil.CheckErr(err)
	}
	os.Exit(0)
}

// kubectl prepares a call of kubectl in the namespace of the test.
func (w workloads) kubectl(args ...string) *exec.Cmd {
	ctx, cancel := context.WithTimeout(w.t.Context(), patience)
	w.t.Cleanup(cancel)
	cmd := exec.CommandContext(ctx, os.Args[0], append([]string{"--kubeconfig", filepath.Join(w.dir, "kubeconfig"), "-n", w.ns}, args...)...)
	cmd.Env = append(os.Environ(), asKubectl+"=1")
	return cmd
}

// ctl runs kubectl to its end and returns all that it printed.
func (w workloads) ctl(input string, args ...string) (string, int) {
	w.t.Helper()
	cmd := w.kubectl(args...)
	cmd.Stdin = strings.NewReader(input)
	out, err := cmd.CombinedOutput()
	if cmd.ProcessState == nil {
		w.t.Fatalf("kubectl %v: %v", args, err)
	}
	return string(out), cmd.ProcessState.ExitCode()
}

// person is somebody at a terminal with kubectl.
type person struct {
	w    workloads
	cmd  *exec.Cmd
	pty  *os.File
	mu   sync.Mutex
	seen bytes.Buffer
	end  chan struct{}
}

func (w workloads) person(args ...string) *person {
	w.t.Helper()
	p := &person{w: w, cmd: w.kubectl(args...), end: make(chan struct{})}
	var err error
	if p.pty, err = pty.StartWithSize(p.cmd, &pty.Winsize{Cols: 100, Rows: 30}); err != nil {
		w.t.Fatal(err)
	}
	go func() {
		defer close(p.end)
		_, _ = io.Copy(p, p.pty) // ends with an error when kubectl has: that is how a terminal ends
	}()
	w.t.Cleanup(func() { p.pty.Close() })
	return p
}

func (p *person) Write(b []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.seen.Write(b)
}

// see waits until the terminal shows something that has not been seen yet.
func (p *person) see(pattern string) {
	p.w.t.Helper()
	re := regexp.MustCompile(pattern)
	p.w.until(patience, "the terminal shows "+pattern, func() (bool, string) {
		p.mu.Lock()
		defer p.mu.Unlock()
		at := re.FindIndex(p.seen.Bytes())
		if at == nil {
			return false, fmt.Sprintf("%q", p.seen.String())
		}
		p.seen.Next(at[1])
		return true, ""
	})
}

func (p *person) types(keys string) {
	p.w.t.Helper()
	if _, err := io.WriteString(p.pty, keys); err != nil {
		p.w.t.Fatal(err)
	}
}

// leaves waits for kubectl's end.
func (p *person) leaves(code int) {
	p.w.t.Helper()
	<-p.end
	if _ = p.cmd.Wait(); p.cmd.ProcessState.ExitCode() != code {
		p.w.t.Errorf("kubectl ended with %d, want %d", p.cmd.ProcessState.ExitCode(), code)
	}
}

// TestKubectlReachesIntoPods is what a learner does with a running Pod.
func TestKubectlReachesIntoPods(t *testing.T) {
	d := startDaemon(t, t.TempDir())
	d.lease("")
	runWorkloads(t, d, map[string]func(workloads){
		"exec":                      testExec,
		"exec -it":                  testExecTerminal,
		"run -it --rm":              testRunTerminal,
		"attach":                    testAttach,
		"port-forward":              testPortForward,
		"cp":                        testCopy,
		"debug":                     testDebug,
		"debug a node":              testDebugNode,
		"logs":                      testLogs,
		"the image's user and root": testNonRoot,
	})
}

func testExec(w workloads) {
	w.pod("box", script("c", "sleep 3600"))
	w.untilPod("box", "ready", ready)
	for _, tc := range []struct {
		input, want string
		code        int
		args        []string
	}{
		{"", "box\n", 0, []string{"hostname"}},
		{"typed\n", "typed\n", 0, []string{"cat"}},
		{"", "command terminated with exit code 7\n", 7, []string{"sh", "-c", "exit 7"}},
		{"", `exec: "nope": executable file not found in $PATH: unknown`, 1, []string{"nope"}},
		{"cd /tmp\npwd\nexit 3\n", "/tmp\ncommand terminated with exit code 3\n", 3, []string{"sh"}},
	} {
		out, code := w.ctl(tc.input, append([]string{"exec", "-i", "box", "--"}, tc.args...)...)
		if !strings.Contains(out, tc.want) || code != tc.code {
			w.t.Errorf("exec %q ended with %d: %q, want %q", tc.args, code, out, tc.want)
		}
	}
}

func testExecTerminal(w workloads) {
	w.pod("box", script("c", "sleep 3600"))
	w.untilPod("box", "ready", ready)
	p := w.person("exec", "-it", "box", "--", "sh")
	p.see(`/ # `)
	p.types("echo one two\r")
	p.see(`\r\none two\r\n/ # `)
	p.types("sleep 1000\r")
	p.see(`sleep 1000\r\n`)
	p.types("\x03")
	p.see(`\^C\r\n/ # `)
	p.types("echo $?\r")
	p.see(`\r\n130\r\n/ # `)
	p.types("exit 5\r")
	p.see(`command terminated with exit code 5`)
	p.leaves(5)
}

func testRunTerminal(w workloads) {
	p := w.person("run", "-it", "--rm", "shell", "--image=busybox", "--", "sh")
	p.see(`If you don't see a command prompt, try pressing enter.`)
	p.types("\r")
	p.see(`/ # `)
	p.types("hostname; exit\r")
	p.see(`\r\nshell\r\n`)
	p.see(`pod "shell" deleted`)
	p.leaves(0)
}

func testAttach(w workloads) {
	w.pod("talk", script("c", "while true; do echo tick; sleep 0.2; done"))
	w.untilPod("talk", "ready", ready)
	cmd := w.kubectl("attach", "talk")
	out, err := cmd.StdoutPipe()
	if err != nil {
		w.t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		w.t.Fatal(err)
	}
	some := make([]byte, len("tick\ntick\n"))
	if _, err := io.ReadFull(out, some); err != nil || string(some) != "tick\ntick\n" {
		w.t.Errorf("attached, it saw %q: %v", some, err)
	}
	_ = cmd.Process.Kill()
	_ = cmd.Wait()
}

func testPortForward(w workloads) {
	w.pod("web", v1.PodSpec{Containers: []v1.Container{{Name: "c", Image: "nginx"}}})
	w.untilPod("web", "ready", ready)
	p := w.person("port-forward", "pod/web", ":80")
	var address string
	w.until(patience, "the port is forwarded", func() (bool, string) {
		p.mu.Lock()
		defer p.mu.Unlock()
		m := regexp.MustCompile(`Forwarding from (127\.0\.0\.1:\d+) -> 80`).FindStringSubmatch(p.seen.String())
		if m == nil {
			return false, p.seen.String()
		}
		address = m[1]
		return true, ""
	})
	var both sync.WaitGroup
	for range 2 {
		both.Go(func() {
			page, err := http.Get("http://" + address)
			if err != nil {
				w.t.Error(err)
				return
			}
			defer page.Body.Close()
			if text, err := io.ReadAll(page.Body); err != nil || !strings.Contains(string(text), "Welcome to nginx!") {
				w.t.Errorf("the forwarded port answers %q: %v", text, err)
			}
		})
	}
	both.Wait()
	p.types("\x03")
	<-p.end
	_ = p.cmd.Wait()
}

func testCopy(w workloads) {
	w.pod("box", script("c", "sleep 3600"))
	w.untilPod("box", "ready", ready)
	dir := w.t.TempDir()
	if err := os.MkdirAll(filepath.Join(dir, "there", "sub"), 0o755); err != nil {
		w.t.Fatal(err)
	}
	want := map[string]string{"a": "one\n", "sub/b": strings.Repeat("0123456789\n", 30_000)}
	for name, text := range want {
		if err := os.WriteFile(filepath.Join(dir, "there", name), []byte(text), 0o644); err != nil {
			w.t.Fatal(err)
		}
	}
	if out, code := w.ctl("", "cp", filepath.Join(dir, "there"), "box:/tmp/there"); code != 0 {
		w.t.Fatalf("cp into the Pod: %d, %s", code, out)
	}
	if out, code := w.ctl("", "cp", "box:/tmp/there", filepath.Join(dir, "back")); code != 0 {
		w.t.Fatalf("cp out of the Pod: %d, %s", code, out)
	}
	for name, text := range want {
		if got, err := os.ReadFile(filepath.Join(dir, "back", name)); err != nil || string(got) != text {
			w.t.Errorf("%s came back with %d bytes, want %d: %v", name, len(got), len(text), err)
		}
	}
}

func testDebug(w workloads) {
	w.pod("app", v1.PodSpec{Containers: []v1.Container{{Name: "c", Image: "registry.k8s.io/pause:3.10"}}})
	w.untilPod("app", "ready", ready)
	p := w.person("debug", "-it", "app", "--image=busybox", "--target=c", "--", "sh")
	p.see(`try pressing enter.`)
	p.types("\r")
	p.see(`/ # `)
	p.types("ps\r")
	p.see(`1 \S+ +\S+ /?pause`)
	p.types("exit\r")
	p.leaves(0)
	if out, code := w.ctl("", "exec", "app", "-c", "c", "--", "sh"); code == 0 || !strings.Contains(out, `exec: "sh": executable file not found in $PATH`) {
		w.t.Errorf("an image without a shell has one: %d, %s", code, out)
	}
}

func testDebugNode(w workloads) {
	out, code := w.ctl("", "debug", "node/"+NodeName, "--image=busybox", "--", "sh", "-c", "grep ^NAME /host/etc/os-release; ip -4 addr show eth0")
	name := regexp.MustCompile(`node-debugger-\S+`).FindString(out)
	if code != 0 || name == "" {
		w.t.Fatalf("debug ended with %d: %s", code, out)
	}
	w.untilPod(name, "has ended", func(p *v1.Pod) bool { return p.Status.Phase == v1.PodSucceeded })
	if out, _ := w.ctl("", "logs", name); !strings.Contains(out, `NAME="k8stutor sandbox"`) || !strings.Contains(out, "inet "+nodeIP) {
		w.t.Errorf("on the node it sees %q", out)
	}
}

func testLogs(w workloads) {
	spec := script("c", "echo run $(cat /work/n | wc -l); echo x >>/work/n; sleep 0.3; exit 1")
	spec.Containers[0].VolumeMounts = []v1.VolumeMount{{Name: "work", MountPath: "/work"}}
	spec.Containers = append(spec.Containers, script("d", "for i in 1 2 3; do echo line $i; done; sleep 3600").Containers...)
	spec.Volumes = []v1.Volume{{Name: "work", VolumeSource: v1.VolumeSource{EmptyDir: &v1.EmptyDirVolumeSource{}}}}
	w.pod("two", spec)
	w.untilPod("two", "restarted", func(p *v1.Pod) bool {
		return len(p.Status.ContainerStatuses) == 2 && p.Status.ContainerStatuses[0].RestartCount > 0
	})
	for want, args := range map[string][]string{
		`(?m)^run \d+$`:          {"--previous", "-c", "c"},
		`^line 2\nline 3\n$`:     {"-c", "d", "--tail=2"},
		`\[pod/two/d\] line 1\n`: {"--all-containers", "--prefix"},
		`(?m)^20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+Z line 3$`: {"-c", "d", "--timestamps"},
		`^line 1\nline 2\nline 3\n$`:                         {"-c", "d", "--since=1h"},
	} {
		if out, code := w.ctl("", append([]string{"logs", "two"}, args...)...); code != 0 || !regexp.MustCompile(want).MatchString(out) {
			w.t.Errorf("logs %v ended with %d: %q", args, code, out)
		}
	}
}

func testNonRoot(w workloads) {
	spec := v1.PodSpec{SecurityContext: &v1.PodSecurityContext{RunAsNonRoot: new(true)}, Containers: []v1.Container{{Name: "c", Image: "nginx"}}}
	w.pod("root", spec)
	w.untilPod("root", "refused", waiting("CreateContainerConfigError"))
	w.untilEvent("root", "Failed", "container has runAsNonRoot and image will run as root")
	own := script("c", "sleep 3600")
	own.SecurityContext = &v1.PodSecurityContext{RunAsNonRoot: new(true), RunAsUser: new(int64(1000)), RunAsGroup: new(int64(3000)), FSGroup: new(int64(2000))}
	w.pod("user", own)
	w.untilPod("user", "ready", ready)
	if out, _ := w.ctl("", "exec", "user", "--", "id"); !regexp.MustCompile(`^uid=1000 gid=3000 groups=(2000,3000|3000,2000)\n$`).MatchString(out) {
		w.t.Errorf("id says %q", out)
	}
}
