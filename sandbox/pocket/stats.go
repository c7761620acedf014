package pocket

import (
	"context"
	"maps"
	"slices"
	"strings"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	runtimeapi "k8s.io/cri-api/pkg/apis/runtime/v1"

	"github.com/k8stutor/k8stutor/sandbox/pocket/proc"
)

// pauseMemory is what the process that holds a Pod's namespaces takes, in bytes.
const pauseMemory = 280 << 10

// defaultMemory is what a program takes of which nothing is known, in bytes.
const defaultMemory = 700 << 10

// newUsage makes the account of a container that is about to start, with the
// limits it was created with and the memory its first process begins with.
// r.mu is held.
func (r *Runtime) newUsage(c *container) *proc.Usage {
	var u *proc.Usage
	u = proc.NewUsageOn(r.node, func() { r.killForMemory(c, u) })
	limit(u, c.config.GetLinux().GetResources())
	return u
}

// claimMemory counts the memory that a container's first process begins with.
// The error is runc's for a limit below that. r.mu is held.
func claimMemory(c *container, img *image) error {
	bytes := img.product.Memory
	if bytes == 0 {
		bytes = defaultMemory
	}
	if err := c.world.Usage.Claim(bytes); err != nil {
		c.world.Usage.Release()
		return startError("container init was OOM-killed (memory limit too low?)")
	}
	return nil
}

// killForMemory kills a container as the kernel does with all processes of a
// control group (memory.oom.group, which the kubelet sets).
func (r *Runtime) killForMemory(c *container, u *proc.Usage) {
	r.mu.Lock()
	p := c.process
	current := c.world != nil && c.world.Usage == u
	r.mu.Unlock()
	if p != nil && current {
		p.kill()
	}
}

// limit makes an account follow the limits that the kubelet gave.
func limit(u *proc.Usage, resources *runtimeapi.LinuxContainerResources) {
	cpus := 0.0
	if quota, period := resources.GetCpuQuota(), resources.GetCpuPeriod(); quota > 0 && period > 0 {
		cpus = float64(quota) / float64(period)
	}
	u.SetLimits(cpus, max(resources.GetMemoryLimitInBytes(), 0))
	u.SetControls(proc.Controls{CPUShares: resources.GetCpuShares(), OOMScoreAdj: resources.GetOomScoreAdj(), Unified: maps.Clone(resources.GetUnified())})
}

// UpdateContainerResources implements the CRI service. The new limits hold at
// once; a container that uses more memory than it may from now on is killed.
func (r *Runtime) UpdateContainerResources(_ context.Context, id string, resources *runtimeapi.ContainerResources) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	c, ok := r.containers[id]
	if !ok {
		return errNoContainer(id)
	}
	if c.state == runtimeapi.ContainerState_CONTAINER_EXITED {
		return status.Errorf(codes.FailedPrecondition, "failed to update resources: container %q is in state %s", id, c.state)
	}
	if c.config.Linux == nil {
		c.config.Linux = &runtimeapi.LinuxContainerConfig{}
	}
	before := c.config.Linux.Resources
	now := &runtimeapi.LinuxContainerResources{}
	if linux := resources.GetLinux(); linux != nil {
		now = linux
	}
	if now.OomScoreAdj == 0 { // an update says only what changes
		now.OomScoreAdj = before.GetOomScoreAdj()
	}
	if now.Unified == nil {
		now.Unified = before.GetUnified()
	}
	c.config.Linux.Resources = now
	if c.world != nil {
		limit(c.world.Usage, c.config.Linux.Resources)
	}
	r.store.saveContainer(c)
	return nil
}

// UpdatePodSandboxResources implements the CRI service. A Pod's own limits are
// its containers' here, so there is nothing to change.
func (r *Runtime) UpdatePodSandboxResources(context.Context, *runtimeapi.UpdatePodSandboxResourcesRequest) (*runtimeapi.UpdatePodSandboxResourcesResponse, error) {
	return &runtimeapi.UpdatePodSandboxResourcesResponse{}, nil
}

// sample is a container's CPU time at a moment, from which the next one tells
// how many CPUs it uses.
type sample struct {
	at    int64 // Unix nanoseconds; 0 is before the first
	cpu   time.Duration
	cores uint64 // nanocores, up to this sample
	known bool
}

