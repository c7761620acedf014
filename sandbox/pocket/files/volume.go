package files

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path"
	"syscall"
	"time"
)

// volume is what a mount shows. rel is a path in it, "." for its top.
type volume interface {
	lstat(rel string) (fs.FileInfo, error)
	details(rel string, info fs.FileInfo) (fs.FileMode, Attr) // as the container knows them
	readlink(rel string) (string, error)
	readDir(rel string) ([]fs.FileInfo, error)
	open(c *Caller, p *place, flag int, perm fs.FileMode) (File, error)
}

// changer is a volume that can be written.
type changer interface {
	mkdir(c *Caller, p *place, perm fs.FileMode) error
	symlink(c *Caller, target string, p *place) error
	link(from, to *place) error
	rename(from, to string) error
	remove(rel string) error
	change(p *place, c change) error
}

// hostDir is a directory on the node's disk. No path and no symbolic link
// leaves it: root sees to that.
type hostDir struct {
	root  *os.Root
	disk  *Disk
	space *Space
	group int64 // what files belong to that nobody in a container made

	// published says that only the kubelet writes here. It asks for directories
	// that all can enter, but this process's umask takes that away.
	published bool
}

// look opens a file for its attributes. A pipe does not block it.
func (h *hostDir) look(rel string) (*os.File, error) {
	return h.root.OpenFile(rel, os.O_RDONLY|syscall.O_NONBLOCK, 0)
}

func (h *hostDir) lstat(rel string) (fs.FileInfo, error) { return h.root.Lstat(rel) }

func (h *hostDir) details(rel string, info fs.FileInfo) (fs.FileMode, Attr) {
	mode, attr := info.Mode(), hostAttr(info)
	attr.GID = h.group
	if h.published && mode.IsDir() {
		mode |= 0o755
	}
	if !mode.IsRegular() && !mode.IsDir() {
		return mode, attr
	}
	file, err := h.look(rel)
	if err != nil {
		return mode, attr
	}
	defer file.Close()
	return h.recorded(file, mode, attr)
}

func (h *hostDir) recorded(file *os.File, mode fs.FileMode, attr Attr) (fs.FileMode, Attr) {
	if o, ok := h.disk.owners.get(file); ok {
		attr.UID, attr.GID = o.uid, o.gid
		mode = mode&^fs.ModePerm | o.mode.Perm()
	}
	return mode, attr
}

func (h *hostDir) readlink(rel string) (string, error) { return h.root.Readlink(rel) }

func (h *hostDir) readDir(rel string) ([]fs.FileInfo, error) {
	dir, err := h.root.OpenRoot(rel)
	if err != nil {
		return nil, err
	}
	defer dir.Close()
	list, err := dir.Open(".")
	if err != nil {
		return nil, err
	}
	defer list.Close()
	names, err := list.Readdirnames(-1)
	if err != nil {
		return nil, err
	}
	infos := make([]fs.FileInfo, 0, len(names))
	for _, name := range names {
		if info, err := dir.Lstat(name); err == nil {
			infos = append(infos, info)
		}
	}
	return infos, nil
}

// The sandbox must be able to open and to remove what a container made,
// whatever permissions it was given there.
const (
	hostFilePerm = 0o600
	hostDirPerm  = 0o700
)

func (h *hostDir) open(c *Caller, p *place, flag int, perm fs.FileMode) (File, error) {
	perm = perm.Perm() &^ c.Umask
	if p.exists() && p.info.Mode()&(fs.ModeNamedPipe|fs.ModeSocket|fs.ModeDevice) != 0 {
		return nil, syscall.ENXIO
	}
	if !p.exists() {
		if err := h.space.addFile(); err != nil {
			return nil, err
		}
		// O_EXCL tells whether this call made the file.
		file, err := h.root.OpenFile(p.rel, flag|os.O_CREATE|os.O_EXCL, perm|hostFilePerm)
		if err == nil {
			h.claim(file, c, p, perm, perm|hostFilePerm)
			return &hostFile{file: file, dir: h, name: p.path, append: flag&os.O_APPEND != 0}, nil
		}
		if !errors.Is(err, fs.ErrExist) || flag&os.O_EXCL != 0 {
			return nil, err
		}
	}
	if flag&os.O_TRUNC != 0 {
		h.space.freed()
	}
	file, err := h.root.OpenFile(p.rel, flag&^os.O_CREATE|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, err
	}
	return &hostFile{file: file, dir: h, name: p.path, append: flag&os.O_APPEND != 0}, nil
}

// claim gives a file that was just made to its caller.
func (h *hostDir) claim(file *os.File, c *Caller, p *place, perm, hostPerm fs.FileMode) {
	gid := c.GID
	if mode, dir := p.parent.details(); mode&fs.ModeSetgid != 0 {
		gid = dir.GID
		if info, err := file.Stat(); err == nil && info.IsDir() {
			hostPerm |= fs.ModeSetgid
		}
	}
	// The process's own umask may have taken permissions away.
	_ = file.Chmod(hostPerm)
	h.record(file, owner{uid: c.UID, gid: gid, mode: perm}, hostPerm)
}

