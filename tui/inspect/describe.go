package inspect

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/k8stutor/k8stutor/lessons"
	"github.com/k8stutor/k8stutor/tui/markdown"
	"github.com/k8stutor/k8stutor/tui/picture"
)

// Subject is what is described.
type Subject struct {
	Graph  *picture.Graph
	Node   *picture.Node
	Events []Event
	Age    func(time.Time) string // how long ago a time is
	Words  *Words
}

// Describe says what matters of an object: its state, its spec, what it has to do
// with others and what is missing, its conditions and its events.
func Describe(s Subject) []Line {
	d := &description{Subject: s, o: s.Node.Object}
	w := s.Words
	d.lines = append(d.lines, Line{{s.Node.Kind + " ", Dim}, {markdown.Clean(s.Node.Name), Heading}})
	d.field(w.Namespace, s.Node.Namespace)
	d.pairs(w.Labels, lessons.MapAt(d.o, "metadata", "labels"))
	if made, err := time.Parse(time.RFC3339, lessons.TextAt(d.o, "metadata", "creationTimestamp")); err == nil {
		d.field(w.Age, made.Format(time.RFC3339)+" ("+s.Age(made)+")")
	}
	state := strings.TrimSpace(s.Node.State + "  " + strings.Join(s.Node.Facts, "  "))
	if state != "" {
		d.label(w.State)
		d.add(healthRole(s.Node.Health), state)
	}
	for _, gap := range s.Graph.GapsOf(s.Node.Key) {
		d.label(w.Missing)
		d.add(Bad, gap.Why)
	}
	d.spec()
	d.relations()
	d.conditions()
	d.heading(w.Events)
	for _, l := range EventLines(s.Events, w, s.Age) {
		d.lines = append(d.lines, append(Line{{"  ", Plain}}, l...))
	}
	return d.lines
}

func healthRole(h picture.Health) Role {
	switch h {
	case picture.Good:
		return Good
	case picture.Progressing:
		return Wait
	case picture.Broken:
		return Bad
	}
	return Plain
}

// description is one being written.
type description struct {
	Subject
	o     lessons.Object
	lines []Line
}

const labelWidth = 16

func (d *description) label(name string) {
	d.lines = append(d.lines, Line{{markdown.Pad(name, labelWidth), Key}})
}

// add writes behind what stands on the last line.
func (d *description) add(r Role, text string) {
	n := len(d.lines) - 1
	d.lines[n] = append(d.lines[n], Span{markdown.Clean(text), r})
}

// field writes a label and its value, if there is one.
func (d *description) field(name, value string) {
	if value != "" {
		d.label(name)
		d.add(Plain, value)
	}
}

func (d *description) pairs(name string, m map[string]any) {
	if len(m) == 0 {
		return
	}
	for i, pair := range strings.Split(picture.Labels(m), ",") {
		if i > 0 {
			name = ""
		}
		d.field2(name, pair)
	}
}

// field2 is field with a label that may be empty.
func (d *description) field2(name, value string) {
	d.label(name)
	d.add(Plain, value)
}

func (d *description) heading(text string) {
	d.lines = append(d.lines, Line{}, Line{{text, Heading}})
}

// under writes a label and value below a heading.
func (d *description) under(name, value string) {
	if value != "" {
		d.lines = append(d.lines, Line{{"  ", Plain}, {markdown.Pad(name, labelWidth-2), Key}, {markdown.Clean(value), Plain}})
	}
}

func (d *description) text(path ...string) string { return lessons.TextAt(d.o, path...) }

// scalar is a text, number or truth at a path; "" when there is none.
func scalar(v any, path ...string) string {
	switch at := lessons.FieldAt(v, path...).(type) {
	case string:
		return at
	case bool:
		return strconv.FormatBool(at)
	case nil, map[string]any, []any:
		return ""
	default:
		return scalarSpan(at).Text
	}
}

