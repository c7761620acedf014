package coursetest

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/k8stutor/k8stutor/lessons"
)

const (
	// settleTime bounds the wait until a workspace is at rest.
	settleTime = time.Minute
	// restTime is after how long without any change a workspace that has caught
	// up is not expected to change any more.
	restTime = 3 * time.Second
	// lookInterval is how often a workspace is looked at while it comes to rest.
	lookInterval = 50 * time.Millisecond
)

// place is one workspace with the hands to bring it back to what it was.
type place struct {
	bench *Bench
	ws    lessons.Workspace
	kinds []lessons.Kind // whose objects are kept and put back
	// seen returns the objects that the exercise sees: asking the API server
	// again and again whether a workspace is at rest would keep it from it.
	seen func() []lessons.Object
}

// newPlace returns the place of a lesson's workspace.
func newPlace(b *Bench, ws lessons.Workspace, l *lessons.Lesson, seen func() []lessons.Object) *place {
	p := &place{bench: b, ws: ws, seen: seen}
	derived := []string{"Event", "Lease", "Endpoints"}
	for _, name := range lessons.KindNames() {
		if k, _ := lessons.KindNamed(name); k.Namespaced && !slices.Contains(derived, name) {
			p.kinds = append(p.kinds, k)
		}
	}
	for _, k := range l.FollowedKinds() {
		if k.Namespaced && !slices.Contains(p.kinds, k) && !slices.Contains(derived, k.Kind) {
			p.kinds = append(p.kinds, k)
		}
	}
	return p
}

// checkpoint is a workspace at rest at one moment.
type checkpoint struct {
	objects []lessons.Object
	shape   string
}

// id tells objects of a namespace apart.
func id(o lessons.Object) string { return kind(o) + "/" + name(o) }

// system reports whether the cluster itself makes the object in every
// namespace.
func system(o lessons.Object) bool {
	switch kind(o) {
	case "ConfigMap":
		return name(o) == "kube-root-ca.crt"
	case "ServiceAccount":
		return name(o) == "default"
	}
	return false
}

func (p *place) objects(ctx context.Context, kinds []lessons.Kind) ([]lessons.Object, error) {
	all, err := p.bench.List(ctx, p.ws.Namespace, kinds)
	return slices.DeleteFunc(all, func(o lessons.Object) bool { return system(o) || leaving(o) }), err
}

// save remembers the workspace once it is at rest.
func (p *place) save(ctx context.Context) (checkpoint, error) {
	shape, err := p.rest(ctx, nil, nil)
	if err != nil {
		return checkpoint{}, err
	}
	objects, err := p.objects(ctx, p.kinds)
	return checkpoint{objects, shape}, err
}

// rest waits until the workspace has not changed its shape for a while, or has
// taken the shape wanted. Objects for which skip is true do not count. It
// returns the shape.
func (p *place) rest(ctx context.Context, wanted *string, skip func(lessons.Object) bool) (string, error) {
	deadline := time.Now().Add(settleTime)
	last, since := "", time.Now()
	for {
		shape, doing := shapeOf(p.seen(), skip)
		if shape != last {
			last, since = shape, time.Now()
		}
		quiet := time.Since(since)
		if wanted != nil && shape == *wanted || wanted == nil && quiet > patience(doing) {
			return shape, nil
		}
		// What rests with another shape will not take the wanted one by itself.
		if time.Now().After(deadline) || wanted != nil && doing == resting && quiet > restTime {
			if wanted == nil {
				return shape, nil // it never rests: a container that ends again and again
			}
			return shape, fmt.Errorf("%w: it is\n%s\nand was\n%s", errFreshNeeded, shape, *wanted)
		}
		if err := pause(ctx, lookInterval); err != nil {
			return "", err
		}
	}
}

// activity is what a workspace is doing.
type activity int

const (
	resting activity = iota // everything is as it was asked for
	behind                  // it is not, and nothing says that it will be
	working                 // something is being made or started
)

// patience is how long a workspace must look the same to be at rest.
func patience(a activity) time.Duration {
	switch a {
	case working:
		return 12 * time.Second // a Pod may start that slowly on a busy machine
	case behind:
		return 3 * time.Second
	}
	return 4 * lookInterval
}

