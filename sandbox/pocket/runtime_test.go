package pocket

import (
	"context"
	"errors"
	"net/netip"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	runtimeapi "k8s.io/cri-api/pkg/apis/runtime/v1"
	utilexec "k8s.io/utils/exec"

	"github.com/k8stutor/k8stutor/sandbox/pocket/files"
	"github.com/k8stutor/k8stutor/sandbox/vnet"
)

// bench is a runtime with one Pod sandbox.
type bench struct {
	*Runtime
	t       *testing.T
	dir     string
	sandbox string
	config  *runtimeapi.PodSandboxConfig
}

func newRuntime(t *testing.T, dir string) *Runtime {
	t.Helper()
	network := vnet.New()
	node, err := network.AddHost(netip.MustParseAddr("192.168.49.2"))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(filepath.Join(dir, "host"), 0o700); err != nil {
		t.Fatal(err)
	}
	r, err := New(Config{Network: network, NodeHost: node, Dir: filepath.Join(dir, "records"), Disk: files.NewDisk(filepath.Join(dir, "kubelet"), "", filepath.Join(dir, "host"), nil), PodCIDR: netip.MustParsePrefix("10.244.0.0/24")})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(r.Shutdown)
	return r
}

func newBench(t *testing.T) *bench {
	t.Helper()
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	b := &bench{Runtime: newRuntime(t, dir), t: t, dir: dir, config: &runtimeapi.PodSandboxConfig{
		Metadata:     &runtimeapi.PodSandboxMetadata{Name: "web", Namespace: "default", Uid: "uid-1"},
		Hostname:     "web",
		LogDirectory: filepath.Join(dir, "kubelet", "logs"),
		DnsConfig:    &runtimeapi.DNSConfig{Servers: []string{"10.96.0.10"}, Searches: []string{"svc.cluster.local"}},
	}}
	if b.sandbox, err = b.RunPodSandbox(t.Context(), b.config, ""); err != nil {
		t.Fatal(err)
	}
	return b
}

func (b *bench) create(name, imageName string, change func(*runtimeapi.ContainerConfig)) string {
	b.t.Helper()
	id, err := b.images.PullImage(b.t.Context(), &runtimeapi.ImageSpec{Image: imageName}, nil, nil)
	if err != nil {
		b.t.Fatal(err)
	}
	config := &runtimeapi.ContainerConfig{
		Metadata: &runtimeapi.ContainerMetadata{Name: name},
		Image:    &runtimeapi.ImageSpec{Image: id, UserSpecifiedImage: imageName},
		LogPath:  name + "/0.log",
	}
	if change != nil {
		change(config)
	}
	c, err := b.CreateContainer(b.t.Context(), b.sandbox, config, b.config)
	if err != nil {
		b.t.Fatal(err)
	}
	return c
}

func (b *bench) start(name, imageName string, argv ...string) string {
	b.t.Helper()
	id := b.create(name, imageName, func(c *runtimeapi.ContainerConfig) { c.Command = argv })
	if err := b.StartContainer(b.t.Context(), id); err != nil {
		b.t.Fatal(err)
	}
	return id
}

func (b *bench) status(id string) *runtimeapi.ContainerStatus {
	b.t.Helper()
	resp, err := b.ContainerStatus(b.t.Context(), id, false)
	if err != nil {
		b.t.Fatal(err)
	}
	return resp.GetStatus()
}

// untilExit waits for the container's own end.
func (b *bench) untilExit(id string) *runtimeapi.ContainerStatus {
	b.t.Helper()
	b.mu.Lock()
	p := b.containers[id].process
	b.mu.Unlock()
	if p != nil {
		ctx, cancel := context.WithTimeout(b.t.Context(), time.Minute)
		defer cancel()
		if err := p.wait(ctx); err != nil {
			b.t.Fatalf("%s did not end: %v", id, err)
		}
	}
	return b.status(id)
}

