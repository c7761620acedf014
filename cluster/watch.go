package cluster

import (
	"context"
	"errors"
	"fmt"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/fields"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/apimachinery/pkg/watch"
	"k8s.io/client-go/tools/cache"

	"github.com/k8stutor/k8stutor/lessons"
)

const (
	retryFirst = 50 * time.Millisecond
	// retryMost keeps coming back fast: the API server is one learner's.
	retryMost = time.Second
	// retryDenied is for a server that answers, but with no: it will hardly
	// change its mind.
	retryDenied = 10 * time.Second
)

// follow lists and watches the part on a connection until ctx ends. Errors
// that may mean that the server is away are told to suspect, which must not
// block.
func (p *part) follow(ctx context.Context, conn *conn, suspect func()) {
	client := conn.resource(p.kind, p.namespace)
	narrow := func(o metav1.ListOptions) metav1.ListOptions {
		if p.itself {
			o.FieldSelector = fields.OneTermEqualSelector("metadata.name", p.f.ws.Namespace).String()
		}
		return o
	}
	backoff := wait.Backoff{Duration: retryFirst, Factor: 2, Steps: 6, Cap: retryMost}
	watched := &cache.ListWatch{
		ListWithContextFunc: func(ctx context.Context, o metav1.ListOptions) (runtime.Object, error) {
			ctx, cancel := context.WithTimeout(ctx, callTimeout)
			defer cancel()
			if o.ResourceVersion == "0" {
				o.ResourceVersion = "" // a check must see what was done just before it
			}
			if p.aside {
				return p.listAside(ctx, conn, o)
			}
			return client.List(ctx, narrow(o))
		},
		WatchFuncWithContext: func(ctx context.Context, o metav1.ListOptions) (watch.Interface, error) {
			w, err := client.Watch(ctx, narrow(o))
			if err != nil && isAway(err) {
				suspect() // a reflector keeps a refused connection to itself
			}
			if err != nil || !p.aside {
				return w, err
			}
			return p.sifted(w), nil
		},
	}
	var source cache.ListerWatcher = watched
	if p.aside {
		source = listed{watched}
	}
	reflector := cache.NewReflectorWithOptions(source, &unstructured.Unstructured{}, p, cache.ReflectorOptions{Name: "follow " + p.kind.Resource, Backoff: &backoff})

	delay := retryFirst
	for ctx.Err() == nil {
		began := time.Now()
		err := reflector.ListAndWatchWithContext(ctx)
		if ctx.Err() != nil {
			return
		}
		if time.Since(began) > 2*retryMost {
			delay = retryFirst
		}
		most := retryMost
		if err != nil && !isAway(err) {
			p.fail(conn.at.explain(p.op(), err))
			most = retryDenied
		} else {
			suspect()
		}
		if pause(ctx, delay) != nil {
			return
		}
		delay = min(2*delay, most)
	}
}

func (p *part) op() string {
	if p.namespace == "" {
		return "list " + p.kind.Resource
	}
	return fmt.Sprintf("list %s in %s", p.kind.Resource, p.namespace)
}

// fail notes why the kind cannot be read.
func (p *part) fail(err *lessons.ClusterError) {
	p.f.change(func() {
		p.err, p.fresh, p.changed = err, true, true
		p.objects = nil
	})
}

// The methods of cache.ReflectorStore.

// Add takes an object that was made.
func (p *part) Add(obj any) error { return p.Update(obj) }

// Update takes an object that was changed.
func (p *part) Update(obj any) error {
	object, key, err := received(obj)
	if err != nil || isOurQuota(object) {
		return err
	}
	p.f.change(func() {
		if p.objects == nil {
			p.objects = map[string]lessons.Object{}
		}
		p.objects[key] = object
		p.note()
	})
	return nil
}

// Delete takes an object that is gone.
func (p *part) Delete(obj any) error {
	_, key, err := received(obj)
	if err != nil {
		return err
	}
	p.f.change(func() {
		delete(p.objects, key)
		p.note()
	})
	return nil
}

// Replace takes the answer to a list.
func (p *part) Replace(all []any, _ string) error {
	objects := make(map[string]lessons.Object, len(all))
	for _, obj := range all {
		object, key, err := received(obj)
		if err != nil {
			return err
		}
		if !isOurQuota(object) {
			objects[key] = object
		}
	}
	p.f.change(func() {
		p.objects = objects
		p.synced, p.fresh, p.err = true, true, nil
		p.note()
	})
	return nil
}

// Resync does nothing: there is nobody to send all objects to again.
func (p *part) Resync() error { return nil }

// note marks the part as changed. The caller holds the follower's mu.
func (p *part) note() {
	p.changed = true
	if !p.itself || !p.synced {
		return
	}
	p.f.lost = nil
	ws := p.f.ws
	ns, ok := p.objects[ws.Namespace]
	metadata, _ := ns["metadata"].(map[string]any)
	var err error
	switch {
	case !ok:
		err = errGone
	case metadata["deletionTimestamp"] != nil:
		err = fmt.Errorf("namespace %s is being deleted", ws.Namespace)
	case ws.UID != "" && metadata["uid"] != ws.UID:
		err = fmt.Errorf("namespace %s was deleted and made again", ws.Namespace)
	default:
		return
	}
	p.f.lost = &lessons.ClusterError{
		Trouble: lessons.Guarded,
		Op:      "look at namespace " + ws.Namespace,
		Err:     err,
		Hint:    hintAnew(ws),
	}
}

// received returns an object as lessons have it, and its key.
func received(obj any) (lessons.Object, string, error) {
	u, ok := obj.(*unstructured.Unstructured)
	if !ok {
		return nil, "", errors.New("received something else than an object")
	}
	// The reflector made it for this store alone, so it may be changed here.
	unstructured.RemoveNestedField(u.Object, "metadata", "managedFields")
	prune(u.Object)
	key := u.GetName()
	if ns := u.GetNamespace(); ns != "" {
		key = ns + "/" + key
	}
	return u.Object, key, nil
}

// prune removes the fields of an object that are null: the API server writes
// some for "none", and to an expression absent is absent.
func prune(value any) {
	switch v := value.(type) {
	case map[string]any:
		for key, inner := range v {
			if inner == nil {
				delete(v, key)
				continue
			}
			prune(inner)
		}
	case []any:
		for _, inner := range v {
			prune(inner)
		}
	}
}
