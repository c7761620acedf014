// Package pocket is a container runtime that needs no containers: it speaks
// the kubelet's container runtime interface (CRI) and runs, in place of real
// images, a small catalogue of programs written in Go.
//
// The real kubelet does everything above it: pulling rules, back-off, restart
// policies, init containers, probes, termination grace, log rotation. The
// runtime's part is to make the same answers containerd would make: the same
// states, exit codes, reasons and error texts.
//
// It promises that nothing a container does reaches the host: its programs are
// those of catalogue, its files those of files, its network that of vnet. The
// only host files it writes are container logs, at the path the kubelet names,
// the volumes that the kubelet mounts, and its own records below Config.Dir.
//
// It must not import k8s.io/kubernetes: everything here is tested without a
// control plane.
package pocket

import (
	"context"
	"fmt"
	"log/slog"
	"net/netip"
	"sync"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	cri "k8s.io/cri-api/pkg/apis"
	runtimeapi "k8s.io/cri-api/pkg/apis/runtime/v1"

	"github.com/k8stutor/k8stutor/sandbox/pocket/files"
	"github.com/k8stutor/k8stutor/sandbox/pocket/proc"
	"github.com/k8stutor/k8stutor/sandbox/vnet"
)

// Name and Version are what a node reports as its container runtime.
const (
	Name    = "pocket"
	Version = "0.1.0"
)

// Config says where a runtime keeps its records and which addresses it gives.
type Config struct {
	// Dir holds one record per Pod sandbox and container, so that what ended
	// before a restart can still be described. Empty keeps them in memory only.
	Dir string

	// PodCIDR is where Pod addresses come from until the kubelet announces the
	// node's own range.
	PodCIDR netip.Prefix

	// Network is the node's network. NodeHost is the node's own place in it,
	// which Pods with hostNetwork share.
	Network  *vnet.Network
	NodeHost *vnet.Host

	// NodeName is the host name that those Pods see.
	NodeName string

	// Disk is the disk of the node, where volumes are. VolumeRoot, the kubelet's
	// directory, makes one of a node without files of its own when Disk is nil.
	Disk       *files.Disk
	VolumeRoot string

	// Logger is told of what goes wrong; nil discards.
	Logger *slog.Logger

	// PullDelay scales the time a first pull takes; 1 is a quick mirror, 0 is
	// instant.
	PullDelay float64

	// CPUs and Memory, in bytes, are the node's: what its containers may use
	// together. 0 is without limit.
	CPUs   float64
	Memory int64

	// Programs take the place of the catalogue's programs with the same names:
	// those that need something the runtime does not know.
	Programs map[string]proc.Program
}

// Runtime implements the CRI runtime service. It is safe for concurrent use.
type Runtime struct {
	images  *Images
	store   store
	stop    context.CancelFunc // kills every running process
	ctx     context.Context    // parent of every process
	events  events
	procs   sync.WaitGroup
	streams streamServer

	network   *vnet.Network
	nodeHost  *vnet.Host
	nodeName  string
	nodeTable *proc.Table
	node      *proc.Node
	disk      *files.Disk
	limits    *files.Limits

	mu         sync.Mutex
	addresses  addresses
	sandboxes  map[string]*sandbox
	containers map[string]*container
	ended      time.Duration // CPU time of the containers that have ended
}

var _ cri.RuntimeService = (*Runtime)(nil)

// New makes a runtime and reads the records that an earlier one left in
// cfg.Dir. Whatever was running then is found ended, as after a reboot.
func New(cfg Config) (*Runtime, error) {
	if cfg.Logger == nil {
		cfg.Logger = slog.New(slog.DiscardHandler)
	}
	ctx, stop := context.WithCancel(context.Background())
	r := &Runtime{
		images:     newImages(cfg.PullDelay),
		store:      store{dir: cfg.Dir, log: cfg.Logger},
		network:    cfg.Network,
		nodeHost:   cfg.NodeHost,
		nodeName:   cfg.NodeName,
		nodeTable:  proc.NewTable(),
		node:       proc.NewNode(cfg.CPUs, cfg.Memory),
		disk:       cfg.Disk,
		limits:     files.DefaultLimits(),
		ctx:        ctx,
		stop:       stop,
		addresses:  newAddresses(cfg.PodCIDR),
		sandboxes:  map[string]*sandbox{},
		containers: map[string]*container{},
	}
	r.images.programs = cfg.Programs
	if r.disk == nil && cfg.VolumeRoot != "" {
		r.disk = files.NewDisk(cfg.VolumeRoot, "", "", nil)
	}
	if err := r.load(); err != nil {
		stop()
		return nil, fmt.Errorf("read the container records in %s: %w", cfg.Dir, err)
	}
	return r, nil
}

// Images returns the image service that belongs to this runtime.
func (r *Runtime) Images() *Images { return r.images }

// Shutdown kills every process and waits until all of them are gone. Records
// and logs stay.
func (r *Runtime) Shutdown() {
	r.stop()
	r.procs.Wait()
	r.streams.close()
}

// Close implements the CRI service; the runtime itself is ended by Shutdown.
func (r *Runtime) Close(context.Context) error { return nil }

// Version implements the CRI service.
func (r *Runtime) Version(context.Context, string) (*runtimeapi.VersionResponse, error) {
	return &runtimeapi.VersionResponse{
		Version:           "0.1.0", // of the kubelet's own version negotiation, always this
		RuntimeName:       Name,
		RuntimeVersion:    Version,
		RuntimeApiVersion: "v1",
	}, nil
}

// Status implements the CRI service: the runtime and its network are ready as
// soon as it exists.
func (r *Runtime) Status(context.Context, bool) (*runtimeapi.StatusResponse, error) {
	return &runtimeapi.StatusResponse{
		Status: &runtimeapi.RuntimeStatus{Conditions: []*runtimeapi.RuntimeCondition{
			{Type: runtimeapi.RuntimeReady, Status: true},
			{Type: runtimeapi.NetworkReady, Status: true},
		}},
		RuntimeHandlers: []*runtimeapi.RuntimeHandler{{Name: "", Features: &runtimeapi.RuntimeHandlerFeatures{
			RecursiveReadOnlyMounts: true,
			UserNamespaces:          true,
		}}},
		Features: &runtimeapi.RuntimeFeatures{SupplementalGroupsPolicy: true},
	}, nil
}

// RuntimeConfig implements the CRI service.
func (r *Runtime) RuntimeConfig(context.Context) (*runtimeapi.RuntimeConfigResponse, error) {
	return &runtimeapi.RuntimeConfigResponse{}, nil
}

// UpdateRuntimeConfig takes the node's Pod address range from the kubelet.
func (r *Runtime) UpdateRuntimeConfig(_ context.Context, cfg *runtimeapi.RuntimeConfig) error {
	cidr := cfg.GetNetworkConfig().GetPodCidr()
	if cidr == "" {
		return nil
	}
	prefix, err := netip.ParsePrefix(cidr)
	if err != nil {
		return status.Errorf(codes.InvalidArgument, "Pod CIDR %q: %v", cidr, err)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.addresses.setRange(prefix)
	return nil
}

func now() int64 { return time.Now().UnixNano() }
