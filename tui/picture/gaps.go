package picture

import (
	"fmt"
	"slices"
	"strings"

	"github.com/k8stutor/k8stutor/lessons"
)

// findGaps finds the lines that are missing, and why.
func (g *Graph) findGaps() {
	for i := range g.Nodes {
		n := &g.Nodes[i]
		if n.Health == Gone {
			continue
		}
		switch n.Kind {
		case "Service":
			g.serviceGap(n)
		case "Ingress":
			g.ingressGaps(n)
		case "HorizontalPodAutoscaler":
			kind, name := lessons.TextAt(n.Object, "spec", "scaleTargetRef", "kind"), lessons.TextAt(n.Object, "spec", "scaleTargetRef", "name")
			if name != "" && g.lacks(kind, name) {
				g.gap(n.Key, Scales, kind+"/"+name, fmt.Sprintf(g.words.NoTarget, kind, name))
			}
		case "Pod":
			for _, v := range lessons.ListAt(n.Object, "spec", "volumes") {
				if claim := lessons.TextAt(v, "persistentVolumeClaim", "claimName"); claim != "" && g.lacks("PersistentVolumeClaim", claim) {
					g.gap(n.Key, Claims, "PersistentVolumeClaim/"+claim, fmt.Sprintf(g.words.NotThere, "PersistentVolumeClaim", claim))
				}
			}
		}
		g.missingUses(n)
		g.traffic(n)
	}
}

// traffic gives a Service or Ingress its state: whether what it stands for gets
// through.
func (g *Graph) traffic(n *Node) {
	if n.Kind != "Service" && n.Kind != "Ingress" {
		return
	}
	gaps := g.GapsOf(n.Key)
	switch {
	case len(gaps) == 0 && (len(g.From(n.Key, Selects)) > 0 || n.Kind == "Ingress"):
		n.Health = Good
	case len(gaps) > 0 && gaps[0].Relation == Reaches:
		n.Health = Progressing
	case len(gaps) > 0:
		n.Health = Broken
	}
}

func (g *Graph) gap(from string, r Relation, wanted, why string) {
	for _, known := range g.GapsOf(from) {
		if known.Wanted == wanted && known.Why == why {
			return
		}
	}
	g.gaps[from] = append(g.gaps[from], len(g.Gaps))
	g.Gaps = append(g.Gaps, Gap{from, r, wanted, why})
}

// lacks reports whether an object is known not to be there.
func (g *Graph) lacks(kind, name string) bool {
	if n := g.Node(kind + "/" + name); n != nil {
		return n.Health == Gone
	}
	return g.certain[kind]
}

func (g *Graph) serviceGap(n *Node) {
	w := g.words
	selector := lessons.MapAt(n.Object, "spec", "selector")
	switch {
	case lessons.TextAt(n.Object, "spec", "type") == "ExternalName":
	case len(selector) == 0:
		if slices := g.From(n.Key, Owns); len(slices) == 0 {
			g.gap(n.Key, Selects, "", w.NoSelector)
		}
	case !g.certain["Pod"]:
	default:
		selected := g.From(n.Key, Selects)
		if len(selected) == 0 {
			g.gap(n.Key, Selects, Labels(selector), fmt.Sprintf(w.NoMatch, Labels(selector))+w.Semicolon+g.whatPodsHave(selector))
			return
		}
		ready := slices.ContainsFunc(selected, func(p *Node) bool { return p.Health == Good })
		if !ready {
			g.gap(n.Key, Reaches, Labels(selector), fmt.Sprintf(w.NoneReady, len(selected)))
		}
	}
}

// most labels are shown, of as many kinds of Pods.
const mostLabels = 3

