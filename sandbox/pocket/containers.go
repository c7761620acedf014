package pocket

import (
	"cmp"
	"context"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	runtimeapi "k8s.io/cri-api/pkg/apis/runtime/v1"

	"github.com/k8stutor/k8stutor/sandbox/pocket/catalogue"
	"github.com/k8stutor/k8stutor/sandbox/pocket/files"
	"github.com/k8stutor/k8stutor/sandbox/pocket/proc"
)

// container is one created container; process is set while it runs.
type container struct {
	id         string
	sandboxID  string
	config     *runtimeapi.ContainerConfig
	logPath    string // absolute; empty when the kubelet asked for no log
	imageID    string
	imageRef   string
	state      runtimeapi.ContainerState
	createdAt  int64
	startedAt  int64
	finishedAt int64
	exitCode   int32
	reason     string
	message    string
	files      *files.Tree
	user       proc.User
	stopSignal runtimeapi.Signal
	home       string
	world      *proc.Container // set when it starts
	process    *process
	sample     sample // of its CPU time
}

func (c *container) status() *runtimeapi.ContainerStatus {
	return &runtimeapi.ContainerStatus{
		Id:          c.id,
		Metadata:    c.config.GetMetadata(),
		State:       c.state,
		CreatedAt:   c.createdAt,
		StartedAt:   c.startedAt,
		FinishedAt:  c.finishedAt,
		ExitCode:    c.exitCode,
		Image:       &runtimeapi.ImageSpec{Image: c.imageName()},
		ImageRef:    c.imageRef,
		ImageId:     c.imageID,
		Reason:      c.reason,
		Message:     c.message,
		Labels:      maps.Clone(c.config.GetLabels()),
		Annotations: maps.Clone(c.config.GetAnnotations()),
		Mounts:      c.config.GetMounts(),
		LogPath:     c.logPath,
		User: &runtimeapi.ContainerUser{Linux: &runtimeapi.LinuxContainerUser{
			Uid: c.user.UID, Gid: c.user.GID, SupplementalGroups: c.user.Groups,
		}},
		StopSignal: c.stopSignal,
		Resources:  &runtimeapi.ContainerResources{Linux: c.config.GetLinux().GetResources()},
	}
}

// imageName is the reference the Pod was written with, in full form.
func (c *container) imageName() string {
	name := c.config.GetImage().GetUserSpecifiedImage()
	if name == "" {
		name = c.config.GetImage().GetImage()
	}
	if ref, err := catalogue.ParseReference(name); err == nil {
		return ref.String()
	}
	return name
}

