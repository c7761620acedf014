package picture

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/k8stutor/k8stutor/lessons"
	"github.com/k8stutor/k8stutor/tui/markdown"
)

// Text tells the picture in sentences, one object a line, what belongs to another
// below it: for screen readers and scripts. Escape sequences of the objects are
// text.
func (g *Graph) Text() string {
	r := &reader{Graph: g, said: map[string]bool{}}
	if len(g.Nodes) == 0 {
		r.line(0, g.words.Nothing)
	}
	for _, kind := range []string{"Ingress", "Service", "Deployment", "StatefulSet", "DaemonSet", "CronJob", "Job", "ReplicaSet"} {
		for _, n := range g.ofKind(kind) {
			if owner := g.Owner(n.Key); owner == nil || owner.Kind == n.Kind || kindOrder(owner.Kind) > kindOrder(n.Kind) {
				r.tell(n, 0)
			}
		}
	}
	for i := range g.Nodes {
		r.tell(&g.Nodes[i], 0)
	}
	if len(g.Unseen) > 0 {
		r.line(0, fmt.Sprintf(g.words.Unseen, strings.Join(g.Unseen, g.words.Between))+g.words.Stop)
	}
	return r.b.String()
}

// reader writes the text of a graph; every node once.
type reader struct {
	*Graph
	b    strings.Builder
	said map[string]bool
}

func (r *reader) line(depth int, text string) {
	r.b.WriteString(strings.Repeat("  ", depth) + markdown.Clean(text) + "\n")
}

func (r *reader) tell(n *Node, depth int) {
	if r.said[n.Key] {
		return
	}
	r.said[n.Key] = true
	parts := []string{}
	if n.State != "" {
		parts = append(parts, n.State)
	}
	parts = append(parts, n.Facts...)
	parts = append(parts, r.relations(n)...)
	for _, gap := range r.GapsOf(n.Key) {
		parts = append(parts, fmt.Sprintf(r.words.Reading.Gap, gap.Why))
	}
	text := n.Kind + " " + n.Name
	if len(parts) > 0 {
		text += r.words.Colon + strings.Join(parts, r.words.Semicolon)
	}
	r.line(depth, text+r.words.Stop)
	owned := r.From(n.Key, Owns)
	if len(owned) >= foldFrom {
		r.line(depth+1, fmt.Sprintf(r.words.Reading.Pods, len(owned), r.counts(owned)))
	}
	for _, child := range owned {
		r.tell(child, min(depth+1, 8))
	}
}

// counts is how many Pods are in which state.
func (r *reader) counts(pods []*Node) string {
	var parts []string
	for _, b := range buckets(pods) {
		parts = append(parts, strconv.Itoa(len(b.pods))+" "+b.state)
	}
	return strings.Join(parts, r.words.Between)
}

// relations says what a node has to do with others.
func (r *reader) relations(n *Node) []string {
	w := r.words.Reading
	var parts []string
	say := func(format string, nodes []*Node, kind bool) {
		if len(nodes) > 0 {
			parts = append(parts, fmt.Sprintf(format, r.list(nodes, kind)))
		}
	}
	switch n.Kind {
	case "Service":
		if selector := lessons.MapAt(n.Object, "spec", "selector"); len(selector) > 0 {
			parts = append(parts, fmt.Sprintf(w.Selects, Labels(selector)))
		}
		parts = append(parts, r.reach(n)...)
	case "Ingress":
		for _, rule := range rules(n.Object, r.words) {
			to := rule.service
			if rule.port != "" {
				to += ":" + rule.port
			}
			parts = append(parts, fmt.Sprintf(w.RoutesTo, rule.label, to))
		}
	case "Deployment":
		parts = append(parts, r.rollout(n)...)
		say(w.ScaledBy, r.To(n.Key, Scales), false)
	case "Pod":
		if node := lessons.TextAt(n.Object, "spec", "nodeName"); node != "" {
			parts = append(parts, fmt.Sprintf(w.On, node))
		}
		if images := Images(n.Object); images != "" {
			parts = append(parts, fmt.Sprintf(w.Images, images))
		}
		say(w.ReachedBy, r.services(n), false)
		say(w.Claims, r.From(n.Key, Claims), false)
	case "PersistentVolumeClaim":
		say(w.BoundTo, r.From(n.Key, Binds), false)
	}
	say(w.Uses, r.From(n.Key, Uses), true)
	return parts
}

// list joins names, with kinds where they differ.
func (r *reader) list(nodes []*Node, kind bool) string {
	names := make([]string, len(nodes))
	for i, n := range nodes {
		names[i] = n.Name
		if kind {
			names[i] = n.Kind + " " + n.Name
		}
	}
	return strings.Join(names, r.words.Between)
}

// reach says which Pods the traffic of a Service reaches, and which it waits for.
func (r *reader) reach(n *Node) []string {
	w := r.words.Reading
	var ready, waiting []*Node
	for _, slice := range r.From(n.Key, Owns) {
		for _, i := range r.out[slice.Key] {
			switch e := r.Edges[i]; {
			case e.Relation == Reaches && e.Ready:
				ready = append(ready, r.Node(e.To))
			case e.Relation == Reaches:
				waiting = append(waiting, r.Node(e.To))
			}
		}
	}
	var parts []string
	if len(ready) > 0 {
		parts = append(parts, fmt.Sprintf(w.Reaches, len(ready), r.list(ready, false)))
	} else {
		parts = append(parts, w.ReachesNone)
	}
	if len(waiting) > 0 {
		parts = append(parts, fmt.Sprintf(w.Waits, len(waiting), r.list(waiting, false)))
	}
	return parts
}

// services lists the Services whose traffic reaches a Pod.
func (r *reader) services(n *Node) []*Node {
	var found []*Node
	for _, i := range r.in[n.Key] {
		if e := r.Edges[i]; e.Relation == Reaches && e.Ready {
			if s := r.Owner(e.From); s != nil {
				found = append(found, s)
			}
		}
	}
	return found
}

// rollout names the old and the new ReplicaSet while both have Pods.
func (r *reader) rollout(n *Node) []string {
	var live []*Node
	for _, rs := range r.From(n.Key, Owns) {
		if len(r.From(rs.Key, Owns)) > 0 {
			live = append(live, rs)
		}
	}
	if len(live) < 2 {
		return nil
	}
	old, young := live[0], live[0]
	for _, rs := range live {
		if revision(rs) < revision(old) {
			old = rs
		}
		if revision(rs) >= revision(young) {
			young = rs
		}
	}
	return []string{fmt.Sprintf(r.words.Reading.Rollout, old.Name, Images(old.Object), young.Name, Images(young.Object))}
}
