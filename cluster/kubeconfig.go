package cluster

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/google/renameio/v2/maybe"
	"k8s.io/client-go/tools/clientcmd"
	"k8s.io/client-go/tools/clientcmd/api"

	"github.com/k8stutor/k8stutor/lessons"
)

// ownContext is the name of context, cluster and user in the kubeconfig that
// k8stutor writes.
const ownContext = "k8stutor"

// userFiles lists the learner's kubeconfig files as kubectl would read them:
// $KUBECONFIG, else ~/.kube/config. k8stutor's own file is left out, so that
// a tutor started from the tutor's shell still finds the learner's contexts.
func userFiles(env func(string) string, own string) []string {
	var files []string
	for _, f := range filepath.SplitList(env("KUBECONFIG")) {
		if f != "" && f != own {
			files = append(files, f)
		}
	}
	if len(files) == 0 {
		if home := env("HOME"); home != "" {
			files = append(files, filepath.Join(home, ".kube", "config"))
		}
	}
	return files
}

// loadUser reads and merges kubeconfig files. Files that do not exist are
// skipped, as kubectl does; when none exists the error is fs.ErrNotExist.
func loadUser(files []string) (*api.Config, *lessons.ClusterError) {
	where := strings.Join(files, string(filepath.ListSeparator))
	bad := func(err error, hint lessons.Text) *lessons.ClusterError {
		return &lessons.ClusterError{Trouble: lessons.BadConfig, Op: "read the kubeconfig", Server: where, Err: err, Hint: hint}
	}
	found := slices.ContainsFunc(files, func(f string) bool {
		_, err := os.Stat(f)
		return err == nil
	})
	if !found {
		return nil, bad(fs.ErrNotExist,
			say("There is no kubeconfig. Use the sandbox (`k8stutor --cluster sandbox`), or set KUBECONFIG to the file of your cluster.",
				"没有找到 kubeconfig。请使用沙箱（`k8stutor --cluster sandbox`），或者把 KUBECONFIG 设为你的集群的文件。"))
	}
	rules := &clientcmd.ClientConfigLoadingRules{Precedence: files}
	config, err := rules.Load()
	if err != nil {
		return nil, bad(err,
			say("The file is not a kubeconfig that can be read. Mend it (`kubectl config view` says the same), or use the sandbox: `k8stutor --cluster sandbox`.",
				"该文件不是可读取的 kubeconfig。请修正它（`kubectl config view` 会给出同样的错误），或者使用沙箱：`k8stutor --cluster sandbox`。"))
	}
	return config, nil
}

// pick returns the one context of a kubeconfig as a self-contained kubeconfig
// that could be used anywhere on this machine: certificates inlined, nothing
// else in it.
func pick(config *api.Config, name, where string) (*api.Config, *lessons.ClusterError) {
	bad := func(err error, hint lessons.Text) *lessons.ClusterError {
		return &lessons.ClusterError{
			Trouble: lessons.BadConfig,
			Op:      fmt.Sprintf("use context %q", name),
			Server:  where,
			Err:     err,
			Hint:    hint,
		}
	}
	if _, ok := config.Contexts[name]; !ok {
		return nil, bad(errors.New("there is no such context"), nearestContexts(config, name))
	}
	one := config.DeepCopy()
	one.CurrentContext = name
	broken := say("The entry is incomplete or names a file that cannot be read. Get a fresh kubeconfig for this cluster.",
		"该条目不完整，或者引用了无法读取的文件。请为这个集群重新获取 kubeconfig。")
	if err := clientcmd.ConfirmUsable(*one, name); err != nil {
		return nil, bad(err, broken)
	}
	if err := api.MinifyConfig(one); err != nil {
		return nil, bad(err, broken)
	}
	if err := api.FlattenConfig(one); err != nil {
		return nil, bad(err, broken)
	}
	return one, nil
}

// nearestContexts is the hint for a context that does not exist.
func nearestContexts(config *api.Config, name string) lessons.Text {
	names := slices.Sorted(maps.Keys(config.Contexts))
	if near := lessons.Nearest(name, append(names, choices()...)); len(near) > 0 {
		return say("Did you mean %s? `k8stutor cluster list` shows all.", "你是想用 %s 吗？`k8stutor cluster list` 会列出全部。", strings.Join(near, ", "))
	}
	if len(names) == 0 {
		return say("The kubeconfig has no contexts. Use the sandbox: `k8stutor --cluster sandbox`.",
			"kubeconfig 中没有任何上下文。请使用沙箱：`k8stutor --cluster sandbox`。")
	}
	return say("Choose one of %s.", "请从这些中选择：%s。", strings.Join(append(choices(), names...), ", "))
}

// renamed returns the picked kubeconfig under k8stutor's own names and with a
// default namespace.
func renamed(one *api.Config, namespace string) *api.Config {
	from := one.Contexts[one.CurrentContext]
	own := api.NewConfig()
	own.CurrentContext = ownContext
	own.Clusters[ownContext] = one.Clusters[from.Cluster]
	context := api.NewContext()
	context.Cluster = ownContext
	context.Namespace = namespace
	if user, ok := one.AuthInfos[from.AuthInfo]; ok {
		own.AuthInfos[ownContext] = user
		context.AuthInfo = ownContext
	}
	own.Contexts[ownContext] = context
	return own
}

// writeKubeconfig writes a kubeconfig so that at every moment the file is
// whole, and readable by its owner only.
func writeKubeconfig(path string, config *api.Config) error {
	data, err := clientcmd.Write(*config)
	if err != nil {
		return fmt.Errorf("encode kubeconfig: %w", err)
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	return maybe.WriteFile(path, data, 0o600)
}
