package coursetest

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/k8stutor/k8stutor/lessons"
)

// suppose judges a mutation on the objects that it would leave, without making
// it: each is asked of the API server as a dry run, with its defaults and its
// refusals. Told is false when the objects alone do not tell: then it is the
// controllers' answer that counts, and the mutation has to be made.
//
// This is as much as would be waited for: what stands in a spec is not mended by
// any controller (see lasting), so that the first verdict after the change would
// be taken. It spares the cluster a rollout there and one back.
func (p *player) suppose(ctx context.Context, m mutation) (res lessons.StepResult, told bool) {
	var changes []supposed
	for _, a := range m.do {
		c, err := p.dryRun(ctx, a)
		if err != nil {
			return res, false // making it will tell why
		}
		changes = append(changes, c)
	}
	rep, err := p.ex.Suppose(ctx, func(snap lessons.Snapshot) lessons.Snapshot {
		for _, c := range changes {
			snap = c.in(snap)
		}
		return snap
	})
	if err != nil {
		return res, false
	}
	res = joint(rep)
	return res, res.Verdict == lessons.NotYet && lasting(res)
}

// supposed is one object that would be there, in place of one of the same kind
// and name, or would not be there any more.
type supposed struct {
	object    lessons.Object // nil: it would be gone
	ref       string         // as kubectl takes it
	namespace string
}

// dryRun asks the API server what an action would come to.
func (p *player) dryRun(ctx context.Context, a action) (supposed, error) {
	p.played = append(p.played, "(as if) "+a.String())
	c := supposed{namespace: cmp.Or(a.namespace, p.ws.Namespace)}
	if a.args[0] == "delete" {
		c.ref = a.args[1]
		return c, nil
	}
	ws, object := p.ws, a.object
	ws.Namespace = c.namespace
	var stdin []byte
	if object != nil {
		// What is made anew in the place of another has its name, which is still
		// taken.
		object = clone(object)
		fields(object, "metadata")["name"] = name(a.object) + "-dry-run"
		stdin = encode(object)
	}
	out, err := p.bench.Apply(ctx, ws, append(slices.Clone(a.args), "--dry-run=server", "--output=json"), stdin)
	if err != nil {
		return c, err
	}
	all, err := lessons.ParseObjects([]byte(out))
	if err != nil || len(all) != 1 {
		return c, errors.Join(fmt.Errorf("%s: not one object: %q", a, out), err)
	}
	c.object = all[0]
	if a.object != nil {
		fields(c.object, "metadata")["name"] = name(a.object)
	}
	c.ref = ref(c.object)
	return c, nil
}

// in returns the snapshot with the change in it, if it is of what is followed.
func (c supposed) in(snap lessons.Snapshot) lessons.Snapshot {
	snap.Kinds = maps.Clone(snap.Kinds)
	for k, listing := range snap.Kinds {
		other := slices.ContainsFunc(listing.Objects, func(o lessons.Object) bool { return c.is(o) })
		fits := c.object != nil && k.Kind == kind(c.object) && k.APIVersion() == text(c.object, "apiVersion")
		if !other && !fits {
			continue
		}
		listing.Objects = slices.DeleteFunc(slices.Clone(listing.Objects), c.is)
		if fits {
			listing.Objects = append(listing.Objects, c.object)
			slices.SortStableFunc(listing.Objects, func(a, b lessons.Object) int { return cmp.Compare(name(a), name(b)) })
		}
		snap.Kinds[k] = listing
	}
	return snap
}

func (c supposed) is(o lessons.Object) bool {
	return ref(o) == c.ref && text(o, "metadata", "namespace") == c.namespace
}
