//go:build linux || darwin

package sandbox

import "golang.org/x/sys/unix"

// diskSpace is how many bytes this user can still write below dir.
func diskSpace(dir string) (uint64, error) {
	var fs unix.Statfs_t
	if err := unix.Statfs(dir, &fs); err != nil {
		return 0, err
	}
	return fs.Bavail * uint64(fs.Bsize), nil
}
