package sandbox

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"os"
	"path/filepath"
	"strings"
	"time"

	cadvisorapi "github.com/google/cadvisor/lib/model"
	v1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	"k8s.io/klog/v2"
	"k8s.io/kubernetes/pkg/kubelet"
	"k8s.io/kubernetes/pkg/kubelet/cm"
	kubecontainer "k8s.io/kubernetes/pkg/kubelet/container"
)

// The size of a node. It is the same on every machine, because the programs of
// the sandbox use next to nothing and lessons on scheduling should come out
// the same for everybody.
const (
	nodeCPUs   = 4
	nodeMemory = 8 << 30
	nodeDisk   = 50 << 30
)

// machine answers the kubelet's questions about the computer it runs on.
type machine struct {
	node, bootID string
	usage        *nodeUsage
}

func (machine) Start() error { return nil }

// ContainerInfoV2 describes the node as a whole; its containers are the
// runtime's to describe.
func (m machine) ContainerInfoV2(name string, _ cadvisorapi.RequestOptions) (map[string]cadvisorapi.ContainerInfo, error) {
	if name != "/" {
		return map[string]cadvisorapi.ContainerInfo{}, nil
	}
	return map[string]cadvisorapi.ContainerInfo{name: m.usage.root()}, nil
}

func (machine) GetRequestedContainersInfo(string, cadvisorapi.RequestOptions) (map[string]*cadvisorapi.ContainerInfo, error) {
	return map[string]*cadvisorapi.ContainerInfo{}, nil
}

func (m machine) MachineInfo(klog.Logger) (*cadvisorapi.MachineInfo, error) {
	id := sha256.Sum256([]byte(m.node))
	return &cadvisorapi.MachineInfo{
		NumCores:         nodeCPUs,
		NumPhysicalCores: nodeCPUs,
		NumSockets:       1,
		MemoryCapacity:   nodeMemory,
		MachineID:        hex.EncodeToString(id[:16]),
		SystemUUID:       hex.EncodeToString(id[:16]),
		BootID:           m.bootID,
	}, nil
}

// osImage is the operating system that nodes name.
const osImage = "k8stutor sandbox"

func (machine) VersionInfo() (*cadvisorapi.VersionInfo, error) {
	return &cadvisorapi.VersionInfo{KernelVersion: "pocket", ContainerOsVersion: osImage}, nil
}

func (machine) fs() (cadvisorapi.FsInfo, error) {
	inodes, free := uint64(1<<20), uint64(1<<20)
	return cadvisorapi.FsInfo{
		Timestamp: time.Now(), Device: "pocket", Mountpoint: "/",
		Capacity: nodeDisk, Available: nodeDisk, Inodes: &inodes, InodesFree: &free,
	}, nil
}

func (m machine) ImagesFsInfo(context.Context) (cadvisorapi.FsInfo, error)    { return m.fs() }
func (m machine) ContainerFsInfo(context.Context) (cadvisorapi.FsInfo, error) { return m.fs() }
func (m machine) RootFsInfo() (cadvisorapi.FsInfo, error)                     { return m.fs() }
func (m machine) GetDirFsInfo(string) (cadvisorapi.FsInfo, error)             { return m.fs() }

// resources is a container manager that has no cgroups to manage.
type resources struct{ cm.ContainerManager }

func newResources() cm.ContainerManager { return resources{cm.NewStubContainerManager()} }

// NewPodContainerManager is for the kubelet's resizes in place: it looks at the
// control group of the Pod before it resizes the containers in it.
func (r resources) NewPodContainerManager() cm.PodContainerManager {
	return podResources{r.ContainerManager.NewPodContainerManager()}
}

// podResources stands for the control groups of Pods, which have no limits of
// their own here: their containers have.
type podResources struct{ cm.PodContainerManager }

// GetPodCgroupConfig overrides the stub, which fails. Zero is what the kubelet
// takes for no limit, and it follows every pointer.
func (podResources) GetPodCgroupConfig(*v1.Pod, v1.ResourceName) (*cm.ResourceConfig, error) {
	return &cm.ResourceConfig{Memory: new(int64), CPUShares: new(uint64), CPUQuota: new(int64), CPUPeriod: new(uint64)}, nil
}

// SetPodCgroupConfig overrides the stub, which fails.
func (podResources) SetPodCgroupConfig(klog.Logger, *v1.Pod, *cm.ResourceConfig) error { return nil }

// GetPodCgroupMemoryUsage overrides the stub. The containers' own limits are
// checked when they are changed.
func (podResources) GetPodCgroupMemoryUsage(*v1.Pod) (uint64, error) { return 0, nil }

// GetCapacity reports the node's disk beside what machine reports.
func (resources) GetCapacity(klog.Logger, bool) v1.ResourceList {
	return v1.ResourceList{v1.ResourceEphemeralStorage: *resource.NewQuantity(nodeDisk, resource.BinarySI)}
}

// kubeletOS is the operating system without the folder of links to container
// logs, which needs privileges and is for log collectors only.
type kubeletOS struct{ kubecontainer.RealOS }

func forCollectors(path string) bool {
	return path == kubelet.ContainerLogsDir || strings.HasPrefix(path, kubelet.ContainerLogsDir+string(filepath.Separator))
}

// MkdirAll overrides kubecontainer.RealOS.
func (o kubeletOS) MkdirAll(path string, perm os.FileMode) error {
	if forCollectors(path) {
		return nil
	}
	return o.RealOS.MkdirAll(path, perm)
}

// Symlink overrides kubecontainer.RealOS.
func (o kubeletOS) Symlink(oldname, newname string) error {
	if forCollectors(newname) {
		return nil
	}
	return o.RealOS.Symlink(oldname, newname)
}
