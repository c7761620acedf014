package files

import (
	"bytes"
	"io"
	"io/fs"
	"path"
	"syscall"
)

// virtual shows an fs.FS, such as /proc or another image, read-only.
type virtual struct{ fs.FS }

func (v virtual) lstat(rel string) (fs.FileInfo, error) { return fs.Lstat(v.FS, rel) }

func (v virtual) details(_ string, info fs.FileInfo) (fs.FileMode, Attr) {
	if a, ok := info.Sys().(Attr); ok {
		return info.Mode(), a
	}
	return info.Mode(), Attr{Links: 1}
}

func (v virtual) readlink(rel string) (string, error) { return fs.ReadLink(v.FS, rel) }

func (v virtual) readDir(rel string) ([]fs.FileInfo, error) {
	entries, err := fs.ReadDir(v.FS, rel)
	if err != nil {
		return nil, err
	}
	infos := make([]fs.FileInfo, 0, len(entries))
	for _, e := range entries {
		if info, err := e.Info(); err == nil {
			infos = append(infos, info)
		}
	}
	return infos, nil
}

func (v virtual) open(_ *Caller, p *place, _ int, _ fs.FileMode) (File, error) {
	info := p.full(p.name())
	if info.IsDir() {
		return &textFile{Reader: bytes.NewReader(nil), name: p.path, info: info}, nil
	}
	file, err := v.FS.Open(p.rel)
	if err != nil {
		return nil, err
	}
	if f, ok := file.(File); ok {
		return f, nil // it does everything by itself
	}
	defer file.Close()
	text, err := io.ReadAll(io.LimitReader(file, MaxFileSize))
	if err != nil {
		return nil, err
	}
	return &textFile{Reader: bytes.NewReader(text), name: p.path, info: info}, nil
}

// textFile is an open file that can only be read.
type textFile struct {
	*bytes.Reader
	name string
	info fs.FileInfo
}

func (f *textFile) Read(p []byte) (int, error) {
	if f.info.IsDir() {
		return 0, pathError("read", f.name, syscall.EISDIR)
	}
	return f.Reader.Read(p)
}

func (f *textFile) Stat() (fs.FileInfo, error) { return f.info, nil }

func (f *textFile) Write([]byte) (int, error) { return 0, pathError("write", f.name, syscall.EBADF) }

func (f *textFile) WriteAt([]byte, int64) (int, error) {
	return 0, pathError("write", f.name, syscall.EBADF)
}

func (f *textFile) Truncate(int64) error { return pathError("truncate", f.name, syscall.EINVAL) }

func (f *textFile) Close() error { return nil }

// Open makes a Layer an fs.FS: what an image volume shows.
func (l *Layer) Open(name string) (fs.File, error) {
	n, err := l.find("open", name)
	if err != nil {
		return nil, err
	}
	return &textFile{Reader: bytes.NewReader([]byte(n.Content)), name: name, info: n.info(path.Base(name))}, nil
}

// Lstat implements fs.ReadLinkFS.
func (l *Layer) Lstat(name string) (fs.FileInfo, error) {
	n, err := l.find("lstat", name)
	if err != nil {
		return nil, err
	}
	return n.info(path.Base(name)), nil
}

// ReadLink implements fs.ReadLinkFS.
func (l *Layer) ReadLink(name string) (string, error) {
	n, err := l.find("readlink", name)
	if err != nil {
		return "", err
	}
	return n.Link, nil
}

// ReadDir implements fs.ReadDirFS.
func (l *Layer) ReadDir(name string) ([]fs.DirEntry, error) {
	n, err := l.find("readdir", name)
	if err != nil {
		return nil, err
	}
	var list []fs.DirEntry
	dir := inode{lower: n}
	for _, base := range dir.names() {
		list = append(list, fs.FileInfoToDirEntry(n.children[base].info(base)))
	}
	return list, nil
}

func (l *Layer) find(op, name string) (*layerNode, error) {
	if !fs.ValidPath(name) {
		return nil, pathError(op, name, fs.ErrInvalid)
	}
	n := l.root
	for _, part := range split(name) {
		if n = n.children[part]; n == nil {
			return nil, pathError(op, name, fs.ErrNotExist)
		}
	}
	return n, nil
}
