package shell

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/k8stutor/k8stutor/sandbox/pocket/proc"
)

// procFile is a file of /proc or of the cgroup file system, made when it is read.
func procFile(p *proc.Process, name string) (string, bool) {
	rest, ok := strings.CutPrefix(name, "/proc/")
	if !ok {
		return cgroupFile(p, name)
	}
	first, tail, _ := strings.Cut(rest, "/")
	if first == "self" || first == "thread-self" {
		return processFile(p, p, tail)
	}
	if pid, err := strconv.Atoi(first); err == nil {
		if other := p.Table.Find(pid); other != nil {
			return processFile(p, other, tail)
		}
		return "", false
	}
	if setting, ok := strings.CutPrefix(rest, "sys/"); ok {
		if value, ok := p.Sysctls[strings.ReplaceAll(setting, "/", ".")]; ok {
			return value + "\n", true
		}
	}
	switch rest {
	case "uptime":
		up := uptime(p).Seconds()
		return fmt.Sprintf("%.2f %.2f\n", up, up*1.8), true
	case "loadavg":
		return fmt.Sprintf("0.08 0.03 0.01 1/%d %d\n", p.Table.Len(), p.PID), true
	case "meminfo":
		total, free := freeMemory(p)
		return fmt.Sprintf("MemTotal:       %8d kB\nMemFree:        %8d kB\nMemAvailable:   %8d kB\nBuffers:        %8d kB\nCached:         %8d kB\nSwapTotal:             0 kB\nSwapFree:              0 kB\n",
			total>>10, free>>10, free>>10, 0, 0), true
	case "cpuinfo":
		var b strings.Builder
		for i := range nodeCPUs {
			fmt.Fprintf(&b, "processor\t: %d\nvendor_id\t: k8stutor\nmodel name\t: k8stutor sandbox\ncpu MHz\t\t: 2000.000\n\n", i)
		}
		return b.String(), true
	case "version":
		return "Linux version " + kernel + " (k8stutor sandbox)\n", true
	case "cmdline":
		return "k8stutor\n", true
	case "stat":
		return fmt.Sprintf("cpu  0 0 0 0 0 0 0 0 0 0\nbtime %d\nprocesses %d\n", time.Now().Add(-uptime(p)).Unix(), p.Table.Len()), true
	case "filesystems":
		return "nodev\tproc\nnodev\ttmpfs\nnodev\toverlay\n", true
	case "sys/kernel/hostname":
		return p.Hostname + "\n", true
	case "sys/kernel/ostype":
		return "Linux\n", true
	case "sys/kernel/osrelease":
		return kernel + "\n", true
	case "sys/kernel/pid_max":
		return "32768\n", true
	case "mounts":
		return mountTable(p), true
	case "net/route":
		return "Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT\n" +
			"eth0\t00000000\t" + hexAddress(gateway(p)) + "\t0003\t0\t0\t0\t00000000\t0\t0\t0\n", true
	case "net/dev":
		return "Inter-|   Receive                                                |  Transmit\n face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed\n" +
			"    lo:       0       0    0    0    0     0          0         0        0       0    0    0    0     0       0          0\n" +
			"  eth0:       0       0    0    0    0     0          0         0        0       0    0    0    0     0       0          0\n", true
	}
	return "", false
}

// nodeCPUs is how many processors a container sees.
const nodeCPUs = 2

func processFile(viewer, p *proc.Process, name string) (string, bool) {
	switch name {
	case "cmdline":
		return strings.Join(p.Args, "\x00") + "\x00", true
	case "comm":
		return clip(p.Name(), 15) + "\n", true
	case "environ":
		if viewer.User.UID != 0 && viewer.User.UID != p.User.UID {
			return "", false
		}
		return strings.Join(p.Environ(), "\x00") + "\x00", true
	case "mounts", "mountinfo":
		return mountTable(p), true
	case "cgroup":
		return "0::/\n", true
	case "oom_score_adj":
		return fmt.Sprintln(p.Usage.Controls().OOMScoreAdj), true
	case "limits":
		return "Limit                     Soft Limit           Hard Limit           Units     \nMax open files            1048576              1048576              files     \n", true
	case "status":
		var groups strings.Builder
		for _, g := range p.User.Groups {
			fmt.Fprintf(&groups, "%d ", g)
		}
		return fmt.Sprintf("Name:\t%s\nUmask:\t0022\nState:\tS (sleeping)\nTgid:\t%d\nPid:\t%d\nPPid:\t%d\nUid:\t%[5]d\t%[5]d\t%[5]d\t%[5]d\nGid:\t%[6]d\t%[6]d\t%[6]d\t%[6]d\nGroups:\t%[7]s\nThreads:\t1\n"+
			"CapInh:\t%016[9]x\nCapPrm:\t%016[10]x\nCapEff:\t%016[10]x\nCapBnd:\t%016[8]x\nCapAmb:\t%016[9]x\nNoNewPrivs:\t%[11]d\nSeccomp:\t%[12]d\nSeccomp_filters:\t%[13]d\n",
			clip(p.Name(), 15), p.PID, p.PID, p.Parent, p.User.UID, p.User.GID, groups.String(),
			proc.CapabilityMask(p.Security.BoundingCapabilities), 0, proc.CapabilityMask(p.Security.Capabilities),
			1-truth(p.Security.NoNewPrivileges), p.Security.Seccomp, p.Security.Seccomp/2), true
	case "stat":
		return fmt.Sprintf("%d (%s) S %d %d %d 0 -1 0\n", p.PID, clip(p.Name(), 15), p.Parent, p.Group(), p.Group()), true
	}
	return "", false
}

// uptime is how long the container has run.
func uptime(p *proc.Process) time.Duration {
	start := p.Started
	for _, other := range p.Table.List() {
		if !other.Started.IsZero() && (start.IsZero() || other.Started.Before(start)) {
			start = other.Started
		}
	}
	if start.IsZero() {
		return 0
	}
	return time.Since(start)
}

// nodeMemory is the memory that a container sees of its node, in bytes.
const nodeMemory = 4 << 30

func freeMemory(p *proc.Process) (total, free int64) {
	used := p.Usage.Memory() + 600<<20 // the system's own
	return nodeMemory, max(nodeMemory-used, 0)
}

func mountTable(p *proc.Process) string {
	var b strings.Builder
	for _, m := range p.Files.Mounts() {
		fmt.Fprintf(&b, "%s %s %s %s 0 0\n", m.Source, m.Path, m.Type, m.Options)
	}
	return b.String()
}