// spec writes what the kind is looked at for.
func (d *description) spec() {
	w, o := d.Words, d.o
	switch d.Node.Kind {
	case "Pod":
		d.pod()
	case "Deployment", "ReplicaSet", "StatefulSet", "DaemonSet":
		d.field(w.Replicas, scalar(o, "spec", "replicas"))
		d.field(w.Strategy, cmp.Or(d.text("spec", "strategy", "type"), d.text("spec", "updateStrategy", "type")))
		d.pairs(w.Selector, lessons.MapAt(o, "spec", "selector", "matchLabels"))
		d.containers(w.InitContainers, lessons.ListAt(o, "spec", "template", "spec", "initContainers"), nil)
		d.containers(w.Containers, lessons.ListAt(o, "spec", "template", "spec", "containers"), nil)
	case "Job":
		d.field(w.Completions, scalar(o, "spec", "completions"))
		d.containers(w.Containers, lessons.ListAt(o, "spec", "template", "spec", "containers"), nil)
	case "CronJob":
		d.field(w.Schedule, d.text("spec", "schedule"))
		d.containers(w.Containers, lessons.ListAt(o, "spec", "jobTemplate", "spec", "template", "spec", "containers"), nil)
	case "Service":
		d.field(w.Type, d.text("spec", "type"))
		d.field(w.Address, d.text("spec", "clusterIP"))
		d.pairs(w.Selector, lessons.MapAt(o, "spec", "selector"))
		for _, p := range lessons.ListAt(o, "spec", "ports") {
			d.field(w.Ports, strings.TrimSpace(scalar(p, "name")+" "+scalar(p, "port")+" → "+scalar(p, "targetPort")+" "+scalar(p, "protocol")+" "+scalar(p, "nodePort")))
		}
	case "PersistentVolumeClaim", "PersistentVolume":
		d.field(w.Class, d.text("spec", "storageClassName"))
		d.field(w.Size, cmp.Or(d.text("status", "capacity", "storage"), d.text("spec", "capacity", "storage"), d.text("spec", "resources", "requests", "storage")))
		d.field(w.Volume, d.text("spec", "volumeName"))
		d.field(w.Access, join(lessons.ListAt(o, "spec", "accessModes")))
	case "ConfigMap", "Secret":
		for _, key := range ordered(lessons.MapAt(o, "data"), nil) {
			d.field(w.Data, key+": "+fmt.Sprintf(w.Entries, d.size(lessons.TextAt(o, "data", key))))
		}
	case "Node":
		for _, key := range ordered(lessons.MapAt(o, "status", "capacity"), nil) {
			d.field(w.Capacity, key+" "+scalar(o, "status", "capacity", key))
		}
		for _, t := range lessons.ListAt(o, "spec", "taints") {
			d.field(w.Taints, scalar(t, "key")+"="+scalar(t, "value")+":"+scalar(t, "effect"))
		}
	default:
		d.heading(w.Spec)
		for _, l := range YAML(lessons.Object(lessons.MapAt(o, "spec")), Fold{}) {
			d.lines = append(d.lines, append(Line{{"  ", Plain}}, l...))
		}
	}
}

// size is the number of bytes of a value: a Secret's are written in base64.
func (d *description) size(value string) int {
	if d.Node.Kind == "Secret" {
		return len(strings.TrimRight(value, "=")) * 3 / 4
	}
	return len(value)
}

func join(list []any) string {
	var texts []string
	for _, v := range list {
		texts = append(texts, scalar(v))
	}
	return strings.Join(texts, ", ")
}

func (d *description) pod() {
	w, o := d.Words, d.o
	d.field(w.Node, d.text("spec", "nodeName"))
	d.field(w.Address, d.text("status", "podIP"))
	d.field(w.QOS, d.text("status", "qosClass"))
	d.field(w.Account, d.text("spec", "serviceAccountName"))
	d.containers(w.InitContainers, lessons.ListAt(o, "spec", "initContainers"), lessons.ListAt(o, "status", "initContainerStatuses"))
	d.containers(w.Containers, lessons.ListAt(o, "spec", "containers"), lessons.ListAt(o, "status", "containerStatuses"))
	volumes := lessons.ListAt(o, "spec", "volumes")
	if len(volumes) > 0 {
		d.heading(w.Volumes)
	}
	for _, v := range volumes {
		for _, kind := range ordered(asMap(v), nil) {
			if kind != "name" {
				source := lessons.FieldAt(v, kind)
				d.under(scalar(v, "name"), strings.TrimSpace(kind+" "+cmp.Or(scalar(source, "name"), scalar(source, "secretName"), scalar(source, "claimName"), scalar(source, "path"))))
			}
		}
	}
}

func asMap(v any) map[string]any { m, _ := v.(map[string]any); return m }

