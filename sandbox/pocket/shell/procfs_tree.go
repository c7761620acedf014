package shell

import (
	"bytes"
	"io/fs"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/k8stutor/k8stutor/sandbox/pocket/files"
	"github.com/k8stutor/k8stutor/sandbox/pocket/proc"
)

// MountProc shows /proc and the container's cgroup in its files. What is in
// them is made when it is read, for the process that reads.
func MountProc(c *proc.Container) {
	show := func(at string) func(*files.Caller) fs.FS {
		return func(caller *files.Caller) fs.FS {
			p := c.Table.Find(caller.PID)
			if p == nil {
				p = c.NewProcess(nil, nil, "/") // the runtime itself looks
			}
			return procFS{p, at}
		}
	}
	c.Files.MountFS("/proc", "proc", show("/proc"))
	c.Files.MountFS("/sys/fs/cgroup", "cgroup2", show("/sys/fs/cgroup"))
}

// procFS is /proc or /sys/fs/cgroup as a process sees it.
type procFS struct {
	p  *proc.Process
	at string
}

// procNames are the files and directories of /proc that do not depend on what
// runs; directories end in a slash.
func procNames() []string {
	return []string{
		"cmdline", "cpuinfo", "filesystems", "loadavg", "meminfo", "mounts", "net/dev", "net/route", "stat", "uptime", "version",
		"sys/kernel/hostname", "sys/kernel/osrelease", "sys/kernel/ostype", "sys/kernel/pid_max",
	}
}

func processNames() []string {
	return []string{"cgroup", "cmdline", "comm", "environ", "limits", "mountinfo", "mounts", "oom_score_adj", "stat", "status", "fd/0", "fd/1", "fd/2"}
}

// names lists the paths of all files below the root.
func (f procFS) names() []string {
	if f.at != "/proc" {
		return cgroupNames()
	}
	names := procNames()
	for setting := range f.p.Sysctls {
		names = append(names, "sys/"+strings.ReplaceAll(setting, ".", "/"))
	}
	for _, other := range f.p.Table.List() {
		for _, name := range processNames() {
			names = append(names, strconv.Itoa(other.PID)+"/"+name)
		}
	}
	return names
}

// Open implements fs.FS.
func (f procFS) Open(name string) (fs.File, error) {
	if file := f.stream(name); file != nil {
		return file, nil
	}
	info, err := f.Lstat(name)
	if err != nil {
		return nil, err
	}
	text, _ := procFile(f.p, path.Join(f.at, name))
	return &procText{Reader: bytes.NewReader([]byte(text)), info: info}, nil
}

// stream is a file below /proc/PID/fd, or nil.
func (f procFS) stream(name string) files.File {
	parts := strings.Split(name, "/")
	if f.at != "/proc" || len(parts) != 3 || parts[1] != "fd" {
		return nil
	}
	pid, err := strconv.Atoi(parts[0])
	p := f.p.Table.Find(pid)
	if err != nil || p == nil {
		return nil
	}
	switch parts[2] {
	case "0":
		return files.NewStream("stdin", p.Stdin, nil)
	case "1":
		return files.NewStream("stdout", nil, p.Stdout)
	case "2":
		return files.NewStream("stderr", nil, p.Stderr)
	}
	return nil
}

// Lstat implements fs.ReadLinkFS.
func (f procFS) Lstat(name string) (fs.FileInfo, error) {
	info := procInfo{name: path.Base(name), mode: 0o444}
	if f.at == "/proc" && (name == "self" || name == "thread-self") {
		info.mode = fs.ModeSymlink | 0o777
		return info, nil
	}
	if name == "." || slices.ContainsFunc(f.names(), func(n string) bool { return strings.HasPrefix(n, name+"/") }) {
		info.mode = fs.ModeDir | 0o555
		return info, nil
	}
	if f.stream(name) != nil {
		info.mode = fs.ModeNamedPipe | 0o600
		return info, nil
	}
	if _, ok := procFile(f.p, path.Join(f.at, name)); !ok {
		return nil, &fs.PathError{Op: "lstat", Path: name, Err: fs.ErrNotExist}
	}
	return info, nil
}

// Stat implements fs.StatFS.
func (f procFS) Stat(name string) (fs.FileInfo, error) { return f.Lstat(name) }

// ReadLink implements fs.ReadLinkFS.
func (f procFS) ReadLink(name string) (string, error) {
	if f.at == "/proc" && (name == "self" || name == "thread-self") {
		return strconv.Itoa(f.p.PID), nil
	}
	return "", &fs.PathError{Op: "readlink", Path: name, Err: fs.ErrInvalid}
}

// ReadDir implements fs.ReadDirFS.
func (f procFS) ReadDir(name string) ([]fs.DirEntry, error) {
	var list []fs.DirEntry
	prefix := name + "/"
	if name == "." {
		prefix = ""
	}
	seen := map[string]bool{}
	add := func(base string, mode fs.FileMode) {
		if !seen[base] {
			seen[base] = true
			list = append(list, fs.FileInfoToDirEntry(procInfo{base, mode}))
		}
	}
	for _, n := range f.names() {
		rest, below := strings.CutPrefix(n, prefix)
		if !below {
			continue
		}
		if base, _, deeper := strings.Cut(rest, "/"); deeper {
			add(base, fs.ModeDir|0o555)
		} else {
			add(base, 0o444)
		}
	}
	if f.at == "/proc" && name == "." {
		add("self", fs.ModeSymlink|0o777)
	}
	if len(list) == 0 {
		return nil, &fs.PathError{Op: "readdir", Path: name, Err: fs.ErrNotExist}
	}
	slices.SortFunc(list, func(a, b fs.DirEntry) int { return strings.Compare(a.Name(), b.Name()) })
	return list, nil
}

// procInfo describes a file of /proc: as there, its size is 0.
type procInfo struct {
	name string
	mode fs.FileMode
}

func (i procInfo) Name() string       { return i.name }
func (i procInfo) Size() int64        { return 0 }
func (i procInfo) Mode() fs.FileMode  { return i.mode }
func (i procInfo) ModTime() time.Time { return time.Now() }
func (i procInfo) IsDir() bool        { return i.mode.IsDir() }
func (i procInfo) Sys() any           { return nil }

// procText is an open file of /proc.
type procText struct {
	*bytes.Reader
	info fs.FileInfo
}

func (t *procText) Stat() (fs.FileInfo, error) { return t.info, nil }
func (t *procText) Close() error               { return nil }
