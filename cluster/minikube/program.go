package minikube

import (
	"errors"
	"os"
	"path/filepath"
	"strings"

	"github.com/k8stutor/k8stutor/internal/onpath"
)

// Program is a minikube that was found.
type Program struct {
	Path string
	env  []string // of its processes
}

// ErrNotInstalled says that no folder of $PATH has a minikube.
var ErrNotInstalled = errors.New("minikube is not installed: no folder of $PATH has it")

// Find looks for minikube on the PATH that env tells. Its processes write to the
// kubeconfig files that are given, never to those of the shell that k8stutor was
// started from. The error is ErrNotInstalled, or an *Error for a minikube that
// cannot be run.
func Find(env func(string) string, kubeconfig []string) (Program, error) {
	path, err := onpath.Find(env, "minikube")
	switch {
	case err == nil:
		return Program{Path: path, env: environment(env, kubeconfig)}, nil
	case errors.Is(err, onpath.ErrNotFound):
		return Program{}, ErrNotInstalled
	}
	return Program{}, &Error{Command: "minikube", Err: err, Kind: CannotRun, Hint: say(
		"The file has to be a program that you may run: `chmod +x` it, or install minikube again (https://minikube.sigs.k8s.io/docs/start).",
		"该文件必须是你有权限运行的程序：请用 `chmod +x` 加上执行权限，或者重新安装 minikube（https://minikube.sigs.k8s.io/docs/start）。")}
}

// environment is this process's, but for what env says otherwise.
func environment(env func(string) string, kubeconfig []string) []string {
	set := map[string]string{
		"KUBECONFIG": strings.Join(kubeconfig, string(filepath.ListSeparator)),
		// It would ask GitHub for its newest version on every call.
		"MINIKUBE_WANTUPDATENOTIFICATION": "false", "MINIKUBE_WANTBETAUPDATENOTIFICATION": "false",
		"MINIKUBE_IN_STYLE": "false",
	}
	for _, name := range []string{"HOME", "PATH", "MINIKUBE_HOME"} {
		if v := env(name); v != "" {
			set[name] = v
		}
	}
	var all []string
	for _, pair := range os.Environ() {
		name, _, _ := strings.Cut(pair, "=")
		if _, ours := set[name]; !ours {
			all = append(all, pair)
		}
	}
	for name, value := range set {
		all = append(all, name+"="+value)
	}
	return all
}
