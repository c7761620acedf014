package files

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
)

// Disk is the disk of a node as its Pods may use it: the volumes below the
// kubelet's folder, and the files of the node itself, which hostPath volumes
// show. It takes the place of the kernel's mounts, for which the sandbox has
// no privilege: what the kubelet would mount is kept in a table here, and
// containers see it as if it were.
//
// It also remembers what the machine's own disk cannot: who owns a file in its
// container, and how much a volume holds.
type Disk struct {
	kubelet   string            // the kubelet's folder
	alias     string            // another name of it, by which the kubelet knows it
	root      string            // the node's own files
	shared    map[string]string // folders of this machine by their path on the node
	owners    owners
	unchecked atomic.Int64 // bytes that may be written before the next look at the machine's disk

	mu     sync.Mutex
	table  map[string]tableEntry // by target, a path on the machine
	spaces map[string]*Space     // by the path of a volume's top
}

// tableEntry is one mount: the kubelet's, or the runtime's for a subPath.
type tableEntry struct {
	source string // a path as the kubelet knows it
	fstype string
	size   int64    // bytes, of a tmpfs; 0 is none
	volume string   // of a subPath: the volume, as the kubelet knows it
	root   *os.Root // of a subPath that is a directory
}

// NewDisk makes the disk of a node. kubelet is the kubelet's folder, alias
// another path to it or empty; root is the folder of the node's own files or
// empty when it has none; shared are folders of this machine by the path at
// which the node has them.
func NewDisk(kubelet, alias, root string, shared map[string]string) *Disk {
	return &Disk{kubelet: kubelet, alias: alias, root: root, shared: shared, table: map[string]tableEntry{}, spaces: map[string]*Space{}}
}

// location is something on a node's disk: a path below a directory that no
// container can exchange.
type location struct {
	base   string // on this machine
	rel    string
	volume string // the part of rel that is the volume's top: "." or a path
	fstype string
	size   int64     // bytes, of a tmpfs
	root   *os.Root  // already open: base and rel are for messages
	of     *location // the volume that a subPath is in
}

// key names the volume of a location.
func (l location) key() string { return filepath.Join(l.base, l.volume) }

// top opens the volume's top. The caller closes it.
func (l location) top() (*os.Root, error) {
	base, err := os.OpenRoot(l.base)
	if err != nil || l.volume == "." {
		return base, err
	}
	defer base.Close()
	return base.OpenRoot(l.volume)
}

// errOutside says that a path belongs to no Pod and to no node.
var errOutside = errors.New("not a path of the node")

// InKubelet returns a path of the kubelet's folder relative to it.
func (d *Disk) InKubelet(name string) (rel string, ok bool) {
	for _, dir := range []string{d.kubelet, d.alias} {
		if dir == "" {
			continue
		}
		if rel, ok := strings.CutPrefix(name, strings.TrimSuffix(dir, string(filepath.Separator))+string(filepath.Separator)); ok {
			return filepath.Clean(rel), true
		}
		if name == dir {
			return ".", true
		}
	}
	return "", false
}

// canonical is a path of the kubelet's folder by its first name.
func (d *Disk) canonical(name string) string {
	if rel, ok := d.InKubelet(name); ok {
		return filepath.Join(d.kubelet, rel)
	}
	return path.Clean(name)
}

// locate finds where a path that the kubelet names lies.
func (d *Disk) locate(name string) (location, error) {
	if !filepath.IsAbs(name) {
		return location{}, errOutside
	}
	name = d.canonical(name)
	d.mu.Lock()
	entry, at, found := d.mountOf(name)
	d.mu.Unlock()
	if found && entry.volume != "" {
		of, err := d.locate(entry.volume)
		if err != nil {
			return location{}, err
		}
		loc := location{base: at, rel: ".", root: entry.root}
		if loc.root == nil {
			loc, err = d.unmounted(name)
		}
		loc.of, loc.fstype = &of, of.fstype
		return loc, err
	}
	if found && entry.source != "" && entry.fstype != tmpfs {
		loc, err := d.unmounted(path.Join(entry.source, strings.TrimPrefix(name, at)))
		if loc.base == d.root {
			loc.volume = loc.rel
		}
		return loc, err
	}
	loc, err := d.unmounted(name)
	if found {
		loc.fstype, loc.size = entry.fstype, entry.size
	}
	return loc, err
}

