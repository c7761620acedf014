package sandbox

import (
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"syscall"

	v1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/klog/v2"
	"k8s.io/kubernetes/pkg/volume"
	"k8s.io/kubernetes/pkg/volume/configmap"
	"k8s.io/kubernetes/pkg/volume/downwardapi"
	"k8s.io/kubernetes/pkg/volume/emptydir"
	"k8s.io/kubernetes/pkg/volume/hostpath"
	"k8s.io/kubernetes/pkg/volume/image"
	"k8s.io/kubernetes/pkg/volume/local"
	"k8s.io/kubernetes/pkg/volume/projected"
	"k8s.io/kubernetes/pkg/volume/secret"
	"k8s.io/kubernetes/pkg/volume/util/recyclerclient"

	"github.com/k8stutor/k8stutor/sandbox/pocket/files"
)

// volumePlugins are the kinds of volume a Pod can use, all the kubelet's own.
func volumePlugins(disk *files.Disk) []volume.VolumePlugin {
	var plugins []volume.VolumePlugin
	for _, probe := range []func() []volume.VolumePlugin{
		emptydir.ProbeVolumePlugins, configmap.ProbeVolumePlugins, secret.ProbeVolumePlugins, downwardapi.ProbeVolumePlugins, projected.ProbeVolumePlugins,
	} {
		for _, p := range probe() {
			plugins = append(plugins, ownedPlugin{p, disk})
		}
	}
	plugins = append(plugins, hostPathPlugins(disk)...)
	plugins = append(plugins, local.ProbeVolumePlugins()...)
	return append(plugins, image.ProbeVolumePlugins()...)
}

// ownedPlugin tells the disk what the kubelet, as an ordinary user, cannot
// write to its files: to whom in the Pod they belong.
type ownedPlugin struct {
	volume.VolumePlugin
	disk *files.Disk
}

// NewMounter overrides volume.VolumePlugin.
func (p ownedPlugin) NewMounter(spec *volume.Spec, pod *v1.Pod) (volume.Mounter, error) {
	m, err := p.VolumePlugin.NewMounter(spec, pod)
	if err != nil {
		return nil, err
	}
	return ownedMounter{Mounter: m, disk: p.disk, tokens: tokens(spec.Volume)}, nil
}

// NewUnmounter overrides volume.VolumePlugin.
func (p ownedPlugin) NewUnmounter(name string, podUID types.UID) (volume.Unmounter, error) {
	u, err := p.VolumePlugin.NewUnmounter(name, podUID)
	if err != nil {
		return nil, err
	}
	return ownedUnmounter{u, p.disk}, nil
}

type ownedMounter struct {
	volume.Mounter
	disk   *files.Disk
	tokens []string
}

// SetUp overrides volume.Mounter. The plugin would fail to give a token to the
// Pod's user.
func (m ownedMounter) SetUp(args volume.MounterArgs) error {
	user := args.FsUser
	args.FsUser = nil
	if err := m.Mounter.SetUp(args); err != nil {
		return err
	}
	if args.FsGroup != nil {
		if err := m.disk.SetGroup(m.GetPath(), *args.FsGroup); err != nil {
			return err
		}
	}
	if user == nil {
		return nil
	}
	for _, token := range m.tokens {
		var group int64
		if args.FsGroup != nil {
			group = *args.FsGroup
		}
		if err := m.disk.SetOwner(filepath.Join(m.GetPath(), token), *user, group, tokenMode); err != nil {
			return err
		}
	}
	return nil
}

type ownedUnmounter struct {
	volume.Unmounter
	disk *files.Disk
}

// TearDown overrides volume.Unmounter.
func (u ownedUnmounter) TearDown() error {
	err := u.Unmounter.TearDown()
	if err == nil {
		u.disk.Unmount(u.GetPath())
	}
	return err
}

// hostPathPlugin is the kubelet's, on the node's own files: what it would make
// or remove by itself, with package os, would be this machine's.
type hostPathPlugin struct {
	volume.VolumePlugin
	disk *files.Disk
}

var (
	_ volume.PersistentVolumePlugin = hostPathPlugin{}
	_ volume.DeletableVolumePlugin  = hostPathPlugin{}
	_ volume.RecyclableVolumePlugin = hostPathPlugin{}
)

