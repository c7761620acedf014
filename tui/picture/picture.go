// Package picture makes a drawing of a workspace: the objects of a snapshot as a
// graph of what owns, selects, reaches, routes to, claims and uses what, and that
// graph as lines of text with boxes and arrows, for any width from 20 cells on.
//
// The way through the code: Build makes the Graph; state.go says how an object
// is, links.go what it has to do with others, and gaps.go which line is missing
// and why. Draw lays the graph out: cards.go and pods.go fill cards, layout.go
// places them in one column or two, gutter.go draws the lines between them.
// text.go tells the same graph in sentences, for those who do not see a drawing.
//
// The package promises that all of it is pure: the same snapshot and options give
// the same drawing; an object that changes its state moves no other; every object
// is shown or counted; every line of a Drawing is exactly as wide as was asked; and
// text of objects holds no control characters. Spans carry roles, never colours, so
// the package must not import Bubble Tea or Lip Gloss.
package picture

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"github.com/k8stutor/k8stutor/lessons"
)

// Health is the state of an object, as far as a glance can tell.
type Health uint8

// The kinds of state.
const (
	Inert       Health = iota // has no state: a ConfigMap, an old ReplicaSet
	Good                      // is what it should be
	Progressing               // is on its way
	Broken                    // does not get there by itself
	Gone                      // was deleted a moment ago
)

// String returns the name that the JSON of `k8stutor show --cluster` has for it.
func (h Health) String() string {
	return [...]string{"inert", "good", "progressing", "broken", "gone"}[min(h, Gone)]
}

// Relation says what an edge stands for.
type Relation string

// The kinds of edges, from the one that acts to the one it acts on.
const (
	Owns    Relation = "owns"
	Selects Relation = "selects" // a Service by its selector
	Reaches Relation = "reaches" // an EndpointSlice by its addresses
	Routes  Relation = "routes"  // an Ingress by a rule
	Claims  Relation = "claims"  // a Pod by a volume
	Binds   Relation = "binds"   // a PersistentVolumeClaim
	Uses    Relation = "uses"    // a Pod or workload a ConfigMap or Secret
	Scales  Relation = "scales"  // a HorizontalPodAutoscaler
	RunsOn  Relation = "runs-on" // a Pod
)

// Node is one object.
type Node struct {
	Key       string // unique in its Graph, and the same in the next one
	Kind      string
	Name      string
	Namespace string // "" outside of namespaces
	UID       string
	Health    Health
	State     string   // in a word or two: "3/3 ready", "ImagePullBackOff"
	Facts     []string // what else its kind is looked at for
	Object    lessons.Object

	made string // creationTimestamp, which orders as text
}

// Edge is one line of the picture.
type Edge struct {
	From, To string // keys
	Relation Relation
	Ready    bool   // traffic goes; true where none could
	Label    string // a rule's host and path
}

// Gap is a line that is missing: something is named or selected that is not there.
type Gap struct {
	From     string // key
	Relation Relation
	Wanted   string // "app=web", "Service/api"
	Why      string // a sentence
}

// Graph is what a workspace holds. It is not changed after Build.
type Graph struct {
	Nodes []Node
	Edges []Edge
	Gaps  []Gap
	// Unseen are the kinds that cannot be read.
	Unseen []string

	words   *Words
	index   map[string]int
	out, in map[string][]int // edges by key
	gaps    map[string][]int
	certain map[string]bool // kinds of which all objects are known
}

// Source is what a graph is made from.
type Source struct {
	Snapshot  lessons.Snapshot
	Namespace string
	Words     *Words
	// Places says that the lesson is about Nodes: they are shown even where there is
	// one only.
	Places bool
	// Gone are objects that were deleted a moment ago, to be shown in their place.
	Gone []lessons.Object
}