// containers writes containers with, of a Pod, their state.
func (d *description) containers(title string, containers, statuses []any) {
	if len(containers) == 0 {
		return
	}
	w := d.Words
	d.heading(title)
	for _, c := range containers {
		name := lessons.TextAt(c, "name")
		d.lines = append(d.lines, Line{{"  ", Plain}, {markdown.Clean(name), Heading}})
		d.under("  "+w.Image, lessons.TextAt(c, "image"))
		d.under("  "+w.Command, strings.TrimSpace(join(lessons.ListAt(c, "command"))+" "+join(lessons.ListAt(c, "args"))))
		var ports []string
		for _, p := range lessons.ListAt(c, "ports") {
			ports = append(ports, strings.TrimSpace(scalar(p, "name")+" "+scalar(p, "containerPort")+"/"+cmp.Or(scalar(p, "protocol"), "TCP")))
		}
		d.under("  "+w.Ports, strings.Join(ports, ", "))
		for _, kind := range []string{"requests", "limits"} {
			if m := lessons.MapAt(c, "resources", kind); len(m) > 0 {
				d.under("  "+kind, picture.Labels(m))
			}
		}
		var probes []string
		for _, probe := range []string{"startupProbe", "readinessProbe", "livenessProbe"} {
			if lessons.MapAt(c, probe) != nil {
				probes = append(probes, probe)
			}
		}
		d.under("  "+w.Probes, strings.Join(probes, ", "))
		for _, e := range lessons.ListAt(c, "env") {
			d.under("  "+w.Env, scalar(e, "name")+"="+cmp.Or(scalar(e, "value"), scalar(e, "valueFrom", "configMapKeyRef", "name"), scalar(e, "valueFrom", "secretKeyRef", "name")))
		}
		for _, m := range lessons.ListAt(c, "volumeMounts") {
			d.under("  "+w.Mounts, scalar(m, "mountPath")+" ← "+scalar(m, "name"))
		}
		i := slices.IndexFunc(statuses, func(s any) bool { return lessons.TextAt(s, "name") == name })
		if i >= 0 {
			d.status(statuses[i])
		}
	}
}

// status writes the state of a container, now and before.
func (d *description) status(s any) {
	w := d.Words
	for _, at := range []struct{ label, field string }{{w.State, "state"}, {w.LastState, "lastState"}} {
		for _, kind := range ordered(lessons.MapAt(s, at.field), nil) {
			state := lessons.FieldAt(s, at.field, kind)
			text, role := kind, Good
			if reason := lessons.TextAt(state, "reason"); reason != "" {
				text, role = reason, Wait
			}
			if kind == "terminated" {
				code := lessons.NumberAt(0, state, "exitCode")
				text = fmt.Sprintf(w.Restarted, text, code)
				if role = Plain; code != 0 {
					role = Bad
				}
			}
			if strings.HasSuffix(text, "BackOff") || strings.HasPrefix(text, "Err") {
				role = Bad
			}
			d.lines = append(d.lines, Line{{"  ", Plain}, {markdown.Pad("  "+at.label, labelWidth-2), Key}, {markdown.Clean(text), role}})
			if message := lessons.TextAt(state, "message"); message != "" {
				d.under("", message)
			}
		}
	}
	d.under("  "+w.Ready, scalar(s, "ready"))
	d.under("  "+w.Restarts, scalar(s, "restartCount"))
}

// relations says what the object has to do with others.
func (d *description) relations() {
	w := d.Words
	const most = 8
	var said []string
	say := func(format string, nodes []*picture.Node) {
		if len(nodes) == 0 {
			return
		}
		var names []string
		for _, n := range nodes[:min(most, len(nodes))] {
			names = append(names, n.Kind+"/"+n.Name)
		}
		text := strings.Join(names, w.Between)
		if len(nodes) > most {
			text += " " + fmt.Sprintf(w.More, len(nodes)-most)
		}
		said = append(said, fmt.Sprintf(format, text))
	}
	for _, r := range []struct {
		relation picture.Relation
		from, to string
	}{{picture.Owns, w.Owns, w.OwnedBy}, {picture.Selects, w.Selects, w.SelectedBy}, {picture.Reaches, w.Reaches, w.ReachedBy}, {picture.Routes, w.Routes, w.RoutedBy},
		{picture.Claims, w.Claims, w.ClaimedBy}, {picture.Binds, w.Binds, w.BoundBy}, {picture.Uses, w.Uses, w.UsedBy}, {picture.Scales, w.Scales, w.ScaledBy}, {picture.RunsOn, w.RunsOn, w.Runs}} {
		say(r.to, d.Graph.To(d.Node.Key, r.relation))
		say(r.from, d.Graph.From(d.Node.Key, r.relation))
	}
	if len(said) == 0 {
		return
	}
	d.heading(w.Relations)
	for _, text := range said {
		d.lines = append(d.lines, Line{{"  " + markdown.Clean(text), Plain}})
	}
}

// conditions writes the conditions of the status.
func (d *description) conditions() {
	list := lessons.ListAt(d.o, "status", "conditions")
	if len(list) == 0 {
		return
	}
	d.heading(d.Words.Conditions)
	for _, c := range list {
		status := lessons.TextAt(c, "status")
		d.lines = append(d.lines, Line{{"  ", Plain}, {markdown.Pad(lessons.TextAt(c, "type"), 28), Key}, {markdown.Pad(status, 8), Plain}, {markdown.Clean(lessons.TextAt(c, "reason")), Wait}})
		if message := lessons.TextAt(c, "message"); message != "" && status != "True" {
			d.under("", message)
		}
	}
}