// mountOf finds the innermost mount that name lies in. d.mu is held.
func (d *Disk) mountOf(name string) (entry tableEntry, at string, found bool) {
	for at = name; at != "/" && at != "."; at = path.Dir(at) {
		if e, ok := d.table[at]; ok {
			return e, at, true
		}
	}
	return tableEntry{}, "", false
}

// unmounted is locate without the table of mounts.
func (d *Disk) unmounted(name string) (location, error) {
	if rel, ok := d.InKubelet(name); ok {
		parts := strings.Split(filepath.ToSlash(rel), "/")
		if len(parts) < 3 || parts[0] != "pods" || slices.Contains(parts, "..") {
			return location{}, errOutside
		}
		switch parts[2] {
		case "volumes", "volume-subpaths": // pods/UID/volumes/PLUGIN/NAME
			if len(parts) < 5 {
				return location{}, errOutside
			}
			n := 5
			if parts[2] == "volume-subpaths" { // pods/UID/volume-subpaths/VOLUME/CONTAINER/INDEX: a file
				n = 3
			}
			return location{base: filepath.Join(d.kubelet, path.Join(parts[:n]...)), rel: path.Join(append([]string{"."}, parts[n:]...)...), volume: "."}, nil
		}
		// What the kubelet alone makes: etc-hosts, containers/NAME/ID.
		n := len(parts) - 1
		return location{base: filepath.Join(d.kubelet, path.Join(parts[:n]...)), rel: parts[n], volume: "."}, nil
	}
	best := ""
	for at := range d.shared {
		if below(at, name) && len(at) > len(best) {
			best = at
		}
	}
	if best != "" {
		rel := strings.TrimPrefix(strings.TrimPrefix(name, best), "/")
		parts := split(rel)
		return location{base: d.shared[best], rel: cmp.Or(rel, "."), volume: cmp.Or(join(parts[:min(2, len(parts))]), ".")}, nil
	}
	if d.root == "" {
		return location{}, errOutside
	}
	return location{base: d.root, rel: cmp.Or(strings.TrimPrefix(name, "/"), "."), volume: "."}, nil
}

// within runs do in the directory that a path of the kubelet lies in. No
// symbolic link in the path leads out of it.
func (d *Disk) within(name string, do func(root *os.Root, rel string) error) error {
	loc, err := d.locate(name)
	if err != nil {
		return &fs.PathError{Op: "open", Path: name, Err: err}
	}
	root := loc.root
	if root == nil {
		if root, err = os.OpenRoot(loc.base); err != nil {
			return &fs.PathError{Op: "open", Path: name, Err: cause(err)}
		}
		defer root.Close()
	}
	if err = do(root, loc.rel); err != nil {
		return &fs.PathError{Op: "open", Path: name, Err: cause(err)}
	}
	return nil
}

// Lstat follows os.Lstat for a path on the node.
func (d *Disk) Lstat(name string) (info fs.FileInfo, err error) {
	err = d.within(name, func(root *os.Root, rel string) (err error) {
		info, err = root.Lstat(rel)
		return err
	})
	return info, err
}

// Stat follows os.Stat for a path on the node.
func (d *Disk) Stat(name string) (info fs.FileInfo, err error) {
	err = d.within(name, func(root *os.Root, rel string) (err error) {
		info, err = root.Stat(rel)
		return err
	})
	return info, err
}

// MkdirAll follows os.MkdirAll for a path on the node, with exactly perm for
// what is new at its end.
func (d *Disk) MkdirAll(name string, perm fs.FileMode) error {
	return d.within(name, func(root *os.Root, rel string) error {
		if info, err := root.Stat(rel); err == nil {
			if !info.IsDir() {
				return syscall.ENOTDIR
			}
			return nil
		}
		if err := root.MkdirAll(rel, perm.Perm()|hostDirPerm); err != nil {
			return err
		}
		return root.Chmod(rel, perm&(fs.ModePerm|fs.ModeSticky|fs.ModeSetgid)|hostDirPerm)
	})
}