// Build makes the graph of a namespace's objects, and of those without namespace
// that belong to them.
func Build(src Source) *Graph {
	g := &Graph{words: src.Words, index: map[string]int{}, out: map[string][]int{}, in: map[string][]int{}, gaps: map[string][]int{}, certain: map[string]bool{}}
	for kind, listing := range src.Snapshot.Kinds {
		if listing.Err != nil && listing.Err.Trouble != lessons.UnknownKind {
			g.Unseen = append(g.Unseen, kind.Kind)
		}
		g.certain[kind.Kind] = listing.Synced && listing.Err == nil
		for _, o := range listing.Objects {
			namespace := lessons.TextAt(o, "metadata", "namespace")
			if kind.Namespaced && namespace != src.Namespace || background(kind.Kind, o) || elsewhere(kind.Kind, o, src.Namespace) {
				continue
			}
			g.Nodes = append(g.Nodes, g.node(kind.Kind, o))
		}
	}
	slices.Sort(g.Unseen)
	g.Unseen = slices.Compact(g.Unseen)
	alive := map[string]bool{}
	for i := range g.Nodes {
		alive[g.Nodes[i].Key] = true
	}
	for _, o := range src.Gone {
		n := g.node(lessons.TextAt(o, "kind"), o)
		n.Health, n.State, n.Facts = Gone, src.Words.Deleted, nil
		if !alive[n.Key] {
			g.Nodes = append(g.Nodes, n)
		}
	}
	if !src.Places {
		g.dropLoneNode()
	}
	slices.SortStableFunc(g.Nodes, compare)
	for i := range g.Nodes {
		n := &g.Nodes[i]
		for try := 2; ; try++ { // of two API groups with a kind of one name
			if _, taken := g.index[n.Key]; !taken {
				break
			}
			n.Key = n.Kind + "/" + n.Name + "#" + strconv.Itoa(try)
		}
		g.index[n.Key] = i
	}
	g.link()
	g.findGaps()
	return g
}

// Filter returns the graph of those nodes whose kind, name, state or labels hold all
// words of a text, with what owns them and what they own. Lines that are missing stay
// so: nothing is missing because it is not shown.
func (g *Graph) Filter(text string) *Graph {
	words := strings.Fields(strings.ToLower(text))
	if len(words) == 0 {
		return g
	}
	keep := map[string]bool{}
	for i := range g.Nodes {
		n := &g.Nodes[i]
		in := strings.ToLower(n.Kind + "/" + n.Name + " " + n.State + " " + Labels(lessons.MapAt(n.Object, "metadata", "labels")))
		if slices.ContainsFunc(words, func(w string) bool { return !strings.Contains(in, w) }) {
			continue
		}
		keep[n.Key] = true
		for _, below := range g.From(n.Key, Owns) {
			keep[below.Key] = true
		}
		for owner := g.Owner(n.Key); owner != nil && !keep[owner.Key]; owner = g.Owner(owner.Key) {
			keep[owner.Key] = true
		}
	}
	part := &Graph{words: g.words, index: map[string]int{}, out: map[string][]int{}, in: map[string][]int{}, gaps: map[string][]int{}, certain: g.certain}
	for _, n := range g.Nodes {
		if keep[n.Key] {
			part.index[n.Key] = len(part.Nodes)
			part.Nodes = append(part.Nodes, n)
		}
	}
	for _, e := range g.Edges {
		if keep[e.From] {
			part.edge(e.From, e.To, e.Relation, e.Ready, e.Label)
		}
	}
	for _, gap := range g.Gaps {
		if keep[gap.From] {
			part.gap(gap.From, gap.Relation, gap.Wanted, gap.Why)
		}
	}
	return part
}

// dropLoneNode leaves out the Node of a cluster that has one, as long as nothing is
// wrong with it: every Pod is there.
func (g *Graph) dropLoneNode() {
	at, count := -1, 0
	for i := range g.Nodes {
		if g.Nodes[i].Kind == "Node" {
			at, count = i, count+1
		}
	}
	if count == 1 && g.Nodes[at].Health == Good {
		g.Nodes = slices.Delete(g.Nodes, at, at+1)
	}
}

func (g *Graph) node(kind string, o lessons.Object) Node {
	n := Node{Kind: kind, Name: lessons.TextAt(o, "metadata", "name"), Namespace: lessons.TextAt(o, "metadata", "namespace"),
		UID: lessons.TextAt(o, "metadata", "uid"), Object: o, made: lessons.TextAt(o, "metadata", "creationTimestamp")}
	n.Key = n.Kind + "/" + n.Name
	n.Health, n.State, n.Facts = g.state(kind, o)
	if lessons.TextAt(o, "metadata", "deletionTimestamp") != "" {
		n.Health, n.State = Progressing, g.words.Terminating
	}
	return n
}

