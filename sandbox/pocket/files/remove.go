package files

import (
	"errors"
	"io/fs"
	"os"
	"path"
	"syscall"
)

// Remove follows os.Remove for anything but directories, for which it fails
// with EISDIR unless recursive; then it follows os.RemoveAll but for a name
// that is not there.
func (f *Tree) Remove(name string, recursive bool) error {
	if recursive {
		return f.removeAll(name)
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	p, err := f.find("remove", name, false)
	if err != nil {
		return err
	}
	if p.mode().IsDir() {
		err = syscall.EISDIR
	} else {
		err = f.remove(p)
	}
	if err != nil {
		return pathError("remove", name, err)
	}
	return nil
}

// Rmdir removes an empty directory.
func (f *Tree) Rmdir(name string) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	p, err := f.find("rmdir", name, false)
	if err != nil {
		return err
	}
	if !p.mode().IsDir() {
		err = syscall.ENOTDIR
	} else {
		err = f.remove(p)
	}
	if err != nil {
		return pathError("rmdir", name, err)
	}
	return nil
}

// remove takes away one file or empty directory.
func (f *Tree) remove(p *place) error {
	if err := f.changeable(p); err != nil {
		return err
	}
	if p.mount != nil {
		return cause(p.files.(changer).remove(p.rel))
	}
	if p.mode().IsDir() && (len(p.node.names()) > 0 || f.mountsBelow(p.path)) {
		return syscall.ENOTEMPTY
	}
	f.unlink(p.parent.node, p.name())
	return nil
}

func (f *Tree) mountsBelow(dir string) bool {
	for at := range f.mounts {
		if below(dir, at) {
			return true
		}
	}
	return false
}

// removeAll removes what it can and returns the first error. It lets others
// use the tree between two files.
func (f *Tree) removeAll(name string) error {
	info, err := f.Lstat(name)
	if err != nil {
		return pathError("remove", name, cause(err))
	}
	if !info.IsDir() {
		return f.Remove(name, false)
	}
	entries, first := f.ReadDir(name)
	for _, e := range entries {
		if err := f.removeAll(path.Join(name, e.Name())); err != nil && first == nil && !errors.Is(err, fs.ErrNotExist) {
			first = err
		}
	}
	if first != nil {
		return first
	}
	return f.Rmdir(name)
}

// Rename follows os.Rename. It fails with EXDEV from one mount to another.
func (f *Tree) Rename(old, name string) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if err := f.rename(old, name); err != nil {
		return &os.LinkError{Op: "rename", Old: old, New: name, Err: err}
	}
	return nil
}

func (f *Tree) rename(old, name string) error {
	from, err := f.walk(old, false)
	if err != nil {
		return err
	}
	if !from.exists() {
		return syscall.ENOENT
	}
	to, err := f.walk(name, false)
	if err != nil {
		return err
	}
	if from.path == to.path {
		return nil
	}
	if err := errors.Join(f.changeable(from), f.changeable(to)); err != nil {
		return cause(err)
	}
	switch {
	case from.mount != to.mount:
		return syscall.EXDEV
	case f.mountsBelow(from.path) || f.mountsBelow(to.path):
		return syscall.EBUSY
	case below(from.path, to.path):
		return syscall.EINVAL
	case to.exists() && from.mode().IsDir() && !to.mode().IsDir():
		return syscall.ENOTDIR
	case to.exists() && !from.mode().IsDir() && to.mode().IsDir():
		return syscall.EISDIR
	case from.mount != nil:
		return cause(from.files.(changer).rename(from.rel, to.rel))
	case to.exists() && to.mode().IsDir() && len(to.node.names()) > 0:
		return syscall.ENOTEMPTY
	case from.node == to.node:
		return nil
	}
	from.node.links++ // the old name is about to be dropped
	if from.node.mode.IsDir() {
		delete(from.parent.node.children, from.name())
		from.node.links--
		if l := from.parent.node.lower; l != nil && l.children[from.name()] != nil {
			from.parent.node.children[from.name()] = nil
		}
	} else {
		f.unlink(from.parent.node, from.name())
	}
	if to.exists() {
		f.unlink(to.parent.node, to.name())
	}
	f.link(to.parent.node, to.name(), from.node)
	return nil
}
