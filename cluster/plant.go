package cluster

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"

	"github.com/k8stutor/k8stutor/lessons"
)

// plantTries bounds how often a planted object is written again because
// something else changed it at the same moment.
const plantTries = 5

// Plant makes the objects in the workspace, replacing those of the same kind
// and name: whatever the learner did to them is undone. Objects outside of
// namespaces are made on the sandbox and minikube only, and replace only what
// was planted for the same workspace.
func (c *Cluster) Plant(ctx context.Context, ws lessons.Workspace, objects []lessons.Object) error {
	conn := c.current()
	ctx, cancel := context.WithTimeout(ctx, goneTimeout)
	defer cancel()
	ns, err := guard{conn}.admit(ctx, "plant objects in "+ws.Namespace, ws)
	if apierrors.IsNotFound(err) || err == nil && ns.GetDeletionTimestamp() != nil {
		return guard{conn}.refuse("plant objects in "+ws.Namespace, errGone, hintAnew(ws))
	}
	if err != nil {
		return err
	}
	for _, object := range objects {
		planted, ref, err := conn.plantable(ws, object)
		if err != nil {
			return err
		}
		if err := conn.plant(ctx, ws, ref, planted); err != nil {
			return err
		}
	}
	return nil
}

// plantable checks that an object belongs into a workspace and returns what
// to write, with k8stutor's label on it.
func (c *conn) plantable(ws lessons.Workspace, object lessons.Object) (*unstructured.Unstructured, lessons.Ref, error) {
	planted := &unstructured.Unstructured{Object: runtime.DeepCopyJSON(object)}
	op := fmt.Sprintf("plant %s/%s", planted.GetKind(), planted.GetName())
	kind, ok := lessons.KindNamed(planted.GetKind())
	if !ok || kind.APIVersion() != planted.GetAPIVersion() {
		return nil, lessons.Ref{}, &lessons.ClusterError{
			Trouble: lessons.UnknownKind, Op: op, Server: c.at.server,
			Err:  fmt.Errorf("kind %s of %s is not one that lessons can plant", planted.GetKind(), planted.GetAPIVersion()),
			Hint: say("The fault is in the lesson; tell its author.", "这是课程中的错误，请告知课程作者。"),
		}
	}
	var wrong error
	switch {
	case !kind.Namespaced && !slices.Contains(lessons.ClusterScopedKinds(), kind):
		wrong = fmt.Errorf("objects of kind %s, which live outside of namespaces, are never made", kind.Kind)
	case !kind.Namespaced && !c.mayPlantScoped():
		return nil, lessons.Ref{}, c.refuseScoped(op)
	case planted.GetNamespace() != "" && planted.GetNamespace() != ws.Namespace:
		wrong = fmt.Errorf("it is meant for namespace %s and not for the workspace %s", planted.GetNamespace(), ws.Namespace)
	case planted.GetName() == "":
		wrong = errors.New("it has no name")
	}
	if wrong != nil {
		return nil, lessons.Ref{}, guard{c}.refuse(op, wrong, say("The fault is in the lesson; tell its author.", "这是课程中的错误，请告知课程作者。"))
	}
	ref := lessons.Ref{Kind: kind, Name: planted.GetName()}
	labels := maps.Clone(planted.GetLabels())
	if labels == nil {
		labels = map[string]string{}
	}
	labels[labelManagedBy] = managedBy
	if kind.Namespaced {
		ref.Namespace = ws.Namespace
		planted.SetNamespace(ws.Namespace)
	} else {
		labels[labelWorkspace] = ws.Namespace
	}
	planted.SetLabels(labels)
	return planted, ref, nil
}

// plant creates one object, or replaces it: in place where the API server
// allows it, else by deleting it first.
func (c *conn) plant(ctx context.Context, ws lessons.Workspace, ref lessons.Ref, planted *unstructured.Unstructured) error {
	op := "plant " + describe(ref)
	var last error
	for range plantTries {
		again, err := c.plantOnce(ctx, ws, ref, planted)
		if !again {
			return c.at.fail(op, err)
		}
		last = err
	}
	return c.at.fail(op, last)
}

// plantOnce says whether it is worth another try.
func (c *conn) plantOnce(ctx context.Context, ws lessons.Workspace, ref lessons.Ref, planted *unstructured.Unstructured) (again bool, err error) {
	call, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	resource, err := guard{c}.change("plant "+describe(ref), ref.Kind, ref.Namespace, true)
	if err != nil {
		return false, err
	}
	live, err := resource.Get(call, ref.Name, metav1.GetOptions{})
	if apierrors.IsNotFound(err) && !isUnknownKind(err) {
		_, err = resource.Create(call, planted.DeepCopy(), metav1.CreateOptions{FieldManager: managedBy, FieldValidation: metav1.FieldValidationStrict})
		return apierrors.IsAlreadyExists(err), err
	}
	if err != nil {
		return false, err
	}
	if !ref.Kind.Namespaced && !isScopedOf(live, ws) {
		return false, guard{c}.refuseTaken("plant "+describe(ref), ref, ws)
	}
	if live.GetDeletionTimestamp() != nil {
		return true, errors.Join(errStillThere, c.waitGone(ctx, ref, string(live.GetUID())))
	}
	update := planted.DeepCopy()
	update.SetResourceVersion(live.GetResourceVersion())
	_, err = resource.Update(call, update, metav1.UpdateOptions{FieldManager: managedBy, FieldValidation: metav1.FieldValidationStrict})
	switch {
	case err == nil:
		return false, nil
	case apierrors.IsConflict(err), apierrors.IsNotFound(err):
		return true, err
	case !apierrors.IsInvalid(err):
		return false, err
	}
	// What is immutable (a Pod's containers, a Deployment's selector) or really
	// invalid: making it anew tells which.
	uid, err := guard{c}.delete(ctx, ws, ref)
	if err != nil || uid == "" {
		return uid == "", err
	}
	return true, errors.Join(errStillThere, c.waitGone(ctx, ref, uid))
}

// errStillThere is what remains to be said when an object comes back each
// time it is deleted.
var errStillThere = errors.New("the object of that name keeps coming back")
