package sandbox

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	clientset "k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
)

// The test program is also the daemon and the user of one, because the
// components run only once in a process and some tests kill them.
const (
	daemonDir = "SANDBOX_TEST_DAEMON"  // run a sandbox in this folder
	leaseURL  = "SANDBOX_TEST_LEASE"   // hold a lease until killed
	leaseKey  = "SANDBOX_TEST_TOKEN"   // for leaseURL
	asKubectl = "SANDBOX_TEST_KUBECTL" // be kubectl
	patience  = 90 * time.Second       // for what a busy machine does slowly
	lookEvery = 50 * time.Millisecond  // when waiting for something
)

func TestMain(m *testing.M) {
	switch {
	case len(os.Args) > 1 && os.Args[1] == "node":
		if err := RunNode(context.Background(), os.Stdin, os.Stdout); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	case os.Getenv(daemonDir) != "":
		ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
		err := Run(ctx, Options{Dir: os.Getenv(daemonDir)})
		stop()
		var running *RunningError
		if err != nil && !errors.As(err, &running) {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		if running != nil {
			fmt.Println(running)
		}
		os.Exit(0)
	case os.Getenv(asKubectl) != "":
		runKubectl()
	case os.Getenv(leaseURL) != "":
		holdLease()
	}
	os.Exit(m.Run())
}

func holdLease() {
	req, err := http.NewRequest(http.MethodGet, os.Getenv(leaseURL), nil)
	if err != nil {
		os.Exit(1)
	}
	req.Header.Set("Authorization", "Bearer "+os.Getenv(leaseKey))
	resp, err := http.DefaultClient.Do(req)
	if err != nil || resp.StatusCode != http.StatusOK {
		os.Exit(1)
	}
	lines := bufio.NewScanner(resp.Body)
	for lines.Scan() {
		fmt.Println(lines.Text())
	}
	os.Exit(0)
}

// daemon is a sandbox in a process of its own.
type daemon struct {
	t      *testing.T
	dir    string
	cmd    *exec.Cmd
	output bytes.Buffer
	exited chan struct{}
	first  io.Closer // a lease of startDaemon's, until the test takes one
	leases []io.Closer
	err    error // of the process, once exited
}

// startDaemon starts a sandbox in dir and waits until a Pod can run. It is
// stopped at the end of the test.
func startDaemon(t *testing.T, dir string) *daemon {
	t.Helper()
	d := launchDaemon(t, dir)
	d.until(patience, "the sandbox is ready", func() (bool, string) {
		s, err := ReadStatus(dir)
		if err != nil || s.PID != d.cmd.Process.Pid {
			return false, "no status yet"
		}
		if s.Stage == StageFailed {
			t.Fatalf("the sandbox failed: %s", s.Error)
		}
		if d.first == nil && s.Control != "" { // a start may take longer than it waits for its first user
			d.first = d.openLease("")
		}
		return s.Stage == StageReady, fmt.Sprintf("%+v", s.Stages)
	})
	return d
}

func launchDaemon(t *testing.T, dir string) *daemon {
	t.Helper()
	d := &daemon{t: t, dir: dir, cmd: exec.Command(os.Args[0]), exited: make(chan struct{})}
	d.cmd.Env = append(os.Environ(), daemonDir+"="+dir)
	d.cmd.Stdout, d.cmd.Stderr = &d.output, &d.output
	if err := d.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		d.err = d.cmd.Wait()
		close(d.exited)
	}()
	t.Cleanup(func() {
		_ = d.cmd.Process.Signal(syscall.SIGTERM)
		d.waitExit()
		if t.Failed() {
			d.showLogs()
		}
	})
	return d
}

func (d *daemon) showLogs() {
	for _, name := range []string{logSandbox, logKubelet, logAPIServer} {
		text, _ := os.ReadFile(filepath.Join(d.dir, "logs", name+".log"))
		d.t.Logf("end of %s.log:\n%s", name, text[max(0, len(text)-3000):])
	}
	d.t.Logf("output:\n%s", d.output.Bytes())
}

