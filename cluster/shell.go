package cluster

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/k8stutor/k8stutor/internal/onpath"
	"github.com/k8stutor/k8stutor/lessons"
)

// ShellEnv returns the environment variables, as "NAME=value", with which a
// shell works in a workspace: kubectl reads k8stutor's kubeconfig, and is
// there even if the machine has none.
//
// KUBECONFIG is set in any case: should the file be missing, kubectl has to
// fail rather than to act on whatever cluster the learner's own file names.
func (c *Cluster) ShellEnv(ws lessons.Workspace) []string {
	path, err := c.WriteKubeconfig(ws)
	if err != nil {
		c.log.Warn("write kubeconfig", "err", err)
	}
	env := []string{"KUBECONFIG=" + path, "K8STUTOR_LESSON=" + ws.Lesson}
	bin, err := c.linkKubectl(filepath.Dir(path))
	if err != nil {
		c.log.Warn("link kubectl", "err", err)
		return env
	}
	return append(env, "PATH="+bin+string(filepath.ListSeparator)+c.options.Env("PATH"))
}

// linkKubectl makes bin/kubectl in a folder a link to the companion, which is
// kubectl when called by that name, and returns the bin folder.
func (c *Cluster) linkKubectl(dir string) (string, error) {
	companion, err := FindCompanion(c.options.Env)
	if err != nil {
		return "", err
	}
	bin := filepath.Join(dir, "bin")
	link := filepath.Join(bin, "kubectl"+onpath.Suffix)
	if same(link, companion) {
		return bin, nil
	}
	if err := os.MkdirAll(bin, 0o700); err != nil {
		return "", err
	}
	// Made beside and moved over, so that a kubectl that runs just now is there
	// at every moment.
	fresh := link + ".new"
	if err := os.Remove(fresh); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return "", err
	}
	if err := os.Symlink(companion, fresh); err != nil {
		if err := os.Link(companion, fresh); err != nil {
			return "", err
		}
	}
	return bin, os.Rename(fresh, link)
}

// same reports whether both names lead to one file.
func same(a, b string) bool {
	infoA, errA := os.Stat(a)
	infoB, errB := os.Stat(b)
	return errA == nil && errB == nil && os.SameFile(infoA, infoB)
}
