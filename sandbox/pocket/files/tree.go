// Package files is the file tree of a container: the content of its image,
// which its containers share and never change; a writable layer over it, in
// memory; and what the kubelet mounts into it from the node's disk.
//
// It promises that no path in a tree leads to any other file of the machine:
// names are resolved here, one component at a time, and what lies in a mount is
// reached through an os.Root that was opened when the container was made. Users
// and permissions are those of the container: the files of a mount all belong
// to the user the sandbox runs as, so who owns one in the container is
// remembered beside it (see Disk).
package files

import (
	"io"
	"io/fs"
	"slices"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

// MaxFileSize bounds what a container can keep in one file in memory, in bytes.
const MaxFileSize = 16 << 20

// Caller is the process on whose behalf a tree is used.
type Caller struct {
	UID, GID int64
	Groups   []int64     // supplementary
	Umask    fs.FileMode // permissions that new files do not get
	PID      int

	// Bound says that UID 0 has lost the capability to pass over permissions
	// (CAP_DAC_OVERRIDE).
	Bound bool

	// What /dev/stdin, /dev/stdout and /dev/stderr lead to.
	Stdin          io.Reader
	Stdout, Stderr io.Writer
}

func (c *Caller) in(gid int64) bool { return c.GID == gid || slices.Contains(c.Groups, gid) }

// all reports whether permissions do not matter to the caller.
func (c *Caller) all() bool { return c.UID == 0 && !c.Bound }

// Tree is a container's files as one caller may use them. Handles made by As
// show the same files. It is safe for concurrent use.
type Tree struct {
	*core
	caller Caller
}

// core is what all handles of a container share.
type core struct {
	mu       sync.Mutex // guards everything in memory; never held while a volume is read or written
	root     *inode
	mounts   map[string]*mount // by clean absolute path in the container
	readOnly bool
	next     uint64 // inode numbers
	limits   *Limits
	used     int64 // bytes in the writable layer
	inodes   int64 // files in the writable layer
	closed   bool
}

// Limits bounds what containers write into their own layers, which live in
// memory. One Limits is shared by all containers of a node.
type Limits struct {
	Bytes int64 // of one container
	Files int64 // of one container
	Total int64 // bytes of all containers together

	used atomic.Int64
}

// DefaultLimits are what a node gives its containers: no lesson needs a tenth
// of it, and the learner's machine does not miss it.
func DefaultLimits() *Limits { return &Limits{Bytes: 64 << 20, Files: 20_000, Total: 192 << 20} }

// Used is what all containers hold together, in bytes.
func (l *Limits) Used() int64 { return l.used.Load() }

// New makes the files of a container whose image brings nothing of its own, as
// root sees them.
func New() *Tree { return NewTree(nil, nil) }

// NewTree makes the files of a container over the content of its image. A nil
// layer is that of an image with nothing of its own; nil limits are
// DefaultLimits for this container alone. The caller calls Close when the
// container is gone.
func NewTree(layer *Layer, limits *Limits) *Tree {
	if layer == nil {
		layer = plain
	}
	if limits == nil {
		limits = DefaultLimits()
	}
	c := &core{mounts: map[string]*mount{}, limits: limits}
	c.root = c.copyUp(layer.root)
	return &Tree{core: c, caller: Caller{Umask: 0o022}}
}

// As returns the same files as another caller may use them.
func (f *Tree) As(caller Caller) *Tree { return &Tree{core: f.core, caller: caller} }

// Caller returns who this handle acts for.
func (f *Tree) Caller() Caller { return f.caller }

// SetReadOnly makes everything read-only but mounts and devices.
func (f *Tree) SetReadOnly(on bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.readOnly = on
}

// Used is the size of the container's writable layer, in bytes and in files.
func (f *Tree) Used() (bytes, inodes int64) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.used, f.inodes
}

// Close gives back what the tree holds. Files that are still open can be read
// to their end.
func (f *Tree) Close() {
	f.mu.Lock()
	mounts := f.mounts
	f.mounts = map[string]*mount{}
	if !f.closed {
		f.closed = true
		f.limits.used.Add(-f.used)
		f.used = 0
	}
	f.mu.Unlock()
	for _, m := range mounts {
		m.close()
	}
}

// charge takes n bytes (or gives them back, when n is negative) from the limits.
func (c *core) charge(n int64) error {
	if n > 0 && (c.used+n > c.limits.Bytes || c.limits.used.Load()+n > c.limits.Total || c.closed) {
		return syscall.ENOSPC
	}
	if !c.closed {
		c.used += n
		c.limits.used.Add(n)
	}
	return nil
}

// Put places a file for the container to find, such as /etc/hostname. It
// belongs to root.
func (f *Tree) Put(name, content string) { f.PutEntry(name, Entry{Content: content}) }

// PutEntry places a file, directory or symbolic link for the container to
// find, whatever was there.
func (f *Tree) PutEntry(name string, e Entry) {
	f.mu.Lock()
	defer f.mu.Unlock()
	dir, base := f.makeParents(name)
	if base == "" {
		return
	}
	layer := Layer{root: newLayerDir()}
	layer.add("/"+base, e)
	n := f.copyUp(layer.root.children[base])
	n.modified = time.Now()
	dir.children[base] = n
}

// makeParents returns the directory that name is to be in, in memory. What is
// in the way is replaced.
func (c *core) makeParents(name string) (dir *inode, base string) {
	parts := split(name)
	if len(parts) == 0 {
		return c.root, ""
	}
	dir = c.root
	for i := 0; i < len(parts)-1; i++ {
		next := c.child(dir, parts[i])
		if next != nil && next.mode&fs.ModeSymlink != 0 {
			if to := split(next.target); len(next.target) > 0 && next.target[0] == '/' && len(to)+len(parts) < maxDepth {
				return c.makeParents("/" + join(to) + "/" + join(parts[i+1:]))
			}
		}
		if next == nil || !next.mode.IsDir() {
			next = c.newInode(fs.ModeDir|0o755, 0, 0)
			dir.children[parts[i]] = next
		}
		dir = next
	}
	return dir, parts[len(parts)-1]
}