// sampleAge is how long a sample must be past before the next one is compared
// to it, in nanoseconds.
const sampleAge = int64(time.Second)

// stats is what a running container uses now. r.mu is held.
func (c *container) stats(at int64) *runtimeapi.ContainerStats {
	u := c.world.Usage
	cpu, memory := u.CPU(), uint64(u.Memory())
	if c.sample.at < c.startedAt {
		c.sample = sample{at: c.startedAt}
	}
	if age := at - c.sample.at; age >= sampleAge {
		c.sample = sample{at: at, cpu: cpu, cores: uint64(float64(cpu-c.sample.cpu) / float64(age) * float64(time.Second)), known: true}
	}
	s := &runtimeapi.ContainerStats{
		Attributes: &runtimeapi.ContainerAttributes{
			Id: c.id, Metadata: c.config.GetMetadata(), Labels: maps.Clone(c.config.GetLabels()), Annotations: maps.Clone(c.config.GetAnnotations()),
		},
		Cpu: &runtimeapi.CpuUsage{Timestamp: at, UsageCoreNanoSeconds: amount(uint64(cpu))},
		Memory: &runtimeapi.MemoryUsage{
			Timestamp: at, WorkingSetBytes: amount(memory), UsageBytes: amount(memory), RssBytes: amount(memory),
			PageFaults: amount(memory / pageSize), MajorPageFaults: amount(0),
		},
		WritableLayer: c.writableLayer(at),
		Swap:          &runtimeapi.SwapUsage{Timestamp: at, SwapAvailableBytes: amount(0), SwapUsageBytes: amount(0)},
	}
	if c.sample.known {
		s.Cpu.UsageNanoCores = amount(c.sample.cores)
	}
	if _, limit := u.Limits(); limit > 0 {
		s.Memory.AvailableBytes = amount(uint64(limit) - min(uint64(limit), memory))
	}
	return s
}

// pageSize is the unit in which a process gets memory.
const pageSize = 4096

func amount(n uint64) *runtimeapi.UInt64Value { return &runtimeapi.UInt64Value{Value: n} }

// ContainerStats implements the CRI service.
func (r *Runtime) ContainerStats(_ context.Context, id string) (*runtimeapi.ContainerStats, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	c, ok := r.containers[id]
	if !ok {
		return nil, errNoContainer(id)
	}
	if c.process == nil {
		return nil, status.Errorf(codes.FailedPrecondition, "container %q is not running", id)
	}
	return c.stats(now()), nil
}

// ListContainerStats implements the CRI service: of the running containers.
func (r *Runtime) ListContainerStats(_ context.Context, filter *runtimeapi.ContainerStatsFilter) ([]*runtimeapi.ContainerStats, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	at := now()
	var list []*runtimeapi.ContainerStats
	for _, c := range r.containers {
		if c.process == nil ||
			filter.GetId() != "" && filter.GetId() != c.id ||
			filter.GetPodSandboxId() != "" && filter.GetPodSandboxId() != c.sandboxID ||
			!hasLabels(c.config.GetLabels(), filter.GetLabelSelector()) {
			continue
		}
		list = append(list, c.stats(at))
	}
	slices.SortFunc(list, func(a, b *runtimeapi.ContainerStats) int { return strings.Compare(a.Attributes.Id, b.Attributes.Id) })
	return list, nil
}

// PodSandboxStats implements the CRI service.
func (r *Runtime) PodSandboxStats(_ context.Context, id string) (*runtimeapi.PodSandboxStats, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	s, ok := r.sandboxes[id]
	if !ok {
		return nil, errNoSandbox(id)
	}
	return s.stats(now(), r.runningBySandbox()[id]), nil
}

// ListPodSandboxStats implements the CRI service: of the sandboxes that are
// ready.
func (r *Runtime) ListPodSandboxStats(_ context.Context, filter *runtimeapi.PodSandboxStatsFilter) ([]*runtimeapi.PodSandboxStats, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	at, running := now(), r.runningBySandbox()
	var list []*runtimeapi.PodSandboxStats
	for _, s := range r.sandboxes {
		if !s.ready || filter.GetId() != "" && filter.GetId() != s.id || !hasLabels(s.config.GetLabels(), filter.GetLabelSelector()) {
			continue
		}
		list = append(list, s.stats(at, running[s.id]))
	}
	slices.SortFunc(list, func(a, b *runtimeapi.PodSandboxStats) int { return strings.Compare(a.Attributes.Id, b.Attributes.Id) })
	return list, nil
}

