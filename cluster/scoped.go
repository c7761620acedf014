package cluster

import (
	"context"
	"errors"
	"fmt"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/k8stutor/k8stutor/lessons"
)

// Objects outside of namespaces (a PersistentVolume, a StorageClass) are made
// for a lesson only where the cluster is the learner's own to play with, carry
// the name of the workspace as a label, never replace one that does not, and go
// with the workspace.

// mayPlantScoped reports whether objects outside of namespaces may be made on
// this cluster.
func (c *conn) mayPlantScoped() bool {
	return c.at.provider == ProviderSandbox || c.at.provider == ProviderMinikube
}

// refuseScoped says why an object outside of namespaces is not made here.
func (c *conn) refuseScoped(op string) error {
	return guard{c}.refuse(op, errors.New("it lives outside of namespaces, where others would meet it; such objects are made on the sandbox or minikube only"),
		say("Do this lesson on the sandbox: `k8stutor --cluster sandbox`.", "请在沙箱里做这一课：`k8stutor --cluster sandbox`。"))
}

// isScopedOf reports whether a live object outside of namespaces was planted
// for the workspace.
func isScopedOf(live *unstructured.Unstructured, ws lessons.Workspace) bool {
	labels := live.GetLabels()
	return labels[labelManagedBy] == managedBy && labels[labelWorkspace] == ws.Namespace
}

// refuseTaken says that an object outside of namespaces is somebody else's.
func (g guard) refuseTaken(op string, ref lessons.Ref, ws lessons.Workspace) error {
	return g.refuse(op, fmt.Errorf("%s exists and was not made for %s (it lacks the label %s=%s)", describe(ref), ws.Namespace, labelWorkspace, ws.Namespace),
		say("k8stutor leaves it alone. Delete or rename it yourself if it is not needed, or use another cluster: `k8stutor --cluster sandbox`.",
			"k8stutor 不会改动它。如果不需要，请自行删除或改名，或者使用其他集群：`k8stutor --cluster sandbox`。"))
}

// clearScoped deletes what was planted outside of namespaces for a workspace,
// after the workspace itself: a volume goes only when nothing claims it.
func (c *conn) clearScoped(ctx context.Context, ws lessons.Workspace) error {
	if !c.mayPlantScoped() {
		return nil // nothing was ever made
	}
	going := map[lessons.Ref]string{}
	for _, kind := range lessons.ClusterScopedKinds() {
		call, cancel := context.WithTimeout(ctx, callTimeout)
		list, err := c.resource(kind, "").List(call, metav1.ListOptions{LabelSelector: labelManagedBy + "=" + managedBy + "," + labelWorkspace + "=" + ws.Namespace})
		cancel()
		if apierrors.IsForbidden(err) || apierrors.IsNotFound(err) {
			continue // who may not look has made none
		}
		if err != nil {
			return c.at.fail("list what was made for "+ws.Namespace, err)
		}
		for _, live := range list.Items {
			ref := lessons.Ref{Kind: kind, Name: live.GetName()}
			uid, err := guard{c}.deleteScoped(ctx, ws, ref)
			if err != nil {
				return err
			}
			if uid != "" {
				going[ref] = uid
			}
		}
	}
	for ref, uid := range going {
		if err := c.waitGone(ctx, ref, uid); err != nil {
			return err
		}
	}
	return nil
}
