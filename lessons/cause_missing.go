package lessons

import (
	"maps"
	"slices"
	"strings"
	"unicode"

	"github.com/k8stutor/k8stutor/lessons/spelling"
)

// missing explains why an object that a query asks for, or every member of the
// list it asks for, is not there.
func (e *evidence) missing(q Query) *Cause {
	if q.Object != "" {
		for _, find := range []func(Query) *Cause{e.beingDeleted, e.otherNamespace, e.otherKind, e.nearName} {
			if c := find(q); c != nil {
				return c
			}
		}
		return nil
	}
	if q.Kind.Kind == "EndpointSlice" || q.Kind.Kind == "Endpoints" {
		if name := q.Selector[serviceNameLabel]; name != "" {
			service, _ := KindNamed("Service")
			if _, ok := e.named("Service", name); !ok && e.certain("Service") {
				return e.missing(Query{Name: q.Name, Kind: service, Object: name})
			}
		}
		return e.worst(e.servicesOf(q, nil))
	}
	if c := e.nearLabels(q); c != nil {
		return c
	}
	return e.worst(e.makers(q))
}

func (e *evidence) refOf(q Query, name string) Ref {
	r := Ref{Kind: q.Kind, Name: name}
	if q.Kind.Namespaced {
		r.Namespace = e.ws.Namespace
	}
	return r
}

func (e *evidence) beingDeleted(q Query) *Cause {
	for _, o := range e.kind(q.Kind.Kind).here {
		if text(o, "metadata", "name") != q.Object || !terminating(o) {
			continue
		}
		c := &Cause{ID: causeBeingDeleted, Object: e.refOf(q, q.Object), Path: "metadata.deletionTimestamp",
			Text: say("The %[1]s `%[2]s` is being deleted. Wait for its end, then make it again.",
				"%[1]s `%[2]s` 正在删除。等它删完，再重新创建。", q.Kind.Kind, q.Object)}
		if finalizers := textsOf(list(o, "metadata", "finalizers")); len(finalizers) > 0 {
			c.Text = say("The %[1]s `%[2]s` is being deleted, and its end waits for the finalizers %[3]s. When it is gone, make it again.",
				"%[1]s `%[2]s` 正在删除，还在等 finalizer %[3]s 处理完。等它删完，再重新创建。",
				q.Kind.Kind, q.Object, quote(strings.Join(finalizers, ", ")))
		}
		return c
	}
	return nil
}

func textsOf(values []any) []string {
	var found []string
	for _, v := range values {
		if s, ok := v.(string); ok {
			found = append(found, s)
		}
	}
	return found
}

// defaultNamespace is where kubectl works that was told no namespace.
const defaultNamespace = "default"

func (e *evidence) otherNamespace(q Query) *Cause {
	if !q.Kind.Namespaced || e.ws.Namespace == defaultNamespace {
		return nil
	}
	for _, o := range e.kind(q.Kind.Kind).all {
		if text(o, "metadata", "namespace") != defaultNamespace || text(o, "metadata", "name") != q.Object || terminating(o) {
			continue
		}
		return &Cause{ID: causeOtherNamespace, Object: Ref{q.Kind, defaultNamespace, q.Object}, Path: "metadata.namespace",
			Expected: e.ws.Namespace, Found: defaultNamespace,
			Text: say("There is a %[1]s `%[2]s`, but in namespace `default`; this exercise looks at `%[3]s`. Make it there (`-n %[3]s`), and delete the other one if it is yours: `kubectl delete %[4]s %[2]s -n default`.",
				"有一个 %[1]s `%[2]s`，但它在命名空间 `default` 里，而本练习使用 `%[3]s`。请在那里创建（`-n %[3]s`）；如果那一个是你建的，就删掉它：`kubectl delete %[4]s %[2]s -n default`。",
				q.Kind.Kind, q.Object, e.ws.Namespace, strings.ToLower(q.Kind.Kind))}
	}
	return nil
}

// families are groups of kinds of which one is easily made instead of another.
// Kinds that go together under one name, such as a Deployment and its Service,
// are no family.
func families() [][]string {
	return [][]string{
		{"Pod", "Deployment", "ReplicaSet", "StatefulSet", "DaemonSet", "ReplicationController", "Job", "CronJob"},
		{"ConfigMap", "Secret"},
		{"PersistentVolume", "PersistentVolumeClaim"},
		{"Role", "ClusterRole"},
		{"RoleBinding", "ClusterRoleBinding"},
		{"ResourceQuota", "LimitRange"},
	}
}

func (e *evidence) otherKind(q Query) *Cause {
	for _, family := range families() {
		if !slices.Contains(family, q.Kind.Kind) {
			continue
		}
		for _, kind := range family {
			if kind == q.Kind.Kind {
				continue
			}
			t, ok := e.named(kind, q.Object)
			if !ok || e.expected(kind, q.Object) || controlled(t.Object) {
				continue
			}
			return &Cause{ID: causeOtherKind, Object: e.ref(t), Path: "kind", Expected: q.Kind.Kind, Found: kind,
				Text: say("`%[3]s` exists, but it is a %[2]s; a %[1]s of that name is asked for.",
					"`%[3]s` 存在，但它是 %[2]s；要求的是同名的 %[1]s。", q.Kind.Kind, kind, q.Object)}
		}
	}
	return nil
}

