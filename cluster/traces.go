package cluster

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"sync"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/k8stutor/k8stutor/lessons"
)

// Trace is one thing that k8stutor made on a cluster and that holds others: the
// namespace of a workspace, or an object outside of namespaces.
type Trace struct {
	Ref    lessons.Ref
	UID    string
	Lesson string // of a namespace
	For    string // of an object outside of namespaces: the namespace for whose sake it is there
	// Mine is false for what another learner made, by the label of their id.
	Mine   bool
	Ending bool    // it is being deleted
	Holds  []Count // of a namespace: what is in it, of the kinds that lessons know
}

// Count is how many objects there are of a kind.
type Count struct {
	Kind string
	N    int
}

// Leftover is what Sweep could not remove, and why.
type Leftover struct {
	Trace
	Why error // a *lessons.ClusterError
}

// Traces lists everything that k8stutor has made on this cluster, by its labels.
func (c *Cluster) Traces(ctx context.Context) ([]Trace, error) {
	conn := c.current()
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	list, err := conn.resource(kindNamespace(), "").List(ctx, metav1.ListOptions{LabelSelector: labelManagedBy + "=" + managedBy + "," + labelLesson})
	if err != nil {
		return nil, conn.at.fail("list k8stutor's namespaces", err)
	}
	var all []Trace
	others := map[string]bool{}
	for _, ns := range list.Items {
		owner := ownerOf(&ns)
		mine := owner == "" || owner == c.owner
		others[ns.GetName()] = !mine
		all = append(all, Trace{Ref: lessons.Ref{Kind: kindNamespace(), Name: ns.GetName()}, UID: string(ns.GetUID()),
			Lesson: lessonOf(&ns), Mine: mine, Ending: ns.GetDeletionTimestamp() != nil})
	}
	conn.count(ctx, all)
	for _, kind := range lessons.ClusterScopedKinds() {
		list, err := conn.resource(kind, "").List(ctx, metav1.ListOptions{LabelSelector: labelManagedBy + "=" + managedBy + "," + labelWorkspace})
		if apierrors.IsForbidden(err) || apierrors.IsNotFound(err) {
			continue // who may not look has made none
		}
		if err != nil {
			return nil, conn.at.fail("list what k8stutor made outside of namespaces", err)
		}
		for _, live := range list.Items {
			workspace := live.GetLabels()[labelWorkspace]
			all = append(all, Trace{Ref: lessons.Ref{Kind: kind, Name: live.GetName()}, UID: string(live.GetUID()),
				For: workspace, Mine: !others[workspace], Ending: live.GetDeletionTimestamp() != nil})
		}
	}
	return all, nil
}

// count counts what is in the namespaces. It tells no more than it can find out.
func (c *conn) count(ctx context.Context, traces []Trace) {
	type job struct {
		trace *Trace
		kind  lessons.Kind
	}
	jobs := make(chan job)
	var mu sync.Mutex
	var counting sync.WaitGroup
	for range askAtOnce {
		counting.Go(func() {
			for j := range jobs {
				n := c.countKind(ctx, j.kind, j.trace.Ref.Name)
				if n == 0 {
					continue
				}
				mu.Lock()
				j.trace.Holds = append(j.trace.Holds, Count{j.kind.Kind, n})
				mu.Unlock()
			}
		})
	}
	for i := range traces {
		for _, name := range lessons.KindNames() {
			k, _ := lessons.KindNamed(name)
			// Events and endpoints are nobody's work.
			if k.Namespaced && k.Kind != "Event" && k.Kind != "Endpoints" && k.Kind != "EndpointSlice" && k.Kind != "Lease" {
				jobs <- job{&traces[i], k}
			}
		}
	}
	close(jobs)
	counting.Wait()
	for i := range traces {
		slices.SortFunc(traces[i].Holds, func(a, b Count) int { return cmp.Compare(a.Kind, b.Kind) })
	}
}

// countKind counts the objects of a kind that are not in every namespace.
func (c *conn) countKind(ctx context.Context, k lessons.Kind, namespace string) int {
	list, err := c.resource(k, namespace).List(ctx, metav1.ListOptions{})
	if err != nil {
		return 0
	}
	n := 0
	for _, item := range list.Items {
		item.SetKind(k.Kind)
		usual := k.Kind == "ConfigMap" && item.GetName() == "kube-root-ca.crt" || k.Kind == "ServiceAccount" && item.GetName() == "default"
		if !usual && !isOurQuota(item.Object) {
			n++
		}
	}
	return n
}

// Sweep deletes the traces with everything in them and waits for their end. Then
// it asks the cluster anew, and returns which of them, or what else of the
// learner's, is still there and why. The error is for when that cannot be told.
func (c *Cluster) Sweep(ctx context.Context, traces []Trace) ([]Leftover, error) {
	conn := c.current()
	ctx, cancel := context.WithTimeout(ctx, clearTimeout)
	defer cancel()
	why := make([]error, len(traces))
	going := make([]string, len(traces))
	// All are told first and waited for after: their Pods end together. A volume
	// goes only when nothing claims it, so namespaces are first.
	for _, scoped := range []bool{false, true} {
		var waiting sync.WaitGroup
		for i, t := range traces {
			if (t.For != "") == scoped {
				going[i], why[i] = guard{conn}.delete(ctx, workspaceOf(t), t.Ref)
			}
		}
		for i, t := range traces {
			if (t.For != "") != scoped || why[i] != nil || going[i] == "" {
				continue
			}
			waiting.Go(func() {
				if scoped {
					why[i] = conn.waitGone(ctx, t.Ref, going[i])
				} else {
					why[i] = conn.waitEnded(ctx, workspaceOf(t), going[i], stillFor)
				}
			})
		}
		waiting.Wait()
	}
	if errors.Is(ctx.Err(), context.DeadlineExceeded) {
		late, cancel := context.WithTimeout(context.WithoutCancel(ctx), callTimeout)
		defer cancel()
		ctx = late
	}
	return c.proveGone(ctx, traces, why)
}

// proveGone asks the cluster what is left of the traces.
func (c *Cluster) proveGone(ctx context.Context, traces []Trace, why []error) ([]Leftover, error) {
	now, err := c.Traces(ctx)
	if err != nil {
		return nil, err
	}
	var left []Leftover
	for _, t := range now {
		i := slices.IndexFunc(traces, func(was Trace) bool { return was.Ref == t.Ref })
		if i < 0 {
			continue // made since, or meant to stay
		}
		reason := why[i]
		if reason == nil {
			reason = &lessons.ClusterError{Trouble: lessons.Refused, Op: "delete " + describe(t.Ref), Server: c.current().at.server,
				Err:  errors.New("it was deleted and is there again"),
				Hint: say("Another k8stutor may be at work on it; end that first.", "可能有另一个 k8stutor 正在使用它，请先退出那一个。")}
		}
		left = append(left, Leftover{t, reason})
	}
	return left, nil
}

// workspaceOf is the workspace that a trace is, or belongs to.
func workspaceOf(t Trace) lessons.Workspace {
	if t.For != "" {
		return lessons.Workspace{Namespace: t.For}
	}
	return lessons.Workspace{Lesson: t.Lesson, Namespace: t.Ref.Name, UID: t.UID}
}