func (b *bench) log(id string) string {
	b.t.Helper()
	text, err := os.ReadFile(b.status(id).GetLogPath())
	if err != nil {
		b.t.Fatal(err)
	}
	return string(text)
}

func TestAContainerRunsAndEnds(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	events := make(chan *runtimeapi.ContainerEventResponse, 8)
	subscribed := make(chan struct{})
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	go func() {
		_ = b.GetContainerEvents(ctx, events, func(runtimeapi.RuntimeService_GetContainerEventsClient) { close(subscribed) })
	}()
	<-subscribed
	id := b.start("c", "busybox", "sh", "-c", "echo out; echo err >&2; printf unfinished; exit 4")
	s := b.untilExit(id)
	if s.GetState() != runtimeapi.ContainerState_CONTAINER_EXITED || s.GetExitCode() != 4 || s.GetReason() != "Error" || s.GetFinishedAt() < s.GetStartedAt() {
		t.Errorf("it ended as %v", s)
	}
	if s.GetImage().GetImage() != "docker.io/library/busybox:latest" || !strings.HasPrefix(s.GetImageRef(), "docker.io/library/busybox@sha256:") {
		t.Errorf("its image is %v, %s", s.GetImage(), s.GetImageRef())
	}
	want := regexp.MustCompile(`^(\S+Z|\S+[+-]\d\d:\d\d) stdout F out\n\S+ stderr F err\n\S+ stdout P unfinished\n$`)
	if text := b.log(id); !want.MatchString(text) {
		t.Errorf("its log is %q", text)
	}
	for _, kind := range []runtimeapi.ContainerEventType{runtimeapi.ContainerEventType_CONTAINER_STARTED_EVENT, runtimeapi.ContainerEventType_CONTAINER_STOPPED_EVENT} {
		if e := <-events; e.GetContainerEventType() != kind || e.GetContainerId() != id || e.GetPodSandboxStatus().GetMetadata().GetUid() != "uid-1" {
			t.Errorf("got the event %v, want %s", e, kind)
		}
	}
}

func TestImagesRunTheirProgramsByDefault(t *testing.T) {
	t.Parallel()
	for image, want := range map[string]string{
		"nginx:1.27":     "nginx/1.27.1",
		"httpd:2.4":      "AH00489: Apache/2.4.1 (Unix) configured -- resuming normal operations",
		"redis:7.2":      "Ready to accept connections tcp",
		"me/app:v1":      "this is a stand-in for the image docker.io/me/app:v1",
		"busybox:latest": "",
	} {
		pod := newBench(t) // of its own: two web servers cannot share an address
		id := pod.start("c", image)
		if image == "busybox:latest" {
			if s := pod.untilExit(id); s.GetExitCode() != 0 || s.GetReason() != "Completed" {
				t.Errorf("a shell without input ends with %v", s)
			}
			continue
		}
		waitFor(t, func() bool { return strings.Contains(pod.log(id), want) })
		if err := pod.StopContainer(t.Context(), id, 30); err != nil {
			t.Fatal(err)
		}
		if s := pod.status(id); s.GetExitCode() != 0 {
			t.Errorf("%s, asked to stop, ends with %d", image, s.GetExitCode())
		}
	}
}

// waitFor waits for something that another goroutine is about to do.
func waitFor(t *testing.T, ok func() bool) {
	t.Helper()
	limit := time.NewTimer(time.Minute)
	defer limit.Stop()
	look := time.NewTicker(time.Millisecond)
	defer look.Stop()
	for !ok() {
		select {
		case <-look.C:
		case <-limit.C:
			t.Fatal("it did not happen within a minute")
		}
	}
}

