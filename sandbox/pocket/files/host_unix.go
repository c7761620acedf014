//go:build linux || darwin

package files

import (
	"errors"
	"io/fs"
	"os"
	"syscall"

	"golang.org/x/sys/unix"
)

func getAttribute(file *os.File, name string) (string, error) {
	var buf [128]byte
	n, err := unix.Fgetxattr(int(file.Fd()), name, buf[:])
	if err != nil {
		return "", err
	}
	return string(buf[:n]), nil
}

func setAttribute(file *os.File, name, value string) error {
	if value == "" {
		if err := unix.Fremovexattr(int(file.Fd()), name); err != nil && !errors.Is(err, noAttribute) {
			return err
		}
		return nil
	}
	return unix.Fsetxattr(int(file.Fd()), name, []byte(value), 0)
}

// unsupported tells a disk that keeps no attributes from a file that has none.
func unsupported(err error) bool {
	return errors.Is(err, unix.ENOTSUP) || errors.Is(err, unix.EOPNOTSUPP) || errors.Is(err, unix.ENOSYS) || errors.Is(err, unix.EPERM)
}

func hostAttr(info fs.FileInfo) Attr {
	s, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return Attr{Links: 1}
	}
	return Attr{Inode: s.Ino, Links: int(s.Nlink)}
}

func fileIdentity(info fs.FileInfo) fileID {
	s, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return fileID{}
	}
	return fileID{device: uint64(s.Dev), inode: s.Ino}
}

// freeBytes is what an ordinary user may still write to the disk of dir.
func freeBytes(dir string) (int64, error) {
	var s unix.Statfs_t
	if err := unix.Statfs(dir, &s); err != nil {
		return 0, err
	}
	return int64(s.Bavail) * int64(s.Bsize), nil
}
