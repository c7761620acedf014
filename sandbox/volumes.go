package sandbox

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	v1 "k8s.io/api/core/v1"
	"k8s.io/kubernetes/pkg/volume/util/hostutil"
	"k8s.io/kubernetes/pkg/volume/util/subpath"
	"k8s.io/mount-utils"

	"github.com/k8stutor/k8stutor/sandbox/pocket/files"
)

// provisionedPath is where a node has the volumes that the storage class
// provisions, as on minikube. They are one folder for all nodes, as network
// storage would be.
const provisionedPath = "/tmp/hostpath-provisioner"

// newNodeDisk makes the disk of a node: the kubelet's folder, under both its
// names, and a folder of files of the node's own, which hostPath volumes show.
func newNodeDisk(spec nodeSpec, kubeletDir, kubeletRoot string) (*files.Disk, error) {
	root := filepath.Join(spec.Dir, "host")
	volumes := filepath.Join(spec.sandboxDir(), "volumes")
	for _, dir := range []string{root, volumes} {
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return nil, fmt.Errorf("make the disk of node %s: %w", spec.Name, err)
		}
	}
	if kubeletRoot == kubeletDir {
		kubeletRoot = ""
	}
	disk := files.NewDisk(kubeletDir, kubeletRoot, root, map[string]string{provisionedPath: volumes})
	for name, mode := range map[string]fs.FileMode{
		"/tmp": fs.ModeSticky | 0o777, "/etc": 0o755, "/home": 0o755, "/mnt": 0o755, "/opt": 0o755, "/root": 0o700, "/run": 0o755,
		"/srv": 0o755, "/usr": 0o755, "/var/lib": 0o755, "/var/lib/kubelet": 0o700, "/var/log": 0o755, "/var/run": 0o755, "/lib/modules": 0o755, "/dev": 0o755, "/proc": 0o755, "/sys": 0o755,
	} {
		if err := disk.MkdirAll(name, mode); err != nil {
			return nil, fmt.Errorf("make %s of node %s: %w", name, spec.Name, err)
		}
	}
	for name, text := range map[string]string{
		"/etc/hostname": spec.Name + "\n",
		"/etc/hosts": "127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost ip6-loopback\nfe00::\tip6-localnet\nff00::\tip6-mcastprefix\n" +
			"ff02::1\tip6-allnodes\nff02::2\tip6-allrouters\n" + spec.Address.String() + "\t" + spec.Name + "\n",
		"/etc/os-release": "NAME=\"k8stutor sandbox\"\nID=k8stutor\nPRETTY_NAME=\"" + osImage + "\"\n",
	} {
		if err := disk.WriteNew(name, text, 0o644); err != nil {
			return nil, fmt.Errorf("make %s of node %s: %w", name, spec.Name, err)
		}
	}
	return disk, nil
}

// mounter keeps in a table what the kubelet mounts: an ordinary user may not
// mount, and containers see the table's mounts as if they were.
type mounter struct{ disk *files.Disk }

var _ mount.Interface = mounter{}

// Mount implements mount.Interface.
func (m mounter) Mount(source, target, fstype string, options []string) error {
	return m.disk.Mount(source, target, fstype, options)
}

// MountSensitive implements mount.Interface.
func (m mounter) MountSensitive(source, target, fstype string, options, _ []string) error {
	return m.disk.Mount(source, target, fstype, options)
}

// MountSensitiveWithoutSystemd implements mount.Interface.
func (m mounter) MountSensitiveWithoutSystemd(source, target, fstype string, options, _ []string) error {
	return m.disk.Mount(source, target, fstype, options)
}

// MountSensitiveWithoutSystemdWithMountFlags implements mount.Interface.
func (m mounter) MountSensitiveWithoutSystemdWithMountFlags(source, target, fstype string, options, _, _ []string) error {
	return m.disk.Mount(source, target, fstype, options)
}

// Unmount implements mount.Interface.
func (m mounter) Unmount(target string) error {
	m.disk.Unmount(target)
	return nil
}

// List implements mount.Interface.
func (m mounter) List() ([]mount.MountPoint, error) {
	var list []mount.MountPoint
	for _, e := range m.disk.Mounts() {
		list = append(list, mount.MountPoint{Device: e.Source, Path: e.Target, Type: e.Type})
	}
	return list, nil
}

// IsLikelyNotMountPoint implements mount.Interface.
func (m mounter) IsLikelyNotMountPoint(file string) (bool, error) {
	if _, err := os.Stat(file); err != nil {
		return true, err
	}
	return !m.disk.Mounted(file), nil
}

// IsMountPoint implements mount.Interface.
func (m mounter) IsMountPoint(file string) (bool, error) {
	not, err := m.IsLikelyNotMountPoint(file)
	return !not && err == nil, err
}

// CanSafelySkipMountPointCheck implements mount.Interface.
func (mounter) CanSafelySkipMountPointCheck() bool { return false }

// GetMountRefs implements mount.Interface: no volume is mounted twice.
func (mounter) GetMountRefs(string) ([]string, error) { return nil, nil }

// hostUtil answers the kubelet's questions about files: those of its own
// folder are this machine's, all others the node's.
type hostUtil struct {
	*hostutil.HostUtil
	disk *files.Disk
}