func hostPathPlugins(disk *files.Disk) []volume.VolumePlugin {
	var plugins []volume.VolumePlugin
	for _, p := range hostpath.ProbeVolumePlugins(volume.VolumeConfig{
		RecyclerPodTemplate: volume.NewPersistentVolumeRecyclerPodTemplate(), RecyclerMinimumTimeout: 60, RecyclerTimeoutIncrement: 30,
	}) {
		plugins = append(plugins, hostPathPlugin{p, disk})
	}
	return plugins
}

// GetAccessModes implements volume.PersistentVolumePlugin.
func (hostPathPlugin) GetAccessModes() []v1.PersistentVolumeAccessMode {
	return []v1.PersistentVolumeAccessMode{v1.ReadWriteOnce}
}

// Recycle implements volume.RecyclableVolumePlugin: with a Pod of the cluster.
func (p hostPathPlugin) Recycle(name string, spec *volume.Spec, recorder recyclerclient.RecycleEventRecorder) error {
	r, ok := p.VolumePlugin.(volume.RecyclableVolumePlugin)
	if !ok {
		return fmt.Errorf("%s volumes cannot be recycled", p.GetPluginName())
	}
	return r.Recycle(name, spec, recorder)
}

// NewMounter overrides volume.VolumePlugin. What is to be made is made on the
// node's disk; then the plugin only checks what is there.
func (p hostPathPlugin) NewMounter(spec *volume.Spec, pod *v1.Pod) (volume.Mounter, error) {
	copied := *spec
	var source *v1.HostPathVolumeSource
	switch {
	case spec.Volume != nil && spec.Volume.HostPath != nil:
		copied.Volume = spec.Volume.DeepCopy()
		source = copied.Volume.HostPath
	case spec.PersistentVolume != nil && spec.PersistentVolume.Spec.HostPath != nil:
		copied.PersistentVolume = spec.PersistentVolume.DeepCopy()
		source = copied.PersistentVolume.Spec.HostPath
	}
	var prepare func() error
	if source != nil && source.Type != nil {
		switch name := source.Path; *source.Type {
		case v1.HostPathDirectoryOrCreate:
			prepare = func() error { return p.disk.MkdirAll(name, 0o755) }
			source.Type = new(v1.HostPathDirectory)
		case v1.HostPathFileOrCreate:
			prepare = func() error { return p.disk.Create(name, 0o644) }
			source.Type = new(v1.HostPathFile)
		}
	}
	m, err := p.VolumePlugin.NewMounter(&copied, pod)
	if err != nil {
		return nil, err
	}
	return hostPathMounter{m, prepare}, nil
}

type hostPathMounter struct {
	volume.Mounter
	prepare func() error // nil when nothing is to be made
}

// SetUp overrides volume.Mounter.
func (m hostPathMounter) SetUp(args volume.MounterArgs) error {
	if m.prepare != nil {
		if err := m.prepare(); err != nil && !errors.Is(err, syscall.ENOTDIR) && !errors.Is(err, syscall.EISDIR) {
			return err // what is there already, the plugin judges
		}
	}
	return m.Mounter.SetUp(args)
}

// NewDeleter implements volume.DeletableVolumePlugin, for volumes that were
// made by hand and are to be deleted with their claims.
func (p hostPathPlugin) NewDeleter(_ klog.Logger, spec *volume.Spec) (volume.Deleter, error) {
	if spec.PersistentVolume == nil || spec.PersistentVolume.Spec.HostPath == nil {
		return nil, errors.New("spec.PersistentVolumeSource.HostPath is nil")
	}
	return &hostPathDeleter{path: spec.PersistentVolume.Spec.HostPath.Path, disk: p.disk}, nil
}

type hostPathDeleter struct {
	volume.MetricsNil
	path string
	disk *files.Disk
}

// GetPath implements volume.Volume.
func (d *hostPathDeleter) GetPath() string { return d.path }

// Delete implements volume.Deleter with the plugin's own rule.
func (d *hostPathDeleter) Delete() error {
	if !strings.HasPrefix(d.path, "/tmp/") || d.path == "/tmp/" {
		return fmt.Errorf("host_path deleter only supports /tmp/.+ but received provided %s", d.path)
	}
	return d.disk.RemoveAll(d.path)
}
