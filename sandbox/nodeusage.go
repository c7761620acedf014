package sandbox

import (
	"os"
	"sync"
	"time"

	cadvisorapi "github.com/google/cadvisor/lib/model"
)

// reservedMemory is what the containers of a node leave to Kubernetes itself,
// in bytes.
const reservedMemory = 1 << 30

// nodeUsage is what a node uses: its containers as they are counted, and this
// process, which is Kubernetes, as it is.
type nodeUsage struct {
	containers func() (cpu time.Duration, memory int64)
	system     func() (cpu time.Duration, memory int64)
	booted     time.Time

	mu    sync.Mutex
	last  time.Time
	cpu   time.Duration // at last
	cores uint64        // nanocores, up to last
}

func newNodeUsage(containers func() (time.Duration, int64)) *nodeUsage {
	return &nodeUsage{containers: containers, booted: time.Now(), system: func() (time.Duration, int64) {
		return processorTime(), residentMemory(os.Getpid())
	}}
}

// root describes the node as the root of the control groups.
func (u *nodeUsage) root() cadvisorapi.ContainerInfo {
	cpu, memory := u.containers()
	own, resident := u.system()
	cpu, memory = cpu+own, memory+resident
	at := time.Now()

	u.mu.Lock()
	if u.last.IsZero() {
		u.last = u.booted
	}
	if age := at.Sub(u.last); age >= time.Second {
		u.cores = uint64(max(float64(cpu-u.cpu)/float64(age)*float64(time.Second), 0))
		u.last, u.cpu = at, cpu
	}
	cores := u.cores
	u.mu.Unlock()

	used := uint64(memory)
	return cadvisorapi.ContainerInfo{
		ContainerReference: cadvisorapi.ContainerReference{Name: "/"},
		Spec: cadvisorapi.ContainerSpec{
			CreationTime: u.booted, HasCpu: true, HasMemory: true,
			Memory: cadvisorapi.MemorySpec{Limit: nodeMemory},
		},
		Stats: []*cadvisorapi.ContainerStats{{
			Timestamp: at,
			Cpu:       &cadvisorapi.CpuStats{Usage: cadvisorapi.CpuUsage{Total: uint64(cpu), User: uint64(cpu)}},
			CpuInst:   &cadvisorapi.CpuInstStats{Usage: cadvisorapi.CpuInstUsage{Total: cores}},
			Memory:    &cadvisorapi.MemoryStats{Usage: used, WorkingSet: used, RSS: used},
		}},
	}
}
