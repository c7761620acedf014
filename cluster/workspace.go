package cluster

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/k8stutor/k8stutor/lessons"
)

const (
	// prepareTimeout bounds how long a new namespace may take to get its
	// ServiceAccount.
	prepareTimeout = 15 * time.Second
	// goneTimeout bounds how long a deleted object may take to go: Pods have 30
	// seconds to end.
	goneTimeout = 90 * time.Second
	// clearTimeout bounds the same for a namespace with everything in it.
	clearTimeout = 3 * time.Minute
	// pollInterval is how often the end of something is asked for.
	pollInterval = 50 * time.Millisecond
)

func kindNamespace() lessons.Kind {
	return lessons.Kind{Version: "v1", Kind: "Namespace", Resource: "namespaces"}
}

func kindServiceAccount() lessons.Kind {
	return lessons.Kind{Version: "v1", Kind: "ServiceAccount", Resource: "serviceaccounts", Namespaced: true}
}

func kindConfigMap() lessons.Kind {
	return lessons.Kind{Version: "v1", Kind: "ConfigMap", Resource: "configmaps", Namespaced: true}
}

// Prepare makes the workspace of a lesson, or finds the one that is there. It
// returns when Pods can be made in it. On a cluster that is not the learner's
// alone it fails with Unapproved until they agreed; see Approve.
func (c *Cluster) Prepare(ctx context.Context, lesson string) (lessons.Workspace, error) {
	conn, err := c.identify(ctx)
	plain := namespaceOf(lesson)
	ws := lessons.Workspace{Lesson: lesson, Namespace: plain, Cluster: c.chosen.name, ClusterUID: c.identity()}
	op := "make namespace " + plain
	if !validLabel(plain) {
		return ws, conn.at.fail(op, &lessons.ClusterError{Trouble: lessons.Refused, Op: op, Server: conn.at.server,
			Err:  errors.New("not a valid name: at most 63 lower case letters, digits and '-'"),
			Hint: say("The id of the lesson is too long or has other characters; tell its author.", "课程编号过长或含有其他字符，请告知课程作者。")})
	}
	if err != nil {
		return ws, err
	}
	if c.Unapproved() {
		return ws, guard{conn}.permitted(op, true)
	}
	ctx, cancel := context.WithTimeout(ctx, clearTimeout)
	defer cancel()
	for {
		found, err := c.find(ctx, conn, op, lesson)
		if err != nil {
			return ws, err
		}
		if found.unclaimed && !c.permit.readOnly {
			err := conn.claim(ctx, found.live, c.owner)
			if apierrors.IsConflict(err) {
				continue
			}
			if err != nil && conn.foreign() { // whoever may not claim it cannot keep others out
				found.name, found.live = ownNamespaceOf(lesson, c.owner), nil
			}
		}
		ws.Namespace = found.name
		ns := found.live
		if ns == nil {
			op = "make namespace " + ws.Namespace
			ns, err = conn.makeNamespace(ctx, op, ws, c.owner)
			if apierrors.IsAlreadyExists(err) {
				continue
			}
			if err != nil {
				return ws, conn.at.fail(op, err)
			}
		}
		if ns.GetDeletionTimestamp() == nil {
			ws.UID = string(ns.GetUID())
			if err := conn.limit(ctx, ws); err != nil {
				return ws, err
			}
			return ws, conn.waitUsable(ctx, ws)
		}
		if err := conn.waitEnded(ctx, ws, string(ns.GetUID()), stillFor); err != nil {
			return ws, err
		}
	}
}

func (c *conn) makeNamespace(ctx context.Context, op string, ws lessons.Workspace, owner string) (*unstructured.Unstructured, error) {
	namespaces, err := guard{c}.change(op, kindNamespace(), "", true)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	ns := &unstructured.Unstructured{Object: map[string]any{
		"apiVersion": "v1",
		"kind":       "Namespace",
		"metadata": map[string]any{
			"name":   ws.Namespace,
			"labels": c.labelsOf(ws.Lesson, owner),
		},
	}}
	return namespaces.Create(ctx, ns, metav1.CreateOptions{FieldManager: managedBy})
}

// namespaceOf is the namespace of a lesson's workspace. The ids of courses and
// lessons have no two dashes in a row, so no two lessons get the same.
func namespaceOf(lesson string) string {
	return "k8stutor-" + strings.Replace(lesson, "/", "--", 1)
}

// labelsOf are the labels of a lesson's workspace. In that of another person's
// course, and outside of the sandbox in every one, the API server refuses Pods
// that leave their containers.
func (c *conn) labelsOf(lesson, owner string) map[string]any {
	labels := map[string]any{labelManagedBy: managedBy, labelLesson: lesson}
	if owner != "" {
		labels[labelOwner] = owner
	}
	course, id, others := strings.Cut(lesson, "/")
	if others {
		labels[labelCourse], labels[labelLesson] = course, id
	}
	if others || c.limited() {
		labels["pod-security.kubernetes.io/enforce"] = "baseline"
	}
	return labels
}

// lessonOf is the lesson of a workspace, as labelsOf labelled it.
func lessonOf(ns *unstructured.Unstructured) string {
	labels := ns.GetLabels()
	if course := labels[labelCourse]; course != "" {
		return course + "/" + labels[labelLesson]
	}
	return labels[labelLesson]
}

