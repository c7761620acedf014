package files

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"

	runtimeapi "k8s.io/cri-api/pkg/apis/runtime/v1"
)

// mount is something else than the container's own files at a path.
type mount struct {
	at       string // clean absolute path in the container
	show     func(*Caller) volume
	base     string // the single file of the volume that is mounted; empty for all of it
	readOnly bool
	source   string // as /proc/mounts names it
	fstype   string
	space    *Space // nil for what has no size
	close    func()
}

// top is the place where a mount begins.
func (m *mount) top(c *Caller) (*place, error) {
	p := &place{path: m.at, mount: m, files: m.show(c), rel: cmp.Or(m.base, ".")}
	info, err := p.files.lstat(p.rel)
	if err != nil {
		return nil, cause(err)
	}
	p.info = info
	return p, nil
}

// MountFS shows an fs.FS, made for each caller, at a path: /proc, /sys, the
// content of another image. Files that implement File may be written; symbolic
// links are shown if the fs.FS is an fs.ReadLinkFS.
func (f *Tree) MountFS(at, fstype string, show func(*Caller) fs.FS) {
	f.mu.Lock()
	defer f.mu.Unlock()
	at = path.Clean(at)
	dir, base := f.makeParents(at)
	if n := f.child(dir, base); n == nil || !n.mode.IsDir() {
		dir.children[base] = f.newInode(fs.ModeDir|0o755, 0, 0)
	}
	f.mounts[at] = &mount{at: at, source: fstype, fstype: fstype, readOnly: true, close: func() {}, show: func(c *Caller) volume { return virtual{show(c)} }}
}

// MountLayer shows the content of an image, or a directory of it, read-only at
// a path.
func (f *Tree) MountLayer(at string, layer *Layer, sub string) error {
	sub = cmp.Or(path.Clean(sub), ".")
	if info, err := fs.Stat(layer, sub); err != nil {
		return err
	} else if !info.IsDir() {
		return pathError("mount", sub, syscall.ENOTDIR)
	}
	shown, err := fs.Sub(layer, sub)
	if err != nil {
		return err
	}
	f.MountFS(f.mountPoint(at, true), "overlay", func(*Caller) fs.FS { return shown })
	return nil
}

// Mount adds the mounts that the kubelet asks for, outer before inner ones. An
// error names a path of the node that cannot be mounted.
func (f *Tree) Mount(disk *Disk, mounts []*runtimeapi.Mount) error {
	if disk == nil {
		return nil
	}
	mounts = slices.Clone(mounts)
	slices.SortStableFunc(mounts, func(a, b *runtimeapi.Mount) int {
		return cmp.Compare(len(split(a.GetContainerPath())), len(split(b.GetContainerPath())))
	})
	for _, m := range mounts {
		if m.GetImage() != nil && m.GetHostPath() == "" {
			continue // the runtime mounts what it finds in the image
		}
		mt, isDir, err := disk.open(m.GetHostPath())
		if err != nil {
			return fmt.Errorf("failed to generate container spec: failed to mount %q: %w", m.GetHostPath(), cause(err))
		}
		mt.readOnly = m.GetReadonly()
		mt.at = f.mountPoint(m.GetContainerPath(), isDir)
		f.mu.Lock()
		f.mounts[mt.at] = mt
		f.mu.Unlock()
	}
	return nil
}

// mountPoint makes the directory or file that is covered by a mount, and
// returns its path without symbolic links. In a volume that is read-only there
// is nothing to cover; the mount is seen all the same.
func (f *Tree) mountPoint(at string, isDir bool) string {
	root := f.As(Caller{Umask: 0o022})
	at = path.Clean("/" + at)
	if info, err := root.Stat(at); err != nil || info.IsDir() != isDir {
		readOnly := f.readOnly
		f.SetReadOnly(false)
		_ = root.MkdirAll(path.Dir(at), 0o755)
		if isDir {
			_ = root.MkdirAll(at, 0o755)
		} else if file, err := root.Open(at, os.O_CREATE|os.O_RDWR, 0o644); err == nil {
			file.Close()
		}
		f.SetReadOnly(readOnly)
	}
	if real, err := root.RealPath(at); err == nil {
		return real
	}
	return at
}