// expected reports whether the step itself speaks of that object, or planted it.
func (e *evidence) expected(kind, name string) bool {
	for _, q := range e.step.Queries {
		if q.Kind.Kind == kind && q.Object == name {
			return true
		}
	}
	for _, o := range e.step.Setup {
		if text(o, "kind") == kind && text(o, "metadata", "name") == name {
			return true
		}
	}
	return false
}

// controlled reports whether a controller made the object.
func controlled(o Object) bool {
	for _, r := range list(o, "metadata", "ownerReferences") {
		if is, _ := field(r, "controller").(bool); is {
			return true
		}
	}
	return false
}

func (e *evidence) nearName(q Query) *Cause {
	for _, t := range e.live(q.Kind.Kind) {
		name := t.name()
		if !oneSlip(name, q.Object) || e.expected(q.Kind.Kind, name) || controlled(t.Object) {
			continue
		}
		return &Cause{ID: causeNearName, Object: e.ref(t), Path: "metadata.name", Expected: q.Object, Found: name,
			Text: say("There is a %[1]s `%[3]s`, one letter away from `%[2]s`. A name cannot be changed: make a new one and delete this one.",
				"有一个 %[1]s `%[3]s`，和 `%[2]s` 只差一个字母。名字不能修改：请新建一个，并删除这一个。", q.Kind.Kind, q.Object, name)}
	}
	return nil
}

// nameMost bounds the names that are compared letter by letter; the API server
// allows 253 characters.
const nameMost = 253

// shortName is how many letters a name has at most that is another name when
// one of them is another: api is not meant for app.
const shortName = 4

// oneSlip reports whether two names differ by one letter too many, too few or
// wrong, or by two that are swapped. Another digit is no slip: web-1 is not
// meant for web-2.
func oneSlip(a, b string) bool {
	if a == b || len(a) < 2 || len(b) < 2 || len(a) > nameMost || len(b) > nameMost || spelling.Distance(a, b) != 1 {
		return false
	}
	if len(a) == len(b) && len(a) <= shortName && sortedLetters(a) != sortedLetters(b) {
		return false
	}
	letters := func(s string) string {
		return strings.Map(func(r rune) rune {
			if unicode.IsDigit(r) {
				return -1
			}
			return r
		}, s)
	}
	x, y := letters(a), letters(b)
	return x != y && strings.TrimRight(x, "-") != strings.TrimRight(y, "-")
}

func sortedLetters(s string) string {
	letters := []rune(s)
	slices.Sort(letters)
	return string(letters)
}

// nearLabels explains an empty list that a selector was to fill: there are
// objects of the kind, but a label of theirs is another one.
func (e *evidence) nearLabels(q Query) *Cause {
	if len(q.Selector) == 0 {
		return nil
	}
	want := map[string]any{}
	for k, v := range q.Selector {
		want[k] = v
	}
	var found *Cause
	most := 3 // merely the same key is no likeness
	for _, t := range e.live(q.Kind.Kind) {
		labels, _ := field(t.Object, "metadata", "labels").(map[string]any)
		d, score := labelDifference(want, labels)
		if score <= most || d.key == "" {
			continue
		}
		most = score
		found = &Cause{ID: causeLabel, Object: e.ref(t), Path: "metadata.labels", Expected: d.expected(), Found: d.found(),
			Text: say("The %[1]s %[2]s has the label %[4]s where %[3]s is asked for.",
				"%[1]s %[2]s 的标签是 %[4]s，要求的是 %[3]s。", q.Kind.Kind, quote(t.name()), quote(d.expected()), quote(d.found()))}
	}
	return found
}

// difference is the first pair of a selector that labels do not have.
type difference struct {
	key, want string // of the selector
	have      string // what the labels have under that key
	otherKey  string // or the key they have instead, ""
	lacks     bool   // they have nothing like it
}

func (d difference) expected() string { return pair(d.key, d.want) }

func (d difference) found() string {
	switch {
	case d.lacks:
		return none
	case d.otherKey != "":
		return pair(d.otherKey, d.have)
	}
	return pair(d.key, d.have)
}

func pair(key, value string) string { return brief(key, nameMost) + "=" + brief(value, nameMost) }

// labelDifference compares a selector with labels: the first pair that does not
// fit, and how alike they are. An empty key says that all fit.
func labelDifference(selector, labels map[string]any) (d difference, score int) {
	for _, key := range slices.Sorted(maps.Keys(selector)) {
		want := show(selector[key])
		have, ok := labels[key]
		switch {
		case ok && show(have) == want:
			score += 8
			continue
		case ok && alike(show(have), want):
			score += 6
		case ok:
			score += 2
		}
		if ok {
			if d.key == "" {
				d = difference{key: key, want: want, have: show(have)}
			}
			continue
		}
		// A key that is nearly this one, or this value under another key.
		other := ""
		for _, k := range slices.Sorted(maps.Keys(labels)) {
			if _, asked := selector[k]; asked {
				continue
			}
			if alike(k, key) || show(labels[k]) == want {
				other = k
				score += 4
				break
			}
		}
		if d.key == "" {
			d = difference{key: key, want: want, otherKey: other, lacks: other == ""}
			if other != "" {
				d.have = show(labels[other])
			}
		}
	}
	return d, score
}

// alike reports whether two words differ by letter case or one slip.
func alike(a, b string) bool {
	if len(a) > nameMost || len(b) > nameMost {
		return false
	}
	return strings.EqualFold(a, b) || spelling.Distance(strings.ToLower(a), strings.ToLower(b)) <= 1
}