func newHostUtil(disk *files.Disk) hostutil.HostUtils {
	return hostUtil{HostUtil: hostutil.NewHostUtil(), disk: disk}
}

// MakeRShared overrides hostutil.HostUtil: the machine's mounts stay as they are.
func (hostUtil) MakeRShared(string) error { return nil }

// DeviceOpened overrides hostutil.HostUtil: a node has no devices.
func (hostUtil) DeviceOpened(string) (bool, error) { return false, nil }

// PathIsDevice overrides hostutil.HostUtil.
func (hostUtil) PathIsDevice(string) (bool, error) { return false, nil }

func (h hostUtil) stat(name string) (fs.FileInfo, error) {
	if _, ok := h.disk.InKubelet(name); ok {
		return os.Stat(name)
	}
	return h.disk.Stat(name)
}

// GetFileType overrides hostutil.HostUtil.
func (h hostUtil) GetFileType(name string) (hostutil.FileType, error) {
	info, err := h.stat(name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return "", fmt.Errorf("path %q does not exist", name)
	case err != nil:
		return "", err
	}
	switch mode := info.Mode(); {
	case mode&fs.ModeSocket != 0:
		return hostutil.FileTypeSocket, nil
	case mode&fs.ModeCharDevice != 0:
		return hostutil.FileTypeCharDev, nil
	case mode&fs.ModeDevice != 0:
		return hostutil.FileTypeBlockDev, nil
	case mode.IsDir():
		return hostutil.FileTypeDirectory, nil
	case mode.IsRegular():
		return hostutil.FileTypeFile, nil
	}
	return "", fmt.Errorf("only recognise file, directory, socket, block device and character device")
}

// PathExists overrides hostutil.HostUtil.
func (h hostUtil) PathExists(name string) (bool, error) {
	_, err := h.stat(name)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	return err == nil, err
}

// EvalHostSymlinks overrides hostutil.HostUtil.
func (h hostUtil) EvalHostSymlinks(name string) (string, error) {
	if _, ok := h.disk.InKubelet(name); ok {
		return filepath.EvalSymlinks(name)
	}
	return name, nil
}

// GetOwner overrides hostutil.HostUtil.
func (hostUtil) GetOwner(string) (uid, gid int64, err error) { return 0, 0, nil }

// GetSELinuxSupport overrides hostutil.HostUtil.
func (hostUtil) GetSELinuxSupport(string) (bool, error) { return false, nil }

// GetSELinuxMountContext overrides hostutil.HostUtil.
func (hostUtil) GetSELinuxMountContext(string) (string, error) { return "", nil }

// GetMode overrides hostutil.HostUtil.
func (h hostUtil) GetMode(name string) (os.FileMode, error) {
	info, err := h.stat(name)
	if err != nil {
		return 0, err
	}
	return info.Mode(), nil
}

// subPaths shows parts of volumes. What a subPath leads to is decided once,
// within its volume, and stays what the container sees.
type subPaths struct{ disk *files.Disk }

var _ subpath.Interface = subPaths{}

// SafeMakeDir implements subpath.Interface.
func (s subPaths) SafeMakeDir(subdir, base string, perm os.FileMode) error {
	return s.disk.MkdirIn(base, subdir, perm)
}

// PrepareSafeSubpath implements subpath.Interface.
func (s subPaths) PrepareSafeSubpath(p subpath.Subpath) (string, func(), error) {
	sub, err := filepath.Rel(p.VolumePath, p.Path)
	if err != nil {
		return "", nil, err
	}
	target := filepath.Join(p.PodDir, subPathsDir, p.VolumeName, p.ContainerName, fmt.Sprint(p.VolumeMountIndex))
	if err := s.disk.BindSubPath(p.VolumePath, sub, target); err != nil {
		return "", nil, err
	}
	return target, nil, nil
}

// subPathsDir is where the kubelet looks for them when a Pod is gone.
const subPathsDir = "volume-subpaths"

// CleanSubPaths implements subpath.Interface.
func (s subPaths) CleanSubPaths(podDir, volume string) error {
	dir := filepath.Join(podDir, subPathsDir, volume)
	for _, m := range s.disk.Mounts() {
		if strings.HasPrefix(m.Target, dir+string(filepath.Separator)) {
			s.disk.Unmount(m.Target)
		}
	}
	if err := os.RemoveAll(dir); err != nil {
		return err
	}
	// The kubelet takes the folder for a volume that is still there.
	if err := os.Remove(filepath.Dir(dir)); err != nil && !errors.Is(err, fs.ErrNotExist) && !errors.Is(err, fs.ErrExist) {
		return nil // another volume's are in it
	}
	return nil
}

// tokenMode is the mode of a service account's token that belongs to a user.
const tokenMode = 0o600

// tokens are the paths, in a projected volume, of what belongs to the Pod's user.
func tokens(volume *v1.Volume) []string {
	if volume == nil || volume.Projected == nil {
		return nil
	}
	var list []string
	for _, s := range volume.Projected.Sources {
		if s.ServiceAccountToken != nil {
			list = append(list, s.ServiceAccountToken.Path)
		}
	}
	return list
}
