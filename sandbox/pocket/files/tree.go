// Package files is the file tree of a container: a small one in memory, and
// what the kubelet mounts into it from its own folder. No path in it leads to
// any other file of the machine.
package files

import (
	"bytes"
	"io"
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"
)

// MaxFileSize bounds what a container can write into one file, in bytes.
const MaxFileSize = 16 << 20

// Tree is a container's own file tree. It lives in memory, except for what
// the kubelet mounts from its Pod directories: ConfigMaps, Secrets, emptyDirs,
// the termination log. A path can never lead outside of these.
type Tree struct {
	mu     sync.Mutex
	nodes  map[string]*node // by clean absolute path
	mounts []mount
}

// node is a directory, or a file with its content.
type node struct {
	dir     bool
	device  bool // /dev/null and its like: reads end at once, writes vanish
	mode    fs.FileMode
	data    []byte
	changed time.Time
}

// New makes a tree with the directories that every image has.
func New() *Tree {
	f := &Tree{nodes: map[string]*node{}}
	t := time.Now()
	for _, dir := range []string{"/", "/bin", "/dev", "/etc", "/home", "/proc", "/root", "/run", "/srv", "/tmp", "/usr", "/usr/bin", "/usr/local", "/usr/local/bin", "/var", "/var/log", "/var/run", "/var/tmp"} {
		f.nodes[dir] = &node{dir: true, mode: 0o755, changed: t}
	}
	f.nodes["/dev/null"] = &node{device: true, mode: 0o666, changed: t}
	f.nodes["/etc/os-release"] = &node{mode: 0o644, changed: t, data: []byte("NAME=\"k8stutor sandbox\"\nID=k8stutor\nPRETTY_NAME=\"k8stutor sandbox (no real image is running)\"\n")}
	return f
}

// Put places a file for the container to find, such as /etc/hostname.
func (f *Tree) Put(name, content string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.makeParents(name)
	f.nodes[name] = &node{mode: 0o644, data: []byte(content), changed: time.Now()}
}

func (f *Tree) makeParents(name string) {
	for dir := path.Dir(name); f.nodes[dir] == nil; dir = path.Dir(dir) {
		f.nodes[dir] = &node{dir: true, mode: 0o755, changed: time.Now()}
	}
}

