package cluster

import (
	"context"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/watch"
)

// Namespace default is watched too, for work that was meant for the workspace. On
// a cluster that others use it may hold thousands of their objects, none of which
// is that: what was there before the workspace was is not the learner's. Only some
// of it is kept, for lessons that show what a cluster has from the start.

// mostOld is how many objects of a kind are kept that are older than the workspace.
const mostOld = 100

// workspaceSince asks when the namespace of the workspace was made. While that is
// not known, everything counts as older.
func (f *follower) workspaceSince(ctx context.Context, conn *conn) time.Time {
	ctx, cancel := context.WithTimeout(ctx, probeTimeout)
	defer cancel()
	ns, err := conn.resource(kindNamespace(), "").Get(ctx, f.ws.Namespace, metav1.GetOptions{})
	if err != nil {
		return time.Now().Add(24 * time.Hour)
	}
	return ns.GetCreationTimestamp().Time
}

// keeps reports whether an object that is not in the workspace is kept.
func (p *part) keeps(u *unstructured.Unstructured) bool {
	p.f.mu.Lock()
	defer p.f.mu.Unlock()
	if !u.GetCreationTimestamp().Time.Before(p.f.since) {
		return true
	}
	key := u.GetName()
	if namespace := u.GetNamespace(); namespace != "" {
		key = namespace + "/" + key
	}
	if p.old[key] {
		return true
	}
	if len(p.old) >= mostOld {
		return false
	}
	if p.old == nil {
		p.old = map[string]bool{}
	}
	p.old[key] = true
	return true
}

// forgetOld starts the counting anew, for a list that begins.
func (p *part) forgetOld() {
	p.f.mu.Lock()
	defer p.f.mu.Unlock()
	p.old = nil
}

// sift takes out of a page of a list what is not kept.
func (p *part) sift(list *unstructured.UnstructuredList) {
	kept := make([]unstructured.Unstructured, 0, min(len(list.Items), mostOld))
	for i := range list.Items {
		if p.keeps(&list.Items[i]) {
			kept = append(kept, list.Items[i])
		}
	}
	list.Items = kept
}

// sifted is a watch without the objects that are not kept.
func (p *part) sifted(w watch.Interface) watch.Interface {
	return watch.Filter(w, func(e watch.Event) (watch.Event, bool) {
		u, ok := e.Object.(*unstructured.Unstructured)
		if !ok || e.Type != watch.Added && e.Type != watch.Modified {
			return e, true
		}
		return e, p.keeps(u)
	})
}