func TestACommandTheImageLacksDoesNotStart(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	for _, tc := range []struct{ image, command, want string }{
		{"nginx", "foo", `exec: "foo": executable file not found in $PATH`},
		{"busybox", "nginx", `exec: "nginx": executable file not found in $PATH`},
		{"nginx", "/opt/run.sh", `exec: "/opt/run.sh": stat /opt/run.sh: no such file or directory`},
		{"registry.k8s.io/pause:3.9", "sh", `exec: "sh": executable file not found in $PATH`},
	} {
		id := b.create("c", tc.image, func(c *runtimeapi.ContainerConfig) { c.Command = []string{tc.command, "arg"} })
		err := b.StartContainer(t.Context(), id)
		if err == nil || !strings.Contains(err.Error(), tc.want) || !strings.Contains(err.Error(), "runc create failed: unable to start container process") {
			t.Errorf("%s %s: %v", tc.image, tc.command, err)
		}
		s := b.status(id)
		if s.GetState() != runtimeapi.ContainerState_CONTAINER_EXITED || s.GetExitCode() != 128 || s.GetReason() != "StartError" || !strings.Contains(s.GetMessage(), tc.want) {
			t.Errorf("%s %s is recorded as %v", tc.image, tc.command, s)
		}
	}
}

func TestArgumentsFollowTheRulesOfKubernetes(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	for name, tc := range map[string]struct {
		image         string
		command, args []string
		want          string
	}{
		"command replaces entrypoint and cmd": {"nginx", []string{"echo", "a"}, []string{"b"}, "a b\n"},
		"args follow the entrypoint":          {"nginx", nil, []string{"echo", "x"}, "x\n"},
		"args replace cmd":                    {"busybox", nil, []string{"echo", "y"}, "y\n"},
	} {
		id := b.create("c", tc.image, func(c *runtimeapi.ContainerConfig) {
			c.Command, c.Args = tc.command, tc.args
			c.LogPath = strings.ReplaceAll(name, " ", "-")
		})
		if err := b.StartContainer(t.Context(), id); err != nil {
			t.Fatal(err)
		}
		b.untilExit(id)
		if _, text, _ := strings.Cut(b.log(id), " F "); text != tc.want {
			t.Errorf("%s: printed %q", name, text)
		}
	}
}

func TestStopAsksThenKills(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		defer b.Shutdown()
		for _, tc := range []struct {
			name  string
			argv  []string
			image string
			took  time.Duration
			code  int32
		}{
			{"sleep as the first process does not hear SIGTERM", []string{"sleep", "3600"}, "busybox", 30 * time.Second, 137},
			{"a shell as the first process does not either", []string{"sh", "-c", "while true; do sleep 60; done"}, "busybox", 30 * time.Second, 137},
			{"a shell with a trap runs it after its command", []string{"sh", "-c", "trap 'exit 9' TERM; while true; do sleep 10; done"}, "busybox", 10 * time.Second, 9},
			{"a web server ends at once", nil, "nginx", 0, 0},
			{"so does pause", nil, "registry.k8s.io/pause:3.9", 0, 0},
		} {
			id := b.start("c", tc.image, tc.argv...)
			synctest.Wait()
			start := time.Now()
			if err := b.StopContainer(t.Context(), id, 30); err != nil {
				t.Fatal(err)
			}
			if took, s := time.Since(start), b.status(id); took != tc.took || s.GetExitCode() != tc.code {
				t.Errorf("%s: ended with %d after %s", tc.name, s.GetExitCode(), took)
			}
		}
	})
}

func TestContainersOfAPodShareItsPorts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		defer b.Shutdown()
		one := b.start("one", "nginx")
		synctest.Wait()
		two := b.start("two", "nginx")
		if s := b.untilExit(two); s.GetExitCode() != 1 || !strings.Contains(b.log(two), "bind() to 0.0.0.0:80 failed (98: Address already in use)") {
			t.Errorf("the second server ended with %v", s)
		}
		if err := b.StopContainer(t.Context(), one, 30); err != nil {
			t.Fatal(err)
		}
		three := b.start("three", "nginx")
		synctest.Wait()
		if s := b.status(three); s.GetState() != runtimeapi.ContainerState_CONTAINER_RUNNING {
			t.Errorf("after the first is gone, the next ended with %v", s)
		}
	})
}

