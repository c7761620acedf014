package files

import (
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"
	"time"
)

// Entry is one file of an image.
type Entry struct {
	Content  string
	Link     string      // the target, when it is a symbolic link
	Mode     fs.FileMode // with fs.ModeDir for a directory; without permissions it is 0644, or 0755 for a directory
	UID, GID int64
}

// Layer is the content of an image. It never changes, and all containers of
// the image read the same one.
type Layer struct{ root *layerNode }

type layerNode struct {
	Entry
	open     opener                // of a device
	children map[string]*layerNode // of a directory
}

// built is the time that files of an image carry: the same for everybody.
var built = time.Date(2025, time.October, 8, 22, 0, 0, 0, time.UTC)

// NewLayer makes the content of an image out of what every image has and
// entries by absolute path. Later entries take the place of earlier ones.
func NewLayer(entries ...map[string]Entry) *Layer {
	l := &Layer{root: newLayerDir()}
	for _, set := range append([]map[string]Entry{everyImage()}, entries...) {
		for _, name := range slices.Sorted(maps.Keys(set)) {
			l.add(path.Clean("/"+name), set[name])
		}
	}
	dev := l.root.children["dev"]
	for name, open := range devices() {
		dev.children[name] = &layerNode{Entry: Entry{Mode: deviceMode}, open: open}
	}
	return l
}

func newLayerDir() *layerNode {
	return &layerNode{Entry: Entry{Mode: fs.ModeDir | 0o755}, children: map[string]*layerNode{}}
}

func (l *Layer) add(name string, e Entry) {
	switch {
	case e.Link != "":
		e.Mode = fs.ModeSymlink | 0o777
	case e.Mode.IsDir() && e.Mode.Perm() == 0:
		e.Mode |= 0o755
	case e.Mode.Perm() == 0:
		e.Mode |= 0o644
	}
	if name == "/" {
		l.root.Entry = e
		return
	}
	dir := l.root
	parts := strings.Split(name[1:], "/")
	for _, part := range parts[:len(parts)-1] {
		next := dir.children[part]
		if next == nil || !next.Mode.IsDir() {
			next = newLayerDir()
			dir.children[part] = next
		}
		dir = next
	}
	base := parts[len(parts)-1]
	n := &layerNode{Entry: e}
	if e.Mode.IsDir() {
		n.children = map[string]*layerNode{}
		if old := dir.children[base]; old != nil && old.children != nil {
			n.children = old.children
		}
	}
	dir.children[base] = n
}

// plain is the content of images that bring nothing of their own.
var plain = NewLayer()

// everyImage is what the images of the catalogue have in common.
func everyImage() map[string]Entry {
	set := map[string]Entry{
		"/tmp":     {Mode: fs.ModeDir | fs.ModeSticky | 0o777},
		"/var/tmp": {Mode: fs.ModeDir | fs.ModeSticky | 0o777},
		"/root":    {Mode: fs.ModeDir | 0o700},
		"/var/run": {Link: "/run"},
		"/dev/shm": {Mode: fs.ModeDir | fs.ModeSticky | 0o777},
		"/dev/fd":  {Link: "/proc/self/fd"},
		"/etc/passwd": {Content: `root:x:0:0:root:/root:/bin/sh
daemon:x:1:1:daemon:/usr/sbin:/bin/false
bin:x:2:2:bin:/bin:/bin/false
sys:x:3:3:sys:/dev:/bin/false
sync:x:4:100:sync:/bin:/bin/sync
mail:x:8:8:mail:/var/spool/mail:/bin/false
www-data:x:33:33:www-data:/var/www:/bin/false
operator:x:37:37:Operator:/var:/bin/false
nobody:x:65534:65534:nobody:/home:/bin/false
`},
		"/etc/group": {Content: `root:x:0:
daemon:x:1:
bin:x:2:
sys:x:3:
adm:x:4:
tty:x:5:
disk:x:6:
wheel:x:10:root
mail:x:8:
utmp:x:43:
audio:x:29:
cdrom:x:24:
dialout:x:18:
floppy:x:19:
video:x:28:
www-data:x:33:
users:x:100:
nobody:x:65534:
`},
		"/etc/shadow":        {Content: "root:*:::::::\n", Mode: 0o640},
		"/etc/localtime":     {Content: "TZif2\nUTC0\n"},
		"/etc/nsswitch.conf": {Content: "hosts: files dns\n"},
		"/etc/hostname":      {},
		"/etc/hosts":         {Content: "127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost ip6-loopback\n"},
		"/etc/resolv.conf":   {},
		"/etc/os-release":    {Content: "NAME=\"k8stutor sandbox\"\nID=k8stutor\nPRETTY_NAME=\"k8stutor sandbox (no real image is running)\"\n"},
	}
	for _, dir := range []string{
		"/bin", "/dev", "/etc", "/home", "/lib", "/media", "/mnt", "/opt", "/proc", "/run", "/sbin", "/srv", "/sys", "/usr", "/usr/bin", "/usr/lib",
		"/usr/local", "/usr/local/bin", "/usr/local/sbin", "/usr/sbin", "/usr/share", "/var", "/var/cache", "/var/lib", "/var/log", "/var/spool", "/var/www",
	} {
		set[dir] = Entry{Mode: fs.ModeDir}
	}
	return set
}
