package agnhost

import (
	"bytes"
	"io/fs"
	"net/http"
	"path"
	"strconv"

	"github.com/k8stutor/k8stutor/sandbox/pocket/files"
)

// readFile is os.ReadFile in the container.
func (a *app) readFile(name string) ([]byte, error) {
	data, err := a.Files.ReadFile(a.Path(name))
	return data, namedAs(err, name)
}

// writeFile is os.WriteFile in the container.
func (a *app) writeFile(name string, data []byte, perm fs.FileMode) error {
	return namedAs(a.Files.WriteFile(a.Path(name), data, perm), name)
}

// namedAs puts the name that the user gave into an error.
func namedAs(err error, name string) error {
	if pe, ok := err.(*fs.PathError); ok {
		return &fs.PathError{Op: pe.Op, Path: name, Err: pe.Err}
	}
	return err
}

// container is the container's file tree for http.FileServer.
type container struct{ *app }

// Open implements http.FileSystem.
func (c container) Open(name string) (http.File, error) {
	name = path.Clean("/" + name)
	info, err := c.Files.Stat(name)
	if err != nil {
		return nil, err
	}
	f := &webFile{info: info, Reader: bytes.NewReader(nil)}
	if info.IsDir() {
		if f.entries, err = c.Files.ReadDir(name); err != nil {
			return nil, err
		}
		return f, nil
	}
	data, err := c.Files.ReadFile(name)
	if err != nil {
		return nil, err
	}
	f.Reader.Reset(data)
	f.size = int64(len(data))
	return f, nil
}

// webFile is a file read at once, so that it can be sought in.
type webFile struct {
	*bytes.Reader
	info    fs.FileInfo
	size    int64
	entries []fs.DirEntry
}

func (f *webFile) Close() error { return nil }

func (f *webFile) Stat() (fs.FileInfo, error) {
	if f.info.IsDir() {
		return f.info, nil
	}
	return sized{f.info, f.size}, nil
}

// sized is a file's information with the size of what was read: a file may
// change meanwhile.
type sized struct {
	fs.FileInfo
	size int64
}

func (s sized) Size() int64 { return s.size }

func (f *webFile) Readdir(count int) ([]fs.FileInfo, error) {
	var list []fs.FileInfo
	for _, e := range f.entries {
		if info, err := e.Info(); err == nil {
			list = append(list, info)
		}
	}
	f.entries = nil
	return list, nil
}

// stat is os.Stat in the container.
func (a *app) stat(name string) (fs.FileInfo, error) {
	info, err := a.Files.Stat(a.Path(name))
	return info, namedAs(err, name)
}

// owner is who a file belongs to.
func (a *app) owner(name string) (uid, gid int64, err error) {
	info, err := a.stat(name)
	if err != nil {
		return 0, 0, errnoOf(err)
	}
	uid, gid = files.Owner(info)
	return uid, gid, nil
}

// fsType names the type of the file system that a file is in, as statfs(2) tells
// it: tmpfs by name and another by its number.
func (a *app) fsType(name string) (string, error) {
	if _, err := a.stat(name); err != nil {
		return "", errnoOf(err)
	}
	at, err := a.Files.Mountpoint(a.Path(name))
	if err != nil {
		return "", errnoOf(err)
	}
	number, known := map[string]int64{"ext4": 0xEF53, "overlay": 0x794C7630, "xfs": 0x58465342, "proc": 0x9FA0, "sysfs": 0x62656572}[at.Type]
	switch {
	case at.Type == "tmpfs":
		return at.Type, nil
	case !known:
		number = 0xEF53
	}
	return strconv.FormatInt(number, 10), nil
}

func errnoOf(err error) error {
	if pe, ok := err.(*fs.PathError); ok {
		return pe.Err
	}
	return err
}
