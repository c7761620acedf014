package pocket

import (
	"strconv"
	"strings"
	"testing"

	runtimeapi "k8s.io/cri-api/pkg/apis/runtime/v1"

	"github.com/k8stutor/k8stutor/sandbox/pocket/proc"
)

// run runs a script in a container to its end and returns what it printed.
func (b *bench) run(image, script string, change func(*runtimeapi.ContainerConfig)) (string, *runtimeapi.ContainerStatus) {
	b.t.Helper()
	id := b.create("c", image, func(c *runtimeapi.ContainerConfig) {
		c.Command, c.LogPath = []string{"sh", "-c", script}, newID()+".log"
		if change != nil {
			change(c)
		}
	})
	if err := b.StartContainer(b.t.Context(), id); err != nil {
		b.t.Fatal(err)
	}
	status := b.untilExit(id)
	var out strings.Builder
	for line := range strings.Lines(b.log(id)) {
		_, text, _ := strings.Cut(line, " F ")
		out.WriteString(text)
	}
	return out.String(), status
}

func security(sc *runtimeapi.LinuxContainerSecurityContext) func(*runtimeapi.ContainerConfig) {
	return func(c *runtimeapi.ContainerConfig) {
		c.Linux = &runtimeapi.LinuxContainerConfig{SecurityContext: sc}
	}
}

