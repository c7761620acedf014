package cluster

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/k8stutor/k8stutor/lessons"
)

// A slip in an exercise (a thousand replicas, a CronJob gone wild, a claim of a
// terabyte) must not bring down the machine that the cluster runs on. So outside
// of the sandbox, where containers are real, a workspace has a ResourceQuota. It
// counts objects and storage, and nothing else, on purpose: a quota of processor
// or memory makes the API server refuse every Pod that does not state them, and a
// LimitRange that sets defaults, or only a maximum, writes requests and limits
// into Pods that had none. Either would change what lessons teach: `kubectl create
// deployment` would fail or give other Pods, and no Pod would be BestEffort. Those
// are the first that the kernel and the kubelet end when memory is short, which
// protects what else is on the machine better than a default would.

// quotaName is the name of the quota, in what the API server says of it too.
const quotaName = lessons.WorkspaceQuota

// quotaTimeout bounds how long a new quota may take to be counted: until then the
// API server refuses what it limits.
const quotaTimeout = 5 * time.Second

func kindQuota() lessons.Kind {
	return lessons.Kind{Version: "v1", Kind: "ResourceQuota", Resource: "resourcequotas", Namespaced: true}
}

// quota is how much a workspace may hold: several times what any lesson needs.
func quota() map[string]any {
	return map[string]any{
		"pods":                   "50",
		"services":               "30",
		"services.loadbalancers": "3",
		"services.nodeports":     "10",
		"configmaps":             "100",
		"secrets":                "100",
		"persistentvolumeclaims": "10",
		"requests.storage":       "20Gi",
		"count/jobs.batch":       "50",
		"count/cronjobs.batch":   "10",
	}
}

// limited reports whether workspaces are limited on this cluster.
func (c *conn) limited() bool { return c.at.provider != ProviderSandbox && !c.unlimited }

// limit makes the quota of a workspace that has none, and waits until it counts.
// Where the learner may not make one, the exercise does without.
func (c *conn) limit(ctx context.Context, ws lessons.Workspace) error {
	if !c.limited() {
		return nil
	}
	op := "make the ResourceQuota of " + ws.Namespace
	call, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	live, err := c.resource(kindQuota(), ws.Namespace).Get(call, quotaName, metav1.GetOptions{})
	if apierrors.IsNotFound(err) {
		var quotas, refusal = guard{c}.change(op, kindQuota(), ws.Namespace, true)
		if refusal != nil {
			return nil // what is there is only looked at
		}
		_, err = quotas.Create(call, &unstructured.Unstructured{Object: map[string]any{
			"apiVersion": "v1", "kind": "ResourceQuota",
			"metadata": map[string]any{"name": quotaName, "namespace": ws.Namespace, "labels": map[string]any{labelManagedBy: managedBy}},
			"spec":     map[string]any{"hard": quota()},
		}}, metav1.CreateOptions{FieldManager: managedBy})
		live = nil
	}
	switch {
	case apierrors.IsForbidden(err), apierrors.IsNotFound(err):
		return nil
	case err != nil && !apierrors.IsAlreadyExists(err):
		return c.at.fail(op, err)
	}
	return c.waitCounted(ctx, ws, live)
}

// waitCounted waits until the quota's status is there. A cluster whose controllers
// do not count is no obstacle of ours: what it refuses, it explains.
func (c *conn) waitCounted(ctx context.Context, ws lessons.Workspace, live *unstructured.Unstructured) error {
	short, cancel := context.WithTimeout(ctx, quotaTimeout)
	defer cancel()
	for {
		if live != nil {
			spec, _, _ := unstructured.NestedMap(live.Object, "spec", "hard")
			counted, _, _ := unstructured.NestedMap(live.Object, "status", "hard")
			if len(counted) >= len(spec) {
				return nil
			}
		}
		err := pause(short, pollInterval)
		if err == nil {
			live, err = c.resource(kindQuota(), ws.Namespace).Get(short, quotaName, metav1.GetOptions{})
		}
		switch {
		case err == nil:
		case ctx.Err() != nil:
			return c.at.fail("wait for the ResourceQuota of "+ws.Namespace, ctx.Err())
		case errors.Is(err, context.DeadlineExceeded), apierrors.IsNotFound(err):
			return nil
		default:
			return c.at.fail("wait for the ResourceQuota of "+ws.Namespace, err)
		}
	}
}

// isOurQuota reports whether an object is the quota that limits a workspace. It
// is part of the workspace, not of the exercise: a lesson about quotas does not
// see it.
func isOurQuota(o lessons.Object) bool {
	u := unstructured.Unstructured{Object: o}
	return u.GetKind() == "ResourceQuota" && u.GetName() == quotaName && u.GetLabels()[labelManagedBy] == managedBy
}

// sayQuota tells the limits in one line: "pods 50, requests.storage 20Gi".
func sayQuota() string {
	var parts []string
	for _, name := range slices.Sorted(maps.Keys(quota())) {
		parts = append(parts, fmt.Sprintf("%s %s", name, quota()[name]))
	}
	return strings.Join(parts, ", ")
}
