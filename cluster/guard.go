package cluster

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/dynamic"

	"github.com/k8stutor/k8stutor/lessons"
)

// The labels by which k8stutor knows what it made.
const (
	labelManagedBy = "app.kubernetes.io/managed-by"
	managedBy      = "k8stutor"
	labelLesson    = "k8stutor.dev/lesson"
	labelCourse    = "k8stutor.dev/course"    // of somebody else's course
	labelOwner     = "k8stutor.dev/owner"     // whose it is: a random id of the learner's, see ownerID
	labelWorkspace = "k8stutor.dev/workspace" // on objects outside of namespaces: for whose sake they are there
)

// guard stands before every change: it asks the cluster, just before, whether
// a namespace is a workspace of k8stutor. This file is the only one that
// deletes anything.
type guard struct{ *conn }

// admit returns the live namespace of a workspace, or a Guarded error when it
// is not ours or not the one that ws means. A namespace that does not exist is
// a NotFound error of the API server.
func (g guard) admit(ctx context.Context, op string, ws lessons.Workspace) (*unstructured.Unstructured, error) {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	ns, err := g.resource(kindNamespace(), "").Get(ctx, ws.Namespace, metav1.GetOptions{})
	if apierrors.IsNotFound(err) {
		return nil, err
	}
	if err != nil {
		return nil, g.at.fail(op, err)
	}
	if !isOurs(ns) {
		return nil, g.refuse(op, fmt.Errorf("namespace %s was not made by k8stutor (it lacks the label %s=%s)", ws.Namespace, labelManagedBy, managedBy),
			say("k8stutor leaves it alone. Delete or rename it yourself if it is not needed, or use another cluster: `k8stutor --cluster sandbox`.",
				"k8stutor 不会改动它。如果不需要，请自行删除或改名，或者使用其他集群：`k8stutor --cluster sandbox`。"))
	}
	if ws.UID != "" && string(ns.GetUID()) != ws.UID {
		return nil, g.refuse(op, fmt.Errorf("namespace %s is not the one this exercise was started in: it was deleted and made again", ws.Namespace), hintAnew(ws))
	}
	return ns, nil
}

