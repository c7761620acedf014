package minikube

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/k8stutor/k8stutor/internal/onpath"
)

// TestMain runs the tests, or, called by the name minikube, plays what the file
// script.json beside that name says.
func TestMain(m *testing.M) {
	if filepath.Base(os.Args[0]) == "minikube"+onpath.Suffix {
		os.Exit(play(filepath.Dir(os.Args[0]), os.Args[1:]))
	}
	os.Exit(m.Run())
}

// part is how the fake minikube answers the calls that begin with some words.
type part struct {
	Args   string        // "profile list --light"; the longest that fits is played
	Out    string        // to standard output
	File   string        // of testdata, to standard output before Out
	Err    string        // to standard error
	Code   int           // exit code
	Pause  time.Duration // after every line of the output
	Hang   bool          // after the output: never end
	Stay   bool          // with Hang: when told to end, stay
	Child  bool          // have a child that holds the output, from the beginning
	Flood  bool          // print without end
	Killed bool          // end by a signal
}

func play(dir string, args []string) int {
	text, err := os.ReadFile(filepath.Join(dir, "script.json"))
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 99
	}
	record(dir, args)
	var parts []part
	if err := json.Unmarshal(text, &parts); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 99
	}
	var now *part
	for i, p := range parts {
		if strings.HasPrefix(strings.Join(args, " ")+" ", strings.TrimSpace(p.Args)+" ") || p.Args == "" {
			if now == nil || len(p.Args) > len(now.Args) {
				now = &parts[i]
			}
		}
	}
	if now == nil {
		fmt.Fprintf(os.Stderr, "the script does not know %q\n", args)
		return 98
	}
	if now.Stay {
		signal.Ignore(syscall.SIGTERM)
	}
	out := now.Out
	if now.File != "" {
		recorded, err := os.ReadFile(now.File)
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 99
		}
		out = string(recorded) + out
	}
	if now.Child {
		child := exec.Command("/bin/sleep", "120")
		child.Stdout, child.Stderr = os.Stdout, os.Stderr
		if err := child.Start(); err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 99
		}
		os.WriteFile(filepath.Join(dir, "child"), []byte(strconv.Itoa(child.Process.Pid)), 0o600)
	}
	fmt.Fprint(os.Stderr, now.Err)
	for line := range strings.Lines(out) {
		fmt.Print(line)
		<-time.After(now.Pause)
	}
	if now.Flood {
		for {
			if _, err := fmt.Println(strings.Repeat("x", 1000)); err != nil {
				return 1
			}
		}
	}
	if now.Hang {
		<-time.After(time.Hour)
	}
	if now.Killed {
		syscall.Kill(os.Getpid(), syscall.SIGKILL)
		<-time.After(time.Hour)
	}
	return now.Code
}

// record writes what was called, a line a call.
func record(dir string, args []string) {
	f, err := os.OpenFile(filepath.Join(dir, "calls"), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return
	}
	defer f.Close()
	fmt.Fprintf(f, "%s\t%s\n", strings.Join(args, " "), os.Getenv("KUBECONFIG"))
}

// fake makes a minikube that answers as the parts say.
func fake(t testing.TB, parts ...part) (Program, string) {
	t.Helper()
	dir := t.TempDir()
	for i := range parts {
		if parts[i].File != "" {
			path, err := filepath.Abs(filepath.Join("testdata", parts[i].File))
			if err != nil {
				t.Fatal(err)
			}
			parts[i].File = path
		}
	}
	text, err := json.Marshal(parts)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "script.json"), text, 0o600); err != nil {
		t.Fatal(err)
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(self, filepath.Join(dir, "minikube"+onpath.Suffix)); err != nil {
		t.Fatal(err)
	}
	program, err := Find(func(name string) string { return map[string]string{"PATH": dir, "HOME": dir}[name] }, []string{"/users/config"})
	if err != nil {
		t.Fatal(err)
	}
	return program, dir
}

func calls(t *testing.T, dir string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(dir, "calls"))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
