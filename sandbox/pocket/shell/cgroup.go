package shell

import (
	"fmt"
	"math"
	"strings"

	"github.com/k8stutor/k8stutor/sandbox/pocket/proc"
)

// cgroupNames are the files of a container's cgroup.
func cgroupNames() []string {
	return []string{
		"cgroup.controllers", "cgroup.procs", "cgroup.type", "cpu.max", "cpu.stat", "cpu.weight", "memory.current", "memory.events", "memory.high",
		"memory.low", "memory.max", "memory.min", "memory.swap.current", "memory.swap.max", "pids.current", "pids.max",
	}
}

// cgroupFile is a file of the container's cgroup, version 2, made when it is
// read: the limits are those of that moment.
func cgroupFile(p *proc.Process, name string) (string, bool) {
	rest, ok := strings.CutPrefix(name, "/sys/fs/cgroup/")
	if !ok {
		return "", false
	}
	if value, ok := p.Usage.Controls().Unified[rest]; ok {
		return value + "\n", true
	}
	cpus, memory := p.Usage.Limits()
	switch rest {
	case "cgroup.controllers":
		return "cpuset cpu io memory hugetlb pids rdma misc\n", true
	case "cgroup.type":
		return "domain\n", true
	case "cgroup.procs":
		var b strings.Builder
		for _, other := range p.Table.List() {
			fmt.Fprintln(&b, other.PID)
		}
		return b.String(), true
	case "cpu.max":
		if cpus > 0 {
			return fmt.Sprintf("%d 100000\n", int64(math.Round(cpus*100000))), true
		}
		return "max 100000\n", true
	case "cpu.weight":
		return fmt.Sprintln(cpuWeight(p.Usage.Controls().CPUShares)), true
	case "cpu.stat":
		used, throttled := p.Usage.CPU().Microseconds(), p.Usage.Throttled().Microseconds()
		return fmt.Sprintf("usage_usec %d\nuser_usec %d\nsystem_usec 0\nthrottled_usec %d\n", used, used, throttled), true
	case "memory.current":
		return fmt.Sprintln(p.Usage.Memory()), true
	case "memory.max":
		if memory > 0 {
			return fmt.Sprintln(memory), true
		}
		return "max\n", true
	case "memory.high":
		return "max\n", true
	case "memory.min", "memory.low", "memory.swap.current", "memory.swap.max":
		return "0\n", true
	case "memory.events":
		killed := 0
		if p.Usage.OutOfMemory() {
			killed = 1
		}
		return fmt.Sprintf("low 0\nhigh 0\nmax %[1]d\noom %[1]d\noom_kill %[1]d\noom_group_kill %[1]d\n", killed), true
	case "pids.max":
		return fmt.Sprintln(maxProcesses), true
	case "pids.current":
		return fmt.Sprintln(p.Table.Len()), true
	}
	return "", false
}

// cpuWeight is the weight that runc gives for CPU shares:
// ConvertCPUSharesToCgroupV2Value of github.com/opencontainers/cgroups.
func cpuWeight(shares int64) int64 {
	switch {
	case shares <= 0:
		return 100
	case shares <= 2:
		return 1
	case shares >= 262144:
		return 10000
	}
	l := math.Log2(float64(shares))
	return int64(math.Ceil(math.Pow(10, (l*l+125*l)/612.0-7.0/34.0)))
}
