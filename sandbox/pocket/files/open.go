package files

import (
	"io"
	"io/fs"
	"os"
	"syscall"
)

// File is an open file.
type File interface {
	io.ReadWriteCloser
	io.Seeker
	io.ReaderAt
	io.WriterAt
	Stat() (fs.FileInfo, error)
	Truncate(size int64) error
}

// writing are the flags that need permission to write.
const writing = os.O_WRONLY | os.O_RDWR | os.O_TRUNC | os.O_APPEND

// Open follows os.OpenFile. name is absolute. The caller closes the file.
func (f *Tree) Open(name string, flag int, perm fs.FileMode) (File, error) {
	f.mu.Lock()
	p, err := f.walk(name, flag&os.O_EXCL == 0)
	if err == nil {
		err = f.mayOpen(p, flag)
	}
	if err != nil {
		f.mu.Unlock()
		return nil, pathError("open", name, err)
	}
	if p.mount != nil {
		f.mu.Unlock()
		file, err := p.files.open(&f.caller, p, flag, perm)
		if err != nil {
			return nil, pathError("open", name, cause(err))
		}
		return file, nil
	}
	defer f.mu.Unlock()
	n := p.node
	if n == nil {
		gid := f.caller.GID
		if p.parent.node.mode&fs.ModeSetgid != 0 {
			gid = p.parent.node.gid
		}
		if n, err = f.create(perm.Perm()&^f.caller.Umask, f.caller.UID, gid); err != nil {
			return nil, pathError("open", name, err)
		}
		f.link(p.parent.node, p.name(), n)
	}
	if n.open != nil {
		file, err := n.open(f, name, flag)
		if err != nil {
			return nil, pathError("open", name, err)
		}
		return file, nil
	}
	if flag&os.O_TRUNC != 0 {
		if err := f.resize(n, 0); err != nil {
			return nil, pathError("open", name, err)
		}
	}
	return &memoryFile{tree: f, node: n, name: name, flag: flag}, nil
}

// mayOpen decides whether the caller may open a place, which need not exist yet.
func (f *Tree) mayOpen(p *place, flag int) error {
	if !p.exists() {
		if flag&os.O_CREATE == 0 {
			return syscall.ENOENT
		}
		return f.changeable(p)
	}
	mode := p.mode()
	write := flag&writing != 0
	switch {
	case flag&(os.O_CREATE|os.O_EXCL) == os.O_CREATE|os.O_EXCL:
		return syscall.EEXIST
	case mode&fs.ModeSymlink != 0:
		return syscall.ELOOP
	case mode.IsDir() && (write || flag&os.O_CREATE != 0):
		return syscall.EISDIR
	}
	var want fs.FileMode
	if flag&(os.O_WRONLY|os.O_RDWR) != os.O_WRONLY {
		want |= mayRead
	}
	if write {
		want |= mayWrite
		if mode&fs.ModeDevice == 0 {
			if err := f.writable(p); err != nil {
				return err
			}
		}
	}
	if !f.allowed(p, want) {
		return syscall.EACCES
	}
	return nil
}

// memoryFile is an open file in memory, or an open directory.
type memoryFile struct {
	tree   *Tree
	node   *inode
	name   string
	flag   int
	offset int64 // guarded by tree.mu
}

func (o *memoryFile) can(op string, write bool) error {
	access := o.flag & (os.O_WRONLY | os.O_RDWR)
	switch {
	case o.node.mode.IsDir():
		return pathError(op, o.name, syscall.EISDIR)
	case write && access == os.O_RDONLY, !write && access == os.O_WRONLY:
		return pathError(op, o.name, syscall.EBADF)
	}
	return nil
}

func (o *memoryFile) Read(p []byte) (int, error) {
	if err := o.can("read", false); err != nil {
		return 0, err
	}
	o.tree.mu.Lock()
	defer o.tree.mu.Unlock()
	n := o.node.readAt(p, o.offset)
	o.offset += int64(n)
	if n == 0 && len(p) > 0 {
		return 0, io.EOF
	}
	return n, nil
}

func (o *memoryFile) ReadAt(p []byte, off int64) (int, error) {
	if err := o.can("read", false); err != nil {
		return 0, err
	}
	if off < 0 {
		return 0, pathError("read", o.name, syscall.EINVAL)
	}
	o.tree.mu.Lock()
	defer o.tree.mu.Unlock()
	n := o.node.readAt(p, off)
	if n < len(p) {
		return n, io.EOF
	}
	return n, nil
}

func (o *memoryFile) Write(p []byte) (int, error) {
	if err := o.can("write", true); err != nil {
		return 0, err
	}
	o.tree.mu.Lock()
	defer o.tree.mu.Unlock()
	if o.flag&os.O_APPEND != 0 {
		o.offset = o.node.size()
	}
	if err := o.tree.writeAt(o.node, p, o.offset); err != nil {
		return 0, pathError("write", o.name, err)
	}
	o.offset += int64(len(p))
	return len(p), nil
}

func (o *memoryFile) WriteAt(p []byte, off int64) (int, error) {
	if err := o.can("write", true); err != nil {
		return 0, err
	}
	if off < 0 {
		return 0, pathError("write", o.name, syscall.EINVAL)
	}
	o.tree.mu.Lock()
	defer o.tree.mu.Unlock()
	if err := o.tree.writeAt(o.node, p, off); err != nil {
		return 0, pathError("write", o.name, err)
	}
	return len(p), nil
}

func (o *memoryFile) Seek(offset int64, whence int) (int64, error) {
	o.tree.mu.Lock()
	defer o.tree.mu.Unlock()
	switch whence {
	case io.SeekCurrent:
		offset += o.offset
	case io.SeekEnd:
		offset += o.node.size()
	}
	if offset < 0 {
		return 0, pathError("seek", o.name, syscall.EINVAL)
	}
	o.offset = offset
	return offset, nil
}

func (o *memoryFile) Truncate(size int64) error {
	if err := o.can("truncate", true); err != nil {
		return err
	}
	if size < 0 {
		return pathError("truncate", o.name, syscall.EINVAL)
	}
	o.tree.mu.Lock()
	defer o.tree.mu.Unlock()
	if err := o.tree.resize(o.node, size); err != nil {
		return pathError("truncate", o.name, err)
	}
	return nil
}

func (o *memoryFile) Stat() (fs.FileInfo, error) {
	o.tree.mu.Lock()
	defer o.tree.mu.Unlock()
	return o.node.info(baseName(o.name)), nil
}

func (o *memoryFile) Close() error { return nil }

// ReadFile reads a whole file, as far as MaxFileSize. name is absolute.
func (f *Tree) ReadFile(name string) ([]byte, error) {
	file, err := f.Open(name, os.O_RDONLY, 0)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	return io.ReadAll(io.LimitReader(file, MaxFileSize))
}

// WriteFile follows os.WriteFile. name is absolute.
func (f *Tree) WriteFile(name string, data []byte, perm fs.FileMode) error {
	file, err := f.Open(name, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, perm)
	if err != nil {
		return err
	}
	_, err = file.Write(data)
	if closed := file.Close(); err == nil {
		err = closed
	}
	return err
}

// Truncate follows os.Truncate.
func (f *Tree) Truncate(name string, size int64) error {
	file, err := f.Open(name, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	defer file.Close()
	return file.Truncate(size)
}