func TestCommandsRunInsideAContainer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		defer b.Shutdown()
		id := b.start("c", "busybox", "sh", "-c", "echo ok > /tmp/healthy; sleep 3600")
		synctest.Wait()
		out, _, err := b.ExecSync(t.Context(), id, []string{"cat", "/tmp/healthy", "/etc/hostname", "/etc/resolv.conf"}, time.Second)
		if want := "ok\nweb\nsearch svc.cluster.local\nnameserver 10.96.0.10\n"; string(out) != want || err != nil {
			t.Errorf("printed %q, %v", out, err)
		}
		_, stderr, err := b.ExecSync(t.Context(), id, []string{"cat", "/tmp/no"}, time.Second)
		var exit utilexec.CodeExitError
		if !errors.As(err, &exit) || exit.Code != 1 || string(stderr) != "cat: can't open '/tmp/no': No such file or directory\n" {
			t.Errorf("cat of a missing file: %q, %v", stderr, err)
		}
		if _, _, err := b.ExecSync(t.Context(), id, []string{"sleep", "10"}, time.Second); err == nil || !strings.Contains(err.Error(), "timeout 1s exceeded") {
			t.Errorf("a command that takes too long: %v", err)
		}
		if _, _, err := b.ExecSync(t.Context(), id, []string{"go"}, time.Second); err == nil || !strings.Contains(err.Error(), `exec: "go": executable file not found in $PATH`) {
			t.Errorf("a command that is not there: %v", err)
		}
	})
}

func TestARuntimeFindsWhatTheLastOneLeft(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	done := b.start("done", "busybox", "sh", "-c", "echo kept; exit 2")
	b.untilExit(done)
	running := b.start("running", "busybox", "sleep", "infinity")
	if err := os.WriteFile(filepath.Join(b.dir, "records", "torn.json"), []byte(`{"id":`), 0o600); err != nil {
		t.Fatal(err)
	}
	b.Shutdown()

	next := &bench{Runtime: newRuntime(t, b.dir), t: t, dir: b.dir, sandbox: b.sandbox, config: b.config}
	if s := next.status(done); s.GetExitCode() != 2 || s.GetReason() != "Error" || !strings.Contains(next.log(done), "kept") {
		t.Errorf("what had ended is %v", s)
	}
	if s := next.status(running); s.GetState() != runtimeapi.ContainerState_CONTAINER_EXITED || s.GetExitCode() != 255 || s.GetReason() != "Unknown" {
		t.Errorf("what was running is %v", s)
	}
	pods, err := next.ListPodSandbox(t.Context(), nil)
	if err != nil || len(pods) != 1 || pods[0].GetState() != runtimeapi.PodSandboxState_SANDBOX_NOTREADY || pods[0].GetMetadata().GetName() != "web" {
		t.Errorf("the Pod is %v, %v", pods, err)
	}
	if err := next.RemovePodSandbox(t.Context(), b.sandbox); err != nil {
		t.Fatal(err)
	}
	if left, _ := os.ReadDir(filepath.Join(b.dir, "records")); len(left) != 0 {
		t.Errorf("after its removal there are %v", left)
	}
}