// CreateContainer implements the CRI service.
func (r *Runtime) CreateContainer(_ context.Context, sandboxID string, config *runtimeapi.ContainerConfig, sandboxConfig *runtimeapi.PodSandboxConfig) (string, error) {
	if config.GetMetadata() == nil {
		return "", status.Error(codes.InvalidArgument, "container config must include metadata")
	}
	img, err := r.images.resolve(config.GetImage())
	if err != nil {
		return "", err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	s, ok := r.sandboxes[sandboxID]
	if !ok {
		return "", errNoSandbox(sandboxID)
	}
	if !s.ready {
		return "", status.Errorf(codes.FailedPrecondition, "failed to create container: sandbox %q is not running", sandboxID)
	}
	c := &container{
		id:        newID(),
		sandboxID: sandboxID,
		config:    config,
		imageID:   img.id,
		imageRef:  img.repoDigest(),
		state:     runtimeapi.ContainerState_CONTAINER_CREATED,
		createdAt: now(),
		files:     files.NewTree(img.product.Layer(), r.limits),
	}
	if dir := sandboxConfig.GetLogDirectory(); dir != "" && config.GetLogPath() != "" {
		c.logPath = filepath.Join(dir, config.GetLogPath())
	}
	c.files.Put("/etc/hostname", s.config.GetHostname()+"\n")
	c.files.Put("/etc/resolv.conf", resolvConf(s.config.GetDnsConfig()))
	mounts := config.GetMounts()
	if s.hostNetwork() {
		// The kubelet would show this machine's own hosts file.
		mounts = slices.DeleteFunc(slices.Clone(mounts), func(m *runtimeapi.Mount) bool { return m.GetContainerPath() == "/etc/hosts" })
	}
	err = c.files.Mount(r.disk, mounts)
	if err == nil {
		err = r.mountImages(c.files, mounts)
	}
	if err != nil {
		c.files.Close()
		return "", status.Errorf(codes.Unknown, "failed to generate container %q spec: %v", c.id, err)
	}
	if config.GetLinux().GetSecurityContext().GetReadonlyRootfs() {
		c.files.SetReadOnly(true)
	}
	who := account{}
	if c.user, who, err = userOf(c.files, img.product.User, config.GetLinux().GetSecurityContext()); err != nil {
		return "", status.Errorf(codes.Unknown, "failed to generate container %q spec: failed to generate spec: %v", c.id, err)
	}
	c.home = who.home
	c.stopSignal = stopSignal(config.GetStopSignal(), img.product.StopSignal)
	r.containers[c.id] = c
	r.store.saveContainer(c)
	return c.id, nil
}

func resolvConf(dns *runtimeapi.DNSConfig) string {
	var b strings.Builder
	if len(dns.GetSearches()) > 0 {
		fmt.Fprintf(&b, "search %s\n", strings.Join(dns.GetSearches(), " "))
	}
	for _, s := range dns.GetServers() {
		fmt.Fprintf(&b, "nameserver %s\n", s)
	}
	if len(dns.GetOptions()) > 0 {
		fmt.Fprintf(&b, "options %s\n", strings.Join(dns.GetOptions(), " "))
	}
	return b.String()
}

// StartContainer implements the CRI service. A command that is not in the
// image fails here, with the words of runc.
func (r *Runtime) StartContainer(_ context.Context, id string) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	c, ok := r.containers[id]
	if !ok {
		return errNoContainer(id)
	}
	if c.state != runtimeapi.ContainerState_CONTAINER_CREATED {
		return status.Errorf(codes.FailedPrecondition, "failed to start container %q: it is in state %s", id, c.state)
	}
	s := r.sandboxes[c.sandboxID]
	if s == nil || !s.ready {
		return errNoSandbox(c.sandboxID)
	}
	if err := r.startProcess(s, c); err != nil {
		// What containerd records for a container that never ran.
		c.state = runtimeapi.ContainerState_CONTAINER_EXITED
		c.startedAt, c.finishedAt = c.createdAt, now()
		c.exitCode, c.reason, c.message = 128, "StartError", err.Error()
		r.store.saveContainer(c)
		return status.Error(codes.Unknown, err.Error())
	}
	c.state = runtimeapi.ContainerState_CONTAINER_RUNNING
	c.startedAt = now()
	r.store.saveContainer(c)
	r.publish(s, c, runtimeapi.ContainerEventType_CONTAINER_STARTED_EVENT)
	return nil
}

// exited records the end of a container's process. It runs on the process's
// own goroutine.
func (r *Runtime) exited(s *sandbox, c *container, code int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	c.process = nil
	c.state = runtimeapi.ContainerState_CONTAINER_EXITED
	c.finishedAt = now()
	code, c.reason = r.settle(s, c, code)
	c.exitCode = int32(code)
	if r.ctx.Err() != nil {
		return // the runtime is going down: the next one finds the container as after a reboot
	}
	r.store.saveContainer(c)
	r.publish(s, c, runtimeapi.ContainerEventType_CONTAINER_STOPPED_EVENT)
}

