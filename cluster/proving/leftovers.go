package proving

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/k8stutor/k8stutor/cluster"
	"github.com/k8stutor/k8stutor/lessons"
)

// goneTime bounds how long the workspaces of a run may take to go, and goneLook
// is how often it is looked.
const (
	goneTime = 3 * time.Minute
	goneLook = 500 * time.Millisecond
)

// Gone orders the workspaces of the run to be deleted that are still there, and
// waits until none is left. What is left all the same is named in the error. It
// is meant for after ctx has ended too.
func (l *Lab) Gone(ctx context.Context, c *cluster.Cluster) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), goneTime)
	defer cancel()
	for {
		left, err := l.left(ctx, c)
		if err != nil || len(left) == 0 {
			return err
		}
		for _, ws := range left {
			short, cancel := context.WithTimeout(ctx, goneLook)
			err := c.Clear(short, ws)
			cancel()
			if err != nil && !errors.Is(err, context.DeadlineExceeded) {
				return err
			}
		}
		if sleep(ctx, goneLook) != nil {
			return fmt.Errorf("still there after %s: %s; `kubectl describe namespace` says why", goneTime, names(left))
		}
	}
}

// left lists the workspaces of the run that are there.
func (l *Lab) left(ctx context.Context, c *cluster.Cluster) ([]lessons.Workspace, error) {
	all, err := c.Workspaces(ctx)
	return slices.DeleteFunc(all, func(ws lessons.Workspace) bool { return !strings.Contains(ws.Lesson+"-", "-"+l.o.Run+"-") }), err
}

func names(all []lessons.Workspace) string {
	var out []string
	for _, ws := range all {
		out = append(out, ws.Namespace)
	}
	return strings.Join(out, ", ")
}

// DefaultInUse reports whether namespace default holds what somebody has put
// there: proofs that act in it are not made then.
func (l *Lab) DefaultInUse(ctx context.Context) (bool, error) {
	ctx, cancel := context.WithTimeout(ctx, 20*time.Second)
	defer cancel()
	out, err := l.admin(ctx, "get", "pods,replicationcontrollers,services,deployments,replicasets,statefulsets,daemonsets,jobs,cronjobs,configmaps,secrets,persistentvolumeclaims,ingresses,networkpolicies",
		"--namespace=default", "-o", "name")
	if err != nil {
		return false, fmt.Errorf("look at namespace default: %w: %s", err, out)
	}
	return strings.TrimSpace(strings.NewReplacer("service/kubernetes\n", "", "configmap/kube-root-ca.crt\n", "").Replace(out)) != "", nil
}