// runningBySandbox groups the running containers by sandbox, in order of their start.
// r.mu is held.
func (r *Runtime) runningBySandbox() map[string][]*container {
	groups := map[string][]*container{}
	for _, c := range r.containers {
		if c.process != nil {
			groups[c.sandboxID] = append(groups[c.sandboxID], c)
		}
	}
	for _, g := range groups {
		slices.SortFunc(g, func(a, b *container) int { return -compareCreated(a.startedAt, b.startedAt, a.id, b.id) })
	}
	return groups
}

// stats is what a Pod uses: its containers and the process that holds its
// namespaces. The CPU time of containers that have ended stays counted, so that
// a restart does not turn the Pod's clock back.
func (s *sandbox) stats(at int64, running []*container) *runtimeapi.PodSandboxStats {
	cpu, cores, memory, processes := uint64(s.ended), uint64(0), uint64(0), uint64(0)
	if s.ready {
		memory, processes = pauseMemory, 1
	}
	linux := &runtimeapi.LinuxPodSandboxStats{}
	for _, c := range running {
		cs := c.stats(at)
		linux.Containers = append(linux.Containers, cs)
		cpu += cs.Cpu.UsageCoreNanoSeconds.Value
		cores += cs.Cpu.GetUsageNanoCores().GetValue()
		memory += cs.Memory.WorkingSetBytes.Value
		processes += uint64(len(c.world.Table.List()))
	}
	linux.Cpu = &runtimeapi.CpuUsage{Timestamp: at, UsageCoreNanoSeconds: amount(cpu), UsageNanoCores: amount(cores)}
	linux.Memory = &runtimeapi.MemoryUsage{
		Timestamp: at, WorkingSetBytes: amount(memory), UsageBytes: amount(memory), RssBytes: amount(memory),
		PageFaults: amount(memory / pageSize), MajorPageFaults: amount(0),
	}
	linux.Process = &runtimeapi.ProcessUsage{Timestamp: at, ProcessCount: amount(processes)}
	return &runtimeapi.PodSandboxStats{
		Attributes: &runtimeapi.PodSandboxAttributes{
			Id: s.id, Metadata: s.config.GetMetadata(), Labels: maps.Clone(s.config.GetLabels()), Annotations: maps.Clone(s.config.GetAnnotations()),
		},
		Linux: linux,
	}
}

// Used is the CPU time of all containers of this runtime since it exists, and
// the bytes of memory of those that run.
func (r *Runtime) Used() (cpu time.Duration, memory int64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	cpu = r.ended
	for _, c := range r.containers {
		if c.process != nil {
			cpu += c.world.Usage.CPU()
			memory += c.world.Usage.Memory()
		}
	}
	for _, s := range r.sandboxes {
		if s.ready {
			memory += pauseMemory
		}
	}
	return cpu, memory
}

// settle closes the books of a container that has ended, and gives the code
// and the reason of its end as the kernel leaves them. r.mu is held.
func (r *Runtime) settle(s *sandbox, c *container, code int) (int, string) {
	u := c.world.Usage
	s.ended += u.CPU()
	r.ended += u.CPU()
	u.Release()
	switch {
	case u.OutOfMemory():
		return 128 + int(proc.SIGKILL), "OOMKilled"
	case code != 0:
		return code, "Error"
	}
	return code, "Completed"
}

// writableLayer is what a container has written beside its mounts.
func (c *container) writableLayer(at int64) *runtimeapi.FilesystemUsage {
	bytes, inodes := c.files.Used()
	return &runtimeapi.FilesystemUsage{
		Timestamp: at, FsId: &runtimeapi.FilesystemIdentifier{Mountpoint: imageStore}, UsedBytes: amount(uint64(bytes)), InodesUsed: amount(uint64(inodes)),
	}
}