// StopContainer implements the CRI service: SIGTERM, or the signal that the Pod
// or the image names, then SIGKILL after timeout seconds.
func (r *Runtime) StopContainer(ctx context.Context, id string, timeout int64) error {
	r.mu.Lock()
	var p *process
	ask := proc.SIGTERM
	if c, ok := r.containers[id]; ok {
		p, ask = c.process, proc.Signal(signalNumber(c.stopSignal))
	}
	r.mu.Unlock()
	if p == nil {
		return nil // CRI: stopping what does not run is no error
	}
	if timeout > 0 {
		p.Signal(ask)
		grace, cancel := context.WithTimeout(ctx, time.Duration(timeout)*time.Second)
		err := p.wait(grace)
		cancel()
		if err == nil {
			return nil
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
	}
	p.kill()
	return p.wait(ctx)
}

// RemoveContainer implements the CRI service.
func (r *Runtime) RemoveContainer(ctx context.Context, id string) error {
	if err := r.StopContainer(ctx, id, 0); err != nil {
		return err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if c, ok := r.containers[id]; ok {
		r.forget(c)
	}
	return nil
}

// forget drops a container that has ended. r.mu is held.
func (r *Runtime) forget(c *container) {
	delete(r.containers, c.id)
	c.files.Close()
	r.store.remove(c.id)
}

// ListContainers implements the CRI service.
func (r *Runtime) ListContainers(_ context.Context, filter *runtimeapi.ContainerFilter) ([]*runtimeapi.Container, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	var list []*runtimeapi.Container
	for _, c := range r.containers {
		if filter.GetId() != "" && filter.GetId() != c.id ||
			filter.GetPodSandboxId() != "" && filter.GetPodSandboxId() != c.sandboxID ||
			filter.GetState() != nil && filter.GetState().GetState() != c.state ||
			!hasLabels(c.config.GetLabels(), filter.GetLabelSelector()) {
			continue
		}
		list = append(list, &runtimeapi.Container{
			Id:           c.id,
			PodSandboxId: c.sandboxID,
			Metadata:     c.config.GetMetadata(),
			Image:        c.config.GetImage(),
			ImageRef:     c.imageRef,
			ImageId:      c.imageID,
			State:        c.state,
			CreatedAt:    c.createdAt,
			Labels:       maps.Clone(c.config.GetLabels()),
			Annotations:  maps.Clone(c.config.GetAnnotations()),
		})
	}
	slices.SortFunc(list, func(a, b *runtimeapi.Container) int { return compareCreated(a.CreatedAt, b.CreatedAt, a.Id, b.Id) })
	return list, nil
}

// compareCreated orders newest first, as containerd lists them.
func compareCreated(a, b int64, aID, bID string) int {
	return cmp.Or(cmp.Compare(b, a), strings.Compare(aID, bID))
}

// ContainerStatus implements the CRI service.
func (r *Runtime) ContainerStatus(_ context.Context, id string, _ bool) (*runtimeapi.ContainerStatusResponse, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	c, ok := r.containers[id]
	if !ok {
		return nil, errNoContainer(id)
	}
	return &runtimeapi.ContainerStatusResponse{Status: c.status()}, nil
}

// ReopenContainerLog implements the CRI service: the kubelet has moved the
// log file away.
func (r *Runtime) ReopenContainerLog(_ context.Context, id string) error {
	r.mu.Lock()
	var p *process
	c, ok := r.containers[id]
	if ok {
		p = c.process
	}
	r.mu.Unlock()
	if !ok {
		return errNoContainer(id)
	}
	if p == nil {
		return status.Errorf(codes.FailedPrecondition, "container %q is not running", id)
	}
	return p.log.reopen()
}

func errNoContainer(id string) error {
	return status.Errorf(codes.NotFound, "an error occurred when try to find container %q: not found", id)
}

// newID makes an id of the shape containerd uses.
func newID() string {
	var b [32]byte
	rand.Read(b[:]) // never fails, see crypto/rand
	return hex.EncodeToString(b[:])
}