// compare orders nodes so that a new one of a group comes after the others: Pods,
// ReplicaSets and Jobs by age, what a learner names by name.
func compare(a, b Node) int {
	byAge := 0
	if a.Kind == b.Kind && (a.Kind == "Pod" || a.Kind == "ReplicaSet" || a.Kind == "Job") {
		byAge = cmp.Compare(a.made, b.made)
	}
	return cmp.Or(cmp.Compare(kindOrder(a.Kind), kindOrder(b.Kind)), cmp.Compare(a.Kind, b.Kind), byAge,
		cmp.Compare(len(a.Name), len(b.Name))*ordinal(a, b), cmp.Compare(a.Name, b.Name), cmp.Compare(a.UID, b.UID))
}

// ordinal is 1 for Pods of a StatefulSet, whose numbers order as numbers.
func ordinal(a, b Node) int {
	for _, n := range []Node{a, b} {
		if n.Kind != "Pod" || lessons.TextAt(n.Object, "metadata", "labels", "apps.kubernetes.io/pod-index") == "" {
			return 0
		}
	}
	return 1
}

// kindOrder is the order of kinds in lists; unknown kinds come last.
func kindOrder(kind string) int {
	order := []string{"Ingress", "Service", "EndpointSlice", "Deployment", "StatefulSet", "DaemonSet", "CronJob", "Job", "ReplicaSet", "Pod",
		"HorizontalPodAutoscaler", "ConfigMap", "Secret", "PersistentVolumeClaim", "PersistentVolume", "Node", "Namespace"}
	if i := slices.Index(order, kind); i >= 0 {
		return i
	}
	return len(order)
}

// background reports whether an object is in every namespace, and tells a learner
// nothing.
func background(kind string, o lessons.Object) bool {
	name := lessons.TextAt(o, "metadata", "name")
	switch kind {
	case "ConfigMap":
		return name == "kube-root-ca.crt"
	case "ServiceAccount":
		return name == "default"
	case "Event", "Endpoints":
		return true
	}
	return false
}

// elsewhere reports whether an object outside of namespaces belongs to another one.
func elsewhere(kind string, o lessons.Object, namespace string) bool {
	switch kind {
	case "PersistentVolume":
		claimed := lessons.TextAt(o, "spec", "claimRef", "namespace")
		return claimed != "" && claimed != namespace
	case "Namespace":
		return lessons.TextAt(o, "metadata", "name") != namespace
	}
	return false
}

// Node returns a node by its key; nil when there is none.
func (g *Graph) Node(key string) *Node {
	if i, ok := g.index[key]; ok {
		return &g.Nodes[i]
	}
	return nil
}

// Owner returns the node that owns one; nil when it has none.
func (g *Graph) Owner(key string) *Node {
	for _, i := range g.in[key] {
		if e := g.Edges[i]; e.Relation == Owns {
			return g.Node(e.From)
		}
	}
	return nil
}

// From lists the nodes that a node has a relation to, in the order of Nodes.
func (g *Graph) From(key string, r Relation) []*Node { return g.ends(g.out[key], r, true) }

// To lists the nodes that have a relation to a node.
func (g *Graph) To(key string, r Relation) []*Node { return g.ends(g.in[key], r, false) }

func (g *Graph) ends(edges []int, r Relation, to bool) []*Node {
	var at []int
	for _, i := range edges {
		e := g.Edges[i]
		end := e.From
		if to {
			end = e.To
		}
		if e.Relation == r {
			at = append(at, g.index[end])
		}
	}
	slices.Sort(at)
	at = slices.Compact(at)
	nodes := make([]*Node, len(at))
	for i, n := range at {
		nodes[i] = &g.Nodes[n]
	}
	return nodes
}

// GapsOf lists the lines that are missing from a node.
func (g *Graph) GapsOf(key string) []Gap {
	var found []Gap
	for _, i := range g.gaps[key] {
		found = append(found, g.Gaps[i])
	}
	return found
}

// ofKind lists the nodes of a kind.
func (g *Graph) ofKind(kind string) []*Node {
	var found []*Node
	for i := range g.Nodes {
		if g.Nodes[i].Kind == kind {
			found = append(found, &g.Nodes[i])
		}
	}
	return found
}
