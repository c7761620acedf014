package cluster

import (
	"k8s.io/client-go/tools/clientcmd"

	"github.com/k8stutor/k8stutor/lessons"
)

// Pin points k8stutor's kubeconfig at this cluster and returns its path. The
// namespace that it had stays, so that kubectl goes on in the workspace of the
// lesson that was begun last.
func (c *Cluster) Pin() (string, error) {
	namespace := ""
	if old, err := clientcmd.LoadFromFile(c.options.kubeconfig()); err == nil {
		if context := old.Contexts[old.CurrentContext]; context != nil {
			namespace = context.Namespace
		}
	}
	return c.WriteKubeconfig(lessons.Workspace{Namespace: namespace})
}

// LinkKubectl makes bin/kubectl in the state folder, which is the built-in
// kubectl, and returns the bin folder.
func LinkKubectl(options Options) (string, error) {
	options = options.withDefaults()
	c := &Cluster{options: options}
	return c.linkKubectl(options.StateDir)
}