// record remembers an owner, unless the file says as much by itself.
func (h *hostDir) record(file *os.File, o owner, hostPerm fs.FileMode) {
	if o.uid == 0 && o.gid == h.group && o.mode.Perm() == hostPerm.Perm() {
		h.disk.owners.clear(file)
		return
	}
	h.disk.owners.set(file, o)
}

func (h *hostDir) mkdir(c *Caller, p *place, perm fs.FileMode) error {
	if err := h.space.addFile(); err != nil {
		return err
	}
	if err := h.root.Mkdir(p.rel, perm.Perm()|hostDirPerm); err != nil {
		return err
	}
	dir, err := h.look(p.rel)
	if err != nil {
		return err
	}
	defer dir.Close()
	h.claim(dir, c, p, perm.Perm(), perm|hostDirPerm)
	return nil
}

func (h *hostDir) symlink(_ *Caller, target string, p *place) error {
	if err := h.space.addFile(); err != nil {
		return err
	}
	return h.root.Symlink(target, p.rel)
}

func (h *hostDir) link(from, to *place) error {
	if err := h.space.addFile(); err != nil {
		return err
	}
	return h.root.Link(from.rel, to.rel)
}

func (h *hostDir) rename(from, to string) error {
	h.space.freed()
	return h.root.Rename(from, to)
}

func (h *hostDir) remove(rel string) error {
	h.space.freed()
	return h.root.Remove(rel)
}

func (h *hostDir) change(p *place, c change) error {
	if c.setTime {
		return h.root.Chtimes(p.rel, time.Time{}, c.modified)
	}
	if p.info.Mode()&fs.ModeSymlink != 0 {
		return nil // whose a link is matters to nothing
	}
	file, err := h.look(p.rel)
	if err != nil {
		return err
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return err
	}
	mode, attr := h.recorded(file, info.Mode(), Attr{GID: h.group})
	hostMode := info.Mode()
	if c.setMode {
		least := fs.FileMode(hostFilePerm)
		if info.IsDir() {
			least = hostDirPerm
		}
		mode, hostMode = c.mode, c.mode|least
		if err := file.Chmod(hostMode &^ fs.ModeType); err != nil {
			return err
		}
	}
	if c.setOwner {
		attr.UID, attr.GID = c.uid, c.gid
	}
	h.record(file, owner{uid: attr.UID, gid: attr.GID, mode: mode.Perm()}, hostMode)
	return nil
}

// hostFile is an open file of a volume. Its errors name the path that the
// container knows.
type hostFile struct {
	file   *os.File
	dir    *hostDir
	name   string
	append bool
}

func (f *hostFile) told(op string, err error) error {
	if err == nil || err == io.EOF {
		return err
	}
	return pathError(op, f.name, cause(err))
}

func (f *hostFile) Read(p []byte) (int, error) {
	n, err := f.file.Read(p)
	return n, f.told("read", err)
}

func (f *hostFile) ReadAt(p []byte, off int64) (int, error) {
	n, err := f.file.ReadAt(p, off)
	return n, f.told("read", err)
}

func (f *hostFile) Write(p []byte) (int, error) {
	if err := f.dir.space.charge(int64(len(p))); err != nil {
		return 0, pathError("write", f.name, err)
	}
	n, err := f.file.Write(p)
	return n, f.told("write", err)
}

func (f *hostFile) WriteAt(p []byte, off int64) (int, error) {
	if err := f.dir.space.charge(int64(len(p))); err != nil {
		return 0, pathError("write", f.name, err)
	}
	if f.append {
		n, err := f.file.Write(p)
		return n, f.told("write", err)
	}
	n, err := f.file.WriteAt(p, off)
	return n, f.told("write", err)
}

func (f *hostFile) Seek(offset int64, whence int) (int64, error) {
	n, err := f.file.Seek(offset, whence)
	return n, f.told("seek", err)
}

func (f *hostFile) Truncate(size int64) error {
	info, err := f.file.Stat()
	if err == nil && size > info.Size() {
		err = f.dir.space.charge(size - info.Size())
	}
	if err == nil {
		f.dir.space.freed()
		err = f.file.Truncate(size)
	}
	return f.told("truncate", err)
}

func (f *hostFile) Stat() (fs.FileInfo, error) {
	info, err := f.file.Stat()
	if err != nil {
		return nil, f.told("stat", err)
	}
	attr := hostAttr(info)
	attr.GID = f.dir.group
	mode, attr := f.dir.recorded(f.file, info.Mode(), attr)
	return fileInfo{name: path.Base(f.name), size: info.Size(), mode: mode, changed: info.ModTime(), attr: attr}, nil
}

func (f *hostFile) Close() error { return f.told("close", f.file.Close()) }
