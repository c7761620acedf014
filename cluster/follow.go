package cluster

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/k8stutor/k8stutor/lessons"
)

const (
	// snapshotInterval is the least time between two snapshots. One change of
	// the learner's makes a handful of events within a few milliseconds.
	snapshotInterval = 20 * time.Millisecond
	// firstSnapshot is how long the first snapshot waits for every kind.
	firstSnapshot = 5 * time.Second
)

// Follow watches the kinds in the workspace until ctx ends (or the Cluster is
// closed), then closes the channel. Namespaced kinds are watched in namespace
// default too, where work lands that was meant for the workspace; objects
// tell by metadata.namespace. The first snapshot is sent when every kind has
// been listed or cannot be, but after 5 seconds in any case; while the API
// server is away, at once.
//
// Should the workspace itself be deleted, snapshots say so in Away too.
func (c *Cluster) Follow(ctx context.Context, ws lessons.Workspace, kinds []lessons.Kind) <-chan lessons.Snapshot {
	f := newFollower(c, ws, kinds)
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		close(f.out)
		return f.out
	}
	c.followers.Go(func() {
		ctx, cancel := context.WithCancel(ctx)
		defer cancel()
		defer context.AfterFunc(c.ctx, cancel)()
		f.run(ctx)
	})
	return f.out
}

// follower turns the events of many watches into snapshots.
type follower struct {
	cluster *Cluster
	ws      lessons.Workspace
	out     chan lessons.Snapshot // holds at most one, the newest
	parts   []*part
	dirty   chan struct{} // holds one when there is something new

	mu     sync.Mutex
	seq    uint64
	newest time.Time // of what was received
	since  time.Time // when the workspace was made
	away   *lessons.ClusterError
	lost   *lessons.ClusterError // the workspace is gone
	shown  map[lessons.Kind]lessons.Listing
}

// part is what one watch delivers: one kind in one namespace.
type part struct {
	f         *follower
	kind      lessons.Kind
	namespace string
	aside     bool // not the workspace: its errors are not the kind's
	itself    bool // the watch of the workspace's own namespace object

	// Guarded by follower.mu.
	objects map[string]lessons.Object // by namespace/name
	synced  bool                      // listed at least once
	fresh   bool                      // listed, or failed to, since the connection was made
	err     *lessons.ClusterError
	changed bool // since the listing was built
	// old are the objects of a part aside that are older than the workspace, and
	// are kept all the same.
	old map[string]bool
}

func newFollower(c *Cluster, ws lessons.Workspace, kinds []lessons.Kind) *follower {
	f := &follower{
		cluster: c,
		ws:      ws,
		out:     make(chan lessons.Snapshot, 1),
		dirty:   make(chan struct{}, 1),
		shown:   map[lessons.Kind]lessons.Listing{},
	}
	add := func(p *part) {
		p.f, p.changed = f, true
		f.parts = append(f.parts, p)
	}
	for _, k := range kinds {
		if slices.ContainsFunc(f.parts, func(p *part) bool { return p.kind == k }) {
			continue
		}
		if !k.Namespaced {
			add(&part{kind: k})
			continue
		}
		add(&part{kind: k, namespace: ws.Namespace})
		// The events of default are of nodes and other people's work.
		if k.Kind != "Event" && ws.Namespace != "default" {
			add(&part{kind: k, namespace: "default", aside: true})
		}
	}
	add(&part{kind: kindNamespace(), itself: true})
	return f
}

// run follows until ctx ends.
func (f *follower) run(ctx context.Context) {
	defer close(f.out)
	var running sync.WaitGroup
	defer running.Wait()
	running.Go(func() { f.emit(ctx) })
	f.stayConnected(ctx)
}

// emit sends snapshots: at once when something new comes after a pause, else
// in a steady beat.
func (f *follower) emit(ctx context.Context) {
	overdue := time.NewTimer(firstSnapshot)
	defer overdue.Stop()
	var late bool
	for {
		select {
		case <-ctx.Done():
			return
		case <-overdue.C:
			late = true
		case <-f.dirty:
		}
		snapshot, complete := f.snapshot()
		if !complete && !late {
			continue
		}
		late = true // from now on everything is shown
		select {
		case <-f.out: // nobody has read it: it is old now
		default:
		}
		f.out <- snapshot // has room: nobody else sends
		if pause(ctx, snapshotInterval) != nil {
			return
		}
	}
}

// snapshot returns the state as it is now, and whether every kind has been
// heard of.
func (f *follower) snapshot() (lessons.Snapshot, bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	complete := true
	stale := map[lessons.Kind]bool{}
	for _, p := range f.parts {
		complete = complete && (p.synced || p.err != nil)
		stale[p.kind] = stale[p.kind] || p.changed
		p.changed = false
	}
	for k, is := range stale {
		if is {
			f.shown[k] = f.listing(k)
		}
	}
	f.seq++
	away := cmp.Or(f.away, f.lost)
	shown := maps.Clone(f.shown)
	if f.hidden() {
		delete(shown, kindNamespace())
	}
	return lessons.Snapshot{Seq: f.seq, Time: f.newest, Kinds: shown, Away: away}, complete || away != nil
}

// hidden reports whether Namespace is watched for the follower's own sake only.
func (f *follower) hidden() bool {
	return !slices.ContainsFunc(f.parts, func(p *part) bool { return p.kind == kindNamespace() && !p.itself })
}

// listing puts together the parts of a kind. The caller holds mu.
func (f *follower) listing(k lessons.Kind) lessons.Listing {
	l := lessons.Listing{Synced: true}
	for _, p := range f.parts {
		if p.kind != k || p.itself {
			continue
		}
		if !p.aside {
			l.Err = p.err
		}
		l.Synced = l.Synced && (p.synced || p.aside && p.err != nil)
		l.Objects = slices.AppendSeq(l.Objects, maps.Values(p.objects))
	}
	slices.SortFunc(l.Objects, func(a, b lessons.Object) int {
		nsA, nameA := nameOf(a)
		nsB, nameB := nameOf(b)
		return cmp.Or(cmp.Compare(nsA, nsB), cmp.Compare(nameA, nameB))
	})
	return l
}

// nameOf returns the namespace and name of an object.
func nameOf(o lessons.Object) (namespace, name string) {
	metadata, _ := o["metadata"].(map[string]any)
	namespace, _ = metadata["namespace"].(string)
	name, _ = metadata["name"].(string)
	return namespace, name
}

// change runs fn on the follower's state and lets a snapshot be sent.
func (f *follower) change(fn func()) {
	f.mu.Lock()
	fn()
	f.newest = time.Now()
	f.mu.Unlock()
	select {
	case f.dirty <- struct{}{}:
	default:
	}
}
