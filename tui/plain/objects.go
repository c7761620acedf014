package plain

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/k8stutor/k8stutor/lessons"
	"github.com/k8stutor/k8stutor/tui/picture"
)

// objects says in words what there is in the workspace, and what has to do with
// what.
func (t *talk) objects(ctx context.Context) error {
	ws, ok := t.workspace()
	if !ok {
		t.say(t.words.NotRunningYet)
		return nil
	}
	var blocks [][]string
	snap := t.work.report.Snapshot
	if snap.Away != nil {
		blocks = append(blocks, t.paragraph(t.words.Away+" "+t.words.LastSeen))
	}
	graph := picture.Build(picture.Source{Snapshot: snap, Namespace: ws.Namespace, Words: picture.WordsIn(t.lang)})
	var lines []string
	for line := range strings.SplitSeq(strings.TrimRight(graph.Text(), "\n"), "\n") {
		text := strings.TrimLeft(line, " ")
		indent := line[:len(line)-len(text)]
		lines = append(lines, t.out.wrap(indent, indent+"    ", text)...)
	}
	_, err := t.recite(ctx, append(blocks, lines))
	return err
}

// yaml reads one object aloud as YAML: "yaml pod web". Managed fields are left
// out.
func (t *talk) yaml(ctx context.Context, arg string) error {
	ws, ok := t.workspace()
	if !ok {
		t.say(t.words.NotRunningYet)
		return nil
	}
	words := strings.Fields(strings.ReplaceAll(normal(arg), "/", " "))
	if len(words) != 2 {
		t.say(t.words.YAMLHow)
		return nil
	}
	for kind, listing := range t.work.report.Snapshot.Kinds {
		i := slices.IndexFunc(listing.Objects, func(o lessons.Object) bool {
			return isKind(o, words[0]) && lessons.TextAt(o, "metadata", "name") == words[1] &&
				(!kind.Namespaced || lessons.TextAt(o, "metadata", "namespace") == ws.Namespace)
		})
		if i < 0 {
			continue
		}
		o := listing.Objects[i]
		text, err := yaml.Marshal(withoutManagedFields(o))
		if err != nil {
			t.say(err.Error())
			return nil
		}
		var lines []string
		for line := range strings.SplitSeq(strings.TrimRight(string(text), "\n"), "\n") {
			lines = append(lines, t.out.wrap("", "    ", line)...)
		}
		_, err = t.recite(ctx, [][]string{lines})
		return err
	}
	t.sayf(t.words.NoObject, words[0], words[1])
	return nil
}

// isKind reports whether an object is of the kind that was typed: its name, its
// plural, or what kubectl takes for short.
func isKind(o lessons.Object, typed string) bool {
	kind := strings.ToLower(lessons.TextAt(o, "kind"))
	short := map[string]string{"deploy": "deployment", "rs": "replicaset", "po": "pod", "svc": "service", "sts": "statefulset", "ds": "daemonset",
		"cm": "configmap", "pvc": "persistentvolumeclaim", "pv": "persistentvolume", "ns": "namespace", "no": "node", "ing": "ingress", "cj": "cronjob"}
	typed = strings.ToLower(typed)
	typed = cmp.Or(short[typed], typed)
	return typed == kind || typed == kind+"s" || typed == kind+"es"
}

func withoutManagedFields(o lessons.Object) map[string]any {
	out := map[string]any{}
	for k, v := range o {
		out[k] = v
	}
	meta := map[string]any{}
	for k, v := range lessons.MapAt(o, "metadata") {
		if k != "managedFields" {
			meta[k] = v
		}
	}
	out["metadata"] = meta
	return out
}