// WriteNew makes a file on the node unless its name is taken.
func (d *Disk) WriteNew(name, text string, perm fs.FileMode) error {
	return d.within(name, func(root *os.Root, rel string) error {
		if _, err := root.Lstat(rel); !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		draft := rel + ".new" // a file cut short by a crash would stay so
		if err := root.WriteFile(draft, []byte(text), perm.Perm()); err != nil {
			return err
		}
		return root.Rename(draft, rel)
	})
}

// MkdirIn makes the directory sub in a volume, and those above it, unless they
// are there. No symbolic link leads out of the volume.
func (d *Disk) MkdirIn(volume, sub string, perm fs.FileMode) error {
	return d.within(volume, func(root *os.Root, rel string) error {
		top, err := root.OpenRoot(rel)
		if err != nil {
			return err
		}
		defer top.Close()
		dir := "."
		for _, part := range split(sub) {
			dir = path.Join(dir, part)
			switch err := top.Mkdir(dir, perm.Perm()|hostDirPerm); {
			case errors.Is(err, fs.ErrExist):
				if info, err := top.Stat(dir); err != nil || !info.IsDir() {
					return cmp.Or(err, error(syscall.ENOTDIR))
				}
			case err != nil:
				return err
			default:
				if err := top.Chmod(dir, perm&(fs.ModePerm|fs.ModeSetgid|fs.ModeSticky)|hostDirPerm); err != nil {
					return err
				}
			}
		}
		return nil
	})
}

// Create makes an empty file for a path on the node unless there is one.
func (d *Disk) Create(name string, perm fs.FileMode) error {
	return d.within(name, func(root *os.Root, rel string) error {
		file, err := root.OpenFile(rel, os.O_CREATE|os.O_RDONLY|syscall.O_NONBLOCK, perm.Perm()|hostFilePerm)
		if err != nil {
			return err
		}
		return file.Close()
	})
}

// RemoveAll follows os.RemoveAll for a path on the node.
func (d *Disk) RemoveAll(name string) error {
	return d.within(name, func(root *os.Root, rel string) error {
		if rel == "." {
			return syscall.EBUSY
		}
		return root.RemoveAll(rel)
	})
}

// onFile runs do with a file or directory of the node, open for its attributes.
func (d *Disk) onFile(name string, do func(*os.File)) error {
	return d.within(name, func(root *os.Root, rel string) error {
		file, err := root.OpenFile(rel, os.O_RDONLY|syscall.O_NONBLOCK, 0)
		if err != nil {
			return err
		}
		defer file.Close()
		do(file)
		return nil
	})
}

// SetGroup says to which group the files of a volume belong that no container
// made: its Pod's fsGroup.
func (d *Disk) SetGroup(volume string, gid int64) error {
	return d.onFile(volume, func(top *os.File) { d.owners.write(top, groupAttribute, fmt.Sprint(gid)) })
}

// SetOwner says whose a file of a volume is in its containers, and which
// permissions it has there.
func (d *Disk) SetOwner(name string, uid, gid int64, perm fs.FileMode) error {
	return d.onFile(name, func(file *os.File) { d.owners.set(file, owner{uid: uid, gid: gid, mode: perm}) })
}

// SetSize bounds a volume, in bytes.
func (d *Disk) SetSize(volume string, bytes int64) error {
	loc, err := d.locate(volume)
	if err != nil {
		return err
	}
	if err := d.onFile(volume, func(top *os.File) { d.owners.write(top, sizeAttribute, fmt.Sprint(bytes)) }); err != nil {
		return err
	}
	d.mu.Lock()
	s := d.spaces[loc.key()]
	d.mu.Unlock()
	if s != nil {
		s.mu.Lock()
		s.limit, s.counted = min(bytes, maxVolumeBytes), false
		s.mu.Unlock()
	}
	return nil
}
