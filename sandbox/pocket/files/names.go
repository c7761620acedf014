package files

import (
	"io/fs"
	"path"
	"slices"
	"strings"
	"syscall"
	"time"
)

// Stat follows os.Stat; Sys of the result is an Attr.
func (f *Tree) Stat(name string) (fs.FileInfo, error) { return f.stat("stat", name, true) }

// Lstat follows os.Lstat; Sys of the result is an Attr.
func (f *Tree) Lstat(name string) (fs.FileInfo, error) { return f.stat("lstat", name, false) }

func (f *Tree) stat(op, name string, follow bool) (fs.FileInfo, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	p, err := f.find(op, name, follow)
	if err != nil {
		return nil, err
	}
	return p.full(baseName(name)), nil
}

// full is the information about a place that exists.
func (p *place) full(name string) fs.FileInfo {
	if p.node != nil {
		return p.node.info(name)
	}
	mode, attr := p.details()
	return fileInfo{name: name, size: p.info.Size(), mode: mode, changed: p.info.ModTime(), attr: attr}
}

// RealPath is where name leads, without symbolic links. The last component
// need not exist.
func (f *Tree) RealPath(name string) (string, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	p, err := f.walk(name, true)
	if err != nil {
		return "", pathError("realpath", name, err)
	}
	return p.path, nil
}

// Access reports whether the caller may read (4), write (2) or execute (1) a
// file, as access(2) does: with nil or a *fs.PathError.
func (f *Tree) Access(name string, want fs.FileMode) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	p, err := f.find("access", name, true)
	if err != nil {
		return err
	}
	if want&mayWrite != 0 && p.mode()&fs.ModeDevice == 0 {
		if err := f.writable(p); err != nil {
			return pathError("access", name, err)
		}
	}
	if !f.allowed(p, want) {
		return pathError("access", name, syscall.EACCES)
	}
	return nil
}

// Readlink follows os.Readlink.
func (f *Tree) Readlink(name string) (string, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	p, err := f.find("readlink", name, false)
	if err != nil {
		return "", err
	}
	if p.mode()&fs.ModeSymlink == 0 {
		return "", pathError("readlink", name, syscall.EINVAL)
	}
	target, err := f.target(p)
	if err != nil {
		return "", pathError("readlink", name, err)
	}
	return target, nil
}

// ReadDir lists a directory in order of name. Info of an entry follows Lstat.
func (f *Tree) ReadDir(name string) ([]fs.DirEntry, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	p, err := f.find("open", name, true)
	if err != nil {
		return nil, err
	}
	if !p.mode().IsDir() {
		return nil, pathError("readdir", name, syscall.ENOTDIR)
	}
	if !f.allowed(p, mayRead) {
		return nil, pathError("open", name, syscall.EACCES)
	}
	var list []fs.DirEntry
	if p.mount != nil {
		infos, err := p.files.readDir(p.rel)
		if err != nil {
			return nil, pathError("open", name, cause(err))
		}
		for _, info := range infos {
			child := &place{path: path.Join(p.path, info.Name()), parent: p, mount: p.mount, files: p.files, rel: path.Join(p.rel, info.Name()), info: info}
			list = append(list, fs.FileInfoToDirEntry(child.full(info.Name())))
		}
	} else {
		for _, base := range p.node.names() {
			if child := p.node.children[base]; child != nil {
				list = append(list, fs.FileInfoToDirEntry(child.info(base)))
			} else {
				list = append(list, fs.FileInfoToDirEntry(p.node.lower.children[base].info(base)))
			}
		}
	}
	return f.withMounts(p, list), nil
}

func (l *layerNode) info(name string) fs.FileInfo {
	n := inode{mode: l.Mode, image: l.Content, target: l.Link, links: 1}
	return fileInfo{name: name, size: n.size(), mode: l.Mode, changed: built, attr: Attr{UID: l.UID, GID: l.GID, Links: 1}}
}

// withMounts shows, in the list of a directory, what is mounted in it.
func (f *Tree) withMounts(dir *place, list []fs.DirEntry) []fs.DirEntry {
	for at, m := range f.mounts {
		if at == "/" || path.Dir(at) != dir.path {
			continue
		}
		top, err := m.top(&f.caller)
		if err != nil {
			continue
		}
		base := path.Base(at)
		list = slices.DeleteFunc(list, func(e fs.DirEntry) bool { return e.Name() == base })
		list = append(list, fs.FileInfoToDirEntry(top.full(base)))
	}
	slices.SortFunc(list, func(a, b fs.DirEntry) int { return strings.Compare(a.Name(), b.Name()) })
	return list
}

// Mkdir follows os.Mkdir, or os.MkdirAll with parents, with mode 0777.
func (f *Tree) Mkdir(name string, parents bool) error {
	if parents {
		return f.MkdirAll(name, 0o777)
	}
	return f.MkdirMode(name, 0o777)
}

// MkdirMode follows os.Mkdir.
func (f *Tree) MkdirMode(name string, perm fs.FileMode) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	p, err := f.vacant("mkdir", name)
	if err != nil {
		return err
	}
	if err := f.makeDir(p, perm); err != nil {
		return pathError("mkdir", name, err)
	}
	return nil
}

