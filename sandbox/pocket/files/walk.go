package files

import (
	"errors"
	"io/fs"
	"path"
	"strings"
	"syscall"
)

const (
	maxLinks = 40   // symbolic links in one path, as in Linux
	maxDepth = 1024 // components of a path
	maxName  = 255  // bytes in a component
)

// place is where a path leads: a name in memory, or one in a mount. It may be
// a name that nothing has yet.
type place struct {
	path   string // absolute, without symbolic links
	parent *place // the directory it is in; nil for /

	node *inode // in memory; nil when there is nothing

	mount *mount // nil for memory
	files volume // of the mount
	rel   string // in files
	info  fs.FileInfo
}

func (p *place) exists() bool { return p.node != nil || p.info != nil }

func (p *place) mode() fs.FileMode {
	if p.node != nil {
		return p.node.mode
	}
	return p.info.Mode()
}

// details are the mode and owner as the container knows them.
func (p *place) details() (fs.FileMode, Attr) {
	if p.node != nil {
		return p.node.mode, p.node.attr()
	}
	return p.files.details(p.rel, p.info)
}

func (p *place) name() string { return path.Base(p.path) }

// Permissions to ask for.
const (
	mayRead    = 0o4
	mayWrite   = 0o2
	mayExecute = 0o1
)

// allowed reports whether the caller has the permissions, as Linux decides it.
func (f *Tree) allowed(p *place, want fs.FileMode) bool {
	c := &f.caller
	if c.all() && (want&mayExecute == 0 || p.mode().IsDir()) {
		return true
	}
	mode, attr := p.details()
	perm := mode.Perm()
	switch {
	case c.all():
		return perm&0o111 != 0
	case c.UID == attr.UID:
		perm >>= 6
	case c.in(attr.GID):
		perm >>= 3
	}
	return perm&want == want
}

// writable reports why nothing may be changed at a place, if so.
func (f *Tree) writable(p *place) error {
	if p.mount != nil {
		if _, ok := p.files.(changer); !ok || p.mount.readOnly {
			return syscall.EROFS
		}
		return nil
	}
	if f.readOnly && !below("/dev", p.path) {
		return syscall.EROFS
	}
	return nil
}

// walk finds where name leads. With follow, a symbolic link at the end is
// followed too. A name in a directory that is there but holds no such name is
// a place that does not exist; any other failure is an error. f.mu is held.
func (f *Tree) walk(name string, follow bool) (*place, error) {
	if name == "" {
		return nil, syscall.ENOENT
	}
	todo := split(name)
	if len(todo) > maxDepth {
		return nil, syscall.ENAMETOOLONG
	}
	mustBeDir := strings.HasSuffix(name, "/") || strings.HasSuffix(name, "/.")
	at := f.start()
	for links := 0; len(todo) > 0; {
		part := todo[0]
		todo = todo[1:]
		if !at.exists() {
			return nil, syscall.ENOENT
		}
		if !at.mode().IsDir() {
			return nil, syscall.ENOTDIR
		}
		if !f.allowed(at, mayExecute) {
			return nil, syscall.EACCES
		}
		if part == ".." {
			if at.parent != nil {
				at = at.parent
			}
			continue
		}
		if len(part) > maxName {
			return nil, syscall.ENAMETOOLONG
		}
		next, err := f.step(at, part)
		if err != nil {
			return nil, err
		}
		last := len(todo) == 0
		if next.exists() && next.mode()&fs.ModeSymlink != 0 && (!last || follow || mustBeDir) {
			if links++; links > maxLinks {
				return nil, syscall.ELOOP
			}
			target, err := f.target(next)
			if err != nil {
				return nil, err
			}
			if strings.HasPrefix(target, "/") {
				at = f.start()
			}
			todo = append(split(target), todo...)
			if len(todo) > maxDepth {
				return nil, syscall.ENAMETOOLONG
			}
			continue
		}
		at = next
	}
	if mustBeDir && at.exists() && !at.mode().IsDir() {
		return nil, syscall.ENOTDIR
	}
	return at, nil
}

func (f *Tree) start() *place {
	if m := f.mounts["/"]; m != nil {
		if p, err := m.top(&f.caller); err == nil {
			p.path = "/"
			return p
		}
	}
	return &place{path: "/", node: f.root}
}

// step finds one name in a directory.
func (f *Tree) step(dir *place, part string) (*place, error) {
	next := &place{path: path.Join(dir.path, part), parent: dir}
	if m := f.mounts[next.path]; m != nil {
		top, err := m.top(&f.caller)
		if err != nil {
			return nil, err
		}
		top.path, top.parent = next.path, dir
		return top, nil
	}
	if dir.mount == nil {
		next.node = f.child(dir.node, part)
		return next, nil
	}
	next.mount, next.files, next.rel = dir.mount, dir.files, path.Join(dir.rel, part)
	info, err := dir.files.lstat(next.rel)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, cause(err)
	}
	if err == nil {
		next.info = info
	}
	return next, nil
}

func (f *Tree) target(p *place) (string, error) {
	if p.node != nil {
		return p.node.target, nil
	}
	target, err := p.files.readlink(p.rel)
	return target, cause(err)
}

// find is walk for a name that must be there.
func (f *Tree) find(op, name string, follow bool) (*place, error) {
	p, err := f.walk(name, follow)
	if err == nil && !p.exists() {
		err = syscall.ENOENT
	}
	if err != nil {
		return nil, pathError(op, name, err)
	}
	return p, nil
}

// vacant finds the place for a new name, which must not be there yet.
func (f *Tree) vacant(op, name string) (*place, error) {
	p, err := f.walk(name, false)
	switch {
	case err != nil:
	case p.exists():
		err = syscall.EEXIST
	default:
		err = f.changeable(p)
	}
	if err != nil {
		return nil, pathError(op, name, err)
	}
	return p, nil
}

// changeable reports whether the caller may make or remove the name of a
// place.
func (f *Tree) changeable(p *place) error {
	if p.parent == nil || f.mounts[p.path] != nil {
		return syscall.EBUSY
	}
	if err := f.writable(p); err != nil {
		return err
	}
	if !f.allowed(p.parent, mayWrite|mayExecute) {
		return syscall.EACCES
	}
	mode, dir := p.parent.details()
	if mode&fs.ModeSticky != 0 && p.exists() && !f.caller.all() && dir.UID != f.caller.UID {
		if _, own := p.details(); own.UID != f.caller.UID {
			return syscall.EPERM
		}
	}
	return nil
}

// cause is what went wrong without the path of this machine.
func cause(err error) error {
	var errno syscall.Errno
	var pe *fs.PathError
	switch {
	case err == nil:
		return nil
	case errors.Is(err, errOutside):
		return err
	case errors.As(err, &errno):
		return errno
	case errors.Is(err, fs.ErrNotExist):
		return syscall.ENOENT
	case errors.Is(err, fs.ErrExist):
		return syscall.EEXIST
	case errors.Is(err, fs.ErrPermission):
		return syscall.EACCES
	case errors.As(err, &pe):
		// os.Root says so when a name was exchanged for a symbolic link
		// between two looks at it.
		return syscall.ELOOP
	}
	return syscall.EIO
}
