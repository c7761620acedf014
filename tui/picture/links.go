package picture

import (
	"strings"

	"github.com/k8stutor/k8stutor/lessons"
)

// serviceName is the label of an EndpointSlice that names its Service.
const serviceName = "kubernetes.io/service-name"

// link finds what the nodes have to do with each other.
func (g *Graph) link() {
	pods, addresses := g.ofKind("Pod"), map[string]string{}
	for _, p := range pods {
		if ip := lessons.TextAt(p.Object, "status", "podIP"); ip != "" {
			addresses[ip] = p.Key
		}
	}
	index := labelled(pods)
	for i := range g.Nodes {
		n := &g.Nodes[i]
		g.linkOwner(n)
		switch n.Kind {
		case "Service":
			g.linkSelected(n, index)
		case "EndpointSlice":
			g.linkEndpoints(n, addresses)
		case "Ingress":
			for _, r := range rules(n.Object, g.words) {
				g.edge(n.Key, "Service/"+r.service, Routes, true, r.label)
			}
		case "Pod":
			g.linkPod(n)
		case "PersistentVolumeClaim":
			g.edge(n.Key, "PersistentVolume/"+lessons.TextAt(n.Object, "spec", "volumeName"), Binds, true, "")
		case "HorizontalPodAutoscaler":
			g.edge(n.Key, lessons.TextAt(n.Object, "spec", "scaleTargetRef", "kind")+"/"+lessons.TextAt(n.Object, "spec", "scaleTargetRef", "name"), Scales, true, "")
		}
		for _, used := range uses(n) {
			g.edge(n.Key, used, Uses, true, "")
		}
	}
}

// edge notes an edge, if its end is there.
func (g *Graph) edge(from, to string, r Relation, ready bool, label string) {
	if _, there := g.index[to]; !there {
		return
	}
	i := len(g.Edges)
	g.Edges = append(g.Edges, Edge{from, to, r, ready, label})
	g.out[from] = append(g.out[from], i)
	g.in[to] = append(g.in[to], i)
}

// linkOwner links a node to the one that manages it: by owner reference, an
// EndpointSlice also by its label.
func (g *Graph) linkOwner(n *Node) {
	for _, ref := range lessons.ListAt(n.Object, "metadata", "ownerReferences") {
		owner := g.Node(lessons.TextAt(ref, "kind") + "/" + lessons.TextAt(ref, "name"))
		uid := lessons.TextAt(ref, "uid")
		if owner == nil || owner.Key == n.Key || uid != "" && owner.UID != "" && uid != owner.UID {
			continue // an orphan of an owner that was made anew
		}
		g.edge(owner.Key, n.Key, Owns, true, "")
		return
	}
	if n.Kind == "EndpointSlice" {
		g.edge("Service/"+lessons.TextAt(n.Object, "metadata", "labels", serviceName), n.Key, Owns, true, "")
	}
}

// labelled finds Pods by one of their labels, so that many Services need not look
// at all Pods.
func labelled(pods []*Node) map[[2]string][]*Node {
	index := map[[2]string][]*Node{}
	for _, p := range pods {
		if p.Health == Gone {
			continue
		}
		for k, v := range lessons.MapAt(p.Object, "metadata", "labels") {
			if s, ok := v.(string); ok {
				index[[2]string{k, s}] = append(index[[2]string{k, s}], p)
			}
		}
	}
	return index
}

func (g *Graph) linkSelected(n *Node, index map[[2]string][]*Node) {
	selector := lessons.MapAt(n.Object, "spec", "selector")
	if len(selector) == 0 || lessons.TextAt(n.Object, "spec", "type") == "ExternalName" {
		return
	}
	var least []*Node
	first := true
	for k, v := range selector {
		s, _ := v.(string)
		if some := index[[2]string{k, s}]; first || len(some) < len(least) {
			least, first = some, false
		}
	}
	for _, p := range least {
		if fits(selector, lessons.MapAt(p.Object, "metadata", "labels")) {
			g.edge(n.Key, p.Key, Selects, p.Health == Good, "")
		}
	}
}

// fits reports whether every pair of an equality selector is among the labels.
func fits(selector, labels map[string]any) bool {
	for k, v := range selector {
		want, is := v.(string)
		have, has := labels[k].(string)
		if !is || !has || want != have {
			return false
		}
	}
	return len(selector) > 0
}

// linkEndpoints links a slice to the Pods behind its addresses.
func (g *Graph) linkEndpoints(n *Node, addresses map[string]string) {
	for _, e := range lessons.ListAt(n.Object, "endpoints") {
		if lessons.TextAt(e, "targetRef", "kind") == "Pod" {
			g.edge(n.Key, "Pod/"+lessons.TextAt(e, "targetRef", "name"), Reaches, endpointReady(e), "")
			continue
		}
		for _, a := range lessons.ListAt(e, "addresses") {
			if ip, ok := a.(string); ok && addresses[ip] != "" {
				g.edge(n.Key, addresses[ip], Reaches, endpointReady(e), "")
			}
		}
	}
}