func TestVolumesOfTheKubeletAreSeenAndNothingElse(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	volume := filepath.Join(b.dir, "kubelet", "pods", "uid-1", "volume")
	outside := filepath.Join(b.dir, "outside")
	for name, text := range map[string]string{
		filepath.Join(volume, "..data", "key"): "value\n",
		filepath.Join(outside, "secret"):       "host secret\n",
	} {
		if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for link, to := range map[string]string{"key": "..data/key", "escape": filepath.Join(outside, "secret"), "up": "../../../../outside/secret"} {
		if err := os.Symlink(to, filepath.Join(volume, link)); err != nil {
			t.Fatal(err)
		}
	}
	message := filepath.Join(b.dir, "kubelet", "pods", "uid-1", "message")
	if err := os.WriteFile(message, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	script := `cat /v/key; cat /v/escape; cat /v/up; cat /v/../../outside/secret; ls /host; cat /host/secret; echo new > /v/new; echo no > /ro/x; echo why > /dev/termination-log; rm -r /ro`
	id := b.create("c", "busybox", func(c *runtimeapi.ContainerConfig) {
		c.Command = []string{"sh", "-c", script}
		c.Mounts = []*runtimeapi.Mount{
			{ContainerPath: "/v", HostPath: volume},
			{ContainerPath: "/ro", HostPath: volume, Readonly: true},
			{ContainerPath: "/host", HostPath: outside},
			{ContainerPath: "/dev/termination-log", HostPath: message},
		}
	})
	if err := b.StartContainer(t.Context(), id); err != nil {
		t.Fatal(err)
	}
	b.untilExit(id)
	if text := b.log(id); !strings.Contains(text, "stdout F value") || strings.Contains(text, "host secret") || !strings.Contains(text, "Read-only file system") || strings.Contains(text, b.dir) {
		t.Errorf("the container saw:\n%s", text)
	}
	got := map[string]string{}
	for _, name := range []string{message, filepath.Join(volume, "new"), filepath.Join(outside, "secret")} {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Error(err)
		}
		got[filepath.Base(name)] = string(text)
	}
	if diff := cmp.Diff(map[string]string{"message": "why\n", "new": "new\n", "secret": "host secret\n"}, got); diff != "" {
		t.Error(diff)
	}
}

func TestPodAddressesAreDistinctAndRunOut(t *testing.T) {
	t.Parallel()
	a := newAddresses(netip.MustParsePrefix("10.1.2.0/29"))
	seen := map[netip.Addr]bool{}
	for range 5 { // of .2 to .6; .1 is the node's, .7 for broadcast
		address, err := a.take()
		if err != nil || seen[address] {
			t.Fatalf("%v again, or %v", address, err)
		}
		seen[address] = true
	}
	if address, err := a.take(); err == nil {
		t.Errorf("a sixth address: %s", address)
	}
	a.give(netip.MustParseAddr("10.1.2.4"))
	if address, err := a.take(); err != nil || address.String() != "10.1.2.4" {
		t.Errorf("after one was given back: %s, %v", address, err)
	}
}

func TestAMovedLogGoesOnInANewFile(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	id := b.start("c", "busybox", "sh", "-c", "echo first; while [ ! -e /tmp/go ]; do sleep 0.01; done; echo second")
	waitFor(t, func() bool { return strings.Contains(b.log(id), "first") })
	path := b.status(id).GetLogPath()
	if err := os.Rename(path, path+".1"); err != nil {
		t.Fatal(err)
	}
	if err := b.ReopenContainerLog(t.Context(), id); err != nil {
		t.Fatal(err)
	}
	if _, _, err := b.ExecSync(t.Context(), id, []string{"touch", "/tmp/go"}, time.Minute); err != nil {
		t.Fatal(err)
	}
	b.untilExit(id)
	if text := b.log(id); strings.Contains(text, "first") || !strings.Contains(text, "second") {
		t.Errorf("the new file has %q", text)
	}
}

func TestLongLinesAreCut(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	id := b.start("c", "busybox", "sh", "-c", "printf '%40000s\\n' x")
	b.untilExit(id)
	lines := strings.Split(strings.TrimSuffix(b.log(id), "\n"), "\n")
	if len(lines) != 3 || !strings.Contains(lines[0], " P ") || !strings.Contains(lines[1], " P ") || !strings.Contains(lines[2], " F ") {
		t.Errorf("a line of 40000 letters became %d records", len(lines))
	}
}
