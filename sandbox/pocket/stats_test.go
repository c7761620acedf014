package pocket

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	runtimeapi "k8s.io/cri-api/pkg/apis/runtime/v1"
)

// startLimited starts a container with limits of CPU, in thousandths, and of
// memory, in bytes; 0 is none.
func (b *bench) startLimited(image string, milli, memory int64, argv ...string) (id string, err error) {
	b.t.Helper()
	id = b.create(strings.ReplaceAll(argv[0], "/", ""), image, func(c *runtimeapi.ContainerConfig) {
		c.Command = argv
		c.Linux = &runtimeapi.LinuxContainerConfig{Resources: limits(milli, memory)}
	})
	return id, b.StartContainer(b.t.Context(), id)
}

func limits(milli, memory int64) *runtimeapi.LinuxContainerResources {
	return &runtimeapi.LinuxContainerResources{CpuPeriod: 100_000, CpuQuota: milli * 100, MemoryLimitInBytes: memory}
}

func TestAContainerOverItsMemoryLimitIsOOMKilled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		defer b.Shutdown()
		id, err := b.startLimited("polinux/stress", 0, 100<<20, "stress", "--vm", "1", "--vm-bytes", "250M", "--vm-hang", "1")
		if err != nil {
			t.Fatal(err)
		}
		if s := b.untilExit(id); s.ExitCode != 137 || s.Reason != "OOMKilled" {
			t.Errorf("ended with %d, %q", s.ExitCode, s.Reason)
		}
		list, err := b.ListContainerStats(t.Context(), nil)
		if len(list) != 0 || err != nil {
			t.Errorf("a container that has ended has stats: %v, %v", list, err)
		}
		if _, memory := b.Used(); memory != pauseMemory {
			t.Errorf("its memory is still in use: %d", memory)
		}
	})
}

func TestAMemoryLimitThatIsTooLowFailsTheStart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		defer b.Shutdown()
		id, err := b.startLimited("nginx", 0, 1<<20, "nginx")
		if err == nil || !strings.HasSuffix(err.Error(), "container init was OOM-killed (memory limit too low?)") {
			t.Errorf("started with %v", err)
		}
		if s := b.status(id); s.ExitCode != 128 || s.Reason != "StartError" {
			t.Errorf("ended with %d, %q", s.ExitCode, s.Reason)
		}
	})
}

func TestStatsFollowWhatAContainerDoes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		defer b.Shutdown()
		idle := b.start("web", "nginx")
		busy, err := b.startLimited("vish/stress", 500, 64<<20, "/stress", "-cpus", "2", "-mem-total", "10Mi")
		if err != nil {
			t.Fatal(err)
		}
		time.Sleep(30 * time.Second) // of the bubble's time
		synctest.Wait()
		for id, want := range map[string]struct{ milli, memory uint64 }{idle: {0, 4 << 20}, busy: {500, 11 << 20}} {
			s, err := b.Runtime.ContainerStats(t.Context(), id)
			if err != nil {
				t.Fatal(err)
			}
			if milli := s.Cpu.UsageNanoCores.Value / 1e6; milli < want.milli*9/10 || milli > want.milli*11/10+2 {
				t.Errorf("%s uses %dm, want %dm", s.Attributes.Metadata.Name, milli, want.milli)
			}
			if got := s.Memory.WorkingSetBytes.Value; got != want.memory {
				t.Errorf("%s uses %d bytes, want %d", s.Attributes.Metadata.Name, got, want.memory)
			}
		}
		pod, err := b.PodSandboxStats(t.Context(), b.sandbox)
		if err != nil {
			t.Fatal(err)
		}
		if cpu, memory := b.Used(); pod.Linux.Cpu.UsageCoreNanoSeconds.Value != uint64(cpu) || cpu < 14*time.Second ||
			pod.Linux.Memory.WorkingSetBytes.Value != uint64(memory) || len(pod.Linux.Containers) != 2 || pod.Linux.Process.ProcessCount.Value < 3 {
			t.Errorf("the Pod's stats do not add up to %s and %d bytes: %v", cpu, memory, pod.Linux)
		}

		// More CPU, as a resize in place gives it.
		if err := b.UpdateContainerResources(t.Context(), busy, &runtimeapi.ContainerResources{Linux: limits(1500, 64<<20)}); err != nil {
			t.Fatal(err)
		}
		time.Sleep(30 * time.Second)
		s, err := b.Runtime.ContainerStats(t.Context(), busy)
		if err != nil {
			t.Fatal(err)
		}
		if milli := s.Cpu.UsageNanoCores.Value / 1e6; milli < 1400 || milli > 1600 {
			t.Errorf("after the resize it uses %dm, want 1500m", milli)
		}
		if got := b.status(busy).Resources.Linux.CpuQuota; got != 150_000 {
			t.Errorf("the status reports a quota of %d", got)
		}
		// Less memory than it uses.
		if err := b.UpdateContainerResources(t.Context(), busy, &runtimeapi.ContainerResources{Linux: limits(1500, 5<<20)}); err != nil {
			t.Fatal(err)
		}
		if s := b.untilExit(busy); s.Reason != "OOMKilled" {
			t.Errorf("with a limit below its use it ended with %q", s.Reason)
		}
		// What has ended stays counted.
		list, err := b.ListPodSandboxStats(t.Context(), nil)
		if err != nil || len(list) != 1 || list[0].Linux.Cpu.UsageCoreNanoSeconds.Value < uint64(50*time.Second) || len(list[0].Linux.Containers) != 1 {
			t.Errorf("after the end: %v, %v", list, err)
		}
	})
}