func (g *Graph) linkPod(n *Node) {
	g.edge(n.Key, "Node/"+lessons.TextAt(n.Object, "spec", "nodeName"), RunsOn, true, "")
	for _, v := range lessons.ListAt(n.Object, "spec", "volumes") {
		if claim := lessons.TextAt(v, "persistentVolumeClaim", "claimName"); claim != "" {
			g.edge(n.Key, "PersistentVolumeClaim/"+claim, Claims, true, "")
		}
	}
}

// rule is one way through an Ingress.
type rule struct {
	host, path, label string
	service, port     string
}

// rules lists what an Ingress sends where.
func rules(o lessons.Object, w *Words) []rule {
	var all []rule
	backend := func(host, path, label string, b any) {
		if name := lessons.TextAt(b, "service", "name"); name != "" {
			port := lessons.TextAt(b, "service", "port", "name")
			if port == "" && lessons.NumberAt(0, b, "service", "port", "number") > 0 {
				port = scalar(b, "service", "port", "number")
			}
			all = append(all, rule{host, path, label, name, port})
		}
	}
	for _, r := range lessons.ListAt(o, "spec", "rules") {
		host := lessons.TextAt(r, "host")
		for _, p := range lessons.ListAt(r, "http", "paths") {
			path := lessons.TextAt(p, "path")
			if path == "" {
				path = "/"
			}
			backend(host, path, host+path, lessons.FieldAt(p, "backend"))
		}
	}
	backend("", "", w.Default, lessons.FieldAt(o, "spec", "defaultBackend"))
	return all
}

// template returns where an object's Pods are described; nil when it has none, or
// when its owner says the same.
func template(n *Node) any {
	switch n.Kind {
	case "Deployment", "StatefulSet", "DaemonSet":
		return lessons.FieldAt(n.Object, "spec", "template", "spec")
	case "Job":
		if len(lessons.ListAt(n.Object, "metadata", "ownerReferences")) > 0 {
			return nil
		}
		return lessons.FieldAt(n.Object, "spec", "template", "spec")
	case "CronJob":
		return lessons.FieldAt(n.Object, "spec", "jobTemplate", "spec", "template", "spec")
	case "Pod":
		if len(lessons.ListAt(n.Object, "metadata", "ownerReferences")) > 0 {
			return nil
		}
		return lessons.FieldAt(n.Object, "spec")
	}
	return nil
}

// uses lists the keys of the ConfigMaps, Secrets and, for an Ingress, certificates
// that an object needs, each once.
func uses(n *Node) []string {
	var keys []string
	seen := map[string]bool{}
	note := func(kind, name string) {
		if key := kind + "/" + name; name != "" && !seen[key] {
			seen[key] = true
			keys = append(keys, key)
		}
	}
	if n.Kind == "Ingress" {
		for _, t := range lessons.ListAt(n.Object, "spec", "tls") {
			note("Secret", lessons.TextAt(t, "secretName"))
		}
		return keys
	}
	spec := template(n)
	for _, v := range lessons.ListAt(spec, "volumes") {
		note("ConfigMap", lessons.TextAt(v, "configMap", "name"))
		note("Secret", lessons.TextAt(v, "secret", "secretName"))
		for _, s := range lessons.ListAt(v, "projected", "sources") {
			if name := lessons.TextAt(s, "configMap", "name"); name != "kube-root-ca.crt" {
				note("ConfigMap", name)
			}
			note("Secret", lessons.TextAt(s, "secret", "name"))
		}
	}
	for _, s := range lessons.ListAt(spec, "imagePullSecrets") {
		note("Secret", lessons.TextAt(s, "name"))
	}
	for _, kind := range []string{"initContainers", "containers"} {
		for _, c := range lessons.ListAt(spec, kind) {
			for _, e := range lessons.ListAt(c, "envFrom") {
				note("ConfigMap", lessons.TextAt(e, "configMapRef", "name"))
				note("Secret", lessons.TextAt(e, "secretRef", "name"))
			}
			for _, e := range lessons.ListAt(c, "env") {
				note("ConfigMap", lessons.TextAt(e, "valueFrom", "configMapKeyRef", "name"))
				note("Secret", lessons.TextAt(e, "valueFrom", "secretKeyRef", "name"))
			}
		}
	}
	return keys
}

// kindOf and nameOf take a key apart.
func kindOf(key string) string { kind, _, _ := strings.Cut(key, "/"); return kind }
func nameOf(key string) string { _, name, _ := strings.Cut(key, "/"); return name }
