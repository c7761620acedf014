package shell_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/k8stutor/k8stutor/sandbox/pocket/proc"
	"github.com/k8stutor/k8stutor/sandbox/pocket/shell"
)

// The control group shows the limits that hold when it is read.
func TestTheControlGroupShowsTheLimits(t *testing.T) {
	t.Parallel()
	p := newTestTask(t, "busybox", "true")
	shell.MountProc(p.Container)
	read := func(script string) string {
		t.Helper()
		return runTask(t, t.Context(), p.NewProcess([]string{"sh", "-c", script}, p.Env, "/")).Out
	}
	const all = "cd /sys/fs/cgroup; cat cpu.max cpu.weight memory.max memory.swap.max memory.min memory.high /proc/self/oom_score_adj"
	check := func(script, want string) {
		t.Helper()
		if diff := cmp.Diff(want, read(script)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", script, diff)
		}
	}
	check(all, "max 100000\n100\nmax\n0\n0\nmax\n0\n")
	p.Usage.SetLimits(0.29, 50<<20)
	p.Usage.SetControls(proc.Controls{CPUShares: 1024, OOMScoreAdj: 984, Unified: map[string]string{"memory.min": "1048576"}})
	check(all, "29000 100000\n100\n52428800\n0\n1048576\nmax\n984\n")
	p.Usage.SetControls(proc.Controls{CPUShares: 20})
	check("head -n 1 /sys/fs/cgroup/cpu.weight", "6\n")
	check("mount -t cgroup2", "cgroup on /sys/fs/cgroup type cgroup2 (ro,nosuid,nodev,noexec,relatime)\n")
	check("mount -t proc; mount -t ext4,nfs", "proc on /proc type proc (rw,nosuid,nodev,noexec,relatime)\n")
	check("ls /sys/fs/cgroup | wc -l", "16\n")
}

// Only who may administer the network can add a device.
func TestOnlyAPrivilegedContainerAddsADevice(t *testing.T) {
	t.Parallel()
	p := newTestTask(t, "busybox", "ip", "link", "add", "dummy0", "type", "dummy")
	want := result{"", "ip: RTNETLINK answers: Operation not permitted\n", 2}
	if diff := cmp.Diff(want, runTask(t, t.Context(), p)); diff != "" {
		t.Error(diff)
	}
	p = newTestTask(t, "busybox", "sh", "-c", "ip link add dummy1 type dummy && ip link del dummy1")
	p.Security.Capabilities = proc.AllCapabilities()
	if diff := cmp.Diff(result{}, runTask(t, t.Context(), p)); diff != "" {
		t.Error(diff)
	}
}
