package pocket

import (
	"context"
	"maps"
	"net/netip"
	"slices"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	runtimeapi "k8s.io/cri-api/pkg/apis/runtime/v1"

	"github.com/k8stutor/k8stutor/sandbox/pocket/files"
	"github.com/k8stutor/k8stutor/sandbox/pocket/proc"
	"github.com/k8stutor/k8stutor/sandbox/vnet"
)

// sandbox is a Pod's place on the node, with the network that its containers
// share.
type sandbox struct {
	id        string
	config    *runtimeapi.PodSandboxConfig
	handler   string
	createdAt int64
	ready     bool
	address   netip.Addr    // invalid when the Pod uses the host's network
	host      *vnet.Host    // nil when it was found after a restart
	table     *proc.Table   // of the Pod's processes, if its containers share them
	ended     time.Duration // CPU time of its containers that have ended

	closePorts []func() // its host ports
}

func (s *sandbox) state() runtimeapi.PodSandboxState {
	if s.ready {
		return runtimeapi.PodSandboxState_SANDBOX_READY
	}
	return runtimeapi.PodSandboxState_SANDBOX_NOTREADY
}

func (s *sandbox) hostNetwork() bool {
	return s.config.GetLinux().GetSecurityContext().GetNamespaceOptions().GetNetwork() == runtimeapi.NamespaceMode_NODE
}

func (s *sandbox) status() *runtimeapi.PodSandboxStatus {
	network := &runtimeapi.PodSandboxNetworkStatus{}
	if s.address.IsValid() && s.ready {
		network.Ip = s.address.String()
	}
	return &runtimeapi.PodSandboxStatus{
		Id:             s.id,
		Metadata:       s.config.GetMetadata(),
		State:          s.state(),
		CreatedAt:      s.createdAt,
		Network:        network,
		Linux:          &runtimeapi.LinuxPodSandboxStatus{Namespaces: &runtimeapi.Namespace{Options: s.config.GetLinux().GetSecurityContext().GetNamespaceOptions()}},
		Labels:         maps.Clone(s.config.GetLabels()),
		Annotations:    maps.Clone(s.config.GetAnnotations()),
		RuntimeHandler: s.handler,
	}
}

// tableOf is the table that a container's processes are in: one of its own, or
// that of the Pod, of another container, or of the node. r.mu is held.
func (r *Runtime) tableOf(s *sandbox, c *container) *proc.Table {
	options := c.config.GetLinux().GetSecurityContext().GetNamespaceOptions()
	switch options.GetPid() {
	case runtimeapi.NamespaceMode_POD:
		if options == nil {
			break
		}
		if s.table == nil {
			s.table = proc.NewTable()
			s.table.AddIdle(r.idle(s, "/pause"))
		}
		return s.table
	case runtimeapi.NamespaceMode_NODE:
		return r.nodeTable
	case runtimeapi.NamespaceMode_TARGET:
		if target := r.containers[options.GetTargetId()]; target != nil && target.world != nil {
			return target.world.Table
		}
	}
	return proc.NewTable()
}

// idle is a process outside of every container of a Pod, of which there is
// nothing to see but its command.
func (r *Runtime) idle(s *sandbox, args ...string) *proc.Process {
	world := &proc.Container{
		Files: files.New(), Net: s.host, Hostname: s.config.GetHostname(), Usage: proc.NewUsage(func() {}),
		Image: proc.Image{LookUp: func(string) (proc.Program, bool) { return nil, false }},
	}
	return world.NewProcess(args, map[string]string{}, "/")
}