// shapeOf sums up what runs, the same objects in the same state whatever they
// are called, and what is being done about it.
func shapeOf(objects []lessons.Object, skip func(lessons.Object) bool) (shape string, doing activity) {
	is := func(a activity, when bool) {
		if when {
			doing = max(doing, a)
		}
	}
	byUID := map[string]lessons.Object{}
	for _, o := range objects {
		byUID[uid(o)] = o
	}
	var lines []string
	for _, o := range objects {
		if skip != nil && skip(o) {
			continue
		}
		// What controllers make goes by who it is made for: its own name is drawn.
		owner, called := "-", id(o)
		for c := controller(o); c != ""; c = controller(byUID[c]) {
			owner, called = name(byUID[c]), kind(o)
		}
		observed := number(o, "status", "observedGeneration") >= number(o, "metadata", "generation")
		wanted := number(o, "spec", "replicas")
		switch kind(o) {
		case "Deployment", "StatefulSet":
			ready, updated := number(o, "status", "readyReplicas"), number(o, "status", "updatedReplicas")
			is(working, !observed)
			is(behind, ready != wanted || updated != wanted || number(o, "status", "replicas") != wanted)
			lines = append(lines, fmt.Sprintf("%s wants %d, %d ready, %d updated, observed %t", id(o), wanted, ready, updated, observed))
		case "ReplicaSet":
			ready := number(o, "status", "readyReplicas")
			is(working, !observed || number(o, "status", "replicas") != wanted)
			lines = append(lines, fmt.Sprintf("%s of %s wants %d, %d ready", called, owner, wanted, ready))
		case "Pod":
			if crashing(o) { // it comes and goes by itself
				lines = append(lines, id(o)+" crashes")
				break
			}
			ready := condition(o, "Ready")
			is(behind, !ready && text(o, "status", "phase") != "Succeeded")
			is(working, starting(o))
			lines = append(lines, fmt.Sprintf("%s of %s, %s, ready %t, restarts %d", called, owner, images(o), ready, restarts(o)))
		case "EndpointSlice":
			ready := 0
			for _, e := range list(o, "endpoints") {
				if at(e, "conditions", "ready") != false {
					ready++
				}
			}
			lines = append(lines, fmt.Sprintf("endpoints of %s: %d ready of %d", owner, ready, len(list(o, "endpoints"))))
		case "Service":
			lines = append(lines, id(o))
		}
	}
	slices.Sort(lines)
	return strings.Join(lines, "\n"), doing
}

// starting reports whether a Pod is on its way, with nothing known to hold it
// up.
func starting(pod lessons.Object) bool {
	if text(pod, "status", "phase") != "Pending" {
		return false
	}
	for _, c := range list(pod, "status", "containerStatuses") {
		switch text(c, "state", "waiting", "reason") {
		case "", "ContainerCreating", "PodInitializing":
		default:
			return false
		}
	}
	return true
}

func images(pod lessons.Object) string {
	var all []string
	for _, c := range list(pod, "spec", "containers") {
		all = append(all, text(c, "image"))
	}
	return strings.Join(all, "+")
}

// condition reports whether a condition of the object's status is True.
func condition(o lessons.Object, kind string) bool {
	for _, c := range list(o, "status", "conditions") {
		if text(c, "type") == kind {
			return text(c, "status") == "True"
		}
	}
	return false
}