// delete deletes one object of a workspace, or, for a ref of kind Namespace,
// the workspace itself. It returns the uid of what is being deleted, "" when
// there is nothing of that name.
func (g guard) delete(ctx context.Context, ws lessons.Workspace, ref lessons.Ref) (string, error) {
	op := "delete " + describe(ref)
	isWorkspace := ref.Kind == kindNamespace() && ref.Name == ws.Namespace
	if slices.Contains(lessons.ClusterScopedKinds(), ref.Kind) {
		return g.deleteScoped(ctx, ws, ref)
	}
	if !isWorkspace && (!ref.Kind.Namespaced || ref.Namespace != ws.Namespace) {
		return "", g.refuse(op, fmt.Errorf("it is not in the workspace %s", ws.Namespace),
			say("k8stutor deletes only what is in its own namespaces.", "k8stutor 只删除自己命名空间里的对象。"))
	}
	ns, err := g.admit(ctx, op, ws)
	if apierrors.IsNotFound(err) {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	uid := ns.GetUID()
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	resource, err := g.change(op, ref.Kind, ref.Namespace, false)
	if err != nil {
		return "", err
	}
	if !isWorkspace {
		live, err := resource.Get(ctx, ref.Name, metav1.GetOptions{})
		if apierrors.IsNotFound(err) && !isUnknownKind(err) {
			return "", nil
		}
		if err != nil {
			return "", g.at.fail(op, err)
		}
		uid = live.GetUID()
		if err := g.release(ctx, ws, ref.Kind, live); err != nil {
			return "", err
		}
	}
	background := metav1.DeletePropagationBackground
	err = resource.Delete(ctx, ref.Name, metav1.DeleteOptions{
		Preconditions:     &metav1.Preconditions{UID: &uid},
		PropagationPolicy: &background,
	})
	switch {
	case apierrors.IsNotFound(err):
		return "", nil
	case apierrors.IsConflict(err) && isWorkspace && ns.GetDeletionTimestamp() != nil:
		return string(uid), nil // it is being deleted already
	case err != nil:
		return "", g.at.fail(op, err)
	}
	return string(uid), nil
}

// deleteScoped deletes one object outside of namespaces, if it was planted for
// the workspace. It returns the uid of what is being deleted, "" when there is
// nothing of that name.
func (g guard) deleteScoped(ctx context.Context, ws lessons.Workspace, ref lessons.Ref) (string, error) {
	op := "delete " + describe(ref)
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	resource, err := g.change(op, ref.Kind, "", false)
	if err != nil {
		return "", err
	}
	live, err := resource.Get(ctx, ref.Name, metav1.GetOptions{})
	switch {
	case apierrors.IsNotFound(err) && !isUnknownKind(err):
		return "", nil
	case err != nil:
		return "", g.at.fail(op, err)
	case !isScopedOf(live, ws):
		return "", g.refuseTaken(op, ref, ws)
	}
	uid, version := live.GetUID(), live.GetResourceVersion()
	// The version too: a label that was taken off in between counts.
	err = resource.Delete(ctx, ref.Name, metav1.DeleteOptions{Preconditions: &metav1.Preconditions{UID: &uid, ResourceVersion: &version}})
	switch {
	case apierrors.IsNotFound(err):
		return "", nil
	case err != nil:
		return "", g.at.fail(op, err)
	}
	return string(uid), nil
}

// change returns what changes objects of a kind, or why nothing may be changed
// now. makes says that something new may come of it, for which a learner has to
// agree on a cluster that is not theirs alone; what is ours may be deleted anyway.
func (g guard) change(op string, k lessons.Kind, namespace string, makes bool) (dynamic.ResourceInterface, error) {
	if err := g.permitted(op, makes); err != nil {
		return nil, err
	}
	return g.client(k, namespace), nil
}

// ownFinalizers is the domain of the finalizers that lessons plant.
const ownFinalizers = "k8stutor.dev/"

// release takes k8stutor's own finalizers off an object of a workspace, if it was
// planted by k8stutor, so that it can go. Those of others are theirs to take off.
func (g guard) release(ctx context.Context, ws lessons.Workspace, k lessons.Kind, live *unstructured.Unstructured) error {
	own := func(finalizer string) bool { return strings.HasPrefix(finalizer, ownFinalizers) }
	if live.GetLabels()[labelManagedBy] != managedBy || live.GetNamespace() != ws.Namespace || !slices.ContainsFunc(live.GetFinalizers(), own) {
		return nil
	}
	op := "release " + live.GetKind() + "/" + live.GetName() + " in " + ws.Namespace
	client, err := g.change(op, k, ws.Namespace, false)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	patch, err := json.Marshal(map[string]any{"metadata": map[string]any{
		"resourceVersion": live.GetResourceVersion(),
		"finalizers":      slices.DeleteFunc(slices.Clone(live.GetFinalizers()), own),
	}})
	if err != nil {
		return err
	}
	_, err = client.Patch(ctx, live.GetName(), types.MergePatchType, patch, metav1.PatchOptions{FieldManager: managedBy})
	if apierrors.IsNotFound(err) || apierrors.IsConflict(err) {
		return nil // it is gone, or has changed and is looked at again
	}
	return g.at.fail(op, err)
}

func (g guard) refuse(op string, err error, hint lessons.Text) error {
	return &lessons.ClusterError{Trouble: lessons.Guarded, Op: op, Server: g.at.server, Err: err, Hint: hint}
}

// isOurs reports whether a live namespace is a workspace of k8stutor.
func isOurs(ns *unstructured.Unstructured) bool {
	labels := ns.GetLabels()
	return labels[labelManagedBy] == managedBy && labels[labelLesson] != ""
}

func hintAnew(ws lessons.Workspace) lessons.Text {
	return say("Start the exercise anew: `k8stutor reset %s`.", "请重新开始练习：`k8stutor reset %s`。", ws.Lesson)
}

// errGone is why a workspace cannot be used when its namespace is missing.
var errGone = errors.New("the namespace of the exercise does not exist any more")