// RunPodSandbox implements the CRI service.
func (r *Runtime) RunPodSandbox(_ context.Context, config *runtimeapi.PodSandboxConfig, handler string) (string, error) {
	if config.GetMetadata() == nil {
		return "", status.Error(codes.InvalidArgument, "sandbox config must include metadata")
	}
	if handler != "" {
		return "", status.Errorf(codes.InvalidArgument, "failed to get sandbox runtime: no runtime for %q is configured", handler)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	s := &sandbox{id: newID(), config: config, handler: handler, createdAt: now(), ready: true, host: r.nodeHost}
	if !s.hostNetwork() {
		address, err := r.addresses.take()
		if err != nil {
			return "", status.Errorf(codes.ResourceExhausted, "failed to setup network for sandbox %q: %v", s.id, err)
		}
		if s.host, err = r.network.AddHost(address); err != nil {
			r.addresses.give(address)
			return "", status.Errorf(codes.Unavailable, "failed to setup network for sandbox %q: %v", s.id, err)
		}
		s.address = address
		s.closePorts = r.openHostPorts(s)
	} else if config.GetHostname() == "" {
		config.Hostname = r.nodeName // the kubelet leaves it to the runtime
	}
	r.sandboxes[s.id] = s
	r.store.saveSandbox(s)
	return s.id, nil
}

// StopPodSandbox implements the CRI service: what still runs is killed.
func (r *Runtime) StopPodSandbox(ctx context.Context, id string) error {
	r.mu.Lock()
	s, ok := r.sandboxes[id]
	var running []*process
	if ok {
		for _, c := range r.containers {
			if c.sandboxID == id && c.process != nil {
				running = append(running, c.process)
			}
		}
	}
	r.mu.Unlock()
	if !ok {
		return nil // CRI: stopping what is gone is no error
	}
	for _, p := range running {
		p.kill()
	}
	for _, p := range running {
		if err := p.wait(ctx); err != nil {
			return err
		}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if s.ready {
		s.ready = false
		for _, undo := range s.closePorts {
			undo()
		}
		if s.address.IsValid() {
			s.host.Close()
			r.addresses.give(s.address)
		}
		r.store.saveSandbox(s)
	}
	return nil
}

// RemovePodSandbox implements the CRI service.
func (r *Runtime) RemovePodSandbox(ctx context.Context, id string) error {
	if err := r.StopPodSandbox(ctx, id); err != nil {
		return err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, c := range r.containers {
		if c.sandboxID == id {
			r.forget(c)
		}
	}
	delete(r.sandboxes, id)
	r.store.remove(id)
	return nil
}

// PodSandboxStatus implements the CRI service. It leaves out the statuses of
// the containers, which only newer runtimes give: from them kubelet 1.37 does
// not learn which containers are of the current sandbox, and would run init
// containers again. Asked one by one, it does.
func (r *Runtime) PodSandboxStatus(_ context.Context, id string, _ bool) (*runtimeapi.PodSandboxStatusResponse, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	s, ok := r.sandboxes[id]
	if !ok {
		return nil, errNoSandbox(id)
	}
	return &runtimeapi.PodSandboxStatusResponse{Status: s.status()}, nil
}

// ListPodSandbox implements the CRI service.
func (r *Runtime) ListPodSandbox(_ context.Context, filter *runtimeapi.PodSandboxFilter) ([]*runtimeapi.PodSandbox, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	var list []*runtimeapi.PodSandbox
	for _, s := range r.sandboxes {
		if filter.GetId() != "" && filter.GetId() != s.id ||
			filter.GetState() != nil && filter.GetState().GetState() != s.state() ||
			!hasLabels(s.config.GetLabels(), filter.GetLabelSelector()) {
			continue
		}
		list = append(list, &runtimeapi.PodSandbox{
			Id:             s.id,
			Metadata:       s.config.GetMetadata(),
			State:          s.state(),
			CreatedAt:      s.createdAt,
			Labels:         maps.Clone(s.config.GetLabels()),
			Annotations:    maps.Clone(s.config.GetAnnotations()),
			RuntimeHandler: s.handler,
		})
	}
	slices.SortFunc(list, func(a, b *runtimeapi.PodSandbox) int { return compareCreated(a.CreatedAt, b.CreatedAt, a.Id, b.Id) })
	return list, nil
}

func hasLabels(labels, selector map[string]string) bool {
	for k, v := range selector {
		if labels[k] != v {
			return false
		}
	}
	return true
}

func errNoSandbox(id string) error {
	return status.Errorf(codes.NotFound, "an error occurred when try to find sandbox: sandbox %q: not found", id)
}
