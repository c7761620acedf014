package lessons

import (
	"maps"
	"slices"
	"strconv"
	"strings"
)

// Seen is what is remembered of an object from when a step was passed: a few of
// its fields in the words in which a learner reads them. What broke a step that
// was passed is told by comparing it with what the object looks like now.
type Seen map[string]string

// The fields of a Seen that are no field paths.
const (
	seenUID    = "uid"
	seenSpec   = "spec"   // a hash of all of it
	seenData   = "data"   // of a ConfigMap or Secret, a hash: what it holds is not to be told
	seenStatus = "status" // "ready", "ImagePullBackOff"
	seenMember = "member" // it is one of a list, and may come and go
)

const (
	seenMost      = 40 // objects of one step
	seenValueMost = 80 // characters of one value
)

// witnesses lists the objects that a step looks at, the named ones first.
func witnesses(step *Step, snap Snapshot, ws Workspace) []witness {
	var named, members []witness
	for _, q := range step.Queries {
		namespace := q.Namespace
		if namespace == "" {
			namespace = ws.Namespace
		}
		for _, o := range snap.Kinds[q.Kind].Objects {
			if len(named)+len(members) >= seenMost {
				break
			}
			switch {
			case !q.matches(o, namespace):
			case q.Object == "":
				members = append(members, witness{q.Kind, o, true})
			case text(o, "metadata", "name") == q.Object:
				named = append(named, witness{q.Kind, o, false})
			}
		}
	}
	return append(named, members...)
}

// witness is an object as it was received, which is never changed.
type witness struct {
	kind   Kind
	object Object
	member bool // of a list
}

func (w witness) key() string { return w.kind.Kind + "/" + text(w.object, "metadata", "name") }

// digest keeps of each object what can be told of it later.
func digest(all []witness) map[string]Seen {
	out := map[string]Seen{}
	for _, w := range all {
		if _, known := out[w.key()]; !known && len(w.key()) <= 2*nameMost {
			out[w.key()] = w.seen()
		}
	}
	return out
}

func (w witness) seen() Seen {
	s := Seen{seenUID: brief(text(w.object, "metadata", "uid"), seenValueMost)}
	put := func(path string, v any) {
		if v != nil {
			s[path] = brief(show(v), seenValueMost)
		}
	}
	at := func(path string) any { return field(w.object, strings.Split(path, ".")...) }
	if w.member {
		s[seenMember] = "true"
	}
	put("spec.replicas", at("spec.replicas"))
	for _, path := range seenFields() {
		put(path, at(path))
	}
	if ports := list(w.object, "spec", "ports"); len(ports) > 0 {
		var shown []string
		for _, p := range ports {
			shown = append(shown, show(field(p, "port"))+"→"+show(field(p, "targetPort")))
		}
		put("spec.ports", strings.Join(shown, ", "))
	}
	for _, path := range []string{"spec.template.spec.containers", "spec.containers"} {
		containers := list(w.object, strings.Split(path, ".")...)
		if len(containers) == 0 {
			continue
		}
		var images []string
		for _, c := range containers {
			images = append(images, text(c, "image"))
		}
		put(path+"[].image", strings.Join(images, ", "))
	}
	put(seenSpec, fingerprint(w.object["spec"]))
	for _, data := range []string{"data", "binaryData"} {
		if v, ok := w.object[data]; ok {
			put(seenData, fingerprint(v))
		}
	}
	switch {
	case w.kind.Kind != "Pod":
		put("status.availableReplicas", at("status.availableReplicas"))
	case isReady(map[string]any(w.object)):
		s[seenStatus] = "ready"
	default:
		put(seenStatus, waitingReason(map[string]any(w.object)))
	}
	return s
}

// seenFields are the fields of which a change is told with both values, in the
// order in which they are looked at.
func seenFields() []string {
	return []string{"spec.selector", "spec.template.metadata.labels", "metadata.labels", "spec.type", "spec.externalName",
		"spec.paused", "spec.suspend", "spec.nodeName", "spec.volumeName", "spec.storageClassName"}
}

func fingerprint(v any) string { return strconv.FormatUint(hashOf(v, 0), 16) }

