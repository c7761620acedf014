package files

import (
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"
	"syscall"
	"time"
)

// inode is a file, directory, symbolic link or device in memory.
type inode struct {
	mode     fs.FileMode
	uid, gid int64
	modified time.Time
	number   uint64
	links    int

	children map[string]*inode // of a directory; nil hides a file of the image
	lower    *layerNode        // the image's directory beneath this one
	image    string            // content as it is in the image
	data     []byte            // content once it was written
	written  bool
	counted  bool   // it is in the writable layer
	target   string // of a symbolic link
	open     opener // of a device
}

// copyUp makes an inode for what an image has. Content stays with the image
// until it is written.
func (c *core) copyUp(l *layerNode) *inode {
	c.next++
	n := &inode{mode: l.Mode, uid: l.UID, gid: l.GID, modified: built, number: c.next, links: 1, image: l.Content, target: l.Link, open: l.open}
	if l.Mode.IsDir() {
		n.children, n.lower = map[string]*inode{}, l
	}
	return n
}

func (c *core) newInode(mode fs.FileMode, uid, gid int64) *inode {
	c.next++
	n := &inode{mode: mode, uid: uid, gid: gid, modified: time.Now(), number: c.next, links: 1, written: true}
	if mode.IsDir() {
		n.children = map[string]*inode{}
	}
	return n
}

// create is newInode within the limits.
func (c *core) create(mode fs.FileMode, uid, gid int64) (*inode, error) {
	if c.inodes >= c.limits.Files || c.closed {
		return nil, syscall.ENOSPC
	}
	c.inodes++
	n := c.newInode(mode, uid, gid)
	n.counted = true
	return n, nil
}

// drop is called when a name of n is gone.
func (c *core) drop(n *inode) {
	n.links--
	if n.links > 0 && !n.mode.IsDir() {
		return
	}
	for _, child := range n.children {
		if child != nil {
			c.drop(child)
		}
	}
	_ = c.charge(-int64(len(n.data))) // giving back cannot fail
	if n.counted {
		c.inodes--
	}
	n.counted = false
}

// child finds a name in a directory; nil when there is none.
func (c *core) child(dir *inode, name string) *inode {
	if n, ok := dir.children[name]; ok {
		return n
	}
	if dir.lower == nil || dir.lower.children[name] == nil {
		return nil
	}
	n := c.copyUp(dir.lower.children[name])
	dir.children[name] = n
	return n
}

// unlink takes a name out of a directory, and hides what the image has there.
func (c *core) unlink(dir *inode, name string) {
	if n := dir.children[name]; n != nil {
		c.drop(n)
	}
	delete(dir.children, name)
	if dir.lower != nil && dir.lower.children[name] != nil {
		dir.children[name] = nil
	}
	dir.modified = time.Now()
}

func (c *core) link(dir *inode, name string, n *inode) {
	dir.children[name] = n
	dir.modified = time.Now()
}

// names are the names in a directory, in order.
func (n *inode) names() []string {
	set := map[string]bool{}
	for name, child := range n.children {
		if child != nil {
			set[name] = true
		}
	}
	if n.lower != nil {
		for name := range n.lower.children {
			if _, seen := n.children[name]; !seen {
				set[name] = true
			}
		}
	}
	return slices.Sorted(maps.Keys(set))
}

func (n *inode) size() int64 {
	switch {
	case n.mode.IsDir():
		return 4096
	case n.mode&fs.ModeSymlink != 0:
		return int64(len(n.target))
	case n.written:
		return int64(len(n.data))
	}
	return int64(len(n.image))
}

func (n *inode) readAt(p []byte, off int64) int {
	if off >= n.size() {
		return 0
	}
	if n.written {
		return copy(p, n.data[off:])
	}
	return copy(p, n.image[off:])
}

// resize sets the size of a file's content, copying it from the image first.
func (c *core) resize(n *inode, size int64) error {
	if size > MaxFileSize {
		return syscall.ENOSPC
	}
	if n.links > 0 { // else no name is left, and drop has given its bytes back
		if err := c.charge(size - int64(len(n.data))); err != nil {
			return err
		}
	}
	if !n.written {
		n.data = append(make([]byte, 0, max(size, 0)), n.image[:min(int64(len(n.image)), size)]...)
		n.written, n.image = true, ""
	}
	if have := int64(len(n.data)); size <= have {
		n.data = n.data[:size]
		if size == 0 {
			n.data = nil
		}
	} else if size <= int64(cap(n.data)) {
		n.data = n.data[:size]
		clear(n.data[have:])
	} else {
		grown := make([]byte, size, size+size/4)
		copy(grown, n.data)
		n.data = grown
	}
	n.modified = time.Now()
	return nil
}

func (c *core) writeAt(n *inode, p []byte, off int64) error {
	if end := off + int64(len(p)); end > n.size() || !n.written {
		if err := c.resize(n, max(end, n.size())); err != nil {
			return err
		}
	}
	copy(n.data[off:], p)
	n.modified = time.Now()
	return nil
}

// Attr is what Sys of a file's information returns.
type Attr struct {
	UID, GID int64
	Inode    uint64
	Links    int
}

type fileInfo struct {
	name    string
	size    int64
	mode    fs.FileMode
	changed time.Time
	attr    Attr
}

func (i fileInfo) Name() string       { return i.name }
func (i fileInfo) Size() int64        { return i.size }
func (i fileInfo) Mode() fs.FileMode  { return i.mode }
func (i fileInfo) ModTime() time.Time { return i.changed }
func (i fileInfo) IsDir() bool        { return i.mode.IsDir() }
func (i fileInfo) Sys() any           { return i.attr }

func (n *inode) attr() Attr {
	links := n.links
	if n.mode.IsDir() {
		links = 2
	}
	return Attr{UID: n.uid, GID: n.gid, Inode: n.number, Links: links}
}

func (n *inode) info(name string) fs.FileInfo {
	return fileInfo{name: name, size: n.size(), mode: n.mode, changed: n.modified, attr: n.attr()}
}

// Owner is who a file belongs to in its container.
func Owner(info fs.FileInfo) (uid, gid int64) {
	if a, ok := info.Sys().(Attr); ok {
		return a.UID, a.GID
	}
	return 0, 0
}

func pathError(op, name string, err error) error {
	return &fs.PathError{Op: op, Path: name, Err: err}
}

// split cuts a path into its components, without "." and empty ones.
func split(name string) []string {
	parts := strings.Split(name, "/")
	return slices.DeleteFunc(parts, func(s string) bool { return s == "" || s == "." })
}

func join(parts []string) string { return strings.Join(parts, "/") }

// below reports whether name is dir or lies in it.
func below(dir, name string) bool {
	return name == dir || strings.HasPrefix(name, strings.TrimSuffix(dir, "/")+"/")
}

func baseName(name string) string { return path.Base(path.Clean(name)) }
