package files

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
	"syscall"

	runtimeapi "k8s.io/cri-api/pkg/apis/runtime/v1"
)

// mount shows a directory or file of the kubelet inside a container. Every
// access goes through os.Root, which no path and no symbolic link can leave.
type mount struct {
	at       string // clean absolute path in the container
	dir      string // host directory
	base     string // the single file in dir that is mounted; empty for the whole of dir
	readOnly bool
}

// Mount adds those of the kubelet's mounts that lie below root, the kubelet's
// own directory. A hostPath volume lies elsewhere: the container finds an
// empty directory in its place, because the sandbox's node has no files.
func (f *Tree) Mount(root string, mounts []*runtimeapi.Mount) {
	for _, m := range mounts {
		at := path.Clean(m.GetContainerPath())
		host, err := filepath.EvalSymlinks(m.GetHostPath())
		if err != nil || root == "" || !strings.HasPrefix(host, root+string(filepath.Separator)) {
			// The mount point itself is all there is to see.
			_ = f.Mkdir(at, true)
			continue
		}
		info, err := os.Stat(host)
		if err != nil {
			continue
		}
		mt := mount{at: at, dir: host, readOnly: m.GetReadonly()}
		if !info.IsDir() {
			mt.dir, mt.base = filepath.Split(host)
		}
		f.mu.Lock()
		f.makeParents(at)
		f.nodes[at] = &node{dir: info.IsDir(), mode: info.Mode().Perm(), changed: info.ModTime()}
		f.mounts = append(f.mounts, mt)
		f.mu.Unlock()
	}
}

// mounted finds the innermost mount that name lies in.
func (f *Tree) mounted(name string) (m mount, rel string, ok bool) {
	for _, c := range f.mounts {
		if ok && len(c.at) <= len(m.at) {
			continue
		}
		switch {
		case name == c.at && c.base != "":
			m, rel, ok = c, c.base, true
		case name == c.at:
			m, rel, ok = c, ".", true
		case c.base == "" && strings.HasPrefix(name, strings.TrimSuffix(c.at, "/")+"/"):
			m, rel, ok = c, strings.TrimPrefix(name, strings.TrimSuffix(c.at, "/")+"/"), true
		}
	}
	return m, rel, ok
}

// within opens the mount's directory for one operation. Errors name the path
// the container knows, never the host's.
func (m mount) within(op, name string, do func(*os.Root) error) error {
	root, err := os.OpenRoot(m.dir)
	if err == nil {
		defer root.Close()
		err = do(root)
	}
	if err == nil {
		return nil
	}
	cause := err
	if errno := syscall.Errno(0); errors.As(err, &errno) {
		cause = errno
	} else if pe := (*fs.PathError)(nil); errors.As(err, &pe) {
		cause = pe.Err
	}
	return pathError(op, name, cause)
}

func (m mount) open(name, rel string, flag int, perm fs.FileMode) (io.ReadWriteCloser, error) {
	if m.readOnly && flag&(os.O_WRONLY|os.O_RDWR|os.O_CREATE|os.O_TRUNC) != 0 {
		return nil, pathError("open", name, syscall.EROFS)
	}
	var file *os.File
	err := m.within("open", name, func(root *os.Root) (err error) {
		file, err = root.OpenFile(rel, flag, perm.Perm()&0o777)
		return err
	})
	if err != nil {
		return nil, err
	}
	return &mountedFile{File: file, name: name}, nil
}

// mountedFile bounds what one open file may add to the host's disk.
type mountedFile struct {
	*os.File
	name    string
	written int
}

func (f *mountedFile) Write(p []byte) (int, error) {
	if f.written+len(p) > MaxFileSize {
		return 0, pathError("write", f.name, syscall.ENOSPC)
	}
	n, err := f.File.Write(p)
	f.written += n
	return n, err
}

func (m mount) stat(name, rel string) (info fs.FileInfo, err error) {
	err = m.within("stat", name, func(root *os.Root) (err error) {
		info, err = root.Stat(rel)
		return err
	})
	if err != nil {
		return nil, err
	}
	return fileInfo{name: path.Base(name), size: info.Size(), mode: info.Mode(), changed: info.ModTime()}, nil
}

func (m mount) readDir(name, rel string) (list []fs.DirEntry, err error) {
	err = m.within("open", name, func(root *os.Root) (err error) {
		list, err = fs.ReadDir(root.FS(), rel)
		return err
	})
	return list, err
}

func (m mount) mkdir(name, rel string, parents bool) error {
	if m.readOnly {
		return pathError("mkdir", name, syscall.EROFS)
	}
	return m.within("mkdir", name, func(root *os.Root) error {
		if parents {
			return root.MkdirAll(rel, 0o755)
		}
		return root.Mkdir(rel, 0o755)
	})
}

func (m mount) remove(name, rel string, recursive bool) error {
	if m.readOnly {
		return pathError("remove", name, syscall.EROFS)
	}
	if rel == "." || rel == m.base {
		return pathError("remove", name, syscall.EBUSY)
	}
	return m.within("remove", name, func(root *os.Root) error {
		if recursive {
			return root.RemoveAll(rel)
		}
		if info, err := root.Lstat(rel); err == nil && info.IsDir() {
			return syscall.EISDIR
		}
		return root.Remove(rel)
	})
}