// whatBroke tells the first difference between what a step was passed on and
// what is there now; nil when there is none that can be told.
func whatBroke(then, now map[string]Seen) Text {
	keys := slices.Sorted(maps.Keys(then))
	for _, members := range []bool{false, true} {
		for _, gone := range []bool{true, false} {
			for _, key := range keys {
				was, is := then[key], now[key]
				if _, member := was[seenMember]; member != members || (is == nil) != gone {
					continue
				}
				if is == nil {
					return sayGone(key)
				}
				if said := was.differs(key, is); said != nil {
					return said
				}
			}
		}
	}
	for _, key := range slices.Sorted(maps.Keys(now)) {
		if then[key] == nil {
			kind, name, _ := strings.Cut(key, "/")
			return say("The %[1]s %[2]s is new.", "多了一个 %[1]s %[2]s。", kind, quote(name))
		}
	}
	return nil
}

func sayGone(key string) Text {
	kind, name, _ := strings.Cut(key, "/")
	return say("The %[1]s %[2]s was deleted.", "%[1]s %[2]s 被删除了。", kind, quote(name))
}

// differs tells the first difference of one object.
func (s Seen) differs(key string, now Seen) Text {
	kind, name, _ := strings.Cut(key, "/")
	name = quote(name)
	if s[seenUID] != now[seenUID] {
		return say("The %[1]s %[2]s was deleted and made again.", "%[1]s %[2]s 被删除后又重新创建了。", kind, name)
	}
	if a, b := s["spec.replicas"], now["spec.replicas"]; a != b {
		return say("The %[1]s %[2]s was scaled from %[3]s to %[4]s.", "%[1]s %[2]s 的副本数从 %[3]s 改成了 %[4]s。", kind, name, brief(a, seenValueMost), brief(b, seenValueMost))
	}
	paths := append([]string{"spec.template.spec.containers[].image", "spec.containers[].image", "spec.ports"}, seenFields()...)
	for _, path := range paths {
		if a, b := s[path], now[path]; a != b {
			return say("`%[3]s` of the %[1]s %[2]s has changed: %[4]s → %[5]s.", "%[1]s %[2]s 的 `%[3]s` 变了：%[4]s → %[5]s。",
				kind, name, path, quoteOrNone(a), quoteOrNone(b))
		}
	}
	switch {
	case s[seenData] != now[seenData]:
		return say("The data of the %[1]s %[2]s has changed.", "%[1]s %[2]s 的数据变了。", kind, name)
	case s[seenSpec] != now[seenSpec]:
		return say("The spec of the %[1]s %[2]s has changed.", "%[1]s %[2]s 的 spec 变了。", kind, name)
	case s[seenStatus] == "ready":
		if now[seenStatus] == "ready" {
			return nil
		}
		if why := now[seenStatus]; why != "" {
			return say("The %[1]s %[2]s is no longer ready (%[3]s).", "%[1]s %[2]s 不再就绪（%[3]s）。", kind, name, quote(why))
		}
		return say("The %[1]s %[2]s is no longer ready.", "%[1]s %[2]s 不再就绪。", kind, name)
	}
	if a, b := s["status.availableReplicas"], now["status.availableReplicas"]; a != b {
		return say("The %[1]s %[2]s has %[4]s available Pods, and had %[3]s.", "%[1]s %[2]s 的可用 Pod 从 %[3]s 个变成了 %[4]s 个。", kind, name, orZero(a), orZero(b))
	}
	return nil
}

func quoteOrNone(s string) string {
	if s == "" {
		s = none
	}
	return quote(s)
}

func orZero(s string) string {
	if s == "" {
		return "0"
	}
	return brief(s, seenValueMost)
}

// broke tells what has changed since a step was passed: in this session, or
// else since it was passed first.
func (s *session) broke(step *Step) Text {
	then := s.attempt.Steps[step.ID].Seen
	if last, here := s.passing[step.ID]; here {
		then = digest(witnesses(step, last, s.ws))
	}
	if len(then) == 0 {
		return nil
	}
	return whatBroke(then, digest(witnesses(step, s.snap, s.ws)))
}