// until waits for a condition; what tells what it looked like last.
func (d *daemon) until(limit time.Duration, goal string, ok func() (bool, string)) {
	d.t.Helper()
	deadline := time.NewTimer(limit)
	defer deadline.Stop()
	look := time.NewTicker(lookEvery)
	defer look.Stop()
	for {
		done, what := ok()
		if done {
			return
		}
		select {
		case <-look.C:
		case <-d.exited:
			d.t.Fatalf("the sandbox ended (%v) before %s:\n%s", d.err, goal, d.output.Bytes())
		case <-deadline.C:
			d.t.Fatalf("not within %s: %s; last seen: %s", limit, goal, what)
		}
	}
}

func (d *daemon) waitExit() {
	d.t.Helper()
	select {
	case <-d.exited:
	case <-time.After(patience):
		_ = d.cmd.Process.Kill()
		d.t.Errorf("the sandbox did not end within %s", patience)
		<-d.exited
	}
}

func (d *daemon) kill() {
	_ = d.cmd.Process.Kill()
	d.waitExit()
}

func (d *daemon) status() Status {
	d.t.Helper()
	s, err := ReadStatus(d.dir)
	if err != nil {
		d.t.Fatal(err)
	}
	return s
}

func (d *daemon) config() *rest.Config {
	d.t.Helper()
	config, err := clientcmd.BuildConfigFromFlags("", filepath.Join(d.dir, "kubeconfig"))
	if err != nil {
		d.t.Fatal(err)
	}
	config.QPS, config.Burst = 200, 400
	return config
}

func (d *daemon) client() *clientset.Clientset {
	d.t.Helper()
	client, err := clientset.NewForConfig(d.config())
	if err != nil {
		d.t.Fatal(err)
	}
	return client
}

// call calls the control endpoint.
func (d *daemon) call(method, path, token string) *http.Response {
	d.t.Helper()
	req, err := http.NewRequestWithContext(d.t.Context(), method, "http://"+d.status().Control+path, nil)
	if err != nil {
		d.t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+token)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		d.t.Fatal(err)
	}
	d.t.Cleanup(func() { resp.Body.Close() })
	return resp
}

// lease uses the sandbox until the test ends.
func (d *daemon) lease(query string) *bufio.Scanner {
	d.t.Helper()
	body := d.openLease(query)
	d.leases = append(d.leases, body)
	d.endFirst()
	return bufio.NewScanner(body)
}

func (d *daemon) openLease(query string) io.ReadCloser {
	d.t.Helper()
	resp := d.call(http.MethodGet, "/lease"+query, d.status().Token)
	if resp.StatusCode != http.StatusOK {
		d.t.Fatalf("GET /lease%s: %s", query, resp.Status)
	}
	return resp.Body
}

func (d *daemon) endFirst() {
	if d.first != nil {
		d.first.Close()
		d.first = nil
	}
}

func (d *daemon) endLeases() {
	d.endFirst()
	for _, l := range d.leases {
		l.Close()
	}
	d.leases = nil
}

// nextStatus reads one line of a lease.
func (d *daemon) nextStatus(lines *bufio.Scanner) Status {
	d.t.Helper()
	if !lines.Scan() {
		d.t.Fatalf("the lease ended: %v", lines.Err())
	}
	var s Status
	if err := json.Unmarshal(lines.Bytes(), &s); err != nil {
		d.t.Fatalf("%s: %v", lines.Bytes(), err)
	}
	return s
}

// userProcess is another program that uses the sandbox.
func (d *daemon) userProcess(query string) *exec.Cmd {
	d.t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), leaseURL+"=http://"+d.status().Control+"/lease"+query, leaseKey+"="+d.status().Token)
	out, err := cmd.StdoutPipe()
	if err != nil {
		d.t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		d.t.Fatal(err)
	}
	if line, err := bufio.NewReader(out).ReadString('\n'); err != nil || !strings.HasPrefix(line, "{") {
		d.t.Fatalf("the other program got no lease: %q, %v", line, err)
	}
	return cmd
}