// Open follows os.OpenFile. name is absolute.
func (f *Tree) Open(name string, flag int, perm fs.FileMode) (io.ReadWriteCloser, error) {
	name = path.Clean(name)
	if m, rel, ok := f.mounted(name); ok {
		return m.open(name, rel, flag, perm)
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	n := f.nodes[name]
	writing := flag&(os.O_WRONLY|os.O_RDWR) != 0
	switch {
	case n == nil && flag&os.O_CREATE == 0:
		return nil, pathError("open", name, syscall.ENOENT)
	case n == nil:
		if parent := f.nodes[path.Dir(name)]; parent == nil {
			return nil, pathError("open", name, syscall.ENOENT)
		} else if !parent.dir {
			return nil, pathError("open", name, syscall.ENOTDIR)
		}
		n = &node{mode: 0o644, changed: time.Now()}
		f.nodes[name] = n
	case n.dir && writing:
		return nil, pathError("open", name, syscall.EISDIR)
	case n.device:
		return device{}, nil
	}
	if flag&os.O_TRUNC != 0 {
		n.data, n.changed = nil, time.Now()
	}
	return &openFile{files: f, node: n, name: name, reader: bytes.NewReader(n.data)}, nil
}

// openFile reads what was there when it was opened and writes at the end.
type openFile struct {
	files  *Tree
	node   *node
	name   string
	reader *bytes.Reader
}

func (o *openFile) Read(p []byte) (int, error) {
	if o.node.dir {
		return 0, pathError("read", o.name, syscall.EISDIR)
	}
	return o.reader.Read(p)
}

func (o *openFile) Write(p []byte) (int, error) {
	o.files.mu.Lock()
	defer o.files.mu.Unlock()
	if len(o.node.data)+len(p) > MaxFileSize {
		return 0, pathError("write", o.name, syscall.ENOSPC)
	}
	o.node.data = append(o.node.data, p...)
	o.node.changed = time.Now()
	return len(p), nil
}

func (o *openFile) Close() error { return nil }

type device struct{}

func (device) Read([]byte) (int, error)    { return 0, io.EOF }
func (device) Write(p []byte) (int, error) { return len(p), nil }
func (device) Close() error                { return nil }

// Stat follows os.Stat.
func (f *Tree) Stat(name string) (fs.FileInfo, error) {
	name = path.Clean(name)
	if m, rel, ok := f.mounted(name); ok {
		return m.stat(name, rel)
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	n := f.nodes[name]
	if n == nil {
		return nil, pathError("stat", name, syscall.ENOENT)
	}
	return n.info(path.Base(name)), nil
}

// ReadDir lists a directory in order of name.
func (f *Tree) ReadDir(name string) ([]fs.DirEntry, error) {
	name = path.Clean(name)
	if m, rel, ok := f.mounted(name); ok {
		return m.readDir(name, rel)
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	n := f.nodes[name]
	if n == nil {
		return nil, pathError("open", name, syscall.ENOENT)
	}
	if !n.dir {
		return nil, pathError("readdir", name, syscall.ENOTDIR)
	}
	var list []fs.DirEntry
	for p, child := range f.nodes {
		if p != "/" && path.Dir(p) == name {
			list = append(list, fs.FileInfoToDirEntry(child.info(path.Base(p))))
		}
	}
	slices.SortFunc(list, func(a, b fs.DirEntry) int { return strings.Compare(a.Name(), b.Name()) })
	return list, nil
}

// Mkdir follows os.Mkdir, or os.MkdirAll with parents.
func (f *Tree) Mkdir(name string, parents bool) error {
	name = path.Clean(name)
	if m, rel, ok := f.mounted(name); ok {
		return m.mkdir(name, rel, parents)
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if n := f.nodes[name]; n != nil {
		if parents && n.dir {
			return nil
		}
		return pathError("mkdir", name, syscall.EEXIST)
	}
	if parent := f.nodes[path.Dir(name)]; parent == nil && !parents {
		return pathError("mkdir", name, syscall.ENOENT)
	} else if parent != nil && !parent.dir {
		return pathError("mkdir", name, syscall.ENOTDIR)
	}
	f.makeParents(name)
	f.nodes[name] = &node{dir: true, mode: 0o755, changed: time.Now()}
	return nil
}

// Remove follows os.Remove, but for directories, which need recursive.
func (f *Tree) Remove(name string, recursive bool) error {
	name = path.Clean(name)
	if m, rel, ok := f.mounted(name); ok {
		return m.remove(name, rel, recursive)
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	n := f.nodes[name]
	if n == nil {
		return pathError("remove", name, syscall.ENOENT)
	}
	if n.dir && !recursive {
		return pathError("remove", name, syscall.EISDIR)
	}
	if name == "/" {
		return pathError("remove", name, syscall.EBUSY)
	}
	delete(f.nodes, name)
	for p := range f.nodes {
		if strings.HasPrefix(p, name+"/") {
			delete(f.nodes, p)
		}
	}
	return nil
}

func (n *node) info(name string) fs.FileInfo {
	mode := n.mode
	if n.dir {
		mode |= fs.ModeDir
	}
	if n.device {
		mode |= fs.ModeDevice | fs.ModeCharDevice
	}
	return fileInfo{name: name, size: int64(len(n.data)), mode: mode, changed: n.changed}
}

type fileInfo struct {
	name    string
	size    int64
	mode    fs.FileMode
	changed time.Time
}

func (i fileInfo) Name() string       { return i.name }
func (i fileInfo) Size() int64        { return i.size }
func (i fileInfo) Mode() fs.FileMode  { return i.mode }
func (i fileInfo) ModTime() time.Time { return i.changed }
func (i fileInfo) IsDir() bool        { return i.mode.IsDir() }
func (i fileInfo) Sys() any           { return nil }

func pathError(op, name string, err error) error {
	return &fs.PathError{Op: op, Path: name, Err: err}
}

// ReadFile reads a whole file. name is absolute.
func (f *Tree) ReadFile(name string) ([]byte, error) {
	file, err := f.Open(name, os.O_RDONLY, 0)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	return io.ReadAll(io.LimitReader(file, MaxFileSize))
}