// whatPodsHave says which labels the Pods have that are most like what a selector
// asks for.
func (g *Graph) whatPodsHave(selector map[string]any) string {
	type have struct {
		text  string
		alike int
	}
	var found []have
	some := false
	for _, p := range g.ofKind("Pod") {
		labels := lessons.MapAt(p.Object, "metadata", "labels")
		if p.Health == Gone {
			continue
		}
		some = true
		h := have{text: Labels(asked(selector, labels))}
		for k, v := range selector {
			if labels[k] == nil {
				continue
			}
			h.alike++
			if s, _ := v.(string); s == lessons.TextAt(labels, k) {
				h.alike++
			}
		}
		if h.text != "" && !slices.Contains(found, h) {
			found = append(found, h)
		}
	}
	switch {
	case !some:
		return g.words.NoPods
	case len(found) == 0:
		return g.words.NoLabels
	}
	slices.SortStableFunc(found, func(a, b have) int { return b.alike - a.alike })
	var texts []string
	for _, h := range found[:min(len(found), mostLabels)] {
		if h.alike == found[0].alike {
			texts = append(texts, h.text)
		}
	}
	return fmt.Sprintf(g.words.PodsHave, strings.Join(texts, g.words.Or))
}

// asked returns those labels whose keys a selector asks for; all that a learner
// could mean when there are none.
func asked(selector, labels map[string]any) map[string]any {
	same, own := map[string]any{}, map[string]any{}
	for k, v := range labels {
		if _, is := selector[k]; is {
			same[k] = v
		}
		if !strings.Contains(k, "pod-template-hash") && !strings.Contains(k, "controller-revision-hash") && !strings.Contains(k, "statefulset.kubernetes.io/") && !strings.Contains(k, "pod-index") {
			own[k] = v
		}
	}
	if len(same) > 0 {
		return same
	}
	return own
}

func (g *Graph) ingressGaps(n *Node) {
	for _, r := range rules(n.Object, g.words) {
		if g.lacks("Service", r.service) {
			g.gap(n.Key, Routes, "Service/"+r.service, fmt.Sprintf(g.words.NotThere, "Service", r.service))
			continue
		}
		service := g.Node("Service/" + r.service)
		if service == nil || r.port == "" {
			continue
		}
		has := slices.ContainsFunc(lessons.ListAt(service.Object, "spec", "ports"), func(p any) bool {
			return scalar(p, "port") == r.port || lessons.TextAt(p, "name") == r.port
		})
		if !has {
			g.gap(n.Key, Routes, "Service/"+r.service, fmt.Sprintf(g.words.NoPort, r.port, r.service))
		}
	}
}

// missingUses finds ConfigMaps and Secrets that a Pod cannot start without.
func (g *Graph) missingUses(n *Node) {
	for _, key := range uses(n) {
		if g.lacks(kindOf(key), nameOf(key)) && !optional(n, key) {
			g.gap(n.Key, Uses, key, fmt.Sprintf(g.words.NotThere, kindOf(key), nameOf(key)))
		}
	}
}

// optional reports whether each use of a ConfigMap or Secret says that it need not
// be there.
func optional(n *Node, key string) bool {
	spec, name := template(n), nameOf(key)
	fields := map[string][]string{"ConfigMap": {"configMap", "configMapRef", "configMapKeyRef"}, "Secret": {"secret", "secretRef", "secretKeyRef"}}[kindOf(key)]
	needed, named := false, false
	see := func(v any) {
		for _, f := range fields {
			if ref := lessons.FieldAt(v, f); lessons.TextAt(ref, "name") == name || lessons.TextAt(ref, "secretName") == name {
				named = true
				needed = needed || !lessons.BoolAt(ref, "optional")
			}
		}
	}
	for _, v := range lessons.ListAt(spec, "volumes") {
		see(v)
		for _, s := range lessons.ListAt(v, "projected", "sources") {
			see(s)
		}
	}
	for _, kind := range []string{"initContainers", "containers"} {
		for _, c := range lessons.ListAt(spec, kind) {
			for _, e := range lessons.ListAt(c, "envFrom") {
				see(e)
			}
			for _, e := range lessons.ListAt(c, "env") {
				see(lessons.FieldAt(e, "valueFrom"))
			}
		}
	}
	return named && !needed
}
