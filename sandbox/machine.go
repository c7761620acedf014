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
	"k8s.io/kubernetes/pkg/volume"
	"k8s.io/kubernetes/pkg/volume/configmap"
	"k8s.io/kubernetes/pkg/volume/downwardapi"
	"k8s.io/kubernetes/pkg/volume/emptydir"
	"k8s.io/kubernetes/pkg/volume/hostpath"
	"k8s.io/kubernetes/pkg/volume/projected"
	"k8s.io/kubernetes/pkg/volume/secret"
	"k8s.io/kubernetes/pkg/volume/util/hostutil"
	"k8s.io/kubernetes/pkg/volume/util/subpath"
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

func (machine) VersionInfo() (*cadvisorapi.VersionInfo, error) {
	return &cadvisorapi.VersionInfo{KernelVersion: "pocket", ContainerOsVersion: "k8stutor sandbox"}, nil
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

// hostUtil is the real one without the change to the machine's mounts that
// the kubelet begins with.
type hostUtil struct{ *hostutil.HostUtil }

func newHostUtil() hostutil.HostUtils { return hostUtil{hostutil.NewHostUtil()} }

// MakeRShared overrides hostutil.HostUtil.
func (hostUtil) MakeRShared(string) error { return nil }

// hostFiles makes the folders of subPath mounts without bind mounts. It stays
// below the kubelet's own root: a hostPath volume leads nowhere.
type hostFiles struct {
	subpath.FakeSubpath
	root string
}

// SafeMakeDir overrides subpath.FakeSubpath.
func (h *hostFiles) SafeMakeDir(subdir, base string, perm os.FileMode) error {
	if !strings.HasPrefix(base, h.root+string(filepath.Separator)) {
		return nil
	}
	root, err := os.OpenRoot(base)
	if err != nil {
		return err
	}
	defer root.Close()
	return root.MkdirAll(subdir, perm.Perm()&0o777)
}

// volumePlugins are the kinds of volume a Pod can use. A hostPath volume is
// accepted, unchecked, and turns out empty; see pocket's mounts.
func volumePlugins() []volume.VolumePlugin {
	var plugins []volume.VolumePlugin
	plugins = append(plugins, emptydir.ProbeVolumePlugins()...)
	plugins = append(plugins, configmap.ProbeVolumePlugins()...)
	plugins = append(plugins, secret.ProbeVolumePlugins()...)
	plugins = append(plugins, downwardapi.ProbeVolumePlugins()...)
	plugins = append(plugins, projected.ProbeVolumePlugins()...)
	plugins = append(plugins, hostpath.FakeProbeVolumePlugins(volume.VolumeConfig{})...)
	return plugins
}