func TestAProcessRunsAsTheUserOfItsSecurityContext(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	for name, tc := range map[string]struct {
		sc   *runtimeapi.LinuxContainerSecurityContext
		want string // UID, GID and groups, as id prints them
	}{
		"root by default": {nil, "0 0"},
		"a number has group 0, as in the kernel": {
			&runtimeapi.LinuxContainerSecurityContext{RunAsUser: &runtimeapi.Int64Value{Value: 1000}}, "1000 0"},
		"runAsGroup and fsGroup": {
			&runtimeapi.LinuxContainerSecurityContext{RunAsUser: &runtimeapi.Int64Value{Value: 1000}, RunAsGroup: &runtimeapi.Int64Value{Value: 3000}, SupplementalGroups: []int64{2000, 4000}}, "1000 3000"},
	} {
		out, status := b.run("busybox", "id -u; id -g; id -G", security(tc.sc))
		lines := strings.Split(strings.TrimSpace(out), "\n")
		if len(lines) != 3 || lines[0]+" "+lines[1] != tc.want {
			t.Errorf("%s: id says %q", name, out)
			continue
		}
		for _, g := range tc.sc.GetSupplementalGroups() {
			if !strings.Contains(" "+lines[2]+" ", " "+strconv.FormatInt(g, 10)+" ") {
				t.Errorf("%s: the groups are %q", name, lines[2])
			}
		}
		if user := status.GetUser().GetLinux(); strconv.FormatInt(user.GetUid(), 10)+" "+strconv.FormatInt(user.GetGid(), 10) != tc.want {
			t.Errorf("%s: the status says %v", name, user)
		}
	}
	_, err := b.images.PullImage(t.Context(), &runtimeapi.ImageSpec{Image: "busybox"}, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	_, err = b.CreateContainer(t.Context(), b.sandbox, &runtimeapi.ContainerConfig{
		Metadata: &runtimeapi.ContainerMetadata{Name: "c"}, Image: &runtimeapi.ImageSpec{Image: "busybox"},
		Linux: &runtimeapi.LinuxContainerConfig{SecurityContext: &runtimeapi.LinuxContainerSecurityContext{RunAsUsername: "nobody-here"}},
	}, b.config)
	if err == nil || !strings.Contains(err.Error(), "unable to find user nobody-here: no matching entries in passwd file") {
		t.Errorf("a user that the image lacks: %v", err)
	}
}

func TestImagesTellTheirUser(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	for name, want := range map[string]string{"busybox": "0", "curlimages/curl": "100", "registry.k8s.io/e2e-test-images/nonroot:1.4": "1234"} {
		if _, err := b.images.PullImage(t.Context(), &runtimeapi.ImageSpec{Image: name}, nil, nil); err != nil {
			t.Error(err)
			continue
		}
		answer, err := b.images.ImageStatus(t.Context(), &runtimeapi.ImageSpec{Image: name}, false)
		if err != nil || answer.GetImage().GetUid() == nil || strconv.FormatInt(answer.GetImage().GetUid().GetValue(), 10) != want {
			t.Errorf("%s: user %v, %v", name, answer.GetImage().GetUid(), err)
		}
	}
}

func TestProcShowsWhatAContainerMayDo(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.sandboxes[b.sandbox].config.Linux = &runtimeapi.LinuxPodSandboxConfig{Sysctls: map[string]string{"kernel.shm_rmid_forced": "1"}}
	for name, tc := range map[string]struct {
		sc   *runtimeapi.LinuxContainerSecurityContext
		want []string
	}{
		"as containerd's defaults": {nil, []string{"CapEff:\t00000000a80425fb", "NoNewPrivs:\t0", "Seccomp:\t0"}},
		"privileged":               {&runtimeapi.LinuxContainerSecurityContext{Privileged: true}, []string{"CapEff:\t000001ffffffffff"}},
		"nothing but one": {&runtimeapi.LinuxContainerSecurityContext{
			NoNewPrivs:   true,
			Capabilities: &runtimeapi.Capability{DropCapabilities: []string{"ALL"}, AddCapabilities: []string{"NET_BIND_SERVICE"}},
			Seccomp:      &runtimeapi.SecurityProfile{ProfileType: runtimeapi.SecurityProfile_RuntimeDefault},
		}, []string{"CapEff:\t0000000000000400", "NoNewPrivs:\t1", "Seccomp:\t2"}},
		"not root": {&runtimeapi.LinuxContainerSecurityContext{RunAsUser: &runtimeapi.Int64Value{Value: 7}}, []string{"CapEff:\t0000000000000000", "CapBnd:\t00000000a80425fb"}},
	} {
		out, _ := b.run("busybox", "cat /proc/self/status /proc/sys/kernel/shm_rmid_forced", security(tc.sc))
		for _, want := range append(tc.want, "\n1\n") {
			if !strings.Contains(out, want) {
				t.Errorf("%s: %q is missing in:\n%s", name, want, out)
			}
		}
	}
}

func TestTheStopSignalIsThePodsOrTheImages(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	id := b.start("nginx", "nginx")
	waitFor(t, func() bool { return strings.Contains(b.log(id), "start worker processes") })
	if err := b.StopContainer(t.Context(), id, 30); err != nil {
		t.Fatal(err)
	}
	if s := b.status(id); s.GetStopSignal() != runtimeapi.Signal_SIGNAL_SIGQUIT || s.GetExitCode() != 0 || !strings.Contains(b.log(id), "signal 3 (SIGQUIT)") {
		t.Errorf("nginx ended with %d by %s", s.GetExitCode(), s.GetStopSignal())
	}
	id = b.create("own", "busybox", func(c *runtimeapi.ContainerConfig) {
		c.Command = []string{"sh", "-c", "trap 'exit 42' USR1; echo up; while true; do sleep 0.01; done"}
		c.StopSignal = runtimeapi.Signal_SIGNAL_SIGUSR1
	})
	if err := b.StartContainer(t.Context(), id); err != nil {
		t.Fatal(err)
	}
	waitFor(t, func() bool { return strings.Contains(b.log(id), "up") })
	if err := b.StopContainer(t.Context(), id, 30); err != nil {
		t.Fatal(err)
	}
	if s := b.status(id); s.GetExitCode() != 42 {
		t.Errorf("it ended with %d", s.GetExitCode())
	}
}

func TestSignalsHaveTheirNumbersOnLinux(t *testing.T) {
	t.Parallel()
	for s, want := range map[runtimeapi.Signal]proc.Signal{
		runtimeapi.Signal_SIGNAL_SIGTERM: proc.SIGTERM, runtimeapi.Signal_SIGNAL_SIGKILL: proc.SIGKILL, runtimeapi.Signal_SIGNAL_SIGWINCH: proc.SIGWINCH,
		runtimeapi.Signal_SIGNAL_SIGRTMIN: 34, runtimeapi.Signal_SIGNAL_SIGRTMINPLUS3: 37, runtimeapi.Signal_SIGNAL_SIGRTMAX: 64,
	} {
		if got := signalNumber(s); got != int(want) {
			t.Errorf("%s is %d, want %d", s, got, want)
		}
	}
}

func TestAMissingWorkingDirectoryIsMade(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	out, _ := b.run("busybox", "pwd", func(c *runtimeapi.ContainerConfig) { c.WorkingDir = "/srv/app/data" })
	if out != "/srv/app/data\n" {
		t.Errorf("it runs in %q", out)
	}
	id := b.create("c", "busybox", func(c *runtimeapi.ContainerConfig) { c.Command, c.WorkingDir = []string{"pwd"}, "/etc/passwd" })
	if err := b.StartContainer(t.Context(), id); err == nil || !strings.Contains(err.Error(), "mkdir /etc/passwd: not a directory") {
		t.Errorf("a file as the working directory: %v", err)
	}
}

func TestContainersOfAPodCanShareTheirProcesses(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	shared := func(c *runtimeapi.ContainerConfig) {
		c.Linux = &runtimeapi.LinuxContainerConfig{SecurityContext: &runtimeapi.LinuxContainerSecurityContext{NamespaceOptions: &runtimeapi.NamespaceOption{Pid: runtimeapi.NamespaceMode_POD}}}
	}
	one := b.create("one", "busybox", func(c *runtimeapi.ContainerConfig) { shared(c); c.Command = []string{"sleep", "1234"} })
	if err := b.StartContainer(t.Context(), one); err != nil {
		t.Fatal(err)
	}
	waitFor(t, func() bool { return b.containers[one].world.Table.Len() == 2 })
	out, _ := b.run("busybox", "ps -o pid,args; pkill sleep || kill $(pidof sleep)", shared)
	if !strings.Contains(out, "1 /pause") || !strings.Contains(out, "sleep 1234") {
		t.Errorf("ps shows:\n%s", out)
	}
	if s := b.untilExit(one); s.GetExitCode() != 143 { // not the first process: SIGTERM ends it
		t.Errorf("killed by its neighbour, it ended with %d", s.GetExitCode())
	}
}

func TestAContainerOnATerminalLogsWhatItShows(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	out, _ := b.run("busybox", "test -t 0 && echo terminal; echo $TERM", func(c *runtimeapi.ContainerConfig) { c.Tty, c.Stdin = true, true })
	if out != "terminal\r\nxterm\r\n" {
		t.Errorf("the log has %q", out)
	}
}

func TestTheFirstProcessCannotKillItself(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	out, status := b.run("busybox", "kill -9 1; kill 1; echo alive; sh -c 'kill -9 $$'; echo $?", nil)
	if !strings.HasPrefix(out, "alive\n") || !strings.HasSuffix(out, "137\n") || status.GetExitCode() != 0 {
		t.Errorf("it printed %q and ended with %d", out, status.GetExitCode())
	}
}