// open opens what lies at a path of the node, and makes a directory of what
// does not exist, as container runtimes do.
func (d *Disk) open(name string) (*mount, bool, error) {
	loc, err := d.locate(name)
	if err != nil {
		return nil, false, err
	}
	if loc.root == nil {
		if loc.root, err = os.OpenRoot(loc.base); err != nil {
			return nil, false, err
		}
		defer loc.root.Close()
	}
	info, err := loc.root.Stat(loc.rel)
	if errors.Is(err, fs.ErrNotExist) {
		if err = loc.root.MkdirAll(loc.rel, 0o755); err == nil {
			info, err = loc.root.Stat(loc.rel)
		}
	}
	if err != nil {
		return nil, false, err
	}
	dir, base := loc.rel, ""
	switch {
	case info.IsDir():
	case info.Mode().IsRegular():
		dir, base = path.Dir(loc.rel), path.Base(loc.rel)
	default:
		return nil, false, syscall.ENXIO
	}
	h := &hostDir{disk: d, published: published.MatchString(path.Join(filepath.ToSlash(loc.base), loc.rel))}
	if h.root, err = loc.root.OpenRoot(dir); err != nil {
		return nil, false, err
	}
	h.space, h.group = d.space(loc)
	m := &mount{
		base: base, source: "/dev/vda1", fstype: cmp.Or(loc.fstype, "ext4"), space: h.space,
		show: func(*Caller) volume { return h },
		close: func() {
			h.root.Close()
			d.release(h.space)
		},
	}
	if m.fstype == tmpfs {
		m.source = tmpfs
	}
	return m, info.IsDir(), nil
}

// published is the path of a volume whose content only the kubelet writes.
var published = regexp.MustCompile(`/volumes/kubernetes\.io~(configmap|secret|projected|downward-api)/`)

// space finds the room and the group of the volume that a location is in. The
// caller calls release.
func (d *Disk) space(loc location) (*Space, int64) {
	if loc.of != nil {
		loc = *loc.of
	}
	var group, limit int64 = 0, maxVolumeBytes
	if top, err := loc.top(); err == nil {
		if file, err := top.Open("."); err == nil {
			group, _ = d.owners.number(file, groupAttribute)
			if size, ok := d.owners.number(file, sizeAttribute); ok {
				limit = min(limit, size)
			}
			file.Close()
		}
		top.Close()
	}
	if loc.size > 0 {
		limit = min(limit, loc.size)
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	s := d.spaces[loc.key()]
	if s == nil {
		// As if full, so that it is counted before the first write.
		s = &Space{disk: d, at: loc, limit: limit, bytes: limit, inodes: maxVolumeFiles}
		d.spaces[loc.key()] = s
	}
	s.open++
	return s, group
}

func (d *Disk) release(s *Space) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if s.open--; s.open == 0 {
		delete(d.spaces, s.at.key())
	}
}

// Mountpoint is one line of a container's /proc/mounts, with the room there is
// in bytes: 0 where there is none to speak of.
type Mountpoint struct {
	Source, Path, Type string
	Options            string
	Total, Used        int64
}

// The size that a node shows for its own disk, in bytes.
const nodeDisk = 50 << 30

// Mounts lists the container's mounts, its own files first.
func (f *Tree) Mounts() []Mountpoint {
	f.mu.Lock()
	mounts := make([]*mount, 0, len(f.mounts))
	for _, m := range f.mounts {
		mounts = append(mounts, m)
	}
	root := Mountpoint{Source: "overlay", Path: "/", Type: "overlay", Options: access(f.readOnly) + ",relatime", Total: nodeDisk, Used: f.used}
	f.mu.Unlock()
	list := []Mountpoint{
		root,
		{Source: "tmpfs", Path: "/dev", Type: tmpfs, Options: "rw,nosuid,size=65536k,mode=755", Total: 64 << 20},
		{Source: "shm", Path: "/dev/shm", Type: tmpfs, Options: "rw,nosuid,nodev,noexec,relatime,size=65536k", Total: 64 << 20},
	}
	slices.SortFunc(mounts, func(a, b *mount) int { return strings.Compare(a.at, b.at) })
	for _, m := range mounts {
		p := Mountpoint{Source: m.source, Path: m.at, Type: m.fstype, Options: access(m.readOnly) + ",relatime"}
		switch m.fstype { // as containerd mounts them
		case "proc":
			p.Options = "rw,nosuid,nodev,noexec,relatime"
		case "cgroup2":
			p.Source, p.Options = "cgroup", "ro,nosuid,nodev,noexec,relatime"
		}
		if m.space != nil {
			p.Total, p.Used = m.space.Usage()
			if m.fstype == tmpfs {
				p.Options += fmt.Sprintf(",size=%dk", p.Total>>10)
			}
		}
		list = append(list, p)
	}
	return list
}

func access(readOnly bool) string {
	if readOnly {
		return "ro"
	}
	return "rw"
}

// Mountpoint is the mount that a path lies in.
func (f *Tree) Mountpoint(name string) (Mountpoint, error) {
	real, err := f.RealPath(name)
	if err != nil {
		return Mountpoint{}, err
	}
	var best Mountpoint
	for _, m := range f.Mounts() {
		if below(m.Path, real) && len(m.Path) >= len(best.Path) {
			best = m
		}
	}
	return best, nil
}
