package sandbox

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// maxKubeletRoot is how long the path of the kubelet's folder may be, in
// bytes: it makes sockets in it, whose paths the system limits to about a
// hundred, and ends the process when it cannot.
const maxKubeletRoot = 104 - len("/pod-resources/kubelet.sock") - 1

// shortLinks begins the names of the folders that shortPath makes.
const shortLinks = "k8stutor-"

// shortPath returns dir, or a symbolic link to it in the system's temporary
// folder when dir is longer than limit; remove takes the link away again. A
// link that a killed process left is taken away too: its name is kept beside
// dir.
func shortPath(dir string, limit int) (path string, remove func(), err error) {
	note := dir + ".link"
	if left, err := os.ReadFile(note); err == nil {
		removeLink(string(left), dir)
		_ = os.Remove(note)
	}
	if len(dir) <= limit {
		return dir, func() {}, nil
	}
	folder, err := os.MkdirTemp("", shortLinks) // mode 0700
	if err != nil {
		return "", nil, fmt.Errorf("make a short path to %s: %w", dir, err)
	}
	link := filepath.Join(folder, "kubelet")
	remove = func() {
		removeLink(link, dir)
		_ = os.Remove(note)
	}
	if err = os.Symlink(dir, link); err == nil {
		err = writeFile(note, []byte(link))
	}
	if err == nil && len(link) > limit {
		err = fmt.Errorf("both it and the temporary folder %s have paths too long for sockets; choose another with XDG_STATE_HOME or TMPDIR", os.TempDir())
	}
	if err != nil {
		remove()
		return "", nil, fmt.Errorf("make a short path to %s: %w", dir, err)
	}
	return link, remove, nil
}

// removeLink removes a link to dir and the folder made for it, nothing else.
func removeLink(link, dir string) {
	folder := filepath.Dir(link)
	if to, err := os.Readlink(link); err == nil && to != dir || !strings.HasPrefix(filepath.Base(folder), shortLinks) {
		return
	}
	_ = os.Remove(link)
	_ = os.Remove(folder)
}