// putBack brings the workspace back to a checkpoint: what was made since is
// deleted, what was deleted is made again, what was changed is undone, and
// controllers have caught up. Objects for which skip is true are left alone.
// Uids, generations and the names of Pods may differ from what they were; that
// nothing else does is waited for.
func (p *place) putBack(ctx context.Context, c checkpoint, skip func(lessons.Object) bool) error {
	now, err := p.objects(ctx, p.kinds)
	if err != nil {
		return err
	}
	was, is := map[string]lessons.Object{}, map[string]lessons.Object{}
	for _, o := range c.objects {
		was[id(o)] = o
	}
	for _, o := range now {
		is[id(o)] = o
	}
	left := func(o lessons.Object) bool { return skip != nil && skip(o) || kind(o) == "EndpointSlice" }
	var surplus []string
	for _, o := range c.objects {
		if have, exists := is[id(o)]; kind(o) == "Pod" && controller(o) == "" && !left(o) && restarts(o) > 0 && (!exists || changed(o, have)) {
			// Its containers' restarts are not to be had again.
			return fmt.Errorf("%w: %s was started %d times again", errFreshNeeded, id(o), restarts(o))
		}
	}
	for _, o := range now {
		before, known := was[id(o)]
		switch {
		case left(o):
		case !known && controller(o) == "",
			!known && kind(o) == "ReplicaSet", // of another generation of a Deployment
			known && kind(o) == "Pod" && changed(before, o):
			surplus = append(surplus, ref(o))
		}
	}
	for _, o := range c.objects {
		if left(o) || controller(o) != "" {
			continue
		}
		have, exists := is[id(o)]
		switch {
		case exists && kind(o) == "Pod" || exists && same(have, o):
		case !exists:
			err = p.kubectl(ctx, bare(o), "create", "--validate=false", "-f", "-")
		default:
			err = p.replace(ctx, o)
		}
		if err != nil {
			return err
		}
	}
	if err := p.remove(ctx, surplus); err != nil {
		return err
	}
	for _, o := range c.objects {
		if have, exists := is[id(o)]; !left(o) && controller(o) == "" && kind(o) == "Pod" && exists && changed(o, have) {
			if err := p.kubectl(ctx, bare(o), "create", "--validate=false", "-f", "-"); err != nil {
				return err
			}
		}
	}
	if skip == nil {
		_, err = p.rest(ctx, &c.shape, nil)
		return err
	}
	shape, _ := shapeOf(c.objects, skip)
	_, err = p.rest(ctx, &shape, skip)
	return err
}

// changed reports whether a Pod is not what it was: another one, changed, or
// with containers that were started again.
func changed(was, is lessons.Object) bool {
	if uid(was) != uid(is) && controller(was) == "" || !same(was, is) {
		return true
	}
	return restarts(was) == 0 && restarts(is) > 0 && !crashing(is)
}

// crashing reports whether a container of the Pod ends with an error, again and
// again.
func crashing(pod lessons.Object) bool {
	for _, c := range list(pod, "status", "containerStatuses") {
		for _, state := range []string{"state", "lastState"} {
			// 137 and 143 are how containers end that are told to.
			if code := number(c, state, "terminated", "exitCode"); code != 0 && code != 137 && code != 143 {
				return true
			}
		}
	}
	return false
}

// restarts is how often the containers of a Pod were started again.
func restarts(pod lessons.Object) (n int64) {
	for _, c := range list(pod, "status", "containerStatuses") {
		n += number(c, "restartCount")
	}
	return n
}

// replace writes an object as it was over what it is now: in place where the
// API server allows it, else anew.
func (p *place) replace(ctx context.Context, o lessons.Object) error {
	if p.kubectl(ctx, bare(o), "replace", "--validate=false", "-f", "-") == nil {
		return nil
	}
	if err := p.remove(ctx, []string{ref(o)}); err != nil {
		return err
	}
	return p.kubectl(ctx, bare(o), "create", "--validate=false", "-f", "-")
}

// remove deletes objects and waits until they are gone. Their Pods are not
// given time to end.
func (p *place) remove(ctx context.Context, refs []string) error {
	if len(refs) == 0 {
		return nil
	}
	// In one namespace a ref without its kind's group is as good, and one
	// command for all is faster than one for each.
	return p.kubectl(ctx, nil, append([]string{"delete", "--ignore-not-found", "--now"}, refs...)...)
}

func (p *place) kubectl(ctx context.Context, o lessons.Object, args ...string) error {
	var stdin []byte
	if o != nil {
		stdin = encode(o)
	}
	_, err := p.bench.Apply(ctx, p.ws, args, stdin)
	return err
}

func pause(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-t.C:
		return nil
	}
}