func (f *Tree) makeDir(p *place, perm fs.FileMode) error {
	perm = perm & (fs.ModePerm | fs.ModeSticky) &^ f.caller.Umask
	if p.mount != nil {
		return cause(p.files.(changer).mkdir(&f.caller, p, perm))
	}
	gid, mode := f.caller.GID, fs.ModeDir|perm
	if p.parent.node.mode&fs.ModeSetgid != 0 {
		gid, mode = p.parent.node.gid, mode|fs.ModeSetgid
	}
	n, err := f.create(mode, f.caller.UID, gid)
	if err == nil {
		f.link(p.parent.node, p.name(), n)
	}
	return err
}

// MkdirAll follows os.MkdirAll.
func (f *Tree) MkdirAll(name string, perm fs.FileMode) error {
	parts := split(name)
	for i := range parts {
		dir := "/" + join(parts[:i+1])
		f.mu.Lock()
		p, err := f.walk(dir, true)
		switch {
		case err != nil:
		case !p.exists():
			if err = f.changeable(p); err == nil {
				err = f.makeDir(p, perm)
			}
			if err == syscall.EEXIST {
				err = nil
			}
		case !p.mode().IsDir() && i == len(parts)-1:
			err = syscall.EEXIST
		case !p.mode().IsDir():
			err = syscall.ENOTDIR
		}
		f.mu.Unlock()
		if err != nil {
			return pathError("mkdir", dir, err)
		}
	}
	return nil
}

// Symlink follows os.Symlink.
func (f *Tree) Symlink(target, name string) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	p, err := f.vacant("symlink", name)
	if err != nil {
		return err
	}
	if target == "" {
		return pathError("symlink", name, syscall.ENOENT)
	}
	if p.mount != nil {
		if err := cause(p.files.(changer).symlink(&f.caller, target, p)); err != nil {
			return pathError("symlink", name, err)
		}
		return nil
	}
	n, err := f.create(fs.ModeSymlink|0o777, f.caller.UID, f.caller.GID)
	if err != nil {
		return pathError("symlink", name, err)
	}
	n.target = target
	f.link(p.parent.node, p.name(), n)
	return nil
}

// Link follows os.Link.
func (f *Tree) Link(old, name string) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	from, err := f.find("link", old, false)
	if err != nil {
		return err
	}
	to, err := f.vacant("link", name)
	switch {
	case err != nil:
		return err
	case from.mode().IsDir():
		err = syscall.EPERM
	case from.mount != to.mount || f.mounts[from.path] != nil:
		err = syscall.EXDEV
	case from.mount != nil:
		err = cause(from.files.(changer).link(from, to))
	default:
		from.node.links++
		f.link(to.parent.node, to.name(), from.node)
	}
	if err != nil {
		return pathError("link", name, err)
	}
	return nil
}

// Chmod follows os.Chmod.
func (f *Tree) Chmod(name string, mode fs.FileMode) error {
	mode &= fs.ModePerm | fs.ModeSetuid | fs.ModeSetgid | fs.ModeSticky
	return f.change("chmod", name, true, func(_ Attr, old fs.FileMode) change {
		return change{mode: old.Type() | mode, setMode: true}
	}, true)
}

// Chown follows os.Chown: -1 leaves an ID as it is. Only root may give files
// away; others may choose among their own groups.
func (f *Tree) Chown(name string, uid, gid int64) error {
	return f.chown("chown", name, uid, gid, true)
}

// Lchown follows os.Lchown.
func (f *Tree) Lchown(name string, uid, gid int64) error {
	return f.chown("lchown", name, uid, gid, false)
}

func (f *Tree) chown(op, name string, uid, gid int64, follow bool) error {
	return f.change(op, name, follow, func(attr Attr, _ fs.FileMode) change {
		c := change{uid: attr.UID, gid: attr.GID, setOwner: true}
		if uid >= 0 {
			c.uid = uid
		}
		if gid >= 0 {
			c.gid = gid
		}
		c.forbidden = f.caller.UID != 0 && (c.uid != attr.UID || c.gid != attr.GID && !f.caller.in(c.gid))
		return c
	}, true)
}

// Chtimes sets the time of the last change; Kubernetes' files have no other.
func (f *Tree) Chtimes(name string, modified time.Time) error {
	owner := f.Access(name, mayWrite) != nil
	return f.change("chtimes", name, true, func(Attr, fs.FileMode) change { return change{modified: modified, setTime: true} }, owner)
}

// change is what is to become of a file's attributes.
type change struct {
	setMode, setOwner, setTime bool

	mode      fs.FileMode
	uid, gid  int64
	modified  time.Time
	forbidden bool
}

func (f *Tree) change(op, name string, follow bool, decide func(Attr, fs.FileMode) change, owner bool) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	p, err := f.find(op, name, follow)
	if err != nil {
		return err
	}
	mode, attr := p.details()
	c := decide(attr, mode)
	switch err = f.writable(p); {
	case err != nil:
	case c.forbidden, owner && f.caller.UID != 0 && f.caller.UID != attr.UID:
		err = syscall.EPERM
	case p.mount != nil:
		err = cause(p.files.(changer).change(p, c))
	default:
		p.node.apply(c)
	}
	if err != nil {
		return pathError(op, name, err)
	}
	return nil
}

func (n *inode) apply(c change) {
	if c.setMode {
		n.mode = c.mode
	}
	if c.setOwner {
		n.uid, n.gid = c.uid, c.gid
	}
	if c.setTime {
		n.modified = c.modified
	}
}
