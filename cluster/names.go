package cluster

import (
	"context"
	"crypto/sha256"
	"encoding/hex"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/types"

	"github.com/k8stutor/k8stutor/lessons"
)

// Two learners on one cluster never get the same workspace. On a cluster that is
// not theirs alone its name ends in something of the learner's own; on their own
// cluster it is the plain "k8stutor-<lesson>", unless somebody else has that. A
// label says whose it is. Nothing has to be locked: to make a namespace that is
// there already fails, and whoever comes second looks again.

// found is the namespace of a workspace, live or to be made.
type found struct {
	name string
	live *unstructured.Unstructured // nil when it has to be made
	// unclaimed is one of before there were owners.
	unclaimed bool
}

// find looks for the learner's workspace of a lesson.
func (c *Cluster) find(ctx context.Context, conn *conn, op, lesson string) (found, error) {
	plain, own := namespaceOf(lesson), ownNamespaceOf(lesson, c.owner)
	if conn.foreign() {
		if live, err := conn.ours(ctx, op, own); err != nil || live != nil {
			return found{name: own, live: live}, err
		}
		// One of before there were owners belongs to whoever comes first.
		live, err := conn.ours(ctx, op, plain)
		if err != nil && explainedTrouble(err) != lessons.Guarded {
			return found{name: own}, err
		}
		if err == nil && live != nil && ownerOf(live) == "" {
			return found{name: plain, live: live, unclaimed: true}, nil
		}
		return found{name: own}, nil
	}
	live, err := conn.ours(ctx, op, plain)
	if err != nil || live == nil {
		return found{name: plain}, err
	}
	if owner := ownerOf(live); owner == "" || owner == c.owner || own == plain {
		return found{name: plain, live: live, unclaimed: owner == "" && c.owner != ""}, nil
	}
	live, err = conn.ours(ctx, op, own)
	return found{name: own, live: live}, err
}

// ours returns the live namespace of that name, nil when there is none, and a
// Guarded error when it is not k8stutor's.
func (c *conn) ours(ctx context.Context, op, name string) (*unstructured.Unstructured, error) {
	live, err := guard{c}.admit(ctx, op, lessons.Workspace{Namespace: name})
	if apierrors.IsNotFound(err) {
		return nil, nil
	}
	return live, err
}

// claim writes the learner's id on a workspace that has none. A conflict means
// that it has changed meanwhile: somebody else may have been first.
func (c *conn) claim(ctx context.Context, live *unstructured.Unstructured, owner string) error {
	namespaces, err := guard{c}.change("claim namespace "+live.GetName(), kindNamespace(), "", true)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	patch := `{"metadata":{"resourceVersion":"` + live.GetResourceVersion() + `","labels":{"` + labelOwner + `":"` + owner + `"}}}`
	_, err = namespaces.Patch(ctx, live.GetName(), types.MergePatchType, []byte(patch), metav1.PatchOptions{FieldManager: managedBy})
	return err
}

// ownerOf is the id of the learner whose workspace a namespace is; "" when it was
// made before workspaces had owners.
func ownerOf(ns *unstructured.Unstructured) string { return ns.GetLabels()[labelOwner] }

// mostNamespace is how long the name of a namespace can be.
const mostNamespace = 63

// ownNamespaceOf is the namespace of a workspace that cannot have the plain name.
func ownNamespaceOf(lesson, owner string) string {
	plain := namespaceOf(lesson)
	if owner == "" {
		return plain
	}
	sum := sha256.Sum256([]byte(owner + "\n" + lesson))
	suffix := "-" + hex.EncodeToString(sum[:3])
	if len(plain)+len(suffix) > mostNamespace {
		plain = plain[:mostNamespace-len(suffix)]
	}
	return plain + suffix
}
