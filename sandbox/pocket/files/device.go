package files

import (
	"crypto/rand"
	"io"
	"io/fs"
	"syscall"
)

// opener opens a device for the caller of a tree.
type opener func(f *Tree, name string, flag int) (File, error)

const deviceMode = fs.ModeDevice | fs.ModeCharDevice | 0o666

// devices are what every container has in /dev.
func devices() map[string]opener {
	return map[string]opener{
		"null":    func(*Tree, string, int) (File, error) { return &device{name: "null"}, nil },
		"zero":    func(*Tree, string, int) (File, error) { return &device{name: "zero", read: zeros}, nil },
		"full":    func(*Tree, string, int) (File, error) { return &device{name: "full", read: zeros, write: noSpace}, nil },
		"random":  func(*Tree, string, int) (File, error) { return &device{name: "random", read: rand.Read}, nil },
		"urandom": func(*Tree, string, int) (File, error) { return &device{name: "urandom", read: rand.Read}, nil },
		"tty":     func(*Tree, string, int) (File, error) { return nil, syscall.ENXIO },
		"stdin":   func(f *Tree, _ string, _ int) (File, error) { return NewStream("stdin", f.caller.Stdin, nil), nil },
		"stdout":  func(f *Tree, _ string, _ int) (File, error) { return NewStream("stdout", nil, f.caller.Stdout), nil },
		"stderr":  func(f *Tree, _ string, _ int) (File, error) { return NewStream("stderr", nil, f.caller.Stderr), nil },
	}
}

// Device places a character device, whose opener makes what a program reads
// from or writes to. It may return an errno.
func (f *Tree) Device(name string, open func(f *Tree, name string, flag int) (File, error)) {
	f.mu.Lock()
	defer f.mu.Unlock()
	dir, base := f.makeParents(name)
	n := f.newInode(deviceMode, 0, 0)
	n.open = open
	f.link(dir, base, n)
}

func zeros(p []byte) (int, error) {
	clear(p)
	return len(p), nil
}

func noSpace([]byte) (int, error) { return 0, syscall.ENOSPC }

// device is an open device. Without read it is at its end, without write it
// swallows everything.
type device struct {
	name  string
	read  func([]byte) (int, error)
	write func([]byte) (int, error)
}

func (d *device) Read(p []byte) (int, error) {
	if d.read == nil {
		return 0, io.EOF
	}
	return d.read(p)
}

func (d *device) Write(p []byte) (int, error) {
	if d.write == nil {
		return len(p), nil
	}
	n, err := d.write(p)
	if err == syscall.ENOSPC {
		err = pathError("write", "/dev/"+d.name, err)
	}
	return n, err
}

func (d *device) ReadAt(p []byte, _ int64) (int, error)  { return d.Read(p) }
func (d *device) WriteAt(p []byte, _ int64) (int, error) { return d.Write(p) }
func (d *device) Seek(int64, int) (int64, error)         { return 0, nil }
func (d *device) Truncate(int64) error                   { return pathError("truncate", "/dev/"+d.name, syscall.EINVAL) }
func (d *device) Close() error                           { return nil }

func (d *device) Stat() (fs.FileInfo, error) {
	return fileInfo{name: d.name, mode: deviceMode, changed: built}, nil
}

// NewStream makes a File of a reader and a writer, either of which may be nil:
// for devices such as a terminal.
func NewStream(name string, r io.Reader, w io.Writer) File {
	d := &device{name: name}
	if r != nil {
		d.read = r.Read
	}
	if w != nil {
		d.write = w.Write
	}
	return d
}