// waitUsable waits for what controllers put into a new namespace and Pods
// need: without its default ServiceAccount a Pod is refused, without the
// cluster's certificates its start is delayed.
func (c *conn) waitUsable(ctx context.Context, ws lessons.Workspace) error {
	ctx, cancel := context.WithTimeout(ctx, prepareTimeout)
	defer cancel()
	op := "wait for the ServiceAccount of namespace " + ws.Namespace
	err := c.waitFor(ctx, lessons.Ref{Kind: kindServiceAccount(), Namespace: ws.Namespace, Name: "default"})
	if apierrors.IsForbidden(err) {
		return nil // who may not look has to take the risk
	}
	if errors.Is(err, context.DeadlineExceeded) {
		trouble := c.at.explain(op, err)
		trouble.Hint = say("The namespace is there, but the controller manager gives it no ServiceAccount: without that no Pod starts. Is kube-controller-manager running?",
			"命名空间已经存在，但控制器管理器没有为它创建 ServiceAccount，这样 Pod 都无法启动。kube-controller-manager 在运行吗？")
		return trouble
	}
	if err != nil {
		return c.at.fail(op, err)
	}
	short, cancelShort := context.WithTimeout(ctx, 2*time.Second)
	defer cancelShort()
	if err := c.waitFor(short, lessons.Ref{Kind: kindConfigMap(), Namespace: ws.Namespace, Name: "kube-root-ca.crt"}); err != nil && ctx.Err() != nil {
		return c.at.fail(op, ctx.Err())
	}
	return nil
}

// waitFor waits until an object exists.
func (c *conn) waitFor(ctx context.Context, ref lessons.Ref) error {
	for {
		_, err := c.resource(ref.Kind, ref.Namespace).Get(ctx, ref.Name, metav1.GetOptions{})
		if !apierrors.IsNotFound(err) {
			return err
		}
		if err := pause(ctx, pollInterval); err != nil {
			return err
		}
	}
}

// waitGone waits until the object of that uid is gone.
func (c *conn) waitGone(ctx context.Context, ref lessons.Ref, uid string) error {
	op := fmt.Sprintf("wait until %s is gone", describe(ref))
	for {
		call, cancel := context.WithTimeout(ctx, callTimeout)
		live, err := c.resource(ref.Kind, ref.Namespace).Get(call, ref.Name, metav1.GetOptions{})
		cancel()
		switch {
		case apierrors.IsNotFound(err), err == nil && string(live.GetUID()) != uid:
			return nil
		case err != nil:
			return c.at.fail(op, err)
		}
		if err := pause(ctx, pollInterval); err != nil {
			return c.at.fail(op, err)
		}
	}
}

// Remove deletes single objects from the workspace and waits until they are
// gone; ones that do not exist are fine.
func (c *Cluster) Remove(ctx context.Context, ws lessons.Workspace, refs []lessons.Ref) error {
	conn := c.current()
	ctx, cancel := context.WithTimeout(ctx, goneTimeout)
	defer cancel()
	going := map[lessons.Ref]string{}
	for _, ref := range refs {
		if ref.Namespace == "" && ref.Kind.Namespaced {
			ref.Namespace = ws.Namespace
		}
		uid, err := guard{conn}.delete(ctx, ws, ref)
		if err != nil {
			return err
		}
		if uid != "" {
			going[ref] = uid
		}
	}
	for ref, uid := range going {
		if err := conn.waitGone(ctx, ref, uid); err != nil {
			return err
		}
	}
	return nil
}

// Clear deletes the workspace with everything in it, and what was planted for it
// outside of namespaces, and waits for their end.
func (c *Cluster) Clear(ctx context.Context, ws lessons.Workspace) error {
	conn := c.current()
	ctx, cancel := context.WithTimeout(ctx, clearTimeout)
	defer cancel()
	ref := lessons.Ref{Kind: kindNamespace(), Name: ws.Namespace}
	uid, err := guard{conn}.delete(ctx, ws, ref)
	if err == nil && uid != "" {
		err = conn.waitEnded(ctx, ws, uid, stillFor)
	}
	if err != nil {
		return err
	}
	return conn.clearScoped(ctx, ws)
}

// Workspaces lists the learner's workspaces on this cluster.
func (c *Cluster) Workspaces(ctx context.Context) ([]lessons.Workspace, error) {
	conn := c.current()
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	list, err := conn.resource(kindNamespace(), "").List(ctx, metav1.ListOptions{LabelSelector: labelManagedBy + "=" + managedBy + "," + labelLesson})
	if err != nil {
		return nil, conn.at.fail("list k8stutor's namespaces", err)
	}
	var all []lessons.Workspace
	for _, ns := range list.Items {
		if owner := ownerOf(&ns); owner != "" && owner != c.owner {
			continue
		}
		all = append(all, lessons.Workspace{
			Lesson:     lessonOf(&ns),
			Namespace:  ns.GetName(),
			UID:        string(ns.GetUID()),
			Cluster:    c.chosen.name,
			ClusterUID: c.identity(),
		})
	}
	return all, nil
}

// validLabel reports whether s can be the name of a namespace.
func validLabel(s string) bool {
	ok, err := regexp.MatchString(`^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$`, s)
	return err == nil && ok
}
