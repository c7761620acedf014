package cluster

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	utiljson "k8s.io/apimachinery/pkg/util/json"
	"k8s.io/apimachinery/pkg/watch"
	"k8s.io/client-go/tools/cache"
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
func (p *part) keeps(name string, created time.Time) bool {
	p.f.mu.Lock()
	defer p.f.mu.Unlock()
	switch {
	case !created.Before(p.f.since), p.old[name]:
		return true
	case len(p.old) >= mostOld:
		return false
	}
	if p.old == nil {
		p.old = map[string]bool{}
	}
	p.old[name] = true
	return true
}

// forgetOld starts the counting anew, for a list that begins.
func (p *part) forgetOld() {
	p.f.mu.Lock()
	defer p.f.mu.Unlock()
	p.old = nil
}

// pageSize is how many objects of others are received at a time.
const pageSize = 100

// listAside lists a page of what is kept. The others are told by their names and
// ages alone: decoded whole, thousands of them would cost more than they weigh.
func (p *part) listAside(ctx context.Context, conn *conn, o metav1.ListOptions) (*unstructured.UnstructuredList, error) {
	if o.Continue == "" {
		p.forgetOld()
	}
	request := conn.rest.Get().AbsPath(groupPath(p.kind.APIVersion()), "namespaces", p.namespace, p.kind.Resource).MaxRetries(0).
		Param("limit", strconv.Itoa(pageSize))
	if o.Continue != "" {
		request.Param("continue", o.Continue)
	}
	data, err := request.Do(ctx).Raw()
	if err != nil {
		return nil, err
	}
	var page struct {
		Metadata metav1.ListMeta   `json:"metadata"`
		Items    []json.RawMessage `json:"items"`
	}
	if err := json.Unmarshal(data, &page); err != nil {
		return nil, fmt.Errorf("read the list of %s: %w", p.kind.Resource, err)
	}
	list := &unstructured.UnstructuredList{Object: map[string]any{"apiVersion": p.kind.APIVersion(), "kind": p.kind.Kind + "List"}}
	list.SetResourceVersion(page.Metadata.ResourceVersion)
	list.SetContinue(page.Metadata.Continue)
	for _, item := range page.Items {
		var head struct {
			Metadata struct {
				Name              string      `json:"name"`
				CreationTimestamp metav1.Time `json:"creationTimestamp"`
			} `json:"metadata"`
		}
		if err := json.Unmarshal(item, &head); err != nil {
			return nil, fmt.Errorf("read the list of %s: %w", p.kind.Resource, err)
		}
		if !p.keeps(head.Metadata.Name, head.Metadata.CreationTimestamp.Time) {
			continue
		}
		u := unstructured.Unstructured{Object: map[string]any{}}
		if err := utiljson.Unmarshal(item, &u.Object); err != nil { // whole numbers stay whole
			return nil, fmt.Errorf("read the list of %s: %w", p.kind.Resource, err)
		}
		u.SetAPIVersion(p.kind.APIVersion())
		u.SetKind(p.kind.Kind)
		list.Items = append(list.Items, u)
	}
	return list, nil
}

// listed has a reflector list before it watches, and not have the list streamed:
// what streams is decoded whole.
type listed struct{ *cache.ListWatch }

// IsWatchListSemanticsUnSupported is how the client library asks for that.
func (listed) IsWatchListSemanticsUnSupported() bool { return true }

// sifted is a watch without the objects that are not kept.
func (p *part) sifted(w watch.Interface) watch.Interface {
	return watch.Filter(w, func(e watch.Event) (watch.Event, bool) {
		u, ok := e.Object.(*unstructured.Unstructured)
		if !ok || e.Type != watch.Added && e.Type != watch.Modified {
			return e, true
		}
		return e, p.keeps(u.GetName(), u.GetCreationTimestamp().Time)
	})
}
